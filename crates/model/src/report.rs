//! The report: everything that is said of a capture. One struct, many output formats. All lists are in the order in
//! which they are shown, which is deterministic; times are [`Timestamp`]s and lengths bytes throughout.

use std::net::IpAddr;

use crate::address::{MacAddress, Transport};
use crate::capture::CaptureInfo;
use crate::frame::FrameRef;
use crate::time::Timestamp;

/// Where a statement comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The frame.
    pub at: FrameRef,
    /// Its time.
    pub time: Timestamp,
    /// The field that says so, by Wireshark's display-filter name where it has one.
    pub field: &'static str,
}

/// How sure a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A guess with something for it.
    Low,
    /// Likely: more than one reading is possible.
    Medium,
    /// Said by the traffic itself.
    High,
}

impl Confidence {
    /// `low`, `medium`, `high`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A name that a machine goes by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MachineName {
    /// The name.
    pub value: String,
    /// Where it stands: `dhcp`, `mdns`, `llmnr`, …
    pub source: String,
}

/// What operating system a machine runs, and why we think so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatingSystem {
    /// For example `macOS 10.15`; `unknown` when nothing says enough.
    pub verdict: String,
    /// The family that rules are scoped by: `macOS`, `iOS`, `Windows`, `Android`, `Linux`, …; `None` when unknown.
    pub family: Option<String>,
    /// How sure.
    pub confidence: Confidence,
    /// One sentence a reason, the strongest first, each with its evidence.
    pub reasons: Vec<(String, Option<Evidence>)>,
}

/// What is asked of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// The family of its operating system.
    System,
    /// Its release, or a range of releases, of that family.
    Version,
    /// What kind of device it is.
    Kind,
    /// Who makes it.
    Maker,
    /// Which model it is.
    Model,
    /// The virtual machine monitor that it runs on.
    Virtual,
}

impl Aspect {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 6] = [Self::System, Self::Version, Self::Kind, Self::Maker, Self::Model, Self::Virtual];

    /// `system`, `version`, `kind`, `maker`, `model`, `virtual`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Version => "version",
            Self::Kind => "kind",
            Self::Maker => "maker",
            Self::Model => "model",
            Self::Virtual => "virtual",
        }
    }
}

/// One sign, and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Vote {
    /// What it is about.
    pub aspect: Aspect,
    /// What it says of that.
    pub value: String,
    /// Log-odds (natural logarithm) that it would add if nothing of its kind had been said before.
    pub weight: f64,
    /// The field that says so, as in [`Evidence::field`].
    pub field: &'static str,
    /// In words.
    pub text: String,
    /// Key of the source of the statement that such a sign means that.
    pub source: String,
    /// The frame; `None` for what follows from other verdicts.
    pub evidence: Option<Evidence>,
}

/// What the votes come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What it is about.
    pub aspect: Aspect,
    /// `None` where nothing is likely enough.
    pub value: Option<String>,
    /// Probability of the likeliest value, 0 to 1.
    pub probability: f64,
    /// The same without the strongest vote for it.
    pub without_strongest: f64,
    /// In a word.
    pub confidence: Confidence,
    /// The next likely, and its probability.
    pub second: Option<(String, f64)>,
}

/// Signs that do not go together in one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// In words, with what may be behind it.
    pub text: String,
    /// The signs, each with its frame.
    pub reasons: Vec<(String, Option<Evidence>)>,
}

/// Who a machine is, as far as the signs go.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Identity {
    /// One for each of [`Aspect::ALL`] of which something was said.
    pub verdicts: Vec<Verdict>,
    /// All votes, by aspect, the strongest first; bounded.
    pub votes: Vec<Vote>,
    /// Votes beyond the limit.
    pub votes_left_out: u64,
    /// What does not go together.
    pub contradictions: Vec<Contradiction>,
}

impl Identity {
    /// The verdict on one aspect.
    pub fn verdict(&self, aspect: Aspect) -> Option<&Verdict> {
        self.verdicts.iter().find(|verdict| verdict.aspect == aspect)
    }

    /// What it comes to, where it comes to something.
    pub fn value(&self, aspect: Aspect) -> Option<&str> {
        self.verdict(aspect)?.value.as_deref()
    }
}

