//! How unlikely an amount is given the amounts of the runs: amounts are compared by their logarithm, the runs' centre is
//! their median and their spread the median absolute deviation, drawn towards a stated spread as long as runs are few;
//! the tail is Student's, so that few runs raise few alarms.
//!
//! Source of the median absolute deviation and its factor 1.4826: Hampel, "The influence curve and its role in robust
//! estimation", JASA 69 (1974). Of the predictive distribution: Gelman et al., "Bayesian Data Analysis", s. 3.2.

/// The least spread, of natural logarithms: about 40 % up or down.
const LEAST_SPREAD: f64 = 0.4;
/// What the least spread weighs against that of the runs, in runs.
const PRIOR_RUNS: f64 = 4.0;
/// From the median absolute deviation to the standard deviation of a normal distribution.
const MAD_TO_SIGMA: f64 = 1.4826;
/// The middle of sorted or unsorted values; 0 for none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    if sorted.len() % 2 == 1 || sorted.is_empty() {
        return upper;
    }
    let lower = sorted.get(sorted.len() / 2 - 1).copied().unwrap_or(upper);
    f64::midpoint(lower, upper)
}

/// Lower and upper quartile, interpolated between neighbours; 0 for no values.
pub fn quartiles(values: &[f64]) -> (f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share * (sorted.len().saturating_sub(1)) as f64;
        let (low, high) = (place.floor(), place.ceil());
        let pick = |index: f64| sorted.iter().copied().zip(0_u32..).find(|(_, at)| f64::from(*at) >= index);
        let value = |index: f64| pick(index).map_or(0.0, |(value, _)| value);
        value(low) + (value(high) - value(low)) * (place - low)
    };
    (at(0.25), at(0.75))
}

/// How unlikely an amount as far out as this one is, in bits, 0 for no amounts to compare with. Amounts are
/// non-negative; `nothing` is an amount that is as good as none, added before the logarithm is taken.
pub fn surprise_bits(amounts: &[f64], amount: f64, nothing: f64) -> f64 {
    if amounts.is_empty() {
        return 0.0;
    }
    let logs: Vec<f64> = amounts.iter().map(|amount| (amount + nothing).ln()).collect();
    let n = logs.len() as f64;
    let centre = median(&logs);
    let deviations: Vec<f64> = logs.iter().map(|log| (log - centre).abs()).collect();
    let spread = (median(&deviations) * MAD_TO_SIGMA).max(LEAST_SPREAD);
    let variance = (n - 1.0).mul_add(spread.powi(2), PRIOR_RUNS * LEAST_SPREAD.powi(2)) / (n - 1.0 + PRIOR_RUNS);
    let scale = (variance * (1.0 + 1.0 / n)).sqrt();
    let t = ((amount + nothing).ln() - centre).abs() / scale;
    -two_sided_tail(t, n - 1.0 + PRIOR_RUNS).max(f64::MIN_POSITIVE).log2()
}

/// P(|T| > t) of Student's distribution with `freedom` degrees (Abramowitz and Stegun 26.7.3 and 26.7.4 for whole
/// numbers of degrees).
fn two_sided_tail(t: f64, freedom: f64) -> f64 {
    let theta = (t / freedom.sqrt()).atan();
    let (sin, cos) = theta.sin_cos();
    let cos2 = cos * cos;
    let is_even = (freedom.round() / 2.0).fract() == 0.0;
    let (mut term, mut sum) = if is_even { (1.0, 1.0) } else { (cos, cos) };
    let mut step = if is_even { 2.0 } else { 3.0 };
    while step < freedom - 0.5 {
        term *= cos2 * (step - 1.0) / step;
        sum += term;
        step += 2.0;
    }
    let inside = if is_even {
        sin * sum
    } else if freedom < 1.5 {
        2.0 * theta / std::f64::consts::PI
    } else {
        2.0 / std::f64::consts::PI * sin.mul_add(sum, theta)
    };
    (1.0 - inside).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_that_of_the_tables() {
        // t with 5 % in both tails, from the usual table.
        for (freedom, t) in [(1.0, 12.706), (2.0, 4.303), (3.0, 3.182), (4.0, 2.776), (5.0, 2.571), (18.0, 2.101)] {
            assert!((two_sided_tail(t, freedom) - 0.05).abs() < 1e-4, "{freedom}: {}", two_sided_tail(t, freedom));
        }
    }

    #[test]
    fn tenfold_surprises_after_one_run_and_half_as_much_again_does_not() {
        assert!(surprise_bits(&[10_000.0], 100_000.0, 1.0) > 6.0);
        assert!(surprise_bits(&[10_000.0], 15_000.0, 1.0) < 2.0);
        assert!(surprise_bits(&[9_000.0, 10_000.0, 11_000.0], 10_500.0, 1.0) < 1.0);
        assert!(surprise_bits(&[], 7.0, 1.0) == 0.0);
    }

    #[test]
    fn one_run_out_of_line_does_not_hide_the_next() {
        let runs = [1000.0, 1010.0, 990.0, 1005.0, 995.0, 1_000_000.0];
        assert!(surprise_bits(&runs, 200_000.0, 1.0) > 6.0);
    }

    #[test]
    fn quartiles_lie_between_neighbours() {
        assert_eq!(quartiles(&[1.0, 2.0, 3.0, 4.0, 5.0]), (2.0, 4.0));
        assert_eq!(quartiles(&[1.0, 2.0]), (1.25, 1.75));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 2.5);
    }
}
