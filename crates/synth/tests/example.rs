//! The example in the repository is what the script makes, and tells the diary's facts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use firstlight_model::Timestamp;
use firstlight_synth::example::{self, CAPTURE, PHASES, TRUTH};

fn file(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "examples", name].iter().collect()
}

/// `phase, name, port: connections, payload_in` of the truth.
fn contact(truth: &str, phase: &str, name: &str, port: &str) -> Option<(u64, u64)> {
    truth.lines().find_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let same = fields[0] == phase && fields[1] == name && fields[3] == port;
        same.then(|| (fields[4].parse().unwrap(), fields[6].parse().unwrap()))
    })
}

#[test]
fn the_files_in_the_repository_are_what_the_script_makes() {
    let made = example::macos_10_15();
    let hint = "run `cargo run --release -p firstlight-synth --bin make-example`";
    let truth = std::fs::read_to_string(file(TRUTH)).unwrap();
    assert_eq!(truth, made.ledger.to_tsv(&PHASES), "{hint}");
    let kept = std::fs::read(file(CAPTURE)).unwrap();
    assert!(kept.len() <= 2_000_000, "the example has {} bytes", kept.len());
    // Not assert_eq: nobody wants to read megabytes.
    assert!(zstd::decode_all(kept.as_slice()).unwrap() == made.to_pcapng(), "the capture differs: {hint}");
    assert!(kept == made.to_zstd().unwrap(), "the capture is the same but its compression differs: {hint}");
}

#[test]
fn the_facts_of_the_diary_are_in_it() {
    let truth = std::fs::read_to_string(file(TRUTH)).unwrap();
    let in_install = |name, port| contact(&truth, "install", name, port).unwrap();
    assert_eq!(in_install("swscan.apple.com", "443"), (18, 42_017_664));
    let (connections, bytes) = in_install("gspe21-ssl.ls.apple.com", "443");
    assert_eq!((connections, bytes / 1_000_000), (206, 23));
    for (name, port) in [
        ("time.apple.com", "123"),
        ("albert.apple.com", "443"),
        ("www.apple.com", "443"),
        ("ocsp.apple.com", "80"),
        ("ocsp.digicert.com", "80"),
        ("updates-http.cdn-apple.com", "80"),
    ] {
        assert!(in_install(name, port).0 > 0, "{name}");
    }
    assert!(contact(&truth, "first boot", "time.apple.com", "123").is_some());
    assert!(contact(&truth, "first boot", "apple-finance.query.yahoo.com", "443").is_some());
    for host in ["yelp", "yahoo", "weather", "tripadvisor", "linkedin", "facebook", "bing", "twitter"] {
        let (connections, _) = contact(&truth, "Safari", &format!("www.{host}.com"), "443").unwrap();
        assert!((1..=2).contains(&connections), "{host}");
    }
    // Outside the eight and the stock quotes, all are Apple's own, or say whether a certificate is good.
    let others: BTreeSet<&str> = truth
        .lines()
        .filter_map(|line| line.split('\t').nth(1))
        .filter(|name| name.ends_with(".com") && !name.ends_with(".apple.com") && !name.ends_with(".icloud.com"))
        .filter(|name| !name.starts_with("www."))
        .collect();
    assert_eq!(
        others,
        BTreeSet::from(["apple-finance.query.yahoo.com", "ocsp.digicert.com", "updates-http.cdn-apple.com"])
    );
    for name in ["qq.com", "tencent"] {
        assert!(!truth.contains(name), "{name}");
    }
}

#[test]
fn each_phase_begins_with_a_marked_frame_and_keeps_to_its_time() {
    let made = example::macos_10_15();
    assert!(made.frames.is_sorted_by_key(|frame| frame.time));
    let marks: Vec<(&str, Timestamp)> =
        made.frames.iter().filter_map(|frame| Some((frame.comment.as_deref()?, frame.time))).collect();
    let names: Vec<&str> = marks.iter().map(|(text, _)| *text).collect();
    assert_eq!(names, ["phase: install", "phase: first boot", "phase: Safari"]);
    assert_eq!(made.frames[0].comment.as_deref(), Some("phase: install"));
    // The ledger counts by phase of the script; by the clock it is the same only if nothing overruns its phase.
    let mut expected = 0;
    for (index, (_, start)) in marks.iter().enumerate() {
        let end = marks.get(index + 1).map_or(Timestamp::MAX, |(_, time)| *time);
        let by_clock = made.frames.iter().filter(|frame| frame.time >= *start && frame.time < end).count() as u64;
        let by_script: u64 = made
            .ledger
            .contacts
            .iter()
            .filter(|(key, _)| key.phase == index)
            .map(|(_, counts)| counts.packets_in + counts.packets_out)
            .sum();
        assert_eq!(by_clock, by_script, "{}", PHASES[index]);
        expected += by_script;
    }
    assert_eq!(expected, made.frames.len() as u64);
}
