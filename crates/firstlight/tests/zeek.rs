//! Logs in Zeek's form: the folder that they go to, what other programs read in them, and how they count.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[path = "support/python.rs"]
mod python;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(firstlight_synth::example::CAPTURE)
}

fn report(format: &str, folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_firstlight"))
        .args(["report", "--format", format, "-w"])
        .args([folder, &example()])
        .output()
        .expect("the program runs")
}

fn error(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Rows of a log, by its columns.
fn rows(file: &Path) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(file).unwrap();
    let columns: Vec<&str> =
        text.lines().find_map(|line| line.strip_prefix("#fields\t")).unwrap().split('\t').collect();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| columns.iter().map(|it| (*it).to_owned()).zip(row.split('\t').map(str::to_owned)).collect())
        .collect()
}

#[test]
fn a_log_that_is_there_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    assert!(report("zeek", &logs).status.success());
    let before = fs::read(logs.join("conn.log")).unwrap();
    fs::remove_file(logs.join("dhcp.log")).unwrap();
    let said = error(&report("zeek-json", &logs));
    assert!(said.contains("conn.log is there already") && said.contains("hint: name another folder"), "{said}");
    assert_eq!(fs::read(logs.join("conn.log")).unwrap(), before);
    assert!(!logs.join("dhcp.log").exists());
    let left: Vec<_> = fs::read_dir(&logs).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name.to_string_lossy().ends_with(".log")), "{left:?}");
}

#[test]
fn what_is_no_folder_is_said_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    assert!(error(&report("zeek", &file)).contains("it is no folder"));
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    assert!(error(&report("zeek", &folder.path().join("a/b"))).contains("make its folder first"));
    let nowhere = Command::new(env!("CARGO_BIN_EXE_firstlight"))
        .args(["report", "--format", "zeek"])
        .arg(example())
        .output()
        .unwrap();
    assert!(error(&nowhere).contains("hint: name a folder for them: -w DIR"));
}

#[test]
fn a_folder_that_was_made_goes_again_when_nothing_comes_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    let output = Command::new(env!("CARGO_BIN_EXE_firstlight"))
        .args(["report", "--format", "zeek", "--machine", "192.0.2.99", "-w"])
        .args([&logs, &example()])
        .output()
        .unwrap();
    assert!(error(&output).contains("no packet is from or to 192.0.2.99"));
    assert!(!logs.exists());
}

#[test]
fn both_notations_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let [tabs, json] = ["tabs", "json"].map(|name| folder.path().join(name));
    assert!(report("zeek", &tabs).status.success() && report("zeek-json", &json).status.success());
    let mut logs = 0;
    for log in firstlight_report::zeek::LOGS {
        let file = format!("{}.log", log.name);
        if !tabs.join(&file).exists() {
            assert!(!json.join(&file).exists());
            continue;
        }
        logs += 1;
        let lines = fs::read_to_string(json.join(&file)).unwrap();
        let rows = rows(&tabs.join(&file));
        assert_eq!(rows.len(), lines.lines().count(), "{file}");
        for (row, line) in rows.iter().zip(lines.lines()) {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            for (column, cell) in row {
                match (&line[column], cell.as_str()) {
                    (serde_json::Value::Null, "-") | (serde_json::Value::Array(_), _) => {}
                    (serde_json::Value::Bool(is), cell) => assert_eq!(if *is { "T" } else { "F" }, cell),
                    (serde_json::Value::Number(number), cell) => {
                        assert_eq!(number.as_f64(), cell.parse().ok(), "{file} {column}");
                    }
                    (serde_json::Value::String(text), cell) => {
                        assert_eq!(
                            if text.is_empty() { "(empty)" } else { text },
                            cell.replace("\\\\", "\\").replace("\\x00", "\0")
                        );
                    }
                    (other, cell) => panic!("{file} {column}: {other} is not {cell}"),
                }
            }
        }
    }
    assert_eq!(logs, 6, "the example has no QUIC");
}

