//! Contacts: connections of one machine in one phase to one name (or address) and service, added up.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use firstlight_knowledge as knowledge;
use firstlight_model::report::{Contact, Coverage, Evidence, Initiator, Knowledge, Scope, Unnamed};
use firstlight_model::{Endpoint, Timestamp, Transport};

use crate::connection::{Connection, Seen};
use crate::limits;
use crate::local::is_group;
use crate::machines::Machines;
use crate::naming::{self, Named};
use crate::phases::Phases;
use crate::tally::Tally;

/// What makes two connections one contact. Sorts as the report does before volumes are known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    machine: usize,
    phase: usize,
    name: Option<Arc<str>>,
    /// The other side where there is no name.
    address: Option<IpAddr>,
    transport: Transport,
    port: Option<u16>,
    scope: Scope,
    initiated_by: Initiator,
    reason: Option<&'static str>,
}

/// Contacts with the ranks of their machine and phase.
pub(crate) struct Ranked {
    /// Which one it is, whatever the order.
    pub id: usize,
    pub machine: usize,
    pub phase: usize,
    pub contact: Contact,
    /// An encrypted hello was offered: the name may be an outer one.
    may_be_outer: bool,
    /// The path of its clear-text requests.
    path: Only<Arc<str>>,
    /// The user agent that they name.
    agent: Only<Arc<str>>,
    /// The port at the other side, where that began the connections.
    peer_port: Only<u16>,
    /// Addresses beyond those that are listed.
    more_addresses: HashSet<IpAddr>,
}

/// What all connections of a contact have in common.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Only<T> {
    /// None has any.
    #[default]
    None,
    /// All that have one have this one.
    One(T),
    /// They differ.
    Many,
}

impl<T: PartialEq + Clone> Only<T> {
    fn absorb(&mut self, other: &Self) {
        match other {
            Self::None => {}
            Self::One(value) => self.add(value.clone()),
            Self::Many => *self = Self::Many,
        }
    }

    fn add(&mut self, value: T) {
        match self {
            Self::None => *self = Self::One(value),
            Self::One(known) if *known != value => *self = Self::Many,
            Self::One(_) | Self::Many => {}
        }
    }

    const fn get(&self) -> Option<&T> {
        match self {
            Self::One(value) => Some(value),
            Self::None | Self::Many => None,
        }
    }
}

/// Why contacts beyond the limit have no name.
pub(crate) const CONTACT_LIMIT: &str = "contact_limit";

/// Adds up all connections. Where `members` are asked for, each connection's contact is written there by its id.
pub(crate) fn contacts(
    tally: &Tally,
    machines: &Machines,
    phases: &Phases,
    mut members: Option<&mut Vec<Option<usize>>>,
) -> Vec<Ranked> {
    let mut sums: BTreeMap<Key, Ranked> = BTreeMap::new();
    let devices = naming::devices(tally);
    let requests = requests(tally);
    for (connection, party) in tally.connections.iter().zip(&machines.parties) {
        let Some((machine, began)) = *party else {
            members.iter_mut().for_each(|members| members.push(None));
            continue;
        };
        let phase = phases.of_connection(connection);
        let remote = if began { connection.responder.address } else { connection.originator.address };
        let scope = scope(machines, connection, remote);
        let is_client = |address| machines.of(address, None) == Some(machine);
        let named = match scope {
            Scope::Multicast | Scope::Broadcast => None,
            Scope::Internet | Scope::Local => naming::name(connection, is_client, remote, tally, &devices),
        };
        let reason = if named.is_some() { None } else { Some(naming::reason(connection, scope, remote)) };
        let mut key = Key {
            machine,
            phase,
            name: named.as_ref().map(|named| named.name.clone()),
            address: if named.is_some() { None } else { Some(remote) },
            transport: connection.transport,
            port: has_ports(connection.transport).then_some(connection.responder.port),
            scope,
            initiated_by: if began { Initiator::Machine } else { Initiator::Peer },
            reason,
        };
        if sums.len() >= limits::CONTACTS && !sums.contains_key(&key) {
            key = Key { name: None, address: None, port: None, reason: Some(CONTACT_LIMIT), ..key };
        }
        let id = sums.len();
        let sum = sums.entry(key.clone()).or_insert_with(|| Ranked {
            id,
            machine,
            phase,
            contact: empty(&key, machines, phases, connection.first.time),
            may_be_outer: false,
            path: Only::default(),
            agent: Only::default(),
            peer_port: Only::default(),
            more_addresses: HashSet::new(),
        });
        if let Some(requests) = requests.get(&(connection.originator, connection.responder)) {
            sum.path.absorb(&requests.path);
            sum.agent.absorb(&requests.agent);
        }
        if !began && has_ports(connection.transport) {
            sum.peer_port.add(connection.originator.port);
        }
        let named = named.filter(|_| key.name.is_some());
        add(sum, connection, began, remote, named);
        members.iter_mut().for_each(|members| members.push(Some(sum.id)));
    }
    let mut list: Vec<Ranked> = sums.into_values().collect();
    mark_new(&mut list);
    list
}

