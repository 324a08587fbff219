//! What operating system a machine runs: every hint is a vote, and every vote is listed.
//!
//! A vote's weight is what its kind of hint is worth: a program that names its system says more than the shape of a
//! SYN, which many releases share.

use std::collections::BTreeMap;

use firstlight_knowledge as knowledge;
use firstlight_model::report::{Confidence, Evidence, MachineName, OperatingSystem};

use crate::assemble::Own;
use crate::connection::Seen;
use crate::machines::Machines;
use crate::syn_remarks;
use crate::tally::{Speaker, Tally};

/// One vote.
struct Vote {
    family: String,
    /// Label with version, where the hint knows one.
    label: String,
    weight: f64,
    text: String,
    seen: Seen,
    field: &'static str,
}

/// Below this sum nothing is claimed.
const THRESHOLD: f64 = 1.0;
/// Below this sum no release is claimed.
const RELEASE_THRESHOLD: f64 = 1.0;
/// Votes listed as reasons.
const REASONS_LIMIT: usize = 12;

/// Weighs all that is known of a machine.
pub(crate) fn verdict(
    tally: &Tally,
    machines: &Machines,
    rank: usize,
    own: &[Own<'_>],
    machine_names: &[MachineName],
) -> OperatingSystem {
    let mut votes = Vec::new();
    let first = own.first().map(|(connection, _)| connection.first);
    if let Some(first) = first {
        device_names(machine_names, first, &mut votes);
    }
    dhcp(tally, machines, rank, &mut votes);
    programs(tally, machines, rank, &mut votes);
    names(tally, machines, rank, own, &mut votes);
    syns(tally, machines, rank, &mut votes);
    let mut families: BTreeMap<&str, f64> = BTreeMap::new();
    for vote in &votes {
        *families.entry(&vote.family).or_default() += vote.weight;
    }
    let mut ranked: Vec<(&str, f64)> = families.into_iter().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let (family, sum) = match ranked.first() {
        Some((family, sum)) if *sum >= THRESHOLD => ((*family).to_owned(), *sum),
        _ => return unknown(&votes),
    };
    let second = ranked.get(1).map_or(0.0, |(_, sum)| *sum);
    let confidence = match sum - second {
        lead if lead >= 3.0 => Confidence::High,
        lead if lead >= 1.0 => Confidence::Medium,
        _ => Confidence::Low,
    };
    let mut labels: BTreeMap<&str, f64> = BTreeMap::new();
    for vote in votes.iter().filter(|vote| vote.family == family) {
        *labels.entry(&vote.label).or_default() += vote.weight;
    }
    // A release that something speaks for says more than the family, whatever else only says the family.
    let is_release = |label: &str| label.bytes().any(|byte| byte.is_ascii_digit());
    let label = labels
        .into_iter()
        .filter(|(label, weight)| !is_release(label) || *weight >= RELEASE_THRESHOLD)
        .max_by(|a, b| {
            (is_release(a.0).cmp(&is_release(b.0)))
                .then(a.1.total_cmp(&b.1))
                .then(a.0.len().cmp(&b.0.len()))
                .then(b.0.cmp(a.0))
        })
        .map_or_else(|| family.clone(), |(label, _)| label.to_owned());
    OperatingSystem { verdict: label, family: Some(family), confidence, reasons: reasons(votes) }
}

fn unknown(votes: &[Vote]) -> OperatingSystem {
    let reasons = votes.iter().map(|vote| (vote.text.clone(), Some(evidence(vote)))).take(REASONS_LIMIT).collect();
    OperatingSystem { verdict: "unknown".to_owned(), family: None, confidence: Confidence::Low, reasons }
}

fn reasons(mut votes: Vec<Vote>) -> Vec<(String, Option<Evidence>)> {
    votes.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.seen.cmp(&b.seen)).then_with(|| a.text.cmp(&b.text)));
    votes.dedup_by(|a, b| a.text == b.text);
    votes.iter().map(|vote| (vote.text.clone(), Some(evidence(vote)))).take(REASONS_LIMIT).collect()
}

fn evidence(vote: &Vote) -> Evidence {
    Evidence { at: vote.seen.at, time: vote.seen.time, field: vote.field }
}

