//! What observations mean: names, machines, phases, contacts. What is kept of a capture is a [`Tally`], which merges;
//! [`assemble`] makes the report out of it.

mod anomalies;
mod assemble;
mod bursts;
mod clocks;
mod connection;
mod contacts;
mod exchanges;
mod fingerprints;
mod identity;
pub mod ip_ids;
mod limits;
mod local;
mod machines;
mod naming;
mod observe;
pub mod p0f;
mod phases;
mod rates;
mod resolved;
mod sightings;
mod signs;
mod syn;
mod syn_facts;
pub mod syn_remarks;
mod tally;
pub mod tcpdump;

use firstlight_knowledge::Knowledge;

pub use assemble::{assemble, assemble_with_members};
pub use connection::{CertificateSeen, Connection, Facts, NameSeen, Seen};
pub use observe::Talk;
pub use phases::{FilePhases, Mark, MarkTime};
pub use tally::Tally;

/// What the user asks for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Address or MAC of the machine that the report is about; found when `None`.
    pub machine: Option<String>,
    /// Phases given by the user.
    pub marks: Vec<Mark>,
    /// Phases by file.
    pub file_phases: FilePhases,
    /// What is known of names and addresses.
    pub knowledge: Knowledge,
}
