//! The time stamps of a pcapng interface: `if_tsresol` and `if_tsoffset` (draft-ietf-opsawg-pcapng-04 s. 4.2). What is
//! finer than a nanosecond is cut off; what lies beyond 2262 saturates.

use firstlight_model::Timestamp;

/// How ticks become nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// Whole nanoseconds in a tick.
    Times(u64),
    /// Ticks in a nanosecond.
    Over(u64),
    /// Ticks in a second, as log2.
    Binary(u8),
}

/// Unit and offset of an interface's time stamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeScale {
    unit: Unit,
    offset_ns: i64,
    /// To write its times with, at most 9.
    pub(super) decimals: u8,
}

impl TimeScale {
    /// Microseconds since the epoch, when an interface does not say otherwise.
    pub(super) const MICROSECONDS: Self = Self { unit: Unit::Times(1_000), offset_ns: 0, decimals: 6 };

    /// From the values of the two options.
    pub(super) fn new(tsresol: u8, offset_s: i64) -> Self {
        let exponent = tsresol & 0x7f;
        let (unit, decimals) = if tsresol & 0x80 != 0 {
            // As many decimals as tell one tick from the next: exponent * log10(2), rounded up.
            let decimals = u32::from(exponent) * 30_103 / 100_000 + u32::from(exponent > 0);
            (Unit::Binary(exponent), u8::try_from(decimals).unwrap_or(9))
        } else {
            let unit = match exponent {
                0..=9 => Unit::Times(10_u64.pow(9 - u32::from(exponent))),
                // 10^19 is the largest power in 64 bits; with more, every tick there can be is less than a nanosecond.
                _ => Unit::Over(10_u64.checked_pow(u32::from(exponent) - 9).unwrap_or(u64::MAX)),
            };
            (unit, exponent)
        };
        Self { unit, offset_ns: offset_s.saturating_mul(1_000_000_000), decimals: decimals.min(9) }
    }

    /// The point in time of a number of ticks.
    #[inline]
    pub(super) fn time(self, ticks: u64) -> Timestamp {
        let ns = match self.unit {
            Unit::Times(factor) => match ticks.checked_mul(factor) {
                Some(ns) => i128::from(ns),
                None => i128::from(ticks) * i128::from(factor),
            },
            Unit::Over(divisor) => i128::from(ticks / divisor),
            Unit::Binary(exponent) => (i128::from(ticks) * 1_000_000_000) >> exponent,
        };
        let ns = ns + i128::from(self.offset_ns);
        let end = if ns < 0 { i64::MIN } else { i64::MAX };
        Timestamp::from_ns(i64::try_from(ns).unwrap_or(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resolution_gives_the_same_second() {
        for exponent in 0..=18 {
            let scale = TimeScale::new(exponent, 0);
            assert_eq!(scale.time(10_u64.pow(u32::from(exponent)) * 3).as_ns(), 3_000_000_000, "10^-{exponent}");
        }
        for exponent in 0..=61 {
            let scale = TimeScale::new(0x80 | exponent, 0);
            assert_eq!(scale.time(3 << exponent).as_ns(), 3_000_000_000, "2^-{exponent}");
        }
    }

    #[test]
    fn no_resolution_and_no_tick_panics() {
        for tsresol in 0..=255 {
            for offset in [0, 1, -1, i64::MIN, i64::MAX] {
                let scale = TimeScale::new(tsresol, offset);
                assert!(scale.decimals <= 9);
                for ticks in [0, 1, u64::MAX / 2, u64::MAX] {
                    scale.time(ticks);
                }
            }
        }
        assert_eq!(TimeScale::new(6, 0), TimeScale::MICROSECONDS);
        assert_eq!(TimeScale::new(0, 0).time(u64::MAX), Timestamp::MAX);
        assert_eq!(TimeScale::new(0x80 | 20, 0).decimals, 7);
    }

    #[test]
    fn an_offset_moves_by_seconds_both_ways() {
        assert_eq!(TimeScale::new(6, 5).time(1).as_ns(), 5_000_001_000);
        assert_eq!(TimeScale::new(6, -5).time(6_000_000).as_ns(), 1_000_000_000);
    }
}
