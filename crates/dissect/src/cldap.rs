//! LDAP over UDP (MS-ADTS s. 3.1.1.3.1.4, MS-ADTS s. 6.3.3): the search for a domain controller, and its answer.
//!
//! Left out: the older answers without DNS names.

use firstlight_model::Direction;

use crate::ldap::message::operation;
use crate::ldap::{CLIENT, CONTROLLER, DOMAIN, message, observe_netlogon};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict, ber};

/// LDAP over UDP.
pub static DISSECTOR: Dissector = Dissector {
    name: "ldap",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&CLIENT, &CONTROLLER, &DOMAIN],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Cldap),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 389, from_start: true },
    pushes: &[
        (
            Direction::Originator,
            b"\x30\x4d\x02\x01\x01\x63\x48\x04\x00\x0a\x01\x00\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00\
              \xa0\x29\xa3\x18\x04\x09DnsDomain\x04\x0bexample.org\xa3\x0d\x04\x04Host\x04\x05HOST1\
              \x30\x0a\x04\x08netlogon",
        ),
        (
            Direction::Responder,
            b"\x30\x51\x02\x01\x01\x64\x4c\x04\x00\x30\x48\x30\x46\x04\x08netlogon\x31\x3a\x04\x38\
              \x17\0\0\0\x01\0\0\0abcdefghijklmnop\x07example\x03org\0\xc0\x18\x03dc1\xc0\x18\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        ),
    ],
};

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    if bytes.first() != Some(&ber::SEQUENCE) {
        return Verdict::NoMatch;
    }
    let on_its_port = context.has_port(389);
    match operation(bytes) {
        Some(operation) if on_its_port || message::is_sure(&operation) => Verdict::Match,
        _ => Verdict::NoMatch,
    }
}

struct Cldap;

impl Dissect for Cldap {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk
            && let Some(operation) = operation(bytes)
        {
            observe_netlogon(direction, &operation, sink);
        }
        Need::More
    }
}
