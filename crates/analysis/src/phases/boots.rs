//! Where a machine started, from what it does when it does so.

use std::collections::BTreeSet;
use std::net::IpAddr;

use firstlight_model::report::{Confidence, Evidence, PhaseHow, PhaseKind};
use firstlight_model::{MacAddress, Timestamp};

use super::Border;
use crate::connection::Seen;
use crate::signs;
use crate::tally::Tally;

/// A machine that starts shows that it does so soon after its first frame.
const SHOWS_WITHIN_NS: i64 = 15_000_000_000;
/// A boot's DHCP messages lie within this time.
const BOOT_NS: i64 = 60_000_000_000;
/// Field of the message type of DHCP.
const ASKED: &str = "dhcp.option.dhcp";

/// A boot: the machine was silent, spoke again, and asked soon for an address as one that has just started does: with
/// DISCOVER, or with a REQUEST to everybody that no DISCOVER preceded (RFC 2131 s. 4.3.2, INIT-REBOOT). Renewals are no
/// boots, nor are questions repeated because nobody answered: between two boots it was given an address or used one.
/// Before it asks it may join a wireless network, or look whether its address is free: the boot begins with the first of
/// these signs, or the first frame after the silence before it.
pub(super) fn boots(tally: &Tally, mac: MacAddress, first: Timestamp) -> Vec<Border> {
    let own = || tally.leases.iter().filter(|lease| lease.client_mac == mac);
    let asked: BTreeSet<Seen> = own()
        .filter(|lease| lease.message_type == 1 || (lease.message_type == 3 && lease.broadcast))
        .map(|lease| lease.seen)
        .collect();
    let had_address = had_address(tally, mac);
    let bursts = tally.bursts.of(mac);
    let signs = tally.signs.of(mac);
    let time_asked = tally.time_asked.of(mac);
    let mut boots: Vec<Boot> = Vec::new();
    let mut last_asked: Option<Timestamp> = None;
    for seen in asked {
        let leading = signs::leading_to(&signs, last_asked, seen.time);
        let shown = signs.get(leading).map_or(seen, |(sign, _)| seen.min(*sign));
        let burst = bursts.get(bursts.partition_point(|burst| burst.first.time <= shown.time).saturating_sub(1));
        let start = burst.map_or(shown, |burst| burst.first);
        let is_soon = shown.time.since_ns(start.time) <= SHOWS_WITHIN_NS;
        let used = |last: Timestamp| {
            let from = had_address.partition_point(|time| *time < last);
            had_address.get(from).is_some_and(|time| *time < start.time)
        };
        let was_used = last_asked.is_none_or(used);
        let was_long_ago = last_asked.is_none_or(|last| seen.time.since_ns(last) > BOOT_NS);
        let is_same = boots.last().is_some_and(|before| before.burst == start);
        if !is_same && ((is_soon && was_used) || was_long_ago) {
            let belongs = |sign: &&(Seen, &str)| sign.0.time.since_ns(seen.time) <= SHOWS_WITHIN_NS;
            let signs = signs.iter().skip(leading).take_while(belongs);
            let start_of_boot = if is_soon { start } else { shown };
            let from = time_asked.partition_point(|(time, _)| *time < start_of_boot);
            let soon = |time: &(Seen, &str)| time.0.time.since_ns(seen.time) <= BOOT_NS;
            boots.push(Boot {
                asked: seen,
                burst: start,
                start: start_of_boot,
                signs: first_of_each(signs),
                time_asked: time_asked.get(from).copied().filter(soon),
            });
        }
        last_asked = Some(seen.time);
    }
    let begins_with_boot = boots.first().is_some_and(|boot| boot.asked.time.since_ns(first) <= BOOT_NS);
    boots
        .into_iter()
        .enumerate()
        .map(|(rank, boot)| Border {
            name: format!("boot {}", rank + 1),
            start: if rank == 0 && begins_with_boot { first } else { boot.start.time },
            how: PhaseHow::Detected,
            why: boot.in_words(mac, first),
            kind: PhaseKind::PowerOn,
            confidence: boot.confidence(),
            evidence: boot.evidence(),
        })
        .collect()
}

struct Boot {
    asked: Seen,
    /// First frame of the stretch in which it showed that it starts.
    burst: Seen,
    start: Seen,
    /// What else it did about then, the first time each.
    signs: Vec<(Seen, &'static str)>,
    /// Where it first asked for the time.
    time_asked: Option<(Seen, &'static str)>,
}

impl Boot {
    fn in_words(&self, mac: MacAddress, first: Timestamp) -> String {
        let before = if self.start.time > first { "was silent, then " } else { "" };
        let signs = self.signs.iter().map(|(seen, field)| (*seen, signs::in_words(field)));
        let mut did: Vec<(Seen, &str)> = signs.chain([(self.asked, "asked for an address (DHCP)")]).collect();
        did.sort_unstable();
        let mut said = String::new();
        for (at, (_, words)) in did.iter().enumerate() {
            said.push_str(match at {
                0 => "",
                _ if at + 1 == did.len() => " and ",
                _ => ", ",
            });
            said.push_str(words);
        }
        let clock = if self.time_asked.is_some() { ", and soon for the time (NTP)" } else { "" };
        format!("{mac} {before}{said}{clock}")
    }

    /// It asked for an address after a silence; that it joined the network, or asked for the time, leaves no doubt.
    fn confidence(&self) -> Confidence {
        if self.signs.is_empty() && self.time_asked.is_none() { Confidence::Medium } else { Confidence::High }
    }

    fn evidence(&self) -> Vec<Evidence> {
        let mut all: Vec<_> = self.signs.iter().copied().chain([(self.asked, ASKED)]).chain(self.time_asked).collect();
        all.sort_unstable();
        all.into_iter().map(|(seen, field)| Evidence { at: seen.at, time: seen.time, field }).collect()
    }
}

/// When the machine was given an address, or began to speak from one; sorted.
fn had_address(tally: &Tally, mac: MacAddress) -> Vec<Timestamp> {
    let given = tally.leases.iter().filter(|lease| lease.client_mac == mac && lease.message_type == 5);
    let is_own = |address: IpAddr| match address {
        IpAddr::V4(v4) => !v4.is_unspecified() && !v4.is_link_local(),
        IpAddr::V6(_) => false,
    };
    let spoke = tally.connections.iter().filter(|connection| {
        matches!(connection.macs, [Some(from), _] if from == mac) && is_own(connection.originator.address)
    });
    let mut times: Vec<Timestamp> =
        given.map(|lease| lease.seen.time).chain(spoke.map(|connection| connection.first.time)).collect();
    times.sort_unstable();
    times
}

/// The first sign of each kind.
fn first_of_each<'a>(signs: impl Iterator<Item = &'a (Seen, &'static str)>) -> Vec<(Seen, &'static str)> {
    let mut firsts: Vec<(Seen, &'static str)> = Vec::new();
    for (seen, field) in signs {
        if firsts.iter().all(|(_, known)| known != field) {
            firsts.push((*seen, field));
        }
    }
    firsts
}
