//! A request and its answer, while they wait for each other.

use firstlight_model::{Direction, Exchange, FrameRef, Observation, Timestamp, Value};

use super::EXCHANGE;
use super::head::Head;
use crate::limits::HTTP_VALUE_LEN_BYTES;
use crate::{Sink, ocsp};

/// Time and frame.
type Place = (Timestamp, FrameRef);

/// What is kept of a request.
pub struct Request {
    method: String,
    pub host: Option<String>,
    path: Option<String>,
    pub user_agent: Option<String>,
    pub content_type: Option<String>,
    referrer: Option<String>,
    origin: Option<String>,
    pub is_head: bool,
    pub is_connect: bool,
}

/// What is kept of an answer.
pub struct Response {
    pub status: u16,
    pub content_type: Option<String>,
    pub server: Option<String>,
    pub reason: Option<String>,
    pub version: Option<String>,
}

/// Both, as far as they were seen.
pub struct Entry {
    /// Of the request.
    direction: Direction,
    begun: Option<Place>,
    pub request: Option<Request>,
    pub request_is_over: bool,
    pub request_remark: Option<String>,
    pub response: Option<Response>,
    pub response_is_over: bool,
    pub response_remark: Option<String>,
    pub body_out: u64,
    pub body_in: u64,
}

impl Entry {
    /// Memory that it holds.
    pub fn held_len(&self) -> usize {
        let request = self.request.iter().flat_map(|request| {
            [Some(&request.method), request.host.as_ref(), request.path.as_ref(), request.user_agent.as_ref()]
                .into_iter()
                .chain([&request.content_type, &request.referrer, &request.origin].map(Option::as_ref))
        });
        let response = self
            .response
            .iter()
            .flat_map(|response| [&response.content_type, &response.server, &response.reason, &response.version]);
        let remarks = [&self.request_remark, &self.response_remark];
        let texts = request.flatten().chain(response.chain(remarks).flatten());
        size_of::<Self>() + texts.map(String::capacity).sum::<usize>()
    }
}

impl Request {
    /// An absolute target names the host more strongly than the Host field (RFC 9112 s. 3.2.2).
    pub fn new(head: &Head<'_>, method: &[u8], target: &[u8]) -> Self {
        let is_connect = method == b"CONNECT";
        let absolute = memchr::memmem::find(target, b"://").filter(|&at| {
            target.get(..at).is_some_and(|scheme| !scheme.is_empty() && scheme.iter().all(u8::is_ascii_alphanumeric))
        });
        let (authority, path) = match absolute {
            Some(at) => {
                let rest = target.get(at + 3..).unwrap_or_default();
                let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
                let (authority, path) = rest.split_at(end);
                (Some(authority), if path.is_empty() { b"/".as_slice() } else { path })
            }
            None if is_connect => (Some(target), target),
            None => (None, target),
        };
        Self {
            method: text(method),
            host: authority.or(head.host).and_then(host),
            path: (!path.is_empty()).then(|| text(path)),
            user_agent: head.user_agent.map(text).filter(|value| !value.is_empty()),
            content_type: head.content_type.and_then(media_type),
            referrer: head.referrer.map(text),
            origin: head.origin.map(text),
            is_head: method == b"HEAD",
            is_connect,
        }
    }
}

impl Response {
    pub fn new(head: &Head<'_>, version: &[u8], status: u16, reason: &[u8]) -> Self {
        Self {
            status,
            content_type: head.content_type.and_then(media_type),
            server: head.server.map(text),
            reason: (!reason.is_empty()).then(|| text(reason)),
            version: Some(text(version)),
        }
    }
}

impl Entry {
    pub fn of_request(direction: Direction, request: Request, begun: Option<Place>) -> Self {
        Self { request: Some(request), request_is_over: false, ..Self::without_request(direction, begun) }
    }

    /// An answer to what was not seen.
    pub fn without_request(direction: Direction, begun: Option<Place>) -> Self {
        Self {
            direction,
            begun,
            request: None,
            request_is_over: true,
            request_remark: None,
            response: None,
            response_is_over: false,
            response_remark: None,
            body_out: 0,
            body_in: 0,
        }
    }

    /// Says it, unless neither side of it was seen.
    pub fn observe(self, sink: &mut dyn Sink) {
        if self.request.is_none() && self.response.is_none() {
            return;
        }
        let request = self.request.as_ref();
        let response = self.response.as_ref();
        let content_type = response.and_then(|response| response.content_type.as_deref());
        let path = request.and_then(|request| request.path.as_deref());
        // A certificate's status may be asked for in the path (RFC 6960 appendix A.1).
        let in_path =
            path.filter(|_| content_type == Some("application/ocsp-response")).and_then(ocsp::request_in_path);
        let remarks = [self.request_remark.or(in_path), self.response_remark];
        let remark = remarks.into_iter().flatten().collect::<Vec<_>>().join("; ");
        let exchange = Exchange {
            begun: self.begun,
            method: request.map(|request| request.method.as_str()),
            host: request.and_then(|request| request.host.as_deref()),
            path,
            user_agent: request.and_then(|request| request.user_agent.as_deref()),
            request_type: request.and_then(|request| request.content_type.as_deref()),
            referrer: request.and_then(|request| request.referrer.as_deref()),
            origin: request.and_then(|request| request.origin.as_deref()),
            status: response.map(|response| response.status),
            reason: response.and_then(|response| response.reason.as_deref()),
            version: response.and_then(|response| response.version.as_deref()),
            content_type,
            server: response.and_then(|response| response.server.as_deref()),
            body_out: self.body_out,
            body_in: self.body_in,
            remark: (!remark.is_empty()).then_some(remark.as_str()),
        };
        sink.observe(Observation { field: &EXCHANGE, direction: self.direction, value: Value::Exchange(exchange) });
    }
}

/// Text with invalid UTF-8 replaced, of bounded length.
pub fn text(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes.get(..HTTP_VALUE_LEN_BYTES).unwrap_or(bytes)).into_owned();
    // Each byte that was replaced has become three.
    let end = (0..=HTTP_VALUE_LEN_BYTES.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text.truncate(end);
    text
}

/// `text/html` of `Text/HTML; charset=utf-8`.
pub fn media_type(value: &[u8]) -> Option<String> {
    let essence = value.split(|byte| matches!(byte, b';' | b',')).next()?.trim_ascii();
    (!essence.is_empty()).then(|| text(essence).to_ascii_lowercase())
}

/// The host of an authority, without user and port.
fn host(authority: &[u8]) -> Option<String> {
    let after_user = authority.rsplit(|&byte| byte == b'@').next()?.trim_ascii();
    let host = match after_user.strip_prefix(b"[") {
        Some(rest) => rest.split(|&byte| byte == b']').next()?,
        None => match memchr::memrchr(b':', after_user) {
            Some(colon) if after_user.get(colon + 1..).is_some_and(|port| port.iter().all(u8::is_ascii_digit)) => {
                after_user.get(..colon)?
            }
            _ => after_user,
        },
    };
    (!host.is_empty()).then(|| text(host).to_ascii_lowercase())
}
