//! A sequence of segments, datagrams and fragments to the bytes of flows.
//!
//! The input is a list of [`Sent`] (`arbitrary`): an odd byte and its ten bytes for each packet, after one byte for
//! the limits. Every payload byte is a function of who sends it and where in the stream or datagram it stands, so that
//! whatever is handed on can be held against what was sent, by a check that knows nothing of reassembly. What holds:
//! - bytes of a stream come in order: each chunk begins where the one before ended, with what was sent there;
//! - bytes of a datagram are those that were sent at their place, and never more than it has;
//! - frames and bytes of all flows are those that went in, whatever limit was reached.

use std::collections::BTreeMap;
use std::net::IpAddr;

use arbitrary::{Arbitrary, Unstructured};
use firstlight_flow::{Cost, Flow, FlowTable, Handler, Limits, Position};
use firstlight_model::{Chunk, Direction, Endpoint, FrameRef, LinkType, Need, Network, Timestamp, Transport};
use firstlight_synth::checksum::internet;
use firstlight_wire::parse;

/// Pushes the packets that `bytes` stand for.
///
/// # Panics
/// When one of the sentences above does not hold.
pub fn run(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    let Ok(tight) = bytes.arbitrary::<u8>() else { return };
    let Ok(packets) = Vec::<Sent>::arbitrary_take_rest(bytes) else { return };
    let mut table = FlowTable::new(limits(tight), Position::Start);
    let mut check = Check { may_hold: if tight & 0x40 != 0 { 2_000 } else { usize::MAX }, ..Check::default() };
    let mut time = Timestamp::from_parts(1_571_000_000, 0);
    let mut pushed = Sums::default();
    for (number, sent) in (1..).zip(&packets) {
        time = time.plus_ns(sent.wait_ns());
        let frame = sent.frame();
        let captured = frame.len() - if sent.is_cut() { frame.len() / 4 } else { 0 };
        check.sent(sent);
        let original_len = u32::try_from(frame.len()).expect("a frame is short");
        let packet = parse(LinkType::RAW, &frame[..captured], original_len);
        let Network::Ip(ip) = packet.network else { continue };
        let at = FrameRef { capture: 0, number };
        let (wire_bytes, ip_bytes) = (u64::from(original_len), u64::from(ip.total_len));
        pushed.add(1, wire_bytes, ip_bytes);
        table.push(Cost { at, time, packets: 1, wire_bytes, ip_bytes }, &packet, &mut check);
    }
    table.finish(&mut check);
    assert_eq!(check.ended, pushed, "frames, wire bytes and IP bytes of all flows, and those that were pushed");
}

/// Small ones are reached within a few packets.
fn limits(tight: u8) -> Limits {
    let usual = Limits::default();
    let pick = |bit: u8, small: usize, large: usize| if tight & (1 << bit) != 0 { small } else { large };
    Limits {
        flows: pick(0, 2, usual.flows),
        reorder_len_bytes: pick(1, 600, usual.reorder_len_bytes),
        reorder_segments: pick(2, 3, usual.reorder_segments),
        reorder_total_bytes: pick(3, 900, usual.reorder_total_bytes),
        datagrams: pick(4, 2, usual.datagrams),
        fragments_total_bytes: pick(5, 700, usual.fragments_total_bytes),
        fragments_of_datagram: pick(7, 2, usual.fragments_of_datagram),
        ..usual
    }
}

/// A packet. Small numbers mean usual things.
#[derive(Debug, Clone, Copy)]
struct Sent {
    /// Bits 0-1: which pair of hosts; bit 2: other ports.
    flow: u8,
    /// Modulo 8: TCP up to 3, UDP, ICMP, a fragment of UDP, another protocol.
    kind: u8,
    /// Bit 0: from the responder; bit 1: other content than was or will be sent at this place; bit 2: cut by the
    /// capture; bits 3-7: time since the packet before, 0 or 2 to the power of it milliseconds.
    how: u8,
    /// Of TCP; bit 0 of a fragment: more follow.
    flags: u8,
    /// First byte in the stream, or in the datagram in units of 8.
    at: u16,
    /// Of the payload, modulo 2,048.
    len: u16,
    /// Acknowledged byte of the other stream, or the datagram's identification.
    acknowledged: u16,
}

