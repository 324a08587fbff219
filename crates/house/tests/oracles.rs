//! Firstlight held against what nDPI, FoxIO's ja4, Arkime, Zeek, Suricata and the Community ID reference say of the
//! captures of the corpus. Prints a table; every difference has to be listed in `differences.toml` with who is right
//! and why, and a listed one that no longer differs fails.
//!
//! `FIRSTLIGHT_UNLISTED=FILE` writes the differences that are not listed to a file, in the form of the list.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fmt::Write, fs, thread};

use firstlight_engine::FlowView;
use firstlight_house::compare::{Flows, NO_SUCH_FLOW, Outcome};
use firstlight_house::differences;
use firstlight_house::expected::{Claim, FlowId, Key, Said, Subject, claims, normal};
use firstlight_house::{assert_none, corpus, say};

/// How much has to be equal, in tenths of a percent, of the records that are held.
const THRESHOLDS: &[(&[Key], usize)] = &[
    (&[Key::Packets, Key::WireBytes, Key::IpBytes], 995),
    (&[Key::DnsQuery, Key::ServerName, Key::HttpHost, Key::HttpHostOrServerName], 980),
    (&[Key::CommunityId], 1000),
];

type Checked = BTreeMap<Subject, (bool, Outcome)>;

#[test]
fn agrees_with_other_tools_or_says_why_not() {
    let Some(corpus) = corpus("comparison with other tools (oracles)") else { return };
    let claims = claims(&fs::read_to_string(corpus.join("expected.jsonl")).unwrap());
    assert!(claims.len() > 5_000, "expected.jsonl gives {} claims", claims.len());
    let (checked, mut offenders) = check_all(&corpus, &claims);
    say(&table(&checked));

    let listed = differences::read();
    let mut names = BTreeSet::new();
    let mut unlisted = String::new();
    for (subject, (held, outcome)) in &checked {
        let name = differences::name(subject);
        let line = differences::line(&name, &outcome.theirs, &outcome.ours);
        match listed.get(&name) {
            Some(_) if outcome.equal => offenders.push(format!("no longer differs:{line}")),
            Some(known) if (&known.theirs, &known.ours) != (&outcome.theirs, &outcome.ours) => {
                offenders.push(format!("listed with other values, now:{line}"));
            }
            None if *held && !outcome.equal => {
                offenders.push(format!("not listed:{line}"));
                writeln!(unlisted, "{line}").unwrap();
            }
            _ => {}
        }
        names.insert(name);
    }
    offenders.extend(listed.keys().filter(|it| !names.contains(*it)).map(|it| format!("listed, but not said: {it:?}")));
    if let Some(path) = env::var_os("FIRSTLIGHT_UNLISTED") {
        fs::write(path, unlisted).unwrap();
    }

    for (keys, wanted) in THRESHOLDS {
        // An identifier can be compared only where both have the flow; that it is missing is a matter of packets.
        let comparable = |subject: &Subject, outcome: &Outcome| {
            keys.contains(&subject.key) && (subject.key != Key::CommunityId || outcome.ours != NO_SUCH_FLOW)
        };
        let held = || checked.iter().filter(|(subject, (held, outcome))| *held && comparable(subject, outcome));
        let all = held().count();
        // Where the tool is wrong, or counts something else, agreeing with it would be no merit.
        let equal = held().filter(|(_, (_, outcome))| outcome.equal).count();
        let good = held()
            .filter(|(subject, (_, outcome))| {
                outcome.equal || listed.get(&differences::name(subject)).is_some_and(|it| it.right != "oracle")
            })
            .count();
        let names: Vec<_> = keys.iter().map(|key| key.name()).collect();
        let line = format!(
            "{}: {equal} of {all} equal, {good} right, wanted {}.{} %",
            names.join(", "),
            wanted / 10,
            wanted % 10
        );
        say(&line);
        if good * 1000 < all * wanted || all == 0 {
            offenders.push(line);
        }
    }
    assert_none("differences from other tools", &offenders);
}

/// Checks the claims capture by capture, on all cores. Also gives the captures that could not be read or that panicked.
fn check_all(corpus: &Path, claims: &BTreeMap<Subject, Claim>) -> (Checked, Vec<String>) {
    let mut by_capture: BTreeMap<&str, Vec<(&Subject, &Claim)>> = BTreeMap::new();
    for (subject, claim) in claims {
        by_capture.entry(&subject.pcap).or_default().push((subject, claim));
    }
    let captures: Vec<_> = by_capture.into_iter().collect();
    let next = AtomicUsize::new(0);
    let results = Mutex::new((Checked::new(), Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((pcap, claims)) = captures.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match catch_unwind(AssertUnwindSafe(|| flows(&corpus.join(pcap)))) {
                        Ok(Ok(flows)) => {
                            let flows = Flows::new(&flows);
                            let checked: Vec<_> = claims
                                .iter()
                                .map(|(subject, claim)| {
                                    let held = claim.strict || subject.key.is_always_held();
                                    ((*subject).clone(), (held, flows.check(subject, claim)))
                                })
                                .collect();
                            results.lock().unwrap().0.extend(checked);
                        }
                        Ok(Err(error)) => results.lock().unwrap().1.push(format!("{pcap}: {error}")),
                        Err(_) => results.lock().unwrap().1.push(format!("{pcap}: panic")),
                    }
                }
            });
        }
    });
    results.into_inner().unwrap()
}

