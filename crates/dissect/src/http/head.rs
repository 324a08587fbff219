//! Heads of HTTP/1 messages (RFC 9112 s. 2 to 5), read line by line and as far as they go: a head that the capture cuts
//! still gives what stands before the cut. Lines may end with LF alone.

use crate::Verdict;

/// Registered methods (IANA, HTTP Method Registry, 2024) and those that UPnP uses over TCP.
const METHODS: &[&str] = &[
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "CONNECT",
    "COPY",
    "DELETE",
    "GET",
    "HEAD",
    "LABEL",
    "LINK",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "OPTIONS",
    "ORDERPATCH",
    "PATCH",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "PUT",
    "REBIND",
    "REPORT",
    "SEARCH",
    "SUBSCRIBE",
    "TRACE",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UNSUBSCRIBE",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
];

/// Does a stream begin with HTTP/1? A target that is no path and no web address is one of HTTP only if the line says so:
/// RTSP, SIP and HTTP/2 begin with the same methods.
pub fn probe(bytes: &[u8]) -> Verdict {
    match kind(bytes) {
        Kind::Response => return Verdict::Match,
        Kind::Unclear => return Verdict::NeedMore,
        Kind::Neither => return Verdict::NoMatch,
        Kind::Request => {}
    }
    let target =
        memchr::memchr(b' ', bytes).and_then(|space| bytes.get(space..)).unwrap_or_default().trim_ascii_start();
    if target.starts_with(b"/") {
        return Verdict::Match;
    }
    match memchr::memchr(b'\n', target).and_then(|end| target.get(..end)) {
        None => Verdict::NeedMore,
        Some(line) if memchr::memmem::find(line, b" HTTP/1.").is_some() => Verdict::Match,
        Some(_) => Verdict::NoMatch,
    }
}

/// What bytes at the beginning of a message are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Request,
    Response,
    /// Too few bytes to tell.
    Unclear,
    Neither,
}

/// Tells a request from an answer by its first bytes.
pub fn kind(bytes: &[u8]) -> Kind {
    const VERSION: &[u8] = b"HTTP/1.";
    if bytes.len() <= VERSION.len() {
        if VERSION.starts_with(bytes) {
            return Kind::Unclear;
        }
    } else if bytes.starts_with(VERSION) {
        return if bytes.get(VERSION.len()).is_some_and(u8::is_ascii_digit) { Kind::Response } else { Kind::Neither };
    }
    let longest = METHODS.iter().map(|method| method.len()).max().unwrap_or(0);
    let start = bytes.get(..=longest).unwrap_or(bytes);
    match start.iter().position(|&byte| byte == b' ') {
        Some(end) => {
            let is_method = METHODS.iter().any(|method| start.get(..end) == Some(method.as_bytes()));
            match bytes.get(end..).unwrap_or_default().iter().find(|byte| **byte != b' ') {
                _ if !is_method => Kind::Neither,
                None => Kind::Unclear,
                // A target is a path, an absolute form, an authority or an asterisk (RFC 9112 s. 3.2). More than one
                // blank before it is wrong, but is sent.
                Some(b'!'..=b'~' | 0x80..) => Kind::Request,
                Some(_) => Kind::Neither,
            }
        }
        None if METHODS.iter().any(|method| method.as_bytes().starts_with(start)) => Kind::Unclear,
        None => Kind::Neither,
    }
}

/// The first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartLine<'a> {
    Request {
        method: &'a [u8],
        target: &'a [u8],
    },
    /// Version without `HTTP/`, status, what stands behind it.
    Response {
        version: &'a [u8],
        status: u16,
        reason: &'a [u8],
    },
}

/// A head and the fields that are asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    pub start_line: StartLine<'a>,
    pub host: Option<&'a [u8]>,
    pub user_agent: Option<&'a [u8]>,
    pub referrer: Option<&'a [u8]>,
    pub origin: Option<&'a [u8]>,
    pub server: Option<&'a [u8]>,
    pub content_type: Option<&'a [u8]>,
    pub content_length: Option<u64>,
    pub is_chunked: bool,
    pub has_transfer_encoding: bool,
    pub upgrade: Option<&'a [u8]>,
    /// Token of a sign-in with NTLM or Negotiate (RFC 4559 s. 4), in base64.
    pub sign_in: Option<&'a [u8]>,
}

