//! The Real-Time Streaming Protocol (RFC 2326, RFC 7826): whom the first requests name, and both sides' software.
//!
//! Left out: sessions, descriptions, the media, and RTSP within HTTP.

use firstlight_model::{Direction, Field, Role};

use crate::lines::{ByLine, Lines, Next};
use crate::words::{first_line, header, host_of_url, say, say_host, starts_with};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// Host of the URL asked for.
pub static HOST: Field = Field { name: "rtsp.url.host", role: Role::ServerName, reference: "RFC 2326 s. 3.2" };
/// Version, for example `RTSP/1.0`.
pub static VERSION: Field = Field { name: "rtsp.version", role: Role::Version, reference: "RFC 2326 s. 3.1" };
/// User agent.
pub static USER_AGENT: Field = Field { name: "rtsp.user_agent", role: Role::Software, reference: "RFC 2326 s. 12.41" };
/// Server software.
pub static SERVER: Field = Field { name: "rtsp.server", role: Role::Software, reference: "RFC 2326 s. 12.36" };

/// RTSP.
pub static DISSECTOR: Dissector = Dissector {
    name: "rtsp",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&HOST, &VERSION, &USER_AGENT, &SERVER],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Lines::<Rtsp>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 8554, from_start: true },
    pushes: &[
        (
            Direction::Originator,
            b"OPTIONS rtsp://cam.example.org:8554/live RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: example/1.2\r\n\r\n",
        ),
        (Direction::Responder, b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: Sample 3.4\r\n\r\n"),
    ],
};

const ANSWER: &[u8] = b"RTSP/";
const METHODS: &[&[u8]] = &[
    b"OPTIONS",
    b"DESCRIBE",
    b"ANNOUNCE",
    b"SETUP",
    b"PLAY",
    b"PAUSE",
    b"TEARDOWN",
    b"RECORD",
    b"GET_PARAMETER",
    b"SET_PARAMETER",
    b"REDIRECT",
];

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    if bytes.starts_with(ANSWER) {
        return match bytes.get(ANSWER.len()) {
            Some(b'1' | b'2') => Verdict::Match,
            Some(_) => Verdict::NoMatch,
            None => Verdict::NeedMore,
        };
    }
    if ANSWER.starts_with(bytes) {
        return Verdict::NeedMore;
    }
    let method = bytes.split(|byte| *byte == b' ').next().unwrap_or_default();
    let is_whole = method.len() < bytes.len();
    if !METHODS.iter().any(|word| *word == method || !is_whole && word.starts_with(method)) {
        return Verdict::NoMatch;
    }
    match first_line(bytes) {
        None => Verdict::NeedMore,
        Some(line) if is_request(line) => Verdict::Match,
        Some(_) => Verdict::NoMatch,
    }
}

fn is_request(line: &[u8]) -> bool {
    memchr::memmem::find(line, b" RTSP/").is_some()
}

#[derive(Default)]
struct Rtsp {
    /// Both software fields, once each.
    is_said: [bool; 2],
    has_version: bool,
    heads: u8,
}

/// Heads after which nobody says more of himself.
const HEADS: u8 = 8;

impl ByLine for Rtsp {
    fn line(&mut self, direction: Direction, line: &[u8], sink: &mut dyn Sink) -> Next {
        let [agent, server] = &mut self.is_said;
        if is_request(line) || line.starts_with(ANSWER) {
            self.heads += 1;
            if !std::mem::replace(&mut self.has_version, true)
                && let Some(at) = memchr::memmem::find(line, ANSWER)
            {
                say(&VERSION, direction, line.get(at..at + 8).unwrap_or_default(), sink);
            }
            let url = line.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
            if starts_with(url, b"rtsp") && direction == Direction::Originator {
                say_host(&HOST, direction, host_of_url(url), sink);
            }
        } else if let Some(value) = header(line, b"User-Agent").filter(|_| !*agent) {
            *agent = true;
            say(&USER_AGENT, direction, value, sink);
        } else if let Some(value) = header(line, b"Server").filter(|_| !*server) {
            *server = true;
            say(&SERVER, direction, value, sink);
        }
        let is_known = line.is_empty() && self.is_said == [true, true];
        if is_known || self.heads > HEADS { Next::Enough } else { Next::Go }
    }
}