/// What the clear-text requests of a connection have in common.
#[derive(Debug, Default)]
struct Requests {
    /// Without queries.
    path: Only<Arc<str>>,
    agent: Only<Arc<str>>,
}

/// Requests by the ends of their connections.
fn requests(tally: &Tally) -> HashMap<(Endpoint, Endpoint), Requests> {
    let mut all: HashMap<(Endpoint, Endpoint), Requests> = HashMap::new();
    for exchange in &tally.exchanges {
        let requests = all.entry((exchange.originator, exchange.responder)).or_default();
        if let Some(path) = &exchange.path {
            requests.path.add(match path.find(['?', '#']) {
                Some(end) => path.get(..end).unwrap_or_default().into(),
                None => path.clone(),
            });
        }
        if let Some(agent) = &exchange.user_agent {
            requests.agent.add(agent.clone());
        }
    }
    all
}

fn has_ports(transport: Transport) -> bool {
    matches!(transport, Transport::TCP | Transport::UDP | Transport::SCTP)
}

fn scope(machines: &Machines, connection: &Connection, remote: IpAddr) -> Scope {
    let target = connection.responder.address;
    match target {
        IpAddr::V4(v4) if v4.is_broadcast() => Scope::Broadcast,
        _ if is_group(target) => Scope::Multicast,
        _ if machines.is_broadcast(target) && connection.packets[1] == 0 => Scope::Broadcast,
        _ if machines.is_local(remote) => Scope::Local,
        _ => Scope::Internet,
    }
}

fn empty(key: &Key, machines: &Machines, phases: &Phases, first: Timestamp) -> Contact {
    Contact {
        machine: machines.list.get(key.machine).map_or_else(String::new, |machine| machine.id.clone()),
        phase: phases.list.get(key.phase).map_or_else(String::new, |phase| phase.name.clone()),
        name: key.name.as_ref().map(|name| (**name).to_owned()),
        name_source: None,
        name_confidence: None,
        unnamed_reason: key.reason,
        remark: None,
        name_candidates: Vec::new(),
        knowledge: Knowledge::default(),
        transport: key.transport,
        port: key.port,
        service: None,
        scope: key.scope,
        initiated_by: key.initiated_by,
        connections: 0,
        failed: 0,
        payload_out: 0,
        payload_in: 0,
        wire_out: 0,
        wire_in: 0,
        packets_out: 0,
        packets_in: 0,
        first,
        last: first,
        addresses: Vec::new(),
        addresses_left_out: 0,
        ja3: Vec::new(),
        ja4: Vec::new(),
        alpn: Vec::new(),
        versions: Vec::new(),
        issuers: Vec::new(),
        encrypted: None,
        new_in_phase: false,
        evidence: Vec::new(),
    }
}

