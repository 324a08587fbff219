//! VLAN tags (IEEE 802.1Q-2018 s. 9.6), also stacked (802.1ad) and under the types used before that standard.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-----+-+-----------------------+-------------------------------+
//! | PCP |D|          VID          |       Type (or length)        |
//! +-----+-+-----------------------+-------------------------------+
//! ```

use firstlight_model::Layer;

use crate::link;
use crate::reader::Reader;
use crate::rest::Rest;

/// Reads a tag behind its type and what it stands before.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(header) = rest.head::<4>() else { return reader.short(Layer::Vlan, rest, 4) };
    if !reader.enter(Layer::Vlan, rest) {
        return;
    }
    let [c0, c1, t0, t1] = *header;
    let vlan = u16::from_be_bytes([c0, c1]) & 0x0fff;
    if reader.packet.link.vlan == 0 && !reader.in_tunnel() {
        reader.packet.link.vlan = vlan;
    }
    link::read_by_ether_type(reader, Layer::Vlan, u16::from_be_bytes([t0, t1]), rest.skip(4));
}
