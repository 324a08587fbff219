//! The raw signature of a head as p0f 3 writes it (p0f's README, s. 5.4): the fields in their order with the values of
//! those that a program sets once and for all, those that are missing, and what the program calls itself.
//!
//! ```text
//! 1:Host,User-Agent,Accept=[*/*],?Cookie,Connection=[close]:Accept-Encoding,…:curl/8.0
//! ```
//!
//! Left out, as p0f leaves it out: requests but GET and HEAD, heads with a field that goes on in the next line, and heads
//! beyond its limits.

use std::fmt::Write as _;

/// Fields of a head, and bytes of a name, a value and a first line; longer ones have no signature.
const FIELDS: usize = 32;
const NAME_LEN_BYTES: usize = 32;
const VALUE_LEN_BYTES: usize = 1024;
const LINE_LEN_BYTES: usize = 1024;
/// Bytes of a head that have to be there.
const HEAD_LEN_BYTES: usize = 8192;
/// Bytes of a value that are shown.
const SHOWN_LEN_BYTES: usize = 200;

/// What is known of the fields of a kind of message.
struct Kind {
    /// Fields that come and go with the content.
    optional: &'static [&'static str],
    /// Fields that most programs send.
    common: &'static [&'static str],
    /// Fields whose values are of the content.
    without_value: &'static [&'static str],
    /// What the program calls itself.
    software: &'static str,
    shortest_line: usize,
}

const REQUEST: Kind = Kind {
    optional: &[
        "Cookie",
        "Referer",
        "Origin",
        "Range",
        "If-Modified-Since",
        "If-None-Match",
        "Via",
        "X-Forwarded-For",
        "Authorization",
        "Proxy-Authorization",
        "Cache-Control",
    ],
    common: &[
        "Host",
        "User-Agent",
        "Connection",
        "Accept",
        "Accept-Encoding",
        "Accept-Language",
        "Accept-Charset",
        "Keep-Alive",
    ],
    without_value: &["Host", "User-Agent"],
    software: "User-Agent",
    shortest_line: 14,
};

const RESPONSE: Kind = Kind {
    optional: &[
        "Set-Cookie",
        "Last-Modified",
        "ETag",
        "Content-Length",
        "Content-Disposition",
        "Cache-Control",
        "Expires",
        "Pragma",
        "Location",
        "Refresh",
        "Content-Range",
        "Vary",
    ],
    common: &["Content-Type", "Connection", "Keep-Alive", "Accept-Ranges", "Date"],
    without_value: &["Date", "Content-Type", "Server"],
    software: "Server",
    shortest_line: 13,
};

/// The signature of a whole head.
pub fn of(bytes: &[u8], is_request: bool) -> Option<String> {
    let kind = if is_request { &REQUEST } else { &RESPONSE };
    let is_asked = !is_request || bytes.starts_with(b"GET /") || bytes.starts_with(b"HEAD /");
    let mut lines = bytes.get(..bytes.len().min(HEAD_LEN_BYTES))?.split_inclusive(|&byte| byte == b'\n');
    let first = lines.next().filter(|_| is_asked)?;
    let version = version(first, kind, is_request)?;
    let mut out = format!("{version}:");
    let mut fields: Vec<(&str, &[u8])> = Vec::with_capacity(16);
    let mut is_whole = false;
    for line in lines {
        if matches!(line, [b'\r' | b'\n', ..]) {
            is_whole = true;
            break;
        }
        fields.push(field(line)?);
    }
    if !is_whole || fields.len() > FIELDS {
        return None;
    }
    for (at, (name, value)) in fields.iter().enumerate() {
        let is_optional = kind.optional.contains(name);
        let comma = if at == 0 { "" } else { "," };
        let mark = if is_optional { "?" } else { "" };
        // Writing to a string does not fail.
        let _ = write!(out, "{comma}{mark}{name}");
        if !is_optional && !kind.without_value.contains(name) {
            let value = shown(value, is_known(name));
            if !value.is_empty() {
                let _ = write!(out, "=[{value}]");
            }
        }
    }
    out.push(':');
    let missing = kind.common.iter().filter(|common| !fields.iter().any(|(name, _)| name == *common));
    for (at, name) in missing.enumerate() {
        out.push_str(if at == 0 { "" } else { "," });
        out.push_str(name);
    }
    out.push(':');
    let software = fields.iter().rev().find(|(name, value)| *name == kind.software && !value.is_empty());
    out.push_str(software.map_or("", |(_, value)| shown(value, false)));
    Some(out)
}

