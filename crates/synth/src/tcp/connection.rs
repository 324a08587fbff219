//! Whole TCP connections: handshake, data in both directions, acknowledgments, what goes wrong on the way, and the end.
//!
//! The capture is taken at the originator: its segments are seen when they leave, the responder's when they arrive.
//! There is no congestion control: segments of one call follow each other at a steady pace.

use firstlight_model::{Direction, TcpFlags, Timestamp, Transport};

use crate::host::Host;
use crate::ip::Header;
use crate::tcp::{Segment, TcpOption};
use crate::traffic::Traffic;

/// How far a connection is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Opening {
    /// SYN, SYN-ACK, ACK.
    #[default]
    Handshake,
    /// The SYN and two repetitions, no answer.
    Unanswered,
    /// SYN, RST.
    Refused,
    /// The capture begins later: nothing of the opening is seen.
    BeforeCapture,
}

/// What may be chosen of a connection; the default leaves it to the traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    /// Port of the originator; `None`: the next ephemeral one.
    pub source_port: Option<u16>,
    /// First sequence numbers of originator and responder; `None`: random.
    pub initial_sequence: Option<(u32, u32)>,
    /// Timestamp clocks of originator and responder at the opening, in milliseconds; `None`: random.
    pub timestamps: Option<(u32, u32)>,
    /// Round trip in nanoseconds.
    pub round_trip_ns: u64,
    /// Time between two segments of a burst in nanoseconds.
    pub pace_ns: u64,
    /// Segments of the responder that arrive as one frame, as receive off-load puts them together.
    pub coalesced_in: usize,
    /// Segments of the originator that leave as one frame, as segmentation off-load leaves them together.
    pub coalesced_out: usize,
    /// How far it is opened.
    pub opening: Opening,
}

impl Default for Connect {
    fn default() -> Self {
        Self {
            source_port: None,
            initial_sequence: None,
            timestamps: None,
            round_trip_ns: 20_000_000,
            pace_ns: 100_000,
            coalesced_in: 1,
            coalesced_out: 1,
            opening: Opening::Handshake,
        }
    }
}

/// What happens to one segment of a transfer; the number counts the segments of that call from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It arrives, but the capture does not show it.
    Missing(usize),
    /// It is shown only after the segments behind it, which the receiver acknowledges with duplicates.
    Late(usize),
    /// It is shown twice: in its place, and again after the segments behind it.
    Twice(usize),
    /// It changes places with the one behind it.
    Swapped(usize),
}

#[derive(Debug, Clone)]
struct Side {
    host: Host,
    port: u16,
    initial: u32,
    /// Sequence number of the next byte to send.
    next: u32,
    /// Acknowledgment number that it sends.
    acknowledged: u32,
    timestamp_base: u32,
    /// The last timestamp received.
    echo: u32,
    payload: u64,
}

/// A TCP connection. Its counters are the truth about it: payload bytes once each, whatever was repeated or missing.
#[derive(Debug, Clone)]
pub struct Connection {
    originator: Side,
    responder: Side,
    opened: Timestamp,
    options: Connect,
    segment_size: usize,
    timestamps: bool,
    sack: bool,
    ecn: bool,
}

impl Traffic {
    /// Opens a connection to a port with a handshake.
    pub fn tcp(&mut self, originator: &Host, responder: &Host, port: u16) -> Connection {
        self.tcp_with(originator, responder, port, Connect::default())
    }

    /// Opens a connection, with choices.
    pub fn tcp_with(&mut self, originator: &Host, responder: &Host, port: u16, options: Connect) -> Connection {
        let source_port = options.source_port.unwrap_or_else(|| self.ephemeral_port());
        let (sequence_out, sequence_in) =
            options.initial_sequence.unwrap_or_else(|| (self.random().next_u32(), self.random().next_u32()));
        let (clock_out, clock_in) =
            options.timestamps.unwrap_or_else(|| (self.random().next_u32(), self.random().next_u32()));
        let timestamps = originator.stack.offers_timestamps() && responder.stack.offers_timestamps();
        let mss = originator.stack.mss().unwrap_or(536).min(responder.stack.mss().unwrap_or(536));
        let mut connection = Connection {
            originator: Side::new(originator, source_port, sequence_out, clock_out),
            responder: Side::new(responder, port, sequence_in, clock_in),
            opened: self.now(),
            segment_size: usize::from(mss).saturating_sub(if timestamps { 12 } else { 0 }).max(1),
            timestamps,
            sack: originator.stack.offers_sack() && responder.stack.offers_sack(),
            ecn: originator.stack.ecn && responder.stack.ecn,
            options,
        };
        connection.open(self);
        connection
    }
}

