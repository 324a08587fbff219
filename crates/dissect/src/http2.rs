//! HTTP/2 in clear (RFC 9113), from the beginning on or after an upgrade: the authorities asked for, and each request
//! with its answer.
//!
//! Left out: pushed answers, bodies' content, trailers; a direction in which bytes of a header block are missing, since
//! no later block can be decoded.

mod exchange;
mod hpack;

use firstlight_model::{Direction, Field, Role};

use crate::gather::side;
use crate::limits::HTTP2_HEADERS_LEN_BYTES;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};
use exchange::Exchanges;
use hpack::Decoder;

/// Host asked for.
pub static AUTHORITY: Field =
    Field { name: "http2.headers.authority", role: Role::ServerName, reference: "RFC 9113 s. 8.3.1" };
/// User agent.
pub static USER_AGENT: Field =
    Field { name: "http2.headers.user_agent", role: Role::Software, reference: "RFC 9110 s. 10.1.5" };
/// Server software.
pub static SERVER: Field =
    Field { name: "http2.headers.server", role: Role::Software, reference: "RFC 9110 s. 10.2.4" };
/// What is spoken over it: `grpc`.
pub static APPLICATION: Field =
    Field { name: "http2.application", role: Role::ApplicationProtocol, reference: "gRPC over HTTP2" };
/// A request with its answer.
pub static EXCHANGE: Field = Field { name: "http2.exchange", role: Role::Exchange, reference: "RFC 9113 s. 8.1" };
/// A header block that cannot be decoded.
pub static MALFORMED: Field = Field { name: "http2.malformed", role: Role::Anomaly, reference: "RFC 9113 s. 4.3" };
/// More than is kept.
pub static LIMIT: Field = Field { name: "http2.limit", role: Role::Anomaly, reference: "Firstlight, limits" };

/// HTTP/2.
pub static DISSECTOR: Dissector = Dissector {
    name: "http2",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&AUTHORITY, &USER_AGENT, &SERVER, &APPLICATION, &EXCHANGE, &MALFORMED, &LIMIT],
    samples: &[SAMPLE, SAMPLE_MANY],
    probe,
    open: |_| Box::new(Http2::default()),
};

const CONTEXT: Context = Context { originator_port: 40_000, responder_port: 80, from_start: true };

/// A call of gRPC with its answer, then a block with an index that means nothing.
const SAMPLE: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, PREFACE),
        (Direction::Originator, b"\0\0\0\x04\0\0\0\0\0"),
        (
            Direction::Originator,
            b"\0\0\x33\x01\x04\0\0\0\x01\x83\x86\x44\x02/r\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff\
              \x5f\x10application/grpc\x7a\x0bexample/1.0",
        ),
        (Direction::Originator, b"\0\0\x05\0\x01\0\0\0\x01hello"),
        (Direction::Responder, b"\0\0\0\x04\0\0\0\0\0\0\0\x0a\x01\x04\0\0\0\x01\x88\x76\x07server1"),
        (Direction::Responder, b"\0\0\x02\0\x01\0\0\0\x01ok"),
        (Direction::Originator, b"\0\0\x01\x01\x05\0\0\0\x03\xfe"),
    ],
};

/// One stream more than is kept.
const SAMPLE_MANY: Sample =
    Sample { context: CONTEXT, pushes: &[(Direction::Originator, PREFACE), (Direction::Originator, &many())] };

const MANY: usize = crate::limits::HTTP2_STREAMS + 1;

