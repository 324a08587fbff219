//! Figures in sentences.

use firstlight_report::{Figures, units};

/// `17 B`, `1.2 kB`, `42.0 MB`.
pub fn bytes(amount: f64) -> String {
    // Amounts come from counters of 64 bits; a float holds them, and back it saturates.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let whole = amount.round() as u64;
    units::size(whole, Figures::Rounded)
}

/// `once`, `twice`, `7 times`.
pub fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{} times", units::count(n)),
    }
}

/// `1 run`, `7 runs`.
pub fn runs(count: usize) -> String {
    units::plural(count as u64, "run", "runs")
}

/// How many times the second is of the first: `10-fold`, `0.33-fold`.
pub fn ratio(before: f64, after: f64) -> String {
    let ratio = (after + 1.0) / (before + 1.0);
    if ratio >= 10.0 { format!("{ratio:.0}-fold") } else { format!("{ratio:.2}-fold") }
}
