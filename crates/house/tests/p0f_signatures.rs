//! p0f's raw signatures of every SYN and SYN+ACK: against the p0f that is installed, where one is, and against what
//! another implementation of it (huginn-net) says of its own captures.
//!
//! huginn-net also gives answers' signatures to segments that are no SYN, which p0f does not: those are only looked for
//! among such segments, by their windows. p0f says one signature for the first SYN of a connection and one for the answer; every one of them has to be among
//! those of Firstlight for the same ends. The other way round nothing is asked: p0f looks into no tunnel, reads no
//! pcapng with several interfaces, and takes a repeated SYN for the first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};

use firstlight_analysis::{p0f, syn_remarks};
use firstlight_house::{assert_none, corpus, say};
use firstlight_knowledge::p0f::{Observed, P0fBook};
use firstlight_model::{Network, Segment, TcpFlags};

/// Signatures by sender, receiver and whether it is an answer.
type Signatures = BTreeMap<Ends, BTreeSet<String>>;

/// Records of huginn-net that differ, and why.
const HUGINN_DIFFERS: &[(&str, &str, &str)] = &[(
    "huginn/pcap/macos_tcp_flags.pcap",
    "4:63+1:0:1134:mtu*45,8:mss,sok,ts,nop,ws:df,ecn:0",
    "the window of 51030 is 45 times 1134, the MSS; p0f itself says mss*45, as Firstlight does",
)];

#[test]
fn every_signature_is_the_one_that_the_p0f_here_writes() {
    let Some(corpus) = corpus("signatures of the installed p0f (p0f_signatures)") else { return };
    if Command::new("p0f").arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        say("left out, p0f is not installed: its signatures of all captures");
        return;
    }
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join("p0f.log");
    let catalogue = fs::read_to_string(corpus.join("CATALOG.tsv")).unwrap();
    let (mut compared, mut answers, mut labels, mut offenders) = (0_u64, 0_u64, 0_u64, Vec::new());
    // The installed p0f has a file of signatures with it: it is read as a user's own.
    let book = fs::read_to_string("/etc/p0f/p0f.fp").ok().map(|text| P0fBook::read(&text).unwrap());
    for capture in catalogue.lines().skip(1).filter_map(|line| line.split('\t').next()) {
        let path = corpus.join(capture);
        let _ = fs::remove_file(&log);
        let mut run = Command::new("p0f");
        run.arg("-r").arg(&path).arg("-o").arg(&log).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let _ = run.status().unwrap();
        let theirs = fs::read(&log).unwrap_or_default();
        let theirs = of_p0f(&String::from_utf8_lossy(&theirs));
        if theirs.is_empty() {
            continue;
        }
        let seen = seen(&path);
        let ours = &seen.signatures;
        for (ends, signature, system) in theirs {
            if let (Some(book), Some(packet)) = (&book, seen.packets.get(&(ends, signature.clone()))) {
                labels += 1;
                let found = book.find(packet, ends.2);
                let mine = found.as_ref().map_or("???", |found| found.label.as_str());
                let roughly = found.as_ref().is_some_and(|found| found.is_rough);
                if (mine, roughly) != (system.0.as_str(), system.1) {
                    offenders.push(format!("{capture} {signature}: p0f {system:?}, ours {mine} {roughly}"));
                }
            }
            compared += 1;
            answers += u64::from(ends.2);
            let mine = ours.get(&ends);
            if !mine.is_some_and(|mine| mine.contains(&signature)) {
                offenders
                    .push(format!("{capture} {} > {}:\n    theirs {signature}\n    ours   {mine:?}", ends.0, ends.1));
            }
        }
    }
    let _ = fs::remove_file(&log);
    say(&format!("p0f here: {compared} signatures of all captures, {answers} of them of answers; {labels} labels"));
    assert!(compared > 9_000 && answers > 3_000, "{compared} signatures were found, {answers} of answers");
    assert_none("signatures that differ from p0f's", &offenders);
}

/// Sender, receiver, and whether it is an answer.
type Ends = (SocketAddr, SocketAddr, bool);

/// Ends, signature, and label (with whether it fits only roughly) of each line with a signature.
fn of_p0f(log: &str) -> Vec<(Ends, String, (String, bool))> {
    let mut found = Vec::new();
    for line in log.lines() {
        let fields: BTreeMap<&str, &str> =
            line.split_once("] ").map_or("", |(_, rest)| rest).split('|').filter_map(|it| it.split_once('=')).collect();
        let end = |name: &str| {
            let (address, port) = fields.get(name)?.rsplit_once('/')?;
            Some(SocketAddr::new(address.parse::<IpAddr>().ok()?, port.parse().ok()?))
        };
        let (Some(client), Some(server), Some(signature)) = (end("cli"), end("srv"), fields.get("raw_sig")) else {
            continue;
        };
        let is_rough = fields.get("params").is_some_and(|params| params.split(' ').any(|param| param == "fuzzy"));
        let system = (fields.get("os").or(fields.get("app")).copied().unwrap_or("???").to_owned(), is_rough);
        match fields.get("mod") {
            Some(&"syn") => found.push(((client, server, false), (*signature).to_owned(), system)),
            Some(&"syn+ack") => found.push(((server, client, true), (*signature).to_owned(), system)),
            _ => {}
        }
    }
    found
}

