//! Things that are said again and again: how often, and where first.

use std::collections::BTreeMap;

use crate::connection::Seen;
use crate::limits;

/// How often a thing was seen, and where first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    pub count: u64,
    pub first: Seen,
    pub last: Seen,
}

/// Things by key, bounded.
#[derive(Debug, Clone)]
pub(crate) struct Sightings<K> {
    counts: BTreeMap<K, Count>,
    limit: usize,
}

impl<K: Ord> Sightings<K> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { counts: BTreeMap::new(), limit }
    }

    /// Counts one; false when the limit is reached and the thing is new.
    pub(crate) fn add(&mut self, key: K, seen: Seen) -> bool {
        self.add_count(key, Count { count: 1, first: seen, last: seen })
    }

    fn add_count(&mut self, key: K, more: Count) -> bool {
        if let Some(count) = self.counts.get_mut(&key) {
            count.count += more.count;
            count.first = count.first.min(more.first);
            count.last = count.last.max(more.last);
            return true;
        }
        if self.counts.len() >= self.limit {
            return false;
        }
        self.counts.insert(key, more);
        true
    }

    /// Adds those of another; gives where the ones were first seen that go beyond the limit.
    #[must_use]
    pub(crate) fn merge(&mut self, other: Self) -> Vec<Seen> {
        let mut left_out = Vec::new();
        for (key, count) in other.counts {
            if !self.add_count(key, count) {
                left_out.push(count.first);
            }
        }
        left_out
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &Count)> {
        self.counts.iter()
    }
}

impl<K: Ord> Default for Sightings<K> {
    fn default() -> Self {
        Self::new(limits::SIGHTINGS)
    }
}
