//! Which machine the capture is about, and who else is on its network.
//!
//! A machine is what sends from one link address, with all the addresses that it has; where there are no link
//! addresses, it is one network address. What comes through a router is not on the network.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use firstlight_model::{MacAddress, Timestamp};

use crate::connection::Connection;
use crate::limits;
use crate::local::{Network, is_group, is_private};
use crate::tally::Tally;

mod interfaces;

pub(crate) use interfaces::OtherMac;

/// A machine as it is found, before it is named.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub id: String,
    pub mac: Option<MacAddress>,
    /// Its other link addresses, and how they are known to be its.
    pub other_macs: Vec<OtherMac>,
    /// By volume.
    pub addresses: Vec<IpAddr>,
    pub why: String,
    pub packets: u64,
    pub wire_bytes: u64,
    pub first: Timestamp,
    pub last: Timestamp,
}

/// All machines, the subject first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Machines {
    pub list: Vec<Found>,
    /// The first of the list is the one that the report is about (false when the one asked for is not there).
    pub has_subject: bool,
    by_address: HashMap<IpAddr, usize, foldhash::fast::RandomState>,
    by_mac: HashMap<MacAddress, usize, foldhash::fast::RandomState>,
    networks: Vec<Network>,
    /// Addresses of routers, and how they are known: from leases, or since they say so themselves.
    routers: BTreeMap<IpAddr, &'static str>,
    /// All hosts beyond the limit of machines.
    others: Option<usize>,
    /// For each connection of the tally: its machine, and whether that one began it.
    pub parties: Vec<Option<(usize, bool)>>,
}

/// The name of all hosts beyond the limit.
pub(crate) const OTHERS: &str = "others";

/// What is known of one address.
#[derive(Debug, Clone, Default)]
struct AddressSeen {
    macs: Macs,
    bytes: u64,
    connections: u64,
    originated: u64,
}

/// Link addresses that speak for an address, with how much. Most have one, which needs no list.
#[derive(Debug, Clone, Default)]
struct Macs {
    first: Option<(MacAddress, u64)>,
    more: BTreeMap<MacAddress, u64>,
}

impl Macs {
    fn add(&mut self, mac: MacAddress, amount: u64) {
        match &mut self.first {
            None => self.first = Some((mac, amount)),
            Some((first, sum)) if *first == mac => *sum += amount,
            Some(_) => *self.more.entry(mac).or_default() += amount,
        }
    }

    fn iter(&self) -> impl Iterator<Item = (MacAddress, u64)> {
        self.first.into_iter().chain(self.more.iter().map(|(mac, sum)| (*mac, *sum)))
    }
}

/// What might be a machine.
#[derive(Debug, Clone, Default)]
struct Candidate {
    mac: Option<MacAddress>,
    other_macs: Vec<OtherMac>,
    addresses: Vec<IpAddr>,
    connections: u64,
    originated: u64,
    bytes: u64,
    is_dhcp_client: bool,
    is_router: bool,
    asked_for: bool,
    score: f64,
}

/// As many networks beyond the local ones behind one link address make it a router's.
const ROUTER_NETWORKS: usize = 3;

