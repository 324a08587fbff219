//! Runs that are unlike the others: each is held against all others, so that a run of another machine, or of one that
//! was doing something else, is pointed out before it becomes part of what is normal.

use firstlight_model::finding::{Finding, Grade};

use crate::baseline::Baseline;
use crate::check::check;
use crate::run::Run;

/// With fewer others there is no telling which of them is the odd one.
const LEAST_OTHERS: usize = 4;
/// So many findings of the grade new make a run odd.
const LEAST_NEW: usize = 3;

/// A run and what is unlike the others.
#[derive(Debug, Clone)]
pub struct Odd {
    /// Its id.
    pub run: String,
    /// What no other run has.
    pub new: Vec<Finding>,
}

/// Is the run unlike the baseline's? `None` also when the baseline has too few runs to tell.
pub fn against(baseline: &Baseline, run: &Run) -> Option<Odd> {
    let mut others = baseline.clone();
    others.runs.remove(&run.id);
    if others.runs.len() < LEAST_OTHERS {
        return None;
    }
    let new: Vec<Finding> =
        check(&others, run).findings.into_iter().filter(|finding| finding.grade == Grade::New).collect();
    (new.len() >= LEAST_NEW).then(|| Odd { run: run.id.clone(), new })
}

/// The runs of a baseline that are unlike the rest of it.
pub fn among(baseline: &Baseline) -> Vec<Odd> {
    baseline.runs.values().filter_map(|run| against(baseline, run)).collect()
}