/// The clock behind the timestamps of TCP (RFC 7323 s. 5.4), by the connection in which it was seen for longest.
#[derive(Debug, Clone, PartialEq)]
pub struct TimestampClock {
    /// Ticks a second, as measured.
    pub hz: f64,
    /// The usual rate that is meant: 100, 250, 1000, …; `None` where it is none.
    pub nominal_hz: Option<u32>,
    /// Seconds since it was zero, when last seen; many systems begin each connection somewhere else.
    pub since_zero_s: f64,
    /// Seconds after which it begins again.
    pub modulo_s: f64,
    /// Seconds over which it was seen.
    pub seen_s: f64,
    /// Where it was last seen.
    pub at: Timestamp,
}

/// The identifications (RFC 791 s. 3.1) of a series of segments, each of another connection.
#[derive(Debug, Clone, PartialEq)]
pub struct IdSeries {
    /// Of SYN+ACKs, not of SYNs.
    pub answers: bool,
    /// What they do.
    pub behaviour: IdBehaviour,
    /// How many were looked at.
    pub segments: u64,
    /// The first of them.
    pub evidence: Evidence,
}

/// What identifications do from one segment to the next (Nmap's classes Z, a value, I, BI and R).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdBehaviour {
    /// Always 0.
    Zero,
    /// Always this.
    Constant(u16),
    /// They count up, by at most this.
    Counts(u16),
    /// They count up with their bytes in the wrong order.
    CountsSwapped,
    /// By chance, or hashed.
    Random,
}

impl IdBehaviour {
    /// Its name in machine-readable output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::Constant(_) => "constant",
            Self::Counts(_) => "counts",
            Self::CountsSwapped => "counts_swapped",
            Self::Random => "random",
        }
    }
}

/// A link address of a machine beside [`Machine::mac`]: another interface of it, or an address that it took later.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherMac {
    /// The address.
    pub mac: MacAddress,
    /// As [`Machine::mac_vendor`].
    pub vendor: String,
    /// How it is known to be the machine's.
    pub why: String,
    /// Where that stands.
    pub evidence: Evidence,
}

/// A machine that the capture is about or that takes part.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its MAC address, or else its first address, as text. Unique in a report.
    pub id: String,
    /// True for the machine that the report is about (the first in the list).
    pub subject: bool,
    /// Its addresses, by volume.
    pub addresses: Vec<IpAddr>,
    /// Its link address, where it could be seen.
    pub mac: Option<MacAddress>,
    /// The maker by the first three bytes (IEEE registry), or a remark such as `locally administered`.
    pub mac_vendor: Option<String>,
    /// Link addresses that are its too, sorted.
    pub other_macs: Vec<OtherMac>,
    /// What it is called.
    pub names: Vec<MachineName>,
    /// What it runs.
    pub os: OperatingSystem,
    /// Who it is, with every vote.
    pub identity: Identity,
    /// The clock of its TCP timestamps, where it was seen to tick.
    pub clock: Option<TimestampClock>,
    /// How it numbers its datagrams in its SYNs and in its SYN+ACKs, where enough were seen.
    pub id_series: Vec<IdSeries>,
    /// Why it was taken for a machine, in a few words.
    pub why: String,
    /// Frames from or to it.
    pub packets: u64,
    /// Sum of their original lengths.
    pub wire_bytes: u64,
    /// First frame.
    pub first: Timestamp,
    /// Last frame.
    pub last: Timestamp,
}

/// The figures at a glance, of one machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// [`Machine::id`].
    pub machine: String,
    /// Seconds from its first to its last frame.
    pub duration_s: f64,
    /// Frames from or to it.
    pub packets: u64,
    /// Sum of their original lengths.
    pub wire_bytes: u64,
    /// DNS queries that it sent (unicast DNS over UDP and TCP; a repeated query counts again).
    pub dns_queries: u64,
    /// Distinct names in them.
    pub dns_names: u64,
    /// TCP connections.
    pub tcp_connections: u64,
    /// UDP exchanges.
    pub udp_connections: u64,
    /// Other exchanges (ICMP, IGMP, …).
    pub other_connections: u64,
    /// Distinct IPv4 hosts that it exchanged packets with (unicast).
    pub hosts_v4: u64,
    /// Distinct IPv6 hosts, likewise.
    pub hosts_v6: u64,
}

