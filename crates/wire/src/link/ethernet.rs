//! Ethernet (IEEE 802.3-2018 s. 3.1, RFC 894) and its older form with a length in place of the type (RFC 1042).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-------------------------------+-------------------------------+
//! |                          Destination                          |
//! +                               +-------------------------------+
//! |                               |            Source             |
//! +-------------------------------+                               +
//! |                                                               |
//! +-------------------------------+-------------------------------+
//! |       Type (or length)        |          Payload …
//! +-------------------------------+
//! ```
//!
//! Padding and the frame check sequence, where it was captured, end up behind the length that the payload declares.

use firstlight_model::{Layer, MacAddress};

use crate::link;
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Length of the header in bytes.
pub(crate) const HEADER_LEN: u32 = 14;

/// Reads a frame from its destination address on.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(header) = rest.head::<14>() else { return reader.short(Layer::Ethernet, rest, HEADER_LEN) };
    if !reader.enter(Layer::Ethernet, rest) {
        return;
    }
    let (source, destination) = addresses(header);
    reader.addresses(Some(source), Some(destination));
    let ether_type = u16::from_be_bytes([header[12], header[13]]);
    link::read_by_ether_type(reader, Layer::Ethernet, ether_type, rest.skip(HEADER_LEN));
}

/// Source and destination of a header.
#[inline]
pub(crate) fn addresses(header: &[u8; 14]) -> (MacAddress, MacAddress) {
    let (destination, after) = header.split_first_chunk::<6>().expect("six of fourteen bytes");
    let source = after.first_chunk::<6>().expect("six of eight bytes");
    (MacAddress(*source), MacAddress(*destination))
}

/// Reads the payload of a frame whose type field is a length.
pub(crate) fn read_802_3<'a>(reader: &mut Reader<'_, 'a>, declared: u16, rest: Rest<'a>) {
    if declared > 1500 {
        return reader.unsupported(Layer::Ethernet, rest, u32::from(declared));
    }
    let rest = rest.within(u32::from(declared));
    match rest.head::<2>() {
        // IPX without LLC, as Novell did it: its checksum field is always all ones.
        Some([0xff, 0xff]) => reader.unsupported(Layer::Ethernet, rest, u32::from(declared)),
        _ => link::llc::read(reader, rest),
    }
}

/// True when the bytes look like an Ethernet frame with something usual inside.
pub(crate) fn is_plausible(rest: Rest<'_>) -> bool {
    let Some(ether_type) = rest.u16_at(12) else { return false };
    let inner = rest.skip(HEADER_LEN);
    match ether_type {
        0..=1500 => u32::from(ether_type) <= inner.len && link::llc::is_plausible(inner),
        0x0800 => network::ipv4::is_plausible(inner),
        0x86dd => network::ipv6::is_plausible(inner),
        _ => link::is_usual_ether_type(ether_type),
    }
}
