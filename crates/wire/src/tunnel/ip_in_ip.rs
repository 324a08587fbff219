//! IP packets directly in IP packets (RFC 2003, RFC 2473, RFC 4213; protocol 94 is an older number for the same), and
//! Ethernet frames in IP packets (RFC 3378, RFC 8986 s. 4.9).
//!
//! ```text
//! +---------------- … -+---------------- … -+
//! |   Outer IP header  |  Inner IP packet
//! +---------------- … -+---------------- … -+
//! ```

use firstlight_model::{Layer, Transport};

use crate::link::ethernet;
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Reads the inner packet; the protocol number says its version.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, transport: Transport, rest: Rest<'a>) {
    if !reader.enter_tunnel(Layer::IpInIp, rest) {
        return;
    }
    match transport.0 {
        4 => network::ipv4::read(reader, rest),
        41 => network::ipv6::read(reader, rest),
        _ => network::read_by_version(reader, Layer::IpInIp, rest),
    }
}

/// Reads a frame behind the two bytes of EtherIP, of which the first nibble is the version, 3, and the rest is 0.
pub(crate) fn read_ether_ip<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    match rest.head::<2>() {
        Some([0x30, 0x00]) => {
            if reader.enter_tunnel(Layer::IpInIp, rest) {
                ethernet::read(reader, rest.skip(2));
            }
        }
        Some(&[first, _]) => reader.invalid(Layer::IpInIp, rest, u32::from(first)),
        None => reader.short(Layer::IpInIp, rest, 2),
    }
}

/// Reads a frame without anything before it, as segment routing has it.
pub(crate) fn read_ethernet<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    if reader.enter_tunnel(Layer::IpInIp, rest) {
        ethernet::read(reader, rest);
    }
}
