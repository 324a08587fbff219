//! Signs that do not go together in one machine: several systems, or packets from several distances, behind one
//! address. What is behind it (a NAT, a proxy, a virtual machine, somebody who pretends) is only suspected.

use std::collections::{BTreeMap, BTreeSet};

use firstlight_knowledge as knowledge;
use firstlight_model::report::{Aspect, Contradiction, Evidence, Vote};

use super::gather::Of;
use super::odds;
use crate::syn_remarks;

/// Log-odds that each of two systems must have.
const STRONG: f64 = 2.0;

pub(super) fn contradictions(of: Of<'_>, votes: &[Vote]) -> Vec<Contradiction> {
    systems(votes).into_iter().chain(distances(of)).chain(clocks(of)).collect()
}

/// Two systems that neither is built on the other.
fn systems(votes: &[Vote]) -> Option<Contradiction> {
    let mut by_family: BTreeMap<&str, Vec<&Vote>> = BTreeMap::new();
    for vote in votes.iter().filter(|vote| vote.aspect == Aspect::System && is_own_behaviour(vote.field)) {
        by_family.entry(&vote.value).or_default().push(vote);
    }
    let is_general = |family: &str| knowledge::signs("system", family).iter().any(|sign| sign.about == "contradiction");
    let mut strong: Vec<(&str, f64, Vec<&Vote>)> = by_family
        .into_iter()
        .filter(|(family, _)| is_general(family))
        .map(|(family, votes)| (family, odds::sum(votes.iter().copied()), votes))
        .filter(|(_, score, _)| *score >= STRONG)
        .collect();
    strong.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let (first, _, of_first) = strong.first()?;
    // One frame that fits two systems is no contradiction.
    let frames: BTreeSet<_> = of_first.iter().filter_map(|vote| vote.evidence.as_ref()).map(|it| it.at).collect();
    let (second, _, of_second) = strong.iter().skip(1).find(|(other, _, votes)| {
        let elsewhere = votes.iter().filter(|vote| vote.evidence.as_ref().is_some_and(|it| !frames.contains(&it.at)));
        !are_kin(first, other) && odds::sum(elsewhere.copied()) >= STRONG
    })?;
    let strongest = |votes: &[&Vote]| {
        let vote = votes.iter().max_by(|a, b| a.weight.total_cmp(&b.weight).then_with(|| b.text.cmp(&a.text)));
        vote.map(|vote| (vote.text.clone(), vote.evidence.clone()))
    };
    Some(Contradiction {
        text: format!(
            "signs of {first} and of {second} come from one machine: several behind one address (NAT, proxy), a virtual \
             machine, or programs that pretend"
        ),
        reasons: strongest(of_first).into_iter().chain(strongest(of_second)).collect(),
    })
}

/// What a machine asks for may be asked for somebody else; what it says and does is its own.
fn is_own_behaviour(field: &str) -> bool {
    !matches!(field, "dns.qry.name" | "http.request.full_uri" | "eth.addr")
}

fn are_kin(a: &str, b: &str) -> bool {
    let built_on =
        |a: &str, b: &str| knowledge::signs("system", a).iter().any(|sign| sign.about == "kin" && sign.value == b);
    a == b || built_on(a, b) || built_on(b, a)
}

/// Addresses whose timestamps tick differently.
fn clocks(of: Of<'_>) -> Option<Contradiction> {
    let rates = of.tally.clocks.rates(|speaker| of.machines.of(speaker.address, speaker.mac) == Some(of.rank));
    (rates.len() > 1).then(|| Contradiction {
        text:
            "the addresses of one machine have timestamps that tick differently: more than one machine behind one link \
               address (NAT, a bridge, a virtual machine)"
                .to_owned(),
        reasons: rates.into_iter().map(|(hz, address)| (format!("{address}: {hz} ticks a second"), None)).collect(),
    })
}

/// SYNs of one address that have come different ways.
fn distances(of: Of<'_>) -> Option<Contradiction> {
    let mut by_address: BTreeMap<_, BTreeMap<u8, Evidence>> = BTreeMap::new();
    for (key, seen) in of.tally.syns.sorted() {
        if key.is_syn_ack || of.machines.of(key.speaker.address, key.speaker.mac) != Some(of.rank) {
            continue;
        }
        let evidence = Evidence { at: seen.first.at, time: seen.first.time, field: "ip.ttl" };
        by_address.entry(key.speaker.address).or_default().entry(seen.ip.hop_limit).or_insert(evidence);
    }
    by_address.into_iter().find_map(|(address, hop_limits)| {
        let initial = |hop_limit: u8| syn_remarks::initial_of(hop_limit);
        let distances: BTreeSet<u8> = hop_limits.keys().map(|hop_limit| initial(*hop_limit) - hop_limit).collect();
        (distances.len() > 1 && distances.first() == Some(&0)).then(|| Contradiction {
            text: format!(
                "SYNs from {address} have come both from itself and from further away: it may forward for others (NAT)"
            ),
            reasons: hop_limits
                .into_iter()
                .rev()
                .map(|(hop_limit, evidence)| {
                    let hops = initial(hop_limit) - hop_limit;
                    let text = format!("hop limit {hop_limit}: {hops} {} away", if hops == 1 { "hop" } else { "hops" });
                    (text, Some(evidence))
                })
                .collect(),
        })
    })
}
