//! Cisco HDLC (RFC 1547 s. 4.3.1 describes it; no standard).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------+---------------+-------------------------------+
//! |    Address    |  Control (0)  |         Ethernet type         |
//! +---------------+---------------+-------------------------------+
//! ```
//!
//! The keep-alive protocol (SLARP) and OSI are named and not read.

use firstlight_model::Layer;

use crate::link;
use crate::reader::Reader;
use crate::rest::Rest;

/// Reads a frame from its address field on.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[_, _, t0, t1]) = rest.head::<4>() else { return reader.short(Layer::CiscoHdlc, rest, 4) };
    if !reader.enter(Layer::CiscoHdlc, rest) {
        return;
    }
    let payload = rest.skip(4);
    match u16::from_be_bytes([t0, t1]) {
        small @ 0..0x0600 => reader.unsupported(Layer::CiscoHdlc, payload, u32::from(small)),
        ether_type => link::read_by_ether_type(reader, Layer::CiscoHdlc, ether_type, payload),
    }
}
