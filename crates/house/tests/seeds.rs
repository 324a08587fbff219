//! The fuzz targets without a fuzzer: what is kept in `fuzz/seeds/`, and what is made here, is read again in every run.
//! `FIRSTLIGHT_SEEDS=FOLDER cargo test -p firstlight-house --test seeds` writes what is made, for a fuzzer to begin with.

#[path = "seeds/made.rs"]
mod made;
#[path = "seeds/replay.rs"]
mod replay;

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use firstlight_house::fuzz::{TARGETS, Target};
use firstlight_house::{assert_none, files_below, name_of, root, short};

use replay::{Seed, replay};

/// What a seed may take on a busy machine without optimisation. The fuzzers' own limit is in `docs/fuzzing.md`.
const LIMIT: Duration = Duration::from_secs(20);
/// All seeds together.
const MAX_BYTES: u64 = 1_000_000;

/// The seeds of a target that are in the repository.
fn kept(target: &Target) -> Vec<Seed> {
    let files = files_below(&root().join("fuzz/seeds").join(target.name));
    files.iter().map(|path| Seed { name: short(path), bytes: fs::read(path).unwrap() }).collect()
}

#[test]
fn what_is_kept_is_survived_in_time() {
    for target in TARGETS {
        let seeds = kept(target);
        assert!(!seeds.is_empty(), "fuzz/seeds/{} has seeds", target.name);
        assert_none("seeds that a target does not survive", &replay(target, seeds, LIMIT));
    }
}

#[test]
fn what_is_made_is_survived_in_time() {
    for target in TARGETS {
        let seeds = made::of(target.name);
        assert!(!seeds.is_empty(), "seeds are made for {}", target.name);
        if let Some(folder) = std::env::var_os("FIRSTLIGHT_SEEDS") {
            let folder = root().join(folder).join(target.name);
            fs::create_dir_all(&folder).unwrap();
            seeds.iter().for_each(|seed| fs::write(folder.join(&seed.name), &seed.bytes).unwrap());
        }
        assert_none("seeds that a target does not survive", &replay(target, seeds, LIMIT));
    }
}

#[test]
fn a_planted_bug_is_found_by_the_replay() {
    fn panics(bytes: &[u8]) {
        assert!(!bytes.starts_with(b"\xff\xff"), "planted");
    }
    fn never_ends(bytes: &[u8]) {
        while std::hint::black_box(bytes).starts_with(b"\xff\xff") {
            std::thread::yield_now();
        }
    }
    let seeds = || {
        let seed = |name: &str, bytes: &[u8]| Seed { name: name.to_owned(), bytes: bytes.to_vec() };
        vec![seed("good", b"\0\0"), seed("bad", b"\xff\xff\0"), seed("good, too", b"")]
    };
    let found = replay(&Target { name: "planted", run: panics }, seeds(), LIMIT);
    assert_eq!(found, ["planted, bad: planted"]);
    let limit = Duration::from_millis(200);
    let found = replay(&Target { name: "planted", run: never_ends }, seeds(), limit);
    assert_eq!(found, ["planted, bad: not done after 200 ms; the seeds behind it were not tried"]);
}

#[test]
fn an_oracle_that_does_not_hold_is_found_by_the_replay() {
    // A made seed of the dissectors, held to what only an empty conversation says.
    fn says_nothing(bytes: &[u8]) {
        assert_eq!(firstlight_house::fuzz::dissect::said(bytes), 0, "something was said");
    }
    let found = replay(&Target { name: "dissect", run: says_nothing }, made::of("dissect"), LIMIT);
    assert!(found.len() > 50, "{found:?}");
}

#[test]
fn seeds_are_few_and_small_and_have_a_target() {
    let folder = root().join("fuzz/seeds");
    let mut bytes = 0;
    let names: BTreeSet<_> = TARGETS.iter().map(|target| target.name).collect();
    let mut offenders = Vec::new();
    let files = files_below(&folder);
    for path in &files {
        let len = fs::metadata(path).unwrap().len();
        bytes += len;
        if !path.parent().is_some_and(|parent| names.contains(name_of(parent)) && parent.parent() == Some(&folder)) {
            offenders.push(short(path));
        }
    }
    assert_none("seeds of no target", &offenders);
    assert!(files.len() <= 500 && bytes <= MAX_BYTES, "{} seeds, {bytes} bytes", files.len());
}

#[test]
fn a_target_is_one_file_one_line_and_one_program() {
    let names: BTreeSet<_> = TARGETS.iter().map(|target| format!("{}.rs", target.name)).collect();
    for folder in ["crates/house/src/fuzz", "fuzz/fuzz_targets"] {
        let files: BTreeSet<_> =
            files_below(&root().join(folder)).iter().map(|path| name_of(path).to_owned()).collect();
        assert_eq!(files, names, "{folder}");
    }
    let manifest: toml::Table = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap().parse().unwrap();
    let programs: BTreeSet<_> =
        manifest["bin"].as_array().unwrap().iter().map(|bin| format!("{}.rs", bin["name"].as_str().unwrap())).collect();
    assert_eq!(programs, names, "fuzz/Cargo.toml");
    let page = fs::read_to_string(root().join("docs/fuzzing.md")).unwrap();
    for target in TARGETS {
        assert!(
            page.contains(&format!("cargo +nightly fuzz run {} ", target.name)),
            "docs/fuzzing.md: {}",
            target.name
        );
    }
}
