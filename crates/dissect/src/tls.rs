//! TLS 1.0 to 1.3 and SSL 3 over streams, on any port (RFC 8446, RFC 5246, RFC 6101): what both sides say in the clear.
//!
//! ```text
//! | content type 8 | version 16 | length 16 | … |        handshake: | type 8 | length 24 | … |
//! ```
//!
//! Handshake messages are put together over records and segments in any cutting; a side is read until it changes to
//! encryption. Left out: decryption, a second hello after a retry, what an SSL 2 hello holds beyond its version.

mod certificate;
pub mod fingerprint;
pub(crate) mod handshake;
pub mod hello;
mod record;
pub(crate) mod words;

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::limits::{TLS_HANDSHAKE_LEN_BYTES, TLS_LOST_LEN_BYTES, TLS_ONE_SIDED_LEN_BYTES};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink};
use fingerprint::Carried;
use handshake::{After, Handshake, Whole};
use record::{Record, Records, Step, content};
use words::{alert_text, version_text};

/// Server name that the client asks for.
pub static SERVER_NAME: Field =
    Field { name: "tls.handshake.extensions_server_name", role: Role::ServerName, reference: "RFC 6066 s. 3" };
/// Application protocols: those that the originator offers, the one that the responder agrees to.
pub static ALPN: Field =
    Field { name: "tls.handshake.extensions_alpn_str", role: Role::ApplicationProtocol, reference: "RFC 7301 s. 3.1" };
/// Version agreed on.
pub static VERSION: Field =
    Field { name: "tls.handshake.version", role: Role::Version, reference: "RFC 8446 s. 4.2.1" };
/// Highest version offered.
pub static OFFERED: Field =
    Field { name: "tls.handshake.offered_version", role: Role::Detail, reference: "RFC 8446 s. 4.2.1" };
/// Cipher suite agreed on.
pub static CIPHER: Field =
    Field { name: "tls.handshake.ciphersuite", role: Role::Detail, reference: "RFC 8446 s. B.4" };
/// Group in which keys are agreed on (IANA, TLS Supported Groups), in TLS 1.3.
pub static GROUP: Field =
    Field { name: "tls.handshake.extensions_key_share_group", role: Role::Detail, reference: "RFC 8446 s. 4.2.8" };
/// Both sides have gone over to encryption.
pub static ESTABLISHED: Field =
    Field { name: "tls.established", role: Role::Detail, reference: "RFC 8446 s. 2; RFC 5246 s. 7.1" };
/// JA3 of the client.
pub static JA3: Field = Field { name: "tls.ja3", role: Role::Fingerprint, reference: "salesforce/ja3 1.0" };
/// What JA3 is the digest of.
pub static JA3_RAW: Field = Field { name: "tls.ja3_raw", role: Role::FingerprintText, reference: "salesforce/ja3 1.0" };
/// JA3S of the server.
pub static JA3S: Field = Field { name: "tls.ja3s", role: Role::Fingerprint, reference: "salesforce/ja3 1.0" };
/// What JA3S is the digest of.
pub static JA3S_RAW: Field =
    Field { name: "tls.ja3s_raw", role: Role::FingerprintText, reference: "salesforce/ja3 1.0" };
/// JA4 of the client.
pub static JA4: Field = Field { name: "tls.ja4", role: Role::Fingerprint, reference: "FoxIO JA4, BSD-3-Clause part" };
/// What JA4 holds the digests of.
pub static JA4_RAW: Field = Field { name: "tls.ja4_raw", role: Role::FingerprintText, reference: "FoxIO JA4_r" };
/// Encrypted hello: bytes of its payload.
pub static ECH: Field = Field { name: "tls.ech", role: Role::HiddenName, reference: "RFC 9849 s. 5" };
/// Whether the encrypted hello is an outer one or the inner one itself.
pub static ECH_KIND: Field = Field { name: "tls.ech.type", role: Role::Detail, reference: "RFC 9849 s. 5" };
/// Which of the server's configurations the hello is encrypted for. Browsers that send a meaningless one pick it at
/// random: on its own it tells nothing, and real ones are told by the outer name.
pub static ECH_CONFIG: Field =
    Field { name: "tls.ech.config_id", role: Role::Detail, reference: "RFC 9849 s. 5 and 6.2" };
/// Encrypted server name, of the drafts before ECH: bytes of it.
pub static ESNI: Field = Field { name: "tls.esni", role: Role::HiddenName, reference: "draft-ietf-tls-esni-02 s. 4.1" };
/// The server asks for another hello.
pub static RETRY: Field = Field { name: "tls.hello_retry_request", role: Role::Detail, reference: "RFC 8446 s. 4.1.4" };
/// An earlier session goes on: by `session`, `session ticket` or `pre-shared key`.
pub static RESUMED: Field =
    Field { name: "tls.resumed", role: Role::Detail, reference: "RFC 5246 s. 7.3; RFC 8446 s. 2.2" };
