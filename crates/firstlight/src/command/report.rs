//! `firstlight report`: the diary of a capture.

mod commented;
mod logs;

use std::path::Path;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{ArgMatches, Args, Command};
use firstlight_model::report::Report;
use firstlight_report::zeek::Notation;
use firstlight_report::{FORMATS, Figures, Format};

use super::{Entry, given};
use crate::inputs::{self, Captures};
use crate::outcome::{Exit, Failure};
use crate::output::Output;
use crate::page::Page;
use crate::reading::{self, Reading};
use crate::surroundings::Surroundings;

/// The command.
pub const ENTRY: Entry = Entry { declare, run };

const EXAMPLES: &str = "\
Examples:
  firstlight report laptop.pcapng
  firstlight report install.pcap boot.pcap     one phase a file
  firstlight report --help                     more of them";

const LONG_EXAMPLES: &str = "\
Examples:
  What is in a capture, for reading:
    firstlight report laptop.pcapng

  One phase a file, everything, every byte:
    firstlight report --all --exact install.pcap boot.pcap safari.pcap

  One capture with phases by the clock:
    firstlight report --mark 'first boot=12m' --mark 'Safari=2019-10-10T14:20:00Z' catalina.pcapng.gz

  Somebody else's machine in the same capture:
    firstlight report --machine 192.168.1.23 office.pcap

  A page to look at and to forward:
    firstlight report --format html -o laptop.html laptop.pcapng

  For a program:
    firstlight report --format json laptop.pcapng | jq '.contacts[] | select(.vendor_own == false) | .name'

  For tools that read the logs of Zeek:
    firstlight report --format zeek -w logs laptop.pcapng

  The capture with what is said of its frames, for Wireshark:
    firstlight report --format pcapng-comments -w read.pcapng laptop.pcapng

  From another machine, as it comes:
    ssh router tcpdump -i br-lan -w - -c 10000 | firstlight report -

Exit status:
  0  the report was made
  2  it could not be made, or a file could not be read to its end (the report then says what was understood)
  3  with --strict: no machine was found, or its system cannot be told";

/// Tells what is in a capture: the machine, its fingerprint, its phases, whom it contacted and what for
#[derive(Debug, Args)]
struct Arguments {
    #[command(flatten)]
    captures: Captures,
    /// How to print the report
    #[arg(short, long, value_name = "FORMAT", default_value = FORMATS[0].name, value_parser = format_parser())]
    format: String,
    /// Everything: lists and names whole, the diary of each machine
    #[arg(short, long, visible_alias = "wide")]
    all: bool,
    /// Sizes to the byte, 23,145,678 B for 23.1 MB
    #[arg(long)]
    exact: bool,
    /// Print what is longer than the screen in one go; else FIRSTLIGHT_PAGER, PAGER or less shows it
    #[arg(long)]
    no_pager: bool,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    reading: Reading,
    /// Exit with 3 when no machine is found or its system cannot be told
    #[arg(long)]
    strict: bool,
}

impl Arguments {
    fn figures(&self) -> Figures {
        if self.exact { Figures::Exact } else { Figures::Rounded }
    }
}

fn declare() -> Command {
    Arguments::augment_args(Command::new("report")).after_help(EXAMPLES).after_long_help(LONG_EXAMPLES)
}

/// How a format is written.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// As one text.
    Text(&'static Format),
    /// As a folder of logs, while the capture is read.
    Logs(Notation),
    /// As the capture itself, with comments.
    Commented,
    /// As bytes that are no text.
    Table,
}

/// What is no single text: name, what it is for.
const OTHERS: &[(&str, &str, Way)] = &[
    (
        "zeek",
        "the connections, look-ups and so on as logs of Zeek's, in the folder -w names",
        Way::Logs(Notation::Tabs),
    ),
    ("zeek-json", "the same logs, a JSON object a line", Way::Logs(Notation::Json)),
    ("parquet", "the contacts with their types, for data frames and SQL", Way::Table),
    ("pcapng-comments", "the capture, with what is said of single frames as comments on them", Way::Commented),
];

