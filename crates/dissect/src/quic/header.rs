//! Headers of QUIC packets (RFC 9000 s. 17.2, RFC 8999, RFC 9369 s. 3.2) and what the versions differ in.
//!
//! ```text
//! | 1 | 1 | type 2 | protected 4 | version 32 | DCID <8> | SCID <8> | Initial: token <varint> | length varint | number … |
//! ```
//!
//! Left out: drafts before the 22nd, whose connection identifiers are coded otherwise.

use crate::reader::Reader;

/// A version (IANA, QUIC Versions).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(pub u32);

/// A connection identifier: at most 20 bytes (RFC 9000 s. 17.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConnectionId {
    bytes: [u8; 20],
    len: u8,
}

impl ConnectionId {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Self::new(reader.vec8()?)
    }

    /// `None` when it is longer than any may be.
    pub fn new(from: &[u8]) -> Option<Self> {
        let mut bytes = [0; 20];
        bytes.get_mut(..from.len())?.copy_from_slice(from);
        Some(Self { bytes, len: u8::try_from(from.len()).ok()? })
    }

    /// In hexadecimal digits.
    pub fn hex(&self) -> String {
        self.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// How the first keys of a version are made (RFC 9001 s. 5.2).
#[derive(Debug, Clone, Copy)]
pub struct Scheme {
    /// Salt of the initial secret.
    pub salt: &'static [u8; 20],
    /// Labels of key, vector and header protection.
    pub labels: [&'static str; 3],
    /// Frames are Google's (CRYPTO is type 8), and the hello may be a CHLO.
    pub is_google: bool,
}

const LABELS: [&str; 3] = ["quic key", "quic iv", "quic hp"];

const fn scheme(salt: &'static [u8; 20]) -> Scheme {
    Scheme { salt, labels: LABELS, is_google: false }
}

/// RFC 9001 s. 5.2; drafts 33 and 34 had it already.
const V1: Scheme = scheme(b"\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a");
/// RFC 9369 s. 3.3.1.
const V2: Scheme = Scheme {
    salt: b"\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9",
    labels: ["quicv2 key", "quicv2 iv", "quicv2 hp"],
    is_google: false,
};
/// draft-ietf-quic-v2-01.
const V2_DRAFT: Scheme = Scheme {
    salt: b"\xa7\x07\xc2\x03\xa5\x9b\x47\x18\x4a\x1d\x62\xca\x57\x04\x06\xea\x7a\xe3\xe5\xd3",
    labels: ["quicv2 key", "quicv2 iv", "quicv2 hp"],
    is_google: false,
};
/// draft-ietf-quic-tls-29 to 32.
const DRAFT_29: Scheme = scheme(b"\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99");
/// draft-ietf-quic-tls-23 to 28.
const DRAFT_23: Scheme = scheme(b"\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02");
/// draft-ietf-quic-tls-21 and 22.
const DRAFT_22: Scheme = scheme(b"\x7f\xbc\xdb\x0e\x7c\x66\xbb\xe9\x19\x3a\x96\xcd\x21\x51\x9e\xbd\x7a\x02\x64\x4a");
/// Google's own with protection as in draft 24 or so, and with its own hello.
const Q050: Scheme = Scheme {
    salt: b"\x50\x45\x74\xef\xd0\x66\xfe\x2f\x9d\x94\x5c\xfc\xdb\xd3\xa7\xf0\xd3\xb5\x6b\x45",
    labels: LABELS,
    is_google: true,
};
/// The same with the hello of TLS.
const T050: Scheme = Scheme {
    salt: b"\x7f\xf5\x79\xe5\xac\xd0\x72\x91\x55\x80\x30\x4c\x43\xa2\x36\x7c\x60\x48\x83\x10",
    labels: LABELS,
    is_google: true,
};
/// And its successor.
const T051: Scheme = Scheme {
    salt: b"\x7a\x4e\xde\xf4\xe7\xcc\xee\x5f\xa4\x50\x6c\x19\x12\x4f\xc8\xcc\xda\x6e\x03\x3d",
    labels: LABELS,
    is_google: true,
};

/// For versions that are made up to keep servers tolerant: the sender takes the keys of a version it knows.
const ANY: &[Scheme] = &[V1, V2, DRAFT_29, DRAFT_23];

impl Version {
    /// Version Negotiation stands in place of a version.
    pub const NEGOTIATION: Self = Self(0);

    /// The ways in which its first keys may be made; none where it is not known.
    pub const fn schemes(self) -> &'static [Scheme] {
        match self.0 {
            1 | 0xff00_0021 | 0xff00_0022 => &[V1],
            0x6b33_43cf => &[V2],
            0x709a_50c4 => &[V2_DRAFT],
            0xff00_001d..=0xff00_0020 => &[DRAFT_29],
            0xff00_0017..=0xff00_001c => &[DRAFT_23],
            0xff00_0016 => &[DRAFT_22],
            0xface_b001 => &[DRAFT_22],
            // Facebook's of its own numbering follow the drafts of their time.
            0xface_b002..=0xface_b0ff => &[DRAFT_23, DRAFT_29, V1],
            0x5130_3530 => &[Q050],
            0x5430_3530 => &[T050],
            0x5430_3531 => &[T051],
            _ if self.is_reserved() => ANY,
            _ => &[],
        }
    }

    /// Reserved to exercise Version Negotiation (RFC 9000 s. 15).
    pub const fn is_reserved(self) -> bool {
        self.0 & 0x0f0f_0f0f == 0x0a0a_0a0a
    }

    /// Google's, by its spelling: `Q043`, `T051`.
    pub const fn is_google(self) -> bool {
        let [letter, a, b, c] = self.0.to_be_bytes();
        matches!(letter, b'Q' | b'T') && a == b'0' && b.is_ascii_digit() && c.is_ascii_digit()
    }

    /// Known by name or reserved.
    pub const fn is_known(self) -> bool {
        self.is_google() || !self.schemes().is_empty()
    }

    /// Types of long headers are numbered otherwise in version 2 (RFC 9369 s. 3.2).
    const fn is_second(self) -> bool {
        matches!(self.0, 0x6b33_43cf | 0x709a_50c4)
    }

    /// `QUIC v1`, `QUIC draft-29`, `gQUIC Q043`, …
    pub fn text(self) -> String {
        match self.0 {
            1 => "QUIC v1".to_owned(),
            0x6b33_43cf => "QUIC v2".to_owned(),
            0x709a_50c4 => "QUIC v2 draft".to_owned(),
            0xff00_0001..=0xff00_00ff => format!("QUIC draft-{}", self.0 & 0xff),
            0xface_b000..=0xface_b0ff => format!("QUIC mvfst {:08x}", self.0),
            _ if self.is_google() => {
                format!("gQUIC {}", self.0.to_be_bytes().map(char::from).iter().collect::<String>())
            }
            _ => format!("QUIC {:#010x}", self.0),
        }
    }
}

/// What a long header says the packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// With the hellos.
    Initial,
    /// Data that comes with the client's first flight.
    ZeroRtt,
    /// The rest of the handshake.
    Handshake,
    /// The server asks for another Initial with its token.
    Retry,
}

