//! What the messages of a handshake say, whatever carries them: records over a stream, QUIC, DTLS (RFC 8446 s. 4,
//! RFC 5246 s. 7.4). The carrier puts each message together and hands over type and body.
//!
//! Left out: all messages but the hellos and the certificate.

use firstlight_model::{Direction, Observation, Value};

use super::certificate;
use super::fingerprint::{self, Carried};
use super::hello::{ClientHello, Ech, ServerHello};
use super::words::version_text;
use super::{
    ALPN, CIPHER, ECH, ECH_CONFIG, ECH_KIND, ESNI, GROUP, JA3, JA3_RAW, JA3S, JA3S_RAW, JA4, JA4_RAW, MALFORMED,
    OFFERED, RESUMED, RETRY, SERVER_NAME, VERSION,
};
use crate::Sink;

/// Types of messages (IANA, TLS HandshakeType).
pub mod kind {
    #![allow(missing_docs, reason = "the registry's names")]
    pub const CLIENT_HELLO: u8 = 1;
    pub const SERVER_HELLO: u8 = 2;
    pub const HELLO_VERIFY_REQUEST: u8 = 3;
    pub const HELLO_RETRY_REQUEST_DRAFT: u8 = 6;
    pub const CERTIFICATE: u8 = 11;
    pub const SERVER_HELLO_DONE: u8 = 14;
}

/// Is a message there to its end?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// It is.
    Whole,
    /// The rest is not in the capture.
    Cut,
}

/// What follows a message in its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// More may be read.
    Clear,
    /// All that follows is encrypted.
    Encrypted,
}

/// A handshake, as far as it is in the clear.
pub struct Handshake {
    carried: Carried,
    /// Session identifier of the client's hello, for resumption.
    client_session: Vec<u8>,
    client_has_ticket: bool,
    client_hello_seen: bool,
    /// The last hello of the server was a retry: what follows is in the clear still.
    retried: bool,
    server_hello_seen: bool,
    server_is_past_resumption: bool,
    resumption_said: bool,
}

impl Handshake {
    /// Nothing was read yet.
    pub fn new(carried: Carried) -> Self {
        Self {
            carried,
            client_session: Vec::new(),
            client_has_ticket: false,
            client_hello_seen: false,
            retried: false,
            server_hello_seen: false,
            server_is_past_resumption: false,
            resumption_said: false,
        }
    }

    /// True for the messages that [`Self::message`] reads; the others need not be kept.
    pub const fn wants(kind: u8) -> bool {
        matches!(kind, kind::CLIENT_HELLO | kind::SERVER_HELLO | kind::CERTIFICATE)
    }

    /// A client's hello was read.
    pub const fn has_client_hello(&self) -> bool {
        self.client_hello_seen
    }

    /// A server's hello, other than a retry, was read.
    pub const fn has_server_hello(&self) -> bool {
        self.server_hello_seen
    }

    /// Reads the body of a message. For DTLS, a client's hello comes without its cookie.
    pub fn message(&mut self, direction: Direction, kind: u8, body: &[u8], whole: Whole, sink: &mut dyn Sink) -> After {
        match kind {
            kind::CLIENT_HELLO if !self.client_hello_seen => {
                self.client_hello_seen = true;
                match ClientHello::parse(body) {
                    Some(hello) => {
                        self.client_session = hello.session_id.to_vec();
                        self.client_has_ticket = hello.has_ticket();
                        observe_client_hello(&hello, self.carried, direction, whole, sink);
                    }
                    None => say_malformed(direction, whole, sink),
                }
            }
            kind::SERVER_HELLO => match ServerHello::parse(body) {
                Some(hello) => return self.server_hello(direction, &hello, whole, sink),
                None => say_malformed(direction, whole, sink),
            },
            kind::CERTIFICATE => {
                self.server_is_past_resumption |= direction == Direction::Responder;
                if !certificate::observe(body, direction, sink) {
                    say_malformed(direction, whole, sink);
                }
            }
            kind::SERVER_HELLO_DONE => self.server_is_past_resumption |= direction == Direction::Responder,
            kind::HELLO_RETRY_REQUEST_DRAFT => self.retried = true,
            _ => {}
        }
        After::Clear
    }

    /// Bytes of this direction are missing: what they would have shown cannot be told.
    pub fn lost(&mut self, direction: Direction) {
        self.server_is_past_resumption |= direction == Direction::Responder;
    }

