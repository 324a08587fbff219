//! The capture itself with comments: it is read twice, once for what to say and once to be written.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use firstlight_capture::{Annotated, annotate};
use firstlight_model::FrameRef;
use firstlight_model::report::Report;
use firstlight_report::comments::comments;
use firstlight_report::escape::visible;
use firstlight_report::units;

use super::{Arguments, is_about_the_machine};
use crate::inputs;
use crate::outcome::Failure;
use crate::surroundings::Surroundings;

/// The files that were read, one after the other, as sections of one.
pub(super) fn write(arguments: &Arguments, paths: &[&Path], surroundings: &Surroundings) -> Result<Report, Failure> {
    if paths.contains(&Path::new("-")) {
        let hint = "write it to a file first: it is read twice";
        return Err(Failure::hinted("standard input cannot get comments", hint));
    }
    let target = arguments.page.target();
    if target.is_none() && surroundings.out_is_terminal {
        return Err(Failure::hinted("a capture is not for a terminal", "name a file for it: -w FILE"));
    }
    let source = inputs::open(paths, surroundings)?;
    let output = arguments.page.open()?;
    let report = arguments.reading.watched(source, surroundings, firstlight_engine::report);
    is_about_the_machine(arguments, &report)?;
    if let Some(target) = target
        && report.captures.iter().any(|capture| is_same(Path::new(&capture.path), target))
    {
        let message = format!("{} is read, and cannot be written at the same time", target.display());
        return Err(Failure::hinted(message, "name another file"));
    }
    let mut counts = Annotated::default();
    output.write(|out| {
        counts = write_all(arguments, &report, out)?;
        Ok(())
    })?;
    if let Some(target) = target {
        say(target, &counts);
    }
    Ok(report)
}

fn is_same(capture: &Path, target: &Path) -> bool {
    fs::canonicalize(capture).is_ok_and(|capture| fs::canonicalize(target).is_ok_and(|target| capture == target))
}

fn write_all(arguments: &Arguments, report: &Report, out: &mut dyn Write) -> io::Result<Annotated> {
    let comments = comments(report, arguments.figures());
    let mut sum = Annotated::default();
    for (capture, info) in (0_u32..).zip(&report.captures).filter(|(_, info)| info.packets > 0) {
        let of = |number| comments.get(&FrameRef { capture, number }).cloned().unwrap_or_default();
        let written = annotate(Path::new(&info.path), info, &of, out)?;
        sum.frames += written.frames;
        sum.comments += written.comments;
        sum.left_out += written.left_out;
    }
    Ok(sum)
}

/// A reader that went away has what it wanted: the file is written.
fn say(target: &Path, counts: &Annotated) {
    let mut out = io::stdout().lock();
    let frames = units::plural(counts.frames, "frame", "frames");
    let comments = units::plural(counts.comments, "comment", "comments");
    let _ = writeln!(out, "{}: {frames}, {comments}", visible(&target.display().to_string()));
    if counts.left_out > 0 {
        let left = units::plural(counts.left_out, "comment", "comments");
        let _ = writeln!(out, "{left} left out: simple packet blocks of pcapng hold none");
    }
}
