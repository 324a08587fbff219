//! Services that hide what others could see before: encrypted look-ups of names, and relays. Told by name, by the
//! address of a resolver that is known to stay, by port and by application protocol; each with the source that says so.
//!
//! What is left out: resolvers that nobody lists, whose look-ups over HTTPS look like any other exchange.

use std::net::IpAddr;

use firstlight_model::Transport;

use crate::book::compiled;
use crate::explain::{Query, explain};
use crate::layout::{addresses, categories};

/// What is known of a contact, or of one of its connections.
#[derive(Debug, Clone, Copy)]
pub struct Contacted<'a> {
    /// What the machine meant to reach.
    pub name: Option<&'a str>,
    /// Address of the other side.
    pub address: Option<IpAddr>,
    /// Transport protocol.
    pub transport: Transport,
    /// Port of the service.
    pub port: u16,
    /// Short name of the protocol that was seen in it.
    pub service: Option<&'a str>,
    /// One of the application protocols that were offered or agreed on.
    pub alpn: &'a [&'a str],
}

/// What a service hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hidden {
    /// `DoT`, `DoH`, `DoQ`, `DNSCrypt` or `Private Relay`.
    pub kind: &'static str,
    /// The same in words: `DNS over HTTPS`.
    pub words: &'static str,
    /// `the names that are looked up`, …
    pub what_it_hides: &'static str,
    /// Key of the source that tells this service.
    pub source: &'static str,
}

/// The ways in to Apple's relay: names, and the ends of their CNAME chains.
const RELAYS: &[&str] = &["mask.icloud.com", "mask-h2.icloud.com", "mask.apple-dns.net", "mask-h2.apple-dns.net"];

const LOOK_UPS: &str = "the names that are looked up";

const fn look_ups(kind: &'static str, words: &'static str, source: &'static str) -> Hidden {
    Hidden { kind, words, what_it_hides: LOOK_UPS, source }
}

/// What a contact hides, where it is known to hide something. Clear-text look-ups of a resolver hide nothing.
pub fn hides(contacted: &Contacted<'_>) -> Option<Hidden> {
    let Contacted { name, transport, port, service, alpn, .. } = *contacted;
    let is_tcp = transport == Transport::TCP;
    if name.is_some_and(|name| RELAYS.iter().any(|relay| name.eq_ignore_ascii_case(relay))) {
        return Some(Hidden {
            kind: "Private Relay",
            words: "iCloud Private Relay",
            what_it_hides: "the sites that are visited and the names that are looked up",
            source: "apple-relay-doc",
        });
    }
    if service == Some("dnscrypt") {
        return Some(look_ups("DNSCrypt", "DNSCrypt", "dnscrypt-resolvers"));
    }
    if service == Some("dns") || !matches!(transport, Transport::TCP | Transport::UDP) {
        return None;
    }
    if alpn.iter().any(|protocol| *protocol == "doq" || protocol.starts_with("doq-")) || (port == 853 && !is_tcp) {
        return Some(look_ups("DoQ", "DNS over QUIC", "iana-ports"));
    }
    if alpn.contains(&"dot") || port == 853 {
        return Some(look_ups("DoT", "DNS over TLS", "iana-ports"));
    }
    let over_https = |source| look_ups("DoH", if is_tcp { "DNS over HTTPS" } else { "DNS over HTTP/3" }, source);
    // Offered protocols without any of HTTP's speak against it.
    let speaks_http = alpn.is_empty() || alpn.iter().any(|protocol| protocol.starts_with('h'));
    match name {
        Some(name) if port == 443 && speaks_http => resolver_named(name, transport).map(over_https),
        Some(_) => None,
        None => match resolver_at(contacted.address?)? {
            ("DNSCrypt", source) if port != 53 => Some(look_ups("DNSCrypt", "DNSCrypt", source)),
            ("DoH" | "anycast", source) if port == 443 && speaks_http => Some(over_https(source)),
            _ => None,
        },
    }
}

