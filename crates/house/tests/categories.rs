//! What nDPI calls a connectivity check or an update of software is one for Firstlight, too: by the records of nDPI that
//! lie beside the corpus, and by `ndpiReader` over every capture with names, where that is installed. The table is a
//! part of `docs/coverage.md`; it is held only with the release of nDPI by which it was written.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use firstlight_capture::Input;
use firstlight_engine::Options;
use firstlight_house::page::hold_page;
use firstlight_house::{corpus, files_below, say};
use firstlight_knowledge::{Query, explain};
use firstlight_model::report::Report;
use serde_json::Value;

const HEADING: &str = "\n## Categories that nDPI gives\n";

/// The release by which the page is written.
const RELEASE: &str = "nDPI 4.2";

/// Share of flows of which both say the same.
const AGREEMENT: f64 = 0.95;

/// Files beyond this are left to Firstlight alone: they are other tools' captures made to be large.
const MAX_BYTES: u64 = 4 << 20;

/// nDPI's words and what they are called here. Its `SoftwareUpdate` is also the word for shops of applications, which it
/// has no other for.
const WORDS: &[(&str, &[&str])] =
    &[("ConnCheck", &["connectivity-check"]), ("SoftwareUpdate", &["software-update", "app-update", "app-store"])];

/// What nDPI says of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    category: &'static str,
    host: String,
    path: Option<String>,
}

/// Of a line of `ndpiReader -v 2`; `None` for other categories and flows without a name.
fn said(line: &str) -> Option<Said> {
    let field = |begin: &str| Some(line.split_once(begin)?.1.split(']').next().unwrap_or_default().to_owned());
    let category = field("[cat: ")?;
    let category = category.split('/').next().unwrap_or_default();
    let (category, _) = WORDS.iter().find(|(word, _)| *word == category)?;
    let host = field("[Hostname/SNI: ")?;
    let path = field("[URL: ").and_then(|url| Some(url.get(url.find('/')?..)?.to_owned()));
    Some(Said { category, host, path })
}

/// Of a record that lies beside the corpus.
fn recorded(record: &Value) -> Option<Said> {
    let (category, _) = WORDS.iter().find(|(word, _)| record["cat"] == *word)?;
    let path = record["url"].as_str().and_then(|url| Some(url.get(url.find('/')?..)?.to_owned()));
    Some(Said { category, host: record["host"].as_str()?.to_owned(), path })
}

/// Flows of one name, and what Firstlight says of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Compared {
    flows: u64,
    equal: u64,
    ours: String,
}

impl Compared {
    fn merge(&mut self, other: Self) {
        self.flows += other.flows;
        self.equal += other.equal;
        // Captures in which different rules speak: the first word in order stands for all.
        if self.ours.is_empty() || other.ours < self.ours {
            self.ours = other.ours;
        }
    }
}

/// What is said of the names of both.
type Sums = BTreeMap<(&'static str, String), Compared>;

/// Compares the flows of a capture that has names.
fn by_reader(path: &Path, sums: &Mutex<Sums>) {
    let Some(report) = read(path).filter(|_| path.metadata().unwrap().len() < MAX_BYTES) else { return };
    let has_names = report.contacts.iter().any(|contact| contact.name.is_some())
        || report.summary.iter().any(|summary| summary.dns_names > 0);
    let text = path.to_str().filter(|_| has_names).and_then(|path| ndpi(&["-i", path, "-v", "2"]));
    for said in text.iter().flat_map(|text| text.lines()).filter_map(said) {
        compare(&said, &report, &mut sums.lock().unwrap());
    }
}

fn compare(said: &Said, report: &Report, sums: &mut Sums) {
    // What a capture's contact is for, where it has one of that name; of a name that was only looked up, what the
    // tables say of it.
    let contact = report.contacts.iter().find(|contact| contact.name.as_deref() == Some(&said.host));
    let category = contact.and_then(|contact| contact.knowledge.category.clone()).or_else(|| {
        let query = Query { name: Some(&said.host), path: said.path.as_deref(), ..Query::default() };
        explain(&query).category.map(str::to_owned)
    });
    let words = WORDS.iter().find(|(word, _)| *word == said.category).map_or(&[][..], |(_, words)| words);
    let is_equal = category.as_deref().is_some_and(|category| words.contains(&category));
    let ours = category.unwrap_or_else(|| "nobody knows".to_owned());
    let one = Compared { flows: 1, equal: u64::from(is_equal), ours };
    sums.entry((said.category, said.host.clone())).or_default().merge(one);
}

fn read(path: &Path) -> Option<Report> {
    let inputs = [Input::Path(path.to_path_buf())];
    let source = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()).ok()?;
    Some(firstlight_engine::report(source, &Options::default(), &mut |_| {}))
}

