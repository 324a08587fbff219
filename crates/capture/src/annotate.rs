//! A capture written again with comments on its frames. Of a pcapng file every block stays as it is, byte for byte; a
//! packet block that gets comments has them before its own options, and a section that states its length states none,
//! since it grows (draft-ietf-opsawg-pcapng-04 s. 3.5, 4.1 and 4.3). Other formats become a section of pcapng with the
//! same link type, snap length, times and bytes.
//!
//! Left out: comments on simple packet blocks, which have no options; what follows damage. Compression is taken off.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use firstlight_model::capture::CaptureInfo;

use crate::bytes::ByteOrder;
use crate::input::Input;
use crate::pcapng::{BYTE_ORDER_MAGIC, block, option};
use crate::raw::{Raw, Shared};
use crate::source::{Options, open};
use crate::unpack::unpack;
use crate::write::{Interface, PcapngWriter, Resolution, Section};

/// Largest packet block that is looked into, and the longest comment.
const MAX_BLOCK_LEN: u64 = 64 << 20;
const MAX_COMMENT_LEN: usize = 4096;
/// Type and length in front, the length again behind.
const HEAD_LEN: usize = 8;
const FRAME_OF_BLOCK: u64 = 12;
/// Where the bytes of a frame begin in a packet block.
const DATA_AT: usize = 28;

/// What became of the comments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Annotated {
    /// Frames that were written.
    pub frames: u64,
    /// Comments that were written.
    pub comments: u64,
    /// Comments on frames that can have none.
    pub left_out: u64,
}

/// Writes a file again as pcapng. `info` is what was found when it was read; `comments` gives those of a frame by its
/// number in the file, from 1.
///
/// # Errors
/// When it cannot be read any more, or `out` not written to.
pub fn annotate(
    path: &Path,
    info: &CaptureInfo,
    comments: &dyn Fn(u64) -> Vec<String>,
    out: &mut dyn Write,
) -> io::Result<Annotated> {
    let options = Options { hash: false, ..Options::default() };
    let shared = Arc::new(Shared { max_open_files: 1, ..Shared::default() });
    let raw = Raw::file(path.to_owned(), false, &shared)?;
    let (mut stream, _) = unpack(&raw, options.unpack_limits(), 128 << 10);
    let mut first = [0; 4];
    stream.read_exact(&mut first)?;
    if u32::from_be_bytes(first) != block::SECTION_HEADER {
        return write_frames(path, info, comments, out);
    }
    let mut blocks = Blocks { stream: first.chain(stream), order: ByteOrder::Little, block: Vec::new() };
    let mut annotated = Annotated::default();
    while let Some(kind) = blocks.next(out)? {
        let is_packet = matches!(kind, block::ENHANCED_PACKET | block::PACKET | block::SIMPLE_PACKET);
        // A frame that could not be read: nothing that follows was.
        if is_packet && info.stopped.is_some() && annotated.frames >= info.packets {
            break;
        }
        annotated.frames += u64::from(is_packet);
        let comments = if is_packet { comments(annotated.frames) } else { Vec::new() };
        let is_written = !comments.is_empty() && blocks.write_with(kind, &comments, out)?;
        let count = if is_written { &mut annotated.comments } else { &mut annotated.left_out };
        *count += comments.len() as u64;
        if !is_written {
            out.write_all(&blocks.block)?;
        }
    }
    Ok(annotated)
}

/// Reads blocks as bytes.
struct Blocks<R> {
    stream: R,
    order: ByteOrder,
    /// The block at hand; empty when it went past already.
    block: Vec<u8>,
}

