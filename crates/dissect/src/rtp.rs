//! Media over UDP (RTP, RFC 3550 s. 5.1) with the reports about it (RTCP, s. 6): which kinds of media, and the tool that
//! sends them.
//!
//! ```text
//! media:  | version 2 | padding 1 | extension 1 | sources 4 | marker 1 | type 7 | number 16 | time 32 | source 32 | …
//! report: | version 2 | padding 1 | count 5 | type 8: 200 to 204 | length 16, in words less one | source 32 | …
//! ```
//!
//! A report, or speech in packets of the length that its kind has, is known by itself; other media where STUN speaks on
//! the same ports before. Left out: the media, names of people, and media that only a call agrees on.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::limits::RTP_DATAGRAMS;
use crate::reader::Reader;
use crate::words::say;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Kind of media: 0 to 34 as assigned (RFC 3551 s. 6), 96 to 127 as both sides agree.
pub static PAYLOAD_TYPE: Field = Field { name: "rtp.p_type", role: Role::Detail, reference: "RFC 3550 s. 5.1" };
/// Software of the sender, in a description of the source.
pub static TOOL: Field = Field { name: "rtp.sdes.tool", role: Role::Software, reference: "RFC 3550 s. 6.5.6" };

/// RTP and RTCP.
pub static DISSECTOR: Dissector = Dissector {
    name: "rtp",
    carrier: Carrier::Udp,
    encrypted: None,
    fields: &[&PAYLOAD_TYPE, &TOOL],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Rtp { said: 0, datagrams_left: RTP_DATAGRAMS }),
};

/// A report with the description of its source, and media of type 96.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 40_002, from_start: true },
    pushes: &[
        (
            Direction::Originator,
            b"\x80\xc9\0\x01\x01\x02\x03\x04\x81\xca\0\x05\x01\x02\x03\x04\x06\x0bExample 1.2\0\0\0",
        ),
        (Direction::Responder, b"\x80\x60\0\x01\0\0\0\x01\x01\x02\x03\x04media"),
    ],
};

const HEAD_LEN_BYTES: usize = 12;

/// Kinds of speech that fill packets of one length: type, and octets of ten milliseconds (RFC 3551 s. 4.5).
const SPEECH: &[(u8, usize)] = &[(0, 80), (8, 80), (9, 80), (18, 10)];

/// In a report the second byte is what would be a marked packet of type 64 to 95 (RFC 5761 s. 4).
const fn is_report(second: u8) -> bool {
    matches!(second, 192..=223)
}

/// Is this media or a report, where it is already known that one may stand here?
pub(crate) fn is_packet(bytes: &[u8]) -> bool {
    match *bytes {
        [0x80..=0xbf, second, ..] if is_report(second) => bytes.len() >= 8,
        [0x80..=0xbf, ..] => bytes.len() >= HEAD_LEN_BYTES,
        _ => false,
    }
}

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let high_ports = context.originator_port >= 1024 && context.responder_port >= 1024;
    if high_ports && (is_speech(bytes) || is_compound(bytes)) { Verdict::Match } else { Verdict::NoMatch }
}

/// Ten, twenty or thirty milliseconds of speech.
fn is_speech(bytes: &[u8]) -> bool {
    let &[0x80, kind, ..] = bytes else { return false };
    let Some(len) = bytes.len().checked_sub(HEAD_LEN_BYTES) else { return false };
    let speech = SPEECH.iter().find(|(known, _)| *known == kind & 0x7f);
    speech.is_some_and(|&(_, unit)| (1..=3).any(|units| len == units * unit && len >= 20))
}

/// A report of a sender or receiver, then the description of the source, of exactly the length that they say.
fn is_compound(bytes: &[u8]) -> bool {
    let mut reader = Reader(bytes);
    let Some((200 | 201, _)) = report(&mut reader) else { return false };
    let Some((202, _)) = report(&mut reader) else { return false };
    while !reader.is_empty() {
        if report(&mut reader).is_none() {
            return false;
        }
    }
    true
}

/// Type and content of the next part of a report.
fn report<'a>(reader: &mut Reader<'a>) -> Option<(u8, &'a [u8])> {
    let [first, kind] = [reader.u8()?, reader.u8()?];
    let len = usize::from(reader.u16()?) * 4;
    let content = reader.take(len)?;
    (first & 0xc0 == 0x80 && is_report(kind)).then_some((kind, content))
}

struct Rtp {
    /// A bit for each type that was said.
    said: u128,
    datagrams_left: u16,
}

impl Dissect for Rtp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        if let &[0x80..=0xbf, second, ..] = bytes
            && is_packet(bytes)
        {
            if is_report(second) {
                reports(direction, bytes, sink);
            } else {
                self.media(direction, second & 0x7f, sink);
            }
        }
        self.datagrams_left = self.datagrams_left.saturating_sub(1);
        if self.datagrams_left == 0 { Need::Nothing } else { Need::More }
    }
}

impl Rtp {
    fn media(&mut self, direction: Direction, kind: u8, sink: &mut dyn Sink) {
        let bit = 1_u128 << kind;
        if self.said & bit == 0 {
            self.said |= bit;
            sink.observe(Observation { field: &PAYLOAD_TYPE, direction, value: Value::Number(kind.into()) });
        }
    }
}

fn reports(direction: Direction, bytes: &[u8], sink: &mut dyn Sink) {
    let mut reader = Reader(bytes);
    while let Some((kind, content)) = report(&mut reader) {
        if kind == 202 {
            let _ = description(direction, content, sink);
        }
    }
}

/// Source, then items: type, length, text; a zero ends them.
fn description(direction: Direction, content: &[u8], sink: &mut dyn Sink) -> Option<()> {
    const TOOL_ITEM: u8 = 6;
    let mut reader = Reader(content);
    reader.u32()?;
    loop {
        let kind = reader.u8().filter(|kind| *kind != 0)?;
        let text = reader.vec8()?;
        if kind == TOOL_ITEM {
            say(&TOOL, direction, text, sink);
        }
    }
}
