//! The Extensible Messaging and Presence Protocol (RFC 6120): whom the stream is for, until it is secured.
//!
//! The stream is read from one `>` to the next. Left out: users, stanzas.

use firstlight_model::{Direction, Field, Role};

use crate::lines::{ByLine, Lines, Next};
use crate::words::{say_host, starts_with};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// The domain that the stream is opened to.
pub static TO: Field = Field { name: "xmpp.stream.to", role: Role::ServerName, reference: "RFC 6120 s. 4.7.2" };
/// The domain that the answering stream is from.
pub static FROM: Field = Field { name: "xmpp.stream.from", role: Role::Detail, reference: "RFC 6120 s. 4.7.1" };

/// XMPP.
pub static DISSECTOR: Dissector = Dissector {
    name: "xmpp",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&TO, &FROM],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Lines::<Xmpp>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 5222, from_start: true },
    pushes: &[
        (
            Direction::Originator,
            b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' to='chat.example.org' version='1.0'>",
        ),
        (Direction::Responder, b"<stream:stream from=\"chat.example.org\" id='1'><stream:features></stream:features>"),
        (Direction::Originator, b"<auth xmlns='x'>AHgAeA==</auth>"),
    ],
};

const STREAM: &[u8] = b"<stream:stream";
const DECLARATION: &[u8] = b"<?xml";

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let whole = bytes;
    let bytes = whole.trim_ascii_start();
    let rest = if bytes.starts_with(DECLARATION) {
        match memchr::memmem::find(bytes.get(..256).unwrap_or(bytes), b"?>") {
            Some(end) => bytes.get(end + 2..).unwrap_or_default().trim_ascii_start(),
            None if bytes.len() < 256 => return Verdict::NeedMore,
            None => return Verdict::NoMatch,
        }
    } else {
        bytes
    };
    if rest.starts_with(STREAM) {
        Verdict::Match
    } else if whole.len() < 512 && (STREAM.starts_with(rest) || DECLARATION.starts_with(rest)) {
        Verdict::NeedMore
    } else {
        Verdict::NoMatch
    }
}

#[derive(Default)]
struct Xmpp;

impl ByLine for Xmpp {
    const END: u8 = b'>';

    fn line(&mut self, direction: Direction, line: &[u8], sink: &mut dyn Sink) -> Next {
        let tag = line.trim_ascii();
        if starts_with(tag, STREAM) {
            if let Some(host) = attribute(tag, b" to=") {
                // The answer's `to` may be the user.
                if direction == Direction::Originator {
                    say_host(&TO, direction, host, sink);
                }
            }
            if let Some(host) = attribute(tag, b" from=").filter(|_| direction == Direction::Responder) {
                say_host(&FROM, direction, host, sink);
            }
        } else if starts_with(tag, b"<proceed") {
            return Next::Tunnel;
        } else if starts_with(tag, b"<auth ") || starts_with(tag, b"<success") {
            return Next::Enough;
        }
        Next::Go
    }
}

/// The value of an attribute, in either kind of quotes.
fn attribute<'a>(tag: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(tag, name)?;
    let (quote, rest) = tag.get(at + name.len()..)?.split_first()?;
    let end = memchr::memchr(*quote, rest).filter(|_| matches!(quote, b'\'' | b'"'))?;
    rest.get(..end)
}
