//! Google's QUIC before the IETF's (QUIC Crypto and Wire Layout, Google 2013 to 2020): Q024 to Q046 with their hello in
//! the clear, and the hello of Q050 once its packet is open.
//!
//! ```text
//! | flags 8 | connection id 64 | version 32 `Q043` | number 8 to 48 | digest 96 | frames … |    up to Q043
//! message: | `CHLO` | tags 16 LE | 0 16 | tag 32, end of value 32 LE | … | values … |
//! ```
//!
//! Left out: all messages but the client's hello, and one that is longer than a packet.

use super::header::Version;

/// A hello stands near the beginning of its packet, behind header, digest, at most an acknowledgement, and the header
/// of its frame.
const SEARCHED_LEN: usize = 128;

/// More tags than any hello has.
const MAX_TAGS: usize = 128;

/// The version that a packet with Google's public header says; its connection identifier has eight bytes.
pub fn public_version(bytes: &[u8]) -> Option<Version> {
    const VERSION: u8 = 0x01;
    const RESET: u8 = 0x02;
    const CONNECTION_ID: u8 = 0x08;
    let &[flags, _, _, _, _, _, _, _, _, a, b, c, d, ..] = bytes else { return None };
    let version = Version(u32::from_be_bytes([a, b, c, d]));
    let fits = flags & (0x80 | VERSION | RESET | CONNECTION_ID) == VERSION | CONNECTION_ID;
    // Up to Q043; there was none before Q009 on the wire.
    (fits && a == b'Q' && version.is_google() && (0x5130_3039..=0x5130_3433).contains(&version.0)).then_some(version)
}

/// The version of a packet with a long header whose content is in the clear: Q044 to Q049.
pub fn long_version(bytes: &[u8]) -> Option<Version> {
    let &[flags, a, b, c, d, lens, ..] = bytes else { return None };
    let version = Version(u32::from_be_bytes([a, b, c, d]));
    // Either of the two identifiers has eight bytes, coded less three in half a byte; from Q049 in a byte of its own.
    let fits = flags & 0x80 != 0 && matches!(lens, 0x50 | 0x05 | 0x55 | 8 | 0);
    (fits && (0x5130_3434..=0x5130_3439).contains(&version.0)).then_some(version)
}

/// A client's hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chlo<'a> {
    /// Server name.
    pub server_name: Option<&'a [u8]>,
    /// What the client says it is, for example `Chrome/76.0.3809.132 Windows NT 10.0; Win64; x64`.
    pub user_agent: Option<&'a [u8]>,
}

/// Looks for the hello in a packet, or in what a packet held.
pub fn chlo(bytes: &[u8]) -> Option<Chlo<'_>> {
    const MESSAGE: &[u8] = b"CHLO";
    let at = memchr::memmem::find(bytes.get(..SEARCHED_LEN).unwrap_or(bytes), MESSAGE)?;
    let (&[low, high, 0, 0], rest) = bytes.get(at + MESSAGE.len()..)?.split_first_chunk()? else { return None };
    let tags = usize::from(u16::from_le_bytes([low, high]));
    if tags == 0 || tags > MAX_TAGS {
        return None;
    }
    let (entries, values) = rest.split_at_checked(8 * tags)?;
    let mut chlo = Chlo { server_name: None, user_agent: None };
    let mut start = 0;
    for entry in entries.chunks_exact(8) {
        let (tag, end) = entry.split_first_chunk::<4>()?;
        let end = usize::try_from(u32::from_le_bytes(*end.first_chunk()?)).ok()?;
        if end < start {
            return None;
        }
        let value = values.get(start..end).filter(|value| !value.is_empty());
        match tag {
            b"SNI\0" => chlo.server_name = value,
            b"UAID" => chlo.user_agent = value,
            _ => {}
        }
        start = end;
    }
    Some(chlo)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_go_backwards_are_no_hello() {
        let good = b"....CHLO\x02\0\0\0SNI\0\x01\0\0\0UAID\x02\0\0\0ab";
        assert_eq!(chlo(good), Some(Chlo { server_name: Some(b"a"), user_agent: Some(b"b") }));
        let bad = b"....CHLO\x02\0\0\0SNI\0\x02\0\0\0UAID\x01\0\0\0ab";
        assert_eq!(chlo(bad), None);
    }

    #[test]
    fn a_hello_that_is_cut_says_what_is_there() {
        let cut = b"CHLO\x02\0\0\0SNI\0\x01\0\0\0UAID\x20\0\0\0abc";
        assert_eq!(chlo(cut), Some(Chlo { server_name: Some(b"a"), user_agent: None }));
    }
}