/// A packet with a long header, in its datagram.
#[derive(Debug, Clone, Copy)]
pub struct LongPacket<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its version, never Version Negotiation.
    pub version: Version,
    /// Destination connection identifier.
    pub destination: ConnectionId,
    /// Source connection identifier.
    pub source: ConnectionId,
    /// The packet from its first byte on, as far as it is in the datagram.
    pub bytes: &'a [u8],
    /// Where the packet number stands in `bytes`.
    pub number_at: usize,
    /// Bytes of `bytes` that the header announces are missing.
    pub is_cut: bool,
}

impl<'a> LongPacket<'a> {
    /// Reads the packet at the beginning of `bytes`; gives what follows it in the datagram.
    pub fn parse(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut reader = Reader(bytes);
        let first = reader.u8()?;
        let version = Version(reader.u32()?);
        if first & 0x80 == 0 || version == Version::NEGOTIATION || version.schemes().is_empty() {
            return None;
        }
        let destination = ConnectionId::read(&mut reader)?;
        let source = ConnectionId::read(&mut reader)?;
        let kind = match (first >> 4 & 3).wrapping_sub(u8::from(version.is_second())) & 3 {
            0 => Kind::Initial,
            1 => Kind::ZeroRtt,
            2 => Kind::Handshake,
            _ => Kind::Retry,
        };
        if kind == Kind::Retry {
            let retry = Self { kind, version, destination, source, bytes, number_at: bytes.len(), is_cut: false };
            return Some((retry, &[]));
        }
        if kind == Kind::Initial {
            let token_len = usize::try_from(varint(&mut reader)?).ok()?;
            reader.take(token_len)?;
        }
        let len = usize::try_from(varint(&mut reader)?).ok()?;
        let number_at = bytes.len() - reader.0.len();
        let is_cut = len > reader.0.len();
        let (bytes, rest) = bytes.split_at_checked(number_at.saturating_add(len)).unwrap_or((bytes, &[]));
        // A number and a sample for header protection (RFC 9001 s. 5.4.2).
        (len >= 20).then_some((Self { kind, version, destination, source, bytes, number_at, is_cut }, rest))
    }
}

/// A number of 1, 2, 4 or 8 bytes (RFC 9000 s. 16).
pub fn varint(reader: &mut Reader<'_>) -> Option<u64> {
    let &first = reader.0.first()?;
    let bytes = reader.take(1 << (first >> 6))?;
    Some(bytes.iter().skip(1).fold(u64::from(first & 0x3f), |value, &byte| value << 8 | u64::from(byte)))
}

/// The versions that a server offers in Version Negotiation (RFC 8999 s. 6); `None` when it is none.
pub fn negotiation(bytes: &[u8]) -> Option<impl Iterator<Item = Version>> {
    let mut reader = Reader(bytes);
    if reader.u8()? & 0x80 == 0 || reader.u32()? != 0 {
        return None;
    }
    ConnectionId::read(&mut reader)?;
    ConnectionId::read(&mut reader)?;
    let fits = !reader.is_empty() && reader.0.len().is_multiple_of(4) && reader.0.len() <= 256;
    fits.then(|| std::iter::from_fn(move || reader.u32().map(Version)))
}