fn flows(path: &Path) -> Result<Vec<FlowView>, String> {
    let inputs = [firstlight_capture::Input::Path(path.to_path_buf())];
    let source = firstlight_capture::open(&inputs, &firstlight_capture::Options::default());
    let source = source.map_err(|error| error.to_string())?;
    Ok(firstlight_engine::flows(source, &firstlight_engine::Options::default()))
}

fn table(checked: &Checked) -> String {
    let mut rows: BTreeMap<(bool, &str, Key), (usize, usize)> = BTreeMap::new();
    for (subject, (held, outcome)) in checked {
        let row = rows.entry((!held, &subject.oracle, subject.key)).or_default();
        row.0 += 1;
        row.1 += usize::from(outcome.equal);
    }
    let mut text = String::from("\n         tool          key                 compared    equal     share\n");
    for ((report_only, oracle, key), (all, equal)) in rows {
        let how = if report_only { "report" } else { "held" };
        let share = equal as f64 * 100.0 / all as f64;
        writeln!(text, "{how:<8} {oracle:<13} {:<18} {all:>9} {equal:>8} {share:>7.1} %", key.name()).unwrap();
    }
    text
}

fn flow(packets: [u64; 2]) -> FlowView {
    use firstlight_model::{Endpoint, FrameRef, Timestamp, Transport};
    let endpoint = |last, port| Endpoint { address: [10, 0, 0, last].into(), port };
    FlowView {
        transport: Transport::TCP,
        originator: endpoint(2, 50_000),
        responder: endpoint(1, 443),
        vlan: 0,
        first: Timestamp::ZERO,
        last: Timestamp::ZERO,
        first_frame: FrameRef { capture: 0, number: 1 },
        packets,
        wire_bytes: [0, 0],
        ip_bytes: [0, 0],
        payload_bytes: [0, 0],
        state: "SF",
        history: String::new(),
        community_id: String::new(),
        service: Some("tls"),
        server_names: vec!["Example.com".to_owned()],
        names: Vec::new(),
        http_hosts: Vec::new(),
        dns_queries: Vec::new(),
        user_agents: Vec::new(),
        ja3: None,
        ja3s: None,
        ja4: Some("t12d6707h1_2955a3196ffa_000000000000".to_owned()),
        tunnel: None,
    }
}

fn check_one(record: &str, flows: &[FlowView]) -> BTreeMap<Key, (bool, Outcome)> {
    let flows = Flows::new(flows);
    let check = |(subject, claim): (&Subject, &Claim)| (subject.key, (claim.strict, flows.check(subject, claim)));
    claims(record).iter().map(check).collect()
}

const RECORD: &str = r#"{"oracle": "ndpi", "kind": "flow", "pcap": "x", "proto": 6, "a": "10.0.0.1", "ap": 443, "b": "10.0.0.2",
    "bp": 50000, "pk_ab": 3, "pk_ba": 5, "app": "TLS", "host": "example.com", "ja4": "t12i6707ht_2955a3196ffa_e3b0c44298fc",
    "ref_agree": ["pkts", "ja4_noalpn", "sni"], "ref_differs": ["sni"]}"#;

#[test]
fn compares_whatever_the_direction_and_adds_up_what_was_split() {
    let record = RECORD.replace('\n', " ");
    for (packets, equal) in [(vec![[5, 3]], true), (vec![[2, 1], [3, 2]], true), (vec![[3, 5]], false), (vec![], false)]
    {
        let flows: Vec<_> = packets.into_iter().map(flow).collect();
        assert_eq!(check_one(&record, &flows)[&Key::Packets].1.equal, equal, "{}", flows.len());
    }
    let split = format!("{record}\n{record}");
    assert_eq!(check_one(&split, &[flow([10, 6])])[&Key::Packets].1.theirs, "6 and 10");
}

#[test]
fn holds_strictly_what_a_second_parser_confirmed_and_none_denied() {
    let checked = check_one(&RECORD.replace('\n', " "), &[flow([5, 3])]);
    assert!(checked[&Key::Packets].0);
    assert!(!checked[&Key::ServerName].0, "one parser differed");
    assert!(checked[&Key::Ja4].0 && checked[&Key::Ja4].1.equal, "nDPI's own ways of writing a JA4 do not count");
    assert!(checked[&Key::ServerName].1.equal, "names are compared without case");
}

#[test]
fn a_name_is_the_same_with_its_port_and_its_last_dot() {
    assert_eq!(normal(Key::HttpHost, "Example.COM.:8080"), "example.com.".trim_end_matches('.'));
    assert_eq!(normal(Key::HttpHost, "[::1]:80"), "::1");
    assert_eq!(normal(Key::HttpHost, "2001:db8::1"), "2001:db8::1");
    assert_eq!(normal(Key::DnsQuery, "<root>"), "");
    let (id, swapped) = FlowId::new(Some(1), ([10, 0, 0, 2].into(), Some(8)), ([10, 0, 0, 1].into(), Some(0)));
    assert!(swapped && id.low.1.is_none(), "ICMP has no ports");
    assert_eq!(Said::Counts([1, 2]).to_string(), "1 and 2");
}
