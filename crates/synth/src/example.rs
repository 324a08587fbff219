//! The example of the repository: the first minutes of macOS 10.15 as the diary tells them (SANS ISC diary 25414), made
//! from a script. Install, first boot, Safari; 18 connections to swscan.apple.com, 206 to gspe21-ssl.ls.apple.com.
//!
//! [`ledger`] keeps the truth while the script plays, [`sites`] has the names with their aliases and addresses,
//! [`stage`] plays single contacts, [`script`] is the experiment.

pub mod ledger;
mod script;
mod sites;
mod stage;

use crate::frame::OwnedFrame;
use crate::write::{self, About};

/// The names of the three phases, in their order.
pub const PHASES: [&str; 3] = ["install", "first boot", "Safari"];

/// During the installation the machine starts anew so long after the phase begins, milliseconds.
pub const SECOND_BOOT_MS: u64 = 560_000;

/// Name of the capture's file.
pub const CAPTURE: &str = "macos-10.15-first-minutes.pcapng.zst";

/// Name of the table of truth beside it.
pub const TRUTH: &str = "macos-10.15-first-minutes.truth.tsv";

/// A made capture with the truth about it.
#[derive(Debug, Clone)]
pub struct Example {
    /// Frames in time order; the first of each phase carries a comment `phase: NAME`.
    pub frames: Vec<OwnedFrame>,
    /// What happened, by the script's own account.
    pub ledger: ledger::Ledger,
}

/// Plays the experiment.
pub fn macos_10_15() -> Example {
    script::play(script::Version::Usual)
}

/// Plays the experiment once more with something changed: in the first boot [`MISSING`] is not contacted, [`NEW`] is,
/// [`GROWN`] sends ten times as much; after the start of Safari [`TENCENT`] is contacted.
pub fn macos_10_15_changed() -> Example {
    script::play(script::Version::Changed)
}

/// What the changed experiment lacks.
pub const MISSING: &str = sites::STOCKS.name;
/// What is new in the changed experiment, and nobody's.
pub const NEW: &str = sites::UNKNOWN.name;
/// What sends ten times as much in the changed experiment.
pub const GROWN: &str = sites::STORE_BAG.name;
/// What Safari asks in the changed experiment.
pub const TENCENT: &str = sites::TENCENT.name;

impl Example {
    /// The capture as pcapng.
    pub fn to_pcapng(&self) -> Vec<u8> {
        let about = About {
            comments: vec![
                "system: macOS 10.15 Catalina".to_owned(),
                "scenario: install, first boot, Safari started once".to_owned(),
                "method: made by the packet writer of Firstlight from the diary's account; nothing here was recorded. \
                 A virtual machine on a bridged interface, captured on its host; TCP data is cut after 96 bytes"
                    .to_owned(),
            ],
            hardware: Some("made".to_owned()),
            os: Some("none".to_owned()),
            application: Some("firstlight-synth make-example".to_owned()),
            interface: Some("vmnet-bridge0".to_owned()),
            ..About::default()
        };
        write::pcapng(&self.frames, &about)
    }

    /// The capture as zstd-compressed pcapng, with a checksum.
    ///
    /// # Errors
    /// When the compressor fails, which is for want of memory only.
    pub fn to_zstd(&self) -> std::io::Result<Vec<u8>> {
        let mut encoder = zstd::Encoder::new(Vec::new(), 19)?;
        encoder.include_checksum(true)?;
        std::io::Write::write_all(&mut encoder, &self.to_pcapng())?;
        encoder.finish()
    }
}
