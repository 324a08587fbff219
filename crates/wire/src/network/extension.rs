//! Extension headers of IPv6 (RFC 8200 s. 4), and the Authentication Header (RFC 4302), which IPv4 has too.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------+---------------+-------------------------------+
//! |  Next header  |    Length     |  hop-by-hop, routing, destination options, mobility: in
//! +---------------+---------------+  units of eight bytes without the first; AH: of four without two
//!
//! fragment (RFC 8200 s. 4.5)
//! +---------------+---------------+-------------------------+---+-+
//! |  Next header  |   Reserved    |     Fragment offset     |Res|M|
//! +---------------+---------------+-------------------------+---+-+
//! |                        Identification                         |
//! +---------------------------------------------------------------+
//! ```
//!
//! The contents of options and routing headers are left out, but for the jumbo payload length.

use firstlight_model::{Fragment, Layer, Network, Transport};

use crate::network::{self, Version};
use crate::reader::Reader;
use crate::rest::{Rest, length};
use crate::transport;

/// True when what the packet carries is a header of the network layer still.
fn is_extension(version: Version, transport: Transport) -> bool {
    match transport.0 {
        51 => true,
        0 | 43 | 44 | 60 | 135 => version == Version::V6,
        _ => false,
    }
}

/// Reads extension headers, if there are any, to the last, and what comes after them. The fixed header is in the reader.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, version: Version, first: Transport, rest: Rest<'a>) {
    let mut transport = first;
    let mut rest = rest;
    // Bounded by the number of layers.
    while is_extension(version, transport) {
        let layer = match transport.0 {
            0 => Layer::HopByHop,
            43 => Layer::Routing,
            44 => Layer::FragmentHeader,
            51 => Layer::Authentication,
            60 => Layer::DestinationOptions,
            _ => Layer::Mobility,
        };
        let Some(&[next, units]) = rest.head::<2>() else { return reader.short(layer, rest, 8) };
        let header_len = match layer {
            Layer::FragmentHeader => 8,
            Layer::Authentication => u32::from(units) * 4 + 8,
            _ => u32::from(units) * 8 + 8,
        };
        if header_len > rest.captured() {
            return reader.short(layer, rest, header_len);
        }
        if !reader.enter(layer, rest) {
            return;
        }
        let header = rest;
        rest = rest.skip(header_len);
        transport = Transport(next);
        reader.packet.transport_bytes = rest.data;
        reader.packet.transport_len = rest.len;
        let Network::Ip(ip) = &mut reader.packet.network else { return };
        ip.transport = transport;
        if version == Version::V6 {
            ip.options_len = ip.options_len.saturating_add(u16::try_from(header_len).unwrap_or(u16::MAX));
        }
        if layer == Layer::FragmentHeader
            && let Some(&[_, _, o0, o1, i0, i1, i2, i3]) = header.head::<8>()
        {
            let word = u16::from_be_bytes([o0, o1]);
            ip.id = u32::from_be_bytes([i0, i1, i2, i3]);
            let fragment = Fragment { id: ip.id, offset: u32::from(word & 0xfff8), more: word & 1 == 1 };
            // A piece that is the whole is none (RFC 6946).
            if fragment.offset != 0 || fragment.more {
                ip.fragment = Some(fragment);
                return network::read_fragment(reader, rest);
            }
        }
    }
    transport::read(reader, transport, rest);
}

/// The payload length in the jumbo option (RFC 2675 s. 2) of a hop-by-hop header.
pub(crate) fn jumbo_len(rest: Rest<'_>) -> Option<u32> {
    let header_len = usize::from(rest.u8_at(1)?) * 8 + 8;
    let mut options = rest.data.get(2..header_len.min(rest.data.len()))?;
    while let [kind, after @ ..] = options {
        if *kind == 0 {
            options = after;
            continue;
        }
        let [len, value @ ..] = after else { return None };
        if *kind == 0xc2 && *len == 4 {
            return value.first_chunk::<4>().map(|len| u32::from_be_bytes(*len)).filter(|len| *len > length(options));
        }
        options = value.get(usize::from(*len)..)?;
    }
    None
}
