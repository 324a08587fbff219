//! What holds of every baseline, whatever the runs.

use std::collections::BTreeMap;

use firstlight_baseline::{About, Baseline, Key, Port, Property, Run, Seen, Stretch, Subject, Who, check, diff, file};
use firstlight_model::finding::Grade;
use firstlight_model::report::{Initiator, Scope};
use firstlight_model::{Timestamp, Transport};
use proptest::prelude::*;

fn key() -> impl Strategy<Value = Key> {
    let who = prop_oneof![
        "[a-z]{1,3}[0-9]{0,2}\\.(example|test)\\.(com|org)".prop_map(Who::Name),
        prop::sample::select(vec!["mDNS", "SSDP", "\u{202e}evil\u{1b}[31m"]).prop_map(|w| Who::Group(w.to_owned())),
        Just(Who::Local("router of the lease".to_owned())),
        prop::sample::select(vec!["ech", "not_tls"])
            .prop_map(|reason| Who::Unnamed { reason: reason.to_owned(), owner: None }),
    ];
    let port = prop_oneof![Just(Port::None), Just(Port::Any), (1..1000_u16).prop_map(Port::Number)];
    let phase = prop::sample::select(vec!["install", "idle"]);
    let transport = prop::sample::select(vec![Transport::TCP, Transport::UDP, Transport::ICMP]);
    (who, port, phase, transport).prop_map(|(who, port, phase, transport)| Key {
        phase: phase.to_owned(),
        scope: match who {
            Who::Name(_) | Who::Unnamed { .. } => Scope::Internet,
            Who::Group(_) => Scope::Multicast,
            Who::Local(_) => Scope::Local,
        },
        who,
        transport,
        port,
        initiated_by: Initiator::Machine,
    })
}

fn seen() -> impl Strategy<Value = Seen> {
    (1..50_u64, 0..1_000_000_u64, 0..1_000_000_u64, 0..100_u32, prop::collection::btree_set("[a-z]{1,4}", 0..3))
        .prop_map(|(connections, out, back, first, services)| Seen {
            connections,
            failed: 0,
            payload_out: out,
            payload_in: back,
            first_s: f64::from(first) / 4.0,
            last_s: f64::from(first) / 4.0 + 7.5,
            properties: BTreeMap::from([(Property::Service, services)])
                .into_iter()
                .filter(|(_, v)| !v.is_empty())
                .collect(),
            evidence: Vec::new(),
        })
}

fn run() -> impl Strategy<Value = Run> {
    let contacts = prop::collection::btree_map(key(), seen(), 0..12);
    let prints = prop::collection::btree_set(("(tcp.syn|ja4)", "[a-z0-9]{2}"), 0..3);
    (contacts, prints, "[0-9a-f]{12}", any::<i32>()).prop_map(|(contacts, prints, id, start)| Run {
        files: vec![(format!("{id}.pcap"), id.repeat(5))],
        id,
        start: Timestamp::from_ns(i64::from(start)),
        duration_s: 60.0,
        is_partial: false,
        subject: Subject { id: String::new(), vendor: Some("Maker".to_owned()), system: "Linux".to_owned() },
        phases: ["idle", "install"]
            .map(|name| (name.to_owned(), Stretch { start_s: 0.0, duration_s: 60.0 }))
            .into_iter()
            .collect(),
        about: contacts.keys().map(|key| (key.clone(), About::default())).collect(),
        contacts,
        fingerprints: prints.into_iter().map(|print| (print, Vec::new())).collect(),
    })
}

fn baseline() -> impl Strategy<Value = Baseline> {
    prop::collection::vec(run(), 1..6).prop_map(of)
}

fn of(runs: impl IntoIterator<Item = Run>) -> Baseline {
    let mut baseline = Baseline::default();
    runs.into_iter().for_each(|run| baseline.add(run));
    baseline
}

fn merged(parts: &[&Baseline]) -> Baseline {
    let mut all = Baseline::default();
    parts.iter().for_each(|part| all.merge((*part).clone()));
    all
}

proptest! {
    #[test]
    fn merging_knows_no_order_and_no_grouping(a in baseline(), b in baseline(), c in baseline()) {
        prop_assert_eq!(merged(&[&a, &b]), merged(&[&b, &a]));
        prop_assert_eq!(merged(&[&merged(&[&a, &b]), &c]), merged(&[&a, &merged(&[&b, &c])]));
        prop_assert_eq!(merged(&[&a, &a]), a);
    }

    #[test]
    fn a_baseline_comes_back_from_its_file(a in baseline()) {
        let text = file::write(&a);
        let back = file::read(&text).expect("what was written can be read");
        prop_assert_eq!(&back, &a);
        prop_assert_eq!(file::write(&back), text);
    }

    #[test]
    fn nothing_that_cannot_be_seen_stands_in_a_file(a in baseline()) {
        let text = file::write(&a);
        prop_assert!(text.chars().all(|c| c == '\n' || !firstlight_report::escape::is_hidden(c)));
    }

    #[test]
    fn a_run_that_was_learnt_has_nothing_new_and_nothing_missing_that_all_had(a in baseline()) {
        for run in a.runs.values() {
            let check = check(&a, run);
            for finding in &check.findings {
                prop_assert_ne!(finding.grade, Grade::New, "{}", finding.text);
            }
        }
    }

    #[test]
    fn one_run_checked_against_itself_is_all_usual(run in run()) {
        let check = check(&of([run.clone()]), &run);
        prop_assert!(check.findings.is_empty() && check.variation.is_empty());
        prop_assert_eq!(check.usual_contacts, run.contacts.len() as u64);
    }

    #[test]
    fn a_side_does_not_differ_from_itself(a in baseline()) {
        prop_assert!(diff(("a", &a), ("a", &a)).changes.is_empty());
    }

    #[test]
    fn a_diff_the_other_way_round_has_the_contacts_the_other_way_round(a in run(), b in run()) {
        let (a, b) = (of([a]), of([b]));
        let count = |diff: &firstlight_model::finding::Diff, word: &str| {
            diff.changes.iter().filter(|change| change.kind.word() == word).count()
        };
        let (there, back) = (diff(("a", &a), ("b", &b)), diff(("b", &b), ("a", &a)));
        for (one, other) in [("new", "gone"), ("grown", "shrunk"), ("changed", "changed")] {
            prop_assert_eq!(count(&there, one), count(&back, other));
            prop_assert_eq!(count(&there, other), count(&back, one));
        }
    }

    #[test]
    fn a_run_is_taken_out_without_a_trace(a in baseline(), run in run()) {
        prop_assume!(!a.runs.contains_key(&run.id));
        let mut with = a.clone();
        with.add(run.clone());
        prop_assert_eq!(with.take_out(&run.id), 1);
        prop_assert_eq!(with, a);
    }

    #[test]
    fn every_contact_is_usual_or_told(a in baseline(), run in run()) {
        let check = check(&a, &run);
        prop_assert!(check.usual_contacts <= check.contacts);
        for (key, _) in run.contacts.iter().filter(|(key, _)| !a.contacts().contains_key(*key)) {
            let id = key.id();
            let told = check.findings.iter().chain(&check.variation).any(|finding| finding.id.ends_with(&id));
            prop_assert!(told, "{}", id);
        }
    }

    #[test]
    fn broken_files_are_errors_and_no_panic(a in baseline(), cut in any::<prop::sample::Index>(), with in "[0-9a-z\"{}]{0,3}") {
        let text = file::write(&a);
        let at = (0..=cut.index(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let broken = format!("{}{with}", &text[..at]);
        let _ = file::read(&broken);
    }
}
