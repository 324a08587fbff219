//! Reading a capture in pieces: what a piece cannot know without the one before it, it keeps for later.
//!
//! A piece that does not stand at the start of its capture may begin in the middle of flows. Packets of such flows are
//! set aside as they are, up to limits, and given to the table of the piece before when the two are merged, in the order
//! in which they came; so the result is that of reading the capture in one go, also where frames are not in the order of
//! time, as long as they are not more than [`DISORDER_NS`] out of it where two pieces meet. Fragments are set aside
//! likewise while the piece before may hold others of the same datagram. Beyond the limits the rest of a flow is counted,
//! not read, which is an anomaly (`piece_limit`) where it would have been read in one go.

use firstlight_model::{
    Chunk, Direction, Fragment, Ip, Layer, Layers, Need, Network, Packet, Segment, TcpFlags, Timestamp, Transport,
};
use hashbrown::HashMap;

use super::{CHECKED_PACKETS, Cost, Flow, FlowTable, Handler, held_of};
use crate::defragment::{DatagramKey, Piece, is_apart};
use crate::key::FlowKey;
use crate::limits::{Limits, SECOND_NS};

/// Where a piece stands in its capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// It is the first, or the whole.
    Start,
    /// There is a piece before it.
    Middle,
}

/// Frames of the piece before may be so much later than the first frame of this one.
const DISORDER_NS: i64 = 60 * SECOND_NS;

/// What waits for the piece before.
pub(super) struct Deferred<U> {
    position: Position,
    /// In the order in which they came.
    packets: Vec<Piece>,
    keys: HashMap<FlowKey, Kept, foldhash::fast::RandomState>,
    /// Datagrams of which fragments wait, and when the last of them came.
    datagrams: HashMap<DatagramKey, Timestamp, foldhash::fast::RandomState>,
    bytes: usize,
    /// Flows that are over, but may be the continuation of others.
    pub(super) ended: Vec<Flow<U>>,
}

/// What is kept of one flow.
#[derive(Debug, Clone, Copy, Default)]
struct Kept {
    bytes: usize,
    is_full: bool,
}

/// What became of a packet that the piece before may be needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deferral {
    /// It is set aside.
    Taken,
    /// It should be, but there is no room.
    Full,
    /// It need not be.
    Needless,
}

impl<U> Deferred<U> {
    pub(super) fn new(position: Position) -> Self {
        Self {
            position,
            packets: Vec::new(),
            keys: HashMap::default(),
            datagrams: HashMap::default(),
            bytes: 0,
            ended: Vec::new(),
        }
    }

    /// From here on nothing is set aside.
    pub(super) fn release(&mut self) {
        self.position = Position::Start;
    }

    /// May the flow that this packet opens in our table be the continuation of one that the piece before has seen?
    pub(super) fn may_continue(
        &self,
        deferral: Deferral,
        packet: &Packet<'_>,
        now: Timestamp,
        started: Option<Timestamp>,
        limits: &Limits,
    ) -> bool {
        self.position == Position::Middle
            && (deferral == Deferral::Full
                || is_first_syn(packet) && is_within(now, started, limits.tcp_transitory_timeout_ns))
    }

    /// Keeps a flow that is over for the piece before; gives it back when there is no room.
    pub(super) fn keep_ended(&mut self, flow: Flow<U>, limits: &Limits) -> Option<Flow<U>> {
        if self.ended.len() >= limits.deferred_flows {
            return Some(flow);
        }
        self.ended.push(flow);
        None
    }
}

/// Is a time so close to the beginning of the piece that something before it may still matter?
fn is_within(now: Timestamp, started: Option<Timestamp>, horizon_ns: i64) -> bool {
    started.is_some_and(|started| now.since_ns(started) <= horizon_ns + DISORDER_NS)
}

/// The path to a packet's network layer: what is inside of it is found again when it is read again.
fn up_to_network(layers: Layers) -> Layers {
    let path = layers.as_slice();
    let end = path.iter().rposition(|layer| matches!(layer, Layer::Ipv4 | Layer::Ipv6)).map_or(path.len(), |at| at + 1);
    Layers::of(path.get(..end).unwrap_or(path))
}

/// A SYN without ACK: whatever there was before, this may be read from here.
fn is_first_syn(packet: &Packet<'_>) -> bool {
    matches!(&packet.segment, Segment::Tcp(tcp) if tcp.flags.has(TcpFlags::SYN) && !tcp.flags.has(TcpFlags::ACK))
}

