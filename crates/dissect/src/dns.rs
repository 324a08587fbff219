//! DNS over UDP (RFC 1035, RFC 2308, RFC 6891): look-ups and the addresses that names were given.
//!
//! On port 53 a message that begins well is taken; on any other port it must be valid to its last byte. Left out:
//! dynamic updates and zone transfers beyond their question, DNSSEC, service binding hints.

mod answer;
pub(crate) mod message;

use firstlight_model::{Direction, Field, Role};

pub(crate) use answer::{Fields, observe};
use message::Message;

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Name asked for.
pub static LOOK_UP: Field = Field { name: "dns.qry.name", role: Role::LookUp, reference: "RFC 1035 s. 4.1.2" };
/// IPv4 address of a name.
pub static A: Field = Field { name: "dns.a", role: Role::AddressName, reference: "RFC 1035 s. 3.4.1" };
/// IPv6 address of a name.
pub static AAAA: Field = Field { name: "dns.aaaa", role: Role::AddressName, reference: "RFC 3596 s. 2.2" };
/// A message that is broken, or larger than is read.
pub static MALFORMED: Field = Field { name: "dns.malformed", role: Role::Anomaly, reference: "RFC 1035 s. 4.1" };

pub(crate) static FIELDS: Fields =
    Fields { look_up: &LOOK_UP, a: &A, aaaa: &AAAA, device: None, service: None, malformed: &MALFORMED };

/// DNS over UDP.
pub static DISSECTOR: Dissector = Dissector {
    name: "dns",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&LOOK_UP, &A, &AAAA, &MALFORMED],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Dns::default()),
};

const CONTEXT: Context = Context { originator_port: 50_000, responder_port: 53, from_start: true };

/// A query, its answer through one alias for both kinds of address, and an answer whose record is cut short.
const SAMPLE: Sample = Sample {
    context: CONTEXT,
    pushes: &[(Direction::Originator, QUERY), (Direction::Responder, ANSWER), (Direction::Responder, BROKEN)],
};

pub(crate) const QUERY: &[u8] =
    b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03wWw\x07example\x03org\x00\x00\x01\x00\x01";

pub(crate) const ANSWER: &[u8] =
    b"\x12\x34\x81\x80\x00\x01\x00\x03\x00\x00\x00\x00\x03www\x07example\x03org\x00\x00\x01\x00\x01\
    \x03cdn\xc0\x10\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01\
    \xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x0a\x00\x02\xc0\x21\
    \xc0\x21\x00\x1c\x00\x01\x00\x00\x00\x3c\x00\x10\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01";

const BROKEN: &[u8] = b"\x12\x35\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x03www\x07example\x03org\x00\x00\x01\x00\x01\
    \xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x03\xc0\x00\x02";

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    if [5353, 5355, 137, 138].iter().any(|&port| context.has_port(port)) {
        return Verdict::NoMatch;
    }
    let mut message = Message::default();
    let matches = if context.has_port(53) {
        message.parse(bytes).is_plausible()
    } else {
        message.parse(bytes).is_strictly_valid()
    };
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

#[derive(Default)]
struct Dns {
    message: Message,
}

impl Dissect for Dns {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk {
            observe(&FIELDS, self.message.parse(bytes), direction, sink);
        }
        Need::More
    }
}
