//! How complete a baseline is: how much of a next normal run would be new all the same.
//!
//! Good and Turing: what a next run has that no run had is as much as what exactly one of the runs had, shared over the
//! runs (Good, "The population frequencies of species", Biometrika 40, 1953; for runs instead of single draws Chao et
//! al., "Deciphering the enigma of undetected species", Ecology 98, 2017).

use std::collections::BTreeMap;

use firstlight_model::finding::Share;

use crate::key::Key;
use crate::run::Run;

/// z of 95 %.
const Z: f64 = 1.96;

/// What the counts say of a baseline's completeness.
#[derive(Debug, Clone, PartialEq)]
pub struct Completeness {
    /// Runs.
    pub runs: usize,
    /// Distinct contacts.
    pub contacts: usize,
    /// Those that exactly one run had.
    pub once: usize,
    /// Those that exactly two runs had.
    pub twice: usize,
    /// Share of the contacts of a next run that no run had; `None` with fewer than two runs.
    pub expected_new: Option<Share>,
    /// Contacts that no run had and some run would (Chao's lower bound); `None` with fewer than two runs.
    pub unseen: Option<f64>,
    /// Distinct contacts to be expected of 1, 2, … runs (each the mean over all choices of so many of the runs).
    pub curve: Vec<f64>,
}

impl Completeness {
    /// Of runs, with accepted patterns for names.
    pub fn of(runs: &[&Run]) -> Self {
        let mut support: BTreeMap<&Key, usize> = BTreeMap::new();
        for key in runs.iter().flat_map(|run| run.contacts.keys()) {
            *support.entry(key).or_default() += 1;
        }
        let alone = |key: &Key| support.get(key) == Some(&1);
        let of_runs: Vec<(usize, usize)> =
            runs.iter().map(|run| (run.contacts.keys().filter(|key| alone(key)).count(), run.contacts.len())).collect();
        let support: Vec<usize> = support.into_values().collect();
        let having = |times: usize| support.iter().filter(|s| **s == times).count();
        let (runs, once, twice) = (runs.len(), having(1), having(2));
        Self {
            runs,
            contacts: support.len(),
            once,
            twice,
            expected_new: (runs >= 2).then(|| share(&of_runs)),
            unseen: (runs >= 2).then(|| unseen(runs as f64, once as f64, twice as f64)),
            curve: (1..=runs).map(|some| rarefied(&support, runs, some)).collect(),
        }
    }
}

/// From contacts that only this run had, and all that it had, of each run: a ratio estimate, with the interval of Wilson
/// for as many independent draws as the variance between runs leaves (Kish's design effect).
fn share(of_runs: &[(usize, usize)]) -> Share {
    let new: f64 = of_runs.iter().map(|(new, _)| *new as f64).sum();
    let all: f64 = of_runs.iter().map(|(_, all)| *all as f64).sum();
    if all == 0.0 {
        return Share { estimate: 0.0, low: 0.0, high: 1.0 };
    }
    let p = new / all;
    let n = of_runs.len() as f64;
    let mean = all / n;
    let residual: f64 = of_runs.iter().map(|(new, all)| (*new as f64 - p * *all as f64).powi(2)).sum();
    let variance = residual / (n * (n - 1.0)) / mean.powi(2);
    let simple = p * (1.0 - p) / all;
    let effect = if simple > 0.0 { (variance / simple).max(1.0) } else { 1.0 };
    wilson(p, all / effect)
}

fn wilson(p: f64, n: f64) -> Share {
    let z2 = Z * Z;
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
    Share { estimate: p, low: (centre - half).max(0.0), high: (centre + half).min(1.0) }
}

/// Chao's lower bound for incidence data, with its form for no doubletons.
fn unseen(runs: f64, once: f64, twice: f64) -> f64 {
    let factor = (runs - 1.0) / runs;
    if twice > 0.0 { factor * once * once / (2.0 * twice) } else { factor * once * (once - 1.0) / 2.0 }
}

/// The mean number of distinct contacts of `some` of the runs.
fn rarefied(support: &[usize], runs: usize, some: usize) -> f64 {
    support.iter().map(|times| 1.0 - absent(runs, *times, some)).sum()
}

/// The share of choices of `some` of `runs` runs that hold none of the `times` that have it.
fn absent(runs: usize, times: usize, some: usize) -> f64 {
    (0..some).map(|at| (runs.saturating_sub(times + at)) as f64 / (runs - at) as f64).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rarefaction_is_the_mean_over_all_choices() {
        // Of three runs, a contact in one of them: of the three choices of two runs, one has it not.
        assert!((absent(3, 1, 2) - 1.0 / 3.0).abs() < 1e-12);
        assert!((rarefied(&[3, 1], 3, 1) - (1.0 + 1.0 / 3.0)).abs() < 1e-12);
        assert!((rarefied(&[3, 1], 3, 3) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn wilson_is_that_of_the_textbook() {
        // 10 of 100: 5.5 % to 17.4 %.
        let share = wilson(0.1, 100.0);
        assert!((share.low - 0.0552).abs() < 5e-4 && (share.high - 0.1744).abs() < 5e-4, "{share:?}");
    }

    #[test]
    fn chao_grows_with_what_was_seen_once() {
        assert!((unseen(10.0, 4.0, 2.0) - 0.9 * 4.0).abs() < 1e-12);
        assert!((unseen(10.0, 3.0, 0.0) - 0.9 * 3.0).abs() < 1e-12);
        assert_eq!(unseen(5.0, 0.0, 7.0), 0.0);
    }
}
