//! Syslog over TCP (RFC 6587): the messages of `syslog.rs`, a line each or with their length in front.
//!
//! ```text
//! <PRI>… LF        or        length SP <PRI>…
//! ```
//!
//! Left out: what `syslog.rs` leaves out, and messages with line ends in them.

use firstlight_model::Direction;

use crate::lines::{ByLine, Lines, Next};
use crate::syslog::{HOST, PROGRAM, Syslog, begins_with_date, priority};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// Syslog over TCP.
pub static DISSECTOR: Dissector = Dissector {
    name: "syslog",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&HOST, &PROGRAM],
    samples: &[SAMPLE_LINES, SAMPLE_COUNTED],
    probe,
    open: |_| Box::new(Lines::<SyslogTcp>::default()),
};

const CONTEXT: Context = Context { originator_port: 50_000, responder_port: 514, from_start: true };

const SAMPLE_LINES: Sample = Sample {
    context: CONTEXT,
    pushes: &[(
        Direction::Originator,
        b"<34>Jan  2 03:04:05 router sampled[34]: hello\n<34>Jan  2 03:04:06 router b: x\n",
    )],
};

const SAMPLE_COUNTED: Sample = Sample {
    context: CONTEXT,
    pushes: &[(Direction::Originator, b"68 <34>1 2020-01-02T03:04:05Z router.example.org exampled 12 - - hello\n")],
};

/// Bytes in which a priority and the beginning of a date must stand.
const START_LEN_BYTES: usize = 5 + 5 + 16;

fn probe(_: &Context, direction: Direction, bytes: &[u8]) -> Verdict {
    if direction == Direction::Responder {
        return Verdict::NoMatch;
    }
    let message = without_len(bytes);
    let is_sure =
        priority(message).is_some_and(|rest| begins_with_date(rest) || rest.strip_prefix(b"1 ").is_some_and(has_year));
    let may_be = match *message {
        [] => true,
        [b'<', ref rest @ ..] => {
            rest.iter().take(3).take_while(|byte| **byte != b'>').all(u8::is_ascii_digit)
                && (rest.len() < 4 || rest.iter().take(4).any(|byte| *byte == b'>'))
        }
        _ => false,
    };
    match may_be {
        _ if is_sure => Verdict::Match,
        true if bytes.len() < START_LEN_BYTES => Verdict::NeedMore,
        _ => Verdict::NoMatch,
    }
}

/// `2020-`, or `-` for no time.
fn has_year(rest: &[u8]) -> bool {
    match rest.split_first_chunk::<4>() {
        _ if rest.starts_with(b"- ") => true,
        Some((year, rest)) => year.iter().all(u8::is_ascii_digit) && rest.first() == Some(&b'-'),
        None => false,
    }
}

/// What stands behind a length, which has no zero in front.
fn without_len(bytes: &[u8]) -> &[u8] {
    let digits = bytes.iter().take(5).take_while(|byte| byte.is_ascii_digit()).count();
    match bytes.get(digits..) {
        _ if digits == 0 || bytes.first() == Some(&b'0') => bytes,
        Some([b' ', rest @ ..]) => rest,
        Some([]) => &[],
        _ => bytes,
    }
}

#[derive(Default)]
struct SyslogTcp {
    messages: Syslog,
}

impl ByLine for SyslogTcp {
    fn line(&mut self, direction: Direction, line: &[u8], sink: &mut dyn Sink) -> Next {
        self.messages.message(direction, without_len(line), sink);
        Next::Go
    }
}
