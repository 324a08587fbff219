//! The rules of ARCHITECTURE.md and CONTRIBUTING.md that a program can check.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use firstlight_house::{assert_none, crate_folders, files_below, name_of, root, short};

/// Who may import whom, by folder in `crates/`. A crate that is not listed here fails.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("capture", &["model"]),
    ("wire", &["model"]),
    ("flow", &["model", "wire"]),
    ("dissect", &["model", "wire"]),
    ("knowledge", &["model"]),
    ("analysis", &["model", "knowledge"]),
    ("report", &["model"]),
    ("baseline", &["model", "report"]),
    ("engine", &["model", "capture", "wire", "flow", "dissect", "knowledge", "analysis"]),
    ("synth", &["model", "capture"]),
    ("firstlight", &["model", "capture", "engine", "knowledge", "report", "baseline"]),
    (
        "house",
        &[
            "model",
            "capture",
            "wire",
            "flow",
            "dissect",
            "knowledge",
            "analysis",
            "report",
            "engine",
            "baseline",
            "synth",
        ],
    ),
];

/// Crates that a library stage may not use: they would make it touch what only the binary touches (invariant 2), or
/// serialise where only formats do (invariant 8).
const ONLY_IN: &[(&str, &[&str])] = &[
    ("anyhow", &["firstlight"]),
    ("clap", &["firstlight"]),
    ("indicatif", &["firstlight"]),
    ("serde", &["report", "baseline", "house"]),
    ("serde_json", &["report", "baseline", "house"]),
];

const MAX_LINES: usize = 800;

fn manifest(folder: &Path) -> toml::Table {
    fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap()
}

/// Names in `[dependencies]` and `[build-dependencies]`, those for one platform included.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let mut tables = vec![manifest];
    if let Some(targets) = manifest.get("target").and_then(|it| it.as_table()) {
        tables.extend(targets.values().filter_map(|it| it.as_table()));
    }
    ["dependencies", "build-dependencies"]
        .iter()
        .flat_map(|kind| tables.iter().filter_map(|table| table.get(*kind)?.as_table()))
        .flat_map(|table| table.keys().cloned())
        .collect()
}

fn rust_files() -> Vec<PathBuf> {
    files_below(&root().join("crates"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .collect()
}

#[test]
fn imports_only_go_down() {
    let allowed: BTreeMap<_, _> = ALLOWED.iter().copied().collect();
    let mut offenders = Vec::new();
    for folder in crate_folders() {
        let name = name_of(&folder);
        let Some(allowed) = allowed.get(name) else {
            offenders.push(format!("{name} is not in the table ALLOWED of crates/house/tests/tidy.rs"));
            continue;
        };
        for dependency in dependencies(&manifest(&folder)) {
            if let Some(dependency) = dependency.strip_prefix("firstlight-")
                && !allowed.contains(&dependency)
            {
                offenders.push(format!("{name} may not import {dependency}"));
            }
        }
    }
    assert_none("imports against ARCHITECTURE.md", &offenders);
}

#[test]
fn what_belongs_to_one_stage_is_used_by_no_other() {
    let mut offenders = Vec::new();
    for folder in crate_folders() {
        let dependencies = dependencies(&manifest(&folder));
        for (dependency, crates) in ONLY_IN {
            if dependencies.contains(*dependency) && !crates.contains(&name_of(&folder)) {
                offenders.push(format!("{} uses {dependency}", name_of(&folder)));
            }
        }
    }
    assert_none("dependencies that only others may use", &offenders);
}

#[test]
fn every_crate_takes_version_licence_and_lints_from_the_workspace() {
    let mut offenders = Vec::new();
    for folder in crate_folders() {
        let manifest = manifest(&folder);
        let package = manifest["package"].as_table().unwrap();
        for key in ["version", "edition", "rust-version", "license"] {
            if package.get(key).and_then(|it| it.get("workspace")).and_then(|it| it.as_bool()) != Some(true) {
                offenders.push(format!("{}: {key}.workspace = true is missing", name_of(&folder)));
            }
        }
        let lints = manifest.get("lints");
        let inherits = lints.and_then(|it| it.get("workspace")).and_then(|it| it.as_bool()) == Some(true);
        let forbids = lints.and_then(|it| it.get("rust")?.get("unsafe_code")?.as_str()) == Some("forbid");
        if !inherits && !forbids {
            offenders.push(format!("{}: [lints] workspace = true is missing", name_of(&folder)));
        }
    }
    assert_none("manifests", &offenders);
}

#[test]
fn every_source_file_opens_with_its_purpose() {
    let offenders: Vec<_> = rust_files()
        .iter()
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//!"))
        .map(|path| short(path))
        .collect();
    assert_none("files that do not begin with //!", &offenders);
}

#[test]
fn no_source_file_is_too_long() {
    let offenders: Vec<_> = rust_files()
        .iter()
        .map(|path| (path, fs::read_to_string(path).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(path, lines)| format!("{}: {lines} lines", short(path)))
        .collect();
    assert_none("files of more than 800 lines", &offenders);
}

#[test]
fn no_module_is_called_mod_rs() {
    let offenders: Vec<_> =
        rust_files().iter().filter(|path| name_of(path) == "mod.rs").map(|path| short(path)).collect();
    assert_none("name.rs and name/part.rs instead of", &offenders);
}

#[test]
fn nothing_is_left_to_do_or_ignored() {
    // Put together here, so that this file does not contain them.
    let words = [["to", "do!("].concat(), ["unimple", "mented!("].concat(), ["#[ign", "ore"].concat()];
    let offenders: Vec<_> = rust_files()
        .iter()
        .flat_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let found: Vec<_> = words.iter().filter(|word| text.contains(*word)).cloned().collect();
            found.into_iter().map(|word| format!("{}: {word}", short(path)))
        })
        .collect();
    assert_none("left undone", &offenders);
}

#[test]
fn every_protocol_is_one_file_and_one_line() {
    let folder = root().join("crates/dissect/src");
    let lib = fs::read_to_string(folder.join("lib.rs")).unwrap();
    let Some((_, list)) = lib.split_once("\nprotocols! {") else {
        panic!("crates/dissect/src/lib.rs has no list `protocols! {{ … }}`");
    };
    let list = list.split_once('}').expect("the list ends").0;
    let listed: BTreeSet<_> = list
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .flat_map(|line| line.split(|letter: char| !letter.is_alphanumeric() && letter != '_'))
        .filter(|word| !word.is_empty() && word.chars().all(|letter| !letter.is_uppercase()))
        .map(String::from)
        .collect();
    let mut declared = BTreeSet::new();
    for path in files_below(&folder) {
        if path.parent() == Some(&folder) && fs::read_to_string(&path).unwrap().contains(": Dissector = Dissector {") {
            declared.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    assert!(!listed.is_empty(), "the list of protocols was not understood");
    assert_eq!(declared, listed, "files that declare a Dissector, and the list");
}
