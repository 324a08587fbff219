//! Who talks to whom: from the machine to owners to names, each ribbon as wide as its bytes (a Sankey diagram). Ribbons
//! are drawn in a picture of their own that is stretched to the width of the page, letters beside it at their size.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use maud::{Markup, html};

use super::View;
use super::list::more;
use super::owners::{self, Kind, Owner};
use super::page::Section;
use super::timeline::{legend, number};
use crate::terminal::diary;
use crate::units::{count, plural, total};

/// Owners that are drawn, names of each, and names in all.
const OWNERS: usize = 9;
const NAMES: usize = 5;
/// Names in the table.
const TABLE_ROWS: usize = 200;
/// Height of all bytes, least height of a ribbon and least distance of two names, in pixels.
const BYTES: f64 = 220.0;
const LEAST: f64 = 1.0;
const STEP: f64 = 20.0;
/// Where the ribbons of the first and of the second step end, of 1000.
const MIDDLE: f64 = 400.0;
const THICK: f64 = 8.0;
/// Columns of owners and of names on a phone and on a screen.
const NARROW: (usize, usize) = (19, 30);
const WIDE: (usize, usize) = (32, 40);

/// A name, or several that are added up, at one end of a ribbon.
struct Peer {
    label: String,
    wire: u64,
}

/// An owner with those of its names that are drawn.
struct Group {
    kind: Kind,
    name: String,
    wire: u64,
    peers: Vec<Peer>,
}

pub(super) fn section(view: View<'_>) -> Option<Section> {
    let machine = view.report.machines.first()?;
    let owners = owners::of(view.report, &machine.id);
    let groups = groups(&owners);
    let all = total(groups.iter().map(|group| group.wire));
    if all == 0 {
        return None;
    }
    let who = match machine.os.family {
        Some(_) => machine.os.verdict.as_str(),
        None => machine.id.as_str(),
    };
    let body = html! {
        figure {
            (picture(view, &groups, all, who))
            figcaption {
                span { "From " strong { (who) } " to owners to names; a ribbon is as wide as its bytes on the wire, both directions, and at least a hair." }
                (legend(&owners))
            }
        }
        details {
            summary { "The same as a table" }
            (table(view, &owners))
        }
    };
    Some(Section { id: "flows".into(), short: "Who".into(), title: "Who talks to whom".to_owned(), body })
}

/// Names of an owner by bytes.
fn names(owner: &Owner<'_>) -> Vec<Peer> {
    let mut names: BTreeMap<String, u64> = BTreeMap::new();
    for contact in &owner.contacts {
        let label = match (&contact.remark, owner.kind) {
            (Some(remark), Kind::Near) => remark.clone(),
            _ => diary::label(contact),
        };
        let wire = names.entry(label).or_default();
        *wire = wire.saturating_add(owners::wire(contact));
    }
    let mut names: Vec<Peer> = names.into_iter().map(|(label, wire)| Peer { label, wire }).collect();
    names.sort_by_key(|peer| Reverse(peer.wire));
    names
}

/// Owners and names that are drawn; what is not is added up.
fn groups(owners: &[Owner<'_>]) -> Vec<Group> {
    let (near, far): (Vec<&Owner<'_>>, Vec<&Owner<'_>>) = owners.iter().partition(|owner| owner.kind == Kind::Near);
    let (drawn, left) = far.split_at(if far.len() <= OWNERS + 1 { far.len() } else { OWNERS });
    let of = |owner: &Owner<'_>| {
        let mut peers = names(owner);
        let room = if peers.len() <= NAMES + 1 { peers.len() } else { NAMES };
        let rest = peers.split_off(room);
        if !rest.is_empty() {
            let label = format!("{} more", plural(rest.len() as u64, "name", "names"));
            peers.push(Peer { label, wire: total(rest.iter().map(|peer| peer.wire)) });
        }
        Group { kind: owner.kind, name: owner.name.to_owned(), wire: owner.wire, peers }
    };
    let mut groups: Vec<Group> = drawn.iter().map(|owner| of(owner)).collect();
    if !left.is_empty() {
        let wire = total(left.iter().map(|owner| owner.wire));
        let name = plural(left.len() as u64, "other owner", "other owners");
        let label = plural(left.iter().map(|owner| names(owner).len() as u64).sum(), "name", "names");
        let peers = vec![Peer { label, wire }];
        groups.push(Group { kind: Kind::Other, name, wire, peers });
    }
    groups.extend(near.into_iter().map(of));
    groups
}

/// Place and height of something at one side of a ribbon.
#[derive(Clone, Copy)]
struct Span {
    from: f64,
    height: f64,
}

impl Span {
    fn middle(self) -> f64 {
        self.from + self.height / 2.0
    }
}

