//! DNS over TCP (RFC 1035 s. 4.2.2, RFC 7766): messages with a two-byte length in front, several in a stream.

use firstlight_model::Direction;

use crate::dns::message::Message;
use crate::dns::{ALL_FIELDS, ANSWER, BINDING, FIELDS, NO_SUCH_NAME, QUERY, observe};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// DNS over TCP.
pub static DISSECTOR: Dissector = Dissector {
    name: "dns",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: ALL_FIELDS,
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(DnsTcp::default()),
};

/// A query and its answer, then a message with a name that points to itself.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 53, from_start: true },
    pushes: &[
        (Direction::Originator, b"\x00\x21"),
        (Direction::Originator, QUERY),
        (Direction::Responder, b"\x00\x5f"),
        (Direction::Responder, ANSWER),
        (Direction::Responder, b"\x00\x8e"),
        (Direction::Responder, BINDING),
        (Direction::Responder, b"\x00\x21"),
        (Direction::Responder, NO_SUCH_NAME),
        (Direction::Originator, b"\x00\x12\x00\x02\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01"),
    ],
};

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let Some((&prefix, message)) = bytes.split_first_chunk::<2>() else {
        return if bytes.first().is_some_and(|&high| high > 1) && !context.has_port(53) {
            Verdict::NoMatch
        } else {
            Verdict::NeedMore
        };
    };
    let len = usize::from(u16::from_be_bytes(prefix));
    let on_its_port = context.has_port(53);
    if len < 12 + 5 || (!on_its_port && len > 512) {
        return Verdict::NoMatch;
    }
    // Opcode 0 to 6, and a question or none: enough to decline nearly all else at once.
    if message.get(2).is_some_and(|flags| flags >> 3 & 0xf > 6) || message.get(4).is_some_and(|&high| high != 0) {
        return Verdict::NoMatch;
    }
    if !on_its_port && message.get(5).is_some_and(|&low| low != 1) {
        return Verdict::NoMatch;
    }
    let whole = message.get(..len);
    let mut parsed = Message::default();
    if on_its_port {
        let parsed = parsed.parse(whole.unwrap_or(message));
        return match (parsed.is_plausible(), whole) {
            (true, _) => Verdict::Match,
            (false, None) => Verdict::NeedMore,
            (false, Some(_)) => Verdict::NoMatch,
        };
    }
    match whole.map(|whole| parsed.parse(whole).is_strictly_valid()) {
        Some(true) => Verdict::Match,
        Some(false) => Verdict::NoMatch,
        None => Verdict::NeedMore,
    }
}

#[derive(Default)]
struct DnsTcp {
    message: Message,
    sides: [Side; 2],
}

/// One direction. `kept` holds the length prefix and what is there of its message.
#[derive(Default)]
struct Side {
    kept: Vec<u8>,
    skip: u64,
    lost: bool,
}

impl Dissect for DnsTcp {
    fn held_len(&self) -> usize {
        self.sides.iter().map(|side| side.kept.capacity()).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let [originator, responder] = &mut self.sides;
        let side = match direction {
            Direction::Originator => originator,
            Direction::Responder => responder,
        };
        match chunk {
            Chunk::Data(bytes) if !side.lost => side.data(bytes, |whole| {
                observe(&FIELDS, self.message.parse(whole), direction, sink);
            }),
            Chunk::Data(_) => {}
            Chunk::Gap(len) => {
                if let Some(cut) = side.gap(len) {
                    observe(&FIELDS, self.message.parse(&cut), direction, sink);
                }
            }
        }
        if self.sides.iter().all(|side| side.lost) { Need::Nothing } else { Need::More }
    }
}

impl Side {
    fn data(&mut self, mut bytes: &[u8], mut on_message: impl FnMut(&[u8])) {
        let skipped = bytes.len().min(usize::try_from(self.skip).unwrap_or(usize::MAX));
        self.skip -= skipped as u64;
        bytes = bytes.get(skipped..).unwrap_or(&[]);
        while !bytes.is_empty() {
            let wanted = match self.kept.first_chunk() {
                Some(prefix) => 2 + usize::from(u16::from_be_bytes(*prefix)),
                None => 2,
            };
            let missing = wanted.saturating_sub(self.kept.len());
            let (taken, rest) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
            self.kept.extend_from_slice(taken);
            bytes = rest;
            if let Some((prefix, message)) = self.kept.split_first_chunk()
                && message.len() == usize::from(u16::from_be_bytes(*prefix))
            {
                on_message(message);
                self.kept.clear();
            }
        }
    }

    /// Bridges a gap that lies within one message, and gives what there is of it.
    fn gap(&mut self, len: u64) -> Option<Vec<u8>> {
        if len <= self.skip {
            self.skip -= len;
            return None;
        }
        let kept = std::mem::take(&mut self.kept);
        let Some((prefix, message)) = kept.split_first_chunk().filter(|_| self.skip == 0) else {
            self.lost = true;
            return None;
        };
        let missing = u64::from(u16::from_be_bytes(*prefix)).saturating_sub(message.len() as u64);
        match missing.checked_sub(len) {
            Some(rest) => self.skip = rest,
            None => self.lost = true,
        }
        Some(message.to_vec())
    }
}