impl Side {
    fn new(host: &Host, port: u16, initial: u32, timestamp_base: u32) -> Self {
        Self { host: host.clone(), port, initial, next: initial, acknowledged: 0, timestamp_base, echo: 0, payload: 0 }
    }
}

impl Connection {
    /// Port of the originator.
    pub fn source_port(&self) -> u16 {
        self.originator.port
    }

    /// Payload bytes that the originator has sent, each counted once.
    pub fn payload_out(&self) -> u64 {
        self.originator.payload
    }

    /// Payload bytes that the responder has sent, each counted once.
    pub fn payload_in(&self) -> u64 {
        self.responder.payload
    }

    /// Data from the originator.
    pub fn send(&mut self, traffic: &mut Traffic, data: &[u8]) {
        self.transfer(traffic, Direction::Originator, data, &[]);
    }

    /// Data from the responder.
    pub fn receive(&mut self, traffic: &mut Traffic, data: &[u8]) {
        self.transfer(traffic, Direction::Responder, data, &[]);
    }

    /// Data from one side, cut in segments; things go wrong as `faults` has it. The other side acknowledges every
    /// second segment and the last.
    pub fn transfer(&mut self, traffic: &mut Traffic, direction: Direction, data: &[u8], faults: &[Fault]) {
        let coalesced = match direction {
            Direction::Responder => self.options.coalesced_in,
            Direction::Originator => self.options.coalesced_out,
        };
        // A frame above the largest IP packet cannot be.
        let size = self.segment_size * coalesced.clamp(1, 65_000 / self.segment_size.min(65_000));
        let start = self.side(direction).next;
        let chunks: Vec<(u32, &[u8])> = data
            .chunks(size)
            .scan(start, |sequence, chunk| {
                let at = *sequence;
                *sequence = at.wrapping_add(len(chunk));
                Some((at, chunk))
            })
            .collect();
        let last = chunks.len().saturating_sub(1);
        let mut order: Vec<usize> = (0..chunks.len()).collect();
        let mut again = Vec::new();
        let mut missing = Vec::new();
        for fault in faults {
            match *fault {
                Fault::Missing(index) => missing.push(index),
                Fault::Late(index) => {
                    order.retain(|&other| other != index);
                    again.push(index);
                }
                Fault::Twice(index) => again.push(index),
                Fault::Swapped(index) => {
                    // One of the two may be late, and then has no place to change.
                    let place = |wanted: usize| order.iter().position(|&other| other == wanted);
                    if let (Some(a), Some(b)) = (place(index), place(index + 1)) {
                        order.swap(a, b);
                    }
                }
            }
        }
        match direction {
            Direction::Responder => traffic.wait_ns(self.options.round_trip_ns / 2),
            Direction::Originator => {}
        }
        let mut seen = vec![false; chunks.len()];
        // All before this one have been seen.
        let mut in_order = 0;
        let mut unacknowledged = 0;
        let mut pending: Vec<(u32, Vec<(u32, u32)>)> = Vec::new();
        for (position, index) in order.iter().chain(&again).copied().enumerate() {
            let Some(&(sequence, chunk)) = chunks.get(index) else { continue };
            if position == order.len() {
                traffic.wait_ns(self.options.round_trip_ns);
            }
            if !missing.contains(&index) {
                let push = if index == last { TcpFlags::PSH } else { 0 };
                self.emit(traffic, direction, sequence, TcpFlags::ACK | push, &[], chunk);
                traffic.wait_ns(self.options.pace_ns);
            }
            if let Some(seen) = seen.get_mut(index) {
                *seen = true;
            }
            unacknowledged += 1;
            while seen.get(in_order) == Some(&true) {
                in_order += 1;
            }
            let acknowledged =
                chunks.get(in_order).map_or_else(|| start.wrapping_add(len(data)), |(sequence, _)| *sequence);
            let hole = in_order < index;
            let sack = if hole { vec![(sequence, sequence.wrapping_add(len(chunk)))] } else { Vec::new() };
            let end_of_burst = position + 1 == order.len() || position + 1 == order.len() + again.len();
            if unacknowledged == 2 || hole || end_of_burst {
                unacknowledged = 0;
                pending.push((acknowledged, sack));
            }
            // The originator sees the answers to a burst a round trip after it, those that it gives itself at once.
            if direction == Direction::Responder || end_of_burst {
                if direction == Direction::Originator {
                    traffic.wait_ns(self.options.round_trip_ns);
                }
                for (acknowledged, sack) in pending.drain(..) {
                    self.side_mut(direction.flipped()).acknowledged = acknowledged;
                    self.acknowledge(traffic, direction.flipped(), sack);
                }
            }
        }
        let side = self.side_mut(direction);
        side.next = start.wrapping_add(len(data));
        side.payload += data.len() as u64;
    }