fn picture(view: View<'_>, groups: &[Group], all: u64, who: &str) -> Markup {
    let tall = |wire: u64| (wire as f64 / all as f64 * BYTES).max(LEAST);
    // Names first, each with room for its letters; owners at the middle of their names; the machine's side in one piece.
    let mut y = 4.0;
    let mut right: Vec<Vec<Span>> = Vec::new();
    for group in groups {
        let mut spans = Vec::new();
        for peer in &group.peers {
            let height = tall(peer.wire);
            let room = height.max(STEP - 4.0);
            spans.push(Span { from: y + (room - height) / 2.0, height });
            y += room + 4.0;
        }
        y += 8.0;
        right.push(spans);
    }
    let height = y;
    let sum = |group: &Group| group.peers.iter().map(|peer| tall(peer.wire)).sum::<f64>();
    let mut left_at = (height - groups.iter().map(sum).sum::<f64>()) / 2.0;
    let mut drawn = Vec::new();
    for (group, spans) in groups.iter().zip(&right) {
        let tall = sum(group);
        let middle = match (spans.first(), spans.last()) {
            (Some(first), Some(last)) => (first.from + last.from + last.height) / 2.0,
            _ => left_at,
        };
        drawn.push((
            group,
            spans,
            Span { from: left_at, height: tall },
            Span { from: middle - tall / 2.0, height: tall },
        ));
        left_at += tall;
    }
    let machine_from = drawn.first().map_or(0.0, |(_, _, left, _)| left.from);
    html! {
        svg class="flows" role="img" aria-labelledby="flows-title flows-about" width="100%" height=(number(height)) {
            title id="flows-title" { "Who " (who) " talks to" }
            desc id="flows-about" {
                @for group in groups { (group.name) " " (view.size(group.wire)) "; " }
                "the table below has the names."
            }
            svg width="100%" height="100%" viewBox={ "0 0 1000 " (number(height)) } preserveAspectRatio="none" {
                rect class="machine" x="0" y=(number(machine_from)) width=(number(THICK))
                    height=(number(left_at - machine_from)) {}
                @for (group, spans, left, middle) in &drawn {
                    g class=(group.kind.class()) {
                        path class="ribbon" d=(ribbon(THICK, *left, MIDDLE, *middle)) {}
                        rect x=(number(MIDDLE)) y=(number(middle.from)) width=(number(THICK)) height=(number(middle.height)) {}
                        @for (at, to) in spans.iter().enumerate() {
                            @let above = spans.iter().take(at).map(|span| span.height).sum::<f64>();
                            @let from = Span { from: middle.from + above, height: to.height };
                            path class="ribbon" d=(ribbon(MIDDLE + THICK, from, 1000.0 - THICK, *to)) {}
                            rect x=(number(1000.0 - THICK)) y=(number(to.from)) width=(number(THICK)) height=(number(to.height)) {}
                        }
                    }
                }
            }
            @for (group, spans, _, middle) in &drawn {
                text class={ "label " (if middle.height < STEP { "over " } else { "" }) (group.kind.class()) } x={ (number(MIDDLE / 10.0)) "%" } dx="-6"
                    y=(number(middle.middle() + 4.0)) text-anchor="end" { (fitted(&group.name, NARROW.0, WIDE.0)) }
                @for (peer, to) in group.peers.iter().zip(*spans) {
                    text class=[(to.height < STEP).then_some("over")] x="100%" transform="translate(-14)"
                        y=(number(to.middle() + 4.0)) text-anchor="end" {
                        tspan class="faint size" { (view.size(peer.wire)) }
                        tspan dx="8" { (fitted(&peer.label, NARROW.1, WIDE.1)) }
                    }
                }
            }
        }
    }
}

/// The text as it fits a phone, and where that is less than what fits a screen, as it fits that: one of them is shown.
fn fitted(text: &str, narrow: usize, wide: usize) -> Markup {
    let [narrow, wide] = [narrow, wide].map(|columns| diary::fit(text, columns));
    html! {
        @if narrow == wide {
            (wide)
        } @else {
            tspan class="on-screen" { (wide) }
            tspan class="on-phone" { (narrow) }
        }
    }
}

/// From one span to another, its edges with level ends.
fn ribbon(x0: f64, from: Span, x1: f64, to: Span) -> String {
    let half = number(f64::midpoint(x0, x1));
    let [x0, x1] = [x0, x1].map(number);
    let [a, b] = [from.from, to.from].map(number);
    let [c, d] = [to.from + to.height, from.from + from.height].map(number);
    format!("M{x0} {a}C{half} {a} {half} {b} {x1} {b}V{c}C{half} {c} {half} {d} {x0} {d}Z")
}

fn table(view: View<'_>, owners: &[Owner<'_>]) -> Markup {
    let rows: Vec<(&Owner<'_>, Peer)> =
        owners.iter().flat_map(|owner| names(owner).into_iter().map(move |peer| (owner, peer))).collect();
    let shown = view.shown(rows.len(), TABLE_ROWS);
    html! {
        div class="scroll" tabindex="0" role="group" aria-label="Owners and names by bytes" {
            table {
                caption { "Owners and names by bytes on the wire, both directions" }
                thead { tr { th scope="col" { "owner" } th scope="col" { "name" } th scope="col" class="n" { "on the wire" } } }
                tbody {
                    @for (owner, peer) in rows.iter().take(shown) {
                        tr {
                            td class=(owner.kind.class()) { (owner.name) }
                            th scope="row" { (peer.label) }
                            td class="n" { (view.size(peer.wire)) }
                        }
                    }
                }
            }
        }
        (more(rows.len() - shown, &format!(" of {}", count(rows.len() as u64))))
    }
}
