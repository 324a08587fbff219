//! HTTP/1 (RFC 9110, RFC 9112) on any port: each request with its answer, in order, over keep-alive and pipelining.
//!
//! Bodies are counted, not kept, save what a reader of [`BODY_READERS`] asks for. Where a gap or a fault hides where the
//! next message begins, bytes count as body until a chunk begins with a request or an answer. Left out: HTTP/2, what
//! follows an upgrade, content codings. What a tunnel carries is probed anew.

mod body;
mod exchange;
mod head;
mod sign_in;
mod signature;
mod upnp;

use std::collections::VecDeque;

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::limits::{HTTP_BODY_COPY_LEN_BYTES, HTTP_HEAD_LEN_BYTES, HTTP_OUTSTANDING};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, http2, ocsp, websocket};
use body::{Body, Chunked, Progress};
use exchange::{Entry, Request, Response};
use head::{Head, Kind, StartLine, kind};

/// Host asked for, without port, lower case.
pub static HOST: Field = Field { name: "http.host", role: Role::ServerName, reference: "RFC 9110 s. 7.2" };
/// Host that a proxy is asked to reach (CONNECT).
pub static CONNECT_HOST: Field =
    Field { name: "http.proxy_connect_host", role: Role::ProxiedName, reference: "RFC 9110 s. 9.3.6" };
/// User agent.
pub static USER_AGENT: Field = Field { name: "http.user_agent", role: Role::Software, reference: "RFC 9110 s. 10.1.5" };
/// Server software.
pub static SERVER: Field = Field { name: "http.server", role: Role::Software, reference: "RFC 9110 s. 10.2.4" };
/// A request with its answer.
pub static EXCHANGE: Field = Field { name: "http.exchange", role: Role::Exchange, reference: "RFC 9110 s. 3.3" };
/// Signature of the first request of a connection, as p0f writes it.
pub static REQUEST_SIGNATURE: Field =
    Field { name: "http.request.signature", role: Role::Layout, reference: "p0f 3 README s. 5.4" };
/// Likewise of its answer.
pub static RESPONSE_SIGNATURE: Field =
    Field { name: "http.response.signature", role: Role::Layout, reference: "p0f 3 README s. 5.4" };
/// Name of a side's machine, in a sign-in with NTLM.
pub static SIGN_IN_HOST: Field =
    Field { name: "http.ntlm.host", role: Role::DeviceName, reference: "MS-NLMP s. 2.2.1" };
/// Domain of the server, likewise.
pub static SIGN_IN_DOMAIN: Field =
    Field { name: "http.ntlm.domain", role: Role::Detail, reference: "MS-NLMP s. 2.2.2.1" };
/// System of a side, likewise.
pub static SIGN_IN_SYSTEM: Field =
    Field { name: "http.ntlm.version", role: Role::Software, reference: "MS-NLMP s. 2.2.2.10" };
/// Service that the client has a ticket of Kerberos for.
pub static TICKET: Field = Field { name: "http.negotiate.service", role: Role::Detail, reference: "RFC 4559 s. 4" };
/// What a UPnP device calls itself in its description.
pub static DEVICE_NAME: Field =
    Field { name: "http.upnp.friendly_name", role: Role::DeviceName, reference: "UPnP DA 2.0 s. 2.3" };
/// Its maker, model and the model's number.
pub static DEVICE_MODEL: Field =
    Field { name: "http.upnp.model", role: Role::Software, reference: "UPnP DA 2.0 s. 2.3" };
/// Its kind.
pub static DEVICE_TYPE: Field =
    Field { name: "http.upnp.device_type", role: Role::Service, reference: "UPnP DA 2.0 s. 2.3" };
/// Its unique name.
pub static DEVICE_UNIQUE_NAME: Field =
    Field { name: "http.upnp.udn", role: Role::Detail, reference: "UPnP DA 2.0 s. 2.3" };
/// A message whose coding is broken.
pub static MALFORMED: Field = Field { name: "http.malformed", role: Role::Anomaly, reference: "RFC 9112 s. 7.1" };
/// More than is kept.
pub static LIMIT: Field = Field { name: "http.limit", role: Role::Anomaly, reference: "Firstlight, limits" };

