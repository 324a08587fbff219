//! `firstlight fingerprint` through the program: the example's machine with every vote, books, and what changed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use firstlight_model::Timestamp;
use firstlight_synth::write::{About, pcapng};
use firstlight_synth::{Stack, TcpOption, Traffic, example};
use serde_json::Value;

fn firstlight(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_firstlight")).current_dir(folder).args(arguments).output().unwrap()
}

fn printed(output: &Output, status: i32) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert_eq!(output.status.code(), Some(status), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(example::CAPTURE)
}

/// A machine that opens a connection, with a scale of its SYN.
fn capture(folder: &Path, name: &str, scale: u8) {
    let mut traffic = Traffic::new(Timestamp::from_parts(1_571_000_000, 0));
    let stack = Stack::macos_10_15();
    let options = stack.syn_options.clone().into_iter().map(|option| match option {
        TcpOption::WindowScale(_) => TcpOption::WindowScale(scale),
        other => other,
    });
    let mac = traffic.host("192.0.2.10").with_stack(stack.clone().with_syn_options(options));
    let server = traffic.remote("198.51.100.7");
    traffic.tcp(&mac, &server, 443).close(&mut traffic);
    fs::write(folder.join(name), pcapng(&traffic.into_frames(), &About::default())).unwrap();
}

#[test]
fn the_example_is_macos_as_10_14_and_not_as_10_13_each_with_its_source() {
    let folder = tempfile::tempdir().unwrap();
    let example = example();
    let page = printed(&firstlight(folder.path(), &["fingerprint", example.to_str().unwrap(), "--width", "400"]), 0);
    let has = |text: &str| assert!(page.contains(text), "{text} is not in:\n{page}");
    has("  system    macOS, ");
    has(
        "Flags [SEW], seq 4259408247, win 65535, options [mss 1460,nop,wscale 6,nop,nop,TS val 801728007 ecr 0,sackOK,eol], length 0",
    );
    has("same as macOS 10.14 and later, iOS [mercury-tcp-os] · macOS 10.15 [sans-25414]");
    has("differs from OS X 10.10 - macOS 10.13, iOS 8-11 in window scale 5 → 6 [mercury-tcp-os]");
    has("TTL 64, window 65535, scale 6, MSS 1460, options mss,nop,ws,nop,nop,ts,sok,eol, ECN, DF, IP id 0");
    has("p0f 4:64+0:0:1460:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn:0");
    has("asks for ECN (ECE and CWR set), RFC 3168 s. 6.1.1");
}

#[test]
fn each_verdict_in_json_carries_its_votes_and_is_less_sure_without_the_strongest() {
    let folder = tempfile::tempdir().unwrap();
    let out = firstlight(folder.path(), &["fingerprint", example().to_str().unwrap(), "--format", "json"]);
    let document: Value = serde_json::from_str(&printed(&out, 0)).unwrap();
    assert_eq!(document["schema"], "firstlight.fingerprint/1");
    let identity = &document["machines"][0]["identity"];
    let (verdicts, votes) = (identity["verdicts"].as_array().unwrap(), identity["votes"].as_array().unwrap());
    let abouts: Vec<&str> = verdicts.iter().map(|verdict| verdict["about"].as_str().unwrap()).collect();
    assert_eq!(abouts, ["system", "version", "kind", "maker", "virtual"]);
    for verdict in verdicts {
        let about = &verdict["about"];
        assert!(votes.iter().any(|vote| vote["about"] == *about), "{about} has votes");
        assert!(verdict["without_strongest"].as_f64() < verdict["probability"].as_f64(), "{verdict}");
    }
    for vote in votes {
        assert!(!vote["source"].as_str().unwrap().is_empty() && vote["weight"].as_f64().unwrap() > 0.0, "{vote}");
        let is_seen = vote["evidence"]["frame"].as_u64().is_some_and(|frame| frame > 0);
        assert!(is_seen || vote["field"] == "system", "{vote}");
    }
    let ja4 = document["fingerprints"].as_array().unwrap().iter().filter(|one| one["kind"] == "tls.ja4");
    let raw: Vec<&str> = ja4.map(|one| one["raw"].as_str().unwrap()).collect();
    assert!(!raw.is_empty() && raw.iter().all(|raw| raw.starts_with("t13d") && raw.contains(",1301,")), "{raw:?}");
    let syn = document["fingerprints"].as_array().unwrap().iter().find(|one| one["kind"] == "tcp.syn").unwrap();
    assert_eq!((&syn["syn"]["window_scale"], &syn["syn"]["distance"]), (&6.into(), &0.into()));
}

