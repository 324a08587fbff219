//! DTLS 1.0 to 1.3 (RFC 4347, RFC 6347, RFC 9147) on any port: what both sides say in the clear.
//!
//! ```text
//! record:   | content type 8 | version 16 | epoch 16 | number 48 | length 16 | … |
//! fragment: | type 8 | length 24 | message number 16 | offset 24 | length 24 | … |
//! ```
//!
//! Messages are put together from fragments in any order. Left out: decryption, the short records of 1.3, which are
//! encrypted, and flows on which another protocol (STUN) speaks first.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::limits::{DTLS_DATAGRAMS, DTLS_MESSAGES, TLS_HANDSHAKE_LEN_BYTES};
use crate::pieces::Pieces;
use crate::reader::Reader;
use crate::tls::fingerprint::Carried;
use crate::tls::handshake::{After, Handshake, Whole, kind};
use crate::tls::words::alert_text;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict, tls};

/// The server asks for the hello again, with a cookie, to see that the address is the client's.
pub static VERIFY: Field =
    Field { name: "dtls.hello_verify_request", role: Role::Detail, reference: "RFC 6347 s. 4.2.1" };
/// An alert in the clear.
pub static ALERT: Field = Field { name: "dtls.alert", role: Role::Anomaly, reference: "RFC 6347 s. 4.2.7" };
/// More than is kept.
pub static LIMIT: Field = Field { name: "dtls.limit", role: Role::Anomaly, reference: "Firstlight, limits" };

/// DTLS.
pub static DISSECTOR: Dissector = Dissector {
    name: "dtls",
    carrier: Carrier::Udp,
    encrypted: Some(true),
    fields: &[
        &VERIFY,
        &ALERT,
        &LIMIT,
        &tls::SERVER_NAME,
        &tls::ALPN,
        &tls::VERSION,
        &tls::OFFERED,
        &tls::CIPHER,
        &tls::GROUP,
        &tls::JA3,
        &tls::JA3_RAW,
        &tls::JA3S,
        &tls::JA3S_RAW,
        &tls::JA4,
        &tls::JA4_RAW,
        &tls::ECH,
        &tls::ECH_KIND,
        &tls::ECH_CONFIG,
        &tls::ESNI,
        &tls::RETRY,
        &tls::RESUMED,
        &tls::CERTIFICATE,
        &tls::MALFORMED,
    ],
    samples: &[SAMPLE_12, SAMPLE_13, SAMPLE_ESNI, SAMPLE_LONG],
    probe,
    open: |_| Box::new(Dtls::default()),
};

const CONTEXT: Context = Context { originator_port: 50_000, responder_port: 4433, from_start: true };

/// DTLS 1.2: a hello, the request to send it again, the hello in two fragments, the second first; the server's
/// messages; an alert.
const SAMPLE_12: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, include_bytes!("../samples/dtls12-client.bin")),
        (Direction::Responder, b"\x16\xfe\xff\0\0\0\0\0\0\0\0\0\x13\x03\0\0\x07\0\0\0\0\0\0\0\x07\xfe\xff\x04bake"),
        (Direction::Originator, include_bytes!("../samples/dtls12-client-cookie.bin")),
        (Direction::Responder, include_bytes!("../samples/dtls12-server.bin")),
        (Direction::Responder, b"\x15\xfe\xfd\0\0\0\0\0\0\0\x09\0\x02\x02\x28"),
    ],
};

/// DTLS 1.3 with a retry, an outer encrypted hello and a pre-shared key.
const SAMPLE_13: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, include_bytes!("../samples/dtls13-client.bin")),
        (Direction::Responder, include_bytes!("../samples/dtls13-server.bin")),
        (Direction::Originator, b"\x2f\0\0\0\x18012345678901234567890123"),
    ],
};

/// An encrypted server name.
const SAMPLE_ESNI: Sample =
    Sample { context: CONTEXT, pushes: &[(Direction::Originator, include_bytes!("../samples/dtls-esni-client.bin"))] };

/// A hello that says it is longer than is kept.
const SAMPLE_LONG: Sample = Sample {
    context: CONTEXT,
    pushes: &[(Direction::Originator, b"\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x0e\x01\x02\0\0\0\0\0\0\0\0\0\x02\xfe\xfd")],
};

