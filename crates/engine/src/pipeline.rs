//! The path of the data, frame by frame: bytes → frame → packet → flow → observations → tally.
//!
//! A [`Pipeline`] reads a capture or a piece of one. Two that read consecutive pieces merge into what one would have
//! made of both, wherever the cut was.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use firstlight_analysis::{Connection, Facts, Seen, Talk, Tally};
use firstlight_dissect as dissect;
use firstlight_flow::{
    ConnState, Cost, Flow, FlowTable, Handler, Limits, Position, TcpHalf, TcpState, community_id, uid,
};
use firstlight_model::{
    Chunk, Conversation, Direction, Ended, Endpoint, Event, Frame, FrameRef, Need, Network, Observation, Packet, Role,
    Segment, TcpFlags, Timestamp, Transport,
};

/// Is told what happens while a capture is read, conversation by conversation.
pub type Watch<'w> = dyn FnMut(&Conversation<'_>, &Event<'_>) + 'w;

/// Everything that is kept while a capture is read.
pub struct Pipeline<'w> {
    table: FlowTable<Session>,
    reader: Reader<'w>,
}

/// What is kept of a flow beside its counters.
#[derive(Default)]
pub struct Session {
    dissect: Option<Box<dissect::Session>>,
    protocol: Option<&'static dissect::Dissector>,
    facts: Option<Box<Facts>>,
    named: Option<Seen>,
    /// Made when somebody watches.
    uid: Option<Box<str>>,
}

/// Hands bytes to dissectors, and what they say to the tally.
#[derive(Default)]
struct Reader<'w> {
    tally: Tally,
    watch: Option<&'w mut Watch<'w>>,
    /// Memory that all dissectors hold.
    held_len_bytes: usize,
}

/// Memory that all dissectors may hold: beyond it those that hold most are given up,
const HELD_LEN_BYTES: usize = 96 << 20;
/// until they hold so much.
const RELIEVED_LEN_BYTES: usize = HELD_LEN_BYTES / 4 * 3;

impl<'w> Pipeline<'w> {
    /// For a capture, or for the piece of one that stands at `position`.
    pub fn new(limits: Limits, position: Position) -> Self {
        Self { table: FlowTable::new(limits, position), reader: Reader::default() }
    }

    /// For a capture from its beginning, with somebody who watches. What is said of the pieces that are merged into it is
    /// not told.
    pub fn watched(limits: Limits, watch: &'w mut Watch<'w>) -> Self {
        let reader = Reader { watch: Some(watch), ..Reader::default() };
        Self { table: FlowTable::new(limits, Position::Start), reader }
    }

    /// Takes the next frame.
    pub fn push(&mut self, frame: &Frame<'_>) {
        let packet = firstlight_wire::parse(frame.link_type, frame.data, frame.original_len);
        let seen = Seen { time: frame.time, at: frame.at };
        let tally = &mut self.reader.tally;
        tally.time(frame.time);
        if let Some(mac) = packet.link.source {
            tally.sender(mac, seen);
        }
        if let Some(stop) = &packet.stop {
            tally.stop(stop, seen);
        }
        let Network::Ip(ip) = &packet.network else {
            let service = self.reader.frame(&packet, seen);
            self.reader.tally.other_frame(&packet, service, frame.original_len, seen);
            return;
        };
        if let (IpAddr::V6(Ipv6Addr::UNSPECIFIED), Some(mac)) = (ip.source, packet.link.source) {
            tally.without_address(mac, seen);
        }
        if let Segment::Tcp(tcp) = &packet.segment
            && tcp.flags.has(TcpFlags::SYN)
        {
            tally.syn(packet.link.source, ip, tcp, seen);
        }
        let cost = Cost {
            at: frame.at,
            time: frame.time,
            packets: 1,
            wire_bytes: u64::from(frame.original_len),
            ip_bytes: u64::from(ip.total_len),
        };
        self.table.push(cost, &packet, &mut self.reader);
    }

