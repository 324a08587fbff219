//! Writing DER (X.690 s. 10): the few types that certificates and OCSP need.

/// One element: tag, length, content.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes = content.len().to_be_bytes();
            let skip = bytes.iter().take_while(|byte| **byte == 0).count();
            let significant = bytes.get(skip..).unwrap_or(&[]);
            out.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
            out.extend_from_slice(significant);
        }
    }
    out.extend_from_slice(content);
    out
}

/// SEQUENCE of elements.
pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

/// SET of elements.
pub fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x31, &parts.concat())
}

/// A context-specific, constructed element around another: `[n] EXPLICIT`.
pub fn explicit(number: u8, content: &[u8]) -> Vec<u8> {
    element(0xa0 | number, content)
}

/// OBJECT IDENTIFIER from its arcs.
pub fn oid(arcs: &[u32]) -> Vec<u8> {
    let mut content = Vec::new();
    let mut arcs = arcs.iter().copied();
    if let (Some(first), Some(second)) = (arcs.next(), arcs.next()) {
        put_arc(&mut content, first * 40 + second);
    }
    for arc in arcs {
        put_arc(&mut content, arc);
    }
    element(0x06, &content)
}

fn put_arc(content: &mut Vec<u8>, arc: u32) {
    for shift in [28, 21, 14, 7, 0] {
        let rest = arc >> shift;
        if rest > 0 || shift == 0 {
            let [.., low] = rest.to_be_bytes();
            content.push((low & 0x7f) | if shift == 0 { 0 } else { 0x80 });
        }
    }
}

/// INTEGER that is not negative, from its bytes in network order.
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let skip = bytes.iter().take_while(|byte| **byte == 0).count();
    let significant = bytes.get(skip..).unwrap_or(&[]);
    let mut content = Vec::with_capacity(significant.len() + 1);
    if significant.first().is_none_or(|byte| *byte >= 0x80) {
        content.push(0);
    }
    content.extend_from_slice(significant);
    element(0x02, &content)
}

/// ENUMERATED below 128.
pub fn enumerated(value: u8) -> Vec<u8> {
    element(0x0a, &[value & 0x7f])
}

/// NULL.
pub fn null() -> Vec<u8> {
    element(0x05, &[])
}

/// BOOLEAN true.
pub fn truth() -> Vec<u8> {
    element(0x01, &[0xff])
}

/// OCTET STRING.
pub fn octets(bytes: &[u8]) -> Vec<u8> {
    element(0x04, bytes)
}

/// BIT STRING without unused bits.
pub fn bits(bytes: &[u8]) -> Vec<u8> {
    let mut content = vec![0];
    content.extend_from_slice(bytes);
    element(0x03, &content)
}

/// UTF8String.
pub fn utf8(text: &str) -> Vec<u8> {
    element(0x0c, text.as_bytes())
}

/// PrintableString.
pub fn printable(text: &str) -> Vec<u8> {
    element(0x13, text.as_bytes())
}

/// UTCTime from its text, `YYMMDDhhmmssZ`.
pub fn utc_time(text: &str) -> Vec<u8> {
    element(0x17, text.as_bytes())
}

/// GeneralizedTime from its text, `YYYYMMDDhhmmssZ`.
pub fn generalized_time(text: &str) -> Vec<u8> {
    element(0x18, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{element, integer, oid};

    #[test]
    fn writes_short_and_long_lengths() {
        assert_eq!(element(4, &[7; 3])[..2], [4, 3]);
        assert_eq!(element(4, &[7; 127])[..2], [4, 127]);
        assert_eq!(element(4, &[7; 128])[..3], [4, 0x81, 128]);
        assert_eq!(element(4, &[7; 300])[..4], [4, 0x82, 1, 44]);
    }

    #[test]
    fn writes_object_identifiers() {
        assert_eq!(oid(&[1, 2, 840, 113_549, 1, 1, 11]), [6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 11]);
        assert_eq!(oid(&[2, 5, 4, 3]), [6, 3, 85, 4, 3]);
    }

    #[test]
    fn integers_are_not_negative_and_as_short_as_can_be() {
        assert_eq!(integer(&[]), [2, 1, 0]);
        assert_eq!(integer(&[0, 0, 1]), [2, 1, 1]);
        assert_eq!(integer(&[0x80]), [2, 2, 0, 0x80]);
    }
}
