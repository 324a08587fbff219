//! Reads the tables of knowledge and refuses what may not stand in them. The build script runs it over `data/`; the
//! same function judges a user's own tables. Each problem names file and line. Whether a statement is true is not
//! checked, only that it says where it comes from.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

#[path = "check/kinds.rs"]
mod kinds;
#[path = "check/row.rs"]
mod row;
#[path = "check/table.rs"]
mod table;

pub use kinds::{Class, Grade, Match, Scope};
pub(crate) use row::{group, split_system};
pub use table::{Row, Shape, Table};

/// One file to be read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its path below the folder of tables, with `/`.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// Something that is wrong in a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Path below the folder of tables.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong, in words.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.text)
    }
}

/// All tables, as read.
#[derive(Debug, Default)]
pub struct Tables<'a> {
    /// By the name of their shape; several files may have the same one (`rules`, `kinds`).
    tables: BTreeMap<&'static str, Vec<Table<'a>>>,
}

impl<'a> Tables<'a> {
    /// The rows of a shape, file by file in the order of their names.
    pub fn rows<'t>(&'t self, shape: &Shape) -> impl Iterator<Item = Row<'t, 'a>> + use<'t, 'a> {
        self.tables.get(shape.name).into_iter().flatten().flat_map(Table::rows)
    }
}

/// Where a purpose is cut: longer ones do not fit a line of a report.
pub const MAX_PURPOSE: usize = 80;

/// Where what no longer works is cut.
pub const MAX_IF_BLOCKED: usize = 100;

/// Reads the files and tells everything that is wrong with them, sorted by file and line.
pub fn check<'a>(files: &[Source<'a>]) -> (Tables<'a>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut tables = Tables::default();
    for source in files {
        match Shape::of_file(source.file) {
            Some(shape) => {
                let table = Table::read(source, shape, &mut problems);
                tables.tables.entry(shape.name).or_default().push(table);
            }
            None => problems.push(Problem {
                file: source.file.to_owned(),
                line: 1,
                text: "is no table that is known here; its name decides what it holds".to_owned(),
            }),
        }
    }
    let known = Known::of(&tables);
    for (name, group) in &tables.tables {
        for table in group {
            table.check_order(&mut problems);
            for row in table.rows() {
                let mut report = |text: String| {
                    problems.push(Problem { file: row.file().to_owned(), line: row.line(), text });
                };
                row::check(name, &row, &known, &mut report);
            }
        }
    }
    check_duplicates(&tables, &mut problems);
    check_numbers(&tables, &mut problems);
    check_parents(&tables, &mut problems);
    problems.sort();
    (tables, problems)
}

/// What rows may refer to.
pub(crate) struct Known<'a> {
    pub(crate) categories: HashSet<&'a str>,
    pub(crate) sources: HashSet<&'a str>,
    pub(crate) owners: HashSet<&'a str>,
    pub(crate) systems: BTreeSet<&'a str>,
    pub(crate) shared_networks: HashSet<&'a str>,
    /// Match and pattern of every rule.
    pub(crate) rules: HashSet<(&'a str, &'a str)>,
}

impl<'a> Known<'a> {
    fn of(tables: &Tables<'a>) -> Self {
        let column = |shape, column| tables.rows(shape).map(|row| row.get(column)).collect();
        Self {
            categories: column(&Shape::CATEGORIES, "category"),
            sources: column(&Shape::SOURCES, "key"),
            owners: column(&Shape::OWNERS, "owner"),
            rules: tables
                .rows(&Shape::RULES)
                .chain(tables.rows(&Shape::KINDS))
                .map(|row| (row.get("match"), row.get("pattern")))
                .collect(),
            systems: tables.rows(&Shape::SYSTEMS).map(|row| row.get("system")).collect(),
            shared_networks: tables
                .rows(&Shape::NETWORKS)
                .filter(|row| row.get("use") == "shared")
                .map(|row| row.get("pattern"))
                .collect(),
        }
    }

    /// Whether a key, or each part of `a+b`, stands in the table of sources. `v2fly:apple` is covered by `v2fly`,
    /// `bootp-298` by `bootp-*`.
    pub(crate) fn source(&self, keys: &str) -> bool {
        keys.split('+').all(|key| {
            let key = key.split(':').next().unwrap_or(key);
            let family = key.split_once('-').map(|(family, _)| format!("{family}-*"));
            self.sources.contains(key) || family.is_some_and(|family| self.sources.contains(family.as_str()))
        })
    }
}

/// Rows that say the same thing twice. Rules may repeat a host for other systems, never for the same ones.
fn check_duplicates(tables: &Tables<'_>, problems: &mut Vec<Problem>) {
    for (name, group) in &tables.tables {
        let mut seen: HashMap<Vec<&str>, (String, usize)> = HashMap::new();
        for row in group.iter().flat_map(Table::rows) {
            let key: Vec<&str> = row.shape().identity.iter().map(|column| row.get(column)).collect();
            let place = (row.file().to_owned(), row.line());
            if let Some((file, line)) = seen.get(&key) {
                let text = format!("says again what {file}:{line} says ({}, in {name})", key.join(" ").trim());
                problems.push(Problem { file: place.0, line: place.1, text });
            } else {
                seen.insert(key, place);
            }
        }
    }
}

/// Rules that the index keeps under one name.
const MAX_RULES_OF_HOST: usize = 255;

/// Hosts of which there are more rules than the index can keep.
fn check_numbers(tables: &Tables<'_>, problems: &mut Vec<Problem>) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for row in tables.rows(&Shape::RULES).chain(tables.rows(&Shape::KINDS)) {
        let count = counts.entry(crate::host::glob_tail(row.get("pattern"))).or_default();
        *count += 1;
        if *count == MAX_RULES_OF_HOST + 1 {
            let text = format!("is one of more than {MAX_RULES_OF_HOST} rules for one name and what lies below it");
            problems.push(Problem { file: row.file().to_owned(), line: row.line(), text });
        }
    }
}

/// Owners whose parents lead back to themselves, or to nobody.
fn check_parents(tables: &Tables<'_>, problems: &mut Vec<Problem>) {
    let parents: HashMap<&str, &str> =
        tables.rows(&Shape::OWNERS).map(|row| (row.get("owner"), row.get("parent"))).collect();
    for row in tables.rows(&Shape::OWNERS) {
        let mut at = row.get("owner");
        let mut steps = 0;
        while let Some(parent) = parents.get(at).filter(|parent| !parent.is_empty()) {
            at = parent;
            steps += 1;
            if steps > 16 {
                let text = format!("the parents of `{}` lead in a circle", row.get("owner"));
                problems.push(Problem { file: row.file().to_owned(), line: row.line(), text });
                break;
            }
        }
    }
}
