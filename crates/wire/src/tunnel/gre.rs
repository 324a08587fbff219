//! Generic Routing Encapsulation (RFC 2784, RFC 2890, RFC 1701), with NVGRE (RFC 7637), and as PPTP uses it (RFC 2637
//! s. 4.1).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-----+-+-------+-----+-------------------------------+
//! |C|R|K|S|s|Recur|A| Flags | Ver |         Protocol type         |
//! +-+-+-+-+-+-----+-+-------+-----+-------------------------------+
//! |      Checksum (if C or R)     |      Offset (if C or R)       |
//! +-------------------------------+-------------------------------+
//! |      Key (if K); in version 1 payload length and call         |
//! +---------------------------------------------------------------+
//! |                    Sequence number (if S)                     |
//! +---------------------------------------------------------------+
//! |      Routing (if R); in version 1 acknowledgment (if A)       |
//! +---------------------------------------------------------------+
//! ```
//!
//! Keys, sequence numbers and source routes are skipped.

use firstlight_model::Layer;

use crate::link;
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;
use crate::tunnel::erspan;

const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const ACKNOWLEDGMENT: u16 = 0x0080;

/// Reads a header from its flags on.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[f0, f1, p0, p1]) = rest.head::<4>() else { return reader.short(Layer::Gre, rest, 4) };
    let (flags, protocol) = (u16::from_be_bytes([f0, f1]), u16::from_be_bytes([p0, p1]));
    let version = flags & 7;
    if version > 1 {
        return reader.invalid(Layer::Gre, rest, u32::from(version));
    }
    let field = |bit: u16| if flags & bit != 0 { 4 } else { 0 };
    let mut header_len = 4 + field(CHECKSUM | ROUTING) + field(KEY) + field(SEQUENCE);
    if version == 1 {
        header_len += field(ACKNOWLEDGMENT);
    }
    if header_len > rest.captured() {
        return reader.short(Layer::Gre, rest, header_len);
    }
    if !reader.enter_tunnel(Layer::Gre, rest) {
        return;
    }
    let payload = rest.skip(header_len);
    if version == 1 {
        return read_point_to_point(reader, rest, flags, payload);
    }
    let payload = if flags & ROUTING != 0 { without_routes(payload) } else { payload };
    read_by_protocol(reader, flags, protocol, payload);
}

/// Opens GRE in UDP (RFC 8086) when it looks like it: version 0, no bits that RFC 2890 does not have, and inside a
/// packet or frame that fits.
pub(crate) fn read_over_udp<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[f0, f1, p0, p1]) = rest.head::<4>() else { return };
    let flags = u16::from_be_bytes([f0, f1]);
    if flags & !(CHECKSUM | KEY | SEQUENCE) != 0 {
        return;
    }
    let inner = rest.skip(4 + flags.count_ones() * 4);
    let plausible = match u16::from_be_bytes([p0, p1]) {
        0x0800 => network::ipv4::is_plausible(inner),
        0x86dd => network::ipv6::is_plausible(inner),
        0x6558 => link::ethernet::is_plausible(inner),
        _ => false,
    };
    if plausible {
        read(reader, rest);
    }
}

/// Reads PPP in version 1, whose payload length stands in the key; without a sequence number it only acknowledges.
fn read_point_to_point<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>, flags: u16, payload: Rest<'a>) {
    let declared = rest.u16_at(4).unwrap_or(0);
    if flags & SEQUENCE != 0 && declared > 0 {
        link::ppp::read(reader, payload.within(u32::from(declared)));
    }
}

/// Skips the source routes of RFC 1701 s. 3: family, offset, length and as many bytes, until a length of 0.
fn without_routes(rest: Rest<'_>) -> Rest<'_> {
    let mut rest = rest;
    while let Some(&[_, _, _, len]) = rest.head::<4>() {
        rest = rest.skip(4 + u32::from(len));
        if len == 0 {
            break;
        }
    }
    rest
}

fn read_by_protocol<'a>(reader: &mut Reader<'_, 'a>, flags: u16, protocol: u16, rest: Rest<'a>) {
    match protocol {
        // A keep-alive has no type and no payload.
        0 => reader.unsupported(Layer::Gre, rest, 0),
        // Type I is the one without a sequence number.
        0x88be if flags & SEQUENCE != 0 => erspan::read_v2(reader, rest),
        0x88be => erspan::read_v1(reader, rest),
        0x22eb => erspan::read_v3(reader, rest),
        // WCCP: version 2 puts four bytes before the packet, version 1 none.
        0x883e => {
            let rest = if rest.u8_at(0).is_some_and(|first| first >> 4 == 4) { rest } else { rest.skip(4) };
            network::ipv4::read(reader, rest);
        }
        // Access points of Aruba send the frames of the air to their controller.
        0x8200..=0x8370 if protocol & 0x0f == 0 => link::wlan::read(reader, rest, link::wlan::Trailer::default()),
        // Numbers of other registries: not lengths here.
        1..0x0600 => reader.unsupported(Layer::Gre, rest, u32::from(protocol)),
        _ => link::read_by_ether_type(reader, Layer::Gre, protocol, rest),
    }
}