fn add(sum: &mut Ranked, connection: &Connection, began: bool, remote: IpAddr, named: Option<Named>) {
    let contact = &mut sum.contact;
    let (out, back) = if began { (0, 1) } else { (1, 0) };
    let side = |pair: &[u64; 2], at: usize| pair.get(at).copied().unwrap_or(0);
    contact.connections += connection.count;
    if connection.failed && connection.transport == Transport::TCP {
        contact.failed += connection.count;
    }
    contact.payload_out += side(&connection.payload_bytes, out);
    contact.payload_in += side(&connection.payload_bytes, back);
    contact.wire_out += side(&connection.wire_bytes, out);
    contact.wire_in += side(&connection.wire_bytes, back);
    contact.packets_out += side(&connection.packets, out);
    contact.packets_in += side(&connection.packets, back);
    contact.first = contact.first.min(connection.first.time);
    contact.last = contact.last.max(connection.last);
    match contact.addresses.binary_search(&remote) {
        Ok(_) => {}
        Err(_) if contact.addresses.len() >= limits::ADDRESSES_OF_CONTACT => {
            if sum.more_addresses.len() < limits::ADDRESSES_COUNTED {
                sum.more_addresses.insert(remote);
            }
            contact.addresses_left_out = sum.more_addresses.len() as u64;
        }
        Err(at) => contact.addresses.insert(at, remote),
    }
    if contact.evidence.is_empty() {
        contact.evidence.push(evidence(connection.first, "frame.number"));
    }
    if let Some(named) = named {
        // The best source that any of the connections had.
        let better = contact.name_confidence.is_none_or(|known| named.confidence > known);
        if better {
            contact.name_source = Some(named.source.to_owned());
            contact.name_confidence = Some(named.confidence);
            contact.evidence.truncate(1);
            contact.evidence.push(evidence(named.seen, named.source));
        }
        for candidate in named.candidates {
            insert(&mut contact.name_candidates, &candidate);
        }
    }
    let Some(facts) = &connection.facts else { return };
    sum.may_be_outer |= facts.hidden;
    if contact.service.is_none() {
        contact.service = facts.service.map(str::to_owned);
    }
    contact.encrypted = contact.encrypted.or(facts.encrypted);
    if facts.proxied && contact.remark.is_none() {
        contact.remark = Some(format!("through the proxy {remote}"));
    }
    for seen in &facts.fingerprints {
        match seen.field.name {
            "tls.ja3" => insert(&mut contact.ja3, &seen.value),
            "tls.ja4" => insert(&mut contact.ja4, &seen.value),
            _ => {}
        }
    }
    for alpn in &facts.alpn {
        insert(&mut contact.alpn, alpn);
    }
    if let Some(issuer) = facts.certificate.as_ref().and_then(|certificate| certificate.issuer.as_ref()) {
        insert(&mut contact.issuers, issuer);
    }
    for version in &facts.versions {
        insert(&mut contact.versions, version);
    }
}

fn evidence(seen: Seen, field: &'static str) -> Evidence {
    Evidence { at: seen.at, time: seen.time, field }
}

/// Inserts into a sorted, distinct, bounded list.
fn insert(list: &mut Vec<String>, text: &str) {
    if let Err(at) = list.binary_search_by(|other| other.as_str().cmp(text))
        && list.len() < limits::NAMES_OF_CONNECTION
    {
        list.insert(at, text.to_owned());
    }
}

/// Marks what no earlier phase of the same machine had.
fn mark_new(list: &mut [Ranked]) {
    type Met = (usize, Option<String>, Option<IpAddr>, Transport, Option<u16>);
    let mut known: BTreeSet<Met> = BTreeSet::new();
    let mut order: Vec<usize> = (0..list.len()).collect();
    order.sort_by_key(|at| list.get(*at).map(|ranked| (ranked.phase, *at)));
    let first_phase = list.iter().map(|ranked| ranked.phase).min().unwrap_or(0);
    for at in order {
        let Some(ranked) = list.get_mut(at) else { continue };
        let contact = &mut ranked.contact;
        let address = if contact.name.is_some() { None } else { contact.addresses.first().copied() };
        let key = (ranked.machine, contact.name.clone(), address, contact.transport, contact.port);
        let is_new = known.insert(key);
        contact.new_in_phase = is_new && ranked.phase > first_phase;
    }
}

/// A contact at the start of a browser's session: so many of a browser's start page's sites within one phase.
const START_PAGE_SITES: usize = 4;

