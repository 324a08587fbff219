//! The limits and time-outs of this stage. Reaching a limit is an anomaly, never silence.

/// Nanoseconds in a second.
pub(crate) const SECOND_NS: i64 = 1_000_000_000;

/// How much is kept at a time, and for how long. Times are of the capture's own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Flows under way; beyond it those that were quiet for longest are ended.
    pub flows: usize,
    /// Memory of one direction kept while a segment is missing before it, bookkeeping included; then the gap is taken
    /// as lost.
    pub reorder_len_bytes: usize,
    /// Segments kept likewise.
    pub reorder_segments: usize,
    /// Memory kept likewise in all flows together.
    pub reorder_total_bytes: usize,
    /// Datagrams of which some fragments are missing; beyond it the oldest is given up.
    pub datagrams: usize,
    /// Fragments of one datagram; beyond it the datagram is given up. With the least MTU of IPv4 (68 bytes, RFC 791) it
    /// may have 1,366, with that of a modem (296 bytes) 239.
    pub fragments_of_datagram: usize,
    /// Memory of all fragments, bookkeeping included.
    pub fragments_total_bytes: usize,
    /// A datagram whose fragments do not come within this time is given up (RFC 8200 s. 4.5 says 60 seconds).
    pub fragment_timeout_ns: i64,
    /// Quiet for so long, an established TCP connection is over (RFC 5382 REQ-5: not less than 2 hours 4 minutes).
    pub tcp_timeout_ns: i64,
    /// Likewise one that is closed or was never answered (RFC 5382 REQ-5: 4 minutes).
    pub tcp_transitory_timeout_ns: i64,
    /// Quiet for so long, a UDP exchange is over (RFC 4787 REQ-5: 5 minutes recommended).
    pub udp_timeout_ns: i64,
    /// Likewise for ICMP (RFC 5508 REQ-2: 60 seconds) and all other protocols.
    pub other_timeout_ns: i64,
    /// Flows that are over which a piece of a capture keeps for the piece before it.
    pub deferred_flows: usize,
    /// Bytes of one flow that a piece of a capture keeps for the piece before it.
    pub deferred_flow_bytes: usize,
    /// Bytes that a piece keeps in all.
    pub deferred_total_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            flows: 1 << 16,
            reorder_len_bytes: 128 << 10,
            reorder_segments: 128,
            reorder_total_bytes: 32 << 20,
            datagrams: 4096,
            fragments_of_datagram: 1024,
            fragments_total_bytes: 16 << 20,
            fragment_timeout_ns: 60 * SECOND_NS,
            tcp_timeout_ns: 7_440 * SECOND_NS,
            tcp_transitory_timeout_ns: 240 * SECOND_NS,
            udp_timeout_ns: 300 * SECOND_NS,
            other_timeout_ns: 60 * SECOND_NS,
            deferred_flows: 1 << 15,
            deferred_flow_bytes: 256 << 10,
            deferred_total_bytes: 64 << 20,
        }
    }
}