/// Content types (IANA, TLS ContentType).
mod content {
    pub const CHANGE_CIPHER_SPEC: u8 = 20;
    pub const ALERT: u8 = 21;
    pub const HANDSHAKE: u8 = 22;
    pub const APPLICATION_DATA: u8 = 23;
    pub const HEARTBEAT: u8 = 24;
}

/// Bytes that encryption may add (RFC 6347 s. 4.1, RFC 5246 s. 6.2.3).
const MAX_RECORD_LEN: usize = (1 << 14) + 2048;

/// A record.
#[derive(Debug, Clone, Copy)]
struct Record<'a> {
    content_type: u8,
    epoch: u16,
    content: &'a [u8],
    is_cut: bool,
}

impl<'a> Record<'a> {
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let content_type = reader.u8()?;
        let version = reader.u16()?;
        let epoch = reader.u16()?;
        reader.take(6)?;
        let len = usize::from(reader.u16()?);
        // 0x0100 is what OpenSSL sent before the standard, and Cisco's clients still do.
        let fits = matches!(content_type, content::CHANGE_CIPHER_SPEC..=content::HEARTBEAT)
            && matches!(version, 0xfeff | 0xfefd | 0x0100)
            && (1..=MAX_RECORD_LEN).contains(&len);
        let content = reader.take_up_to(len);
        fits.then_some(Self { content_type, epoch, content, is_cut: content.len() < len })
    }
}

/// A record whose length ends with the datagram, or is followed by another; a handshake in the clear begins with a
/// message that this side may send.
fn probe(_: &Context, direction: Direction, bytes: &[u8]) -> Verdict {
    let mut reader = Reader(bytes);
    let Some(record) = Record::read(&mut reader) else { return Verdict::NoMatch };
    let fits = match (record.content_type, record.epoch) {
        (content::HANDSHAKE, 0) => match *record.content {
            // Type, 24 bits of length, message number, offset and length of a fragment that is within the message.
            [message, l0, l1, l2, _, _, o0, o1, o2, f0, f1, f2, ..] => {
                let number = |a: u8, b: u8, c: u8| u32::from(a) << 16 | u32::from(b) << 8 | u32::from(c);
                let (len, offset, part) = (number(l0, l1, l2), number(o0, o1, o2), number(f0, f1, f2));
                let is_hello = match direction {
                    Direction::Originator => matches!(message, 1..=3),
                    Direction::Responder => matches!(message, 1..=3 | 6 | 11 | 12),
                };
                is_hello && offset + part <= len && part as usize <= record.content.len()
            }
            _ => false,
        },
        (content::ALERT, 0) => matches!(*record.content, [1 | 2, _]) && reader.is_empty(),
        (content::HANDSHAKE | content::APPLICATION_DATA | content::ALERT, 1..=8) => {
            // Encrypted: a number and a tag at least.
            record.content.len() >= 16 && !record.is_cut && (reader.is_empty() || Record::read(&mut reader).is_some())
        }
        _ => false,
    };
    if fits { Verdict::Match } else { Verdict::NoMatch }
}

struct Dtls {
    handshake: Handshake,
    sides: [Side; 2],
    datagrams_left: u8,
}

impl Default for Dtls {
    fn default() -> Self {
        Self {
            handshake: Handshake::new(Carried::Dtls),
            sides: [Side::default(), Side::default()],
            datagrams_left: DTLS_DATAGRAMS,
        }
    }
}

#[derive(Default)]
struct Side {
    /// Messages of which fragments came.
    open: Vec<Open>,
    /// Numbers of the messages that were read, below 64.
    read: u64,
    is_done: bool,
}

/// A message that is being put together.
struct Open {
    number: u16,
    kind: u8,
    len: usize,
    pieces: Pieces,
}

