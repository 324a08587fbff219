//! What other tools say of the captures (`expected.jsonl` of the corpus), as claims that can be checked one by one.
//!
//! Each tool has its own words and its own idea of a flow. Here they become one: an unordered pair of endpoints, a key
//! and a value. What a tool split (time-outs, one record per message) is added up again. Left out: what Firstlight does
//! not say of a flow (URLs, ciphers, certificates, TTLs), and Suricata's filters that name no flow.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde_json::Value;

/// Which fact of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the name in `name()` says it")]
pub enum Key {
    Packets,
    WireBytes,
    IpBytes,
    CommunityId,
    ServerName,
    ServerNameUdp,
    HttpHost,
    HttpHostOrServerName,
    DnsQuery,
    UserAgent,
    Ja3,
    Ja3s,
    Ja4,
    Ja4Udp,
    State,
    History,
}

impl Key {
    /// As it stands in the table and in `differences.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Packets => "packets",
            Self::WireBytes => "wire bytes",
            Self::IpBytes => "ip bytes",
            Self::CommunityId => "community id",
            Self::ServerName => "server name",
            Self::ServerNameUdp => "server name, udp",
            Self::HttpHost => "http host",
            Self::HttpHostOrServerName => "http or tls host",
            Self::DnsQuery => "dns query",
            Self::UserAgent => "user agent",
            Self::Ja3 => "ja3",
            Self::Ja3s => "ja3s",
            Self::Ja4 => "ja4",
            Self::Ja4Udp => "ja4, udp",
            Self::State => "conn_state",
            Self::History => "history",
        }
    }

    /// True for names and identifiers that have to be right also where no second tool confirmed the first.
    pub const fn is_always_held(self) -> bool {
        matches!(
            self,
            Self::CommunityId | Self::ServerName | Self::HttpHost | Self::HttpHostOrServerName | Self::DnsQuery
        )
    }
}

/// An endpoint; `port` is `None` where the protocol has none or the tool gives none.
pub type End = (IpAddr, Option<u16>);

/// The flow that a claim is about: an unordered 5-tuple, the smaller endpoint first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowId {
    /// `None` where the tool does not say.
    pub transport: Option<u8>,
    /// The smaller endpoint.
    pub low: End,
    /// The larger one.
    pub high: End,
}

impl FlowId {
    /// Orders the endpoints; true when they were swapped. Ports are kept only for protocols that have them.
    pub fn new(transport: Option<u8>, a: End, b: End) -> (Self, bool) {
        let has_ports = transport.is_none_or(|it| matches!(it, 6 | 17 | 132));
        let port = |end: End| if has_ports { end } else { (end.0, None) };
        let (a, b) = (port(a), port(b));
        if a <= b { (Self { transport, low: a, high: b }, false) } else { (Self { transport, low: b, high: a }, true) }
    }

    /// Both directions look the same: they can only be added up.
    pub fn is_loop(&self) -> bool {
        self.low == self.high
    }
}

impl std::fmt::Display for FlowId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.transport {
            Some(number) => write!(f, "{}", firstlight_model::Transport(number))?,
            None => f.write_str("any")?,
        }
        for (address, port) in [self.low, self.high] {
            match (address, port) {
                (address, None) => write!(f, " {address}")?,
                (IpAddr::V4(address), Some(port)) => write!(f, " {address}:{port}")?,
                (IpAddr::V6(address), Some(port)) => write!(f, " [{address}]:{port}")?,
            }
        }
        Ok(())
    }
}

/// What a tool says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// From the lower to the higher endpoint, and back.
    Counts([u64; 2]),
    /// All of these are there.
    Texts(BTreeSet<String>),
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Counts([there, back]) => write!(f, "{there} and {back}"),
            Self::Texts(texts) => f.write_str(&texts.iter().map(String::as_str).collect::<Vec<_>>().join(", ")),
        }
    }
}

/// What identifies a claim.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The tool.
    pub oracle: String,
    /// Path in the corpus.
    pub pcap: String,
    /// The tool's own test, where its options may differ between tests.
    pub test: String,
    /// The flow; `None`: any flow of the capture.
    pub flow: Option<FlowId>,
    /// The fact.
    pub key: Key,
}

/// A claim: what is said of a subject, and whether an independent parser said the same (`ref_agree`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What it says.
    pub said: Said,
    /// Held strictly.
    pub strict: bool,
}

