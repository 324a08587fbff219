//! DNP3 over TCP (IEEE 1815 s. 9.2): frames that begin with `05 64` and a header with a checksum of its own.
//!
//! Left out: what is measured and switched; DNP3 over UDP.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::gather::{Beginning, side};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Address of the sender's station.
pub static SOURCE: Field = Field { name: "dnp3.src", role: Role::Detail, reference: "IEEE 1815 s. 9.2.4" };

/// DNP3.
pub static DISSECTOR: Dissector = Dissector {
    name: "dnp3",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&SOURCE],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Dnp3::default()),
};

/// A question for the state of the link.
const FRAME: &[u8] = b"\x05\x64\x05\xc9\x01\0\x64\0\x16\xe1";

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 20_000, from_start: true },
    pushes: &[(Direction::Originator, FRAME), (Direction::Responder, FRAME)],
};

const HEADER_LEN_BYTES: usize = 10;

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    const START: &[u8] = &[5, 0x64];
    match bytes.get(..HEADER_LEN_BYTES) {
        Some(header) if source(header).is_some() => Verdict::Match,
        None if START.starts_with(bytes) || bytes.starts_with(START) => Verdict::NeedMore,
        _ => Verdict::NoMatch,
    }
}

/// Source address of a header whose checksum holds.
fn source(header: &[u8]) -> Option<u64> {
    let (header, &[low, high]) = header.split_last_chunk()?;
    let &[5, 0x64, 5..=255, _, _, _, a, b] = header else { return None };
    let crc = header.iter().fold(0u16, |crc, &byte| {
        (0..8).fold(crc ^ u16::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xa6bc } else { crc >> 1 })
    });
    (!crc == u16::from_le_bytes([low, high])).then_some(u16::from_le_bytes([a, b]).into())
}

#[derive(Default)]
struct Dnp3 {
    sides: [Beginning; 2],
}

impl Dissect for Dnp3 {
    fn held_len(&self) -> usize {
        self.sides.iter().map(Beginning::held_len).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let beginning = side(&mut self.sides, direction);
        if let Some(header) = beginning.push(chunk, HEADER_LEN_BYTES).get(..HEADER_LEN_BYTES) {
            if let Some(source) = source(header) {
                sink.observe(Observation { field: &SOURCE, direction, value: Value::Number(source) });
            }
            beginning.close();
        }
        if self.sides.iter().all(Beginning::has_ended) { Need::Nothing } else { Need::More }
    }
}
