//! Writes pcap 2.4 (draft-ietf-opsawg-pcap), in microseconds or nanoseconds, either byte order. Leaves out its kin.

use std::io::{self, Write};

use firstlight_model::{LinkType, Timestamp};

use super::Resolution;
use crate::bytes::ByteOrder;

/// What the header of a pcap file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PcapHeader {
    /// Of all numbers in the file.
    pub order: ByteOrder,
    /// Microseconds or nanoseconds.
    pub resolution: Resolution,
    /// Of all frames.
    pub link_type: LinkType,
    /// Most bytes captured of a frame.
    pub snap_len: u32,
}

impl Default for PcapHeader {
    /// Little-endian, microseconds, Ethernet, 262,144 bytes, as tcpdump writes on most machines.
    fn default() -> Self {
        Self {
            order: ByteOrder::Little,
            resolution: Resolution::Microseconds,
            link_type: LinkType::ETHERNET,
            snap_len: 262_144,
        }
    }
}

/// Writes frames one after the other.
#[derive(Debug)]
pub struct PcapWriter<W> {
    out: W,
    order: ByteOrder,
    ns_per_tick: i64,
}

impl<W: Write> PcapWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// Those of `out`; a resolution that pcap does not have.
    pub fn new(mut out: W, header: &PcapHeader) -> io::Result<Self> {
        let order = header.order;
        let (magic, ns_per_tick) = match header.resolution {
            Resolution::Microseconds | Resolution::Decimal(6) => (0xa1b2_c3d4, 1_000),
            Resolution::Nanoseconds | Resolution::Decimal(9) => (0xa1b2_3c4d, 1),
            Resolution::Decimal(_) | Resolution::Binary(_) => {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "pcap has microseconds and nanoseconds only"));
            }
        };
        out.write_all(&order.of_u32(magic))?;
        out.write_all(&order.of_u16(2))?;
        out.write_all(&order.of_u16(4))?;
        out.write_all(&[0; 8])?;
        out.write_all(&order.of_u32(header.snap_len))?;
        out.write_all(&order.of_u32(header.link_type.0))?;
        Ok(Self { out, order, ns_per_tick })
    }

    /// Writes a frame of which `data` was captured. What is finer than the resolution is cut off the time.
    ///
    /// # Errors
    /// Those of `out`; a time before 1970 or after 2106; more than 4 GiB of data.
    pub fn frame(&mut self, time: Timestamp, original_len: u32, data: &[u8]) -> io::Result<()> {
        let invalid = |what| io::Error::new(io::ErrorKind::InvalidInput, what);
        let ns = time.as_ns();
        let seconds = u32::try_from(ns.div_euclid(1_000_000_000))
            .map_err(|_| invalid("pcap has times from 1970 to 2106 only"))?;
        let fraction = ns.rem_euclid(1_000_000_000) / self.ns_per_tick;
        let fraction = u32::try_from(fraction).expect("less than a thousand million");
        let captured = u32::try_from(data.len()).map_err(|_| invalid("a frame of more than 4 GiB"))?;
        let mut header = [0; 16];
        for (slot, value) in header.chunks_exact_mut(4).zip([seconds, fraction, captured, original_len]) {
            slot.copy_from_slice(&self.order.of_u32(value));
        }
        self.out.write_all(&header)?;
        self.out.write_all(data)
    }

    /// What was written to; flushing is the caller's part.
    pub fn into_inner(self) -> W {
        self.out
    }
}
