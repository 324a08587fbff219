//! A protocol and the bytes of both directions to observations.
//!
//! ```text
//! 2 bytes   the protocol's key (see [`key`]), else its place in the list; big-endian
//! 1 byte    bit 0: the flow's beginning was seen; bit 1: the ports of the protocol's first sample, else other ones
//! 1 byte    how streams are cut
//! then, until the end:
//! 2 bytes   bit 15: from the responder; bit 14: a gap of as many bytes; bits 0-13: length; big-endian
//! n bytes   that many bytes, or as many as are left
//! ```
//!
//! What holds:
//! - of a stream that is read from its beginning and has no gaps, every cutting gives the same observations in each
//!   direction (see [`FIND_AGAIN`] for where it is not cut);
//! - only fields that the protocol declares are seen, and by a session only those that some protocol declares;
//! - the same bytes give the same observations.

use std::collections::BTreeSet;

use firstlight_dissect::{ALL, Carrier, Chunk, Context, Dissector, Need, Session, Sink, Verdict};
use firstlight_model::{Direction, Observation};

/// Reads a conversation.
///
/// # Panics
/// When one of the sentences above does not hold.
pub fn run(bytes: &[u8]) {
    let Some((&[high, low, flags, cut], bytes)) = bytes.split_first_chunk() else { return };
    let dissector = dissector(u16::from_be_bytes([high, low]));
    let context = context(dissector, flags);
    let pieces = pieces(bytes);
    let heard = alone(dissector, &context, &pieces);
    let declared: BTreeSet<_> = dissector.fields.iter().map(|field| field.name).collect();
    assert!(heard.fields.is_subset(&declared), "{} said {:?}", dissector.name, heard.fields);
    assert_eq!(heard, alone(dissector, &context, &pieces), "{} a second time", dissector.name);
    if dissector.carrier == Carrier::Tcp && context.from_start && !pieces.iter().any(|piece| piece.is_gap()) {
        for sizes in [Sizes::of(cut), Sizes { seed: 0, most: 1 }] {
            let shorter = alone(dissector, &context, &cut_up(dissector, &context, &pieces, sizes));
            assert_eq!(heard, shorter, "{}, whole and cut in {sizes:?}", dissector.name);
        }
    }
    let heard = in_session(dissector.carrier, &context, &pieces);
    let declared: BTreeSet<_> = ALL.iter().flat_map(|it| it.fields).map(|field| field.name).collect();
    assert!(heard.fields.is_subset(&declared), "a session said {:?}", heard.fields);
}

/// How many things the protocol says of the conversation.
pub fn said(bytes: &[u8]) -> usize {
    let Some((&[high, low, flags, _], bytes)) = bytes.split_first_chunk() else { return 0 };
    let dissector = dissector(u16::from_be_bytes([high, low]));
    alone(dissector, &context(dissector, flags), &pieces(bytes)).said.iter().map(Vec::len).sum()
}

/// The number that seeds know a protocol by. It does not change when the list does.
pub fn key(dissector: &Dissector) -> u16 {
    let carrier = format!("{:?}", dissector.carrier);
    // FNV-1a, folded to 16 bits.
    let hash = dissector
        .name
        .bytes()
        .chain(carrier.bytes())
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    u16::try_from((hash >> 16) ^ (hash & 0xffff)).expect("it was folded to 16 bits")
}

fn dissector(number: u16) -> &'static Dissector {
    let known = ALL.iter().find(|dissector| key(dissector) == number);
    known.unwrap_or_else(|| &ALL[usize::from(number) % ALL.len()])
}

fn context(dissector: &Dissector, flags: u8) -> Context {
    let other = Context { originator_port: 49_152, responder_port: 40_000, from_start: true };
    let sample = dissector.samples.first().filter(|_| flags & 2 != 0);
    Context { from_start: flags & 1 != 0, ..sample.map_or(other, |sample| sample.context) }
}

/// A push.
#[derive(Debug, Clone, Copy)]
struct Piece<'a> {
    direction: Direction,
    chunk: Chunk<'a>,
}

impl Piece<'_> {
    fn is_gap(&self) -> bool {
        matches!(self.chunk, Chunk::Gap(_))
    }
}

