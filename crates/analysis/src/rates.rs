//! How much each machine sent when: frames by stretches of time that all have the same length, the first frame of each kept.
//! When a machine has too many of them, two become one, so that memory does not grow with the capture. The length is the
//! shortest with which they fit, whatever the order in which frames or pieces come.

use std::collections::BTreeMap;

use firstlight_model::MacAddress;

use crate::connection::Seen;
use crate::limits;

/// Shortest stretch.
const SHORTEST_NS: i64 = 1_000_000_000;
/// Senders whose stretch is at hand.
const RECENT: usize = 4;

/// A stretch in which the machine sent something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bin {
    /// Which, counted from the epoch in lengths of a stretch.
    pub index: i64,
    pub frames: u64,
    pub first: Seen,
}

/// The stretches of one machine, in the order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rate {
    pub length_ns: i64,
    pub bins: Vec<Bin>,
}

/// Stretches of every sender.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rates {
    by_mac: BTreeMap<MacAddress, Rate>,
    /// The last few senders, with their frames within one of the shortest stretches.
    recent: Vec<(MacAddress, Bin)>,
}

impl Rates {
    /// Takes note of a frame. `false` when there is no room for another sender.
    pub(crate) fn frame(&mut self, mac: MacAddress, seen: Seen) -> bool {
        let index = seen.time.as_ns().div_euclid(SHORTEST_NS);
        for (recent, bin) in &mut self.recent {
            if *recent == mac && bin.index == index {
                bin.frames += 1;
                bin.first = bin.first.min(seen);
                return true;
            }
        }
        let before = self.recent.iter().position(|(recent, _)| *recent == mac);
        let gives_way = before.or((self.recent.len() >= RECENT).then_some(0));
        let has_room = gives_way.is_none_or(|at| {
            let (mac, bin) = self.recent.remove(at);
            self.add(mac, SHORTEST_NS, bin)
        });
        self.recent.push((mac, Bin { index, frames: 1, first: seen }));
        has_room
    }

    /// Puts what is under way where it belongs. `false` when there is no room.
    pub(crate) fn settle(&mut self) -> bool {
        let recent = std::mem::take(&mut self.recent);
        recent.into_iter().fold(true, |has_room, (mac, bin)| self.add(mac, SHORTEST_NS, bin) & has_room)
    }

    fn add(&mut self, mac: MacAddress, length_ns: i64, bin: Bin) -> bool {
        if self.by_mac.len() >= limits::MACHINES && !self.by_mac.contains_key(&mac) {
            return false;
        }
        let rate = self.by_mac.entry(mac).or_insert(Rate { length_ns: SHORTEST_NS, bins: Vec::new() });
        rate.coarsen_to(length_ns);
        rate.insert(Bin { index: bin.index.div_euclid((rate.length_ns / length_ns).max(1)), ..bin });
        while rate.bins.len() > limits::RATE_BINS {
            rate.coarsen_to(rate.length_ns.saturating_mul(2));
        }
        true
    }

    /// Adds what another piece has. `false` when something found no room.
    pub(crate) fn merge(&mut self, mut other: Self) -> bool {
        let mut has_room = self.settle() & other.settle();
        for (mac, rate) in other.by_mac {
            for bin in rate.bins {
                has_room &= self.add(mac, rate.length_ns, bin);
            }
        }
        has_room
    }

    /// Those of one sender. [`Rates::settle`] comes first.
    pub(crate) fn of(&self, mac: MacAddress) -> Option<&Rate> {
        self.by_mac.get(&mac)
    }
}

impl Rate {
    fn insert(&mut self, bin: Bin) {
        // Nearly always the last, or after it.
        let at = match self.bins.last() {
            Some(last) if last.index < bin.index => self.bins.len(),
            _ => self.bins.partition_point(|other| other.index < bin.index),
        };
        match self.bins.get_mut(at).filter(|known| known.index == bin.index) {
            Some(known) => known.add(bin),
            None => self.bins.insert(at, bin),
        }
    }

    fn coarsen_to(&mut self, length_ns: i64) {
        if length_ns <= self.length_ns {
            return;
        }
        let by = length_ns / self.length_ns;
        self.length_ns = length_ns;
        self.bins.iter_mut().for_each(|bin| bin.index = bin.index.div_euclid(by));
        self.bins.dedup_by(|next, bin| {
            let is_same = next.index == bin.index;
            if is_same {
                bin.add(*next);
            }
            is_same
        });
    }
}

impl Bin {
    fn add(&mut self, other: Self) {
        self.frames += other.frames;
        self.first = self.first.min(other.first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstlight_model::{FrameRef, Timestamp};
    use proptest::prelude::*;

    fn seen(number: u64, ms: i64) -> Seen {
        Seen { time: Timestamp::from_ns(ms * 1_000_000), at: FrameRef { capture: 0, number } }
    }

    fn of(frames: &[(u64, u8, i64)]) -> Rates {
        let mut rates = Rates::default();
        for (number, mac, ms) in frames {
            rates.frame(MacAddress([*mac; 6]), seen(*number, *ms));
        }
        rates.settle();
        rates
    }

    #[test]
    fn frames_of_a_second_are_counted_and_the_first_is_kept() {
        let rates = of(&[(1, 1, 100), (2, 2, 200), (3, 1, 999), (4, 1, 1_000), (5, 1, 50)]);
        let rate = rates.of(MacAddress([1; 6])).unwrap();
        let counts: Vec<_> = rate.bins.iter().map(|bin| (bin.index, bin.frames, bin.first.at.number)).collect();
        assert_eq!(counts, [(0, 3, 5), (1, 1, 4)]);
    }

    #[test]
    fn a_long_capture_takes_no_more_room_than_a_short_one() {
        let mut rates = Rates::default();
        for s in 0..100_000 {
            assert!(rates.frame(MacAddress([1; 6]), seen(s, s as i64 * 1_000)));
        }
        rates.settle();
        let rate = rates.of(MacAddress([1; 6])).unwrap();
        assert!(rate.bins.len() <= limits::RATE_BINS && rate.bins.len() > limits::RATE_BINS / 2);
        assert_eq!(rate.bins.iter().map(|bin| bin.frames).sum::<u64>(), 100_000);
    }

    proptest! {
        /// Frames far apart, so that stretches have to become longer.
        #[test]
        fn pieces_give_what_the_whole_gives_in_any_order(
            frames in prop::collection::vec((0..3_u8, 0..90_000_000_i64), 0..limits::RATE_BINS * 4),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 2),
        ) {
            let frames: Vec<(u64, u8, i64)> = (1..).zip(frames).map(|(number, (mac, ms))| (number, mac, ms)).collect();
            let whole = of(&frames);
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(frames.len() + 1)).collect();
            cuts.sort_unstable();
            let (a, b, c) = (of(&frames[..cuts[0]]), of(&frames[cuts[0]..cuts[1]]), of(&frames[cuts[1]..]));
            let merged = |parts: [&Rates; 3]| {
                let mut all = parts[0].clone();
                all.merge(parts[1].clone());
                all.merge(parts[2].clone());
                all
            };
            prop_assert_eq!(&merged([&a, &b, &c]), &whole);
            prop_assert_eq!(&merged([&c, &a, &b]), &whole);
            let mut right = b.clone();
            right.merge(c.clone());
            let mut left = a.clone();
            left.merge(right);
            prop_assert_eq!(&left, &whole);
        }
    }
}
