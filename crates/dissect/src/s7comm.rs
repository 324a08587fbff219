//! Siemens' S7 communication on port 102: TPKT (RFC 1006 s. 6) and ISO 8073 in front, then a message that begins with
//! `32` (or `72`, the newer kind).
//!
//! Left out: what is read and written; the connection request alone is of any ISO transport, and is not taken for it.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::gather::{Beginning, side};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// 50 the older, 114 the newer protocol.
pub static PROTOCOL: Field = Field { name: "s7comm.header.protid", role: Role::Detail, reference: "Wireshark, s7comm" };

/// S7 communication.
pub static DISSECTOR: Dissector = Dissector {
    name: "s7comm",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&PROTOCOL],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(S7::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 102, from_start: true },
    pushes: &[
        (Direction::Originator, b"\x03\0\0\x19\x02\xf0\x80\x32\x01\0\0\0\0\0\x08\0\0\xf0\0\0\x01\0\x01\x01\xe0"),
        (Direction::Responder, b"\x03\0\0\x1b\x02\xf0\x80\x32\x03\0\0\0\0\0\x08\0\0\0\0\xf0\0\0\x01\0\x01\0\xf0"),
    ],
};

/// TPKT, transport header of a data unit, protocol.
const FRONT_LEN_BYTES: usize = 8;

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let wanted: [&[u8]; 6] = [&[3], &[0], &[], &[], &[2], &[0xf0]];
    let fits = bytes.iter().zip(wanted).all(|(byte, wanted)| wanted.is_empty() || wanted.contains(byte));
    match bytes.get(..FRONT_LEN_BYTES) {
        _ if !fits => Verdict::NoMatch,
        None => Verdict::NeedMore,
        Some(&[.., 0x80, 0x32 | 0x72]) => Verdict::Match,
        Some(_) => Verdict::NoMatch,
    }
}

#[derive(Default)]
struct S7 {
    sides: [Beginning; 2],
}

impl Dissect for S7 {
    fn held_len(&self) -> usize {
        self.sides.iter().map(Beginning::held_len).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let beginning = side(&mut self.sides, direction);
        if let Some(&[.., protocol]) = beginning.push(chunk, FRONT_LEN_BYTES).get(..FRONT_LEN_BYTES) {
            sink.observe(Observation { field: &PROTOCOL, direction, value: Value::Number(protocol.into()) });
            beginning.close();
        }
        if self.sides.iter().all(Beginning::has_ended) { Need::Nothing } else { Need::More }
    }
}
