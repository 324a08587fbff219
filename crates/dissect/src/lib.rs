//! Flow bytes to observations. Adding a protocol is one file in this folder and one line in `protocols!` below; the
//! free tests at the end then hold it.
//!
//! The contract of every dissector: bytes never make an error or a panic; how the bytes are cut into pieces changes
//! nothing; what it keeps is bounded by [`limits`]; a gap is bridged where the protocol allows, or ends the dissection.

use firstlight_model::{Direction, Field, Observation};

pub mod limits;

/// Bytes of one direction of a stream, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunk<'a> {
    /// The next bytes.
    Data(&'a [u8]),
    /// So many bytes were sent, but are not in the capture (snap length, lost frames).
    Gap(u64),
}

/// What a dissector still wants of one flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Go on.
    More,
    /// Nothing more: the flow may be counted without being read.
    Nothing,
}

/// What is known of a flow before its bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Port of the originator.
    pub originator_port: u16,
    /// Port of the responder.
    pub responder_port: u16,
    /// True when the flow's own beginning (SYN) was seen, so that the first bytes are the first of the stream.
    pub from_start: bool,
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
}

/// One flow being read by one protocol.
pub trait Dissect: Send {
    /// For streams: the next bytes of one direction. For datagrams: one whole datagram, `Data` only; when the capture
    /// cut it, `Data` is followed by a `Gap` of what is missing.
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need;

    /// The flow is over: say what was waiting for an end.
    fn finish(&mut self, _sink: &mut dyn Sink) {}
}

/// What a protocol declares of itself.
pub struct Dissector {
    /// Short name, shown as the service: `tls`, `http`, `dns`, `mdns`, …
    pub name: &'static str,
    /// TCP or UDP.
    pub carrier: Carrier,
    /// `Some(true)` when its payload is encrypted, `Some(false)` when clear, `None` when it depends.
    pub encrypted: Option<bool>,
    /// Every field it can report.
    pub fields: &'static [&'static Field],
    /// Traffic in which it sees each of its required fields: direction and bytes, in order.
    pub sample: &'static [(Direction, &'static [u8])],
    /// Looks at the first bytes of a direction.
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
}
