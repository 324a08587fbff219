//! What a report says of single frames: remarks that are written beside them into a capture (`pcapng-comments`). The
//! beginning of each phase, the first frame of each contact with whose it is and what for, where each fingerprint was
//! seen first, and the first frames of each anomaly.
//!
//! Leaves out what is said of no frame: totals, coverage, requests.

use std::collections::BTreeMap;

use firstlight_model::FrameRef;
use firstlight_model::report::{Contact, Fingerprint, Report, Scope};

use crate::escape::visible;
use crate::terminal::diary;
use crate::units::{Figures, plural, size};

/// What a comment begins with, so that ours are told from those that stood there.
pub const PREFIX: &str = "Firstlight: ";

/// Comments by frame; those of one frame in the order phase, contact, fingerprint, anomaly.
pub fn comments(report: &Report, figures: Figures) -> BTreeMap<FrameRef, Vec<String>> {
    let mut all: BTreeMap<FrameRef, Vec<String>> = BTreeMap::new();
    let mut say = |at: FrameRef, text: String| {
        all.entry(at).or_default().push(visible(&(PREFIX.to_owned() + &text)).into_owned())
    };
    for phase in &report.phases {
        // Where nothing marks it, the first contact of it does.
        let of_contacts = report.contacts.iter().filter(|contact| contact.phase == phase.name);
        let first =
            of_contacts.flat_map(|contact| contact.evidence.first()).map(|evidence| (evidence.time, evidence.at));
        let begins = phase.evidence.first().map(|evidence| (evidence.time, evidence.at)).or_else(|| first.min());
        if let Some((_, at)) = begins {
            say(at, format!("phase {} begins ({})", phase.name, phase.why));
        }
    }
    for contact in &report.contacts {
        if let Some(evidence) = contact.evidence.first() {
            say(evidence.at, of_contact(contact, figures));
        }
    }
    for fingerprint in &report.fingerprints {
        if let Some(evidence) = fingerprint.evidence.first() {
            say(evidence.at, of_fingerprint(fingerprint));
        }
    }
    for anomaly in &report.anomalies {
        for at in &anomaly.frames {
            let others = if anomaly.count > 1 { format!(", one of {}", anomaly.count) } else { String::new() };
            say(*at, format!("anomaly: {}{others}", anomaly.text));
        }
    }
    all
}

fn of_contact(contact: &Contact, figures: Figures) -> String {
    let known = &contact.knowledge;
    let owner = match (known.owner.as_deref(), known.vendor_own) {
        (Some(owner), Some(true)) => Some(format!("{owner}, the vendor's own")),
        (owner, _) => owner.map(str::to_owned),
    };
    let why = contact.unnamed_reason.filter(|_| contact.scope == Scope::Internet);
    let why = why.map(|reason| format!("no name: {reason}"));
    let remark = contact.remark.clone().filter(|remark| known.purpose.as_ref() != Some(remark));
    let amounts = format!(
        "{}, {} out, {} in",
        plural(contact.connections, "connection", "connections"),
        size(contact.payload_out, figures),
        size(contact.payload_in, figures)
    );
    let parts = [Some(diary::service(contact)), owner, known.purpose.clone(), remark, why, Some(amounts)];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    format!("first of contact {}: {}", diary::label(contact), parts.join("; "))
}

fn of_fingerprint(fingerprint: &Fingerprint) -> String {
    let value = fingerprint.tcpdump.as_deref().unwrap_or(&fingerprint.value);
    let same = fingerprint.matches.iter().find(|known| known.same).map(|known| format!("; as {}", known.label));
    format!("fingerprint {} {value}{}", fingerprint.kind, same.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn every_finding_with_a_frame_has_a_comment_and_nothing_hidden_is_in_it() {
        let report = sample::report();
        let all = comments(&report, Figures::Exact);
        let of =
            |word: &str| all.values().flatten().filter(|text| text.starts_with(&format!("{PREFIX}{word}"))).count();
        assert_eq!(of("first of contact"), report.contacts.iter().filter(|it| !it.evidence.is_empty()).count());
        assert_eq!(of("fingerprint"), report.fingerprints.iter().filter(|it| !it.evidence.is_empty()).count());
        assert_eq!(of("anomaly"), report.anomalies.iter().map(|it| it.frames.len()).sum::<usize>());
        assert!(of("first of contact") > 0 && of("fingerprint") > 0 && of("anomaly") > 0 && of("phase") > 0);
        assert!(!all.values().flatten().any(|text| text.contains(crate::escape::is_hidden)));
    }
}
