//! Datagrams out of fragments (RFC 791 s. 3.2, RFC 8200 s. 4.5).
//!
//! Bytes that came first stay where fragments overlap, whatever their order by offset. The frames of a datagram are
//! counted with it. Two fragments that are further apart in time than RFC 8200 s. 4.5 allows (60 seconds; RFC 791 s. 3.2
//! has 15 to 255) do not belong together, though their identification be the same.

use std::collections::VecDeque;
use std::net::IpAddr;

use firstlight_model::{Fragment, FrameRef, Ip, Layers, Link, Packet, Timestamp, Transport};
use hashbrown::HashMap;

use crate::limits::Limits;
use crate::table::Cost;

/// A piece of a datagram, with all that is needed to read it again.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub cost: Cost,
    pub link: Link,
    pub layers: Layers,
    pub ip: Ip,
    pub bytes: Box<[u8]>,
    pub len: u32,
}

impl Piece {
    /// Memory that it takes.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.bytes.len()
    }

    fn offset(&self) -> u32 {
        self.ip.fragment.map_or(0, |fragment| fragment.offset)
    }

    fn end(&self) -> u32 {
        self.offset().saturating_add(self.len)
    }

    fn is_last(&self) -> bool {
        self.ip.fragment.is_some_and(|fragment| !fragment.more)
    }
}

/// What identifies a datagram (RFC 791 s. 3.2, RFC 8200 s. 4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DatagramKey {
    source: IpAddr,
    destination: IpAddr,
    transport: Transport,
    id: u32,
}

impl DatagramKey {
    /// Of the datagram that a fragment belongs to.
    pub fn of(ip: &Ip, fragment: Fragment) -> Self {
        Self { source: ip.source, destination: ip.destination, transport: ip.transport, id: fragment.id }
    }
}

/// Why a datagram is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All of it was there.
    Whole,
    /// The rest did not come in time.
    Incomplete,
    /// It had to make room.
    Limit,
}

/// A whole datagram, or what there is of one.
#[derive(Debug)]
pub(crate) struct Datagram {
    /// The first piece by offset, or else the first that came; its `ip` describes the datagram.
    pub link: Link,
    pub layers: Layers,
    pub ip: Ip,
    /// Contiguous bytes from the start; empty when the first fragment is missing.
    pub payload: Vec<u8>,
    /// Its length on the wire, which is more where fragments were cut off by the snap length.
    pub len: u32,
    /// All its frames.
    pub cost: Cost,
    pub outcome: Outcome,
    /// The first fragment that says something else than those before it.
    pub overlap: Option<Cost>,
}

/// Fragments of one datagram.
#[derive(Debug, Default)]
struct Pending {
    /// As they came.
    pieces: Vec<Piece>,
    /// Bytes that are there, as half-open intervals: sorted, apart from each other.
    there: Vec<(u32, u32)>,
    /// Where it ends, once its last fragment came.
    end: Option<u32>,
    size: usize,
    /// Its place in the queue.
    ticket: u64,
}

impl Pending {
    fn add(&mut self, piece: Piece) {
        let (start, end) = (piece.offset(), piece.end());
        if piece.is_last() && self.end.is_none() {
            self.end = Some(end);
        }
        let from = self.there.partition_point(|&(_, other_end)| other_end < start);
        let to = self.there.partition_point(|&(other_start, _)| other_start <= end);
        let joined = self.there.get(from..to).unwrap_or_default();
        let start = joined.first().map_or(start, |first| first.0.min(start));
        let end = joined.last().map_or(end, |last| last.1.max(end));
        self.there.splice(from..to, [(start, end)]);
        self.pieces.push(piece);
    }

    fn is_whole(&self) -> bool {
        match (self.there.as_slice(), self.end) {
            (&[(0, reached)], Some(end)) => reached >= end,
            (&[(0, reached), ..], Some(end)) => reached >= end,
            _ => false,
        }
    }

    fn first(&self) -> Option<(Timestamp, FrameRef)> {
        self.pieces.first().map(|piece| piece.cost.order())
    }
}

