//! Frame relay (ITU-T Q.922 Annex A) with the encapsulation of RFC 2427 or Cisco's.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-----------+-+-+-------+-+-+-+-+---------------+---------------+
//! | DLCI      |C|0| DLCI  |F|B|D|1| Control (03)  |     NLPID     |   RFC 2427
//! +-----------+-+-+-------+-+-+-+-+---------------+---------------+
//! |            Address            |         Ethernet type         |   Cisco
//! +-------------------------------+-------------------------------+
//! ```
//!
//! Link management (LMI, Q.933) and OSI are named and not read.

use firstlight_model::Layer;

use crate::link;
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Reads a frame from its address on.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    // The address ends with the first byte whose last bit is set: two to four bytes.
    let Some(address) = rest.head::<2>() else { return reader.short(Layer::FrameRelay, rest, 2) };
    let address_len = match (address, rest.u8_at(2), rest.u8_at(3)) {
        ([first, _], _, _) if first & 1 == 1 => return reader.invalid(Layer::FrameRelay, rest, u32::from(*first)),
        ([_, second], _, _) if second & 1 == 1 => 2,
        (_, Some(third), _) if third & 1 == 1 => 3,
        (_, _, Some(fourth)) if fourth & 1 == 1 => 4,
        (_, Some(_), Some(fourth)) => return reader.invalid(Layer::FrameRelay, rest, u32::from(fourth)),
        _ => return reader.short(Layer::FrameRelay, rest, 4),
    };
    let body = rest.skip(address_len);
    let Some(&[control, next]) = body.head::<2>() else {
        return reader.short(Layer::FrameRelay, rest, address_len + 2);
    };
    if !reader.enter(Layer::FrameRelay, rest) {
        return;
    }
    if control != 0x03 {
        return match u16::from_be_bytes([control, next]) {
            small @ 0..0x0600 => reader.unsupported(Layer::FrameRelay, body, u32::from(small)),
            ether_type => link::read_by_ether_type(reader, Layer::FrameRelay, ether_type, body.skip(2)),
        };
    }
    // A byte of padding may stand before the protocol.
    let body = if next == 0 { body.skip(2) } else { body.skip(1) };
    match body.u8_at(0) {
        Some(0xcc) => network::ipv4::read(reader, body.skip(1)),
        Some(0x8e) => network::ipv6::read(reader, body.skip(1)),
        Some(0x80) => link::llc::read_snap(reader, body.skip(1)),
        Some(0xcf) => link::ppp::read(reader, body.skip(1)),
        Some(other) => reader.unsupported(Layer::FrameRelay, body, u32::from(other)),
        None => reader.short(Layer::FrameRelay, body, 1),
    }
}
