//! pcapng (draft-ietf-opsawg-pcapng-04): sections in either byte order, interfaces, packets of all three kinds, names,
//! statistics, secrets. Blocks that hold no frame (custom, systemd journal, Sysdig, unknown ones) are passed over.
//!
//! ```text
//! block: type 4 | total length 4 | body, padded to 4 | total length 4
//! packet body: interface 4 | time high 4 | time low 4 | captured length 4 | original length 4 | bytes, padded to 4 | options
//! ```
//! Leaves out packet options other than comments and drop counts, and the check sequence that `if_fcslen` announces: it
//! stays at the end of the frame.

mod blocks;
mod time;

use firstlight_model::capture::CaptureInfo;
use firstlight_model::{LinkType, Timestamp};

use crate::buffer::Buffer;
use crate::bytes::ByteOrder;
use crate::error::Stop;
use crate::notes::Notes;
use crate::pcap::{end_or_cut, ended_within, max_frame_len};
use crate::reader::{Pending, Step};
use blocks::{Section, options};
use time::TimeScale;

/// Block types (draft s. 11.1).
pub(crate) mod block {
    pub(crate) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
    pub(crate) const INTERFACE: u32 = 1;
    pub(crate) const PACKET: u32 = 2;
    pub(crate) const SIMPLE_PACKET: u32 = 3;
    pub(crate) const NAME_RESOLUTION: u32 = 4;
    pub(crate) const STATISTICS: u32 = 5;
    pub(crate) const ENHANCED_PACKET: u32 = 6;
    pub(crate) const SECRETS: u32 = 10;
}

/// Option codes (draft s. 3.5 and those of each block).
pub(crate) mod option {
    pub(crate) const COMMENT: u16 = 1;
    pub(crate) const IF_TSRESOL: u16 = 9;
    pub(crate) const IF_TSOFFSET: u16 = 14;
    pub(crate) const ISB_IFDROP: u16 = 5;
    pub(crate) const ISB_OSDROP: u16 = 7;
    pub(crate) const EPB_DROPCOUNT: u16 = 4;
}

/// The byte-order magic of a section (draft s. 4.1).
pub(crate) const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// Type, length and length again.
const FRAME_OF_BLOCK: u32 = 12;
/// Largest block without a frame that is looked into; a larger one is passed over.
const MAX_META_LEN: u32 = 16 << 20;
/// Most bytes for the options of a packet.
const MAX_OPTIONS_LEN: u32 = 16 << 20;
/// Offset of the data in an enhanced packet block, and in the obsolete packet block.
const DATA_AT: usize = 28;

/// A pcapng file after its first section header.
#[derive(Debug)]
pub(crate) struct Pcapng {
    section: Section,
    /// Time of the last frame, for those that have none.
    last: Option<Timestamp>,
    first_order: ByteOrder,
}

/// What a block that was read means for the caller.
enum Read {
    Frame(Pending),
    Other,
}

impl Pcapng {
    /// True when a file with these first bytes is one.
    pub(crate) fn is(first: [u8; 4]) -> bool {
        u32::from_be_bytes(first) == block::SECTION_HEADER
    }

    /// Reads the header of the first section.
    pub(crate) fn open(buffer: &mut Buffer, notes: &mut Notes, info: &mut CaptureInfo) -> Result<Self, Stop> {
        let mut pcapng = Self { section: Section::default(), last: None, first_order: ByteOrder::Little };
        pcapng.section_header(buffer, notes, info)?;
        pcapng.first_order = pcapng.section.order;
        Ok(pcapng)
    }

    /// What to call it.
    pub(crate) fn format(&self) -> String {
        let order = if self.first_order == ByteOrder::Big { ", big-endian" } else { "" };
        format!("pcapng{order}")
    }

    /// The next frame; what stands before it goes to `notes` and `info`.
    #[inline]
    pub(crate) fn next(&mut self, buffer: &mut Buffer, notes: &mut Notes, info: &mut CaptureInfo) -> Step {
        loop {
            let Some([t0, t1, t2, t3, l0, l1, l2, l3]) = buffer.peek_array::<8>() else {
                return end_or_cut(buffer, "a block's header", 8);
            };
            let order = self.section.order;
            let (kind, len) = (order.u32([t0, t1, t2, t3]), order.u32([l0, l1, l2, l3]));
            let read = match kind {
                block::ENHANCED_PACKET | block::PACKET => self.packet(buffer, notes, info, kind, len),
                block::SIMPLE_PACKET => self.simple_packet(buffer, len),
                block::SECTION_HEADER => self.section_header(buffer, notes, info).map(|()| Read::Other).map_err(Some),
                _ => self.other(buffer, notes, info, kind, len),
            };
            match read {
                Ok(Read::Frame(pending)) => return Step::Frame(pending),
                Ok(Read::Other) => {}
                Err(Some(stop)) => return Step::Stop(stop),
                Err(None) => return Step::Stop(cut(buffer, "a block", len)),
            }
        }
    }

