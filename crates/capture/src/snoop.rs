//! snoop, the format of Solaris (RFC 1761), version 2. Leaves out link types that have no counterpart in the registry of
//! tcpdump.org.
//!
//! ```text
//!  file: "snoop" 0 0 0 | version 4 | link type 4
//! frame: original length 4 | captured length 4 | record length 4 | drops 4 | seconds 4 | microseconds 4 | bytes, padding
//! ```

use firstlight_model::capture::CaptureInfo;
use firstlight_model::{LinkType, Timestamp};

use crate::buffer::Buffer;
use crate::error::Stop;
use crate::pcap::{end_or_cut, ended_within, max_frame_len};
use crate::reader::{Pending, Step};

const MAGIC: [u8; 8] = *b"snoop\0\0\0";
const HEADER_LEN: usize = 16;
const RECORD_HEADER_LEN: u32 = 24;
/// Most padding that is believed; the RFC asks for at most 3 bytes.
const MAX_PADDING: u32 = 64 << 10;

/// A snoop file after its header.
#[derive(Debug)]
pub(crate) struct Snoop {
    pub(crate) link_type: LinkType,
}

impl Snoop {
    /// True when a file with these first bytes is one.
    pub(crate) fn is(first: [u8; 4]) -> bool {
        first == *b"snoo"
    }

    /// Reads the header of the file.
    pub(crate) fn open(buffer: &mut Buffer) -> Result<Self, Stop> {
        let Some(header) = buffer.peek_array::<HEADER_LEN>() else {
            return Err(ended_within(buffer, "the file header", HEADER_LEN as u64));
        };
        let [magic @ .., v0, v1, v2, v3, l0, l1, l2, l3] = header;
        let (version, datalink) = (u32::from_be_bytes([v0, v1, v2, v3]), u32::from_be_bytes([l0, l1, l2, l3]));
        if magic != MAGIC {
            return Err(Stop::damaged(0, "no snoop magic"));
        }
        let hint = Some("editcap may convert it: editcap -F pcapng IN OUT".to_owned());
        if version != 2 {
            return Err(Stop { byte: 8, why: format!("version {version} of snoop is unknown"), hint });
        }
        let link_type = match datalink {
            0 | 4 => LinkType::ETHERNET,
            2 => LinkType::IEEE802_5,
            8 => LinkType::FDDI,
            _ => return Err(Stop { byte: 12, why: format!("link type {datalink} of snoop is unknown"), hint }),
        };
        buffer.take(HEADER_LEN);
        Ok(Self { link_type })
    }

    /// The next frame.
    pub(crate) fn next(&mut self, buffer: &mut Buffer, info: &mut CaptureInfo) -> Step {
        let Some(header) = buffer.peek_array::<{ RECORD_HEADER_LEN as usize }>() else {
            return end_or_cut(buffer, "a frame's header", RECORD_HEADER_LEN as usize);
        };
        let ([original, captured, record, drops, seconds, micros], []) = header.as_chunks::<4>() else {
            return Step::End;
        };
        let [original, captured, record, drops] = [original, captured, record, drops].map(|&b| u32::from_be_bytes(b));
        let (seconds, micros) = (u32::from_be_bytes(*seconds), u32::from_be_bytes(*micros));
        let max = max_frame_len(self.link_type);
        if captured > max {
            let why = format!("a frame claims {captured} bytes, more than the {max} that this link type can have");
            return Step::Stop(Stop::damaged(buffer.offset(), why));
        }
        let least = RECORD_HEADER_LEN + captured;
        if record < least || record - least > MAX_PADDING {
            let why = format!("a frame of {captured} bytes in a record of {record}");
            return Step::Stop(Stop::damaged(buffer.offset(), why));
        }
        if buffer.peek(record as usize).is_none() {
            return end_or_cut(buffer, "a frame", record as usize);
        }
        // Cumulative, so the latest one holds.
        info.drops = Some(u64::from(drops));
        let taken = buffer.take(record as usize);
        let data_at = taken.start + RECORD_HEADER_LEN as usize;
        Step::Frame(Pending {
            time: Timestamp::from_parts(i64::from(seconds), 0).plus_ns(i64::from(micros) * 1_000),
            timed: true,
            link_type: self.link_type,
            original_len: original.max(captured),
            data: data_at..data_at + captured as usize,
        })
    }
}
