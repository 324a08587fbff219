//! MPLS label stacks (RFC 3032 s. 2.1) and what may lie below them.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------------------------------+-----+-+---------------+
//! |                 Label                 | TC  |S|      TTL      |
//! +---------------------------------------+-----+-+---------------+
//! ```
//!
//! Nothing in the stack says what follows it. As routers do (RFC 4928, RFC 8469), the first nibble is taken as an IP
//! version when the rest of the header bears it out, zero as a control word before Ethernet (RFC 4385); what is left
//! is taken for Ethernet without a control word when it looks like it.

use firstlight_model::Layer;

use crate::link::ethernet;
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Bytes behind the stack by which its payload is told.
const LOOKED_AT: u32 = 38;

/// Reads a label stack from its top entry on.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let mut rest = rest;
    loop {
        let Some(&[_, _, low, _]) = rest.head::<4>() else { return reader.short(Layer::Mpls, rest, 4) };
        // Also what bounds the loop: there are only so many layers.
        if !reader.enter(Layer::Mpls, rest) {
            return;
        }
        rest = rest.skip(4);
        if low & 1 == 1 {
            break;
        }
    }
    let Some(&[first]) = rest.head::<1>() else { return reader.short(Layer::Mpls, rest, 1) };
    match first >> 4 {
        4 if network::ipv4::is_header(rest) || !ethernet::is_plausible(rest) => {
            reader.carries(0x0800);
            network::ipv4::read(reader, rest);
        }
        6 if network::ipv6::is_header(rest) || !ethernet::is_plausible(rest) => {
            reader.carries(0x86dd);
            network::ipv6::read(reader, rest);
        }
        0 if ethernet::is_plausible(rest.skip(4)) => ethernet::read(reader, rest.skip(4)),
        _ if ethernet::is_plausible(rest) => ethernet::read(reader, rest),
        // Two headers, control word and all, are what it takes to tell.
        _ if rest.captured() < rest.len.min(LOOKED_AT) => reader.short(Layer::Mpls, rest, rest.len.min(LOOKED_AT)),
        nibble => reader.unsupported(Layer::Mpls, rest, u32::from(nibble)),
    }
}

/// True when a label stack of a few entries lies before something that can be told.
pub(crate) fn is_plausible(rest: Rest<'_>) -> bool {
    let mut rest = rest;
    for _ in 0..8 {
        let Some(&[_, _, low, _]) = rest.head::<4>() else { return false };
        rest = rest.skip(4);
        if low & 1 == 1 {
            return network::is_plausible(rest)
                || ethernet::is_plausible(rest)
                || (rest.u8_at(0).is_some_and(|first| first >> 4 == 0) && ethernet::is_plausible(rest.skip(4)));
        }
    }
    false
}