/// Says who is behind each contact and what it is for.
///
/// What systems and makers the machines have, by rank, says whose own it is.
pub(crate) fn explain(
    list: &mut [Ranked],
    tally: &Tally,
    machines: &Machines,
    [systems, makers]: [&[Option<String>]; 2],
    known: knowledge::Knowledge,
) {
    let mut start_pages: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for ranked in list.iter() {
        let system = systems.get(ranked.machine).and_then(Option::as_deref);
        if answer(ranked, tally, system, true, known).category.is_some_and(|category| category == "browser-newtab") {
            *start_pages.entry((ranked.machine, ranked.phase)).or_default() += 1;
        }
    }
    for ranked in list.iter_mut() {
        let system = systems.get(ranked.machine).and_then(Option::as_deref);
        let sites = start_pages.get(&(ranked.machine, ranked.phase)).copied().unwrap_or(0);
        let answer = answer(ranked, tally, system, sites >= START_PAGE_SITES, known);
        let (program, program_source) = program(ranked, &answer).unzip();
        let maker = makers.get(ranked.machine).and_then(Option::as_deref);
        let contact = &mut ranked.contact;
        let text = |text: Option<&str>| text.map(str::to_owned);
        let address = contact.addresses.first().copied().filter(|_| contact.scope == Scope::Internet);
        let network = address.map(|address| known.network(address)).unwrap_or_default();
        contact.knowledge = Knowledge {
            registrable_domain: text(answer.registrable_domain.as_deref()),
            owner: text(answer.owner),
            owner_source: answer.owner_rule.as_ref().map(|rule| match &answer.owner_source {
                Some(source) => format!("{rule} ({source})"),
                None => rule.to_string(),
            }),
            vendor_own: vendor_own(&answer, maker, known),
            purpose: text(answer.purpose.as_deref()),
            category: text(answer.category),
            purpose_source: answer.grade.as_ref().map(|grade| match (&answer.source_url, &answer.source) {
                (Some(url), _) => format!("{grade}: {url}"),
                (None, Some(source)) => format!("{grade}: {source}"),
                (None, None) => grade.to_string(),
            }),
            carrier: text(answer.carrier.or(network.carrier())),
            cdn: text(answer.cdn),
            country: network.country,
            program,
            program_source,
        };
        if contact.service.is_none() {
            contact.service = guess_service(contact);
        }
        contact.remark = contact.remark.take().or_else(|| remark(contact, machines, ranked.may_be_outer));
    }
}

/// The owner, or a parent of it, makes the system, or else the device.
fn vendor_own(answer: &knowledge::Answer, maker: Option<&str>, known: knowledge::Knowledge) -> Option<bool> {
    let makes_device = |maker| answer.owner.is_some_and(|owner| known.ancestors(owner).contains(&maker));
    if maker.is_some_and(makes_device) { Some(true) } else { answer.vendor_own }
}

fn answer(
    ranked: &Ranked,
    tally: &Tally,
    system: Option<&str>,
    browser_started: bool,
    known: knowledge::Knowledge,
) -> knowledge::Answer {
    let contact = &ranked.contact;
    let aliases: Vec<&str> = contact
        .name
        .as_deref()
        .and_then(|name| tally.aliases.get(name))
        .map_or_else(Vec::new, |aliases| aliases.iter().map(|alias| &**alias).collect());
    let query = knowledge::Query {
        name: contact.name.as_deref(),
        path: ranked.path.get().map(|path| &**path),
        aliases: &aliases,
        address: contact.addresses.first().copied(),
        transport: contact.transport,
        port: contact.port.unwrap_or(0),
        system,
        browser_started,
    };
    let answer = known.explain(&query);
    if answer.purpose.is_some() {
        return answer;
    }
    // A path that no rule knows must not hide what is known of the host; and of a connection whose beginning is not in
    // the capture, the side that spoke first may be the one that serves.
    let port = ranked.peer_port.get().copied().filter(|_| contact.name.is_none()).unwrap_or(query.port);
    if query.path.is_none() && port == query.port {
        return answer;
    }
    let weaker = known.explain(&knowledge::Query { path: None, port, ..query });
    if weaker.purpose.is_some() { weaker } else { answer }
}

/// The program that probably asked, and by what it is known: what it says of itself in the clear, its hello when only one
/// program is known to send such, or what the rule names for the machine's system.
fn program(ranked: &Ranked, answer: &knowledge::Answer) -> Option<(String, String)> {
    let said = ranked.agent.get().and_then(|agent| knowledge::user_agent(agent));
    if let Some(agent) = said.filter(|agent| agent.program != knowledge::agent::LIBRARY) {
        return Some((agent.program.to_owned(), "user agent".to_owned()));
    }
    let only = |list: &[String]| if let [one] = list { Some(one.clone()) } else { None };
    let (ja3, ja4) = (only(&ranked.contact.ja3), only(&ranked.contact.ja4));
    let programs = knowledge::tls_programs(ja3.as_deref(), ja4.as_deref());
    if let Some(first) = programs.first()
        && !first.program.is_empty()
        && !first.program.contains([';', '%'])
        && programs.iter().all(|other| other.program == first.program)
    {
        return Some((first.program.to_owned(), first.by.to_ascii_uppercase()));
    }
    Some((answer.product?.to_owned(), answer.rule.clone()?))
}

