//! `firstlight diff`: two captures or baselines held against each other, or a ladder of them.

use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, Command, ValueEnum};
use firstlight_baseline::{Baseline, diff};
use firstlight_model::CaptureInfo;
use firstlight_report::{Figures, Length, Style, json, terminal};

use super::{Entry, given};
use crate::outcome::{Exit, Failure};
use crate::output::Output;
use crate::reading::{self, Reading};
use crate::surroundings::{ColorChoice, Surroundings, Target};

/// The command.
pub const ENTRY: Entry = Entry { declare, run };

const EXAMPLES: &str = "\
Examples:
  Two versions of a system, by what was learnt of each:
    firstlight diff mojave.baseline.json catalina.baseline.json

  Two captures:
    firstlight diff before.pcapng after.pcapng

  A ladder of versions, each against the one before:
    firstlight diff 10.13.baseline.json 10.14.baseline.json 10.15.baseline.json

Exit status:
  0  they do not differ
  1  they do
  2  it could not be done";

/// Tells what changed from one capture or baseline to the next, weighed against how runs vary
#[derive(Debug, Args)]
struct Arguments {
    /// Two or more captures or baselines, in order
    #[arg(value_name = "CAPTURE|BASELINE", num_args = 2.., required = true)]
    sides: Vec<PathBuf>,
    /// How to print it
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    format: DiffFormat,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    color: ColorChoice,
    /// Columns to use [default: the terminal's, or COLUMNS, or 80]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    width: Option<u16>,
    /// All changes, however many
    #[arg(short = 'A', long)]
    all: bool,
    /// Write to a file instead of standard output; it appears when it is whole
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
}

/// Formats of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum DiffFormat {
    /// For reading
    #[default]
    Terminal,
    /// For other programs: one document of firstlight.diff/1 for each step
    Json,
}

fn declare() -> Command {
    Arguments::augment_args(Command::new("diff")).after_help(EXAMPLES)
}

fn run(matches: &ArgMatches, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let arguments: Arguments = given(matches)?;
    let output = Output::open(arguments.output.as_deref())?;
    let mut sides = Vec::new();
    for path in &arguments.sides {
        sides.push(side(path, &arguments.reading, surroundings)?);
    }
    let steps: Vec<_> = sides
        .windows(2)
        .filter_map(|pair| match pair {
            [before, after] => {
                let (a, b) = ((before.name.as_str(), &before.baseline), (after.name.as_str(), &after.baseline));
                Some((diff(a, b), &after.captures))
            }
            _ => None,
        })
        .collect();
    let target = if arguments.output.is_some() { Target::File } else { Target::StandardOutput };
    let style = Style {
        width: surroundings.width(arguments.width.map(usize::from), target),
        color: surroundings.color(arguments.color, target),
        length: if arguments.all { Length::All } else { Length::Short },
        figures: Figures::Rounded,
    };
    output.write(|out| {
        for (at, (diff, captures)) in steps.iter().enumerate() {
            match arguments.format {
                DiffFormat::Terminal => {
                    if at > 0 {
                        out.write_all(b"\n")?;
                    }
                    terminal::compared::diff(diff, captures, &style, out)?;
                }
                DiffFormat::Json => json::compared::diff(diff, captures, out)?,
            }
        }
        Ok(())
    })?;
    Ok(if steps.iter().all(|(diff, _)| diff.changes.is_empty()) { Exit::Clean } else { Exit::Findings })
}

/// One of the things that are compared.
struct Side {
    name: String,
    baseline: Baseline,
    captures: Vec<CaptureInfo>,
}

fn side(path: &Path, reading: &Reading, surroundings: &Surroundings) -> Result<Side, Failure> {
    if !path.is_dir() && reading::is_baseline(path) {
        let baseline = reading::baseline(path)?;
        return Ok(Side { name: reading::title(&baseline, path), baseline, captures: Vec::new() });
    }
    let (run, captures) = reading.run(path, surroundings)?;
    let mut baseline = Baseline::default();
    baseline.runs.insert(run.id.clone(), run);
    Ok(Side { name: path.display().to_string(), baseline, captures })
}