impl Machines {
    /// Finds them. `asked` is an address or link address that the user gave.
    pub(crate) fn find(tally: &Tally, asked: Option<&str>) -> Self {
        let addresses = addresses(tally);
        let routers = routers(tally, &addresses);
        let mut candidates = candidates(tally, &addresses, &routers, asked);
        drop(addresses);
        let total = tally.connections.len().max(1);
        for candidate in &mut candidates {
            candidate.score = score(candidate, total);
        }
        candidates.sort_by(|a, b| {
            b.asked_for
                .cmp(&a.asked_for)
                .then(b.score.total_cmp(&a.score))
                .then(b.bytes.cmp(&a.bytes))
                .then_with(|| (a.mac, &a.addresses).cmp(&(b.mac, &b.addresses)))
        });
        let mut found = Self { routers: router_addresses(tally), ..Self::default() };
        found.has_subject = candidates.first().is_some_and(|first| asked.is_none() || first.asked_for);
        found.networks = networks(tally, candidates.first());
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        for (rank, candidate) in candidates.into_iter().enumerate() {
            if rank == 0 {
                first.push(candidate);
            } else if candidate.addresses.is_empty()
                || candidate.addresses.iter().any(|address| found.is_local(*address))
                || candidate.is_dhcp_client
            {
                rest.push(candidate);
            }
        }
        rest.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| (a.mac, &a.addresses).cmp(&(b.mac, &b.addresses))));
        for candidate in first.into_iter().chain(rest).take(limits::MACHINES) {
            found.add(&candidate);
        }
        found.assign(tally);
        found.count(tally);
        found
    }

    /// How it is known that `address` is a router's; `None` when it is not known to be one.
    pub(crate) fn router(&self, address: IpAddr) -> Option<&'static str> {
        self.routers.get(&address).copied()
    }

    fn add(&mut self, candidate: &Candidate) {
        let rank = self.list.len();
        let id = match (candidate.mac, candidate.addresses.first()) {
            (Some(mac), _) => mac.to_string(),
            (None, Some(address)) => address.to_string(),
            (None, None) => return,
        };
        for address in &candidate.addresses {
            self.by_address.entry(*address).or_insert(rank);
        }
        for mac in candidate.mac.into_iter().chain(candidate.other_macs.iter().map(|other| other.mac)) {
            self.by_mac.entry(mac).or_insert(rank);
        }
        let mut why = Vec::new();
        if candidate.asked_for {
            why.push("chosen".to_owned());
        }
        if candidate.is_dhcp_client {
            why.push("DHCP client".to_owned());
        }
        if candidate.is_router {
            why.push("router".to_owned());
        }
        why.push(format!("began {} of its {} connections", candidate.originated, candidate.connections));
        self.list.push(Found {
            id,
            mac: candidate.mac,
            other_macs: candidate.other_macs.clone(),
            addresses: candidate.addresses.clone(),
            why: why.join(", "),
            packets: 0,
            wire_bytes: 0,
            first: Timestamp::MAX,
            last: Timestamp::from_ns(i64::MIN),
        });
    }

    /// Is the address on the local network?
    pub(crate) fn is_local(&self, address: IpAddr) -> bool {
        is_private(address) || self.networks.iter().any(|network| network.holds(address))
    }

    /// Is it the address of all hosts of the local network?
    pub(crate) fn is_broadcast(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.broadcast() == Some(address))
            || address == IpAddr::V4(std::net::Ipv4Addr::BROADCAST)
            || may_be_broadcast(address)
    }

    /// The machine that an end of a connection is.
    pub(crate) fn of(&self, address: IpAddr, mac: Option<MacAddress>) -> Option<usize> {
        self.by_address.get(&address).copied().or_else(|| {
            // Before it has an address, a machine is known by its link address.
            let by_mac = mac.and_then(|mac| self.by_mac.get(&mac)).copied();
            by_mac.filter(|_| address.is_unspecified())
        })
    }

    /// The machine that speaks from a link address alone.
    pub(crate) fn of_mac(&self, mac: MacAddress) -> Option<usize> {
        self.by_mac.get(&mac).copied()
    }

    /// Whose connection it is, and whether that machine began it. Every connection belongs to exactly one machine:
    /// the subject where it takes part, else the one that began. Hosts that are no machine yet become one when they
    /// begin a connection between strangers, so that none is left out.
    fn assign(&mut self, tally: &Tally) {
        self.parties = tally
            .connections
            .iter()
            .map(|connection| {
                self.party(connection).or_else(|| Some((self.adopt(connection.originator.address), true)))
            })
            .collect();
    }

    fn party(&self, connection: &Connection) -> Option<(usize, bool)> {
        let [originator_mac, responder_mac] = connection.macs;
        let originator = self.of(connection.originator.address, originator_mac);
        let responder = self.of(connection.responder.address, responder_mac);
        Self::first_of(originator, responder)
    }

    /// Whose conversation it is by its two ends, likewise.
    pub(crate) fn party_of(&self, originator: IpAddr, responder: IpAddr) -> Option<(usize, bool)> {
        Self::first_of(self.of(originator, None), self.of(responder, None)).or(self.others.map(|others| (others, true)))
    }

    fn first_of(originator: Option<usize>, responder: Option<usize>) -> Option<(usize, bool)> {
        match (originator, responder) {
            (Some(0), _) => Some((0, true)),
            (_, Some(0)) => Some((0, false)),
            (Some(rank), _) => Some((rank, true)),
            (None, Some(rank)) => Some((rank, false)),
            (None, None) => None,
        }
    }

    /// Makes a machine of an address that is none yet; when there are too many, it is one of the others.
    fn adopt(&mut self, address: IpAddr) -> usize {
        if let Some(others) = self.others {
            return others;
        }
        let rank = self.list.len();
        let is_last = rank >= limits::MACHINES;
        let why = if is_last {
            "all other hosts that began connections"
        } else {
            "began connections that the machine takes no part in"
        };
        if is_last {
            self.others = Some(rank);
        } else {
            self.by_address.insert(address, rank);
        }
        self.list.push(Found {
            id: if is_last { OTHERS.to_owned() } else { address.to_string() },
            mac: None,
            other_macs: Vec::new(),
            addresses: if is_last { Vec::new() } else { vec![address] },
            why: why.to_owned(),
            packets: 0,
            wire_bytes: 0,
            first: Timestamp::MAX,
            last: Timestamp::from_ns(i64::MIN),
        });
        rank
    }

    /// Counts the frames of every machine.
    fn count(&mut self, tally: &Tally) {
        for machine in &mut self.list {
            machine.packets = 0;
            machine.wire_bytes = 0;
        }
        let parties = std::mem::take(&mut self.parties);
        for (connection, party) in tally.connections.iter().zip(parties.iter().map(Some)) {
            let [originator_mac, responder_mac] = connection.macs;
            let mut ends = [
                self.of(connection.originator.address, originator_mac),
                self.of(connection.responder.address, responder_mac),
            ];
            if let ([None, None], Some(Some((rank, _)))) = (ends, party) {
                ends = [Some(*rank), None];
            }
            let packets = connection.packets.iter().sum();
            self.frames(ends, packets, connection.total_wire_bytes(), connection.first.time, connection.last);
        }
        self.parties = parties;
        for (key, other) in &tally.other {
            let ends = [key.source, key.destination].map(|mac| mac.and_then(|mac| self.of_mac(mac)));
            self.frames(ends, other.frames, other.wire_bytes, other.first.time, other.last);
        }
        for machine in &mut self.list {
            if machine.first > machine.last {
                (machine.first, machine.last) = tally.span.unwrap_or_default();
            }
        }
    }

    fn frames(&mut self, ends: [Option<usize>; 2], packets: u64, wire_bytes: u64, first: Timestamp, last: Timestamp) {
        let [a, b] = ends;
        let second = if a == b { None } else { b };
        for rank in [a, second].into_iter().flatten() {
            if let Some(machine) = self.list.get_mut(rank) {
                machine.packets += packets;
                machine.wire_bytes += wire_bytes;
                machine.first = machine.first.min(first);
                machine.last = machine.last.max(last);
            }
        }
    }
}

