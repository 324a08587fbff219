//! The data channel of CAPWAP (RFC 5415 s. 4.3, RFC 5416): frames of stations, between access point and controller.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-------+-------+---------+---------+---------+-+-+-+-+-+-+-----+
//! |Version| Type  | Length  | Radio   | Binding |T|F|L|W|M|K|Flags|
//! +-------+-------+---------+---------+---------+-+-+-+-+-+-+-----+
//! |          Fragment identifier      |     Fragment offset   |Rsv|
//! +-----------------------------------+-----------------------+---+
//! |  Radio MAC address, if M; wireless information, if W …
//! ```
//!
//! Opened where a packet in the clear is inside. Left out, and plain datagrams: what is encrypted (type 1, DTLS), fragments,
//! keep-alives, management frames.

use firstlight_model::Layer;

use crate::link::{ethernet, wlan};
use crate::reader::Reader;
use crate::rest::Rest;

/// The preamble of a header in the clear.
const CLEAR: u8 = 0;
/// IEEE 802.11 among the bindings (RFC 5415 s. 4.3).
const IEEE_802_11: u8 = 1;

/// Opens CAPWAP when it looks like it.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[CLEAR, length, binding, flags, _, _, _, _]) = rest.head::<8>() else { return };
    let header_len = u32::from(length >> 3) * 4;
    let (is_native, is_fragment, is_keep_alive) = (binding & 1 != 0, flags & 0x80 != 0, flags & 0x08 != 0);
    if header_len < 8 || is_fragment || is_keep_alive {
        return;
    }
    let frame = rest.skip(header_len);
    if is_native && binding >> 1 & 0x1f == IEEE_802_11 {
        let Some(trailer) = wlan::of_a_packet_in_the_clear(frame) else { return };
        if reader.enter_tunnel(Layer::Capwap, rest) {
            wlan::read(reader, frame, trailer);
        }
    } else if !is_native && ethernet::is_plausible(frame) && reader.enter_tunnel(Layer::Capwap, rest) {
        ethernet::read(reader, frame);
    }
}
