//! GTP-U version 1, the user plane of mobile networks (3GPP TS 29.281 s. 5).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-----+-+-+-+-+-+---------------+-------------------------------+
//! |Ver 1|1|0|E|S|N| Message (255) |            Length             |
//! +-----+-+-+-+-+-+---------------+-------------------------------+
//! |                     Tunnel end point                          |
//! +-------------------------------+---------------+---------------+
//! |   Sequence number (if any)    | N-PDU (if any)| Next ext. hdr.|  all when E, S or N
//! +-------------------------------+---------------+---------------+
//! | Length (words)|  Content …                    | Next ext. hdr.|  while the next is not 0
//! +---------------+-------------------------------+---------------+
//! ```
//!
//! Signalling messages, version 0 and payloads other than IP stay plain datagrams.

use firstlight_model::Layer;

use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Opens a user packet when it looks like one.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(inner) = user_packet(rest) else { return };
    if network::is_plausible(inner) && reader.enter_tunnel(Layer::Gtp, rest) {
        network::read_by_version(reader, Layer::Gtp, inner);
    }
}

/// What the header carries, when it is that of a user packet.
fn user_packet(rest: Rest<'_>) -> Option<Rest<'_>> {
    let &[flags, message, l0, l1, ..] = rest.head::<8>()?;
    let declared = u32::from(u16::from_be_bytes([l0, l1]));
    if flags & 0xf0 != 0x30 || message != 0xff || declared > rest.len.saturating_sub(8) {
        return None;
    }
    let body = rest.skip(8).declared(declared);
    if flags & 0x07 == 0 {
        return Some(body);
    }
    let mut next = body.u8_at(3)?;
    let mut body = body.skip(4);
    // Each extension header takes at least four bytes of the datagram.
    while flags & 0x04 != 0 && next != 0 {
        let len = u32::from(body.u8_at(0)?) * 4;
        next = body.u8_at(len.checked_sub(1)? as usize)?;
        body = body.skip(len);
    }
    Some(body)
}
