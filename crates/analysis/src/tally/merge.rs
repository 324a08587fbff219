//! Two tallies into one. The limits are those of one tally, and what goes beyond them is said as it is in one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{LookUps, Speaker, Tally, add_other, add_sorted};
use crate::limits;

impl Tally {
    /// Adds all that another tally has. The result does not depend on the order, as long as no limit is reached.
    pub fn merge(&mut self, other: Self) {
        // What was said of them must have one copy here.
        drop(other.facts);
        for mut connection in other.connections {
            connection.facts = connection.facts.take().map(|facts| self.facts_shared(facts));
            self.connection(connection);
        }
        for seen in self.resolved.merge(other.resolved) {
            self.anomaly("answer_limit", None, seen);
        }
        self.merge_aliases(other.aliases);
        self.merge_look_ups(other.lookups);
        for name in other.public_names {
            if self.public_names.len() < limits::SIGHTINGS || self.public_names.contains(&name) {
                self.public_names.insert(name);
            } else {
                self.anomalies_of(("sighting_limit", None), 1, &[]);
            }
        }
        for router in other.routers {
            if self.routers.len() < limits::MACHINES || self.routers.contains(&router) {
                self.routers.insert(router);
            } else {
                self.anomalies_of(("sighting_limit", None), 1, &[]);
            }
        }
        if !(self.bursts.merge(other.bursts) & self.rates.merge(other.rates)) {
            self.anomalies_of(("burst_limit", None), 1, &[]);
        }
        for lease in other.leases {
            if self.leases.len() < limits::SIGHTINGS {
                self.leases.push(lease);
            } else {
                self.anomaly("lease_limit", None, lease.seen);
            }
        }
        for exchange in other.exchanges {
            if self.exchanges.len() < limits::EXCHANGES {
                self.exchanges.push(exchange);
            } else {
                self.anomaly("exchange_limit", None, exchange.seen);
            }
        }
        let left_out = [
            self.device_names.merge(other.device_names),
            self.machine_ids.merge(other.machine_ids),
            self.software.merge(other.software),
            self.fingerprints.merge(other.fingerprints),
            self.services.merge(other.services),
            self.bookmarks.merge(other.bookmarks),
            self.arp.merge(other.arp),
            self.signs.merge(other.signs),
            self.time_asked.merge(other.time_asked),
        ];
        for seen in left_out.into_iter().flatten() {
            self.anomaly("sighting_limit", None, seen);
        }
        for seen in self.answers.merge(other.answers) {
            self.anomaly("sighting_limit", None, seen);
        }
        let mut texts_left_out = self.clocks.merge(other.clocks) + self.ip_ids.merge(other.ip_ids);
        for (fingerprint, text) in other.fingerprint_texts {
            if self.fingerprint_texts.len() < limits::SIGHTINGS || self.fingerprint_texts.contains_key(&fingerprint) {
                self.fingerprint_texts.insert(fingerprint, text);
            } else {
                texts_left_out += 1;
            }
        }
        if texts_left_out > 0 {
            self.anomalies_of(("sighting_limit", None), texts_left_out as u64, &[]);
        }
        for seen in self.syns.merge(other.syns) {
            self.anomaly("syn_layout_limit", None, seen);
        }
        for (key, more) in other.other {
            if self.other.len() < limits::OTHER_FRAMES || self.other.contains_key(&key) {
                add_other(&mut self.other, key, more);
            } else {
                self.anomalies_of(("other_frame_limit", None), more.frames, &[more.first]);
            }
        }
        for (key, more) in other.anomalies {
            self.anomalies_of(key, more.count, &more.frames);
        }
        self.texts_cut += other.texts_cut;
        if let Some((first, last)) = other.span {
            self.time(first);
            self.time(last);
        }
    }

