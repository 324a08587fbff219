//! The limits of what is kept of a capture. Reaching one is an anomaly, never silence.

/// Connections kept one by one; beyond it those between the same two hosts for the same service are added up.
pub const CONNECTIONS: usize = 1 << 18;
/// Contacts listed one by one.
pub const CONTACTS: usize = 1 << 15;
/// Networks that machines are taken to be on.
pub const NETWORKS: usize = 64;
/// Names looked up, by all clients together, and clients that look up.
pub const LOOK_UPS: usize = 1 << 17;
/// Names with an alias.
pub const ALIASES: usize = 1 << 16;
/// Distinct texts (names, user agents, …).
pub const TEXTS: usize = 1 << 18;
/// Bytes of all of them together; beyond it new ones are cut to [`SHORT_TEXT_LEN_BYTES`].
pub const TEXTS_TOTAL_LEN_BYTES: usize = 64 << 20;
/// Longer than any host name can be (RFC 1035 s. 2.3.4: 253 characters).
pub const SHORT_TEXT_LEN_BYTES: usize = 256;
/// Anomalies told apart by kind and detail; beyond it by kind only.
pub const ANOMALIES: usize = 1 << 10;
/// Names of one kind kept of one connection.
pub const NAMES_OF_CONNECTION: usize = 32;
/// Addresses for which answers are remembered, for all machines together.
pub const ANSWERED_ADDRESSES: usize = 1 << 17;
/// Answers remembered for one machine and address.
pub const ANSWERS_OF_ADDRESS: usize = 512;
/// Requests of HTTP kept one by one.
pub const EXCHANGES: usize = 1 << 16;
/// Leases, device names, user agents and fingerprints, each kind.
pub const SIGHTINGS: usize = 1 << 15;
/// Distinct layouts of SYN segments.
pub const SYN_LAYOUTS: usize = 1 << 13;
/// Frames shown with an anomaly.
pub const ANOMALY_FRAMES: usize = 5;
/// Kinds of frames without a network layer, by sender.
pub const OTHER_FRAMES: usize = 1 << 13;
/// Link addresses that may be one machine's because they say one name; more say a copied one.
pub const MACS_OF_MACHINE: usize = 16;
/// Machines in a report; all others are one.
pub const MACHINES: usize = 256;
/// Addresses told apart when they are counted for a contact.
pub const ADDRESSES_COUNTED: usize = 1 << 16;
/// Addresses listed with a contact.
pub const ADDRESSES_OF_CONTACT: usize = 64;
/// Texts of a wire name are cut after so many bytes.
pub const TEXT_LEN_BYTES: usize = 4096;
/// Stretches of time in which one machine spoke.
pub const BURSTS: usize = 1 << 12;
/// Stretches of time in which the frames of one machine are counted; beyond it two become one.
pub const RATE_BINS: usize = 1 << 11;
/// Stretches of time that are compared to find where a machine's traffic changes.
pub const SERIES: usize = 1 << 11;
/// Votes kept on one question about one machine.
pub const VOTES_OF_ASPECT: usize = 64;
/// Names whose owners are looked up to see whose device a machine may be.
pub const NAMES_WEIGHED: usize = 1 << 10;
