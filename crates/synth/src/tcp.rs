//! TCP segments (RFC 9293) and the habits of stacks that open connections.
//!
//! [`connection`] plays whole connections. Leaves out Urgent data and MPTCP.

pub mod connection;
pub mod syns;

use firstlight_model::{TcpFlags, Transport};

use crate::bytes::Put;
use crate::checksum;
use crate::host::Host;
use crate::ip::{Header, set_u16};
use crate::traffic::Traffic;

/// One option of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TcpOption {
    /// End of option list.
    Eol,
    /// No operation.
    Nop,
    /// Maximum segment size in bytes.
    Mss(u16),
    /// Window scale: the shift (RFC 7323).
    WindowScale(u8),
    /// SACK permitted (RFC 2018).
    SackPermitted,
    /// Selective acknowledgment: left and right edges.
    Sack(Vec<(u32, u32)>),
    /// Timestamps: value, echo reply (RFC 7323). In a [`Stack`] the numbers are placeholders.
    Timestamps(u32, u32),
    /// Fast Open with a cookie, which may be empty (RFC 7413).
    FastOpen(Vec<u8>),
    /// Any other: kind and value.
    Other(u8, Vec<u8>),
}

impl TcpOption {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Eol => out.put_u8(0),
            Self::Nop => out.put_u8(1),
            Self::Mss(mss) => {
                out.put(&[2, 4]);
                out.put_u16(*mss);
            }
            Self::WindowScale(shift) => out.put(&[3, 3, *shift]),
            Self::SackPermitted => out.put(&[4, 2]),
            Self::Sack(blocks) => option(out, 5, |out| {
                for (left, right) in blocks {
                    out.put_u32(*left);
                    out.put_u32(*right);
                }
            }),
            Self::Timestamps(value, echo) => {
                out.put(&[8, 10]);
                out.put_u32(*value);
                out.put_u32(*echo);
            }
            Self::FastOpen(cookie) => option(out, 34, |out| out.put(cookie)),
            Self::Other(kind, value) => option(out, *kind, |out| out.put(value)),
        }
    }
}

/// An option with a length that counts kind and length too.
fn option(out: &mut Vec<u8>, kind: u8, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut value = Vec::new();
    fill(&mut value);
    out.put_u8(kind);
    out.put_u8(u8::try_from(value.len() + 2).expect("TCP options have 40 bytes at most"));
    out.put(&value);
}

/// How a host opens TCP connections and answers those that others open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// TTL or hop limit at the host itself.
    pub hop_limit: u8,
    /// Sets DF on IPv4.
    pub dont_fragment: bool,
    /// Window of the SYN, not scaled.
    pub syn_window: u16,
    /// Window field of all later segments.
    pub window: u16,
    /// Options of the SYN in their order. What the other side does not have too is left out of the SYN-ACK.
    pub syn_options: Vec<TcpOption>,
    /// Offers ECN in the SYN and agrees to it in the SYN-ACK (RFC 3168).
    pub ecn: bool,
}

impl Stack {
    /// macOS 10.15, as the diary has it: `[SEW] win 65535 [mss 1460,nop,wscale 6,nop,nop,TS,sackOK,eol]`, TTL 64, DF.
    pub fn macos_10_15() -> Self {
        Self {
            hop_limit: 64,
            dont_fragment: true,
            syn_window: 65_535,
            window: 2_058,
            syn_options: vec![
                TcpOption::Mss(1460),
                TcpOption::Nop,
                TcpOption::WindowScale(6),
                TcpOption::Nop,
                TcpOption::Nop,
                TcpOption::Timestamps(0, 0),
                TcpOption::SackPermitted,
                TcpOption::Eol,
            ],
            ecn: true,
        }
    }

    /// Linux since 3.x: `[S] win 64240 [mss 1460,sackOK,TS,nop,wscale 7]`, TTL 64, DF; agrees to ECN when asked is left
    /// off here.
    pub fn linux() -> Self {
        Self {
            hop_limit: 64,
            dont_fragment: true,
            syn_window: 64_240,
            window: 501,
            syn_options: vec![
                TcpOption::Mss(1460),
                TcpOption::SackPermitted,
                TcpOption::Timestamps(0, 0),
                TcpOption::Nop,
                TcpOption::WindowScale(7),
            ],
            ecn: false,
        }
    }

