//! The ClientHello (RFC 8446 s. 4.1.2): any list of ciphers and extensions, and the shapes of some clients.

use crate::bytes::Put;
use crate::random::Random;
use crate::tls::{self, extension, handshake};

/// A ClientHello.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientHello {
    /// The version in the record's header.
    pub record_version: u16,
    /// The version in the hello.
    pub version: u16,
    /// Random.
    pub random: [u8; 32],
    /// Legacy session identifier.
    pub session_id: Vec<u8>,
    /// Cipher suites in their order, GREASE included.
    pub ciphers: Vec<u16>,
    /// Extensions in their order: type and body.
    pub extensions: Vec<(u16, Vec<u8>)>,
}

/// Cipher suites of Apple's stack in macOS 10.15 and iOS 13.
const CIPHERS_MACOS_10_15: [u16; 26] = [
    0x1301, 0x1302, 0x1303, 0xc02c, 0xc02b, 0xc024, 0xc023, 0xc00a, 0xc009, 0xcca9, 0xc030, 0xc02f, 0xc028, 0xc027,
    0xc014, 0xc013, 0xcca8, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0xc008, 0xc012, 0x000a,
];

const SIGNATURES_MACOS_10_15: [u16; 11] =
    [0x0403, 0x0804, 0x0401, 0x0503, 0x0203, 0x0805, 0x0805, 0x0501, 0x0806, 0x0601, 0x0201];

impl ClientHello {
    /// A hello without extensions that offers one cipher in TLS 1.2.
    pub fn bare(random: &mut Random) -> Self {
        Self {
            record_version: tls::TLS_1_0,
            version: tls::TLS_1_2,
            random: random.array(),
            session_id: Vec::new(),
            ciphers: vec![0xc02f],
            extensions: Vec::new(),
        }
    }

    /// A small TLS 1.2 hello with a name and ALPN `h2,http/1.1`.
    pub fn simple(random: &mut Random, name: &str) -> Self {
        let mut hello = Self::bare(random);
        hello.ciphers = vec![0xc02b, 0xc02f, 0xc02c, 0xc030];
        hello
            .with(extension::SERVER_NAME, server_name(name))
            .with(extension::SUPPORTED_GROUPS, list_u16(&[29, 23]))
            .with(extension::EC_POINT_FORMATS, vec![1, 0])
            .with(extension::SIGNATURE_ALGORITHMS, list_u16(&[0x0403, 0x0401]))
            .with(extension::ALPN, alpn(&["h2", "http/1.1"]))
    }

    /// Apple's stack in macOS 10.15: TLS 1.3 offered, ALPN as given (JA4 `t13d2613h2_2802a3db6c62_845d286b0d67` with
    /// `h2`, JA3 `6fa3244afc6bb6f9fad207b6b52af26b`), padded to 512 bytes.
    pub fn macos_10_15(random: &mut Random, name: &str, protocols: &[&str]) -> Self {
        let mut hello = Self::bare(random);
        hello.session_id = random.bytes(32);
        hello.ciphers = CIPHERS_MACOS_10_15.to_vec();
        let mut key_share = Vec::new();
        key_share.block_u16(|out| {
            out.put_u16(29);
            out.block_u16(|out| out.put(&random.bytes(32)));
        });
        hello
            .with(extension::RENEGOTIATION_INFO, vec![0])
            .with(extension::SERVER_NAME, server_name(name))
            .with(extension::EXTENDED_MASTER_SECRET, Vec::new())
            .with(extension::SIGNATURE_ALGORITHMS, list_u16(&SIGNATURES_MACOS_10_15))
            .with(extension::STATUS_REQUEST, vec![1, 0, 0, 0, 0])
            .with(extension::SIGNED_CERTIFICATE_TIMESTAMP, Vec::new())
            .with(extension::ALPN, alpn(protocols))
            .with(extension::EC_POINT_FORMATS, vec![1, 0])
            .with(extension::KEY_SHARE, key_share)
            .with(extension::PSK_KEY_EXCHANGE_MODES, vec![1, 1])
            .with(extension::SUPPORTED_VERSIONS, versions(&[tls::TLS_1_3, tls::TLS_1_2, 0x0302, 0x0301]))
            .with(extension::SUPPORTED_GROUPS, list_u16(&[29, 23, 24, 25]))
            .padded_to(512)
    }