fn pieces(mut bytes: &[u8]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some((head, rest)) = bytes.split_first_chunk() {
        let head = u16::from_be_bytes(*head);
        let direction = if head & 0x8000 == 0 { Direction::Originator } else { Direction::Responder };
        let len = head & 0x3fff;
        if head & 0x4000 != 0 {
            pieces.push(Piece { direction, chunk: Chunk::Gap(u64::from(len)) });
            bytes = rest;
            continue;
        }
        let (data, rest) = rest.split_at(rest.len().min(usize::from(len)));
        pieces.push(Piece { direction, chunk: Chunk::Data(data) });
        bytes = rest;
    }
    pieces
}

/// Lengths of pieces, from 1 to `most` bytes.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    seed: u32,
    most: u32,
}

impl Sizes {
    fn of(cut: u8) -> Self {
        let cut = u32::from(cut);
        Self { seed: cut, most: 2 + cut * cut / 32 }
    }

    fn next(&mut self) -> usize {
        // Numerical Recipes' linear congruential generator; its high bits are the better ones.
        self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (1 + (self.seed >> 8) % self.most) as usize
    }
}

fn cut_up<'a>(dissector: &Dissector, context: &Context, pieces: &[Piece<'a>], mut sizes: Sizes) -> Vec<Piece<'a>> {
    let mut shorter = Vec::new();
    for piece in pieces {
        let Chunk::Data(mut rest) = piece.chunk else { continue };
        let may_begin = |bytes: &[u8]| begins_anew(dissector, context, piece.direction, bytes);
        let mut least = if may_begin(rest) { BEGINNING } else { 1 };
        while !rest.is_empty() {
            let mut len = sizes.next().max(std::mem::replace(&mut least, 1)).min(rest.len());
            while len < rest.len() && may_begin(&rest[len..]) {
                len += 1;
            }
            let (head, tail) = rest.split_at(len);
            shorter.push(Piece { direction: piece.direction, chunk: Chunk::Data(head) });
            rest = tail;
        }
    }
    shorter
}

/// Protocols that find a stream again that is lost, where a chunk begins with what a message begins with: its sender had
/// to wait, so a segment begins there. What looks like that stays in one piece.
const FIND_AGAIN: &[&str] = &["http", "tls"];

/// Bytes of a beginning that are enough to know it.
const BEGINNING: usize = 64;

fn begins_anew(dissector: &Dissector, context: &Context, direction: Direction, bytes: &[u8]) -> bool {
    // TLS may begin on any stream, after an agreement that was not understood; any of its records will do.
    matches!(bytes, [0x14..=0x18, 3, 0..=4, ..])
        || FIND_AGAIN.contains(&dissector.name)
            && (dissector.probe)(context, direction, bytes.get(..BEGINNING).unwrap_or(bytes)) != Verdict::NoMatch
}

/// What was said, as text, each direction for itself.
#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    said: [Vec<String>; 2],
    fields: BTreeSet<&'static str>,
}

impl Sink for Heard {
    fn observe(&mut self, observation: Observation<'_>) {
        self.fields.insert(observation.field.name);
        self.said[observation.direction.index()].push(format!("{observation:?}"));
    }
}

/// What the protocol says when it is the only one that listens.
fn alone(dissector: &Dissector, context: &Context, pieces: &[Piece<'_>]) -> Heard {
    let mut heard = Heard::default();
    let mut dissect = (dissector.open)(context);
    for Piece { direction, chunk } in pieces {
        if dissect.push(*direction, *chunk, &mut heard) == Need::Nothing {
            let _ = (dissect.tunnel_begins(), dissect.tunnel_speaks());
            return heard;
        }
    }
    dissect.finish(&mut heard);
    heard
}

/// What is said when the protocol has to be found first.
fn in_session(carrier: Carrier, context: &Context, pieces: &[Piece<'_>]) -> Heard {
    let mut heard = Heard::default();
    let mut session = match carrier {
        Carrier::Tcp => Session::stream(*context),
        carrier => Session::messages(carrier, *context),
    };
    for Piece { direction, chunk } in pieces {
        if session.push(*direction, *chunk, &mut heard) == Need::Nothing {
            break;
        }
    }
    session.finish(&mut heard);
    heard
}
