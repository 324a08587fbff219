//! Which names a machine was told for an address, and when.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use firstlight_model::Timestamp;

use crate::connection::Seen;
use crate::limits;

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Answer {
    pub seen: Seen,
    /// The name that was asked for.
    pub asked: Arc<str>,
    /// The field that gave the address.
    pub field: &'static str,
    pub ttl_s: u32,
    /// It was a hint only, of a server that may know better.
    pub is_hint: bool,
}

/// All answers, by who was told (`None`: everybody, by multicast) and the address.
#[derive(Debug, Clone, Default)]
pub(crate) struct Resolved {
    answers: HashMap<IpAddr, Clients, foldhash::fast::RandomState>,
    lists: usize,
}

/// Answers for one address by who was told. Most were told to one, which needs no tree.
#[derive(Debug, Clone, Default)]
struct Clients {
    first: Option<(Option<IpAddr>, Vec<Answer>)>,
    more: BTreeMap<Option<IpAddr>, Vec<Answer>>,
}

impl Clients {
    fn has(&self, client: Option<IpAddr>) -> bool {
        self.iter().next().is_some_and(|(first, _)| first == client) || self.more.contains_key(&client)
    }

    fn list(&mut self, client: Option<IpAddr>) -> &mut Vec<Answer> {
        let (first, list) = self.first.get_or_insert_with(|| (client, Vec::with_capacity(1)));
        if *first == client { list } else { self.more.entry(client).or_default() }
    }

    fn iter(&self) -> impl Iterator<Item = (Option<IpAddr>, &[Answer])> {
        let first = self.first.iter().map(|(client, list)| (*client, list.as_slice()));
        first.chain(self.more.iter().map(|(client, list)| (*client, list.as_slice())))
    }
}

/// The name of an address at a point in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameAt {
    pub answer: Answer,
    /// Other names that the same machine was told for the address, latest first.
    pub others: Vec<Arc<str>>,
    /// The answer was older than its time to live (with a minute's grace).
    pub is_stale: bool,
    /// Nothing but hints said so.
    pub is_hint: bool,
}

/// A resolver's cache and a program's own may keep an answer a little longer than it says.
const GRACE_NS: i64 = 60_000_000_000;

impl Resolved {
    /// Adds an answer; false when a limit is reached and it, or an older one, is not remembered.
    pub(crate) fn add(&mut self, client: Option<IpAddr>, address: IpAddr, answer: Answer) -> bool {
        let is_known = self.answers.get(&address).is_some_and(|clients| clients.has(client));
        if !is_known {
            if self.lists >= limits::ANSWERED_ADDRESSES {
                return false;
            }
            self.lists += 1;
        }
        let list = self.answers.entry(address).or_default().list(client);
        let at = list.partition_point(|other| *other < answer);
        if list.get(at) == Some(&answer) {
            return true;
        }
        list.insert(at, answer);
        if list.len() <= 2 * limits::ANSWERS_OF_ADDRESS {
            return true;
        }
        compact(list);
        let too_many = list.len().saturating_sub(limits::ANSWERS_OF_ADDRESS);
        list.drain(..too_many);
        too_many == 0
    }

    /// Adds those of another; gives where the answers were seen that go beyond a limit.
    #[must_use]
    pub(crate) fn merge(&mut self, other: Self) -> Vec<Seen> {
        let mut left_out = Vec::new();
        let mut answers: Vec<_> = other.answers.into_iter().collect();
        answers.sort_unstable_by_key(|(address, _)| *address);
        for (address, clients) in answers {
            for (client, list) in clients.first.into_iter().chain(clients.more) {
                for answer in list {
                    let seen = answer.seen;
                    if !self.add(client, address, answer) {
                        left_out.push(seen);
                    }
                }
            }
        }
        left_out
    }

    /// The name that a machine was last told for `address` before or at `time`; `is_client` knows its addresses.
    pub(crate) fn name_at(
        &self,
        is_client: impl Fn(IpAddr) -> bool,
        address: IpAddr,
        time: Timestamp,
    ) -> Option<NameAt> {
        let clients = self.answers.get(&address)?;
        let lists: Vec<&[Answer]> = clients
            .iter()
            .filter(|(client, _)| client.is_none_or(&is_client))
            .map(|(_, list)| list.get(..list.partition_point(|answer| answer.seen.time <= time)).unwrap_or(&[]))
            .collect();
        let answer = lists.iter().filter_map(|list| list.last()).max()?;
        let mut others: Vec<&Answer> = Vec::new();
        for other in lists.iter().flat_map(|list| list.iter().rev()) {
            if other.asked == answer.asked {
                continue;
            }
            match others.iter_mut().find(|known| known.asked == other.asked) {
                Some(known) => *known = (*known).max(other),
                None => others.push(other),
            }
        }
        others.sort_unstable_by(|a, b| b.cmp(a));
        let age = time.since_ns(answer.seen.time);
        let is_stale = age > i64::from(answer.ttl_s) * 1_000_000_000 + GRACE_NS;
        let others = others.into_iter().map(|other| other.asked.clone()).collect();
        let mut same = lists.iter().flat_map(|list| list.iter()).filter(|same| same.asked == answer.asked);
        let is_hint = same.all(|same| same.is_hint);
        Some(NameAt { answer: answer.clone(), others, is_stale, is_hint })
    }
}

/// Of answers that repeat the one before and the one after, those between say nothing.
fn compact(list: &mut Vec<Answer>) {
    let names: Vec<Arc<str>> = list.iter().map(|answer| answer.asked.clone()).collect();
    let mut at = 0;
    list.retain(|_| {
        let name = |at: usize| names.get(at);
        let says_nothing = at > 0 && name(at) == name(at - 1) && name(at) == name(at + 1);
        at += 1;
        !says_nothing
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstlight_model::FrameRef;

    fn answer(second: i64, name: &str) -> Answer {
        Answer {
            seen: Seen {
                time: Timestamp::from_parts(second, 0),
                at: FrameRef { capture: 0, number: u64::try_from(second).unwrap() },
            },
            asked: name.into(),
            field: "dns.a",
            ttl_s: 30,
            is_hint: false,
        }
    }

    #[test]
    fn the_last_answer_before_the_connection_counts() {
        let mut resolved = Resolved::default();
        let me: IpAddr = "192.0.2.1".parse().unwrap();
        let cdn: IpAddr = "198.51.100.1".parse().unwrap();
        for answer in [answer(10, "a.example"), answer(20, "b.example"), answer(30, "a.example")] {
            assert!(resolved.add(Some(me), cdn, answer));
        }
        let at = |second| resolved.name_at(|client| client == me, cdn, Timestamp::from_parts(second, 0));
        assert_eq!(at(5), None);
        assert_eq!(&*at(15).unwrap().answer.asked, "a.example");
        assert_eq!(&*at(25).unwrap().answer.asked, "b.example");
        assert_eq!(at(25).unwrap().others, ["a.example".into()]);
        assert!(at(200).unwrap().is_stale);
        assert_eq!(resolved.name_at(|_| false, cdn, Timestamp::MAX), None);
    }
}