/// All claims of `expected.jsonl`.
///
/// # Panics
/// When a line is no JSON object: the corpus is damaged.
pub fn claims(jsonl: &str) -> BTreeMap<Subject, Claim> {
    let mut claims = Claims::default();
    for line in jsonl.lines().filter(|line| !line.is_empty()) {
        let record: Value = serde_json::from_str(line).expect("expected.jsonl holds one JSON object a line");
        match text(&record, "oracle") {
            "ndpi" => ndpi(&record, &mut claims),
            "ja4" => ja4(&record, &mut claims),
            "arkime" => arkime(&record, &mut claims),
            "zeek" => zeek(&record, &mut claims),
            "suricata" => suricata(&record, &mut claims),
            "community-id" => community_id(&record, &mut claims),
            _ => {}
        }
    }
    claims.list
}

#[derive(Default)]
struct Claims {
    list: BTreeMap<Subject, Claim>,
}

impl Claims {
    fn counts(&mut self, record: &Value, flow: &(FlowId, bool), key: Key, [there, back]: [u64; 2], strict: bool) {
        let counts = if flow.0.is_loop() {
            [there + back, 0]
        } else if flow.1 {
            [back, there]
        } else {
            [there, back]
        };
        self.add(record, Some(flow.0.clone()), key, Said::Counts(counts), strict);
    }

    fn texts(&mut self, record: &Value, flow: Option<&FlowId>, key: Key, texts: Vec<String>, strict: bool) {
        let texts: BTreeSet<_> = texts.iter().map(|text| normal(key, text)).collect();
        if !texts.is_empty() {
            self.add(record, flow.cloned(), key, Said::Texts(texts), strict);
        }
    }

    fn add(&mut self, record: &Value, flow: Option<FlowId>, key: Key, said: Said, strict: bool) {
        let oracle = text(record, "oracle").to_owned();
        let mut test = text(record, "test").to_owned();
        if oracle == "zeek" {
            // Several logs of one test may hold the same connection.
            test = format!("{test} {}", text(record, "kind"));
        }
        let subject = Subject { oracle, pcap: text(record, "pcap").to_owned(), test, flow, key };
        match self.list.get_mut(&subject) {
            Some(claim) => {
                claim.strict &= strict;
                match (&mut claim.said, said) {
                    (Said::Counts(sum), Said::Counts(more)) => {
                        sum[0] += more[0];
                        sum[1] += more[1];
                    }
                    (Said::Texts(all), Said::Texts(more)) => all.extend(more),
                    _ => unreachable!("a key has one kind of value"),
                }
            }
            None => {
                self.list.insert(subject, Claim { said, strict });
            }
        }
    }
}

/// Brings a text to the form in which tools can be compared: names in lower case without port and last dot; nDPI's and
/// FoxIO's ways of writing a JA4 stay apart (see [`ndpi_ja4`]).
pub fn normal(key: Key, text: &str) -> String {
    match key {
        Key::ServerName | Key::ServerNameUdp | Key::HttpHost | Key::HttpHostOrServerName | Key::DnsQuery => {
            let text = text.to_lowercase();
            let text = if text == "<root>" { "" } else { &text };
            let text = match text.rsplit_once(':') {
                Some((host, port))
                    if key != Key::DnsQuery
                        && port.bytes().all(|it| it.is_ascii_digit())
                        && (!host.contains(':') || host.ends_with(']')) =>
                {
                    host
                }
                _ => text,
            };
            text.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_owned()
        }
        _ => text.to_owned(),
    }
}

/// Version, counts and the two hashes of a JA4: what nDPI writes as the specification does. It has its own ways with the
/// ALPN (`ht` for `http/1.1`), with `i` and with the hash of nothing.
pub fn ndpi_ja4(text: &str) -> String {
    let (Some(head), Some(counts), Some(hashes)) = (text.get(..3), text.get(4..8), text.get(10..)) else {
        return text.to_owned();
    };
    format!("{head}{counts}{}", hashes.replace("e3b0c44298fc", "000000000000"))
}

