//! Interfaces of one machine: link addresses that say the same unique name of the machine behind them, as DHCP has it
//! (RFC 4361 s. 1, RFC 8415 s. 11: the identifier is the machine's, whatever interface it asks from).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use firstlight_model::MacAddress;

use super::Candidate;
use crate::connection::Seen;
use crate::limits;
use crate::tally::Tally;

/// A link address that belongs to a machine beside its first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OtherMac {
    pub mac: MacAddress,
    /// Where it, or the one that it is joined by, said so first.
    pub seen: Seen,
    /// The field in which both said the same.
    pub field: &'static str,
}

/// Where each link address first said a name.
type Sayers = BTreeMap<MacAddress, (Seen, &'static str)>;

/// Makes one candidate of those that say one name: that with most bytes has the others' addresses. A name that too many
/// say is that of a copied disk.
pub(super) fn join(tally: &Tally, by_mac: &mut BTreeMap<MacAddress, Candidate>) {
    let mut names: BTreeMap<&Arc<str>, Sayers> = BTreeMap::new();
    for ((name, speaker, field), count) in tally.machine_ids.iter() {
        let Some(mac) = speaker.mac.filter(|mac| by_mac.contains_key(mac)) else { continue };
        let said = (count.first, *field);
        names.entry(name).or_default().entry(mac).and_modify(|known| *known = (*known).min(said)).or_insert(said);
    }
    let mut joined: BTreeMap<MacAddress, MacAddress> = BTreeMap::new();
    for sayers in names.values().filter(|sayers| (2..=limits::MACS_OF_MACHINE).contains(&sayers.len())) {
        let end = |mac: &MacAddress| std::iter::successors(Some(*mac), |mac| joined.get(mac).copied()).last();
        let members: BTreeSet<MacAddress> = sayers.keys().filter_map(end).collect();
        let bytes = |mac: &MacAddress| by_mac.get(mac).map_or(0, |candidate| candidate.bytes);
        let Some(first) = members.iter().copied().max_by_key(|mac| (bytes(mac), Reverse(*mac))) else { continue };
        for mac in members.into_iter().filter(|mac| *mac != first) {
            let said = sayers.get(&mac).or_else(|| sayers.values().min());
            let (Some(&(seen, field)), Some(other)) = (said, by_mac.remove(&mac)) else { continue };
            joined.insert(mac, first);
            if let Some(candidate) = by_mac.get_mut(&first) {
                candidate.other_macs.push(OtherMac { mac, seen, field });
                candidate.take(other);
            }
        }
    }
    for candidate in by_mac.values_mut() {
        candidate.other_macs.sort_by_key(|other| other.mac);
    }
}

impl Candidate {
    /// Adds all that another one did.
    fn take(&mut self, other: Self) {
        self.other_macs.extend(other.other_macs);
        self.addresses.extend(other.addresses);
        self.connections += other.connections;
        self.originated += other.originated;
        self.bytes += other.bytes;
        self.is_dhcp_client |= other.is_dhcp_client;
        self.is_router |= other.is_router;
        self.asked_for |= other.asked_for;
    }
}
