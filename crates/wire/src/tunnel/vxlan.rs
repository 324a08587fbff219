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
//! Linux used port 8472 before 4789 was assigned; both are asked for the same looks.

use firstlight_model::Layer;

use crate::link::ethernet;
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Opens VXLAN when it looks like it.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[flags, second, group0, group1, ..]) = rest.head::<8>() else { return };
    // A group needs its flag; the identifier's flag is always set.
    let plain = flags == 0x08 && [second, group0, group1] == [0, 0, 0];
    let with_group = flags == 0x88 && second & 0xb7 == 0;
    let frame = rest.skip(8);
    if (plain || with_group) && ethernet::is_plausible(frame) && reader.enter_tunnel(Layer::Vxlan, rest) {
        ethernet::read(reader, frame);
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
