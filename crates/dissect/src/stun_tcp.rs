//! STUN and TURN over TCP (RFC 8489 s. 6.2.2), with the magic cookie.
//!
//! Left out: what follows in channels of TURN.

use firstlight_model::Direction;

use crate::lines::Next;
use crate::messages::{ByMessage, Messages};
use crate::stun::{ANSWER, METHOD, REALM, REQUEST, SOFTWARE, message};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// STUN over TCP.
pub static DISSECTOR: Dissector = Dissector {
    name: "stun",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&METHOD, &SOFTWARE, &REALM],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Messages::<StunTcp>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 3478, from_start: true },
    pushes: &[(Direction::Originator, REQUEST), (Direction::Responder, ANSWER)],
};

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    if bytes.first().is_none_or(|high| high & 0xc0 != 0) || bytes.get(3).is_some_and(|low| low % 4 != 0) {
        return Verdict::NoMatch;
    }
    match message::len(bytes) {
        Some(0) => Verdict::NoMatch,
        Some(_) => Verdict::Match,
        None if bytes
            .get(4..)
            .unwrap_or_default()
            .iter()
            .zip([0x21, 0x12, 0xa4])
            .all(|(byte, cookie)| *byte == cookie) =>
        {
            Verdict::NeedMore
        }
        None => Verdict::NoMatch,
    }
}

#[derive(Default)]
struct StunTcp;

impl ByMessage for StunTcp {
    fn message_len(&self, _: Direction, start: &[u8]) -> Option<usize> {
        message::len(start)
    }

    fn message(&mut self, direction: Direction, message: &[u8], sink: &mut dyn Sink) -> Next {
        message::observe(direction, message, sink);
        Next::Go
    }
}
