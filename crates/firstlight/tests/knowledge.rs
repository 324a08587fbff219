//! `firstlight knowledge`, and own tables in the commands that read captures, as users run them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

#[path = "hostile_names/capture.rs"]
#[allow(dead_code, reason = "shared with the tests of hostile names")]
mod capture;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use firstlight_synth::mmdb::{Mmdb, Value as Value_};
use serde_json::Value;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/macos-10.15-first-minutes.pcapng.zst");
const RULES: &str = "# What hosts are for. Ours, for our own use.\n\
    match\tpattern\tpath\towner\tcategory\tpurpose\tproduct\tsystems\tports\tscope\ttells\tgrade\tsource\tseen_in\n\
    exact\tswscan.apple.com\t\t\tcontent-cache\tOur own cache\t\t\t\t\t\tvendor\town\t\n";
const SOURCES: &str = "# Where the rows are from. Ours, for our own use.\n\
    key\turl\twhat\tlicence\tkind\tread\tstated\n\
    own\town notes\twhat we know\tours\tuser\t2026-11\t\n";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstlight"));
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    command.current_dir(folder).stdin(Stdio::null()).args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn own_tables() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("names/rules")).unwrap();
    fs::write(folder.path().join("names/rules/office.tsv"), RULES).unwrap();
    fs::write(folder.path().join("names/sources.tsv"), SOURCES).unwrap();
    folder
}

#[test]
fn own_rules_win_in_the_commands_that_read_captures() {
    let folder = own_tables();
    let said = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        assert_eq!(err(&output), "", "{arguments:?}");
        out(&output)
    };
    let report: Value =
        serde_json::from_str(&said(&["report", EXAMPLE, "--format", "json", "--knowledge", "names"])).unwrap();
    let contacts = report["contacts"].as_array().unwrap();
    let swscan = contacts.iter().find(|contact| contact["name"] == "swscan.apple.com").unwrap();
    assert_eq!((&swscan["purpose"], &swscan["owner"]), (&"Our own cache".into(), &"Apple".into()));
    let answer: Value =
        serde_json::from_str(&said(&["explain", "swscan.apple.com", "--knowledge", "names", "--format", "json"]))
            .unwrap();
    assert_eq!((&answer["purpose"], &answer["source"]), (&"Our own cache".into(), &"own notes".into()));
    assert_eq!(answer["rule"], "own: exact swscan.apple.com");
    assert_eq!(answer["alternatives"][0]["category"], "software-update");
    said(&["learn", EXAMPLE, "-q", "-o", "own.baseline.json", "--knowledge", "names"]);
    assert!(fs::read_to_string(folder.path().join("own.baseline.json")).unwrap().contains("Our own cache"));
    assert_eq!(said(&["knowledge", "check", "names"]), "2 rows in 2 tables are right\n");
}

