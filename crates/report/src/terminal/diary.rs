//! The sentences of the diary, for formats that set them in another way.

use firstlight_model::report::{Contact, Machine, Report};

use super::page::{Paint, Text};
use super::{View, contacts, phases, summary};
use crate::Style;

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

fn parts(text: Text) -> Sentence {
    // The sign of what is new is for the terminal's tables.
    let told = text.into_spans().filter(|(paint, _)| *paint != Paint::New);
    told.map(|(paint, part)| (paint == Paint::Strong, part)).collect()
}
