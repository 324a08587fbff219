//! UDP (RFC 768), and the way into the tunnels that run over it.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-------------------------------+-------------------------------+
//! |          Source port          |       Destination port        |
//! +-------------------------------+-------------------------------+
//! |            Length             |           Checksum            |
//! +-------------------------------+-------------------------------+
//! ```
//!
//! A length beyond the packet is said, and the payload is then what the packet has. Bytes behind the length (options,
//! RFC 9868) are left out.

use firstlight_model::{Layer, Segment, Stop, StopCause, Udp};

use crate::reader::Reader;
use crate::rest::Rest;
use crate::tunnel;

const HEADER_LEN: u32 = 8;

/// Reads a datagram from its source port on.
#[inline]
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[s0, s1, d0, d1, l0, l1, _, _]) = rest.head::<8>() else {
        return reader.short(Layer::Udp, rest, HEADER_LEN);
    };
    if !reader.enter(Layer::Udp, rest) {
        return;
    }
    let declared = u32::from(u16::from_be_bytes([l0, l1]));
    let datagram = match declared {
        // Jumbograms (RFC 2675 s. 4) and segmentation off-load.
        0 => rest,
        1..HEADER_LEN => {
            reader.invalid(Layer::Udp, rest, declared);
            rest.declared(HEADER_LEN)
        }
        _ if declared > rest.len => {
            let (offset, have) = (rest.offset, rest.len);
            reader.stop(Stop { layer: Layer::Udp, offset, needed: declared, have, cause: StopCause::Declared });
            rest
        }
        _ => rest.declared(declared),
    };
    let payload = datagram.skip(HEADER_LEN);
    let (source_port, destination_port) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    reader.packet.segment =
        Segment::Udp(Udp { source_port, destination_port, payload: payload.data, payload_len: payload.len });
    tunnel::read_over_udp(reader, source_port, destination_port, payload);
}
