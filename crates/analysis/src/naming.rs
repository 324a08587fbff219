//! The name of a connection: what the machine meant to reach, how we know, and how sure; or why there is none.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use firstlight_knowledge as knowledge;
use firstlight_model::Transport;
use firstlight_model::report::{Confidence, Scope};

use crate::connection::{Connection, Facts, Seen};
use crate::tally::Tally;

/// A name with all that belongs to it.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub name: Arc<str>,
    pub source: &'static str,
    pub confidence: Confidence,
    pub candidates: Vec<Arc<str>>,
    pub seen: Seen,
}

/// The reasons why a connection has no name: key and words. Closed.
pub(crate) const REASONS: &[(&str, &str)] = &[
    ("multicast", "sent to a multicast group, which has no name"),
    ("broadcast", "sent to everybody on the local network"),
    ("icmp", "control message between hosts, which carries no name"),
    ("resolver", "name server, reached by its configured address"),
    ("local", "host of the local network that did not say its name"),
    (
        "encrypted_dns",
        "name server that is asked in secret: the connection says no name, and hides the names looked up",
    ),
    ("ech", "the name is in an encrypted hello"),
    ("no_answer", "the connection was never answered"),
    ("resumed_before_capture", "the connection began before the capture"),
    ("no_payload", "nothing was sent over it"),
    ("truncated", "the snap length cut the bytes that would say the name"),
    ("no_server_name", "TLS, QUIC or DTLS without a server name, and no answer of a name server for the address"),
    ("no_client_hello", "TLS, QUIC or DTLS of which the hello is not in the capture"),
    ("ip_literal", "reached by address: no name was asked for, and the request names the address"),
    ("contact_limit", "too many contacts to list one by one: these are added up"),
    ("not_tls", "protocol that says no name, and no answer of a name server for the address"),
];

/// Names that encrypted hellos show on the outside, of the providers that are known to use one name for all.
const OUTER_NAMES: &[&str] = &["cloudflare-ech.com"];

/// Finds the name. `is_client` knows the addresses of the machine, `remote` is the other side, `devices` what hosts of
/// the local network call themselves.
pub(crate) fn name(
    connection: &Connection,
    is_client: impl Fn(IpAddr) -> bool,
    remote: IpAddr,
    tally: &Tally,
    devices: &Devices,
) -> Option<Named> {
    let facts = connection.facts.as_deref();
    let named_at = connection.named.unwrap_or(connection.first);
    if let Some(named) = facts.and_then(|facts| asked(facts, named_at, tally)) {
        return Some(named);
    }
    let answer = tally.resolved.name_at(is_client, remote, connection.first.time);
    let from_answer = answer.map(|at| {
        let confidence = match (at.is_stale, at.others.is_empty() && !at.is_hint) {
            (true, _) => Confidence::Low,
            (false, false) => Confidence::Medium,
            (false, true) => Confidence::High,
        };
        Named {
            name: at.answer.asked,
            source: at.answer.field,
            confidence,
            candidates: at.others,
            seen: at.answer.seen,
        }
    });
    if from_answer.is_some() {
        return from_answer;
    }
    facts.and_then(|facts| certified(facts, named_at)).or_else(|| devices.get(&remote).cloned())
}

/// The name that the originator asked for.
fn asked(facts: &Facts, seen: Seen, tally: &Tally) -> Option<Named> {
    let mut names = facts.names.iter().filter_map(|seen| Some((clean(&seen.value)?, seen)));
    let (name, first) = names.next()?;
    if facts.hidden && (OUTER_NAMES.contains(&&*name) || tally.public_names.contains(&name)) {
        return None;
    }
    // Browsers offer an encrypted hello as a decoy, too: present is not hidden, but it makes the name less sure.
    let confidence = if facts.hidden { Confidence::Medium } else { Confidence::High };
    let mut candidates: Vec<Arc<str>> = Vec::new();
    for (other, _) in names {
        if other != name && !candidates.contains(&other) {
            candidates.push(other);
        }
    }
    Some(Named { name, source: first.field.name, confidence, candidates, seen })
}

/// The name in the server's certificate; sure only when it has just one, and no wildcard.
fn certified(facts: &Facts, seen: Seen) -> Option<Named> {
    let certificate = facts.certificate.as_ref()?;
    let mut names: Vec<Arc<str>> = certificate.names.iter().filter_map(|name| clean(name)).collect();
    if names.is_empty() {
        names.extend(certificate.subject.as_ref().and_then(|subject| clean(subject)).filter(|name| name.contains('.')));
    }
    let name = names.first()?.clone();
    names.remove(0);
    let is_one = names.is_empty() && !name.contains('*');
    let confidence = if is_one { Confidence::Medium } else { Confidence::Low };
    Some(Named { name, source: certificate.field.name, confidence, candidates: names, seen })
}

