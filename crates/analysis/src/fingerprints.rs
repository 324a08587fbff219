//! What each machine looks like: its SYNs, its TLS hellos, its DHCP requests, its user agents.

use std::collections::BTreeMap;

use firstlight_knowledge as knowledge;
use firstlight_model::report::{Evidence, Fingerprint, FingerprintMatch};

use crate::connection::Seen;
use crate::machines::Machines;
use crate::tally::{Speaker, Tally};
use crate::{p0f, syn, syn_facts, syn_remarks, tcpdump};

/// All fingerprints of all machines: by machine, kind, count.
pub(crate) fn fingerprints(tally: &Tally, machines: &Machines) -> Vec<Fingerprint> {
    let mut list: Vec<(usize, Fingerprint)> = Vec::new();
    syns(tally, machines, &mut list);
    for sightings in [&tally.fingerprints, &tally.software] {
        let mut sums: BTreeMap<(usize, &'static str, &str), (u64, Seen)> = BTreeMap::new();
        for ((speaker, field, value), count) in sightings.iter() {
            let Some(rank) = machines.of(speaker.address, speaker.mac).or_else(|| before_address(machines, *speaker))
            else {
                continue;
            };
            let sum = sums.entry((rank, field, value)).or_insert((0, count.first));
            sum.0 += count.count;
            sum.1 = sum.1.min(count.first);
        }
        for ((rank, field, value), (count, first)) in sums {
            let fingerprint = Fingerprint {
                kind: kind(field).to_owned(),
                value: value.to_owned(),
                tcpdump: None,
                p0f: None,
                syn: None,
                remarks: Vec::new(),
                matches: matches(field, value),
                count,
                machine: machines.list.get(rank).map_or_else(String::new, |machine| machine.id.clone()),
                evidence: vec![Evidence { at: first.at, time: first.time, field }],
            };
            list.push((rank, fingerprint));
        }
    }
    list.sort_by(|(rank_a, a), (rank_b, b)| {
        (rank_a, order(&a.kind), &a.kind)
            .cmp(&(rank_b, order(&b.kind), &b.kind))
            .then(b.count.cmp(&a.count))
            .then_with(|| (&a.value, &a.tcpdump).cmp(&(&b.value, &b.tcpdump)))
    });
    list.into_iter().map(|(_, fingerprint)| fingerprint).collect()
}

fn before_address(machines: &Machines, speaker: Speaker) -> Option<usize> {
    speaker.mac.filter(|_| speaker.address.is_unspecified()).and_then(|mac| machines.of_mac(mac))
}

fn syns(tally: &Tally, machines: &Machines, list: &mut Vec<(usize, Fingerprint)>) {
    // The same layout from several addresses of a machine is one fingerprint.
    let mut sums: BTreeMap<(usize, bool, String), (u64, Fingerprint)> = BTreeMap::new();
    for (key, seen) in tally.syns.sorted() {
        let Some(rank) = machines.of(key.speaker.address, key.speaker.mac) else { continue };
        let tcp = seen.tcp();
        let layout = syn_remarks::layout(&tcp);
        let signature = p0f::raw_signature(&seen.ip, &tcp, None);
        let flags_and_window = format!("{signature} {:x} {}", tcp.flags.0, seen.ip.hop_limit);
        let entry = sums.entry((rank, key.is_syn_ack, flags_and_window)).or_insert_with(|| {
            let matches = if key.is_syn_ack {
                Vec::new()
            } else {
                knowledge::syn_systems(&syn::layout(seen, &layout)).into_iter().map(to_match).collect()
            };
            let fingerprint = Fingerprint {
                kind: if key.is_syn_ack { "tcp.synack" } else { "tcp.syn" }.to_owned(),
                value: signature.clone(),
                tcpdump: Some(tcpdump::text(&tcp)),
                p0f: Some(signature.clone()),
                syn: Some(syn_facts::facts(&seen.ip, &tcp, &signature)),
                remarks: syn_remarks::remarks(&seen.ip, &tcp),
                matches,
                count: 0,
                machine: machines.list.get(rank).map_or_else(String::new, |machine| machine.id.clone()),
                evidence: vec![Evidence { at: seen.first.at, time: seen.first.time, field: "tcp.flags.syn" }],
            };
            (0, fingerprint)
        });
        entry.0 += seen.count;
    }
    for ((rank, _, _), (count, mut fingerprint)) in sums {
        fingerprint.count = count;
        list.push((rank, fingerprint));
    }
}

fn to_match(known: knowledge::SynMatch) -> FingerprintMatch {
    FingerprintMatch {
        label: known.label.to_owned(),
        same: known.same,
        differences: known.differences,
        source: known.source.to_owned(),
    }
}

/// The report's kind of a field.
fn kind(field: &str) -> &str {
    match field {
        "dhcp.option.request_list" => "dhcp",
        "dhcp.option.vendor_class_id" => "dhcp.vendor_class",
        other => other,
    }
}

/// Kinds that say most come first.
fn order(kind: &str) -> usize {
    let kinds = ["tcp.syn", "dhcp", "dhcp.vendor_class", "tls.ja4", "tls.ja3", "http.user_agent", "tcp.synack"];
    kinds.iter().position(|other| *other == kind).unwrap_or(kinds.len())
}

fn matches(field: &str, value: &str) -> Vec<FingerprintMatch> {
    let same = |label: String, source: String| FingerprintMatch { label, same: true, differences: Vec::new(), source };
    match field {
        "tls.ja3" => programs(Some(value), None),
        "tls.ja4" => programs(None, Some(value)),
        "dhcp.option.request_list" => knowledge::dhcp_systems(Some(value), None)
            .into_iter()
            .map(|hint| same(hint.label.to_string(), hint.source.to_string()))
            .collect(),
        "http.user_agent" => knowledge::user_agent(value)
            .into_iter()
            .map(|agent| {
                let system = agent.system.as_ref().map_or_else(String::new, |system| format!(", {system}"));
                same(format!("{}{system}", agent.program), agent.source.to_string())
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Programs that are known to have a TLS fingerprint.
const PROGRAMS_SHOWN: usize = 4;

fn programs(ja3: Option<&str>, ja4: Option<&str>) -> Vec<FingerprintMatch> {
    knowledge::tls_programs(ja3, ja4)
        .into_iter()
        .take(PROGRAMS_SHOWN)
        .map(|known| {
            let parts = [known.program, known.version, known.system, known.detail];
            let words: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            let (label, source) = (words.join(", "), known.source.to_owned());
            FingerprintMatch { label, same: true, differences: Vec::new(), source }
        })
        .collect()
}
