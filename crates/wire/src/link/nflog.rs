//! The netfilter log of Linux (tcpdump.org, LINKTYPE_NFLOG; linux/netfilter/nfnetlink_log.h).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------+---------------+-------------------------------+
//! | Address family|    Version    |          Resource             |
//! +---------------+---------------+-------------------------------+
//! |   Length (host byte order)    |    Type (host byte order)     |  again and again, each
//! +-------------------------------+-------------------------------+  padded to four bytes
//! |  Value …
//! ```

use firstlight_model::{Layer, MacAddress};

use crate::link;
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// NFULA_PACKET_HDR: the Ethernet type and the hook.
const PACKET_HEADER: u16 = 1;
/// NFULA_HWADDR: the sender's link address.
const HARDWARE_ADDRESS: u16 = 8;
/// NFULA_PAYLOAD: the packet from the network header on.
const PAYLOAD: u16 = 9;

/// Reads a message from the address family on.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[family, version, _, _]) = rest.head::<4>() else { return reader.short(Layer::Nflog, rest, 4) };
    if version != 0 {
        return reader.invalid(Layer::Nflog, rest, u32::from(version));
    }
    if !reader.enter(Layer::Nflog, rest) {
        return;
    }
    let mut ether_type = 0;
    let mut rest = rest.skip(4);
    // Little-endian unless the first length makes no sense that way.
    let big_endian = rest.head::<2>().is_some_and(|len| u32::from(u16::from_le_bytes(*len)) > rest.len);
    let number = |bytes: [u8; 2]| if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) };
    // Each attribute takes at least four bytes of the frame.
    while rest.len > 0 {
        let Some(&[l0, l1, k0, k1]) = rest.head::<4>() else { return reader.short(Layer::Nflog, rest, 4) };
        let len = number([l0, l1]);
        if len < 4 {
            return reader.invalid(Layer::Nflog, rest, u32::from(len));
        }
        let value = rest.skip(4);
        match number([k0, k1]) & 0x7fff {
            PACKET_HEADER => ether_type = value.u16_at(0).unwrap_or(0),
            HARDWARE_ADDRESS if value.u16_at(0) == Some(6) => {
                reader.addresses(value.at::<6>(4).map(|bytes| MacAddress(*bytes)), None);
            }
            PAYLOAD => {
                let payload = value.declared(u32::from(len) - 4);
                return match family {
                    2 => network::ipv4::read(reader, payload),
                    10 => network::ipv6::read(reader, payload),
                    _ if ether_type >= 0x0600 => link::read_by_ether_type(reader, Layer::Nflog, ether_type, payload),
                    _ => reader.unsupported(Layer::Nflog, payload, u32::from(family)),
                };
            }
            _ => {}
        }
        rest = rest.skip((u32::from(len) + 3) & !3);
    }
    // An entry without a packet.
    reader.unsupported(Layer::Nflog, rest, u32::from(family));
}
