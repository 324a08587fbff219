//! What `explain` is asked about: a name, an address or a capture, as people write them.

use std::net::{IpAddr, Ipv6Addr};
use std::path::{Path, PathBuf};

/// What an argument means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// A file, a folder, or standard input.
    Capture(PathBuf),
    /// A host: its name or address, and what was written after it.
    Host(Host),
}

/// A host as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    /// Its name; `None` for an address.
    pub(super) name: Option<String>,
    /// Its address.
    pub(super) address: Option<IpAddr>,
    /// The port after `:`, or that of the scheme.
    pub(super) port: Option<u16>,
    /// The path, with its `/`.
    pub(super) path: Option<String>,
}

impl Subject {
    /// Of an argument. What exists as a file, and what is written as a path, is a capture.
    pub(super) fn of(text: &str, exists: impl Fn(&Path) -> bool) -> Self {
        let path = Path::new(text);
        let is_written_as_path = text == "-" || ["./", "../", "/", "~/"].iter().any(|begin| text.starts_with(begin));
        // No top-level domain is called so: whoever writes it means a file, also where there is none.
        let is_called_capture = [".pcap", ".pcapng", ".cap"].iter().any(|end| text.ends_with(end));
        if is_written_as_path || is_called_capture || exists(path) {
            return Self::Capture(path.to_path_buf());
        }
        Self::Host(Host::of(text))
    }
}

impl Host {
    /// `time.apple.com`, `www.apple.com/library`, `time.apple.com:123`, `192.0.2.1:53`, `[2001:db8::1]:443`, a URL.
    pub(super) fn of(text: &str) -> Self {
        let (scheme, rest) = text.split_once("://").map_or((None, text), |(scheme, rest)| (Some(scheme), rest));
        let (authority, path) = match rest.find(['/', '?', '#']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        // Who logs in is no part of the host (RFC 3986 s. 3.2.1).
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = split_port(authority);
        let address = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
        let scheme_port = match scheme.map(str::to_ascii_lowercase).as_deref() {
            Some("http" | "ws") => Some(80),
            Some("https" | "wss") => Some(443),
            _ => None,
        };
        Self {
            name: address.is_none().then(|| host.to_owned()),
            address,
            port: port.or(scheme_port),
            path: (path.starts_with('/')).then(|| path.to_owned()),
        }
    }
}

/// The host and the port of `host:port`. An address of IPv6 has a port only in brackets.
fn split_port(authority: &str) -> (&str, Option<u16>) {
    if authority.parse::<Ipv6Addr>().is_ok() {
        return (authority, None);
    }
    match authority.rsplit_once(':') {
        Some((host, port)) => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (authority, None),
        },
        None => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::{Host, Subject};

    #[test]
    fn names_addresses_ports_and_paths_are_taken_apart() {
        for (text, name, address, port, path) in [
            ("time.apple.com", Some("time.apple.com"), None, None, None),
            ("time.apple.com:123", Some("time.apple.com"), None, Some(123), None),
            ("www.apple.com/library/x?y=1", Some("www.apple.com"), None, None, Some("/library/x?y=1")),
            ("www.apple.com:80/library", Some("www.apple.com"), None, Some(80), Some("/library")),
            ("https://user@www.apple.com/a", Some("www.apple.com"), None, Some(443), Some("/a")),
            ("http://a.example:8080?x", Some("a.example"), None, Some(8080), None),
            ("192.0.2.1", None, Some("192.0.2.1"), None, None),
            ("192.0.2.1:53", None, Some("192.0.2.1"), Some(53), None),
            ("2001:db8::1", None, Some("2001:db8::1"), None, None),
            ("[2001:db8::1]:443", None, Some("2001:db8::1"), Some(443), None),
            ("a.example:99999", Some("a.example:99999"), None, None, None),
            ("", Some(""), None, None, None),
        ] {
            let host = Host::of(text);
            let found = (host.name.as_deref(), host.address.map(|it| it.to_string()), host.port, host.path.as_deref());
            assert_eq!(found, (name, address.map(str::to_owned), port, path), "{text}");
        }
    }

    #[test]
    fn what_exists_or_is_written_as_a_path_is_a_capture() {
        assert!(matches!(Subject::of("day.pcapng", |_| true), Subject::Capture(_)));
        assert!(matches!(Subject::of("./day.pcapng", |_| false), Subject::Capture(_)));
        assert!(matches!(Subject::of("-", |_| false), Subject::Capture(_)));
        assert!(matches!(Subject::of("day.pcap", |_| false), Subject::Capture(_)));
        assert!(matches!(Subject::of("day.example", |_| false), Subject::Host(_)));
    }
}
