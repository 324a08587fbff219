//! The Trivial File Transfer Protocol (RFC 1350, options RFC 2347): the file that is asked for or sent.
//!
//! ```text
//! | opcode 16: 1 read, 2 write | file name 0 | mode 0 | option 0 value 0 | …
//! ```
//!
//! Left out: the transfer itself, which the server answers from another port.

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
    samples: &[SAMPLE],
    probe: |_, _, bytes| if request(bytes).is_some() { Verdict::Match } else { Verdict::NoMatch },
    open: |_| Box::new(Tftp),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 69, from_start: true },
    pushes: &[
        (Direction::Originator, b"\0\x01boot/image\0octet\0blksize\x001024\0"),
        (Direction::Originator, b"\0\x02config.txt\0netascii\0"),
    ],
};

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