const fn many() -> [u8; 10 * MANY] {
    let mut all = [0; 10 * MANY];
    let mut at = 0;
    #[allow(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "runs in the compiler")]
    while at < MANY {
        let start = at * 10;
        (all[start + 2], all[start + 3], all[start + 4]) = (1, 1, 5);
        (all[start + 7], all[start + 8]) = (1, (at * 2 + 1) as u8);
        all[start + 9] = 0x82;
        at += 1;
    }
    all
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const FRAME_HEADER_LEN_BYTES: usize = 9;

fn probe(context: &Context, direction: Direction, bytes: &[u8]) -> Verdict {
    if direction == Direction::Responder && context.from_start {
        // A server may speak first, and begins with its settings: six bytes each, for the whole connection.
        return match *bytes {
            [0, 0, len, 4, 0, 0, 0, 0, 0, ..] if len % 6 == 0 => Verdict::Match,
            [0] | [0, 0] | [0, 0, _] | [0, 0, _, 4] => Verdict::NeedMore,
            [0, 0, len, 4, ref rest @ ..] if len % 6 == 0 && rest.len() < 5 && rest.iter().all(|&byte| byte == 0) => {
                Verdict::NeedMore
            }
            _ => Verdict::NoMatch,
        };
    }
    match bytes.get(..PREFACE.len()) {
        Some(front) if front == PREFACE => Verdict::Match,
        None if PREFACE.starts_with(bytes) => Verdict::NeedMore,
        _ => Verdict::NoMatch,
    }
}

#[derive(Default)]
struct Http2 {
    sides: [Side; 2],
    exchanges: Exchanges,
}

#[derive(Default)]
struct Side {
    state: State,
    /// A part of the preface or of a frame's header.
    front: Vec<u8>,
    decoder: Decoder,
    /// A header block, up to the frame that ends it.
    block: Vec<u8>,
    /// Stream and end of the stream, of the block.
    block_of: (u32, End),
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum End {
    #[default]
    Open,
    Ended,
}

#[derive(Default, Clone, Copy)]
enum State {
    /// Before the first frame.
    #[default]
    Start,
    Header,
    Payload(Frame),
    Lost,
}

#[derive(Clone, Copy)]
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    /// Bytes of it that are to come.
    left: u64,
    /// Bytes at its end that are padding.
    padding: u64,
    /// Bytes at its beginning that are no header block: length of padding, priority.
    front: u64,
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const PRIORITY: u8 = 0x20;

impl Frame {
    fn parse(header: &[u8]) -> Option<Self> {
        let &[a, b, c, kind, flags, d, e, f, g] = header else { return None };
        let left = u64::from(u32::from_be_bytes([0, a, b, c]));
        let stream = u32::from_be_bytes([d & 0x7f, e, f, g]);
        let is_padded = matches!(kind, DATA | HEADERS) && flags & PADDED != 0;
        let priority_len = if kind == HEADERS && flags & PRIORITY != 0 { 5 } else { 0 };
        Some(Self { kind, flags, stream, left, padding: 0, front: u64::from(is_padded) + priority_len })
    }

    const fn ends_stream(&self) -> End {
        if matches!(self.kind, DATA | HEADERS) && self.flags & END_STREAM != 0 { End::Ended } else { End::Open }
    }
}

impl Dissect for Http2 {
    fn held_len(&self) -> usize {
        let side = |side: &Side| side.front.capacity() + side.block.capacity() + side.decoder.held_len();
        self.sides.iter().map(side).sum::<usize>() + self.exchanges.held_len()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        match chunk {
            Chunk::Data(bytes) => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    rest = self.step(direction, rest, sink);
                }
            }
            Chunk::Gap(len) => {
                let side = side(&mut self.sides, direction);
                side.state = match side.state {
                    // The content of a body may be missing.
                    State::Payload(frame) if frame.kind == DATA && frame.left > len => {
                        self.exchanges.count(direction, frame.stream, len);
                        State::Payload(Frame { left: frame.left - len, ..frame })
                    }
                    _ => State::Lost,
                };
            }
        }
        let is_lost = |side: &Side| matches!(side.state, State::Lost);
        if self.sides.iter().all(is_lost) {
            self.finish(sink);
            return Need::Nothing;
        }
        Need::More
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        self.exchanges.finish(sink);
    }
}

