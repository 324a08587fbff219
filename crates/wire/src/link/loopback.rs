//! The loop-back of the BSDs (tcpdump.org, LINKTYPE_NULL and LINKTYPE_LOOP): an address family before the packet.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------------------------------------------------------+
//! |   Address family, in the capturing machine's byte order (NULL)  |
//! |   or big-endian (LOOP)                                          |
//! +---------------------------------------------------------------+
//! ```
//!
//! Families are small, so that the byte order shows.

use firstlight_model::Layer;

use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Reads a frame from the family on.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(header) = rest.head::<4>() else { return reader.short(Layer::Null, rest, 4) };
    if !reader.enter(Layer::Null, rest) {
        return;
    }
    let family = u32::from_le_bytes(*header);
    let family = if family > 0xffff { family.swap_bytes() } else { family };
    let payload = rest.skip(4);
    match family {
        2 => network::ipv4::read(reader, payload),
        // AF_INET6 of Linux, of NetBSD, OpenBSD and Windows, of FreeBSD, of macOS.
        10 | 23 | 24 | 28 | 30 => network::ipv6::read(reader, payload),
        _ => reader.unsupported(Layer::Null, payload, family),
    }
}