/// Who reads the content of a body, by its type: one line each.
const BODY_READERS: &[(&str, BodyReader)] = &[
    ("application/ocsp-request", |content, _, _| ocsp::request(content)),
    ("application/ocsp-response", |content, _, _| ocsp::response(content)),
    ("text/xml", upnp::observe),
    ("application/xml", upnp::observe),
];

/// What an upgrade may lead to in place of HTTP/1 (IANA, HTTP Upgrade Token Registry).
const UPGRADES: &[(&str, &Dissector)] = &[("websocket", &websocket::DISSECTOR), ("h2c", &http2::DISSECTOR)];

/// Says what the content says, in its direction, and gives a remark for the exchange.
type BodyReader = fn(&[u8], Direction, &mut dyn Sink) -> Option<String>;

/// HTTP/1.
pub static DISSECTOR: Dissector = Dissector {
    name: "http",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[
        &HOST,
        &CONNECT_HOST,
        &USER_AGENT,
        &SERVER,
        &EXCHANGE,
        &REQUEST_SIGNATURE,
        &RESPONSE_SIGNATURE,
        &SIGN_IN_HOST,
        &SIGN_IN_DOMAIN,
        &SIGN_IN_SYSTEM,
        &TICKET,
        &DEVICE_NAME,
        &DEVICE_MODEL,
        &DEVICE_TYPE,
        &DEVICE_UNIQUE_NAME,
        &MALFORMED,
        &LIMIT,
    ],
    samples: &[SAMPLE_KEEP_ALIVE, SAMPLE_REFUSED, SAMPLE_BROKEN, SAMPLE_PIPELINE, SAMPLE_SIGN_IN, SAMPLE_DEVICE],
    probe: |_, _, bytes| head::probe(bytes),
    open: |_| Box::new(Http::default()),
};

const CONTEXT: Context = Context { originator_port: 50_000, responder_port: 8080, from_start: true };

/// A chunked answer, one by length, one without body, one up to the close.
const SAMPLE_KEEP_ALIVE: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (
            Direction::Originator,
            b"GET /a?b=c HTTP/1.1\r\nHost: Www.Example.org:8080\r\nUser-Agent: example/1.0\r\n\r\n\
              POST http://other.example.org/put HTTP/1.1\r\nHost: x\r\nContent-Type: text/Plain; a=b\r\nContent-Length: 5\r\n\r\nhello",
        ),
        (
            Direction::Responder,
            b"HTTP/1.1 200 OK\r\nServer: example\r\nContent-Type: text/HTML; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n\
              5;ext=1\r\nhello\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n\
              HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\nContent-Length: 2\n\nok",
        ),
        (Direction::Originator, b"HEAD /h HTTP/1.1\r\nHost: www.example.org\r\n\r\nGET /last HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n"),
        (
            Direction::Responder,
            b"HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\nuntil the end",
        ),
    ],
};

/// A proxy that does not do what it is asked for.
const SAMPLE_REFUSED: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, b"CONNECT www.example.org:443 HTTP/1.1\r\nHost: www.example.org:443\r\n\r\n"),
        (Direction::Responder, b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"),
    ],
};

const SAMPLE_BROKEN: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, b"GET / HTTP/1.0\r\n\r\n"),
        (Direction::Responder, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n"),
    ],
};

/// A sign-in with NTLM, as a server asks for it, and one with a ticket for `HTTP/www.example.org`.
const SAMPLE_SIGN_IN: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (
            Direction::Responder,
            b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\nWWW-Authenticate: NTLM \
              TlRMTVNTUAACAAAAAAAAAAAAAAABAAACYWJjZGVmZ2gAAAAAAAAAABYAFgA4AAAACgBlSgAAAA8BAAYASABTAFQAAgAEAEcAUAAA\
              AAAA\r\n\r\n",
        ),
        (
            Direction::Originator,
            b"GET / HTTP/1.1\r\nHost: www.example.org\r\nAuthorization: Negotiate \
              YFkGCSqGSIb3EgECAgEAbkowSKADAgEFoQMCAQ6jPGE6MDigAwIBBaENGwtFWEFNUExFLk9SR6IiMCCgAwIBAqEZMBcbBEhUVFAb\
              D3d3dy5leGFtcGxlLm9yZw==\r\n\r\n",
        ),
    ],
};

