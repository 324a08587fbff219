//! Signatures of HTTP in a p0f.fp, and which of them a head has: `1:Host,?Cookie,Accept=[,*/*;q=]:Keep-Alive:Firefox/`.

use super::{Entry, P0fBook, P0fMatch};

/// Fields of a signature.
const FIELDS: usize = 32;

/// Fields whose values a raw signature leaves out, beside the optional ones.
const WITHOUT_VALUE: [&str; 3] = ["Host", "Date", "Content-Type"];

/// A field of a head, or what a signature wants of one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    name: String,
    optional: bool,
    /// Of a signature: what the value has in it. Of a head: the value, unless its raw signature leaves it out.
    value: Option<String>,
}

/// What a head has to look like; read from a raw signature, what it does look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSignature {
    /// `None` fits both versions.
    is_1_1: Option<bool>,
    fields: Vec<Field>,
    absent: Vec<String>,
    software: String,
}

impl HttpSignature {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(text: &str) -> Result<Self, String> {
        let (version, rest) = text.split_once(':').unwrap_or((text, ""));
        let is_1_1 = match version {
            "*" => None,
            "0" => Some(false),
            "1" => Some(true),
            _ => return Err(format!("{version} is no version of HTTP: 0, 1 or *")),
        };
        let (fields, rest) = fields(rest)?;
        let (absent, software) =
            rest.split_once(':').ok_or("a signature of HTTP has 4 parts with colons between".to_owned())?;
        let absent: Vec<String> = absent.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if fields.len() > FIELDS || absent.len() > FIELDS {
            return Err(format!("a signature of HTTP has at most {FIELDS} fields"));
        }
        if let Some(name) = absent.iter().find(|name| name_len(name) != name.len()) {
            return Err(format!("{name} is no name of a field"));
        }
        Ok(Self { is_1_1, fields, absent, software: software.to_owned() })
    }

    /// Whether a head, by its raw signature, has this one: the fields in this order, others between them, none of those
    /// that must not be there.
    fn fits(&self, head: &Self) -> bool {
        if self.is_1_1.is_some() && self.is_1_1 != head.is_1_1 {
            return false;
        }
        let mut rest = head.fields.as_slice();
        for wanted in &self.fields {
            let Some(at) = rest.iter().position(|field| field.name == wanted.name) else {
                if !wanted.optional || head.fields.iter().any(|field| field.name == wanted.name) {
                    return false;
                }
                continue;
            };
            let (found, behind) = (rest.get(at), rest.get(at + 1..).unwrap_or_default());
            let is_software = matches!(wanted.name.as_str(), "Server" | "User-Agent");
            let value =
                if is_software { Some(head.software.as_str()) } else { found.and_then(|field| field.value.as_deref()) };
            let is_other = |part: &str| match value {
                Some(value) => !value.contains(part),
                // A raw signature leaves the values of such fields out: nobody can tell.
                None => !found.is_some_and(|field| field.optional || WITHOUT_VALUE.contains(&field.name.as_str())),
            };
            if wanted.value.as_deref().is_some_and(is_other) {
                return false;
            }
            rest = behind;
        }
        !self.absent.iter().any(|name| head.fields.iter().any(|field| field.name == *name))
    }
}

/// The fields up to the colon behind them, and what follows it.
fn fields(text: &str) -> Result<(Vec<Field>, &str), String> {
    let (mut fields, mut rest) = (Vec::new(), text);
    while !rest.starts_with(':') {
        let optional = rest.starts_with('?');
        rest = rest.strip_prefix('?').unwrap_or(rest);
        let (name, behind) = rest.split_at(name_len(rest));
        if name.is_empty() {
            return Err(format!("a name of a field was expected before {rest:?}"));
        }
        rest = behind;
        let mut value = None;
        if let Some(behind) = rest.strip_prefix("=[") {
            let (inside, behind) = behind.split_once(']').ok_or(format!("the value of {name} has no end"))?;
            value = Some(inside.to_owned());
            rest = behind;
        }
        fields.push(Field { name: name.to_owned(), optional, value });
        match rest.strip_prefix(',') {
            Some(behind) => rest = behind,
            None if rest.starts_with(':') => {}
            None => return Err(format!("a comma or a colon was expected behind {name}")),
        }
    }
    Ok((fields, rest.strip_prefix(':').unwrap_or(rest)))
}

fn name_len(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(text.len())
}

impl P0fBook {
    /// The signature that a head has, by its raw signature: the first that fits and is of one program, else the first
    /// of a family. With it whether the program calls itself what it should.
    pub fn find_head(&self, raw: &str, is_answer: bool) -> Option<(P0fMatch, bool)> {
        let head = HttpSignature::read(raw).ok()?;
        let list = if is_answer { &self.http_responses } else { &self.http_requests };
        let mut fitting = list.iter().filter(|entry| entry.signature.fits(&head));
        let first = fitting.clone().next();
        let found = fitting.find(|entry| !entry.label.is_generic).or(first)?;
        let wanted = &found.signature.software;
        let is_honest = wanted.is_empty() || head.software.is_empty() || head.software.contains(wanted.as_str());
        Some((to_match(found), is_honest))
    }
}

fn to_match(entry: &Entry<HttpSignature>) -> P0fMatch {
    let is_generic = entry.label.is_generic;
    P0fMatch { label: entry.label.text(), is_generic, is_rough: false, line: entry.line }
}
