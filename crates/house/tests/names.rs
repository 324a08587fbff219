//! Names in hellos of TLS, QUIC and DTLS: those that the tshark that is installed here finds in the captures of the
//! corpus, against ours, connection by connection. A name that tshark has and we have not must be listed with the cause.
//! The counts stand in `docs/coverage.md`; `FIRSTLIGHT_RENEW=1 cargo test -p firstlight-house --test names` writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use firstlight_engine::FlowView;
use firstlight_house::expected::FlowId;
use firstlight_house::page::hold_page;
use firstlight_house::{assert_none, corpus, say};

const HEADING: &str = "\n## Names that tshark gives\n";

/// The release that the page was made with: another one may read more or less.
const RELEASE: &str = "TShark (Wireshark) 4.0.";

/// Names that tshark gives and we do not: capture, name, cause.
const MISSED: &[(&str, &str, &str)] = &[(
    "wireshark/captures/wireguard-ping-tcp-dsb.pcapng",
    "lekensteyn.nl",
    "inside WireGuard; tshark decrypts it with the secrets in the file, which Firstlight does not use",
)];

/// Fields of tshark that give a name, and those of ours.
const THEIRS: [&str; 3] =
    ["tls.handshake.extensions_server_name", "dtls.handshake.extensions_server_name", "gquic.tag.sni"];
const OURS: [&str; 3] =
    ["tls.handshake.extensions_server_name", "dtls.handshake.extensions_server_name", "quic.tag.sni"];

/// A connection and a name asked for in it.
type Asked = (FlowId, String);

/// What both say of a capture.
#[derive(Default)]
struct Said {
    both: BTreeSet<Asked>,
    missed: BTreeSet<Asked>,
    ours_alone: BTreeSet<Asked>,
}

#[test]
fn every_name_that_tshark_finds_in_a_hello_is_found() {
    let Some(corpus) = corpus("names that tshark finds (names)") else { return };
    if !is_installed() {
        say(&format!("left out, {RELEASE}x is not installed: names that tshark finds"));
        return;
    }
    let said = compare_all(&corpus, &captures(&corpus));
    let sum = |of: fn(&Said) -> &BTreeSet<Asked>| said.values().map(|said| of(said).len()).sum::<usize>();
    let (both, missed, ours_alone) = (sum(|said| &said.both), sum(|said| &said.missed), sum(|said| &said.ours_alone));
    say(&format!("tshark: {both} names matched, {missed} missing, {ours_alone} that only Firstlight gives"));

    let missed: BTreeSet<(&str, &str)> = said
        .iter()
        .flat_map(|(capture, said)| said.missed.iter().map(|(_, name)| (capture.as_str(), name.as_str())))
        .collect();
    let listed: BTreeSet<(&str, &str)> = MISSED.iter().map(|(capture, name, _)| (*capture, *name)).collect();
    let mut offenders: Vec<_> =
        missed.difference(&listed).map(|it| format!("missing, and not listed: {it:?}")).collect();
    offenders.extend(listed.difference(&missed).map(|it| format!("listed, but not missing: {it:?}")));
    assert_none("names that tshark finds", &offenders);
    assert!(both > 500, "{both} names were compared");
    hold_page("docs/coverage.md", HEADING, &page(&said));
}

fn is_installed() -> bool {
    let version = Command::new("tshark").arg("--version").output();
    version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).starts_with(RELEASE))
}

/// The captures of which the catalogue says that they have TLS, QUIC or DTLS: tshark is not started for each of them all.
fn captures(corpus: &Path) -> Vec<String> {
    let catalogue = fs::read_to_string(corpus.join("CATALOG.tsv")).expect("the corpus has a catalogue");
    let mut captures = BTreeSet::new();
    for line in catalogue.lines().skip(1) {
        let mut columns = line.split('\t');
        let (name, exercises) = (columns.next().unwrap_or_default(), columns.nth(8).unwrap_or_default());
        let exercises = exercises.to_ascii_lowercase();
        if ["tls", "ssl", "quic", "https"].iter().any(|word| exercises.contains(word)) {
            captures.insert(name.to_owned());
        }
    }
    captures.into_iter().collect()
}

fn compare_all(corpus: &Path, captures: &[String]) -> BTreeMap<String, Said> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(capture) = captures.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let path = corpus.join(capture);
                    let said = compare(&theirs(&path), &ours(&path));
                    results.lock().expect("no thread panicked").insert(capture.clone(), said);
                }
            });
        }
    });
    results.into_inner().expect("no thread panicked")
}

/// Where tshark shows addresses of several layers, it is enough that we have the name on one of them.
fn compare(theirs: &[(Vec<FlowId>, String)], ours: &BTreeSet<Asked>) -> Said {
    let mut said = Said::default();
    for (flows, name) in theirs {
        let candidates: Vec<Asked> = flows.iter().map(|flow| (flow.clone(), name.clone())).collect();
        match candidates.iter().find(|candidate| ours.contains(candidate)) {
            Some(found) => {
                said.both.insert(found.clone());
            }
            None => said.missed.extend(candidates.into_iter().next()),
        }
    }
    said.ours_alone = ours.difference(&said.both).cloned().collect();
    said
}

