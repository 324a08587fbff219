//! The head of a message (RFC 3261 s. 7): its first line, and the fields that name software.

use firstlight_model::Direction;

use super::{DOMAIN, METHOD, SERVER, USER_AGENT};
use crate::words::{first_line, header, host_of_url, say, say_host, starts_with};
use crate::{Sink, Verdict};

const ANSWER: &[u8] = b"SIP/2.0 ";

/// IANA, SIP parameters: methods.
const METHODS: &[&[u8]] = &[
    b"INVITE",
    b"ACK",
    b"BYE",
    b"CANCEL",
    b"REGISTER",
    b"OPTIONS",
    b"PRACK",
    b"SUBSCRIBE",
    b"NOTIFY",
    b"PUBLISH",
    b"INFO",
    b"REFER",
    b"MESSAGE",
    b"UPDATE",
];

/// Does a message begin here?
pub(crate) fn probe(bytes: &[u8]) -> Verdict {
    if bytes.starts_with(ANSWER) {
        return Verdict::Match;
    }
    if ANSWER.starts_with(bytes) {
        return Verdict::NeedMore;
    }
    let space = memchr::memchr(b' ', bytes.get(..10).unwrap_or(bytes));
    let method = bytes.get(..space.unwrap_or(bytes.len().min(10))).unwrap_or_default();
    if !METHODS.iter().any(|word| *word == method || space.is_none() && word.starts_with(method)) {
        return Verdict::NoMatch;
    }
    match first_line(bytes) {
        None => Verdict::NeedMore,
        Some(line) if is_request(line) => Verdict::Match,
        Some(_) => Verdict::NoMatch,
    }
}

fn is_request(line: &[u8]) -> bool {
    line.ends_with(b" SIP/2.0")
}

/// What was read of a message.
#[derive(Default)]
pub(crate) struct Head {
    has_start: bool,
}

impl Head {
    /// The next line, not the empty one at the end.
    pub fn line(&mut self, direction: Direction, line: &[u8], sink: &mut dyn Sink) {
        if !self.has_start {
            self.has_start = true;
            if is_request(line) {
                let mut words = line.split(|byte| *byte == b' ');
                let method = words.next().unwrap_or_default();
                if METHODS.contains(&method) {
                    say(&METHOD, direction, method, sink);
                }
                let uri = words.next().unwrap_or_default();
                let rest = match memchr::memchr(b':', uri) {
                    Some(colon) if starts_with(uri, b"sip") => uri.get(colon + 1..).unwrap_or_default(),
                    _ => return,
                };
                // The other side's requests go to the address that the originator gave.
                if direction == Direction::Originator {
                    say_host(&DOMAIN, direction, host_of_url(rest), sink);
                }
            }
        } else if let Some(value) = header(line, b"User-Agent") {
            say(&USER_AGENT, direction, value, sink);
        } else if let Some(value) = header(line, b"Server") {
            say(&SERVER, direction, value, sink);
        }
    }
}