    /// Adds what was made of the piece that comes next.
    pub fn merge(&mut self, next: Self) {
        self.reader.tally.merge(next.reader.tally);
        self.reader.held_len_bytes += next.reader.held_len_bytes;
        self.table.merge(next.table, &mut self.reader);
    }

    /// Ends all flows and gives what is kept.
    pub fn finish(mut self) -> Tally {
        self.table.finish(&mut self.reader);
        self.reader.tally
    }
}

/// Takes observations of one flow to where they belong.
struct Sink<'a, 'w> {
    tally: &'a mut Tally,
    watched: Option<(&'a mut Watch<'w>, Conversation<'a>)>,
    facts: &'a mut Option<Box<Facts>>,
    named: &'a mut Option<Seen>,
    talk: Talk,
}

impl dissect::Sink for Sink<'_, '_> {
    fn observe(&mut self, observation: Observation<'_>) {
        if self.named.is_none() && matches!(observation.field.role, Role::ServerName | Role::CertificateNames) {
            *self.named = Some(self.talk.seen);
        }
        if let Some((watch, conversation)) = &mut self.watched {
            watch(conversation, &Event::Observed { time: self.talk.seen.time, observation: &observation });
        }
        self.tally.observe(self.facts.get_or_insert_default(), &self.talk, &observation);
    }

    fn place(&self) -> Option<(Timestamp, FrameRef)> {
        Some((self.talk.seen.time, self.talk.seen.at))
    }
}

/// An end of which only the link address is known.
const NOWHERE: Endpoint = Endpoint { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), port: 0 };

impl Reader<'_> {
    /// A frame without a network layer: nothing is kept of it but what it says of its sender. Gives the name of its
    /// protocol.
    fn frame(&mut self, packet: &Packet<'_>, seen: Seen) -> Option<&'static str> {
        let bytes = packet.transport_bytes;
        if bytes.is_empty() {
            return None;
        }
        let talk = Talk {
            originator: NOWHERE,
            responder: NOWHERE,
            originator_mac: packet.link.source,
            responder_mac: packet.link.destination.filter(|mac| !mac.is_group()),
            seen,
        };
        let (mut facts, mut named) = (None, None);
        let mut sink = Sink { tally: &mut self.tally, watched: None, facts: &mut facts, named: &mut named, talk };
        let missing = u64::from(packet.transport_len).saturating_sub(bytes.len() as u64);
        dissect::frame(packet.link.ether_type, bytes, missing, &mut sink).map(|dissector| dissector.name)
    }

    fn read(&mut self, flow: &mut Flow<Session>, direction: Direction, chunks: &[Chunk<'_>], cost: &Cost) -> Need {
        let talk = talk(flow, cost.time, cost.at);
        let context = dissect::Context {
            originator_port: talk.originator.port,
            responder_port: talk.responder.port,
            from_start: flow.from_start(),
        };
        let Some(carrier) = carrier(flow.key.transport()) else { return Need::Nothing };
        let first = (flow.first, flow.first_at);
        let transport = flow.key.transport();
        let session = &mut flow.session;
        let reader = session.dissect.get_or_insert_with(|| {
            Box::new(match carrier {
                dissect::Carrier::Tcp => dissect::Session::stream(context),
                _ => dissect::Session::messages(carrier, context),
            })
        });
        let watched = watched(&mut self.watch, &mut session.uid, &talk, transport, first);
        let mut sink =
            Sink { tally: &mut self.tally, watched, facts: &mut session.facts, named: &mut session.named, talk };
        let mut need = Need::More;
        let held_before = reader.held_len();
        for chunk in chunks {
            if need == Need::More {
                need = reader.push(direction, *chunk, &mut sink);
            }
        }
        self.held_len_bytes = self.held_len_bytes.saturating_sub(held_before) + reader.held_len();
        session.protocol = reader.service().or(session.protocol);
        need
    }
}

/// Who watches, and what of. `first` is the first frame that is known of the conversation.
fn watched<'a, 'w>(
    watch: &'a mut Option<&'w mut Watch<'w>>,
    known: &'a mut Option<Box<str>>,
    talk: &Talk,
    transport: Transport,
    first: (Timestamp, FrameRef),
) -> Option<(&'a mut Watch<'w>, Conversation<'a>)> {
    let watch = watch.as_deref_mut()?;
    let Talk { originator, responder, .. } = *talk;
    let uid = known.get_or_insert_with(|| uid(originator, responder, transport, first.0, first.1).into());
    Some((watch, Conversation { uid, transport, originator, responder, first: first.0 }))
}

fn carrier(transport: Transport) -> Option<dissect::Carrier> {
    match transport {
        Transport::TCP => Some(dissect::Carrier::Tcp),
        Transport::UDP => Some(dissect::Carrier::Udp),
        Transport::ICMP => Some(dissect::Carrier::Icmp),
        Transport::ICMPV6 => Some(dissect::Carrier::Icmpv6),
        Transport::IGMP => Some(dissect::Carrier::Igmp),
        _ => None,
    }
}

fn talk(flow: &Flow<Session>, time: Timestamp, at: FrameRef) -> Talk {
    let originator = flow.half(Direction::Originator);
    let responder = flow.half(Direction::Responder);
    let unicast = |mac: firstlight_model::MacAddress| !mac.is_group();
    Talk {
        originator: flow.originator(),
        responder: flow.responder(),
        originator_mac: originator.mac.or(responder.to_mac.filter(|mac| unicast(*mac))),
        responder_mac: responder.mac.or(originator.to_mac.filter(|mac| unicast(*mac))),
        seen: Seen { time, at },
    }
}

impl Reader<'_> {
    /// What the two sides of a connection said to each other beside their data.
    fn handshake(&mut self, talk: &Talk, tcp: &TcpState) {
        let answer = tcp.half(Direction::Responder).syn_said();
        if let (Some(answer), Some(asked)) = (answer, tcp.half(Direction::Originator).syn_said())
            && let Some(mss) = asked.mss
        {
            self.tally.answer(talk, (answer.window, answer.mss), mss);
        }
        for direction in [Direction::Originator, Direction::Responder] {
            if let Some(ticks) = tcp.half(direction).ticks() {
                self.tally.ticks(talk, direction, ticks.first, ticks.last);
            }
        }
    }
}

