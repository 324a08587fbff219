//! Link-local multicast name resolution on port 5355 (RFC 4795): Windows' questions for names without a server, and the
//! answers of those that have them.
//!
//! Left out: LLMNR over TCP.

use firstlight_model::{Direction, Field, Role};

use crate::dns::message::Message;
use crate::dns::{Fields, observe};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Name asked for.
pub static LOOK_UP: Field = Field { name: "llmnr.qry.name", role: Role::LookUp, reference: "RFC 4795 s. 2.1" };
/// The header of a message.
pub static HEADER: Field = Field { name: "llmnr.flags", role: Role::Detail, reference: "RFC 4795 s. 2.1" };
/// A record of an answer.
pub static RECORD: Field = Field { name: "llmnr.resp.name", role: Role::Detail, reference: "RFC 4795 s. 2.1" };
/// IPv4 address of a name.
pub static A: Field = Field { name: "llmnr.a", role: Role::AddressName, reference: "RFC 4795 s. 2.1" };
/// IPv6 address of a name.
pub static AAAA: Field = Field { name: "llmnr.aaaa", role: Role::AddressName, reference: "RFC 4795 s. 2.1" };
/// The name that the sender answers to.
pub static HOST: Field = Field { name: "llmnr.host", role: Role::DeviceName, reference: "RFC 4795 s. 2.3" };
/// A message that is broken, or larger than is read.
pub static MALFORMED: Field = Field { name: "llmnr.malformed", role: Role::Anomaly, reference: "RFC 4795 s. 2.1" };

static FIELDS: Fields = Fields {
    header: &HEADER,
    look_up: &LOOK_UP,
    record: &RECORD,
    a: &A,
    aaaa: &AAAA,
    device: Some(&HOST),
    service: None,
    properties: None,
    malformed: &MALFORMED,
    internet: None,
};

/// LLMNR.
pub static DISSECTOR: Dissector = Dissector {
    name: "llmnr",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&HEADER, &LOOK_UP, &RECORD, &A, &AAAA, &HOST, &MALFORMED],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Llmnr::default()),
};

/// A question, its answer with both kinds of address, an answer with a record too long for its type.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 5355, from_start: true },
    pushes: &[
        (Direction::Originator, b"\x1a\x2b\0\0\0\x01\0\0\0\0\0\0\x03LAB\0\0\xff\0\x01"),
        (
            Direction::Responder,
            b"\x1a\x2b\x80\0\0\x01\0\x02\0\0\0\0\x03LAB\0\0\xff\0\x01\xc0\x0c\0\x01\0\x01\0\0\0\x1e\0\x04\xc0\0\x02\x09\
              \xc0\x0c\0\x1c\0\x01\0\0\0\x1e\0\x10\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x09",
        ),
        (
            Direction::Responder,
            b"\x1a\x2b\x80\0\0\x01\0\x01\0\0\0\0\x03LAB\0\0\xff\0\x01\xc0\x0c\0\x01\0\x01\0\0\0\x1e\0\x05\xc0\0\x02\x09\0",
        ),
    ],
};

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    if context.has_port(5355) && Message::default().parse(bytes).is_plausible() {
        Verdict::Match
    } else {
        Verdict::NoMatch
    }
}

#[derive(Default)]
struct Llmnr {
    message: Message,
}

impl Dissect for Llmnr {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk {
            observe(&FIELDS, self.message.parse(bytes), direction, sink);
        }
        Need::More
    }
}
