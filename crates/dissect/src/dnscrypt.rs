//! DNSCrypt version 2 over UDP (draft-denis-dprive-dnscrypt, s. 5): told by the eight bytes with which every answer of
//! a resolver begins.
//!
//! Left out: queries, whose first bytes are those of the resolver's certificate; DNSCrypt over TCP. The request for the
//! certificate, `2.dnscrypt-cert`, goes over plain DNS.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// What answers begin with.
pub static MAGIC: Field =
    Field { name: "dnscrypt.resolver_magic", role: Role::Detail, reference: "draft-denis-dprive-dnscrypt s. 5" };

/// DNSCrypt.
pub static DISSECTOR: Dissector = Dissector {
    name: "dnscrypt",
    carrier: Carrier::Udp,
    encrypted: Some(true),
    fields: &[&MAGIC],
    samples: &[SAMPLE],
    probe: |_, _, bytes| if is_answer(bytes) { Verdict::Match } else { Verdict::NoMatch },
    open: |_| Box::new(DnsCrypt),
};

const RESOLVER_MAGIC: &str = "r6fnvWj8";

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 443, from_start: true },
    pushes: &[(
        Direction::Responder,
        b"r6fnvWj8\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\
          \x21\x22\x23\x24\x25\x26\x27\x28\x29\x2a\x2b\x2c\x2d\x2e\x2f\x30",
    )],
};

/// Magic, nonces of both sides, tag.
const SHORTEST_LEN_BYTES: usize = 8 + 24 + 16;

fn is_answer(bytes: &[u8]) -> bool {
    bytes.starts_with(RESOLVER_MAGIC.as_bytes()) && bytes.len() >= SHORTEST_LEN_BYTES
}

struct DnsCrypt;

impl Dissect for DnsCrypt {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        match chunk {
            Chunk::Data(bytes) if is_answer(bytes) => {
                sink.observe(Observation { field: &MAGIC, direction, value: Value::Text(RESOLVER_MAGIC) });
                Need::Nothing
            }
            _ => Need::More,
        }
    }
}
