//! Ranges of releases, as texts name them: `10.15`, `10.11 to 10.15`, `10 or 11`, `10.14 and later`, `3.x/4.x`.

use std::cmp::Ordering;

/// From one release to another, both with all that is below them: 10.15 holds 10.15.7.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Releases {
    low: Vec<u32>,
    /// `None` where it is open.
    high: Option<Vec<u32>>,
}

impl Releases {
    /// Reads one; `None` where there is something else in it than numbers and the words between them.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut numbers: Vec<Vec<u32>> = Vec::new();
        let mut is_open = false;
        for word in text.split([' ', '/', '-']).filter(|word| !word.is_empty()) {
            match word {
                "to" | "or" | "and" => {}
                "later" => is_open = true,
                _ => {
                    let parts = word.trim_end_matches(".x").split('.').map(|part| part.parse().ok());
                    numbers.push(parts.collect::<Option<_>>()?);
                }
            }
        }
        let low = numbers.first()?.clone();
        let high = (!is_open).then(|| numbers.last().cloned()).flatten();
        Some(Self { low, high })
    }

    /// Holds all that the other holds.
    pub(super) fn holds(&self, other: &Self) -> bool {
        let begins = compare(&self.low, &other.low, 0) != Ordering::Greater;
        begins && compare_high(self.high.as_deref(), other.high.as_deref()) != Ordering::Less
    }

    /// What both hold.
    pub(super) fn common(&self, other: &Self) -> Option<Self> {
        let low = if compare(&self.low, &other.low, 0) == Ordering::Less { &other.low } else { &self.low };
        let is_self = compare_high(self.high.as_deref(), other.high.as_deref()) == Ordering::Less;
        let high = if is_self { &self.high } else { &other.high };
        let is_empty = high
            .as_ref()
            .is_some_and(|high| compare(low, high, u32::MAX) == Ordering::Greater && !low.starts_with(high));
        (!is_empty).then(|| Self { low: low.clone(), high: high.clone() })
    }

    /// In words.
    pub(super) fn text(&self) -> String {
        let words = |parts: &[u32]| parts.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
        match &self.high {
            None => format!("{} and later", words(&self.low)),
            Some(high) if *high == self.low => words(high),
            Some(high) if self.low.starts_with(high) => format!("{} to {}.x", words(&self.low), words(high)),
            Some(high) => format!("{} to {}", words(&self.low), words(high)),
        }
    }
}

/// Parts that a number does not have count as `rest`.
fn compare(a: &[u32], b: &[u32], rest: u32) -> Ordering {
    let part = |parts: &[u32], at: usize| parts.get(at).copied().unwrap_or(rest);
    (0..a.len().max(b.len())).map(|at| part(a, at).cmp(&part(b, at))).find(|it| it.is_ne()).unwrap_or(Ordering::Equal)
}

fn compare_high(a: Option<&[u32]>, b: Option<&[u32]>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => compare(a, b, u32::MAX),
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
    }
}

#[cfg(test)]
mod tests {
    use super::Releases;

    fn read(text: &str) -> Releases {
        Releases::read(text).unwrap_or_else(|| panic!("{text} is a range"))
    }

    #[test]
    fn texts_of_the_tables_are_read() {
        for (text, again) in [
            ("10.15", "10.15"),
            ("10.11 to 10.15", "10.11 to 10.15"),
            ("10 or 11", "10 to 11"),
            ("10.14 and later", "10.14 and later"),
            ("3.x/4.x", "3 to 4"),
            ("2.6.39-3.x", "2.6.39 to 3"),
        ] {
            assert_eq!(read(text).text(), again);
        }
        for text in ["", "Ubuntu", "XP", "Server 2003", "10.15 beta", "99999999999"] {
            assert_eq!(Releases::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_release_holds_what_is_below_it() {
        assert!(read("10.15").holds(&read("10.15.7")) && !read("10.15.7").holds(&read("10.15")));
        assert!(read("10.11 to 10.15").holds(&read("10.15")) && read("10.14 and later").holds(&read("11")));
        assert!(!read("10.14 and later").holds(&read("10.13")));
    }

    #[test]
    fn what_two_ranges_share_is_a_range_or_nothing() {
        let common = |a: &str, b: &str| read(a).common(&read(b)).map(|both| both.text());
        assert_eq!(common("10.11 to 10.15", "10.14 and later").as_deref(), Some("10.14 to 10.15"));
        assert_eq!(common("10.14 and later", "10.15").as_deref(), Some("10.15"));
        assert_eq!(common("3", "3.14.0").as_deref(), Some("3.14.0"));
        assert_eq!(common("10.13", "10.14 and later"), None);
        assert_eq!(common("7", "10 to 11"), None);
        assert_eq!(common("5 to 6", "6.1 and later").as_deref(), Some("6.1 to 6.x"));
    }
}
