//! The Cisco Discovery Protocol, behind SNAP (Cisco, "Understanding Cisco Discovery Protocol", and what devices send): name,
//! platform and software of switches, routers and telephones.
//!
//! ```text
//! | version 8 | time to live 8 | checksum 16 | per value: type 16 | length 16, these four bytes included | value …
//! ```
//!
//! Left out: power, quality of service, addresses other than of IPv4 and IPv6.

use std::net::{Ipv4Addr, Ipv6Addr};

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::reader::{Reader, text};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Name of the device, or its serial number.
pub static DEVICE: Field = Field { name: "cdp.deviceid", role: Role::DeviceName, reference: "Cisco, CDP type 0x0001" };
/// An address of the device.
pub static ADDRESS: Field = Field { name: "cdp.address", role: Role::Detail, reference: "Cisco, CDP type 0x0002" };
/// The port it sends from.
pub static PORT: Field = Field { name: "cdp.portid", role: Role::Detail, reference: "Cisco, CDP type 0x0003" };
/// Its software with version.
pub static SOFTWARE: Field =
    Field { name: "cdp.software_version", role: Role::Software, reference: "Cisco, CDP type 0x0005" };
/// Its model.
pub static PLATFORM: Field = Field { name: "cdp.platform", role: Role::Software, reference: "Cisco, CDP type 0x0006" };
/// Domain in which VLANs are managed together.
pub static VTP_DOMAIN: Field =
    Field { name: "cdp.vtp_management_domain", role: Role::Detail, reference: "Cisco, CDP type 0x0009" };
/// VLAN of frames without a tag.
pub static NATIVE_VLAN: Field =
    Field { name: "cdp.native_vlan", role: Role::Detail, reference: "Cisco, CDP type 0x000a" };

/// CDP.
pub static DISSECTOR: Dissector = Dissector {
    name: "cdp",
    carrier: Carrier::Link,
    encrypted: Some(false),
    fields: &[&DEVICE, &ADDRESS, &PORT, &SOFTWARE, &PLATFORM, &VTP_DOMAIN, &NATIVE_VLAN],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Cdp),
};

/// A switch.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 0, responder_port: PROTOCOL, from_start: true },
    pushes: &[(
        Direction::Originator,
        b"\x02\xb4\x124\0\x01\0\x19switch-2.home.example\0\x02\0\x11\0\0\0\x01\x01\x01\xcc\0\x04\xc0\0\x02\x03\0\
      \x03\0\x16GigabitEthernet0/1\0\x05\0*Example Operating System, Version 15.2\0\x06\0\x14example WS-C2960\
      \0\x09\0\x08home\0\n\0\x06\0\x01",
    )],
};

const PROTOCOL: u16 = 0x2000;

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    // All types so far begin with a zero byte or 0x10.
    let matches = context.responder_port == PROTOCOL && matches!(bytes, [1 | 2, _, _, _, 0x00 | 0x10, _, ..]);
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

struct Cdp;

impl Dissect for Cdp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
        let mut reader = Reader(bytes);
        reader.take(4);
        while let (Some(kind), Some(len)) = (reader.u16(), reader.u16())
            && let Some(value) = usize::from(len).checked_sub(4).and_then(|len| reader.take(len))
        {
            let field = match kind {
                0x01 => &DEVICE,
                0x03 => &PORT,
                0x05 => &SOFTWARE,
                0x06 => &PLATFORM,
                0x09 => &VTP_DOMAIN,
                0x02 => {
                    addresses(value, |address| say(&ADDRESS, Value::Text(address)));
                    continue;
                }
                0x0a => {
                    if let Ok(vlan) = value.try_into() {
                        say(&NATIVE_VLAN, Value::Number(u16::from_be_bytes(vlan).into()));
                    }
                    continue;
                }
                _ => continue,
            };
            if let Some(value) = text(value) {
                say(field, Value::Text(&value));
            }
        }
        Need::More
    }
}

/// A list of addresses: each kind and length of a protocol number, that number, length and address.
fn addresses(value: &[u8], mut say: impl FnMut(&str)) -> Option<()> {
    let mut reader = Reader(value);
    let count = reader.u32()?;
    for _ in 0..count.min(64) {
        reader.u8()?;
        reader.vec8()?;
        let address = reader.vec16()?;
        if let Ok(octets) = <[u8; 4]>::try_from(address) {
            say(&Ipv4Addr::from(octets).to_string());
        } else if let Ok(octets) = <[u8; 16]>::try_from(address) {
            say(&Ipv6Addr::from(octets).to_string());
        }
    }
    Some(())
}
