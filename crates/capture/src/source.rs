//! Several captures as one stream in time order: a merge of as many heads as there are files at the same time, none of
//! them loaded. A file is opened for good when its first frame's time has come, so files that follow each other are read
//! one by one. Within a file the order is the file's own.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use firstlight_model::capture::CaptureInfo;
use firstlight_model::{Frame, Timestamp};

use crate::error::Error;
use crate::input::{Candidate, Input, Place, expand};
use crate::notes::NoteLimits;
use crate::raw::Shared;
use crate::reader::{Reader, empty_info};
use crate::unpack::Limits;

/// Files that stay open from the first look on; the others are closed until their time comes.
const KEPT_OPEN: usize = 16;

/// How to read, and the limits to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Whether to take the SHA-256 of each file; without, it is an empty text.
    pub hash: bool,
    /// Most files open at a time; one beyond is opened anew for each block of it.
    pub max_open_files: usize,
    /// Most files in one folder and those within it.
    pub max_files: usize,
    /// Most comments kept of a file.
    pub max_comments: usize,
    /// Most bytes of text in them.
    pub max_comment_bytes: usize,
    /// Most resolved names kept of a file.
    pub max_names: usize,
    /// Most bytes of secrets kept of a file.
    pub max_secret_bytes: usize,
    /// A compressed file may expand to this many bytes whatever its size.
    pub free_expansion_bytes: u64,
    /// Beyond that, to at most this many times its size. Zeros become up to 1,032 times smaller with gzip (RFC 1951), and
    /// 103 times with zlib-rs 0.6 at its fastest.
    pub max_expansion: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            hash: true,
            max_open_files: 64,
            max_files: 100_000,
            max_comments: 10_000,
            max_comment_bytes: 4 << 20,
            max_names: 10_000,
            max_secret_bytes: 16 << 20,
            free_expansion_bytes: 256 << 20,
            max_expansion: 64,
        }
    }
}

impl Options {
    pub(crate) fn unpack_limits(&self) -> Limits {
        Limits { free_bytes: self.free_expansion_bytes, ratio: self.max_expansion }
    }

    pub(crate) fn note_limits(&self) -> NoteLimits {
        NoteLimits {
            comments: self.max_comments,
            comment_bytes: self.max_comment_bytes,
            names: self.max_names,
            secret_bytes: self.max_secret_bytes,
        }
    }
}

/// How far reading has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read of the files as they lie on the disk.
    pub bytes_read: u64,
    /// Bytes of all files; `None` when one is a pipe.
    pub bytes_total: Option<u64>,
    /// Frames handed out.
    pub frames: u64,
}

/// Time of a file's next frame, and which file: what the merge is ordered by.
type Head = (Timestamp, usize);

/// Frames of all inputs in time order.
pub struct Source {
    slots: Vec<Slot>,
    waiting: BinaryHeap<Reverse<Head>>,
    /// Whose frame was handed out last.
    current: Option<usize>,
    active: usize,
    options: Options,
    shared: Arc<Shared>,
    bytes_total: Option<u64>,
    frames: u64,
}

struct Slot {
    path: String,
    place: Place,
    state: State,
}

enum State {
    /// Has been looked at and closed again.
    Closed,
    Open(Box<Reader>),
    Done(Box<CaptureInfo>),
}

/// Opens the inputs, in the order of which captures are numbered.
///
/// # Errors
/// When none of them can be opened or is a capture: that of the first. If one at least is, the others show in what
/// [`Source::finish`] returns (`stopped` at byte 0).
pub fn open(inputs: &[Input], options: &Options) -> Result<Source, Error> {
    let mut candidates = Vec::new();
    let mut failed = Vec::new();
    for input in inputs {
        if let Err(error) = expand(input, &mut candidates, options.max_files) {
            // Keeps its place among the captures.
            let path = error.path().to_owned();
            candidates.push(Candidate { path, place: Place::Special, len_bytes: None, folder: None });
            failed.push((candidates.len() - 1, error));
        }
    }
    Source::new(candidates, failed, options)
}

/// Opens streams that the caller has, each with its name.
///
/// # Errors
/// As [`open`].
pub fn open_streams(streams: Vec<(String, Box<dyn std::io::Read + Send>)>, options: &Options) -> Result<Source, Error> {
    let candidate = |(path, stream)| Candidate { path, place: Place::Stream(stream), len_bytes: None, folder: None };
    Source::new(streams.into_iter().map(candidate).collect(), Vec::new(), options)
}

impl Source {
    fn new(candidates: Vec<Candidate>, failed: Vec<(usize, Error)>, options: &Options) -> Result<Self, Error> {
        let bytes_total = candidates.iter().try_fold(0_u64, |sum, candidate| match candidate.place {
            Place::Special | Place::Unreachable(_) => Some(sum),
            _ => Some(sum.saturating_add(candidate.len_bytes?)),
        });
        let shared = Arc::new(Shared { max_open_files: options.max_open_files.max(1), ..Shared::default() });
        let mut source = Self {
            slots: Vec::with_capacity(candidates.len()),
            waiting: BinaryHeap::new(),
            current: None,
            active: 0,
            options: options.clone(),
            shared,
            bytes_total,
            frames: 0,
        };
        let mut failed = failed.into_iter().peekable();
        let mut errors = Vec::new();
        let mut in_folder = None;
        for (index, Candidate { path, place, folder, .. }) in candidates.into_iter().enumerate() {
            source.slots.push(Slot { path, place, state: State::Closed });
            let looked_at = match failed.next_if(|(at, _)| *at == index) {
                Some((_, error)) => Err(error),
                None => source.look_at(index),
            };
            if let Err(error) = looked_at {
                if errors.is_empty() {
                    in_folder = folder;
                }
                errors.push((index, error));
            }
        }
        if errors.len() == source.slots.len() {
            return Err(match (in_folder, errors.into_iter().next()) {
                (Some(path), _) => Error::NoCaptures { path },
                (None, Some((_, error))) => error,
                (None, None) => Error::NoInput,
            });
        }
        for (index, error) in errors {
            source.fail(index, error);
        }
        Ok(source)
    }

