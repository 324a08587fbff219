//! Requests with their answers, by stream (RFC 9113 s. 5). Which side asks is told by the headers: a request has a
//! method, an answer a status.

use firstlight_model::{Direction, Exchange, Field, Observation, Value};

use super::{APPLICATION, AUTHORITY, EXCHANGE, LIMIT, SERVER, USER_AGENT};
use crate::Sink;
use crate::limits::{HTTP_VALUE_LEN_BYTES, HTTP2_STREAMS};

/// The streams that are open, oldest first.
#[derive(Default)]
pub struct Exchanges {
    open: Vec<Stream>,
    limit_was_said: bool,
    last: Last,
}

/// What was said last: the same again is not said again.
#[derive(Default)]
struct Last {
    authority: String,
    user_agent: String,
    server: String,
    was_grpc: bool,
}

#[derive(Default)]
struct Stream {
    id: u32,
    asks: Option<Direction>,
    method: Option<String>,
    host: Option<String>,
    path: Option<String>,
    user_agent: Option<String>,
    request_type: Option<String>,
    status: Option<u16>,
    content_type: Option<String>,
    server: Option<String>,
    bytes: [u64; 2],
    over: [bool; 2],
}

impl Stream {
    fn held_len(&self) -> usize {
        let texts = [
            &self.method,
            &self.host,
            &self.path,
            &self.user_agent,
            &self.request_type,
            &self.content_type,
            &self.server,
        ];
        size_of::<Self>() + texts.into_iter().flatten().map(String::capacity).sum::<usize>()
    }
}

/// A header block that is being read.
pub struct Message<'a> {
    stream: &'a mut Stream,
    last: &'a mut Last,
    direction: Direction,
    is_answer: bool,
}

impl Exchanges {
    /// Memory that the open streams hold.
    pub fn held_len(&self) -> usize {
        self.open.iter().map(Stream::held_len).sum()
    }

    /// The headers of a stream begin.
    pub fn message(&mut self, direction: Direction, id: u32, sink: &mut dyn Sink) -> Message<'_> {
        if !self.open.iter().any(|stream| stream.id == id) {
            if self.open.len() >= HTTP2_STREAMS {
                if !self.limit_was_said {
                    self.limit_was_said = true;
                    say(&LIMIT, direction, "more streams are open than are kept", sink);
                }
                self.open.remove(0).observe(sink);
            }
            self.open.push(Stream { id, ..Stream::default() });
        }
        let at = self.open.iter().position(|stream| stream.id == id).unwrap_or(0);
        #[allow(clippy::indexing_slicing, reason = "it was found, or has just been pushed")]
        let stream = &mut self.open[at];
        Message { stream, last: &mut self.last, direction, is_answer: false }
    }

    /// Adds to a body.
    pub fn count(&mut self, direction: Direction, id: u32, len: u64) {
        if let Some(stream) = self.open.iter_mut().find(|stream| stream.id == id) {
            let bytes = crate::gather::side(&mut stream.bytes, direction);
            *bytes = bytes.saturating_add(len);
        }
    }

    /// One direction of a stream is over.
    pub fn end(&mut self, direction: Direction, id: u32, sink: &mut dyn Sink) {
        let Some(at) = self.open.iter().position(|stream| stream.id == id) else { return };
        let is_over = self.open.get_mut(at).is_some_and(|stream| {
            *crate::gather::side(&mut stream.over, direction) = true;
            stream.over == [true; 2]
        });
        if is_over {
            self.open.remove(at).observe(sink);
        }
    }

    /// A stream is given up.
    pub fn reset(&mut self, id: u32, sink: &mut dyn Sink) {
        if let Some(at) = self.open.iter().position(|stream| stream.id == id) {
            self.open.remove(at).observe(sink);
        }
    }

    /// All streams are over.
    pub fn finish(&mut self, sink: &mut dyn Sink) {
        for stream in std::mem::take(&mut self.open) {
            stream.observe(sink);
        }
    }
}

impl Message<'_> {
    /// One header.
    pub fn take(&mut self, name: &[u8], value: &[u8]) {
        let text = || {
            let value = value.get(..HTTP_VALUE_LEN_BYTES).unwrap_or(value);
            String::from_utf8_lossy(value).into_owned()
        };
        let stream = &mut *self.stream;
        match name {
            b":method" => {
                stream.asks = Some(self.direction);
                stream.method = Some(text());
            }
            b":status" => {
                self.is_answer = true;
                stream.asks = Some(self.direction.flipped());
                stream.status = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok());
            }
            b":path" => stream.path = Some(text()),
            b":authority" => stream.host = Some(host(&text())),
            b"host" if stream.host.is_none() => stream.host = Some(host(&text())),
            b"user-agent" => stream.user_agent = Some(text()),
            b"server" => stream.server = Some(text()),
            b"content-type" => {
                let text = text();
                let media_type = text.split(';').next().unwrap_or(&text).trim().to_ascii_lowercase();
                if self.is_answer {
                    stream.content_type = Some(media_type);
                } else {
                    stream.request_type = Some(media_type);
                }
            }
            _ => {}
        }
    }

    /// Says what is new in it.
    pub fn observe(self, sink: &mut dyn Sink) {
        let Self { stream, last, direction, is_answer } = self;
        let mut say_once = |last: &mut String, field, value: &Option<String>| {
            if let Some(value) = value.as_ref().filter(|value| **value != *last && !value.is_empty()) {
                last.clone_from(value);
                say(field, direction, value, sink);
            }
        };
        if is_answer {
            say_once(&mut last.server, &SERVER, &stream.server);
            return;
        }
        say_once(&mut last.authority, &AUTHORITY, &stream.host);
        say_once(&mut last.user_agent, &USER_AGENT, &stream.user_agent);
        let is_grpc = stream.request_type.as_ref().is_some_and(|media_type| media_type.starts_with("application/grpc"));
        if is_grpc && !last.was_grpc {
            last.was_grpc = true;
            say(&APPLICATION, direction, "grpc", sink);
        }
    }
}

impl Stream {
    fn observe(self, sink: &mut dyn Sink) {
        let Some(asks) = self.asks else { return };
        let [from_originator, from_responder] = self.bytes;
        let (body_out, body_in) = match asks {
            Direction::Originator => (from_originator, from_responder),
            Direction::Responder => (from_responder, from_originator),
        };
        let exchange = Exchange {
            begun: None,
            method: self.method.as_deref(),
            host: self.host.as_deref(),
            path: self.path.as_deref(),
            user_agent: self.user_agent.as_deref(),
            request_type: self.request_type.as_deref(),
            referrer: None,
            origin: None,
            status: self.status,
            reason: None,
            version: None,
            content_type: self.content_type.as_deref(),
            server: self.server.as_deref(),
            body_out,
            body_in,
            remark: None,
        };
        sink.observe(Observation { field: &EXCHANGE, direction: asks, value: Value::Exchange(exchange) });
    }
}

/// An authority without user and port, lower case.
fn host(authority: &str) -> String {
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    };
    host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase()
}

pub(super) fn say(field: &'static Field, direction: Direction, text: &str, sink: &mut dyn Sink) {
    sink.observe(Observation { field, direction, value: Value::Text(text) });
}
