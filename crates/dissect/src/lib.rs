//! Flow bytes to observations. Adding a protocol is one file in this folder and one line in `protocols!` below; the
//! free tests of `free_tests.rs` then hold it.
//!
//! The contract of every dissector: bytes never make an error or a panic; how the bytes are cut into pieces changes
//! nothing; what it keeps is bounded by [`limits`]; a gap is bridged where the protocol allows, or ends the dissection.
//!
//! Left out: decryption, and what the wire stage has read already (ARP).

pub use firstlight_model::{Chunk, Need};
use firstlight_model::{Direction, Field, FrameRef, Observation, Timestamp};

mod ber;
mod echo;
mod frame;
#[cfg(test)]
mod free_tests;
mod gather;
mod json;
pub mod limits;
mod lines;
mod messages;
mod ntlmssp;
mod ocsp;
mod pieces;
mod reader;
mod session;
mod words;

pub use frame::frame;
pub use session::Session;

macro_rules! protocols {
    ($($module:ident),* $(,)?) => {
        $(pub mod $module;)*

        /// Every dissector, in probing order: the stricter probe first.
        pub const ALL: &[&Dissector] = &[$(&$module::DISSECTOR),*];
    };
}

protocols! {
    tls,
    http,
    dns,
    dns_tcp,
    mdns,
    llmnr,
    dhcp,
    ntp,
    // QUIC, DTLS, RDP
    quic,
    dtls,
    rdp,

    // Services that say who they are
    ssh,
    smtp,
    ftp,
    imap,
    pop3,
    xmpp,
    irc,
    rtsp,
    sip,
    sip_tcp,
    redis,
    memcached,
    memcached_udp,
    stun,
    stun_tcp,
    rtp,
    mqtt,
    coap,
    snmp,
    syslog,
    syslog_tcp,
    tftp,
    telnet,
    rpc,
    rpc_tcp,
    mysql,
    postgresql,
    kerberos,
    kerberos_tcp,
    ldap,
    cldap,
    smb,

    // Tunnels, proxies, sharing, devices, encrypted names
    wireguard,
    isakmp,
    openvpn,
    openvpn_tcp,
    l2tp,
    dnscrypt,
    bittorrent,
    bt_dht,
    bt_utp,
    steam,
    tuya,
    tuya_tcp,
    tplink,
    tplink_tcp,
    db_lsp,
    spotify,
    cflow,
    sflow,
    gtp,
    radius,
    modbus,
    s7comm,
    dnp3,
    diameter,
    teamviewer,
    socks,
    http2,
    websocket,

    // The local network
    netbios_ns,
    netbios_dgm,
    ssdp,
    ws_discovery,
    dhcpv6,
    icmp,
    icmpv6,
    igmp,
    lldp,
    cdp,
    eapol,
    stp,
}

/// What is known of a flow before its bytes are read.
///
/// Where there are no ports: both are 0 for IGMP, those of the flow's key for ICMP (the type and its counterpart), and for
/// [`Carrier::Link`] `responder_port` is the protocol number as [`frame`] says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Port of the originator.
    pub originator_port: u16,
    /// Port of the responder.
    pub responder_port: u16,
    /// True when the flow's own beginning (SYN) was seen, so that the first bytes are the first of the stream.
    pub from_start: bool,
}

impl Context {
    /// True when either side uses `port`.
    pub const fn has_port(&self, port: u16) -> bool {
        self.originator_port == port || self.responder_port == port
    }
}

/// Does a protocol speak here?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Match,
    /// More bytes are needed to tell.
    NeedMore,
    /// No.
    NoMatch,
}

/// Takes observations as they are made.
pub trait Sink {
    /// Called in the order of the stream.
    fn observe(&mut self, observation: Observation<'_>);

    /// Time and frame of the bytes that are being read, for what is said later than it was seen.
    fn place(&self) -> Option<(Timestamp, FrameRef)> {
        None
    }
}

/// One flow being read by one protocol.
pub trait Dissect: Send {
    /// For streams: the next bytes of one direction. For datagrams: one whole datagram, `Data` only; when the capture
    /// cut it, `Data` is followed by a `Gap` of what is missing.
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need;

    /// Memory in bytes that is held of what was pushed: unfinished messages, what waits for an answer. What has a fixed
    /// size does not count.
    fn held_len(&self) -> usize {
        0
    }

    /// The flow is over: say what was waiting for an end. Not called after [`Need::Nothing`].
    fn finish(&mut self, _sink: &mut dyn Sink) {}

    /// Asked after [`Need::Nothing`]: does another protocol begin here in both directions, as in a tunnel? Says how many
    /// of the last bytes at the end of the chunk belong to it already; of a datagram, all.
    fn tunnel_begins(&self) -> Option<usize> {
        None
    }

    /// Asked together with [`Dissect::tunnel_begins`]: the protocol that both sides go on with in place of this one, where
    /// it is known. From then on that one is what the connection is.
    fn tunnel_speaks(&self) -> Option<&'static Dissector> {
        None
    }
}

/// Traffic that a dissector knows well: what the free tests cut, damage and replay.
pub struct Sample {
    /// Ports, and whether the beginning was seen.
    pub context: Context,
    /// Direction and bytes, in order. For datagrams, one each.
    pub pushes: &'static [(Direction, &'static [u8])],
}

/// What a protocol declares of itself.
pub struct Dissector {
    /// Short name, shown as the service: `tls`, `http`, `dns`, `mdns`, … Two dissectors may share it when one protocol
    /// goes over TCP and over UDP.
    pub name: &'static str,
    /// TCP, UDP, …
    pub carrier: Carrier,
    /// `Some(true)` when its payload is encrypted, `Some(false)` when clear, `None` when it depends.
    pub encrypted: Option<bool>,
    /// Every field it can report. Their names begin with the protocol's.
    pub fields: &'static [&'static Field],
    /// Together, traffic in which it sees each of its fields.
    pub samples: &'static [Sample],
    /// Looks at the first bytes of a direction, or at a datagram.
    pub probe: fn(&Context, Direction, &[u8]) -> Verdict,
    /// Begins a flow.
    pub open: fn(&Context) -> Box<dyn Dissect>,
}

/// What carries a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// A stream of bytes.
    Tcp,
    /// Datagrams.
    Udp,
    /// Control messages of IPv4, header included.
    Icmp,
    /// Control messages of IPv6, header included.
    Icmpv6,
    /// Group membership messages, header included.
    Igmp,
    /// Frames without a network layer. Each is read for itself: nothing is kept from one to the next.
    Link,
}
