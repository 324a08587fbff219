//! The table of flows: every packet finds its conversation here.

use std::cmp::Reverse;

use firstlight_model::{
    Chunk, Direction, Endpoint, Fragment, FrameRef, Ip, Layer, MacAddress, Need, Network, Packet, Segment, Tcp,
    TcpFlags, Timestamp, Transport,
};
use hashbrown::HashTable;

use crate::defragment::{Datagram, Defragmenter, Outcome};
use crate::direction::sender_is_responder;
use crate::history::History;
use crate::key::FlowKey;
use crate::limits::{Limits, SECOND_NS};
use crate::tcp::{Room, TcpState};

mod merge;

pub use merge::Position;
use merge::{Deferral, Deferred};

/// Packets of each direction whose checksum is computed.
const CHECKED_PACKETS: u64 = 8;
/// The table is swept after so many packets,
const SWEEP_PACKETS: u32 = 1 << 16;
/// or after so much time and at least so many packets.
const SWEEP_NS: u64 = 60 * SECOND_NS.unsigned_abs();
const SWEEP_PACKETS_MIN: u32 = 1 << 10;

/// Which frames a packet took, and how many bytes they had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// The last frame of it.
    pub at: FrameRef,
    /// Its time.
    pub time: Timestamp,
    /// Frames: 1, or the number of fragments.
    pub packets: u64,
    /// Sum of their original lengths.
    pub wire_bytes: u64,
    /// Sum of their IP datagram lengths.
    pub ip_bytes: u64,
}

impl Cost {
    /// Sorts as frames do.
    pub(crate) fn order(&self) -> (Timestamp, FrameRef) {
        (self.time, self.at)
    }

    pub(crate) fn add(&mut self, other: &Self) {
        if other.order() > self.order() {
            self.at = other.at;
            self.time = other.time;
        }
        self.packets += other.packets;
        self.wire_bytes += other.wire_bytes;
        self.ip_bytes += other.ip_bytes;
    }
}

/// What one side of a flow has sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Half {
    /// Frames.
    pub packets: u64,
    /// Their original lengths.
    pub wire_bytes: u64,
    /// IP datagram lengths.
    pub ip_bytes: u64,
    /// Transport payload as declared; for TCP without retransmissions.
    pub payload_bytes: u64,
    /// Link address of the sender, from its first frame.
    pub mac: Option<MacAddress>,
    /// Link address that it sent its first frame to.
    pub to_mac: Option<MacAddress>,
    /// Frames whose payload was cut off by the snap length.
    pub cut: u64,
}

/// A conversation, and what its reader keeps of it.
#[derive(Debug)]
pub struct Flow<U> {
    /// Both endpoints.
    pub key: FlowKey,
    /// The lower endpoint is the originator.
    pub originator_is_low: bool,
    /// Outermost VLAN of the first frame.
    pub vlan: u16,
    /// Innermost tunnel of the first frame.
    pub tunnel: Option<Layer>,
    /// Earliest frame.
    pub first: Timestamp,
    /// Latest frame.
    pub last: Timestamp,
    /// The frame of `first`.
    pub first_at: FrameRef,
    /// By direction.
    pub halves: [Half; 2],
    /// For TCP.
    pub tcp: Option<Box<TcpState>>,
    /// Zeek's letters.
    pub history: History,
    /// What the reader keeps.
    pub session: U,
    /// The reader wants more bytes.
    pub reading: bool,
    from_start: bool,
    /// Time of the frame that came first, which need not be the earliest.
    opened: Timestamp,
    /// The rest of a flow of which a piece of a capture could not keep all: it is counted, not read.
    is_rest: bool,
    /// Wrong checksums of a flow that may be a continuation: by whom, which of its packets, where. How many packets came
    /// before them only the piece before knows.
    wrong_checksums: Vec<(Direction, u64, Cost)>,
    /// The piece before may hold its beginning.
    continues: bool,
}

impl<U> Flow<U> {
    /// Who began.
    pub fn originator(&self) -> Endpoint {
        if self.originator_is_low { self.key.low() } else { self.key.high() }
    }

    /// The other side.
    pub fn responder(&self) -> Endpoint {
        if self.originator_is_low { self.key.high() } else { self.key.low() }
    }