    /// The shape of Chrome with GREASE (RFC 8701) in ciphers, groups, versions, key shares and extensions.
    pub fn with_grease(random: &mut Random, name: &str) -> Self {
        let mut grease = || {
            // 0x0a0a, 0x1a1a … 0xfafa.
            let nibble = u16::try_from(random.between(0, 16)).unwrap_or(0);
            0x0a0a | (nibble << 12) | (nibble << 4)
        };
        let (cipher, group, version, first) = (grease(), grease(), grease(), grease());
        let last = if first == 0xfafa { 0x0a0a } else { 0xfafa };
        let mut hello = Self::bare(random);
        hello.session_id = random.bytes(32);
        hello.ciphers = vec![
            cipher, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
            0x009d, 0x002f, 0x0035,
        ];
        let mut key_share = Vec::new();
        key_share.block_u16(|out| {
            out.put_u16(group);
            out.block_u16(|out| out.put_u8(0));
            out.put_u16(29);
            out.block_u16(|out| out.put(&random.bytes(32)));
        });
        let signatures = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
        hello
            .with(first, Vec::new())
            .with(extension::SERVER_NAME, server_name(name))
            .with(extension::EXTENDED_MASTER_SECRET, Vec::new())
            .with(extension::RENEGOTIATION_INFO, vec![0])
            .with(extension::SUPPORTED_GROUPS, list_u16(&[group, 29, 23, 24]))
            .with(extension::EC_POINT_FORMATS, vec![1, 0])
            .with(extension::SESSION_TICKET, Vec::new())
            .with(extension::ALPN, alpn(&["h2", "http/1.1"]))
            .with(extension::STATUS_REQUEST, vec![1, 0, 0, 0, 0])
            .with(extension::SIGNATURE_ALGORITHMS, list_u16(&signatures))
            .with(extension::SIGNED_CERTIFICATE_TIMESTAMP, Vec::new())
            .with(extension::KEY_SHARE, key_share)
            .with(extension::PSK_KEY_EXCHANGE_MODES, vec![1, 1])
            .with(extension::SUPPORTED_VERSIONS, versions(&[version, tls::TLS_1_3, tls::TLS_1_2]))
            .with(27, vec![2, 0, 2])
            .with(last, vec![0])
            .padded_to(512)
    }

    /// The same with an extension more.
    #[must_use]
    pub fn with(mut self, kind: u16, body: Vec<u8>) -> Self {
        self.extensions.push((kind, body));
        self
    }

    /// The same without an extension.
    #[must_use]
    pub fn without(mut self, kind: u16) -> Self {
        self.extensions.retain(|(other, _)| *other != kind);
        self
    }

    /// The same with padding (RFC 7685) that makes the handshake message this long, if it is shorter by five bytes or
    /// more.
    #[must_use]
    pub fn padded_to(self, len: usize) -> Self {
        match len.checked_sub(self.to_message().len() + 4) {
            Some(missing) if missing > 0 => self.with(extension::PADDING, vec![0; missing]),
            _ => self,
        }
    }

    /// The handshake message.
    pub fn to_message(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(512);
        body.put_u16(self.version);
        body.put(&self.random);
        body.block_u8(|out| out.put(&self.session_id));
        body.put(&list_u16(&self.ciphers));
        body.put(&[1, 0]);
        if !self.extensions.is_empty() {
            body.block_u16(|out| put_extensions(out, &self.extensions));
        }
        tls::message(handshake::CLIENT_HELLO, &body)
    }

    /// The record or records that carry it.
    pub fn to_bytes(&self) -> Vec<u8> {
        tls::handshake_records(self.record_version, &self.to_message())
    }
}

pub(crate) fn put_extensions(out: &mut Vec<u8>, extensions: &[(u16, Vec<u8>)]) {
    for (kind, body) in extensions {
        out.put_u16(*kind);
        out.block_u16(|out| out.put(body));
    }
}

/// The body of `server_name` (RFC 6066 s. 3).
pub fn server_name(name: &str) -> Vec<u8> {
    let mut body = Vec::new();
    body.block_u16(|out| {
        out.put_u8(0);
        out.block_u16(|out| out.put(name.as_bytes()));
    });
    body
}

/// The body of ALPN (RFC 7301 s. 3.1).
pub fn alpn(protocols: &[&str]) -> Vec<u8> {
    let mut body = Vec::new();
    body.block_u16(|out| {
        for protocol in protocols {
            out.block_u8(|out| out.put(protocol.as_bytes()));
        }
    });
    body
}

/// A list of 16-bit numbers with its length in two bytes: groups, signature algorithms.
pub fn list_u16(numbers: &[u16]) -> Vec<u8> {
    let mut body = Vec::new();
    body.block_u16(|out| numbers.iter().for_each(|number| out.put_u16(*number)));
    body
}

/// The body of a ClientHello's `supported_versions` (RFC 8446 s. 4.2.1).
pub fn versions(versions: &[u16]) -> Vec<u8> {
    let mut body = Vec::new();
    body.block_u8(|out| versions.iter().for_each(|version| out.put_u16(*version)));
    body
}
