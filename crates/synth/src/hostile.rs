//! Captures that are made to hurt a reader: each tries to use up its memory or its time in one way.
//!
//! They are written frame by frame and are larger than what is made elsewhere in this crate, so none is ever held in
//! memory. Every case says which anomalies a reader that keeps its limits has to tell of. Time stands almost still in
//! them (20 µs a frame), so that nothing is over by itself.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use firstlight_model::{EtherType, MacAddress, TcpFlags, Transport};

use crate::bytes::{Put, len_u16, len_u32};
use crate::checksum::{self, Checksums};
use crate::ip::{Header, set_u16};

mod files;
mod flows;
mod fragments;
mod layers;
mod names;
mod talks;

/// One way to hurt.
pub struct Case {
    /// Its name, and that of its file.
    pub name: &'static str,
    /// Kinds of anomalies that the report must have.
    pub anomalies: &'static [&'static str],
    /// The file cannot be read to its end, which the report must say.
    pub stops: bool,
    /// Writes the file. `scale` stands for "a million": full size is 1,000,000.
    pub write: fn(&mut dyn Write, scale: u32) -> io::Result<()>,
}

/// The size that the limits are measured with.
pub const FULL: u32 = 1_000_000;

/// All of them.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    [files::CASES, flows::CASES, fragments::CASES, layers::CASES, names::CASES, talks::CASES].into_iter().flatten()
}

/// A pcap file that is being written.
struct Sheet<'a> {
    out: &'a mut dyn Write,
    time_us: u64,
    /// Link address of the sender of the next frame.
    mac: MacAddress,
}

/// From one frame to the next.
const STEP_US: u64 = 20;
/// 2026-01-05 08:00:00 UTC.
const START_US: u64 = 1_767_600_000_000_000;
/// A machine of the local network, and the router.
const MAC: MacAddress = MacAddress([2, 0, 0, 0, 0, 10]);
const ROUTER: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);

impl<'a> Sheet<'a> {
    fn begin(out: &'a mut dyn Write) -> io::Result<Self> {
        out.write_all(&pcap_header())?;
        Ok(Self { out, time_us: START_US, mac: MAC })
    }

    fn frame(&mut self, data: &[u8]) -> io::Result<()> {
        self.time_us += STEP_US;
        self.out.write_all(&record_header(self.time_us, data.len()))?;
        self.out.write_all(data)
    }

    fn link(&mut self, ether_type: EtherType, packet: &[u8]) -> io::Result<()> {
        let mut data = Vec::with_capacity(14 + packet.len());
        data.put(&ROUTER.0);
        data.put(&self.mac.0);
        data.put_u16(ether_type.0);
        data.put(packet);
        self.frame(&data)
    }

    fn ip(&mut self, header: &Header, payload: &[u8]) -> io::Result<()> {
        for packet in header.packets(payload, None) {
            self.link(header.ether_type(), &packet)?;
        }
        Ok(())
    }

    fn udp(&mut self, from: SocketAddr, to: SocketAddr, payload: &[u8]) -> io::Result<()> {
        self.ip(&Header::new(from.ip(), to.ip(), Transport::UDP), &datagram(from, to, payload))
    }

    fn tcp(&mut self, from: SocketAddr, to: SocketAddr, sequence: u32, flags: u16, data: &[u8]) -> io::Result<()> {
        let mut segment = Vec::with_capacity(20 + data.len());
        segment.put_u16(from.port());
        segment.put_u16(to.port());
        segment.put_u32(sequence);
        segment.put_u32(if flags & TcpFlags::ACK == 0 { 0 } else { 1 });
        segment.put_u16(0x5000 | flags);
        segment.put_u16(65_535);
        segment.put_u32(0);
        segment.put(data);
        seal(from.ip(), to.ip(), Transport::TCP, &mut segment, 16);
        self.ip(&Header::new(from.ip(), to.ip(), Transport::TCP), &segment)
    }

