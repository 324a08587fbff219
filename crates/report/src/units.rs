//! Figures as people read them: sizes, counts, durations, shares and points in time. Sizes use the SI's powers of a
//! thousand, as the diary does: 42.0 MB are 42,000,000 bytes.

use firstlight_model::Timestamp;

/// Sizes rounded or to the byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Figures {
    /// `23.1 MB`.
    #[default]
    Rounded,
    /// `23,145,678 B`.
    Exact,
}

/// A number of bytes: one decimal from a kilobyte on (`999 B`, `1.0 kB`, `23.1 MB`), or all digits.
pub fn size(bytes: u64, figures: Figures) -> String {
    if figures == Figures::Exact || bytes < 1000 {
        return format!("{} B", count(bytes));
    }
    let mut unit = 1000_u64;
    let mut left = ["MB", "GB", "TB", "PB", "EB"].as_slice();
    let mut name = "kB";
    loop {
        let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
        match left.split_first() {
            Some((next, rest)) if tenths >= 10_000 => {
                (name, left) = (next, rest);
                unit = unit.saturating_mul(1000);
            }
            _ => return format!("{}.{} {name}", tenths / 10, tenths % 10),
        }
    }
}

/// The sum, or the largest number where the sum is beyond it.
pub fn total(parts: impl IntoIterator<Item = u64>) -> u64 {
    parts.into_iter().fold(0, u64::saturating_add)
}

/// A count with its thousands apart: `85,213`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count and its noun: `1 name`, `206 names`.
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A stretch of time in nanoseconds: `0.012 s`, `87.0 s`, `5 min 30 s`, `3 h 12 min`, `2 d 4 h`. Negative ones count as
/// none.
pub fn duration(ns: i64) -> String {
    let ms = u64::try_from(ns).unwrap_or(0).saturating_add(500_000) / 1_000_000;
    if ms < 1000 {
        return format!("0.{ms:03} s");
    }
    let tenths = (ms + 50) / 100;
    if tenths < 1200 {
        return format!("{}.{} s", tenths / 10, tenths % 10);
    }
    let seconds = (ms + 500) / 1000;
    let (big, big_unit, small, small_unit) = match seconds {
        0..3600 => (seconds / 60, "min", seconds % 60, "s"),
        3600..86_400 => (seconds / 3600, "h", seconds % 3600 / 60, "min"),
        _ => (seconds / 86_400, "d", seconds % 86_400 / 3600, "h"),
    };
    if small == 0 {
        format!("{} {big_unit}", count(big))
    } else {
        format!("{} {big_unit} {small} {small_unit}", count(big))
    }
}

/// A stretch of time in seconds, likewise.
pub fn duration_s(seconds: f64) -> String {
    #[allow(clippy::cast_possible_truncation, reason = "`as` from f64 saturates, and NaN is 0")]
    duration((seconds * 1e9) as i64)
}

/// A share in per cent, rounded so that only all of it is `100 %` and only nothing is `0 %`: `99.9 %`, `50 %`,
/// `0.1 %`. `None` when there is nothing to have a share of.
pub fn share(part: u64, whole: u64) -> Option<String> {
    if whole == 0 {
        return None;
    }
    let (part, whole) = (u128::from(part.min(whole)), u128::from(whole));
    if part == 0 || part == whole {
        return Some(if part == 0 { "0 %" } else { "100 %" }.to_owned());
    }
    let tenths = ((part * 1000 + whole / 2) / whole).clamp(1, 999);
    Some(if (100..=900).contains(&tenths) {
        format!("{} %", (tenths + 5) / 10)
    } else {
        format!("{}.{} %", tenths / 10, tenths % 10)
    })
}

/// A point in time as RFC 3339 in UTC: `2019-10-10T14:00:00.123456Z`. `decimals` is cut at 9.
pub fn rfc3339(time: Timestamp, decimals: u8) -> String {
    let decimals = usize::from(decimals.min(9));
    match jiff::Timestamp::from_nanosecond(i128::from(time.as_ns())) {
        Ok(at) => format!("{at:.decimals$}"),
        Err(_) => "unknown".to_owned(),
    }
}

/// A point in time for reading: `2019-10-10 14:00:00 UTC`.
pub fn moment(time: Timestamp) -> String {
    let text = rfc3339(time, 0);
    let mut halves = text.trim_end_matches('Z').splitn(2, 'T');
    let (date, clock) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    format!("{date} {clock} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_round_to_one_decimal_and_carry_into_the_next_unit() {
        let rounded = |n| size(n, Figures::Rounded);
        assert_eq!(rounded(0), "0 B");
        assert_eq!(rounded(999), "999 B");
        assert_eq!(rounded(1000), "1.0 kB");
        assert_eq!(rounded(196_049), "196.0 kB");
        assert_eq!(rounded(999_949), "999.9 kB");
        assert_eq!(rounded(999_950), "1.0 MB");
        assert_eq!(rounded(42_000_000), "42.0 MB");
        assert_eq!(rounded(u64::MAX), "18.4 EB");
    }

    #[test]
    fn exact_sizes_have_every_digit() {
        assert_eq!(size(23_145_678, Figures::Exact), "23,145,678 B");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(100), "100");
    }

    #[test]
    fn durations_use_two_units_at_most() {
        assert_eq!(duration(12_345_678), "0.012 s");
        assert_eq!(duration(87_000_000_000), "87.0 s");
        assert_eq!(duration(119_949_000_000), "119.9 s");
        assert_eq!(duration(119_999_000_000), "2 min");
        assert_eq!(duration(330_000_000_000), "5 min 30 s");
        assert_eq!(duration(3_599_800_000_000), "1 h");
        assert_eq!(duration(187_200_000_000_000), "2 d 4 h");
        assert_eq!(duration(-5), "0.000 s");
        assert_eq!(duration_s(f64::NAN), "0.000 s");
    }

    #[test]
    fn a_share_is_100_only_when_it_is_all() {
        assert_eq!(share(0, 0), None);
        assert_eq!(share(7, 7).as_deref(), Some("100 %"));
        assert_eq!(share(999_999, 1_000_000).as_deref(), Some("99.9 %"));
        assert_eq!(share(1, 1_000_000).as_deref(), Some("0.1 %"));
        assert_eq!(share(0, 9).as_deref(), Some("0 %"));
        assert_eq!(share(1, 2).as_deref(), Some("50 %"));
    }

    #[test]
    fn times_have_the_decimals_of_the_capture() {
        let time = Timestamp::from_parts(1_570_716_000, 123_456_789);
        assert_eq!(rfc3339(time, 6), "2019-10-10T14:00:00.123456Z");
        assert_eq!(rfc3339(time, 9), "2019-10-10T14:00:00.123456789Z");
        assert_eq!(rfc3339(Timestamp::ZERO, 6), "1970-01-01T00:00:00.000000Z");
        assert_eq!(moment(time), "2019-10-10 14:00:00 UTC");
    }

    proptest! {
        #[test]
        fn any_point_in_time_prints(ns in any::<i64>(), decimals in any::<u8>()) {
            let text = rfc3339(Timestamp::from_ns(ns), decimals);
            prop_assert!(text.ends_with('Z'), "{}", text);
        }

        #[test]
        fn thousands_are_apart_and_no_digit_is_lost(n in any::<u64>()) {
            prop_assert_eq!(count(n).replace(',', ""), n.to_string());
        }
    }
}
