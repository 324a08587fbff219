//! IPv6 (RFC 8200 s. 3).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-------+---------------+---------------------------------------+
//! |Version| Traffic class |              Flow label               |
//! +-------+---------------+-------+---------------+---------------+
//! |        Payload length         |  Next header  |   Hop limit   |
//! +-------------------------------+---------------+---------------+
//! |                     Source address (16)                       |
//! +---------------------------------------------------------------+
//! |                   Destination address (16)                    |
//! +---------------------------------------------------------------+
//! ```
//!
//! A payload length of 0 means a jumbogram (RFC 2675), segmentation off-load, or nothing at all; see [`payload_len`].

use std::net::{IpAddr, Ipv6Addr};

use firstlight_model::{Ip, Layer, Network, Transport};

use crate::network::{self, Version, extension};
use crate::reader::Reader;
use crate::rest::Rest;

const HEADER_LEN: u32 = 40;

/// Reads a packet from its version on.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(header) = rest.head::<40>() else { return reader.short(Layer::Ipv6, rest, HEADER_LEN) };
    let word = u32::from_be_bytes([header[0], header[1], header[2], header[3]]);
    if word >> 28 != 6 {
        return reader.invalid(Layer::Ipv6, rest, u32::from(header[0]));
    }
    if !reader.enter(Layer::Ipv6, rest) {
        return;
    }
    let (_, addresses) = header.split_at(8);
    let (source, destination) = addresses.split_at(16);
    let payload = rest.skip(HEADER_LEN);
    let declared = u16::from_be_bytes([header[4], header[5]]);
    let payload_len = if declared == 0 { payload_len(header[6], payload) } else { u32::from(declared) };
    let transport = Transport(header[6]);
    reader.packet.network = Network::Ip(Ip {
        source: address(source),
        destination: address(destination),
        transport,
        hop_limit: header[7],
        traffic_class: header[0] << 4 | header[1] >> 4,
        id: 0,
        dont_fragment: false,
        reserved_flag: false,
        flow_label: word & 0x000f_ffff,
        options_len: 0,
        total_len: payload_len.saturating_add(HEADER_LEN),
        fragment: None,
        checksum_ok: None,
    });
    network::read_payload(reader, Version::V6, transport, payload.declared(payload_len));
}

#[inline]
fn address(bytes: &[u8]) -> IpAddr {
    let octets = bytes.first_chunk::<16>().copied().unwrap_or_default();
    IpAddr::V6(Ipv6Addr::from(octets))
}

/// The length of a payload whose header says 0: that of the jumbo option; none when no header follows; else, as the
/// sender's captures have it of segments that the hardware has yet to cut, the rest of the frame.
fn payload_len(next_header: u8, payload: Rest<'_>) -> u32 {
    match next_header {
        59 => 0,
        0 => extension::jumbo_len(payload).unwrap_or(payload.len),
        _ => payload.len,
    }
}

/// True when a header of IPv6 stands there, whatever the lengths.
pub(crate) fn is_header(rest: Rest<'_>) -> bool {
    rest.head::<40>().is_some_and(|header| header[0] >> 4 == 6)
}

/// True when a header of IPv6 stands there that fits into the bytes on the wire.
pub(crate) fn is_plausible(rest: Rest<'_>) -> bool {
    is_header(rest) && rest.u16_at(4).is_some_and(|payload_len| u32::from(payload_len) + HEADER_LEN <= rest.len)
}
