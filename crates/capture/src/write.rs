//! Writing captures: pcap and pcapng, over anything that takes bytes. Writing to a temporary file and renaming it is the
//! caller's part.

mod pcap;
mod pcapng;

pub use pcap::{PcapHeader, PcapWriter};
pub use pcapng::{Interface, PcapngWriter, Section, Statistics};

/// The finest step of a capture's time stamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Resolution {
    /// 10^-6 s.
    #[default]
    Microseconds,
    /// 10^-9 s.
    Nanoseconds,
    /// pcapng only: 10^-n s, n at most 127.
    Decimal(u8),
    /// pcapng only: 2^-n s, n at most 127.
    Binary(u8),
}
