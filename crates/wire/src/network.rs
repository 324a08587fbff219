//! The network layer: IPv4, IPv6 with its extension headers, ARP.

pub(crate) mod arp;
pub(crate) mod extension;
pub(crate) mod ipv4;
pub(crate) mod ipv6;

use firstlight_model::{Layer, Segment, Transport};

use crate::reader::Reader;
use crate::rest::Rest;
use crate::transport;

/// Reads a packet whose first nibble is the only sign of what it is.
pub(crate) fn read_by_version<'a>(reader: &mut Reader<'_, 'a>, layer: Layer, rest: Rest<'a>) {
    match rest.u8_at(0).map(|first| first >> 4) {
        Some(4) => ipv4::read(reader, rest),
        Some(6) => ipv6::read(reader, rest),
        Some(other) => reader.unsupported(layer, rest, u32::from(other)),
        None => reader.short(layer, rest, 1),
    }
}

/// Which of the two, as far as what follows depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// IPv4.
    V4,
    /// IPv6, whose extension headers have numbers that are other protocols in IPv4.
    V6,
}

/// Reads what follows the fixed header, which the reader has: extension headers, then the transport layer. `rest` ends
/// where the network layer says.
pub(crate) fn read_payload<'a>(reader: &mut Reader<'_, 'a>, version: Version, transport: Transport, rest: Rest<'a>) {
    // What stood there belongs to the packet around this one.
    reader.packet.segment = Segment::None;
    reader.packet.transport_bytes = rest.data;
    reader.packet.transport_len = rest.len;
    match transport {
        Transport::TCP => transport::tcp::read(reader, rest),
        Transport::UDP => transport::udp::read(reader, rest),
        _ => extension::read(reader, version, transport, rest),
    }
}

/// Keeps a piece of a datagram, whose header the reader has, as it is.
pub(crate) fn read_fragment<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    reader.packet.segment = Segment::Fragment(rest.data);
    reader.packet.transport_bytes = rest.data;
    reader.packet.transport_len = rest.len;
}

/// True when the bytes begin with a header of IPv4 or IPv6 whose lengths fit. Used where nothing but the looks of the
/// bytes says that there is a packet inside.
pub(crate) fn is_plausible(rest: Rest<'_>) -> bool {
    ipv4::is_plausible(rest) || ipv6::is_plausible(rest)
}
