//! Bytes to packets: every layer by a sample built by hand, then every sample cut at every length and with flipped bits,
//! random bytes on every link type, and the captures of the corpus where there is one.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "tests build their bytes themselves"
)]

mod builders;
mod checksums;
mod corpus;
mod network;
mod paths;
mod robust;
mod samples;
mod transport;
