//! Memcached over UDP (memcached, protocol.txt) on port 11211: the text protocol behind a small head.
//!
//! ```text
//! | request 16 | number 16 | datagrams 16 | 0 16 | text …
//! ```
//!
//! Left out: keys and values, the binary protocol, answers of several datagrams.

use firstlight_model::Direction;

use crate::memcached::{SERVER, is_word};
use crate::words::{first_line, say};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Memcached over UDP.
pub static DISSECTOR: Dissector = Dissector {
    name: "memcached",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&SERVER],
    samples: &[SAMPLE],
    probe: |context, _, bytes| {
        let matches = context.has_port(11_211) && text(bytes).is_some();
        if matches { Verdict::Match } else { Verdict::NoMatch }
    },
    open: |_| Box::new(MemcachedUdp),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 11_211, from_start: true },
    pushes: &[
        (Direction::Originator, b"\0\x01\0\0\0\x01\0\0stats\r\n"),
        (Direction::Responder, b"\0\x01\0\0\0\x01\0\0STAT pid 1\r\nSTAT version 1.2.3\r\nEND\r\n"),
    ],
};

/// The text of the first datagram of a request or an answer.
fn text(bytes: &[u8]) -> Option<&[u8]> {
    let (&[_, _, 0, 0, high, low, 0, 0], text) = bytes.split_first_chunk()? else { return None };
    let word = text.split(|byte| matches!(byte, b' ' | b'\r' | b'\n')).next().unwrap_or_default();
    ((high, low) != (0, 0) && is_word(word) && first_line(text).is_some()).then_some(text)
}

struct MemcachedUdp;

impl Dissect for MemcachedUdp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let lines = text(bytes).unwrap_or_default().split(|byte| *byte == b'\n');
        for line in lines {
            if let Some(version) = line.strip_prefix(b"VERSION ").or_else(|| line.strip_prefix(b"STAT version ")) {
                say(&SERVER, direction, &[b"memcached ", version].concat(), sink);
            }
        }
        Need::More
    }
}
