//! Which bytes of a direction were seen: a set of intervals of sequence numbers that counts each byte once.

/// Intervals kept apart; more are a sign of an attack or of very many lost frames, and the nearest are joined.
const INTERVALS_LIMIT: usize = 256;

/// Sequence numbers seen in one direction, unwrapped to 64 bits. Intervals are half open, sorted and disjoint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// The interval that grows with traffic in order.
    edge: Option<(u64, u64)>,
    /// All others.
    islands: Vec<(u64, u64)>,
    /// Bytes in all of them.
    total: u64,
    /// Bytes by which `total` is too large because intervals had to be joined.
    joined: u64,
}

impl Coverage {
    /// Adds `start..end` and says how many bytes of it are new.
    pub fn insert(&mut self, start: u64, end: u64) -> u64 {
        if end <= start {
            return 0;
        }
        match &mut self.edge {
            None => {
                self.edge = Some((start, end));
                self.total = end - start;
                return self.total;
            }
            Some((_, edge_end)) if *edge_end == start && self.islands.is_empty() => {
                *edge_end = end;
                self.total += end - start;
                return end - start;
            }
            Some((edge_start, edge_end)) if *edge_start <= start && end <= *edge_end => return 0,
            Some(_) => {}
        }
        self.insert_slowly(start, end)
    }

    fn insert_slowly(&mut self, start: u64, end: u64) -> u64 {
        let before = self.total;
        self.islands.extend(self.edge.take());
        let from = self.islands.partition_point(|&(_, other_end)| other_end < start);
        let to = self.islands.partition_point(|&(other_start, _)| other_start <= end);
        let touched = self.islands.get(from..to).unwrap_or_default();
        let known: u64 = touched.iter().map(|(from, to)| to - from).sum();
        let start = touched.first().map_or(start, |first| first.0.min(start));
        let end = touched.last().map_or(end, |last| last.1.max(end));
        self.islands.splice(from..to, [(start, end)]);
        self.total += end - start - known;
        if self.islands.len() > INTERVALS_LIMIT {
            self.join_nearest();
        }
        self.edge = self.islands.pop();
        self.total.saturating_sub(before)
    }

    /// Memory of the intervals that are kept apart.
    pub(crate) fn islands_size(&self) -> usize {
        self.islands.capacity() * size_of::<(u64, u64)>()
    }

    /// Keeps no intervals apart any more: what is missing between them counts as seen.
    pub(crate) fn join_all(&mut self) {
        let (Some(first), Some(edge)) = (self.islands.first().copied(), self.edge) else { return };
        let missing = self.missing();
        self.edge = Some((first.0, edge.1));
        self.total += missing;
        self.joined += missing;
        self.islands = Vec::new();
    }

    fn join_nearest(&mut self) {
        let nearest = self
            .islands
            .windows(2)
            .enumerate()
            .filter_map(|(at, pair)| match pair {
                [left, right] => Some((right.0 - left.1, at)),
                _ => None,
            })
            .min();
        let Some((distance, at)) = nearest else { return };
        let right = self.islands.remove(at + 1);
        if let Some(left) = self.islands.get_mut(at) {
            left.1 = right.1;
        }
        self.total += distance;
        self.joined += distance;
    }

    /// Bytes seen, each once.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Bytes that `total` counts although they were not seen; 0 but for captures with very many gaps.
    pub fn joined(&self) -> u64 {
        self.joined
    }

    /// One past the last byte seen.
    pub fn end(&self) -> Option<u64> {
        self.edge.map(|(_, end)| end)
    }

    /// Bytes missing between the first and the last that were seen.
    pub fn missing(&self) -> u64 {
        let first = self.islands.first().or(self.edge.as_ref());
        match (first, self.edge) {
            (Some(first), Some(edge)) => (edge.1 - first.0).saturating_sub(self.total),
            _ => 0,
        }
    }

    /// Adds all of another set whose numbers are `shift` lower than ours.
    pub fn absorb(&mut self, other: &Self, shift: i64) {
        for &(start, end) in other.islands.iter().chain(other.edge.as_ref()) {
            self.insert(start.saturating_add_signed(shift), end.saturating_add_signed(shift));
        }
        self.joined += other.joined;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn counts_as_a_set_of_bytes_does(pieces in prop::collection::vec((0_u64..400, 0_u64..60), 0..40)) {
            let mut coverage = Coverage::default();
            let mut naive = BTreeSet::new();
            for (start, len) in pieces {
                let before = naive.len() as u64;
                naive.extend(start..start + len);
                prop_assert_eq!(coverage.insert(start, start + len), naive.len() as u64 - before);
                prop_assert_eq!(coverage.total(), naive.len() as u64);
            }
            let span = naive.last().map_or(0, |last| last + 1 - naive.first().unwrap());
            prop_assert_eq!(coverage.missing(), span - naive.len() as u64);
        }

        #[test]
        fn absorbing_is_inserting(a in prop::collection::vec((0_u64..400, 1_u64..60), 0..20), b in prop::collection::vec((0_u64..400, 1_u64..60), 0..20)) {
            let mut left = Coverage::default();
            let mut right = Coverage::default();
            let mut both = Coverage::default();
            for &(start, len) in &a { left.insert(start, start + len); both.insert(start + 5, start + len + 5); }
            for &(start, len) in &b { right.insert(start, start + len); both.insert(start, start + len); }
            right.absorb(&left, 5);
            prop_assert_eq!(right, both);
        }
    }

    #[test]
    fn very_many_islands_stay_bounded_and_say_what_was_joined() {
        let mut coverage = Coverage::default();
        for n in 0..10_000_u64 {
            coverage.insert(n * 10, n * 10 + 1);
        }
        assert!(coverage.islands.len() <= INTERVALS_LIMIT);
        assert_eq!(coverage.total() - coverage.joined(), 10_000);
        coverage.join_all();
        assert_eq!((coverage.islands_size(), coverage.missing()), (0, 0));
        assert_eq!(coverage.total() - coverage.joined(), 10_000);
        assert_eq!(coverage.end(), Some(99_991));
    }
}
