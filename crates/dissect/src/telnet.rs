//! Telnet (RFC 854): options are negotiated, and a terminal names its type (RFC 1091).
//!
//! ```text
//! | IAC 255 | WILL 251, WONT 252, DO 253, DONT 254 | option |      | IAC | SB 250 | option | … | IAC | SE 240 |
//! ```
//!
//! Left out: all that is typed and shown. A stream without negotiation is not taken for Telnet.

use firstlight_model::{Direction, Field, Role};

use crate::lines::Next;
use crate::messages::{ByMessage, Messages};
use crate::words::say;
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// Type of the terminal, for example `XTERM-256COLOR`.
pub static TERMINAL: Field = Field { name: "telnet.terminal_type", role: Role::Detail, reference: "RFC 1091" };

/// Telnet.
pub static DISSECTOR: Dissector = Dissector {
    name: "telnet",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&TERMINAL],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Messages::<Telnet>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 23, from_start: true },
    pushes: &[
        (Direction::Responder, b"\xff\xfd\x18\xff\xfd\x20"),
        (Direction::Originator, b"\xff\xfb\x18\xff\xfc\x20\xff\xfa\x18\x00XTERM\xff\xf0"),
        (Direction::Responder, b"login: "),
    ],
};

const IAC: u8 = 255;
const SB: u8 = 250;
const TERMINAL_TYPE: u8 = 24;
/// Bytes of a subnegotiation that are looked through for its end.
const NEGOTIATION_LEN_BYTES: usize = 48;

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let is_command = |command: &[u8]| match command {
        [IAC, 251..=254, 0..=49 | 138..=140 | 255] => Verdict::Match,
        [IAC, 251..=254] | [IAC] => Verdict::NeedMore,
        _ => Verdict::NoMatch,
    };
    let first = is_command(bytes.get(..3).unwrap_or(bytes));
    if first != Verdict::Match || context.has_port(23) {
        return first;
    }
    // On a port that says nothing, two commands are asked for.
    match bytes.get(3..6).or(bytes.get(3..)) {
        Some([]) => Verdict::NeedMore,
        Some(second) => is_command(second),
        None => Verdict::NoMatch,
    }
}

/// Commands one by one; what is typed and shown between them, byte by byte.
#[derive(Default)]
struct Telnet;

impl ByMessage for Telnet {
    fn message_len(&self, _: Direction, start: &[u8]) -> Option<usize> {
        match start {
            [IAC] | [] => None,
            [IAC, SB, rest @ ..] => {
                let near = rest.get(..NEGOTIATION_LEN_BYTES).unwrap_or(rest);
                match memchr::memmem::find(near, &[IAC, 240]) {
                    Some(end) => Some(2 + end + 2),
                    None if rest.len() < NEGOTIATION_LEN_BYTES => None,
                    None => Some(0),
                }
            }
            [IAC, 251..=254, ..] => Some(3),
            [IAC, ..] => Some(2),
            // Text: negotiation of interest is over.
            _ => Some(1),
        }
    }

    fn message(&mut self, direction: Direction, message: &[u8], sink: &mut dyn Sink) -> Next {
        if let [IAC, SB, TERMINAL_TYPE, 0, name @ .., IAC, 240] = message {
            say(&TERMINAL, direction, name, sink);
            return Next::Enough;
        }
        Next::Go
    }
}
