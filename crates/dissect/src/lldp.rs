//! The Link Layer Discovery Protocol (IEEE 802.1AB-2016 s. 8): what switches, telephones and servers say of themselves to
//! their neighbour, and the inventory of LLDP-MED (ANSI/TIA-1057 s. 10.2.6).
//!
//! ```text
//! | type 7 | length 9 | value … |
//! ```
//!
//! Left out: what other organisations define (VLANs, power, PROFINET), capabilities in words.

use std::net::{Ipv4Addr, Ipv6Addr};

use firstlight_model::{Direction, Field, MacAddress, Observation, Role, Value};

use crate::reader::{Reader, text};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// What the sender is known by: link address, network address or a text of its own.
pub static CHASSIS: Field =
    Field { name: "lldp.chassis.id", role: Role::Detail, reference: "IEEE 802.1AB-2016 s. 8.5.2" };
/// The port it sends from, likewise.
pub static PORT: Field = Field { name: "lldp.port.id", role: Role::Detail, reference: "IEEE 802.1AB-2016 s. 8.5.3" };
/// Description of the port.
pub static PORT_DESCRIPTION: Field =
    Field { name: "lldp.port.desc", role: Role::Detail, reference: "IEEE 802.1AB-2016 s. 8.5.5" };
/// Name of the system.
pub static SYSTEM_NAME: Field =
    Field { name: "lldp.tlv.system.name", role: Role::DeviceName, reference: "IEEE 802.1AB-2016 s. 8.5.6" };
/// Description of the system: product and version.
pub static SYSTEM_DESCRIPTION: Field =
    Field { name: "lldp.tlv.system.desc", role: Role::Software, reference: "IEEE 802.1AB-2016 s. 8.5.7" };
/// Address by which it is managed.
pub static MANAGEMENT: Field =
    Field { name: "lldp.mgn.addr", role: Role::Detail, reference: "IEEE 802.1AB-2016 s. 8.5.9" };
/// Version of its software.
pub static SOFTWARE: Field =
    Field { name: "lldp.media.software", role: Role::Software, reference: "ANSI/TIA-1057 s. 10.2.6.3" };
/// Its maker.
pub static MANUFACTURER: Field =
    Field { name: "lldp.media.manufacturer", role: Role::Detail, reference: "ANSI/TIA-1057 s. 10.2.6.5" };
/// Its model.
pub static MODEL: Field =
    Field { name: "lldp.media.model", role: Role::Software, reference: "ANSI/TIA-1057 s. 10.2.6.6" };

/// LLDP.
pub static DISSECTOR: Dissector = Dissector {
    name: "lldp",
    carrier: Carrier::Link,
    encrypted: Some(false),
    fields: &[
        &CHASSIS,
        &PORT,
        &PORT_DESCRIPTION,
        &SYSTEM_NAME,
        &SYSTEM_DESCRIPTION,
        &MANAGEMENT,
        &SOFTWARE,
        &MANUFACTURER,
        &MODEL,
    ],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Lldp),
};

/// A switch.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 0, responder_port: ETHER_TYPE, from_start: true },
    pushes: &[(
        Direction::Originator,
        b"\x02\x07\x04\x02\0\0\0\0\x01\x04\x09\x05ge-0/0/1\x06\x02\0x\x08\x0cTo the study\n\x08switch-1\x0c\x15Exa\
      mple Switch OS 4.2\x0e\x04\0\x14\0\x04\x10\x0c\x05\x01\xc0\0\x02\x02\x02\0\0\0\x01\0\xfe\x0b\0\x12\xbb\
      \x09Example\xfe\x09\0\x12\xbb\nSW-24\xfe\x07\0\x12\xbb\x077.1\0\0",
    )],
};

const ETHER_TYPE: u16 = 0x88cc;
const MED: &[u8] = &[0x00, 0x12, 0xbb];

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    // The chassis comes first, in every message.
    let matches = context.responder_port == ETHER_TYPE && matches!(bytes, [0x02 | 0x03, ..]);
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

struct Lldp;

impl Dissect for Lldp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
        let mut reader = Reader(bytes);
        while let Some(head) = reader.u16()
            && let Some(value) = reader.take(usize::from(head & 0x1ff))
        {
            let (field, said) = match (head >> 9, value) {
                (0, _) => break,
                (1, [kind, id @ ..]) => (&CHASSIS, identifier(*kind, id, 4, 5)),
                (2, [kind, id @ ..]) => (&PORT, identifier(*kind, id, 3, 4)),
                (4, _) => (&PORT_DESCRIPTION, owned(value)),
                (5, _) => (&SYSTEM_NAME, owned(value)),
                (6, _) => (&SYSTEM_DESCRIPTION, owned(value)),
                (8, [len, rest @ ..]) => (&MANAGEMENT, rest.get(..usize::from(*len)).and_then(address)),
                (127, [a, b, c, kind, rest @ ..]) if MED == [*a, *b, *c] => match kind {
                    7 => (&SOFTWARE, owned(rest)),
                    9 => (&MANUFACTURER, owned(rest)),
                    10 => (&MODEL, owned(rest)),
                    _ => continue,
                },
                _ => continue,
            };
            if let Some(said) = said {
                say(field, Value::Text(&said));
            }
        }
        Need::More
    }
}

fn owned(value: &[u8]) -> Option<String> {
    text(value).map(std::borrow::Cow::into_owned)
}

/// An identifier, whose first byte says what it is made of: a link address, a network address, or text.
fn identifier(kind: u8, id: &[u8], mac_kind: u8, address_kind: u8) -> Option<String> {
    match id.try_into() {
        Ok(mac) if kind == mac_kind => Some(MacAddress(mac).to_string()),
        _ if kind == address_kind => address(id),
        _ => owned(id),
    }
}

/// An address with the number of its family in front (IANA, Address Family Numbers).
fn address(value: &[u8]) -> Option<String> {
    let (&family, octets) = value.split_first()?;
    match family {
        1 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(octets).ok()?).to_string()),
        2 => Some(Ipv6Addr::from(<[u8; 16]>::try_from(octets).ok()?).to_string()),
        6 => Some(MacAddress(octets.try_into().ok()?).to_string()),
        _ => None,
    }
}