/// The source that calls exactly this name a resolver.
fn resolver_named(name: &str, transport: Transport) -> Option<&'static str> {
    let answer = explain(&Query { name: Some(name), transport, port: 443, ..Query::default() });
    let is_exact = answer.rule.as_ref().is_some_and(|rule| rule.starts_with("exact "));
    let is_canary = answer.purpose.as_ref().is_some_and(|purpose| purpose.starts_with("Canary"));
    answer.source.filter(|_| is_exact && !is_canary && answer.category == Some("dns-resolver"))
}

/// What kind of resolver has this address: the note of the table, and the source.
fn resolver_at(address: IpAddr) -> Option<(&'static str, &'static str)> {
    let book = compiled();
    let row = book.rows(addresses::TABLE).named(addresses::ADDRESS, &address.to_string())?;
    let category = book.rows(categories::TABLE).numbered(row.number(addresses::CATEGORY))?;
    (category.text(categories::NAME) == "dns-resolver")
        .then(|| (row.text(addresses::NOTE), row.text(addresses::SOURCE)))
}

#[cfg(test)]
mod tests {
    use super::{Contacted, hides};
    use firstlight_model::Transport;

    fn kind(name: Option<&str>, address: &str, transport: Transport, port: u16, alpn: &[&str]) -> Option<&'static str> {
        let address = address.parse().ok();
        hides(&Contacted { name, address, transport, port, service: None, alpn }).map(|hidden| hidden.kind)
    }

    #[test]
    fn resolvers_are_told_by_name_address_port_and_protocol() {
        for (name, address, transport, port, alpn, expected) in [
            (Some("dns.google"), "8.8.8.8", Transport::TCP, 443, &["h2"][..], Some("DoH")),
            (Some("mozilla.cloudflare-dns.com"), "104.16.248.249", Transport::TCP, 443, &[], Some("DoH")),
            (Some("dns.google"), "8.8.8.8", Transport::UDP, 443, &["h3"], Some("DoH")),
            (Some("dns.google"), "8.8.8.8", Transport::TCP, 853, &[], Some("DoT")),
            (Some("dns.adguard-dns.com"), "94.140.14.14", Transport::UDP, 853, &["doq"], Some("DoQ")),
            (Some("dns.example.org"), "192.0.2.1", Transport::UDP, 8853, &["doq-i02"], Some("DoQ")),
            (None, "1.1.1.1", Transport::TCP, 443, &["h2"], Some("DoH")),
            (None, "1.1.1.1", Transport::UDP, 53, &[], None),
            (None, "192.0.2.1", Transport::TCP, 443, &["h2"], None),
            (Some("www.example.org"), "1.1.1.1", Transport::TCP, 443, &["h2"], None),
            (Some("dns.google"), "8.8.8.8", Transport::TCP, 80, &[], None),
            (Some("use-application-dns.net"), "192.0.2.1", Transport::TCP, 443, &[], None),
            (Some("mask.icloud.com"), "17.248.1.1", Transport::UDP, 443, &["h3"], Some("Private Relay")),
            (Some("Mask-H2.icloud.com"), "17.248.1.1", Transport::TCP, 443, &[], Some("Private Relay")),
            (Some("mask-api.icloud.com"), "17.248.1.1", Transport::TCP, 443, &[], None),
        ] {
            assert_eq!(kind(name, address, transport, port, alpn), expected, "{name:?} {address} {transport} {port}");
        }
    }

    #[test]
    fn the_protocol_that_was_seen_counts_more_than_port_and_address() {
        let seen = |service, port| {
            let address = "8.8.8.8".parse().ok();
            hides(&Contacted {
                name: None,
                address,
                transport: Transport::UDP,
                port,
                service: Some(service),
                alpn: &[],
            })
            .map(|hidden| hidden.kind)
        };
        assert_eq!(seen("dnscrypt", 5443), Some("DNSCrypt"));
        assert_eq!(seen("dns", 443), None);
    }
}
