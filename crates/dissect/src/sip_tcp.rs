//! The Session Initiation Protocol over TCP (RFC 3261 s. 18.2.1): as over UDP, one message after the other.
//!
//! Left out: bodies are read as if they were heads, which never takes them for a first line.

use firstlight_model::Direction;

use crate::lines::{ByLine, Lines, Next};
use crate::sip::head::{self, Head};
use crate::sip::{ANSWER, DOMAIN, METHOD, REQUEST, SERVER, USER_AGENT};
use crate::{Carrier, Context, Dissector, Sample, Sink};

/// SIP over TCP.
pub static DISSECTOR: Dissector = Dissector {
    name: "sip",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&DOMAIN, &USER_AGENT, &SERVER, &METHOD],
    samples: &[SAMPLE],
    probe: |_, _, bytes| head::probe(bytes),
    open: |_| Box::new(Lines::<SipTcp>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 5060, from_start: true },
    pushes: &[(Direction::Originator, REQUEST), (Direction::Responder, ANSWER)],
};

#[derive(Default)]
struct SipTcp {
    heads: [Option<Head>; 2],
}

impl ByLine for SipTcp {
    fn line(&mut self, direction: Direction, line: &[u8], sink: &mut dyn Sink) -> Next {
        let [originator, responder] = &mut self.heads;
        let head = if direction == Direction::Originator { originator } else { responder };
        if line.is_empty() {
            *head = None;
        } else if let Some(head) = head {
            head.line(direction, line, sink);
        } else if line.starts_with(b"SIP/2.0 ") || line.ends_with(b" SIP/2.0") {
            head.insert(Head::default()).line(direction, line, sink);
        }
        Next::Go
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    #[test]
    fn a_head_that_is_not_whole_is_waited_for() {
        assert_eq!(head::probe(b"INVI"), Verdict::NeedMore);
        assert_eq!(head::probe(b"INVITE sip:a@b"), Verdict::NeedMore);
        assert_eq!(head::probe(b"OPTIONS * HTTP/1.1\r\n"), Verdict::NoMatch);
    }
}
