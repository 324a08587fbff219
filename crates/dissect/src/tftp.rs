//! The Trivial File Transfer Protocol (RFC 1350, options RFC 2347): the file that is asked for or sent.
//!
//! ```text
//! | opcode 16: 1 read, 2 write | file name 0 | mode 0 | option 0 value 0 | …
//! ```
//!
//! The server answers from another port, so that the transfer is a flow of its own: known by the agreement on options, or
//! by what the client sends back to the first block. Left out: what is transferred.

use firstlight_model::{Direction, Field, Role};

use crate::words::say;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// File that is asked for.
pub static READ: Field = Field { name: "tftp.source_file", role: Role::Detail, reference: "RFC 1350 s. 5" };
/// File that is sent.
pub static WRITTEN: Field = Field { name: "tftp.destination_file", role: Role::Detail, reference: "RFC 1350 s. 5" };

/// TFTP.
pub static DISSECTOR: Dissector = Dissector {
    name: "tftp",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&READ, &WRITTEN],
    samples: &[SAMPLE, SAMPLE_TRANSFER],
    probe,
    open: |_| Box::new(Tftp),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 69, from_start: true },
    pushes: &[
        (Direction::Originator, b"\0\x01boot/image\0octet\0blksize\x001024\0"),
        (Direction::Originator, b"\0\x02config.txt\0netascii\0"),
    ],
};

/// The server agrees on a size, and sends what was asked for.
const SAMPLE_TRANSFER: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 50_000, from_start: true },
    pushes: &[
        (Direction::Originator, b"\0\x06blksize\x001024\0"),
        (Direction::Responder, b"\0\x04\0\0"),
        (Direction::Originator, b"\0\x03\0\x01content"),
    ],
};

fn probe(context: &Context, direction: Direction, bytes: &[u8]) -> Verdict {
    let is_transfer = context.responder_port >= 1024
        && match *bytes {
            [0, 6, ref options @ ..] => is_agreement(options),
            // The client answers the first block, or the server's agreement to take one with the first block.
            [0, 4, 0, 1] | [0, 3, 0, 1, ..] => direction == Direction::Responder && bytes.len() <= 4 + MAX_BLOCK,
            _ => false,
        };
    if is_transfer || request(bytes).is_some() { Verdict::Match } else { Verdict::NoMatch }
}

/// Bytes of a block without an agreement on another size.
const MAX_BLOCK: usize = 512;

/// Names with values, of which the first is one that is assigned (IANA, TFTP Options).
fn is_agreement(options: &[u8]) -> bool {
    const NAMES: &[&[u8]] = &[b"blksize", b"timeout", b"tsize", b"multicast", b"windowsize"];
    let name = options.split(|byte| *byte == 0).next().unwrap_or_default();
    options.last() == Some(&0) && NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Opcode and file name of a request that is whole.
fn request(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (&[0, opcode @ (1 | 2)], rest) = bytes.split_first_chunk()? else { return None };
    if bytes.last() != Some(&0) {
        return None;
    }
    let mut words = rest.split(|byte| *byte == 0);
    let name = words.next().filter(|name| !name.is_empty() && !name.iter().any(u8::is_ascii_control))?;
    let mode = words.next()?;
    let is_mode = [&b"octet"[..], b"netascii", b"mail"].iter().any(|known| mode.eq_ignore_ascii_case(known));
    is_mode.then_some((opcode, name))
}

struct Tftp;

impl Dissect for Tftp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk
            && let Some((opcode, name)) = request(bytes)
        {
            say(if opcode == 1 { &READ } else { &WRITTEN }, direction, name, sink);
        }
        Need::More
    }
}