fn ndpi(arguments: &[&str]) -> Option<String> {
    let output = Command::new("ndpiReader").args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn connectivity_checks_and_updates_are_such_for_ndpi_too() {
    let Some(corpus) = corpus("categories of nDPI") else { return };
    let mut sums = Sums::new();
    let expected = fs::read_to_string(corpus.join("expected.jsonl")).unwrap();
    let records = expected.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    for record in records.filter(|record| record["oracle"] == "ndpi") {
        if let (Some(said), Some(pcap)) = (recorded(&record), record["pcap"].as_str()) {
            compare(&said, &read(&corpus.join(pcap)).unwrap(), &mut sums);
        }
    }
    assert!(!sums.is_empty(), "the records name such flows");
    let release = ndpi(&["-h"]);
    match &release {
        None => say("left out, ndpiReader is not installed: categories over all captures"),
        Some(_) => {
            let paths: Vec<PathBuf> = files_below(&corpus);
            let next = AtomicUsize::new(0);
            let found = Mutex::new(BTreeMap::new());
            thread::scope(|scope| {
                for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                    scope.spawn(|| {
                        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                            by_reader(path, &found);
                        }
                    });
                }
            });
            for (key, sum) in found.into_inner().unwrap() {
                sums.entry(key).or_default().merge(sum);
            }
        }
    }
    let total = |of: fn(&Compared) -> u64| sums.values().map(of).sum::<u64>();
    let (flows, equal) = (total(|sum| sum.flows), total(|sum| sum.equal));
    say(&format!("{equal} of {flows} flows of nDPI's ConnCheck and SoftwareUpdate are such for Firstlight"));
    assert!(equal as f64 >= AGREEMENT * flows as f64, "{sums:#?}");
    if release.is_some_and(|text| text.contains(RELEASE)) {
        hold_page("docs/coverage.md", HEADING, &page(flows, equal, &sums));
    }
}

fn page(flows: u64, equal: u64, sums: &Sums) -> String {
    let mut page = format!(
        "{HEADING}Of {flows} flows that {RELEASE} calls `ConnCheck` or `SoftwareUpdate`, over the captures of the corpus with names, {equal}\n\
         are that for Firstlight. nDPI has no word for shops of applications and calls them `SoftwareUpdate`. Made by\n\
         `FIRSTLIGHT_RENEW=1 cargo test -p firstlight-house --test categories`, which holds this part.\n\n\
         | nDPI | name | flows | Firstlight | agree |\n|---|---|--:|---|--:|\n"
    );
    for ((category, host), sum) in sums {
        let host: String =
            host.chars().map(|it| if it.is_ascii_graphic() && !matches!(it, '|' | '`') { it } else { '?' }).collect();
        let _ = writeln!(page, "| {category} | `{host}` | {} | {} | {} |", sum.flows, sum.ours, sum.equal);
    }
    page
}

#[test]
fn lines_of_ndpi_reader_are_understood() {
    let line = "\t1\tTCP 10.0.0.1:5000 <-> 192.0.2.1:80 [proto: 7/HTTP][cat: ConnCheck/30][Hostname/SNI: a.example]\
                [URL: a.example/x?y][StatusCode: 200]";
    let expected = Said { category: "ConnCheck", host: "a.example".to_owned(), path: Some("/x?y".to_owned()) };
    assert_eq!(said(line), Some(expected));
    assert_eq!(said("\t1\tUDP [cat: Web/5][Hostname/SNI: a.example]"), None);
    assert_eq!(said("\t1\tUDP [cat: ConnCheck/30]"), None);
}