impl Dissect for Dtls {
    fn held_len(&self) -> usize {
        let open = self.sides.iter().flat_map(|side| &side.open);
        open.map(|message| size_of::<Open>() + message.pieces.held_len()).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(datagram) = chunk else { return Need::More };
        let mut reader = Reader(datagram);
        while let Some(&first) = reader.0.first() {
            // A short record (RFC 9147 s. 4): encrypted.
            if first & 0xe0 == 0x20 {
                self.side(direction).is_done = true;
                break;
            }
            let Some(record) = Record::read(&mut reader) else { break };
            self.record(direction, &record, sink);
        }
        self.datagrams_left = self.datagrams_left.saturating_sub(1);
        let [originator, responder] = &self.sides;
        if self.datagrams_left == 0 || originator.is_done && responder.is_done {
            self.finish(sink);
            return Need::Nothing;
        }
        Need::More
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        for direction in [Direction::Originator, Direction::Responder] {
            for open in std::mem::take(&mut self.side(direction).open) {
                if !open.pieces.whole().is_empty() {
                    self.message(direction, open.kind, open.pieces.whole(), Whole::Cut, sink);
                }
            }
        }
    }
}

impl Dtls {
    fn side(&mut self, direction: Direction) -> &mut Side {
        let [originator, responder] = &mut self.sides;
        match direction {
            Direction::Originator => originator,
            Direction::Responder => responder,
        }
    }

    fn record(&mut self, direction: Direction, record: &Record<'_>, sink: &mut dyn Sink) {
        if self.side(direction).is_done {
            return;
        }
        if record.epoch > 0 {
            self.side(direction).is_done = true;
            return;
        }
        match record.content_type {
            content::HANDSHAKE => {
                let mut reader = Reader(record.content);
                while self.fragment(direction, &mut reader, sink).is_some() {}
            }
            content::ALERT => {
                if let [level, description] = *record.content {
                    self.side(direction).is_done = level == 2;
                    // That one closes the connection is no fault (RFC 8446 s. 6.1).
                    if description != 0 {
                        let text = alert_text(level, description);
                        sink.observe(Observation { field: &ALERT, direction, value: Value::Text(&text) });
                    }
                }
            }
            content::CHANGE_CIPHER_SPEC => {
                self.side(direction).is_done |= self.handshake.change_cipher_spec(direction, sink) == After::Encrypted;
            }
            _ => {}
        }
    }

    fn fragment(&mut self, direction: Direction, reader: &mut Reader<'_>, sink: &mut dyn Sink) -> Option<()> {
        let kind = reader.u8()?;
        let len = reader.u24()?;
        let number = reader.u16()?;
        let offset = reader.u24()?;
        let part_len = reader.u24()?;
        let part = reader.take_up_to(part_len);
        let bit = 1_u64.checked_shl(number.into()).unwrap_or(0);
        let side = self.side(direction);
        if side.read & bit != 0 {
            return Some(());
        }
        if kind == kind::HELLO_VERIFY_REQUEST {
            side.read |= bit;
            sink.observe(Observation { field: &VERIFY, direction, value: Value::Number(1) });
            return Some(());
        }
        if !Handshake::wants(kind) {
            self.message(direction, kind, &[], Whole::Whole, sink);
            return Some(());
        }
        // The whole of it in one fragment needs not be kept.
        if offset == 0 && part.len() == len {
            side.read |= bit;
            side.open.retain(|open| open.number != number);
            self.message(direction, kind, part, Whole::Whole, sink);
            return Some(());
        }
        let is_known = side.open.iter().any(|open| open.number == number);
        let is_limited = len > TLS_HANDSHAKE_LEN_BYTES || !is_known && side.open.len() >= DTLS_MESSAGES;
        if is_limited {
            side.read |= bit;
            let value = Value::Text("a handshake message is longer than is read");
            sink.observe(Observation { field: &LIMIT, direction, value });
            return Some(());
        }
        if !is_known {
            side.open.push(Open { number, kind, len, pieces: Pieces::new(len) });
        }
        let at = side.open.iter().position(|open| open.number == number)?;
        let open = side.open.get_mut(at)?;
        open.pieces.add(offset as u64, part);
        if open.pieces.whole().len() == open.len {
            side.read |= bit;
            let open = side.open.swap_remove(at);
            self.message(direction, open.kind, open.pieces.whole(), Whole::Whole, sink);
        }
        Some(())
    }

    fn message(&mut self, direction: Direction, kind: u8, body: &[u8], whole: Whole, sink: &mut dyn Sink) {
        let without;
        let body = if kind == kind::CLIENT_HELLO {
            without = without_cookie(body);
            &without
        } else {
            body
        };
        self.side(direction).is_done |= self.handshake.message(direction, kind, body, whole, sink) == After::Encrypted;
    }
}