    /// The three segments that open a connection; the first byte of data has the number 1 on both sides.
    fn handshake(&mut self, from: SocketAddr, to: SocketAddr) -> io::Result<()> {
        self.tcp(from, to, 0, TcpFlags::SYN, &[])?;
        self.tcp(to, from, 0, TcpFlags::SYN | TcpFlags::ACK, &[])?;
        self.tcp(from, to, 1, TcpFlags::ACK, &[])
    }

    /// Data in segments of at most 1,400 bytes, from the number 1 on.
    fn stream(&mut self, from: SocketAddr, to: SocketAddr, data: &[u8]) -> io::Result<()> {
        for (at, part) in data.chunks(1400).enumerate() {
            self.tcp(from, to, len_u32(1 + at * 1400), TcpFlags::ACK | TcpFlags::PSH, part)?;
        }
        Ok(())
    }
}

fn pcap_header() -> Vec<u8> {
    let mut header = Vec::new();
    for word in [0xa1b2_c3d4, 0x0004_0002_u32, 0, 0, 262_144, 1] {
        header.extend_from_slice(&word.to_le_bytes());
    }
    header
}

fn record_header(time_us: u64, len: usize) -> [u8; 16] {
    let second = u32::try_from(time_us / 1_000_000).expect("times before 2106");
    let micro = u32::try_from(time_us % 1_000_000).expect("below a million");
    let mut header = [0; 16];
    for (slot, word) in header.chunks_exact_mut(4).zip([second, micro, len_u32(len), len_u32(len)]) {
        slot.copy_from_slice(&word.to_le_bytes());
    }
    header
}

fn datagram(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let mut datagram = Vec::with_capacity(8 + payload.len());
    datagram.put_u16(from.port());
    datagram.put_u16(to.port());
    datagram.put_u16(len_u16(8 + payload.len()));
    datagram.put_u16(0);
    datagram.put(payload);
    seal(from.ip(), to.ip(), Transport::UDP, &mut datagram, 6);
    datagram
}

fn seal(from: IpAddr, to: IpAddr, protocol: Transport, segment: &mut [u8], at: usize) {
    let value = checksum::transport(Checksums::Right, from, to, protocol, segment);
    set_u16(segment, at, value);
}

/// The `n`th of 16 million machines of the local network (10.0.0.0/8), by a port of its own.
fn near(n: u32) -> SocketAddr {
    let port = u16::try_from(1024 + n % 60_000).expect("below 65,536");
    SocketAddr::from((Ipv4Addr::from_bits(0x0a00_0000 + n % 0x00ff_ffff + 1), port))
}

/// The `n`th of 131,072 hosts in the network for benchmarks (198.18.0.0/15, RFC 2544).
fn far(n: u32, port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::from_bits(0xc612_0000 + n % 0x2_0000), port))
}

/// The machine that most cases are about.
fn me(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::new(10, 0, 0, 10), port))
}

/// An ephemeral port that changes with each `n`.
fn port(n: u32) -> u16 {
    u16::try_from(1024 + n % 64_000).expect("below 65,536")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::cases;

    #[test]
    fn each_case_writes_a_file_that_begins_as_a_capture_does_and_is_the_same_each_time() {
        let mut names = BTreeSet::new();
        for case in cases() {
            assert!(names.insert(case.name), "two cases are called {}", case.name);
            let [mut a, mut b] = [Vec::new(), Vec::new()];
            (case.write)(&mut a, 10_000).expect("memory takes it");
            (case.write)(&mut b, 10_000).expect("memory takes it");
            assert!(a == b && a.len() > 24, "{}: {} bytes", case.name, a.len());
            let magic = u32::from_le_bytes(a[..4].try_into().unwrap());
            assert!(
                [0xa1b2_c3d4, 0x0a0d_0d0a, 0x0008_8b1f, 0xfd2f_b528].contains(&magic),
                "{}: {magic:08x}",
                case.name
            );
        }
        assert!(names.len() >= 30, "{names:?}");
    }
}
