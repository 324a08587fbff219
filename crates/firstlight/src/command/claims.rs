//! `firstlight claims`: written claims judged on a capture.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, Command, ValueEnum};
use firstlight_baseline::claims;
use firstlight_model::finding::Verdict;
use firstlight_report::{json, terminal};

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
  Does the capture bear out what is claimed?
    firstlight claims safari.pcapng --claims claims.toml

  A device and its maker's own description (RFC 8520), or drift's claims:
    firstlight claims bulb.pcap --claims bulb.mud.json
    firstlight claims bulb.pcap --claims claims.yaml

A file of claims, in TOML or YAML:
  [[claims]]
  id = \"no-tencent\"
  text = \"Safari speaks to Tencent in China only\"
  never = { owner = \"Tencent\" }             # or only = […], always = …
  phase = \"Safari\"                          # may be left out

  [[claims]]
  id = \"small\"
  text = \"it sends little in the clear\"
  at_most = \"20 kB\"
  of = { encrypted = false }

  A selector has one or more of owner, name (*.example.org), category, country,
  network, port, transport, encrypted, vendor_own, scope.

Exit status:
  0  all are held
  1  one is broken
  2  it could not be done, or a file could not be read to its end
  3  with --strict: one cannot be told, and none is broken";

/// Judges written claims: held, broken, or cannot tell, with what the verdict stands on
#[derive(Debug, Args)]
struct Arguments {
    #[command(flatten)]
    capture: OneCapture,
    /// Claims: TOML, YAML, drift's claims.yaml, or a MUD file; may be repeated
    #[arg(short, long, value_name = "FILE", required = true)]
    claims: Vec<PathBuf>,
    /// How to print it
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    format: ClaimsFormat,
    #[command(flatten)]
    page: Page,
    /// Exit with 3 when a claim cannot be told
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    reading: Reading,
}

/// Formats of verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum ClaimsFormat {
    /// For reading
    #[default]
    Terminal,
    /// For other programs (firstlight.claims/1)
    Json,
}

fn declare() -> Command {
    Arguments::augment_args(Command::new("claims")).after_help(EXAMPLES)
}

fn run(matches: &ArgMatches, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let arguments: Arguments = given(matches)?;
    let mut all = Vec::new();
    for file in &arguments.claims {
        all.extend(read(file)?);
    }
    let output = arguments.page.open()?;
    let report = arguments.reading.report(arguments.capture.path(), surroundings)?;
    let judged = claims::judge(&all, &report);
    let has = |verdict: Verdict| judged.iter().any(|claim| claim.verdict == verdict);
    let exit = if has(Verdict::Broken) {
        Exit::Findings
    } else if arguments.strict && has(Verdict::CannotTell) {
        Exit::CannotTell
    } else {
        Exit::Clean
    };
    let style = arguments.page.style(surroundings, true, false);
    output.write(|out| match arguments.format {
        ClaimsFormat::Terminal => terminal::compared::claims(&judged, &report.captures, &style, out),
        ClaimsFormat::Json => json::compared::claims(&judged, &report.captures, exit as u8, out),
    })?;
    Ok(reading::end(exit, &report.captures, &[arguments.capture.path()]))
}

fn read(file: &Path) -> Result<Vec<claims::Claim>, Failure> {
    let text = fs::read_to_string(file).map_err(|error| {
        Failure::hinted(format!("{} cannot be read: {error}", file.display()), "name a file of claims in TOML or YAML")
    })?;
    let folder = file.parent().unwrap_or(Path::new(".")).to_path_buf();
    claims::read(&text, &|named| fs::read_to_string(folder.join(named)))
        .map_err(|error| Failure::from_error(&error, Some(error.hint().to_owned())).of(file))
}
