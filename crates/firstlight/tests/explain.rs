//! `firstlight explain` as users run it: names, addresses, captures; sources with their age; nothing hostile gets out.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

use std::process::{Command, Output, Stdio};

use serde_json::Value;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/macos-10.15-first-minutes.pcapng.zst");

fn explain(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstlight"));
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    command
        .stdin(Stdio::null())
        .arg("explain")
        .args(if arguments.contains(&"--as-of") { &[][..] } else { &["--as-of", "2026-11"] })
        .args(arguments)
        .output()
        .unwrap()
}

fn text(arguments: &[&str]) -> String {
    let output = explain(arguments);
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&text(&[arguments, &["--format", "json"]].concat())).unwrap()
}

#[test]
fn a_name_is_told_with_owner_purpose_rule_source_and_age() {
    let answer = json(&["albert.apple.com", "--system", "macOS"]);
    assert_eq!(answer["schema"], "firstlight.explain/1");
    for (field, expected) in [
        ("query", "albert.apple.com"),
        ("owner", "Apple"),
        ("category", "activation"),
        ("evidence_grade", "vendor"),
        ("source", "https://support.apple.com/101555"),
        ("source_date", "2026-11"),
        ("rule", "exact albert.apple.com"),
    ] {
        assert_eq!(answer[field], expected, "{field}");
    }
    assert_eq!((&answer["vendor_own"], &answer["stale"]), (&Value::Bool(true), &Value::Bool(false)));
    assert!(answer["vendor_of"].as_array().unwrap().contains(&"macOS".into()));
    let parents = json(&["www.linkedin.com"]);
    assert_eq!(parents["owner"], "LinkedIn (Microsoft)");
    assert_eq!(parents["owner_parents"], serde_json::json!(["Microsoft"]));
}

#[test]
fn a_statement_of_2019_is_stale_and_a_recent_one_becomes_so() {
    let yelp = json(&["www.yelp.com", "--system", "macOS", "--browser-started"]);
    assert_eq!((&yelp["category"], &yelp["source_date"]), (&"browser-newtab".into(), &"2019-10".into()));
    assert_eq!((&yelp["source_age_months"], &yelp["stale"]), (&85.into(), &true.into()));
    let then = json(&["www.yelp.com", "--system", "macOS", "--browser-started", "--as-of", "2021-10"]);
    assert_eq!((&then["source_age_months"], &then["stale"]), (&24.into(), &false.into()));
    let later = json(&["albert.apple.com", "--as-of", "2028-12"]);
    assert_eq!((&later["source_age_months"], &later["stale"]), (&25.into(), &true.into()));
    let page = text(&["www.yelp.com", "--system", "macOS", "--browser-started", "--width", "200"]);
    assert!(page.contains("read 2026-11, stated 2019-10, 7 years ago · stale: older than two years"), "{page}");
    assert!(!text(&["albert.apple.com"]).contains("stale"));
}

#[test]
fn yelp_is_an_icon_only_on_a_mac_whose_browser_has_just_started() {
    for arguments in [
        &["www.yelp.com"][..],
        &["www.yelp.com", "--system", "macOS"],
        &["www.yelp.com", "--system", "Windows", "--browser-started"],
        &["www.yelp.com", "--browser-started"],
    ] {
        let answer = json(arguments);
        let said = (&answer["owner"], &answer["purpose"]);
        assert_eq!(said, (&"Yelp".into(), &"Yelp's own site".into()), "{arguments:?}");
    }
}

#[test]
fn paths_ports_and_addresses_decide_and_losers_are_told() {
    let probe = json(&["http://www.apple.com/library/test/success.html", "--system", "macOS"]);
    assert_eq!(probe["category"], "connectivity-check");
    let others = probe["alternatives"].as_array().unwrap();
    assert!(others.iter().any(|other| other["rule"] == "exact www.apple.com"), "{others:?}");
    assert!(others.iter().all(|other| other["evidence_grade"].is_string() && other["source"].is_string()));
    // 123 is known for UDP alone.
    assert_eq!(json(&["192.0.2.1:123"])["category"], "time");
    let resolver = json(&["8.8.8.8:53"]);
    assert_eq!((&resolver["owner"], &resolver["rule"]), (&"Google".into(), &"address 8.8.8.8".into()));
}

#[test]
fn what_no_longer_works_when_it_is_blocked_is_told_with_its_source() {
    let answer = json(&["fs.microsoft.com", "--system", "Windows"]);
    assert!(answer["if_blocked"].as_str().unwrap().contains("Fonts"));
    assert!(answer["if_blocked_source"].as_str().unwrap().ends_with("manage-windows-11-endpoints, stated 2023-10"));
    assert!(json(&["albert.apple.com"])["if_blocked"].is_null());
    let page = text(&["fs.microsoft.com", "--system", "Windows", "--width", "160"]);
    assert!(page.contains("  if blocked Fonts can no longer be fetched"), "{page}");
}

#[test]
fn what_nobody_knows_is_said_and_is_told_by_the_status_when_strict() {
    let answer = json(&["nobody.invalid"]);
    for field in ["owner", "purpose", "category", "rule", "source", "source_date", "stale", "carrier"] {
        assert!(answer[field].is_null(), "{field}");
    }
    assert!(text(&["nobody.invalid"]).contains("owner      nobody knows"));
    assert_eq!(explain(&["nobody.invalid", "--strict"]).status.code(), Some(3));
    assert_eq!(explain(&["albert.apple.com", "--strict"]).status.code(), Some(0));
}

#[test]
fn all_that_a_capture_contacted_is_told_with_its_bytes() {
    let answer = json(&[EXAMPLE]);
    assert_eq!(answer["query"], serde_json::json!([EXAMPLE]));
    let all = answer["explanations"].as_array().unwrap();
    let of = |query: &str| all.iter().find(|it| it["query"] == query).unwrap_or_else(|| panic!("{query}"));
    let swscan = of("swscan.apple.com:443");
    assert_eq!((&swscan["owner"], &swscan["connections"]), (&"Apple".into(), &18.into()));
    assert!(swscan["bytes"].as_u64().unwrap() > 42_000_000);
    // Safari was started in this capture.
    assert_eq!(of("www.yelp.com:443")["category"], "browser-newtab");
    let bytes: Vec<u64> = all.iter().map(|it| it["bytes"].as_u64().unwrap()).collect();
    assert!(bytes.is_sorted_by(|a, b| a >= b), "the largest first");
}

#[test]
fn hostile_names_are_shown_and_change_nothing() {
    for name in ["a\u{1b}[31m.example", "moc\u{202e}.elppa", "a\nb", "\u{9b}2J.apple.com", &"x.".repeat(4000)] {
        for format in ["terminal", "json"] {
            let page = text(&["--format", format, "--", name]);
            let is_harmful = |c: char| c != '\n' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
            assert!(!page.chars().any(is_harmful), "{page:?}");
            if format == "json" {
                assert_eq!(serde_json::from_str::<Value>(&page).unwrap()["query"], name);
            }
        }
    }
}

#[test]
fn a_capture_that_is_not_there_is_no_name() {
    for (arguments, words) in [
        (&["day.pcapng"][..], "cannot open day.pcapng"),
        (&["-r", "day"], "cannot open day"),
        (&["a.example", "--system", "BeOS"], "no system that is known"),
        (&["a.example", "--as-of", "yesterday"], "no month such as 2026-11"),
    ] {
        let output = explain(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said.contains(words) && said.contains("\nhint: "), "{said}");
    }
}
