//! Micro Transport Protocol of BitTorrent (BEP 29): told by the packet that begins a connection.
//!
//! ```text
//! | type 4 | version 4 | extension 8 | connection 16 | time stamp 32 | difference 32 | window 32 | sequence 16 | acknowledged 16 |
//! ```
//!
//! Left out: what it carries, and connections whose beginning is not in the capture.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Type of a packet: 4 begins a connection.
pub static TYPE: Field = Field { name: "bt-utp.type", role: Role::Detail, reference: "BEP 29, header format" };

/// µTP.
pub static DISSECTOR: Dissector = Dissector {
    name: "bt-utp",
    carrier: Carrier::Udp,
    encrypted: None,
    fields: &[&TYPE],
    samples: &[SAMPLE],
    probe: |_, direction, bytes| {
        if direction == Direction::Originator && is_beginning(bytes) { Verdict::Match } else { Verdict::NoMatch }
    },
    open: |_| Box::new(Utp),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 6881, from_start: true },
    pushes: &[(Direction::Originator, b"\x41\0\x12\x34\x01\x02\x03\x04\0\0\0\0\0\x10\0\0\0\x01\0\0")],
};

/// Header alone, or with the eight bytes of extension bits; nothing measured, nothing received, packet 1.
fn is_beginning(bytes: &[u8]) -> bool {
    let &[0x41, extension @ (0 | 2), _, _, _, _, _, _, 0, 0, 0, 0, _, _, _, _, 0, 1, 0, 0, ref rest @ ..] = bytes
    else {
        return false;
    };
    match extension {
        0 => rest.is_empty(),
        _ => rest.len() == 10 && rest.starts_with(&[0, 8]),
    }
}

struct Utp;

impl Dissect for Utp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(&[first, ..]) = chunk else { return Need::More };
        sink.observe(Observation { field: &TYPE, direction, value: Value::Number((first >> 4).into()) });
        Need::Nothing
    }
}
