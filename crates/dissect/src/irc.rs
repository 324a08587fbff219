//! Internet Relay Chat (RFC 1459, RFC 2812): the server's name and software, until the client is registered.
//!
//! Left out: nicknames, users, passwords, channels, what is said.

use firstlight_model::{Direction, Field, Role};

use crate::lines::{ByLine, Lines, Next};
use crate::words::{first_line, say, say_host, starts_with};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// The server's name.
pub static SERVER: Field =
    Field { name: "irc.response.prefix", role: Role::DeviceName, reference: "RFC 2812 s. 2.3.1" };
/// The server's software (reply 004).
pub static SOFTWARE: Field = Field { name: "irc.response.version", role: Role::Software, reference: "RFC 2812 s. 5.1" };

/// IRC.
pub static DISSECTOR: Dissector = Dissector {
    name: "irc",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&SERVER, &SOFTWARE],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Lines::<Irc>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 6667, from_start: true },
    pushes: &[
        (Direction::Originator, b"NICK someone\r\nUSER a 0 * :b\r\n"),
        (
            Direction::Responder,
            b":irc.example.org 001 someone :Welcome\r\n:irc.example.org 004 someone irc.example.org exampled-1.2 ab cd\r\n",
        ),
    ],
};

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let on_its_port = (6660..=6669).any(|port| context.has_port(port));
    let start = bytes.get(..5).unwrap_or(bytes);
    let asks = [&b"NICK "[..], b"CAP L", b"PASS ", b"USER "].iter().any(|word| starts_with(word, start));
    let says = bytes.first() == Some(&b':') || b"NOTICE AUTH ".starts_with(bytes.get(..12).unwrap_or(bytes));
    if !(asks || says) || !(context.from_start || on_its_port) {
        return Verdict::NoMatch;
    }
    let Some(line) = first_line(bytes) else { return Verdict::NeedMore };
    if !line.iter().all(|byte| *byte >= b' ') {
        return Verdict::NoMatch;
    }
    let next = bytes.get(line.len()..).unwrap_or_default().trim_ascii_start();
    let words = line.split(|byte| *byte == b' ').count();
    let matches = match line {
        [b':', ..] => is_numeric_or_notice(line),
        [b'N', b'O', ..] => true,
        _ if starts_with(line, b"CAP LS") => words <= 3,
        _ if starts_with(line, b"USER ") => words >= 5 && memchr::memmem::find(line, b" :").is_some(),
        // A password may come before the nickname.
        _ if starts_with(line, b"PASS ") => match next.get(..5) {
            None => return if on_its_port || next.is_empty() { Verdict::NeedMore } else { Verdict::NoMatch },
            Some(next) => starts_with(next, b"NICK ") || starts_with(next, b"CAP L"),
        },
        _ => words == 2,
    };
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

/// `:server 001 …` or `:server NOTICE …`, the server being a name.
fn is_numeric_or_notice(line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == b' ');
    let is_host = words.next().and_then(|prefix| prefix.get(1..)).is_some_and(|name| name.contains(&b'.'));
    is_host
        && words.next().is_some_and(|word| {
            word == b"NOTICE" || word == b"CAP" || word.len() == 3 && word.iter().all(u8::is_ascii_digit)
        })
}

#[derive(Default)]
struct Irc {
    has_server: bool,
}

impl ByLine for Irc {
    fn line(&mut self, direction: Direction, line: &[u8], sink: &mut dyn Sink) -> Next {
        let Some(prefixed) = line.strip_prefix(b":").filter(|_| is_numeric_or_notice(line)) else { return Next::Go };
        let mut words = prefixed.split(|byte| *byte == b' ');
        let server = words.next().unwrap_or_default();
        if !std::mem::replace(&mut self.has_server, true) {
            say_host(&SERVER, direction, server, sink);
        }
        match words.next() {
            Some(b"004") => {
                say(&SOFTWARE, direction, words.nth(2).unwrap_or_default(), sink);
                Next::Enough
            }
            // STARTTLS was agreed on (IRCv3, tls).
            Some(b"670") => Next::Tunnel,
            _ => Next::Go,
        }
    }
}
