//! OpenVPN over TCP: as over UDP, each packet with its length of two bytes in front.

use firstlight_model::{Direction, Observation, Value};

use crate::gather::{Beginning, side};
use crate::openvpn::{OPCODE, is_reset};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// OpenVPN over TCP.
pub static DISSECTOR: Dissector = Dissector {
    name: "openvpn",
    carrier: Carrier::Tcp,
    encrypted: Some(true),
    fields: &[&OPCODE],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(OpenVpnTcp::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 1194, from_start: true },
    pushes: &[
        (Direction::Originator, b"\x00\x0e\x38\xd1\x12\x43\x54\x65\x76\x87\x98\0\0\0\0\0"),
        (
            Direction::Responder,
            b"\x00\x1a\x40\x11\x22\x33\x44\x55\x66\x77\x88\x01\0\0\0\0\xd1\x12\x43\x54\x65\x76\x87\x98\0\0\0\0",
        ),
    ],
};

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let &[high @ 0..=5, ref rest @ ..] = bytes else { return Verdict::NoMatch };
    if !context.from_start {
        return Verdict::NoMatch;
    }
    let Some((&low, packet)) = rest.split_first() else { return Verdict::NeedMore };
    let len = usize::from(u16::from_be_bytes([high, low]));
    match (packet.first(), packet.get(..len)) {
        (Some(0x38 | 0x40 | 0x50) | None, None) if len >= 14 => Verdict::NeedMore,
        (_, Some(packet)) if is_reset(packet) => Verdict::Match,
        _ => Verdict::NoMatch,
    }
}

#[derive(Default)]
struct OpenVpnTcp {
    sides: [Beginning; 2],
}

impl Dissect for OpenVpnTcp {
    fn held_len(&self) -> usize {
        self.sides.iter().map(Beginning::held_len).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let beginning = side(&mut self.sides, direction);
        // The first packet of each side says it all.
        if let Some(&[_, _, first]) = beginning.push(chunk, 3).get(..3) {
            sink.observe(Observation { field: &OPCODE, direction, value: Value::Number((first >> 3).into()) });
            beginning.close();
        }
        if self.sides.iter().all(Beginning::has_ended) { Need::Nothing } else { Need::More }
    }
}