fn addresses(tally: &Tally) -> BTreeMap<IpAddr, AddressSeen> {
    let mut addresses: BTreeMap<IpAddr, AddressSeen> = BTreeMap::new();
    for connection in &tally.connections {
        let ends = [connection.originator.address, connection.responder.address];
        for (side, address) in ends.into_iter().enumerate() {
            let sent = connection.packets.get(side).copied().unwrap_or(0);
            if is_group(address) || address.is_unspecified() || (sent == 0 && may_be_broadcast(address)) {
                continue;
            }
            let seen = addresses.entry(address).or_default();
            seen.connections += 1;
            seen.originated += u64::from(side == 0);
            seen.bytes += connection.total_wire_bytes();
            let sent = connection.wire_bytes.get(side).copied().unwrap_or(0);
            if let Some(mac) = connection.macs.get(side).copied().flatten().filter(|mac| !mac.is_group()) {
                seen.macs.add(mac, sent);
            }
        }
    }
    for ((mac, address), count) in tally.arp.iter() {
        let seen = addresses.entry(IpAddr::V4(*address)).or_default();
        seen.macs.add(*mac, count.count);
    }
    addresses
}

/// The last address of a private /24, which is mostly that of all its hosts.
fn may_be_broadcast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() && v4.octets().last() == Some(&255),
        IpAddr::V6(_) => false,
    }
}

/// Link addresses behind which there are other networks.
fn routers(tally: &Tally, addresses: &BTreeMap<IpAddr, AddressSeen>) -> BTreeSet<MacAddress> {
    let mut beyond: BTreeMap<MacAddress, BTreeSet<Network>> = BTreeMap::new();
    for (address, seen) in addresses {
        if !is_private(*address) {
            let network = Network::of(*address, if address.is_ipv4() { 24 } else { 64 });
            for (mac, _) in seen.macs.iter() {
                let networks = beyond.entry(mac).or_default();
                // More say no more.
                if networks.len() < ROUTER_NETWORKS {
                    networks.insert(network);
                }
            }
        }
    }
    let mut routers: BTreeSet<MacAddress> =
        beyond.iter().filter(|(_, networks)| networks.len() >= ROUTER_NETWORKS).map(|(mac, _)| *mac).collect();
    routers.extend(tally.routers.iter().filter_map(|router| router.mac));
    for router in router_addresses(tally).keys() {
        routers.extend(addresses.get(router).into_iter().flat_map(|seen| seen.macs.iter().map(|(mac, _)| mac)));
    }
    routers
}