    /// Windows 10: `[S] win 64240 [mss 1460,nop,wscale 8,nop,nop,sackOK]`, TTL 128, DF.
    pub fn windows_10() -> Self {
        Self {
            hop_limit: 128,
            dont_fragment: true,
            syn_window: 64_240,
            window: 1_026,
            syn_options: vec![
                TcpOption::Mss(1460),
                TcpOption::Nop,
                TcpOption::WindowScale(8),
                TcpOption::Nop,
                TcpOption::Nop,
                TcpOption::SackPermitted,
            ],
            ecn: false,
        }
    }

    /// The same with ECN offered and agreed to.
    #[must_use]
    pub fn with_ecn(mut self) -> Self {
        self.ecn = true;
        self
    }

    /// The same with other SYN options.
    #[must_use]
    pub fn with_syn_options(mut self, options: impl IntoIterator<Item = TcpOption>) -> Self {
        self.syn_options = options.into_iter().collect();
        self
    }

    pub(crate) fn mss(&self) -> Option<u16> {
        self.syn_options.iter().find_map(|option| match option {
            TcpOption::Mss(mss) => Some(*mss),
            _ => None,
        })
    }

    pub(crate) fn offers_timestamps(&self) -> bool {
        self.syn_options.iter().any(|option| matches!(option, TcpOption::Timestamps(..)))
    }

    pub(crate) fn offers_sack(&self) -> bool {
        self.syn_options.contains(&TcpOption::SackPermitted)
    }

    pub(crate) fn offers_scaling(&self) -> bool {
        self.syn_options.iter().any(|option| matches!(option, TcpOption::WindowScale(_)))
    }
}

/// A segment of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Sender's port.
    pub source_port: u16,
    /// Receiver's port.
    pub destination_port: u16,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgment number.
    pub acknowledgment: u32,
    /// Flags.
    pub flags: TcpFlags,
    /// Window field.
    pub window: u16,
    /// Options in their order; padded with zeros to a multiple of four bytes.
    pub options: Vec<TcpOption>,
    /// Data.
    pub data: Vec<u8>,
}

impl Segment {
    /// Header and data, with zero in the checksum.
    ///
    /// # Panics
    /// When the options are longer than 40 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut options = Vec::with_capacity(40);
        for option in &self.options {
            option.put(&mut options);
        }
        options.resize(options.len().next_multiple_of(4), 0);
        assert!(options.len() <= 40, "TCP options have 40 bytes at most");
        let words = u16::try_from(5 + options.len() / 4).unwrap_or(15);
        let mut segment = Vec::with_capacity(20 + options.len() + self.data.len());
        segment.put_u16(self.source_port);
        segment.put_u16(self.destination_port);
        segment.put_u32(self.sequence);
        segment.put_u32(self.acknowledgment);
        segment.put_u16((words << 12) | (self.flags.0 & 0x0fff));
        segment.put_u16(self.window);
        segment.put_u32(0);
        segment.put(&options);
        segment.put(&self.data);
        segment
    }
}

impl Traffic {
    /// One segment at the clock's time, DF as the sender's stack has it.
    pub fn segment(&mut self, from: &Host, to: &Host, segment: &Segment) {
        let (source, destination) = from.addresses_to(to);
        let header = Header {
            hop_limit: from.hop_limit,
            dont_fragment: from.stack.dont_fragment,
            identification: if from.stack.dont_fragment { 0 } else { u32::from(self.random().next_u16()) },
            ..Header::new(source, destination, Transport::TCP)
        };
        self.segment_with(from, to, segment, &header);
    }

    /// One segment under a header of one's own.
    pub fn segment_with(&mut self, from: &Host, to: &Host, segment: &Segment, header: &Header) {
        let mut bytes = segment.to_bytes();
        let value = checksum::transport(from.checksums, header.source, header.destination, Transport::TCP, &bytes);
        set_u16(&mut bytes, 16, value);
        self.packet(from, to, header, &bytes);
    }
}
