//! When the machine exchanged something with whom: a row for each owner, a bar from the first to the last packet of each
//! contact, the phases as bands behind them. Drawn as SVG 2 whose places are shares of its width, so that it fits any
//! screen and its letters keep their size; the figures stand below as a table.

use firstlight_model::Timestamp;
use maud::{Markup, html};

use super::View;
use super::list::more;
use super::owners::{self, Kind, Owner};
use super::page::Section;
use crate::terminal::diary;
use crate::units::{count, duration, moment, plural};

/// Owners that are drawn; the rest is added to the last row.
const ROWS: usize = 12;
/// Owners in the table.
const TABLE_ROWS: usize = 100;
/// Phases that are drawn; more of them would be a pattern and no time line.
const BANDS: usize = 200;
/// Phases that the caption names.
const LISTED: usize = 12;
/// Parts of the time that are told apart.
const BINS: usize = 240;
/// Height of what stands above the rows (where phases have names, and where not), of a row and of what stands below, in
/// pixels.
const TOP: (usize, usize) = (30, 4);
const ROW: usize = 38;
const BOTTOM: usize = 24;

pub(super) fn section(view: View<'_>) -> Option<Section> {
    let machine = view.report.machines.first()?;
    let owners = owners::of(view.report, &machine.id);
    let start = owners.iter().map(Owner::first).min()?.min(view.report.phases.first()?.start);
    let end = owners.iter().map(Owner::last).max()?.max(view.report.phases.last()?.end);
    let axis = Axis { start, length: end.since_ns(start).max(1) };
    let (drawn, left) = owners.split_at(owners.len().min(ROWS));
    let rest = (!left.is_empty()).then(|| Owner {
        kind: Kind::Other,
        name: "",
        contacts: left.iter().flat_map(|owner| owner.contacts.iter().copied()).collect(),
        wire: left.iter().fold(0, |sum, owner| owner.wire.saturating_add(sum)),
        connections: left.iter().fold(0, |sum, owner| owner.connections.saturating_add(sum)),
    });
    let rows = drawn.len() + usize::from(rest.is_some());
    let top = if view.report.phases.len() > 1 { TOP.0 } else { TOP.1 };
    let height = top + rows * ROW + BOTTOM;
    let body = html! {
        figure {
            svg class="timeline" role="img" aria-labelledby="timeline-title timeline-about" width="100%" height=(height) {
                title id="timeline-title" { "Time line by owner" }
                desc id="timeline-about" {
                    (plural(owners.len() as u64, "owner", "owners")) " from " (moment(start)) " on for "
                    (duration(axis.length)) "; the table below has the same in figures."
                }
                (bands(view, axis, height))
                @for (at, owner) in drawn.iter().enumerate() {
                    (row(view, axis, top + at * ROW, owner, owner.name))
                }
                @if let Some(rest) = &rest {
                    (row(view, axis, top + drawn.len() * ROW, rest, &plural(left.len() as u64, "other owner", "other owners")))
                }
                (ticks(axis, height))
            }
            figcaption {
                span {
                    (phases(view))
                    "A bar reaches from the first to the last packet of a contact, and is darker where more are open at once."
                }
                (legend(&owners))
            }
        }
        details {
            summary { "The same as a table" }
            (table(view, &owners))
        }
    };
    Some(Section { id: "timeline".into(), short: "When".into(), title: "When".to_owned(), body })
}

/// What the colours mean, of those that occur.
pub(super) fn legend(owners: &[Owner<'_>]) -> Markup {
    html! {
        ul class="legend" {
            @for kind in Kind::ALL {
                @if owners.iter().any(|owner| owner.kind == kind) { li class=(kind.class()) { (kind.words()) } }
            }
        }
    }
}

/// Places on the page for points in time.
#[derive(Clone, Copy)]
struct Axis {
    start: Timestamp,
    /// Nanoseconds, at least one.
    length: i64,
}

impl Axis {
    /// Share of the width, in per cent.
    fn at(self, time: Timestamp) -> f64 {
        (time.since_ns(self.start) as f64 / self.length as f64 * 100.0).clamp(0.0, 100.0)
    }

    /// The part of the time, below [`BINS`].
    fn bin(self, time: Timestamp) -> usize {
        let since = i128::from(time.since_ns(self.start).max(0));
        usize::try_from(since * BINS as i128 / i128::from(self.length)).unwrap_or(BINS).min(BINS - 1)
    }
}

/// A number as SVG writes it, to a hundredth.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn bands(view: View<'_>, axis: Axis, height: usize) -> Markup {
    let named = view.report.phases.len() > 1;
    // A name that is cut off says less than its number.
    let room = |share: f64| {
        if share > 28.0 {
            "any"
        } else if share > 9.0 {
            "wide"
        } else {
            "none"
        }
    };
    html! {
        @for (at, phase) in view.report.phases.iter().enumerate().take(BANDS) {
            @let (from, to) = (axis.at(phase.start), axis.at(phase.end));
            svg x={ (number(from)) "%" } y="0" width={ (number((to - from).max(0.2))) "%" } height=(height - BOTTOM) {
                rect class=(if at % 2 == 0 { "band" } else { "band odd" }) width="100%" height="100%" {}
                @if named {
                    text class="phase" x="6" y="18" {
                        (at + 1) tspan class={ "room-" (room(to - from)) } dx="5" { (phase.name) }
                    }
                }
            }
        }
    }
}