impl<'a> Arbitrary<'a> for Sent {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self {
            flow: bytes.arbitrary()?,
            kind: bytes.arbitrary()?,
            how: bytes.arbitrary()?,
            flags: bytes.arbitrary()?,
            at: bytes.arbitrary()?,
            len: bytes.arbitrary()?,
            acknowledged: bytes.arbitrary()?,
        })
    }
}

/// The pairs: two of IPv4, two of IPv6, one of each with sequence numbers that pass zero early.
const PAIRS: [([&str; 2], [u32; 2]); 4] = [
    (["192.0.2.10", "198.51.100.7"], [1_000, 2_000_000_000]),
    (["192.0.2.10", "203.0.113.9"], [0xffff_fe00, 0x7fff_ff00]),
    (["2001:db8::10", "2001:db8:1::7"], [77_000_000, 5]),
    (["2001:db8::11", "2001:db8:1::7"], [0xffff_ff80, 0xffff_fff0]),
];

/// Ends of a flow in order of sending, and who of a pair sends.
type Way = (IpAddr, u16, IpAddr, u16, u8);

impl Sent {
    fn side(&self) -> usize {
        usize::from(self.how & 1)
    }

    fn is_other(&self) -> bool {
        self.how & 2 != 0
    }

    fn is_cut(&self) -> bool {
        self.how & 4 != 0
    }

    fn wait_ns(&self) -> i64 {
        match self.how >> 3 {
            0 => 0,
            power => 1_000_000 << power.min(24),
        }
    }

    fn len(&self) -> usize {
        usize::from(self.len % 2_048)
    }

    fn transport(&self) -> Transport {
        match self.kind % 8 {
            0..=3 => Transport::TCP,
            4 | 6 => Transport::UDP,
            5 if self.addresses()[0].is_ipv4() => Transport::ICMP,
            5 => Transport::ICMPV6,
            _ => Transport(253),
        }
    }

    fn is_fragment(&self) -> bool {
        self.kind % 8 == 6
    }

    fn addresses(&self) -> [IpAddr; 2] {
        let (pair, _) = PAIRS[usize::from(self.flow & 3)];
        pair.map(|address| address.parse().expect("it is an address"))
    }

    fn ports(&self) -> [u16; 2] {
        // Fragments of one identification are put together whatever their ports: only the first has them.
        if self.flow & 4 == 0 || self.is_fragment() { [50_000, 443] } else { [50_001, 80] }
    }

    fn way(&self) -> Way {
        let (hosts, ports) = (self.addresses(), self.ports());
        let (from, to) = (self.side(), 1 - self.side());
        (hosts[from], ports[from], hosts[to], ports[to], self.transport().0)
    }

    /// Sequence number of the first byte, which for a SYN is behind its own.
    fn sequence(&self, of: usize, at: u16) -> u32 {
        let (_, first) = PAIRS[usize::from(self.flow & 3)];
        first[of].wrapping_add(1 + u32::from(at))
    }

    fn is_syn(&self) -> bool {
        self.flags & 2 != 0
    }

    fn content(&self, from: u32, len: usize) -> Vec<u8> {
        let (way, is_other) = (self.way(), self.is_other());
        (0..).take(len).map(|at| byte_at(&way, from.wrapping_add(at), is_other)).collect()
    }

    fn tcp(&self) -> Vec<u8> {
        let first = self.sequence(self.side(), self.at);
        let [_, _, ports @ ..] = self.port_bytes();
        let mut bytes = ports.to_vec();
        bytes.extend_from_slice(&first.wrapping_sub(u32::from(self.is_syn())).to_be_bytes());
        bytes.extend_from_slice(&self.sequence(1 - self.side(), self.acknowledged).to_be_bytes());
        bytes.extend_from_slice(&[0x50, self.flags, 0xff, 0xff, 0, 0, 0, 0]);
        bytes.extend_from_slice(&self.content(first, self.len()));
        bytes
    }

    fn port_bytes(&self) -> [u8; 6] {
        let way = self.way();
        let ([a, b], [c, d]) = (way.1.to_be_bytes(), way.3.to_be_bytes());
        [0, 0, a, b, c, d]
    }

