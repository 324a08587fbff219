//! Protocols that talk in lines of text, in both directions.
//!
//! A line in one piece is not copied; a longer one than is kept is cut off. A gap costs the line it is in. Left out: what
//! is no line (the mail, the file), where the protocol says that it has heard enough.

use firstlight_model::Direction;

use crate::limits::{SERVICE_LINE_LEN_BYTES, SERVICE_TALK_LEN_BYTES};
use crate::{Chunk, Dissect, Need, Sink};

/// What is to follow a line or a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// The next one.
    Go,
    /// Nothing that is of interest.
    Enough,
    /// Another protocol, in both directions.
    Tunnel,
}

/// A protocol that reads lines.
pub(crate) trait ByLine: Default + Send {
    /// What ends a line. A CR before it is taken off.
    const END: u8 = b'\n';

    /// Takes the next line of a direction.
    fn line(&mut self, direction: Direction, line: &[u8], sink: &mut dyn Sink) -> Next;
}

/// A stream that is read line by line.
#[derive(Default)]
pub(crate) struct Lines<P> {
    protocol: P,
    sides: [Side; 2],
    tunnel: Option<usize>,
}

#[derive(Default)]
struct Side {
    /// The line that has no end yet.
    kept: Vec<u8>,
    len_bytes: usize,
    /// The beginning of the line is missing.
    is_torn: bool,
}

impl Side {
    fn keep(&mut self, bytes: &[u8]) {
        let room = SERVICE_LINE_LEN_BYTES.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }
}

impl<P: ByLine> Dissect for Lines<P> {
    fn held_len(&self) -> usize {
        self.sides.iter().map(|side| side.kept.capacity()).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let [originator, responder] = &mut self.sides;
        let side = match direction {
            Direction::Originator => originator,
            Direction::Responder => responder,
        };
        let mut rest = match chunk {
            Chunk::Data(bytes) => bytes,
            Chunk::Gap(_) => {
                side.kept.clear();
                side.is_torn = true;
                return Need::More;
            }
        };
        if side.is_torn && begins_tls(rest) {
            self.tunnel = Some(rest.len());
            return Need::Nothing;
        }
        while let Some(end) = memchr::memchr(P::END, rest) {
            let (line, after) = rest.split_at_checked(end + 1).unwrap_or((rest, &[]));
            rest = after;
            side.len_bytes += line.len();
            if side.len_bytes + side.kept.len() > SERVICE_TALK_LEN_BYTES {
                return Need::Nothing;
            }
            let line = line.strip_suffix(&[P::END]).unwrap_or(line);
            let kept = std::mem::take(&mut side.kept);
            let whole = if kept.is_empty() {
                line.get(..SERVICE_LINE_LEN_BYTES).unwrap_or(line)
            } else {
                side.kept = kept;
                side.keep(line);
                &side.kept
            };
            let next = if std::mem::take(&mut side.is_torn) {
                Next::Go
            } else {
                self.protocol.line(direction, whole.strip_suffix(b"\r").unwrap_or(whole), sink)
            };
            side.len_bytes += side.kept.len();
            side.kept.clear();
            match next {
                Next::Go => {}
                Next::Enough => return Need::Nothing,
                Next::Tunnel => {
                    self.tunnel = Some(rest.len());
                    return Need::Nothing;
                }
            }
        }
        side.keep(rest);
        Need::More
    }

    fn tunnel_begins(&self) -> Option<usize> {
        self.tunnel
    }
}

/// The head of a TLS record: what follows a STARTTLS whose agreement was lost.
pub(crate) fn begins_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x16, 3, 0..=4, ..])
}