/// The registry's name of the port, marked as a guess.
fn guess_service(contact: &Contact) -> Option<String> {
    let port = contact.port?;
    knowledge::port_service(port, contact.transport).map(|service| format!("{service}?"))
}

fn remark(contact: &Contact, machines: &Machines, may_be_outer: bool) -> Option<String> {
    if may_be_outer && contact.name.is_some() {
        return Some("an encrypted hello was offered, perhaps as a decoy: the name may be an outer one".to_owned());
    }
    let address = *contact.addresses.first()?;
    let alpn: Vec<&str> = contact.alpn.iter().map(String::as_str).collect();
    let hidden = knowledge::hides(&knowledge::Contacted {
        name: contact.name.as_deref(),
        address: Some(address),
        transport: contact.transport,
        port: contact.port.unwrap_or(0),
        service: contact.service.as_deref(),
        alpn: &alpn,
    });
    if let Some(hidden) = hidden {
        return Some(format!("{}: hides {}", hidden.words, hidden.what_it_hides));
    }
    let known = knowledge::group(address, contact.port.unwrap_or(0)).map(str::to_owned);
    known.or_else(|| machines.router(address).map(str::to_owned))
}

/// Sorts as the report says: machine, phase, the vendor's own before others', the internet before the local network,
/// then volume.
pub(crate) fn sort(list: &mut [Ranked]) {
    list.sort_by(|a, b| {
        let rank = |ranked: &Ranked| {
            let contact = &ranked.contact;
            let own = match contact.knowledge.vendor_own {
                Some(true) => 0,
                _ => 1,
            };
            (ranked.machine, ranked.phase, contact.scope, own)
        };
        let volume = |ranked: &Ranked| ranked.contact.wire_in + ranked.contact.wire_out;
        rank(a).cmp(&rank(b)).then(volume(b).cmp(&volume(a))).then_with(|| tie(&a.contact).cmp(&tie(&b.contact)))
    });
}

type Tie<'a> = (Option<&'a str>, &'a [IpAddr], Transport, Option<u16>, Initiator, Option<&'static str>);

fn tie(contact: &Contact) -> Tie<'_> {
    (
        contact.name.as_deref(),
        &contact.addresses,
        contact.transport,
        contact.port,
        contact.initiated_by,
        contact.unnamed_reason,
    )
}

/// How much is accounted for.
pub(crate) fn coverage(contacts: &[Contact]) -> Coverage {
    let mut coverage = Coverage::default();
    for contact in contacts {
        let bytes = contact.wire_in + contact.wire_out;
        coverage.connections_total += contact.connections;
        coverage.bytes_total += bytes;
        if contact.name.is_some() {
            coverage.connections_named += contact.connections;
            coverage.bytes_named += bytes;
        }
        if contact.knowledge.owner.is_some() {
            coverage.bytes_owned += bytes;
        }
        if contact.knowledge.purpose.is_some() {
            coverage.bytes_with_purpose += bytes;
        }
    }
    coverage
}

/// Connections without a name, by reason.
pub(crate) fn unnamed(contacts: &[Contact]) -> Vec<Unnamed> {
    let mut sums: BTreeMap<&'static str, Unnamed> = BTreeMap::new();
    for contact in contacts {
        let Some(reason) = contact.unnamed_reason else { continue };
        let sum = sums.entry(reason).or_insert(Unnamed {
            reason,
            text: naming::reason_text(reason),
            connections: 0,
            bytes: 0,
            contacts: 0,
        });
        sum.connections += contact.connections;
        sum.bytes += contact.wire_in + contact.wire_out;
        sum.contacts += 1;
    }
    let mut list: Vec<Unnamed> = sums.into_values().collect();
    list.sort_by(|a, b| b.connections.cmp(&a.connections).then(a.reason.cmp(b.reason)));
    list
}