    /// Closes from the originator's side: FIN, FIN, ACK.
    pub fn close(&mut self, traffic: &mut Traffic) {
        self.finish(traffic, Direction::Originator);
    }

    /// Closes from the responder's side: FIN, FIN, ACK.
    pub fn close_by_responder(&mut self, traffic: &mut Traffic) {
        self.finish(traffic, Direction::Responder);
    }

    /// Ends with a RST from one side.
    pub fn reset(&mut self, traffic: &mut Traffic, direction: Direction) {
        let sequence = self.side(direction).next;
        self.emit(traffic, direction, sequence, TcpFlags::RST | TcpFlags::ACK, &[], &[]);
    }

    /// A keep-alive probe of the originator and its answer: one byte before the next, without data.
    pub fn keep_alive(&mut self, traffic: &mut Traffic) {
        let sequence = self.originator.next.wrapping_sub(1);
        self.emit(traffic, Direction::Originator, sequence, TcpFlags::ACK, &[], &[]);
        traffic.wait_ns(self.options.round_trip_ns);
        self.acknowledge(traffic, Direction::Responder, Vec::new());
    }

    /// A segment of one's own at an offset from the next sequence number: for overlaps, old data, data behind a gap.
    /// Nothing is counted and nothing moves on; see [`Connection::skip`].
    pub fn raw(&mut self, traffic: &mut Traffic, direction: Direction, offset: i32, flags: u16, data: &[u8]) {
        let sequence = self.side(direction).next.wrapping_add_signed(offset);
        self.emit(traffic, direction, sequence, flags, &[], data);
        traffic.wait_ns(self.options.pace_ns);
    }

    /// Counts bytes of one side as sent without showing them: a gap in the capture, or what [`Connection::raw`] showed.
    pub fn skip(&mut self, direction: Direction, bytes: u32) {
        let side = self.side_mut(direction);
        side.next = side.next.wrapping_add(bytes);
        side.payload += u64::from(bytes);
        let next = side.next;
        self.side_mut(direction.flipped()).acknowledged = next;
    }

    fn open(&mut self, traffic: &mut Traffic) {
        let round_trip = self.options.round_trip_ns;
        let ecn = if self.originator.host.stack.ecn { TcpFlags::ECE | TcpFlags::CWR } else { 0 };
        let syn = TcpFlags::SYN | ecn;
        let options = self.originator.host.stack.syn_options.clone();
        let sequence = self.originator.initial;
        if self.options.opening != Opening::BeforeCapture {
            self.emit(traffic, Direction::Originator, sequence, syn, &options, &[]);
        }
        self.originator.next = sequence.wrapping_add(1);
        self.responder.acknowledged = self.originator.next;
        match self.options.opening {
            Opening::Unanswered => {
                for wait in [1, 2] {
                    traffic.wait_s(wait);
                    self.emit(traffic, Direction::Originator, sequence, syn, &options, &[]);
                }
                return;
            }
            Opening::Refused => {
                traffic.wait_ns(round_trip);
                self.responder.next = 0;
                self.emit(traffic, Direction::Responder, 0, TcpFlags::RST | TcpFlags::ACK, &[], &[]);
                return;
            }
            Opening::Handshake | Opening::BeforeCapture => {}
        }
        let sequence = self.responder.initial;
        self.responder.next = sequence.wrapping_add(1);
        if self.options.opening == Opening::BeforeCapture {
            self.originator.acknowledged = self.responder.next;
            return;
        }
        traffic.wait_ns(round_trip);
        let ecn = if self.ecn { TcpFlags::ECE } else { 0 };
        let options = self.syn_ack_options();
        self.emit(traffic, Direction::Responder, sequence, TcpFlags::SYN | TcpFlags::ACK | ecn, &options, &[]);
        self.originator.acknowledged = self.responder.next;
        traffic.wait_ns(60_000);
        self.acknowledge(traffic, Direction::Originator, Vec::new());
        traffic.wait_ns(200_000);
    }

