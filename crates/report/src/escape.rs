//! Making what cannot be seen visible: names, paths and texts come from the wire or from files, and whoever wrote them
//! may want to move the cursor, turn the direction of writing or hide a letter. Every format escapes with the same list
//! of characters; only the notation differs.
//!
//! Leaves out: look-alikes (a Cyrillic `а` in a Latin name), which can be seen and are a matter for a finding.

use std::borrow::Cow;
use std::fmt::Write;

/// True for characters that a reader cannot see or that change how others are shown: controls (category Cc), format
/// characters (Cf: bidirectional marks, zero-width characters, tags), line and paragraph separators, white space other
/// than the plain space, variation selectors, fillers and noncharacters (Unicode 16, chapters 4 and 23; UAX 9).
pub fn is_hidden(c: char) -> bool {
    if c < '\u{7f}' {
        return c.is_control();
    }
    c.is_control()
        || c.is_whitespace()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}'
            | '\u{8e2}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        || (u32::from(c) & 0xfffe) == 0xfffe
}

/// The text with hidden characters as `\x1b` (below U+0100) or `\u{202e}`. A backslash stays as it is, so escaping
/// twice changes nothing; where the exact text matters, JSON has it.
pub fn visible(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(is_hidden) else { return Cow::Borrowed(text) };
    let (clean, rest) = text.split_at(first);
    let mut out = String::with_capacity(text.len() + 8);
    out.push_str(clean);
    for c in rest.chars() {
        if is_hidden(c) { push_escape(&mut out, c) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Bytes that ought to be UTF-8, such as a path: what is invalid as `\xff`, the rest as [`visible`] has it.
pub fn visible_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(&visible(chunk.valid()));
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

fn push_escape(out: &mut String, c: char) {
    let code = u32::from(c);
    let _ = if code < 0x100 { write!(out, "\\x{code:02x}") } else { write!(out, "\\u{{{code:x}}}") };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_names_are_not_copied() {
        assert!(matches!(visible("swscan.apple.com"), Cow::Borrowed(_)));
        assert!(matches!(visible("bücher.example 東京"), Cow::Borrowed(_)));
    }

    #[test]
    fn terminal_sequences_become_letters() {
        assert_eq!(visible("\x1b[2J\x1b]0;title\x07"), "\\x1b[2J\\x1b]0;title\\x07");
        assert_eq!(visible("a\u{9b}31m"), "a\\x9b31m");
        assert_eq!(visible("two\r\nlines\tand\x7f"), "two\\x0d\\x0alines\\x09and\\x7f");
    }

    #[test]
    fn turned_direction_and_hidden_letters_become_letters() {
        assert_eq!(visible("moc\u{202e}.elppa"), "moc\\u{202e}.elppa");
        assert_eq!(visible("app\u{200b}le\u{feff}"), "app\\u{200b}le\\u{feff}");
        assert_eq!(visible("\u{2066}x\u{2069}\u{61c}"), "\\u{2066}x\\u{2069}\\u{61c}");
        assert_eq!(visible("a\u{a0}b\u{2028}c\u{e0041}"), "a\\xa0b\\u{2028}c\\u{e0041}");
    }

    #[test]
    fn invalid_utf8_is_shown_byte_by_byte() {
        assert_eq!(visible_bytes(b"caf\xe9.pcap"), "caf\\xe9.pcap");
        assert_eq!(visible_bytes(b"\xf0\x9f\x98"), "\\xf0\\x9f\\x98");
        assert_eq!(visible_bytes("grün\x1b".as_bytes()), "grün\\x1b");
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            let seen = visible(&text).into_owned();
            prop_assert!(!seen.chars().any(is_hidden));
            prop_assert_eq!(visible(&seen), seen.as_str());
        }

        #[test]
        fn bytes_and_text_agree_on_valid_text(text in any::<String>()) {
            prop_assert_eq!(visible_bytes(text.as_bytes()), visible(&text));
        }
    }
}
