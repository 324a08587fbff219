//! `firstlight report`: the diary of a capture.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{ArgMatches, Args, Command, ValueEnum};
use firstlight_engine::{FilePhases, Mark, Options};
use firstlight_model::report::Report;
use firstlight_report::{FORMATS, Figures, Format, Length, Style};

use super::{Entry, address, given};
use crate::inputs::Captures;
use crate::mark;
use crate::outcome::{Exit, Failure};
use crate::output::Output;
use crate::progress::Display;
use crate::surroundings::{ColorChoice, Surroundings, Target};

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

  For a program:
    firstlight report --format json laptop.pcapng | jq '.contacts[] | select(.vendor_own == false) | .name'

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
    /// The machine that the report is about, by IP or MAC address [default: found in the capture]
    #[arg(short, long, value_name = "ADDR|MAC", value_parser = address)]
    machine: Option<String>,
    /// A phase begins: at a time (RFC 3339), or so long after the first packet (+90s, 12m); may be repeated
    #[arg(long = "mark", value_name = "NAME=TIME", value_parser = mark::parse)]
    marks: Vec<Mark>,
    /// Whether each file is a phase; auto: when files follow each other in time and there are no marks
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    file_phases: FilePhasesChoice,
    /// How to print the report
    #[arg(short, long, value_name = "FORMAT", default_value = FORMATS[0].name, value_parser = format_parser())]
    format: String,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    color: ColorChoice,
    /// Columns to use [default: the terminal's, or COLUMNS, or 80]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    width: Option<u16>,
    /// Everything: lists and names whole, the diary of each machine
    #[arg(short, long, visible_alias = "wide")]
    all: bool,
    /// Sizes to the byte, 23,145,678 B for 23.1 MB
    #[arg(long)]
    exact: bool,
    /// Write to a file instead of standard output; it appears when it is whole
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// No progress on standard error
    #[arg(short, long)]
    quiet: bool,
    /// Exit with 3 when no machine is found or its system cannot be told
    #[arg(long)]
    strict: bool,
}

/// As `FilePhases`, for the command line.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum FilePhasesChoice {
    /// When there are several files that do not overlap in time, and no marks
    #[default]
    Auto,
    /// Yes
    Always,
    /// No
    Never,
}

fn declare() -> Command {
    Arguments::augment_args(Command::new("report")).after_help(EXAMPLES).after_long_help(LONG_EXAMPLES)
}

fn format_parser() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(FORMATS.iter().map(|f| PossibleValue::new(f.name).help(f.about)))
}

fn run(matches: &ArgMatches, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let arguments: Arguments = given(matches)?;
    let target = if arguments.output.is_some() { Target::File } else { Target::StandardOutput };
    let style = Style {
        width: surroundings.width(arguments.width.map(usize::from), target),
        color: surroundings.color(arguments.color, target),
        length: if arguments.all { Length::All } else { Length::Short },
        figures: if arguments.exact { Figures::Exact } else { Figures::Rounded },
    };
    let format = format_named(&arguments.format)?;
    let source = arguments.captures.open(surroundings)?;
    let output = Output::open(arguments.output.as_deref())?;
    let mut display = Display::new(!arguments.quiet && surroundings.can_show_progress());
    let report = firstlight_engine::report(source, &options(&arguments), &mut |progress| display.update(progress));
    display.clear();
    if let Some(machine) = &arguments.machine {
        has_machine(&report, machine)?;
    }
    output.write(|out| (format.write)(&report, &style, out))?;
    Ok(end(&report, &arguments.captures.named(), arguments.strict))
}

fn options(arguments: &Arguments) -> Options {
    Options {
        machine: arguments.machine.clone(),
        marks: arguments.marks.clone(),
        file_phases: match arguments.file_phases {
            FilePhasesChoice::Auto => FilePhases::Auto,
            FilePhasesChoice::Always => FilePhases::Always,
            FilePhasesChoice::Never => FilePhases::Never,
        },
    }
}

fn format_named(name: &str) -> Result<&'static Format, Failure> {
    FORMATS.iter().find(|f| f.name == name).ok_or_else(|| Failure::new(format!("there is no format {name}")))
}

/// Says which files could not be read to their end; the status follows from that and from `--strict`.
fn end(report: &Report, named: &[String], strict: bool) -> Exit {
    let mut exit = Exit::Clean;
    for capture in &report.captures {
        if let Some(stopped) = &capture.stopped {
            // What lies beside captures in a folder and is none was not asked for; the report lists it.
            if stopped.byte == 0 && capture.packets == 0 && !named.contains(&capture.path) {
                continue;
            }
            let path = if capture.path == "-" { "standard input" } else { &capture.path };
            let message = format!("cannot read {path} further than byte {}: {}", stopped.byte, stopped.why);
            Failure { message, hint: stopped.hint.clone() }.print();
            exit = Exit::Failed;
        }
    }
    let told = report.machines.first().is_some_and(|machine| machine.os.family.is_some());
    if exit == Exit::Clean && strict && !told { Exit::CannotTell } else { exit }
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