/// The description of a device, with another device in it.
const SAMPLE_DEVICE: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, b"GET /desc.xml HTTP/1.1\r\nHost: 192.0.2.7:8080\r\n\r\n"),
        (
            Direction::Responder,
            b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=\"utf-8\"\r\nContent-Length: 428\r\n\r\n\
              <?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\"><device>\
              <deviceType>urn:schemas-upnp-org:device:MediaRenderer:1</deviceType>\
              <friendlyName>Sample &amp; Player</friendlyName><manufacturer>Example</manufacturer>\
              <modelName>Player</modelName><modelNumber>3</modelNumber>\
              <UDN>uuid:00000000-0000-1000-8000-020000000001</UDN>\
              <deviceList><device><friendlyName>Other</friendlyName></device></deviceList></device></root>",
        ),
    ],
};

/// One request more than may wait.
const SAMPLE_PIPELINE: Sample =
    Sample { context: CONTEXT, pushes: &[(Direction::Originator, &repeat(*b"GET / HTTP/1.1\r\n\r\n"))] };

const fn repeat(text: [u8; 18]) -> [u8; 18 * (HTTP_OUTSTANDING + 1)] {
    let mut all = [0; 18 * (HTTP_OUTSTANDING + 1)];
    let mut at = 0;
    while at < all.len() {
        #[allow(clippy::indexing_slicing, reason = "runs in the compiler")]
        {
            all[at] = text[at % text.len()];
        }
        at += 1;
    }
    all
}

#[derive(Default)]
struct Http {
    sides: [Side; 2],
    /// In the order of the requests.
    queue: VecDeque<Entry>,
    /// Last reported ones: the same again is not said again.
    host: String,
    user_agent: String,
    server: String,
    limit_was_said: bool,
    next_signature: NextSignature,
    /// Which side asks: found out by the first head.
    asks: Option<Direction>,
    is_over: bool,
    /// Bytes at the end of the last chunk that belong to a tunnel.
    tunnel: Option<usize>,
    /// What it was agreed to carry.
    upgraded_to: Option<&'static Dissector>,
}

/// Which head of a connection has its signature said next: that of the first request, then that of its answer.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum NextSignature {
    #[default]
    Request,
    Response,
    None,
}

/// One direction.
#[derive(Default)]
struct Side {
    reading: Reading,
    /// What there is of a head.
    head: Vec<u8>,
    /// Bytes of its current line, CR not counted.
    line_len: usize,
    /// Content that a reader waits for.
    copy: Option<(BodyReader, Vec<u8>)>,
    /// This side is in the middle of a request (`Some(true)`) or an answer (`Some(false)`).
    in_request: Option<bool>,
}

#[derive(Default, Clone, Copy)]
enum Reading {
    #[default]
    Head,
    Body(Body),
    /// Nobody knows where the next message begins.
    Lost,
}

impl Dissect for Http {
    fn held_len(&self) -> usize {
        let copy = |side: &Side| side.copy.as_ref().map_or(0, |(_, copy)| copy.capacity());
        let sides = self.sides.iter().map(|side| side.head.capacity() + copy(side)).sum::<usize>();
        sides + self.queue.iter().map(Entry::held_len).sum::<usize>()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        match chunk {
            Chunk::Data(bytes) => self.push_data(direction, bytes, sink),
            Chunk::Gap(len) => self.push_gap(direction, len, sink),
        }
        if self.is_over {
            self.finish(sink);
            return Need::Nothing;
        }
        Need::More
    }

    fn tunnel_begins(&self) -> Option<usize> {
        self.tunnel
    }

    fn tunnel_speaks(&self) -> Option<&'static Dissector> {
        self.upgraded_to
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        for direction in [Direction::Originator, Direction::Responder] {
            if !self.side(direction).head.is_empty() {
                self.end_head(direction, Whole::Cut, sink);
            }
            self.end_message(direction, sink);
        }
        for entry in std::mem::take(&mut self.queue) {
            entry.observe(sink);
        }
    }
}

/// Did the head end as it should?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    Whole,
    Cut,
}

impl Http {
    /// Most connections have one request at a time, and there may be very many connections.
    fn enqueue(&mut self, entry: Entry) {
        if self.queue.capacity() == 0 {
            self.queue.reserve_exact(1);
        }
        self.queue.push_back(entry);
    }

