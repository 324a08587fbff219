//! What happens in a capture, told while it is read: what was observed in a conversation, and that it is over. For logs
//! that have a line for each; the report is made of what is summed up.

use crate::address::{Endpoint, Transport};
use crate::observation::Observation;
use crate::time::Timestamp;

/// A conversation under way: a connection, or an exchange of datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conversation<'a> {
    /// Tells it from all others of the capture: `C` and letters and digits, the same whenever the capture is read.
    pub uid: &'a str,
    /// Protocol.
    pub transport: Transport,
    /// Who began, as far as is known yet.
    pub originator: Endpoint,
    /// The other side.
    pub responder: Endpoint,
    /// Time of its first frame.
    pub first: Timestamp,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// A dissector said something.
    Observed {
        /// Time of the frame that completed it.
        time: Timestamp,
        /// What it said.
        observation: &'a Observation<'a>,
    },
    /// The conversation is over: nothing comes after.
    Ended(Ended<'a>),
}

/// A conversation that is over. Pairs are by direction: originator, responder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended<'a> {
    /// Time of its last frame.
    pub last: Timestamp,
    /// Frames.
    pub packets: [u64; 2],
    /// IP datagram lengths.
    pub ip_bytes: [u64; 2],
    /// Transport payload, retransmissions once.
    pub payload_bytes: [u64; 2],
    /// Payload that both sides sent and the capture has not.
    pub missed_bytes: u64,
    /// Zeek's conn_state.
    pub state: &'static str,
    /// Zeek's history.
    pub history: &'a str,
    /// Short name of the protocol, where one was dissected.
    pub service: Option<&'static str>,
    /// Community ID v1.
    pub community_id: &'a str,
}