/// A certificate in the clear.
pub static CERTIFICATE: Field =
    Field { name: "tls.handshake.certificate", role: Role::CertificateNames, reference: "RFC 5246 s. 7.4.2" };
/// An alert in the clear.
pub static ALERT: Field = Field { name: "tls.alert", role: Role::Anomaly, reference: "RFC 8446 s. 6" };
/// A message that does not hold together, or is not whole in the capture.
pub static MALFORMED: Field = Field { name: "tls.malformed", role: Role::Anomaly, reference: "RFC 8446 s. 4" };
/// More than is kept.
pub static LIMIT: Field = Field { name: "tls.limit", role: Role::Anomaly, reference: "Firstlight, limits" };

/// TLS.
pub static DISSECTOR: Dissector = Dissector {
    name: "tls",
    carrier: Carrier::Tcp,
    encrypted: Some(true),
    fields: &[
        &SERVER_NAME,
        &ALPN,
        &VERSION,
        &OFFERED,
        &CIPHER,
        &GROUP,
        &ESTABLISHED,
        &JA3,
        &JA3_RAW,
        &JA3S,
        &JA3S_RAW,
        &JA4,
        &JA4_RAW,
        &ECH,
        &ECH_KIND,
        &ECH_CONFIG,
        &ESNI,
        &RETRY,
        &RESUMED,
        &CERTIFICATE,
        &ALERT,
        &MALFORMED,
        &LIMIT,
    ],
    samples: &[SAMPLE_12, SAMPLE_13, SAMPLE_ESNI, SAMPLE_LONG],
    probe: record::probe,
    open: |context| Box::new(Tls::new(context)),
};

const CONTEXT: Context = Context { originator_port: 50_000, responder_port: 8443, from_start: true };

/// TLS 1.2 in full: certificate, then a broken one, an alert.
const SAMPLE_12: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, include_bytes!("../samples/tls12-client.bin")),
        (Direction::Responder, include_bytes!("../samples/tls12-server.bin")),
        (Direction::Originator, include_bytes!("../samples/tls12-client-alert.bin")),
    ],
};

/// TLS 1.3 with a retry, an outer encrypted hello and a pre-shared key.
const SAMPLE_13: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, include_bytes!("../samples/tls13-client.bin")),
        (Direction::Responder, include_bytes!("../samples/tls13-server.bin")),
        (Direction::Originator, b"\x14\x03\x03\x00\x01\x01\x17\x03\x03\x00\x05\x01\x02\x03\x04\x05"),
    ],
};

/// A hello with an encrypted server name, over three records.
const SAMPLE_ESNI: Sample =
    Sample { context: CONTEXT, pushes: &[(Direction::Originator, include_bytes!("../samples/tls-esni-client.bin"))] };

/// A hello that says it is longer than is kept.
const SAMPLE_LONG: Sample = Sample {
    context: CONTEXT,
    pushes: &[(Direction::Originator, b"\x16\x03\x01\x00\x08\x01\x02\x00\x00\x03\x03\x00\x00")],
};

struct Tls {
    sides: [Side; 2],
    handshake: Handshake,
}

#[derive(Default)]
struct Side {
    records: Records,
    /// Handshake bytes that are not a whole message yet.
    kept: Vec<u8>,
    /// Bytes of a handshake message that nobody wants.
    skip: usize,
    alert: Vec<u8>,
    /// Bytes since the records were lost, in any cutting.
    lost_len: u64,
    is_done: bool,
    is_encrypted: bool,
    len_since_done: u64,
}

impl Tls {
    fn new(context: &Context) -> Self {
        let side = || Side { records: Records::new(context.from_start), ..Side::default() };
        Self { sides: [side(), side()], handshake: Handshake::new(Carried::Tcp) }
    }
}

impl Dissect for Tls {
    fn held_len(&self) -> usize {
        self.sides.iter().map(|side| side.kept.capacity() + side.alert.capacity()).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let mut rest = match chunk {
            Chunk::Data(bytes) => bytes,
            Chunk::Gap(len) => {
                self.gap(direction, len, sink);
                return self.need();
            }
        };
        self.side(direction).records.begin_chunk(rest);
        while !rest.is_empty() {
            let side = self.side(direction);
            if side.is_done {
                side.len_since_done = side.len_since_done.saturating_add(rest.len() as u64);
                break;
            }
            let was_lost = side.records.is_lost();
            let (taken, step) = side.records.push(rest);
            let (bytes, after) = rest.split_at_checked(taken).unwrap_or((rest, &[]));
            rest = after;
            match step {
                Step::More => {}
                Step::Lost => {
                    side.kept = Vec::new();
                    let lost = if was_lost { bytes.len() } else { rest.len() };
                    side.lost_len = side.lost_len.saturating_add(lost as u64);
                    side.is_done = side.lost_len > TLS_LOST_LEN_BYTES;
                    break;
                }
                Step::Ssl2Hello { version } => {
                    let value = Value::Text(version_text(version));
                    sink.observe(Observation { field: &OFFERED, direction, value });
                }
                Step::Piece(record) => self.piece(direction, record, bytes, sink),
            }
        }
        self.need()
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        for direction in [Direction::Originator, Direction::Responder] {
            self.end_cut_message(direction, sink);
        }
    }
}