/// A hello as TLS has it: the cookie stands behind the session identifier (RFC 6347 s. 4.2.1).
fn without_cookie(body: &[u8]) -> Vec<u8> {
    let mut reader = Reader(body);
    let cookie = (|| {
        reader.take(2 + 32)?;
        reader.vec8()?;
        let before = body.len() - reader.0.len();
        reader.vec8()?;
        Some(before)
    })();
    let Some(before) = cookie else { return body.to_vec() };
    [body.get(..before).unwrap_or_default(), reader.0].concat()
}

#[cfg(test)]
mod tests {
    //! The samples are those of TLS in other records: the files in the folder are what this makes.

    use std::path::Path;

    use crate::quic::samples::messages as messages_of_records;

    /// One record with one fragment of the message.
    fn fragment(number: u8, message: &[u8], from: usize, to: usize) -> Vec<u8> {
        let len = |len: usize| u32::try_from(len).unwrap().to_be_bytes()[1..].to_vec();
        let body = &message[4..];
        let mut content = vec![message[0]];
        content.extend(len(body.len()));
        content.extend([0, number]);
        content.extend(len(from));
        content.extend(len(to - from));
        content.extend_from_slice(&body[from..to]);
        let mut record = b"\x16\xfe\xfd\0\0\0\0\0\0\0".to_vec();
        record.push(number);
        record.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
        record.extend(content);
        record
    }

    fn split(mut messages: &[u8]) -> Vec<Vec<u8>> {
        let mut list = Vec::new();
        while let [_, a, b, c, ..] = *messages {
            let len = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
            let (message, rest) = messages.split_at(4 + len);
            list.push(message.to_vec());
            messages = rest;
        }
        list
    }

    /// The version of DTLS 1.2 in place of that of TLS, and for a client's hello a cookie.
    fn as_dtls(mut message: Vec<u8>, cookie: &[u8]) -> Vec<u8> {
        if matches!(message[0], 1 | 2) {
            (message[4], message[5]) = (0xfe, 0xfd);
        }
        if message[0] == 1 {
            let at = 4 + 2 + 32 + 1 + usize::from(message[38]);
            let cookie = [&[u8::try_from(cookie.len()).unwrap()], cookie].concat();
            message.splice(at..at, cookie);
            let [_, a, b, c] = u32::try_from(message.len() - 4).unwrap().to_be_bytes();
            (message[1], message[2], message[3]) = (a, b, c);
        }
        message
    }

    fn all(records: &[u8]) -> Vec<u8> {
        let messages = split(&messages_of_records(records)).into_iter().map(|message| as_dtls(message, b""));
        (0..).zip(messages).flat_map(|(number, message)| fragment(number, &message, 0, message.len() - 4)).collect()
    }

    fn made() -> Vec<(&'static str, Vec<u8>)> {
        let client = split(&messages_of_records(include_bytes!("../samples/tls12-client.bin"))).remove(0);
        let with_cookie = as_dtls(client.clone(), b"bake");
        let len = with_cookie.len() - 4;
        vec![
            ("dtls12-client", fragment(0, &as_dtls(client, b""), 0, len - 4)),
            ("dtls12-client-cookie", [fragment(1, &with_cookie, 50, len), fragment(1, &with_cookie, 0, 60)].concat()),
            ("dtls12-server", all(include_bytes!("../samples/tls12-server.bin"))),
            ("dtls13-client", all(include_bytes!("../samples/tls13-client.bin"))),
            ("dtls13-server", all(include_bytes!("../samples/tls13-server.bin"))),
            ("dtls-esni-client", all(include_bytes!("../samples/tls-esni-client.bin"))),
        ]
    }

    #[test]
    fn samples_are_what_is_made_here() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
        for (name, bytes) in made() {
            let path = folder.join(name).with_extension("bin");
            if std::env::var_os("FIRSTLIGHT_MAKE_SAMPLES").is_some() {
                std::fs::write(&path, &bytes).expect("a sample is written");
            }
            assert!(
                std::fs::read(&path).is_ok_and(|kept| kept == bytes),
                "{name}: set FIRSTLIGHT_MAKE_SAMPLES to make it"
            );
        }
    }
}
