//! The File Transfer Protocol's control connection (RFC 959), until a file is asked for or TLS is agreed on (RFC 4217).
//!
//! Left out: users, passwords, files, the connections for data.

use firstlight_model::{Direction, Field, Role};

use crate::lines::{ByLine, Lines, Next};
use crate::words::{contains, first_line, host_in_greeting, say, say_host, starts_with};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// The first line that the server greets with, without its code.
pub static BANNER: Field = Field { name: "ftp.response.banner", role: Role::Software, reference: "RFC 959 s. 5.4" };
/// The system that the server says it is (SYST).
pub static SYSTEM: Field = Field { name: "ftp.response.system", role: Role::Software, reference: "RFC 959 s. 4.1.3" };
/// The name by which the server calls itself in its greeting.
pub static SERVER_HOST: Field =
    Field { name: "ftp.response.host", role: Role::DeviceName, reference: "RFC 959 s. 5.4" };
/// The host that the client asks for (HOST).
pub static HOST: Field = Field { name: "ftp.request.host", role: Role::ServerName, reference: "RFC 7151 s. 3" };
/// The client's software (CLNT).
pub static CLIENT: Field =
    Field { name: "ftp.request.clnt", role: Role::Software, reference: "CLNT, as clients send it" };

/// FTP.
pub static DISSECTOR: Dissector = Dissector {
    name: "ftp",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&BANNER, &SYSTEM, &SERVER_HOST, &HOST, &CLIENT],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Lines::<Ftp>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 21, from_start: true },
    pushes: &[
        (Direction::Responder, b"220-ExampleFTPd 1.2 on files.example.org\r\n220 ready\r\n"),
        (Direction::Originator, b"HOST ftp.example.org\r\nUSER someone\r\nPASS secret\r\n"),
        (Direction::Responder, b"220 ok\r\n331 password\r\n230 welcome\r\n"),
        (Direction::Originator, b"CLNT Example 3.4\r\nSYST\r\n"),
        (Direction::Responder, b"200 noted\r\n215 UNIX Type: L8\r\n"),
        (Direction::Originator, b"LIST\r\n"),
    ],
};

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let on_its_port = context.has_port(21);
    if on_its_port {
        return on_port(bytes);
    }
    let start = bytes.get(..4).unwrap_or(bytes);
    let may_be_greeting = b"220 ".starts_with(start) || b"220-".starts_with(start);
    if !(may_be_greeting && context.from_start || starts_with(b"AUTH", start)) {
        return Verdict::NoMatch;
    }
    let Some(line) = first_line(bytes) else { return Verdict::NeedMore };
    let matches = if line.starts_with(b"220") {
        contains(line, b"FTP") && !contains(line, b"SMTP")
    } else {
        line.eq_ignore_ascii_case(b"AUTH TLS") || line.eq_ignore_ascii_case(b"AUTH SSL")
    };
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

/// Any command or answer, on its port: the beginning may be missing.
fn on_port(bytes: &[u8]) -> Verdict {
    const COMMANDS: &[&[u8]] = &[
        b"USER ", b"PASS ", b"FEAT\r", b"HOST ", b"CLNT ", b"SYST\r", b"PWD\r", b"CWD ", b"TYPE ", b"PASV\r",
        b"EPSV\r", b"PORT ", b"LIST", b"RETR ", b"STOR ", b"SIZE ", b"QUIT\r", b"NOOP\r", b"AUTH ",
    ];
    let is_answer = matches!(bytes, [b'1'..=b'5', b'0'..=b'5', b'0'..=b'9', b' ' | b'-', ..]);
    let is_command = COMMANDS.iter().any(|word| {
        let len = bytes.len().min(word.len());
        bytes.get(..len).is_some_and(|start| starts_with(word, start))
    });
    if !is_answer && !is_command && (bytes.len() >= 4 || !bytes.iter().all(u8::is_ascii_digit)) {
        return Verdict::NoMatch;
    }
    match first_line(bytes) {
        Some(line) if line.iter().all(|byte| *byte >= b' ') => Verdict::Match,
        Some(_) => Verdict::NoMatch,
        None => Verdict::NeedMore,
    }
}

#[derive(Default)]
struct Ftp {
    has_banner: bool,
    asked_for_tls: bool,
}

impl ByLine for Ftp {
    fn line(&mut self, direction: Direction, line: &[u8], sink: &mut dyn Sink) -> Next {
        if let [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', _, text @ ..] = line {
            if self.asked_for_tls {
                self.asked_for_tls = false;
                if line.starts_with(b"234") || line.starts_with(b"334") {
                    return Next::Tunnel;
                }
            }
            if !self.has_banner && line.starts_with(b"220") {
                self.has_banner = true;
                say(&BANNER, direction, text, sink);
                if let Some(host) = host_in_greeting(text) {
                    say_host(&SERVER_HOST, direction, host, sink);
                }
            } else if line.starts_with(b"215 ") {
                say(&SYSTEM, direction, text, sink);
            }
            return Next::Go;
        }
        let is = |word: &[u8]| starts_with(line, word);
        let value = line.get(5..).unwrap_or_default();
        if is(b"HOST ") {
            say_host(&HOST, direction, value, sink);
        } else if is(b"CLNT ") {
            say(&CLIENT, direction, value, sink);
        } else if is(b"AUTH ") {
            self.asked_for_tls = true;
        } else if [&b"RETR"[..], b"STOR", b"LIST", b"MLSD", b"NLST", b"QUIT"].iter().any(|word| is(word)) {
            return Next::Enough;
        }
        Next::Go
    }
}
