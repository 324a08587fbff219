//! Points in time, as frames carry them.

/// A point in time: nanoseconds since 1970-01-01T00:00:00 UTC, leap seconds not counted (POSIX time). Covers the years
/// 1677 to 2262; readers saturate what lies outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The epoch.
    pub const ZERO: Self = Self(0);
    /// The latest point that can be told.
    pub const MAX: Self = Self(i64::MAX);

    /// From nanoseconds since the epoch.
    pub const fn from_ns(ns: i64) -> Self {
        Self(ns)
    }

    /// From whole seconds and nanoseconds since the epoch; saturates at the ends of the range.
    pub const fn from_parts(seconds: i64, ns: u32) -> Self {
        Self(seconds.saturating_mul(1_000_000_000).saturating_add(ns as i64))
    }

    /// Nanoseconds since the epoch.
    pub const fn as_ns(self) -> i64 {
        self.0
    }

    /// Seconds since the epoch, rounded to the nearest number that an `f64` can hold.
    pub fn as_seconds_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Nanoseconds from `earlier` to `self`; negative when `earlier` is the later one. Saturates.
    pub const fn since_ns(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This point moved by `ns` nanoseconds. Saturates.
    pub const fn plus_ns(self, ns: i64) -> Self {
        Self(self.0.saturating_add(ns))
    }
}
