//! A run held against a baseline: what is usual, new, changed, missing, and what cannot be told.
//!
//! Each finding says how surprising it is in bits, which is minus the logarithm of a probability: of something as new,
//! that the runs foretell by leaving each of them out in turn (`novelty.rs`); of an amount as far out, from the spread
//! of the runs (`volume.rs`) and likewise by leaving each out; of something missing, from how many runs had it.

mod amounts;
mod missing;
mod properties;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use firstlight_model::finding::{Check, Finding, Grade};
use firstlight_model::report::{Evidence, Initiator, Scope};

use crate::baseline::Baseline;
use crate::estimate::Completeness;
use crate::key::Key;
use crate::novelty::{Index, Level, bits};
use crate::run::{About, Property, Run, Seen};
use crate::words;

/// Below this a contact that no run had is no alarm: about one in eight runs brings something as new.
const NEW_BITS: f64 = 3.0;

/// Below this it is how runs differ from each other: one run in four brings as much.
const VARIATION_BITS: f64 = 2.0;

/// Holds a run against a baseline.
pub fn check(baseline: &Baseline, run: &Run) -> Check {
    let runs = baseline.widened();
    let runs: Vec<&Run> = runs.iter().collect();
    let run = run.under(&baseline.accepted);
    let findings = Held::new(&runs, &run).findings();
    let (mut findings, mut variation): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|finding| finding.surprise_bits >= VARIATION_BITS);
    variation.sort_by(|a, b| a.id.cmp(&b.id));
    findings.sort_by(|a, b| {
        (a.grade == Grade::CannotTell).cmp(&(b.grade == Grade::CannotTell)).then_with(|| by_surprise(a, b))
    });
    let told: BTreeSet<&str> =
        findings.iter().filter_map(|finding| finding.id.split_once(':')).map(|id| id.1).collect();
    let usual: Vec<&Seen> =
        run.contacts.iter().filter(|(key, _)| !told.contains(key.id().as_str())).map(|(_, seen)| seen).collect();
    Check {
        baseline: baseline.title(),
        runs_learnt: runs.len() as u64,
        expected_new: Completeness::of(&runs).expected_new,
        machine: run.subject.id.clone(),
        usual_contacts: usual.len() as u64,
        usual_bytes: usual.iter().map(|seen| seen.payload_in + seen.payload_out).sum(),
        contacts: run.contacts.len() as u64,
        findings,
        variation,
    }
}

/// The most surprising first.
pub(crate) fn by_surprise(a: &Finding, b: &Finding) -> Ordering {
    b.surprise_bits.total_cmp(&a.surprise_bits).then_with(|| a.id.cmp(&b.id))
}

/// A run and what it is held against.
pub(crate) struct Held<'a> {
    runs: &'a [&'a Run],
    run: &'a Run,
    /// What the runs know.
    pub(crate) index: Index,
    /// What the runs had, by contact and place in `runs`.
    common: BTreeMap<&'a Key, BTreeMap<usize, &'a Seen>>,
}

