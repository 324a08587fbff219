//! Session Traversal Utilities for NAT over UDP (RFC 8489; RFC 5389 and the classic RFC 3489), and TURN (RFC 8656).
//!
//! ```text
//! | 0 0 | type 14 | length 16 | magic cookie 32 | transaction 96 | type 16 length 16 value, padded to 4 | …
//! ```
//!
//! On the same ports DTLS or media may follow, told apart by the first byte (RFC 7983): the flow is then what follows.
//!
//! Left out: user names, addresses, the data that a TURN server relays.

pub(crate) mod message;

use firstlight_model::{Direction, Field, Role};

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict, dtls, rtp};

/// Method of a message: `Binding`, or of TURN `Allocate`, `Refresh`, `CreatePermission`, `ChannelBind`, …
pub static METHOD: Field = Field { name: "stun.type.method", role: Role::Detail, reference: "RFC 8489 s. 18.2" };
/// Software of the sender.
pub static SOFTWARE: Field = Field { name: "stun.att.software", role: Role::Software, reference: "RFC 8489 s. 14.14" };
/// Realm of the server's credentials, usually its domain.
pub static REALM: Field = Field { name: "stun.att.realm", role: Role::Detail, reference: "RFC 8489 s. 14.9" };

/// STUN over UDP.
pub static DISSECTOR: Dissector = Dissector {
    name: "stun",
    carrier: Carrier::Udp,
    encrypted: None,
    fields: &[&METHOD, &SOFTWARE, &REALM],
    samples: &[SAMPLE],
    probe,
    open: |context| Box::new(Stun { context: *context, followed_by: None }),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 3478, from_start: true },
    pushes: &[(Direction::Originator, REQUEST), (Direction::Responder, ANSWER)],
};

pub(crate) const REQUEST: &[u8] = b"\x00\x03\x00\x08\x21\x12\xa4\x42abcdefghijkl\x00\x19\x00\x04\x11\0\0\0";

pub(crate) const ANSWER: &[u8] =
    b"\x01\x13\x00\x1c\x21\x12\xa4\x42abcdefghijkl\x80\x22\x00\x07Example\0\x00\x14\x00\x0bexample.org\0";

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    if message::is_whole(context, bytes) { Verdict::Match } else { Verdict::NoMatch }
}

struct Stun {
    context: Context,
    followed_by: Option<(usize, &'static Dissector)>,
}

impl Dissect for Stun {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let next = match bytes.first() {
            Some(20..=63) => {
                let verdict = (dtls::DISSECTOR.probe)(&self.context, direction, bytes);
                (verdict == Verdict::Match).then_some(&dtls::DISSECTOR)
            }
            Some(128..=191) => rtp::is_packet(bytes).then_some(&rtp::DISSECTOR),
            _ => {
                message::observe(direction, bytes, sink);
                None
            }
        };
        self.followed_by = next.map(|next| (bytes.len(), next));
        if next.is_some() { Need::Nothing } else { Need::More }
    }

    fn tunnel_begins(&self) -> Option<usize> {
        self.followed_by.map(|(len, _)| len)
    }

    fn tunnel_speaks(&self) -> Option<&'static Dissector> {
        self.followed_by.map(|(_, dissector)| dissector)
    }
}
