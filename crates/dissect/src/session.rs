//! What is kept of a flow while it is read: first which protocols may still speak on it, then the one that does.
//!
//! Both directions of a stream are probed, since either side may speak first. While a protocol wants more bytes to tell,
//! they are kept and replayed to the one that matches. A stream that begins with something else, or whose beginning was
//! not seen, is probed again at the beginning of later chunks: one may begin with a record or a head, and so begins what
//! follows a STARTTLS or the handshake of a proxy, since its sender had to wait. Once a tunnel is agreed on, probing
//! begins anew at that very byte. A flow of datagrams may go on with another protocol, too: the one that speaks says so.

use firstlight_model::Direction;

use crate::limits::{PROBE_DATAGRAMS, PROBE_LATE_CHUNKS, PROBE_LEN_BYTES, TUNNELS};
use crate::{ALL, Carrier, Chunk, Context, Dissect, Dissector, Need, Sink, Verdict};

/// One bit for each of [`of_streams`].
type Candidates = u64;

/// One flow, from its first byte to its last. Small while nothing is known of it.
pub struct Session {
    context: Context,
    tunnels_left: u8,
    /// What the connection is said to be.
    service: Option<&'static Dissector>,
    state: State,
}

enum State {
    Datagrams { carrier: Carrier, unmatched: u8 },
    Stream(Probing),
    Speaking(&'static Dissector, Box<dyn Dissect>),
    Over(Option<&'static Dissector>),
}

/// A stream whose protocol is not known yet.
struct Probing {
    sides: [Side; 2],
    /// Chunks at whose beginning another probe may be made.
    late_chunks_left: u8,
    /// Undecided bytes in the order of their arrival. Empty in most flows: the first chunk decides.
    kept: Vec<(Direction, Vec<u8>)>,
}

#[derive(Clone, Copy)]
struct Side {
    candidates: Candidates,
    /// The next byte is that of the stream's beginning, or of a place that is known as well.
    in_place: bool,
}

impl Session {
    /// A stream of bytes (TCP).
    pub fn stream(context: Context) -> Self {
        Self { context, tunnels_left: TUNNELS, service: None, state: State::Stream(Probing::new(&context)) }
    }

    /// Datagrams (UDP).
    pub fn datagrams(context: Context) -> Self {
        Self::messages(Carrier::Udp, context)
    }

    /// Messages that are whole each for itself: UDP, ICMP, IGMP, frames.
    pub fn messages(carrier: Carrier, context: Context) -> Self {
        Self { context, tunnels_left: TUNNELS, service: None, state: State::Datagrams { carrier, unmatched: 0 } }
    }

    /// Takes the next bytes of one direction, in order, or one datagram. Once it says [`Need::Nothing`], further calls
    /// do nothing.
    pub fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        match &mut self.state {
            State::Speaking(dissector, dissect) => {
                let dissector = *dissector;
                if dissect.push(direction, chunk, sink) == Need::More {
                    return Need::More;
                }
                let tunnelled = dissect.tunnel_begins().filter(|_| self.tunnels_left > 0);
                let agreed = dissect.tunnel_speaks();
                self.state = State::Over(Some(dissector));
                let (Some(len), Chunk::Data(bytes)) = (tunnelled, chunk) else { return Need::Nothing };
                self.tunnels_left -= 1;
                self.context.from_start = true;
                self.state = match agreed {
                    Some(inner) => {
                        self.service = Some(inner);
                        State::Speaking(inner, (inner.open)(&self.context))
                    }
                    None if dissector.carrier == Carrier::Tcp => State::Stream(Probing::new(&self.context)),
                    None => State::Datagrams { carrier: dissector.carrier, unmatched: 0 },
                };
                let inner = bytes.get(bytes.len().saturating_sub(len)..).unwrap_or_default();
                self.push(direction, Chunk::Data(inner), sink)
            }
            State::Over(_) => Need::Nothing,
            State::Datagrams { .. } => self.push_datagram(direction, chunk, sink),
            State::Stream(_) => self.push_stream(direction, chunk, sink),
        }
    }

    /// The flow is over.
    pub fn finish(&mut self, sink: &mut dyn Sink) {
        let state = std::mem::replace(&mut self.state, State::Over(None));
        self.state = State::Over(match state {
            State::Speaking(dissector, mut dissect) => {
                dissect.finish(sink);
                Some(dissector)
            }
            State::Over(dissector) => dissector,
            State::Datagrams { .. } | State::Stream(_) => None,
        });
    }

    /// Memory in bytes that is held of what was pushed.
    pub fn held_len(&self) -> usize {
        match &self.state {
            State::Speaking(_, dissect) => dissect.held_len(),
            State::Stream(probing) => probing.kept.iter().map(|(_, bytes)| bytes.capacity() + size_of_val(bytes)).sum(),
            State::Datagrams { .. } | State::Over(_) => 0,
        }
    }

    /// The protocol that speaks, or spoke last; in a tunnel of which nothing is known yet, what carries it. `None` while it
    /// is unknown.
    pub fn protocol(&self) -> Option<&'static Dissector> {
        let innermost = match &self.state {
            State::Speaking(dissector, _) => Some(*dissector),
            State::Over(dissector) => *dissector,
            State::Datagrams { .. } | State::Stream(_) => None,
        };
        innermost.or(self.service)
    }

