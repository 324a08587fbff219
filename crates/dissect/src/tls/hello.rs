//! The two hellos (RFC 8446 s. 4.1.2 and 4.1.3, RFC 5246 s. 7.4.1), read by hand, since what a hello holds has to be
//! told as far as it goes and with its extensions in their order. Also used for hellos that other protocols carry.
//!
//! ```text
//! | version 16 | random 256 | session id <8> | ciphers <16> or cipher 16 | compressions <8> or 8 | extensions <16> |
//! ```

use crate::reader::Reader;

/// Types of extensions (IANA, TLS ExtensionType Values).
pub mod extension {
    #![allow(missing_docs, reason = "the registry's names")]
    pub const SERVER_NAME: u16 = 0;
    pub const SUPPORTED_GROUPS: u16 = 10;
    pub const EC_POINT_FORMATS: u16 = 11;
    pub const SIGNATURE_ALGORITHMS: u16 = 13;
    pub const ALPN: u16 = 16;
    pub const SESSION_TICKET: u16 = 35;
    pub const PRE_SHARED_KEY: u16 = 41;
    pub const SUPPORTED_VERSIONS: u16 = 43;
    pub const KEY_SHARE: u16 = 51;
    pub const QUIC_TRANSPORT_PARAMETERS: u16 = 57;
    pub const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;
    pub const QUIC_TRANSPORT_PARAMETERS_DRAFT: u16 = 0xffa5;
    pub const ENCRYPTED_SERVER_NAME: u16 = 0xffce;
}

/// True for the values that are sent to keep servers tolerant (RFC 8701).
pub const fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0xf == 0xa
}

/// A client's hello.
#[derive(Debug, Clone, Copy)]
pub struct ClientHello<'a> {
    /// The version field, which says 1.2 at most.
    pub legacy_version: u16,
    /// Session identifier.
    pub session_id: &'a [u8],
    ciphers: &'a [u8],
    extensions: &'a [u8],
    /// Less is there than its lengths say.
    pub is_cut: bool,
}

/// What an encrypted client hello says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ech {
    /// The name in sight is the outer one.
    Outer {
        /// Identifier of the configuration that it is encrypted for.
        config_id: u8,
        /// Bytes of the encrypted inner hello.
        payload_len: u64,
    },
    /// The inner hello, in sight.
    Inner,
}

impl<'a> ClientHello<'a> {
    /// Reads the body of a message. `None` where not even the session identifier is there.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(body);
        let legacy_version = reader.u16()?;
        reader.take(32)?;
        let session_id = reader.vec8()?;
        let mut hello = Self { legacy_version, session_id, ciphers: &[], extensions: &[], is_cut: true };
        let mut rest = || {
            let ciphers_len = reader.u16()?.into();
            hello.ciphers = reader.take_up_to(ciphers_len);
            if hello.ciphers.len() < ciphers_len {
                return None;
            }
            reader.vec8()?;
            if !reader.is_empty() {
                let extensions_len = reader.u16()?.into();
                hello.extensions = reader.take_up_to(extensions_len);
                if hello.extensions.len() < extensions_len {
                    return None;
                }
            }
            Some(())
        };
        hello.is_cut = rest().is_none();
        Some(hello)
    }

    /// Cipher suites in their order.
    pub fn ciphers(&self) -> impl Iterator<Item = u16> + 'a {
        numbers(self.ciphers)
    }

    /// Extensions in their order: type and content.
    pub fn extensions(&self) -> impl Iterator<Item = (u16, &'a [u8])> + 'a {
        extensions(self.extensions)
    }

    fn extension(&self, wanted: u16) -> Option<&'a [u8]> {
        self.extensions().find(|(kind, _)| *kind == wanted).map(|(_, content)| content)
    }

    /// The first host name of the server name extension.
    pub fn server_name(&self) -> Option<&'a [u8]> {
        let mut list = Reader(Reader(self.extension(extension::SERVER_NAME)?).vec16()?);
        while let Some(kind) = list.u8() {
            let name = list.vec16()?;
            if kind == 0 {
                return Some(name).filter(|name| !name.is_empty());
            }
        }
        None
    }

    /// Application protocols in their order.
    pub fn alpn(&self) -> impl Iterator<Item = &'a [u8]> + 'a {
        protocols(self.extension(extension::ALPN).unwrap_or_default())
    }

    /// Versions of the supported_versions extension; none where it is missing.
    pub fn supported_versions(&self) -> impl Iterator<Item = u16> + 'a {
        let content = self.extension(extension::SUPPORTED_VERSIONS).unwrap_or_default();
        numbers(Reader(content).vec8().unwrap_or_default())
    }

    /// The highest version that is offered, reserved values left out. Those of DTLS count downwards.
    pub fn highest_version(&self) -> u16 {
        let versions = self.supported_versions().filter(|&version| !is_grease(version));
        let highest = if matches!(self.legacy_version, 0xfe00..=0xfeff) {
            versions.filter(|version| matches!(version, 0xfe00..=0xfeff)).min()
        } else {
            versions.max()
        };
        highest.unwrap_or(self.legacy_version)
    }

    /// Groups in their order.
    pub fn groups(&self) -> impl Iterator<Item = u16> + 'a {
        let content = self.extension(extension::SUPPORTED_GROUPS).unwrap_or_default();
        numbers(Reader(content).vec16().unwrap_or_default())
    }

    /// Point formats in their order.
    pub fn point_formats(&self) -> &'a [u8] {
        let content = self.extension(extension::EC_POINT_FORMATS).unwrap_or_default();
        Reader(content).vec8().unwrap_or_default()
    }

    /// Signature algorithms in their order.
    pub fn signature_algorithms(&self) -> impl Iterator<Item = u16> + 'a {
        let content = self.extension(extension::SIGNATURE_ALGORITHMS).unwrap_or_default();
        numbers(Reader(content).vec16().unwrap_or_default())
    }

    /// The encrypted hello (RFC 9849 s. 5): `| 0 outer | suite 32 | config 8 | enc <16> | payload <16> |` or `| 1 inner |`.
    pub fn ech(&self) -> Option<Ech> {
        let mut reader = Reader(self.extension(extension::ENCRYPTED_CLIENT_HELLO)?);
        if reader.u8()? == 1 {
            return Some(Ech::Inner);
        }
        reader.take(4)?;
        let config_id = reader.u8()?;
        reader.vec16()?;
        Some(Ech::Outer { config_id, payload_len: reader.u16()?.into() })
    }

    /// True when it brings a ticket of an earlier session (RFC 5077 s. 3.2).
    pub fn has_ticket(&self) -> bool {
        self.extension(extension::SESSION_TICKET).is_some_and(|ticket| !ticket.is_empty())
    }

    /// The transport parameters of a hello that QUIC carries (RFC 9001 s. 8.2).
    pub fn quic_parameters(&self) -> Option<&'a [u8]> {
        let draft = || self.extension(extension::QUIC_TRANSPORT_PARAMETERS_DRAFT);
        self.extension(extension::QUIC_TRANSPORT_PARAMETERS).or_else(draft)
    }

    /// Bytes of the encrypted server name of the drafts before.
    pub fn esni_len(&self) -> Option<u64> {
        self.extension(extension::ENCRYPTED_SERVER_NAME).map(|content| content.len() as u64)
    }
}