impl<U: Default> FlowTable<U> {
    /// Sets a packet aside if the piece before is needed to understand it.
    pub(super) fn defer(&mut self, key: &FlowKey, cost: Cost, packet: &Packet<'_>, ip: &Ip) -> Deferral {
        let limits = self.limits;
        let deferred = &mut self.deferred;
        if deferred.position == Position::Start {
            return Deferral::Needless;
        }
        let mut size = size_of::<Piece>() + packet.transport_bytes.len();
        let known = deferred.keys.get_mut(key);
        if known.is_none() {
            size += 2 * size_of::<(FlowKey, Kept)>();
            let horizon = match key.transport() {
                Transport::TCP if is_first_syn(packet) => return Deferral::Needless,
                Transport::TCP => limits.tcp_timeout_ns,
                Transport::UDP => limits.udp_timeout_ns,
                _ => limits.other_timeout_ns,
            };
            if !is_within(cost.time, self.started, horizon) {
                return Deferral::Needless;
            }
        }
        let is_full = deferred.bytes + size > limits.deferred_total_bytes;
        match known {
            None if is_full => return Deferral::Full,
            None => {
                deferred.keys.insert(*key, Kept { bytes: size, is_full: false });
            }
            Some(kept) => {
                kept.is_full |= is_full || kept.bytes + size > limits.deferred_flow_bytes;
                if kept.is_full {
                    return Deferral::Full;
                }
                kept.bytes += size;
            }
        }
        deferred.bytes += size;
        deferred.packets.push(Piece {
            cost,
            link: packet.link,
            layers: up_to_network(packet.layers),
            ip: *ip,
            bytes: packet.transport_bytes.into(),
            len: packet.transport_len,
        });
        Deferral::Taken
    }

    /// Sets a fragment aside if the piece before may hold others of its datagram.
    pub(super) fn defer_fragment(&mut self, cost: Cost, packet: &Packet<'_>, ip: &Ip, fragment: Fragment) -> Deferral {
        let limits = self.limits;
        let deferred = &mut self.deferred;
        if deferred.position == Position::Start {
            return Deferral::Needless;
        }
        let key = DatagramKey::of(ip, fragment);
        let may_belong = match deferred.datagrams.get(&key) {
            Some(last) => !is_apart(cost.time, *last, &limits),
            None => is_within(cost.time, self.started, limits.fragment_timeout_ns),
        };
        if !may_belong {
            return Deferral::Needless;
        }
        let size = size_of::<Piece>() + packet.transport_bytes.len() + 2 * size_of::<(DatagramKey, Timestamp)>();
        if deferred.bytes + size > limits.deferred_total_bytes {
            return Deferral::Full;
        }
        deferred.bytes += size;
        deferred.datagrams.insert(key, cost.time);
        deferred.packets.push(Piece {
            cost,
            link: packet.link,
            layers: packet.layers,
            ip: *ip,
            bytes: packet.transport_bytes.into(),
            len: packet.transport_len,
        });
        Deferral::Taken
    }

    /// Reads what was set aside.
    pub(super) fn replay<H: Handler<Session = U>>(&mut self, handler: &mut H) {
        let pieces = std::mem::take(&mut self.deferred.packets);
        self.deferred.keys.clear();
        self.deferred.datagrams.clear();
        self.deferred.bytes = 0;
        for piece in &pieces {
            self.push_piece(piece, handler);
        }
    }

    fn push_piece<H: Handler<Session = U>>(&mut self, piece: &Piece, handler: &mut H) {
        if let Some(fragment) = piece.ip.fragment {
            let packet = Packet {
                layers: piece.layers,
                link: piece.link,
                network: Network::Ip(piece.ip),
                segment: Segment::Fragment(&piece.bytes),
                transport_bytes: &piece.bytes,
                transport_len: piece.len,
                stop: None,
            };
            self.push_fragment(piece.cost, &packet, &piece.ip, fragment, handler);
            return;
        }
        let packet = firstlight_wire::parse_datagram(piece.link, piece.layers, piece.ip, &piece.bytes, piece.len);
        self.push_whole(piece.cost, &packet, &piece.ip, handler);
    }

    /// Adds the table of the piece that comes next. The result is that of one table that was given the packets of
    /// both. `handler` must have absorbed what the other's handler kept already.
    pub fn merge<H: Handler<Session = U>>(&mut self, mut next: Self, handler: &mut H) {
        let mut pieces = std::mem::take(&mut next.deferred.packets);
        pieces.extend(next.defragmenter.take_pieces());
        self.started = self.started.or(next.started);
        for piece in &pieces {
            self.push_piece(piece, handler);
        }
        // Of two with the same key the one that was over first comes first.
        for flow in std::mem::take(&mut next.deferred.ended) {
            self.adopt(flow, Life::Over, handler);
        }
        let mut live: Vec<Flow<U>> = next.flows.into_iter().flatten().collect();
        live.sort_by_key(|flow| (flow.first, flow.first_at));
        for flow in live {
            self.adopt(flow, Life::UnderWay, handler);
        }
        self.clock = next.clock;
    }