    fn udp(&self) -> Vec<u8> {
        let [_, _, ports @ ..] = self.port_bytes();
        let mut bytes = ports.to_vec();
        let len = u16::try_from(8 + self.len()).expect("it is short");
        bytes.extend_from_slice(&len.to_be_bytes());
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&self.content(0, self.len()));
        bytes
    }

    /// A part of a datagram whose header says 4,096 bytes.
    fn fragment(&self) -> Vec<u8> {
        let [_, _, ports @ ..] = self.port_bytes();
        let mut bytes = ports.to_vec();
        bytes.extend_from_slice(&4_096_u16.to_be_bytes());
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&self.content(0, 8_192));
        let from = usize::from(self.at % 512) * 8;
        bytes[from..].iter().copied().take(self.len()).collect()
    }

    fn body(&self) -> Vec<u8> {
        match self.kind % 8 {
            0..=3 => self.tcp(),
            4 => self.udp(),
            5 => [&[self.flags, 0, 0, 0, 0, 1, 0, 1][..], &self.content(0, self.len())].concat(),
            6 => self.fragment(),
            _ => self.content(0, self.len()),
        }
    }

    fn frame(&self) -> Vec<u8> {
        let body = self.body();
        let way = self.way();
        match (way.0, way.2) {
            (IpAddr::V4(from), IpAddr::V4(to)) => {
                let total = u16::try_from(20 + body.len()).expect("it is short").to_be_bytes();
                let place = if self.is_fragment() { (self.at % 512) | (u16::from(self.flags & 1) << 13) } else { 0 };
                let (id, place) = ((self.acknowledged % 4).to_be_bytes(), place.to_be_bytes());
                let mut header = vec![0x45, 0, total[0], total[1], id[0], id[1], place[0], place[1], 64, way.4, 0, 0];
                header.extend_from_slice(&from.octets());
                header.extend_from_slice(&to.octets());
                let sum = internet(&header).to_be_bytes();
                header[10..12].copy_from_slice(&sum);
                [header, body].concat()
            }
            (IpAddr::V6(from), IpAddr::V6(to)) => {
                let mut inner = Vec::new();
                if self.is_fragment() {
                    let place = ((self.at % 512 * 8) | u16::from(self.flags & 1)).to_be_bytes();
                    let id = u32::from(self.acknowledged % 4).to_be_bytes();
                    inner = vec![way.4, 0, place[0], place[1], id[0], id[1], id[2], id[3]];
                }
                let next_header = if self.is_fragment() { 44 } else { way.4 };
                let len = u16::try_from(inner.len() + body.len()).expect("it is short").to_be_bytes();
                let mut header = vec![0x60, 0, 0, 0, len[0], len[1], next_header, 64];
                header.extend_from_slice(&from.octets());
                header.extend_from_slice(&to.octets());
                [header, inner, body].concat()
            }
            _ => unreachable!("both ends of a pair have the same version"),
        }
    }
}

/// What stands at a place of a stream or datagram. Consecutive bytes tell their place.
fn byte_at(way: &Way, at: u32, is_other: bool) -> u8 {
    let seed = (u32::from(way.1) << 8) ^ u32::from(way.4) ^ (u32::from(is_other) << 31);
    let mixed = (at ^ seed).wrapping_mul(0x9e37_79b1);
    u8::try_from((mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca6b) >> 24).expect("it was shifted to 8 bits")
}

/// Frames, wire bytes and IP bytes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sums {
    packets: u64,
    wire_bytes: u64,
    ip_bytes: u64,
}

impl Sums {
    fn add(&mut self, packets: u64, wire_bytes: u64, ip_bytes: u64) {
        self.packets += packets;
        self.wire_bytes += wire_bytes;
        self.ip_bytes += ip_bytes;
    }
}

/// Holds what is handed on against what was sent.
#[derive(Default)]
struct Check {
    /// Sequence numbers at which somebody began to send.
    begun: BTreeMap<Way, Vec<u32>>,
    /// Who sent something else at the same place.
    others: BTreeMap<Way, bool>,
    ended: Sums,
    /// Bytes that all flows hold, as a reader would that keeps all it is given, and how many they may.
    held: usize,
    may_hold: usize,
}

