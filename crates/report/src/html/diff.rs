//! Two captures or baselines side by side, as a page, or a ladder of them with a table for each step.

use std::collections::BTreeSet;
use std::io;

use firstlight_model::CaptureInfo;
use firstlight_model::finding::{Change, ChangeKind, Diff};
use maud::{Markup, html};

use super::list::{list, more};
use super::page::{self, Page, Section};
use super::tools::{Choice, tools};
use crate::Style;
use crate::terminal::compared::{CHANGE_KINDS, place};
use crate::units::{count, plural};

/// Bytes that all changes may take, unless all is asked for.
const BYTES: usize = 4_500_000;

/// Writes the page of one step or more.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(steps: &[(&Diff, &[CaptureInfo])], style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let each = BYTES / steps.len().max(1);
    let sections =
        steps.iter().enumerate().map(|(at, (diff, captures))| section(at, diff, captures, style, each)).collect();
    let sides: Vec<&str> = steps
        .first()
        .map(|(diff, _)| diff.before.as_str())
        .into_iter()
        .chain(steps.iter().map(|(diff, _)| diff.after.as_str()))
        .collect();
    let title = format!("Firstlight diff of {}", sides.join(" and "));
    let page = Page { head: head(steps, &title), title, sections };
    out.write_all(page::render(&page).as_bytes())
}

fn head(steps: &[(&Diff, &[CaptureInfo])], title: &str) -> Markup {
    let of = |kind: ChangeKind| {
        steps.iter().flat_map(|(diff, _)| &diff.changes).filter(|change| change.kind == kind).count() as u64
    };
    let told: Vec<String> = CHANGE_KINDS
        .into_iter()
        .filter(|kind| of(*kind) > 0)
        .map(|kind| format!("{} {}", count(of(kind)), kind.word()))
        .collect();
    html! {
        p class="kicker" { (title) }
        h1 { (if told.is_empty() { "They do not differ by more than runs of one kind do".to_owned() } else { told.join(", ") }) "." }
        dl class="figures" { @for kind in CHANGE_KINDS { div { dt { (kind.word()) } dd { (count(of(kind))) } } } }
    }
}

fn section(at: usize, diff: &Diff, captures: &[CaptureInfo], style: &Style, bytes: usize) -> Section {
    let name = format!("changes-{}", at + 1);
    let [before, after] = diff.runs.map(|runs| plural(runs, "run", "runs"));
    let mut sorted: Vec<&Change> = diff.changes.iter().collect();
    sorted.sort_by_key(|change| CHANGE_KINDS.iter().position(|kind| *kind == change.kind));
    let rows = list(style, bytes, &sorted, |change| row(change, captures));
    let values = |values: BTreeSet<&'static str>| values.into_iter().map(|it| (it.to_owned(), it)).collect::<Vec<_>>();
    let phases: BTreeSet<&str> = sorted.iter().filter_map(|change| change.phase.as_deref()).collect();
    let choices = [
        Choice { label: "Change", by: "grade", values: values(sorted.iter().map(|it| it.kind.word()).collect()) },
        Choice { label: "What", by: "what", values: values(sorted.iter().map(|it| it.what).collect()) },
        Choice { label: "Phase", by: "phase", values: phases.into_iter().map(|it| (it.to_owned(), it)).collect() },
    ];
    let body = html! {
        @if sorted.is_empty() {
            p { "They do not differ by more than runs of one kind do." }
        } @else {
            (tools(&name, "changes", "name, owner, words, …", &plural(rows.shown as u64, "change", "changes"), &choices))
            div class="scroll" tabindex="0" role="group" aria-label={ "Changes from " (diff.before) " to " (diff.after) } {
                table class="changes" data-sortable=(name) data-one="change" {
                    caption { "Changes by kind, the largest first; names open to the change in a sentence" }
                    thead { tr {
                        th scope="col" class="text" { "contact" } th scope="col" class="grade" { "change" } th scope="col" class="what" { "in what" }
                        th scope="col" { "owner" } th scope="col" class="phase" { "phase" }
                        th scope="col" class="side" { (diff.before) } th scope="col" class="side" { (diff.after) }
                    } }
                    tbody { (rows.body) }
                }
            }
            (more(sorted.len() - rows.shown, " changes"))
        }
    };
    let title = format!("{} ({before}) and {} ({after})", diff.before, diff.after);
    let short = if at == 0 { "Changes".to_owned() } else { format!("Step {}", at + 1) };
    Section { id: name.into(), short: short.into(), title, body }
}

fn row(change: &Change, captures: &[CaptureInfo]) -> Markup {
    let lacking = || html! { span class="faint" { "–" } };
    let side = |side: &Option<String>| side.as_ref().map_or_else(lacking, |text| html! { (text) });
    let place = place(captures, &change.evidence);
    html! {
        tr {
            th scope="row" { button { (change.name.as_deref().unwrap_or("the machine")) } }
            td { span class={ "tag " (change.kind.word()) } { (change.kind.word()) } }
            td { (change.what) }
            td { (change.owner.as_deref().unwrap_or_default()) }
            td { (change.phase.as_deref().unwrap_or_default()) }
            td { (side(&change.before)) }
            td { (side(&change.after)) }
        }
        tr class="more" {
            td colspan="7" {
                "in words: " (change.text) br;
                "surprise: " (format!("{:.1} bits", change.surprise_bits))
                @if !place.is_empty() { br; "shown by: " (place.trim_start_matches(" · ")) }
            }
        }
    }
}
