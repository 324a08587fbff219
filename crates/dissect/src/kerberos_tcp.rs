//! Kerberos 5 over TCP (RFC 4120 s. 7.2.2): messages with a length of four bytes in front.
//!
//! Left out: extensions, which set the highest bit of the length.

use firstlight_model::Direction;

use crate::kerberos::{MACHINE, REALM, REQUEST, SERVICE, message};
use crate::lines::Next;
use crate::messages::{ByMessage, Messages};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// Kerberos over TCP.
pub static DISSECTOR: Dissector = Dissector {
    name: "kerberos",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&REALM, &SERVICE, &MACHINE],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Messages::<KerberosTcp>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 88, from_start: true },
    pushes: &[(Direction::Originator, b"\0\0\0\x6d"), (Direction::Originator, REQUEST)],
};

/// Bytes after which a message must be known: prefix, heads with long lengths, version.
const PROBE_LEN_BYTES: usize = 4 + 6 + 6 + 5;

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let Some((prefix, message)) = bytes.split_first_chunk::<4>() else {
        return if bytes.iter().take(1).all(|byte| *byte == 0) { Verdict::NeedMore } else { Verdict::NoMatch };
    };
    let len = u32::from_be_bytes(*prefix);
    if len > 0x10_0000 || message.first().is_some_and(|tag| !matches!(tag, 0x6a..=0x6f | 0x74..=0x76 | 0x7e)) {
        return Verdict::NoMatch;
    }
    if usize::try_from(len).is_ok_and(|len| message::is_message(message, len)) {
        Verdict::Match
    } else if bytes.len() < PROBE_LEN_BYTES {
        Verdict::NeedMore
    } else {
        Verdict::NoMatch
    }
}

#[derive(Default)]
struct KerberosTcp;

impl ByMessage for KerberosTcp {
    fn message_len(&self, _: Direction, start: &[u8]) -> Option<usize> {
        let len = usize::try_from(u32::from_be_bytes(*start.first_chunk()?)).unwrap_or(usize::MAX);
        Some(if len > 0x10_0000 { 0 } else { 4 + len })
    }

    fn message(&mut self, direction: Direction, message: &[u8], sink: &mut dyn Sink) -> Next {
        let _ = message::observe(direction, message.get(4..).unwrap_or_default(), sink);
        Next::Go
    }
}