fn theirs(path: &Path) -> Vec<(Vec<FlowId>, String)> {
    let filter = THEIRS.join(" || ");
    let places =
        ["ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport"];
    let mut tshark = Command::new("tshark");
    tshark.arg("-n").arg("-r").arg(path).args(["-Y", &filter, "-T", "fields", "-E", "aggregator=;"]);
    for field in places.iter().chain(&THEIRS) {
        tshark.args(["-e", field]);
    }
    let output = tshark.output().expect("tshark can be started");
    String::from_utf8_lossy(&output.stdout).lines().flat_map(names_of_line).collect()
}

/// The names of one packet with the connections that it may belong to, the innermost first.
fn names_of_line(line: &str) -> Vec<(Vec<FlowId>, String)> {
    let columns: Vec<Vec<&str>> =
        line.split('\t').map(|cell| cell.split(';').filter(|part| !part.is_empty()).collect()).collect();
    let column = |at: usize| columns.get(at).map_or(&[][..], Vec::as_slice);
    let mut flows = Vec::new();
    for (transport, ports) in [(6, 4), (17, 6)] {
        for addresses in [0, 2] {
            let ends = |side: usize| {
                let ports = column(ports + side).iter().rev();
                let all = ports.flat_map(move |port| column(addresses + side).iter().rev().map(move |it| (*it, *port)));
                all.filter_map(|(it, port)| Some((it.parse::<IpAddr>().ok()?, port.parse().ok())))
            };
            for from in ends(0) {
                flows.extend(ends(1).map(|to| FlowId::new(Some(transport), from, to).0));
            }
        }
    }
    let names = (8..columns.len()).flat_map(column).map(|name| (flows.clone(), normal(name)));
    names.collect()
}

fn ours(path: &Path) -> BTreeSet<Asked> {
    let inputs = [firstlight_capture::Input::Path(path.to_path_buf())];
    let source = firstlight_capture::open(&inputs, &firstlight_capture::Options::default());
    let Ok(source) = source else { return BTreeSet::new() };
    let flows = firstlight_engine::flows(source, &firstlight_engine::Options::default());
    flows.iter().flat_map(|flow| names_of_flow(flow).map(|name| (id(flow), name))).collect()
}

fn names_of_flow(flow: &FlowView) -> impl Iterator<Item = String> {
    flow.names.iter().filter(|(field, _)| OURS.contains(field)).map(|(_, name)| normal(name))
}

fn id(flow: &FlowView) -> FlowId {
    let end = |end: &firstlight_model::Endpoint| (end.address, Some(end.port));
    FlowId::new(Some(flow.transport.0), end(&flow.originator), end(&flow.responder)).0
}

fn normal(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn page(said: &BTreeMap<String, Said>) -> String {
    let with = |of: fn(&Said) -> &BTreeSet<Asked>| said.iter().filter(move |(_, said)| !of(said).is_empty());
    let both: usize = said.values().map(|said| said.both.len()).sum();
    let missed: usize = said.values().map(|said| said.missed.len()).sum();
    let mut page = format!(
        "{HEADING}In hellos of TLS, QUIC and DTLS, connection by connection, by {RELEASE}x, over the {} captures of which the\n\
         corpus's catalogue says that they have such: {both} of {} names are found. Made by `FIRSTLIGHT_RENEW=1 cargo test -p\nfirstlight-house --test names`, which holds this part.\n\nNot found, and why:\n\n| capture | name | cause |\n|---|---|---|\n",
        said.len(),
        both + missed,
    );
    for (capture, name, cause) in MISSED {
        let _ = writeln!(page, "| {capture} | {name} | {cause} |");
    }
    page.push_str("\nFound by Firstlight alone:\n\n| capture | names | for example |\n|---|--:|---|\n");
    for (capture, said) in with(|said| &said.ours_alone) {
        let example = said.ours_alone.first().map_or("", |(_, name)| name);
        let _ = writeln!(page, "| {capture} | {} | `{}` |", said.ours_alone.len(), cell(example));
    }
    page.push_str("\n<details><summary>Names found, by capture</summary>\n\n| capture | found |\n|---|--:|\n");
    for (capture, said) in with(|said| &said.both) {
        let _ = writeln!(page, "| {capture} | {} of {} |", said.both.len(), said.both.len() + said.missed.len());
    }
    page.push_str("\n</details>\n");
    page
}

/// A name from the wire, as it may stand in a table.
fn cell(name: &str) -> String {
    name.chars().map(|it| if it.is_ascii_graphic() && !matches!(it, '|' | '`') { it } else { '?' }).take(80).collect()
}

#[test]
fn a_name_counts_on_the_innermost_connection_that_has_it_and_only_there() {
    let line = "10.0.0.1;192.0.2.1\t10.0.0.2;192.0.2.2\t\t\t5000\t443\t\t\tWww.Example.org.\t\t";
    let theirs = names_of_line(line);
    let end = |last: u8, port| (IpAddr::from([192, 0, 2, last]), Some(port));
    let inner = FlowId::new(Some(6), end(2, 443), end(1, 5000)).0;
    let ours = BTreeSet::from([(inner.clone(), "www.example.org".to_owned()), (inner.clone(), "other".to_owned())]);
    let said = compare(&theirs, &ours);
    assert_eq!((said.both.len(), said.missed.len(), said.ours_alone.len()), (1, 0, 1));
    let said = compare(&theirs, &BTreeSet::from([(inner, "www.example.com".to_owned())]));
    assert_eq!((said.both.len(), said.missed.len(), said.ours_alone.len()), (0, 1, 1));
}
