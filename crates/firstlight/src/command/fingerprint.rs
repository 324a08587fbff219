//! `firstlight fingerprint`: who the machines of a capture are, and by what that shows.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, Command, ValueEnum};
use firstlight_knowledge::own_book::{self, OwnBook};
use firstlight_knowledge::p0f::{self, BookError, Observed, P0fBook};
use firstlight_model::report::{Fingerprint, FingerprintMatch, Report};
use firstlight_report::{json, terminal};

use super::{Entry, given};
use crate::outcome::{Exit, Failure};
use crate::page::Page;
use crate::reading::{self, Reading};
use crate::surroundings::Surroundings;

mod changes;

/// The command.
pub const ENTRY: Entry = Entry { declare, run };

const EXAMPLES: &str = "\
Examples:
  Who the machines are, each answer with its votes, and what each looks like:
    firstlight fingerprint laptop.pcapng

  What changed from one version of a system to the next:
    firstlight fingerprint --diff mojave.pcapng catalina.pcapng

  With a copy of p0f's signatures, and with a book of one's own:
    firstlight fingerprint --p0f /etc/p0f/p0f.fp --book ours.tsv laptop.pcapng

  For a program:
    firstlight fingerprint --format json laptop.pcapng | jq '.machines[0].identity.verdicts'

Exit status:
  0  it was done; with --diff: nothing changed
  1  with --diff: something did
  2  it could not be done
  3  with --strict: the system of the first machine cannot be told";

/// Tells who the machines of a capture are, with every vote, and what they look like on the wire
#[derive(Debug, Args)]
struct Arguments {
    /// The capture: a file, a folder of files, or - for standard input; with --diff two of them
    #[arg(value_name = "CAPTURE", num_args = 1..=2, required_unless_present = "read")]
    captures: Vec<PathBuf>,
    /// The capture, as with tcpdump and tshark
    #[arg(short = 'r', long = "read", value_name = "FILE", conflicts_with = "captures")]
    read: Option<PathBuf>,
    /// What changed from the first capture to the second
    #[arg(long)]
    diff: bool,
    /// Compare with the signatures of a p0f.fp
    #[arg(long, value_name = "FILE")]
    p0f: Option<PathBuf>,
    /// Compare with a book of one's own: kind, value, label, source, with tabs between; may be repeated
    #[arg(long, value_name = "FILE")]
    book: Vec<PathBuf>,
    /// How to print it
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    format: FingerprintFormat,
    /// Everything: all machines, votes and comparisons
    #[arg(short = 'A', long)]
    all: bool,
    #[command(flatten)]
    page: Page,
    /// Exit with 3 when the system of the first machine cannot be told
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    reading: Reading,
}

/// Formats of fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum FingerprintFormat {
    /// For reading
    #[default]
    Terminal,
    /// For other programs (firstlight.fingerprint/1; with --diff firstlight.diff/1)
    Json,
}

fn declare() -> Command {
    Arguments::augment_args(Command::new("fingerprint")).after_help(EXAMPLES)
}

fn run(matches: &ArgMatches, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let arguments: Arguments = given(matches)?;
    let books = Books::open(&arguments)?;
    let paths: Vec<PathBuf> = arguments.captures.iter().chain(&arguments.read).cloned().collect();
    let expected = if arguments.diff { 2 } else { 1 };
    if paths.len() != expected {
        let hint = "firstlight fingerprint CAPTURE, or firstlight fingerprint --diff BEFORE AFTER";
        let message = format!("{} were named, but {expected} is asked for", paths.len());
        return Err(Failure::hinted(message, hint));
    }
    let output = arguments.page.open()?;
    let mut reports = Vec::new();
    for path in &paths {
        let mut report = arguments.reading.report(path, surroundings)?;
        books.compare(&mut report);
        reports.push(report);
    }
    let style = arguments.page.style(surroundings, arguments.all, false);
    let exit = match (reports.as_slice(), paths.as_slice()) {
        ([before, after], [path_before, path_after]) => {
            let names = [path_before, path_after].map(|path| path.display().to_string());
            let diff = changes::diff(names, before, after);
            output.write(|out| match arguments.format {
                FingerprintFormat::Terminal => terminal::compared::diff(&diff, &after.captures, &style, out),
                FingerprintFormat::Json => json::compared::diff(&diff, &after.captures, out),
            })?;
            if diff.changes.is_empty() { Exit::Clean } else { Exit::Findings }
        }
        ([report], _) => {
            output.write(|out| match arguments.format {
                FingerprintFormat::Terminal => terminal::identity::write(report, &style, out),
                FingerprintFormat::Json => json::write_fingerprints(report, out),
            })?;
            let told = report.machines.first().is_some_and(|machine| machine.os.family.is_some());
            if arguments.strict && !told { Exit::CannotTell } else { Exit::Clean }
        }
        _ => Exit::Failed,
    };
    let ends = reports.iter().zip(&paths).map(|(report, path)| reading::end(exit, &report.captures, &[path]));
    Ok(ends.fold(exit, Exit::or))
}

