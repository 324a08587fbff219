//! Linux "cooked" frames, which captures on all interfaces have (tcpdump.org, LINKTYPE_LINUX_SLL and _SLL2).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-------------------------------+-------------------------------+
//! |          Packet type          |         ARPHRD type           |
//! +-------------------------------+-------------------------------+
//! |        Address length         |                               |
//! +-------------------------------+    Address of the sender      +
//! |                                                               |
//! +                               +-------------------------------+
//! |                               |           Protocol            |
//! +-------------------------------+-------------------------------+
//!
//! version 2
//! +-------------------------------+-------------------------------+
//! |           Protocol            |           Reserved            |
//! +-------------------------------+-------------------------------+
//! |                        Interface index                        |
//! +-------------------------------+---------------+---------------+
//! |          ARPHRD type          |  Packet type  | Address length|
//! +-------------------------------+---------------+---------------+
//! |                      Address of the sender                    |
//! +                                                               +
//! |                                                               |
//! +---------------------------------------------------------------+
//! ```

use firstlight_model::{Layer, MacAddress};

use crate::link;
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Reads a frame of version 1.
pub(crate) fn read_v1<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(header) = rest.head::<16>() else { return reader.short(Layer::LinuxCooked, rest, 16) };
    let &[_, _, h0, h1, l0, l1, a0, a1, a2, a3, a4, a5, _, _, p0, p1] = header;
    if !reader.enter(Layer::LinuxCooked, rest) {
        return;
    }
    if [l0, l1] == [0, 6] {
        reader.addresses(Some(MacAddress([a0, a1, a2, a3, a4, a5])), None);
    }
    let hardware = u16::from_be_bytes([h0, h1]);
    read_payload(reader, Layer::LinuxCooked, hardware, u16::from_be_bytes([p0, p1]), rest.skip(16));
}

/// Reads a frame of version 2.
pub(crate) fn read_v2<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(header) = rest.head::<20>() else { return reader.short(Layer::LinuxCookedV2, rest, 20) };
    let &[p0, p1, _, _, _, _, _, _, h0, h1, _, address_len, a0, a1, a2, a3, a4, a5, _, _] = header;
    if !reader.enter(Layer::LinuxCookedV2, rest) {
        return;
    }
    if address_len == 6 {
        reader.addresses(Some(MacAddress([a0, a1, a2, a3, a4, a5])), None);
    }
    let hardware = u16::from_be_bytes([h0, h1]);
    read_payload(reader, Layer::LinuxCookedV2, hardware, u16::from_be_bytes([p0, p1]), rest.skip(20));
}

/// Reads what the protocol field says, which for some hardware types is no Ethernet type.
fn read_payload<'a>(reader: &mut Reader<'_, 'a>, layer: Layer, hardware: u16, protocol: u16, rest: Rest<'a>) {
    match (hardware, protocol) {
        // Netlink and CAN.
        (824 | 280, _) => reader.unsupported(layer, rest, u32::from(protocol)),
        // Interfaces in monitor mode.
        (803, _) => link::radio::read_radiotap(reader, rest),
        // 802.2 without and with what stands before it: ETH_P_802_3 and ETH_P_802_2 of Linux.
        (_, 0x0004) => link::llc::read(reader, rest),
        (_, 0x0001) => reader.unsupported(layer, rest, u32::from(protocol)),
        // Tunnel interfaces that give no type.
        (_, 0) if network::is_plausible(rest) => network::read_by_version(reader, layer, rest),
        (_, 0..0x0600) => reader.unsupported(layer, rest, u32::from(protocol)),
        _ => link::read_by_ether_type(reader, layer, protocol, rest),
    }
}
