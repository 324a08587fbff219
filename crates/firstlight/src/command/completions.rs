//! `firstlight completions`: completion scripts for shells.

use clap::{ArgMatches, Args, Command};
use clap_complete::Shell;

use super::{Entry, given};
use crate::cli;
use crate::outcome::{Exit, Failure};
use crate::output::Output;
use crate::surroundings::Surroundings;

/// The command.
pub const ENTRY: Entry = Entry { declare, run };

const EXAMPLES: &str = "\
Examples:
  firstlight completions bash > ~/.local/share/bash-completion/completions/firstlight
  firstlight completions zsh > ~/.zfunc/_firstlight
  firstlight completions fish > ~/.config/fish/completions/firstlight.fish";

/// Prints a script by which a shell completes commands and options
#[derive(Debug, Args)]
struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

fn declare() -> Command {
    Arguments::augment_args(Command::new("completions")).after_help(EXAMPLES)
}

fn run(matches: &ArgMatches, _surroundings: &Surroundings) -> Result<Exit, Failure> {
    let arguments: Arguments = given(matches)?;
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut cli::declare(), cli::NAME, &mut script);
    Output::Standard.write(|out| out.write_all(&script))?;
    Ok(Exit::Clean)
}