#[test]
fn uids_are_those_of_connections_and_each_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    assert!(report("zeek", &logs).status.success());
    let connections: Vec<String> = rows(&logs.join("conn.log")).into_iter().map(|row| row["uid"].clone()).collect();
    let distinct: std::collections::BTreeSet<&String> = connections.iter().collect();
    assert_eq!(distinct.len(), connections.len());
    for log in ["dns", "ssl", "http", "ntp"] {
        for row in rows(&logs.join(format!("{log}.log"))) {
            assert!(distinct.contains(&row["uid"]), "{log}: {row:?}");
        }
    }
    for row in rows(&logs.join("dhcp.log")) {
        assert!(row["uids"].split(',').all(|uid| distinct.contains(&uid.to_owned())), "{row:?}");
    }
}

/// tshark's table of conversations: ends, frames and bytes each way, duration.
#[test]
fn packets_and_durations_of_tcp_are_those_of_tshark() {
    let tshark = Command::new("tshark").args(["-n", "-q", "-z", "conv,tcp", "-r"]).arg(example()).output();
    let Ok(tshark) = tshark else {
        return println!("left out: tshark is not installed");
    };
    let text = String::from_utf8(tshark.stdout).unwrap();
    let mut theirs = BTreeMap::new();
    for line in text.lines().filter(|line| line.contains("<->")) {
        // A <-> B, then frames and bytes of B to A, of A to B, and of both; beginning, duration.
        let words: Vec<&str> = line.split_whitespace().filter(|word| !["bytes", "kB", "MB"].contains(word)).collect();
        let [a, _, b, back, _, there, _, _, _, _, duration] = words[..] else { panic!("{line}") };
        theirs.insert((a.to_owned(), b.to_owned()), (there.to_owned(), back.to_owned(), duration.to_owned()));
    }
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    assert!(report("zeek", &logs).status.success());
    let mut compared = 0;
    for row in rows(&logs.join("conn.log")).iter().filter(|row| row["proto"] == "tcp") {
        let [from, to] = ["orig", "resp"].map(|side| {
            let (address, port) = (&row[&format!("id.{side}_h")], &row[&format!("id.{side}_p")]);
            format!("{address}:{port}")
        });
        let (there, back, duration) = match theirs.get(&(from.clone(), to.clone())) {
            Some((there, back, duration)) => (there, back, duration),
            None => {
                let (back, there, duration) = &theirs[&(to, from)];
                (there, back, duration)
            }
        };
        assert_eq!((&row["orig_pkts"], &row["resp_pkts"]), (there, back), "{row:?}");
        let seconds = |text: &str| text.parse::<f64>().unwrap_or(0.0);
        assert!((seconds(&row["duration"]) - seconds(duration)).abs() < 0.000_2, "{row:?} {duration}");
        compared += 1;
    }
    assert_eq!(compared, theirs.len());
    assert!(compared > 300);
}

#[test]
fn zat_reads_every_log() {
    let Some(python) = python::with(&["zat"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    assert!(report("zeek", &logs).status.success());
    let program = "import sys, os, datetime\n\
        from zat.zeek_log_reader import ZeekLogReader\n\
        for name in sorted(os.listdir(sys.argv[1])):\n    \
            rows = list(ZeekLogReader(os.path.join(sys.argv[1], name)).readrows())\n    \
            for row in rows:\n        \
                assert isinstance(row['ts'], datetime.datetime), row\n        \
                assert all(type(row[c]) is int for c in row if c in ('id.orig_p', 'orig_pkts', 'trans_id', 'status_code') and row[c] != '-'), row\n        \
                assert all(type(row[c]) is bool for c in row if c in ('local_orig', 'AA', 'established') and row[c] != '-'), row\n    \
            print(name, len(rows))\n";
    let output = Command::new(python).args(["-c", program]).arg(&logs).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let read: Vec<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with("Successfully monitoring"))
        .map(str::to_owned)
        .collect();
    let counted: Vec<String> = ["conn", "dhcp", "dns", "http", "ntp", "ssl"]
        .map(|log| format!("{log}.log {}", rows(&logs.join(format!("{log}.log"))).len()))
        .to_vec();
    assert_eq!(read, counted);
}
