//! Diameter over TCP (RFC 6733 s. 3, 4): the names of the two ends and the program, from the first message of each.
//!
//! Left out: sessions, users, Diameter over SCTP.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::gather::{Beginning, side};
use crate::reader::Reader;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Name of the sender.
pub static ORIGIN_HOST: Field =
    Field { name: "diameter.Origin-Host", role: Role::DeviceName, reference: "RFC 6733 s. 6.3" };
/// Program of the sender.
pub static PRODUCT: Field =
    Field { name: "diameter.Product-Name", role: Role::Software, reference: "RFC 6733 s. 5.3.7" };

/// Diameter.
pub static DISSECTOR: Dissector = Dissector {
    name: "diameter",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&ORIGIN_HOST, &PRODUCT],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Diameter::default()),
};

/// An exchange of capabilities.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 3868, from_start: true },
    pushes: &[
        (
            Direction::Originator,
            b"\x01\0\0\x30\x80\0\x01\x01\0\0\0\0\0\0\0\x01\0\0\0\x02\0\0\x01\x08\x40\0\0\x10\x61.ex.org\0\0\x01\x0d\0\0\0\x0afd\0\0",
        ),
        (
            Direction::Responder,
            b"\x01\0\0\x24\0\0\x01\x01\0\0\0\0\0\0\0\x01\0\0\0\x02\0\0\x01\x08\x40\0\0\x10\x62.ex.org",
        ),
    ],
};

const HEADER_LEN_BYTES: usize = 20;

/// Bytes of the first message that are read.
const MESSAGE_LEN_BYTES: usize = 2048;

/// Value pairs that are read.
const PAIRS: usize = 64;

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    // Version 1, a length that is a multiple of four, no reserved flag, a command and its application.
    let [1, 0, rest @ ..] = bytes else {
        return if matches!(bytes, [] | [1]) { Verdict::NeedMore } else { Verdict::NoMatch };
    };
    match *rest {
        [_, low, flags, 0, command, _, _, _, ..]
            if low.is_multiple_of(4) && flags & 0x0f == 0 && matches!(command, 1 | 2) && bytes.len() >= 32 =>
        {
            // The first pair: its code and flags.
            let is_pair = matches!(bytes.get(HEADER_LEN_BYTES..26), Some(&[0, 0, 1, _, flags, 0]) if flags & 0x1f == 0);
            if is_pair { Verdict::Match } else { Verdict::NoMatch }
        }
        [_, low, ..] if !low.is_multiple_of(4) => Verdict::NoMatch,
        [_, _, flags, ..] if flags & 0x0f != 0 => Verdict::NoMatch,
        _ if bytes.len() < 32 => Verdict::NeedMore,
        _ => Verdict::NoMatch,
    }
}

/// Length of the message that begins here.
fn len(bytes: &[u8]) -> Option<usize> {
    let &[_, a, b, c] = bytes.first_chunk()?;
    Some(usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c))
}

/// The message without what follows it.
fn message(bytes: &[u8]) -> &[u8] {
    len(bytes).and_then(|len| bytes.get(..len)).unwrap_or(bytes)
}

#[derive(Default)]
struct Diameter {
    sides: [Beginning; 2],
}

impl Diameter {
    fn end(beginning: &mut Beginning, direction: Direction, sink: &mut dyn Sink) {
        let mut rest = Reader(message(beginning.bytes()).get(HEADER_LEN_BYTES..).unwrap_or_default());
        for _ in 0..PAIRS {
            let (Some(code), Some(flags), Some(len)) = (rest.u32(), rest.u8(), rest.u24()) else { break };
            let vendor_len = if flags & 0x80 == 0 { 0 } else { 4 };
            let Some(value) = len.checked_sub(8 + vendor_len).and_then(|len| {
                rest.take(vendor_len)?;
                rest.take(len)
            }) else {
                break;
            };
            rest.take_up_to(len.next_multiple_of(4) - len);
            let field = match code {
                264 => &ORIGIN_HOST,
                269 => &PRODUCT,
                _ => continue,
            };
            if !value.is_empty() && vendor_len == 0 {
                sink.observe(Observation { field, direction, value: Value::Text(&String::from_utf8_lossy(value)) });
            }
        }
        beginning.close();
    }
}

impl Dissect for Diameter {
    fn held_len(&self) -> usize {
        self.sides.iter().map(Beginning::held_len).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let beginning = side(&mut self.sides, direction);
        let bytes = beginning.push(chunk, MESSAGE_LEN_BYTES);
        if len(bytes).is_some_and(|len| bytes.len() >= len) || beginning.has_ended() {
            Self::end(beginning, direction, sink);
        }
        if self.sides.iter().all(Beginning::has_ended) { Need::Nothing } else { Need::More }
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        for direction in [Direction::Originator, Direction::Responder] {
            Self::end(side(&mut self.sides, direction), direction, sink);
        }
    }
}
