//! Protocols whose messages say their length, over a stream.
//!
//! A message in one piece is not copied. Of one that is longer than is kept, the beginning is read. A gap within a message
//! is bridged; one that hides where the next begins ends the direction.

use firstlight_model::Direction;

use crate::limits::{SERVICE_MESSAGE_LEN_BYTES, SERVICE_MESSAGES};
use crate::lines::{Next, begins_tls};
use crate::{Chunk, Dissect, Need, Sink};

/// A protocol that reads messages.
pub(crate) trait ByMessage: Default + Send {
    /// Length of the whole message that begins with `start`: `None` when more bytes are needed, 0 when this is none.
    fn message_len(&self, direction: Direction, start: &[u8]) -> Option<usize>;

    /// Takes the next message of a direction, or its beginning.
    fn message(&mut self, direction: Direction, message: &[u8], sink: &mut dyn Sink) -> Next;
}

/// A stream that is read message by message.
#[derive(Default)]
pub(crate) struct Messages<P> {
    protocol: P,
    sides: [Side; 2],
    messages: u16,
    tunnel: Option<usize>,
}

#[derive(Default)]
struct Side {
    /// The message that is not whole yet.
    kept: Vec<u8>,
    skip: u64,
    is_lost: bool,
}

/// Bytes of a head after which its length must be known.
const HEAD_LEN_BYTES: usize = 64;

impl<P: ByMessage> Dissect for Messages<P> {
    fn held_len(&self) -> usize {
        self.sides.iter().map(|side| side.kept.capacity()).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        match chunk {
            Chunk::Data(bytes) => self.data(direction, bytes, sink),
            Chunk::Gap(len) => self.gap(direction, len, sink),
        }
    }

    fn tunnel_begins(&self) -> Option<usize> {
        self.tunnel
    }
}

impl<P: ByMessage> Messages<P> {
    fn side(&mut self, direction: Direction) -> &mut Side {
        let [originator, responder] = &mut self.sides;
        match direction {
            Direction::Originator => originator,
            Direction::Responder => responder,
        }
    }

    fn data(&mut self, direction: Direction, bytes: &[u8], sink: &mut dyn Sink) -> Need {
        let mut rest = bytes;
        loop {
            let side = self.side(direction);
            if rest.is_empty() && side.kept.is_empty() {
                break;
            }
            if side.is_lost {
                if begins_tls(rest) {
                    self.tunnel = Some(rest.len());
                    return Need::Nothing;
                }
                break;
            }
            if side.skip > 0 {
                let skipped = rest.len().min(usize::try_from(side.skip).unwrap_or(usize::MAX));
                side.skip -= skipped as u64;
                rest = rest.get(skipped..).unwrap_or_default();
                continue;
            }
            let mut kept = std::mem::take(&mut side.kept);
            let start = if kept.is_empty() { rest } else { &kept };
            let Some(len) = self.protocol.message_len(direction, start) else {
                // A head is completed byte by byte: it is short, and nothing behind it may be taken.
                let side = self.side(direction);
                if rest.is_empty() {
                    side.kept = kept;
                    break;
                }
                if kept.len() >= HEAD_LEN_BYTES {
                    side.is_lost = true;
                    continue;
                }
                let (taken, after) = rest.split_at_checked(1).unwrap_or((rest, &[]));
                kept.extend_from_slice(taken);
                rest = after;
                side.kept = kept;
                continue;
            };
            if len == 0 {
                self.side(direction).is_lost = true;
                continue;
            }
            let wanted = len.min(SERVICE_MESSAGE_LEN_BYTES);
            let missing = wanted.saturating_sub(kept.len());
            let Some((taken, after)) = rest.split_at_checked(missing) else {
                kept.extend_from_slice(rest);
                self.side(direction).kept = kept;
                break;
            };
            rest = after;
            let side = self.side(direction);
            side.skip = (len - wanted) as u64;
            let next = if kept.is_empty() {
                self.protocol.message(direction, taken, sink)
            } else {
                kept.extend_from_slice(taken);
                self.protocol.message(direction, &kept, sink)
            };
            if let Some(need) = self.follow(next, rest.len()) {
                return need;
            }
        }
        if self.sides.iter().all(|side| side.is_lost) { Need::Nothing } else { Need::More }
    }

    fn gap(&mut self, direction: Direction, len: u64, sink: &mut dyn Sink) -> Need {
        let side = self.side(direction);
        if len <= side.skip {
            side.skip -= len;
            return Need::More;
        }
        let kept = std::mem::take(&mut side.kept);
        let in_message = !kept.is_empty() && side.skip == 0 && !side.is_lost;
        side.is_lost = true;
        if !in_message {
            return Need::More;
        }
        let Some(whole) = self.protocol.message_len(direction, &kept) else { return Need::More };
        let missing = (whole as u64).saturating_sub(kept.len() as u64);
        if let Some(rest) = missing.checked_sub(len) {
            let side = self.side(direction);
            side.is_lost = false;
            side.skip = rest;
        }
        let next = self.protocol.message(direction, &kept, sink);
        self.follow(if next == Next::Tunnel { Next::Go } else { next }, 0).unwrap_or(Need::More)
    }

    fn follow(&mut self, next: Next, rest_len: usize) -> Option<Need> {
        self.messages += 1;
        match next {
            Next::Go if self.messages < SERVICE_MESSAGES => None,
            Next::Go | Next::Enough => Some(Need::Nothing),
            Next::Tunnel => {
                self.tunnel = Some(rest_len);
                Some(Need::Nothing)
            }
        }
    }
}
