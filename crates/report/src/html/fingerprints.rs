//! What the machine looks like on the wire: its SYNs in tcpdump's notation, what is known to look the same, and what looks
//! nearly so, with that in which it differs marked.

use firstlight_model::report::{Fingerprint, FingerprintMatch};
use maud::{Markup, html};

use super::View;
use super::list::{list, more};
use super::page::Section;
use crate::Length;
use crate::terminal::diary;
use crate::units::plural;

/// Bytes that they may take.
const BYTES: usize = 200_000;
/// Known ones that are told of each.
const MATCHES: usize = 8;

pub(super) fn section(view: View<'_>) -> Option<Section> {
    let machine = view.report.machines.first()?;
    let all = view.style.length == Length::All;
    let is_told = |print: &&Fingerprint| all || print.machine == machine.id;
    let prints: Vec<&Fingerprint> = view.report.fingerprints.iter().filter(is_told).collect();
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
                    @if view.report.machines.first().is_some_and(|first| first.id != print.machine) { "of " (print.machine) ", " }
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

/// The value; where nothing known looks the same, with that marked in which it differs from the nearest.
fn marked(value: &str, matches: &[FingerprintMatch]) -> Markup {
    let nearest = if matches.iter().any(|known| known.same) { None } else { matches.first() };
    let differences = nearest.iter().flat_map(|known| &known.differences);
    let mut cuts: Vec<(usize, usize)> = differences.filter_map(|difference| in_tcpdump(value, difference)).collect();
    cuts.sort_unstable();
    let mut pieces: Vec<(bool, &str)> = Vec::new();
    let mut done = 0;
    for (from, to) in cuts {
        if from >= done {
            pieces.push((false, value.get(done..from).unwrap_or_default()));
            pieces.push((true, value.get(from..to).unwrap_or_default()));
            done = to;
        }
    }
    pieces.push((false, value.get(done..).unwrap_or_default()));
    html! { @for (differs, piece) in pieces { @if differs { mark { (piece) } } @else { (piece) } } }
}

/// Where tcpdump's notation has what differs: of `window scale 5 → 6` the place of `wscale 6`. `None` for what it leaves out
/// (the hop limit).
fn in_tcpdump(value: &str, difference: &str) -> Option<(usize, usize)> {
    // How it begins, and what ends it.
    let (begin, ends): (&str, &[char]) = match difference {
        it if it.starts_with("window scale ") => ("wscale ", &[',', ']']),
        it if it.starts_with("window ") => ("win ", &[',']),
        it if it.starts_with("options ") => ("options [", &[']']),
        it if it.starts_with("ECN ") => ("Flags [", &[']']),
        _ => return None,
    };
    let from = value.find(begin)?;
    let inside = from + begin.len();
    let end = value.get(inside..)?.find(ends)? + inside;
    let closes = value.get(end..)?.starts_with(']') && begin.ends_with('[');
    Some((from, if closes { end + 1 } else { end }))
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

#[cfg(test)]
mod tests {
    use super::*;

    const SYN: &str =
        "Flags [SEW], seq 1, win 65535, options [mss 1460,nop,wscale 6,nop,nop,TS val 8 ecr 0,sackOK,eol], length 0";

    fn known(same: bool, differences: &[&str]) -> FingerprintMatch {
        let differences = differences.iter().map(|it| (*it).to_owned()).collect();
        FingerprintMatch { label: "X".into(), same, differences, source: "y".into() }
    }

    fn marks(differences: &[&str]) -> Vec<String> {
        let markup = marked(SYN, &[known(false, differences), known(false, &["window 1 → 65535"])]).0;
        assert_eq!(markup.replace("<mark>", "").replace("</mark>", ""), SYN);
        markup.split("<mark>").skip(1).map(|it| it.split_once("</mark>").unwrap().0.to_owned()).collect()
    }

    #[test]
    fn what_differs_from_the_nearest_is_marked_where_tcpdump_has_it() {
        assert_eq!(marks(&["window scale 5 → 6"]), ["wscale 6"]);
        assert_eq!(marks(&["window mss*20 → 65535", "ECN not asked for → asked for"]), ["Flags [SEW]", "win 65535"]);
        let options = "options mss,sok → mss,nop,ws,nop,nop,ts,sok,eol";
        let all = "options [mss 1460,nop,wscale 6,nop,nop,TS val 8 ecr 0,sackOK,eol]";
        // What lies within another is marked with it.
        assert_eq!(marks(&[options, "window scale 5 → 6"]), [all]);
        assert_eq!(marks(&["hop limit 64 → 128"]), [""; 0]);
    }

    #[test]
    fn nothing_is_marked_where_something_known_looks_the_same() {
        let markup = marked(SYN, &[known(true, &[]), known(false, &["window scale 5 → 6"])]).0;
        assert_eq!(markup, SYN);
    }

    #[test]
    fn a_value_that_is_cut_off_is_not_marked() {
        for value in ["", "wscale ", "Flags [", "options [mss 1460"] {
            let markup = marked(value, &[known(false, &["window scale 5 → 6", "options a → b", "ECN x → y"])]).0;
            assert_eq!(markup, value);
        }
    }
}
