//! Writes pcapng 1.0 (draft-ietf-opsawg-pcapng-04) in either byte order: sections, interfaces, enhanced and simple
//! packets, names, statistics, secrets, and any other block as bytes. Leaves out section lengths and the obsolete packet block.

use std::io::{self, Write};
use std::net::IpAddr;

use firstlight_model::{LinkType, Timestamp};

use super::Resolution;
use crate::bytes::ByteOrder;
use crate::pcapng::{BYTE_ORDER_MAGIC, block, option};

/// What a section says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// Of all numbers in it.
    pub order: ByteOrder,
    /// Comments on it, each at most 65,535 bytes; a longer one is cut.
    pub comments: Vec<String>,
    /// The machine it was captured on.
    pub hardware: Option<String>,
    /// Its operating system.
    pub os: Option<String>,
    /// The program that wrote it.
    pub application: Option<String>,
}

/// What an interface description says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Of its frames; numbers up to 65,535.
    pub link_type: LinkType,
    /// Most bytes captured of a frame; 0 for no limit.
    pub snap_len: u32,
    /// Of its time stamps.
    pub resolution: Resolution,
    /// Seconds to add to its time stamps.
    pub offset_s: i64,
    /// For example `en0`.
    pub name: Option<String>,
    /// For example `Wi-Fi`.
    pub description: Option<String>,
    /// Comments on it.
    pub comments: Vec<String>,
}

impl Default for Interface {
    /// Ethernet, no limit, microseconds.
    fn default() -> Self {
        Self {
            link_type: LinkType::ETHERNET,
            snap_len: 0,
            resolution: Resolution::Microseconds,
            offset_s: 0,
            name: None,
            description: None,
            comments: Vec::new(),
        }
    }
}

/// Counters of an interface since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Packets received.
    pub received: Option<u64>,
    /// Packets dropped by the interface, for want of room.
    pub dropped: Option<u64>,
    /// Packets dropped by the operating system.
    pub dropped_by_os: Option<u64>,
}

/// Writes blocks one after the other.
#[derive(Debug)]
pub struct PcapngWriter<W> {
    out: W,
    order: ByteOrder,
    /// Of the section: resolution and offset.
    interfaces: Vec<(Resolution, i64)>,
    body: Vec<u8>,
}

