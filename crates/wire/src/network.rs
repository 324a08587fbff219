//! The network layer: IPv4, IPv6 with its extension headers, ARP.

pub(crate) mod arp;
pub(crate) mod extension;
pub(crate) mod ipv4;
pub(crate) mod ipv6;

use firstlight_model::{Ip, Layer, Network, Segment};

use crate::reader::Reader;
use crate::rest::Rest;
use crate::transport;

/// Reads a packet whose first nibble is the only sign of what it is.
pub(crate) fn read_by_version<'a>(reader: &mut Reader<'a>, layer: Layer, rest: Rest<'a>) {
    match rest.u8_at(0).map(|first| first >> 4) {
        Some(4) => ipv4::read(reader, rest),
        Some(6) => ipv6::read(reader, rest),
        Some(other) => reader.unsupported(layer, rest, u32::from(other)),
        None => reader.short(layer, rest, 1),
    }
}

/// Reads what follows the fixed header: extension headers, then the transport layer. `rest` ends where the network
/// layer says.
#[inline]
pub(crate) fn read_payload<'a>(reader: &mut Reader<'a>, ip: Ip, rest: Rest<'a>) {
    // What stood there belongs to the packet around this one.
    reader.packet.network = Network::Ip(ip);
    reader.packet.segment = Segment::None;
    reader.packet.transport_bytes = rest.data;
    reader.packet.transport_len = rest.len;
    if extension::is_extension(&ip) {
        extension::read(reader, ip, rest);
    } else {
        transport::read(reader, ip.transport, rest);
    }
}

/// True when the bytes begin with a header of IPv4 or IPv6 whose lengths fit. Used where nothing but the looks of the
/// bytes says that there is a packet inside.
pub(crate) fn is_plausible(rest: Rest<'_>) -> bool {
    ipv4::is_plausible(rest) || ipv6::is_plausible(rest)
}
