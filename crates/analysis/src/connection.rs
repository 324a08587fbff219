//! What is kept of a connection when it is over.

use std::sync::Arc;

use firstlight_model::{Endpoint, Field, FrameRef, MacAddress, Timestamp, Transport};

/// When and where something was seen. Orders as the frames of the capture do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen {
    /// When.
    pub time: Timestamp,
    /// Where.
    pub at: FrameRef,
}

/// A connection or exchange that is over. Pairs are by direction: originator, responder.
#[derive(Debug, Clone)]
pub struct Connection {
    /// How many it stands for: 1, or more where there were too many to keep one by one.
    pub count: u64,
    /// Protocol.
    pub transport: Transport,
    /// Who began.
    pub originator: Endpoint,
    /// The other side.
    pub responder: Endpoint,
    /// Outermost VLAN, 0 for none.
    pub vlan: u16,
    /// Innermost tunnel.
    pub tunnel: Option<&'static str>,
    /// Link address of each side, as seen on this link.
    pub macs: [Option<MacAddress>; 2],
    /// First frame.
    pub first: Seen,
    /// Last frame.
    pub last: Timestamp,
    /// Frames.
    pub packets: [u64; 2],
    /// Original frame lengths.
    pub wire_bytes: [u64; 2],
    /// IP datagram lengths.
    pub ip_bytes: [u64; 2],
    /// Transport payload, retransmissions once.
    pub payload_bytes: [u64; 2],
    /// Frames whose payload was cut by the snap length.
    pub cut: u64,
    /// Zeek's conn_state.
    pub state: &'static str,
    /// It was asked for, but did not come about.
    pub failed: bool,
    /// Its beginning was seen (for TCP, the SYN).
    pub from_start: bool,
    /// Zeek's history.
    pub history: Arc<str>,
    /// Where a name, or a certificate, was first seen in it.
    pub named: Option<Seen>,
    /// What dissectors said of it.
    pub facts: Option<Arc<Facts>>,
}

impl Connection {
    /// Adds another one of the same hosts and service.
    pub(crate) fn add(&mut self, other: &Self) {
        let sums = [
            (&mut self.packets, &other.packets),
            (&mut self.wire_bytes, &other.wire_bytes),
            (&mut self.ip_bytes, &other.ip_bytes),
            (&mut self.payload_bytes, &other.payload_bytes),
        ];
        for (mine, theirs) in sums {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine += theirs;
            }
        }
        self.count += other.count;
        self.cut += other.cut;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.named = match (self.named, other.named) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    /// Original lengths of all its frames.
    pub fn total_wire_bytes(&self) -> u64 {
        self.wire_bytes.iter().sum()
    }
}

/// A name, and the field that it stands in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NameSeen {
    /// The name.
    pub value: Arc<str>,
    /// Its field.
    pub field: &'static Field,
}

/// The server's own certificate.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CertificateSeen {
    /// Common name of the subject.
    pub subject: Option<Arc<str>>,
    /// Issuer.
    pub issuer: Option<Arc<str>>,
    /// Alternative names.
    pub names: Vec<Arc<str>>,
    /// Its field.
    pub field: &'static Field,
}

/// What dissectors said of one connection. Lists are distinct, in the order first seen, and bounded. Connections of
/// which the same was said share one copy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Facts {
    /// Short name of the protocol, where one was dissected.
    pub service: Option<&'static str>,
    /// Is its payload encrypted?
    pub encrypted: Option<bool>,
    /// Names that the originator asked for.
    pub names: Vec<NameSeen>,
    /// The server's certificate.
    pub certificate: Option<Box<CertificateSeen>>,
    /// Application protocols.
    pub alpn: Vec<Arc<str>>,
    /// Protocol versions.
    pub versions: Vec<Arc<str>>,
    /// Fingerprints by field.
    pub fingerprints: Vec<NameSeen>,
    /// Names looked up.
    pub queries: Vec<Arc<str>>,
    /// Software that the originator says it is.
    pub software: Vec<Arc<str>>,
    /// An encrypted hello was offered.
    pub hidden: bool,
    /// The other side is a proxy: the names are of what is behind it.
    pub proxied: bool,
}

impl Facts {
    /// The same in as little memory as it takes, before it is kept.
    pub(crate) fn without_slack(mut self) -> Self {
        self.names.shrink_to_fit();
        self.fingerprints.shrink_to_fit();
        for list in [&mut self.alpn, &mut self.versions, &mut self.queries, &mut self.software] {
            list.shrink_to_fit();
        }
        self
    }

    /// Adds what the continuation of the connection said.
    pub fn absorb(&mut self, next: Self) {
        self.service = self.service.or(next.service);
        self.encrypted = self.encrypted.or(next.encrypted);
        for name in next.names {
            add_name(&mut self.names, name);
        }
        for name in next.fingerprints {
            add_name(&mut self.fingerprints, name);
        }
        self.certificate = self.certificate.take().or(next.certificate);
        for (mine, theirs) in [
            (&mut self.alpn, next.alpn),
            (&mut self.versions, next.versions),
            (&mut self.queries, next.queries),
            (&mut self.software, next.software),
        ] {
            for text in theirs {
                add_text(mine, text);
            }
        }
        self.hidden |= next.hidden;
        self.proxied |= next.proxied;
    }

    /// The first fingerprint of a kind.
    pub fn fingerprint(&self, field: &str) -> Option<&Arc<str>> {
        self.fingerprints.iter().find(|seen| seen.field.name == field).map(|seen| &seen.value)
    }
}

/// Adds a name unless it is there with the same field.
pub(crate) fn add_name(list: &mut Vec<NameSeen>, name: NameSeen) {
    let known = list.iter().any(|other| other.value == name.value && other.field == name.field);
    if !known && list.len() < crate::limits::NAMES_OF_CONNECTION {
        list.push(name);
    }
}

/// Adds a text unless it is there.
pub(crate) fn add_text(list: &mut Vec<Arc<str>>, text: Arc<str>) {
    if !list.contains(&text) && list.len() < crate::limits::NAMES_OF_CONNECTION {
        list.push(text);
    }
}
