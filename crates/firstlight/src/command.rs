//! The commands. Each is a file that declares its arguments once, from which parsing, `--help`, the man page and the
//! completions follow; a new one is a file and a line in [`ALL`].

mod completions;
mod man;
mod report;

use clap::ArgMatches;

use crate::outcome::{Exit, Failure};
use crate::surroundings::Surroundings;

/// A command.
pub struct Entry {
    /// Its arguments and help.
    pub declare: fn() -> clap::Command,
    /// Does it.
    pub run: fn(&ArgMatches, &Surroundings) -> Result<Exit, Failure>,
}

/// All of them, in the order in which help lists them.
pub const ALL: &[Entry] = &[report::ENTRY, completions::ENTRY, man::ENTRY];

/// What a command was given. The declaration it was parsed by is that of `T`.
fn given<T: clap::FromArgMatches>(matches: &ArgMatches) -> Result<T, Failure> {
    T::from_arg_matches(matches).map_err(|error| Failure::new(error.to_string()))
}
