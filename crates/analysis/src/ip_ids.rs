//! How a sender numbers its datagrams (RFC 791 s. 3.1: identification; RFC 6864 lets it be anything where fragments are
//! forbidden), seen in the series of its first SYNs and SYN+ACKs. Each is of another connection, so that a counter for
//! all connections can be told from chance. The classes, and from which step on a series is one of chance, are those of
//! Nmap's test of identification sequences (Lyon, Nmap Network Scanning, ch. 8: TI).

use std::collections::BTreeMap;

use firstlight_model::report::{Evidence, IdBehaviour, IdSeries};
use firstlight_model::{Ip, Tcp, TcpFlags};

use crate::connection::Seen;
use crate::limits;
use crate::tally::Speaker;

/// Segments kept of a sender.
const KEPT: usize = 16;
/// Fewer say nothing.
const FEWEST: usize = 3;
/// Beyond it others have moved the counter too.
const STEP_WITHIN_NS: i64 = 2_000_000_000;
/// A longer step is one of chance.
const LONGEST_STEP: u16 = 1000;
/// Likewise of a counter that is sent in the wrong order of bytes.
const LONGEST_SWAPPED_STEP: u16 = 5120;

/// A segment: when, its ports, its identification.
type Sent = (Seen, (u16, u16), u16);

/// The first segments of each sender, SYNs and SYN+ACKs apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct IpIds {
    series: BTreeMap<(Speaker, bool), Vec<Sent>>,
}

impl IpIds {
    /// Takes note of a SYN or SYN+ACK. False when the limit is reached.
    pub(crate) fn add(&mut self, speaker: Speaker, ip: &Ip, tcp: &Tcp<'_>, seen: Seen) -> bool {
        let Ok(id) = u16::try_from(ip.id) else { return true };
        if ip.source.is_ipv6() {
            return true;
        }
        let is_answer = tcp.flags.has(TcpFlags::ACK);
        let sent = (seen, (tcp.source_port, tcp.destination_port), id);
        if let Some(series) = self.series.get_mut(&(speaker, is_answer)) {
            insert(series, sent);
            return true;
        }
        let has_room = self.series.len() < limits::SYN_LAYOUTS;
        if has_room {
            self.series.insert((speaker, is_answer), vec![sent]);
        }
        has_room
    }

    /// Adds those of another; says how many go beyond the limit.
    pub(crate) fn merge(&mut self, other: Self) -> usize {
        let mut left_out = 0;
        for (key, more) in other.series {
            if let Some(series) = self.series.get_mut(&key) {
                more.into_iter().for_each(|sent| insert(series, sent));
            } else if self.series.len() < limits::SYN_LAYOUTS {
                self.series.insert(key, more);
            } else {
                left_out += 1;
            }
        }
        left_out
    }

    /// What the series of a machine's addresses say, SYNs first: the one with most segments of each.
    pub(crate) fn of(&self, is_its: impl Fn(Speaker) -> bool) -> Vec<IdSeries> {
        [false, true].into_iter().filter_map(|answers| self.longest(answers, &is_its)).collect()
    }

    fn longest(&self, answers: bool, is_its: impl Fn(Speaker) -> bool) -> Option<IdSeries> {
        let own = self.series.iter().filter(|((speaker, of), _)| *of == answers && is_its(*speaker));
        let (_, series) = own.max_by_key(|(key, series)| (series.len(), std::cmp::Reverse(**key)))?;
        let seen = series.first()?.0;
        let evidence = Evidence { at: seen.at, time: seen.time, field: "ip.id" };
        Some(IdSeries { answers, behaviour: behaviour(series)?, segments: series.len() as u64, evidence })
    }
}

/// Keeps the first few in their order, each connection once: a SYN that is sent again says nothing new.
fn insert(series: &mut Vec<Sent>, sent: Sent) {
    if series.len() >= KEPT && series.last().is_some_and(|last| *last <= sent) {
        return;
    }
    if let Some(at) = series.iter().position(|known| known.1 == sent.1) {
        let is_earlier = series.get(at).is_some_and(|known| sent < *known);
        if !is_earlier {
            return;
        }
        series.remove(at);
    }
    series.insert(series.partition_point(|known| *known <= sent), sent);
    series.truncate(KEPT);
}

