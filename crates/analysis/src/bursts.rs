//! When each machine spoke: stretches without a silence of [`SILENCE_NS`] or more. A machine that was off, asleep or
//! started anew begins with one.

use std::collections::BTreeMap;

use firstlight_model::{MacAddress, Timestamp};

use crate::connection::Seen;
use crate::limits;

/// A silence of so long parts two stretches.
pub(crate) const SILENCE_NS: i64 = 5_000_000_000;

/// Senders whose stretch is at hand. Most traffic is between two.
const RECENT: usize = 4;

/// A stretch: its first frame, and the time of its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Burst {
    pub first: Seen,
    pub last: Timestamp,
}

/// Stretches of every sender.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bursts {
    by_mac: BTreeMap<MacAddress, Vec<Burst>>,
    /// The last few senders, and their stretches: most frames only move the end of one.
    recent: Vec<(MacAddress, Burst)>,
}

impl Bursts {
    /// Takes note of a frame. `false` when there is no more room for the sender.
    pub(crate) fn frame(&mut self, mac: MacAddress, seen: Seen) -> bool {
        for (recent, burst) in &mut self.recent {
            if *recent == mac && (0..SILENCE_NS).contains(&seen.time.since_ns(burst.last)) {
                burst.last = seen.time;
                return true;
            }
        }
        let before = self.recent.iter().position(|(recent, _)| *recent == mac);
        let gives_way = before.or((self.recent.len() >= RECENT).then_some(0));
        let has_room = gives_way.is_none_or(|at| {
            let (mac, burst) = self.recent.remove(at);
            self.add(mac, burst)
        });
        self.recent.push((mac, Burst { first: seen, last: seen.time }));
        has_room
    }

    /// Puts what is under way where it belongs. `false` when there is no room.
    pub(crate) fn settle(&mut self) -> bool {
        std::mem::take(&mut self.recent)
            .into_iter()
            .fold(true, |has_room, (mac, burst)| self.add(mac, burst) & has_room)
    }

    fn add(&mut self, mac: MacAddress, burst: Burst) -> bool {
        if self.by_mac.len() >= limits::MACHINES && !self.by_mac.contains_key(&mac) {
            return false;
        }
        let list = self.by_mac.entry(mac).or_default();
        insert(list, burst);
        if list.len() <= limits::BURSTS {
            return true;
        }
        list.pop();
        false
    }

    /// Adds what another piece has. `false` when something found no room.
    pub(crate) fn merge(&mut self, mut other: Self) -> bool {
        let mut has_room = self.settle() & other.settle();
        for (mac, bursts) in other.by_mac {
            for burst in bursts {
                has_room &= self.add(mac, burst);
            }
        }
        has_room
    }

    /// Stretches of one sender in order of time. [`Bursts::settle`] comes first.
    pub(crate) fn of(&self, mac: MacAddress) -> &[Burst] {
        self.by_mac.get(&mac).map_or(&[], Vec::as_slice)
    }
}

/// Puts a stretch among others in order of time, and joins those that no silence parts.
fn insert(list: &mut Vec<Burst>, burst: Burst) {
    if let Some(last) = list.last_mut()
        && burst.first >= last.first
        && burst.first.time.since_ns(last.last) < SILENCE_NS
    {
        last.last = last.last.max(burst.last);
        return;
    }
    // The first that ends late enough to be joined, and the first that begins too late for it.
    let from = list.partition_point(|other| burst.first.time.since_ns(other.last) >= SILENCE_NS);
    let to = list.partition_point(|other| other.first.time.since_ns(burst.last) < SILENCE_NS).max(from);
    let joined = list
        .get(from..to)
        .unwrap_or_default()
        .iter()
        .fold(burst, |sum, other| Burst { first: sum.first.min(other.first), last: sum.last.max(other.last) });
    list.splice(from..to, [joined]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstlight_model::FrameRef;
    use proptest::prelude::*;

    fn seen(number: u64, ms: i64) -> Seen {
        Seen { time: Timestamp::from_ns(ms * 1_000_000), at: FrameRef { capture: 0, number } }
    }

    fn of(frames: &[(u8, i64)]) -> Bursts {
        let mut bursts = Bursts::default();
        for (number, (mac, ms)) in (1_u64..).zip(frames) {
            bursts.frame(MacAddress([*mac; 6]), seen(number, *ms));
        }
        bursts.settle();
        bursts
    }

    #[test]
    fn a_silence_of_five_seconds_parts_two_stretches() {
        let bursts = of(&[(1, 0), (1, 4_999), (2, 5_000), (1, 10_500), (1, 10_499)]);
        let list = bursts.of(MacAddress([1; 6]));
        assert_eq!(list.len(), 2, "{list:?}");
        assert_eq!((list[0].first.at.number, list[0].last), (1, Timestamp::from_ns(4_999_000_000)));
        assert_eq!(list[1].first.time, Timestamp::from_ns(10_499_000_000));
        assert_eq!(bursts.of(MacAddress([2; 6])).len(), 1);
    }

    proptest! {
        #[test]
        fn pieces_give_what_the_whole_gives(
            frames in prop::collection::vec((0..9_u8, 0..60_000_i64), 0..90), cut in any::<prop::sample::Index>()
        ) {
            let whole = of(&frames);
            let at = cut.index(frames.len() + 1);
            let (mut head, mut tail) = (Bursts::default(), Bursts::default());
            for (number, (mac, ms)) in (1_u64..).zip(&frames) {
                let piece = if number <= at as u64 { &mut head } else { &mut tail };
                piece.frame(MacAddress([*mac; 6]), seen(number, *ms));
            }
            head.merge(tail);
            head.settle();
            prop_assert_eq!(head, whole);
        }
    }
}
