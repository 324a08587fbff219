//! What the machine looks like on the wire: its SYNs in tcpdump's notation, what is known to look the same, and what looks
//! nearly so, with that in which it differs marked.

use firstlight_model::report::{Fingerprint, FingerprintMatch};
use maud::{Markup, html};

use super::View;
use super::list::{list, more};
use super::page::Section;
use crate::terminal::diary;
use crate::units::plural;

/// Bytes that they may take.
const BYTES: usize = 200_000;
/// Known ones that are told of each.
const MATCHES: usize = 8;

pub(super) fn section(view: View<'_>) -> Option<Section> {
    let machine = view.report.machines.first()?;
    let prints: Vec<&Fingerprint> = view.report.fingerprints.iter().filter(|f| f.machine == machine.id).collect();
    if prints.is_empty() {
        return None;
    }
    let told = list(view.style, BYTES, &prints, |print| one(view, print));
    let body = html! {
        ul class="prints" { (told.body) }
        (more(prints.len() - told.shown, " fingerprints"))
    };
    Some(Section { id: "fingerprints".into(), short: "Fingerprint".into(), title: "Fingerprint".to_owned(), body })
}

fn one(view: View<'_>, print: &Fingerprint) -> Markup {
    html! {
        li {
            p {
                strong { (diary::kind_name(&print.kind)) }
                " " span class="faint" {
                    "seen " (plural(print.count, "time", "times"))
                    @if let Some(first) = print.evidence.first() { ", first in " (diary::place(view.report, view.style, first.at)) }
                }
            }
            pre tabindex="0" role="group" aria-label={ (diary::kind_name(&print.kind)) " as seen" } {
                (marked(print.tcpdump.as_deref().unwrap_or(&print.value), &print.matches))
            }
            @if let Some(p0f) = &print.p0f { p class="faint" { "p0f " code { (p0f) } } }
            (matches(view, &print.matches))
            @if !print.remarks.is_empty() {
                ul class="remarks" { @for remark in &print.remarks { li { (remark) } } }
            }
            @if let Some(raw) = &print.raw {
                details { summary { "digest of" } pre tabindex="0" role="group" aria-label="digest of" { (raw) } }
            }
        }
    }
}

/// The value with what none of the known ones has marked: of a difference `window scale 5 → 6`, tcpdump's `wscale 6`.
fn marked(value: &str, matches: &[FingerprintMatch]) -> Markup {
    let same = matches.iter().any(|known| known.same);
    let nearest = matches.iter().find(|known| !known.same).filter(|_| !same);
    let parts: Vec<String> =
        nearest.iter().flat_map(|known| &known.differences).filter_map(|it| in_tcpdump(it)).collect();
    let mut cuts: Vec<(usize, usize)> =
        parts.iter().filter_map(|part| value.find(part).map(|at| (at, at + part.len()))).collect();
    cuts.sort_unstable();
    let mut pieces: Vec<(bool, &str)> = Vec::new();
    let mut done = 0;
    for (from, to) in cuts.into_iter().filter(|(from, to)| from < to) {
        if from >= done {
            pieces.push((false, value.get(done..from).unwrap_or_default()));
            pieces.push((true, value.get(from..to).unwrap_or_default()));
            done = to;
        }
    }
    pieces.push((false, value.get(done..).unwrap_or_default()));
    html! { @for (differs, piece) in pieces { @if differs { mark { (piece) } } @else { (piece) } } }
}

/// What tcpdump writes of something that differs.
fn in_tcpdump(difference: &str) -> Option<String> {
    let (what, now) = difference.split_once(" → ")?;
    let what = what.rsplit_once(' ').map_or(what, |(what, _)| what);
    Some(match what {
        "window scale" => format!("wscale {now}"),
        "window" => format!("win {now}"),
        "MSS" => format!("mss {now}"),
        _ => return None,
    })
}

fn matches(view: View<'_>, matches: &[FingerprintMatch]) -> Markup {
    let shown = view.shown(matches.len(), MATCHES);
    html! {
        @if !matches.is_empty() {
            ul class="matches" {
                @for known in matches.iter().take(shown) {
                    @if known.same {
                        li class="same" { span class="how" { "same as" } " " (known.label) " " (source(known)) }
                    } @else {
                        li class="differs" {
                            span class="how" { "differs from" } " " (known.label)
                            @for (at, difference) in known.differences.iter().enumerate() {
                                (if at == 0 { " in " } else { "; " })
                                mark { (difference) }
                            }
                            " " (source(known))
                        }
                    }
                }
            }
            (more(matches.len() - shown, " known ones"))
        }
    }
}

fn source(known: &FingerprintMatch) -> Markup {
    html! { @if !known.source.is_empty() { span class="faint" { "[" (known.source) "]" } } }
}
