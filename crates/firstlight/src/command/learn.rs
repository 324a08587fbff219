//! `firstlight learn`: a baseline from runs.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;

use clap::{ArgMatches, Args, Command};
use firstlight_baseline::{Baseline, Completeness, file, odd};
use firstlight_knowledge as knowledge;
use firstlight_model::CaptureInfo;
use firstlight_report::escape::visible;
use firstlight_report::units::{count, plural};
use firstlight_report::{Style, html};

use super::{Entry, given};
use crate::outcome::{Exit, Failure};
use crate::output::Output;
use crate::reading::{self, Reading};
use crate::surroundings::Surroundings;

/// The command.
pub const ENTRY: Entry = Entry { declare, run };

const EXAMPLES: &str = "\
Examples:
  Runs of one scenario, each file of the folder one run:
    firstlight learn runs/ --system 'macOS 10.15' --scenario install -o catalina.baseline.json

  One more run, first only to see what it would change:
    firstlight learn --into catalina.baseline.json --review monday.pcapng
    firstlight learn --into catalina.baseline.json monday.pcapng

  Two baselines made one, a run taken out, a pattern of names accepted:
    firstlight learn a.baseline.json b.baseline.json -o both.baseline.json
    firstlight learn --into both.baseline.json --take-out monday.pcapng
    firstlight learn --into both.baseline.json --accept 'p*-fmip.icloud.com'

  A page to look at what a baseline holds:
    firstlight learn --into both.baseline.json --review --html both.html

Exit status:
  0  the baseline was written (with --review: nothing would change)
  1  a run is unlike the others and was left out (with --review: something would change)
  2  it could not be done, or a run could not be read to its end (what was understood of it is in)";

