//! L2TP version 2 (RFC 2661 s. 3.1), data messages only.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+---+-+-+-+-+-------+-------+-------------------------------+
//! |T|L|   |S| |O|P|       |Ver 2  |         Length (if L)         |
//! +-+-+---+-+-+-+-+-------+-------+-------------------------------+
//! |            Tunnel             |            Session            |
//! +-------------------------------+-------------------------------+
//! |           Ns (if S)           |           Nr (if S)           |
//! +-------------------------------+-------------------------------+
//! |      Offset size (if O)       |  Padding …
//! +-------------------------------+
//! ```
//!
//! Control messages and version 3 stay plain datagrams.

use firstlight_model::Layer;

use crate::link::ppp;
use crate::reader::Reader;
use crate::rest::Rest;

const CONTROL: u16 = 0x8000;
const LENGTH: u16 = 0x4000;
const SEQUENCE: u16 = 0x0800;
const OFFSET: u16 = 0x0200;

/// Opens a data message when it looks like one.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(inner) = data_message(rest) else { return };
    if ppp::is_plausible(inner) && reader.enter_tunnel(Layer::L2tp, rest) {
        ppp::read(reader, inner);
    }
}

/// What the header carries, when it is that of a data message.
fn data_message(rest: Rest<'_>) -> Option<Rest<'_>> {
    let flags = rest.u16_at(0)?;
    if flags & 0x0f != 2 || flags & CONTROL != 0 {
        return None;
    }
    let mut rest = rest;
    let mut header_len = 6;
    if flags & LENGTH != 0 {
        rest = rest.within(u32::from(rest.u16_at(2)?));
        header_len += 2;
    }
    if flags & SEQUENCE != 0 {
        header_len += 4;
    }
    if flags & OFFSET != 0 {
        let padding = rest.u16_at(header_len)?;
        header_len += 2 + usize::from(padding);
    }
    u32::try_from(header_len).ok().map(|header_len| rest.skip(header_len))
}
