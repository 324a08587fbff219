//! The same packets in another file, through a pipe or in several files: what the program prints is the same but for what
//! it says of the files.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/macos-10.15-first-minutes.pcapng.zst")
}

/// The report in JSON without its captures, each file by the name `file`.
fn report(arguments: &[&str], input: Stdio) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstlight"));
    let output = command.args(["report", "--format", "json"]).args(arguments).stdin(input).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let mut report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["captures"].as_array().unwrap().len(), 1);
    report.as_object_mut().unwrap().remove("captures");
    rename(&mut report);
    report
}

fn rename(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(rename),
        Value::Object(fields) => {
            if let Some(file) = fields.get_mut("file") {
                *file = "file".into();
            }
            fields.values_mut().for_each(rename);
        }
        _ => {}
    }
}

#[test]
fn a_capture_through_a_pipe_gives_the_report_of_the_file() {
    let path = example();
    let by_name = report(&[path.to_str().unwrap()], Stdio::null());
    assert!(by_name["contacts"].as_array().unwrap().len() > 50);
    // As `cat FILE | firstlight report -` does it: a pipe, which cannot be wound back.
    let mut cat = Command::new("cat").arg(&path).stdout(Stdio::piped()).spawn().unwrap();
    let piped = report(&["-"], cat.stdout.take().unwrap().into());
    assert!(cat.wait().unwrap().success());
    assert!(piped == by_name, "a pipe gives another report");
    // As `firstlight report - < FILE` does it.
    let given = report(&["-"], File::open(&path).unwrap().into());
    assert!(given == by_name, "a file as standard input gives another report");
    let read = report(&["-r", path.to_str().unwrap()], Stdio::null());
    assert!(read == by_name, "-r gives another report");
}

#[test]
fn a_mark_given_twice_is_one() {
    let path = example();
    let path = path.to_str().unwrap();
    let once = report(&["--mark", "later=10m", path], Stdio::null());
    let twice = report(&["--mark", "later=10m", path, "--mark", "later=+600s"], Stdio::null());
    assert!(once == twice);
    let phases: Vec<&str> = once["phases"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(phases, ["before later", "later"]);
}