    fn side(&mut self, direction: Direction) -> &mut Side {
        let [originator, responder] = &mut self.sides;
        match direction {
            Direction::Originator => originator,
            Direction::Responder => responder,
        }
    }

    fn push_data(&mut self, direction: Direction, bytes: &[u8], sink: &mut dyn Sink) {
        if matches!(self.side(direction).reading, Reading::Lost)
            && matches!(kind(bytes), Kind::Request | Kind::Response)
        {
            self.end_message(direction, sink);
        }
        let mut rest = bytes;
        while !rest.is_empty() && !self.is_over {
            let side = self.side(direction);
            match &mut side.reading {
                Reading::Lost => {
                    self.count(direction, rest.len() as u64);
                    return;
                }
                Reading::Head => {
                    let (taken, step) = side.push_head(rest);
                    rest = rest.get(taken..).unwrap_or_default();
                    match step {
                        HeadStep::More => {}
                        HeadStep::Ended => {
                            self.end_head(direction, Whole::Whole, sink);
                            self.tunnel = self.tunnel.map(|_| rest.len());
                        }
                        HeadStep::TooLong => {
                            self.say_limit(direction, "a head is longer than is read", sink);
                            self.end_head(direction, Whole::Cut, sink);
                        }
                        HeadStep::NotHttp => {
                            side.head = Vec::new();
                            side.reading = Reading::Lost;
                        }
                    }
                }
                Reading::Body(body) => {
                    let copy = &mut side.copy;
                    let progress = body.push(rest, |content| {
                        if let Some((_, kept)) = copy {
                            let room = HTTP_BODY_COPY_LEN_BYTES.saturating_sub(kept.len());
                            kept.extend_from_slice(content.get(..room).unwrap_or(content));
                        }
                    });
                    match progress {
                        Progress::More => {
                            self.count(direction, rest.len() as u64);
                            return;
                        }
                        Progress::Ended(taken) => {
                            self.count(direction, taken as u64);
                            self.end_message(direction, sink);
                            rest = rest.get(taken..).unwrap_or_default();
                        }
                        Progress::Broken(_) => {
                            side.reading = Reading::Lost;
                            let text = Value::Text("a chunk does not end where its length says");
                            sink.observe(Observation { field: &MALFORMED, direction, value: text });
                        }
                    }
                }
            }
        }
    }

    fn push_gap(&mut self, direction: Direction, len: u64, sink: &mut dyn Sink) {
        if !self.side(direction).head.is_empty() {
            self.end_head(direction, Whole::Cut, sink);
        }
        if matches!(self.side(direction), Side { reading: Reading::Head, in_request: None, .. }) {
            self.lose_message(direction, sink);
        }
        let side = self.side(direction);
        side.copy = None;
        let taken = match &mut side.reading {
            Reading::Body(body) => body.gap(len).ok(),
            Reading::Head | Reading::Lost => None,
        };
        let (is_over, counted) = match (&side.reading, taken) {
            (Reading::Body(body), Some(taken)) => (body.is_over(), taken),
            _ => (false, len),
        };
        self.count(direction, counted);
        if is_over {
            self.end_message(direction, sink);
        }
        if taken.is_none_or(|taken| taken < len) {
            self.side(direction).reading = Reading::Lost;
        }
    }

    /// A gap where a message should begin: at least one is missing, and those after it must not take its place.
    fn lose_message(&mut self, direction: Direction, sink: &mut dyn Sink) {
        if self.asks == Some(direction) {
            self.make_room(direction, sink);
            self.enqueue(Entry::without_request(direction, sink.place()));
        } else if self.asks.is_some() && self.queue.iter().any(|entry| !entry.response_is_over) {
            self.side(direction).in_request = Some(false);
        }
    }

    fn make_room(&mut self, direction: Direction, sink: &mut dyn Sink) {
        if self.queue.len() >= HTTP_OUTSTANDING {
            self.say_limit(direction, "more requests without an answer than are kept", sink);
            if let Some(entry) = self.queue.pop_front() {
                entry.observe(sink);
            }
        }
    }

    /// Adds to the body of the message that this side is in.
    fn count(&mut self, direction: Direction, len: u64) {
        match self.side(direction).in_request {
            Some(true) => {
                if let Some(entry) = self.queue.back_mut() {
                    entry.body_out = entry.body_out.saturating_add(len);
                }
            }
            Some(false) => {
                if let Some(entry) = self.queue.iter_mut().find(|entry| !entry.response_is_over) {
                    entry.body_in = entry.body_in.saturating_add(len);
                }
            }
            None => {}
        }
    }

