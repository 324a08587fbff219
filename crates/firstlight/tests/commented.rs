//! The capture with comments: what tshark shows of it, and what is not written.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(firstlight_synth::example::CAPTURE)
}

fn report(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_firstlight")).arg("report").args(arguments).output().expect("the program runs")
}

fn error(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(capture: &str) -> Value {
    let text = String::from_utf8(report(&["--format", "json", "--exact", capture]).stdout).unwrap();
    serde_json::from_str(&text.replace(capture, "capture")).unwrap()
}

/// Frames that each list of the report names first.
fn expected(report: &Value) -> BTreeMap<u64, usize> {
    let mut frames: BTreeMap<u64, usize> = BTreeMap::new();
    let mut say = |frame: &Value| *frames.entry(frame.as_u64().expect("a frame number")).or_default() += 1;
    for list in ["contacts", "fingerprints"] {
        for item in report[list].as_array().unwrap() {
            say(&item["evidence"][0]["frame"]);
        }
    }
    for phase in report["phases"].as_array().unwrap() {
        say(&phase["evidence"][0]["frame"]);
    }
    for anomaly in report["anomalies"].as_array().unwrap() {
        anomaly["frames"].as_array().unwrap().iter().for_each(|frame| say(&frame["frame"]));
    }
    frames
}

#[test]
fn tshark_shows_a_comment_for_each_finding_at_its_frame() {
    let folder = tempfile::tempdir().unwrap();
    let commented = folder.path().join("commented.pcapng");
    let (example, target) = (example(), commented.to_str().unwrap());
    let example = example.to_str().unwrap();
    let output = report(&["--format", "pcapng-comments", "-w", target, example]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (before, after) = (json(example), json(target));
    let wanted = expected(&before);
    let total: usize = wanted.values().sum();
    let said = format!("{target}: 87,708 frames, {total} comments\n");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), said);
    // What is read of it is the same, and the comments are those that stood there and ours.
    for list in ["contacts", "fingerprints", "http", "unnamed", "anomalies", "machines"] {
        assert_eq!(before[list], after[list], "{list}");
    }
    let comments = |report: &Value| report["captures"][0]["comments"].as_array().unwrap().len();
    assert_eq!(comments(&after), comments(&before) + total);
    let fields = ["-T", "fields", "-E", "aggregator=|", "-e", "frame.number", "-e", "frame.comment"];
    let Ok(tshark) = Command::new("tshark").args(["-n", "-r", target, "-Y", "frame.comment"]).args(fields).output()
    else {
        return println!("left out: tshark is not installed");
    };
    let text = String::from_utf8(tshark.stdout).unwrap();
    let shown = text.lines().map(|line| {
        let (frame, comments) = line.split_once('\t').unwrap();
        (frame.parse().unwrap(), comments.matches("Firstlight: ").count())
    });
    let shown: BTreeMap<u64, usize> = shown.filter(|(_, count)| *count > 0).collect();
    assert_eq!(shown, wanted);
    assert!(text.contains("first of contact albert.apple.com: tls 443; Apple, the vendor's own; Device activation"));
}

#[test]
fn what_is_read_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("capture.pcapng.zst");
    fs::copy(example(), &capture).unwrap();
    let before = fs::read(&capture).unwrap();
    let capture_text = capture.to_str().unwrap();
    let said = error(&report(&["--format", "pcapng-comments", "-w", capture_text, capture_text]));
    assert!(said.contains("is read, and cannot be written at the same time"), "{said}");
    assert_eq!(fs::read(&capture).unwrap(), before);
    assert!(error(&report(&["--format", "pcapng-comments", "-w", "x", "-"])).contains("it is read twice"));
}

#[test]
fn several_files_become_sections_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("both.pcapng");
    let (example, target) = (example(), target.to_str().unwrap());
    let example = example.to_str().unwrap();
    assert!(report(&["--format", "pcapng-comments", "-w", target, example, example]).status.success());
    let both = json(target);
    assert_eq!(both["captures"][0]["packets"], 2 * 87_708);
    assert_eq!(both["captures"][0]["stopped"], Value::Null);
}
