//! What of captures nobody knows, as rows of own tables that are to be filled in. Names come from the wire: only those that
//! a row may carry become one, and the rest is counted.

use std::collections::{BTreeMap, BTreeSet};

use firstlight_knowledge::check::Shape;
use firstlight_knowledge::host::{Wildcards, normalise, syntax_fault};
use firstlight_model::Transport;
use firstlight_model::report::{Contact, Scope};

use crate::surroundings::Month;

/// Key of the source that rows are given.
const SOURCE: &str = "own";
/// Grade that rows are given: nothing confirms them yet.
const GRADE: &str = "analyst";
/// Rows beyond these are counted.
const MAX_ROWS: usize = 10_000;

/// What is missing.
#[derive(Debug, Default)]
pub(super) struct Missing {
    names: BTreeMap<String, Row>,
    addresses: BTreeMap<String, Row>,
    /// Names that no rule can carry.
    left_out: BTreeSet<String>,
    /// Contacts beyond the limit.
    beyond: u64,
}

/// What is known of one of them.
#[derive(Debug, Default)]
struct Row {
    owner: String,
    category: String,
    ports: BTreeSet<(u16, &'static str)>,
}

/// A table to be written.
#[derive(Debug)]
pub(super) struct Table {
    /// Below the folder of own tables.
    pub(super) file: &'static str,
    head: &'static str,
    shape: &'static Shape,
    /// With tabs.
    pub(super) rows: Vec<String>,
}

impl Table {
    /// As it stands in its file.
    pub(super) fn text(&self) -> String {
        let mut text = format!("# {}\n{}\n", self.head, self.shape.columns.join("\t"));
        for row in &self.rows {
            text.push_str(row);
            text.push('\n');
        }
        text
    }
}

impl Missing {
    /// Adds a contact, unless its owner and purpose are known or it is to a group.
    pub(super) fn add(&mut self, contact: &Contact) {
        let known = &contact.knowledge;
        let is_one = matches!(contact.scope, Scope::Internet | Scope::Local);
        if !is_one || known.purpose.is_some() && (known.owner.is_some() || contact.name.is_none()) {
            return;
        }
        let (rows, key) = match &contact.name {
            Some(name) => {
                let name = normalise(name).into_owned();
                if syntax_fault(&name, Wildcards::Refused).is_some() || !name.contains('.') {
                    if self.left_out.len() < MAX_ROWS {
                        self.left_out.insert(name);
                    }
                    return;
                }
                (&mut self.names, name)
            }
            // Of the local network there are names to be given, not addresses.
            None if contact.scope == Scope::Internet => match contact.addresses.first() {
                Some(address) => (&mut self.addresses, address.to_string()),
                None => return,
            },
            None => return,
        };
        if rows.len() >= MAX_ROWS && !rows.contains_key(&key) {
            self.beyond += 1;
            return;
        }
        let row = rows.entry(key).or_default();
        row.owner = known.owner.clone().unwrap_or_default();
        row.category = known.category.clone().unwrap_or_default();
        let transport = match contact.transport {
            Transport::TCP => Some("tcp"),
            Transport::UDP => Some("udp"),
            _ => None,
        };
        // Ports of a machine's own side are of the moment; so many as fit are those of services.
        if let (Some(port), Some(transport), true) = (contact.port, transport, row.ports.len() < 8) {
            row.ports.insert((port, transport));
        }
    }

    /// The tables, sorted as the checker wants them.
    pub(super) fn tables(&self, month: Month) -> [Table; 3] {
        let ports = |row: &Row| {
            row.ports.iter().map(|(port, transport)| format!("{port}/{transport}")).collect::<Vec<_>>().join(",")
        };
        let rules = self.names.iter().map(|(name, row)| {
            let Row { owner, category, .. } = row;
            format!("exact\t{name}\t\t{owner}\t{category}\t\t\t\t{}\t\t\t{GRADE}\t{SOURCE}\t", ports(row))
        });
        let addresses = self.addresses.iter().map(|(address, row)| {
            format!("{address}\t{}\t{}\t\t{}\t\t{GRADE}\t{SOURCE}", ports(row), row.owner, row.category)
        });
        let rules: Vec<String> = rules.collect();
        let addresses: Vec<String> = addresses.collect();
        let is_empty = rules.is_empty() && addresses.is_empty();
        let source = format!("{SOURCE}\town notes\twhat we know of our own network\tours\tuser\t{month}\t");
        [
            Table {
                file: "rules/missing.tsv",
                head: "What hosts are for: to be filled in. Ours, for our own use.",
                shape: &Shape::RULES,
                rows: rules,
            },
            Table {
                file: "addresses.tsv",
                head: "Addresses that stay: keep only those, and fill them in. Ours, for our own use.",
                shape: &Shape::ADDRESSES,
                rows: addresses,
            },
            Table {
                file: "sources.tsv",
                head: "Where the rows are from. Ours, for our own use.",
                shape: &Shape::SOURCES,
                rows: if is_empty { Vec::new() } else { vec![source] },
            },
        ]
    }

    /// What was found, in words.
    pub(super) fn in_words(&self) -> Vec<String> {
        let mut words = vec![format!("{} names and {} addresses to fill in", self.names.len(), self.addresses.len())];
        if !self.left_out.is_empty() {
            words.push(format!("{} names are no host names that a rule can carry", self.left_out.len()));
        }
        if self.beyond > 0 {
            words.push(format!("{} contacts beyond {MAX_ROWS} rows are left out", self.beyond));
        }
        words
    }
}
