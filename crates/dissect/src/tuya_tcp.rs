//! Tuya devices over TCP port 6668: the same frames as over UDP, told by their beginning.
//!
//! Left out: what the frames carry, which is encrypted.

use firstlight_model::{Direction, Observation, Value};

use crate::gather::{Beginning, side};
use crate::tuya::COMMAND;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Tuya over TCP.
pub static DISSECTOR: Dissector = Dissector {
    name: "tuya",
    carrier: Carrier::Tcp,
    encrypted: Some(true),
    fields: &[&COMMAND],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(TuyaTcp::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 6668, from_start: true },
    pushes: &[
        (Direction::Originator, b"\0\0\x55\xaa\0\0\0\x01\0\0\0\x0a\0\0\0\x08\x01\x02\x03\x04\0\0\xaa\x55"),
        (Direction::Responder, b"\0\0\x55\xaa\0\0\0\x01\0\0\0\x0a\0\0\0\x0c\0\0\0\0\x01\x02\x03\x04\0\0\xaa\x55"),
    ],
};

/// Prefix, sequence number, command, length.
const HEADER_LEN_BYTES: usize = 16;

fn command(header: &[u8]) -> Option<u64> {
    let &[0, 0, 0x55, 0xaa, _, _, _, _, 0, 0, 0, command, 0, 0, len, _] = header else { return None };
    // No frame is longer than four kilobytes.
    (len < 16).then_some(command.into())
}

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    const PREFIX: &[u8] = &[0, 0, 0x55, 0xaa];
    match bytes.get(..HEADER_LEN_BYTES) {
        Some(header) if command(header).is_some() => Verdict::Match,
        None if bytes.starts_with(PREFIX) || PREFIX.starts_with(bytes) => Verdict::NeedMore,
        _ => Verdict::NoMatch,
    }
}

#[derive(Default)]
struct TuyaTcp {
    sides: [Beginning; 2],
}

impl Dissect for TuyaTcp {
    fn held_len(&self) -> usize {
        self.sides.iter().map(Beginning::held_len).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let beginning = side(&mut self.sides, direction);
        if let Some(header) = beginning.push(chunk, HEADER_LEN_BYTES).get(..HEADER_LEN_BYTES) {
            if let Some(command) = command(header) {
                sink.observe(Observation { field: &COMMAND, direction, value: Value::Number(command) });
            }
            beginning.close();
        }
        if self.sides.iter().all(Beginning::has_ended) { Need::Nothing } else { Need::More }
    }
}
