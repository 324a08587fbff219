//! What the runs had and the capture has not, and where the capture cannot show it.

use std::collections::{BTreeMap, BTreeSet};

use firstlight_model::finding::{Finding, Grade};
use firstlight_model::report::{Initiator, Scope};
use firstlight_report::units;

use super::Held;
use crate::key::Key;
use crate::novelty::bits;
use crate::run::Seen;
use crate::volume;
use crate::words;

/// What one more run without it weighs before any was seen.
const PRIOR: f64 = 0.1;
/// Below this a contact that is missing is as usual.
const MISSING_BITS: f64 = 3.5;

impl Held<'_> {
    /// Contacts of the runs that are not in the capture.
    pub(super) fn missing(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let phases = self.phases();
        for (phase, runs) in &phases {
            if !self.run.phases.contains_key(*phase) {
                findings.extend(self.missing_phase(phase, *runs));
            }
        }
        let now: BTreeSet<Key> = self.run.contacts.keys().map(Key::without_phase).collect();
        for (key, runs) in &self.common {
            let is_there = self.run.contacts.contains_key(*key) || now.contains(&key.without_phase());
            // What others try at the machine is not for the machine to do.
            if is_there || key.initiated_by == Initiator::Peer || !self.run.phases.contains_key(&key.phase) {
                continue;
            }
            let had = phases.get(key.phase.as_str()).copied().unwrap_or(0);
            let surprise = bits(had.saturating_sub(runs.len()), had, PRIOR);
            if surprise >= MISSING_BITS {
                findings.push(self.missing_contact(key, runs, had, surprise));
            }
        }
        findings
    }

    /// How many runs had each phase.
    fn phases(&self) -> BTreeMap<&str, usize> {
        let mut phases = BTreeMap::new();
        for phase in self.runs.iter().flat_map(|run| run.phases.keys()) {
            *phases.entry(phase.as_str()).or_default() += 1;
        }
        phases
    }

    fn missing_phase(&self, phase: &str, had: usize) -> Option<Finding> {
        let all = self.runs.len();
        let surprise = bits(all.saturating_sub(had), all, PRIOR);
        let text = format!("the phase {phase}, which {had} of {} had, is not in the capture", words::runs(all));
        (surprise >= MISSING_BITS).then(|| {
            let mut finding = self.of_machine(("phase", phase.to_owned()), surprise, text, Vec::new());
            finding.grade = Grade::Missing;
            finding.phase = Some(phase.to_owned());
            finding
        })
    }

    fn missing_contact(&self, key: &Key, runs: &BTreeMap<usize, &Seen>, had: usize, surprise: f64) -> Finding {
        let usual_start = volume::median(&runs.values().map(|seen| seen.first_s).collect::<Vec<_>>());
        let window = self.run.phases.get(&key.phase).map_or(0.0, |stretch| stretch.duration_s);
        let who = format!("{} ({})", key.who_in_words(), key.service_in_words());
        let support = format!("{} of {} had it", runs.len(), words::runs(had));
        let (grade, text) = if window < usual_start {
            let (usual, window) = (units::duration_s(usual_start), units::duration_s(window));
            let text = format!(
                "{who} is not there, but it usually comes {usual} after the start of the phase, of which the capture \
                 has {window}; {support}"
            );
            (Grade::CannotTell, text)
        } else if let Some(reason) = self.hidden_by(key) {
            let text = format!(
                "{who} is not there, but the capture has connections to {} whose name does not show ({reason}); \
                 {support}",
                key.service_in_words()
            );
            (Grade::CannotTell, text)
        } else {
            (Grade::Missing, format!("{who} is missing: {support}"))
        };
        self.finding(grade, "contact", key, surprise, text)
    }

    /// Why a contact by this name may be there and not show.
    fn hidden_by(&self, key: &Key) -> Option<&str> {
        key.name().filter(|_| key.scope == Scope::Internet)?;
        let alike = |other: &&Key| other.transport == key.transport && other.port == key.port;
        self.run.contacts.keys().filter(alike).find_map(Key::hidden_by)
    }
}
