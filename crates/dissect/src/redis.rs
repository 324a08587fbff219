//! The Redis serialization protocol (RESP 2 and 3, redis.io), by its shape: arrays of strings that say their length.
//!
//! ```text
//! * count CR LF  $ length CR LF command CR LF …
//! ```
//!
//! Left out: keys and values, passwords, inline commands.

use firstlight_model::{Direction, Field, Role};

use crate::lines::{ByLine, Lines, Next};
use crate::words::say;
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// Version that the server gives with INFO.
pub static SERVER: Field = Field { name: "redis.version", role: Role::Software, reference: "Redis, INFO" };

/// Redis.
pub static DISSECTOR: Dissector = Dissector {
    name: "redis",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&SERVER],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Lines::<Redis>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 6379, from_start: true },
    pushes: &[
        (Direction::Originator, b"*1\r\n$4\r\nINFO\r\n"),
        (Direction::Responder, b"$33\r\n# Server\r\nredis_version:1.2.3\r\n\r\n"),
    ],
};

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let Some(rest) = bytes.strip_prefix(b"*") else { return Verdict::NoMatch };
    let Some(rest) = number(rest) else { return short(rest) };
    let Some(rest) = rest.strip_prefix(b"$") else {
        return if rest.is_empty() { Verdict::NeedMore } else { Verdict::NoMatch };
    };
    let Some(command) = number(rest) else { return short(rest) };
    match command.first() {
        None => Verdict::NeedMore,
        Some(byte) if byte.is_ascii_alphabetic() => Verdict::Match,
        Some(_) => Verdict::NoMatch,
    }
}

/// What stands behind one to four digits and the end of the line.
fn number(bytes: &[u8]) -> Option<&[u8]> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    bytes.get(digits..)?.strip_prefix(b"\r\n").filter(|_| (1..=4).contains(&digits))
}

/// A number that could still be one.
fn short(bytes: &[u8]) -> Verdict {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = bytes.get(digits..).unwrap_or_default();
    if digits <= 4 && (rest.is_empty() || digits > 0 && rest == b"\r") { Verdict::NeedMore } else { Verdict::NoMatch }
}

#[derive(Default)]
struct Redis;

impl ByLine for Redis {
    fn line(&mut self, direction: Direction, line: &[u8], sink: &mut dyn Sink) -> Next {
        if let Some(version) = line.strip_prefix(b"redis_version:") {
            let software = [b"Redis ", version].concat();
            say(&SERVER, direction, &software, sink);
            return Next::Enough;
        }
        Next::Go
    }
}
