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
            let signs = signs.iter().skip(leading).take_while(|(sign, _)| sign.time <= seen.time);
            let start_of_boot = if is_soon { start } else { shown };
            boots.push(Boot { asked: seen, burst: start, start: start_of_boot, signs: first_of_each(signs) });
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
            why: boot.in_words(mac),
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
    /// What it did before it asked for an address.
    signs: Vec<(Seen, &'static str)>,
}

impl Boot {
    fn in_words(&self, mac: MacAddress) -> String {
        let signs = self.signs.iter().map(|(_, field)| format!("{}, ", signs::in_words(field)));
        format!("{mac} was silent, then {}asked for an address (DHCP)", signs.collect::<String>())
    }

    /// It asked for an address after a silence; other signs leave no doubt.
    fn confidence(&self) -> Confidence {
        if self.signs.is_empty() { Confidence::Medium } else { Confidence::High }
    }

    fn evidence(&self) -> Vec<Evidence> {
        let all = self.signs.iter().copied().chain([(self.asked, ASKED)]);
        all.map(|(seen, field)| Evidence { at: seen.at, time: seen.time, field }).collect()
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
