//! IPv4 (RFC 791 s. 3.1, RFC 2474, RFC 3168).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-------+-------+---------------+-------------------------------+
//! |Version|  IHL  |Traffic class  |         Total length          |
//! +-------+-------+---------------+-+-+-+-------------------------+
//! |        Identification         |R|D|M|     Fragment offset     |
//! +---------------+---------------+-+-+-+-------------------------+
//! |  Time to live |   Protocol    |        Header checksum        |
//! +---------------+---------------+-------------------------------+
//! |                        Source address                         |
//! +---------------------------------------------------------------+
//! |                      Destination address                      |
//! +---------------------------------------------------------------+
//! |  Options, to the length that IHL says in words …
//! +---------------------------------------------------------------+
//! ```
//!
//! Options are counted, not read. A total length of 0 is what segmentation off-load leaves in captures of the sender:
//! the packet then takes the rest of the frame.

use std::net::{IpAddr, Ipv4Addr};

use firstlight_model::{Fragment, Ip, Layer, Network, Stop, StopCause, Transport};

use crate::checksum;
use crate::network::{self, Version};
use crate::reader::Reader;
use crate::rest::Rest;

const HEADER_LEN: u32 = 20;

/// Reads a packet from its version on.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(header) = rest.head::<20>() else { return reader.short(Layer::Ipv4, rest, HEADER_LEN) };
    let first = header[0];
    let header_len = u32::from(first & 0x0f) * 4;
    if first >> 4 != 4 || header_len < HEADER_LEN {
        return reader.invalid(Layer::Ipv4, rest, u32::from(first));
    }
    let declared = total_len(header);
    let total_len = if declared == 0 { rest.len } else { declared };
    if total_len < header_len {
        let (offset, have) = (rest.offset, total_len);
        let stop = Stop { layer: Layer::Ipv4, offset, needed: header_len, have, cause: StopCause::Declared };
        return reader.stop(stop);
    }
    if !reader.enter(Layer::Ipv4, rest) {
        return;
    }
    let checksum_ok = rest.data.get(..header_len as usize).map(|header| checksum::is_right(checksum::sum(header)));
    let mut ip = fixed_header(header, total_len, checksum_ok);
    ip.options_len = u16::from(first & 0x0f) * 4 - 20;
    let word = fragment_word(header);
    if word & IS_FRAGMENT != 0 {
        ip.fragment = Some(Fragment { id: ip.id, offset: u32::from(word & 0x1fff) * 8, more: word & 0x2000 != 0 });
    }
    reader.packet.network = Network::Ip(ip);
    let payload = rest.declared(total_len).skip(header_len);
    if ip.fragment.is_some() {
        return network::read_fragment(reader, payload);
    }
    if header_len > rest.captured() {
        reader.short(Layer::Ipv4, rest, header_len);
    }
    network::read_payload(reader, Version::V4, ip.transport, payload);
}

/// The bits of [`fragment_word`] that only fragments have: more fragments, and the offset.
pub(crate) const IS_FRAGMENT: u16 = 0x3fff;

/// Flags and fragment offset.
#[inline]
pub(crate) fn fragment_word(header: &[u8; 20]) -> u16 {
    u16::from_be_bytes([header[6], header[7]])
}

/// The length of the whole datagram, as it stands.
#[inline]
pub(crate) fn total_len(header: &[u8; 20]) -> u32 {
    u32::from(u16::from_be_bytes([header[2], header[3]]))
}

/// What the fixed part of the header says of a datagram that is whole and has no options.
#[inline]
pub(crate) fn fixed_header(header: &[u8; 20], total_len: u32, checksum_ok: Option<bool>) -> Ip {
    let word = fragment_word(header);
    Ip {
        source: IpAddr::V4(Ipv4Addr::new(header[12], header[13], header[14], header[15])),
        destination: IpAddr::V4(Ipv4Addr::new(header[16], header[17], header[18], header[19])),
        transport: Transport(header[9]),
        hop_limit: header[8],
        traffic_class: header[1],
        id: u32::from(u16::from_be_bytes([header[4], header[5]])),
        dont_fragment: word & 0x4000 != 0,
        reserved_flag: word & 0x8000 != 0,
        flow_label: 0,
        options_len: 0,
        total_len,
        fragment: None,
        checksum_ok,
    }
}

/// True when a header of IPv4 stands there, whatever the lengths.
pub(crate) fn is_header(rest: Rest<'_>) -> bool {
    rest.head::<20>().is_some_and(|header| {
        let header_len = u32::from(header[0] & 0x0f) * 4;
        let total_len = u32::from(u16::from_be_bytes([header[2], header[3]]));
        header[0] >> 4 == 4 && header_len >= HEADER_LEN && (total_len == 0 || total_len >= header_len)
    })
}

/// True when a header of IPv4 stands there that fits into the bytes on the wire.
pub(crate) fn is_plausible(rest: Rest<'_>) -> bool {
    is_header(rest) && rest.u16_at(2).is_some_and(|total_len| u32::from(total_len) <= rest.len)
}
