//! `firstlight man`: the manual pages.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Command};
use clap_mangen::Man;

use super::{Entry, given};
use crate::cli;
use crate::outcome::{Exit, Failure, plainly};
use crate::output::Output;
use crate::surroundings::Surroundings;

/// The command.
pub const ENTRY: Entry = Entry { declare, run };

const EXAMPLES: &str = "\
Examples:
  firstlight man | man -l -
  firstlight man --dir ~/.local/share/man/man1";

/// Prints the manual page, or writes one for each command to a folder
#[derive(Debug, Args)]
struct Arguments {
    /// Folder for the pages firstlight.1, firstlight-report.1, …
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

fn declare() -> Command {
    Arguments::augment_args(Command::new("man")).after_help(EXAMPLES)
}

fn run(matches: &ArgMatches, _surroundings: &Surroundings) -> Result<Exit, Failure> {
    let arguments: Arguments = given(matches)?;
    let mut command = cli::declare();
    command.build();
    let Some(dir) = arguments.dir else {
        Output::Standard.write(|out| Man::new(command).render(out))?;
        return Ok(Exit::Clean);
    };
    std::fs::create_dir_all(&dir)
        .map_err(|e| Failure::new(format!("cannot make {}: {}", dir.display(), plainly(&e.to_string()))))?;
    for page in std::iter::once(&command).chain(command.get_subcommands().filter(|c| c.get_name() != "help")) {
        let name = page.get_display_name().unwrap_or(page.get_name()).to_owned();
        let man = Man::new(page.clone());
        Output::open(Some(&dir.join(format!("{name}.1"))))?.write(|out| man.render(out))?;
    }
    Ok(Exit::Clean)
}
