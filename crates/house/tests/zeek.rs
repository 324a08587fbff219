//! The logs in Zeek's form held against the logs that Zeek itself writes of the captures of the corpus, column by column.
//! Every column in which a line differs is listed with how many do, and who is right; one that is not listed fails, and
//! one whose number is another fails.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use std::{fs, rc::Rc};

use firstlight_house::{assert_none, corpus, say};
use firstlight_report::zeek::{Logs, Notation};
use serde_json::{Map, Value};

/// Log and column, how many lines differ, why.
const DIFFERENCES: &[(&str, &str, usize, &str)] = &[
    (
        "conn",
        "conn_state",
        6,
        "Zeek was told to end half-open connections early (5); it drops packets with a bad checksum (1)",
    ),
    (
        "conn",
        "duration",
        20,
        "Zeek leaves out what comes after both sides have closed; connections that it was told to end early",
    ),
    ("conn", "history", 19, "Zeek was told not to look at checksums, or to end half-open connections early"),
    ("conn", "orig_bytes", 14, "8 with padding of the link counted by us; 5 of half-open connections"),
    ("conn", "orig_ip_bytes", 15, "likewise; packets with a bad checksum"),
    ("conn", "orig_pkts", 7, "half-open connections that Zeek was told to end early, packets with a bad checksum"),
    ("conn", "resp_bytes", 2, "Zeek goes by the sequence number of the FIN, we by what is in the capture"),
    ("conn", "resp_ip_bytes", 1, "a time-out that Zeek was told of"),
    ("conn", "resp_pkts", 1, "likewise"),
    ("conn", "service", 36, "scripts that look at no protocol; we know SSH from one side and DHCPv6"),
    ("conn", "tunnel_parents", 20, "not known"),
    ("conn", "", 38, "tunnels are opened, and have no line of their own; padding on a link taken for a protocol"),
    ("dns", "AA", 2, "Zeek sets it only where there is an answer"),
    ("dns", "RA", 2, "likewise"),
    ("dns", "RD", 1, "an answer without its question has the bit as well"),
    ("dns", "Z", 1, "likewise"),
    ("dns", "qclass", 2, "likewise"),
    ("dns", "qclass_name", 2, "likewise"),
    ("dns", "qtype", 2, "likewise"),
    ("dns", "qtype_name", 2, "likewise"),
    ("dns", "rtt", 6, "an answer without records is one"),
    ("dns", "answers", 11, "records of types that are not read are unset"),
    ("dns", "TTLs", 2, "Zeek leaves out records of which it writes nothing"),
    ("dns", "id.orig_h", 1, "both ends have port 53: the first sender is the originator"),
    ("dns", "id.resp_h", 1, "likewise"),
    ("dns", "", 2, "dynamic updates are not read"),
    ("http", "host", 12, "without the port, in lower case"),
    ("http", "info_code", 1, "not known"),
    ("http", "info_msg", 1, "not known"),
    ("http", "method", 1, "a request without a target is none"),
    ("http", "orig_filenames", 1, "not known"),
    ("http", "orig_fuids", 6, "not known"),
    ("http", "orig_mime_types", 2, "not known"),
    ("http", "password", 2, "left out"),
    ("http", "username", 2, "left out"),
    ("http", "proxied", 1, "not known"),
    ("http", "resp_filenames", 1, "not known"),
    ("http", "resp_fuids", 41, "not known"),
    ("http", "resp_mime_types", 37, "not known"),
    ("http", "response_body_len", 10, "Zeek counts what is unpacked, we what was sent; HTTP/0.9 is not read"),
    ("http", "status_code", 3, "HTTP/0.9 is not read"),
    ("http", "status_msg", 3, "likewise"),
    ("http", "uri", 2, "Zeek decodes %20 and so on"),
    ("http", "version", 3, "HTTP/0.9 is not read"),
    ("http", "", 4, "Zeek was told to look for HTTP in DNS (1); HTTP/0.9 is not read (3)"),
    ("quic", "history", 6, "not known"),
    ("ssl", "cert_chain_fps", 17, "not known"),
    ("ssl", "curve", 16, "known of TLS 1.3 only"),
    ("ssl", "established", 1, "what follows the change to encryption is an error in clear"),
    ("ssl", "resumed", 1, "an experiment's version is not taken for TLS 1.3"),
    ("ssl", "sni_matches_cert", 1, "the certificate is over many records: not whole"),
    ("ssl", "ssl_history", 25, "not known"),
    ("ssl", "version", 1, "an experiment's version"),
];

