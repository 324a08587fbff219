//! The program as users run it: what it prints where, how it ends, what it leaves behind.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "test code: a panic is the verdict")]

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A UDP datagram from 10.0.0.1 to 10.0.0.2 in an Ethernet frame.
const FRAME: [u8; 46] = [
    2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 32, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x30,
    0x39, 0, 53, 0, 12, 0, 0, b'a', b'b', b'c', b'd',
];
/// Length of a pcap file header and of a packet header.
const HEADERS: usize = 24 + 16;

/// A pcap file of `frames` frames, a second apart.
fn pcap(frames: u32) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 1] {
        file.extend(word.to_le_bytes());
    }
    for i in 0..frames {
        for word in [1_570_716_000 + i, 123_456, FRAME.len() as u32, FRAME.len() as u32] {
            file.extend(word.to_le_bytes());
        }
        file.extend(FRAME);
    }
    file
}

fn firstlight() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstlight"));
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Output {
    firstlight().args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn file(folder: &tempfile::TempDir, name: &str, content: &[u8]) -> String {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_report_goes_to_standard_output_and_nothing_to_standard_error() {
    let folder = folder();
    let path = file(&folder, "a.pcap", &pcap(3));
    let output = run(["report", &path]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).starts_with(&format!("Firstlight report on {path}\n")), "{}", out(&output));
    assert!(out(&output).contains("3 packets"));
    assert_eq!(err(&output), "");
    assert_eq!(out(&run(["report", "-r", &path])), out(&output));
}

#[test]
fn json_is_the_contract() {
    let folder = folder();
    let path = file(&folder, "a.pcap", &pcap(2));
    let output = run(["report", "--format", "json", &path]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        out(&output).starts_with("{\n  \"schema\": \"firstlight.report/1\",\n  \"captures\": ["),
        "{}",
        out(&output)
    );
    assert!(out(&output).contains("\"first\": \"2019-10-10T14:00:00.123456Z\""));
}

#[test]
fn a_file_that_stops_short_is_reported_and_named_with_byte_and_hint() {
    let folder = folder();
    let whole = pcap(3);
    let path = file(&folder, "cut.pcap", &whole[..whole.len() - 5]);
    let output = run(["report", &path]);
    assert_eq!(output.status.code(), Some(2));
    assert!(out(&output).contains("2 packets"), "{}", out(&output));
    let byte = 24 + 2 * (HEADERS - 24 + FRAME.len());
    let lines: Vec<String> = err(&output).lines().map(str::to_owned).collect();
    assert!(lines[0].starts_with(&format!("error: cannot read {path} further than byte ")), "{lines:?}");
    let said: usize = lines[0].split("byte ").nth(1).unwrap().split(':').next().unwrap().parse().unwrap();
    assert!((byte..=byte + 16).contains(&said), "{lines:?}");
    assert!(lines[1].starts_with("hint: "), "{lines:?}");
}

#[test]
fn what_cannot_be_read_at_all_ends_with_2_and_a_hint() {
    let folder = folder();
    let text = file(&folder, "notes.txt", b"these are notes and no capture");
    let empty = file(&folder, "empty.pcap", b"");
    let missing = folder.path().join("missing.pcap").to_str().unwrap().to_owned();
    for path in [text, empty, missing] {
        let output = run(["report", &path]);
        assert_eq!(output.status.code(), Some(2), "{path}");
        assert_eq!(out(&output), "", "{path}");
        let said = err(&output);
        assert!(said.starts_with("error: ") && said.contains(&path) && said.contains("\nhint: "), "{said}");
    }
}

#[test]
fn standard_input_is_a_capture_too() {
    let mut child = firstlight().args(["report", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&pcap(4)).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(out(&output).starts_with("Firstlight report on standard input\n"), "{}", out(&output));
    assert!(out(&output).contains("4 packets"));
    let twice = run(["report", "-", "-"]);
    assert_eq!((twice.status.code(), err(&twice).contains("more than once")), (Some(2), true));
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let folder = folder();
    let path = file(&folder, "a.pcap", &pcap(3));
    for arguments in [
        vec!["report", &path],
        vec!["report", "--format", "json", &path],
        vec!["completions", "bash"],
        vec!["man"],
        vec!["report", "--help"],
    ] {
        let mut child = firstlight().args(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", err(&output));
        assert_eq!(err(&output), "", "{arguments:?}");
    }
}

#[test]
fn help_shows_examples() {
    for arguments in [
        vec!["--help"],
        vec!["-h"],
        vec!["report", "-h"],
        vec!["report", "--help"],
        vec!["help", "report"],
        vec!["completions", "--help"],
        vec!["man", "--help"],
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(out(&output).contains("Examples:\n  "), "{arguments:?}: {}", out(&output));
    }
    assert!(out(&run(["report", "--help"])).contains("Exit status:"));
    assert!(out(&run(["--version"])).starts_with("firstlight "));
    assert_eq!(run::<&str>([]).status.code(), Some(2));
}

#[test]
fn a_capture_in_the_place_of_a_command_gets_the_command() {
    let folder = folder();
    let path = file(&folder, "my trip.pcap", &pcap(1));
    let output = run([&path]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(err(&output), format!("error: {path} is no command\nhint: to read it: firstlight report '{path}'\n"));
    let output = run(["frobnicate"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).starts_with("error: ") && err(&output).contains("\nhint: "), "{}", err(&output));
}

#[test]
fn wrong_arguments_are_said_in_one_line_with_a_hint() {
    for (arguments, said) in [
        (vec!["report"], "not provided"),
        (vec!["report", "--mark", "soon", "x"], "needs a name and a time"),
        (vec!["report", "--machine", "laptop", "x"], "neither an IP address nor a MAC address"),
        (vec!["report", "--format", "xml", "x"], "xml"),
        (vec!["report", "--frob", "x"], "--frob"),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = err(&output);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].starts_with("error: ") && lines[0].contains(said), "{text}");
        assert!(lines[1].starts_with("hint: "), "{text}");
    }
}

#[test]
fn an_output_file_appears_whole_or_not_at_all() {
    let folder = folder();
    let path = file(&folder, "a.pcap", &pcap(3));
    let target = folder.path().join("report.txt");
    fs::write(&target, "what was there before").unwrap();
    let failed = run([OsStr::new("report"), "-o".as_ref(), target.as_ref(), "/nonexistent.pcap".as_ref()]);
    assert_eq!(failed.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&target).unwrap(), "what was there before");
    let output = run([OsStr::new("report"), "-o".as_ref(), target.as_ref(), path.as_ref()]);
    assert_eq!((output.status.code(), out(&output)), (Some(0), String::new()), "{}", err(&output));
    assert_eq!(fs::read_to_string(&target).unwrap(), out(&run(["report", &path])));
    let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["a.pcap", "report.txt"]);
    let nowhere = folder.path().join("none").join("report.txt");
    let output = run([OsStr::new("report"), "-o".as_ref(), nowhere.as_ref(), path.as_ref()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("cannot write") && err(&output).contains("hint: make its folder first"),
        "{}",
        err(&output)
    );
}

#[test]
fn colour_is_for_terminals_or_when_asked_for() {
    let folder = folder();
    let path = file(&folder, "a.pcap", &pcap(3));
    assert!(!out(&run(["report", &path])).contains('\x1b'));
    assert!(out(&run(["report", "--color", "always", &path])).contains("\x1b["));
    let forced = firstlight().args(["report", &path]).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(out(&forced).contains("\x1b["));
    let none = firstlight().args(["report", &path]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output().unwrap();
    assert!(!out(&none).contains('\x1b'));
}

#[test]
fn the_width_is_the_one_asked_for_or_that_of_the_environment() {
    let folder = folder();
    let path = file(&folder, "a.pcap", &pcap(3));
    let rule = |text: String| text.lines().filter(|l| l.starts_with("── ")).map(|l| l.chars().count()).max().unwrap();
    assert_eq!(rule(out(&run(["report", &path]))), 80);
    assert_eq!(rule(out(&run(["report", "--width", "100", &path]))), 100);
    let set = firstlight().args(["report", &path]).env("COLUMNS", "90").output().unwrap();
    assert_eq!(rule(out(&set)), 90);
}

#[test]
fn a_machine_that_is_not_there_is_said() {
    let folder = folder();
    let path = file(&folder, "a.pcap", &pcap(3));
    let output = run(["report", "--machine", "10.9.9.9", &path]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).starts_with("error: no packet is from or to 10.9.9.9\nhint: "), "{}", err(&output));
}

#[test]
fn strict_ends_with_3_when_the_system_cannot_be_told() {
    let folder = folder();
    let path = file(&folder, "a.pcap", &pcap(1));
    assert_eq!(run(["report", "--strict", &path]).status.code(), Some(3));
}

#[cfg(unix)]
#[test]
fn names_of_files_cannot_take_over_the_terminal() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder();
    let path = folder.path().join(OsStr::from_bytes(b"\x1b[31mred\xff.pcap"));
    fs::write(&path, pcap(1)).unwrap();
    let output = run([OsStr::new("report"), path.as_ref()]);
    assert!(!out(&output).contains('\x1b') && out(&output).contains("\\x1b[31mred"), "{}", out(&output));
    let output = run([path.as_os_str()]);
    assert!(!err(&output).contains('\x1b') && err(&output).contains("\\x1b[31mred\\xff.pcap"), "{}", err(&output));
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(["completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        assert!(out(&output).contains("completions") && out(&output).contains("machine"), "{shell}");
    }
    assert!(out(&run(["man"])).starts_with(".ie"));
    let folder = folder();
    let dir = folder.path().join("man1");
    let output = run([OsStr::new("man"), "--dir".as_ref(), dir.as_ref()]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    for page in ["firstlight.1", "firstlight-report.1", "firstlight-completions.1", "firstlight-man.1"] {
        let text = fs::read_to_string(dir.join(Path::new(page))).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
        assert!(text.contains("Examples:"), "{page}");
    }
}
