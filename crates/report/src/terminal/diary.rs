//! The words and sentences of the diary, for formats that set them in another way.

use firstlight_model::report::{Contact, Machine, Report};
use firstlight_model::{CaptureInfo, FrameRef};

use super::page::{self, Paint, Text};
use super::{View, contacts, files, fingerprints, machine, phases, summary};
use crate::Style;

pub(crate) use super::{path_words, source_word};

/// Parts of a sentence, and whether each is emphasised. Hidden characters are visible already.
pub(crate) type Sentence = Vec<(bool, String)>;

/// What fits a glance; `None` without a machine.
pub(crate) fn about(report: &Report, style: &Style) -> Option<Sentence> {
    let machine = report.machines.first()?;
    let summary = report.summary.iter().find(|summary| summary.machine == machine.id)?;
    Some(parts(summary::sentence(View { report, style }, machine, summary)))
}

/// When a phase was, what stands out, what it added.
pub(crate) fn about_phase(report: &Report, style: &Style, machine: &Machine, at: usize) -> Vec<Sentence> {
    phases::sentences(View { report, style }, machine, at).into_iter().map(parts).collect()
}

/// `Apple's own systems`.
pub(crate) fn own_name(own: &[&Contact]) -> String {
    contacts::own_name(own)
}

/// What a contact is called.
pub(crate) fn label(contact: &Contact) -> String {
    contacts::label(contact)
}

/// `tls 443`.
pub(crate) fn service(contact: &Contact) -> String {
    contacts::service(contact)
}

/// Connections that were not answered, in words; `None` when all were.
pub(crate) fn failures(contact: &Contact) -> Option<String> {
    contacts::failures_words(contact.failed, contact.connections)
}

/// What a reason for having no name means.
pub(crate) fn reason_words<'a>(report: &'a Report, style: &'a Style, reason: &'a str) -> &'a str {
    contacts::reason_words(View { report, style }, reason)
}

/// `frame 12`, with the file where there are several.
pub(crate) fn place(report: &Report, style: &Style, at: FrameRef) -> String {
    View { report, style }.place(at)
}

/// `SYN`, `TLS, JA4`.
pub(crate) fn kind_name(kind: &str) -> &str {
    fingerprints::kind_name(kind)
}

/// Kind, maker, model and machine monitor, as far as they are known.
pub(crate) fn device(machine: &Machine) -> String {
    machine::device(machine)
}

/// System, name, maker: what there is.
pub(crate) fn describe(machine: &Machine) -> String {
    machine::describe(machine)
}

fn parts(text: Text) -> Sentence {
    // The sign of what is new is for the terminal's tables.
    let told = text.into_spans().filter(|(paint, _)| *paint != Paint::New);
    told.map(|(paint, part)| (paint == Paint::Strong, part)).collect()
}

/// The text in at most that many columns, without its middle where it is longer.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    page::fit(text, columns)
}

/// Format, link types, packets and sizes of a file.
pub(crate) fn file_facts(report: &Report, style: &Style, capture: &CaptureInfo) -> String {
    files::facts(View { report, style }, capture)
}
