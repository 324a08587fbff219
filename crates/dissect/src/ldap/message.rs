//! One message (RFC 4511 s. 4.1.1) and what is read of its operation.

use crate::ber::{self, INTEGER, OCTET_STRING, SEQUENCE};
use crate::reader::Reader;
use crate::words::starts_with;

/// Name of the request for TLS (RFC 4511 s. 4.14.1).
pub(crate) const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

const ENUMERATED: u8 = 0x0a;

/// An operation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Operation<'a> {
    Bind {
        mechanism: &'a [u8],
    },
    Search {
        base: &'a [u8],
        filter: &'a [u8],
    },
    Entry {
        attributes: &'a [u8],
    },
    Extended {
        name: &'a [u8],
    },
    ExtendedAnswer {
        result: u32,
    },
    /// Any other, known by its tag alone.
    Other,
}

/// The operation of a message, or of the beginning of one.
pub(crate) fn operation(bytes: &[u8]) -> Option<Operation<'_>> {
    let mut message = Reader(ber::expect(&mut Reader(bytes), SEQUENCE)?);
    let id = ber::expect(&mut message, INTEGER)?;
    if id.is_empty() || id.len() > 4 {
        return None;
    }
    let (tag, contents) = ber::next(&mut message)?;
    let mut fields = Reader(contents);
    match tag {
        0x60 => {
            let version = ber::number(ber::expect(&mut fields, INTEGER)?)?;
            ber::expect(&mut fields, OCTET_STRING)?;
            if !(2..=3).contains(&version) {
                return None;
            }
            Some(Operation::Bind {
                mechanism: match ber::next(&mut fields)? {
                    (0xa3, sasl) => ber::find(sasl, OCTET_STRING)?,
                    (0x80, _) => b"simple",
                    // Microsoft's own way in three steps (MS-ADTS s. 5.1.1.1.3).
                    (0x89..=0x8b, _) => b"sicily",
                    _ => return None,
                },
            })
        }
        0x63 => {
            let base = ber::expect(&mut fields, OCTET_STRING)?;
            let scope = ber::number(ber::expect(&mut fields, ENUMERATED)?)?;
            ber::expect(&mut fields, ENUMERATED)?;
            ber::expect(&mut fields, INTEGER)?;
            ber::expect(&mut fields, INTEGER)?;
            ber::next(&mut fields)?;
            (scope <= 3).then_some(Operation::Search { base, filter: fields.0 })
        }
        0x64 => {
            ber::expect(&mut fields, OCTET_STRING)?;
            Some(Operation::Entry { attributes: ber::expect(&mut fields, SEQUENCE)? })
        }
        0x77 => Some(Operation::Extended { name: ber::expect(&mut fields, 0x80)? }),
        0x78 => Some(Operation::ExtendedAnswer { result: ber::number(ber::expect(&mut fields, ENUMERATED)?)? }),
        0x61 | 0x65 | 0x67 | 0x69 | 0x6b | 0x6d | 0x6f => {
            ber::number(ber::expect(&mut fields, ENUMERATED)?)?;
            Some(Operation::Other)
        }
        0x42 if contents.is_empty() => Some(Operation::Other),
        0x50 | 0x66 | 0x68 | 0x4a | 0x6c | 0x6e | 0x73 => Some(Operation::Other),
        _ => None,
    }
}

/// Is the shape of an operation enough to know the protocol by?
pub(crate) fn is_sure(operation: &Operation<'_>) -> bool {
    matches!(operation, Operation::Bind { .. } | Operation::Search { .. } | Operation::Extended { name: START_TLS })
}

/// Could more bytes make a message of these?
pub(crate) fn may_be(bytes: &[u8]) -> bool {
    let Some((_, head_len, _)) = ber::head(bytes) else { return true };
    let rest = bytes.get(head_len..).unwrap_or_default();
    match rest {
        [] => true,
        [INTEGER] => true,
        [INTEGER, len @ 1..=4, rest @ ..] => match rest.get(usize::from(*len)) {
            None => true,
            Some(tag) => matches!(tag, 0x60..=0x78 | 0x42 | 0x4a | 0x50),
        },
        _ => false,
    }
}

/// The end of a name from the first part on that names a domain, an organisation or the schema, and no person.
pub(crate) fn impersonal(base: &[u8]) -> &[u8] {
    let mut rest = base;
    loop {
        if [&b"dc="[..], b"o=", b"cn=configuration", b"cn=schema", b"cn=subschema"]
            .iter()
            .any(|part| starts_with(rest, part))
        {
            return rest;
        }
        let Some(comma) = memchr::memchr(b',', rest) else { return &[] };
        rest = rest.get(comma + 1..).unwrap_or_default().trim_ascii_start();
    }
}

/// Attribute and value of each test for equality in a filter that is one, or that joins some with "and".
pub(crate) fn equalities(filter: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    const AND: u8 = 0xa0;
    const EQUALITY: u8 = 0xa3;
    let mut reader = Reader(ber::expect(&mut Reader(filter), AND).unwrap_or(filter));
    let mut left = 16;
    std::iter::from_fn(move || {
        while left > 0 {
            left -= 1;
            let (tag, contents) = ber::next(&mut reader)?;
            let mut test = Reader(contents);
            if tag == EQUALITY
                && let (Some(attribute), Some(value)) =
                    (ber::expect(&mut test, OCTET_STRING), ber::expect(&mut test, OCTET_STRING))
            {
                return Some((attribute, value));
            }
        }
        None
    })
}

/// The first value of an attribute of an entry.
pub(crate) fn attribute<'a>(attributes: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    const SET: u8 = 0x31;
    let mut list = Reader(attributes);
    while let Some(attribute) = ber::expect(&mut list, SEQUENCE) {
        let mut attribute = Reader(attribute);
        if ber::expect(&mut attribute, OCTET_STRING)?.eq_ignore_ascii_case(name) {
            return ber::find(ber::expect(&mut attribute, SET)?, OCTET_STRING);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_that_is_a_person_gives_the_domain_alone() {
        assert_eq!(impersonal(b"uid=someone,ou=people,dc=example,dc=org"), b"dc=example,dc=org");
        assert_eq!(impersonal(b"DC=example"), b"DC=example");
        assert_eq!(impersonal(b"uid=someone"), b"");
    }
}
