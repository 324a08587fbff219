//! Writing a document whose lists have one element a line, without holding more than one element in memory.
//! RFC 8259; hidden characters as `\uXXXX`, those beyond U+FFFF as surrogate pairs (s. 7).

use std::io::{self, Write};

use serde_json::Value;

use crate::escape::is_hidden;

/// A document under way.
pub(super) struct Document<'a> {
    out: &'a mut dyn Write,
}

impl<'a> Document<'a> {
    /// Opens it with its schema.
    pub(super) fn begin(out: &'a mut dyn Write, schema: &str) -> io::Result<Self> {
        out.write_all(b"{\n  \"schema\": ")?;
        string(out, schema)?;
        Ok(Self { out })
    }

    /// A list with one element a line.
    pub(super) fn list(&mut self, key: &str, items: impl Iterator<Item = Value>) -> io::Result<()> {
        self.key(key)?;
        let mut before: &[u8] = b"[\n    ";
        let mut empty = true;
        for item in items {
            self.out.write_all(before)?;
            value(self.out, &item)?;
            before = b",\n    ";
            empty = false;
        }
        self.out.write_all(if empty { b"[]" } else { b"\n  ]" })
    }

    /// A single value.
    pub(super) fn value(&mut self, key: &str, item: &Value) -> io::Result<()> {
        self.key(key)?;
        value(self.out, item)
    }

    /// Closes it.
    pub(super) fn end(self) -> io::Result<()> {
        self.out.write_all(b"\n}\n")
    }

    fn key(&mut self, key: &str) -> io::Result<()> {
        self.out.write_all(b",\n  ")?;
        string(self.out, key)?;
        self.out.write_all(b": ")
    }
}

/// An object on a line of its own, with what it is first.
pub(super) fn line(out: &mut dyn Write, record: &str, item: Value) -> io::Result<()> {
    let mut fields = serde_json::Map::from_iter([("record".to_owned(), Value::from(record))]);
    if let Value::Object(of_item) = item {
        fields.extend(of_item);
    }
    value(out, &Value::Object(fields))?;
    out.write_all(b"\n")
}

/// The values come from this crate and nest four deep at most.
fn value(out: &mut dyn Write, item: &Value) -> io::Result<()> {
    match item {
        Value::Null => out.write_all(b"null"),
        Value::Bool(b) => write!(out, "{b}"),
        Value::Number(n) => write!(out, "{n}"),
        Value::String(s) => string(out, s),
        Value::Array(items) => {
            out.write_all(b"[")?;
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.write_all(b", ")?;
                }
                value(out, item)?;
            }
            out.write_all(b"]")
        }
        Value::Object(fields) => {
            out.write_all(b"{")?;
            for (i, (key, item)) in fields.iter().enumerate() {
                if i > 0 {
                    out.write_all(b", ")?;
                }
                string(out, key)?;
                out.write_all(b": ")?;
                value(out, item)?;
            }
            out.write_all(b"}")
        }
    }
}

fn string(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(b"\"")?;
    let mut clean = 0;
    for (at, c) in text.char_indices().filter(|&(_, c)| c == '"' || c == '\\' || is_hidden(c)) {
        out.write_all(text.get(clean..at).unwrap_or_default().as_bytes())?;
        clean = at + c.len_utf8();
        match c {
            '"' => out.write_all(b"\\\"")?,
            '\\' => out.write_all(b"\\\\")?,
            '\n' => out.write_all(b"\\n")?,
            '\r' => out.write_all(b"\\r")?,
            '\t' => out.write_all(b"\\t")?,
            _ => code_units(out, c)?,
        }
    }
    out.write_all(text.get(clean..).unwrap_or_default().as_bytes())?;
    out.write_all(b"\"")
}

/// A document of another writer with the hidden characters of its strings as code units. Ends of lines stay: within
/// strings every writer has to escape them.
///
/// # Errors
/// When `out` cannot be written to.
pub fn visible(document: &str, out: &mut dyn Write) -> io::Result<()> {
    document.chars().try_for_each(|c| match c {
        '\n' => out.write_all(b"\n"),
        _ if is_hidden(c) => code_units(out, c),
        _ => out.write_all(c.encode_utf8(&mut [0; 4]).as_bytes()),
    })
}

fn code_units(out: &mut dyn Write, c: char) -> io::Result<()> {
    c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        string(&mut out, text).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn controls_and_bidi_marks_are_written_as_code_units() {
        assert_eq!(written("a\"b\\c\n\u{1b}[0m"), r#""a\"b\\c\n\u001b[0m""#);
        assert_eq!(written("moc\u{202e}.elppa\u{7f}"), "\"moc\\u202e.elppa\\u007f\"");
        assert_eq!(written("\u{e0041}東"), "\"\\udb40\\udc41東\"");
    }

    #[test]
    fn documents_of_other_writers_hide_nothing_either() {
        let value = serde_json::json!({"a": ["moc\u{202e}.elppa\u{9b}31m\u{7f}", "two\nlines \u{e0041}"]});
        let mut out = Vec::new();
        visible(&serde_json::to_string_pretty(&value).unwrap(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.chars().any(|c| c != '\n' && is_hidden(c)), "{text:?}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    proptest! {
        #[test]
        fn every_text_comes_back_as_it_was(text in any::<String>()) {
            let back: String = serde_json::from_str(&written(&text)).unwrap();
            prop_assert_eq!(back, text);
        }
    }
}
