//! Syslog over UDP (RFC 5424, RFC 3164): who logs, not what.
//!
//! ```text
//! <PRI>1 time host program process message-id …      RFC 5424
//! <PRI>Mmm dd hh:mm:ss host program[process]: …      RFC 3164
//! ```
//!
//! Left out: messages. The host is that of the first message of a flow: one that relays for others would name them all.

use firstlight_model::{Direction, Field, Role};

use crate::words::{host, say, say_text};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Host that the first message names.
pub static HOST: Field = Field { name: "syslog.hostname", role: Role::DeviceName, reference: "RFC 5424 s. 6.2.4" };
/// Program that logs.
pub static PROGRAM: Field = Field { name: "syslog.appname", role: Role::Detail, reference: "RFC 5424 s. 6.2.5" };

/// Syslog.
pub static DISSECTOR: Dissector = Dissector {
    name: "syslog",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&HOST, &PROGRAM],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Syslog::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 514, from_start: true },
    pushes: &[
        (Direction::Originator, b"<34>1 2020-01-02T03:04:05Z router.example.org exampled 12 - - hello"),
        (Direction::Originator, b"<34>Jan  2 03:04:05 router sampled[34]: hello"),
    ],
};

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let Some(rest) = priority(bytes) else { return Verdict::NoMatch };
    let is_sure = rest.starts_with(b"1 ") || begins_with_date(rest);
    if is_sure || context.has_port(514) { Verdict::Match } else { Verdict::NoMatch }
}

/// What stands behind `<0>` to `<191>`.
pub(crate) fn priority(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(b"<")?;
    let end = memchr::memchr(b'>', rest.get(..4).unwrap_or(rest))?;
    let (digits, rest) = rest.split_at_checked(end)?;
    let number: u16 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    if number > 191 { None } else { rest.get(1..) }
}

/// `Mmm dd hh:mm:ss `
pub(crate) fn begins_with_date(bytes: &[u8]) -> bool {
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let Some(&[a, b, c, b' ', _, day, b' ', _, _, b':', _, _, b':', _, _, b' ']) = bytes.first_chunk() else {
        return false;
    };
    day.is_ascii_digit() && MONTHS.chunks_exact(3).any(|month| month == [a, b, c])
}

#[derive(Default)]
pub(crate) struct Syslog {
    has_host: bool,
    program: Vec<u8>,
}

impl Dissect for Syslog {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk {
            self.message(direction, bytes, sink);
        }
        Need::More
    }
}

impl Syslog {
    /// Says who logs a message.
    pub(crate) fn message(&mut self, direction: Direction, bytes: &[u8], sink: &mut dyn Sink) {
        let Some(rest) = priority(bytes) else { return };
        let (name, program) = if let Some(rest) = rest.strip_prefix(b"1 ") {
            let mut words = rest.splitn(5, |byte| *byte == b' ').skip(1);
            (words.next(), words.next())
        } else if begins_with_date(rest) {
            let mut words = rest.get(16..).unwrap_or_default().splitn(3, |byte| *byte == b' ');
            let name = words.next();
            let tag = words.next().unwrap_or_default();
            // Without a host the tag stands in its place, and ends with a colon.
            if name.is_some_and(|name| name.ends_with(b":")) { (None, name) } else { (name, Some(tag)) }
        } else {
            return;
        };
        if let Some(name) = name.and_then(host).filter(|_| !self.has_host) {
            self.has_host = true;
            say_text(&HOST, direction, &name, sink);
        }
        let program = program.unwrap_or_default();
        let end = program.iter().position(|byte| matches!(byte, b'[' | b':' | b'(')).unwrap_or(program.len());
        let program = program.get(..end.min(48)).unwrap_or(program);
        if program != self.program && program != b"-" {
            say(&PROGRAM, direction, program, sink);
            program.clone_into(&mut self.program);
        }
    }
}
