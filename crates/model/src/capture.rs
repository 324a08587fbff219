//! What is known of a capture file as a whole.

use crate::frame::{FrameRef, LinkType};
use crate::time::Timestamp;

/// A comment in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The frame that it stands on; `None` for a comment on a section or an interface.
    pub frame: Option<FrameRef>,
    /// Time of that frame, or of the last frame before it.
    pub time: Option<Timestamp>,
    /// The text as it stands, from whoever wrote the file.
    pub text: String,
}

/// Secrets that the file carries for its own decryption (pcapng Decryption Secrets Block), kept for later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretsBlock {
    /// The type, for example 0x544c534b for a TLS key log.
    pub kind: u32,
    /// The secrets.
    pub data: Vec<u8>,
}

/// Where and why a file could not be read further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Offset in bytes of the first byte that was not understood, in the file after decompression.
    pub byte: u64,
    /// Why, in a few words, without path or offset.
    pub why: String,
    /// What to try.
    pub hint: Option<String>,
}

/// One capture, after it has been read. All counts are exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureInfo {
    /// As the user gave it, or as found in a folder; `-` for standard input.
    pub path: String,
    /// SHA-256 of the file as it lies on the disk (compressed where it is), in lower-case hexadecimal.
    pub sha256: String,
    /// For example `pcap`, `pcap, nanoseconds, big-endian`, `pcapng`, `gzip, pcap`.
    pub format: String,
    /// Distinct, in the order seen.
    pub link_types: Vec<LinkType>,
    /// The largest snap length that the file states; `None` where it states no limit.
    pub snap_len: Option<u32>,
    /// Decimals of its time stamps: 6 for microseconds, 9 for nanoseconds.
    pub time_decimals: u8,
    /// Frames read.
    pub packets: u64,
    /// Sum of the captured lengths in bytes.
    pub captured_bytes: u64,
    /// Sum of the original lengths in bytes.
    pub original_bytes: u64,
    /// Earliest time of a frame.
    pub first: Option<Timestamp>,
    /// Latest time of a frame.
    pub last: Option<Timestamp>,
    /// In the order of the file; bounded (`comments_left_out` counts the rest).
    pub comments: Vec<Comment>,
    /// Comments beyond the limit.
    pub comments_left_out: u64,
    /// Names from name resolution blocks: address as text, name. Bounded, sorted.
    pub resolved_names: Vec<(String, String)>,
    /// Frames that the capturing side dropped (interface statistics), where the file says so.
    pub drops: Option<u64>,
    /// Kept for later. Bounded.
    pub secrets: Vec<SecretsBlock>,
    /// Frames whose time is earlier than that of a frame before them.
    pub out_of_order: u64,
    /// `None` when the file was read to its end.
    pub stopped: Option<Stopped>,
}