/// Makes a baseline of runs, or adds runs to one
#[derive(Debug, Args)]
struct Arguments {
    /// Runs: capture files, folders with one run each, or baselines, whose runs are added
    #[arg(value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// A run, as with tcpdump and tshark; may be repeated
    #[arg(short = 'r', long = "read", value_name = "FILE")]
    read: Vec<PathBuf>,
    /// Where the baseline goes
    #[arg(short, long, value_name = "FILE", required_unless_present = "into")]
    output: Option<PathBuf>,
    /// Add to this baseline (and write it anew, unless -o says otherwise)
    #[arg(long, value_name = "BASELINE")]
    into: Option<PathBuf>,
    /// Only show what would change
    #[arg(long)]
    review: bool,
    /// Also write a page for a browser: how often and how much, run by run
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Take out a run, by its id or the name of its file; may be repeated
    #[arg(long, value_name = "RUN")]
    take_out: Vec<String>,
    /// Let names that fit the pattern be one contact; may be repeated
    #[arg(long, value_name = "PATTERN")]
    accept: Vec<String>,
    /// Add runs also when they are unlike the others
    #[arg(long)]
    keep_odd: bool,
    /// What system the machine runs
    #[arg(long, value_name = "TEXT")]
    system: Option<String>,
    /// What was done in each run
    #[arg(long, value_name = "TEXT")]
    scenario: Option<String>,
    /// How the captures were made
    #[arg(long, value_name = "TEXT")]
    method: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

fn declare() -> Command {
    Arguments::augment_args(Command::new("learn")).after_help(EXAMPLES)
}

fn run(matches: &ArgMatches, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let arguments: Arguments = given(matches)?;
    check_patterns(&arguments.accept)?;
    let mut baseline = match &arguments.into {
        Some(path) => reading::baseline(path)?,
        None => Baseline::default(),
    };
    let before = file::write(&baseline);
    let old = baseline.clone();
    describe(&mut baseline, &arguments);
    for run in &arguments.take_out {
        if baseline.take_out(run) == 0 {
            let hint = "runs are named by their id or the name of their file, as the baseline lists them";
            return Err(Failure::hinted(format!("there is no run {run} in the baseline"), hint));
        }
    }
    let exit = add(&mut baseline, &arguments, surroundings)?;
    let left_out = if arguments.keep_odd { Vec::new() } else { leave_out(&mut baseline, &old) };
    if baseline.runs.is_empty() {
        return Err(Failure::hinted(
            "there is no run to learn from",
            "name captures of runs; see firstlight learn --help",
        ));
    }
    let text = file::write(&baseline);
    let mut words = summary(&baseline);
    words.extend(accepted_words(&baseline, &arguments.accept));
    words.extend(left_out.iter().map(|odd| odd_words(odd, &baseline)));
    let is_standard = |path: &Option<PathBuf>| path.as_deref() == Some(std::path::Path::new("-"));
    if let Some(path) = &arguments.html {
        let habits = firstlight_baseline::habits(&baseline);
        Output::open(Some(path))?.write(|out| html::baseline::write(&habits, &Style::default(), out))?;
    }
    if arguments.review {
        words.extend(changes(&old, &baseline));
        if !is_standard(&arguments.html) {
            say(&words)?;
        }
        return Ok(if text == before && left_out.is_empty() { exit } else { exit.or(Exit::Findings) });
    }
    let output = Output::open(arguments.output.as_deref().or(arguments.into.as_deref()))?;
    output.write(|out| out.write_all(text.as_bytes()))?;
    if !is_standard(&arguments.html) && !is_standard(&arguments.output) {
        say(&words)?;
    }
    Ok(if left_out.is_empty() { exit } else { exit.or(Exit::Findings) })
}

/// A pattern that stands for names of many owners would hide what is new.
fn check_patterns(patterns: &[String]) -> Result<(), Failure> {
    for pattern in patterns {
        let shown = visible(pattern);
        let Some((_, fixed)) = pattern.rsplit_once('*') else {
            let hint = "a * stands for one or more characters of a label, as in 'p*-fmip.icloud.com'";
            return Err(Failure::hinted(format!("{shown} is no pattern"), hint));
        };
        let is_narrow =
            fixed.split_once('.').is_some_and(|(_, domain)| knowledge::registrable_domain(domain).is_some());
        if !is_narrow {
            let hint = "what follows the last * must end with a whole registrable domain, as in '*.pool.ntp.org'";
            return Err(Failure::hinted(format!("{shown} would stand for names of many owners"), hint));
        }
    }
    Ok(())
}

/// What was said of how the runs were made.
fn describe(baseline: &mut Baseline, arguments: &Arguments) {
    baseline.systems.extend(arguments.system.clone());
    baseline.scenarios.extend(arguments.scenario.clone());
    baseline.methods.extend(arguments.method.clone());
    baseline.accepted.extend(arguments.accept.iter().cloned());
}

fn add(baseline: &mut Baseline, arguments: &Arguments, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let mut exit = Exit::Clean;
    for path in arguments.runs.iter().chain(&arguments.read) {
        if !path.is_dir() && reading::is_baseline(path) {
            baseline.merge(reading::baseline(path)?);
            continue;
        }
        for path in reading::runs_of(path)? {
            let (run, captures) = arguments.reading.run(&path, surroundings)?;
            exit = exit.or(reading::end(Exit::Clean, &captures, &[&path]));
            said_in(&captures, baseline);
            baseline.add(run);
        }
    }
    Ok(exit)
}

/// How a capture was made, from comments of the form `system: …`, `scenario: …`, `method: …`.
fn said_in(captures: &[CaptureInfo], baseline: &mut Baseline) {
    for comment in captures.iter().flat_map(|capture| &capture.comments) {
        let Some((what, text)) = comment.text.split_once(':') else { continue };
        let list: &mut BTreeSet<String> = match what.trim().to_ascii_lowercase().as_str() {
            "system" => &mut baseline.systems,
            "scenario" => &mut baseline.scenarios,
            "method" => &mut baseline.methods,
            _ => continue,
        };
        list.insert(text.trim().to_owned());
    }
}

/// Takes runs out again that are unlike the others and were not in the baseline before.
fn leave_out(baseline: &mut Baseline, old: &Baseline) -> Vec<odd::Odd> {
    let odd = odd::among(baseline, &|run| !old.runs.contains_key(run));
    for odd in &odd {
        baseline.runs.remove(&odd.run);
    }
    odd
}

fn summary(baseline: &Baseline) -> Vec<String> {
    let runs = baseline.widened();
    let complete = Completeness::of(&runs.iter().collect::<Vec<_>>());
    let of_runs = plural(complete.runs as u64, "run", "runs");
    let expected = match complete.expected_new {
        Some(share) => format!(
            "expect {:.0} % ({:.0}–{:.0} %) of contacts of the next run to be new",
            share.estimate * 100.0,
            share.low * 100.0,
            share.high * 100.0
        ),
        None => "one run does not say how much the next will differ".to_owned(),
    };
    let mut words =
        vec![format!("{of_runs}, {}; {expected}", plural(complete.contacts as u64, "contact", "contacts"),)];
    if complete.runs > 1 {
        words.push(learning_curve(&complete.curve));
    }
    for (pattern, names) in baseline.proposals() {
        words.push(format!("proposed: --accept '{pattern}' for {}", a_few(&names)));
    }
    words
}

fn a_few(names: &BTreeSet<String>) -> String {
    let list: Vec<&str> = names.iter().take(3).map(String::as_str).collect();
    let more = names.len().saturating_sub(list.len());
    let more = if more > 0 { format!(" and {} more", count(more as u64)) } else { String::new() };
    format!("{}{more}", list.join(", "))
}

/// What each of the patterns stands for.
fn accepted_words(baseline: &Baseline, patterns: &[String]) -> Vec<String> {
    let stands_for = |pattern: &String| match baseline.names_under(pattern) {
        names if names.is_empty() => format!("accepted: '{pattern}', which no name fits yet"),
        names => format!("accepted: '{pattern}' stands for {}", a_few(&names)),
    };
    patterns.iter().map(stands_for).collect()
}

/// Points of the curve that are drawn: of more runs, some at equal distances, the first and the last among them.
const CURVE_POINTS: usize = 16;

/// `contacts after 1 … 4 runs: ▃▆▇█ 9.0, 14.5, 17.2, 19.0`.
fn learning_curve(curve: &[f64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let drawn = curve.len().min(CURVE_POINTS);
    let at = |point: usize| if drawn > 1 { point * (curve.len() - 1) / (drawn - 1) } else { 0 };
    let points: Vec<f64> = (0..drawn).filter_map(|point| curve.get(at(point))).copied().collect();
    let most = curve.iter().copied().fold(1.0, f64::max);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "of 0 to 7")]
    let bar = |contacts: &f64| BARS.get((contacts / most * 7.0).round() as usize).copied().unwrap_or(' ');
    let figures: Vec<String> = points.iter().map(|contacts| format!("{contacts:.1}")).collect();
    format!(
        "contacts after 1 … {} runs: {} {}",
        count(curve.len() as u64),
        points.iter().map(bar).collect::<String>(),
        figures.join(", ")
    )
}