/// What is seen in a capture.
#[derive(Default)]
struct Seen {
    signatures: Signatures,
    /// By ends and signature.
    packets: BTreeMap<(Ends, String), Observed>,
    /// Ends and windows of the segments that are no SYN.
    windows: BTreeSet<(SocketAddr, SocketAddr, u16)>,
}

/// The signatures of a capture. An answer's is made with the MSS of the first SYN between its ends.
fn seen(capture: &Path) -> Seen {
    let inputs = [firstlight_capture::Input::Path(capture.to_path_buf())];
    let mut source = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()).unwrap();
    let mut found = Seen::default();
    let mut offers: BTreeMap<(SocketAddr, SocketAddr), Option<u16>> = BTreeMap::new();
    while let Some(frame) = source.next() {
        let packet = firstlight_wire::parse(frame.link_type, frame.data, frame.original_len);
        let (Network::Ip(ip), Segment::Tcp(tcp)) = (&packet.network, &packet.segment) else { continue };
        let source = SocketAddr::new(ip.source, tcp.source_port);
        let destination = SocketAddr::new(ip.destination, tcp.destination_port);
        if !tcp.flags.has(TcpFlags::SYN) {
            found.windows.insert((source, destination, tcp.window));
            continue;
        }
        let is_answer = tcp.flags.has(TcpFlags::ACK);
        let peer = if is_answer {
            offers.get(&(destination, source)).copied().flatten()
        } else {
            offers.entry((source, destination)).or_insert_with(|| syn_remarks::mss(tcp));
            None
        };
        let signature = p0f::raw_signature(ip, tcp, peer);
        let mss = syn_remarks::mss(tcp).unwrap_or(0);
        if let Some(packet) = Observed::new(&signature, tcp.window, mss) {
            found.packets.insert(((source, destination, is_answer), signature.clone()), packet);
        }
        found.signatures.entry((source, destination, is_answer)).or_default().insert(signature);
    }
    found
}

#[test]
fn every_signature_is_the_one_of_huginn_net() {
    let Some(corpus) = corpus("signatures of huginn-net (p0f_signatures)") else { return };
    let records = fs::read_to_string(corpus.join("expected.jsonl")).unwrap();
    let (mut compared, mut offenders, mut differs) = (0_u64, Vec::new(), BTreeSet::new());
    let mut known: BTreeMap<String, Seen> = BTreeMap::new();
    let mut no_syns = 0_u64;
    for record in records.lines().filter(|line| line.contains("\"huginn\"")) {
        let record: serde_json::Value = serde_json::from_str(record).unwrap();
        let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        let port = |key: &str| u16::try_from(record[key].as_u64().unwrap_or_default()).unwrap();
        let (kind, pcap, theirs) = (text("kind"), text("pcap"), text("sig"));
        if !kind.starts_with("p0f_syn") {
            continue;
        }
        let end = |address: &str, number: &str| SocketAddr::new(text(address).parse().unwrap(), port(number));
        let ends = (end("a", "ap"), end("b", "bp"), kind == "p0f_syn_ack");
        let ours = known.entry(pcap.clone()).or_insert_with(|| seen(&corpus.join(&pcap)));
        // Version, hop limit, options of IP, MSS, window and scale, layout.
        let parts: Vec<&str> = theirs.split([':', ',']).collect();
        if parts.get(3) == Some(&"*") && parts.get(5) == Some(&"*") {
            let window: u16 =
                parts.get(4).and_then(|it| it.parse().ok()).expect("a segment without SYN has a plain window");
            no_syns += 1;
            if !ours.windows.contains(&(ends.0, ends.1, window)) {
                offenders
                    .push(format!("{pcap} {} > {}: no segment without SYN has the window of {theirs}", ends.0, ends.1));
            }
            continue;
        }
        compared += 1;
        let mine = ours.signatures.get(&ends);
        if mine.is_some_and(|mine| mine.contains(&theirs)) {
            continue;
        }
        match HUGINN_DIFFERS.iter().find(|(file, sig, _)| *file == pcap && *sig == theirs) {
            Some((file, sig, _)) => drop(differs.insert((*file, *sig))),
            None => {
                offenders.push(format!("{pcap} {} > {}:\n    theirs {theirs}\n    ours   {mine:?}", ends.0, ends.1))
            }
        }
    }
    for (file, sig, why) in HUGINN_DIFFERS {
        if !differs.contains(&(*file, *sig)) {
            offenders.push(format!("{file} {sig} stands in HUGINN_DIFFERS, but does not differ: {why}"));
        }
    }
    say(&format!(
        "huginn-net: {compared} signatures, {} listed as different; {no_syns} of segments that are no SYN",
        differs.len()
    ));
    assert!(compared >= 2 && no_syns >= 40, "{compared} signatures were found, {no_syns} of segments that are no SYN");
    assert_none("signatures that differ from huginn-net's", &offenders);
}
