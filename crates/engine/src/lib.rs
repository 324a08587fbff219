//! The pipeline: the only place where all stages meet.

use firstlight_capture::{Progress, Source};
use firstlight_model::report::{Coverage, Report};
use firstlight_model::{Endpoint, FrameRef, Timestamp, Transport};

/// When a mark stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkTime {
    /// At a point in time.
    At(Timestamp),
    /// So many nanoseconds after the first frame.
    AfterNs(i64),
}

/// The beginning of a phase, given by the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Name of the phase that begins.
    pub name: String,
    /// When.
    pub time: MarkTime,
}

/// Is each file a phase?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FilePhases {
    /// When there are several files that do not overlap in time, and no marks.
    #[default]
    Auto,
    /// Yes.
    Always,
    /// No.
    Never,
}

/// How to report.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Address or MAC of the machine that the report is about; found when `None`.
    pub machine: Option<String>,
    /// Phases given by the user.
    pub marks: Vec<Mark>,
    /// Phases by file.
    pub file_phases: FilePhases,
}

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

/// Reads all of the source and says what is in it.
pub fn report(mut source: Source, _options: &Options, on_progress: &mut dyn FnMut(&Progress)) -> Report {
    while source.next().is_some() {}
    on_progress(&source.progress());
    Report {
        captures: source.finish(),
        machines: Vec::new(),
        summary: Vec::new(),
        phases: Vec::new(),
        contacts: Vec::new(),
        fingerprints: Vec::new(),
        http: Vec::new(),
        unnamed: Vec::new(),
        anomalies: Vec::new(),
        coverage: Coverage::default(),
    }
}

/// Reads all of the source and lists its flows in the order of their first frames.
pub fn flows(mut source: Source, _options: &Options) -> Vec<FlowView> {
    while source.next().is_some() {}
    Vec::new()
}
