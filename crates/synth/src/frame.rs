//! Frames that own their bytes, as the writer hands them out.

use firstlight_model::{Frame, FrameRef, LinkType, Timestamp};

use crate::bytes::len_u32;

/// One frame of made traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedFrame {
    /// When it is captured.
    pub time: Timestamp,
    /// How to read `data`.
    pub link_type: LinkType,
    /// Length on the wire in bytes; more than `data` holds when the frame was cut.
    pub original_len: u32,
    /// The captured bytes.
    pub data: Vec<u8>,
    /// A comment for formats that carry one (pcapng).
    pub comment: Option<String>,
}

impl OwnedFrame {
    /// A whole frame without comment.
    pub fn new(time: Timestamp, link_type: LinkType, data: Vec<u8>) -> Self {
        Self { time, link_type, original_len: len_u32(data.len()), data, comment: None }
    }

    /// The frame as the stages take it, at a place in a capture.
    pub fn as_frame(&self, at: FrameRef) -> Frame<'_> {
        Frame { at, time: self.time, link_type: self.link_type, original_len: self.original_len, data: &self.data }
    }

    /// Keeps at most `snap_len` bytes; the original length stays.
    pub fn cut(&mut self, snap_len: usize) {
        self.data.truncate(snap_len);
    }
}

/// The frames as the stages take them, numbered from 1 in the first capture.
pub fn numbered(frames: &[OwnedFrame]) -> impl Iterator<Item = Frame<'_>> {
    (1u64..).zip(frames).map(|(number, frame)| frame.as_frame(FrameRef { capture: 0, number }))
}
