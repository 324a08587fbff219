//! Where a series changes: the optimal division into segments by PELT (R. Killick, P. Fearnhead, I. A. Eckley, Optimal
//! detection of changepoints with a linear computational cost, JASA 107, 2012), here with a least length of segments.
//!
//! A division costs the sum of its segments' costs and a penalty for each change. The cost of a segment is twice the
//! negative logarithm of its likelihood at its best parameters, so that the penalty weighs evidence against the number of
//! places that a change might have been: a multiple of the logarithm of the length. docs/decisions/ says why it is our own.

/// Sums of a series up to each place, so that a segment's cost takes constant time.
pub(super) struct Sums {
    values: Vec<f64>,
    squares: Vec<f64>,
}

impl Sums {
    pub(super) fn of(series: &[f64]) -> Self {
        let running = |each: fn(f64) -> f64| {
            let sums = series.iter().scan(0.0, move |sum, value| {
                *sum += each(*value);
                Some(*sum)
            });
            std::iter::once(0.0).chain(sums).collect()
        };
        Self { values: running(|value| value), squares: running(|value| value * value) }
    }

    pub(super) fn sum(&self, from: usize, to: usize) -> f64 {
        at(&self.values, to) - at(&self.values, from)
    }

    /// Values that scatter about the segment's mean as `sigma` says.
    pub(super) fn gaussian(&self, from: usize, to: usize, sigma: f64) -> f64 {
        let sum = self.sum(from, to);
        let squares = at(&self.squares, to) - at(&self.squares, from);
        (squares - sum * sum / (to - from).max(1) as f64).max(0.0) / (sigma * sigma)
    }

    /// Counts of things that come at the segment's rate.
    pub(super) fn poisson(&self, from: usize, to: usize) -> f64 {
        let sum = self.sum(from, to);
        if sum <= 0.0 { 0.0 } else { -2.0 * sum * ((sum / (to - from).max(1) as f64).ln() - 1.0) }
    }
}

fn at(sums: &[f64], at: usize) -> f64 {
    sums.get(at).copied().unwrap_or_default()
}

/// The segments of a series of `len` values: where each begins, and ends.
pub(super) fn segments(
    len: usize,
    least_len: usize,
    penalty: f64,
    cost: impl Fn(usize, usize) -> f64,
) -> Vec<(usize, usize)> {
    let least_len = least_len.max(1);
    if len < least_len {
        return if len == 0 { Vec::new() } else { vec![(0, len)] };
    }
    // Of each length of the series: what its best division costs, and where the last segment of that begins.
    let mut best = vec![(f64::INFINITY, 0); len + 1];
    if let Some(none) = best.first_mut() {
        none.0 = -penalty;
    }
    // Where the last segment may begin, and from where on it need not be looked at: once going on from here costs as much
    // as the best so far, beginning anew there is never worse, but only as soon as that segment is long enough.
    let mut begins: Vec<(usize, usize)> = Vec::new();
    for to in least_len..=len {
        begins.push((to - least_len, usize::MAX));
        begins.retain(|(_, until)| to < *until);
        let costs: Vec<(f64, usize)> = begins
            .iter()
            .map(|(from, _)| (best.get(*from).map_or(f64::INFINITY, |b| b.0) + cost(*from, to), *from))
            .collect();
        let Some(least) = costs.iter().copied().min_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
        let total = least.0 + penalty;
        if let Some(slot) = best.get_mut(to) {
            *slot = (total, least.1);
        }
        for ((_, until), (without, _)) in begins.iter_mut().zip(&costs) {
            if *without >= total {
                *until = (*until).min(to + least_len);
            }
        }
    }
    let mut segments = Vec::new();
    let mut to = len;
    while to > 0 {
        let from = best.get(to).map_or(0, |b| b.1);
        segments.push((from, to));
        to = from;
    }
    segments.reverse();
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What the best division costs, by trying all.
    fn naive(len: usize, least_len: usize, penalty: f64, cost: &dyn Fn(usize, usize) -> f64) -> f64 {
        let mut best = vec![f64::INFINITY; len + 1];
        best[0] = -penalty;
        for to in least_len..=len {
            best[to] =
                (0..=to - least_len).map(|from| best[from] + cost(from, to) + penalty).min_by(f64::total_cmp).unwrap();
        }
        best[len]
    }

    #[test]
    fn a_step_is_found_where_it_is_and_noise_is_none() {
        let step: Vec<f64> = (0..60).map(|i| if i < 23 { 4.0 } else { 1.0 } + f64::from(i % 3) * 0.3).collect();
        let sums = Sums::of(&step);
        let found = segments(60, 4, 3.0 * 60_f64.ln(), |from, to| sums.gaussian(from, to, 0.7));
        assert_eq!(found, [(0, 23), (23, 60)]);
        let noise: Vec<f64> = (0..60).map(|i| f64::from(i * 7 % 5) * 0.3).collect();
        let sums = Sums::of(&noise);
        assert_eq!(segments(60, 4, 3.0 * 60_f64.ln(), |from, to| sums.gaussian(from, to, 0.7)), [(0, 60)]);
    }

    #[test]
    fn nothing_and_little_have_no_changes() {
        let none = |_: usize, _: usize| 0.0;
        assert_eq!(segments(0, 4, 1.0, none), []);
        assert_eq!(segments(3, 4, 1.0, none), [(0, 3)]);
    }

    proptest! {
        #[test]
        fn the_division_costs_as_little_as_any(
            counts in prop::collection::vec(0..9_u32, 1..70), least_len in 1..7_usize, penalty in 0.5..20.0_f64
        ) {
            prop_assume!(counts.len() >= least_len);
            let series: Vec<f64> = counts.iter().map(|count| f64::from(*count)).collect();
            let sums = Sums::of(&series);
            let costs: [&dyn Fn(usize, usize) -> f64; 2] =
                [&|from, to| sums.poisson(from, to), &|from, to| sums.gaussian(from, to, 1.3)];
            for cost in costs {
                let found = segments(series.len(), least_len, penalty, cost);
                prop_assert!(found.iter().all(|(from, to)| to - from >= least_len));
                let total: f64 = found.iter().map(|(from, to)| cost(*from, *to) + penalty).sum::<f64>() - penalty;
                prop_assert!((total - naive(series.len(), least_len, penalty, cost)).abs() < 1e-6);
            }
        }
    }
}
