//! The Post Office Protocol, version 3 (RFC 1939), until the user signs in or TLS is agreed on (RFC 2595).
//!
//! Left out: users, passwords, mail.

use firstlight_model::{Direction, Field, Role};

use crate::lines::{ByLine, Lines, Next};
use crate::words::{contains, first_line, host_in_greeting, say, say_host, starts_with};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// What the server greets with.
pub static BANNER: Field = Field { name: "pop3.response.banner", role: Role::Software, reference: "RFC 1939 s. 4" };
/// The name by which the server calls itself in its greeting or its time stamp.
pub static HOST: Field = Field { name: "pop3.response.host", role: Role::DeviceName, reference: "RFC 1939 s. 7" };
/// What the server says it is (CAPA).
pub static IMPLEMENTATION: Field =
    Field { name: "pop3.response.implementation", role: Role::Software, reference: "RFC 2449 s. 6.9" };

/// POP3.
pub static DISSECTOR: Dissector = Dissector {
    name: "pop3",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&BANNER, &HOST, &IMPLEMENTATION],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Lines::<Pop3>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 110, from_start: true },
    pushes: &[
        (Direction::Responder, b"+OK POP3 Example ready <12.34@pop.example.org>\r\n"),
        (Direction::Originator, b"CAPA\r\n"),
        (Direction::Responder, b"+OK\r\nTOP\r\nIMPLEMENTATION Example-1.2\r\n.\r\n"),
        (Direction::Originator, b"USER someone\r\nPASS secret\r\n"),
    ],
};

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let on_its_port = context.has_port(110);
    let start = bytes.get(..4).unwrap_or(bytes);
    let greets = b"+OK".starts_with(bytes.get(..3).unwrap_or(bytes));
    let asks = [&b"CAPA"[..], b"STLS", b"USER", b"APOP", b"AUTH"].iter().any(|word| starts_with(word, start));
    if !(greets && context.from_start || on_its_port && (greets || asks)) {
        return Verdict::NoMatch;
    }
    match first_line(bytes) {
        None => Verdict::NeedMore,
        Some(line) if on_its_port && line.len() >= 3 || greets && contains(line, b"POP") => Verdict::Match,
        Some(_) => Verdict::NoMatch,
    }
}

#[derive(Default)]
struct Pop3 {
    has_banner: bool,
    asked_for_tls: bool,
}

impl ByLine for Pop3 {
    fn line(&mut self, direction: Direction, line: &[u8], sink: &mut dyn Sink) -> Next {
        if line.starts_with(b"+OK") || line.starts_with(b"-ERR") {
            if std::mem::take(&mut self.asked_for_tls) {
                return if line.starts_with(b"+OK") { Next::Tunnel } else { Next::Go };
            }
            if !std::mem::replace(&mut self.has_banner, true) {
                let words = line.get(3..).unwrap_or_default();
                say(&BANNER, direction, words, sink);
                if let Some(host) = host_in_greeting(words) {
                    say_host(&HOST, direction, host, sink);
                }
            }
            return Next::Go;
        }
        let is = |word: &[u8]| starts_with(line, word);
        if is(b"STLS") {
            // The server names it as well, as something that it can do.
            self.asked_for_tls = direction == Direction::Originator;
        } else if is(b"IMPLEMENTATION ") {
            say(&IMPLEMENTATION, direction, line.get(15..).unwrap_or_default(), sink);
        } else if is(b"PASS ") || is(b"APOP ") || is(b"AUTH ") || is(b"QUIT") {
            return Next::Enough;
        }
        Next::Go
    }
}
