//! Findings on what a known contact is, and on who is asked for names: runs made by hand.

use std::collections::{BTreeMap, BTreeSet};

use firstlight_baseline::{Baseline, Key, Port, Property, Run, Seen, Stretch, Who, check, diff};
use firstlight_model::finding::{ChangeKind, Grade};
use firstlight_model::report::{Initiator, Scope};
use firstlight_model::{Timestamp, Transport};

fn key(who: Who, port: u16, transport: Transport) -> Key {
    let scope = if matches!(who, Who::Local(_)) { Scope::Local } else { Scope::Internet };
    Key { phase: "idle".to_owned(), scope, who, transport, port: Port::Number(port), initiated_by: Initiator::Machine }
}

fn seen(property: Property, value: &str) -> Seen {
    Seen {
        connections: 3,
        failed: 0,
        payload_out: 900,
        payload_in: 4_000,
        first_s: 1.0,
        last_s: 20.0,
        properties: BTreeMap::from([(property, BTreeSet::from([value.to_owned()]))]),
        evidence: Vec::new(),
    }
}

fn run(number: usize, contacts: Vec<(Key, Seen)>) -> Run {
    let id = format!("{number:012}");
    Run {
        files: vec![(format!("{id}.pcap"), id.clone())],
        id,
        start: Timestamp::from_ns(0),
        duration_s: 60.0,
        contacts: contacts.into_iter().collect(),
        ..Run::default()
    }
}

fn baseline(contacts: &[(Key, Seen)]) -> Baseline {
    let mut baseline = Baseline::default();
    (0..8).for_each(|number| baseline.add(run(number, contacts.to_vec())));
    baseline
}

#[test]
fn another_issuer_of_the_certificate_is_a_change() {
    let host = || key(Who::Name("www.example.org".to_owned()), 443, Transport::TCP);
    let baseline = baseline(&[(host(), seen(Property::Issuer, "R3"))]);
    let same = check(&baseline, &run(100, vec![(host(), seen(Property::Issuer, "R3"))]));
    assert_eq!(same.findings, []);
    let other = check(&baseline, &run(100, vec![(host(), seen(Property::Issuer, "Corporate Proxy CA"))]));
    let [finding] = other.findings.as_slice() else { panic!("{:#?}", other.findings) };
    assert_eq!((finding.grade, finding.what), (Grade::Changed, "issuer"));
    assert!(finding.text.contains("Corporate Proxy CA") && finding.text.contains("R3"), "{}", finding.text);
}

#[test]
fn a_name_server_that_no_run_asked_is_a_resolver() {
    let router = || key(Who::Local("router".to_owned()), 53, Transport::UDP);
    let other = || key(Who::Name("dns.google".to_owned()), 53, Transport::UDP);
    let dns = || seen(Property::Service, "dns");
    let baseline = baseline(&[(router(), dns())]);
    let found = check(&baseline, &run(100, vec![(router(), dns()), (other(), dns())]));
    let [finding] = found.findings.as_slice() else { panic!("{:#?}", found.findings) };
    assert_eq!((finding.grade, finding.what), (Grade::New, "resolver"));
    let web = key(Who::Name("www.example.org".to_owned()), 443, Transport::TCP);
    let found = check(&baseline, &run(100, vec![(router(), dns()), (web, seen(Property::Service, "tls"))]));
    assert_eq!(found.findings.iter().map(|finding| finding.what).collect::<Vec<_>>(), ["contact"]);
}

/// What makes a finding of each property of a known contact, and the word that it is found by.
#[test]
fn each_property_of_a_known_contact_that_changes_is_a_finding() {
    let host = || key(Who::Name("www.example.org".to_owned()), 443, Transport::TCP);
    let cases = [
        (Property::Service, "tls", "http", "protocol"),
        (Property::Version, "TLS 1.3", "TLS 1.0", "version"),
        (Property::Encrypted, "yes", "no", "encryption"),
        (Property::Hello, "t13d1516h2", "t12d0302h1", "fingerprint"),
        (Property::Alpn, "h2", "http/1.1", "protocol"),
        (Property::Network, "192.0.0.0/16", "198.51.0.0/16", "network"),
    ];
    for (property, usual, now, what) in cases {
        let baseline = baseline(&[(host(), seen(property, usual))]);
        assert_eq!(check(&baseline, &run(100, vec![(host(), seen(property, usual))])).findings, [], "{property:?}");
        let found = check(&baseline, &run(100, vec![(host(), seen(property, now))]));
        let [finding] = found.findings.as_slice() else { panic!("{property:?}: {:#?}", found.findings) };
        assert_eq!((finding.grade, finding.what), (Grade::Changed, what));
        let [usual, now] = [usual, now].map(|value| match value {
            "yes" => "encrypted",
            "no" => "in the clear",
            value => value,
        });
        assert!(finding.text.contains(usual) && finding.text.contains(now), "{}", finding.text);
    }
}