    /// `Err(None)`: the bytes end within it.
    #[inline]
    fn packet(
        &mut self,
        buffer: &mut Buffer,
        notes: &mut Notes,
        info: &mut CaptureInfo,
        kind: u32,
        len: u32,
    ) -> Result<Read, Option<Stop>> {
        let order = self.section.order;
        check_len(buffer, len, 32).map_err(Some)?;
        let fixed: [u8; DATA_AT] = buffer.peek_array().ok_or(None)?;
        let [_, _, _, _, _, _, _, _, i0, i1, i2, i3, h0, h1, h2, h3, l0, l1, l2, l3, c0, c1, c2, c3, o0, o1, o2, o3] =
            fixed;
        let (interface, dropped) = match kind {
            block::PACKET => {
                (u32::from(order.u16([i0, i1])), Some(order.u16([i2, i3])).filter(|&count| count != u16::MAX))
            }
            _ => (order.u32([i0, i1, i2, i3]), None),
        };
        let captured = order.u32([c0, c1, c2, c3]);
        let Some(interface) = self.section.interfaces.get_mut(interface as usize) else {
            let why = format!("a frame of interface {interface}, which was not described");
            return Err(Some(Stop::damaged(buffer.offset(), why)));
        };
        let max = max_frame_len(interface.link_type);
        if captured > max {
            let why = format!("a frame claims {captured} bytes, more than the {max} that this link type can have");
            return Err(Some(Stop::damaged(buffer.offset(), why)));
        }
        let room = len - 32;
        if captured > room || room - captured > MAX_OPTIONS_LEN {
            let why = format!("a frame of {captured} bytes in a block of {len}");
            return Err(Some(Stop::damaged(buffer.offset(), why)));
        }
        whole_block(buffer, order, len)?;
        let ticks = u64::from(order.u32([h0, h1, h2, h3])) << 32 | u64::from(order.u32([l0, l1, l2, l3]));
        let time = interface.scale.time(ticks);
        self.last = Some(time);
        interface.dropped_before += u64::from(dropped.unwrap_or_default());
        let link_type = interface.link_type;
        let options_at = DATA_AT + (captured as usize).next_multiple_of(4);
        let block = buffer.take(len as usize);
        if options_at + 4 < len as usize {
            let bytes = buffer.bytes(block.start + options_at..block.end - 4);
            for (code, value) in options(order, bytes) {
                match code {
                    option::COMMENT => notes.frame_comment(info, time, value),
                    option::EPB_DROPCOUNT if kind == block::ENHANCED_PACKET => {
                        let count = order.u64_at(value, 0).unwrap_or_default();
                        interface.dropped_before = interface.dropped_before.saturating_add(count);
                    }
                    _ => {}
                }
            }
        }
        Ok(Read::Frame(Pending {
            time,
            timed: true,
            link_type,
            original_len: order.u32([o0, o1, o2, o3]).max(captured),
            data: block.start + DATA_AT..block.start + DATA_AT + captured as usize,
        }))
    }

    fn simple_packet(&mut self, buffer: &mut Buffer, len: u32) -> Result<Read, Option<Stop>> {
        let order = self.section.order;
        check_len(buffer, len, 16).map_err(Some)?;
        let [.., o0, o1, o2, o3] = buffer.peek_array::<12>().ok_or(None)?;
        let original = order.u32([o0, o1, o2, o3]);
        let Some(interface) = self.section.interfaces.first() else {
            return Err(Some(Stop::damaged(buffer.offset(), "a frame of interface 0, which was not described")));
        };
        let limit = if interface.snap_len == 0 { u32::MAX } else { interface.snap_len };
        let captured = original.min(limit).min(len - 16);
        let max = max_frame_len(interface.link_type);
        if captured > max {
            let why = format!("a frame has {captured} bytes, more than the {max} that this link type can have");
            return Err(Some(Stop::damaged(buffer.offset(), why)));
        }
        whole_block(buffer, order, len)?;
        let block = buffer.take(len as usize);
        Ok(Read::Frame(Pending {
            time: self.last.unwrap_or_default(),
            timed: self.last.is_some(),
            link_type: interface.link_type,
            original_len: original.max(captured),
            data: block.start + 12..block.start + 12 + captured as usize,
        }))
    }

