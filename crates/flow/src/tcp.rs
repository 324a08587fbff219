//! One TCP connection: which bytes were seen, and the bytes of each direction in order (RFC 9293).
//!
//! Left out: the window. A segment is believed wherever it lies within 2 GiB of the last one.

use firstlight_model::{Chunk, Direction, FrameRef, Tcp, TcpFlags, Timestamp};

use crate::coverage::Coverage;
use crate::delivered::Delivered;
use crate::hop_limits::HopLimits;
use crate::limits::Limits;
use crate::options::{Said, SynSaid, Ticks};

/// Where the unwrapped sequence numbers of a direction begin, so that earlier ones have room below.
const ORIGIN: u64 = 1 << 32;

/// Both directions of a connection.
#[derive(Debug, Clone, Default)]
pub struct TcpState {
    /// By direction.
    pub halves: [TcpHalf; 2],
}

impl TcpState {
    /// What one side has sent.
    pub fn half(&self, direction: Direction) -> &TcpHalf {
        let [originator, responder] = &self.halves;
        if direction == Direction::Originator { originator } else { responder }
    }

    pub(crate) fn half_mut(&mut self, direction: Direction) -> &mut TcpHalf {
        let [originator, responder] = &mut self.halves;
        if direction == Direction::Originator { originator } else { responder }
    }

    /// Both sides have closed, or one has reset.
    pub fn is_over(&self) -> bool {
        self.halves.iter().any(|half| half.reset) || self.is_closed()
    }

    /// Both sides have sent a FIN, and neither had reset before.
    pub fn is_closed(&self) -> bool {
        self.halves.iter().all(|half| half.fin && !half.reset)
    }

    /// Both sides have sent a SYN.
    pub fn is_established(&self) -> bool {
        self.halves.iter().all(|half| half.syn || half.syn_ack)
    }
}

/// What one side of a connection has sent.
#[derive(Debug, Clone, Default)]
pub struct TcpHalf {
    /// It sent anything at all.
    pub active: bool,
    /// It sent a SYN without ACK.
    pub syn: bool,
    /// It sent a SYN with ACK.
    pub syn_ack: bool,
    /// It sent a FIN.
    pub fin: bool,
    /// It sent a RST.
    pub reset: bool,
    /// Initial sequence number, where its SYN was seen.
    pub isn: Option<u32>,
    /// Payload seen.
    pub coverage: Coverage,
    /// Segments that brought nothing new.
    pub retransmissions: u64,
    /// Segments that came before one that belongs before them.
    pub out_of_order: u64,
    /// Bytes given up as lost before later ones.
    pub lost: u64,
    /// The first frame with a RST.
    pub(crate) reset_at: Option<(Timestamp, FrameRef)>,
    pub(crate) hop_limits: HopLimits,
    pub(crate) said: Said,
    delivered: Option<Box<Delivered>>,
    base: Option<u32>,
    next: u64,
    /// Where its FIN stands: one past its last byte.
    end: Option<u64>,
    stash: Vec<Stashed>,
    stash_size: usize,
}

/// A segment that waits for the one before it.
#[derive(Debug, Clone)]
struct Stashed {
    start: u64,
    len: u64,
    bytes: Box<[u8]>,
}

impl Stashed {
    /// Memory that it takes: a vector that grows has room for twice as many.
    fn size(&self) -> usize {
        2 * size_of::<Self>() + self.bytes.len()
    }
}

/// Whether all that waits may go on waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// Yes.
    Enough,
    /// No: a gap was taken as lost.
    Exceeded,
}

/// What a segment brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Arrival {
    /// Payload bytes not seen before.
    pub fresh: u64,
    /// There are too many gaps to tell them all: what was missing between two pieces counts as seen.
    pub joins: bool,
    /// It repeats bytes that were seen.
    pub repeats: bool,
    /// It came before a segment that belongs before it.
    pub early: bool,
    /// It asks whether the other side is still there (RFC 9293 s. 3.8.4): nothing, or a byte that was sent before.
    pub keeps_alive: bool,
}

impl TcpHalf {
    /// What its first SYN said.
    pub fn syn_said(&self) -> Option<SynSaid> {
        self.said.syn
    }

    /// The timestamps that it sent first and last.
    pub fn ticks(&self) -> Option<Ticks> {
        self.said.ticks.as_deref().copied()
    }

