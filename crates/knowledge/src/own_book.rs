//! A user's own book of fingerprints: a table of kind, value, label and, if one likes, source, with tabs between. For SYNs
//! and answers (`tcp.syn`, `tcp.synack`) the value is a signature in p0f's syntax, wildcards and all; for other kinds
//! (`tls.ja4`, `dhcp`, `http.user_agent`, …) it is the value as reports have it. Lines that begin with `#` are remarks,
//! and so is a first line with the names of the columns.

use crate::p0f::{BookError, Observed, Signature};

/// A book beyond this is not read, in bytes.
pub const FILE_LEN_BYTES: usize = 16 << 20;
/// Differences beyond which a row is not near any more.
const NEAR: usize = 2;
/// Rows that are near, told where none is the same.
const NEAREST: usize = 3;

/// A book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnBook {
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    kind: String,
    value: String,
    /// For SYNs and answers.
    signature: Option<Signature>,
    label: String,
    source: Option<String>,
}

/// A row, and how it compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnMatch {
    /// As the book says.
    pub label: String,
    /// In what it differs, from the book to what is here; empty where it is the same.
    pub differences: Vec<String>,
    /// As the book says.
    pub source: Option<String>,
}

impl OwnBook {
    /// Reads a book.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn read(text: &str) -> Result<Self, BookError> {
        let mut book = Self::default();
        for (line, content) in (1..).zip(text.lines()) {
            if content.trim().is_empty() || content.starts_with('#') || content.starts_with("kind\tvalue\tlabel") {
                continue;
            }
            let cells: Vec<&str> = content.split('\t').map(str::trim).collect();
            let (kind, value, label, source) = match cells.as_slice() {
                [kind, value, label] => (kind, value, label, None),
                [kind, value, label, source] => (kind, value, label, Some((*source).to_owned())),
                _ => {
                    return Err(BookError { line, why: "a row is kind, value and label with tabs between".to_owned() });
                }
            };
            if kind.is_empty() || value.is_empty() || label.is_empty() {
                return Err(BookError { line, why: "kind, value and label are not empty".to_owned() });
            }
            let signature = match *kind {
                "tcp.syn" | "tcp.synack" => Some(Signature::read(value).map_err(|why| BookError { line, why })?),
                _ => None,
            };
            let (kind, value, label) = ((*kind).to_owned(), (*value).to_owned(), (*label).to_owned());
            book.rows.push(Row { kind, value, signature, label, source });
        }
        Ok(book)
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows of a kind that are the same; of segments, where none is, the nearest few.
    pub fn find(&self, kind: &str, value: &str, packet: Option<&Observed>) -> Vec<OwnMatch> {
        let mut found: Vec<OwnMatch> = Vec::new();
        for row in self.rows.iter().filter(|row| row.kind == kind) {
            let differences = match (&row.signature, packet) {
                (Some(signature), Some(packet)) => signature.differences(packet),
                _ if row.value == value => Vec::new(),
                _ => continue,
            };
            found.push(OwnMatch { label: row.label.clone(), differences, source: row.source.clone() });
        }
        found.sort_by_key(|one| one.differences.len());
        let has_same = found.first().is_some_and(|first| first.differences.is_empty());
        found.retain(|one| if has_same { one.differences.is_empty() } else { one.differences.len() <= NEAR });
        if !has_same {
            found.truncate(NEAREST);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::OwnBook;
    use crate::p0f::Observed;

    const BOOK: &str = "kind\tvalue\tlabel\tsource\n# ours\n\
        tcp.syn\t*:64:0:*:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn:0\tour Macs\tlab 2024\n\
        tcp.syn\t*:64:0:*:65535,5:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn:0\told Macs\n\
        tls.ja4\tt13d1516h2_8daaf6152771_02713d6af862\tour browser\n";

    #[test]
    fn what_is_the_same_is_told_and_else_what_is_near_with_its_difference() {
        let book = OwnBook::read(BOOK).expect("the book is right");
        assert_eq!(book.len(), 3);
        let find = |scale: u8| {
            let raw = format!("4:64+0:0:1460:65535,{scale}:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn:0");
            let packet = Observed::new(&raw, 65_535, 1460).expect("a raw signature");
            book.find("tcp.syn", &raw, Some(&packet))
        };
        let same = find(6);
        assert_eq!((same.len(), same[0].label.as_str(), same[0].source.as_deref()), (1, "our Macs", Some("lab 2024")));
        let near = find(4);
        assert_eq!(near.len(), 2);
        assert_eq!(near[0].differences, ["window scale 6 → 4"]);
        assert_eq!(book.find("tls.ja4", "t13d1516h2_8daaf6152771_02713d6af862", None)[0].label, "our browser");
        assert!(book.find("tls.ja4", "other", None).is_empty());
        assert!(book.find("dhcp", "t13d1516h2_8daaf6152771_02713d6af862", None).is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, line) in [("a\tb", 1), ("# x\n\ntcp.syn\t1:2\tx", 3), ("tls.ja4\t\tx", 1), ("a\tb\tc\td\te", 1)] {
            assert_eq!(OwnBook::read(text).expect_err(text).line, line, "{text}");
        }
    }
}