impl<'a> Head<'a> {
    /// Reads a head, whole or cut. `None` when its first line is not of HTTP/1.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut lines = bytes.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let mut head = Self {
            start_line: start_line(lines.find(|line| !line.is_empty())?)?,
            host: None,
            user_agent: None,
            referrer: None,
            origin: None,
            server: None,
            content_type: None,
            content_length: None,
            is_chunked: false,
            has_transfer_encoding: false,
            upgrade: None,
            sign_in: None,
        };
        let mut last_name: &[u8] = b"";
        for line in lines.take_while(|line| !line.is_empty()) {
            // A line that begins with a blank goes on with the field before (RFC 9112 s. 5.2).
            if line.starts_with(b" ") || line.starts_with(b"\t") {
                head.take_field(last_name, line.trim_ascii());
                continue;
            }
            let Some(colon) = memchr::memchr(b':', line) else { continue };
            let (name, value) = line.split_at(colon);
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            last_name = name.trim_ascii_end();
            head.take_field(last_name, value);
        }
        Some(head)
    }

    /// Of fields that stand twice the first that is not empty counts.
    fn take_field(&mut self, name: &[u8], value: &'a [u8]) {
        let is = |expected: &str| name.eq_ignore_ascii_case(expected.as_bytes());
        let set = |slot: &mut Option<&'a [u8]>| {
            *slot = slot.filter(|before| !before.is_empty()).or(Some(value));
        };
        match name.first().map(u8::to_ascii_lowercase) {
            Some(b'h') if is("host") => set(&mut self.host),
            Some(b'u') if is("user-agent") => set(&mut self.user_agent),
            Some(b'u') if is("upgrade") => set(&mut self.upgrade),
            Some(b'r') if is("referer") => set(&mut self.referrer),
            Some(b'o') if is("origin") => set(&mut self.origin),
            Some(b's') if is("server") => set(&mut self.server),
            Some(b'c') if is("content-type") => set(&mut self.content_type),
            Some(b'c') if is("content-length") => {
                // Repeated values with commas are allowed where they are equal (RFC 9112 s. 6.3).
                let first = value.split(|&byte| byte == b',').next().unwrap_or_default().trim_ascii();
                let number = std::str::from_utf8(first).ok().and_then(|digits| digits.parse().ok());
                self.content_length = self.content_length.or(number);
            }
            Some(b'a') if is("authorization") => self.take_sign_in(value),
            Some(b'w') if is("www-authenticate") => self.take_sign_in(value),
            Some(b'p') if is("proxy-authorization") || is("proxy-authenticate") => self.take_sign_in(value),
            Some(b't') if is("transfer-encoding") => {
                self.has_transfer_encoding = true;
                self.is_chunked |= value.to_ascii_lowercase().ends_with(b"chunked");
            }
            _ => {}
        }
    }

    fn take_sign_in(&mut self, value: &'a [u8]) {
        let Some(space) = memchr::memchr(b' ', value) else { return };
        let (scheme, token) = value.split_at(space);
        if scheme.eq_ignore_ascii_case(b"ntlm") || scheme.eq_ignore_ascii_case(b"negotiate") {
            self.sign_in = self.sign_in.or(Some(token.trim_ascii()));
        }
    }
}

fn start_line(line: &[u8]) -> Option<StartLine<'_>> {
    match kind(line) {
        Kind::Request => {
            let space = memchr::memchr(b' ', line)?;
            let (method, rest) = line.split_at(space);
            let rest = rest.trim_ascii();
            // A target with blanks in it is wrong, but is sent: it ends before the version.
            let target = match memchr::memrchr(b' ', rest) {
                Some(last) if rest.get(last + 1..).is_some_and(|version| version.starts_with(b"HTTP/")) => {
                    rest.get(..last)?.trim_ascii_end()
                }
                _ => rest,
            };
            Some(StartLine::Request { method, target })
        }
        Kind::Response => {
            let (digits, reason) = line.get(8..)?.trim_ascii_start().split_at_checked(3)?;
            let status = std::str::from_utf8(digits).ok()?.parse().ok()?;
            Some(StartLine::Response { version: line.get(5..8)?, status, reason: reason.trim_ascii() })
        }
        Kind::Unclear | Kind::Neither => None,
    }
}
