//! Single values out of the small JSON objects (RFC 8259) that devices shout into the local network, found by their
//! key. Left out: nesting, escapes (a value that has one is not reported), anything that is no text or number.

use std::borrow::Cow;

/// The text of the first member called `key` that has one.
pub(crate) fn text<'a>(json: &'a [u8], key: &str) -> Option<Cow<'a, str>> {
    let value = value(json, key)?.strip_prefix(b"\"")?;
    let text = value.get(..memchr::memchr(b'"', value)?)?;
    (!text.is_empty() && text.len() <= 256 && !text.contains(&b'\\')).then(|| String::from_utf8_lossy(text))
}

/// The digits (and dots) of the first member called `key` that is a number.
pub(crate) fn number<'a>(json: &'a [u8], key: &str) -> Option<&'a str> {
    let value = value(json, key)?;
    let end = value.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.').unwrap_or(value.len());
    std::str::from_utf8(value.get(..end.min(24))?).ok().filter(|digits| !digits.is_empty())
}

/// What follows the colon after the first member called `key`.
fn value<'a>(json: &'a [u8], key: &str) -> Option<&'a [u8]> {
    let mut rest = json;
    while let Some(at) = memchr::memmem::find(rest, key.as_bytes()) {
        let before = at.checked_sub(1).and_then(|at| rest.get(at));
        rest = rest.get(at + key.len()..)?;
        if before == Some(&b'"')
            && let Some(after) = rest.strip_prefix(b"\"")
            && let Some(value) = after.trim_ascii_start().strip_prefix(b":")
        {
            return Some(value.trim_ascii_start());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_whole_key_and_broken_ones_are_not_reported() {
        let json = br#"{"sub_alias":"no","alias" : "Lamp","n": 3.3,"e":"a\"b","open":"x"#;
        assert_eq!(text(json, "alias").as_deref(), Some("Lamp"));
        assert_eq!(number(json, "n"), Some("3.3"));
        assert_eq!(text(json, "n"), None);
        assert_eq!(text(json, "e"), None);
        assert_eq!(text(json, "open"), None);
        assert_eq!(text(json, "lias"), None);
    }
}
