//! Runs that are unlike the others: each is held against all others, so that a run of another machine, or of one that
//! was doing something else, is pointed out before it becomes part of what is normal.

use firstlight_model::finding::{Finding, Grade};

use crate::baseline::Baseline;
use crate::check::{Held, by_surprise};
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

/// Which of the runs that `asked` says yes to are unlike the rest of the baseline? None when the rest is too few to tell.
pub fn among(baseline: &Baseline, asked: &dyn Fn(&str) -> bool) -> Vec<Odd> {
    let runs = baseline.widened();
    let unlike = |run: &Run| {
        let others: Vec<&Run> = runs.iter().filter(|other| other.id != run.id).collect();
        if others.len() < LEAST_OTHERS {
            return None;
        }
        let mut new = Held::new(&others, run).novelties();
        new.retain(|finding| finding.grade == Grade::New);
        new.sort_by(by_surprise);
        (new.len() >= LEAST_NEW).then(|| Odd { run: run.id.clone(), new })
    };
    runs.iter().filter(|run| asked(&run.id)).filter_map(unlike).collect()
}