    fn end_head(&mut self, direction: Direction, whole: Whole, sink: &mut dyn Sink) {
        let side = self.side(direction);
        let mut bytes = std::mem::take(&mut side.head);
        side.line_len = 0;
        side.reading = Reading::Lost;
        // Of a head that was cut, the last line may be half a value; a first line is better than none.
        let understood = match (whole, memchr::memrchr(b'\n', &bytes)) {
            (Whole::Cut, Some(end)) => bytes.get(..=end).unwrap_or(&bytes),
            _ => &bytes,
        };
        if let Some(head) = Head::parse(understood) {
            let is_request = matches!(head.start_line, StartLine::Request { .. });
            self.say_signature(direction, understood, is_request, sink);
            if let Some(token) = head.sign_in {
                sign_in::observe(direction, token, sink);
            }
            match head.start_line {
                StartLine::Request { method, target } => self.begin_request(direction, &head, method, target, sink),
                StartLine::Response { version, status, reason } => {
                    let response = Response::new(&head, version, status, reason);
                    self.begin_response(direction, &head, response, sink);
                }
            }
        }
        let side = self.side(direction);
        if whole == Whole::Cut && side.in_request.is_some() {
            side.reading = Reading::Lost;
        }
        bytes.clear();
        bytes.shrink_to(4096);
        side.head = bytes;
        if matches!(&side.reading, Reading::Body(body) if body.is_over()) {
            self.end_message(direction, sink);
        }
    }

    fn say_signature(&mut self, direction: Direction, head: &[u8], is_request: bool, sink: &mut dyn Sink) {
        let (field, next) = match self.next_signature {
            NextSignature::Request if is_request => (&REQUEST_SIGNATURE, NextSignature::Response),
            NextSignature::Response if !is_request => (&RESPONSE_SIGNATURE, NextSignature::None),
            NextSignature::Response => return,
            _ => return self.next_signature = NextSignature::None,
        };
        let signature = signature::of(head, is_request);
        self.next_signature = if signature.is_some() { next } else { NextSignature::None };
        if let Some(signature) = signature {
            sink.observe(Observation { field, direction, value: Value::Text(&signature) });
        }
    }

    fn begin_request(
        &mut self,
        direction: Direction,
        head: &Head<'_>,
        method: &[u8],
        target: &[u8],
        sink: &mut dyn Sink,
    ) {
        self.asks = Some(direction);
        self.make_room(direction, sink);
        let request = Request::new(head, method, target);
        if let Some(host) = &request.host {
            let field = if request.is_connect { &CONNECT_HOST } else { &HOST };
            say_once(&mut self.host, field, direction, host, sink);
        }
        if let Some(user_agent) = &request.user_agent {
            say_once(&mut self.user_agent, &USER_AGENT, direction, user_agent, sink);
        }
        let side = self.side(direction);
        side.in_request = Some(true);
        side.copy = body_reader(request.content_type.as_deref());
        side.reading = match head.content_length {
            _ if request.is_connect => Reading::Lost,
            _ if head.is_chunked => Reading::Body(Body::Chunked(Chunked::START)),
            len => Reading::Body(Body::Length(len.unwrap_or(0))),
        };
        let is_connect = request.is_connect;
        self.enqueue(Entry::of_request(direction, request, sink.place()));
        if is_connect {
            // What follows belongs to the tunnel; should it be refused, the next request is found by itself.
            self.end_message(direction, sink);
            self.side(direction).reading = Reading::Lost;
        }
    }

