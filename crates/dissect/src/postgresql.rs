//! PostgreSQL's protocol 3 (PostgreSQL documentation, Frontend/Backend Protocol), until TLS is agreed on.
//!
//! ```text
//! | length 32 | version 3.0, or a request for TLS (80877103) | name 0 value 0 … 0 |        the first message
//! | type 8 | length 32 | … |                                                            all others
//! ```
//!
//! Left out: users, databases, passwords, statements.

use firstlight_model::{Direction, Field, Role};

use crate::lines::Next;
use crate::messages::{ByMessage, Messages};
use crate::words::say;
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// Version of the server (`server_version`).
pub static SERVER: Field =
    Field { name: "postgresql.server_version", role: Role::Software, reference: "PostgreSQL, ParameterStatus" };
/// Program that the client says it is (`application_name`).
pub static APPLICATION: Field =
    Field { name: "postgresql.application_name", role: Role::Software, reference: "PostgreSQL, StartupMessage" };

/// PostgreSQL.
pub static DISSECTOR: Dissector = Dissector {
    name: "postgresql",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&SERVER, &APPLICATION],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Messages::<Postgresql>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 5432, from_start: true },
    pushes: &[
        (Direction::Originator, b"\0\0\0\x08\x04\xd2\x16\x2f"),
        (Direction::Responder, b"N"),
        (Direction::Originator, b"\0\0\0\x2c\0\x03\0\0user\0someone\0application_name\0psql\0\0"),
        (Direction::Responder, b"R\0\0\0\x08\0\0\0\0S\0\0\0\x18server_version\x0012.3\0Z\0\0\0\x05I"),
    ],
};

const TLS_REQUEST: u32 = 80_877_103;
const GSS_REQUEST: u32 = 80_877_104;
const CANCEL_REQUEST: u32 = 80_877_102;

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    if !context.from_start {
        return Verdict::NoMatch;
    }
    let Some((&head, rest)) = bytes.split_first_chunk::<8>() else {
        let may_be = b"\0\0".starts_with(bytes.get(..2).unwrap_or(bytes))
            && bytes.get(4..).unwrap_or_default().first().is_none_or(|byte| matches!(byte, 0 | 4));
        return if may_be && context.has_port(5432) { Verdict::NeedMore } else { Verdict::NoMatch };
    };
    let [a, b, c, d, version @ ..] = head;
    let len = u32::from_be_bytes([a, b, c, d]);
    match u32::from_be_bytes(version) {
        TLS_REQUEST | GSS_REQUEST if len == 8 => Verdict::Match,
        CANCEL_REQUEST if len == 16 => Verdict::Match,
        0x0003_0000..=0x0003_0002 if (14..10_000).contains(&len) => {
            if rest.starts_with(b"user\0") || rest.starts_with(b"database\0") {
                Verdict::Match
            } else if b"user\0".starts_with(rest) || b"database\0".starts_with(rest) {
                Verdict::NeedMore
            } else {
                Verdict::NoMatch
            }
        }
        _ => Verdict::NoMatch,
    }
}

#[derive(Default)]
struct Postgresql {
    /// A request for TLS waits for its answer of one byte.
    asked_for_tls: bool,
    has_started: bool,
}

impl ByMessage for Postgresql {
    fn message_len(&self, direction: Direction, start: &[u8]) -> Option<usize> {
        if direction == Direction::Responder && self.asked_for_tls {
            return Some(1);
        }
        let has_type = direction == Direction::Responder || self.has_started;
        let type_len = usize::from(has_type);
        let len = start.get(type_len..type_len + 4)?.iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
        Some(if len < 4 { 0 } else { type_len + len })
    }

    fn message(&mut self, direction: Direction, message: &[u8], sink: &mut dyn Sink) -> Next {
        match direction {
            Direction::Responder => {
                if std::mem::take(&mut self.asked_for_tls) {
                    return if matches!(message, b"S" | b"G") { Next::Tunnel } else { Next::Go };
                }
                match message.first() {
                    Some(b'S') => {
                        let mut words = message.get(5..).unwrap_or_default().split(|byte| *byte == 0);
                        if words.next() == Some(b"server_version") {
                            let version = words.next().unwrap_or_default();
                            say(&SERVER, direction, &[b"PostgreSQL ", version].concat(), sink);
                            return Next::Enough;
                        }
                    }
                    // Ready for a query.
                    Some(b'Z') => return Next::Enough,
                    _ => {}
                }
            }
            Direction::Originator if !self.has_started => {
                if matches!(message.get(4..8), Some(b"\x04\xd2\x16\x2f" | b"\x04\xd2\x16\x30")) {
                    self.asked_for_tls = true;
                } else {
                    self.has_started = true;
                    let mut words = message.get(8..).unwrap_or_default().split(|byte| *byte == 0);
                    while let (Some(name), Some(value)) = (words.next(), words.next()) {
                        if name == b"application_name" {
                            say(&APPLICATION, direction, value, sink);
                        }
                    }
                }
            }
            Direction::Originator => {}
        }
        Next::Go
    }
}