fn router_addresses(tally: &Tally) -> BTreeMap<IpAddr, &'static str> {
    let own_words = tally.routers.iter().map(|router| (router.address, "says that it is a router"));
    let of_leases = tally.leases.iter().filter_map(|lease| Some((lease.router?, "router of the lease")));
    own_words.chain(of_leases).collect()
}

fn candidates(
    tally: &Tally,
    addresses: &BTreeMap<IpAddr, AddressSeen>,
    routers: &BTreeSet<MacAddress>,
    asked: Option<&str>,
) -> Vec<Candidate> {
    let asked = asked.map(|text| text.trim().to_ascii_lowercase().replace('-', ":"));
    let mut by_mac: BTreeMap<MacAddress, Candidate> = BTreeMap::new();
    let mut bare = Vec::new();
    for (address, seen) in addresses {
        let mac = seen.macs.iter().max_by_key(|(mac, bytes)| (*bytes, *mac)).map(|(mac, _)| mac);
        // What a router passes on is not on the network, unless the user asks for it.
        let passed_on = mac.is_some_and(|mac| routers.contains(&mac)) && !is_private(*address);
        let mac = mac.filter(|_| !passed_on);
        let add = |candidate: &mut Candidate| {
            candidate.addresses.push(*address);
            candidate.connections += seen.connections;
            candidate.originated += seen.originated;
            candidate.bytes += seen.bytes;
            candidate.asked_for |= asked.as_ref().is_some_and(|asked| *asked == address.to_string());
        };
        match mac {
            Some(mac) => add(by_mac.entry(mac).or_default()),
            None => {
                let mut candidate = Candidate { is_router: passed_on, ..Candidate::default() };
                add(&mut candidate);
                bare.push(candidate);
            }
        }
    }
    for lease in &tally.leases {
        if matches!(lease.message_type, 1 | 3 | 8) {
            let candidate = by_mac.entry(lease.client_mac).or_default();
            candidate.is_dhcp_client = true;
        }
    }
    // What says its name in frames without a network layer, as switches do.
    for ((speaker, _, _), _) in tally.device_names.iter() {
        if let (true, Some(mac)) = (speaker.address.is_unspecified(), speaker.mac) {
            by_mac.entry(mac).or_default();
        }
    }
    for (mac, candidate) in &mut by_mac {
        candidate.mac = Some(*mac);
        candidate.is_router = routers.contains(mac);
        candidate.asked_for |= asked.as_ref().is_some_and(|asked| *asked == mac.to_string());
    }
    interfaces::join(tally, &mut by_mac);
    for candidate in by_mac.values_mut() {
        let volume = |address: &IpAddr| addresses.get(address).map_or(0, |seen| seen.bytes);
        candidate.addresses.sort_by_cached_key(|address| (std::cmp::Reverse(volume(address)), *address));
    }
    by_mac.into_values().chain(bare).collect()
}

/// How much speaks for a candidate: taking part in the connections, beginning them, asking for an address.
fn score(candidate: &Candidate, total: usize) -> f64 {
    let share = |count: u64| count as f64 / total as f64;
    let is_near = candidate.addresses.iter().any(|address| is_private(*address));
    4.0 * share(candidate.connections).min(1.0)
        + 3.0 * share(candidate.originated).min(1.0)
        + if candidate.is_dhcp_client { 2.0 } else { 0.0 }
        + if is_near { 1.0 } else { 0.0 }
        - if candidate.is_router { 4.0 } else { 0.0 }
}

/// The networks that the subject is on: by its lease, and for IPv6 by its own addresses (RFC 4291 s. 2.5.4: 64 bits).
fn networks(tally: &Tally, subject: Option<&Candidate>) -> Vec<Network> {
    let mut networks = BTreeSet::new();
    for lease in &tally.leases {
        if let (Some(address), Some(prefix_len)) = (lease.address, lease.prefix_len)
            && (8..=32).contains(&prefix_len)
        {
            networks.insert(Network::of(address, prefix_len));
        }
    }
    for address in subject.into_iter().flat_map(|subject| &subject.addresses) {
        if address.is_ipv6() {
            networks.insert(Network::of(*address, 64));
        }
    }
    networks.into_iter().take(limits::NETWORKS).collect()
}