    fn begin_response(&mut self, direction: Direction, head: &Head<'_>, response: Response, sink: &mut dyn Sink) {
        let status = response.status;
        if (100..200).contains(&status) && status != 101 {
            self.side(direction).reading = Reading::Head;
            return;
        }
        if let Some(server) = &response.server {
            say_once(&mut self.server, &SERVER, direction, server, sink);
        }
        self.asks = Some(direction.flipped());
        if self.queue.iter().all(|entry| entry.response_is_over) {
            self.make_room(direction, sink);
            self.enqueue(Entry::without_request(direction.flipped(), sink.place()));
        }
        let Some(entry) = self.queue.iter_mut().find(|entry| !entry.response_is_over) else { return };
        let (is_head, is_connect) = match &entry.request {
            Some(request) => (request.is_head, request.is_connect),
            None => (false, false),
        };
        let reader = body_reader(response.content_type.as_deref());
        entry.response = Some(response);
        let has_no_body = is_head || matches!(status, 101 | 204 | 304) || (is_connect && status < 300);
        let side = self.side(direction);
        side.in_request = Some(false);
        side.copy = reader;
        side.reading = Reading::Body(match head.content_length {
            _ if has_no_body => Body::Length(0),
            _ if head.is_chunked => Body::Chunked(Chunked::START),
            Some(len) if !head.has_transfer_encoding => Body::Length(len),
            _ => Body::UntilClose,
        });
        let is_tunnel = is_connect && (200..300).contains(&status);
        self.is_over = status == 101 || is_tunnel;
        self.tunnel = self.is_over.then_some(0);
        if let Some(agreed) = head.upgrade.filter(|_| status == 101) {
            let known = UPGRADES.iter().find(|(token, _)| agreed.eq_ignore_ascii_case(token.as_bytes()));
            self.upgraded_to = known.map(|(_, dissector)| *dissector);
        }
    }

    /// The message that this side is in is complete, as far as it can be; the next one begins.
    fn end_message(&mut self, direction: Direction, sink: &mut dyn Sink) {
        let side = self.side(direction);
        side.reading = Reading::Head;
        let remark = side.copy.take().and_then(|(reader, content)| reader(&content, direction, sink));
        match side.in_request.take() {
            Some(true) => {
                if let Some(entry) = self.queue.back_mut() {
                    entry.request_is_over = true;
                    entry.request_remark = remark;
                }
            }
            Some(false) => {
                if let Some(entry) = self.queue.iter_mut().find(|entry| !entry.response_is_over) {
                    entry.response_is_over = true;
                    entry.response_remark = remark;
                }
            }
            None => {}
        }
        while self.queue.front().is_some_and(|entry| entry.request_is_over && entry.response_is_over) {
            if let Some(entry) = self.queue.pop_front() {
                entry.observe(sink);
            }
        }
    }

    fn say_limit(&mut self, direction: Direction, text: &str, sink: &mut dyn Sink) {
        if !self.limit_was_said {
            self.limit_was_said = true;
            sink.observe(Observation { field: &LIMIT, direction, value: Value::Text(text) });
        }
    }
}

enum HeadStep {
    More,
    Ended,
    TooLong,
    NotHttp,
}

impl Side {
    /// Takes bytes of a head, up to its end.
    fn push_head(&mut self, bytes: &[u8]) -> (usize, HeadStep) {
        let mut at = 0;
        if self.head.is_empty() {
            // Empty lines may stand before a message (RFC 9112 s. 2.2).
            at = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
        }
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let line_end = memchr::memchr(b'\n', rest);
            let piece = rest.get(..line_end.map_or(rest.len(), |end| end + 1)).unwrap_or(rest);
            let room = HTTP_HEAD_LEN_BYTES.saturating_sub(self.head.len());
            self.head.extend_from_slice(piece.get(..room).unwrap_or(piece));
            at += piece.len();
            self.line_len += piece.iter().filter(|byte| !matches!(byte, b'\r' | b'\n')).count();
            if kind(&self.head) == Kind::Neither {
                return (at, HeadStep::NotHttp);
            }
            if self.head.len() >= HTTP_HEAD_LEN_BYTES {
                return (at, HeadStep::TooLong);
            }
            if line_end.is_some() {
                if self.line_len == 0 {
                    return (at, HeadStep::Ended);
                }
                self.line_len = 0;
            }
        }
        (at, HeadStep::More)
    }
}

fn body_reader(content_type: Option<&str>) -> Option<(BodyReader, Vec<u8>)> {
    let content_type = content_type?;
    let (_, reader) = BODY_READERS.iter().find(|(of, _)| *of == content_type)?;
    Some((*reader, Vec::new()))
}

fn say_once(last: &mut String, field: &'static Field, direction: Direction, value: &str, sink: &mut dyn Sink) {
    if last != value {
        value.clone_into(last);
        sink.observe(Observation { field, direction, value: Value::Text(value) });
    }
}
