//! Captures on the command line: files, folders, `-` for standard input, with or without `-r`.

use std::path::{Path, PathBuf};

use clap::Args;
use firstlight_capture::{Input, Source};

use crate::outcome::Failure;
use crate::surroundings::Surroundings;

/// What to read.
#[derive(Debug, Clone, Args)]
pub struct Captures {
    /// Capture files, folders of them, or - for standard input
    ///
    /// pcap, pcapng and their kin, also compressed with gzip, zstd, xz, bzip2 or lz4. Several files are read as one
    /// stream in the order of time.
    #[arg(value_name = "CAPTURE", required_unless_present = "read")]
    captures: Vec<PathBuf>,
    /// A capture, as with tcpdump and tshark; may be repeated
    #[arg(short = 'r', long = "read", value_name = "FILE")]
    read: Vec<PathBuf>,
}

impl Captures {
    /// What the user named. Files found in folders are not among it.
    pub fn paths(&self) -> Vec<&Path> {
        self.captures.iter().chain(&self.read).map(PathBuf::as_path).collect()
    }
}

/// One capture to read.
#[derive(Debug, Clone, Args)]
pub struct OneCapture {
    /// The capture: a file, a folder of files that are one run, or - for standard input
    #[arg(value_name = "CAPTURE", required_unless_present = "read")]
    capture: Option<PathBuf>,
    /// The capture, as with tcpdump and tshark
    #[arg(short = 'r', long = "read", value_name = "FILE", conflicts_with = "capture")]
    read: Option<PathBuf>,
}

impl OneCapture {
    /// What the user named.
    pub fn path(&self) -> &Path {
        self.capture.as_deref().or(self.read.as_deref()).unwrap_or(Path::new("-"))
    }
}

/// Opens captures as one stream.
///
/// # Errors
/// When none can be read, or standard input is asked for and is a terminal.
pub fn open(paths: &[&Path], surroundings: &Surroundings) -> Result<Source, Failure> {
    let stdin = paths.iter().filter(|p| **p == Path::new("-")).count();
    if stdin > 0 && surroundings.in_is_terminal {
        let hint = "pipe a capture into it, for example: tcpdump -w - | firstlight report -";
        return Err(Failure::hinted("standard input is a terminal, not a capture", hint));
    }
    if stdin > 1 {
        return Err(Failure::hinted("standard input is named more than once", "name it once"));
    }
    let inputs: Vec<Input> =
        paths.iter().map(|p| if *p == Path::new("-") { Input::Stdin } else { Input::Path(p.to_path_buf()) }).collect();
    firstlight_capture::open(&inputs, &firstlight_capture::Options::default())
        .map_err(|error| Failure::from_error(&error, error.hint()))
}