#[test]
fn a_fingerprint_of_the_machine_that_no_run_had_is_a_finding() {
    let host = || key(Who::Name("www.example.org".to_owned()), 443, Transport::TCP);
    let print = |value: &str| BTreeMap::from([(("tls.ja4".to_owned(), value.to_owned()), Vec::new())]);
    let with = |number, value| Run {
        fingerprints: print(value),
        ..run(number, vec![(host(), seen(Property::Service, "tls"))])
    };
    let mut baseline = Baseline::default();
    (0..8).for_each(|number| baseline.add(with(number, "t13d1516h2_8daaf6152771_e5627efa2ab1")));
    assert_eq!(check(&baseline, &with(100, "t13d1516h2_8daaf6152771_e5627efa2ab1")).findings, []);
    let found = check(&baseline, &with(100, "t12d030200_0123456789ab_0123456789ab"));
    assert_eq!(found.findings.iter().map(|f| (f.grade, f.what)).collect::<Vec<_>>(), [(Grade::Changed, "fingerprint")]);
}

#[test]
fn when_and_how_often_are_findings() {
    let host = || key(Who::Name("www.example.org".to_owned()), 443, Transport::TCP);
    let at = |connections, first_s, last_s| {
        let seen = Seen { connections, first_s, last_s, ..seen(Property::Service, "tls") };
        vec![(host(), seen)]
    };
    let mut baseline = Baseline::default();
    (0..8).for_each(|number| baseline.add(run(number, at(11, 20.0, 620.0))));
    let found = |run: &Run| check(&baseline, run).findings.into_iter().map(|f| f.what).collect::<Vec<_>>();
    assert_eq!(found(&run(100, at(11, 20.0, 620.0))), Vec::<&str>::new());
    // The first comes after ten minutes, the others as far apart as ever.
    assert_eq!(found(&run(100, at(11, 620.0, 1_220.0))), ["time"]);
    // As many, twelve times as far apart.
    assert_eq!(found(&run(100, at(11, 20.0, 7_220.0))), ["cadence"]);
}

/// A phase of another length has another amount of what comes all the time, and the same of what comes at its start.
#[test]
fn a_shorter_or_longer_phase_makes_no_amount_a_finding() {
    let host = || key(Who::Name("www.example.org".to_owned()), 443, Transport::TCP);
    let of = |number, duration_s: f64, connections: u64| {
        let phases = BTreeMap::from([("idle".to_owned(), Stretch { start_s: 0.0, duration_s })]);
        let volume = connections * 5_000;
        let seen = Seen { connections, payload_in: volume, payload_out: volume, ..seen(Property::Service, "tls") };
        let seen = Seen { first_s: 1.0, last_s: 1.0 + (connections - 1) as f64 * 30.0, ..seen };
        Run { phases, duration_s, ..run(number, vec![(host(), seen)]) }
    };
    let mut baseline = Baseline::default();
    (0..8).for_each(|number| baseline.add(of(number, 900.0, 30)));
    let found = |duration_s, connections| {
        let found = check(&baseline, &of(100, duration_s, connections)).findings;
        let mut found: Vec<_> = found.into_iter().map(|finding| (finding.what, finding.grade)).collect();
        found.sort_unstable();
        found
    };
    let both = |grade| [("count", grade), ("volume", grade)];
    let none: [(&str, Grade); 0] = [];
    // As many a minute for a tenth and for ten times the time; as many as ever in ten times the time.
    assert_eq!(found(90.0, 3), none);
    assert_eq!(found(9_000.0, 300), none);
    assert_eq!(found(9_000.0, 30), none);
    // Ten times as many in the same time are a change, and so are they in a shorter one.
    assert_eq!(found(900.0, 300), both(Grade::Changed));
    assert_eq!(found(400.0, 300), both(Grade::Changed));
    // Far fewer than in the same time, but the rest may be yet to come.
    assert_eq!(found(600.0, 1), both(Grade::CannotTell));
    assert_eq!(found(900.0, 1), both(Grade::Changed));
}

#[test]
fn sides_of_different_lengths_differ_in_what_they_do_not_in_how_long() {
    let host = |name: &str| key(Who::Name(name.to_owned()), 443, Transport::TCP);
    let of = |number: usize, duration_s: f64, connections: u64, late_s: Option<f64>| {
        let phases = BTreeMap::from([("idle".to_owned(), Stretch { start_s: 0.0, duration_s })]);
        let volume = connections * 50_000;
        let often = Seen { connections, payload_in: volume, payload_out: volume, ..seen(Property::Service, "tls") };
        let late = late_s.map(|first_s| {
            let seen = Seen { first_s, last_s: first_s, ..seen(Property::Service, "tls") };
            (host("late.example.org"), seen)
        });
        let contacts = late.into_iter().chain([(host("www.example.org"), often)]).collect();
        Run { phases, duration_s, ..run(number, contacts) }
    };
    let side = |first: usize, duration_s, connections, late_s| {
        let mut baseline = Baseline::default();
        (first..first + 6).for_each(|number| baseline.add(of(number, duration_s, connections, late_s)));
        baseline
    };
    let long = side(0, 1_000.0, 100, Some(600.0));
    let kinds = |other: &Baseline| {
        let changes = diff(("long", &long), ("other", other)).changes;
        changes.into_iter().map(|change| (change.kind, change.what)).collect::<Vec<_>>()
    };
    // A tenth as long and as often, and it ends before the late one comes.
    assert_eq!(kinds(&side(10, 100.0, 10, None)), []);
    // As long without the late one, and a hundredth of the other.
    let gone = kinds(&side(10, 1_000.0, 1, None));
    assert!(gone.contains(&(ChangeKind::Gone, "contact")) && gone.contains(&(ChangeKind::Shrunk, "count")), "{gone:?}");
}