    fn adopt<H: Handler<Session = U>>(&mut self, mut flow: Flow<U>, life: Life, handler: &mut H) {
        let hash = self.hash(&flow.key);
        if let Some(at) = self.find(hash, &flow.key) {
            if self.flow(at).is_some_and(|mine| joins(mine, &flow, &self.limits)) {
                let mine = self.flows.get_mut(at as usize).and_then(Option::as_mut);
                if let Some(mine) = mine {
                    let before = held_of(mine);
                    absorb(mine, flow, handler);
                    self.held_size = self.held_size - before + held_of(mine);
                }
                if life == Life::Over {
                    self.end(at, handler);
                }
                return;
            }
            self.end(at, handler);
        }
        flow.continues &= self.deferred.position == Position::Middle;
        match life {
            Life::UnderWay => {
                self.held_size += held_of(&flow);
                self.insert(flow, hash);
            }
            Life::Over => self.close_or_keep(flow, handler),
        }
    }
}

/// Is a flow of the next piece still under way at its end?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    UnderWay,
    Over,
}

/// Where a flow begins, as the place of an anomaly.
pub(super) fn first_of<U>(flow: &Flow<U>) -> Cost {
    Cost { at: flow.first_at, time: flow.first, packets: 0, wire_bytes: 0, ip_bytes: 0 }
}

/// Is `next` the continuation of `mine`?
fn joins<U>(mine: &Flow<U>, next: &Flow<U>, limits: &Limits) -> bool {
    if !next.continues || next.opened.since_ns(mine.last) > mine.timeout_ns(limits) {
        return false;
    }
    let (Some(a), Some(b)) = (&mine.tcp, &next.tcp) else { return true };
    let turned = mine.originator_is_low != next.originator_is_low;
    [Direction::Originator, Direction::Responder].into_iter().all(|direction| {
        let theirs = b.half(if turned { direction.flipped() } else { direction });
        match (a.half(direction).isn, theirs.isn) {
            (Some(a), Some(b)) => a == b,
            (None, Some(_)) => !a.half(direction).active,
            _ => true,
        }
    })
}

fn absorb<H: Handler>(mine: &mut Flow<H::Session>, mut next: Flow<H::Session>, handler: &mut H) {
    if next.is_rest && !mine.is_rest && mine.reading {
        handler.anomaly("piece_limit", &first_of(&next));
    }
    let turned = mine.originator_is_low != next.originator_is_low;
    for (direction, packets, cost) in std::mem::take(&mut next.wrong_checksums) {
        let direction = if turned { direction.flipped() } else { direction };
        let packets = packets + mine.half(direction).packets;
        if packets <= CHECKED_PACKETS {
            mine.wrong_checksums.push((direction, packets, cost));
        }
    }
    if turned {
        next.halves.swap(0, 1);
        if let Some(tcp) = &mut next.tcp {
            tcp.halves.swap(0, 1);
        }
    }
    if (next.first, next.first_at) < (mine.first, mine.first_at) {
        mine.first = next.first;
        mine.first_at = next.first_at;
    }
    mine.last = mine.last.max(next.last);
    for (half, more) in mine.halves.iter_mut().zip(&next.halves) {
        half.packets += more.packets;
        half.wire_bytes += more.wire_bytes;
        half.ip_bytes += more.ip_bytes;
        half.payload_bytes += more.payload_bytes;
        half.cut += more.cut;
        half.mac = half.mac.or(more.mac);
        half.to_mac = half.to_mac.or(more.to_mac);
    }
    mine.history.absorb(&next.history, turned);
    if let (Some(mut state), Some(more)) = (mine.tcp.take(), next.tcp.take()) {
        let untouched = state.halves.iter().all(crate::tcp::TcpHalf::is_untouched);
        let was_closed = state.is_closed();
        let mut gaps = [0_u64; 2];
        for ((half, other), gap) in state.halves.iter_mut().zip(more.halves).zip(&mut gaps) {
            if untouched {
                half.take_over(other);
            } else {
                *gap = half.absorb(other);
            }
        }
        if was_closed {
            state.halves.iter_mut().for_each(|half| half.reset = false);
        }
        for (counted, half) in mine.halves.iter_mut().zip(&state.halves) {
            counted.payload_bytes = half.coverage.total();
        }
        if untouched {
            mine.reading = next.reading;
        }
        for (direction, gap) in [Direction::Originator, Direction::Responder].into_iter().zip(gaps) {
            let cost = first_of(mine);
            if gap > 0 && mine.reading && handler.stream(mine, direction, Chunk::Gap(gap), &cost) == Need::Nothing {
                mine.reading = false;
            }
        }
        mine.from_start |= state.half(Direction::Originator).isn.is_some();
        mine.tcp = Some(state);
    }
    handler.absorb(&mut mine.session, next.session);
}
