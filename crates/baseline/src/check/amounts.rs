//! Amounts: connections, bytes, time to the first contact, and the time between contacts.

use std::collections::BTreeMap;

use firstlight_model::finding::{Finding, Grade};
use firstlight_report::units;

use super::Held;
use crate::key::Key;
use crate::novelty::bits;
use crate::run::Seen;
use crate::volume;
use crate::words;

/// An amount less surprising than this by the spread of the runs is as usual.
const SPREAD_BITS: f64 = 5.5;
/// And so is one, however far out, that the runs left out in turn foretell as often as this.
const RUNS_BITS: f64 = 4.0;
/// What one more run that was as far out weighs before any was seen.
const PRIOR: f64 = 0.1;
/// A phase lasted as long as in the runs when it did so to this factor.
const SAME_LENGTH: f64 = 1.25;
/// Times are compared when so many runs have them.
const RUNS_FOR_TIME: usize = 3;

/// What is measured.
struct Measure {
    what: &'static str,
    name: &'static str,
    of: fn(&Seen) -> Option<f64>,
    in_words: fn(f64) -> String,
    least_runs: usize,
    /// So much is as good as nothing.
    nothing: f64,
    grows: Grows,
}

/// What a longer phase does to an amount.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grows {
    /// More of it comes, or not: what comes at the start does not.
    Maybe,
    /// Nothing.
    No,
}

const MEASURES: [Measure; 5] = [
    Measure {
        what: "count",
        name: "connections",
        of: |seen| Some(seen.connections as f64),
        in_words: |value| format!("{value:.0}"),
        least_runs: 1,
        nothing: 2.0,
        grows: Grows::Maybe,
    },
    Measure {
        what: "volume",
        name: "received",
        of: |seen| Some(seen.payload_in as f64),
        in_words: words::bytes,
        least_runs: 1,
        nothing: 1000.0,
        grows: Grows::Maybe,
    },
    Measure {
        what: "volume",
        name: "sent",
        of: |seen| Some(seen.payload_out as f64),
        in_words: words::bytes,
        least_runs: 1,
        nothing: 1000.0,
        grows: Grows::Maybe,
    },
    Measure {
        what: "time",
        name: "time from the start of the phase",
        of: |seen| Some(seen.first_s),
        in_words: units::duration_s,
        least_runs: RUNS_FOR_TIME,
        nothing: 5.0,
        grows: Grows::No,
    },
    Measure {
        what: "cadence",
        name: "time from one connection to the next",
        of: Seen::interval_s,
        in_words: units::duration_s,
        least_runs: RUNS_FOR_TIME,
        nothing: 5.0,
        grows: Grows::No,
    },
];

impl Held<'_> {
    /// Known contacts with amounts that the runs did not have: the most surprising one of each kind for each contact.
    pub(super) fn amounts(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (key, seen) in &self.run.contacts {
            let Some(runs) = self.common.get(key) else { continue };
            let mut of_contact: BTreeMap<&str, Finding> = BTreeMap::new();
            for measure in &MEASURES {
                let Some(finding) = self.measured(key, seen, runs, measure) else { continue };
                let known = of_contact.get(measure.what).map_or(0.0, |finding| finding.surprise_bits);
                if finding.surprise_bits > known {
                    of_contact.insert(measure.what, finding);
                }
            }
            findings.extend(of_contact.into_values());
        }
        findings
    }

    fn measured(&self, key: &Key, seen: &Seen, runs: &BTreeMap<usize, &Seen>, by: &Measure) -> Option<Finding> {
        let now = (by.of)(seen)?;
        let before: Vec<f64> = runs.values().filter_map(|seen| (by.of)(seen)).collect();
        if before.len() < by.least_runs {
            return None;
        }
        let mut spread = volume::surprise_bits(&before, now, by.nothing);
        // In a phase of another length both are as usual: as much in all, and as much in the same time.
        let length = self.length(key).filter(|_| by.grows == Grows::Maybe);
        if let Some((is, was)) = length {
            spread = spread.min(volume::surprise_bits(&before, now * was / is, by.nothing));
        }
        if spread < SPREAD_BITS {
            return None;
        }
        let as_far = (0..before.len()).filter(|out| left_out_bits(&before, *out, by.nothing) >= spread).count();
        let surprise = spread.min(bits(as_far, before.len(), PRIOR));
        if surprise < RUNS_BITS {
            return None;
        }
        let usual = volume::median(&before);
        let (low, high) = volume::quartiles(&before);
        let range = if before.len() > 1 && high > low {
            format!(" ({} to {})", (by.in_words)(low), (by.in_words)(high))
        } else {
            String::new()
        };
        let text = format!(
            "{} ({}): {} {}, usually {}{range} in {}: {}",
            key.who_in_words(),
            key.service_in_words(),
            (by.in_words)(now),
            by.name,
            (by.in_words)(usual),
            words::runs(before.len()),
            words::ratio(usual, now),
        );
        match length {
            // The rest may be yet to come.
            Some((is, was)) if is < was && now < usual => {
                let [is, was] = [is, was].map(units::duration_s);
                let text = format!("{text}; the phase lasts {is} here and usually {was}");
                Some(self.finding(Grade::CannotTell, by.what, key, surprise, text))
            }
            _ => Some(self.finding(Grade::Changed, by.what, key, surprise, text)),
        }
    }

    /// How long the phase of a contact lasts and usually lasts, in seconds, where that is not the same.
    fn length(&self, key: &Key) -> Option<(f64, f64)> {
        let is = self.run.phases.get(&key.phase)?.duration_s;
        let runs: Vec<f64> =
            self.runs.iter().filter_map(|run| run.phases.get(&key.phase)).map(|stretch| stretch.duration_s).collect();
        let was = volume::median(&runs);
        let is_same = (1.0 / SAME_LENGTH..=SAME_LENGTH).contains(&(is / was));
        (is > 0.0 && was > 0.0 && !is_same).then_some((is, was))
    }
}

/// How far out one of the amounts is for the others.
fn left_out_bits(amounts: &[f64], out: usize, nothing: f64) -> f64 {
    let others: Vec<f64> = amounts.iter().enumerate().filter(|(at, _)| *at != out).map(|(_, value)| *value).collect();
    amounts.get(out).map_or(0.0, |amount| volume::surprise_bits(&others, *amount, nothing))
}
