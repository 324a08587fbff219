//! `firstlight diff`: two captures or baselines held against each other, or a ladder of them.

use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, Command, ValueEnum};
use firstlight_baseline::{Baseline, diff};
use firstlight_model::CaptureInfo;
use firstlight_report::{html, json, markdown, terminal};

use super::{Entry, given};
use crate::outcome::{Exit, Failure};
use crate::page::Page;
use crate::reading::{self, Reading};
use crate::surroundings::Surroundings;

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
  2  it could not be done, or a file could not be read to its end";

/// Tells what changed from one capture or baseline to the next, weighed against how runs vary
#[derive(Debug, Args)]
struct Arguments {
    /// Two or more captures or baselines, in order
    #[arg(value_name = "CAPTURE|BASELINE", num_args = 2.., required = true)]
    sides: Vec<PathBuf>,
    /// How to print it
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    format: DiffFormat,
    #[command(flatten)]
    page: Page,
    /// All changes, however many
    #[arg(short = 'A', long)]
    all: bool,
    #[command(flatten)]
    reading: Reading,
}

/// Formats of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum DiffFormat {
    /// For reading
    #[default]
    Terminal,
    /// An article for each step
    Markdown,
    /// A page for a browser, in one file
    Html,
    /// For other programs: one document of firstlight.diff/1 for each step
    Json,
}

fn declare() -> Command {
    Arguments::augment_args(Command::new("diff")).after_help(EXAMPLES)
}

fn run(matches: &ArgMatches, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let arguments: Arguments = given(matches)?;
    let output = arguments.page.open()?;
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
    let style = arguments.page.style(surroundings, arguments.all, false);
    output.write(|out| {
        if arguments.format == DiffFormat::Html {
            let steps: Vec<_> = steps.iter().map(|(diff, captures)| (diff, captures.as_slice())).collect();
            return html::diff::write(&steps, &style, out);
        }
        for (at, (diff, captures)) in steps.iter().enumerate() {
            if at > 0 && arguments.format != DiffFormat::Json {
                out.write_all(b"\n")?;
            }
            match arguments.format {
                DiffFormat::Terminal => terminal::compared::diff(diff, captures, &style, out)?,
                DiffFormat::Markdown => markdown::compared::diff(diff, captures, &style, out)?,
                DiffFormat::Json => json::compared::diff(diff, captures, out)?,
                // All steps are one page.
                DiffFormat::Html => {}
            }
        }
        Ok(())
    })?;
    let exit = if steps.iter().all(|(diff, _)| diff.changes.is_empty()) { Exit::Clean } else { Exit::Findings };
    let ends = sides.iter().zip(&arguments.sides).map(|(side, path)| reading::end(exit, &side.captures, &[path]));
    Ok(ends.fold(exit, Exit::or))
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
