//! Reports of flows from routers: NetFlow 5 (Cisco), NetFlow 9 (RFC 3954) and IPFIX (RFC 7011), told by version and by
//! a length that fits.
//!
//! Left out: what they report; it is about others' traffic.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// `NetFlow 5`, `NetFlow 9` or `IPFIX`.
pub static VERSION: Field = Field { name: "cflow.version", role: Role::Version, reference: "RFC 7011 s. 3.1" };

/// NetFlow and IPFIX.
pub static DISSECTOR: Dissector = Dissector {
    name: "cflow",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&VERSION],
    samples: &[SAMPLE],
    probe: |_, _, bytes| if version(bytes).is_some() { Verdict::Match } else { Verdict::NoMatch },
    open: |_| Box::new(Cflow),
};

/// A template of one field.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 4739, from_start: true },
    pushes: &[(Direction::Originator, b"\0\x0a\0\x1c\x60\0\0\0\0\0\0\0\0\0\0\x01\0\x02\0\x0c\x01\0\0\x01\0\x08\0\x04")],
};

fn version(bytes: &[u8]) -> Option<&'static str> {
    let &[0, version, a, b, ref rest @ ..] = bytes else { return None };
    let number = u16::from_be_bytes([a, b]);
    // Seconds since 1970 of anything after 2001.
    let is_time = |at: usize| rest.get(at).is_some_and(|&high| high >= 0x3b);
    match version {
        5 => ((1..=30).contains(&number) && bytes.len() == 24 + 48 * usize::from(number) && is_time(4))
            .then_some("NetFlow 5"),
        9 => {
            let sets = rest.get(16..)?;
            ((1..=256).contains(&number) && is_time(4) && are_sets(sets, [0, 1])).then_some("NetFlow 9")
        }
        10 => {
            let sets = rest.get(12..)?;
            (usize::from(number) == bytes.len() && is_time(0) && are_sets(sets, [2, 3])).then_some("IPFIX")
        }
        _ => None,
    }
}

/// Is this a row of sets, each with its identifier and length, to the last byte?
fn are_sets(mut sets: &[u8], templates: [u16; 2]) -> bool {
    let mut count = 0;
    while let &[id_a, id_b, len_a, len_b, ..] = sets {
        let (id, len) = (u16::from_be_bytes([id_a, id_b]), usize::from(u16::from_be_bytes([len_a, len_b])));
        let Some(rest) = sets.get(len..) else { return false };
        if len < 4 || !(templates.contains(&id) || id >= 256) || count > 256 {
            return false;
        }
        sets = rest;
        count += 1;
    }
    count > 0 && sets.iter().all(|&byte| byte == 0)
}

struct Cflow;

impl Dissect for Cflow {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let Some(version) = version(bytes) else { return Need::More };
        sink.observe(Observation { field: &VERSION, direction, value: Value::Text(version) });
        Need::Nothing
    }
}
