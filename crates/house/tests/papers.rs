//! What lies beside the code: README, licences, decisions, links, and what must not lie there.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use firstlight_house::{assert_none, binary, crate_folders, files_below, name_of, root, short};

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

#[test]
fn every_link_between_documents_resolves() {
    let mut offenders = Vec::new();
    for path in markdown_files() {
        let text = fs::read_to_string(&path).unwrap();
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split([')', ' ', '\n']).next().unwrap_or_default();
            let target = target.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            if !path.parent().unwrap().join(target).exists() {
                offenders.push(format!("{}: {target}", short(&path)));
            }
        }
        // Also where a document is only named in passing.
        for word in text.split(|it: char| it.is_whitespace() || "()[]`\"'<>,;".contains(it)) {
            let word = word.trim_end_matches(['.', ':']);
            if word.starts_with("docs/") && word.ends_with(".md") && !root().join(word).exists() {
                offenders.push(format!("{}: {word}", short(&path)));
            }
        }
    }
    assert_none("links to nothing", &offenders);
}

#[test]
fn the_house_has_its_papers() {
    for name in
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "NOTICE", "LICENSE-MIT", "LICENSE-APACHE"]
    {
        let text = fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(text.len() > 200, "{name} is nearly empty");
    }
    assert!(fs::read_to_string(root().join("CHANGELOG.md")).unwrap().contains("\n## Unreleased\n"));
}

#[test]
fn the_readme_has_two_commands_that_can_be_run() {
    let commands = readme_commands();
    let [report, tests] = &commands[..] else { panic!("two commands, not {commands:?}") };
    let capture = report.strip_prefix("cargo run --release -- report ").expect("the first command reports");
    assert!(root().join(capture).is_file(), "README.md: {capture} is not in the repository");
    let workspace: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let default = workspace["workspace"].get("default-members").and_then(|it| it.as_array());
    assert!(
        default.is_some_and(|it| it.len() == 1 && it[0].as_str() == Some("crates/firstlight")),
        "cargo run needs default-members = [\"crates/firstlight\"]"
    );
    let run = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(run.contains(&format!("step test {tests} ")), ".ci/run runs the README's command `{tests}`");
}

/// `…` alone on a line stands for what the README leaves out.
#[test]
fn the_readme_shows_what_the_program_prints() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, shown) = readme.split_once("\n```text\n").expect("README.md shows an output");
    let shown = shown.split("\n```").next().unwrap_or_default();
    let command = readme_commands().swap_remove(0);
    let arguments = command.split(" -- ").nth(1).expect("the first command has arguments for the program");
    let mut program = Command::new(binary::firstlight());
    program.current_dir(root()).args(arguments.split(' ')).env_clear();
    let output = program.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let mut rest = printed.lines();
    let mut lines = 0;
    for line in shown.lines().filter(|line| !line.is_empty() && *line != "…") {
        assert!(rest.any(|it| it == line), "README.md shows a line that is not printed (any more):\n{line}");
        lines += 1;
    }
    assert!(lines > 20, "the README shows {lines} lines");
}

/// The commands of the README's chapter that promises two of them.
fn readme_commands() -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, chapter) = readme.split_once("\n## Two commands\n").expect("README.md has the chapter `Two commands`");
    let chapter = chapter.split("\n## ").next().unwrap_or_default();
    let mut commands = Vec::new();
    let mut inside = false;
    for line in chapter.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            _ if inside => commands.push(line.to_owned()),
            _ => {}
        }
    }
    commands
}

fn markdown_files() -> Vec<PathBuf> {
    files_below(&root()).into_iter().filter(|path| path.extension().is_some_and(|it| it == "md")).collect()
}

/// Name and value of each limit, as the code says them.
fn limits(text: &str) -> Vec<(&str, &str)> {
    let constants = text.lines().filter_map(|line| line.strip_prefix("pub const ")).filter_map(|line| {
        let (name, rest) = line.split_once(": ")?;
        Some((name, rest.split_once(" = ")?.1.strip_suffix(';')?))
    });
    let default = text.split_once("impl Default for Limits").map_or("", |(_, default)| default);
    let fields =
        default.lines().filter_map(|line| line.strip_prefix("            ")?.strip_suffix(',')?.split_once(": "));
    constants.chain(fields).collect()
}

#[test]
fn the_page_of_limits_has_each_limit_with_its_value() {
    let page = fs::read_to_string(root().join("docs/limits.md")).unwrap();
    let mut offenders = Vec::new();
    for stage in ["flow", "dissect", "analysis"] {
        let text = fs::read_to_string(root().join("crates").join(stage).join("src/limits.rs")).unwrap();
        let limits = limits(&text);
        assert!(limits.len() >= 15, "{stage} has {} limits", limits.len());
        for (name, value) in limits {
            if !page.contains(&format!("| `{name}` | `{value}` |")) {
                offenders.push(format!("docs/limits.md does not say that {name} of {stage} is {value}"));
            }
        }
    }
    assert_none("limits that the page does not have", &offenders);
}
