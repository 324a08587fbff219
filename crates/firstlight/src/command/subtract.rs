//! `firstlight subtract`: the capture without what a baseline explains.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, Command};
use firstlight_baseline::{Baseline, subtract};
use firstlight_capture::Source;
use firstlight_capture::write::{Interface, PcapngWriter, Resolution, Section};
use firstlight_engine::sieve::{self, Member, Sieve};
use firstlight_model::report::Report;
use firstlight_model::{CaptureInfo, LinkType};
use firstlight_report::escape::visible;
use firstlight_report::{Figures, units};

use super::{Entry, given};
use crate::inputs::{self, OneCapture};
use crate::outcome::{Exit, Failure};
use crate::output::Output;
use crate::reading::{self, Reading};
use crate::surroundings::Surroundings;

/// The command.
pub const ENTRY: Entry = Entry { declare, run };

const EXAMPLES: &str = "\
Examples:
  The sandbox run without the operating system:
    firstlight subtract run.pcap --baseline windows.baseline.json -w odd.pcapng

Whole connections go, with their look-ups; what is left is the machine's odd
connections, all of every other machine, and what is no connection (ARP, …).

Exit status:
  0  the capture was written
  2  it could not be done, or a file could not be read to its end";

/// Writes the capture without what a baseline explains
#[derive(Debug, Args)]
struct Arguments {
    #[command(flatten)]
    capture: OneCapture,
    /// The baseline; several are taken together
    #[arg(short, long, value_name = "BASELINE", required = true)]
    baseline: Vec<PathBuf>,
    /// Where what is left goes, as pcapng
    #[arg(short = 'w', long = "write", value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    reading: Reading,
}

fn declare() -> Command {
    Arguments::augment_args(Command::new("subtract")).after_help(EXAMPLES)
}

fn run(matches: &ArgMatches, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let arguments: Arguments = given(matches)?;
    let path = arguments.capture.path();
    if path == Path::new("-") {
        let hint = "write it to a file first: it is read twice";
        return Err(Failure::hinted("standard input cannot be subtracted from", hint));
    }
    let mut baseline = Baseline::default();
    for path in &arguments.baseline {
        baseline.merge(reading::baseline(path)?);
    }
    let output = Output::open(Some(&arguments.output))?;
    let source = inputs::open(&[path], surroundings)?;
    let (report, members) = arguments.reading.watched(source, surroundings, sieve::members);
    let explained = subtract::explained(&baseline, &report);
    let goes = |member: &Member| {
        member.contact.is_some_and(|at| explained.contacts.get(at) == Some(&true))
            && member.queries.iter().all(|name| explained.look_up(name))
    };
    let mut left = Left { sieve: Sieve::new(&members, &goes), report: &report, counts: Counts::default() };
    let words = removed_in_words(&report, &explained.contacts);
    let again = inputs::open(&[path], surroundings)?;
    output.write(|out| left.write(again, &words, out))?;
    let mut words = vec![left.counts.in_words()];
    words.extend(words_of_contacts(&report, &explained.contacts));
    let mut out = std::io::stdout().lock();
    for line in words {
        if writeln!(out, "{}", visible(&line)).is_err() {
            break;
        }
    }
    Ok(reading::end(Exit::Clean, &report.captures, &[path]))
}

/// Frames and their lengths, gone and left.
#[derive(Debug, Default)]
struct Counts {
    gone: (u64, u64),
    left: (u64, u64),
}

impl Counts {
    fn in_words(&self) -> String {
        let part = |(frames, bytes): (u64, u64)| {
            format!("{} ({})", units::plural(frames, "frame", "frames"), units::size(bytes, Figures::Rounded))
        };
        format!("{} went, {} are left", part(self.gone), part(self.left))
    }
}

/// What is left of a capture.
struct Left<'a> {
    sieve: Sieve,
    report: &'a Report,
    counts: Counts,
}

impl Left<'_> {
    /// Reads the capture again and writes the frames that stay, with their comments.
    fn write(&mut self, mut source: Source, removed: &str, out: &mut dyn Write) -> std::io::Result<()> {
        let captures = &self.report.captures;
        let section = Section {
            comments: vec![removed.to_owned()],
            application: Some(concat!("firstlight ", env!("CARGO_PKG_VERSION")).to_owned()),
            ..Section::default()
        };
        let mut writer = PcapngWriter::new(out, &section)?;
        let mut interfaces: Vec<LinkType> = Vec::new();
        for link_type in captures.iter().flat_map(|capture| &capture.link_types) {
            if !interfaces.contains(link_type) {
                interfaces.push(*link_type);
                writer.interface(&interface(*link_type, captures))?;
            }
        }
        while let Some(frame) = source.next() {
            let goes = self.sieve.goes(&frame);
            let counts = if goes { &mut self.counts.gone } else { &mut self.counts.left };
            counts.0 += 1;
            counts.1 += u64::from(frame.original_len);
            if goes {
                continue;
            }
            let number = interfaces.iter().position(|link_type| *link_type == frame.link_type);
            let Some(number) = number.and_then(|at| u32::try_from(at).ok()) else { continue };
            let comments: Vec<&str> = captures
                .iter()
                .flat_map(|capture| &capture.comments)
                .filter(|comment| comment.frame == Some(frame.at))
                .map(|comment| comment.text.as_str())
                .collect();
            writer.frame(number, frame.time, frame.original_len, frame.data, &comments)?;
        }
        Ok(())
    }
}

fn interface(link_type: LinkType, captures: &[CaptureInfo]) -> Interface {
    let nanoseconds = captures.iter().any(|capture| capture.time_decimals > 6);
    let resolution = if nanoseconds { Resolution::Nanoseconds } else { Resolution::Microseconds };
    Interface { link_type, resolution, ..Interface::default() }
}

fn removed_in_words(report: &Report, explained: &[bool]) -> String {
    let gone = explained.iter().filter(|is| **is).count() as u64;
    let paths: Vec<&str> = report.captures.iter().map(|capture| capture.path.as_str()).collect();
    let names: Vec<&str> = paths.iter().map(|path| path.rsplit('/').next().unwrap_or(path)).collect();
    format!("{} without {} that a baseline explains", names.join(", "), units::plural(gone, "contact", "contacts"))
}

/// What stays, of the machine: a line a contact.
fn words_of_contacts(report: &Report, explained: &[bool]) -> Vec<String> {
    let machine = report.machines.first().map(|machine| machine.id.as_str());
    let stays = report
        .contacts
        .iter()
        .zip(explained)
        .filter(|(contact, gone)| !**gone && Some(contact.machine.as_str()) == machine);
    stays
        .map(|(contact, _)| {
            let key = firstlight_baseline::Key::of(contact, report);
            let times = units::plural(contact.connections, "connection", "connections");
            format!("left: {} ({}, {}), {times}", key.who_in_words(), key.service_in_words(), key.phase)
        })
        .collect()
}