    /// Memory of what is held back, and of the gaps that are known.
    pub(crate) fn held_size(&self) -> usize {
        self.stash_size + self.coverage.islands_size()
    }

    /// The unwrapped number of a sequence number.
    fn unwrap(&self, sequence: u32) -> u64 {
        let Some(base) = self.base else { return ORIGIN };
        // The low half of `next - ORIGIN` is all that wraps.
        let low = u32::try_from(self.next.wrapping_sub(ORIGIN) & 0xffff_ffff).expect("32 bits were kept");
        let distance = sequence.wrapping_sub(base.wrapping_add(low)).cast_signed();
        self.next.saturating_add_signed(i64::from(distance))
    }

    /// Takes note of a segment's flags and payload; says what is new in it. Nothing is delivered here.
    pub(crate) fn arrive(&mut self, tcp: &Tcp<'_>) -> (Arrival, u64) {
        self.active = true;
        let is_syn = tcp.flags.has(TcpFlags::SYN);
        let data_sequence = tcp.sequence.wrapping_add(u32::from(is_syn));
        if is_syn {
            // Before anything was sent, another SYN-ACK with another number is the one that counts: the first may
            // be that of a load balancer or of somebody in the middle.
            let is_untouched = self.coverage.total() == 0;
            if is_untouched && self.isn.is_some_and(|isn| isn != tcp.sequence) {
                self.isn = None;
                self.base = None;
            }
            self.isn.get_or_insert(tcp.sequence);
            if tcp.flags.has(TcpFlags::ACK) {
                self.syn_ack = true;
            } else {
                self.syn = true;
            }
        }
        let is_going_on = self.base.is_some() && tcp.flags.0 & (TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST) == 0;
        if self.base.is_none() {
            self.base = Some(data_sequence);
            self.next = ORIGIN;
        }
        self.fin |= tcp.flags.has(TcpFlags::FIN);
        self.reset |= tcp.flags.has(TcpFlags::RST);
        let start = self.unwrap(data_sequence);
        if tcp.flags.has(TcpFlags::FIN) {
            self.end.get_or_insert(start + u64::from(tcp.payload_len));
        }
        let keeps_alive = is_going_on && tcp.payload_len <= 1 && start + 1 == self.next;
        // The byte of a keep-alive before all data has the number of the SYN: it is no data.
        if tcp.payload_len == 0 || (keeps_alive && start < ORIGIN) {
            return (Arrival { keeps_alive, ..Arrival::default() }, start);
        }
        let len = u64::from(tcp.payload_len);
        let joined_before = self.coverage.joined();
        let fresh = self.coverage.insert(start, start + len);
        let joins = self.coverage.joined() > joined_before;
        let repeats = fresh < len;
        let early = start > self.next;
        self.retransmissions += u64::from(repeats);
        self.out_of_order += u64::from(early);
        (Arrival { fresh, joins, repeats, early, keeps_alive }, start)
    }

