//! What lies beside the code: README, licences, decisions, links, and what must not lie there.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use firstlight_house::{assert_none, crate_folders, files_below, name_of, root, short};

#[test]
fn dependencies_are_permissively_licensed() {
    let deny: toml::Table = fs::read_to_string(root().join("deny.toml")).unwrap().parse().unwrap();
    let strings = |table: &str, key: &str| -> BTreeSet<String> {
        deny[table][key].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let (allowed, banned) = (strings("licenses", "allow"), strings("bans", "deny"));
    let metadata = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["metadata", "--format-version=1", "--locked", "--filter-platform", &host()])
        .output()
        .unwrap();
    assert!(metadata.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let mut offenders = Vec::new();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > crate_folders().len(), "the workspace has dependencies");
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or("none stated");
        if !satisfied(licence, &allowed) {
            offenders.push(format!("{name}: {licence}"));
        }
        if banned.contains(name) {
            offenders.push(format!("{name} is banned"));
        }
        let source = package["source"].as_str();
        if source.is_some_and(|it| !it.starts_with("registry+https://github.com/rust-lang/crates.io-index")) {
            offenders.push(format!("{name} comes from {}", source.unwrap()));
        }
    }
    assert_none("dependencies that deny.toml does not allow", &offenders);
}

fn host() -> String {
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host").to_owned()
}

/// Can an SPDX expression be met from `allowed`? `/` is the old way of writing OR.
fn satisfied(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let expression = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<_> = expression.split_whitespace().collect();
    let (value, rest) = any(&words, allowed);
    value && rest.is_empty()
}

fn any<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    let (mut value, mut rest) = all(words, allowed);
    while rest.first() == Some(&"OR") {
        let (right, after) = all(&rest[1..], allowed);
        (value, rest) = (value | right, after);
    }
    (value, rest)
}

fn all<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    let (mut value, mut rest) = one(words, allowed);
    while rest.first() == Some(&"AND") {
        let (right, after) = one(&rest[1..], allowed);
        (value, rest) = (value & right, after);
    }
    (value, rest)
}

fn one<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    match words {
        ["(", inner @ ..] => match any(inner, allowed) {
            (value, [")", rest @ ..]) => (value, rest),
            (_, rest) => (false, rest),
        },
        [licence, "WITH", exception, rest @ ..] => {
            (allowed.contains(&format!("{licence} WITH {exception}")) || allowed.contains(*licence), rest)
        }
        [licence, rest @ ..] => (allowed.contains(*licence), rest),
        [] => (false, words),
    }
}

#[test]
fn licence_expressions_are_read_as_spdx_means_them() {
    let allowed: BTreeSet<_> = ["MIT", "Apache-2.0"].into_iter().map(String::from).collect();
    for yes in ["MIT", "MIT OR GPL-3.0", "GPL-3.0/MIT", "MIT AND (GPL-2.0 OR Apache-2.0)", "(MIT)"] {
        assert!(satisfied(yes, &allowed), "{yes}");
    }
    for no in ["GPL-3.0", "MIT AND GPL-3.0", "GPL-2.0 AND (MIT OR Apache-2.0)", "none stated", "(MIT", ""] {
        assert!(!satisfied(no, &allowed), "{no}");
    }
}

#[test]
fn decisions_are_numbered_without_gaps() {
    let mut names: Vec<_> = files_below(&root().join("docs/decisions"))
        .iter()
        .map(|path| name_of(path).to_owned())
        .filter(|name| name != "README.md")
        .collect();
    names.sort();
    for (index, name) in names.iter().enumerate() {
        let expected = format!("{:04}-", index + 1);
        assert!(name.starts_with(&expected) && name.ends_with(".md"), "docs/decisions/{name}: expected {expected}….md");
        let text = fs::read_to_string(root().join("docs/decisions").join(name)).unwrap();
        assert!(text.starts_with("# "), "docs/decisions/{name} begins with its title");
    }
}

#[test]
fn captures_lie_in_examples_only() {
    // pcap in four byte orders and resolutions, modified pcap, pcapng.
    const MAGICS: &[[u8; 4]] = &[
        [0xd4, 0xc3, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xc3, 0xd4],
        [0x4d, 0x3c, 0xb2, 0xa1],
        [0xa1, 0xb2, 0x3c, 0x4d],
        [0x34, 0xcd, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xcd, 0x34],
        [0x0a, 0x0d, 0x0d, 0x0a],
    ];
    let examples = root().join("examples");
    let mut offenders = Vec::new();
    for path in files_below(&root()) {
        let name = name_of(&path).to_ascii_lowercase();
        let bytes = fs::read(&path).unwrap();
        let by_name =
            [".pcap", ".pcapng", ".cap"].iter().any(|it| name.ends_with(it) || name.contains(&format!("{it}.")));
        let by_magic = bytes.first_chunk().is_some_and(|magic| MAGICS.contains(magic));
        if (by_name || by_magic) && !path.starts_with(&examples) {
            offenders.push(short(&path));
        }
        if path.starts_with(&examples) && bytes.len() > 2_000_000 {
            offenders.push(format!("{} is larger than 2 MB", short(&path)));
        }
    }
    assert_none("captures in the repository", &offenders);
}

#[test]
fn no_path_of_somebodys_machine_is_in_the_tree() {
    let paths = ["work", "root", "Users"].map(|folder| format!("/{folder}/"));
    let mut offenders = Vec::new();
    for path in files_below(&root()) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            for machine in &paths {
                // Within an address (`https://host/work/`) it is none.
                let stands_alone =
                    |at: usize| !line[..at].ends_with(|it: char| it.is_alphanumeric() || "._-~/}".contains(it));
                if line.match_indices(machine.as_str()).any(|(at, _)| stands_alone(at)) {
                    offenders.push(format!("{}:{}: {machine}", short(&path), number + 1));
                }
            }
        }
    }
    assert_none("paths of a machine", &offenders);
}
