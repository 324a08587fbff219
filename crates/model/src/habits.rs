//! What the runs of a baseline had, contact by contact and run by run: the nouns of a page about a baseline.

use crate::finding::Share;
use crate::report::Scope;
use crate::time::Timestamp;

/// What one run had of one contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// TCP connections, or exchanges.
    pub connections: u64,
    /// Transport payload from the machine, bytes.
    pub payload_out: u64,
    /// Transport payload to the machine, bytes.
    pub payload_in: u64,
}

/// A contact, and what each run had of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habit {
    /// Name of the phase.
    pub phase: String,
    /// The other side in words: its name, or what it is.
    pub who: String,
    /// `tcp 443`.
    pub service: String,
    /// Where it is.
    pub scope: Scope,
    /// Organisation behind the name.
    pub owner: Option<String>,
    /// The owner makes the machine's system.
    pub vendor_own: Option<bool>,
    /// What the contact is for.
    pub purpose: Option<String>,
    /// One for each of [`Habits::runs`], in their order; `None` where the run had it not.
    pub amounts: Vec<Option<Amount>>,
}

/// A run as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Occasion {
    /// As the baseline's file names it.
    pub id: String,
    /// Names of its files, without folders.
    pub files: Vec<String>,
    /// When it began.
    pub start: Timestamp,
    /// Seconds.
    pub duration_s: f64,
    /// A file of it could not be read to its end, or the capturing side dropped frames.
    pub is_partial: bool,
    /// What the machine runs; `unknown`.
    pub system: String,
    /// Contacts, with accepted patterns for names.
    pub contacts: u64,
    /// Transport payload of all contacts in both directions, bytes.
    pub payload: u64,
}

/// What is normal, for reading.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Habits {
    /// What it is of; empty when nobody said.
    pub title: String,
    /// What system the machines run, as the user says.
    pub systems: Vec<String>,
    /// What was done in each run.
    pub scenarios: Vec<String>,
    /// How the captures were made.
    pub methods: Vec<String>,
    /// Patterns of names that a person accepted.
    pub accepted: Vec<String>,
    /// Patterns that names fit and that nobody accepted yet, with these names.
    pub proposed: Vec<(String, Vec<String>)>,
    /// By their beginning.
    pub runs: Vec<Occasion>,
    /// Those of most runs first, then by bytes.
    pub contacts: Vec<Habit>,
    /// Share of the contacts of a next run that no run had; `None` with fewer than two runs.
    pub expected_new: Option<Share>,
    /// Distinct contacts to be expected of 1, 2, … runs.
    pub curve: Vec<f64>,
}
