//! A baseline: what the runs of one scenario had. It keeps each run by itself, so that baselines merge in any order and
//! grouping, a run can be taken out again, and what is common is counted when it is asked for.

use std::collections::{BTreeMap, BTreeSet};

use crate::key::Key;
use crate::pattern;
use crate::run::{Run, Seen};

/// Runs, with what was said of how they were made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Baseline {
    /// What system the machines run, as the user says; several when baselines that differ were merged.
    pub systems: BTreeSet<String>,
    /// What was done in each run.
    pub scenarios: BTreeSet<String>,
    /// How the captures were made.
    pub methods: BTreeSet<String>,
    /// Patterns of names that a person accepted: names that fit one are one contact.
    pub accepted: BTreeSet<String>,
    /// By their id.
    pub runs: BTreeMap<String, Run>,
}

impl Baseline {
    /// Adds what another has. Associative, commutative and idempotent. Of two runs with one id, the same files read with
    /// other marks, that one stays which has more contacts.
    pub fn merge(&mut self, other: Self) {
        self.systems.extend(other.systems);
        self.scenarios.extend(other.scenarios);
        self.methods.extend(other.methods);
        self.accepted.extend(other.accepted);
        for (id, run) in other.runs {
            let run = run.without_evidence();
            let stays = self.runs.get(&id).is_some_and(|known| rank(known) >= rank(&run));
            if !stays {
                self.runs.insert(id, run);
            }
        }
    }

    /// Adds a run.
    pub fn add(&mut self, run: Run) {
        let runs = BTreeMap::from([(run.id.clone(), run)]);
        self.merge(Self { runs, ..Self::default() });
    }

    /// Takes out the runs whose id, or whose name of a file, is this. Gives how many.
    pub fn take_out(&mut self, id_or_file: &str) -> usize {
        let before = self.runs.len();
        self.runs.retain(|id, run| id != id_or_file && run.files.iter().all(|(name, _)| name != id_or_file));
        before - self.runs.len()
    }

    /// The runs with accepted patterns for names.
    pub fn widened(&self) -> Vec<Run> {
        self.runs.values().map(|run| run.under(&self.accepted)).collect()
    }

    /// What is common: each contact with what each run that had it had of it.
    pub fn contacts(&self) -> BTreeMap<Key, BTreeMap<String, Seen>> {
        let mut contacts: BTreeMap<Key, BTreeMap<String, Seen>> = BTreeMap::new();
        for run in self.widened() {
            for (key, seen) in run.contacts {
                contacts.entry(key).or_default().insert(run.id.clone(), seen);
            }
        }
        contacts
    }

    /// Patterns that two or more distinct names fit and that no one has accepted yet, with these names.
    pub fn proposals(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut proposals: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for run in self.runs.values() {
            for key in run.contacts.keys() {
                let Some(name) = key.name() else { continue };
                let domain = run.about.get(key).and_then(|about| about.domain.as_deref());
                if let Some(pattern) = pattern::propose(name, domain) {
                    proposals.entry(pattern).or_default().insert(name.to_owned());
                }
            }
        }
        proposals.retain(|pattern, names| names.len() >= 2 && !self.accepted.contains(pattern));
        proposals
    }

    /// Names of the runs that fit a pattern.
    pub fn names_under(&self, pattern: &str) -> BTreeSet<String> {
        let names = self.runs.values().flat_map(|run| run.contacts.keys()).filter_map(Key::name);
        names.filter(|name| pattern::fits(pattern, name)).map(str::to_owned).collect()
    }

    /// What it is of, in words; empty when nobody said.
    pub fn title(&self) -> String {
        let join = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(" / ");
        let parts = [join(&self.systems), join(&self.scenarios)];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// Which of two readings of one run stays: a total order over everything that is kept of it.
fn rank(run: &Run) -> (usize, String) {
    (run.contacts.len(), format!("{run:?}"))
}
