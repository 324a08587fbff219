//! What each machine looks like: its SYNs, its TLS hellos, its DHCP requests, its user agents.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use firstlight_knowledge as knowledge;
use firstlight_model::report::{Evidence, Fingerprint, FingerprintMatch, PeerFingerprint};

use crate::connection::Seen;
use crate::machines::Machines;
use crate::tally::{Speaker, Tally};
use crate::{p0f, syn, syn_facts, syn_remarks, tcpdump};

/// All fingerprints: those of the machines by machine, kind, count; and those of their peers, that of most hosts first.
pub(crate) fn fingerprints(tally: &Tally, machines: &Machines) -> (Vec<Fingerprint>, Vec<PeerFingerprint>) {
    let mut list: Vec<Of> = Vec::new();
    syns(tally, machines, &mut list);
    for sightings in [&tally.fingerprints, &tally.software] {
        let mut sums: Sums<(Option<usize>, &'static str, &str), Seen> = BTreeMap::new();
        for ((speaker, field, value), count) in sightings.iter() {
            let rank = rank(machines, *speaker);
            let sum = sums.entry((rank, field, value)).or_insert((0, count.first, Hosts::new()));
            sum.0 += count.count;
            sum.1 = sum.1.min(count.first);
            if rank.is_none() {
                sum.2.insert(speaker.address);
            }
        }
        for ((rank, field, value), (count, first, hosts)) in sums {
            let fingerprint = Fingerprint {
                kind: kind(field).to_owned(),
                value: value.to_owned(),
                tcpdump: None,
                p0f: None,
                syn: None,
                raw: tally.fingerprint_texts.get(&(field, Arc::from(value))).map(|text| (**text).to_owned()),
                remarks: Vec::new(),
                matches: matches(field, value),
                count,
                machine: machine(machines, rank),
                evidence: vec![Evidence { at: first.at, time: first.time, field }],
            };
            list.push((rank, fingerprint, hosts));
        }
    }
    let (of_peers, mut list): (Vec<Of>, Vec<Of>) = list.into_iter().partition(|(rank, _, _)| rank.is_none());
    same_client(&mut list);
    list.sort_by(|(rank_a, a, _), (rank_b, b, _)| {
        (rank_a, order(&a.kind), &a.kind)
            .cmp(&(rank_b, order(&b.kind), &b.kind))
            .then(b.count.cmp(&a.count))
            .then_with(|| (&a.value, &a.tcpdump).cmp(&(&b.value, &b.tcpdump)))
    });
    (list.into_iter().map(|(_, fingerprint, _)| fingerprint).collect(), peers(of_peers))
}

/// A fingerprint, the rank of its machine (`None` for the hosts that are no machines) and those hosts.
type Of = (Option<usize>, Fingerprint, Hosts);
type Hosts = BTreeSet<IpAddr>;
/// How often, what, and of which hosts.
type Sums<K, V> = BTreeMap<K, (u64, V, Hosts)>;

/// Hosts listed with a fingerprint.
const HOSTS_LISTED: usize = 16;

fn peers(list: Vec<Of>) -> Vec<PeerFingerprint> {
    let mut peers: Vec<PeerFingerprint> = list
        .into_iter()
        .map(|(_, fingerprint, hosts)| PeerFingerprint {
            fingerprint,
            hosts_total: hosts.len() as u64,
            hosts: hosts.into_iter().take(HOSTS_LISTED).collect(),
        })
        .collect();
    peers.sort_by(|a, b| {
        let (of_a, of_b) = (&a.fingerprint, &b.fingerprint);
        b.hosts_total
            .cmp(&a.hosts_total)
            .then(of_b.count.cmp(&of_a.count))
            .then_with(|| (&of_a.kind, &of_a.value, &of_a.tcpdump).cmp(&(&of_b.kind, &of_b.value, &of_b.tcpdump)))
    });
    peers
}

fn rank(machines: &Machines, speaker: Speaker) -> Option<usize> {
    machines.of(speaker.address, speaker.mac).or_else(|| before_address(machines, speaker))
}

fn machine(machines: &Machines, rank: Option<usize>) -> String {
    rank.and_then(|rank| machines.list.get(rank)).map_or_else(String::new, |machine| machine.id.clone())
}

/// Says of a client seen over QUIC which one over TCP it is likely to be.
fn same_client(list: &mut [Of]) {
    let offers: Vec<(Option<usize>, String, Offer)> = list
        .iter()
        .filter(|(_, one, _)| one.kind == "tls.ja4")
        .filter_map(|(rank, one, _)| Some((*rank, one.value.clone(), Offer::read(one.raw.as_deref()?)?)))
        .collect();
    for (rank, one, _) in list.iter_mut().filter(|(_, one, _)| one.kind == "tls.ja4" && one.value.starts_with('q')) {
        let Some((_, _, mine)) = offers.iter().find(|(of, value, _)| of == rank && *value == one.value) else {
            continue;
        };
        for (_, value, theirs) in offers.iter().filter(|(of, value, _)| of == rank && value.starts_with('t')) {
            if mine.is_like(theirs) {
                one.remarks.push(format!(
                    "offers what {value} offers over TCP, ciphers of TLS 1.3 and signature algorithms: likely the same client"
                ));
            }
        }
    }
}

/// What a hello offers, out of the raw form of its JA4.
struct Offer {
    /// Of TLS 1.3 (RFC 8446 appendix B.4), sorted.
    ciphers: Vec<String>,
    /// In their order.
    signatures: Vec<String>,
}

impl Offer {
    fn read(raw: &str) -> Option<Self> {
        let mut parts = raw.split('_').skip(1);
        let list = |text: &str| text.split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let ciphers = list(parts.next()?).into_iter().filter(|cipher| cipher.starts_with("13")).collect();
        let signatures = list(parts.nth(1)?);
        Some(Self { ciphers, signatures })
    }

    /// The same ciphers, and of the signature algorithms one list holds the other in its order: some clients offer one
    /// more over QUIC.
    fn is_like(&self, other: &Self) -> bool {
        let (short, long) = if self.signatures.len() <= other.signatures.len() {
            (&self.signatures, &other.signatures)
        } else {
            (&other.signatures, &self.signatures)
        };
        let mut rest = long.iter();
        let in_order = short.iter().all(|one| rest.any(|other| other == one));
        !self.ciphers.is_empty() && self.ciphers == other.ciphers && short.len() >= 3 && in_order
    }
}

fn before_address(machines: &Machines, speaker: Speaker) -> Option<usize> {
    speaker.mac.filter(|_| speaker.address.is_unspecified()).and_then(|mac| machines.of_mac(mac))
}

/// Who answered, with which window and MSS.
type Answer = (Speaker, (u16, Option<u16>));

fn syns(tally: &Tally, machines: &Machines, list: &mut Vec<Of>) {
    // The same layout from several addresses of a machine is one fingerprint.
    let mut sums: Sums<(Option<usize>, bool, String), Fingerprint> = BTreeMap::new();
    // Some systems make their window a multiple of the other side's MSS: of the one that they answered most often.
    let mut answers: BTreeMap<Answer, (u64, Reverse<Seen>, u16)> = BTreeMap::new();
    for ((speaker, said, peer_mss), count) in tally.answers.iter() {
        let this = (count.count, Reverse(count.first), *peer_mss);
        let most = answers.entry((*speaker, *said)).or_insert(this);
        *most = (*most).max(this);
    }
    for (key, seen) in tally.syns.sorted() {
        let rank = machines.of(key.speaker.address, key.speaker.mac);
        let tcp = seen.tcp();
        let layout = syn_remarks::layout(&tcp);
        let said = (tcp.window, syn_remarks::mss(&tcp));
        let peer_mss = answers.get(&(key.speaker, said)).map(|(_, _, mss)| *mss).filter(|_| key.is_syn_ack);
        let signature = p0f::raw_signature(&seen.ip, &tcp, peer_mss);
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
                raw: None,
                remarks: syn_remarks::remarks(&seen.ip, &tcp),
                matches,
                count: 0,
                machine: machine(machines, rank),
                evidence: vec![Evidence { at: seen.first.at, time: seen.first.time, field: "tcp.flags.syn" }],
            };
            (0, fingerprint, Hosts::new())
        });
        entry.0 += seen.count;
        if rank.is_none() {
            entry.2.insert(key.speaker.address);
        }
    }
    for ((rank, _, _), (count, mut fingerprint, hosts)) in sums {
        fingerprint.count = count;
        list.push((rank, fingerprint, hosts));
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
                let version = agent.version.map(|version| format!(" {version}"));
                let of = |text: Option<&str>| text.map(|text| format!(", {text}"));
                let system = of(agent.release.as_deref()).or(of(agent.system.as_deref()));
                let more = [version, system, of(agent.model)].into_iter().flatten().collect::<String>();
                same(format!("{}{more}", agent.program), agent.source.to_string())
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

#[cfg(test)]
mod tests {
    use super::Offer;

    #[test]
    fn a_client_offers_the_same_over_quic_but_for_what_only_tcp_has() {
        // Chromium, as FoxIO's examples have it.
        let tcp = "t13d1516h2_002f,1301,1302,1303,c013_0005,000a_0403,0804,0401,0503,0805,0501,0806,0601";
        let quic = "q13d0310h3_1301,1302,1303_000a,0039_0403,0804,0401,0503,0805,0501,0806,0601,0201";
        let read = |raw: &str| Offer::read(raw).expect("a raw form");
        assert!(read(quic).is_like(&read(tcp)) && read(tcp).is_like(&read(quic)));
        let other = "t13d1516h2_002f,1301,1302,1303,c013_0005,000a_0804,0403,0401,0503,0805,0501,0806,0601";
        assert!(!read(quic).is_like(&read(other)), "another order");
        let fewer = "t13d1516h2_002f,1301,1302,c013_0005,000a_0403,0804,0401,0503,0805,0501,0806,0601";
        assert!(!read(quic).is_like(&read(fewer)), "other ciphers");
        assert!(!read("q13d0310h3_1301_000a_0403").is_like(&read("t13d0310h2_1301_000a_0403")), "too little to tell");
        assert!(Offer::read("t12d0100h2_002f_000a").is_none() && Offer::read("").is_none());
    }
}