/// What devices of the local network call themselves, by address: the first name that each gave.
pub(crate) type Devices = HashMap<IpAddr, Named>;

/// Collects them.
pub(crate) fn devices(tally: &Tally) -> Devices {
    let mut devices: Devices = HashMap::new();
    for ((speaker, field, name), count) in tally.device_names.iter() {
        let is_first = devices.get(&speaker.address).is_none_or(|known| count.first < known.seen);
        if let (true, Some(name)) = (is_first, clean(name)) {
            let named = Named {
                name,
                source: field,
                confidence: Confidence::Medium,
                candidates: Vec::new(),
                seen: count.first,
            };
            devices.insert(speaker.address, named);
        }
    }
    devices
}

/// A host name as it is compared and shown: lower case, without port and last dot. `None` for addresses and for
/// what cannot be a name.
pub(crate) fn clean(name: &str) -> Option<Arc<str>> {
    let name = name.trim();
    let name = match name.rsplit_once(':') {
        Some((host, port)) if is_host(host) && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => name,
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    if name.is_empty() || bare.parse::<IpAddr>().is_ok() || name.len() > 1024 {
        return None;
    }
    Some(name.into())
}

/// Why there is no name: exactly one of [`REASONS`].
pub(crate) fn reason(connection: &Connection, scope: Scope, remote: IpAddr) -> &'static str {
    let facts = connection.facts.as_deref();
    let payload: u64 = connection.payload_bytes.iter().sum();
    let is_tcp = connection.transport == Transport::TCP;
    match scope {
        Scope::Multicast => return "multicast",
        Scope::Broadcast => return "broadcast",
        Scope::Internet | Scope::Local => {}
    }
    if matches!(connection.transport, Transport::ICMP | Transport::ICMPV6) {
        return "icmp";
    }
    if hides_look_ups(connection, remote) {
        return "encrypted_dns";
    }
    if connection.responder.port == 53 {
        return "resolver";
    }
    if facts.is_some_and(|facts| facts.hidden) {
        return "ech";
    }
    if scope == Scope::Local {
        return "local";
    }
    if connection.failed || connection.state == "S0" {
        return "no_answer";
    }
    if is_tcp && !connection.from_start {
        return "resumed_before_capture";
    }
    if payload == 0 {
        return "no_payload";
    }
    if facts.is_some_and(|facts| !facts.names.is_empty()) {
        return "ip_literal";
    }
    if facts.and_then(|facts| facts.service).is_some_and(|service| ["tls", "quic", "dtls"].contains(&service)) {
        let has_hello = facts.is_some_and(|facts| !facts.fingerprints.is_empty());
        return if has_hello { "no_server_name" } else { "no_client_hello" };
    }
    if connection.cut > 0 { "truncated" } else { "not_tls" }
}

/// Is the other side known as a name server that is asked in secret?
fn hides_look_ups(connection: &Connection, remote: IpAddr) -> bool {
    let facts = connection.facts.as_deref();
    let alpn: Vec<&str> = facts.map_or_else(Vec::new, |facts| facts.alpn.iter().map(|protocol| &**protocol).collect());
    knowledge::hides(&knowledge::Contacted {
        name: None,
        address: Some(remote),
        transport: connection.transport,
        port: connection.responder.port,
        service: facts.and_then(|facts| facts.service),
        alpn: &alpn,
    })
    .is_some()
}

/// The words of a reason.
pub(crate) fn reason_text(reason: &str) -> &'static str {
    REASONS.iter().find(|(key, _)| *key == reason).map_or("", |(_, text)| text)
}

/// Can what stands before a colon be a host, so that a port follows? An IPv6 address has colons of its own.
fn is_host(text: &str) -> bool {
    !text.contains(':') || (text.starts_with('[') && text.ends_with(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_port_case_and_last_dot_and_addresses_are_no_names() {
        assert_eq!(clean("WWW.Example.COM.:8080").as_deref(), Some("www.example.com"));
        assert_eq!(clean("192.0.2.1:80"), None);
        assert_eq!(clean("[2001:db8::1]:80"), None);
        assert_eq!(clean("2001:db8::1"), None);
        assert_eq!(clean(""), None);
    }
}