fn odd_words(odd: &odd::Odd, baseline: &Baseline) -> String {
    let first: Vec<&str> = odd.new.iter().take(3).map(|finding| finding.text.as_str()).collect();
    format!(
        "left out: run {} is unlike the {} others ({} new). {}. --keep-odd keeps it",
        odd.run,
        count(baseline.runs.len() as u64),
        count(odd.new.len() as u64),
        first.join(" · ")
    )
}

/// What a person would accept by adding: contacts that come and go, runs, and what is said of them.
fn changes(old: &Baseline, new: &Baseline) -> Vec<String> {
    let mut words = Vec::new();
    for (what, before, after) in [
        ("system", &old.systems, &new.systems),
        ("scenario", &old.scenarios, &new.scenarios),
        ("method", &old.methods, &new.methods),
        ("pattern", &old.accepted, &new.accepted),
    ] {
        words.extend(after.difference(before).map(|text| format!("+ {what} {text}")));
    }
    for (mark, has, lacks) in [("+", new, old), ("-", old, new)] {
        for (id, run) in has.runs.iter().filter(|(id, _)| !lacks.runs.contains_key(*id)) {
            let files: Vec<&str> = run.files.iter().map(|(name, _)| name.as_str()).collect();
            words.push(format!("{mark} run {id} ({})", files.join(", ")));
        }
    }
    let (before, after) = (old.contacts(), new.contacts());
    for (mark, has, lacks) in [("+", &after, &before), ("-", &before, &after)] {
        for (key, runs) in has.iter().filter(|(key, _)| !lacks.contains_key(*key)) {
            let runs = plural(runs.len() as u64, "run", "runs");
            words.push(format!("{mark} {} ({}, {}) in {runs}", key.who_in_words(), key.service_in_words(), key.phase));
        }
    }
    words
}

fn say(words: &[String]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    for line in words {
        if writeln!(out, "{}", visible(line)).is_err() {
            // A reader that went away has seen enough.
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::learning_curve;

    #[test]
    fn the_curve_is_drawn_from_its_first_point_to_its_last() {
        assert_eq!(learning_curve(&[5.0, 10.0]), "contacts after 1 … 2 runs: ▅█ 5.0, 10.0");
        let long: Vec<f64> = (1..=100).map(f64::from).collect();
        let drawn = learning_curve(&long);
        assert!(drawn.starts_with("contacts after 1 … 100 runs: ▁"), "{drawn}");
        assert!(
            drawn.ends_with(
                "█ 1.0, 7.0, 14.0, 20.0, 27.0, 34.0, 40.0, 47.0, 53.0, 60.0, 67.0, 73.0, 80.0, 86.0, 93.0, 100.0"
            ),
            "{drawn}"
        );
    }
}
