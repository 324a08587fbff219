//! The Lightweight Directory Access Protocol over TCP (RFC 4511), until TLS is agreed on.
//!
//! ```text
//! SEQUENCE { INTEGER message id, [APPLICATION n] operation, … }
//! ```
//!
//! Left out: names that are bound (users), passwords, filters and entries beyond what a domain controller is asked for.

pub(crate) mod message;
pub(crate) mod netlogon;

use firstlight_model::{Direction, Field, Role};

use crate::kerberos::message::host_of_ticket;
use crate::lines::Next;
use crate::messages::{ByMessage, Messages};
use crate::words::{say, say_host};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict, ber};
use message::{Operation, operation};

/// Where a search begins, from the first part on that is no person's: `dc=example,dc=org`.
pub static BASE: Field = Field { name: "ldap.baseObject", role: Role::Detail, reference: "RFC 4511 s. 4.5.1.1" };
/// How the client signs in: `simple`, or the name of a SASL mechanism.
pub static MECHANISM: Field = Field { name: "ldap.mechanism", role: Role::Detail, reference: "RFC 4511 s. 4.2" };
/// Server that the client has a ticket for.
pub static SERVER: Field = Field { name: "ldap.ticket.server", role: Role::ServerName, reference: "RFC 4121 s. 4.1" };
/// Host that says its name in a search for its domain controller.
pub static CLIENT: Field =
    Field { name: "ldap.netlogon.host", role: Role::DeviceName, reference: "MS-ADTS s. 6.3.3.1" };
/// Domain whose controller is searched.
pub static DOMAIN: Field = Field { name: "ldap.netlogon.domain", role: Role::Detail, reference: "MS-ADTS s. 6.3.3.1" };
/// Name of the domain controller that answers.
pub static CONTROLLER: Field =
    Field { name: "ldap.netlogon.hostname", role: Role::DeviceName, reference: "MS-ADTS s. 6.3.1.9" };

/// LDAP over TCP.
pub static DISSECTOR: Dissector = Dissector {
    name: "ldap",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&BASE, &MECHANISM, &SERVER],
    samples: &[SAMPLE, SAMPLE_TICKET],
    probe,
    open: |_| Box::new(Messages::<Ldap>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 389, from_start: true },
    pushes: &[
        (Direction::Originator, b"\x30\x1b\x02\x01\x01\x60\x16\x02\x01\x03\x04\x09cn=person\x80\x06secret"),
        (Direction::Responder, b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00"),
        (
            Direction::Originator,
            b"\x30\x3f\x02\x01\x02\x63\x3a\x04\x1bcn=person,DC=example,dc=org\x0a\x01\x00\x0a\x01\x00\
              \x02\x01\x00\x02\x01\x00\x01\x01\x00\x87\x0bobjectClass\x30\x00",
        ),
    ],
};

/// A bind with a ticket for `ldap/dc1.example.org`.
const SAMPLE_TICKET: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 389, from_start: true },
    pushes: &[(
        Direction::Originator,
        b"\x30\x7c\x02\x01\x01\x60\x77\x02\x01\x03\x04\x00\xa3\x70\x04\x0aGSS-SPNEGO\x04\x62\
          \x60\x60\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00\x6e\x51\x30\x4f\
          \xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x0e\xa3\x43\x61\x41\x30\x3f\xa0\x03\x02\x01\x05\
          \xa1\x0d\x1b\x0bEXAMPLE.ORG\
          \xa2\x29\x30\x27\xa0\x03\x02\x01\x02\xa1\x20\x30\x1e\x1b\x04ldap\x1b\x16dc1.sample.example.org",
    )],
};

/// Bytes after which a message must be known: heads with long lengths, and the operation's first element.
const PROBE_LEN_BYTES: usize = 6 + 6 + 6 + 6 + 3;

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    if bytes.first() != Some(&ber::SEQUENCE) {
        return Verdict::NoMatch;
    }
    let on_its_port = context.has_port(389) || context.has_port(3268);
    match operation(bytes) {
        Some(operation) if message::is_sure(&operation) || on_its_port => Verdict::Match,
        Some(_) => Verdict::NoMatch,
        // Another tag would have stood here already.
        None if bytes.len() < PROBE_LEN_BYTES
            && bytes.get(1).is_none_or(|len| *len != 0x80)
            && message::may_be(bytes) =>
        {
            Verdict::NeedMore
        }
        None => Verdict::NoMatch,
    }
}

#[derive(Default)]
struct Ldap {
    asked_for_tls: bool,
}

impl ByMessage for Ldap {
    fn message_len(&self, _: Direction, start: &[u8]) -> Option<usize> {
        match ber::head(start) {
            Some((ber::SEQUENCE, head_len, len)) => Some(head_len + len),
            None if start.len() < 6 && start.first() == Some(&ber::SEQUENCE) => None,
            _ => Some(0),
        }
    }

    fn message(&mut self, direction: Direction, message: &[u8], sink: &mut dyn Sink) -> Next {
        match operation(message) {
            Some(Operation::Bind { mechanism }) => {
                say(&MECHANISM, direction, mechanism, sink);
                if let Some(server) = host_of_ticket(message) {
                    say_host(&SERVER, direction, server.as_bytes(), sink);
                }
            }
            Some(Operation::Search { base, .. }) => say(&BASE, direction, message::impersonal(base), sink),
            Some(Operation::Extended { name: message::START_TLS }) => self.asked_for_tls = true,
            Some(Operation::ExtendedAnswer { result }) if std::mem::take(&mut self.asked_for_tls) => {
                return if result == 0 { Next::Tunnel } else { Next::Go };
            }
            _ => {}
        }
        Next::Go
    }
}

/// Says what a search for a domain controller names, and its answer.
pub(crate) fn observe_netlogon(direction: Direction, operation: &Operation<'_>, sink: &mut dyn Sink) {
    match operation {
        Operation::Search { filter, .. } => {
            for (attribute, value) in message::equalities(filter) {
                if attribute.eq_ignore_ascii_case(b"Host") {
                    say_host(&CLIENT, direction, value, sink);
                } else if attribute.eq_ignore_ascii_case(b"DnsDomain") {
                    say_host(&DOMAIN, direction, value, sink);
                }
            }
        }
        Operation::Entry { attributes } => {
            if let Some(answer) = message::attribute(attributes, b"netlogon").and_then(netlogon::answer) {
                say_host(&DOMAIN, direction, answer.domain.as_bytes(), sink);
                say_host(&CONTROLLER, direction, answer.host.as_bytes(), sink);
            }
        }
        _ => {}
    }
}