fn is_of(machines: &Machines, rank: usize, speaker: Speaker) -> bool {
    machines.of(speaker.address, speaker.mac) == Some(rank)
}

fn dhcp(tally: &Tally, machines: &Machines, rank: usize, votes: &mut Vec<Vote>) {
    let mut seen_before = std::collections::HashSet::new();
    for lease in &tally.leases {
        let is_client = matches!(lease.message_type, 1 | 3 | 8) && machines.of_mac(lease.client_mac) == Some(rank);
        let request = (lease.parameters.as_deref(), lease.vendor_class.as_deref());
        if !is_client || request == (None, None) || !seen_before.insert(request) {
            continue;
        }
        let hints = knowledge::dhcp_systems(request.0, request.1);
        let share = 3.0 / hints.len().max(1) as f64;
        for hint in hints {
            let said = request.0.map_or_else(String::new, |list| format!(" {list}"));
            votes.push(Vote {
                family: hint.system.to_owned(),
                label: hint.label.to_owned(),
                weight: share,
                text: format!("DHCP request{said} is that of {} ({})", hint.label, hint.source),
                seen: lease.seen,
                field: "dhcp.option.request_list",
            });
        }
    }
}

fn programs(tally: &Tally, machines: &Machines, rank: usize, votes: &mut Vec<Vote>) {
    let mut sums: BTreeMap<(String, String), Vote> = BTreeMap::new();
    for ((speaker, field, text), count) in tally.software.iter() {
        if *field != "http.user_agent" || !is_of(machines, rank, *speaker) {
            continue;
        }
        let Some(agent) = knowledge::user_agent(text) else { continue };
        let Some(system) = agent.system else { continue };
        let said = format!("user agent {text} is that of {system}");
        let vote = |family: &str, label: &str, weight: f64| Vote {
            text: said.clone(),
            family: family.to_owned(),
            label: label.to_owned(),
            weight,
            seen: count.first,
            field: "http.user_agent",
        };
        // A program of several systems is half a vote for each of two, and so on.
        if agent.systems.is_empty() {
            let family = agent.family.map_or_else(|| family_of(&system), str::to_owned);
            sums.entry((family.clone(), system.clone())).or_insert_with(|| vote(&family, &system, 2.0));
        }
        let share = 2.0 / agent.systems.len().max(1) as f64;
        for hint in &agent.systems {
            let key = (hint.system.to_owned(), hint.label.to_owned());
            sums.entry(key).or_insert_with(|| vote(hint.system, hint.label, share));
        }
    }
    votes.extend(sums.into_values());
}

fn names(tally: &Tally, machines: &Machines, rank: usize, own: &[Own<'_>], votes: &mut Vec<Vote>) {
    let mut sums: BTreeMap<String, (f64, Vote)> = BTreeMap::new();
    let mut known = std::collections::HashSet::new();
    let mut add = |name: &str, path: Option<&str>, seen: Seen, field: &'static str| {
        let asked = (name.to_owned(), path.map(str::to_owned));
        if known.contains(&asked) {
            return;
        }
        let hints = knowledge::name_systems(name, path);
        known.insert(asked);
        let share = 1.0 / hints.len().max(1) as f64;
        for hint in hints {
            let key = format!("{} {name}", hint.system);
            sums.entry(key).or_insert_with(|| {
                let vote = Vote {
                    family: hint.system.to_owned(),
                    label: hint.label.to_owned(),
                    weight: share,
                    text: format!("asks for {name}{}, as {} does ({})", path.unwrap_or(""), hint.label, hint.source),
                    seen,
                    field,
                };
                (share, vote)
            });
        }
    };
    for (connection, _) in own.iter().filter(|(_, began)| *began) {
        if let Some(facts) = &connection.facts {
            for name in &facts.names {
                add(&name.value, None, connection.named.unwrap_or(connection.first), name.field.name);
            }
            for query in &facts.queries {
                add(query, None, connection.first, "dns.qry.name");
            }
        }
    }
    for exchange in &tally.exchanges {
        if let (Some(host), Some(0..)) =
            (&exchange.host, machines.of(exchange.originator.address, None).filter(|of| *of == rank))
        {
            add(host, exchange.path.as_deref(), exchange.seen, "http.request.full_uri");
        }
    }
    // Many names of one vendor are one hint said often: the family's sum is bounded.
    let mut by_family: BTreeMap<String, f64> = BTreeMap::new();
    let mut list: Vec<Vote> = sums.into_values().map(|(_, vote)| vote).collect();
    list.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.seen.cmp(&b.seen)).then_with(|| a.text.cmp(&b.text)));
    for mut vote in list {
        let sum = by_family.entry(vote.family.clone()).or_default();
        vote.weight = vote.weight.min(2.0 - *sum).max(0.0);
        *sum += vote.weight;
        votes.push(vote);
    }
}

