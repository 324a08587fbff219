//! The phases: when each was and how that is known, its contacts in sentences, what it added, and the tables.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use firstlight_model::report::{Confidence, Contact, Machine, Phase, PhaseHow, PhaseKind, Scope};

use super::View;
use super::contacts::{self, Layout, Marks};
use super::page::{Page, Paint, Text};
use crate::units::{duration, moment, plural, total};

pub(super) fn write(view: View<'_>, page: &mut Page, machine: &Machine) {
    let of_machine: Vec<&Contact> = view.report.contacts.iter().filter(|c| c.machine == machine.id).collect();
    if of_machine.is_empty() && !machine.subject {
        return;
    }
    let layout = Layout::of(view, page.width(), &of_machine);
    for (i, phase) in view.report.phases.iter().enumerate() {
        match view.report.phases.len() {
            1 if phase.how == PhaseHow::Whole => page.heading("Contacts"),
            _ => page.heading(&format!("{}. {}", i + 1, phase.name)),
        }
        for sentence in sentences(view, machine, i) {
            page.flow(2, &sentence);
        }
        let in_phase: Vec<&Contact> = of_machine.iter().copied().filter(|c| c.phase == phase.name).collect();
        let (far, near): (Vec<&Contact>, Vec<&Contact>) = in_phase.iter().partition(|c| c.scope == Scope::Internet);
        if !in_phase.is_empty() {
            page.blank();
            layout.header(page);
        }
        contacts::write_far(view, page, &layout, &far, if i > 0 { Marks::New } else { Marks::None });
        contacts::write_near(view, page, &layout, &near);
    }
}

/// When a phase was, what stands out in it, and what it added to those before.
pub(super) fn sentences(view: View<'_>, machine: &Machine, at: usize) -> Vec<Text> {
    let Some(phase) = view.report.phases.get(at) else { return Vec::new() };
    let is_far = |c: &&Contact| c.machine == machine.id && c.phase == phase.name && c.scope == Scope::Internet;
    let far: Vec<&Contact> = view.report.contacts.iter().filter(is_far).collect();
    let mut sentences = vec![when(view, phase)];
    sentences.extend(what(phase));
    if far.is_empty() {
        sentences.push(Text::plain("No contact beyond the local network."));
        return sentences;
    }
    sentences.extend(highlights(view, &far));
    if at > 0 {
        sentences.push(added(view, &far));
    }
    sentences
}

/// What a start that was found was for.
fn what(phase: &Phase) -> Option<Text> {
    let is_told = phase.how == PhaseHow::Detected && matches!(phase.kind, PhaseKind::Install | PhaseKind::SetUp);
    is_told.then(|| Text::of(Paint::Faint, &format!("{}: {}", phase.kind.word(), phase.kind_why)))
}

fn when(view: View<'_>, phase: &Phase) -> Text {
    let mut text = format!("{}, {}", moment(phase.start), duration(phase.end.since_ns(phase.start)));
    let how = match phase.how {
        PhaseHow::Mark => "by a mark",
        PhaseHow::Detected => match phase.confidence {
            Confidence::High => "found in the traffic",
            Confidence::Medium => "found in the traffic, likely",
            Confidence::Low => "found in the traffic, a guess",
        },
        PhaseHow::File if phase.why.is_empty() => "a file of its own",
        PhaseHow::File | PhaseHow::Whole => "",
    };
    let why = if phase.how == PhaseHow::Whole { "" } else { &phase.why };
    for (before, part) in [("; ", how), (if how.is_empty() { "; " } else { ": " }, why)] {
        if !part.is_empty() {
            text.push_str(before);
            text.push_str(part);
        }
    }
    if let Some(first) = phase.evidence.first().filter(|_| phase.how == PhaseHow::Detected) {
        text.push_str(&format!(" ({})", view.place(first.at)));
    }
    Text::of(Paint::Faint, &text)
}

/// Totals of one name in a phase.
#[derive(Default)]
struct Total<'a> {
    connections: u64,
    payload_in: u64,
    purpose: Option<&'a str>,
    new: bool,
}

fn by_name<'a>(far: &[&'a Contact]) -> BTreeMap<&'a str, Total<'a>> {
    let mut totals: BTreeMap<&str, Total<'_>> = BTreeMap::new();
    for contact in far {
        let Some(name) = contact.name.as_deref() else { continue };
        let total = totals.entry(name).or_default();
        total.connections = total.connections.saturating_add(contact.connections);
        total.payload_in = total.payload_in.saturating_add(contact.payload_in);
        total.purpose = total.purpose.or(contact.knowledge.purpose.as_deref());
        total.new |= contact.new_in_phase;
    }
    totals
}

/// The names that stand out by what they sent or by connections, two of each at most, in words. What has less than a
/// seventh of either does not stand out.
fn highlights(view: View<'_>, far: &[&Contact]) -> Option<Text> {
    let totals = by_name(far);
    let sum = |of: fn(&Contact) -> u64| total(far.iter().map(|c| of(c))) / 7;
    let (enough_bytes, enough_connections) = (sum(|c| c.payload_in), sum(|c| c.connections).max(2));
    let mut ranked: Vec<(&&str, &Total<'_>)> = totals.iter().collect();
    ranked.sort_by_key(|(_, total)| Reverse(total.payload_in));
    let mut chosen: Vec<_> = ranked.iter().take(2).filter(|(_, t)| t.payload_in > enough_bytes).copied().collect();
    ranked.sort_by_key(|(name, total)| (Reverse(total.connections), **name));
    chosen.extend(ranked.iter().take(2).filter(|(_, t)| t.connections > enough_connections));
    let mut seen = BTreeSet::new();
    chosen.retain(|(name, _)| seen.insert(*name));
    let last = chosen.len().checked_sub(1)?;
    let mut text = Text::plain("The machine connected ");
    for (i, (name, total)) in chosen.iter().enumerate() {
        if i > 0 {
            text.push(Paint::Plain, if i == last { ", and " } else { ", " });
        }
        let times = match total.connections {
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            n => plural(n, "time", "times"),
        };
        text.push(Paint::Plain, &format!("{times} to "));
        text.push(Paint::Strong, name);
        if let Some(purpose) = total.purpose {
            text.push(Paint::Plain, &format!(" ({purpose})"));
        }
        let retrieved = if total.payload_in == 0 { "nothing".to_owned() } else { view.size(total.payload_in) };
        text.push(Paint::Plain, &format!(", {retrieved} retrieved"));
    }
    text.push(Paint::Plain, ".");
    Some(text)
}

/// What the phase added.
fn added(view: View<'_>, far: &[&Contact]) -> Text {
    let totals = by_name(far);
    let new: Vec<&str> = totals.iter().filter(|(_, t)| t.new).map(|(name, _)| *name).collect();
    if new.is_empty() {
        return Text::plain("It added no name to those of earlier phases.");
    }
    let mut text = Text::of(Paint::New, "+ ")
        .and(Paint::Plain, &format!("This phase added {}: ", plural(new.len() as u64, "name", "names")));
    let shown = view.shown(new.len(), 12);
    text.push(Paint::Plain, &new.iter().take(shown).copied().collect::<Vec<_>>().join(", "));
    if shown < new.len() {
        text.push(Paint::Faint, &format!(" … and {} more (--all)", new.len() - shown));
    }
    text.push(Paint::Plain, ".");
    text
}
