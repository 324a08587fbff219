//! Words from the wire on their way to an observation: cut to a bounded length, without blanks around them, and where a
//! host is meant only what can be one.

use std::borrow::Cow;
use std::net::IpAddr;

use firstlight_model::{Direction, Field, Observation, Value};

use crate::Sink;
use crate::limits::SERVICE_TEXT_LEN_BYTES;

/// Text of bounded length; invalid UTF-8 replaced.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    let start = bytes.iter().position(|byte| !is_blank(byte)).unwrap_or(bytes.len());
    let bytes = bytes.get(start..).unwrap_or_default();
    let bytes = bytes.get(..SERVICE_TEXT_LEN_BYTES).unwrap_or(bytes);
    let end = bytes.iter().rposition(|byte| !is_blank(byte)).map_or(0, |last| last + 1);
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default())
}

/// Says `bytes` as text, unless they are empty.
pub(crate) fn say(field: &'static Field, direction: Direction, bytes: &[u8], sink: &mut dyn Sink) {
    say_text(field, direction, &text(bytes), sink);
}

/// Says text, unless it is empty.
pub(crate) fn say_text(field: &'static Field, direction: Direction, text: &str, sink: &mut dyn Sink) {
    if !text.is_empty() {
        sink.observe(Observation { field, direction, value: Value::Text(text) });
    }
}

/// Says the name of a host, lower case; nothing when `bytes` cannot be one, or are an address.
pub(crate) fn say_host(field: &'static Field, direction: Direction, bytes: &[u8], sink: &mut dyn Sink) {
    if let Some(name) = host(bytes) {
        say_text(field, direction, &name, sink);
    }
}

/// A host name without port and last dot, lower case. `None` for an address, for `localhost`, and for what is no name.
pub(crate) fn host(bytes: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(bytes).ok()?.trim();
    let name = match name.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => name,
    };
    let name = name.trim_end_matches('.');
    let is_name = (1..=253).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !name.starts_with(['.', '-'])
        && !name.contains("..");
    if !is_name || name.parse::<IpAddr>().is_ok() || name.eq_ignore_ascii_case("localhost") {
        return None;
    }
    Some(name.to_ascii_lowercase())
}

/// The first word of a greeting that is the full name of a host: two labels or more, the last one of letters.
pub(crate) fn host_in_greeting(line: &[u8]) -> Option<&[u8]> {
    line.split(|byte| matches!(byte, b' ' | b'\t' | b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'@' | b','))
        .map(|word| word.strip_suffix(b".").unwrap_or(word))
        .find(|word| {
            let last = word.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
            word.contains(&b'.')
                && last.len() >= 2
                && last.iter().all(u8::is_ascii_alphabetic)
                && word.first().is_some_and(u8::is_ascii_alphanumeric)
                && host(word).is_some()
        })
}

/// The host of a URL or authority: without scheme, user, port and path.
pub(crate) fn host_of_url(url: &[u8]) -> &[u8] {
    let after_scheme = memchr::memmem::find(url, b"://").and_then(|at| url.get(at + 3..)).unwrap_or(url);
    let end = after_scheme.iter().position(|byte| matches!(byte, b'/' | b'?' | b';' | b' ' | b'>'));
    let authority = end.and_then(|end| after_scheme.get(..end)).unwrap_or(after_scheme);
    authority.rsplit(|byte| *byte == b'@').next().unwrap_or_default()
}

/// True when `bytes` begin with `word`, in any case.
pub(crate) fn starts_with(bytes: &[u8], word: &[u8]) -> bool {
    bytes.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// True when `word` (given in upper case) stands somewhere in `bytes`, in any case.
pub(crate) fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

/// The first line without its end; `None` when it has none yet.
pub(crate) fn first_line(bytes: &[u8]) -> Option<&[u8]> {
    let line = memchr::memchr(b'\n', bytes).and_then(|end| bytes.get(..end))?;
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}

/// The value of a head's line, when its name is `name`.
pub(crate) fn header<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (before, value) = line.split_at_checked(name.len())?;
    let value = value.trim_ascii_start().strip_prefix(b":")?;
    before.eq_ignore_ascii_case(name).then(|| value.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_and_no_addresses() {
        assert_eq!(host(b"Mail.Example.ORG.").as_deref(), Some("mail.example.org"));
        assert_eq!(host(b"cam.example.org:8554").as_deref(), Some("cam.example.org"));
        for other in [&b"192.0.2.1"[..], b"[192.0.2.1]", b"2001:db8::1", b"localhost", b"", b"a b", b"..", b"12"] {
            assert_eq!(host(other), None, "{}", text(other));
        }
    }

    #[test]
    fn greetings_give_their_host_and_no_version() {
        assert_eq!(host_in_greeting(b"OK <12.34@pop.example.org>"), Some(&b"pop.example.org"[..]));
        assert_eq!(host_in_greeting(b"ProFTPD 1.3.5e Server ready."), None);
    }

    #[test]
    fn urls_give_their_host() {
        assert_eq!(host_of_url(b"rtsp://user:word@cam.example.org:554/live"), b"cam.example.org:554");
        assert_eq!(host_of_url(b"sip:someone@example.org;transport=tcp"), b"example.org");
        assert_eq!(text(b" \0abc\r\n\0"), "abc");
    }
}