/// A server's hello.
#[derive(Debug, Clone, Copy)]
pub struct ServerHello<'a> {
    /// The version field, which says 1.2 at most.
    pub legacy_version: u16,
    random: &'a [u8],
    /// Session identifier.
    pub session_id: &'a [u8],
    /// Cipher suite agreed on.
    pub cipher: u16,
    extensions: &'a [u8],
}

/// The random of a hello that asks for another one (RFC 8446 s. 4.1.3): SHA-256 of `HelloRetryRequest`.
const RETRY: &[u8] =
    b"\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\
    \x09\xe2\xc8\xa8\x33\x9c";

impl<'a> ServerHello<'a> {
    /// Reads the body of a message. `None` where not even the cipher suite is there.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(body);
        let legacy_version = reader.u16()?;
        let random = reader.take(32)?;
        // The drafts of TLS 1.3 before the 22nd had neither session identifier nor compression.
        let is_draft = matches!(legacy_version, 0x7f00..=0x7fff);
        let session_id = if is_draft { &[] } else { reader.vec8()? };
        let cipher = reader.u16()?;
        if !is_draft {
            reader.u8();
        }
        let extensions_len = reader.u16().unwrap_or(0);
        let extensions = reader.take_up_to(extensions_len.into());
        Some(Self { legacy_version, random, session_id, cipher, extensions })
    }

    /// True when it asks for another hello.
    pub fn is_retry(&self) -> bool {
        self.random == RETRY
    }

    /// Extensions in their order: type and content.
    pub fn extensions(&self) -> impl Iterator<Item = (u16, &'a [u8])> + 'a {
        extensions(self.extensions)
    }

    fn extension(&self, wanted: u16) -> Option<&'a [u8]> {
        self.extensions().find(|(kind, _)| *kind == wanted).map(|(_, content)| content)
    }

    /// The version agreed on. Drafts of TLS 1.3 (0x7f00 and on) count as it.
    pub fn version(&self) -> u16 {
        let selected = self.extension(extension::SUPPORTED_VERSIONS).and_then(|content| Reader(content).u16());
        selected.unwrap_or(self.legacy_version)
    }

    /// The application protocol agreed on.
    pub fn alpn(&self) -> Option<&'a [u8]> {
        protocols(self.extension(extension::ALPN)?).next()
    }

    /// The group in which keys are agreed on (RFC 8446 s. 4.2.8): TLS 1.3 only.
    pub fn group(&self) -> Option<u16> {
        Reader(self.extension(extension::KEY_SHARE)?).u16()
    }

    /// True when the session goes on from a pre-shared key (RFC 8446 s. 4.2.11).
    pub fn has_pre_shared_key(&self) -> bool {
        self.extension(extension::PRE_SHARED_KEY).is_some()
    }
}

fn numbers<'a>(bytes: &'a [u8]) -> impl Iterator<Item = u16> + 'a {
    let mut reader = Reader(bytes);
    std::iter::from_fn(move || reader.u16())
}

fn extensions<'a>(bytes: &'a [u8]) -> impl Iterator<Item = (u16, &'a [u8])> + 'a {
    let mut reader = Reader(bytes);
    std::iter::from_fn(move || Some((reader.u16()?, reader.vec16()?)))
}

fn protocols<'a>(content: &'a [u8]) -> impl Iterator<Item = &'a [u8]> + 'a {
    let mut reader = Reader(Reader(content).vec16().unwrap_or_default());
    std::iter::from_fn(move || reader.vec8())
}