fn format_parser() -> impl TypedValueParser<Value = String> {
    let texts = FORMATS.iter().map(|format| (format.name, format.about));
    let others = OTHERS.iter().map(|(name, about, _)| (*name, *about));
    PossibleValuesParser::new(texts.chain(others).map(|(name, about)| PossibleValue::new(name).help(about)))
}

fn run(matches: &ArgMatches, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let arguments: Arguments = given(matches)?;
    let way = way(&arguments.format)?;
    let paths = arguments.captures.paths();
    let report = match way {
        Way::Text(format) => text(&arguments, format, &paths, surroundings)?,
        Way::Logs(notation) => logs::write(&arguments, notation, &paths, surroundings)?,
        Way::Table => table(&arguments, &paths, surroundings)?,
        Way::Commented => commented::write(&arguments, &paths, surroundings)?,
    };
    let told = report.machines.first().is_some_and(|machine| machine.os.family.is_some());
    let exit = if arguments.strict && !told { Exit::CannotTell } else { Exit::Clean };
    Ok(reading::end(exit, &report.captures, &paths))
}

fn text(
    arguments: &Arguments,
    format: &Format,
    paths: &[&Path],
    surroundings: &Surroundings,
) -> Result<Report, Failure> {
    let style = arguments.page.style(surroundings, arguments.all, arguments.exact);
    let source = inputs::open(paths, surroundings)?;
    let is_for_reading = format.name == "terminal";
    let output = match (arguments.page.open()?, &surroundings.pager) {
        (Output::Standard, Some(pager)) if is_for_reading && !arguments.no_pager => Output::Paged(pager.clone()),
        (output, _) => output,
    };
    let report = arguments.reading.watched(source, surroundings, firstlight_engine::report);
    is_about_the_machine(arguments, &report)?;
    output.write(|out| (format.write)(&report, &style, out))?;
    Ok(report)
}

fn table(arguments: &Arguments, paths: &[&Path], surroundings: &Surroundings) -> Result<Report, Failure> {
    if arguments.page.target().is_none() && surroundings.out_is_terminal {
        return Err(Failure::hinted("a table in Parquet is not for a terminal", "name a file for it: -w FILE"));
    }
    let source = inputs::open(paths, surroundings)?;
    let output = arguments.page.open()?;
    let report = arguments.reading.watched(source, surroundings, firstlight_engine::report);
    is_about_the_machine(arguments, &report)?;
    output.write(|out| firstlight_report::parquet::write(&report, out))?;
    Ok(report)
}

fn way(name: &str) -> Result<Way, Failure> {
    let text = FORMATS.iter().find(|format| format.name == name).map(Way::Text);
    let other = || OTHERS.iter().find(|(other, _, _)| *other == name).map(|(_, _, way)| *way);
    text.or_else(other).ok_or_else(|| Failure::new(format!("there is no format {name}")))
}

fn is_about_the_machine(arguments: &Arguments, report: &Report) -> Result<(), Failure> {
    arguments.reading.machine.as_deref().map_or(Ok(()), |asked| has_machine(report, asked))
}

fn has_machine(report: &Report, asked: &str) -> Result<(), Failure> {
    let is_asked = |m: &firstlight_model::report::Machine| {
        m.id == asked
            || m.mac.is_some_and(|mac| mac.to_string() == asked)
            || m.addresses.iter().any(|a| a.to_string() == asked)
    };
    if report.machines.first().is_some_and(is_asked) {
        return Ok(());
    }
    let there: Vec<&str> = report.machines.iter().take(6).map(|m| m.id.as_str()).collect();
    let hint = if there.is_empty() {
        "there is no machine in it at all".to_owned()
    } else {
        format!("machines in it are {}", there.join(", "))
    };
    Err(Failure::hinted(format!("no packet is from or to {asked}"), hint))
}
