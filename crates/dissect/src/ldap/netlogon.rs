//! A domain controller's answer (MS-ADTS s. 6.3.1.9, NETLOGON_SAM_LOGON_RESPONSE_EX): names, compressed as in the DNS.
//!
//! ```text
//! | opcode 16: 23 or 25, low byte first | 0 16 | flags 32 | domain's GUID 128 | forest | domain | host | … |
//! ```
//!
//! Left out: NetBIOS names, the user, sites.

use crate::limits::DNS_POINTERS;
use crate::words::text;

/// What the answer names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub domain: String,
    pub host: String,
}

/// Reads an answer.
pub(crate) fn answer(bytes: &[u8]) -> Option<Answer> {
    if !matches!(bytes.get(..2)?, [23 | 25, 0]) {
        return None;
    }
    let mut at = 24;
    name(bytes, &mut at)?;
    let domain = name(bytes, &mut at)?;
    let host = name(bytes, &mut at)?;
    Some(Answer { domain, host })
}

/// A name at a place, which moves behind it (RFC 1035 s. 4.1.4).
fn name(bytes: &[u8], at: &mut usize) -> Option<String> {
    let mut name = String::new();
    let mut place = *at;
    let mut pointers = 0;
    loop {
        let len = usize::from(*bytes.get(place)?);
        if len >= 0xc0 {
            if pointers == 0 {
                *at = place + 2;
            }
            pointers += 1;
            if pointers > DNS_POINTERS {
                return None;
            }
            place = (len & 0x3f) << 8 | usize::from(*bytes.get(place + 1)?);
            continue;
        }
        if len == 0 {
            if pointers == 0 {
                *at = place + 1;
            }
            return Some(name);
        }
        let label = bytes.get(place + 1..place + 1 + len)?;
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(&text(label));
        if len > 63 || name.len() > 255 {
            return None;
        }
        place += 1 + len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_share_their_end_are_unfolded() {
        let head = b"\x17\0\0\0\x01\0\0\0abcdefghijklmnop";
        let bytes = [&head[..], b"\x07example\x03org\0", b"\x04corp\xc0\x18", b"\x03dc1\xc0\x25"].concat();
        let expected = Answer { domain: "corp.example.org".to_owned(), host: "dc1.corp.example.org".to_owned() };
        assert_eq!(answer(&bytes), Some(expected));
        assert_eq!(answer(&[&head[..], b"\xc0\x18"].concat()), None);
    }
}