/// How the borders of a phase are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhaseHow {
    /// A mark by the user or a comment in the capture.
    Mark,
    /// One file a phase.
    File,
    /// Found in the traffic.
    Detected,
    /// The whole capture is one phase.
    Whole,
}

impl PhaseHow {
    /// `mark`, `file`, `detected`, `whole`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mark => "mark",
            Self::File => "file",
            Self::Detected => "detected",
            Self::Whole => "whole",
        }
    }
}

/// What a machine does in a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhaseKind {
    /// It starts, and fetches much software.
    Install,
    /// It starts, and registers with its maker or is set up.
    SetUp,
    /// It starts.
    PowerOn,
    /// A program starts, or is used for something new.
    ProgramStart,
    /// It does little, after it did more.
    Idle,
    /// It does more, after it was idle.
    Activity,
    /// Nothing says what it does.
    Unknown,
}

impl PhaseKind {
    /// `install`, `set-up`, `power-on`, `program start`, `idle`, `activity`, `unknown`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::SetUp => "set-up",
            Self::PowerOn => "power-on",
            Self::ProgramStart => "program start",
            Self::Idle => "idle",
            Self::Activity => "activity",
            Self::Unknown => "unknown",
        }
    }
}

/// A named stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// Unique in a report.
    pub name: String,
    /// First moment that belongs to it.
    pub start: Timestamp,
    /// Last moment that belongs to it.
    pub end: Timestamp,
    /// How we know.
    pub how: PhaseHow,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// In words, for example `DHCP from 00:0c:29:01:02:03`.
    pub why: String,
    /// What the machine does in it.
    pub kind: PhaseKind,
    /// What says so, in words; empty where nothing does.
    pub kind_why: String,
    /// How sure it is that it begins here.
    pub confidence: Confidence,
    /// The phase that marks, files or starts of the machine make and changes of rate divide further. Runs are compared by
    /// it, because changes of rate do not come alike in every run.
    pub within: Option<String>,
}

/// Where a contact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Beyond the local network.
    Internet,
    /// On it.
    Local,
    /// A multicast group.
    Multicast,
    /// Broadcast.
    Broadcast,
}

impl Scope {
    /// `internet`, `local`, `multicast`, `broadcast`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::Local => "local",
            Self::Multicast => "multicast",
            Self::Broadcast => "broadcast",
        }
    }
}

/// Who began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Initiator {
    /// The machine.
    Machine,
    /// The other side.
    Peer,
}

impl Initiator {
    /// `machine`, `peer`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Peer => "peer",
        }
    }
}

/// Who is behind a name, what it is for and how that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Knowledge {
    /// The part of the name that somebody registered (public suffix list), for example `apple.com`.
    pub registrable_domain: Option<String>,
    /// The organisation behind the name.
    pub owner: Option<String>,
    /// The rule that says so, with its source, for example `exact swscan.apple.com (apple-101555)`.
    pub owner_source: Option<String>,
    /// The owner, or an ancestor of it, makes the machine's system, or the device. `None` when system or owner is unknown.
    pub vendor_own: Option<bool>,
    /// What the contact is for, in a few words.
    pub purpose: Option<String>,
    /// From a closed list.
    pub category: Option<String>,
    /// Grade, source and address of the statement, for example `vendor: https://support.apple.com/101555`.
    pub purpose_source: Option<String>,
    /// Who runs the address: network or CDN.
    pub carrier: Option<String>,
    /// The CDN that serves the name, where its CNAME chain or suffix shows one.
    pub cdn: Option<String>,
    /// ISO 3166 code of the address, where a user's table says one.
    pub country: Option<String>,
    /// The program that probably asked.
    pub program: Option<String>,
    /// By what it is known: `user agent`, `JA4`, `JA3`, or the rule.
    pub program_source: Option<String>,
}

