//! The report out of a tally.

use std::collections::{BTreeSet, HashMap};

use firstlight_knowledge as knowledge;
use firstlight_model::report::{Aspect, Contact, Evidence, Machine, MachineName, OtherMac, Report, Summary};
use firstlight_model::{CaptureInfo, MacAddress, Transport};

use crate::connection::Connection;
use crate::exchanges::{self, Placed};
use crate::local::is_group;
use crate::machines::Machines;
use crate::phases::{Phases, Subject, novelty};
use crate::tally::Tally;
use crate::{Options, anomalies, contacts, fingerprints, identity};

/// Says all that can be said of a capture.
pub fn assemble(tally: Tally, captures: Vec<CaptureInfo>, options: &Options) -> Report {
    build(tally, captures, options, None)
}

/// Is told of each connection, with its place in the list of contacts; `None` for those of no machine in the report.
type EachMember<'a> = &'a mut dyn FnMut(&Connection, Option<usize>);

/// The same, and tells each connection with the place of its contact in the report.
pub fn assemble_with_members(
    tally: Tally,
    captures: Vec<CaptureInfo>,
    options: &Options,
    each: EachMember<'_>,
) -> Report {
    build(tally, captures, options, Some(each))
}

fn build(mut tally: Tally, captures: Vec<CaptureInfo>, options: &Options, each: Option<EachMember<'_>>) -> Report {
    tally.finish();
    let machines = Machines::find(&tally, options.machine.as_deref());
    let own = own_connections(&tally, &machines);
    let mac = machines.list.first().and_then(|machine| machine.mac);
    let new = novelty::of_subject(&tally, &machines, own.first().map_or(&[], Vec::as_slice));
    let subject = Subject { mac, rate: mac.and_then(|mac| tally.rates.of(mac)), new: &new };
    let mut phases = Phases::divide(&tally, &captures, &options.marks, options.file_phases, &subject);
    let described: Vec<Machine> =
        own.iter().enumerate().map(|(rank, own)| describe(&tally, &machines, rank, own)).collect();
    let families: Vec<Option<String>> = described.iter().map(|machine| machine.os.family.clone()).collect();
    let makers: Vec<Option<String>> =
        described.iter().map(|machine| machine.identity.value(Aspect::Maker).map(str::to_owned)).collect();
    let mut members = Vec::new();
    let mut ranked = contacts::contacts(&tally, &machines, &phases, each.is_some().then_some(&mut members));
    contacts::explain(&mut ranked, &tally, &machines, [&families, &makers], options.knowledge);
    contacts::sort(&mut ranked);
    if let Some(each) = each {
        let places: HashMap<usize, usize> =
            ranked.iter().enumerate().map(|(place, ranked)| (ranked.id, place)).collect();
        for (connection, member) in tally.connections.iter().zip(&members) {
            each(connection, member.and_then(|id| places.get(&id).copied()));
        }
    }
    let contacts: Vec<Contact> = ranked.into_iter().map(|ranked| ranked.contact).collect();
    let first = described.first().map(|machine| machine.id.as_str());
    phases.tell_set_ups(contacts.iter().filter(|contact| Some(contact.machine.as_str()) == first));
    let (fingerprints, peers) = fingerprints::fingerprints(&tally, &machines);
    let summary = described
        .iter()
        .zip(&own)
        .enumerate()
        .map(|(rank, (machine, own))| summarise(&tally, &machines, rank, machine, own))
        .collect();
    Report {
        summary,
        http: http(&tally, &machines, &phases, &families, options.knowledge),
        fingerprints,
        peers,
        unnamed: contacts::unnamed(&contacts),
        anomalies: anomalies::anomalies(&tally, &captures, &contacts, &described, &phases.not_found),
        coverage: contacts::coverage(&contacts),
        captures,
        machines: described,
        phases: phases.list,
        contacts,
    }
}

/// A connection, and whether the machine began it.
pub(crate) type Own<'a> = (&'a Connection, bool);

/// The connections of each machine.
fn own_connections<'a>(tally: &'a Tally, machines: &Machines) -> Vec<Vec<Own<'a>>> {
    let mut own = vec![Vec::new(); machines.list.len()];
    for (connection, party) in tally.connections.iter().zip(&machines.parties) {
        if let Some((rank, began)) = party
            && let Some(list) = own.get_mut(*rank)
        {
            list.push((connection, *began));
        }
    }
    own
}

