//! Parting the frames of a capture by the connection that they belong to: a first reading says what the connections and
//! contacts are, a second one takes each frame to its own. For writing a capture without what is explained.
//!
//! A connection that could not be told apart any more (beyond the limits) parts nothing: its frames stay.

use std::collections::{HashMap, VecDeque};

use firstlight_analysis::{Connection, assemble_with_members};
use firstlight_capture::{Progress, Source};
use firstlight_flow::{DatagramKey, FlowKey};
use firstlight_model::report::Report;
use firstlight_model::{Frame, Network, Timestamp};

use crate::{Options, read};

/// Datagrams whose later fragments are still waited for.
const DATAGRAMS: usize = 1 << 12;

/// A connection, what it asked the DNS, and the contact in the report that it belongs to.
#[derive(Debug, Clone)]
pub struct Member {
    /// Place in [`Report::contacts`]; `None` for connections between machines that are not in the report.
    pub contact: Option<usize>,
    /// Names that it looked up.
    pub queries: Vec<String>,
    key: FlowKey,
    first: Timestamp,
    last: Timestamp,
}

/// Reads all of the source: the report, and every connection with its contact.
pub fn members(source: Source, options: &Options, on_progress: &mut dyn FnMut(&Progress)) -> (Report, Vec<Member>) {
    let (tally, captures) = read(source, on_progress);
    let mut members = Vec::new();
    let report = assemble_with_members(tally, captures, options, &mut |connection, contact| {
        if connection.count == 1 {
            members.push(member(connection, contact));
        }
    });
    (report, members)
}

fn member(connection: &Connection, contact: Option<usize>) -> Member {
    let queries = connection
        .facts
        .as_ref()
        .map_or_else(Vec::new, |facts| facts.queries.iter().map(|name| (**name).to_owned()).collect());
    let [mac, _] = connection.macs;
    let (key, _) = FlowKey::between(connection.originator, connection.responder, connection.transport, mac);
    Member { contact, queries, key, first: connection.first.time, last: connection.last }
}

/// Says of each frame whether its connection is one that goes.
#[derive(Debug, Default)]
pub struct Sieve {
    /// Of each pair of ends: beginning, end, and whether it goes, in order of time.
    connections: HashMap<FlowKey, Vec<(Timestamp, Timestamp, bool)>>,
    /// What became of the first fragment of a datagram.
    datagrams: HashMap<DatagramKey, bool>,
    order: VecDeque<DatagramKey>,
}

impl Sieve {
    /// A sieve through which connections go for which `goes` says so.
    pub fn new(members: &[Member], goes: &dyn Fn(&Member) -> bool) -> Self {
        let mut connections: HashMap<FlowKey, Vec<(Timestamp, Timestamp, bool)>> = HashMap::new();
        for member in members {
            connections.entry(member.key).or_default().push((member.first, member.last, goes(member)));
        }
        connections.values_mut().for_each(|list| list.sort_unstable());
        Self { connections, ..Self::default() }
    }

    /// Does the frame belong to a connection that goes?
    pub fn goes(&mut self, frame: &Frame<'_>) -> bool {
        let packet = firstlight_wire::parse(frame.link_type, frame.data, frame.original_len);
        let Network::Ip(ip) = &packet.network else { return false };
        let datagram = ip.fragment.map(|fragment| DatagramKey::of(ip, fragment));
        if let (Some(datagram), Some(fragment)) = (datagram, ip.fragment)
            && fragment.offset > 0
        {
            return self.datagrams.get(&datagram).copied().unwrap_or(false);
        }
        let (key, _) = FlowKey::of(&packet.link, ip, &packet.segment);
        let goes = self.connections.get(&key).is_some_and(|list| {
            let after = list.partition_point(|(first, _, _)| *first <= frame.time);
            let at = after.checked_sub(1).and_then(|at| list.get(at));
            at.is_some_and(|(_, last, goes)| *goes && frame.time <= *last)
        });
        if let Some(datagram) = datagram {
            self.remember(datagram, goes);
        }
        goes
    }

    fn remember(&mut self, datagram: DatagramKey, goes: bool) {
        if self.datagrams.insert(datagram, goes).is_none() {
            self.order.push_back(datagram);
            if self.order.len() > DATAGRAMS
                && let Some(oldest) = self.order.pop_front()
            {
                self.datagrams.remove(&oldest);
            }
        }
    }
}