#[test]
fn the_clock_of_the_timestamps_is_told_where_it_is_seen_to_tick() {
    let folder = tempfile::tempdir().unwrap();
    let mut traffic = Traffic::new(Timestamp::from_parts(1_571_000_000, 0));
    let mac = traffic.host("192.0.2.10").with_stack(Stack::macos_10_15());
    let server = traffic.remote("198.51.100.7");
    let mut connection = traffic.tcp(&mac, &server, 443);
    for _ in 0..4 {
        traffic.wait_s(1);
        connection.send(&mut traffic, b"still here");
    }
    connection.close(&mut traffic);
    fs::write(folder.path().join("slow.pcapng"), pcapng(&traffic.into_frames(), &About::default())).unwrap();
    let out = firstlight(folder.path(), &["fingerprint", "slow.pcapng", "--format", "json"]);
    let document: Value = serde_json::from_str(&printed(&out, 0)).unwrap();
    let clock = &document["machines"][0]["clock"];
    assert_eq!(clock["nominal_hz"], 1000, "{clock}");
    assert!(clock["seen_s"].as_f64().unwrap() > 3.9 && clock["modulo_s"] == 4_294_967.296, "{clock}");
    let page = printed(&firstlight(folder.path(), &["fingerprint", "slow.pcapng", "--width", "300"]), 0);
    assert!(page.contains("timestamps tick with 1000 Hz ("), "{page}");
}

#[test]
fn what_changed_from_one_capture_to_another_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    capture(folder.path(), "new.pcapng", 6);
    capture(folder.path(), "old.pcapng", 5);
    let page = printed(&firstlight(folder.path(), &["fingerprint", "--diff", "old.pcapng", "new.pcapng"]), 1);
    assert!(page.contains("tcp.syn: window scale 5 → 6"), "{page}");
    assert!(page.contains("version: macOS 10.10 to 10.13 → macOS 10.14 and later"), "{page}");
    let json = firstlight(folder.path(), &["fingerprint", "--diff", "old.pcapng", "new.pcapng", "--format", "json"]);
    let diff: Value = serde_json::from_str(&printed(&json, 1)).unwrap();
    assert_eq!(diff["schema"], "firstlight.diff/1");
    assert_eq!(diff["changes"].as_array().unwrap().len(), 2, "{diff:#}");
    printed(&firstlight(folder.path(), &["fingerprint", "--diff", "new.pcapng", "new.pcapng"]), 0);
}

#[test]
fn books_of_ones_own_are_compared_before_the_one_that_is_compiled_in() {
    let folder = tempfile::tempdir().unwrap();
    capture(folder.path(), "mac.pcapng", 6);
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let signature = "*:64:0:*:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn:0";
    write("own.tsv", &format!("kind\tvalue\tlabel\tsource\ntcp.syn\t{signature}\tour Macs\tlab\n"));
    write(
        "p0f.fp",
        &format!("[mtu]\nlabel = our wire\nsig = 1500\n[tcp:request]\nlabel = s:unix:Made up:1\nsig = {signature}\n"),
    );
    let arguments = ["fingerprint", "mac.pcapng", "--book", "own.tsv", "--p0f", "p0f.fp", "--width", "300"];
    let page = printed(&firstlight(folder.path(), &arguments), 0);
    assert!(page.contains("same as our Macs [lab] · Made up 1 [p0f.fp:6] · "), "{page}");
    assert!(page.contains("MTU 1500 is that of our wire, p0f.fp"), "{page}");
    write("wrong.fp", "[tcp:request]\nsig = 1\n");
    for (option, file, why) in [
        ("--p0f", "wrong.fp", "line 2: a signature follows a label"),
        ("--book", "p0f.fp", "line 1: a row is"),
        ("--p0f", "none.fp", "cannot read none.fp"),
    ] {
        let out = firstlight(folder.path(), &["fingerprint", "mac.pcapng", option, file]);
        let said = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{said}");
        assert!(said.contains(why) && said.contains("hint:"), "{said}");
    }
}

#[test]
fn as_many_captures_as_are_compared_have_to_be_named() {
    let folder = tempfile::tempdir().unwrap();
    capture(folder.path(), "one.pcapng", 6);
    for arguments in [&["fingerprint", "--diff", "one.pcapng"][..], &["fingerprint", "one.pcapng", "one.pcapng"]] {
        assert_eq!(firstlight(folder.path(), arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_book_is_compared_with_the_servers_too() {
    let folder = tempfile::tempdir().unwrap();
    capture(folder.path(), "mac.pcapng", 6);
    let peers = |more: &[&str]| {
        let arguments = [&["fingerprint", "mac.pcapng", "--format", "json"], more].concat();
        let document: Value = serde_json::from_str(&printed(&firstlight(folder.path(), &arguments), 0)).unwrap();
        document["peers"].clone()
    };
    let answer = peers(&[])[0].clone();
    assert_eq!((&answer["kind"], &answer["hosts"][0]), (&"tcp.synack".into(), &"198.51.100.7".into()));
    let signature = answer["p0f"].as_str().unwrap();
    let book = format!("[tcp:response]\nlabel = s:unix:Our server:2\nsig = {signature}\n");
    fs::write(folder.path().join("p0f.fp"), book).unwrap();
    assert_eq!(peers(&["--p0f", "p0f.fp"])[0]["matches"][0]["label"], "Our server 2");
}