const LOGS: [&str; 7] = ["conn", "dns", "ssl", "quic", "http", "dhcp", "ntp"];

type Line = BTreeMap<String, String>;

#[test]
fn lines_are_those_that_zeek_writes_or_it_is_said_why_not() {
    let Some(corpus) = corpus("comparison with Zeek's logs (zeek)") else { return };
    // By capture, then by test and log.
    let mut theirs: BTreeMap<String, BTreeMap<(String, &str), Vec<Line>>> = BTreeMap::new();
    for line in fs::read_to_string(corpus.join("expected.jsonl")).unwrap().lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let text = |field: &str| record[field].as_str().unwrap_or_default().to_owned();
        let kind = text("kind");
        let log = LOGS.into_iter().find(|log| kind.split(['.', '-']).next() == Some(log));
        let Some(log) = log.filter(|_| record["oracle"] == "zeek") else { continue };
        // Some tests write columns under other names, or few of them.
        let is_whole = log == "dhcp" || record["z"].get("id.orig_h").is_some();
        if !is_whole {
            continue;
        }
        let of_capture = theirs.entry(text("pcap")).or_default();
        of_capture.entry((text("test") + &kind, log)).or_default().push(cells(record["z"].as_object().unwrap()));
    }
    let mut compared: BTreeMap<(&str, String), (usize, usize)> = BTreeMap::new();
    for (capture, of_capture) in &theirs {
        let ours = logs(&corpus.join(capture));
        for ((_, log), lines) in of_capture {
            compare(log, lines, ours.get(log).map_or(&[], Vec::as_slice), &mut compared);
        }
    }
    let mut offenders = Vec::new();
    let mut table = String::from("\nlog   column                 lines  equal\n");
    let listed =
        |log: &str, column: &str| DIFFERENCES.iter().find(|it| it.0 == log && it.1 == column).map_or(0, |it| it.2);
    for ((log, column), (all, equal)) in &compared {
        writeln!(table, "{log:5} {column:20} {all:7} {equal:6}").unwrap();
        let differ = all - equal;
        if differ != listed(log, column) {
            offenders.push(format!("{log} {column}: {differ} differ, {} are listed", listed(log, column)));
        }
    }
    say(&table);
    let seen: BTreeSet<_> = compared.keys().map(|(log, column)| (*log, column.as_str())).collect();
    let unseen = DIFFERENCES.iter().filter(|it| !seen.contains(&(it.0, it.1)));
    offenders.extend(unseen.map(|it| format!("listed, but not compared: {} {}", it.0, it.1)));
    let lines: usize = compared.iter().filter(|((_, column), _)| column.is_empty()).map(|(_, (all, _))| all).sum();
    assert!(lines > 380, "{lines} lines were compared");
    assert_none("differences from Zeek's logs", &offenders);
}

