//! Control messages of mobile networks on port 2123: GTP version 1 (3GPP TS 29.060 s. 6) and 2 (3GPP TS 29.274 s. 5).
//!
//! Left out: what they say of subscribers. User traffic on port 2152 is a tunnel of the wire stage.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// `GTPv1` or `GTPv2`.
pub static VERSION: Field = Field { name: "gtp.version", role: Role::Version, reference: "3GPP TS 29.274 s. 5.1" };
/// Message type: 1 echo request, 16 create PDP context, 32 create session, …
pub static MESSAGE: Field = Field { name: "gtp.message", role: Role::Detail, reference: "3GPP TS 29.274 s. 6.1" };

/// GTP control.
pub static DISSECTOR: Dissector = Dissector {
    name: "gtp",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&VERSION, &MESSAGE],
    samples: &[SAMPLE],
    probe: |context, _, bytes| {
        if context.has_port(2123) && message(bytes).is_some() { Verdict::Match } else { Verdict::NoMatch }
    },
    open: |_| Box::new(Gtp),
};

/// Are you there? Yes.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 2123, responder_port: 2123, from_start: true },
    pushes: &[
        (Direction::Originator, b"\x40\x01\0\x09\0\0\x01\0\x03\0\x01\0\x2a"),
        (Direction::Responder, b"\x40\x02\0\x09\0\0\x01\0\x03\0\x01\0\x2a"),
    ],
};

fn message(bytes: &[u8]) -> Option<(&'static str, u8)> {
    let &[flags, kind, a, b, ..] = bytes else { return None };
    let len = usize::from(u16::from_be_bytes([a, b]));
    match flags >> 5 {
        // Protocol type 1; the length leaves out eight bytes of header.
        1 if flags & 0x18 == 0x10 && kind != 0 && len + 8 == bytes.len() => Some(("GTPv1", kind)),
        // A second message may follow in the same datagram.
        2 if flags & 3 == 0 && kind != 0 && len >= 4 && (len + 4 == bytes.len() || flags & 0x10 != 0) => {
            Some(("GTPv2", kind))
        }
        _ => None,
    }
}

struct Gtp;

impl Dissect for Gtp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let Some((version, kind)) = message(bytes) else { return Need::More };
        sink.observe(Observation { field: &VERSION, direction, value: Value::Text(version) });
        sink.observe(Observation { field: &MESSAGE, direction, value: Value::Number(kind.into()) });
        Need::More
    }
}