/// `1` for HTTP/1.1, else `0`.
fn version(line: &[u8], kind: &Kind, is_request: bool) -> Option<u8> {
    let line = line.strip_suffix(b"\n")?;
    let is_text = line.iter().all(|byte| *byte == b'\r' || (0x20..=0x7f).contains(byte));
    if !is_text || line.len() < kind.shortest_line || line.len() >= LINE_LEN_BYTES {
        return None;
    }
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let number = if is_request { line.get(line.len().checked_sub(8)?..)? } else { line };
    let minor = number.strip_prefix(b"HTTP/1.")?.first()?;
    Some(u8::from(*minor == b'1'))
}

/// Name and value of a line.
fn field(line: &[u8]) -> Option<(&str, &[u8])> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let (name, rest) = line.split_at(line.iter().position(|byte| !is_name(byte))?);
    let value = rest.strip_prefix(b":")?.strip_suffix(b"\n")?;
    let value = value.strip_prefix(b" ").or(value.strip_prefix(b"\t")).unwrap_or(value);
    let fits = (1..=NAME_LEN_BYTES).contains(&name.len()) && value.len() <= VALUE_LEN_BYTES;
    let value = value.strip_suffix(b"\r").unwrap_or(value);
    fits.then_some((std::str::from_utf8(name).ok()?, value))
}

/// A field that p0f has a number for: there a bar ends the value, too.
fn is_known(name: &str) -> bool {
    let lists = [REQUEST.optional, REQUEST.common, RESPONSE.optional, RESPONSE.common, RESPONSE.without_value];
    lists.iter().any(|list| list.contains(&name))
}

/// The beginning of a value, up to what would end it in a signature.
fn shown(value: &[u8], bar_ends: bool) -> &str {
    let is_end = |byte: &u8| !(0x20..0x80).contains(byte) || *byte == b']' || (bar_ends && *byte == b'|');
    let end = value.iter().position(is_end).unwrap_or(value.len()).min(SHOWN_LEN_BYTES);
    value.get(..end).and_then(|value| std::str::from_utf8(value).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn order_values_what_is_missing_and_the_program_make_a_signature() {
        let request = b"GET /a HTTP/1.1\r\nHost: example.org\r\nUser-Agent: curl/8.0 [x] y\r\nCookie: a=b\r\nX-A: \r\nAccept:*/*\r\n\r\n";
        assert_eq!(
            of(request, true).as_deref(),
            Some(
                "1:Host,User-Agent,?Cookie,X-A,Accept=[*/*]:Connection,Accept-Encoding,Accept-Language,Accept-Charset,Keep-Alive:curl/8.0 [x"
            )
        );
        let response = b"HTTP/1.0 200 OK\nServer: a|b\nX: c|d\nConnection: e|f\nContent-Type: text/html\n\n";
        assert_eq!(
            of(response, false).as_deref(),
            Some("0:Server,X=[c|d],Connection=[e],Content-Type:Keep-Alive,Accept-Ranges,Date:a|b")
        );
    }

    #[test]
    fn what_p0f_does_not_read_has_none() {
        let heads: [&[u8]; 7] = [
            b"POST /a HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /a HTTP/1.1\r\nHost: x\r\n",
            b"GET /a HTTP/1.1\r\nHost: x\r\n more\r\n\r\n",
            b"GET / HTTP/2\r\nHost: x\r\n\r\n",
            b"GET /\x01aaaaaa HTTP/1.1\r\n\r\n",
            b"GET /a HTTP/1.1\r\nA B: x\r\n\r\n",
            b"",
        ];
        for head in heads {
            assert_eq!(of(head, true), None, "{:?}", String::from_utf8_lossy(head));
        }
    }
}