impl<R: Read> Blocks<R> {
    /// The next block and its type. One that is too long to be looked into goes straight to `out`. `None` at the end, or
    /// where what follows is no whole block.
    fn next(&mut self, out: &mut dyn Write) -> io::Result<Option<u32>> {
        self.block.clear();
        self.take(HEAD_LEN as u64)?;
        let Some(&[k0, k1, k2, k3, l0, l1, l2, l3]) = self.block.first_chunk::<HEAD_LEN>() else { return Ok(None) };
        if u32::from_be_bytes([k0, k1, k2, k3]) == block::SECTION_HEADER {
            self.take(4)?;
            let Some(&magic) = self.block.last_chunk::<4>() else { return Ok(None) };
            let orders = [ByteOrder::Little, ByteOrder::Big];
            match orders.into_iter().find(|order| order.u32(magic) == BYTE_ORDER_MAGIC) {
                Some(order) => self.order = order,
                None => return Ok(None),
            }
        }
        let (kind, len) = (self.order.u32([k0, k1, k2, k3]), u64::from(self.order.u32([l0, l1, l2, l3])));
        if len < FRAME_OF_BLOCK || !len.is_multiple_of(4) {
            return Ok(None);
        }
        if len > MAX_BLOCK_LEN {
            out.write_all(&self.block)?;
            let rest = len - self.block.len() as u64;
            self.block.clear();
            let copied = io::copy(&mut (&mut self.stream).take(rest), out)?;
            return Ok((copied == rest).then_some(kind));
        }
        self.take(len - self.block.len() as u64)?;
        let again = self.block.last_chunk().map(|&bytes| u64::from(self.order.u32(bytes)));
        if self.block.len() as u64 != len || again != Some(len) {
            return Ok(None);
        }
        if kind == block::SECTION_HEADER
            && let Some(stated) = self.block.get_mut(16..24)
        {
            stated.fill(0xff);
        }
        Ok(Some(kind))
    }

    /// Adds as many of the next bytes to the block as there are, up to `len`. What a damaged stream still gave stays.
    fn take(&mut self, len: u64) -> io::Result<()> {
        match (&mut self.stream).take(len).read_to_end(&mut self.block) {
            Err(error) if error.kind() != io::ErrorKind::Other => Err(error),
            _ => Ok(()),
        }
    }

    /// Writes the packet block at hand with comments; false where it can have none.
    fn write_with(&self, kind: u32, comments: &[String], out: &mut dyn Write) -> io::Result<bool> {
        if kind == block::SIMPLE_PACKET {
            return Ok(false);
        }
        let Some(captured) = self.order.u32_at(&self.block, 20) else { return Ok(false) };
        let options_at = DATA_AT + (captured as usize).next_multiple_of(4);
        let end = self.block.len() - 4;
        let (Some(packet), Some(options)) = (self.block.get(HEAD_LEN..options_at), self.block.get(options_at..end))
        else {
            return Ok(false);
        };
        let mut added = Vec::new();
        for comment in comments {
            let text = comment.get(..comment.floor_char_boundary(MAX_COMMENT_LEN)).unwrap_or(comment);
            added.extend(self.order.of_u16(option::COMMENT));
            added.extend(self.order.of_u16(u16::try_from(text.len()).unwrap_or(u16::MAX)));
            added.extend(text.as_bytes());
            added.resize(added.len().next_multiple_of(4), 0);
        }
        if options.is_empty() {
            added.extend([0; 4]);
        }
        let Ok(len) = u32::try_from(self.block.len() + added.len()) else { return Ok(false) };
        out.write_all(&self.order.of_u32(kind))?;
        out.write_all(&self.order.of_u32(len))?;
        for part in [packet, &added, options] {
            out.write_all(part)?;
        }
        out.write_all(&self.order.of_u32(len))?;
        Ok(true)
    }
}

/// Of a format that is not pcapng.
fn write_frames(
    path: &Path,
    info: &CaptureInfo,
    comments: &dyn Fn(u64) -> Vec<String>,
    out: &mut dyn Write,
) -> io::Result<Annotated> {
    let options = Options { hash: false, ..Options::default() };
    let mut source = open(&[Input::Path(path.to_owned())], &options).map_err(io::Error::other)?;
    let application = Some(concat!("firstlight ", env!("CARGO_PKG_VERSION")).to_owned());
    let mut writer = PcapngWriter::new(out, &Section { application, ..Section::default() })?;
    let resolution = if info.time_decimals > 6 { Resolution::Nanoseconds } else { Resolution::Microseconds };
    for link_type in &info.link_types {
        let snap_len = info.snap_len.unwrap_or(0);
        writer.interface(&Interface { link_type: *link_type, snap_len, resolution, ..Interface::default() })?;
    }
    let mut annotated = Annotated::default();
    while let Some(frame) = source.next() {
        let interface = info.link_types.iter().position(|link_type| *link_type == frame.link_type);
        let Some(interface) = interface.and_then(|at| u32::try_from(at).ok()) else { continue };
        let comments = comments(frame.at.number);
        let texts: Vec<&str> =
            comments.iter().map(|text| text.get(..text.floor_char_boundary(MAX_COMMENT_LEN)).unwrap_or(text)).collect();
        writer.frame(interface, frame.time, frame.original_len, frame.data, &texts)?;
        annotated.frames += 1;
        annotated.comments += texts.len() as u64;
    }
    Ok(annotated)
}