/// Books that the user has.
#[derive(Default)]
struct Books {
    p0f: Option<(String, P0fBook)>,
    own: Vec<(String, OwnBook)>,
}

impl Books {
    fn open(arguments: &Arguments) -> Result<Self, Failure> {
        let mut books = Self::default();
        if let Some(path) = &arguments.p0f {
            let text = text(path, p0f::FILE_LEN_BYTES)?;
            books.p0f = Some((name(path), P0fBook::read(&text).map_err(|error| wrong(path, &error))?));
        }
        for path in &arguments.book {
            let text = text(path, own_book::FILE_LEN_BYTES)?;
            books.own.push((name(path), OwnBook::read(&text).map_err(|error| wrong(path, &error))?));
        }
        Ok(books)
    }

    /// Adds what they say to the comparisons of a report, before those of the book that is compiled in.
    fn compare(&self, report: &mut Report) {
        let peers = report.peers.iter_mut().map(|peer| &mut peer.fingerprint);
        report.fingerprints.iter_mut().chain(peers).for_each(|fingerprint| self.compare_one(fingerprint));
    }

    fn compare_one(&self, fingerprint: &mut Fingerprint) {
        let syn = fingerprint.syn.as_ref();
        let packet = fingerprint
            .p0f
            .as_deref()
            .zip(syn)
            .and_then(|(raw, syn)| Observed::new(raw, syn.window, syn.mss.unwrap_or(0)));
        let mut found = Vec::new();
        for (file, book) in &self.own {
            found.extend(book.find(&fingerprint.kind, &fingerprint.value, packet.as_ref()).into_iter().map(|own| {
                FingerprintMatch {
                    label: own.label,
                    same: own.differences.is_empty(),
                    differences: own.differences,
                    source: own.source.unwrap_or_else(|| file.clone()),
                }
            }));
        }
        if let Some((file, book)) = &self.p0f {
            found.extend(of_p0f(fingerprint, packet.as_ref(), file, book));
            let of_syn = syn.filter(|_| packet.is_some());
            let mtu = of_syn.and_then(|syn| Some(syn.mss?.saturating_add(if syn.ip_version == 4 { 40 } else { 60 })));
            if let Some((mtu, link)) = mtu.and_then(|mtu| Some((mtu, book.link(mtu)?))) {
                fingerprint.remarks.push(format!("MTU {mtu} is that of {link}, {file}"));
            }
        }
        found.append(&mut fingerprint.matches);
        fingerprint.matches = found;
    }
}

/// The signature of a p0f.fp that a segment or a head of HTTP has.
fn of_p0f(
    fingerprint: &Fingerprint,
    packet: Option<&Observed>,
    file: &str,
    book: &P0fBook,
) -> Option<FingerprintMatch> {
    let head = |is_answer| {
        let (known, is_honest) = book.find_head(&fingerprint.value, is_answer)?;
        Some((known, (!is_honest).then_some("what the program calls itself: it may pretend")))
    };
    let (known, difference) = match fingerprint.kind.as_str() {
        "http.request.signature" => head(false)?,
        "http.response.signature" => head(true)?,
        kind => {
            let known = book.find(packet?, kind == "tcp.synack")?;
            let difference = known.is_rough.then_some("hop limit, or marks that are set on the way");
            (known, difference)
        }
    };
    Some(FingerprintMatch {
        label: if known.is_generic { format!("{} (generic)", known.label) } else { known.label },
        same: difference.is_none(),
        differences: difference.map(str::to_owned).into_iter().collect(),
        source: format!("{file}:{}", known.line),
    })
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn text(path: &Path, most: usize) -> Result<String, Failure> {
    let failure = |error: std::io::Error| {
        Failure::hinted(format!("cannot read {}: {error}", path.display()), "check the spelling")
    };
    let size = fs::metadata(path).map_err(failure)?.len();
    if usize::try_from(size).map_or(true, |size| size > most) {
        let hint = "name a file of signatures";
        return Err(Failure::hinted(format!("{} is too large for a book of fingerprints", path.display()), hint));
    }
    let bytes = fs::read(path).map_err(failure)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn wrong(path: &Path, error: &BookError) -> Failure {
    let hint = "docs/identity.md says what such a file holds";
    Failure::hinted(format!("{}, {error}", path.display()), hint)
}
