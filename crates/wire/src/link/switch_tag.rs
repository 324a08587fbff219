//! Tags that switch chips put between the source address and the Ethernet type: Marvell's DSA and EDSA, Broadcom's
//! (tcpdump.org, LINKTYPE_DSA_TAG_DSA, _DSA_TAG_EDSA, _ETHERNET_BRCM).
//!
//! ```text
//! DSA                                          +-------------------------------+
//! EDSA                                         |     Type      |  Reserved (2) |  before the four bytes of DSA
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---+-+---------+---------------+-----+-+-----------------------+
//! |Cmd|T| Device  |     Port …    | PCP |X|          VID          |
//! +---+-+---------+---------------+-----+-+-----------------------+
//! ```
//!
//! Only frames that are forwarded or tagged by the usual four bytes are told; the extended DSA tag is skipped by its bit.

use firstlight_model::{Layer, MacAddress};

use crate::link;
use crate::reader::Reader;
use crate::rest::Rest;

/// Reads a frame with a DSA tag.
pub(crate) fn read_dsa<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    read_tagged(reader, rest, 0);
}

/// Reads a frame with an EDSA tag.
pub(crate) fn read_edsa<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    read_tagged(reader, rest, 4);
}

/// Reads a frame with the four bytes of a Broadcom tag.
pub(crate) fn read_broadcom<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(ether_type) = read_addresses(reader, rest, 4) else { return };
    link::read_by_ether_type(reader, Layer::DsaTag, ether_type, rest.skip(18));
}

/// Reads a DSA tag that begins `before` bytes behind the addresses.
fn read_tagged<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>, before: u32) {
    let tag = rest.skip(12 + before);
    let Some(&[command, _, low, id]) = tag.head::<4>() else { return reader.short(Layer::DsaTag, tag, 4) };
    // Bit 12 of the second half says that four more bytes follow.
    let tag_len = if low & 0x10 != 0 { 8 } else { 4 };
    let Some(ether_type) = read_addresses(reader, rest, before + tag_len) else { return };
    // Of tagged frames the DSA tag has taken the place of the VLAN tag.
    if command & 0x20 != 0 && reader.packet.link.vlan == 0 {
        reader.packet.link.vlan = u16::from_be_bytes([low & 0x0f, id]);
    }
    link::read_by_ether_type(reader, Layer::DsaTag, ether_type, rest.skip(14 + before + tag_len));
}

/// Notes both layers and the addresses; gives the Ethernet type behind `tag_len` bytes of tag.
fn read_addresses<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>, tag_len: u32) -> Option<u16> {
    let header_len = 14 + tag_len;
    let (Some(addresses), Some(ether_type)) = (rest.head::<12>(), rest.u16_at(12 + tag_len as usize)) else {
        reader.short(Layer::DsaTag, rest, header_len);
        return None;
    };
    if !reader.enter(Layer::Ethernet, rest) || !reader.enter(Layer::DsaTag, rest) {
        return None;
    }
    let &[d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5] = addresses;
    reader.addresses(Some(MacAddress([s0, s1, s2, s3, s4, s5])), Some(MacAddress([d0, d1, d2, d3, d4, d5])));
    Some(ether_type)
}