/// A line is that of ours between the same ends, of the same transaction, in which most columns are equal.
fn compare<'a>(
    log: &'a str,
    theirs: &[Line],
    ours: &[Line],
    compared: &mut BTreeMap<(&'a str, String), (usize, usize)>,
) {
    const OF_THE_RUN: &[&str] = &["uid", "uids", "ts", "community_id"];
    let mut used = BTreeSet::new();
    for their in theirs {
        let equal = |our: &Line, column: &String| our.get(column) == their.get(column);
        let best = ours
            .iter()
            .enumerate()
            .filter(|(at, our)| !used.contains(at) && key(log, our) == key(log, their))
            .max_by_key(|(at, our)| (their.keys().filter(|column| equal(our, column)).count(), usize::MAX - at));
        let found = compared.entry((log, String::new())).or_default();
        found.0 += 1;
        let Some((at, our)) = best else { continue };
        found.1 += 1;
        used.insert(at);
        let columns: BTreeSet<&String> = our.keys().chain(their.keys()).collect();
        for column in columns.into_iter().filter(|column| !OF_THE_RUN.contains(&column.as_str())) {
            let count = compared.entry((log, column.clone())).or_default();
            count.0 += 1;
            count.1 += usize::from(equal(our, column));
        }
    }
}

fn key(log: &str, line: &Line) -> Vec<String> {
    let of = |columns: &[&str]| columns.iter().map(|column| line.get(*column).cloned().unwrap_or_default()).collect();
    let transaction: Vec<String> = match log {
        "dhcp" => return of(&["msg_types"]),
        "dns" => of(&["proto", "trans_id", "query"]),
        "ntp" => of(&["xmt_time", "mode"]),
        "http" => of(&["trans_depth"]),
        _ => of(&["proto"]),
    };
    let mut ends = [of(&["id.orig_h", "id.orig_p"]), of(&["id.resp_h", "id.resp_p"])];
    ends.sort();
    ends.concat().into_iter().chain(transaction).collect()
}

/// Columns that are set, as Zeek's text has them. The records of the corpus leave out what is empty, and columns that a
/// script of a test has added.
fn cells(line: &Map<String, Value>) -> Line {
    const ADDED: &[&str] = &[
        "vlan",
        "inner_vlan",
        "auth",
        "addl",
        "validation_status",
        "subject",
        "issuer",
        "client_subject",
        "client_issuer",
        "requested_client_certificate_authorities",
        "circuit_id",
        "agent_remote_id",
        "subscriber_id",
        "client_header_names",
        "server_header_names",
    ];
    let cells = line.iter().filter(|(column, _)| !ADDED.contains(&column.as_str()));
    let cells = cells.map(|(column, cell)| (column.clone(), cell.as_str().unwrap_or_default().to_owned()));
    cells.filter(|(_, cell)| !["-", "(empty)", ""].contains(&cell.as_str())).collect()
}

struct Page(Rc<RefCell<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Our lines of a capture, by log.
fn logs(capture: &Path) -> BTreeMap<&'static str, Vec<Line>> {
    let inputs = [firstlight_capture::Input::Path(capture.to_path_buf())];
    let source = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()).unwrap();
    let mut pages: Vec<(&'static str, Rc<RefCell<Vec<u8>>>)> = Vec::new();
    let mut open = |name| {
        let page = Rc::default();
        pages.push((name, Rc::clone(&page)));
        Ok(Box::new(Page(page)) as Box<dyn Write>)
    };
    let mut logs = Logs::new(Notation::Tabs, &mut open);
    let options = firstlight_engine::Options::default();
    firstlight_engine::watched(source, &options, &mut |_| {}, &mut |talk, event| logs.take(talk, event));
    logs.finish().unwrap();
    let lines = |text: &str| {
        let fields = text.lines().find_map(|line| line.strip_prefix("#fields\t")).unwrap().to_owned();
        let rows = text.lines().filter(|line| !line.starts_with('#'));
        let rows = rows.map(|row| {
            let cells = row.split('\t').map(Value::from);
            crate::cells(&fields.split('\t').map(str::to_owned).zip(cells).collect())
        });
        rows.collect()
    };
    pages.into_iter().map(|(name, page)| (name, lines(std::str::from_utf8(&page.borrow()).unwrap()))).collect()
}