impl Tls {
    fn side(&mut self, direction: Direction) -> &mut Side {
        let [originator, responder] = &mut self.sides;
        match direction {
            Direction::Originator => originator,
            Direction::Responder => responder,
        }
    }

    fn need(&self) -> Need {
        let [originator, responder] = &self.sides;
        let waits = |side: &Side, other: &Side| !side.is_done && other.len_since_done < TLS_ONE_SIDED_LEN_BYTES;
        if waits(originator, responder) || waits(responder, originator) { Need::More } else { Need::Nothing }
    }

    fn gap(&mut self, direction: Direction, len: u64, sink: &mut dyn Sink) {
        self.end_cut_message(direction, sink);
        self.handshake.lost(direction);
        let side = self.side(direction);
        side.skip = 0;
        side.alert.clear();
        side.records.gap(len);
        if side.is_done {
            side.len_since_done = side.len_since_done.saturating_add(len);
        }
    }

    /// A piece of a record's content.
    fn piece(&mut self, direction: Direction, record: Record, bytes: &[u8], sink: &mut dyn Sink) {
        match record.content_type {
            content::HANDSHAKE => self.handshake_bytes(direction, bytes, sink),
            content::ALERT if record.len == 2 => {
                let side = self.side(direction);
                side.alert.extend_from_slice(bytes);
                if let [level, description] = *side.alert {
                    side.alert.clear();
                    side.is_done = level == 2;
                    let text = alert_text(level, description);
                    // That one closes the connection is no fault (RFC 8446 s. 6.1).
                    if description != 0 {
                        sink.observe(Observation { field: &ALERT, direction, value: Value::Text(&text) });
                    }
                }
            }
            content::CHANGE_CIPHER_SPEC => {
                if self.handshake.change_cipher_spec(direction, sink) == After::Encrypted {
                    self.encrypted(direction, sink);
                }
            }
            content::APPLICATION_DATA => self.encrypted(direction, sink),
            _ => self.end_side(direction),
        }
    }

    /// The side has gone over to encryption.
    fn encrypted(&mut self, direction: Direction, sink: &mut dyn Sink) {
        self.end_side(direction);
        let was_encrypted = std::mem::replace(&mut self.side(direction).is_encrypted, true);
        if !was_encrypted && self.side(direction.flipped()).is_encrypted {
            let direction = Direction::Originator;
            sink.observe(Observation { field: &ESTABLISHED, direction, value: Value::Number(1) });
        }
    }

    fn end_side(&mut self, direction: Direction) {
        let side = self.side(direction);
        side.is_done = true;
        side.kept = Vec::new();
    }

    fn handshake_bytes(&mut self, direction: Direction, bytes: &[u8], sink: &mut dyn Sink) {
        let mut kept = std::mem::take(&mut self.side(direction).kept);
        let mut rest = bytes;
        while !rest.is_empty() {
            let side = self.side(direction);
            if side.is_done {
                return;
            }
            let skipped = side.skip.min(rest.len());
            side.skip -= skipped;
            rest = rest.get(skipped..).unwrap_or_default();
            let wanted = match *kept.as_slice() {
                [_, a, b, c, ..] => 4 + (usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c)),
                _ => 4,
            };
            let missing = wanted.saturating_sub(kept.len());
            let (taken, after) = rest.split_at_checked(missing).unwrap_or((rest, &[]));
            kept.extend_from_slice(taken);
            rest = after;
            let [kind, a, b, c, ref body @ ..] = *kept.as_slice() else { continue };
            let len = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
            let is_wanted = Handshake::wants(kind);
            if body.len() == len {
                if self.handshake.message(direction, kind, body, Whole::Whole, sink) == After::Encrypted {
                    self.encrypted(direction, sink);
                }
                kept.clear();
            } else if body.is_empty() && (!is_wanted || len > TLS_HANDSHAKE_LEN_BYTES) {
                if is_wanted {
                    let value = Value::Text("a handshake message is longer than is read");
                    sink.observe(Observation { field: &LIMIT, direction, value });
                }
                self.side(direction).skip = len;
                kept.clear();
            }
        }
        let side = self.side(direction);
        if !side.is_done {
            side.kept = kept;
        }
    }

    /// The rest of a message will not come: says what there is of it.
    fn end_cut_message(&mut self, direction: Direction, sink: &mut dyn Sink) {
        let kept = std::mem::take(&mut self.side(direction).kept);
        if let [kind, _, _, _, ref body @ ..] = *kept.as_slice() {
            self.handshake.message(direction, kind, body, Whole::Cut, sink);
        }
    }
}
