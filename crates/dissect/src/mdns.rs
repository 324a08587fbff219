//! Multicast DNS (RFC 6762) and DNS-SD (RFC 6763) on port 5353: questions, hosts that announce themselves, services.
//!
//! Left out: text records but for the properties that name a device or its model, probes' authority sections.

use firstlight_model::{Direction, Field, Role};

use crate::dns::message::Message;
use crate::dns::{Fields, observe};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Name asked for.
pub static LOOK_UP: Field = Field { name: "mdns.qry.name", role: Role::LookUp, reference: "RFC 6762 s. 5" };
/// The header of a message.
pub static HEADER: Field = Field { name: "mdns.flags", role: Role::Detail, reference: "RFC 6762 s. 18" };
/// A record of an answer.
pub static RECORD: Field = Field { name: "mdns.resp.name", role: Role::Detail, reference: "RFC 6762 s. 18" };
/// IPv4 address of a name.
pub static A: Field = Field { name: "mdns.a", role: Role::AddressName, reference: "RFC 6762 s. 6" };
/// IPv6 address of a name.
pub static AAAA: Field = Field { name: "mdns.aaaa", role: Role::AddressName, reference: "RFC 6762 s. 6" };
/// The name under which the sender announces its address, `.local` included.
pub static HOST: Field = Field { name: "mdns.host", role: Role::DeviceName, reference: "RFC 6762 s. 3" };
/// An instance of a service, or a type of service, that the sender offers.
pub static SERVICE: Field = Field { name: "mdns.service", role: Role::Service, reference: "RFC 6763 s. 4" };
/// A message that is broken, or larger than is read.
pub static MALFORMED: Field = Field { name: "mdns.malformed", role: Role::Anomaly, reference: "RFC 1035 s. 4.1" };

/// Model of the device, from the text records of its services.
pub static MODEL: Field = Field { name: "mdns.txt.model", role: Role::Software, reference: "RFC 6763 s. 6" };
/// The name that its owner gave it, likewise.
pub static GIVEN_NAME: Field = Field { name: "mdns.txt.fn", role: Role::DeviceName, reference: "RFC 6763 s. 6" };

static FIELDS: Fields = Fields {
    header: &HEADER,
    look_up: &LOOK_UP,
    record: &RECORD,
    a: &A,
    aaaa: &AAAA,
    device: Some(&HOST),
    service: Some(&SERVICE),
    properties: Some([&MODEL, &GIVEN_NAME]),
    malformed: &MALFORMED,
    internet: None,
};

/// Multicast DNS.
pub static DISSECTOR: Dissector = Dissector {
    name: "mdns",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&HEADER, &LOOK_UP, &RECORD, &A, &AAAA, &HOST, &SERVICE, &MODEL, &GIVEN_NAME, &MALFORMED],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Mdns::default()),
};

/// A question for printers, a printer's announcement, a record that is too long for its type.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 5353, responder_port: 5353, from_start: true },
    pushes: &[
        (
            Direction::Originator,
            b"\0\0\0\0\0\x01\0\0\0\0\0\0\x04_ipp\x04_tcp\x05local\0\0\x0c\x80\x01",
        ),
        (
            Direction::Originator,
            b"\0\0\x84\0\0\0\0\x01\0\0\0\x02\x04_ipp\x04_tcp\x05local\0\0\x0c\0\x01\0\0\x11\x94\0\x0b\x08Up Stair\xc0\x0c\
              \x07printer\xc0\x16\0\x01\x80\x01\0\0\0\x78\0\x04\xc0\0\x02\x07\
              \xc0\x32\0\x1c\x80\x01\0\0\0\x78\0\x10\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x07",
        ),
        (
            Direction::Originator,
            b"\0\0\x84\0\0\0\0\x01\0\0\0\0\x01x\x0c_device-info\x04_tcp\x05local\0\0\x10\0\x01\0\0\x11\x94\0\x1e\
              \x14model=MacBookPro18,3\x08fn=Study",
        ),
        (Direction::Originator, b"\0\0\x84\0\0\0\0\x01\0\0\0\0\x01x\x05local\0\0\x01\0\x01\0\0\0\x78\0\x05\xc0\0\x02\x07\0"),
    ],
};

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    if context.has_port(5353) && Message::default().parse(bytes).is_plausible() {
        Verdict::Match
    } else {
        Verdict::NoMatch
    }
}

#[derive(Default)]
struct Mdns {
    message: Message,
}

impl Dissect for Mdns {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk {
            observe(&FIELDS, self.message.parse(bytes), direction, sink);
        }
        Need::More
    }
}
