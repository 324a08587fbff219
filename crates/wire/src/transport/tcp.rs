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
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(header) = rest.head::<20>() else { return reader.short(Layer::Tcp, rest, HEADER_LEN) };
    if !reader.enter(Layer::Tcp, rest) {
        return;
    }
    let header_len = header_len(header);
    let (options, payload) = if header_len < HEADER_LEN || header_len > rest.len {
        read_wrong_offset(reader, header_len, rest)
    } else {
        let options = rest.data.get(20..header_len as usize).or_else(|| rest.data.get(20..)).unwrap_or(&[]);
        (options, rest.skip(header_len))
    };
    let mut tcp = fixed_header(header, options, payload.data, payload.len);
    tcp.options_cut = header_len > rest.captured();
    reader.packet.segment = Segment::Tcp(tcp);
}

/// The length of the header with its options in bytes, as it stands.
#[inline]
pub(crate) fn header_len(header: &[u8; 20]) -> u32 {
    u32::from(header[12] >> 4) * 4
}

/// A segment of the given fixed header, options and payload.
#[inline]
pub(crate) fn fixed_header<'a>(header: &[u8; 20], options: &'a [u8], payload: &'a [u8], payload_len: u32) -> Tcp<'a> {
    Tcp {
        source_port: u16::from_be_bytes([header[0], header[1]]),
        destination_port: u16::from_be_bytes([header[2], header[3]]),
        sequence: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
        acknowledgment: u32::from_be_bytes([header[8], header[9], header[10], header[11]]),
        flags: TcpFlags(u16::from_be_bytes([header[12], header[13]]) & 0x01ff),
        window: u16::from_be_bytes([header[14], header[15]]),
        urgent: u16::from_be_bytes([header[18], header[19]]),
        options,
        options_cut: false,
        payload,
        payload_len,
        reserved: (header[12] >> 1) & 7,
    }
}

/// What options and payload there can be when the header would end before it begins, or behind the segment.
#[cold]
fn read_wrong_offset<'a>(reader: &mut Reader<'_, 'a>, header_len: u32, rest: Rest<'a>) -> (&'a [u8], Rest<'a>) {
    let nothing = Rest { data: &[], len: 0, offset: rest.offset };
    if header_len < HEADER_LEN {
        reader.invalid(Layer::Tcp, rest, header_len);
        return (&[], nothing);
    }
    let (offset, have) = (rest.offset, rest.len);
    reader.stop(Stop { layer: Layer::Tcp, offset, needed: header_len, have, cause: StopCause::Declared });
    (rest.data.get(20..).unwrap_or(&[]), nothing)
}
