//! Control messages of the Layer Two Tunneling Protocol, version 2, on port 1701 (RFC 2661 s. 3.1, 4.4): the names of the
//! ends and of their maker.
//!
//! Left out: data messages (what they carry is a tunnel of the wire stage's kind), hidden values, version 3.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::reader::Reader;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Message type: 1 request to begin a tunnel, 2 its answer, …
pub static MESSAGE_TYPE: Field =
    Field { name: "l2tp.avp.message_type", role: Role::Detail, reference: "RFC 2661 s. 3.2" };
/// Host name of the sender.
pub static HOST_NAME: Field =
    Field { name: "l2tp.avp.host_name", role: Role::DeviceName, reference: "RFC 2661 s. 4.4.3" };
/// Its maker.
pub static VENDOR_NAME: Field =
    Field { name: "l2tp.avp.vendor_name", role: Role::Software, reference: "RFC 2661 s. 4.4.3" };

/// L2TP.
pub static DISSECTOR: Dissector = Dissector {
    name: "l2tp",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&MESSAGE_TYPE, &HOST_NAME, &VENDOR_NAME],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(L2tp),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 1701, responder_port: 1701, from_start: true },
    pushes: &[(
        Direction::Originator,
        b"\xc8\x02\0\x27\0\0\0\0\0\0\0\0\x80\x08\0\0\0\0\0\x01\x80\x09\0\0\0\x07lac\x80\x0a\0\0\0\x08Corp",
    )],
};

/// Value pairs of one message that are read.
const PAIRS: usize = 48;

const HEADER_LEN_BYTES: usize = 12;

fn pairs(bytes: &[u8]) -> Option<&[u8]> {
    // A control message has length and sequence numbers, no offset and no priority.
    let &[0xc8, 0x02, high, low, ..] = bytes else { return None };
    let len = usize::from(u16::from_be_bytes([high, low]));
    let message = bytes.get(..len).unwrap_or(bytes);
    message.get(HEADER_LEN_BYTES..).filter(|_| len >= HEADER_LEN_BYTES && len <= bytes.len() + 64)
}

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let Some(pairs) = pairs(bytes) else { return Verdict::NoMatch };
    // The first pair says the type of the message; a message without any acknowledges.
    let begins_well = match pairs {
        [] => context.has_port(1701) && bytes.len() == HEADER_LEN_BYTES,
        &[flags, _, 0, 0, 0, 0, 0, kind, ..] => flags & 0x80 != 0 && (1..=16).contains(&kind),
        _ => false,
    };
    if begins_well { Verdict::Match } else { Verdict::NoMatch }
}

struct L2tp;

impl Dissect for L2tp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let Some(pairs) = pairs(bytes) else { return Need::More };
        let mut rest = Reader(pairs);
        for _ in 0..PAIRS {
            let (Some(head), Some(vendor), Some(attribute)) = (rest.u16(), rest.u16(), rest.u16()) else { break };
            let Some(value) = usize::from(head & 0x3ff).checked_sub(6).and_then(|len| rest.take(len)) else { break };
            let is_hidden = head & 0x4000 != 0;
            if is_hidden || vendor != 0 || value.is_empty() {
                continue;
            }
            let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
            match (attribute, value) {
                (0, &[high, low]) => say(&MESSAGE_TYPE, Value::Number(u16::from_be_bytes([high, low]).into())),
                (7, name) => say(&HOST_NAME, Value::Text(&String::from_utf8_lossy(name))),
                (8, name) => say(&VENDOR_NAME, Value::Text(&String::from_utf8_lossy(name))),
                _ => {}
            }
        }
        Need::More
    }
}
