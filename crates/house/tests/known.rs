//! The page `docs/known.md`: what the tables of `crates/knowledge/data` hold, counted: rules by vendor and grade,
//! categories, systems and their makers, what no longer works where a name is blocked, and sources with their age.
//! `FIRSTLIGHT_RENEW=1 cargo test -p firstlight-house --test known` writes it anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use firstlight_house::page::hold_page;
use firstlight_house::{files_below, name_of, root};
use firstlight_knowledge::all_categories;
use firstlight_knowledge::check::{Grade, Source, Tables, check};

/// The tables, as text by their path below `data`.
fn texts() -> Vec<(String, String)> {
    let data = root().join("crates/knowledge/data");
    files_below(&data)
        .iter()
        .filter(|path| name_of(path).ends_with(".tsv"))
        .map(|path| {
            let file = path.strip_prefix(&data).unwrap().display().to_string().replace('\\', "/");
            (file, fs::read_to_string(path).unwrap())
        })
        // What a sign is worth is no knowledge of names, and is checked where it is read.
        .filter(|(file, _)| !file.starts_with("identity/"))
        .collect()
}

type Shape = firstlight_knowledge::check::Shape;

#[test]
fn the_page_of_what_is_known_is_that_of_the_tables() {
    let texts = texts();
    let sources: Vec<Source<'_>> = texts.iter().map(|(file, text)| Source { file, text }).collect();
    let (tables, problems) = check(&sources);
    assert!(problems.is_empty(), "{problems:?}");
    let mut page = "# What is known\n\nCounted from the tables in `crates/knowledge/data`; [knowledge.md](knowledge.md) says what they mean and how to add to\n\
                    them. Made by `FIRSTLIGHT_RENEW=1 cargo test -p firstlight-house --test known`, which holds this page.\n"
        .to_owned();
    rules(&tables, &mut page);
    categories(&tables, &mut page);
    systems(&tables, &mut page);
    blocked(&tables, &mut page);
    cited(&tables, &mut page);
    hold_page("docs/known.md", "", &page);
}

fn rules(tables: &Tables<'_>, page: &mut String) {
    let mut files: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for row in tables.rows(&Shape::RULES).chain(tables.rows(&Shape::KINDS)) {
        *files.entry(row.file()).or_default().entry(row.get("grade")).or_default() += 1;
    }
    let grades: Vec<&str> = Grade::ALL.iter().map(|grade| grade.word()).collect();
    let _ = write!(
        page,
        "\n## Rules, by file and grade of evidence\n| file | rules | {} |\n|---|--:{}|\n",
        grades.join(" | "),
        "|--:".repeat(grades.len())
    );
    let mut all: BTreeMap<&str, u64> = BTreeMap::new();
    let mut line = |title: &str, counts: &BTreeMap<&str, u64>| {
        let cells: Vec<String> =
            grades.iter().map(|grade| counts.get(grade).copied().unwrap_or(0).to_string()).collect();
        let _ = writeln!(page, "| {title} | {} | {} |", counts.values().sum::<u64>(), cells.join(" | "));
    };
    for (file, counts) in &files {
        line(&format!("`{file}`"), counts);
        counts.iter().for_each(|(grade, count)| *all.entry(grade).or_default() += count);
    }
    line("all", &all);
    let count = |shape: &Shape| tables.rows(shape).count();
    let _ = writeln!(
        page,
        "\nBeside them {} domains with their owner, {} owners, {} networks and CDNs, {} addresses that stay, {} first labels,\n\
         {} paths and {} ports that say something by themselves.",
        count(&Shape::ORGANISATIONS),
        count(&Shape::OWNERS),
        count(&Shape::NETWORKS),
        count(&Shape::ADDRESSES),
        count(&Shape::LABELS),
        count(&Shape::PATHS),
        count(&Shape::PORT_PURPOSES),
    );
}

fn categories(tables: &Tables<'_>, page: &mut String) {
    page.push_str("\n## Categories\n| category | means | rules | kinds | domains |\n|---|---|--:|--:|--:|\n");
    for (category, meaning) in all_categories() {
        let count = |shape: &Shape| tables.rows(shape).filter(|row| row.get("category") == category).count();
        let _ = writeln!(
            page,
            "| `{category}` | {} | {} | {} | {} |",
            cell(meaning),
            count(&Shape::RULES),
            count(&Shape::KINDS),
            count(&Shape::ORGANISATIONS)
        );
    }
}

fn systems(tables: &Tables<'_>, page: &mut String) {
    let mut families: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in tables.rows(&Shape::SYSTEMS) {
        let maker = row.get("maker");
        let maker = if maker.is_empty() { String::new() } else { format!(" ({})", cell(maker)) };
        families.entry(row.get("family")).or_default().push(format!("{}{maker}", cell(row.get("system"))));
    }
    page.push_str("\n## Systems that rules may be scoped to\n| family | systems, and who makes them |\n|---|---|\n");
    for (family, systems) in families {
        let _ = writeln!(page, "| {} | {} |", cell(family), systems.join(", "));
    }
}

fn blocked(tables: &Tables<'_>, page: &mut String) {
    page.push_str("\n## What no longer works where a name is blocked\nAs its vendor says.\n\n| name | then | source |\n|---|---|---|\n");
    for row in tables.rows(&Shape::IF_BLOCKED) {
        let below = if row.get("match") == "subdomain" { "below " } else { "" };
        let (name, then) = (row.get("pattern"), cell(row.get("if_blocked")));
        let _ = writeln!(page, "| {below}`{name}` | {then} | `{}` |", row.get("source"));
    }
}

fn cited(tables: &Tables<'_>, page: &mut String) {
    // Of `a+b` both, of `v2fly:apple` the whole, of `bootp-298` the family.
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let known: Vec<&str> = tables.rows(&Shape::SOURCES).map(|row| row.get("key")).collect();
    for shape in Shape::ALL.iter().filter(|shape| shape.columns.contains(&"source")) {
        for row in tables.rows(shape) {
            for key in row.get("source").split('+') {
                let key = key.split(':').next().unwrap_or(key);
                let family = key.split_once('-').map(|(family, _)| format!("{family}-*"));
                let key = if known.contains(&key) { key.to_owned() } else { family.unwrap_or_default() };
                *counts.entry(key).or_default() += 1;
            }
        }
    }
    page.push_str(
        "\n## Sources\n`stated` is the year or month in which a source says what it says, where that is known.\n\n",
    );
    page.push_str("| source | rows | what | licence | stated | read |\n|---|--:|---|---|---|---|\n");
    for row in tables.rows(&Shape::SOURCES) {
        let rows = counts.get(row.get("key")).copied().unwrap_or(0);
        let (what, licence) = (cell(row.get("what")), cell(row.get("licence")));
        let (stated, read) = (row.get("stated"), row.get("read"));
        let _ = writeln!(page, "| `{}` | {rows} | {what} | {licence} | {stated} | {read} |", row.get("key"));
    }
}

/// As it may stand in a table.
fn cell(text: &str) -> String {
    text.replace('|', "/")
}