/// Datagrams under way.
#[derive(Debug, Default)]
pub struct Defragmenter {
    pending: HashMap<DatagramKey, Pending, foldhash::fast::FixedState>,
    /// In the order in which they began. Those that are over stay until they are met.
    queue: VecDeque<(DatagramKey, u64)>,
    next_ticket: u64,
    /// Memory of all pieces.
    size: usize,
    ready: VecDeque<Datagram>,
}

/// A datagram is at most so long (RFC 791, RFC 8200: 16-bit lengths).
const DATAGRAM_LEN_MAX: u32 = 65_535;
/// Memory of a datagram beside its pieces: its place in the table and in the queue.
const DATAGRAM_SIZE: usize = 2 * size_of::<(DatagramKey, Pending)>() + 2 * size_of::<(DatagramKey, u64)>();
/// Memory of an interval.
const INTERVAL_SIZE: usize = 2 * size_of::<(u32, u32)>();

impl Defragmenter {
    /// Adds a fragment. What that completes, or what has to make room, is [`Self::next_ready`].
    pub(crate) fn push(&mut self, cost: Cost, packet: &Packet<'_>, ip: &Ip, fragment: Fragment, limits: &Limits) {
        let key = DatagramKey::of(ip, fragment);
        let piece = Piece {
            cost,
            link: packet.link,
            layers: packet.layers,
            ip: *ip,
            bytes: packet.transport_bytes.into(),
            len: packet.transport_len,
        };
        let first = self.pending.get(&key).and_then(Pending::first);
        if first.is_some_and(|(time, _)| is_apart(cost.time, time, limits)) {
            self.hand_over(&key, Outcome::Incomplete);
        }
        let pending = self.pending.entry(key).or_insert_with(|| {
            self.next_ticket += 1;
            self.queue.push_back((key, self.next_ticket));
            self.size += DATAGRAM_SIZE;
            Pending { ticket: self.next_ticket, size: DATAGRAM_SIZE, ..Pending::default() }
        });
        let size = piece.size() + INTERVAL_SIZE;
        pending.size += size;
        self.size += size;
        pending.add(piece);
        if pending.is_whole() {
            self.hand_over(&key, Outcome::Whole);
        } else if pending.pieces.len() >= limits.fragments_of_datagram {
            self.hand_over(&key, Outcome::Limit);
        }
        while self.pending.len() > limits.datagrams || self.size > limits.fragments_total_bytes {
            let Some((key, ticket)) = self.queue.pop_front() else { break };
            if self.pending.get(&key).is_some_and(|pending| pending.ticket == ticket) {
                self.hand_over(&key, Outcome::Limit);
            }
        }
        self.tidy_queue();
    }

    /// The next datagram that is whole or was given up.
    pub(crate) fn next_ready(&mut self) -> Option<Datagram> {
        self.ready.pop_front()
    }

    /// Gives up the datagrams whose first fragment came before `deadline`, oldest first.
    pub(crate) fn expire(&mut self, deadline: Timestamp) {
        let mut keys: Vec<((Timestamp, FrameRef), DatagramKey)> = self
            .pending
            .iter()
            .filter_map(|(key, pending)| Some((pending.first()?, *key)))
            .filter(|((time, _), _)| *time < deadline)
            .collect();
        keys.sort_unstable_by_key(|(order, _)| *order);
        for (_, key) in keys {
            self.hand_over(&key, Outcome::Incomplete);
        }
    }

    /// Takes out all pieces, by datagram in the order in which those began.
    pub(crate) fn take_pieces(&mut self) -> Vec<Piece> {
        let mut all: Vec<Pending> = self.pending.drain().map(|(_, pending)| pending).collect();
        all.sort_unstable_by_key(|pending| pending.ticket);
        self.queue.clear();
        self.size = 0;
        all.into_iter().flat_map(|pending| pending.pieces).collect()
    }

    /// Those that are over leave the queue when they are half of it.
    fn tidy_queue(&mut self) {
        if self.queue.len() > 2 * self.pending.len() + 64 {
            let Self { queue, pending, .. } = self;
            queue.retain(|(key, ticket)| pending.get(key).is_some_and(|pending| pending.ticket == *ticket));
        }
    }

