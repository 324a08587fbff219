//! Reading captures into reports for commands that compare them: the options that say what of a capture is meant, and
//! baselines from files.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use firstlight_baseline::{Baseline, Run, file};
use firstlight_capture::{Input, Source};
use firstlight_engine::{FilePhases, Mark, Options, Progress};
use firstlight_model::CaptureInfo;
use firstlight_model::report::Report;

use crate::inputs;
use crate::mark;
use crate::outcome::{Exit, Failure};
use crate::own_tables::OwnTables;
use crate::progress::Display;
use crate::surroundings::Surroundings;

/// A baseline is text, and its first character is this.
const JSON_BEGINS: u8 = b'{';
/// Baselines beyond this are not read.
const BASELINE_BYTES: u64 = 256 << 20;

/// What of a capture is meant.
#[derive(Debug, Clone, Args)]
pub struct Reading {
    /// The machine that it is about, by IP or MAC address [default: found in the capture]
    #[arg(short, long, value_name = "ADDR|MAC", value_parser = crate::command::address)]
    pub machine: Option<String>,
    /// A phase begins: at a time (RFC 3339), so long after the first packet (+90s, 12m), or at the first echo request with so many bytes of data (ping:1001); may be repeated
    #[arg(long = "mark", value_name = "NAME=TIME", value_parser = mark::parse)]
    pub marks: Vec<Mark>,
    /// Whether each file is a phase; auto: when files follow each other in time and there are no marks
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub file_phases: FilePhasesChoice,
    #[command(flatten)]
    pub own: OwnTables,
    /// No progress on standard error
    #[arg(short, long)]
    pub quiet: bool,
}

/// As `FilePhases`, for the command line.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum FilePhasesChoice {
    /// When there are several files that do not overlap in time, and no marks
    #[default]
    Auto,
    /// Yes
    Always,
    /// No
    Never,
}

impl Reading {
    /// As the engine takes it.
    pub fn options(&self) -> Options {
        Options {
            machine: self.machine.clone(),
            marks: self.marks.clone(),
            knowledge: self.own.knowledge(),
            file_phases: match self.file_phases {
                FilePhasesChoice::Auto => FilePhases::Auto,
                FilePhasesChoice::Always => FilePhases::Always,
                FilePhasesChoice::Never => FilePhases::Never,
            },
        }
    }

    /// Reads with progress on standard error.
    pub fn watched<T>(
        &self,
        source: Source,
        surroundings: &Surroundings,
        read: impl FnOnce(Source, &Options, &mut dyn FnMut(&Progress)) -> T,
    ) -> T {
        let mut display = Display::new(!self.quiet && surroundings.can_show_progress());
        let result = read(source, &self.options(), &mut |progress| display.update(progress));
        display.clear();
        result
    }

    /// The report of one run: a file, or all files of a folder.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn report(&self, path: &Path, surroundings: &Surroundings) -> Result<Report, Failure> {
        let source = inputs::open(&[path], surroundings)?;
        Ok(self.watched(source, surroundings, firstlight_engine::report))
    }

    /// The run that a capture is, and what its files are.
    ///
    /// # Errors
    /// When it cannot be opened, or no machine is in it.
    pub fn run(&self, path: &Path, surroundings: &Surroundings) -> Result<(Run, Vec<CaptureInfo>), Failure> {
        let report = self.report(path, surroundings)?;
        let run = Run::of(&report).ok_or_else(|| {
            let message = format!("no machine was found in {}", path.display());
            Failure::hinted(message, "name it with --machine ADDR|MAC, or see what is there with firstlight report")
        })?;
        Ok((run, report.captures))
    }
}

/// Says which files could not be read to their end; then it failed in part, whatever else was found.
pub fn end(exit: Exit, captures: &[CaptureInfo], named: &[&Path]) -> Exit {
    let mut exit = exit;
    for capture in captures {
        let Some(stopped) = &capture.stopped else { continue };
        // What lies beside captures in a folder and is none was not asked for; the report lists it.
        let is_named = named.iter().any(|path| path.display().to_string() == capture.path);
        if stopped.byte == 0 && capture.packets == 0 && !is_named {
            continue;
        }
        let path = if capture.path == "-" { "standard input" } else { &capture.path };
        let message = format!("cannot read {path} further than byte {}: {}", stopped.byte, stopped.why);
        Failure { message, hint: stopped.hint.clone() }.print();
        exit = Exit::Failed;
    }
    exit
}

/// True for a file that is text and not a capture.
pub fn is_baseline(path: &Path) -> bool {
    use std::io::Read as _;
    let mut first = [0_u8; 1];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut first));
    read.is_ok() && first == [JSON_BEGINS]
}

/// Reads a baseline.
///
/// # Errors
/// When it cannot be read or is none.
pub fn baseline(path: &Path) -> Result<Baseline, Failure> {
    let failure = |what: &str, hint: &str| Failure::hinted(format!("{} {what}", path.display()), hint.to_owned());
    let size =
        fs::metadata(path).map_err(|error| failure(&format!("cannot be read: {error}"), "check the spelling"))?;
    if size.len() > BASELINE_BYTES {
        return Err(failure("is too large for a baseline", "name a file that firstlight learn has written"));
    }
    let text = fs::read_to_string(path).map_err(|error| {
        failure(&format!("cannot be read: {error}"), "name a file that firstlight learn has written")
    })?;
    file::read(&text).map_err(|error| Failure::from_error(&error, Some(error.hint().to_owned())).of(path))
}

/// What a baseline is called where nobody said what it is of.
pub fn title(baseline: &Baseline, path: &Path) -> String {
    let title = baseline.title();
    if title.is_empty() { path.display().to_string() } else { title }
}

/// The runs that a path is: a file is one; in a folder each file, and each folder, is one. In order of name.
///
/// # Errors
/// When a folder cannot be listed or is empty.
pub fn runs_of(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let failure = |error: std::io::Error| Failure::new(format!("cannot list {}: {error}", path.display()));
    let mut runs = Vec::new();
    for entry in fs::read_dir(path).map_err(failure)? {
        let entry = entry.map_err(failure)?.path();
        let is_hidden = entry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !is_hidden && (entry.is_dir() || looks_like_capture(&entry)) {
            runs.push(entry);
        }
    }
    runs.sort();
    if runs.is_empty() {
        let hint = "in a folder of runs each capture file, and each folder of capture files, is one";
        return Err(Failure::hinted(format!("{} holds no capture", path.display()), hint));
    }
    Ok(runs)
}

/// Opens as a capture: what else lies in a folder was not asked for.
fn looks_like_capture(path: &Path) -> bool {
    firstlight_capture::open(&[Input::Path(path.to_path_buf())], &firstlight_capture::Options::default())
        .is_ok_and(|mut source| source.next().is_some())
}
