//! The machine: what it runs and why that is said, its device, addresses and names; and the other machines in a table.

use firstlight_model::report::Machine;
use maud::{Markup, html};

use super::View;
use super::list::{list, more};
use super::page::Section;
use crate::terminal::diary;
use crate::units::count;

/// Bytes that the other machines may take.
const OTHERS: usize = 60_000;
/// Reasons, addresses and names that are told.
const TOLD: usize = 20;

pub(super) fn section(view: View<'_>) -> Option<Section> {
    let machine = view.report.machines.first()?;
    let body = html! {
        dl class="facts" {
            div {
                dt { "system" }
                dd {
                    strong { (machine.os.verdict) }
                    @if machine.os.family.is_some() { ", " (machine.os.confidence.word()) " confidence" }
                    (reasons(view, machine))
                }
            }
            @let device = diary::device(machine);
            @if !device.is_empty() { div { dt { "device" } dd { (device) } } }
            @for contradiction in &machine.identity.contradictions {
                div { dt { "but" } dd { strong { (contradiction.text) } } }
            }
            div { dt { "address" } dd { (addresses(view, machine)) } }
            @if let Some(mac) = machine.mac {
                div { dt { "MAC" } dd { (mac.to_string()) ", " (machine.mac_vendor.as_deref().unwrap_or("maker unknown")) } }
            }
            div {
                dt { "host name" }
                dd {
                    @for (at, name) in machine.names.iter().take(view.shown(machine.names.len(), TOLD)).enumerate() {
                        @if at > 0 { ", " }
                        strong { (name.value) } " " span class="faint" { "(" (diary::source_word(&name.source)) ")" }
                    }
                    @if machine.names.is_empty() { "not said" }
                }
            }
            @if !machine.why.is_empty() { div { dt { "chosen" } dd { (machine.why) } } }
        }
    };
    Some(Section { id: "machine".into(), short: "Machine".into(), title: "Machine".to_owned(), body })
}

fn reasons(view: View<'_>, machine: &Machine) -> Markup {
    let shown = view.shown(machine.os.reasons.len(), TOLD);
    html! {
        ul {
            @for (reason, evidence) in machine.os.reasons.iter().take(shown) {
                li {
                    (reason)
                    @if let Some(evidence) = evidence {
                        " " span class="faint" { "(" (diary::place(view.report, view.style, evidence.at)) ")" }
                    }
                }
            }
        }
        (more(machine.os.reasons.len() - shown, " reasons"))
    }
}

fn addresses(view: View<'_>, machine: &Machine) -> String {
    let shown = view.shown(machine.addresses.len(), TOLD);
    let mut addresses: Vec<String> = machine.addresses.iter().take(shown).map(ToString::to_string).collect();
    if shown < machine.addresses.len() {
        addresses.push(format!("{} more", count((machine.addresses.len() - shown) as u64)));
    }
    addresses.join(", ")
}

/// All but the first.
pub(super) fn others(view: View<'_>) -> Option<Section> {
    let others = view.report.machines.get(1..).filter(|others| !others.is_empty())?;
    let rows = list(view.style, OTHERS, others, |machine| {
        html! {
            tr {
                th scope="row" { (machine.addresses.first().map_or_else(|| machine.id.clone(), ToString::to_string)) }
                td { (diary::describe(machine)) }
                td class="n" { (count(machine.packets)) }
                td class="n" { (view.size(machine.wire_bytes)) }
            }
        }
    });
    let body = html! {
        div class="scroll" tabindex="0" role="group" aria-label="Other machines" {
            table {
                caption { "Machines beside the one that the report is about; their diary: --machine ADDRESS" }
                thead { tr {
                    th scope="col" { "machine" } th scope="col" { "what it is" }
                    th scope="col" class="n" { "packets" } th scope="col" class="n" { "on the wire" }
                } }
                tbody { (rows.body) }
            }
        }
        (more(others.len() - rows.shown, " machines"))
    };
    Some(Section { id: "others".into(), short: "Others".into(), title: "Other machines".to_owned(), body })
}
