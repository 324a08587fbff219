//! What a contact opens to, a line for each thing that is known: addresses, how its name is known, whose network, what the machine showed it, why its owner and
//! purpose are said to be what they are, and the frames that show it. The script of the page sets a line in two columns when it
//! is first looked at, so that thousands of contacts are no more than their text until then.

use firstlight_model::report::{Contact, Initiator};
use maud::{Markup, html};

use super::View;
use super::owners::Kind;
use crate::terminal::diary;
use crate::units::{count, duration, moment, rfc3339};

pub(super) fn of(view: View<'_>, contact: &Contact, with_machine: bool) -> Markup {
    html! {
        @if with_machine { "machine: " (contact.machine) br; }
        @for (at, (label, value)) in pairs(view, contact).iter().enumerate() {
            @if at > 0 { br; }
            (label) ": " (value)
        }
    }
}

fn pairs(view: View<'_>, contact: &Contact) -> Vec<(&'static str, String)> {
    let known = &contact.knowledge;
    let mut pairs: Vec<(&'static str, String)> = Vec::new();
    let mut say = |label, value: String| {
        if !value.is_empty() {
            pairs.push((label, value));
        }
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let join = |values: &[String]| values.join(", ");
    if let Some(words) = diary::failures(contact) {
        say("failed", words);
    }
    if contact.initiated_by == Initiator::Peer {
        say("began", "from the other side".to_owned());
    }
    say("at", addresses(contact));
    if let (Some(source), Some(sure)) = (&contact.name_source, contact.name_confidence) {
        say("name from", format!("{}, {} confidence", diary::source_word(source), sure.word()));
    }
    if let Some(reason) = contact.unnamed_reason {
        say("no name", diary::reason_words(view.report, view.style, reason).to_owned());
    }
    say("or", join(&contact.name_candidates));
    if Kind::of(contact) != Kind::Near {
        say("is", text(&contact.remark));
    }
    match (&known.cdn, &known.carrier) {
        (Some(cdn), Some(carrier)) if cdn != carrier => say("served by", format!("{cdn}, network of {carrier}")),
        (Some(cdn), _) => say("served by", cdn.clone()),
        (None, Some(carrier)) => say("network of", carrier.clone()),
        (None, None) => {}
    }
    say("country", text(&known.country));
    match (&known.program, &known.program_source) {
        (Some(program), Some(source)) => say("probably asked by", format!("{program}, by {source}")),
        (Some(program), None) => say("probably asked by", program.clone()),
        _ => {}
    }
    say("owner by", text(&known.owner_source));
    say("purpose from", text(&known.purpose_source));
    let alpn = if contact.alpn.is_empty() { String::new() } else { format!("ALPN {}", join(&contact.alpn)) };
    let versions = [join(&contact.versions), alpn];
    say("protocol", versions.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "));
    say("JA4", join(&contact.ja4));
    if contact.ja4.is_empty() {
        say("JA3", join(&contact.ja3));
    }
    say("certificate by", join(&contact.issuers));
    let packets = count(contact.packets_out.saturating_add(contact.packets_in));
    let [out, back] = [contact.wire_out, contact.wire_in].map(|bytes| view.size(bytes));
    say("on the wire", format!("{packets} packets, {out} out, {back} in"));
    say("when", format!("{}, {}", moment(contact.first), duration(contact.last.since_ns(contact.first))));
    say("shown by", evidence(view, contact));
    pairs
}

fn addresses(contact: &Contact) -> String {
    // A contact without a name is called by its only address.
    if contact.name.is_none() && contact.addresses.len() == 1 && contact.addresses_left_out == 0 {
        return String::new();
    }
    let mut addresses: Vec<String> = contact.addresses.iter().map(ToString::to_string).collect();
    if contact.addresses_left_out > 0 {
        addresses.push(format!("{} more", count(contact.addresses_left_out)));
    }
    addresses.join(", ")
}

/// `frame 12 (tls.handshake.extensions_server_name)`, with the time where it is not that of the one before.
fn evidence(view: View<'_>, contact: &Contact) -> String {
    let mut before = Some(contact.first);
    let parts = contact.evidence.iter().map(|evidence| {
        let place = diary::place(view.report, view.style, evidence.at);
        let decimals = view.report.captures.first().map_or(6, |capture| capture.time_decimals);
        let time = (before != Some(evidence.time))
            .then(|| rfc3339(evidence.time, decimals).split_once('T').map(|(_, clock)| format!(" at {clock}")))
            .flatten()
            .unwrap_or_default();
        before = Some(evidence.time);
        match evidence.field {
            "frame.number" => format!("{place}{time}"),
            field => format!("{place}{time} ({field})"),
        }
    });
    parts.collect::<Vec<_>>().join("; ")
}
