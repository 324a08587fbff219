//! The clocks behind the timestamps of TCP (RFC 7323 s. 5.4): for each sender the connection in which it could be watched
//! for longest. Many systems begin each connection at a time of its own choosing, so that only the rate is sure.

use std::collections::BTreeMap;
use std::net::IpAddr;

use firstlight_model::Timestamp;
use firstlight_model::report::TimestampClock;

use crate::limits;
use crate::tally::Speaker;

/// A shorter look says nothing of the rate.
const SHORTEST_NS: i64 = 1_000_000_000;
/// Slower and faster clocks are none (RFC 7323 s. 5.4: a tick takes between 1 ms and 1 s; some are a little off).
const SLOWEST_HZ: f64 = 0.7;
const FASTEST_HZ: f64 = 1500.0;
/// Rates that systems have.
const USUAL_HZ: [u32; 9] = [1, 2, 10, 100, 200, 250, 300, 500, 1000];
/// How far from one of them a measurement may be.
const TOLERANCE: f64 = 0.03;

/// A look at a clock. The longest is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Look {
    ns: i64,
    last: Timestamp,
    ticks: u32,
    value: u32,
}

impl Look {
    fn hz(&self) -> f64 {
        f64::from(self.ticks) / (self.ns as f64 / 1e9)
    }

    fn nominal_hz(&self) -> Option<u32> {
        let hz = self.hz();
        USUAL_HZ.into_iter().find(|usual| (hz / f64::from(*usual) - 1.0).abs() <= TOLERANCE)
    }
}

/// Those of all senders.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clocks {
    looks: BTreeMap<Speaker, Look>,
}

impl Clocks {
    /// Takes note of the first and the last timestamp of one side of a connection. False when the limit is reached.
    pub(crate) fn add(&mut self, speaker: Speaker, first: (Timestamp, u32), last: (Timestamp, u32)) -> bool {
        let ns = last.0.since_ns(first.0);
        let ticks = last.1.wrapping_sub(first.1);
        // More than half of the circle is backwards.
        if ns < SHORTEST_NS || ticks == 0 || ticks > u32::MAX / 2 {
            return true;
        }
        self.insert(speaker, Look { ns, last: last.0, ticks, value: last.1 })
    }

    fn insert(&mut self, speaker: Speaker, look: Look) -> bool {
        if let Some(known) = self.looks.get_mut(&speaker) {
            *known = (*known).max(look);
            return true;
        }
        let has_room = self.looks.len() < limits::SIGHTINGS;
        if has_room {
            self.looks.insert(speaker, look);
        }
        has_room
    }

    /// Adds those of another; says when they end that go beyond the limit.
    pub(crate) fn merge(&mut self, other: Self) -> usize {
        other.looks.into_iter().filter(|(speaker, look)| !self.insert(*speaker, *look)).count()
    }

    /// The usual rates of the clocks behind some addresses, each with the first address that has it.
    pub(crate) fn rates(&self, is_its: impl Fn(Speaker) -> bool) -> BTreeMap<u32, IpAddr> {
        let mut rates = BTreeMap::new();
        for (speaker, look) in self.looks.iter().filter(|(speaker, _)| is_its(**speaker)) {
            if let Some(hz) = look.nominal_hz() {
                rates.entry(hz).or_insert(speaker.address);
            }
        }
        rates
    }

    /// The clock of a machine, by the longest look at any of its addresses.
    pub(crate) fn of(&self, is_its: impl Fn(Speaker) -> bool) -> Option<TimestampClock> {
        let look = self.looks.iter().filter(|(speaker, _)| is_its(**speaker)).map(|(_, look)| *look).max()?;
        let seen_s = look.ns as f64 / 1e9;
        let hz = look.hz();
        if !(SLOWEST_HZ..=FASTEST_HZ).contains(&hz) {
            return None;
        }
        let nominal_hz = look.nominal_hz();
        let rate = nominal_hz.map_or(hz, f64::from);
        Some(TimestampClock {
            hz,
            nominal_hz,
            since_zero_s: f64::from(look.value) / rate,
            modulo_s: 4_294_967_296.0 / rate,
            seen_s,
            at: look.last,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use firstlight_model::Timestamp;

    use super::Clocks;
    use crate::tally::Speaker;

    const SPEAKER: Speaker = Speaker { address: std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), mac: None };

    fn clocks(looks: &[(i64, u32, i64, u32)]) -> Clocks {
        let mut clocks = Clocks::default();
        for (first_ms, first, last_ms, last) in looks {
            let at = |ms: i64| Timestamp::from_ns(ms * 1_000_000);
            assert!(clocks.add(SPEAKER, (at(*first_ms), *first), (at(*last_ms), *last)));
        }
        clocks
    }

    #[test]
    fn the_longest_look_tells_the_rate_and_the_time_since_zero() {
        let clock = clocks(&[(0, 1000, 2000, 1500), (0, 3_600_000, 10_000, 3_609_990)]).of(|_| true).expect("a clock");
        assert_eq!(clock.nominal_hz, Some(1000));
        assert!((clock.hz - 999.0).abs() < 1e-9 && (clock.since_zero_s - 3609.99).abs() < 1e-6, "{clock:?}");
        assert!((clock.modulo_s - 4_294_967.296).abs() < 1e-3, "49.7 days");
    }

    #[test]
    fn what_does_not_tick_like_a_clock_is_none() {
        for look in [(0, 5, 500, 505), (0, 5, 5000, 5), (0, 500, 5000, 5), (0, 0, 1000, 9000), (0, 0, 100_000, 3)] {
            assert_eq!(clocks(&[look]).of(|_| true), None, "{look:?}");
        }
        let odd = clocks(&[(0, u32::MAX - 100, 1000, 40)]).of(|_| true).expect("it counts around");
        assert_eq!(odd.nominal_hz, None, "141 Hz: {odd:?}");
        assert!(clocks(&[(0, 0, 1000, 100)]).of(|_| false).is_none());
    }

    #[test]
    fn addresses_with_clocks_of_their_own_are_told_apart() {
        let mut two = clocks(&[(0, 0, 10_000, 2_500)]);
        let other = Speaker { address: Ipv4Addr::new(10, 0, 0, 1).into(), mac: None };
        let at = |ms: i64| Timestamp::from_ns(ms * 1_000_000);
        assert!(two.add(other, (at(0), 0), (at(5_000), 1_000)));
        let rates: Vec<_> = two.rates(|_| true).into_iter().collect();
        assert_eq!(rates, [(200, other.address), (250, SPEAKER.address)]);
        assert_eq!(two.rates(|speaker| speaker == other).len(), 1);
    }

    #[test]
    fn two_are_one_in_any_order() {
        let (a, b) = (clocks(&[(0, 0, 2000, 200)]), clocks(&[(0, 0, 4000, 400)]));
        let (mut ab, mut ba) = (a.clone(), b.clone());
        assert_eq!((ab.merge(b), ba.merge(a)), (0, 0));
        assert_eq!(ab.of(|_| true), ba.of(|_| true));
    }
}
