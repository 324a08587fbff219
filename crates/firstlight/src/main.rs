//! The command line of Firstlight: reads what the user typed, opens what they named, hands it to the engine and prints
//! what comes back. This is the only place that touches environment and terminal. A command is one file in `command/`
//! and one line in [`command::ALL`].
//!
//! Results go to standard output, talk and progress to standard error. Leaves out everything that knows of packets.

mod cli;
mod command;
mod inputs;
mod logs;
mod mark;
mod outcome;
mod output;
mod own_tables;
mod page;
mod pager;
mod progress;
mod reading;
mod surroundings;

use std::process::ExitCode;

/// Connections come and go by the million, each with a dozen small pieces of memory (docs/decisions/0004).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run(std::env::args_os().collect())
}
