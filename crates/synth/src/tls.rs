//! TLS records and handshake messages (RFC 5246, RFC 8446) in the clear parts of a connection.
//!
//! Nothing is encrypted: what would be is filler of the right length. [`hello`] makes the ClientHello, [`session`]
//! plays handshakes over a connection.

pub mod hello;
pub mod session;

use crate::bytes::{Put, len_u16};

/// Content types of records (IANA, TLS ContentType).
pub mod content {
    #![allow(missing_docs, reason = "the registry's names")]
    pub const CHANGE_CIPHER_SPEC: u8 = 20;
    pub const ALERT: u8 = 21;
    pub const HANDSHAKE: u8 = 22;
    pub const APPLICATION_DATA: u8 = 23;
}

/// Handshake types (IANA, TLS HandshakeType).
pub mod handshake {
    #![allow(missing_docs, reason = "the registry's names")]
    pub const CLIENT_HELLO: u8 = 1;
    pub const SERVER_HELLO: u8 = 2;
    pub const NEW_SESSION_TICKET: u8 = 4;
    pub const CERTIFICATE: u8 = 11;
    pub const SERVER_KEY_EXCHANGE: u8 = 12;
    pub const SERVER_HELLO_DONE: u8 = 14;
    pub const CLIENT_KEY_EXCHANGE: u8 = 16;
    pub const FINISHED: u8 = 20;
    pub const CERTIFICATE_STATUS: u8 = 22;
}

/// Extension types (IANA, TLS ExtensionType Values).
pub mod extension {
    #![allow(missing_docs, reason = "the registry's names")]
    pub const SERVER_NAME: u16 = 0;
    pub const STATUS_REQUEST: u16 = 5;
    pub const SUPPORTED_GROUPS: u16 = 10;
    pub const EC_POINT_FORMATS: u16 = 11;
    pub const SIGNATURE_ALGORITHMS: u16 = 13;
    pub const ALPN: u16 = 16;
    pub const SIGNED_CERTIFICATE_TIMESTAMP: u16 = 18;
    pub const PADDING: u16 = 21;
    pub const EXTENDED_MASTER_SECRET: u16 = 23;
    pub const SESSION_TICKET: u16 = 35;
    pub const PRE_SHARED_KEY: u16 = 41;
    pub const SUPPORTED_VERSIONS: u16 = 43;
    pub const PSK_KEY_EXCHANGE_MODES: u16 = 45;
    pub const KEY_SHARE: u16 = 51;
    pub const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;
    pub const RENEGOTIATION_INFO: u16 = 0xff01;
}

/// TLS 1.0 as a record or a hello writes it.
pub const TLS_1_0: u16 = 0x0301;
/// TLS 1.2.
pub const TLS_1_2: u16 = 0x0303;
/// TLS 1.3.
pub const TLS_1_3: u16 = 0x0304;

/// The most plain bytes that one record carries.
pub const RECORD_LIMIT: usize = 16_384;

/// One record.
pub fn record(content_type: u8, version: u16, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(5 + body.len());
    out.put_u8(content_type);
    out.put_u16(version);
    out.put_u16(len_u16(body.len()));
    out.put(body);
    out
}

/// A handshake message with its four-byte header.
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.block_u24(|out| out.put(body));
    out
}

/// Handshake messages in as many records as their length asks for.
pub fn handshake_records(version: u16, messages: &[u8]) -> Vec<u8> {
    messages.chunks(RECORD_LIMIT).flat_map(|chunk| record(content::HANDSHAKE, version, chunk)).collect()
}

/// Application data: records whose plain text has `len` bytes altogether. Each record carries 24 bytes more than its
/// plain text, as with AES-GCM in TLS 1.2 (an explicit nonce and a tag). The content is filler.
pub fn application_data(len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(len + (len / RECORD_LIMIT + 1) * 29);
    let mut left = len;
    while left > 0 {
        let part = left.min(RECORD_LIMIT);
        out.put_u8(content::APPLICATION_DATA);
        out.put_u16(TLS_1_2);
        out.put_u16(len_u16(part + 24));
        filler(&mut out, part + 24);
        left -= part;
    }
    out
}

/// A record of encrypted bytes of any type, `len` bytes after its header.
pub fn encrypted(content_type: u8, len: usize) -> Vec<u8> {
    let mut body = Vec::with_capacity(len);
    filler(&mut body, len);
    record(content_type, TLS_1_2, &body)
}

/// An alert in the clear: level and description.
pub fn alert(level: u8, description: u8) -> Vec<u8> {
    record(content::ALERT, TLS_1_2, &[level, description])
}

/// ChangeCipherSpec.
pub fn change_cipher_spec() -> Vec<u8> {
    record(content::CHANGE_CIPHER_SPEC, TLS_1_2, &[1])
}

/// Bytes in the place of ciphertext. They are all alike, so that examples compress well.
fn filler(out: &mut Vec<u8>, len: usize) {
    out.resize(out.len() + len, 0xa5);
}