    /// The sender changes to encryption.
    pub fn change_cipher_spec(&mut self, direction: Direction, sink: &mut dyn Sink) -> After {
        if direction == Direction::Responder {
            if self.retried {
                return After::Clear;
            }
            // A server that goes on from an earlier session sends neither certificate nor keys (RFC 5246 s. 7.3).
            if self.server_hello_seen && !self.server_is_past_resumption {
                if self.client_has_ticket {
                    self.say_resumed(direction, "session ticket", sink);
                } else if !self.client_session.is_empty() {
                    self.say_resumed(direction, "session", sink);
                }
            }
        }
        After::Encrypted
    }

    fn server_hello(
        &mut self,
        direction: Direction,
        hello: &ServerHello<'_>,
        whole: Whole,
        sink: &mut dyn Sink,
    ) -> After {
        let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
        if hello.is_retry() {
            self.retried = true;
            say(&RETRY, Value::Number(1));
            return After::Clear;
        }
        self.retried = false;
        self.server_hello_seen = true;
        let version = hello.version();
        say(&VERSION, Value::Text(version_text(version)));
        say(&CIPHER, Value::Number(hello.cipher.into()));
        if let Some(group) = hello.group() {
            say(&GROUP, Value::Number(group.into()));
        }
        if let Some(protocol) = hello.alpn() {
            say(&ALPN, Value::Text(&String::from_utf8_lossy(protocol)));
        }
        if whole == Whole::Cut {
            say_malformed(direction, whole, sink);
            return After::Clear;
        }
        let ja3s = fingerprint::ja3s_raw(hello);
        say(&JA3S, Value::Text(&fingerprint::md5_hex(&ja3s)));
        say(&JA3S_RAW, Value::Text(&ja3s));
        // TLS 1.3 with its drafts, DTLS 1.3.
        if matches!(version, 0x0304..=0xfdff | 0xfefc) {
            if hello.has_pre_shared_key() {
                self.say_resumed(direction, "pre-shared key", sink);
            }
            return After::Encrypted;
        }
        if !hello.session_id.is_empty() && hello.session_id == self.client_session && !self.client_has_ticket {
            self.say_resumed(direction, "session", sink);
        }
        After::Clear
    }

    fn say_resumed(&mut self, direction: Direction, how: &str, sink: &mut dyn Sink) {
        if !self.resumption_said {
            self.resumption_said = true;
            sink.observe(Observation { field: &RESUMED, direction, value: Value::Text(how) });
        }
    }
}

fn say_malformed(direction: Direction, whole: Whole, sink: &mut dyn Sink) {
    let text = match whole {
        Whole::Whole => "a handshake message does not hold together",
        Whole::Cut => "a handshake message is not whole in the capture",
    };
    sink.observe(Observation { field: &MALFORMED, direction, value: Value::Text(text) });
}

/// Fingerprints are of whole hellos only: half a one looks like another program's.
fn observe_client_hello(
    hello: &ClientHello<'_>,
    carried: Carried,
    direction: Direction,
    whole: Whole,
    sink: &mut dyn Sink,
) {
    let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
    if let Some(name) = hello.server_name() {
        say(&SERVER_NAME, Value::Text(&String::from_utf8_lossy(name).to_ascii_lowercase()));
    }
    match hello.ech() {
        Some(Ech::Outer { config_id, payload_len }) => {
            say(&ECH, Value::Number(payload_len));
            say(&ECH_KIND, Value::Text("outer"));
            say(&ECH_CONFIG, Value::Number(config_id.into()));
        }
        Some(Ech::Inner) => say(&ECH_KIND, Value::Text("inner")),
        None => {}
    }
    if let Some(len) = hello.esni_len() {
        say(&ESNI, Value::Number(len));
    }
    say(&OFFERED, Value::Text(version_text(hello.highest_version())));
    for protocol in hello.alpn().take(16) {
        say(&ALPN, Value::Text(&String::from_utf8_lossy(protocol)));
    }
    if whole == Whole::Cut || hello.is_cut {
        return say_malformed(direction, whole, sink);
    }
    let ja3 = fingerprint::ja3_raw(hello);
    say(&JA3, Value::Text(&fingerprint::md5_hex(&ja3)));
    say(&JA3_RAW, Value::Text(&ja3));
    let ja4 = fingerprint::ja4(hello, carried);
    say(&JA4, Value::Text(&ja4.hashed));
    say(&JA4_RAW, Value::Text(&ja4.raw));
}
