//! The Internet Message Access Protocol (RFC 3501, RFC 9051), until a mailbox is opened or TLS is agreed on.
//!
//! Left out: users, passwords, mail.

use firstlight_model::{Direction, Field, Role};

use crate::lines::{ByLine, Lines, Next};
use crate::words::{contains, first_line, host_in_greeting, say, say_host, say_text, starts_with, text};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// What the server greets with, without its code.
pub static BANNER: Field = Field { name: "imap.response.banner", role: Role::Software, reference: "RFC 9051 s. 7.1" };
/// The name by which the server calls itself in its greeting.
pub static HOST: Field = Field { name: "imap.response.host", role: Role::DeviceName, reference: "RFC 9051 s. 7.1" };
/// Name and version that a side gives with ID.
pub static ID: Field = Field { name: "imap.id", role: Role::Software, reference: "RFC 2971 s. 3.3" };

/// IMAP.
pub static DISSECTOR: Dissector = Dissector {
    name: "imap",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&BANNER, &HOST, &ID],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Lines::<Imap>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 143, from_start: true },
    pushes: &[
        (Direction::Responder, b"* OK [CAPABILITY IMAP4rev1] mail.example.org Example ready\r\n"),
        (Direction::Originator, b"1 ID (\"name\" \"Example Mail\" \"version\" \"5.6\" \"os\" \"Sample\")\r\n"),
        (Direction::Responder, b"* ID (\"name\" \"exampled\")\r\n1 OK done\r\n"),
        (Direction::Originator, b"2 SELECT INBOX\r\n"),
    ],
};

const COMMANDS: &[&[u8]] = &[b"CAPABILITY", b"STARTTLS", b"LOGIN ", b"AUTHENTICATE ", b"ID ", b"NOOP", b"LOGOUT"];

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    const GREETINGS: [&[u8]; 2] = [b"* OK", b"* PREAUTH"];
    let on_its_port = context.has_port(143);
    let may_greet = GREETINGS.iter().any(|word| starts_with(word, bytes) || starts_with(bytes, word));
    let may_ask = on_its_port && bytes.first().is_some_and(u8::is_ascii_alphanumeric);
    if !(may_greet && (context.from_start || on_its_port) || may_ask) {
        return Verdict::NoMatch;
    }
    let Some(line) = first_line(bytes) else { return Verdict::NeedMore };
    let matches = if may_greet {
        GREETINGS.iter().any(|word| starts_with(line, word)) && (on_its_port || contains(line, b"IMAP"))
    } else {
        command(line).is_some_and(|(_, command)| COMMANDS.iter().any(|word| starts_with(command, word)))
    };
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

/// Tag and command.
fn command(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = memchr::memchr(b' ', line)?;
    let (tag, rest) = line.split_at_checked(space)?;
    let is_tag =
        !tag.is_empty() && tag.len() <= 32 && tag.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'.');
    is_tag.then(|| (tag, rest.trim_ascii_start()))
}

#[derive(Default)]
struct Imap {
    has_banner: bool,
    /// Tag of a STARTTLS that waits for its answer.
    starts_tls: Option<Vec<u8>>,
}

impl ByLine for Imap {
    fn line(&mut self, direction: Direction, line: &[u8], sink: &mut dyn Sink) -> Next {
        if let Some(untagged) = line.strip_prefix(b"* ") {
            if starts_with(untagged, b"ID ") {
                id(direction, untagged, sink);
            } else if (starts_with(untagged, b"OK") || starts_with(untagged, b"PREAUTH")) && !self.has_banner {
                self.has_banner = true;
                let words = untagged.get(memchr::memchr(b' ', untagged).unwrap_or(untagged.len())..);
                let words = words.unwrap_or_default().trim_ascii_start();
                // A response code in brackets stands before the text.
                let end = if words.starts_with(b"[") { memchr::memchr(b']', words).map_or(0, |at| at + 1) } else { 0 };
                let words = words.get(end..).unwrap_or_default();
                say(&BANNER, direction, words, sink);
                if let Some(host) = host_in_greeting(words) {
                    say_host(&HOST, direction, host, sink);
                }
            }
            return Next::Go;
        }
        let Some((tag, command)) = command(line) else { return Next::Go };
        let is = |word: &[u8]| starts_with(command, word);
        if self.starts_tls.as_deref() == Some(tag) && (is(b"OK") || is(b"NO") || is(b"BAD")) {
            self.starts_tls = None;
            return if is(b"OK") { Next::Tunnel } else { Next::Go };
        }
        if is(b"STARTTLS") {
            self.starts_tls = Some(tag.to_vec());
        } else if is(b"ID ") {
            id(direction, command, sink);
        } else if is(b"SELECT ") || is(b"EXAMINE ") || is(b"LOGOUT") {
            return Next::Enough;
        }
        Next::Go
    }
}

/// `ID ("name" "…" "version" "…" …)`: strings in pairs.
fn id(direction: Direction, line: &[u8], sink: &mut dyn Sink) {
    let mut strings = line.split(|byte| *byte == b'"').skip(1).step_by(2);
    let (mut name, mut version) = (None, None);
    while let (Some(key), Some(value)) = (strings.next(), strings.next()) {
        if key.eq_ignore_ascii_case(b"name") {
            name = Some(text(value));
        } else if key.eq_ignore_ascii_case(b"version") {
            version = Some(text(value));
        }
    }
    match (name, version) {
        (Some(name), Some(version)) => say_text(&ID, direction, &format!("{name} {version}"), sink),
        (Some(name), None) => say_text(&ID, direction, &name, sink),
        (None, _) => {}
    }
}
