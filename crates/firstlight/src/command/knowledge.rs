//! `firstlight knowledge`: a user's own tables of names: what is missing, as rows to fill in, and whether tables are right.

#[path = "knowledge/missing.rs"]
mod missing;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, Command, FromArgMatches, Subcommand};
use firstlight_knowledge::Knowledge;
use firstlight_report::escape::visible;

use self::missing::{Missing, Table};
use super::Entry;
use crate::outcome::{Exit, Failure};
use crate::output::Output;
use crate::own_tables;
use crate::reading::{self, Reading};
use crate::surroundings::{Month, Surroundings};

/// The command.
pub const ENTRY: Entry = Entry { declare, run };

const EXAMPLES: &str = "\
Examples:
  firstlight knowledge missing day.pcapng              what nobody knows, as rows to fill in
  firstlight knowledge missing day.pcapng -o names/    the same, as files of a folder
  firstlight knowledge check names/                    are they right?
  firstlight report day.pcapng --knowledge names/      with them: their rules win

A folder of own tables holds rules/*.tsv, organisations.tsv, owners.tsv, networks.tsv,
addresses.tsv, sources.tsv, or some of them. docs/knowledge.md has their columns.";

const MISSING_EXAMPLES: &str = "\
Examples:
  firstlight knowledge missing day.pcapng
  firstlight knowledge missing monday.pcap tuesday.pcap -o names/

Purposes are left empty for you to fill in, owners and categories where they are not
known. firstlight knowledge check says what is still missing.";

const CHECK_EXAMPLES: &str = "\
Examples:
  firstlight knowledge check names/

Exit status:
  0  all rows are right
  1  some are not: each is said with its file and line
  2  the folder cannot be read";

/// Own tables of names: what captures lack, and whether the tables are right
#[derive(Debug, Args)]
struct Arguments {
    #[command(subcommand)]
    action: Action,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Action {
    /// Lists names and addresses of captures whose owner or purpose nobody knows, as rows to fill in
    #[command(after_help = MISSING_EXAMPLES)]
    Missing(MissingArguments),
    /// Says whether own tables are right
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArguments),
}

/// Of `missing`.
#[derive(Debug, Args)]
struct MissingArguments {
    /// Captures: files, folders of files, or - for standard input
    #[arg(value_name = "CAPTURE", required_unless_present = "read")]
    captures: Vec<PathBuf>,
    /// A capture, as with tcpdump and tshark; may be repeated
    #[arg(short = 'r', long = "read", value_name = "FILE")]
    read: Vec<PathBuf>,
    /// A folder to write the tables to; what is there already is not overwritten
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The month that the source is dated with, as 2026-11 [default: this one]
    #[arg(long, value_name = "MONTH", value_parser = Month::parse)]
    as_of: Option<Month>,
    #[command(flatten)]
    reading: Reading,
}

/// Of `check`.
#[derive(Debug, Args)]
struct CheckArguments {
    /// The folder of the tables
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

fn declare() -> Command {
    Arguments::augment_args(Command::new("knowledge"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help(EXAMPLES)
}

fn run(matches: &ArgMatches, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let arguments = Arguments::from_arg_matches(matches).map_err(|error| Failure::new(error.to_string()))?;
    match arguments.action {
        Action::Missing(arguments) => list(&arguments, surroundings),
        Action::Check(arguments) => check(&arguments.folder),
    }
}

fn check(folder: &Path) -> Result<Exit, Failure> {
    let files = own_tables::read(folder)
        .map_err(|message| Failure::hinted(message, "name a folder that holds tables, such as rules/office.tsv"))?;
    let rows: usize = files.iter().map(|(_, text)| text.lines().count().saturating_sub(2)).sum();
    let (lines, exit) = match Knowledge::with_own(&files) {
        Ok(_) => (vec![format!("{rows} rows in {} tables are right", files.len())], Exit::Clean),
        Err(problems) => (problems.iter().map(ToString::to_string).collect(), Exit::Findings),
    };
    Output::Standard.write(|out| lines.iter().try_for_each(|line| writeln!(out, "{}", visible(line))))?;
    Ok(exit)
}

fn list(arguments: &MissingArguments, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let mut missing = Missing::default();
    let mut exit = Exit::Clean;
    for path in arguments.captures.iter().chain(&arguments.read) {
        let report = arguments.reading.report(path, surroundings)?;
        exit = exit.or(reading::end(Exit::Clean, &report.captures, &[path]));
        report.contacts.iter().for_each(|contact| missing.add(contact));
    }
    let tables = missing.tables(arguments.as_of.unwrap_or(surroundings.month));
    match &arguments.output {
        Some(folder) => write_to(folder, &tables)?,
        None => Output::Standard.write(|out| {
            for (at, table) in tables.iter().filter(|table| !table.rows.is_empty()).enumerate() {
                let gap = if at > 0 { "\n" } else { "" };
                write!(out, "{gap}{}", table.text())?;
            }
            Ok(())
        })?,
    }
    let mut err = std::io::stderr().lock();
    for words in missing.in_words() {
        // Who does not listen there need not know.
        let _ = writeln!(err, "{words}");
    }
    Ok(exit)
}

/// Writes each table to its file, unless there is one.
fn write_to(folder: &Path, tables: &[Table]) -> Result<(), Failure> {
    let tables = || tables.iter().filter(|table| !table.rows.is_empty());
    if let Some(taken) = tables().map(|table| folder.join(table.file)).find(|path| path.exists()) {
        let message = format!("{} is there already", taken.display());
        return Err(Failure::hinted(message, "name another folder, and move what you want from there"));
    }
    for table in tables() {
        let path = folder.join(table.file);
        let above = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(above).map_err(|error| {
            let message = format!("cannot make {}: {}", above.display(), crate::outcome::plainly(&error.to_string()));
            Failure::hinted(message, "name a folder in one of yours")
        })?;
        Output::open(Some(&path))?.write(|out| out.write_all(table.text().as_bytes()))?;
    }
    Ok(())
}