/// `Phases: 1 install, 2 first boot. `
fn phases(view: View<'_>) -> Markup {
    let phases = &view.report.phases;
    html! {
        @if phases.len() > 1 {
            "Phases: "
            @for (at, phase) in phases.iter().take(LISTED).enumerate() {
                @if at > 0 { ", " }
                (at + 1) " " strong { (phase.name) }
            }
            @if phases.len() > LISTED { ", … of " (count(phases.len() as u64)) }
            ". "
        }
    }
}

fn row(view: View<'_>, axis: Axis, y: usize, owner: &Owner<'_>, name: &str) -> Markup {
    html! {
        text x="0" y=(y + 14) {
            tspan class={ "label " (owner.kind.class()) } { (diary::fit(name, 28)) }
            tspan class="faint" dx="8" { (view.size(owner.wire)) }
        }
        g class={ "bars " (owner.kind.class()) } {
            @for (from, bins, level) in levels(axis, owner) {
                rect class={ "l" (level) } x={ (number(from as f64 * 100.0 / BINS as f64)) "%" } y=(y + 20)
                    width={ (number(bins as f64 * 100.0 / BINS as f64)) "%" } height="10" {}
            }
        }
    }
}

/// Stretches in which equally many contacts are open: first bin, bins, and 1, 2 or 3 for one, a few, many.
fn levels(axis: Axis, owner: &Owner<'_>) -> Vec<(usize, usize, usize)> {
    let mut steps = [0_i64; BINS + 1];
    for contact in &owner.contacts {
        let (from, to) = (axis.bin(contact.first), axis.bin(contact.last.max(contact.first)));
        if let Some(step) = steps.get_mut(from) {
            *step += 1;
        }
        if let Some(step) = steps.get_mut(to + 1) {
            *step -= 1;
        }
    }
    let mut stretches: Vec<(usize, usize, usize)> = Vec::new();
    let mut open = 0;
    for (bin, step) in steps.iter().take(BINS).enumerate() {
        open += step;
        let level = match open {
            0 => continue,
            1 => 1,
            2..=4 => 2,
            _ => 3,
        };
        match stretches.last_mut() {
            Some((from, bins, same)) if *same == level && *from + *bins == bin => *bins += 1,
            _ => stretches.push((bin, 1, level)),
        }
    }
    stretches
}

/// Beginning, end and what lies between, as far as it fits.
fn ticks(axis: Axis, height: usize) -> Markup {
    let at = |share: i64| Timestamp::from_ns(axis.start.as_ns().saturating_add(axis.length / 3 * share));
    let clock = |time: Timestamp| {
        let text = moment(time);
        // Date and clock; a stretch of days needs the former.
        let days = axis.length >= 86_400_000_000_000;
        let part = if days { text.get(..16) } else { text.get(11..19) };
        part.unwrap_or(&text).to_owned()
    };
    html! {
        @for (share, anchor) in [(0, "start"), (1, "middle"), (2, "middle"), (3, "end")] {
            @let time = at(share);
            text class="tick" x={ (number(axis.at(time))) "%" } y=(height - 6) text-anchor=(anchor) { (clock(time)) }
        }
    }
}

fn table(view: View<'_>, owners: &[Owner<'_>]) -> Markup {
    let shown = view.shown(owners.len(), TABLE_ROWS);
    html! {
        div class="scroll" tabindex="0" role="group" aria-label="Owners and when they were contacted" {
            table {
                caption { "Owners and when they were contacted" }
                thead { tr {
                    th scope="col" { "owner" } th scope="col" { "first" } th scope="col" { "last" }
                    th scope="col" class="n" { "contacts" } th scope="col" class="n" { "times" }
                    th scope="col" class="n" { "on the wire" }
                } }
                tbody {
                    @for owner in owners.iter().take(shown) {
                        tr {
                            th scope="row" class=(owner.kind.class()) { (owner.name) }
                            td { (moment(owner.first())) } td { (moment(owner.last())) }
                            td class="n" { (count(owner.contacts.len() as u64)) }
                            td class="n" { (count(owner.connections)) }
                            td class="n" { (view.size(owner.wire)) }
                        }
                    }
                }
            }
        }
        (more(owners.len() - shown, " owners"))
    }
}