impl Check {
    fn sent(&mut self, sent: &Sent) {
        self.begun.entry(sent.way()).or_default().push(sent.sequence(sent.side(), sent.at));
        *self.others.entry(sent.way()).or_default() |= sent.is_other();
    }

    fn is_as_sent(&self, way: &Way, from: u32, bytes: &[u8]) -> bool {
        let other = self.others.get(way).copied().unwrap_or_default();
        (0_u32..).zip(bytes).all(|(at, &byte)| {
            let at = from.wrapping_add(at);
            byte == byte_at(way, at, false) || other && byte == byte_at(way, at, true)
        })
    }
}

/// What is kept of a flow.
#[derive(Debug, Default)]
struct Read {
    /// Where in its stream each side may be; `None` before its first chunk.
    places: [Option<Vec<u32>>; 2],
    held: usize,
    /// Nothing may be handed on any more.
    is_given_up: bool,
}

fn way_of<U>(flow: &Flow<U>, direction: Direction) -> Way {
    let (originator, responder) = (flow.originator(), flow.responder());
    let (from, to): (Endpoint, Endpoint) = match direction {
        Direction::Originator => (originator, responder),
        Direction::Responder => (responder, originator),
    };
    (from.address, from.port, to.address, to.port, flow.key.transport().0)
}

impl Handler for Check {
    type Session = Read;

    fn stream(&mut self, flow: &mut Flow<Read>, direction: Direction, chunk: Chunk<'_>, cost: &Cost) -> Need {
        let way = way_of(flow, direction);
        let from_start = flow.from_start();
        assert!(!flow.session.is_given_up, "frame {}: nobody reads this flow", cost.at.number);
        if let Chunk::Data(bytes) = chunk {
            flow.session.held += bytes.len();
            self.held += bytes.len();
        }
        let places = &mut flow.session.places[direction.index()];
        let before = places.take().unwrap_or_else(|| self.begun.get(&way).cloned().unwrap_or_default());
        let after: Vec<u32> = match chunk {
            Chunk::Data(bytes) => {
                let len = u32::try_from(bytes.len()).expect("a segment is short");
                let fitting = before.iter().filter(|&&at| self.is_as_sent(&way, at, bytes));
                fitting.map(|at| at.wrapping_add(len)).collect()
            }
            Chunk::Gap(len) => {
                let len = u32::try_from(len & 0xffff_ffff).expect("it was cut to 32 bits");
                before.iter().map(|at| at.wrapping_add(len)).collect()
            }
        };
        assert!(
            !after.is_empty(),
            "frame {}, {direction:?}: {chunk:?} is not what was sent at any of {before:?} (from its start: {from_start})",
            cost.at.number
        );
        *places = Some(after);
        Need::More
    }

    fn datagram(&mut self, flow: &mut Flow<Read>, direction: Direction, payload: &[u8], len: u32, cost: &Cost) -> Need {
        assert!(payload.len() as u64 <= u64::from(len), "frame {}", cost.at.number);
        let way = way_of(flow, direction);
        if flow.key.transport() == Transport::UDP {
            assert!(self.is_as_sent(&way, 0, payload), "frame {}: {payload:?}", cost.at.number);
        }
        Need::More
    }

    fn ended(&mut self, flow: Flow<Read>) {
        for half in &flow.halves {
            self.ended.add(half.packets, half.wire_bytes, half.ip_bytes);
            assert!(half.cut <= half.packets);
        }
        assert!(flow.first <= flow.last);
        self.held -= flow.session.held;
    }

    fn absorb(&mut self, _: &mut Read, _: Read) {}

    fn is_overfull(&self) -> bool {
        self.held > self.may_hold
    }

    fn is_relieved(&self) -> bool {
        self.held <= self.may_hold / 2
    }

    fn held_len(&self, session: &Read) -> usize {
        session.held
    }

    fn give_up(&mut self, flow: &mut Flow<Read>) {
        self.held -= std::mem::take(&mut flow.session.held);
        flow.session.is_given_up = true;
    }

    fn anomaly(&mut self, kind: &'static str, _: &Cost) {
        assert!(!kind.is_empty());
    }
}