fn syns(tally: &Tally, machines: &Machines, rank: usize, votes: &mut Vec<Vote>) {
    let total: u64 = tally
        .syns
        .sorted()
        .iter()
        .filter(|(key, _)| !key.is_syn_ack && is_of(machines, rank, key.speaker))
        .map(|(_, seen)| seen.count)
        .sum();
    for (key, seen) in tally.syns.sorted() {
        if key.is_syn_ack || !is_of(machines, rank, key.speaker) {
            continue;
        }
        let layout = syn_remarks::layout(&seen.tcp());
        let matches = knowledge::syn_systems(&syn_layout(seen, &layout));
        let mut families: BTreeMap<&str, Vec<&knowledge::SynMatch>> = BTreeMap::new();
        for known in matches.iter().filter(|known| known.same) {
            families.entry(known.family.unwrap_or("")).or_default().push(known);
            // Both of Apple's systems have one network stack; a label may say so.
            if known.family != Some("iOS") && known.label.contains("iOS") {
                families.entry("iOS").or_default().push(known);
            }
        }
        families.remove("");
        let labels: usize = families.values().map(Vec::len).sum();
        let each = 1.5 * seen.count as f64 / total.max(1) as f64 / labels.max(1) as f64;
        for (family, known) in families {
            for known in known {
                votes.push(Vote {
                    family: family.to_owned(),
                    // A label with shares of releases names none of them.
                    label: if known.label.contains(['%', ';', ',']) { family } else { known.label }.to_owned(),
                    weight: each,
                    text: format!("SYN is the same as {} ({})", known.label, known.source),
                    seen: seen.first,
                    field: "tcp.flags.syn",
                });
            }
        }
    }
}

/// What people and makers call devices, and the system that says (lower case, anywhere in the name).
const DEVICE_WORDS: &[(&str, &str)] = &[
    ("iphone", "iOS"),
    ("ipad", "iOS"),
    ("macbook", "macOS"),
    ("imac", "macOS"),
    ("mac-mini", "macOS"),
    ("android", "Android"),
    ("desktop-", "Windows"),
    ("laptop-", "Windows"),
];

fn device_names(machine_names: &[MachineName], first: Seen, votes: &mut Vec<Vote>) {
    let found = machine_names.iter().find_map(|name| {
        let lower = name.value.to_lowercase();
        DEVICE_WORDS.iter().find(|(word, _)| lower.contains(word)).map(|(_, system)| (name, *system))
    });
    if let Some((name, system)) = found {
        votes.push(Vote {
            family: system.to_owned(),
            label: system.to_owned(),
            weight: 1.5,
            text: format!("is called {} ({}), as {system} devices are", name.value, name.source),
            seen: first,
            field: "dhcp.option.hostname",
        });
    }
}

/// A SYN as the book of known ones describes them.
pub(crate) fn syn_layout<'a>(seen: &crate::syn::SynSeen, layout: &'a str) -> knowledge::SynLayout<'a> {
    let tcp = seen.tcp();
    knowledge::SynLayout {
        hop_limit: syn_remarks::initial_hop_limit(&seen.ip),
        window: tcp.window,
        options: layout,
        window_scale: syn_remarks::window_scale(&tcp),
        ecn: syn_remarks::has_ecn_setup(&tcp),
    }
}

/// The family that a label belongs to, by its first word.
fn family_of(label: &str) -> String {
    let word = label.split([' ', ',', '/']).next().unwrap_or(label);
    match word {
        "OS" | "OSX" | "Mac" | "macOS" => "macOS".to_owned(),
        "iPadOS" | "iOS" => "iOS".to_owned(),
        other => other.to_owned(),
    }
}
