//! Geneve (RFC 8926 s. 3.4).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---+-----------+-+-+-----------+-------------------------------+
//! |Ver|Option len.|O|C| Reserved  |         Protocol type         |
//! +---+-----------+-+-+-----------+---------------+---------------+
//! |            Network identifier                 |   Reserved    |
//! +-----------------------------------------------+---------------+
//! |  Options, in words …
//! ```
//!
//! Options are skipped.

use firstlight_model::Layer;

use crate::link::{self, ethernet};
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Opens Geneve when it looks like it.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[first, second, p0, p1, _, _, _, last]) = rest.head::<8>() else { return };
    if first & 0xc0 != 0 || second & 0x3f != 0 || last != 0 {
        return;
    }
    let inner = rest.skip(8 + u32::from(first & 0x3f) * 4);
    let ether_type = u16::from_be_bytes([p0, p1]);
    let plausible = match ether_type {
        0x6558 => ethernet::is_plausible(inner),
        0x0800 | 0x86dd => network::is_plausible(inner),
        _ => false,
    };
    if plausible && reader.enter_tunnel(Layer::Geneve, rest) {
        link::read_by_ether_type(reader, Layer::Geneve, ether_type, inner);
    }
}
