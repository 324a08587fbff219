//! DNS over UDP (RFC 1035, RFC 2308, RFC 6891, RFC 9460): look-ups, the addresses that names were given, service bindings
//! and names that there are not.
//!
//! On port 53 a message that begins well is taken; on any other port it must be valid to its last byte. Left out:
//! dynamic updates and zone transfers beyond their question, DNSSEC.

mod answer;
mod binding;
pub(crate) mod message;
mod properties;

use firstlight_model::{Direction, Field, Role};

use answer::Internet;
pub(crate) use answer::{Fields, observe};
use message::Message;

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Name asked for.
pub static LOOK_UP: Field = Field { name: "dns.qry.name", role: Role::LookUp, reference: "RFC 1035 s. 4.1.2" };
/// The header of a message.
pub static HEADER: Field = Field { name: "dns.flags", role: Role::Detail, reference: "RFC 1035 s. 4.1.1" };
/// A record of an answer.
pub static RECORD: Field = Field { name: "dns.resp.name", role: Role::Detail, reference: "RFC 1035 s. 4.1.3" };
/// IPv4 address of a name.
pub static A: Field = Field { name: "dns.a", role: Role::AddressName, reference: "RFC 1035 s. 3.4.1" };
/// IPv6 address of a name.
pub static AAAA: Field = Field { name: "dns.aaaa", role: Role::AddressName, reference: "RFC 3596 s. 2.2" };
/// A message that is broken, or larger than is read.
pub static MALFORMED: Field = Field { name: "dns.malformed", role: Role::Anomaly, reference: "RFC 1035 s. 4.1" };

/// An answer that is a failure: the name of its code.
pub static RESPONSE_CODE: Field =
    Field { name: "dns.rcode", role: Role::Anomaly, reference: "IANA, DNS RCODEs; RFC 2308 s. 2.1" };
/// Size of the datagrams that the sender takes, in bytes.
pub static UDP_PAYLOAD: Field =
    Field { name: "dns.rr.udp_payload_size", role: Role::Detail, reference: "RFC 6891 s. 6.2.3" };
/// Target of a service binding, when it is not the owner itself.
pub static SVCB_TARGET: Field = Field { name: "dns.svcb.target", role: Role::Detail, reference: "RFC 9460 s. 2.5" };
/// Protocols that a service speaks, with commas.
pub static SVCB_ALPN: Field =
    Field { name: "dns.svcb.svcparam.alpn", role: Role::Detail, reference: "RFC 9460 s. 7.1" };
/// IPv4 address that a service may have.
pub static SVCB_IPV4_HINT: Field =
    Field { name: "dns.svcb.svcparam.ipv4hint", role: Role::AddressHint, reference: "RFC 9460 s. 7.3" };
/// IPv6 address that a service may have.
pub static SVCB_IPV6_HINT: Field =
    Field { name: "dns.svcb.svcparam.ipv6hint", role: Role::AddressHint, reference: "RFC 9460 s. 7.3" };
/// The name that encrypted hellos to the service show outside.
pub static SVCB_PUBLIC_NAME: Field =
    Field { name: "dns.svcb.ech.public_name", role: Role::PublicName, reference: "RFC 9849 s. 4" };

pub(crate) static FIELDS: Fields = Fields {
    header: &HEADER,
    look_up: &LOOK_UP,
    record: &RECORD,
    a: &A,
    aaaa: &AAAA,
    device: None,
    service: None,
    properties: None,
    malformed: &MALFORMED,
    internet: Some(&Internet {
        response_code: &RESPONSE_CODE,
        udp_payload: &UDP_PAYLOAD,
        target: &SVCB_TARGET,
        alpn: &SVCB_ALPN,
        ipv4_hint: &SVCB_IPV4_HINT,
        ipv6_hint: &SVCB_IPV6_HINT,
        public_name: &SVCB_PUBLIC_NAME,
    }),
};

/// All fields of the DNS, over whatever it is carried.
pub(crate) const ALL_FIELDS: &[&Field] = &[
    &HEADER,
    &LOOK_UP,
    &RECORD,
    &A,
    &AAAA,
    &MALFORMED,
    &RESPONSE_CODE,
    &UDP_PAYLOAD,
    &SVCB_TARGET,
    &SVCB_ALPN,
    &SVCB_IPV4_HINT,
    &SVCB_IPV6_HINT,
    &SVCB_PUBLIC_NAME,
];

/// DNS over UDP.
pub static DISSECTOR: Dissector = Dissector {
    name: "dns",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: ALL_FIELDS,
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Dns::default()),
};

const CONTEXT: Context = Context { originator_port: 50_000, responder_port: 53, from_start: true };

/// A query, its answer through one alias for both kinds of address, and an answer whose record is cut short.
const SAMPLE: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, QUERY),
        (Direction::Responder, ANSWER),
        (Direction::Responder, BROKEN),
        (Direction::Responder, BINDING),
        (Direction::Responder, NO_SUCH_NAME),
    ],
};

pub(crate) const QUERY: &[u8] =
    b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03wWw\x07example\x03org\x00\x00\x01\x00\x01";

pub(crate) const ANSWER: &[u8] =
    b"\x12\x34\x81\x80\x00\x01\x00\x03\x00\x00\x00\x00\x03www\x07example\x03org\x00\x00\x01\x00\x01\
    \x03cdn\xc0\x10\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01\
    \xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x0a\x00\x02\xc0\x21\
    \xc0\x21\x00\x1c\x00\x01\x00\x00\x00\x3c\x00\x10\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01";

/// An answer with a service binding: another target, protocols, both kinds of hints, an encrypted hello's public name.
pub(crate) const BINDING: &[u8] =
    b"\x12\x36\x81\x80\x00\x01\x00\x01\x00\x00\x00\x01\x03www\x07example\x03org\x00\x00\x41\x00\x01\
    \xc0\x0c\x00\x41\x00\x01\x00\x00\x01\x2c\x00\x56\x00\x01\x01b\x07example\x00\
    \x00\x01\x00\x06\x02h2\x02h3\x00\x04\x00\x04\xc0\x00\x02\x05\
    \x00\x05\x00\x1f\x00\x1d\xfe\x0d\x00\x19\x07\x00\x20\x00\x02kk\x00\x04\x00\x01\x00\x01\x00\x08o.exampl\x00\x00\
    \x00\x06\x00\x10\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\
    \x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00";

/// A name that does not exist.
pub(crate) const NO_SUCH_NAME: &[u8] =
    b"\x12\x37\x81\x83\x00\x01\x00\x00\x00\x00\x00\x00\x03wpa\x07example\x03org\x00\x00\x01\x00\x01";

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
