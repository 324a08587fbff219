//! VXLAN (RFC 7348 s. 5), with group policy (draft-smith-vxlan-group-policy) and the generic protocol extension
//! (draft-ietf-nvo3-vxlan-gpe).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+---------------+-------------------------------+
//! |G|R|V|V|I|P|B|O|   Reserved    | Group policy; GPE: next protocol in the last byte
//! +-+-+-+-+-+-+-+-+---------------+---------------+---------------+
//! |            Network identifier                 |   Reserved    |
//! +-----------------------------------------------+---------------+
//! ```
//!
//! Receivers are to ignore what is reserved, and senders use it: on the registered port the identifier's flag and a
//! frame inside are enough. Linux' old port, 8472, is shared with others, so that there all has to be as specified.

use firstlight_model::Layer;

use crate::link::ethernet;
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Opens VXLAN when it looks like it.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[flags, ..]) = rest.head::<8>() else { return };
    let frame = rest.skip(8);
    if flags & 0x08 != 0 && ethernet::is_plausible(frame) && reader.enter_tunnel(Layer::Vxlan, rest) {
        ethernet::read(reader, frame);
    }
}

/// Opens VXLAN when it looks like it and nothing reserved is used.
pub(crate) fn read_strictly<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    if let Some([0x08, 0, 0, 0, _, _, _, 0]) = rest.head::<8>() {
        read(reader, rest);
    }
}

/// Opens the generic protocol extension when it looks like it.
pub(crate) fn read_gpe<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[flags, _, _, next, ..]) = rest.head::<8>() else { return };
    let inner = rest.skip(8);
    // The version is 0, identifier and protocol are there.
    if flags & 0xfc != 0x0c {
        return;
    }
    let plausible = match next {
        1 | 2 => network::is_plausible(inner),
        3 => ethernet::is_plausible(inner),
        _ => false,
    };
    if !plausible || !reader.enter_tunnel(Layer::Vxlan, rest) {
        return;
    }
    match next {
        3 => ethernet::read(reader, inner),
        _ => network::read_by_version(reader, Layer::Vxlan, inner),
    }
}
