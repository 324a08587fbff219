//! `firstlight check`: a capture held against a baseline.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Command, ValueEnum};
use firstlight_model::finding::{Check, Grade};
use firstlight_report::{html, json, markdown, sarif, terminal};

use super::{Entry, given};
use crate::inputs::OneCapture;
use crate::outcome::{Exit, Failure};
use crate::page::Page;
use crate::reading::{self, Reading};
use crate::surroundings::Surroundings;

/// The command.
pub const ENTRY: Entry = Entry { declare, run };

const EXAMPLES: &str = "\
Examples:
  What of a capture is not normal:
    firstlight check laptop.pcapng --against catalina.baseline.json

  In a test of a device: fail only when it speaks to somebody new:
    firstlight check camera.pcap --against camera.baseline.json --fail-on new

  For what shows the findings of many tools:
    firstlight check camera.pcap --against camera.baseline.json --format sarif -o findings.sarif

Exit status:
  0  nothing that --fail-on names was found
  1  something was
  2  it could not be done, or a file could not be read to its end
  3  with --strict: something cannot be told, and nothing else was found";

/// Tells what of a capture is usual, new, changed, missing, and what cannot be told
#[derive(Debug, Args)]
struct Arguments {
    #[command(flatten)]
    capture: OneCapture,
    /// The baseline; several are taken together
    #[arg(short, long, value_name = "BASELINE", required = true)]
    against: Vec<PathBuf>,
    /// Grades that make the exit status 1
    #[arg(long, value_name = "GRADE", value_enum, value_delimiter = ',', default_values_t = [FailOn::New, FailOn::Changed, FailOn::Missing])]
    fail_on: Vec<FailOn>,
    /// How to print it
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    format: CheckFormat,
    #[command(flatten)]
    page: Page,
    /// All findings, however many
    #[arg(short = 'A', long)]
    all: bool,
    /// Sizes to the byte
    #[arg(long)]
    exact: bool,
    /// Exit with 3 when something cannot be told
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    reading: Reading,
}

/// Grades, for the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// No run had it, nor anything near it
    New,
    /// Known, but not like this
    Changed,
    /// The runs had it, the capture has not
    Missing,
    /// The capture does not show whether it is there
    CannotTell,
    /// Never
    Nothing,
}

/// Formats of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum CheckFormat {
    /// For reading
    #[default]
    Terminal,
    /// An article
    Markdown,
    /// A page for a browser, in one file
    Html,
    /// For other programs (firstlight.check/1)
    Json,
    /// For what shows the findings of many tools (SARIF 2.1.0)
    Sarif,
}

fn declare() -> Command {
    Arguments::augment_args(Command::new("check")).after_help(EXAMPLES)
}

fn run(matches: &ArgMatches, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let arguments: Arguments = given(matches)?;
    let mut baseline = firstlight_baseline::Baseline::default();
    for against in &arguments.against {
        baseline.merge(reading::baseline(against)?);
    }
    if baseline.runs.is_empty() {
        return Err(Failure::hinted("the baseline has no run", "add runs with firstlight learn"));
    }
    let output = arguments.page.open()?;
    let (run, captures) = arguments.reading.run(arguments.capture.path(), surroundings)?;
    let mut check = firstlight_baseline::check(&baseline, &run);
    if let [only] = arguments.against.as_slice() {
        check.baseline = reading::title(&baseline, only);
    }
    let exit = exit(&check, &arguments);
    let style = arguments.page.style(surroundings, arguments.all, arguments.exact);
    output.write(|out| match arguments.format {
        CheckFormat::Terminal => terminal::compared::check(&check, &captures, &style, out),
        CheckFormat::Markdown => markdown::compared::check(&check, &captures, &style, out),
        CheckFormat::Html => html::check::write(&check, &captures, &style, out),
        CheckFormat::Json => json::compared::check(&check, &captures, exit as u8, out),
        CheckFormat::Sarif => sarif::write(&check, &captures, env!("CARGO_PKG_VERSION"), out),
    })?;
    Ok(reading::end(exit, &captures, &[arguments.capture.path()]))
}

fn exit(check: &Check, arguments: &Arguments) -> Exit {
    let fails = |grade: Grade| {
        arguments.fail_on.iter().any(|fail_on| {
            matches!(
                (fail_on, grade),
                (FailOn::New, Grade::New)
                    | (FailOn::Changed, Grade::Changed)
                    | (FailOn::Missing, Grade::Missing)
                    | (FailOn::CannotTell, Grade::CannotTell)
            )
        })
    };
    if check.findings.iter().any(|finding| fails(finding.grade)) {
        Exit::Findings
    } else if arguments.strict && check.findings.iter().any(|finding| finding.grade == Grade::CannotTell) {
        Exit::CannotTell
    } else {
        Exit::Clean
    }
}
