//! One capture file: its format told by its first bytes, its frames one after the other, and what is known of it at the
//! end. Leaves out how many files there are (`source`).

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use firstlight_model::capture::{CaptureInfo, Stopped};
use firstlight_model::{Frame, FrameRef, LinkType, Timestamp};

use crate::buffer::Buffer;
use crate::error::{Error, Stop};
use crate::foreign;
use crate::notes::Notes;
use crate::pcap::Pcap;
use crate::pcapng::Pcapng;
use crate::raw::{Raw, Shared};
use crate::snoop::Snoop;
use crate::source::Options;
use crate::unpack::unpack;

/// What comes next in a file.
pub(crate) enum Step {
    Frame(Pending),
    End,
    Stop(Stop),
}

/// A frame that has been found and not been handed out.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) time: Timestamp,
    /// False when the file has no time for it and none before it.
    pub(crate) timed: bool,
    pub(crate) link_type: LinkType,
    pub(crate) original_len: u32,
    /// In the buffer.
    pub(crate) data: Range<usize>,
}

const NOTHING: Pending =
    Pending { time: Timestamp::ZERO, timed: false, link_type: LinkType::NULL, original_len: 0, data: 0..0 };

enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
    Snoop(Snoop),
}

/// Where the bytes of one capture come from.
pub(crate) enum Origin {
    /// A regular file.
    File(PathBuf),
    /// Anything else; can be read once.
    Stream(Box<dyn std::io::Read + Send>),
}

/// Reads one file.
pub(crate) struct Reader {
    raw: Raw,
    buffer: Buffer,
    format: Format,
    notes: Notes,
    info: CaptureInfo,
    capture: u32,
    pending: Pending,
    ended: bool,
}

impl Reader {
    /// Opens a file and reads its header. `path` is what the user calls it.
    pub(crate) fn open(
        origin: Origin,
        path: &str,
        capture: u32,
        options: &Options,
        block_len: usize,
        shared: &Arc<Shared>,
    ) -> Result<Self, Error> {
        let named = || path.to_owned();
        let may_wait = matches!(origin, Origin::Stream(_));
        let raw = match origin {
            Origin::File(file) => {
                Raw::file(file, options.hash, shared).map_err(|source| Error::Open { path: named(), source })?
            }
            Origin::Stream(stream) => Raw::stream(stream, options.hash, shared),
        };
        let (stream, packings) = unpack(&raw, options.unpack_limits(), block_len);
        let mut buffer = Buffer::new(stream, block_len);
        buffer.may_wait = may_wait;
        let mut notes = Notes::new(options.note_limits(), capture);
        let mut info = empty_info(path);
        let Some(first) = buffer.peek_array::<4>() else {
            return Err(match buffer.take_error() {
                Some(source) => Error::Read { path: named(), byte: buffer.offset(), source },
                None if buffer.available().is_empty() => Error::Empty { path: named() },
                None => foreign::error(path, &mut buffer),
            });
        };
        let unsupported = |Stop { byte, why, hint }| Error::Unsupported { path: named(), byte, why, hint };
        let format = if Pcap::is(first) {
            let pcap = Pcap::open(&mut buffer).map_err(unsupported)?;
            notes.interface(&mut info, pcap.link_type, pcap.snap_len, pcap.time_decimals());
            Format::Pcap(pcap)
        } else if Pcapng::is(first) {
            Format::Pcapng(Pcapng::open(&mut buffer, &mut notes, &mut info).map_err(unsupported)?)
        } else if Snoop::is(first) {
            let snoop = Snoop::open(&mut buffer).map_err(unsupported)?;
            notes.interface(&mut info, snoop.link_type, 0, 6);
            Format::Snoop(snoop)
        } else {
            return Err(foreign::error(path, &mut buffer));
        };
        let mut words: Vec<String> = packings.into_iter().map(str::to_owned).collect();
        words.push(match &format {
            Format::Pcap(pcap) => pcap.format(),
            Format::Pcapng(pcapng) => pcapng.format(),
            Format::Snoop(_) => "snoop".to_owned(),
        });
        info.format = words.join(", ");
        Ok(Self { raw, buffer, format, notes, info, capture, pending: NOTHING, ended: false })
    }

    /// Finds the next frame; false at the end.
    #[inline]
    pub(crate) fn advance(&mut self) -> bool {
        if self.ended {
            return false;
        }
        let step = match &mut self.format {
            Format::Pcap(pcap) => pcap.next(&mut self.buffer),
            Format::Pcapng(pcapng) => {
                self.notes.set_next_frame(self.info.packets + 1);
                pcapng.next(&mut self.buffer, &mut self.notes, &mut self.info)
            }
            Format::Snoop(snoop) => snoop.next(&mut self.buffer, &mut self.info),
        };
        match step {
            Step::Frame(pending) => {
                self.pending = pending;
                true
            }
            Step::End => self.end(None),
            Step::Stop(stop) => self.end(Some(stop.into())),
        }
    }

    #[cold]
    fn end(&mut self, stopped: Option<Stopped>) -> bool {
        self.ended = true;
        self.info.stopped = stopped;
        false
    }

    /// Of the frame that was found.
    pub(crate) fn time(&self) -> Timestamp {
        self.pending.time
    }

    /// Counts the frame that was found as handed out.
    #[inline]
    pub(crate) fn count(&mut self) {
        let (info, frame) = (&mut self.info, &self.pending);
        info.packets += 1;
        info.captured_bytes += frame.data.len() as u64;
        info.original_bytes += u64::from(frame.original_len);
        if frame.timed {
            let time = frame.time;
            match info.last {
                Some(last) if time >= last => info.last = Some(time),
                Some(_) => {
                    info.out_of_order += 1;
                    info.first = info.first.min(Some(time));
                }
                None => (info.first, info.last) = (Some(time), Some(time)),
            }
        }
    }

    /// The frame that was counted last.
    #[inline]
    pub(crate) fn frame(&self) -> Frame<'_> {
        let Pending { time, link_type, original_len, ref data, .. } = self.pending;
        let at = FrameRef { capture: self.capture, number: self.info.packets };
        Frame { at, time, link_type, original_len, data: self.buffer.bytes(data.clone()) }
    }

    /// True for a file that can be closed and opened again.
    pub(crate) fn can_reopen(&self) -> bool {
        self.raw.is_file()
    }

    /// Gives the file up, to be opened again later.
    pub(crate) fn give_up(self) {
        self.raw.uncount();
    }

    /// What is known of the file. Reads what is left of it for the digest, but does not wait for a pipe that has not
    /// ended.
    pub(crate) fn finish(mut self) -> CaptureInfo {
        if let Format::Pcapng(pcapng) = &mut self.format {
            pcapng.finish(&mut self.info);
        }
        self.notes.finish(&mut self.info);
        if self.ended || self.raw.is_file() {
            self.info.sha256 = self.raw.digest_to_end();
        }
        self.info
    }
}

/// Of a file that nothing is known of yet.
pub(crate) fn empty_info(path: &str) -> CaptureInfo {
    CaptureInfo {
        path: path.to_owned(),
        sha256: String::new(),
        format: String::new(),
        link_types: Vec::new(),
        snap_len: None,
        time_decimals: 6,
        packets: 0,
        captured_bytes: 0,
        original_bytes: 0,
        first: None,
        last: None,
        comments: Vec::new(),
        comments_left_out: 0,
        resolved_names: Vec::new(),
        drops: None,
        secrets: Vec::new(),
        out_of_order: 0,
        stopped: None,
    }
}
