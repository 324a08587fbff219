//! What stands at the top: the sentence that a reader needs, a second one with the volumes, and the figures.

use std::collections::BTreeSet;

use firstlight_model::report::{Contact, Initiator, Machine, Summary};
use maud::{Markup, html};

use super::View;
use super::owners::{Kind, wire};
use crate::terminal::{Sentence, diary};
use crate::units::{count, duration_s, moment, plural, share, total};

/// Connections without an answer from which on they are worth a word, where they are half of all.
const MANY: u64 = 10;

/// `Firstlight report on install.pcapng`.
pub(super) fn title(view: View<'_>) -> String {
    match view.report.captures.as_slice() {
        [] => "Firstlight report".to_owned(),
        [one] => format!("Firstlight report on {}", file_name(&one.path)),
        [first, rest @ ..] => {
            let others = plural(rest.len() as u64, "other file", "other files");
            format!("Firstlight report on {} and {others}", file_name(&first.path))
        }
    }
}

fn file_name(path: &str) -> &str {
    diary::path_words(path.rsplit(['/', '\\']).next().unwrap_or(path))
}

/// Above the sections.
pub(super) fn head(view: View<'_>) -> Markup {
    let machine = view.report.machines.first();
    html! {
        p class="kicker" {
            (title(view))
            @if let Some(first) = view.report.captures.iter().filter_map(|capture| capture.first).min() {
                " · " time { (moment(first)) }
            }
        }
        @match machine {
            Some(machine) => {
                h1 {
                    @for (at, (class, part)) in headline(view, machine).iter().enumerate() {
                        @if at > 0 { "; " }
                        span class=(class) { (part) }
                    }
                    "."
                }
                @if let Some(sentence) = diary::about(view.report, view.style) { p class="lead" { (set(&sentence)) } }
                @if let Some(summary) = view.report.summary.iter().find(|summary| summary.machine == machine.id) {
                    (figures(view, summary))
                }
            }
            None => {
                h1 { "No machine can be told apart: no packet of the capture carries an address that speaks." }
            }
        }
    }
}

/// A sentence of the diary with its emphasis.
pub(super) fn set(sentence: &Sentence) -> Markup {
    html! {
        @for (is_strong, part) in sentence {
            @if *is_strong { strong { (part) } } @else { (part) }
        }
    }
}

/// System; the share that is the vendor's own; contacts, and with how many others; what is unusual. Each with a class.
fn headline(view: View<'_>, machine: &Machine) -> Vec<(&'static str, String)> {
    let mut parts = Vec::new();
    parts.push(match machine.os.family {
        Some(_) => ("", machine.os.verdict.clone()),
        None => ("", "A machine of unknown system".to_owned()),
    });
    let of_machine = view.report.contacts.iter().filter(|contact| contact.machine == machine.id);
    let far: Vec<&Contact> = of_machine.filter(|contact| Kind::of(contact) != Kind::Near).collect();
    let of = |kind: Kind| far.iter().copied().filter(|contact| Kind::of(contact) == kind).collect::<Vec<_>>();
    let bytes = |contacts: &[&Contact]| total(contacts.iter().map(|contact| wire(contact)));
    let (own, others) = (of(Kind::Own), of(Kind::Other));
    match share(bytes(&own), bytes(&far)) {
        None => parts.push(("", "no contact beyond the local network".to_owned())),
        // Without a system there is no vendor.
        Some(_) if machine.os.family.is_none() => {}
        Some(_) if own.is_empty() => parts.push(("", "nothing is the vendor's own".to_owned())),
        Some(part) => {
            let whose = diary::own_name(&own);
            parts.push(("own", format!("{part} of bytes are {}", whose.trim_end_matches(" systems"))));
        }
    }
    if !far.is_empty() {
        let owners: BTreeSet<&str> = others.iter().filter_map(|contact| contact.knowledge.owner.as_deref()).collect();
        parts.push(match names(&others) {
            0 => ("", format!("{}, none with others", plural(names(&far), "contact", "contacts"))),
            contacts => (
                "other",
                format!(
                    "{} with {}",
                    plural(contacts, "contact", "contacts"),
                    plural(owners.len() as u64, "other", "others")
                ),
            ),
        });
    }
    parts.extend(unusual(machine, &of(Kind::Unknown), &far));
    parts
}

/// Distinct names, or addresses where there is none.
fn names(contacts: &[&Contact]) -> u64 {
    contacts.iter().map(|contact| diary::label(contact)).collect::<BTreeSet<_>>().len() as u64
}

/// What a reader of any report would look at: names of nobody, hosts of the internet that began, most connections without
/// an answer, and signs that do not go together.
fn unusual(machine: &Machine, unknown: &[&Contact], far: &[&Contact]) -> Vec<(&'static str, String)> {
    let mut parts = Vec::new();
    if !unknown.is_empty() {
        parts.push(("unknown", format!("{} with somebody unknown", names(unknown))));
    }
    let began = far.iter().filter(|contact| contact.initiated_by == Initiator::Peer).count() as u64;
    if began > 0 {
        parts.push(("unknown", format!("{} began from the other side", count(began))));
    }
    let sum = |of: fn(&Contact) -> u64| total(far.iter().map(|contact| of(contact)));
    let (failed, connections) = (sum(|contact| contact.failed), sum(|contact| contact.connections));
    if failed >= MANY && failed >= connections / 2 {
        parts.push(("unknown", format!("{} of {} connections not answered", count(failed), count(connections))));
    }
    parts.extend(machine.identity.contradictions.iter().take(2).map(|it| ("unknown", it.text.clone())));
    if parts.is_empty() {
        parts.push(("", "nothing unusual".to_owned()));
    }
    parts
}

fn figures(view: View<'_>, summary: &Summary) -> Markup {
    let hosts = summary.hosts_v4.saturating_add(summary.hosts_v6);
    let cells = [
        ("duration", duration_s(summary.duration_s), String::new()),
        ("packets", count(summary.packets), String::new()),
        ("on the wire", view.size(summary.wire_bytes), String::new()),
        ("hosts", count(hosts), format!("{} IPv4, {} IPv6", count(summary.hosts_v4), count(summary.hosts_v6))),
        ("DNS requests", count(summary.dns_queries), plural(summary.dns_names, "name", "names")),
        ("TCP connections", count(summary.tcp_connections), String::new()),
        (
            "UDP connections",
            count(summary.udp_connections),
            match summary.other_connections {
                0 => String::new(),
                others => plural(others, "other exchange", "other exchanges"),
            },
        ),
    ];
    html! {
        dl class="figures" {
            @for (label, value, note) in &cells {
                div {
                    dt { (label) }
                    dd { (value) @if !note.is_empty() { small { (note) } } }
                }
            }
        }
    }
}
