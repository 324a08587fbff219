//! Every capture of the corpus through the built program, with its address space limited: none makes it panic or grow,
//! the JSON is whole, the exit status is honest, and as many packets are counted as other readers count.
//!
//! `READERS.tsv` has the counts of capinfos and tcpdump. Where they disagree, capinfos is right for pcapng with several
//! interfaces, and tcpdump for link types that capinfos does not know.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{fs, thread};

use firstlight_house::{assert_none, binary, corpus, say};
use serde_json::Value;

/// Address space in KiB, and processor time in seconds, that one capture may take; a debug build may take longer.
const LIMITS: &str = if cfg!(debug_assertions) {
    "ulimit -v 1048576 && ulimit -t 60 && ulimit -c 0 && exec \"$0\" \"$@\""
} else {
    "ulimit -v 1048576 && ulimit -t 10 && ulimit -c 0 && exec \"$0\" \"$@\""
};

/// tcpdump's words for a file that cannot be read to its end. Its other refusals (several interfaces that differ in
/// type or snap length, no interface and no packet, snoop) are limits of its own: such files are whole.
const UNREADABLE: &[&str] = &["truncated", "archaic", "unsupported pcapng savefile version"];

/// What other readers say of a file.
struct Reading {
    packets: Option<u64>,
    to_its_end: bool,
}

#[test]
fn every_capture_is_read_in_bounded_memory_and_counted_rightly() {
    let Some(corpus) = corpus("all captures through the program (corpus)") else { return };
    let paths = catalogue(&corpus);
    assert!(paths.len() > 1_500, "CATALOG.tsv lists {} captures", paths.len());
    let readings = readings(&corpus);
    assert!(readings.len() > 1_200, "READERS.tsv lists {} captures", readings.len());
    let binary = binary::firstlight();

    let next = AtomicUsize::new(0);
    let offenders = Mutex::new(Vec::new());
    let counts = [const { AtomicUsize::new(0) }; 3];
    let slowest = Mutex::new((Duration::ZERO, String::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let begun = Instant::now();
                    let output = report(&binary, &corpus.join(path));
                    let mut slowest = slowest.lock().unwrap();
                    if begun.elapsed() > slowest.0 {
                        *slowest = (begun.elapsed(), path.clone());
                    }
                    drop(slowest);
                    let status = output.status.code();
                    counts[match status {
                        Some(0) => 0,
                        Some(2) => 1,
                        _ => 2,
                    }]
                    .fetch_add(1, Ordering::Relaxed);
                    for problem in problems(&output, readings.get(path)) {
                        offenders.lock().unwrap().push(format!("{path}: {problem}"));
                    }
                }
            });
        }
    });
    let [whole, partly, other] = counts.map(AtomicUsize::into_inner);
    say(&format!("{} captures: {whole} read to the end, {partly} not, {other} otherwise", paths.len()));
    let (time, path) = slowest.into_inner().unwrap();
    say(&format!("the slowest took {:.2} s: {path}", time.as_secs_f64()));
    let mut offenders = offenders.into_inner().unwrap();
    offenders.sort();
    assert_none("captures that were not read as they should be", &offenders);
}

fn report(binary: &Path, capture: &Path) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", LIMITS]).arg(binary).args(["report", "--format", "json"]).arg(capture);
    command.env_remove("RUST_BACKTRACE").output().unwrap()
}

fn problems(output: &Output, reading: Option<&Reading>) -> Vec<String> {
    let mut problems = Vec::new();
    let complaint = String::from_utf8_lossy(&output.stderr);
    if complaint.contains("panicked at") {
        problems.push(format!("panic: {complaint}"));
    }
    let Some(status @ (0 | 2)) = output.status.code() else {
        problems.push(format!("{}: {}", output.status, complaint.trim()));
        return problems;
    };
    let json: Option<Value> = serde_json::from_slice(&output.stdout).ok();
    match &json {
        Some(json) if json["schema"] == "firstlight.report/1" => {}
        // Nothing could be read at all: then there is nothing to report.
        None if status == 2 && output.stdout.is_empty() => {}
        _ => problems.push("the output is not a whole report".to_owned()),
    }
    if status == 2 {
        for part in ["error: ", "byte ", "hint: "] {
            if !complaint.contains(part) {
                problems.push(format!("the complaint lacks {part:?}: {}", complaint.trim()));
            }
        }
    }
    if let Some(reading) = reading {
        if reading.to_its_end != (status == 0) {
            let end = if reading.to_its_end { "can" } else { "cannot" };
            problems.push(format!("exit status {status}, but it {end} be read to its end: {}", complaint.trim()));
        }
        let packets = json.as_ref().and_then(|it| it["captures"][0]["packets"].as_u64()).unwrap_or(0);
        if reading.packets.is_some_and(|it| it != packets) {
            problems.push(format!("{packets} packets, but other readers count {:?}", reading.packets));
        }
    }
    problems
}

/// The paths of CATALOG.tsv.
fn catalogue(corpus: &Path) -> Vec<String> {
    let text = fs::read_to_string(corpus.join("CATALOG.tsv")).unwrap();
    text.lines().skip(1).filter_map(|line| line.split('\t').next()).map(String::from).collect()
}

fn readings(corpus: &Path) -> BTreeMap<String, Reading> {
    let text = fs::read_to_string(corpus.join("READERS.tsv")).unwrap();
    let mut lines = text.lines();
    let header = "path\tkind\tcapinfos_packets\ttcpdump_packets\ttcpdump_exit\ttcpdump_error";
    assert_eq!(lines.next(), Some(header), "the columns of READERS.tsv");
    lines
        .map(|line| {
            let mut columns = line.split('\t');
            let mut column = || columns.next().unwrap_or_default();
            let (path, _, capinfos, tcpdump, exit, error) =
                (column(), column(), column(), column(), column(), column());
            let to_its_end = exit == "0" || !UNREADABLE.iter().any(|it| error.contains(it));
            let packets = capinfos.parse().ok().or_else(|| tcpdump.parse().ok());
            (path.to_owned(), Reading { packets, to_its_end })
        })
        .collect()
}
