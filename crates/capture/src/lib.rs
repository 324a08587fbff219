//! Bytes to frames: capture files, compressed or not, one or many.

use std::path::PathBuf;

use firstlight_model::{CaptureInfo, Frame};

/// Where bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file, or a folder of them.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

/// How to read.
#[derive(Debug, Clone, Default)]
pub struct Options {}

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {path}")]
pub struct Error {
    path: String,
}

impl Error {
    /// What to try.
    pub fn hint(&self) -> Option<String> {
        None
    }
}

/// How far reading has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the files as they lie on the disk.
    pub bytes_read: u64,
    /// All of them, where known.
    pub bytes_total: Option<u64>,
    /// Frames delivered.
    pub frames: u64,
}

/// Frames of all inputs in time order.
pub struct Source {}

/// Opens the inputs.
///
/// # Errors
/// When none of them can be read.
pub fn open(_inputs: &[Input], _options: &Options) -> Result<Source, Error> {
    Ok(Source {})
}

impl Source {
    /// The next frame, borrowed until the next call.
    #[allow(clippy::should_implement_trait, reason = "a lending iterator")]
    pub fn next(&mut self) -> Option<Frame<'_>> {
        None
    }

    /// How far reading has come.
    pub fn progress(&self) -> Progress {
        Progress::default()
    }

    /// What is known of each file.
    pub fn finish(self) -> Vec<CaptureInfo> {
        Vec::new()
    }
}
