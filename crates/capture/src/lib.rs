//! Bytes to frames: capture files, compressed or not, one or many, as one stream in time order; and writing them.
//!
//! Reads pcap and its kin ([`open`]), pcapng, snoop, through gzip, zstd, xz, bzip2 and lz4, told by their content and
//! never by their name. What is damaged or cut off ends the reading of that file, with all whole frames before it; it is
//! said in [`CaptureInfo::stopped`](firstlight_model::CaptureInfo::stopped). Leaves out what is in a frame.

mod annotate;
mod buffer;
mod bytes;
mod error;
mod foreign;
mod hash;
mod input;
mod memory;
mod notes;
mod pcap;
mod pcapng;
mod raw;
mod reader;
mod snoop;
mod source;
mod unpack;
pub mod write;

pub use annotate::{Annotated, annotate};
pub use bytes::ByteOrder;
pub use error::Error;
pub use input::Input;
pub use memory::open_frames;
pub use source::{Options, Progress, Source, open, open_streams};
