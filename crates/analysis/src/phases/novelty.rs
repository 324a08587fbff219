//! What a machine did for the first time, and when: names that it asked for, TLS hellos, programs that it says it runs.

use std::collections::HashMap;
use std::sync::Arc;

use crate::assemble::Own;
use crate::connection::Seen;
use crate::machines::Machines;
use crate::tally::{Speaker, Tally};

/// Something new.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct New {
    pub seen: Seen,
    pub kind: Kind,
    pub what: Arc<str>,
    /// Field that says so.
    pub field: &'static str,
}

/// What is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// The name of a host beyond the local network.
    Name,
    /// A TLS hello, by its JA4.
    Hello,
    /// What a program says that it is.
    Program,
}

/// What is new of the first machine, in the order of time.
pub(crate) fn of_subject(tally: &Tally, machines: &Machines, own: &[Own<'_>]) -> Vec<New> {
    let is_subject = |speaker: &Speaker| machines.of(speaker.address, speaker.mac) == Some(0);
    let mut firsts: HashMap<(Kind, Arc<str>), (Seen, &'static str), foldhash::fast::RandomState> = HashMap::default();
    let mut add = |kind, what: &Arc<str>, seen: Seen, field| {
        let first = firsts.entry((kind, what.clone())).or_insert((seen, field));
        *first = (seen, field).min(*first);
    };
    for (_, look_ups) in tally.lookups.iter().filter(|(client, _)| is_subject(client)) {
        for (name, seen) in look_ups.names.iter().filter(|(name, _)| is_far(name)) {
            add(Kind::Name, name, *seen, "dns.qry.name");
        }
    }
    for (connection, _) in own.iter().filter(|(_, began)| *began) {
        for name in connection.facts.iter().flat_map(|facts| &facts.names).filter(|name| is_far(&name.value)) {
            add(Kind::Name, &name.value, connection.named.unwrap_or(connection.first), name.field.name);
        }
    }
    for (kind, sightings) in [(Kind::Hello, &tally.fingerprints), (Kind::Program, &tally.software)] {
        for ((_, field, value), count) in sightings.iter().filter(|((speaker, ..), _)| is_subject(speaker)) {
            // Other digests are of the same hello.
            if kind == Kind::Program || field.ends_with("ja4") {
                add(kind, value, count.first, field);
            }
        }
    }
    let mut new: Vec<New> =
        firsts.into_iter().map(|((kind, what), (seen, field))| New { seen, kind, what, field }).collect();
    new.sort_unstable();
    new
}

/// Not a name of the local network, nor an address.
fn is_far(name: &str) -> bool {
    let is_address = name.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b':' | b'[' | b']'));
    let is_local = [".local", ".arpa", ".lan", ".home", ".internal"].iter().any(|ending| name.ends_with(ending));
    name.contains('.') && !is_local && !is_address
}

#[cfg(test)]
mod tests {
    use super::is_far;

    #[test]
    fn names_of_the_local_network_are_not_new() {
        assert!(is_far("www.example.com"));
        for name in ["printer", "_airplay._tcp.local", "1.0.0.127.in-addr.arpa", "192.0.2.1", "192.0.2.1:80"] {
            assert!(!is_far(name), "{name}");
        }
    }
}