impl Handler for Reader<'_> {
    type Session = Session;

    fn stream(&mut self, flow: &mut Flow<Session>, direction: Direction, chunk: Chunk<'_>, cost: &Cost) -> Need {
        self.read(flow, direction, &[chunk], cost)
    }

    fn datagram(
        &mut self,
        flow: &mut Flow<Session>,
        direction: Direction,
        payload: &[u8],
        len: u32,
        cost: &Cost,
    ) -> Need {
        let missing = u64::from(len).saturating_sub(payload.len() as u64);
        let both = [Chunk::Data(payload), Chunk::Gap(missing)];
        let chunks = if missing > 0 { both.as_slice() } else { both.get(..1).unwrap_or(&[]) };
        self.read(flow, direction, chunks, cost)
    }

    fn ended(&mut self, mut flow: Flow<Session>) {
        if let Some(mut reader) = flow.session.dissect.take() {
            let talk = talk(&flow, flow.first, flow.first_at);
            let session = &mut flow.session;
            self.held_len_bytes = self.held_len_bytes.saturating_sub(reader.held_len());
            let first = (flow.first, flow.first_at);
            let watched = watched(&mut self.watch, &mut session.uid, &talk, flow.key.transport(), first);
            let (facts, named) = (&mut session.facts, &mut session.named);
            let mut sink = Sink { tally: &mut self.tally, watched, facts, named, talk };
            reader.finish(&mut sink);
            flow.session.protocol = reader.service().or(flow.session.protocol);
        }
        let protocol = flow.session.protocol;
        if protocol.is_some() || flow.session.facts.is_some() {
            let facts = flow.session.facts.get_or_insert_default();
            facts.service = facts.service.or(protocol.map(|protocol| protocol.name));
            facts.encrypted = facts.encrypted.or(protocol.and_then(|protocol| protocol.encrypted));
        }
        let service = flow.session.facts.as_ref().and_then(|facts| facts.service);
        let facts = flow.session.facts.take().map(|facts| self.tally.facts(*facts));
        let state = ConnState::of(&flow);
        let history = self.tally.text(flow.history.as_str());
        let [originator, responder] = flow.halves;
        let talk = talk(&flow, flow.first, flow.first_at);
        let first = (flow.first, flow.first_at);
        if let Some((watch, conversation)) =
            watched(&mut self.watch, &mut flow.session.uid, &talk, flow.key.transport(), first)
        {
            let ended = Ended {
                last: flow.last,
                packets: [originator.packets, responder.packets],
                ip_bytes: [originator.ip_bytes, responder.ip_bytes],
                payload_bytes: [originator.payload_bytes, responder.payload_bytes],
                missed_bytes: flow.tcp.iter().flat_map(|tcp| &tcp.halves).map(TcpHalf::missing).sum(),
                state: state.text(),
                history: flow.history.as_str(),
                service,
                community_id: &community_id(talk.originator, talk.responder, flow.key.transport()),
            };
            watch(&conversation, &Event::Ended(ended));
        }
        if let Some(tcp) = &flow.tcp {
            self.handshake(&talk, tcp);
        }
        self.tally.connection(Connection {
            count: 1,
            transport: flow.key.transport(),
            originator: flow.originator(),
            responder: flow.responder(),
            vlan: flow.vlan,
            tunnel: flow.tunnel.map(firstlight_model::Layer::name),
            macs: [talk.originator_mac, talk.responder_mac],
            first: Seen { time: flow.first, at: flow.first_at },
            last: flow.last,
            packets: [originator.packets, responder.packets],
            wire_bytes: [originator.wire_bytes, responder.wire_bytes],
            ip_bytes: [originator.ip_bytes, responder.ip_bytes],
            payload_bytes: [originator.payload_bytes, responder.payload_bytes],
            cut: originator.cut + responder.cut,
            state: state.text(),
            failed: flow.key.transport() == Transport::TCP
                && state.is_failed()
                && (responder.packets == 0 || state == ConnState::Rej),
            from_start: flow.from_start(),
            history,
            named: flow.session.named,
            facts,
        });
    }

    fn absorb(&mut self, session: &mut Session, continuation: Session) {
        match (&mut session.facts, continuation.facts) {
            (Some(facts), Some(next)) => facts.absorb(*next),
            (facts @ None, next) => *facts = next,
            (Some(_), None) => {}
        }
        session.protocol = session.protocol.or(continuation.protocol);
        session.named = match (session.named, continuation.named) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        match continuation.dissect {
            Some(next) if session.dissect.is_some() => {
                self.held_len_bytes = self.held_len_bytes.saturating_sub(next.held_len());
            }
            next => session.dissect = session.dissect.take().or(next),
        }
    }

    fn is_overfull(&self) -> bool {
        self.held_len_bytes > HELD_LEN_BYTES
    }

    fn is_relieved(&self) -> bool {
        self.held_len_bytes <= RELIEVED_LEN_BYTES
    }

    fn held_len(&self, session: &Session) -> usize {
        session.dissect.as_ref().map_or(0, |reader| reader.held_len())
    }

    fn give_up(&mut self, flow: &mut Flow<Session>) {
        let talk = talk(flow, flow.first, flow.first_at);
        let session = &mut flow.session;
        let Some(reader) = &mut session.dissect else { return };
        self.held_len_bytes = self.held_len_bytes.saturating_sub(reader.held_len());
        let first = (flow.first, flow.first_at);
        let watched = watched(&mut self.watch, &mut session.uid, &talk, flow.key.transport(), first);
        let (facts, named) = (&mut session.facts, &mut session.named);
        let mut sink = Sink { tally: &mut self.tally, watched, facts, named, talk };
        reader.finish(&mut sink);
        session.protocol = session.protocol.or(reader.protocol());
    }

    fn anomaly(&mut self, kind: &'static str, cost: &Cost) {
        self.tally.anomaly(kind, None, Seen { time: cost.time, at: cost.at });
    }
}
