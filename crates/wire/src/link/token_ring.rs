//! Links that few machines still have, which end in LLC or an Ethernet type: token ring (IEEE 802.5), FDDI (ISO 9314-2),
//! ARCNET (RFC 1201), IP over Fibre Channel (RFC 2625), over IEEE 1394 (Apple) and over InfiniBand (RFC 4391).
//!
//! ```text
//! token ring and FDDI (which has no access control)
//! +---------------+---------------+-------- … -------+-------- … -------+-------------- … -+------ … -+
//! |Access control | Frame control | Destination (6)  |    Source (6)    | Routing (0..30)  |   LLC     |
//! +---------------+---------------+-------- … -------+-------- … -------+-------------- … -+------ … -+
//! ```
//!
//! MAC management frames are named and not read.

use firstlight_model::{Layer, MacAddress};

use crate::link;
use crate::reader::Reader;
use crate::rest::Rest;

/// Reads a token ring frame from the access control on.
pub(crate) fn read_token_ring<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(header) = rest.head::<14>() else { return reader.short(Layer::TokenRing, rest, 14) };
    let &[_, control, d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5] = header;
    if !reader.enter(Layer::TokenRing, rest) {
        return;
    }
    // The first bit of the source says that a route follows, whose first five bits count its bytes.
    reader.addresses(Some(MacAddress([s0 & 0x7f, s1, s2, s3, s4, s5])), Some(MacAddress([d0, d1, d2, d3, d4, d5])));
    let payload = rest.skip(14);
    let payload = match payload.u8_at(0) {
        Some(route) if s0 & 0x80 != 0 => payload.skip(u32::from(route & 0x1f)),
        _ => payload,
    };
    match control >> 6 {
        1 => link::llc::read(reader, payload),
        _ => reader.unsupported(Layer::TokenRing, payload, u32::from(control)),
    }
}

/// Reads an FDDI frame from the frame control on.
pub(crate) fn read_fddi<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(header) = rest.head::<13>() else { return reader.short(Layer::Other, rest, 13) };
    let &[control, d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5] = header;
    reader.addresses(Some(MacAddress([s0 & 0x7f, s1, s2, s3, s4, s5])), Some(MacAddress([d0, d1, d2, d3, d4, d5])));
    // LLC frames are CL01rrrr.
    match control & 0x70 {
        0x50 => link::llc::read(reader, rest.skip(13)),
        _ => reader.unsupported(Layer::Other, rest.skip(13), u32::from(control)),
    }
}

/// Reads ARCNET as Linux gives it: source, destination, two bytes of offset, the protocol.
pub(crate) fn read_arcnet<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[_, _, _, _, protocol]) = rest.head::<5>() else { return reader.short(Layer::Other, rest, 5) };
    // RFC 1201 s. 3: a split flag and a sequence number of two bytes follow; the split flag is 0 in whole packets.
    let (split, payload) = (rest.u8_at(5), rest.skip(8));
    let ether_type = match (protocol, split) {
        (212, Some(0)) => 0x0800,
        (213, Some(0)) => 0x0806,
        (196, Some(0)) => 0x86dd,
        // RFC 1051: no split flag.
        (240, _) => return link::read_by_ether_type(reader, Layer::Other, 0x0800, rest.skip(5)),
        (241, _) => return link::read_by_ether_type(reader, Layer::Other, 0x0806, rest.skip(5)),
        (212 | 213 | 196, None) => return reader.short(Layer::Other, rest, 8),
        _ => return reader.unsupported(Layer::Other, payload, u32::from(protocol)),
    };
    link::read_by_ether_type(reader, Layer::Other, ether_type, payload);
}

/// Reads IP over Fibre Channel: two addresses of eight bytes, the last six of each being an IEEE 802 address.
pub(crate) fn read_fibre_channel<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(header) = rest.head::<16>() else { return reader.short(Layer::Other, rest, 16) };
    let &[_, _, d0, d1, d2, d3, d4, d5, _, _, s0, s1, s2, s3, s4, s5] = header;
    reader.addresses(Some(MacAddress([s0, s1, s2, s3, s4, s5])), Some(MacAddress([d0, d1, d2, d3, d4, d5])));
    link::llc::read(reader, rest.skip(16));
}

/// Reads Apple's IP over IEEE 1394: two addresses of eight bytes and an Ethernet type.
pub(crate) fn read_ieee1394<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    match rest.u16_at(16) {
        Some(ether_type) => link::read_by_ether_type(reader, Layer::Other, ether_type, rest.skip(18)),
        None => reader.short(Layer::Other, rest, 18),
    }
}

/// Reads IP over InfiniBand: forty bytes of global routing header, an Ethernet type, two reserved bytes.
pub(crate) fn read_infiniband<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    match rest.u16_at(40) {
        Some(ether_type) => link::read_by_ether_type(reader, Layer::Other, ether_type, rest.skip(44)),
        None => reader.short(Layer::Other, rest, 44),
    }
}