    /// Opens a file for the time of its first frame.
    fn look_at(&mut self, index: usize) -> Result<(), Error> {
        let mut reader = self.open_reader(index)?;
        if !reader.advance() {
            self.done(index, reader);
        } else {
            self.waiting.push(Reverse((reader.time(), index)));
            if self.active >= KEPT_OPEN && reader.can_reopen() {
                reader.give_up();
            } else {
                self.active += 1;
                self.set(index, State::Open(Box::new(reader)));
            }
        }
        Ok(())
    }

    fn open_reader(&mut self, index: usize) -> Result<Reader, Error> {
        // Memory is for the files that overlap in time; a few can have large blocks.
        let block_len = match self.active {
            0..=3 => 512 << 10,
            4..=63 => 128 << 10,
            _ => 32 << 10,
        };
        let capture = u32::try_from(index).unwrap_or(u32::MAX);
        let Some(Slot { path, place, .. }) = self.slots.get_mut(index) else { return Err(Error::NoInput) };
        let origin = place.origin(path)?;
        Reader::open(origin, path, capture, &self.options, block_len, &self.shared)
    }

    fn set(&mut self, index: usize, state: State) {
        if let Some(slot) = self.slots.get_mut(index) {
            slot.state = state;
        }
    }

    fn done(&mut self, index: usize, reader: Reader) {
        self.set(index, State::Done(Box::new(reader.finish())));
    }

    fn fail(&mut self, index: usize, error: Error) {
        if let Some(slot) = self.slots.get_mut(index) {
            let info = CaptureInfo { stopped: Some(error.into_stopped()), ..empty_info(&slot.path) };
            slot.state = State::Done(Box::new(info));
        }
    }

    fn reader(&mut self, index: usize) -> Option<&mut Reader> {
        match self.slots.get_mut(index) {
            Some(Slot { state: State::Open(reader), .. }) => Some(reader),
            _ => None,
        }
    }

    /// The next frame of all files in time order, those of the same time in the order of the files; borrowed until the
    /// next call. After the end: `None`.
    #[allow(clippy::should_implement_trait, reason = "a frame is borrowed from the source, which no Iterator can say")]
    #[inline]
    pub fn next(&mut self) -> Option<Frame<'_>> {
        let index = self.next_file()?;
        self.current = Some(index);
        self.frames += 1;
        let reader = self.reader(index)?;
        reader.count();
        Some(reader.frame())
    }

    /// The file whose next frame is the earliest; it stands ready there.
    #[inline]
    fn next_file(&mut self) -> Option<usize> {
        let Some(index) = self.current.take() else { return self.earliest_waiting() };
        let Some(reader) = self.reader(index) else { return self.earliest_waiting() };
        if !reader.advance() {
            self.close(index);
            return self.earliest_waiting();
        }
        let head = (reader.time(), index);
        match self.waiting.peek() {
            Some(&Reverse(other)) if other < head => {
                self.waiting.push(Reverse(head));
                self.earliest_waiting()
            }
            _ => Some(index),
        }
    }

    #[cold]
    fn close(&mut self, index: usize) {
        let Some(slot) = self.slots.get_mut(index) else { return };
        match std::mem::replace(&mut slot.state, State::Closed) {
            State::Open(reader) => {
                self.active -= 1;
                self.done(index, *reader);
            }
            other => slot.state = other,
        }
    }

    fn earliest_waiting(&mut self) -> Option<usize> {
        loop {
            let Reverse((_, index)) = self.waiting.pop()?;
            if self.reader(index).is_some() {
                return Some(index);
            }
            match self.open_reader(index) {
                Err(error) => self.fail(index, error),
                Ok(mut reader) => {
                    if reader.advance() {
                        self.active += 1;
                        self.set(index, State::Open(Box::new(reader)));
                        return Some(index);
                    }
                    self.done(index, reader);
                }
            }
        }
    }

    /// How far reading has come.
    pub fn progress(&self) -> Progress {
        let bytes_read = self.shared.bytes_read.load(Ordering::Relaxed);
        Progress { bytes_read, bytes_total: self.bytes_total, frames: self.frames }
    }

    /// After the end (or at any time): what is known of each file, in the order of
    /// [`FrameRef::capture`](firstlight_model::FrameRef::capture). A file that was not read to its end is read for its
    /// digest, so ask for none ([`Options::hash`]) where you stop early. A file that is no capture has no digest.
    pub fn finish(mut self) -> Vec<CaptureInfo> {
        for index in 0..self.slots.len() {
            self.close(index);
            if self.slots.get(index).is_some_and(|slot| matches!(slot.state, State::Closed)) {
                match self.open_reader(index) {
                    Ok(reader) => self.done(index, reader),
                    Err(error) => self.fail(index, error),
                }
            }
        }
        let info = |slot: Slot| match slot.state {
            State::Done(info) => *info,
            State::Closed | State::Open(_) => empty_info(&slot.path),
        };
        self.slots.into_iter().map(info).collect()
    }
}