    fn merge_aliases(&mut self, aliases: BTreeMap<Arc<str>, Vec<Arc<str>>>) {
        for (asked, ends) in aliases {
            if self.aliases.len() >= limits::ALIASES && !self.aliases.contains_key(&asked) {
                self.anomalies_of(("alias_limit", None), 1, &[]);
                continue;
            }
            let mine = self.aliases.entry(asked).or_default();
            for end in ends {
                add_sorted(mine, end);
            }
        }
    }

    fn merge_look_ups(&mut self, look_ups: BTreeMap<Speaker, LookUps>) {
        for (client, more) in look_ups {
            if self.lookups.len() >= limits::LOOK_UPS && !self.lookups.contains_key(&client) {
                self.anomalies_of(("look_up_limit", None), more.queries, &[]);
                continue;
            }
            let mine = self.lookups.entry(client).or_default();
            mine.queries += more.queries;
            // Sorted, so that it is always the same ones that find no more room.
            let mut names = Vec::new();
            for (name, seen) in more.names {
                match mine.names.get_mut(&name) {
                    Some(first) => *first = seen.min(*first),
                    None => names.push((name, seen)),
                }
            }
            names.sort_unstable();
            let left_out = names.split_off(names.len().min(limits::LOOK_UPS.saturating_sub(self.looked_up)));
            self.looked_up += names.len();
            mine.names.extend(names);
            if !left_out.is_empty() {
                self.anomalies_of(("look_up_limit", None), left_out.len() as u64, &[]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use firstlight_model::{FrameRef, MacAddress, Timestamp};

    use super::Tally;
    use crate::connection::Seen;
    use crate::limits;
    use crate::tally::{LeaseSeen, OtherFrames, OtherKey, OtherKind, Speaker};

    fn seen(number: u64) -> Seen {
        Seen { time: Timestamp::ZERO, at: FrameRef { capture: 0, number } }
    }

    fn mac(number: u64) -> MacAddress {
        let [_, _, a, b, c, d, e, f] = number.to_be_bytes();
        MacAddress([a, b, c, d, e, f])
    }

    /// Things from `from` on, up to the limit of each kind.
    fn filled(from: u64) -> Tally {
        let mut tally = Tally::default();
        for number in from..from + limits::SIGHTINGS as u64 {
            let speaker = Speaker { address: std::net::Ipv4Addr::UNSPECIFIED.into(), mac: Some(mac(number)) };
            assert!(tally.arp.add((mac(number), std::net::Ipv4Addr::LOCALHOST), seen(number)));
            let name = tally.text(&format!("name-{number}"));
            assert!(tally.device_names.add((speaker, "dhcp.option.hostname", name.clone()), seen(number)));
            assert!(tally.public_names.insert(name));
            tally.leases.push(LeaseSeen {
                seen: seen(number),
                client_mac: mac(number),
                message_type: 1,
                transaction: 0,
                address: None,
                router: None,
                prefix_len: None,
                host_name: None,
                vendor_class: None,
                parameters: None,
                broadcast: true,
            });
        }
        for number in from..from + limits::OTHER_FRAMES as u64 {
            let key = OtherKey { source: Some(mac(number)), destination: None, kind: OtherKind::Arp };
            let frames = OtherFrames { frames: 1, wire_bytes: 60, first: seen(number), last: Timestamp::ZERO };
            tally.other.insert(key, frames);
        }
        tally
    }

    #[test]
    fn what_goes_beyond_a_limit_when_two_are_merged_is_said() {
        let mut tally = filled(0);
        tally.merge(filled(5));
        let count = |kind: &'static str| tally.anomalies.get(&(kind, None)).map_or(0, |anomaly| anomaly.count);
        // Link and network addresses, device names and public names.
        assert_eq!(count("sighting_limit"), 15);
        assert_eq!(count("lease_limit"), limits::SIGHTINGS as u64);
        assert_eq!(count("other_frame_limit"), 5);
        assert_eq!(tally.arp.iter().count(), limits::SIGHTINGS);
        assert_eq!((tally.leases.len(), tally.other.len()), (limits::SIGHTINGS, limits::OTHER_FRAMES));
    }
}
