//! Headers that networks put between an Ethernet header and the frame or packet of their users: backbone bridges (IEEE
//! 802.1Q-2018 s. 9.7), bridge port extension (IEEE 802.1BR-2012 s. 7.5), Cisco FabricPath, service chains (RFC 8300)
//! and MACsec (IEEE 802.1AE-2018 s. 9).
//!
//! ```text
//! backbone            +-----------------------------+ then the user's frame from its destination address on
//!                     | Priority and service (4)    |
//! port extension      +-----------------------------+--------------------+ then an Ethernet type
//!                     | Priority, ports (6)                              |
//! FabricPath          +--------------+ then the user's frame from its destination address on
//!                     | Tree, TTL (2)|
//! MACsec              +-+-+-+-+-+-+---+---------------+--------- … -------+------- … --------+ then an Ethernet type,
//!                     |V|E|S|B|E|C|AN | Short length  | Packet number (4) | Channel (8), if S| or encrypted bytes
//! service chains
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---+-+-+-----------+-----------+-------+-------+---------------+
//! |Ver|O|U|    TTL    |Length(words)|  U  |MD type| Next protocol |
//! +---+-+-+-----------+-----------+-------+-------+---------------+
//! |  Service path (4), contexts …
//! ```
//!
//! Of MACsec, what is only signed is read.

use firstlight_model::Layer;

use crate::link::{self, ethernet, mpls};
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Reads a backbone service tag and the frame after it.
pub(crate) fn read_provider_backbone<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    if rest.head::<4>().is_none() {
        return reader.short(Layer::ProviderBackbone, rest, 4);
    }
    if reader.enter(Layer::ProviderBackbone, rest) {
        ethernet::read(reader, rest.skip(4));
    }
}

/// Reads a port extension tag and what it stands before.
pub(crate) fn read_e_tag<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(ether_type) = rest.u16_at(6) else { return reader.short(Layer::ETag, rest, 8) };
    if reader.enter(Layer::ETag, rest) {
        link::read_by_ether_type(reader, Layer::ETag, ether_type, rest.skip(8));
    }
}

/// Reads a FabricPath tag and the frame after it; the addresses before it were those of switches.
pub(crate) fn read_fabric_path<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    if rest.head::<2>().is_none() {
        return reader.short(Layer::FabricPath, rest, 2);
    }
    if reader.enter(Layer::FabricPath, rest) {
        ethernet::read(reader, rest.skip(2));
    }
}

/// Reads a service header and what it stands before.
pub(crate) fn read_service_header<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[first, second, _, next, ..]) = rest.head::<8>() else { return reader.short(Layer::Nsh, rest, 8) };
    let len = u32::from(second & 0x3f) * 4;
    if first >> 6 != 0 || len < 8 {
        return reader.invalid(Layer::Nsh, rest, u32::from(first));
    }
    if !reader.enter(Layer::Nsh, rest) {
        return;
    }
    let payload = rest.skip(len);
    match next {
        1 => network::ipv4::read(reader, payload),
        2 => network::ipv6::read(reader, payload),
        3 => ethernet::read(reader, payload),
        5 => mpls::read(reader, payload),
        other => reader.unsupported(Layer::Nsh, payload, u32::from(other)),
    }
}

/// Reads a MACsec tag and what it stands before, when that is not encrypted.
pub(crate) fn read_macsec<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[control, short_len, ..]) = rest.head::<6>() else { return reader.short(Layer::MacSec, rest, 6) };
    let header_len = if control & 0x20 != 0 { 14 } else { 6 };
    if header_len > rest.captured() {
        return reader.short(Layer::MacSec, rest, header_len);
    }
    if !reader.enter(Layer::MacSec, rest) {
        return;
    }
    let payload = rest.skip(header_len);
    if control & 0x0c != 0 {
        return reader.encrypted(Layer::MacSec, payload);
    }
    // The check value of sixteen bytes ends the frame; short frames say how long their data are.
    let payload = match short_len & 0x3f {
        0 => payload.without_trailer(16),
        len => payload.within(u32::from(len)),
    };
    match payload.u16_at(0) {
        Some(ether_type) => link::read_by_ether_type(reader, Layer::MacSec, ether_type, payload.skip(2)),
        None => reader.short(Layer::MacSec, payload, 2),
    }
}