    fn syn_ack_options(&self) -> Vec<TcpOption> {
        let offered = &self.originator.host.stack;
        let mut options = self.responder.host.stack.syn_options.clone();
        for option in &mut options {
            let agreed = match option {
                TcpOption::Timestamps(..) => offered.offers_timestamps(),
                TcpOption::SackPermitted => offered.offers_sack(),
                TcpOption::WindowScale(_) => offered.offers_scaling(),
                _ => true,
            };
            if !agreed {
                *option = TcpOption::Nop;
            }
        }
        options
    }

    fn finish(&mut self, traffic: &mut Traffic, first: Direction) {
        for direction in [first, first.flipped()] {
            traffic.wait_ns(self.options.round_trip_ns / 2);
            let side = self.side_mut(direction);
            let sequence = side.next;
            side.next = sequence.wrapping_add(1);
            self.emit(traffic, direction, sequence, TcpFlags::FIN | TcpFlags::ACK, &[], &[]);
            self.side_mut(direction.flipped()).acknowledged = sequence.wrapping_add(1);
        }
        traffic.wait_ns(50_000);
        self.acknowledge(traffic, first, Vec::new());
    }

    fn acknowledge(&mut self, traffic: &mut Traffic, direction: Direction, sack: Vec<(u32, u32)>) {
        let sequence = self.side(direction).next;
        let options = if sack.is_empty() || !self.sack {
            Vec::new()
        } else {
            vec![TcpOption::Nop, TcpOption::Nop, TcpOption::Sack(sack)]
        };
        self.emit(traffic, direction, sequence, TcpFlags::ACK, &options, &[]);
        traffic.wait_ns(10_000);
    }

    /// One segment with its timestamps, ECN mark and window.
    fn emit(
        &mut self,
        traffic: &mut Traffic,
        direction: Direction,
        sequence: u32,
        flags: u16,
        options: &[TcpOption],
        data: &[u8],
    ) {
        let elapsed_ms = traffic.now().since_ns(self.opened) / 1_000_000;
        // The clock of 32 bits wraps around.
        let elapsed = u32::try_from(elapsed_ms.rem_euclid(1 << 32)).unwrap_or(0);
        let syn = flags & TcpFlags::SYN != 0;
        let with_timestamps = self.timestamps && flags & TcpFlags::RST == 0;
        let ecn_mark = if self.ecn && !data.is_empty() { 0b10 } else { 0 };
        let (from, to) = match direction {
            Direction::Originator => (&mut self.originator, &mut self.responder),
            Direction::Responder => (&mut self.responder, &mut self.originator),
        };
        let value = from.timestamp_base.wrapping_add(elapsed);
        let echo = if flags & TcpFlags::ACK == 0 { 0 } else { from.echo };
        let mut list = Vec::with_capacity(options.len() + 3);
        if with_timestamps && !syn {
            list.extend([TcpOption::Nop, TcpOption::Nop, TcpOption::Timestamps(value, echo)]);
        }
        list.extend(options.iter().map(|option| match option {
            TcpOption::Timestamps(..) => TcpOption::Timestamps(value, echo),
            other => other.clone(),
        }));
        let segment = Segment {
            source_port: from.port,
            destination_port: to.port,
            sequence,
            acknowledgment: if flags & TcpFlags::ACK == 0 { 0 } else { from.acknowledged },
            flags: TcpFlags(flags),
            window: match flags {
                reset if reset & TcpFlags::RST != 0 => 0,
                _ if syn => from.host.stack.syn_window,
                _ => from.host.stack.window,
            },
            options: list,
            data: data.to_vec(),
        };
        let (source, destination) = from.host.addresses_to(&to.host);
        let header = Header {
            hop_limit: from.host.hop_limit,
            traffic_class: ecn_mark,
            dont_fragment: from.host.stack.dont_fragment,
            ..Header::new(source, destination, Transport::TCP)
        };
        to.echo = value;
        traffic.segment_with(&from.host, &to.host, &segment, &header);
    }

    fn side(&self, direction: Direction) -> &Side {
        match direction {
            Direction::Originator => &self.originator,
            Direction::Responder => &self.responder,
        }
    }

    fn side_mut(&mut self, direction: Direction) -> &mut Side {
        match direction {
            Direction::Originator => &mut self.originator,
            Direction::Responder => &mut self.responder,
        }
    }
}

/// The length of data in sequence numbers.
fn len(data: &[u8]) -> u32 {
    crate::bytes::len_u32(data.len())
}
