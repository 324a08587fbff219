//! Bytes to frames: any file, in any format, compressed or not.
//!
//! The first byte says how the file is read a second time, the rest is the file. What holds:
//! - a file given whole and the same file given a few bytes at a time have the same frames and the same end; where
//!   a compressed stream is damaged, what a decoder had ready before the damage may be lost, and one has the first
//!   frames of the other;
//! - frames are counted from 1, none holds more than its original length, and the totals are their sums;
//! - frames that can be written to a pcapng file come back from it as they were;
//! - a file that is no capture is an error that says which file and what to try.

use std::io::{Cursor, Read};

use firstlight_capture::write::{Interface, PcapngWriter, Resolution, Section};
use firstlight_capture::{Options, Source, open_streams};
use firstlight_model::{CaptureInfo, Frame, LinkType, Timestamp};

/// What the file is called.
const NAME: &str = "fuzzed";

/// Reads a file.
///
/// # Panics
/// When one of the sentences above does not hold.
pub fn run(bytes: &[u8]) {
    let Some((&how, file)) = bytes.split_first() else { return };
    let options = options();
    let whole = open(Cursor::new(file.to_vec()), &options);
    let step = usize::from(how) + 1;
    let dripping = open(Dripping { bytes: Cursor::new(file.to_vec()), step }, &options);
    let (whole, dripping) = (whole.map(read), dripping.map(read));
    if is_damaged(&whole) || is_damaged(&dripping) {
        let (whole, dripping) = (frames_of(&whole), frames_of(&dripping));
        return assert!(whole.starts_with(dripping) || dripping.starts_with(whole), "in pieces of {step} bytes");
    }
    assert_eq!(whole, dripping, "whole, and in pieces of {step} bytes");
    let Ok((frames, info)) = whole else { return };
    add_up(&frames, &info);
    come_back(&frames, &options);
}

/// Those of the program with little room to unpack in, so that a bomb goes off early.
pub fn options() -> Options {
    Options { free_expansion_bytes: 1 << 20, max_expansion: 100, ..Options::default() }
}

/// Gives at most so many bytes at a time, as a pipe may.
struct Dripping {
    bytes: Cursor<Vec<u8>>,
    step: usize,
}

impl Read for Dripping {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let len = buffer.len().min(self.step);
        self.bytes.read(&mut buffer[..len])
    }
}

/// A frame that outlives its reader.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    number: u64,
    time: Timestamp,
    link_type: LinkType,
    original_len: u32,
    data: Vec<u8>,
}

/// Frames and what is known of the file, or why nothing could be read of it.
type Outcome = Result<(Vec<Kept>, CaptureInfo), String>;

fn is_damaged(outcome: &Outcome) -> bool {
    let why = match outcome {
        Ok((_, info)) => info.stopped.as_ref().map(|stopped| stopped.why.as_str()),
        Err(why) => Some(why.as_str()),
    };
    why.is_some_and(|why| why.contains("stream is damaged"))
}

fn frames_of(outcome: &Outcome) -> &[Kept] {
    outcome.as_ref().map_or(&[], |(frames, _)| frames)
}

fn open(stream: impl Read + Send + 'static, options: &Options) -> Result<Source, String> {
    open_streams(vec![(NAME.to_owned(), Box::new(stream))], options).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        let text = format!("{error}{}", cause.unwrap_or_default());
        assert!(text.contains(NAME), "an error names its file: {text}");
        assert!(text.contains("byte"), "an error says where: {text}");
        assert!(!text.contains(char::is_control), "an error is a line of text: {text:?}");
        format!("{text}, {:?}", error.hint())
    })
}

fn read(mut source: Source) -> (Vec<Kept>, CaptureInfo) {
    let mut frames = Vec::new();
    while let Some(Frame { at, time, link_type, original_len, data }) = source.next() {
        assert_eq!(at.capture, 0);
        frames.push(Kept { number: at.number, time, link_type, original_len, data: data.to_vec() });
    }
    let mut captures = source.finish();
    assert_eq!(captures.len(), 1);
    (frames, captures.remove(0))
}

fn add_up(frames: &[Kept], info: &CaptureInfo) {
    let numbers = frames.iter().map(|frame| frame.number);
    assert!(numbers.eq(1..=frames.len() as u64), "frames are counted from 1");
    assert_eq!(info.packets, frames.len() as u64);
    assert_eq!(info.captured_bytes, frames.iter().map(|frame| frame.data.len() as u64).sum::<u64>());
    assert_eq!(info.original_bytes, frames.iter().map(|frame| u64::from(frame.original_len)).sum::<u64>());
    for frame in frames {
        assert!(frame.data.len() as u64 <= u64::from(frame.original_len), "{frame:?}");
        let within = info.first <= Some(frame.time) && Some(frame.time) <= info.last;
        assert!(within || info.first.is_none() || frame.time == Timestamp::ZERO, "{frame:?} in {info:?}");
    }
    if let Some(stopped) = &info.stopped {
        assert!(!stopped.why.is_empty(), "a file that stops says why");
        assert!(!stopped.why.contains(char::is_control), "{stopped:?}");
    }
}

fn come_back(frames: &[Kept], options: &Options) {
    let mut writer = PcapngWriter::new(Vec::new(), &Section::default()).expect("memory can be written to");
    let mut interfaces: Vec<LinkType> = Vec::new();
    let mut kept = Vec::new();
    for frame in frames {
        let known = interfaces.iter().position(|&link_type| link_type == frame.link_type);
        let interface = match known {
            Some(interface) => interface,
            None => {
                let resolution = Resolution::Nanoseconds;
                let made = Interface { link_type: frame.link_type, resolution, ..Interface::default() };
                // The type of a link has 16 bits there (draft-ietf-opsawg-pcapng s. 4.2).
                if writer.interface(&made).is_err() {
                    continue;
                }
                interfaces.push(frame.link_type);
                interfaces.len() - 1
            }
        };
        let interface = u32::try_from(interface).expect("there are fewer interfaces than frames");
        // Not all that can be read can be written: times before 1970.
        if writer.frame(interface, frame.time, frame.original_len, &frame.data, &[]).is_ok() {
            kept.push(frame);
        }
    }
    if kept.is_empty() {
        return;
    }
    let written = open(Cursor::new(writer.into_inner()), options).expect("what was written is a capture");
    let (again, info) = read(written);
    assert_eq!(info.stopped, None);
    assert_eq!(again.len(), kept.len());
    for (again, frame) in again.iter().zip(kept) {
        let number = again.number;
        assert_eq!((&again.data, again.original_len), (&frame.data, frame.original_len), "written as frame {number}");
        assert_eq!((again.time, again.link_type), (frame.time, frame.link_type), "written as frame {number}");
    }
}
