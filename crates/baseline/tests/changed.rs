//! Findings on what a known contact is, and on who is asked for names: runs made by hand.

use std::collections::{BTreeMap, BTreeSet};

use firstlight_baseline::{Baseline, Key, Port, Property, Run, Seen, Who, check};
use firstlight_model::finding::Grade;
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