/// Machine, phase, name (or address), service: what happened between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// [`Machine::id`].
    pub machine: String,
    /// [`Phase::name`].
    pub phase: String,
    /// What the machine meant to reach. `None`: see `addresses`.
    pub name: Option<String>,
    /// `tls.sni`, `quic.sni`, `http.host`, `tls.certificate`, `dns`, `mdns`, `dhcp`, …
    pub name_source: Option<String>,
    /// How sure the name is.
    pub name_confidence: Option<Confidence>,
    /// Why there is no name, from a closed list (`ip_literal`, `no_client_hello`, …). `None` when there is a name.
    pub unnamed_reason: Option<&'static str>,
    /// For groups and addresses of the local network, what they are (`mDNS group`, `router`, …).
    pub remark: Option<String>,
    /// Other names that the evidence allows.
    pub name_candidates: Vec<String>,
    /// Owner, purpose, carrier.
    pub knowledge: Knowledge,
    /// TCP, UDP, ICMP, …
    pub transport: Transport,
    /// Port of the service (the responder's); `None` where the protocol has none.
    pub port: Option<u16>,
    /// Application protocol as dissected (`tls`, `http`, `dns`, …), or else the registry's name of the port with `?`.
    pub service: Option<String>,
    /// Where it is.
    pub scope: Scope,
    /// Who began.
    pub initiated_by: Initiator,
    /// TCP connections, or exchanges.
    pub connections: u64,
    /// Of those, TCP connections without a completed handshake (Zeek's S0 and REJ).
    pub failed: u64,
    /// Transport payload from the machine, retransmissions counted once.
    pub payload_out: u64,
    /// Transport payload to the machine, likewise.
    pub payload_in: u64,
    /// Original lengths of the frames from the machine.
    pub wire_out: u64,
    /// Original lengths of the frames to the machine.
    pub wire_in: u64,
    /// Frames from the machine.
    pub packets_out: u64,
    /// Frames to the machine.
    pub packets_in: u64,
    /// First frame.
    pub first: Timestamp,
    /// Last frame.
    pub last: Timestamp,
    /// Distinct addresses of the other side, sorted; bounded.
    pub addresses: Vec<IpAddr>,
    /// Distinct addresses beyond the limit.
    pub addresses_left_out: u64,
    /// Distinct JA3 values of the machine, sorted.
    pub ja3: Vec<String>,
    /// Distinct JA4 values of the machine, sorted.
    pub ja4: Vec<String>,
    /// Application protocols agreed (or, where the answer is hidden, offered).
    pub alpn: Vec<String>,
    /// Protocol versions seen (`TLS 1.3`).
    pub versions: Vec<String>,
    /// Issuers of the certificates that the peer showed in the clear (TLS 1.2 and before), sorted, bounded.
    pub issuers: Vec<String>,
    /// True when the payload was encrypted, false when clear, `None` when it cannot be told.
    pub encrypted: Option<bool>,
    /// Names did not appear in an earlier phase.
    pub new_in_phase: bool,
    /// What shows it; the first is the connection's first frame.
    pub evidence: Vec<Evidence>,
}

/// How a fingerprint stands to a known one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FingerprintMatch {
    /// What is known to look like this.
    pub label: String,
    /// `same` or `differs`.
    pub same: bool,
    /// In what it differs.
    pub differences: Vec<String>,
    /// Source of the label.
    pub source: String,
}

/// What a SYN or SYN+ACK says, one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SynFacts {
    /// 4 or 6.
    pub ip_version: u8,
    /// Hop limit or time to live as captured.
    pub hop_limit: u8,
    /// As it probably was at the sender: 32, 64, 128 or 255.
    pub initial_hop_limit: u8,
    /// Window, not scaled.
    pub window: u16,
    /// The window as a multiple: `mss*44`, `mtu*10`; `None` where it is none.
    pub window_multiple: Option<String>,
    /// Maximum segment size.
    pub mss: Option<u16>,
    /// Shift of the window.
    pub window_scale: Option<u8>,
    /// Kinds of the options in their order: `mss,nop,ws,sok`.
    pub options: String,
    /// ECN is asked for or agreed to (RFC 3168 s. 6.1.1).
    pub ecn: bool,
    /// The packet must not be fragmented; always so with IPv6.
    pub dont_fragment: bool,
    /// The identification is zero; `None` with IPv6, which has none here.
    pub zero_identification: Option<bool>,
    /// Fast Open is asked for or used (RFC 7413).
    pub fast_open: bool,
    /// Multipath TCP (RFC 8684).
    pub multipath: bool,
    /// It carries data.
    pub data: bool,
}

