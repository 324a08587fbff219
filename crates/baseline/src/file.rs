//! A baseline as a text file, schema `firstlight.baseline/1`: JSON (RFC 8259), sorted, one run of one contact on a line,
//! so that a change to it reads well in a review. What is derived (how many runs had a contact) is written for readers
//! and counted afresh when the file is read.

mod read;
mod write;

pub use read::{Error, read};
pub use write::write;

/// What the first field says.
pub const SCHEMA: &str = "firstlight.baseline/1";
