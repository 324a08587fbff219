//! Headers that say what the frame after them is: Per-Packet Information, Apple's pktap, OpenBSD's log of pf,
//! Juniper's flags (tcpdump.org, LINKTYPE_PPI, LINKTYPE_PKTAP, LINKTYPE_PFLOG, LINKTYPE_JUNIPER_ETHER).
//!
//! ```text
//! PPI, little-endian
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------+---------------+-------------------------------+
//! |    Version    |     Flags     |            Length             |
//! +---------------+---------------+-------------------------------+
//! |                           Link type                           |
//! +-------------------------------+-------------------------------+
//! |           Field type          |         Field length          |  again and again
//! +-------------------------------+-------------------------------+
//!
//! pktap, in the capturing machine's byte order, little-endian on all that have it
//! +---------------------------------------------------------------+
//! |                            Length                             |
//! +---------------------------------------------------------------+
//! |                    Record type (1 for a packet)               |
//! +---------------------------------------------------------------+
//! |                           Link type                           |
//! +---------------------------------------------------------------+
//! |  Interface (24), flags, family, lengths, process …
//! ```

use firstlight_model::{Layer, LinkType};

use crate::link::{self, wlan};
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// The PPI field with the flags of an 802.11 frame.
const PPI_80211_COMMON: u16 = 2;

/// Reads a PPI header and the frame after it.
pub(crate) fn read_ppi<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[version, _, l0, l1, t0, t1, t2, t3]) = rest.head::<8>() else {
        return reader.short(Layer::Ppi, rest, 8);
    };
    let len = u32::from(u16::from_le_bytes([l0, l1]));
    if version != 0 || len < 8 {
        return reader.invalid(Layer::Ppi, rest, if version != 0 { u32::from(version) } else { len });
    }
    if len > rest.captured() {
        return reader.short(Layer::Ppi, rest, len);
    }
    if !reader.enter(Layer::Ppi, rest) {
        return;
    }
    let link_type = LinkType(u32::from_le_bytes([t0, t1, t2, t3]));
    let frame = rest.skip(len);
    if link_type == LinkType::IEEE802_11 {
        let check_sequence = ppi_has_check_sequence(rest.declared(len));
        let trailer = wlan::Trailer { check_sequence, ..wlan::Trailer::default() };
        wlan::read(reader, frame, trailer);
    } else {
        link::read(reader, link_type, frame);
    }
}

/// True when the flags of an 802.11-common field say that the check sequence was captured.
fn ppi_has_check_sequence(header: Rest<'_>) -> bool {
    let mut fields = header.skip(8);
    while let Some(&[k0, k1, l0, l1]) = fields.head::<4>() {
        let field = fields.skip(4);
        if u16::from_le_bytes([k0, k1]) == PPI_80211_COMMON {
            return field.u8_at(8).is_some_and(|flags| flags & 1 != 0);
        }
        fields = field.skip(u32::from(u16::from_le_bytes([l0, l1])));
    }
    false
}

/// Reads a pktap header and the frame after it.
pub(crate) fn read_pktap<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(header) = rest.head::<12>() else { return reader.short(Layer::Pktap, rest, 12) };
    let &[l0, l1, l2, l3, k0, k1, k2, k3, t0, t1, t2, t3] = header;
    let len = u32::from_le_bytes([l0, l1, l2, l3]);
    if len < 12 {
        return reader.invalid(Layer::Pktap, rest, len);
    }
    if len > rest.captured() {
        return reader.short(Layer::Pktap, rest, len);
    }
    if !reader.enter(Layer::Pktap, rest) {
        return;
    }
    match u32::from_le_bytes([k0, k1, k2, k3]) {
        1 => link::read(reader, LinkType(u32::from_le_bytes([t0, t1, t2, t3])), rest.skip(len)),
        other => reader.unsupported(Layer::Pktap, rest.skip(len), other),
    }
}

/// True when a pktap header stands there: its length, a record type that exists, and no absurd link type.
pub(crate) fn is_pktap(rest: Rest<'_>) -> bool {
    rest.head::<12>().is_some_and(|&[l0, l1, l2, l3, k0, k1, k2, k3, _, _, t2, t3]| {
        (108..=512).contains(&u32::from_le_bytes([l0, l1, l2, l3]))
            && u32::from_le_bytes([k0, k1, k2, k3]) <= 1
            && [t2, t3] == [0, 0]
    })
}

/// Reads Juniper's header, a magic number, flags and extensions if a flag says so, and the Ethernet frame after it.
pub(crate) fn read_juniper<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[m0, m1, m2, flags]) = rest.head::<4>() else { return reader.short(Layer::Other, rest, 4) };
    if [m0, m1, m2] != [0x4d, 0x47, 0x43] {
        return reader.invalid(Layer::Other, rest, u32::from(m0));
    }
    let mut payload = rest.skip(4);
    if flags & 0x80 != 0 {
        let Some(extensions_len) = payload.u16_at(0) else { return reader.short(Layer::Other, rest, 6) };
        payload = payload.skip(2 + u32::from(extensions_len));
    }
    // Frames from within the router have no link header.
    match flags & 0x02 {
        0 => link::ethernet::read(reader, payload),
        _ => reader.unsupported(Layer::Other, payload, u32::from(flags)),
    }
}

/// Reads a pf log header (its length in the first byte, without padding) and the packet after it.
pub(crate) fn read_pflog<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[len, family]) = rest.head::<2>() else { return reader.short(Layer::Other, rest, 2) };
    let len = (u32::from(len) + 3) & !3;
    if len < 48 {
        return reader.invalid(Layer::Other, rest, len);
    }
    if len > rest.captured() {
        return reader.short(Layer::Other, rest, len);
    }
    match family {
        2 => network::ipv4::read(reader, rest.skip(len)),
        24 | 28 | 30 => network::ipv6::read(reader, rest.skip(len)),
        other => reader.unsupported(Layer::Other, rest.skip(len), u32::from(other)),
    }
}
