//! Adding up connections that differ in nothing but their ports of origin, in place: when there are too many to keep one by
//! one, there is no room for a second list of them either.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _};
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::connection::Connection;

/// Longest stretch of time within which connections are added up.
const LONGEST_NS: i64 = 86_400 * 1_000_000_000;

/// How many would be left at least.
pub(super) fn kinds(connections: &[Connection]) -> usize {
    let mut known: HashTable<usize> = HashTable::with_capacity(connections.len());
    for (at, connection) in connections.iter().enumerate() {
        let hash = hash(connection, LONGEST_NS);
        let is_same = |other: &usize| connections.get(*other).is_some_and(|other| same(other, connection, LONGEST_NS));
        if known.find(hash, is_same).is_none() {
            known.insert_unique(hash, at, |at| connections.get(*at).map_or(0, |other| self::hash(other, LONGEST_NS)));
        }
    }
    known.len()
}

/// Adds them up within stretches of time. The first of each kind keeps its place.
pub(super) fn fold(connections: &mut Vec<Connection>, bucket_ns: i64) {
    let mut known: HashTable<usize> = HashTable::with_capacity(connections.len());
    let mut kept = 0;
    for at in 0..connections.len() {
        let Some((folded, rest)) = connections.split_at_mut_checked(at) else { break };
        let Some(connection) = rest.first_mut() else { break };
        let hash = hash(connection, bucket_ns);
        let is_same = |other: &usize| folded.get(*other).is_some_and(|other| same(other, connection, bucket_ns));
        match known.find(hash, is_same).copied().and_then(|other| folded.get_mut(other)) {
            Some(mine) => mine.add(connection),
            None => {
                if let Some(place) = folded.get_mut(kept) {
                    std::mem::swap(place, connection);
                }
                let connections = &*connections;
                known.insert_unique(hash, kept, |at| {
                    connections.get(*at).map_or(0, |other| self::hash(other, bucket_ns))
                });
                kept += 1;
            }
        }
    }
    connections.truncate(kept);
}

fn bucket(connection: &Connection, bucket_ns: i64) -> i64 {
    connection.first.time.as_ns().div_euclid(bucket_ns)
}

fn hash(connection: &Connection, bucket_ns: i64) -> u64 {
    let mut hasher = FixedState::with_seed(0).build_hasher();
    connection.originator.address.hash(&mut hasher);
    connection.responder.hash(&mut hasher);
    connection.macs.hash(&mut hasher);
    hasher.write_i64(bucket(connection, bucket_ns));
    // Where it lies decides nothing but the place in the table.
    hasher.write_usize(connection.facts.as_ref().map_or(0, |facts| Arc::as_ptr(facts).addr()));
    hasher.finish()
}

fn same(a: &Connection, b: &Connection, bucket_ns: i64) -> bool {
    a.transport == b.transport
        && a.originator.address == b.originator.address
        && a.responder == b.responder
        && a.macs == b.macs
        && (a.failed, a.from_start, a.state) == (b.failed, b.from_start, b.state)
        && match (&a.facts, &b.facts) {
            // There is one copy of each: see `Tally::facts`.
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
        && bucket(a, bucket_ns) == bucket(b, bucket_ns)
}