#[test]
fn wrong_tables_are_told_with_file_and_line() {
    let folder = own_tables();
    let rules = RULES.replace("content-cache", "caches").replace("swscan.apple.com", "*.apple.com");
    fs::write(folder.path().join("names/rules/office.tsv"), rules).unwrap();
    let output = run(folder.path(), &["knowledge", "check", "names"]);
    assert_eq!(output.status.code(), Some(1));
    let lines = out(&output);
    assert_eq!(lines.lines().filter(|line| line.starts_with("rules/office.tsv:3: ")).count(), 2, "{lines}");
    assert!(lines.contains("category `caches`") && lines.contains("only a glob may have"), "{lines}");
    let output = run(folder.path(), &["report", EXAMPLE, "--knowledge", "names"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("rules/office.tsv:3") && err(&output).contains("and 1 more"), "{}", err(&output));
    for folder_name in ["nowhere", "."] {
        let output = run(folder.path(), &["knowledge", "check", folder_name]);
        assert_eq!(output.status.code(), Some(2), "{folder_name}");
        assert!(err(&output).contains("\nhint: "), "{}", err(&output));
    }
}

#[test]
fn what_is_missing_can_be_filled_in_and_is_then_known() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = capture::with("plain", "corp");
    fs::write(folder.path().join("day.pcapng"), bytes).unwrap();
    let output = run(folder.path(), &["knowledge", "missing", "day.pcapng", "-o", "names", "--as-of", "2026-11"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let place = folder.path().join("names/rules/missing.tsv");
    let table = fs::read_to_string(&place).unwrap();
    let rows: Vec<&str> = table.lines().skip(2).collect();
    assert!(!rows.is_empty(), "{table}");
    assert!(fs::read_to_string(folder.path().join("names/sources.tsv")).unwrap().contains("\t2026-11\t"));
    // Nothing is overwritten.
    let again = run(folder.path(), &["knowledge", "missing", "day.pcapng", "-o", "names"]);
    assert!(again.status.code() == Some(2) && err(&again).contains("is there already"), "{}", err(&again));
    // As they are, the rows lack a purpose; filled in, they are right.
    assert_eq!(run(folder.path(), &["knowledge", "check", "names"]).status.code(), Some(1));
    let filled: Vec<String> = rows
        .iter()
        .map(|row| {
            let mut columns: Vec<&str> = row.split('\t').collect();
            assert_eq!(columns.len(), 14, "{row}");
            columns[4] = "web";
            columns[5] = "Ours";
            columns.join("\t")
        })
        .collect();
    let head: Vec<&str> = table.lines().take(2).collect();
    fs::write(&place, format!("{}\n{}\n", head.join("\n"), filled.join("\n"))).unwrap();
    let _ = fs::remove_file(folder.path().join("names/addresses.tsv"));
    let checked = run(folder.path(), &["knowledge", "check", "names"]);
    assert_eq!(checked.status.code(), Some(0), "{}", out(&checked));
    let report = run(folder.path(), &["report", "day.pcapng", "--format", "json", "--knowledge", "names"]);
    let report: Value = serde_json::from_str(&out(&report)).unwrap();
    let ours = report["contacts"].as_array().unwrap().iter().filter(|contact| contact["purpose"] == "Ours").count();
    assert!(ours > 0);
}

#[test]
fn hostile_names_never_get_into_rows() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = [("tab", "a\tb"), ("lines", "a\nb\rc"), ("escape", "\u{1b}[31m"), ("turned", "\u{202e}")];
    fs::write(folder.path().join("hostile.pcapng"), capture::with_all(&hostile)).unwrap();
    let output = run(folder.path(), &["knowledge", "missing", "hostile.pcapng"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    for line in out(&output).lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
        assert!(matches!(line.split('\t').count(), 7 | 8 | 14), "{line:?}");
        assert!(line.chars().all(|letter| letter == '\t' || !letter.is_control() && letter.is_ascii()), "{line:?}");
    }
    assert!(err(&output).contains("no host names"), "{}", err(&output));
}

#[test]
fn a_users_database_says_who_runs_an_address_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let field = |name: &str, value: &str| (name.to_owned(), Value_::Text(value.to_owned()));
    let record = Value_::Map(vec![field("as_name", "Acme \u{1b}[31mNet"), field("country_code", "de")]);
    let mmdb = Mmdb::default().with("192.0.2.0".parse().unwrap(), 24, &record);
    fs::write(folder.path().join("networks.mmdb"), mmdb.bytes()).unwrap();
    let output = run(folder.path(), &["explain", "192.0.2.7:443", "--networks", "networks.mmdb", "--format", "json"]);
    let answer: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!((&answer["carrier"], &answer["country"]), (&"Acme \u{1b}[31mNet".into(), &"DE".into()));
    let page = out(&run(folder.path(), &["explain", "192.0.2.7:443", "--networks", "networks.mmdb"]));
    assert!(page.contains("  served by  Acme \\x1b[31mNet · DE\n"), "{page}");
    fs::write(folder.path().join("other.mmdb"), "nonsense").unwrap();
    let output = run(folder.path(), &["report", EXAMPLE, "--networks", "other.mmdb"]);
    assert!(output.status.code() == Some(2) && err(&output).contains("other.mmdb"), "{}", err(&output));
}

#[test]
fn contacts_say_which_program_probably_asked() {
    let folder = tempfile::tempdir().unwrap();
    let report = run(folder.path(), &["report", EXAMPLE, "--format", "json"]);
    let report: Value = serde_json::from_str(&out(&report)).unwrap();
    let contacts = report["contacts"].as_array().unwrap();
    let of = |name: &str| contacts.iter().find(|contact| contact["name"] == name).unwrap();
    assert_eq!((&of("time.apple.com")["program"]), &"timed");
    assert_eq!(of("time.apple.com")["program_source"], "exact time.apple.com");
    let agents = contacts.iter().filter(|contact| contact["program_source"] == "user agent").count();
    assert!(agents > 0, "clear-text requests name their program");
}