    fn hand_over(&mut self, key: &DatagramKey, outcome: Outcome) {
        let Some(pending) = self.pending.remove(key) else { return };
        self.size -= pending.size;
        self.ready.extend(assemble(&pending.pieces, outcome));
    }
}

/// Are two fragments too far from each other in time to be of one datagram, whichever was first?
pub(crate) fn is_apart(a: Timestamp, b: Timestamp, limits: &Limits) -> bool {
    a.since_ns(b).unsigned_abs() > limits.fragment_timeout_ns.unsigned_abs()
}

/// Puts pieces together; they stand in the order in which they came.
fn assemble(pieces: &[Piece], outcome: Outcome) -> Option<Datagram> {
    let first = pieces.iter().min_by_key(|piece| piece.offset())?;
    let (one, rest) = pieces.split_first()?;
    let mut cost = one.cost;
    rest.iter().for_each(|piece| cost.add(&piece.cost));
    let len = pieces.iter().map(Piece::end).max()?.min(DATAGRAM_LEN_MAX);
    let mut payload = vec![0; len as usize];
    let mut known = vec![false; len as usize];
    let mut overlap = None;
    for piece in pieces {
        let at = piece.offset() as usize;
        let room = payload.iter_mut().zip(&mut known).skip(at);
        let mut differs = false;
        for ((slot, is_known), byte) in room.zip(&piece.bytes) {
            differs |= *is_known && *slot != *byte;
            if !*is_known {
                *slot = *byte;
                *is_known = true;
            }
        }
        overlap = overlap.or(differs.then_some(piece.cost));
    }
    let mut ip = first.ip;
    ip.total_len = first.ip.total_len.saturating_sub(first.len) + len;
    if first.offset() == 0 {
        ip.fragment = None;
        payload.truncate(known.iter().take_while(|is_known| **is_known).count());
    } else {
        payload.clear();
    }
    Some(Datagram { link: first.link, layers: first.layers, ip, payload, len, cost, outcome, overlap })
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstlight_model::{LinkType, Network, Segment};
    use proptest::prelude::*;

    const LIMITS: fn() -> Limits = Limits::default;

    fn frame(offset: usize, more: bool, data: &[u8]) -> Vec<u8> {
        let mut frame = vec![0x45, 0];
        frame.extend_from_slice(&u16::try_from(20 + data.len()).unwrap().to_be_bytes());
        frame.extend_from_slice(&[0, 7]);
        let field = u16::from(more) << 13 | u16::try_from(offset / 8).unwrap();
        frame.extend_from_slice(&field.to_be_bytes());
        frame.extend_from_slice(&[64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
        frame.extend_from_slice(data);
        frame
    }

    /// Adds a fragment that comes as the `number`th frame at a second.
    fn push(to: &mut Defragmenter, number: u64, second: i64, bytes: &[u8], limits: &Limits) {
        let packet = firstlight_wire::parse(LinkType::RAW, bytes, u32::try_from(bytes.len()).unwrap());
        let (Network::Ip(ip), Segment::Fragment(_)) = (packet.network, packet.segment) else { panic!("{packet:?}") };
        let cost = Cost {
            at: FrameRef { capture: 0, number },
            time: Timestamp::from_parts(second, 0),
            packets: 1,
            wire_bytes: bytes.len() as u64,
            ip_bytes: bytes.len() as u64,
        };
        to.push(cost, &packet, &ip, ip.fragment.unwrap(), limits);
    }

    proptest! {
        #[test]
        fn any_order_and_any_overlap_give_what_a_map_of_bytes_gives(
            pieces in prop::collection::vec((0_usize..24, 1_usize..6, 0_u8..3), 1..24),
            last in 8_usize..24,
        ) {
            let mut defragmenter = Defragmenter::default();
            let (mut naive, mut first_overlap, mut done) = (vec![None; 400], None, None);
            let all = pieces.iter().map(|&(at, len, byte)| (at, len, byte, true)).chain([(last, 1, 9, false)]);
            for (number, (at, len, byte, more)) in (1..).zip(all) {
                push(&mut defragmenter, number, 0, &frame(at * 8, more, &vec![byte; len * 8]), &LIMITS());
                for slot in &mut naive[at * 8..(at + len) * 8] {
                    match slot {
                        None => *slot = Some(byte),
                        Some(known) if *known != byte => { first_overlap.get_or_insert(number); }
                        Some(_) => {}
                    }
                }
                if let Some(datagram) = defragmenter.next_ready() {
                    done = Some(datagram);
                }
            }
            let is_whole = naive[..(last + 1) * 8].iter().all(Option::is_some);
            prop_assert_eq!(done.is_some(), is_whole);
            defragmenter.expire(Timestamp::MAX);
            let datagram = done.or_else(|| defragmenter.next_ready()).unwrap();
            let there: Vec<u8> = naive.iter().map_while(|byte| *byte).collect();
            prop_assert_eq!(datagram.payload, there);
            prop_assert_eq!(datagram.overlap.map(|cost| cost.at.number), first_overlap);
            prop_assert_eq!(datagram.cost.packets, pieces.len() as u64 + 1);
            prop_assert_eq!((defragmenter.size, defragmenter.pending.len()), (0, 0));
        }
    }

    #[test]
    fn fragments_hours_apart_are_not_of_one_datagram() {
        let mut defragmenter = Defragmenter::default();
        push(&mut defragmenter, 1, 0, &frame(0, true, &[1; 8]), &LIMITS());
        push(&mut defragmenter, 2, 7200, &frame(8, false, &[2; 8]), &LIMITS());
        let given_up = defragmenter.next_ready().expect("the first is given up");
        assert_eq!((given_up.outcome, given_up.payload), (Outcome::Incomplete, vec![1; 8]));
        assert!(defragmenter.next_ready().is_none());
        // Nor where the clock goes back.
        push(&mut defragmenter, 3, 0, &frame(0, true, &[1; 8]), &LIMITS());
        assert_eq!(defragmenter.next_ready().map(|datagram| datagram.outcome), Some(Outcome::Incomplete));
        push(&mut defragmenter, 4, 59, &frame(8, false, &[2; 8]), &LIMITS());
        assert_eq!(defragmenter.next_ready().map(|datagram| datagram.outcome), Some(Outcome::Whole));
    }

    #[test]
    fn a_datagram_of_too_many_fragments_is_given_up() {
        let mut defragmenter = Defragmenter::default();
        let limits = Limits { fragments_of_datagram: 100, ..LIMITS() };
        for at in (1..250).rev() {
            push(&mut defragmenter, 1, 0, &frame(at * 8, at < 249, &[3; 8]), &limits);
        }
        let outcomes = std::iter::from_fn(|| defragmenter.next_ready()).map(|datagram| datagram.outcome);
        assert_eq!(outcomes.collect::<Vec<_>>(), [Outcome::Limit; 2]);
        assert_eq!(defragmenter.pending.len(), 1);
    }

    #[test]
    fn the_oldest_make_room_and_memory_stays_below_the_limit() {
        let mut defragmenter = Defragmenter::default();
        let limits = Limits { datagrams: 50, fragments_total_bytes: 30_000, ..LIMITS() };
        let mut given_up = 0;
        for id in 0..1_000_u16 {
            let mut bytes = frame(8, true, &[0; 200]);
            bytes[4..6].copy_from_slice(&id.to_be_bytes());
            push(&mut defragmenter, u64::from(id), 0, &bytes, &limits);
            while let Some(datagram) = defragmenter.next_ready() {
                assert_eq!((datagram.outcome, datagram.cost.at.number), (Outcome::Limit, given_up));
                given_up += 1;
            }
            assert!(defragmenter.pending.len() <= 50 && defragmenter.size <= 30_000);
            assert!(defragmenter.queue.len() <= 2 * 50 + 64);
        }
        assert!(given_up > 900);
    }
}
