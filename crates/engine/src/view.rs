//! Connections one by one, for tests and for logs.

use firstlight_analysis::Connection;
use firstlight_flow::community_id;
use firstlight_model::{Endpoint, FrameRef, Timestamp, Transport};

/// One connection or exchange with all that was said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowView {
    /// Protocol.
    pub transport: Transport,
    /// Who began.
    pub originator: Endpoint,
    /// The other side.
    pub responder: Endpoint,
    /// Outermost VLAN, 0 for none.
    pub vlan: u16,
    /// First frame's time.
    pub first: Timestamp,
    /// Last frame's time.
    pub last: Timestamp,
    /// First frame.
    pub first_frame: FrameRef,
    /// By originator and responder.
    pub packets: [u64; 2],
    /// Original frame lengths, likewise.
    pub wire_bytes: [u64; 2],
    /// IP datagram lengths, likewise.
    pub ip_bytes: [u64; 2],
    /// Transport payload, retransmissions once, likewise.
    pub payload_bytes: [u64; 2],
    /// Zeek's conn_state.
    pub state: &'static str,
    /// Zeek's history.
    pub history: String,
    /// Community ID v1.
    pub community_id: String,
    /// Protocol as dissected.
    pub service: Option<&'static str>,
    /// TLS server names.
    pub server_names: Vec<String>,
    /// Every name that the originator asked for, with the field that gives it, in the order of their appearance.
    pub names: Vec<(&'static str, String)>,
    /// HTTP hosts.
    pub http_hosts: Vec<String>,
    /// Names asked for in the DNS.
    pub dns_queries: Vec<String>,
    /// User agents.
    pub user_agents: Vec<String>,
    /// JA3.
    pub ja3: Option<String>,
    /// JA3S.
    pub ja3s: Option<String>,
    /// JA4.
    pub ja4: Option<String>,
    /// Innermost tunnel.
    pub tunnel: Option<&'static str>,
}

impl From<Connection> for FlowView {
    fn from(connection: Connection) -> Self {
        let facts = connection.facts.clone().unwrap_or_default();
        let names = |is_http: bool| {
            let names = facts.names.iter().filter(|name| name.field.name.starts_with("http") == is_http);
            names.map(|name| (*name.value).to_owned()).collect()
        };
        let texts = |list: &[std::sync::Arc<str>]| list.iter().map(|text| (**text).to_owned()).collect();
        let fingerprint = |field| facts.fingerprint(field).map(|value| (**value).to_owned());
        Self {
            transport: connection.transport,
            originator: connection.originator,
            responder: connection.responder,
            vlan: connection.vlan,
            first: connection.first.time,
            last: connection.last,
            first_frame: connection.first.at,
            packets: connection.packets,
            wire_bytes: connection.wire_bytes,
            ip_bytes: connection.ip_bytes,
            payload_bytes: connection.payload_bytes,
            state: connection.state,
            history: (*connection.history).to_owned(),
            community_id: community_id(connection.originator, connection.responder, connection.transport),
            service: facts.service,
            server_names: names(false),
            names: facts.names.iter().map(|name| (name.field.name, (*name.value).to_owned())).collect(),
            http_hosts: names(true),
            dns_queries: texts(&facts.queries),
            user_agents: texts(&facts.software),
            ja3: fingerprint("tls.ja3"),
            ja3s: fingerprint("tls.ja3s"),
            ja4: fingerprint("tls.ja4"),
            tunnel: connection.tunnel,
        }
    }
}
