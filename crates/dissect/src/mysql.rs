//! MySQL and MariaDB (MySQL Internals, Client/Server Protocol): the server's greeting, until TLS is agreed on.
//!
//! ```text
//! | length 24, low byte first | sequence 8 | protocol 10 | server version 0 | thread 32 | scramble 64 | 0 | capabilities 16 | …
//! ```
//!
//! Left out: users, passwords, databases, statements; connections whose beginning was not seen.

use firstlight_model::{Direction, Field, Role};

use crate::lines::Next;
use crate::messages::{ByMessage, Messages};
use crate::words::say;
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// Version of the server, for example `MySQL 8.0.36`.
pub static SERVER: Field =
    Field { name: "mysql.version", role: Role::Software, reference: "MySQL, Protocol::HandshakeV10" };

/// MySQL.
pub static DISSECTOR: Dissector = Dissector {
    name: "mysql",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&SERVER],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Messages::<Mysql>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 3306, from_start: true },
    pushes: &[
        (Direction::Responder, b"\x1a\0\0\0\x0a1.2.3-Ex\0\x01\0\0\0abcdefgh\0\xff\xf7!"),
        (Direction::Originator, b"\x04\0\0\x01\x05\xa6\0\0"),
    ],
};

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    if !context.from_start && !context.has_port(3306) {
        return Verdict::NoMatch;
    }
    let [low, high, rest @ ..] = bytes else {
        return if context.has_port(3306) { Verdict::NeedMore } else { Verdict::NoMatch };
    };
    let len = usize::from(u16::from_le_bytes([*low, *high]));
    // Three bytes that are rare at the beginning, before anything is waited for.
    let Some(body) = rest.strip_prefix(b"\0\0\x0a") else {
        let may_be = b"\0\0\x0a".starts_with(rest) && context.has_port(3306);
        return if may_be { Verdict::NeedMore } else { Verdict::NoMatch };
    };
    let Some(end) = memchr::memchr(0, body.get(..64).unwrap_or(body)) else {
        let is_text = body.len() < 64 && body.iter().all(u8::is_ascii_graphic);
        return if is_text { Verdict::NeedMore } else { Verdict::NoMatch };
    };
    let version = body.get(..end).unwrap_or_default();
    let is_version = version.first().is_some_and(u8::is_ascii_digit)
        && version.contains(&b'.')
        && version.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    // Thread, scramble, filler and capabilities follow.
    match body.get(end + 1 + 12) {
        _ if !is_version || len < 1 + end + 1 + 13 => Verdict::NoMatch,
        Some(0) => Verdict::Match,
        Some(_) => Verdict::NoMatch,
        None => Verdict::NeedMore,
    }
}

#[derive(Default)]
struct Mysql;

/// The client asks for TLS.
const CLIENT_SSL: u8 = 0x08;

impl ByMessage for Mysql {
    fn message_len(&self, _: Direction, start: &[u8]) -> Option<usize> {
        let [a, b, c, _] = *start.first_chunk::<4>()?;
        Some(4 + (usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16))
    }

    fn message(&mut self, direction: Direction, message: &[u8], sink: &mut dyn Sink) -> Next {
        match message {
            [_, _, _, 0, 10, rest @ ..] => {
                let version = rest.split(|byte| *byte == 0).next().unwrap_or_default();
                // MariaDB puts this before its own version, for clients that are old.
                let version = version.strip_prefix(b"5.5.5-").unwrap_or(version);
                let is_maria = memchr::memmem::find(version, b"MariaDB").is_some();
                let software = [if is_maria { &b""[..] } else { b"MySQL " }, version].concat();
                say(&SERVER, direction, &software, sink);
                Next::Go
            }
            // A request for TLS is the beginning of an answer to the greeting, and nothing more.
            [32, 0, 0, 1, _, flags, ..] if flags & CLIENT_SSL != 0 => Next::Tunnel,
            _ => Next::Enough,
        }
    }
}
