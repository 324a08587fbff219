//! Elements of the Basic Encoding Rules (ITU-T X.690 s. 8.1): a tag of one byte, a definite length, contents.
//!
//! ```text
//! | class 2 constructed 1 number 5 | length 8, or 0x80 + n and n bytes | contents |
//! ```
//!
//! Left out: tags of several bytes, indefinite lengths, lengths beyond four bytes.

use crate::reader::Reader;

/// INTEGER.
pub(crate) const INTEGER: u8 = 0x02;
/// OCTET STRING.
pub(crate) const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER.
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
/// SEQUENCE.
pub(crate) const SEQUENCE: u8 = 0x30;

/// The head of an element: its tag, the length of the head and of the contents. `None` where the bytes are too few, or
/// begin none.
pub(crate) fn head(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let mut reader = Reader(bytes);
    let tag = reader.u8()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    let first = reader.u8()?;
    let contents = match first {
        0..=0x7f => usize::from(first),
        0x81..=0x84 => {
            reader.take(usize::from(first & 0x7f))?.iter().fold(0, |len, byte| len << 8 | usize::from(*byte))
        }
        _ => return None,
    };
    Some((tag, bytes.len() - reader.0.len(), contents))
}

/// The next element: its tag and contents, as far as they are there. Nothing is consumed where there is none.
pub(crate) fn next<'a>(reader: &mut Reader<'a>) -> Option<(u8, &'a [u8])> {
    let (tag, head_len, len) = head(reader.0)?;
    reader.take(head_len)?;
    Some((tag, reader.take_up_to(len)))
}

/// The contents of the next element, if it has this tag.
pub(crate) fn expect<'a>(reader: &mut Reader<'a>, tag: u8) -> Option<&'a [u8]> {
    let mut after = *reader;
    let (found, contents) = next(&mut after)?;
    if found != tag {
        return None;
    }
    *reader = after;
    Some(contents)
}

/// The contents of the first element within `bytes` with this tag; those before it are stepped over.
pub(crate) fn find(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let mut reader = Reader(bytes);
    while let Some((found, contents)) = next(&mut reader) {
        if found == tag {
            return Some(contents);
        }
    }
    None
}

/// A non-negative INTEGER or ENUMERATED of at most four bytes.
pub(crate) fn number(contents: &[u8]) -> Option<u32> {
    if contents.is_empty() || contents.len() > 4 {
        return None;
    }
    Some(contents.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_with_short_and_long_lengths() {
        assert_eq!(head(b"\x30\x84\x00\x00\x01\x02"), Some((0x30, 6, 258)));
        assert_eq!(find(b"\x02\x01\x05\x04\x02ab", OCTET_STRING), Some(&b"ab"[..]));
        assert_eq!(head(b"\x30\x80"), None);
        assert_eq!(head(b"\x30\x82\x01"), None);
        assert_eq!(number(b"\x01\x00"), Some(256));
    }
}