impl<'a> Held<'a> {
    /// Accepted patterns are in the place of names already.
    pub(crate) fn new(runs: &'a [&'a Run], run: &'a Run) -> Self {
        let mut common: BTreeMap<&Key, BTreeMap<usize, &Seen>> = BTreeMap::new();
        for (at, run) in runs.iter().enumerate() {
            for (key, seen) in &run.contacts {
                common.entry(key).or_default().insert(at, seen);
            }
        }
        Self { index: Index::of(runs), runs, run, common }
    }

    /// Everything that is not as the runs had it, however little it surprises.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut findings = self.novelties();
        findings.extend(self.amounts());
        findings.extend(self.properties());
        findings.extend(self.missing());
        findings.extend(self.fingerprints());
        findings.extend(self.subject());
        findings
    }

    /// What is known of a contact, from the run or else from the runs.
    fn about(&self, key: &Key) -> Option<&About> {
        self.run.about.get(key).or_else(|| self.runs.iter().find_map(|run| run.about.get(key)))
    }

    fn finding(&self, grade: Grade, what: &'static str, key: &Key, bits: f64, text: String) -> Finding {
        Finding {
            id: format!("{what}:{}", key.id()),
            grade,
            what,
            machine: self.run.subject.id.clone(),
            phase: Some(key.phase.clone()),
            name: Some(key.who_in_words()),
            owner: self.about(key).and_then(|about| about.owner.clone()),
            surprise_bits: bits,
            text,
            evidence: self.run.contacts.get(key).map_or_else(Vec::new, |seen| seen.evidence.clone()),
        }
    }

    /// Minus the logarithm of how often the runs foretell it: `had` of them did, and `prior` of one more.
    fn bits(&self, had: usize, prior: f64) -> f64 {
        bits(had, self.runs.len(), prior)
    }

    /// Contacts that no run had.
    pub(crate) fn novelties(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (key, seen) in &self.run.contacts {
            let about = self.about(key);
            let Some(level) = self.index.level(key, about) else { continue };
            let bits = self.index.surprise_bits(level, key);
            let had = self.index.runs_with(level, key);
            let grade = match level {
                Level::Phase | Level::Pattern | Level::Name => Grade::Changed,
                // It may be one of those that are known.
                Level::Host if key.hidden_by().is_some() => Grade::CannotTell,
                // What others try and the machine does not answer says nothing of the machine.
                _ if key.initiated_by == Initiator::Peer && seen.payload_out == 0 => Grade::Changed,
                Level::Service | Level::Domain | Level::Host | Level::Owner if bits < NEW_BITS => Grade::Changed,
                Level::Service | Level::Domain | Level::Host | Level::Owner => Grade::New,
            };
            let what = match level {
                Level::Phase => "phase",
                _ if key.initiated_by == Initiator::Machine && looks_up_names(seen) => "resolver",
                _ => "contact",
            };
            let text = novelty_in_words(key, seen, about, level, (had, self.runs.len()));
            findings.push(self.finding(grade, what, key, bits, text));
        }
        findings
    }

    /// Fingerprints that no run had.
    fn fingerprints(&self) -> Vec<Finding> {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, run) in self.runs.iter().enumerate().filter(|_| self.runs.len() > 1) {
            let others = |value: &(String, String)| {
                self.runs.iter().enumerate().any(|(other, run)| other != at && run.fingerprints.contains_key(value))
            };
            let new: BTreeSet<&str> =
                run.fingerprints.keys().filter(|value| !others(value)).map(|(kind, _)| kind.as_str()).collect();
            for kind in new {
                *kinds.entry(kind).or_default() += 1;
            }
        }
        let known = |value: &(String, String)| self.runs.iter().any(|run| run.fingerprints.contains_key(value));
        let new = self.run.fingerprints.iter().filter(|(value, _)| !known(value));
        new.filter_map(|(value, evidence)| {
            let (kind, value) = (&value.0, &value.1);
            let bits = self.bits(kinds.get(kind.as_str()).copied().unwrap_or(0), properties::PRIOR);
            let text = format!("{kind} is {value}, which none of {} had", words::runs(self.runs.len()));
            let about = ("fingerprint", format!("{kind}/{value}"));
            (bits >= properties::CHANGED_BITS).then(|| self.of_machine(about, bits, text, evidence.clone()))
        })
        .collect()
    }

    /// Another machine, by maker and system.
    fn subject(&self) -> Vec<Finding> {
        let now = &self.run.subject;
        let mut findings = Vec::new();
        let mut compare = |what: &str, now: &str, before: BTreeSet<&str>| {
            if !before.is_empty() && !before.contains(now) {
                let list = before.iter().copied().collect::<Vec<_>>().join(", ");
                let text = format!("the machine's {what} is {now}; in the runs it was {list}");
                let bits = self.bits(usize::from(before.len() > 1), properties::PRIOR);
                findings.push(self.of_machine(("machine", what.to_owned()), bits, text, Vec::new()));
            }
        };
        if let Some(vendor) = &now.vendor {
            compare("maker", vendor, self.runs.iter().filter_map(|run| run.subject.vendor.as_deref()).collect());
        }
        if now.system != UNKNOWN {
            let told = self.runs.iter().map(|run| run.subject.system.as_str()).filter(|system| *system != UNKNOWN);
            compare("system", &now.system, told.collect());
        }
        findings
    }

    fn of_machine(&self, about: (&'static str, String), bits: f64, text: String, evidence: Vec<Evidence>) -> Finding {
        Finding {
            id: format!("{}:{}", about.0, about.1),
            grade: Grade::Changed,
            what: about.0,
            machine: self.run.subject.id.clone(),
            phase: None,
            name: None,
            owner: None,
            surprise_bits: bits,
            text,
            evidence,
        }
    }
}

/// What a system is called that cannot be told.
const UNKNOWN: &str = "unknown";

/// Is it a name server that is asked?
fn looks_up_names(seen: &Seen) -> bool {
    let services = seen.properties.get(&Property::Service);
    services.is_some_and(|services| services.contains("dns"))
}

fn novelty_in_words(key: &Key, seen: &Seen, about: Option<&About>, level: Level, had: (usize, usize)) -> String {
    let who = key.who_in_words();
    let domain = about.and_then(|about| about.domain.as_deref()).unwrap_or("its domain");
    let owner = about.and_then(|about| about.owner.as_deref());
    let how = match (level, owner) {
        (Level::Phase, _) => format!("No run had it in the phase {}", key.phase),
        (Level::Pattern, _) => "It is new, and differs from known names only in digits".to_owned(),
        (Level::Name, _) => format!("It is new; other names of {domain} are known by the same service"),
        (Level::Service, _) => "No run reached it by that service".to_owned(),
        (Level::Domain, Some(owner)) => format!("It is new; other names of {owner} are known"),
        (Level::Owner, Some(owner)) => format!("It is new, and so is its owner, {owner}"),
        (Level::Owner, None) => "It is new, and nobody knows whose it is".to_owned(),
        (Level::Host | Level::Domain, _) => "It is new".to_owned(),
    };
    let began = match (key.initiated_by, key.scope) {
        (Initiator::Machine, Scope::Multicast | Scope::Broadcast) => "was sent to",
        (Initiator::Machine, _) => "was contacted",
        (Initiator::Peer, _) => "contacted the machine",
    };
    let often = match had {
        (0, runs) => format!("None of {} had anything as new", words::runs(runs)),
        (had, runs) => format!("{had} of {} had something as new", words::runs(runs)),
    };
    format!(
        "{who} ({}) {began} {}: {} sent, {} received. {how}. {often}",
        key.service_in_words(),
        words::times(seen.connections),
        words::bytes(seen.payload_out as f64),
        words::bytes(seen.payload_in as f64),
    )
}
