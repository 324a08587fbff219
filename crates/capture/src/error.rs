//! Why an input could not be read at all. What goes wrong further on in a file is no error: it ends in
//! [`Stopped`](firstlight_model::capture::Stopped).

use std::io;

use firstlight_model::capture::Stopped;

use crate::unpack::UnpackError;

/// Why nothing could be read of an input.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No input was named.
    #[error("no capture was named")]
    NoInput,
    /// The file or folder cannot be opened.
    #[error("cannot open {path}")]
    Open {
        /// As the user gave it.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The very first bytes cannot be read.
    #[error("cannot read {path} at byte {byte}")]
    Read {
        /// As the user gave it.
        path: String,
        /// Offset in the file after decompression.
        byte: u64,
        /// What the system or the decompressor says.
        source: io::Error,
    },
    /// Nothing in it.
    #[error("{path} is empty (byte 0)")]
    Empty {
        /// As the user gave it.
        path: String,
    },
    /// Neither pcap nor pcapng nor snoop.
    #[error("{path} is no capture (byte 0): {why}")]
    NotACapture {
        /// As the user gave it.
        path: String,
        /// What it looks like.
        why: String,
        /// What to try.
        hint: Option<String>,
    },
    /// A capture whose header is cut off, or of a kind or version that is not read.
    #[error("cannot read {path} at byte {byte}: {why}")]
    Unsupported {
        /// As the user gave it.
        path: String,
        /// Where in the file, after decompression.
        byte: u64,
        /// What is in the way.
        why: String,
        /// What to try.
        hint: Option<String>,
    },
    /// A folder without a single capture in it.
    #[error("no capture in the folder {path}")]
    NoCaptures {
        /// As the user gave it.
        path: String,
    },
    /// More files than are opened at once.
    #[error("more than {limit} files in {path}")]
    TooManyFiles {
        /// The folder in which the limit was reached.
        path: String,
        /// The limit ([`Options::max_files`](crate::Options::max_files)).
        limit: usize,
    },
}

impl Error {
    /// What to try, for a `hint:` line.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::NoInput => "name a capture file, a folder of them, or - for standard input",
            Self::Open { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => "check the spelling; a path is taken relative to the current folder",
                io::ErrorKind::PermissionDenied => "read it as its owner, or make it readable: chmod +r FILE",
                _ => return None,
            },
            Self::Read { source, .. } => hint_for(source),
            Self::Empty { .. } => "the capturing program may not have written yet, or had nothing to capture",
            Self::NotACapture { hint, .. } | Self::Unsupported { hint, .. } => return hint.clone(),
            Self::NoCaptures { .. } => "captures are told by their content; name the folder that holds them",
            Self::TooManyFiles { .. } => "name the folders or files that matter",
        };
        Some(text.to_owned())
    }

    /// The input it is about; empty when none was named.
    pub fn path(&self) -> &str {
        match self {
            Self::NoInput => "",
            Self::Open { path, .. }
            | Self::Read { path, .. }
            | Self::Empty { path }
            | Self::NotACapture { path, .. }
            | Self::Unsupported { path, .. }
            | Self::NoCaptures { path }
            | Self::TooManyFiles { path, .. } => path,
        }
    }

    /// Where in the file, after decompression.
    pub fn byte(&self) -> u64 {
        match self {
            Self::Read { byte, .. } | Self::Unsupported { byte, .. } => *byte,
            _ => 0,
        }
    }

    /// The same, for a file among others that could be read.
    pub(crate) fn into_stopped(self) -> Stopped {
        let (byte, hint) = (self.byte(), self.hint());
        let why = match self {
            Self::Open { source, .. } => format!("cannot be opened: {source}"),
            Self::Read { source, .. } => source.to_string(),
            Self::Empty { .. } => "the file is empty".to_owned(),
            Self::NotACapture { why, .. } => format!("no capture: {why}"),
            Self::Unsupported { why, .. } => why,
            other => other.to_string(),
        };
        Stopped { byte, why, hint }
    }
}

/// For a file that ends where it should go on.
pub(crate) const CUT_OFF_HINT: &str =
    "the file was still being written or a copy was cut short; what came before is used, copy it again for the rest";
/// For a file that makes no sense from some byte on.
pub(crate) const DAMAGED_HINT: &str =
    "the file is damaged there; what came before is used, pcapfix may recover frames after it";

/// What to try when the bytes of a file cannot be had.
pub(crate) fn hint_for(error: &io::Error) -> &'static str {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<UnpackError>()) {
        Some(UnpackError::Expands { .. }) => "decompress it yourself if you trust it, and read the result",
        Some(UnpackError::Damaged { .. }) => {
            "test the file with its own program (gzip -t, zstd -t, xz -t); what came before is used"
        }
        Some(UnpackError::CutOff { .. }) => CUT_OFF_HINT,
        None => "the device or the connection to it may have failed; copy the file to a local disk",
    }
}

/// Why reading stopped, before path and position are added.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) byte: u64,
    pub(crate) why: String,
    pub(crate) hint: Option<String>,
}

impl Stop {
    /// The file ends within something.
    pub(crate) fn cut(byte: u64, within: &str, needed: u64, there: u64) -> Self {
        let why = format!("cut off within {within}: {needed} bytes needed, {there} there");
        Self { byte, why, hint: Some(CUT_OFF_HINT.to_owned()) }
    }

    /// The file makes no sense.
    pub(crate) fn damaged(byte: u64, why: impl Into<String>) -> Self {
        Self { byte, why: why.into(), hint: Some(DAMAGED_HINT.to_owned()) }
    }
}

impl From<Stop> for Stopped {
    fn from(stop: Stop) -> Self {
        Self { byte: stop.byte, why: stop.why, hint: stop.hint }
    }
}