    /// What the connection is: the protocol that it begins with, or the one that both sides agreed to go on with in its
    /// place (`tunnel_speaks`). A proxy or a mail server behind which TLS begins stays what it is. `None` while unknown.
    pub fn service(&self) -> Option<&'static Dissector> {
        self.service
    }

    fn push_datagram(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let (Chunk::Data(bytes), State::Datagrams { carrier, unmatched }) = (chunk, &mut self.state) else {
            return Need::More;
        };
        let context = self.context;
        let found = ALL.iter().find(|dissector| {
            dissector.carrier == *carrier && (dissector.probe)(&context, direction, bytes) == Verdict::Match
        });
        if let Some(dissector) = found {
            self.service = Some(dissector);
            self.state = State::Speaking(dissector, (dissector.open)(&context));
            return self.push(direction, chunk, sink);
        }
        *unmatched += 1;
        if *unmatched < PROBE_DATAGRAMS {
            return Need::More;
        }
        self.state = State::Over(None);
        Need::Nothing
    }

    fn push_stream(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let State::Stream(probing) = &mut self.state else { return Need::Nothing };
        match probing.push(&self.context, direction, chunk) {
            Probed::Undecided => Need::More,
            Probed::Unknown => {
                self.state = State::Over(None);
                Need::Nothing
            }
            Probed::Found(dissector, context) => {
                let kept = std::mem::take(&mut probing.kept);
                self.service = self.service.or(Some(dissector));
                self.state = State::Speaking(dissector, (dissector.open)(&context));
                for (direction, bytes) in &kept {
                    if self.push(*direction, Chunk::Data(bytes), sink) == Need::Nothing {
                        return Need::Nothing;
                    }
                }
                self.push(direction, chunk, sink)
            }
        }
    }
}

enum Probed {
    Found(&'static Dissector, Context),
    Undecided,
    Unknown,
}

impl Probing {
    fn new(context: &Context) -> Self {
        let side = Side { candidates: every_candidate(), in_place: context.from_start };
        Self { sides: [side; 2], late_chunks_left: PROBE_LATE_CHUNKS, kept: Vec::new() }
    }

    /// Probes with what is kept of this direction and the new bytes. The new bytes are kept when that decides nothing.
    fn push(&mut self, context: &Context, direction: Direction, chunk: Chunk<'_>) -> Probed {
        let [originator, responder] = &mut self.sides;
        let side = match direction {
            Direction::Originator => originator,
            Direction::Responder => responder,
        };
        let bytes = match chunk {
            Chunk::Data([]) => return Probed::Undecided,
            Chunk::Data(bytes) => bytes,
            Chunk::Gap(_) => {
                self.kept.retain(|(of, _)| *of != direction);
                *side = Side { candidates: every_candidate(), in_place: false };
                return Probed::Undecided;
            }
        };
        let mut joined = Vec::new();
        for (_, kept) in self.kept.iter().filter(|(of, _)| *of == direction) {
            joined.extend_from_slice(kept);
        }
        let whole = if joined.is_empty() {
            bytes
        } else {
            joined.extend_from_slice(bytes.get(..PROBE_LEN_BYTES).unwrap_or(bytes));
            &joined
        };
        let context = Context { from_start: side.in_place, ..*context };
        let candidates = side.candidates;
        for (bit, dissector) in of_streams().filter(|(bit, _)| candidates & (1 << bit) != 0) {
            match (dissector.probe)(&context, direction, whole) {
                Verdict::Match => return Probed::Found(dissector, context),
                Verdict::NeedMore if whole.len() < PROBE_LEN_BYTES => {}
                Verdict::NeedMore | Verdict::NoMatch => side.candidates &= !(1 << bit),
            }
        }
        if side.candidates != 0 {
            self.kept.push((direction, bytes.to_vec()));
            return Probed::Undecided;
        }
        self.kept.retain(|(of, _)| *of != direction);
        side.candidates = every_candidate();
        match self.late_chunks_left.checked_sub(1) {
            Some(left) => {
                self.late_chunks_left = left;
                Probed::Undecided
            }
            None => Probed::Unknown,
        }
    }
}

/// The dissectors of streams, in probing order, and the bit of each. One beyond the bits would never be asked: see the
/// test.
fn of_streams() -> impl Iterator<Item = (u32, &'static Dissector)> {
    (0..Candidates::BITS).zip(ALL.iter().copied().filter(|dissector| dissector.carrier == Carrier::Tcp))
}

fn every_candidate() -> Candidates {
    of_streams().fold(0, |bits, (bit, _)| bits | 1 << bit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dissector_of_streams_has_a_bit() {
        assert_eq!(of_streams().count(), ALL.iter().filter(|dissector| dissector.carrier == Carrier::Tcp).count());
    }
}