fn text<'a>(record: &'a Value, key: &str) -> &'a str {
    record.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn number(record: &Value, key: &str) -> Option<u64> {
    let value = record.get(key)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// One text or a list of them.
fn texts(record: &Value, key: &str) -> Vec<String> {
    match record.get(key) {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(String::from).collect(),
        _ => Vec::new(),
    }
}

/// An independent parser agreed on `name`, and none differed.
fn is_strict(record: &Value, name: &str) -> bool {
    texts(record, "ref_agree").iter().any(|it| it == name) && !texts(record, "ref_differs").iter().any(|it| it == name)
}

fn end(record: &Value, address: &str, port: &str) -> Option<End> {
    Some((text(record, address).parse().ok()?, number(record, port).and_then(|it| u16::try_from(it).ok())))
}

/// Tools write the protocol as a number, a number in quotes, or a keyword.
fn transport(record: &Value, key: &str, address: IpAddr) -> Option<u8> {
    if let Some(number) = number(record, key) {
        return u8::try_from(number).ok();
    }
    Some(match text(record, key).to_ascii_lowercase().as_str() {
        "tcp" => 6,
        "udp" => 17,
        "sctp" => 132,
        "icmp" if address.is_ipv6() => 58,
        "icmp" => 1,
        "ipv6-icmp" => 58,
        "esp" => 50,
        "vrrp" => 112,
        "pgm" => 113,
        _ => return None,
    })
}

fn flow_ab(record: &Value) -> Option<(FlowId, bool)> {
    let (a, b) = (end(record, "a", "ap")?, end(record, "b", "bp")?);
    Some(FlowId::new(transport(record, "proto", a.0), a, b))
}

fn packets_and_bytes(record: &Value, flow: &(FlowId, bool), claims: &mut Claims) {
    for (key, there, back, name) in
        [(Key::Packets, "pk_ab", "pk_ba", "pkts"), (Key::WireBytes, "by_ab", "by_ba", "bytes")]
    {
        if let (Some(there), Some(back)) = (number(record, there), number(record, back)) {
            claims.counts(record, flow, key, [there, back], is_strict(record, name));
        }
    }
}

fn ndpi(record: &Value, claims: &mut Claims) {
    let Some(flow) = flow_ab(record) else { return };
    packets_and_bytes(record, &flow, claims);
    let flow = Some(&flow.0);
    let is_udp = flow.is_some_and(|it| it.transport == Some(17));
    // What `host` is depends on the protocol that nDPI found: a host name of DHCP or NetBIOS is none that was asked for.
    let application = text(record, "app").split('.').next().unwrap_or_default();
    let key = match application {
        _ if record.get("ja4").is_some() && !is_udp => Some(Key::ServerName),
        "TLS" | "IMAPS" | "SMTPS" | "POPS" => Some(Key::ServerName),
        "QUIC" => Some(Key::ServerNameUdp),
        "HTTP" | "HTTP_Proxy" => Some(Key::HttpHost),
        "DNS" => Some(Key::DnsQuery),
        _ => None,
    };
    if let Some(key) = key {
        claims.texts(record, flow, key, texts(record, "host"), is_strict(record, "sni"));
    }
    let strict = is_strict(record, "ja4_noalpn");
    let ja4: Vec<_> = texts(record, "ja4").iter().map(|it| ndpi_ja4(it)).collect();
    claims.texts(record, flow, if is_udp { Key::Ja4Udp } else { Key::Ja4 }, ja4, strict);
    if !is_udp {
        claims.texts(record, flow, Key::Ja3s, texts(record, "ja3s"), is_strict(record, "ja3s"));
    }
    claims.texts(record, flow, Key::UserAgent, texts(record, "ua"), false);
}

fn ja4(record: &Value, claims: &mut Claims) {
    let Some((flow, _)) = flow_ab(record) else { return };
    let ja4 = texts(record, "ja4");
    let is_udp = ja4.iter().any(|it| !it.starts_with('t'));
    let (name, fingerprint) = if is_udp { (Key::ServerNameUdp, Key::Ja4Udp) } else { (Key::ServerName, Key::Ja4) };
    claims.texts(record, Some(&flow), name, texts(record, "host"), is_strict(record, "sni"));
    claims.texts(record, Some(&flow), fingerprint, ja4, is_strict(record, "ja4"));
}

fn arkime(record: &Value, claims: &mut Claims) {
    let Some(flow) = flow_ab(record) else { return };
    packets_and_bytes(record, &flow, claims);
    let flow = Some(&flow.0);
    let protocols = texts(record, "protocols");
    let has = |name: &str| protocols.iter().any(|it| it == name);
    let is_udp = flow.is_some_and(|it| it.transport == Some(17));
    claims.texts(record, flow, Key::CommunityId, texts(record, "community_id"), false);
    // Arkime keeps the server name of TLS in `http.host` too.
    let host = match (has("http"), has("tls"), has("quic")) {
        (true, false, false) => Some(Key::HttpHost),
        (true, true, false) => Some(Key::HttpHostOrServerName),
        (false, true, false) => Some(Key::ServerName),
        (_, _, true) => Some(Key::ServerNameUdp),
        _ => None,
    };
    if let Some(key) = host {
        claims.texts(record, flow, key, texts(record, "http_host"), is_strict(record, "sni"));
    }
    if has("dns") {
        claims.texts(record, flow, Key::DnsQuery, texts(record, "dns_host"), false);
    }
    claims.texts(record, flow, Key::UserAgent, texts(record, "ua"), false);
    claims.texts(
        record,
        flow,
        if is_udp { Key::Ja4Udp } else { Key::Ja4 },
        texts(record, "ja4"),
        is_strict(record, "ja4"),
    );
    if !is_udp {
        claims.texts(record, flow, Key::Ja3, texts(record, "ja3"), is_strict(record, "ja3"));
        claims.texts(record, flow, Key::Ja3s, texts(record, "ja3s"), is_strict(record, "ja3s"));
    }
}

fn zeek(record: &Value, claims: &mut Claims) {
    let kind = text(record, "kind");
    let Some(row) = record.get("z") else { return };
    // Some of its tests rename the columns.
    let flow = [
        ("id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p"),
        ("id_orig_h", "id_orig_p", "id_resp_h", "id_resp_p"),
        ("src", "src_port", "dst", "dst_port"),
    ]
    .into_iter()
    .find_map(|(a, ap, b, bp)| Some((end(row, a, ap)?, end(row, b, bp)?)));
    let Some((a, b)) = flow else { return };
    let transport = transport(row, "ip_proto", a.0).or_else(|| transport(row, "proto", a.0));
    let flow = FlowId::new(transport, a, b);
    if kind.starts_with("conn") {
        for (key, there, back, name) in [
            (Key::Packets, "orig_pkts", "resp_pkts", "pkts"),
            (Key::IpBytes, "orig_ip_bytes", "resp_ip_bytes", "ip_bytes"),
        ] {
            if let (Some(there), Some(back)) = (number(row, there), number(row, back)) {
                claims.counts(record, &flow, key, [there, back], is_strict(record, name));
            }
        }
        claims.texts(record, Some(&flow.0), Key::State, texts(row, "conn_state"), false);
        claims.texts(record, Some(&flow.0), Key::History, texts(row, "history"), false);
    }
    let flow = Some(&flow.0);
    match kind {
        // Its log of TLS has QUIC's handshakes too, without saying so.
        "ssl.log" if text(record, "test").contains("quic") => {
            claims.texts(record, flow, Key::ServerNameUdp, texts(row, "server_name"), false);
        }
        "ssl.log" => {
            let strict = is_strict(record, "ssl server_name");
            claims.texts(record, flow, Key::ServerName, texts(row, "server_name"), strict);
        }
        "quic.log" => claims.texts(record, flow, Key::ServerNameUdp, texts(row, "server_name"), false),
        "http.log" => {
            claims.texts(record, flow, Key::HttpHost, texts(row, "host"), false);
            claims.texts(record, flow, Key::UserAgent, texts(row, "user_agent"), false);
        }
        "dns.log" => claims.texts(record, flow, Key::DnsQuery, texts(row, "query"), false),
        _ => {}
    }
}

/// Filters on Suricata's log: `count` lines match. Of use are those that must match and say something of a flow.
fn suricata(record: &Value, claims: &mut Claims) {
    let Some(row) = record.get("match") else { return };
    if number(record, "count").is_none_or(|it| it == 0) || row.get("not-has-key").is_some() || row.get("spi").is_some()
    {
        return;
    }
    let flow = match (end(row, "src_ip", "src_port"), end(row, "dest_ip", "dest_port")) {
        (Some(a), Some(b)) if a.1.is_some() && b.1.is_some() => Some(FlowId::new(transport(row, "proto", a.0), a, b)),
        _ => None,
    };
    if let Some(flow) = &flow {
        for (key, there, back, name) in [
            (Key::Packets, "flow.pkts_toserver", "flow.pkts_toclient", "flow pkts"),
            (Key::WireBytes, "flow.bytes_toserver", "flow.bytes_toclient", "flow bytes"),
        ] {
            if let (Some(there), Some(back)) = (number(row, there), number(row, back)) {
                claims.counts(record, flow, key, [there, back], is_strict(record, name));
            }
        }
        claims.texts(record, Some(&flow.0), Key::CommunityId, texts(row, "community_id"), false);
    }
    let flow = flow.as_ref().map(|(flow, _)| flow);
    for (key, name) in [
        (Key::ServerName, "tls.sni"),
        (Key::Ja3, "tls.ja3.hash"),
        (Key::Ja3s, "tls.ja3s.hash"),
        (Key::Ja4, "tls.ja4"),
        (Key::Ja4Udp, "quic.ja4"),
        (Key::HttpHost, "http.hostname"),
        (Key::DnsQuery, "dns.rrname"),
        (Key::DnsQuery, "dns.queries[0].rrname"),
    ] {
        claims.texts(record, flow, key, texts(row, name), false);
    }
}

fn community_id(record: &Value, claims: &mut Claims) {
    let Some((flow, _)) = flow_ab(record) else { return };
    claims.texts(record, Some(&flow), Key::CommunityId, texts(record, "community_id"), false);
}