fn behaviour(series: &[Sent]) -> Option<IdBehaviour> {
    let first = series.first()?.2;
    if series.len() < FEWEST {
        return None;
    }
    if series.iter().all(|sent| sent.2 == first) {
        return Some(if first == 0 { IdBehaviour::Zero } else { IdBehaviour::Constant(first) });
    }
    let steps: Vec<u16> = series
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => (b.0.time.since_ns(a.0.time) <= STEP_WITHIN_NS).then(|| b.2.wrapping_sub(a.2)),
            _ => None,
        })
        .collect();
    if steps.len() + 1 < FEWEST {
        return None;
    }
    let all = |fits: fn(u16) -> bool| steps.iter().all(|step| fits(*step));
    let long = steps.iter().filter(|step| **step > LONGEST_STEP).count();
    if all(|step| step > 0 && step % 256 == 0 && step <= LONGEST_SWAPPED_STEP) {
        Some(IdBehaviour::CountsSwapped)
    } else if all(|step| step > 0 && step <= LONGEST_STEP) {
        Some(IdBehaviour::Counts(steps.iter().copied().max().unwrap_or(0)))
    } else if long * 2 > steps.len() {
        Some(IdBehaviour::Random)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use firstlight_model::report::IdBehaviour;
    use firstlight_model::{FrameRef, Timestamp};

    use super::{IpIds, KEPT, Sent, behaviour, insert};
    use crate::connection::Seen;
    use crate::tally::Speaker;

    const SPEAKER: Speaker = Speaker { address: std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), mac: None };

    fn sent(ms: i64, port: u16, id: u16) -> Sent {
        let at = FrameRef { capture: 0, number: ms.unsigned_abs() + 1 };
        (Seen { time: Timestamp::from_ns(ms * 1_000_000), at }, (port, 443), id)
    }

    fn series(ids: &[u16]) -> Vec<Sent> {
        ids.iter().zip(0_u16..).map(|(id, i)| sent(i64::from(i) * 500, 50_000 + i, *id)).collect()
    }

    #[test]
    fn the_classes_are_told_by_the_steps() {
        let of = |ids: &[u16]| behaviour(&series(ids));
        assert_eq!(of(&[0, 0, 0]), Some(IdBehaviour::Zero));
        assert_eq!(of(&[0, 0]), None, "too few");
        assert_eq!(of(&[4242; 5]), Some(IdBehaviour::Constant(4242)));
        assert_eq!(of(&[65_530, 65_533, 4, 5]), Some(IdBehaviour::Counts(7)), "around the end");
        assert_eq!(of(&[256, 512, 1024, 1280]), Some(IdBehaviour::CountsSwapped));
        assert_eq!(of(&[7000, 60_000, 13_000, 41_000]), Some(IdBehaviour::Random));
        assert_eq!(of(&[1, 2, 3, 40_000, 40_001]), None, "neither");
        let apart: Vec<Sent> = (0..5_u16).map(|i| sent(i64::from(i) * 60_000, 50_000 + i, 9 * i)).collect();
        assert_eq!(behaviour(&apart), None, "a minute apart says nothing of the steps");
    }

    #[test]
    fn the_first_of_each_connection_are_kept_in_any_order() {
        let all: Vec<Sent> = (0..40_u16).map(|i| sent(i64::from(i) * 10, 50_000 + i % 20, i)).collect();
        let (mut forwards, mut backwards) = (Vec::new(), Vec::new());
        all.iter().for_each(|one| insert(&mut forwards, *one));
        all.iter().rev().for_each(|one| insert(&mut backwards, *one));
        assert_eq!(forwards, all[..KEPT]);
        assert_eq!(backwards, forwards);
        let of = |series: &[Sent]| IpIds { series: [((SPEAKER, false), series.to_vec())].into() };
        let (mut ab, mut ba) = (of(&all[..10]), of(&all[10..16]));
        assert_eq!((ab.merge(ba.clone()), ba.merge(of(&all[..10]))), (0, 0));
        assert_eq!(ab.series, ba.series);
        assert_eq!(ab.of(|_| true).first().map(|series| series.segments), Some(16));
        assert!(ab.of(|_| false).is_empty());
    }
}