    /// Delivers a segment's payload in order, as far as it can be; the rest waits. `budget` is what all flows may still
    /// hold back.
    pub(crate) fn deliver(
        &mut self,
        start: u64,
        captured: &[u8],
        len: u64,
        limits: &Limits,
        budget: usize,
        out: &mut impl FnMut(Chunk<'_>),
    ) -> Room {
        if start <= self.next {
            self.emit(start, captured, len, out);
            self.drain(out);
            return Room::Enough;
        }
        self.keep(start, captured, len);
        let room = limits.reorder_len_bytes.min(budget);
        let mut verdict = Room::Enough;
        while self.stash_size > room || self.stash.len() > limits.reorder_segments {
            self.give_up_first_gap(out);
            verdict = Room::Exceeded;
        }
        verdict
    }

    /// Does a segment that is about to be delivered say something else than one before it? `repeats` when part of it was
    /// seen.
    pub(crate) fn contradicts(&mut self, start: u64, payload: &[u8], repeats: bool) -> bool {
        let in_stash = repeats && self.stash.iter().any(|other| differ(start, payload, other.start, &other.bytes));
        let Some(at) = start.checked_sub(ORIGIN).filter(|_| !payload.is_empty()) else { return in_stash };
        self.delivered.get_or_insert_default().contradicts(at, payload, repeats) || in_stash
    }

    /// Moves on without delivering, for flows that nobody reads.
    pub(crate) fn skip(&mut self, start: u64, len: u64) {
        self.next = self.next.max(start + len);
    }

    /// Forgets what waits.
    pub(crate) fn forget(&mut self) {
        self.stash = Vec::new();
        self.stash_size = 0;
        self.delivered = None;
    }

    /// Delivers all that waits, with the gaps before it.
    pub(crate) fn flush(&mut self, out: &mut impl FnMut(Chunk<'_>)) {
        while !self.stash.is_empty() {
            self.give_up_first_gap(out);
        }
    }

    /// Bytes that were sent, as later ones or the FIN show, but are not in the capture.
    pub fn missing(&self) -> u64 {
        let Some(reached) = self.coverage.end() else {
            let sent = self.end.zip(self.isn).map_or(0, |(end, _)| end.saturating_sub(ORIGIN));
            return sent;
        };
        self.coverage.missing() + self.end.map_or(0, |end| end.saturating_sub(reached))
    }

    /// True when nothing was delivered yet.
    pub(crate) fn is_untouched(&self) -> bool {
        self.coverage.total() == 0
    }

    fn keep(&mut self, start: u64, captured: &[u8], len: u64) {
        if self.stash.iter().any(|other| other.start == start && other.len >= len) {
            return;
        }
        let at = self.stash.partition_point(|other| other.start <= start);
        let segment = Stashed { start, len, bytes: captured.into() };
        self.stash_size += segment.size();
        self.stash.insert(at, segment);
    }

    fn emit(&mut self, start: u64, captured: &[u8], len: u64, out: &mut impl FnMut(Chunk<'_>)) {
        let end = start + len;
        if end <= self.next {
            return;
        }
        let done = self.next - start;
        let fresh = usize::try_from(done).ok().and_then(|done| captured.get(done..)).unwrap_or(&[]);
        if !fresh.is_empty() {
            out(Chunk::Data(fresh));
        }
        let missing = len - done - fresh.len() as u64;
        if missing > 0 {
            out(Chunk::Gap(missing));
        }
        self.next = end;
    }

    fn drain(&mut self, out: &mut impl FnMut(Chunk<'_>)) {
        // Taken out first, since what is delivered may reach the next ones.
        while self.stash.first().is_some_and(|first| first.start <= self.next) {
            let reached = self.stash.partition_point(|segment| segment.start <= self.next);
            let rest = self.stash.split_off(reached);
            for segment in std::mem::replace(&mut self.stash, rest) {
                self.stash_size -= segment.size();
                self.emit(segment.start, &segment.bytes, segment.len, out);
            }
        }
    }

    fn give_up_first_gap(&mut self, out: &mut impl FnMut(Chunk<'_>)) {
        if let Some(first) = self.stash.first() {
            let gap = first.start - self.next;
            self.lost += gap;
            self.next = first.start;
            out(Chunk::Gap(gap));
        }
        self.drain(out);
    }

    /// Adds what the continuation of this half saw; says by how many bytes the stream went on unread.
    pub(crate) fn absorb(&mut self, other: Self) -> u64 {
        let Some(other_base) = other.base else { return 0 };
        if self.base.is_none() {
            let went_on = other.next - ORIGIN;
            self.take_over(other);
            return went_on;
        }
        self.forget();
        let shift = self.unwrap(other_base).cast_signed() - ORIGIN.cast_signed();
        let before = self.next;
        self.end = self.end.or(other.end.map(|end| end.saturating_add_signed(shift)));
        self.coverage.absorb(&other.coverage, shift);
        self.next = self.next.max(other.next.saturating_add_signed(shift));
        self.add_flags(&other);
        self.next - before
    }

    /// Goes on as the continuation, which was read from its own first byte.
    pub(crate) fn take_over(&mut self, other: Self) {
        let before = std::mem::replace(self, other);
        if self.base.is_none() {
            self.base = before.base;
            self.next = before.next;
            self.end = before.end;
        }
        self.add_flags(&before);
    }

    fn add_flags(&mut self, other: &Self) {
        self.active |= other.active;
        self.syn |= other.syn;
        self.syn_ack |= other.syn_ack;
        self.fin |= other.fin;
        self.reset |= other.reset;
        self.isn = self.isn.or(other.isn);
        self.retransmissions += other.retransmissions;
        self.out_of_order += other.out_of_order;
        self.lost += other.lost;
        self.reset_at = match (self.reset_at, other.reset_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.hop_limits.merge(other.hop_limits);
        self.said.merge(&other.said);
    }
}

/// Do two pieces of a stream differ where they overlap?
fn differ(start_a: u64, a: &[u8], start_b: u64, b: &[u8]) -> bool {
    let skip = |from: u64, to: u64| usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
    let a = a.get(skip(start_a, start_b)..).unwrap_or(&[]);
    let b = b.get(skip(start_b, start_a)..).unwrap_or(&[]);
    a.iter().zip(b).any(|(a, b)| a != b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(sequence: u32, payload: &[u8], flags: u16) -> Tcp<'_> {
        Tcp {
            source_port: 1,
            destination_port: 2,
            sequence,
            acknowledgment: 0,
            flags: TcpFlags(flags),
            window: 0,
            urgent: 0,
            options: &[],
            options_cut: false,
            payload,
            payload_len: u32::try_from(payload.len()).unwrap(),
            reserved: 0,
        }
    }

    fn read(segments: &[(u32, Vec<u8>)], isn: u32) -> (Vec<u8>, u64) {
        let mut half = TcpHalf::default();
        let mut bytes = Vec::new();
        half.arrive(&segment(isn, &[], TcpFlags::SYN));
        for (sequence, payload) in segments {
            let (_, start) = half.arrive(&segment(*sequence, payload, TcpFlags::ACK));
            half.deliver(start, payload, payload.len() as u64, &Limits::default(), usize::MAX, &mut |chunk| {
                if let Chunk::Data(data) = chunk {
                    bytes.extend_from_slice(data);
                }
            });
        }
        (bytes, half.coverage.total())
    }

    proptest! {
        #[test]
        fn any_order_and_any_overlap_give_the_same_stream(
            isn in any::<u32>(),
            pieces in prop::collection::vec((0_usize..300, 1_usize..80), 1..20),
            order in any::<prop::sample::Index>(),
        ) {
            let stream: Vec<u8> = (0..400_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let mut segments: Vec<(u32, Vec<u8>)> = pieces
                .iter()
                .map(|&(at, len)| (isn.wrapping_add(1 + u32::try_from(at).unwrap()), stream[at..(at + len).min(400)].to_vec()))
                .collect();
            // The stream as one segment at a random place makes it whole.
            segments.insert(order.index(segments.len()), (isn.wrapping_add(1), stream.clone()));
            let (bytes, total) = read(&segments, isn);
            prop_assert_eq!(bytes, stream);
            prop_assert_eq!(total, 400);
        }
    }

    #[test]
    fn sequence_numbers_wrap() {
        let (bytes, total) = read(&[(0, b"cd".to_vec()), (u32::MAX - 1, b"ab".to_vec())], u32::MAX - 2);
        assert_eq!(bytes, b"abcd");
        assert_eq!(total, 4);
    }

    #[test]
    fn what_waits_is_bounded_with_its_bookkeeping() {
        let mut half = TcpHalf::default();
        half.arrive(&segment(0, &[], TcpFlags::SYN));
        let limits = Limits::default();
        for (budget, expected) in
            [(usize::MAX, limits.reorder_segments), (1_000, 1_000 / (2 * size_of::<Stashed>() + 1))]
        {
            let (mut given_up, mut most) = (0, 0);
            for at in 1..500_u32 {
                let (_, start) = half.arrive(&segment(10 + at * 3, b"x", TcpFlags::ACK));
                let room = half.deliver(start, b"x", 1, &limits, budget, &mut |_| {});
                given_up += u32::from(room == Room::Exceeded);
                most = most.max(half.stash.len());
            }
            assert_eq!(most, expected);
            assert!(given_up > 300, "{given_up}");
            half.forget();
            half = TcpHalf::default();
            half.arrive(&segment(0, &[], TcpFlags::SYN));
        }
    }

    #[test]
    fn a_lost_segment_is_a_gap_once_enough_waits_behind_it() {
        let mut half = TcpHalf::default();
        half.arrive(&segment(0, &[], TcpFlags::SYN));
        let limits = Limits { reorder_segments: 2, ..Limits::default() };
        let mut chunks = Vec::new();
        for at in [11_u32, 12, 13] {
            let (_, start) = half.arrive(&segment(at, b"x", TcpFlags::ACK));
            half.deliver(start, b"x", 1, &limits, usize::MAX, &mut |chunk| chunks.push(format!("{chunk:?}")));
        }
        assert_eq!(chunks, ["Gap(10)", "Data([120])", "Data([120])", "Data([120])"]);
        assert_eq!(half.lost, 10);
    }
}
