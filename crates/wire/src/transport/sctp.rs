//! SCTP's common header (RFC 9260 s. 3.1).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-------------------------------+-------------------------------+
//! |          Source port          |       Destination port        |
//! +-------------------------------+-------------------------------+
//! |                       Verification tag                        |
//! +---------------------------------------------------------------+
//! |                           Checksum                            |
//! +---------------------------------------------------------------+
//! ```
//!
//! Chunks are handed on as bytes; the checksum (CRC32c) is left out.

use firstlight_model::{Layer, Sctp, Segment};

use crate::reader::Reader;
use crate::rest::Rest;

/// Reads a packet from its source port on.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[s0, s1, d0, d1, ..]) = rest.head::<12>() else { return reader.short(Layer::Sctp, rest, 12) };
    if !reader.enter(Layer::Sctp, rest) {
        return;
    }
    let payload = rest.skip(12);
    reader.packet.segment = Segment::Sctp(Sctp {
        source_port: u16::from_be_bytes([s0, s1]),
        destination_port: u16::from_be_bytes([d0, d1]),
        payload: payload.data,
        payload_len: payload.len,
    });
}
