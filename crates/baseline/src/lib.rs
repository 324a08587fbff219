//! What is normal: a [`Baseline`] is what the [`Run`]s of one scenario had; a capture is [`check`]ed against it, two are
//! held against each other by [`diff`].
//!
//! Everything here works on the finished report of a capture, so that what a baseline knows is what the report shows.

pub mod baseline;
pub mod check;
pub mod claims;
pub mod diff;
pub mod estimate;

pub mod file;
pub mod habits;
pub mod key;
pub mod novelty;
pub mod odd;
pub mod pattern;
pub mod run;
mod shape;
pub mod subtract;
pub mod volume;
mod words;

pub use baseline::Baseline;
pub use check::check;
pub use diff::diff;
pub use estimate::Completeness;
pub use habits::habits;
pub use key::{Key, Port, Who};
pub use run::{About, Property, Run, Seen, Stretch, Subject};
pub use shape::Wrong;
