//! Logs, which are written while the capture is read.

use std::io::Write as _;
use std::path::Path;

use firstlight_model::report::Report;
use firstlight_report::escape::visible;
use firstlight_report::units;
use firstlight_report::zeek::{Logs, Notation};

use super::{Arguments, is_about_the_machine};
use crate::inputs;
use crate::logs::Folder;
use crate::outcome::{Failure, plainly};
use crate::surroundings::Surroundings;

/// Logs hold the connections of all machines, in whatever phase.
pub(super) fn write(
    arguments: &Arguments,
    notation: Notation,
    paths: &[&Path],
    surroundings: &Surroundings,
) -> Result<Report, Failure> {
    let source = inputs::open(paths, surroundings)?;
    let Some(path) = arguments.page.target() else {
        return Err(Failure::hinted("logs are several files", "name a folder for them: -w DIR"));
    };
    let folder = Folder::open(path)?;
    let mut open = |name| folder.log(name);
    let mut logs = Logs::new(notation, &mut open);
    let report = arguments.reading.watched(source, surroundings, |source, options, on_progress| {
        firstlight_engine::watched(source, options, on_progress, &mut |talk, event| logs.take(talk, event))
    });
    is_about_the_machine(arguments, &report)?;
    let counts = logs.finish().map_err(|error| {
        Failure::new(format!("cannot write logs to {}: {}", path.display(), plainly(&error.to_string())))
    })?;
    let lines: Vec<String> = counts
        .iter()
        .map(|(name, lines)| {
            format!("{}: {}", visible(&folder.file(name).display().to_string()), units::plural(*lines, "line", "lines"))
        })
        .collect();
    folder.finish()?;
    // A reader that went away has what it wanted: the files are written.
    let _ = writeln!(std::io::stdout().lock(), "{}", lines.join("\n"));
    Ok(report)
}
