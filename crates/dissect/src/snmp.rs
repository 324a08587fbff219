//! The Simple Network Management Protocol (RFC 1157, RFC 3416, RFC 3412): version, and what a device says it is.
//!
//! ```text
//! SEQUENCE { INTEGER version, OCTET STRING community, PDU }            v1, v2c
//! SEQUENCE { INTEGER 3, SEQUENCE { … }, OCTET STRING, … }              v3
//! ```
//!
//! Left out: communities, users, all values but the description and name of the system.

use firstlight_model::{Direction, Field, Role};

use crate::ber::{self, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
use crate::reader::Reader;
use crate::words::{say, say_host, say_text};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Version, for example `SNMPv2c`.
pub static VERSION: Field = Field { name: "snmp.version", role: Role::Version, reference: "RFC 3416 s. 3" };
/// Description of the device (sysDescr.0).
pub static DESCRIPTION: Field = Field { name: "snmp.sysDescr", role: Role::Software, reference: "RFC 3418 s. 2" };
/// Name of the device (sysName.0).
pub static NAME: Field = Field { name: "snmp.sysName", role: Role::DeviceName, reference: "RFC 3418 s. 2" };

/// SNMP.
pub static DISSECTOR: Dissector = Dissector {
    name: "snmp",
    carrier: Carrier::Udp,
    encrypted: None,
    fields: &[&VERSION, &DESCRIPTION, &NAME],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Snmp),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 161, from_start: true },
    pushes: &[
        (
            Direction::Originator,
            b"\x30\x26\x02\x01\x01\x04\x06secret\xa0\x19\x02\x01\x07\x02\x01\0\x02\x01\0\x30\x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x01\x00\x05\0",
        ),
        (
            Direction::Responder,
            b"\x30\x3f\x02\x01\x01\x04\x06secret\xa2\x32\x02\x01\x07\x02\x01\0\x02\x01\0\x30\x27\
              \x30\x13\x06\x08\x2b\x06\x01\x02\x01\x01\x01\x00\x04\x07Example\
              \x30\x10\x06\x08\x2b\x06\x01\x02\x01\x01\x05\x00\x04\x04host",
        ),
    ],
};

/// 1.3.6.1.2.1.1.1.0 and 1.3.6.1.2.1.1.5.0.
const SYS_DESCR: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 1, 0];
const SYS_NAME: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 5, 0];

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    // Scanners send such bytes to name servers as well, and the flow stays one of the DNS.
    if bytes.first() != Some(&SEQUENCE) || context.has_port(53) {
        return Verdict::NoMatch;
    }
    let on_its_port = context.has_port(161) || context.has_port(162);
    let fits = ber::head(bytes).is_some_and(|(_, head, len)| {
        let rest = bytes.len().saturating_sub(head);
        rest == len || on_its_port
    });
    if fits && version(bytes).is_some() { Verdict::Match } else { Verdict::NoMatch }
}

/// Tag and contents of a PDU.
type Pdu<'a> = (u8, &'a [u8]);

/// Name of the version and the PDU of versions 1 and 2c.
fn version(bytes: &[u8]) -> Option<(&'static str, Option<Pdu<'_>>)> {
    let mut message = Reader(ber::expect(&mut Reader(bytes), SEQUENCE)?);
    let number = ber::number(ber::expect(&mut message, INTEGER)?)?;
    let name = match number {
        0 => "SNMPv1",
        1 => "SNMPv2c",
        3 => {
            let mut header = Reader(ber::expect(&mut message, SEQUENCE)?);
            ber::expect(&mut header, INTEGER)?;
            ber::expect(&mut header, INTEGER)?;
            ber::expect(&mut header, OCTET_STRING)?;
            return Some(("SNMPv3", None));
        }
        _ => return None,
    };
    ber::expect(&mut message, OCTET_STRING)?;
    let pdu = ber::next(&mut message)?;
    matches!(pdu.0, 0xa0..=0xa8).then_some((name, Some(pdu)))
}

struct Snmp;

impl Dissect for Snmp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let Some((version, pdu)) = version(bytes) else { return Need::More };
        say_text(&VERSION, direction, version, sink);
        if let Some((0xa2, pdu)) = pdu {
            let _ = bindings(direction, pdu, sink);
        }
        Need::More
    }
}

/// The variables of a response.
fn bindings(direction: Direction, pdu: &[u8], sink: &mut dyn Sink) -> Option<()> {
    let mut list = Reader(ber::find(pdu, SEQUENCE)?);
    while let Some(binding) = ber::expect(&mut list, SEQUENCE) {
        let mut binding = Reader(binding);
        let name = ber::expect(&mut binding, OBJECT_IDENTIFIER)?;
        let Some(value) = ber::expect(&mut binding, OCTET_STRING) else { continue };
        if name == SYS_DESCR {
            say(&DESCRIPTION, direction, value, sink);
        } else if name == SYS_NAME {
            say_host(&NAME, direction, value, sink);
        }
    }
    Some(())
}
