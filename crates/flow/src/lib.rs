//! Packets to flows: who spoke with whom, how much, and the bytes of each direction in order.
//!
//! A flow is both directions of a conversation (RFC 5103). What is kept of one is a summary that merges with that of
//! its continuation, so that a capture may be cut anywhere, read in pieces, and put together again: see [`FlowTable::merge`].

mod community_id;
mod coverage;
mod defragment;
mod delivered;
mod direction;
mod history;
mod hop_limits;
mod key;
pub mod limits;
mod options;
mod state;
mod table;
mod tcp;

pub use community_id::{community_id, uid};
pub use coverage::Coverage;
pub use defragment::{DatagramKey, Defragmenter};
pub use history::History;
pub use key::FlowKey;
pub use limits::Limits;
pub use options::{SynSaid, Ticks};
pub use state::ConnState;
pub use table::{Cost, Flow, FlowTable, Half, Handler, Position};
pub use tcp::{TcpHalf, TcpState};