/// What the machine looks like in one respect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// `tcp.syn`, `tcp.synack`, `tls.ja3`, `tls.ja4`, `dhcp`, `dhcp.vendor_class`, `http.user_agent`, …
    pub kind: String,
    /// The value; for TCP, p0f's raw signature.
    pub value: String,
    /// For TCP: the flags, window and options in tcpdump's notation, of the first such segment.
    pub tcpdump: Option<String>,
    /// For TCP: p0f's raw signature.
    pub p0f: Option<String>,
    /// For TCP: what the segment says, one by one.
    pub syn: Option<SynFacts>,
    /// Remarks in words, each with its standard.
    pub remarks: Vec<String>,
    /// What the value is the digest of, for JA3 and JA4.
    pub raw: Option<String>,
    /// Known ones that are the same or near.
    pub matches: Vec<FingerprintMatch>,
    /// Times seen.
    pub count: u64,
    /// [`Machine::id`] of the one that has it.
    pub machine: String,
    /// Where it was first seen.
    pub evidence: Vec<Evidence>,
}

/// What hosts that are no machines of the report look like in one respect: servers by their SYN+ACKs, say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerFingerprint {
    /// [`Fingerprint::machine`] is empty.
    pub fingerprint: Fingerprint,
    /// The first few of them, sorted.
    pub hosts: Vec<IpAddr>,
    /// How many there are.
    pub hosts_total: u64,
}

/// One kind of clear-text HTTP exchange: same machine, phase, host, method, path, status and type are added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpExchange {
    /// [`Machine::id`].
    pub machine: String,
    /// [`Phase::name`].
    pub phase: String,
    /// Host asked for.
    pub host: Option<String>,
    /// Method.
    pub method: Option<String>,
    /// Path and query.
    pub path: Option<String>,
    /// User-Agent.
    pub user_agent: Option<String>,
    /// Type of the answer's body.
    pub content_type: Option<String>,
    /// Status of the answer.
    pub status: Option<u16>,
    /// Bytes of the answers' bodies.
    pub bytes_in: u64,
    /// Bytes of the requests' bodies.
    pub bytes_out: u64,
    /// How often.
    pub count: u64,
    /// In words: `certificate status: good`.
    pub remark: Option<String>,
    /// What it is for, where known.
    pub purpose: Option<String>,
    /// How much it says to a reader, the larger the more; the list is sorted by it.
    pub significance: u32,
    /// Where it was first seen.
    pub evidence: Vec<Evidence>,
}

/// Connections that have no name, by reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unnamed {
    /// From a closed list.
    pub reason: &'static str,
    /// What the reason means, in words.
    pub text: &'static str,
    /// Connections.
    pub connections: u64,
    /// Their wire bytes.
    pub bytes: u64,
    /// Contacts.
    pub contacts: u64,
}

/// Something wrong on the wire or in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    /// Short and stable, for example `tcp_checksum`.
    pub kind: String,
    /// How often.
    pub count: u64,
    /// The first few frames.
    pub frames: Vec<FrameRef>,
    /// In words.
    pub text: String,
}

/// How much of the traffic is accounted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Connections with a name.
    pub connections_named: u64,
    /// All connections in the contacts.
    pub connections_total: u64,
    /// Wire bytes of connections with a name.
    pub bytes_named: u64,
    /// Wire bytes of all connections.
    pub bytes_total: u64,
    /// Wire bytes whose owner is known.
    pub bytes_owned: u64,
    /// Wire bytes whose purpose is known.
    pub bytes_with_purpose: u64,
}

/// All of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The files.
    pub captures: Vec<CaptureInfo>,
    /// The subject first.
    pub machines: Vec<Machine>,
    /// One a machine, in the same order.
    pub summary: Vec<Summary>,
    /// In time order.
    pub phases: Vec<Phase>,
    /// By machine, phase, then the vendor's own before others', then bytes.
    pub contacts: Vec<Contact>,
    /// By machine, kind, count.
    pub fingerprints: Vec<Fingerprint>,
    /// What the other hosts look like, that of most hosts first.
    pub peers: Vec<PeerFingerprint>,
    /// By machine, phase, significance.
    pub http: Vec<HttpExchange>,
    /// By connections.
    pub unnamed: Vec<Unnamed>,
    /// By kind.
    pub anomalies: Vec<Anomaly>,
    /// In all.
    pub coverage: Coverage,
}
