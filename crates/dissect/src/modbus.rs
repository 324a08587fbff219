//! Modbus over TCP (Modbus Messaging on TCP/IP Implementation Guide 1.0b, s. 3.1.3) on port 502: which function is asked
//! for.
//!
//! ```text
//! | transaction 16 | protocol 16, 0 | length 16 | unit 8 | function 8 | …
//! ```
//!
//! Left out: registers and their values.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::gather::{Beginning, side};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Function of the first message: 3 read registers, 6 write one, …; beyond 128 it failed.
pub static FUNCTION: Field =
    Field { name: "modbus.func_code", role: Role::Detail, reference: "Modbus Application Protocol 1.1b3 s. 5" };

/// Modbus.
pub static DISSECTOR: Dissector = Dissector {
    name: "modbus",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&FUNCTION],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Modbus::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 502, from_start: true },
    pushes: &[
        (Direction::Originator, b"\0\x01\0\0\0\x06\x01\x03\0\0\0\x01"),
        (Direction::Responder, b"\0\x01\0\0\0\x05\x01\x03\x02\0\x2a"),
    ],
};

const HEADER_LEN_BYTES: usize = 8;

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    if !context.has_port(502) {
        return Verdict::NoMatch;
    }
    match bytes.get(..HEADER_LEN_BYTES) {
        None => Verdict::NeedMore,
        // Unit and function, and at most what a frame may hold.
        Some(&[_, _, 0, 0, 0, 2..=254, _, function]) if function & 0x7f != 0 => Verdict::Match,
        Some(_) => Verdict::NoMatch,
    }
}

#[derive(Default)]
struct Modbus {
    sides: [Beginning; 2],
}

impl Dissect for Modbus {
    fn held_len(&self) -> usize {
        self.sides.iter().map(Beginning::held_len).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let beginning = side(&mut self.sides, direction);
        if let Some(&[.., function]) = beginning.push(chunk, HEADER_LEN_BYTES).get(..HEADER_LEN_BYTES) {
            sink.observe(Observation { field: &FUNCTION, direction, value: Value::Number(function.into()) });
            beginning.close();
        }
        if self.sides.iter().all(Beginning::has_ended) { Need::Nothing } else { Need::More }
    }
}
