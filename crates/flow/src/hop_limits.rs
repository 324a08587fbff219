//! The hop limits of what one side of a connection sends. They stay what they are while it is one host on one path;
//! a segment that was put in from elsewhere, or that was made to expire on the way, stands out.

use firstlight_model::{FrameRef, Timestamp};

/// Paths change, and load balancers answer in a server's place: such a difference is no jump.
const JUMP: u8 = 8;

/// Where a hop limit was first seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Met {
    time: Timestamp,
    at: FrameRef,
    hop_limit: u8,
}

impl Met {
    fn order(&self) -> (Timestamp, FrameRef) {
        (self.time, self.at)
    }
}

/// The lowest and the highest, each where it was first seen. Merges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct HopLimits(Option<(Met, Met)>);

impl HopLimits {
    /// Takes note of one.
    pub(crate) fn add(&mut self, hop_limit: u8, (time, at): (Timestamp, FrameRef)) {
        match &self.0 {
            Some((low, high)) if low.hop_limit < hop_limit && hop_limit < high.hop_limit => {}
            Some((low, high))
                if low.hop_limit == hop_limit && low.order() <= (time, at) && hop_limit < high.hop_limit => {}
            Some((low, high))
                if high.hop_limit == hop_limit && high.order() <= (time, at) && low.order() <= (time, at) => {}
            _ => self.add_met(Met { time, at, hop_limit }),
        }
    }

    fn add_met(&mut self, met: Met) {
        let (low, high) = self.0.get_or_insert((met, met));
        if (met.hop_limit, met.order()) < (low.hop_limit, low.order()) {
            *low = met;
        }
        if met.hop_limit > high.hop_limit || (met.hop_limit == high.hop_limit && met.order() < high.order()) {
            *high = met;
        }
    }

    /// Adds what the continuation saw.
    pub(crate) fn merge(&mut self, other: Self) {
        if let Some((low, high)) = other.0 {
            self.add_met(low);
            self.add_met(high);
        }
    }

    /// The frame that made the difference, where they differ much.
    pub(crate) fn jump(&self) -> Option<(Timestamp, FrameRef)> {
        let (low, high) = self.0?;
        (high.hop_limit - low.hop_limit >= JUMP).then(|| low.order().max(high.order()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_extremes_are_found_in_any_order_and_in_pieces(
            list in prop::collection::vec((0_u8..20, 0_u64..30), 1..30),
            cut in any::<prop::sample::Index>(),
        ) {
            let place = |number: u64| {
                let at = FrameRef { capture: 0, number };
                (Timestamp::from_ns(i64::try_from(number).unwrap()), at)
            };
            let all = |list: &[(u8, u64)]| {
                let mut all = HopLimits::default();
                list.iter().for_each(|(hop_limit, number)| all.add(*hop_limit, place(*number)));
                all
            };
            let first = |of: u8| list.iter().filter(|(it, _)| *it == of).map(|(_, number)| *number).min().unwrap();
            let low = list.iter().map(|(it, _)| *it).min().unwrap();
            let high = list.iter().map(|(it, _)| *it).max().unwrap();
            let found = all(&list);
            prop_assert_eq!(found.jump().is_some(), high - low >= JUMP);
            if let Some(jump) = found.jump() {
                prop_assert_eq!(jump, place(first(low).max(first(high))));
            }
            let (head, tail) = list.split_at(cut.index(list.len()));
            let mut merged = all(tail);
            merged.merge(all(head));
            prop_assert_eq!(merged, found);
        }
    }
}
