//! The Simple Mail Transfer Protocol (RFC 5321): who greets whom, until the mail begins or TLS is agreed on (RFC 3207).
//!
//! Left out: addresses, authentication, the mail.

use firstlight_model::{Direction, Field, Role};

use crate::lines::{ByLine, Lines, Next};
use crate::words::{contains, first_line, host_in_greeting, say, say_host, starts_with};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// What the server greets with, without its code.
pub static BANNER: Field = Field { name: "smtp.rsp.banner", role: Role::Software, reference: "RFC 5321 s. 4.2" };
/// The name by which the server calls itself in its greeting.
pub static HOST: Field = Field { name: "smtp.rsp.host", role: Role::DeviceName, reference: "RFC 5321 s. 4.2" };
/// The name by which the client calls itself (EHLO, HELO).
pub static CLIENT: Field = Field { name: "smtp.req.ehlo", role: Role::DeviceName, reference: "RFC 5321 s. 4.1.1.1" };

/// SMTP.
pub static DISSECTOR: Dissector = Dissector {
    name: "smtp",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&BANNER, &HOST, &CLIENT],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Lines::<Smtp>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 25, from_start: true },
    pushes: &[
        (Direction::Responder, b"220 mx.example.org ESMTP Example 1.2\r\n"),
        (Direction::Originator, b"EHLO laptop.example.net\r\n"),
        (Direction::Responder, b"250-mx.example.org\r\n250-SIZE\r\n250 HELP\r\n"),
        (Direction::Originator, b"AUTH PLAIN AHgAeA==\r\n"),
    ],
};

const PORTS: &[u16] = &[25, 465, 587, 2525];

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let greets = [&b"EHLO "[..], b"HELO ", b"LHLO "].iter().any(|word| {
        let len = bytes.len().min(word.len());
        starts_with(bytes, word.get(..len).unwrap_or_default())
    });
    let on_its_port = PORTS.iter().any(|&port| context.has_port(port));
    let answers = match bytes {
        [a, b, c, b' ' | b'-', ..] => matches!([a, b, c], [b'2', b'2', b'0']) || on_its_port && [*a, *b, *c] == *b"554",
        _ => b"220".starts_with(bytes.get(..3).unwrap_or(bytes)) || on_its_port && b"554".starts_with(bytes),
    };
    if !greets && !(answers && (context.from_start || on_its_port)) {
        return Verdict::NoMatch;
    }
    let Some(line) = first_line(bytes) else { return Verdict::NeedMore };
    if greets {
        let has_name = line.get(5..).is_some_and(|name| name.first().is_some_and(u8::is_ascii_graphic));
        return if has_name { Verdict::Match } else { Verdict::NoMatch };
    }
    if line.len() >= 3 && (on_its_port || contains(line, b"SMTP") && !contains(line, b"FTP ")) {
        Verdict::Match
    } else {
        Verdict::NoMatch
    }
}

#[derive(Default)]
struct Smtp {
    has_banner: bool,
    asked_for_tls: bool,
}

impl ByLine for Smtp {
    fn line(&mut self, direction: Direction, line: &[u8], sink: &mut dyn Sink) -> Next {
        if let [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', ..] = line {
            if self.asked_for_tls {
                self.asked_for_tls = false;
                return if line.starts_with(b"220") { Next::Tunnel } else { Next::Go };
            }
            if !self.has_banner && line.starts_with(b"220") {
                self.has_banner = true;
                let text = line.get(4..).unwrap_or_default();
                say(&BANNER, direction, text, sink);
                // The name is the first word (RFC 5321 s. 4.2): what stands later may be anything.
                let first = text.split(|byte| *byte == b' ').next().unwrap_or_default();
                if let Some(host) = host_in_greeting(first) {
                    say_host(&HOST, direction, host, sink);
                }
            }
            return Next::Go;
        }
        let is = |word: &[u8]| starts_with(line, word);
        if is(b"EHLO ") || is(b"HELO ") || is(b"LHLO ") {
            say_host(&CLIENT, direction, line.get(5..).unwrap_or_default(), sink);
        } else if is(b"STARTTLS") {
            self.asked_for_tls = true;
        } else if is(b"MAIL ") || is(b"AUTH ") || is(b"DATA") {
            return Next::Enough;
        }
        Next::Go
    }
}
