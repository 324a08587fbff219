//! TP-Link's smart home devices over TCP port 9999: as over UDP, with four bytes of length in front.

use firstlight_model::Direction;

use crate::gather::{Beginning, side};
use crate::tplink::{ALIAS, FRONT, MODEL, is_json, observe};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// TP-Link over TCP.
pub static DISSECTOR: Dissector = Dissector {
    name: "tplink-smarthome",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&ALIAS, &MODEL],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(TplinkTcp::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 9999, from_start: true },
    pushes: &[
        (Direction::Originator, b"\0\0\0\x1d"),
        (Direction::Originator, crate::tplink::QUESTION),
        (Direction::Responder, b"\0\0\0\x4e"),
        (Direction::Responder, crate::tplink::ANSWER),
    ],
};

/// Bytes of an answer that are kept: the description of a device stands at the beginning.
const ANSWER_LEN_BYTES: usize = 4096;

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    match bytes {
        [0, 0, _, _, json @ ..] if json.len() >= 6 => {
            if is_json(json) {
                Verdict::Match
            } else {
                Verdict::NoMatch
            }
        }
        [0, 0, _, _, json @ ..] if FRONT.starts_with(json) || json.starts_with(FRONT) => Verdict::NeedMore,
        [0] | [0, 0] | [0, 0, _] => Verdict::NeedMore,
        _ => Verdict::NoMatch,
    }
}

/// Length of the answer that begins here, with its own four bytes.
fn len(bytes: &[u8]) -> Option<usize> {
    let len = usize::try_from(u32::from_be_bytes(*bytes.first_chunk()?)).ok()?;
    len.checked_add(4)
}

#[derive(Default)]
struct TplinkTcp {
    sides: [Beginning; 2],
}

impl TplinkTcp {
    fn end(beginning: &mut Beginning, direction: Direction, sink: &mut dyn Sink) {
        let bytes = beginning.bytes();
        if let Some(json) = bytes.get(4..) {
            // What follows the answer is another.
            observe(len(bytes).and_then(|len| bytes.get(4..len)).unwrap_or(json), direction, sink);
        }
        beginning.close();
    }
}

impl Dissect for TplinkTcp {
    fn held_len(&self) -> usize {
        self.sides.iter().map(Beginning::held_len).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let beginning = side(&mut self.sides, direction);
        let bytes = beginning.push(chunk, ANSWER_LEN_BYTES);
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
