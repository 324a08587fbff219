//! The limits that hold in this stage. Reaching one is an anomaly, never silence.

/// Bytes that are looked at before a stream is given up as unknown.
pub const PROBE_LEN_BYTES: usize = 64;