impl Http2 {
    /// Takes some bytes; what is left of them.
    fn step<'a>(&mut self, direction: Direction, bytes: &'a [u8], sink: &mut dyn Sink) -> &'a [u8] {
        let side = side(&mut self.sides, direction);
        match side.state {
            State::Lost => &[],
            State::Start => {
                // The responder has no preface; neither has what follows when the capture begins later.
                let wanted = PREFACE.iter().skip(side.front.len());
                let same = bytes.iter().zip(wanted).take_while(|(byte, wanted)| byte == wanted).count();
                let (taken, rest) = bytes.split_at_checked(same).unwrap_or((bytes, &[]));
                side.front.extend_from_slice(taken);
                if side.front.len() == PREFACE.len() || side.front.is_empty() {
                    side.front.clear();
                    side.state = State::Header;
                } else if !rest.is_empty() {
                    side.state = State::Lost;
                }
                rest
            }
            State::Header => {
                let missing = FRAME_HEADER_LEN_BYTES.saturating_sub(side.front.len());
                let (taken, rest) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
                side.front.extend_from_slice(taken);
                if let Some(frame) = Frame::parse(&side.front) {
                    side.front.clear();
                    side.state = State::Payload(frame);
                    if frame.kind == HEADERS {
                        side.block.clear();
                        side.block_of = (frame.stream, frame.ends_stream());
                    }
                    if frame.left == 0 {
                        self.end_frame(direction, frame, sink);
                    }
                }
                rest
            }
            State::Payload(mut frame) => {
                let len = usize::try_from(frame.left).unwrap_or(usize::MAX).min(bytes.len());
                let (taken, rest) = bytes.split_at_checked(len).unwrap_or((bytes, &[]));
                self.take(direction, &mut frame, taken, sink);
                let side = crate::gather::side(&mut self.sides, direction);
                if matches!(side.state, State::Payload(_)) {
                    side.state = State::Payload(frame);
                }
                if frame.left == 0 {
                    self.end_frame(direction, frame, sink);
                }
                rest
            }
        }
    }

    /// Takes a part of a frame's payload.
    fn take(&mut self, direction: Direction, frame: &mut Frame, mut bytes: &[u8], sink: &mut dyn Sink) {
        let side = side(&mut self.sides, direction);
        while frame.front > 0
            && let Some((&first, rest)) = bytes.split_first()
        {
            let is_padded = frame.flags & PADDED != 0;
            let full_front =
                u64::from(is_padded) + if frame.kind == HEADERS && frame.flags & PRIORITY != 0 { 5 } else { 0 };
            if is_padded && frame.front == full_front {
                frame.padding = first.into();
            }
            frame.front -= 1;
            frame.left -= 1;
            bytes = rest;
        }
        let content = frame.left.saturating_sub(frame.padding);
        let content = bytes.get(..usize::try_from(content).unwrap_or(usize::MAX)).unwrap_or(bytes);
        frame.left = frame.left.saturating_sub(bytes.len() as u64);
        match frame.kind {
            DATA => self.exchanges.count(direction, frame.stream, content.len() as u64),
            HEADERS | CONTINUATION => {
                if side.block.len() + content.len() > HTTP2_HEADERS_LEN_BYTES {
                    side.state = State::Lost;
                    side.block = Vec::new();
                    exchange::say(&LIMIT, direction, "a header block is longer than is read", sink);
                } else {
                    side.block.extend_from_slice(content);
                }
            }
            _ => {}
        }
    }

    fn end_frame(&mut self, direction: Direction, frame: Frame, sink: &mut dyn Sink) {
        let side = side(&mut self.sides, direction);
        if matches!(side.state, State::Lost) {
            return;
        }
        side.state = State::Header;
        match frame.kind {
            HEADERS | CONTINUATION if frame.flags & END_HEADERS != 0 => {
                let (stream, end) = side.block_of;
                let block = std::mem::take(&mut side.block);
                let mut message = self.exchanges.message(direction, stream, sink);
                let decoded = side.decoder.decode(&block, |name, value| message.take(name, value));
                side.block = block;
                side.block.clear();
                side.block.shrink_to(4096);
                if decoded.is_err() {
                    side.state = State::Lost;
                    exchange::say(&MALFORMED, direction, "a header block cannot be decoded", sink);
                    return;
                }
                message.observe(sink);
                if end == End::Ended {
                    self.exchanges.end(direction, stream, sink);
                }
            }
            DATA if frame.ends_stream() == End::Ended => self.exchanges.end(direction, frame.stream, sink),
            RESET => self.exchanges.reset(frame.stream, sink),
            _ => {}
        }
    }
}
