//! The phases in sentences: when each was and how that is known, what stood out in it, what it added.

use maud::html;

use super::View;
use super::page::Section;
use super::summary::set;
use crate::terminal::diary;

/// Phases that are told.
const PHASES: usize = 60;

pub(super) fn section(view: View<'_>) -> Option<Section> {
    let machine = view.report.machines.first()?;
    let phases = &view.report.phases;
    if phases.len() < 2 {
        return None;
    }
    let body = html! {
        ol class="phases" {
            @for (at, phase) in phases.iter().take(PHASES).enumerate() {
                li {
                    h3 { (phase.name) }
                    @for (nth, sentence) in diary::about_phase(view.report, view.style, machine, at).iter().enumerate() {
                        p class=[(nth == 0).then_some("faint")] { (set(sentence)) }
                    }
                }
            }
        }
        (super::list::more(phases.len().saturating_sub(PHASES), " phases"))
    };
    Some(Section { id: "phases".into(), short: "Phases".into(), title: "Phases".to_owned(), body })
}
