//! ICMP (RFC 792), ICMPv6 (RFC 4443 s. 2.1) and IGMP (RFC 9776 s. 4), whose headers begin alike.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------+---------------+-------------------------------+
//! |     Type      |     Code      |           Checksum            |
//! +---------------+---------------+-------------------------------+
//! |                   Rest of the header, by type                 |
//! +---------------------------------------------------------------+
//! ```
//!
//! The packet that an error message quotes is payload here, not a packet of its own.

use firstlight_model::{Icmp, Igmp, Layer, Segment};

use crate::reader::Reader;
use crate::rest::Rest;

/// Reads an ICMP message for IPv4.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    if let Some(icmp) = read_message(reader, Layer::Icmp, rest) {
        reader.packet.segment = Segment::Icmp(icmp);
    }
}

/// Reads an ICMPv6 message.
pub(crate) fn read_v6<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    if let Some(icmp) = read_message(reader, Layer::Icmpv6, rest) {
        reader.packet.segment = Segment::Icmpv6(icmp);
    }
}

fn read_message<'a>(reader: &mut Reader<'_, 'a>, layer: Layer, rest: Rest<'a>) -> Option<Icmp<'a>> {
    let Some(&[kind, code, _, _, r0, r1, r2, r3]) = rest.head::<8>() else {
        reader.short(layer, rest, 8);
        return None;
    };
    if !reader.enter(layer, rest) {
        return None;
    }
    let payload = rest.skip(8);
    let rest = u32::from_be_bytes([r0, r1, r2, r3]);
    Some(Icmp { kind, code, rest, payload: payload.data, payload_len: payload.len })
}

/// Reads an IGMP message of any version.
pub(crate) fn read_igmp<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[kind, ..]) = rest.head::<8>() else { return reader.short(Layer::Igmp, rest, 8) };
    if reader.enter(Layer::Igmp, rest) {
        reader.packet.segment = Segment::Igmp(Igmp { kind, payload: rest.data, payload_len: rest.len });
    }
}