fn describe(tally: &Tally, machines: &Machines, rank: usize, own: &[Own<'_>]) -> Machine {
    let found = machines.list.get(rank).expect("ranks are those of the list");
    let other_macs = found.other_macs.iter().map(|other| OtherMac {
        mac: other.mac,
        vendor: vendor(other.mac),
        why: "asks for addresses by the same unique identifier".to_owned(),
        evidence: Evidence { at: other.seen.at, time: other.seen.time, field: other.field },
    });
    let names = names(tally, machines, rank);
    let identity = identity::identity(tally, machines, rank, own);
    Machine {
        id: found.id.clone(),
        subject: rank == 0 && machines.has_subject,
        addresses: found.addresses.clone(),
        mac: found.mac,
        mac_vendor: found.mac.map(vendor),
        other_macs: other_macs.collect(),
        os: identity::operating_system(&identity),
        identity,
        id_series: tally.ip_ids.of(|speaker| machines.of(speaker.address, speaker.mac) == Some(rank)),
        clock: tally.clocks.of(|speaker| machines.of(speaker.address, speaker.mac) == Some(rank)),
        names,
        why: found.why.clone(),
        packets: found.packets,
        wire_bytes: found.wire_bytes,
        first: found.first,
        last: found.last,
    }
}

/// Who registered the address, or that nobody did.
fn vendor(mac: MacAddress) -> String {
    match knowledge::mac_vendor(mac) {
        _ if mac.is_local() => "locally administered (may be random)".to_owned(),
        Some(vendor) => vendor.to_owned(),
        None => "not in the registry".to_owned(),
    }
}

fn names(tally: &Tally, machines: &Machines, rank: usize) -> Vec<MachineName> {
    let mut seen = Vec::new();
    for ((speaker, field, name), count) in tally.device_names.iter() {
        let of = machines.of(speaker.address, speaker.mac);
        let of = of
            .or_else(|| speaker.mac.filter(|_| speaker.address.is_unspecified()).and_then(|mac| machines.of_mac(mac)));
        if of == Some(rank) {
            seen.push((count.first, MachineName { value: (**name).to_owned(), source: (*field).to_owned() }));
        }
    }
    for lease in &tally.leases {
        let is_client = matches!(lease.message_type, 1 | 3 | 8) && machines.of_mac(lease.client_mac) == Some(rank);
        if let (true, Some(name)) = (is_client, &lease.host_name) {
            let source = "dhcp.option.hostname".to_owned();
            seen.push((lease.seen, MachineName { value: (**name).to_owned(), source }));
        }
    }
    seen.sort();
    let mut known = BTreeSet::new();
    seen.retain(|(_, name)| known.insert((name.value.clone(), name.source.clone())));
    seen.into_iter().map(|(_, name)| name).collect()
}

fn summarise(tally: &Tally, machines: &Machines, rank: usize, machine: &Machine, own: &[Own<'_>]) -> Summary {
    let mut summary = Summary {
        machine: machine.id.clone(),
        duration_s: machine.last.since_ns(machine.first) as f64 / 1e9,
        packets: machine.packets,
        wire_bytes: machine.wire_bytes,
        dns_queries: 0,
        dns_names: 0,
        tcp_connections: 0,
        udp_connections: 0,
        other_connections: 0,
        hosts_v4: 0,
        hosts_v6: 0,
    };
    let mut hosts = BTreeSet::new();
    for (connection, began) in own {
        match connection.transport {
            Transport::TCP => summary.tcp_connections += connection.count,
            Transport::UDP => summary.udp_connections += connection.count,
            _ => summary.other_connections += connection.count,
        }
        let remote = if *began { connection.responder.address } else { connection.originator.address };
        if !is_group(remote) && !remote.is_unspecified() && !machines.is_broadcast(remote) {
            hosts.insert(remote);
        }
    }
    summary.hosts_v4 = hosts.iter().filter(|host| host.is_ipv4()).count() as u64;
    summary.hosts_v6 = hosts.iter().filter(|host| host.is_ipv6()).count() as u64;
    let mut names = BTreeSet::new();
    for (client, lookups) in &tally.lookups {
        if machines.of(client.address, client.mac) == Some(rank) {
            summary.dns_queries += lookups.queries;
            names.extend(lookups.names.keys().cloned());
        }
    }
    summary.dns_names = names.len() as u64;
    summary
}

fn http(
    tally: &Tally,
    machines: &Machines,
    phases: &Phases,
    families: &[Option<String>],
    known: knowledge::Knowledge,
) -> Vec<firstlight_model::report::HttpExchange> {
    let mut placed = Vec::new();
    for exchange in &tally.exchanges {
        let ends = (exchange.originator.address, exchange.responder.address);
        let Some((rank, _)) = machines.party_of(ends.0, ends.1) else { continue };
        let phase_rank = phases.of(exchange.seen);
        let (Some(machine), Some(phase)) = (machines.list.get(rank), phases.list.get(phase_rank)) else { continue };
        placed.push(Placed {
            machine: &machine.id,
            phase: &phase.name,
            machine_rank: rank,
            phase_rank,
            system: families.get(rank).and_then(Option::as_deref),
            exchange,
        });
    }
    exchanges::summarise(&placed, known)
}