    /// What one side has sent.
    pub fn half(&self, direction: Direction) -> &Half {
        let [originator, responder] = &self.halves;
        if direction == Direction::Originator { originator } else { responder }
    }

    fn half_mut(&mut self, direction: Direction) -> &mut Half {
        let [originator, responder] = &mut self.halves;
        if direction == Direction::Originator { originator } else { responder }
    }

    /// The originator's SYN was seen: its stream is read from its first byte. True of all that has no SYN.
    pub fn from_start(&self) -> bool {
        self.from_start
    }

    /// How long it may be quiet.
    fn timeout_ns(&self, limits: &Limits) -> i64 {
        match &self.tcp {
            Some(tcp) if tcp.is_over() || !tcp.halves.iter().all(|half| half.active) => {
                limits.tcp_transitory_timeout_ns
            }
            Some(_) => limits.tcp_timeout_ns,
            None if self.key.transport() == Transport::UDP => limits.udp_timeout_ns,
            None => limits.other_timeout_ns,
        }
    }
}

/// Whoever reads the bytes of flows.
pub trait Handler {
    /// What it keeps of a flow.
    type Session: Default;

    /// The next bytes of one direction of a TCP connection, in order.
    fn stream(&mut self, flow: &mut Flow<Self::Session>, direction: Direction, chunk: Chunk<'_>, cost: &Cost) -> Need;

    /// A datagram of any other protocol; `payload` is what was captured of its `len` bytes. For ICMP and IGMP the whole
    /// message.
    fn datagram(
        &mut self,
        flow: &mut Flow<Self::Session>,
        direction: Direction,
        payload: &[u8],
        len: u32,
        cost: &Cost,
    ) -> Need;

    /// The flow is over.
    fn ended(&mut self, flow: Flow<Self::Session>);

    /// The session of a flow's continuation, read apart, is added to that of its beginning.
    fn absorb(&mut self, session: &mut Self::Session, continuation: Self::Session);

    /// Do the readers hold more together than they may? Then [`Self::give_up`] is called for those that hold most, until
    /// [`Self::is_relieved`].
    fn is_overfull(&self) -> bool;

    /// Is there room again?
    fn is_relieved(&self) -> bool;

    /// Memory that a reader holds, in bytes.
    fn held_len(&self, session: &Self::Session) -> usize;

    /// Stops reading a flow and forgets what is held of it.
    fn give_up(&mut self, flow: &mut Flow<Self::Session>);

    /// Something is odd.
    fn anomaly(&mut self, kind: &'static str, cost: &Cost);
}

/// All flows under way.
pub struct FlowTable<U> {
    limits: Limits,
    index: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
    flows: Vec<Option<Flow<U>>>,
    free: Vec<u32>,
    defragmenter: Defragmenter,
    clock: Timestamp,
    started: Option<Timestamp>,
    swept: Timestamp,
    packets_since_sweep: u32,
    held_size: usize,
    deferred: Deferred<U>,
}

impl<U: Default> FlowTable<U> {
    /// An empty table for a capture, or for the piece of one that stands at `position`.
    pub fn new(limits: Limits, position: Position) -> Self {
        Self {
            limits,
            index: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            flows: Vec::new(),
            free: Vec::new(),
            defragmenter: Defragmenter::default(),
            clock: Timestamp::ZERO,
            started: None,
            swept: Timestamp::ZERO,
            packets_since_sweep: 0,
            held_size: 0,
            deferred: Deferred::new(position),
        }
    }

    /// Takes a packet in; false when it has no network layer and so belongs to no flow.
    pub fn push<H: Handler<Session = U>>(&mut self, cost: Cost, packet: &Packet<'_>, handler: &mut H) -> bool {
        let Network::Ip(ip) = &packet.network else { return false };
        self.tick(&cost, handler);
        if ip.checksum_ok == Some(false) {
            handler.anomaly("ip_checksum", &cost);
        }
        match (ip.fragment, &packet.segment) {
            (Some(fragment), Segment::Fragment(_)) => {
                self.push_fragment(cost, packet, ip, fragment, handler);
            }
            _ => self.push_whole(cost, packet, ip, handler),
        }
        if handler.is_overfull() {
            self.relieve(handler);
        }
        true
    }

    /// Stops reading the flows whose readers hold most; among those that hold as much, the oldest first.
    fn relieve<H: Handler<Session = U>>(&mut self, handler: &mut H) {
        let mut holders: Vec<(Reverse<usize>, Timestamp, FrameRef, u32)> = (0_u32..)
            .zip(&self.flows)
            .filter_map(|(at, flow)| Some((at, flow.as_ref()?)))
            .map(|(at, flow)| (Reverse(handler.held_len(&flow.session)), flow.first, flow.first_at, at))
            .filter(|(held, ..)| held.0 > 0)
            .collect();
        holders.sort_unstable();
        for (_, _, _, at) in holders {
            if handler.is_relieved() {
                break;
            }
            let Some(flow) = self.flows.get_mut(at as usize).and_then(Option::as_mut) else { continue };
            handler.anomaly("session_limit", &merge::first_of(flow));
            handler.give_up(flow);
            flow.reading = false;
            let before = held_of(flow);
            if let Some(state) = &mut flow.tcp {
                state.halves.iter_mut().for_each(crate::tcp::TcpHalf::forget);
            }
            self.held_size = self.held_size - before + held_of(flow);
        }
    }

    fn push_fragment<H: Handler<Session = U>>(
        &mut self,
        cost: Cost,
        packet: &Packet<'_>,
        ip: &Ip,
        fragment: Fragment,
        handler: &mut H,
    ) {
        match self.defer_fragment(cost, packet, ip, fragment) {
            Deferral::Taken => return,
            Deferral::Full => handler.anomaly("piece_limit", &cost),
            Deferral::Needless => {}
        }
        self.defragmenter.push(cost, packet, ip, fragment, &self.limits);
        self.push_datagrams(handler);
    }

    /// Takes in what the fragments have made.
    fn push_datagrams<H: Handler<Session = U>>(&mut self, handler: &mut H) {
        while let Some(datagram) = self.defragmenter.next_ready() {
            self.push_datagram(&datagram, handler);
        }
    }

    fn push_datagram<H: Handler<Session = U>>(&mut self, datagram: &Datagram, handler: &mut H) {
        if datagram.outcome != Outcome::Whole {
            handler.anomaly("fragments_incomplete", &datagram.cost);
        }
        if datagram.outcome == Outcome::Limit {
            handler.anomaly("fragment_limit", &datagram.cost);
        }
        if let Some(cost) = &datagram.overlap {
            handler.anomaly("fragments_overlap", cost);
        }
        let Datagram { link, layers, ip, payload, len, .. } = datagram;
        let packet = firstlight_wire::parse_datagram(*link, *layers, *ip, payload, *len);
        if let Network::Ip(ip) = packet.network {
            self.push_whole(datagram.cost, &packet, &ip, handler);
        }
    }

    fn push_whole<H: Handler<Session = U>>(&mut self, cost: Cost, packet: &Packet<'_>, ip: &Ip, handler: &mut H) {
        let (key, source_is_low) = FlowKey::of(&packet.link, ip, &packet.segment);
        let hash = self.hash(&key);
        let mut slot = self.find(hash, &key);
        let deferral = if slot.is_none() { self.defer(&key, cost, packet, ip) } else { Deferral::Needless };
        if deferral == Deferral::Taken {
            return;
        }
        if let Some(at) = slot {
            let over = self.flow(at).is_some_and(|flow| {
                cost.time.since_ns(flow.last) > flow.timeout_ns(&self.limits)
                    || begins_anew(flow, packet, source_is_low)
            });
            if over {
                self.end(at, handler);
                slot = None;
            }
        }
        let at = match slot {
            Some(at) => at,
            None => self.open(key, hash, cost, packet, ip, source_is_low, deferral, handler),
        };
        self.update(at, cost, packet, source_is_low, handler);
    }

    fn update<H: Handler<Session = U>>(
        &mut self,
        at: u32,
        cost: Cost,
        packet: &Packet<'_>,
        source_is_low: bool,
        handler: &mut H,
    ) {
        let limits = self.limits;
        let Some(flow) = self.flows.get_mut(at as usize).and_then(Option::as_mut) else { return };
        let direction =
            if source_is_low == flow.originator_is_low { Direction::Originator } else { Direction::Responder };
        if cost.order() < (flow.first, flow.first_at) {
            flow.first = cost.time;
            flow.first_at = cost.at;
        }
        flow.last = flow.last.max(cost.time);
        let half = flow.half_mut(direction);
        half.packets += cost.packets;
        half.wire_bytes += cost.wire_bytes;
        half.ip_bytes += cost.ip_bytes;
        if half.mac.is_none() {
            half.mac = packet.link.source;
            half.to_mac = packet.link.destination;
        }
        let packets = half.packets;
        if packets <= CHECKED_PACKETS && !flow.is_rest && firstlight_wire::transport_checksum_ok(packet) == Some(false)
        {
            if flow.tcp.is_some() || flow.key.transport() == Transport::UDP {
                flow.history.once(direction, b'C');
            }
            if flow.continues {
                flow.wrong_checksums.push((direction, packets, cost));
            } else {
                handler.anomaly(checksum_anomaly(flow.key.transport()), &cost);
            }
        }
        if let Segment::Tcp(tcp) = &packet.segment {
            let before = held_of(flow);
            let budget = limits.reorder_total_bytes.saturating_sub(self.held_size - before);
            if let (Network::Ip(ip), Some(state)) = (&packet.network, &mut flow.tcp) {
                state.half_mut(direction).hop_limits.add(ip.hop_limit, cost.order());
            }
            update_tcp(flow, direction, tcp, &cost, &limits, budget, handler);
            self.held_size = self.held_size - before + held_of(flow);
            return;
        }
        let (payload, len) = payload_of(&packet.segment, packet);
        let half = flow.half_mut(direction);
        half.payload_bytes += u64::from(len);
        half.cut += u64::from((payload.len() as u64) < u64::from(len));
        flow.history.once(direction, b'D');
        // A control message is nothing without its header.
        let (payload, len) = match &packet.segment {
            Segment::Icmp(_) | Segment::Icmpv6(_) => (packet.transport_bytes, packet.transport_len),
            _ => (payload, len),
        };
        if flow.reading && handler.datagram(flow, direction, payload, len, &cost) == Need::Nothing {
            flow.reading = false;
        }
    }

    #[allow(clippy::too_many_arguments, reason = "all of them describe the one packet")]
    fn open<H: Handler<Session = U>>(
        &mut self,
        key: FlowKey,
        hash: u64,
        cost: Cost,
        packet: &Packet<'_>,
        ip: &Ip,
        source_is_low: bool,
        deferral: Deferral,
        handler: &mut H,
    ) -> u32 {
        if self.index.len() >= self.limits.flows {
            self.make_room(&cost, handler);
        }
        let turned = sender_is_responder(ip, &packet.segment);
        let mut history = History::default();
        let is_syn_ack = matches!(&packet.segment, Segment::Tcp(tcp) if tcp.flags.has(TcpFlags::SYN));
        if turned && !is_syn_ack && matches!(key.transport(), Transport::TCP | Transport::UDP) {
            history.flipped();
        }
        // The rest of a flow of which too much was to be set aside is counted only: its beginning is elsewhere.
        let is_rest = matches!(packet.segment, Segment::Tcp(_)) && deferral == Deferral::Full;
        let flow = Flow {
            key,
            originator_is_low: source_is_low != turned,
            vlan: packet.link.vlan,
            tunnel: packet.layers.tunnel(),
            first: cost.time,
            last: cost.time,
            first_at: cost.at,
            opened: cost.time,
            halves: [Half::default(); 2],
            tcp: matches!(packet.segment, Segment::Tcp(_)).then(Box::default),
            from_start: !matches!(packet.segment, Segment::Tcp(_)),
            history,
            session: U::default(),
            reading: !is_rest,
            is_rest,
            wrong_checksums: Vec::new(),
            continues: self.deferred.may_continue(deferral, packet, cost.time, self.started, &self.limits),
        };
        self.insert(flow, hash)
    }

    fn insert(&mut self, flow: Flow<U>, hash: u64) -> u32 {
        let at = match self.free.pop() {
            Some(at) => at,
            None => {
                self.flows.push(None);
                u32::try_from(self.flows.len() - 1).expect("the limit of flows is far below 2^32")
            }
        };
        if let Some(slot) = self.flows.get_mut(at as usize) {
            *slot = Some(flow);
        }
        let Self { index, flows, hasher, .. } = self;
        index.insert_unique(hash, at, |&at| {
            flows.get(at as usize).and_then(Option::as_ref).map_or(0, |flow| hash_with(hasher, &flow.key))
        });
        at
    }

    fn hash(&self, key: &FlowKey) -> u64 {
        hash_with(&self.hasher, key)
    }

    fn find(&self, hash: u64, key: &FlowKey) -> Option<u32> {
        self.index.find(hash, |&at| self.flow(at).is_some_and(|flow| flow.key == *key)).copied()
    }

    fn flow(&self, at: u32) -> Option<&Flow<U>> {
        self.flows.get(at as usize).and_then(Option::as_ref)
    }

    fn remove(&mut self, at: u32) -> Option<Flow<U>> {
        let flow = self.flows.get_mut(at as usize)?.take()?;
        let hash = self.hash(&flow.key);
        if let Ok(entry) = self.index.find_entry(hash, |&other| other == at) {
            entry.remove();
        }
        self.free.push(at);
        Some(flow)
    }

    fn end<H: Handler<Session = U>>(&mut self, at: u32, handler: &mut H) {
        let Some(flow) = self.remove(at) else { return };
        self.held_size = self.held_size.saturating_sub(held_of(&flow));
        self.close_or_keep(flow, handler);
    }

    /// A flow is over: keeps it for the piece before if it may be a continuation.
    fn close_or_keep<H: Handler<Session = U>>(&mut self, flow: Flow<U>, handler: &mut H) {
        if !flow.continues {
            return close(flow, handler);
        }
        if let Some(flow) = self.deferred.keep_ended(flow, &self.limits) {
            handler.anomaly("piece_limit", &merge::first_of(&flow));
            close(flow, handler);
        }
    }

    /// Sets the clock, and from time to time ends what was quiet for too long. The clock is that of the packet at
    /// hand, not the latest ever seen: one stray time stamp, or a file of an earlier day, must not end all flows.
    fn tick<H: Handler<Session = U>>(&mut self, cost: &Cost, handler: &mut H) {
        self.started.get_or_insert(cost.time);
        self.clock = cost.time;
        self.packets_since_sweep += 1;
        // A sweep looks at every flow, so it waits for a number of packets that pays for it.
        let is_due = self.packets_since_sweep >= SWEEP_PACKETS
            || (self.packets_since_sweep >= SWEEP_PACKETS_MIN
                && self.packets_since_sweep as usize >= self.index.len() / 8
                && self.clock.since_ns(self.swept).unsigned_abs() >= SWEEP_NS);
        if is_due {
            self.packets_since_sweep = 0;
            self.swept = self.clock;
            self.sweep(handler);
        }
    }

    fn sweep<H: Handler<Session = U>>(&mut self, handler: &mut H) {
        // Twice the time-out, so that a clock that jumps back a little finds its flows still there.
        let clock = self.clock;
        let limits = self.limits;
        let over: Vec<u32> = (0_u32..)
            .zip(&self.flows)
            .filter_map(|(at, flow)| Some((at, flow.as_ref()?)))
            .filter(|(_, flow)| clock.since_ns(flow.last) > 2 * flow.timeout_ns(&limits))
            .map(|(at, _)| at)
            .collect();
        for at in over {
            self.end(at, handler);
        }
        let deadline = clock.plus_ns(-2 * limits.fragment_timeout_ns);
        self.defragmenter.expire(deadline);
        self.push_datagrams(handler);
    }

    /// Ends a sixteenth of the flows, those that were quiet for longest.
    fn make_room<H: Handler<Session = U>>(&mut self, cost: &Cost, handler: &mut H) {
        handler.anomaly("flow_limit", cost);
        let mut quiet: Vec<(Timestamp, FrameRef, u32)> = (0_u32..)
            .zip(&self.flows)
            .filter_map(|(at, flow)| flow.as_ref().map(|flow| (flow.last, flow.first_at, at)))
            .collect();
        let count = self.limits.flows / 16 + 1;
        if count < quiet.len() {
            quiet.select_nth_unstable(count);
            quiet.truncate(count);
        }
        quiet.sort_unstable();
        for (_, _, at) in quiet {
            self.end(at, handler);
        }
    }

    /// Ends all that is under way.
    pub fn finish<H: Handler<Session = U>>(mut self, handler: &mut H) {
        self.deferred.release();
        self.replay(handler);
        self.defragmenter.expire(Timestamp::MAX);
        self.push_datagrams(handler);
        let mut flows: Vec<Flow<U>> = self.flows.into_iter().flatten().chain(self.deferred.ended).collect();
        flows.sort_by_key(|flow| (flow.first, flow.first_at));
        for flow in flows {
            close(flow, handler);
        }
    }
}

fn hash_with(hasher: &foldhash::fast::RandomState, key: &FlowKey) -> u64 {
    use std::hash::BuildHasher as _;
    hasher.hash_one(key)
}

fn held_of<U>(flow: &Flow<U>) -> usize {
    flow.tcp.as_ref().map_or(0, |tcp| tcp.halves.iter().map(crate::tcp::TcpHalf::held_size).sum())
}

/// A SYN that cannot belong to the flow begins another one.
fn begins_anew<U>(flow: &Flow<U>, packet: &Packet<'_>, source_is_low: bool) -> bool {
    let (Segment::Tcp(tcp), Some(state)) = (&packet.segment, &flow.tcp) else { return false };
    if !tcp.flags.has(TcpFlags::SYN) || tcp.flags.has(TcpFlags::ACK) {
        return false;
    }
    let direction = if source_is_low == flow.originator_is_low { Direction::Originator } else { Direction::Responder };
    let half = state.half(direction);
    match half.isn {
        Some(isn) => isn != tcp.sequence,
        // Both sides call at once, or the SYN was overtaken by its own data.
        None => half.active || state.half(direction.flipped()).isn.is_none(),
    }
}

fn update_tcp<H: Handler>(
    flow: &mut Flow<H::Session>,
    direction: Direction,
    tcp: &Tcp<'_>,
    cost: &Cost,
    limits: &Limits,
    budget: usize,
    handler: &mut H,
) {
    write_history(&mut flow.history, direction, tcp);
    if let Some(kind) = odd_header(tcp) {
        handler.anomaly(kind, cost);
    }
    let Some(mut state) = flow.tcp.take() else { return };
    // What comes after both sides have closed does not undo that.
    let was_closed = state.is_closed();
    let budget = budget.saturating_sub(state.half(direction.flipped()).held_size());
    let half = state.half_mut(direction);
    half.said.note(cost.time, tcp);
    let (mut arrival, start) = half.arrive(tcp);
    if half.coverage.islands_size() > budget {
        half.coverage.join_all();
        arrival.joins = true;
    }
    half.reset &= !was_closed;
    flow.from_start |= direction == Direction::Originator && half.isn.is_some();
    let len = u64::from(tcp.payload_len);
    if tcp.flags.has(TcpFlags::RST) {
        half.reset_at = Some(half.reset_at.map_or(cost.order(), |known| known.min(cost.order())));
    }
    if arrival.repeats {
        flow.history.once(direction, b'T');
    }
    if arrival.keeps_alive {
        handler.anomaly("tcp_keep_alive", cost);
    } else if arrival.repeats {
        handler.anomaly("tcp_retransmission", cost);
    }
    if arrival.early {
        handler.anomaly("tcp_out_of_order", cost);
    }
    if arrival.joins {
        handler.anomaly("tcp_gap_limit", cost);
    }
    if flow.reading && len > 0 && !arrival.keeps_alive && half.contradicts(start, tcp.payload, arrival.repeats) {
        handler.anomaly("tcp_overlap", cost);
    }
    let total = half.coverage.total();
    if len > 0 {
        if flow.reading {
            let mut need = Need::More;
            let budget = budget - half.coverage.islands_size();
            let room = half.deliver(start, tcp.payload, len, limits, budget, &mut |chunk| {
                if need == Need::More {
                    if let Chunk::Gap(_) = chunk {
                        flow.history.once(direction, b'G');
                    }
                    need = handler.stream(flow, direction, chunk, cost);
                }
            });
            if room == Room::Exceeded {
                handler.anomaly("reorder_limit", cost);
            }
            if need == Need::Nothing {
                flow.reading = false;
                state.halves.iter_mut().for_each(crate::tcp::TcpHalf::forget);
            }
        } else {
            half.skip(start, len);
        }
    }
    flow.tcp = Some(state);
    let counted = flow.half_mut(direction);
    counted.payload_bytes = total;
    counted.cut += u64::from((tcp.payload.len() as u64) < len);
}

/// What is odd about a segment by itself. Few are, so the usual ones are told by one comparison each.
fn odd_header(tcp: &Tcp<'_>) -> Option<&'static str> {
    const CALLS: u16 = TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST;
    let calls = tcp.flags.0 & CALLS;
    if calls == 0 {
        return match tcp.flags.0 & (TcpFlags::ACK | TcpFlags::PSH | TcpFlags::URG) {
            0 => Some("tcp_flags"),
            _ if tcp.window == 0 => Some("tcp_zero_window"),
            _ => None,
        };
    }
    let lonely_fin = calls == TcpFlags::FIN && !tcp.flags.has(TcpFlags::ACK);
    if lonely_fin || (calls & TcpFlags::SYN != 0 && calls != TcpFlags::SYN) {
        return Some("tcp_flags");
    }
    (calls == TcpFlags::SYN && tcp.payload_len > 0).then_some("tcp_syn_data")
}

fn write_history(history: &mut History, direction: Direction, tcp: &Tcp<'_>) {
    let has = |bit| tcp.flags.has(bit);
    let letter = match (has(TcpFlags::SYN), has(TcpFlags::FIN), has(TcpFlags::RST)) {
        (true, true, _) | (true, _, true) => Some(b'Q'),
        (false, true, true) => Some(b'I'),
        (true, false, false) if has(TcpFlags::ACK) => Some(b'H'),
        (true, false, false) => Some(b'S'),
        (false, true, false) => Some(b'F'),
        (false, false, true) => Some(b'R'),
        (false, false, false) => None,
    };
    if tcp.payload_len > 0 {
        history.once(direction, b'D');
    }
    match letter {
        Some(letter) => history.once(direction, letter),
        None if tcp.payload_len == 0 && has(TcpFlags::ACK) => history.once(direction, b'A'),
        None => {}
    }
    if tcp.window == 0 && letter.is_none() {
        history.once(direction, b'W');
    }
}

/// Delivers what waits behind gaps, and hands the flow over.
fn close<H: Handler>(mut flow: Flow<H::Session>, handler: &mut H) {
    if flow.is_rest {
        handler.anomaly("piece_limit", &merge::first_of(&flow));
    }
    for (_, _, cost) in std::mem::take(&mut flow.wrong_checksums) {
        handler.anomaly(checksum_anomaly(flow.key.transport()), &cost);
    }
    if let Some(mut state) = flow.tcp.take() {
        let cost = merge::first_of(&flow);
        let was_cut_off = state.is_established() && !state.halves.iter().all(|half| half.fin);
        for direction in [Direction::Originator, Direction::Responder] {
            let half = state.half_mut(direction);
            let reset = half.reset_at.filter(|_| was_cut_off).map(|at| ("tcp_reset", at));
            let jump = half.hop_limits.jump().map(|at| ("tcp_hop_limit_jump", at));
            for (kind, (time, at)) in reset.into_iter().chain(jump) {
                handler.anomaly(kind, &Cost { at, time, ..cost });
            }
            half.flush(&mut |chunk| {
                if flow.reading && handler.stream(&mut flow, direction, chunk, &cost) == Need::Nothing {
                    flow.reading = false;
                }
            });
            if half.missing() > 0 {
                flow.history.once(direction, b'G');
                handler.anomaly("tcp_lost_segment", &cost);
            }
        }
        flow.tcp = Some(state);
    }
    handler.ended(flow);
}

/// Payload of a datagram as captured, and its length on the wire.
fn payload_of<'a>(segment: &Segment<'a>, packet: &Packet<'a>) -> (&'a [u8], u32) {
    match segment {
        Segment::Udp(udp) => (udp.payload, udp.payload_len),
        Segment::Icmp(icmp) | Segment::Icmpv6(icmp) => (icmp.payload, icmp.payload_len),
        Segment::Sctp(sctp) => (sctp.payload, sctp.payload_len),
        Segment::Igmp(igmp) => (igmp.payload, igmp.payload_len),
        Segment::Other(bytes) | Segment::Fragment(bytes) => (bytes, packet.transport_len),
        Segment::Tcp(_) | Segment::None => (&[], packet.transport_len),
    }
}

fn checksum_anomaly(transport: Transport) -> &'static str {
    match transport {
        Transport::TCP => "tcp_checksum",
        Transport::UDP => "udp_checksum",
        _ => "icmp_checksum",
    }
}
