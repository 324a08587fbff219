//! RADIUS (RFC 2865, RFC 2866, RFC 5176): who lets machines into a network, told by a length and a chain of attributes
//! that fit to the last byte.
//!
//! Left out, on purpose: user names, passwords and everything else that is about a person.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// 1 request for access, 2 accept, 3 reject, 4 and 5 accounting, 11 challenge, …
pub static CODE: Field = Field { name: "radius.code", role: Role::Detail, reference: "RFC 2865 s. 3" };
/// What the access server calls itself.
pub static IDENTIFIER: Field =
    Field { name: "radius.NAS_Identifier", role: Role::DeviceName, reference: "RFC 2865 s. 5.32" };

/// RADIUS.
pub static DISSECTOR: Dissector = Dissector {
    name: "radius",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&CODE, &IDENTIFIER],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Radius),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 1812, from_start: true },
    pushes: &[
        (Direction::Originator, b"\x01\x07\0\x1c0123456789abcdef\x20\x08switch"),
        (Direction::Responder, b"\x03\x07\0\x140123456789abcdef"),
    ],
};

/// Ports of authentication, accounting and changes, old and new.
const PORTS: [u16; 5] = [1812, 1813, 1645, 1646, 3799];

/// Code, identifier, length and authenticator.
const HEADER_LEN_BYTES: usize = 20;

/// Code and attributes, when the attributes fill the message.
fn message(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let &[code, _, a, b, ..] = bytes else { return None };
    let len = usize::from(u16::from_be_bytes([a, b]));
    if !matches!(code, 1..=5 | 11..=13 | 40..=45) || len < HEADER_LEN_BYTES || len > bytes.len() {
        return None;
    }
    let attributes = bytes.get(HEADER_LEN_BYTES..len)?;
    let mut rest = attributes;
    while let &[kind, attribute_len, ..] = rest {
        if kind == 0 || attribute_len < 2 {
            return None;
        }
        rest = rest.get(usize::from(attribute_len)..)?;
    }
    rest.is_empty().then_some((code, attributes))
}

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    // A message without attributes has no shape of its own, and elsewhere nobody speaks it.
    match message(bytes) {
        Some(_) if PORTS.iter().any(|&port| context.has_port(port)) => Verdict::Match,
        _ => Verdict::NoMatch,
    }
}

struct Radius;

impl Dissect for Radius {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let Some((code, mut rest)) = message(bytes) else { return Need::More };
        sink.observe(Observation { field: &CODE, direction, value: Value::Number(code.into()) });
        while let &[kind, len, ..] = rest {
            let Some((attribute, after)) = rest.split_at_checked(len.into()) else { break };
            if kind == 32
                && let Some(name) = attribute.get(2..).filter(|name| !name.is_empty())
            {
                let name = String::from_utf8_lossy(name);
                sink.observe(Observation { field: &IDENTIFIER, direction, value: Value::Text(&name) });
            }
            rest = after;
        }
        Need::More
    }
}
