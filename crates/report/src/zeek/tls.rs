//! ssl.log and quic.log: a line for each conversation in which a handshake was seen, written when it is over.

use firstlight_model::{CertificateFacts, Conversation, Direction, Observation, Timestamp, Value};

use super::row::Cell;
use super::{Files, Log, ends, kept, names};

pub(super) const SSL: Log = Log {
    name: "ssl",
    columns: &[
        ("ts", "time"),
        ("uid", "string"),
        ("id.orig_h", "addr"),
        ("id.orig_p", "port"),
        ("id.resp_h", "addr"),
        ("id.resp_p", "port"),
        ("version", "string"),
        ("cipher", "string"),
        ("curve", "string"),
        ("server_name", "string"),
        ("resumed", "bool"),
        ("last_alert", "string"),
        ("next_protocol", "string"),
        ("established", "bool"),
        ("ssl_history", "string"),
        ("cert_chain_fps", "vector[string]"),
        ("client_cert_chain_fps", "vector[string]"),
        ("sni_matches_cert", "bool"),
    ],
};

pub(super) const QUIC: Log = Log {
    name: "quic",
    columns: &[
        ("ts", "time"),
        ("uid", "string"),
        ("id.orig_h", "addr"),
        ("id.orig_p", "port"),
        ("id.resp_h", "addr"),
        ("id.resp_p", "port"),
        ("version", "string"),
        ("client_initial_dcid", "string"),
        ("client_scid", "string"),
        ("server_scid", "string"),
        ("server_name", "string"),
        ("client_protocol", "string"),
        ("history", "string"),
    ],
};

/// What a handshake said.
pub(super) struct Tls {
    first: Timestamp,
    version: Option<String>,
    cipher: Option<u64>,
    group: Option<u64>,
    server_name: Option<Box<str>>,
    is_resumed: bool,
    last_alert: Option<String>,
    offered_protocol: Option<Box<str>>,
    agreed_protocol: Option<Box<str>>,
    is_established: bool,
    matches_certificate: Option<bool>,
}

impl Tls {
    pub(super) fn new(first: Timestamp) -> Self {
        Self {
            first,
            version: None,
            cipher: None,
            group: None,
            server_name: None,
            is_resumed: false,
            last_alert: None,
            offered_protocol: None,
            agreed_protocol: None,
            is_established: false,
            matches_certificate: None,
        }
    }

    pub(super) fn observe(&mut self, observation: &Observation<'_>) {
        let is_server = observation.direction == Direction::Responder;
        match (observation.field.name, observation.value) {
            ("tls.handshake.version", Value::Text(text)) => self.version = Some(names::tls_version(text)),
            ("tls.handshake.ciphersuite", Value::Number(number)) => self.cipher = Some(number),
            ("tls.handshake.extensions_key_share_group", Value::Number(number)) => self.group = Some(number),
            ("tls.handshake.extensions_server_name", Value::Text(name)) => self.server_name = Some(kept(name)),
            ("tls.resumed", _) => self.is_resumed = true,
            ("tls.alert", Value::Text(text)) => self.last_alert = Some(names::alert(text)),
            ("tls.handshake.extensions_alpn_str", Value::Text(name)) if is_server => {
                self.agreed_protocol = Some(kept(name));
            }
            ("tls.handshake.extensions_alpn_str", Value::Text(name)) => {
                self.offered_protocol.get_or_insert_with(|| kept(name));
            }
            ("tls.established", _) => self.is_established = true,
            ("tls.handshake.certificate", Value::Certificate(facts)) if is_server && facts.position == 0 => {
                self.matches_certificate = self.server_name.as_deref().map(|name| is_named(name, &facts));
            }
            _ => {}
        }
    }

    pub(super) fn write(&self, talk: &Conversation<'_>, files: &mut Files<'_>) {
        let [ts, uid, from, from_port, to, to_port] = ends(talk, self.first);
        let cells = [
            ts,
            uid,
            from,
            from_port,
            to,
            to_port,
            Cell::maybe(self.version.as_deref()),
            Cell::maybe(self.cipher.map(names::cipher)),
            Cell::maybe(self.group.map(names::group)),
            Cell::maybe(self.server_name.as_deref()),
            Cell::Bool(self.is_resumed),
            Cell::maybe(self.last_alert.as_deref()),
            Cell::maybe(self.agreed_protocol.as_deref()),
            Cell::Bool(self.is_established),
            Cell::Unset,
            Cell::Unset,
            Cell::Unset,
            self.matches_certificate.map_or(Cell::Unset, Cell::Bool),
        ];
        files.line(&SSL, self.first, &cells);
    }
}

/// Does a certificate name a host? An asterisk stands for one label (RFC 6125 s. 6.4.3).
fn is_named(host: &str, facts: &CertificateFacts<'_>) -> bool {
    facts.names.iter().copied().chain(facts.subject).any(|name| {
        let name = name.to_ascii_lowercase();
        let rest = name.strip_prefix("*.").and_then(|domain| host.split_once('.').filter(|(_, rest)| *rest == domain));
        name == host || rest.is_some()
    })
}

/// What was said of a connection over QUIC beside its handshake.
pub(super) struct Quic {
    first: Timestamp,
    version: Option<String>,
    destination: Option<Box<str>>,
    /// Of client and server.
    sources: [Option<Box<str>>; 2],
}

impl Quic {
    pub(super) fn new(first: Timestamp) -> Self {
        Self { first, version: None, destination: None, sources: [None, None] }
    }

    pub(super) fn observe(&mut self, observation: &Observation<'_>) {
        let Value::Text(text) = observation.value else { return };
        match observation.field.name {
            "quic.version" => self.version = Some(names::quic_version(text)),
            "quic.dcid" => self.destination = Some(kept(text)),
            "quic.scid" => {
                if let Some(source) = self.sources.get_mut(observation.direction.index()) {
                    *source = Some(kept(text));
                }
            }
            _ => {}
        }
    }

    pub(super) fn write(&self, talk: &Conversation<'_>, tls: Option<&Tls>, files: &mut Files<'_>) {
        let [ts, uid, from, from_port, to, to_port] = ends(talk, self.first);
        let [client, server] = &self.sources;
        let cells = [
            ts,
            uid,
            from,
            from_port,
            to,
            to_port,
            Cell::maybe(self.version.as_deref()),
            Cell::maybe(self.destination.as_deref()),
            Cell::maybe(client.as_deref()),
            Cell::maybe(server.as_deref()),
            Cell::maybe(tls.and_then(|tls| tls.server_name.as_deref())),
            Cell::maybe(tls.and_then(|tls| tls.offered_protocol.as_deref())),
            Cell::Unset,
        ];
        files.line(&QUIC, self.first, &cells);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asterisk_stands_for_one_label() {
        let facts = |names| CertificateFacts { subject: Some("Example.org"), issuer: None, names, position: 0 };
        for (host, is) in [("www.example.com", true), ("a.www.example.com", false), ("example.com", false)] {
            assert_eq!(is_named(host, &facts(&["*.example.com"])), is, "{host}");
        }
        assert!(is_named("example.org", &facts(&[])));
    }
}