impl<W: Write> PcapngWriter<W> {
    /// Writes the header of the first section.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(out: W, section: &Section) -> io::Result<Self> {
        let mut writer = Self { out, order: section.order, interfaces: Vec::new(), body: Vec::new() };
        writer.section(section)?;
        Ok(writer)
    }

    /// Begins a section; its interfaces are numbered from 0 again.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn section(&mut self, section: &Section) -> io::Result<()> {
        self.order = section.order;
        self.interfaces.clear();
        self.u32(BYTE_ORDER_MAGIC);
        self.u16(1);
        self.u16(0);
        self.body.extend([0xff; 8]);
        for comment in &section.comments {
            self.option(option::COMMENT, comment.as_bytes());
        }
        for (code, text) in [(2, &section.hardware), (3, &section.os), (4, &section.application)] {
            if let Some(text) = text {
                self.option(code, text.as_bytes());
            }
        }
        self.end_options(16);
        self.end_block(block::SECTION_HEADER)
    }

    /// Describes an interface; returns its number in the section.
    ///
    /// # Errors
    /// Those of `out`; a link type beyond 65,535; a resolution beyond 127.
    pub fn interface(&mut self, interface: &Interface) -> io::Result<u32> {
        let link_type = u16::try_from(interface.link_type.0).map_err(|_| invalid("a link type beyond 65,535"))?;
        let tsresol = match interface.resolution {
            Resolution::Microseconds => 6,
            Resolution::Nanoseconds => 9,
            Resolution::Decimal(exponent) if exponent < 0x80 => exponent,
            Resolution::Binary(exponent) if exponent < 0x80 => 0x80 | exponent,
            Resolution::Decimal(_) | Resolution::Binary(_) => return Err(invalid("a resolution beyond 127")),
        };
        let index = u32::try_from(self.interfaces.len()).map_err(|_| invalid("too many interfaces"))?;
        self.u16(link_type);
        self.u16(0);
        self.u32(interface.snap_len);
        for comment in &interface.comments {
            self.option(option::COMMENT, comment.as_bytes());
        }
        for (code, text) in [(2, &interface.name), (3, &interface.description)] {
            if let Some(text) = text {
                self.option(code, text.as_bytes());
            }
        }
        if tsresol != 6 {
            self.option(option::IF_TSRESOL, &[tsresol]);
        }
        if interface.offset_s != 0 {
            let value = self.order.of_u64(interface.offset_s.cast_unsigned());
            self.option(option::IF_TSOFFSET, &value);
        }
        self.end_options(8);
        self.end_block(block::INTERFACE)?;
        self.interfaces.push((interface.resolution, interface.offset_s));
        Ok(index)
    }

    /// Writes a frame with comments on it (enhanced packet block). What is finer than the resolution is cut off the
    /// time.
    ///
    /// # Errors
    /// Those of `out`; an interface that was not described; a time that it cannot tell; more than 4 GiB.
    pub fn frame(
        &mut self,
        interface: u32,
        time: Timestamp,
        original_len: u32,
        data: &[u8],
        comments: &[&str],
    ) -> io::Result<()> {
        let ticks = self.ticks(interface, time)?;
        let captured = u32::try_from(data.len()).map_err(|_| invalid("a frame of more than 4 GiB"))?;
        self.u32(interface);
        self.u32(high(ticks));
        self.u32(low(ticks));
        self.u32(captured);
        self.u32(original_len);
        self.padded(data);
        let options_at = self.body.len();
        for comment in comments {
            self.option(option::COMMENT, comment.as_bytes());
        }
        self.end_options(options_at);
        self.end_block(block::ENHANCED_PACKET)
    }

    /// Writes a frame of the first interface without a time (simple packet block).
    ///
    /// # Errors
    /// Those of `out`; no interface yet.
    pub fn simple_frame(&mut self, original_len: u32, data: &[u8]) -> io::Result<()> {
        if self.interfaces.is_empty() {
            return Err(invalid("an interface that was not described"));
        }
        self.u32(original_len);
        self.padded(data);
        self.end_block(block::SIMPLE_PACKET)
    }

    /// Writes counters of an interface.
    ///
    /// # Errors
    /// Those of `out`; an interface that was not described; a time that it cannot tell.
    pub fn statistics(&mut self, interface: u32, time: Timestamp, statistics: &Statistics) -> io::Result<()> {
        let ticks = self.ticks(interface, time)?;
        self.u32(interface);
        self.u32(high(ticks));
        self.u32(low(ticks));
        let counters = [
            (4, statistics.received),
            (option::ISB_IFDROP, statistics.dropped),
            (option::ISB_OSDROP, statistics.dropped_by_os),
        ];
        for (code, count) in counters {
            if let Some(count) = count {
                let value = self.order.of_u64(count);
                self.option(code, &value);
            }
        }
        self.end_options(12);
        self.end_block(block::STATISTICS)
    }

    /// Writes names of addresses.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn names(&mut self, names: &[(IpAddr, &str)]) -> io::Result<()> {
        for (address, name) in names {
            let mut value = Vec::with_capacity(17 + name.len());
            let kind = match address {
                IpAddr::V4(address) => {
                    value.extend(address.octets());
                    1
                }
                IpAddr::V6(address) => {
                    value.extend(address.octets());
                    2
                }
            };
            value.extend(name.bytes().filter(|&byte| byte != 0));
            value.push(0);
            self.option(kind, &value);
        }
        self.body.extend([0; 4]);
        self.end_block(block::NAME_RESOLUTION)
    }

    /// Writes secrets for decryption; `kind` for example 0x544c534b for a TLS key log.
    ///
    /// # Errors
    /// Those of `out`; more than 4 GiB.
    pub fn secrets(&mut self, kind: u32, data: &[u8]) -> io::Result<()> {
        let len = u32::try_from(data.len()).map_err(|_| invalid("secrets of more than 4 GiB"))?;
        self.u32(kind);
        self.u32(len);
        self.padded(data);
        self.end_block(block::SECRETS)
    }

    /// Writes a block of any type; the body is padded to 4 bytes.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn block(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        self.padded(body);
        self.end_block(kind)
    }

    /// What was written to; flushing is the caller's part.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn ticks(&self, interface: u32, time: Timestamp) -> io::Result<u64> {
        let Some(&(resolution, offset_s)) = self.interfaces.get(interface as usize) else {
            return Err(invalid("an interface that was not described"));
        };
        let ns = i128::from(time.as_ns()) - i128::from(offset_s) * 1_000_000_000;
        let ticks = match resolution {
            Resolution::Microseconds => Some(ns.div_euclid(1_000)),
            Resolution::Nanoseconds => Some(ns),
            Resolution::Decimal(exponent @ ..9) => Some(ns.div_euclid(10_i128.pow(9 - u32::from(exponent)))),
            Resolution::Decimal(exponent) => {
                10_i128.checked_pow(u32::from(exponent) - 9).and_then(|factor| ns.checked_mul(factor))
            }
            // Rounded up, so that reading, which rounds down, gives the same nanosecond.
            Resolution::Binary(exponent) => 2_i128
                .checked_pow(u32::from(exponent))
                .and_then(|factor| ns.checked_mul(factor))
                .map(|scaled| scaled.div_euclid(1_000_000_000) + i128::from(scaled.rem_euclid(1_000_000_000) > 0)),
        };
        ticks
            .and_then(|ticks| u64::try_from(ticks).ok())
            .ok_or_else(|| invalid("a time that the interface cannot tell"))
    }

    fn u16(&mut self, value: u16) {
        self.body.extend(self.order.of_u16(value));
    }

    fn u32(&mut self, value: u32) {
        self.body.extend(self.order.of_u32(value));
    }

    fn padded(&mut self, data: &[u8]) {
        self.body.extend(data);
        self.body.resize(self.body.len().next_multiple_of(4), 0);
    }

    fn option(&mut self, code: u16, value: &[u8]) {
        let len = u16::try_from(value.len()).unwrap_or(u16::MAX);
        self.u16(code);
        self.u16(len);
        self.padded(value.get(..usize::from(len)).unwrap_or_default());
    }

    /// The end mark, where there are options after `options_at`.
    fn end_options(&mut self, options_at: usize) {
        if self.body.len() > options_at {
            self.body.extend([0; 4]);
        }
    }

    fn end_block(&mut self, kind: u32) -> io::Result<()> {
        let written = self.write_block(kind);
        self.body.clear();
        written
    }

    fn write_block(&mut self, kind: u32) -> io::Result<()> {
        let len = u32::try_from(self.body.len() + 12).map_err(|_| invalid("a block of more than 4 GiB"))?;
        self.out.write_all(&self.order.of_u32(kind))?;
        self.out.write_all(&self.order.of_u32(len))?;
        self.out.write_all(&self.body)?;
        self.out.write_all(&self.order.of_u32(len))
    }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

fn high(ticks: u64) -> u32 {
    u32::try_from(ticks >> 32).expect("32 bits are left")
}

fn low(ticks: u64) -> u32 {
    u32::try_from(ticks & 0xffff_ffff).expect("32 bits are left")
}
