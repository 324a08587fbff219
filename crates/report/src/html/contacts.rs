//! Every contact as a row of a table that the script of the page sorts and filters; each opens to what else is known of it.
//! Without the script all of it is there, open.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use firstlight_model::report::{Contact, Report};
use maud::{Markup, html};

use super::View;
use super::details;
use super::list::list;
use super::owners::{self, Kind};
use super::page::Section;
use super::tools::{Choice, tools};
use crate::Figures;
use crate::terminal::diary;
use crate::units::{count, plural, total};

/// In so many bytes, unless all is asked for.
pub(super) fn section(view: View<'_>, bytes: usize) -> Option<Section> {
    let report = view.report;
    if report.contacts.is_empty() {
        return None;
    }
    let sorted = sorted(report);
    let machines: BTreeSet<&str> = report.contacts.iter().map(|contact| contact.machine.as_str()).collect();
    let columns = Columns { phase: report.phases.len() > 1, machine: machines.len() > 1 };
    let places: BTreeMap<&str, usize> =
        report.machines.iter().enumerate().map(|(at, machine)| (machine.id.as_str(), at)).collect();
    let place = |contact: &Contact| places.get(contact.machine.as_str()).copied().unwrap_or(places.len());
    let rows = list(view.style, bytes, &sorted, |contact| row(view, columns, place(contact), contact));
    let received = sorted.iter().take(rows.shown).map(|contact| contact.payload_in);
    let by_received = received.is_sorted_by(|before, after| before >= after);
    let left = sorted.get(rows.shown..).unwrap_or_default();
    let kinds = Kind::ALL.into_iter().filter(|kind| sorted.iter().any(|contact| Kind::of(contact) == *kind));
    let phases = report.phases.iter().map(|phase| (phase.name.clone(), phase.name.as_str()));
    let heard = report.machines.iter().enumerate().filter(|(_, machine)| machines.contains(machine.id.as_str()));
    let choices = [
        Choice {
            label: "Whose",
            by: "kind",
            values: kinds.map(|kind| (kind.class().to_owned(), kind.words())).collect(),
        },
        Choice { label: "Phase", by: "phase", values: phases.collect() },
        Choice {
            label: "Machine",
            by: "machine",
            values: heard.map(|(at, machine)| (at.to_string(), machine.id.as_str())).collect(),
        },
    ];
    let body = html! {
        (tools("contacts", "contacts", "name, owner, address, …", &plural(rows.shown as u64, "contact", "contacts"), &choices))
        div class="scroll" tabindex="0" role="group" aria-label="Contacts" {
            table id="contacts-table" class="contacts" data-sortable="contacts" {
                caption { "Contacts, those that received most first; names open to what else is known" }
                thead { tr {
                    th scope="col" class="name" { "contact" }
                    th scope="col" { "owner" }
                    th scope="col" { "what for" }
                    @if columns.phase { th scope="col" class="phase" { "phase" } }
                    th scope="col" class="service" { "service" }
                    th scope="col" class="n" { "times" }
                    th scope="col" class="n" { "sent" }
                    th scope="col" class="n" aria-sort=[by_received.then_some("descending")] { "received" }
                } }
                tbody { (rows.body) }
            }
        }
        @if !left.is_empty() { (left_out(view, left)) }
    };
    Some(Section { id: "contacts".into(), short: "Contacts".into(), title: "Contacts".to_owned(), body })
}

/// What is told only when it says something.
#[derive(Clone, Copy)]
struct Columns {
    phase: bool,
    machine: bool,
}

/// The machine that the report is about first; then what received most.
fn sorted(report: &Report) -> Vec<&Contact> {
    let mut contacts: Vec<&Contact> = report.contacts.iter().collect();
    let place = |id: &str| report.machines.iter().position(|machine| machine.id == id);
    let first = report.machines.first().map(|machine| machine.id.as_str());
    contacts.sort_by_cached_key(|contact| {
        let other = if first == Some(contact.machine.as_str()) { None } else { place(&contact.machine) };
        (other, Reverse(contact.payload_in), Reverse(contact.payload_out), Reverse(contact.connections))
    });
    contacts
}

fn row(view: View<'_>, columns: Columns, machine: usize, contact: &Contact) -> Markup {
    let kind = Kind::of(contact);
    let known = &contact.knowledge;
    let label = diary::label(contact);
    let later = view.report.phases.first().is_some_and(|first| first.name != contact.phase);
    html! {
        tr class=(kind.class()) data-machine=[columns.machine.then_some(machine)] {
            th scope="row" {
                button title=[(label.len() > 30).then_some(&label)] { (label) }
                @if contact.new_in_phase && later { span class="new" { "new" } }
                @if contact.failed > 0 && contact.failed >= contact.connections { span class="bad" { "not answered" } }
            }
            td { (contact.remark.as_deref().filter(|_| kind == Kind::Near).unwrap_or(owners::name(contact))) }
            td { (known.purpose.as_deref().unwrap_or_default()) }
            @if columns.phase { td { (contact.phase) } }
            td { (diary::service(contact)) }
            td class="n" { (count(contact.connections)) }
            (size(view, contact.payload_out))
            (size(view, contact.payload_in))
        }
        tr class="more" { td colspan=(7 + usize::from(columns.phase)) { (details::of(view, contact, columns.machine)) } }
    }
}

/// A size that sorts by its bytes.
fn size(view: View<'_>, bytes: u64) -> Markup {
    let rounded = bytes >= 1000 && view.style.figures == Figures::Rounded;
    html! { td class="n" data-v=[rounded.then_some(bytes)] { (view.size(bytes)) } }
}

fn left_out(view: View<'_>, left: &[&Contact]) -> Markup {
    let of = |of: fn(&Contact) -> u64| total(left.iter().map(|contact| of(contact)));
    html! {
        p class="more-of" {
            "… and " (plural(left.len() as u64, "more contact", "more contacts")) " that received less, "
            (plural(of(|contact| contact.connections), "connection", "connections")) ", "
            (view.size(of(|contact| contact.payload_out))) " sent, " (view.size(of(|contact| contact.payload_in)))
            " received: --all has them, and so have --format json and csv."
        }
    }
}
