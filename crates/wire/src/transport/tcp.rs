//! TCP (RFC 9293 s. 3.1).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-------------------------------+-------------------------------+
//! |          Source port          |       Destination port        |
//! +-------------------------------+-------------------------------+
//! |                        Sequence number                        |
//! +---------------------------------------------------------------+
//! |                     Acknowledgment number                     |
//! +-------+-----+-+-+-+-+-+-+-+-+-+-------------------------------+
//! |Offset | Res |A|C|E|U|A|P|R|S|F|            Window             |
//! |       |     |E|W|C|R|C|S|S|Y|I|                               |
//! +-------+-----+-+-+-+-+-+-+-+-+-+-------------------------------+
//! |           Checksum            |        Urgent pointer         |
//! +-------------------------------+-------------------------------+
//! |  Options, to the length that the offset says in words …
//! +---------------------------------------------------------------+
//! ```
//!
//! Options are handed on as bytes. A segment whose offset is wrong keeps its fixed header and has no payload.

use firstlight_model::{Layer, Segment, Stop, StopCause, Tcp, TcpFlags};

use crate::reader::Reader;
use crate::rest::Rest;

const HEADER_LEN: u32 = 20;

/// Reads a segment from its source port on.
#[inline]
pub(crate) fn read<'a>(reader: &mut Reader<'a>, rest: Rest<'a>) {
    let Some(header) = rest.head::<20>() else { return reader.short(Layer::Tcp, rest, HEADER_LEN) };
    if !reader.enter(Layer::Tcp, rest) {
        return;
    }
    let word = u16::from_be_bytes([header[12], header[13]]);
    let header_len = u32::from(word >> 12) * 4;
    let mut tcp = Tcp {
        source_port: u16::from_be_bytes([header[0], header[1]]),
        destination_port: u16::from_be_bytes([header[2], header[3]]),
        sequence: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
        acknowledgment: u32::from_be_bytes([header[8], header[9], header[10], header[11]]),
        flags: TcpFlags(word & 0x01ff),
        window: u16::from_be_bytes([header[14], header[15]]),
        urgent: u16::from_be_bytes([header[18], header[19]]),
        options: &[],
        options_cut: false,
        payload: &[],
        payload_len: 0,
        reserved: (header[12] >> 1) & 7,
    };
    if header_len < HEADER_LEN || header_len > rest.len {
        read_wrong_offset(reader, &mut tcp, header_len, rest);
    } else {
        let payload = rest.skip(header_len);
        let options_end = (header_len as usize).min(rest.data.len());
        tcp.options = rest.data.get(20..options_end).unwrap_or(&[]);
        tcp.options_cut = options_end < header_len as usize;
        tcp.payload = payload.data;
        tcp.payload_len = payload.len;
    }
    reader.packet.segment = Segment::Tcp(tcp);
}

/// Keeps what can be kept when the header would end before it begins, or behind the segment.
#[cold]
fn read_wrong_offset<'a>(reader: &mut Reader<'a>, tcp: &mut Tcp<'a>, header_len: u32, rest: Rest<'a>) {
    if header_len < HEADER_LEN {
        return reader.invalid(Layer::Tcp, rest, header_len);
    }
    tcp.options = rest.data.get(20..).unwrap_or(&[]);
    tcp.options_cut = true;
    let stop =
        Stop { layer: Layer::Tcp, offset: rest.offset, needed: header_len, have: rest.len, cause: StopCause::Declared };
    reader.stop(stop);
}
