//! The Session Initiation Protocol over UDP (RFC 3261): the domain that is called, and the software of both sides.
//!
//! Left out: users and numbers, sessions and their media.

pub(crate) mod head;

use firstlight_model::{Direction, Field, Role};

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};
use head::Head;

/// Domain of the request's URI, as the originator asks for it.
pub static DOMAIN: Field = Field { name: "sip.r-uri.host", role: Role::ServerName, reference: "RFC 3261 s. 7.1" };
/// User agent.
pub static USER_AGENT: Field = Field { name: "sip.User-Agent", role: Role::Software, reference: "RFC 3261 s. 20.41" };
/// Server software.
pub static SERVER: Field = Field { name: "sip.Server", role: Role::Software, reference: "RFC 3261 s. 20.35" };
/// Method of a request.
pub static METHOD: Field = Field { name: "sip.Method", role: Role::Detail, reference: "RFC 3261 s. 7.1" };

/// SIP over UDP.
pub static DISSECTOR: Dissector = Dissector {
    name: "sip",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&DOMAIN, &USER_AGENT, &SERVER, &METHOD],
    samples: &[SAMPLE],
    probe: |_, _, bytes| if head::probe(bytes) == Verdict::Match { Verdict::Match } else { Verdict::NoMatch },
    open: |_| Box::new(Sip),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 5060, responder_port: 5060, from_start: true },
    pushes: &[(Direction::Originator, REQUEST), (Direction::Responder, ANSWER)],
};

pub(crate) const REQUEST: &[u8] =
    b"REGISTER sip:voice.example.org SIP/2.0\r\nFrom: <sip:someone@example.org>\r\nUser-Agent: Example 1.2\r\n\r\n";
pub(crate) const ANSWER: &[u8] = b"SIP/2.0 200 OK\r\nServer: Sample 3.4\r\n\r\n";

struct Sip;

impl Dissect for Sip {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let mut head = Head::default();
        for line in bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
            if line.is_empty() {
                break;
            }
            head.line(direction, line, sink);
        }
        Need::More
    }
}
