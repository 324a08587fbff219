//! ARP for IPv4 over links with addresses of 48 bits (RFC 826, RFC 5227).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-------------------------------+-------------------------------+
//! |         Hardware type         |         Protocol type         |
//! +---------------+---------------+-------------------------------+
//! | Hardware len. | Protocol len. |           Operation           |
//! +---------------+---------------+-------------------------------+
//! |  Sender hardware (6), sender protocol (4), target hardware (6), target protocol (4)
//! +---------------------------------------------------------------+
//! ```
//!
//! Other lengths of addresses are named by the hardware type and not read.

use std::net::Ipv4Addr;

use firstlight_model::{Arp, Layer, MacAddress, Network, Segment};

use crate::reader::Reader;
use crate::rest::Rest;

/// Reads a message from its hardware type on.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[h0, h1, p0, p1, hardware_len, protocol_len, o0, o1]) = rest.head::<8>() else {
        return reader.short(Layer::Arp, rest, 8);
    };
    if [p0, p1, hardware_len, protocol_len] != [0x08, 0x00, 6, 4] {
        return reader.unsupported(Layer::Arp, rest, u32::from(u16::from_be_bytes([h0, h1])));
    }
    let addresses = rest.skip(8);
    let Some(&[a, b, c, d, e, f, s0, s1, s2, s3, g, h, i, j, k, l, t0, t1, t2, t3]) = addresses.head::<20>() else {
        return reader.short(Layer::Arp, rest, 28);
    };
    if !reader.enter(Layer::Arp, rest) {
        return;
    }
    reader.packet.network = Network::Arp(Arp {
        operation: u16::from_be_bytes([o0, o1]),
        sender_mac: MacAddress([a, b, c, d, e, f]),
        sender: Ipv4Addr::new(s0, s1, s2, s3),
        target_mac: MacAddress([g, h, i, j, k, l]),
        target: Ipv4Addr::new(t0, t1, t2, t3),
    });
    // Inside of a tunnel, these were the outer packet's.
    reader.packet.segment = Segment::None;
    reader.packet.transport_bytes = &[];
    reader.packet.transport_len = 0;
}