    fn section_header(&mut self, buffer: &mut Buffer, notes: &mut Notes, info: &mut CaptureInfo) -> Result<(), Stop> {
        let Some([_, _, _, _, l0, l1, l2, l3, m0, m1, m2, m3, a0, a1, i0, i1]) = buffer.peek_array::<16>() else {
            return Err(cut(buffer, "a section header", 28));
        };
        let orders = [ByteOrder::Little, ByteOrder::Big];
        let Some(order) = orders.into_iter().find(|order| order.u32([m0, m1, m2, m3]) == BYTE_ORDER_MAGIC) else {
            return Err(Stop::damaged(buffer.offset() + 8, "a section without a byte-order magic"));
        };
        let (major, minor) = (order.u16([a0, a1]), order.u16([i0, i1]));
        if major != 1 || !matches!(minor, 0 | 2) {
            let why = format!("version {major}.{minor} of pcapng is unknown");
            let hint = Some("versions 1.0 and 1.2 are read; capinfos may say more about it".to_owned());
            return Err(Stop { byte: buffer.offset() + 12, why, hint });
        }
        let len = order.u32([l0, l1, l2, l3]);
        check_len(buffer, len, 28)?;
        self.section.end(info);
        self.section = Section { order, ..Section::default() };
        if len > MAX_META_LEN {
            return pass(buffer, order, len);
        }
        whole_block(buffer, order, len).map_err(|stop| stop.unwrap_or_else(|| cut(buffer, "a section header", len)))?;
        let block = buffer.take(len as usize);
        for (code, value) in options(order, buffer.bytes(block.start + 24..block.end - 4)) {
            if code == option::COMMENT {
                notes.comment(info, self.last, value);
            }
        }
        Ok(())
    }

    /// A block without a frame.
    fn other(
        &mut self,
        buffer: &mut Buffer,
        notes: &mut Notes,
        info: &mut CaptureInfo,
        kind: u32,
        len: u32,
    ) -> Result<Read, Option<Stop>> {
        let order = self.section.order;
        check_len(buffer, len, FRAME_OF_BLOCK).map_err(Some)?;
        let known = matches!(kind, block::INTERFACE | block::NAME_RESOLUTION | block::STATISTICS | block::SECRETS);
        if !known || len > MAX_META_LEN && kind != block::INTERFACE {
            return pass(buffer, order, len).map(|()| Read::Other).map_err(Some);
        }
        if len > MAX_META_LEN {
            return Err(Some(Stop::damaged(buffer.offset(), format!("an interface description of {len} bytes"))));
        }
        whole_block(buffer, order, len)?;
        let byte = buffer.offset();
        let block = buffer.take(len as usize);
        let body = buffer.bytes(block.start + 8..block.end - 4);
        match kind {
            block::INTERFACE => {
                self.section.interface(body, self.last, notes, info).map_err(|why| Some(Stop::damaged(byte, why)))?
            }
            block::NAME_RESOLUTION => self.section.names(body, self.last, notes, info),
            block::STATISTICS => self.section.statistics(body, self.last, notes, info),
            _ => self.section.secrets(body, notes, info),
        }
        Ok(Read::Other)
    }

    /// After the last frame.
    pub(crate) fn finish(&mut self, info: &mut CaptureInfo) {
        self.section.end(info);
    }
}

/// Of an interface (draft s. 4.2).
#[derive(Debug)]
struct Interface {
    link_type: LinkType,
    snap_len: u32,
    scale: TimeScale,
    /// As the latest statistics say.
    dropped: Option<u64>,
    /// As its packets say.
    dropped_before: u64,
}

#[inline]
fn check_len(buffer: &Buffer, len: u32, least: u32) -> Result<(), Stop> {
    if len < least || !len.is_multiple_of(4) {
        return Err(Stop::damaged(buffer.offset(), format!("a block claims a length of {len} bytes")));
    }
    Ok(())
}

/// Has all of a block in the buffer, its two lengths being the same.
#[inline]
fn whole_block(buffer: &mut Buffer, order: ByteOrder, len: u32) -> Result<(), Option<Stop>> {
    let block = buffer.peek(len as usize).ok_or(None)?;
    let again = block.last_chunk().map(|&bytes| order.u32(bytes));
    if again != Some(len) {
        return Err(Some(lengths_differ(buffer.offset(), len, again)));
    }
    Ok(())
}

#[cold]
fn lengths_differ(byte: u64, len: u32, again: Option<u32>) -> Stop {
    Stop::damaged(byte, format!("a block is {len} bytes long at its start, {} at its end", again.unwrap_or_default()))
}

/// What keeps a block of `len` bytes from being whole.
#[cold]
fn cut(buffer: &mut Buffer, within: &str, len: u32) -> Stop {
    ended_within(buffer, within, u64::from(len))
}

/// Passes over a block of any length.
fn pass(buffer: &mut Buffer, order: ByteOrder, len: u32) -> Result<(), Stop> {
    let byte = buffer.offset();
    if !buffer.skip(u64::from(len) - 4) {
        let there = buffer.offset() - byte;
        return Err(match end_or_cut(buffer, "a block", 0) {
            Step::Stop(stop) => Stop { byte, ..stop },
            _ => Stop::cut(byte, "a block", u64::from(len), there),
        });
    }
    let Some(again) = buffer.peek_array().map(|bytes| order.u32(bytes)) else {
        return Err(Stop { byte, ..ended_within(buffer, "the length at the end of a block", 4) });
    };
    if again != len {
        return Err(lengths_differ(byte, len, Some(again)));
    }
    buffer.take(4);
    Ok(())
}
