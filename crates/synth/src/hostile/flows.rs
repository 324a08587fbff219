//! Too many conversations, and streams of which something is always missing.

use std::io::{self, Write};
use std::net::SocketAddr;

use firstlight_model::TcpFlags;

use super::{Case, STEP_US, Sheet, far, me, near, port};

pub(super) const CASES: &[Case] = &[
    Case { name: "half-open", anomalies: &["flow_limit"], stops: false, write: half_open },
    Case { name: "connect-again", anomalies: &["connections_added_up"], stops: false, write: connect_again },
    Case { name: "udp-flows", anomalies: &["flow_limit"], stops: false, write: udp_flows },
    Case { name: "udp-flows-v6", anomalies: &["flow_limit", "connection_limit"], stops: false, write: udp_flows_v6 },
    Case { name: "gap-in-one-flow", anomalies: &["tcp_out_of_order", "reorder_limit"], stops: false, write: one_gap },
    Case {
        name: "gap-in-many-flows",
        anomalies: &["reorder_limit", "tcp_lost_segment"],
        stops: false,
        write: many_gaps,
    },
    Case { name: "tiny-segments", anomalies: &["reorder_limit"], stops: false, write: tiny_segments },
    Case { name: "islands", anomalies: &["reorder_limit", "tcp_gap_limit"], stops: false, write: islands },
    Case { name: "overlaps", anomalies: &["tcp_overlap"], stops: false, write: overlaps },
    Case { name: "clock-jumps", anomalies: &["clock_backwards"], stops: false, write: clock_jumps },
];

/// Each SYN between two endpoints of its own.
fn half_open(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale {
        sheet.tcp(near(n), far(n, 443), n, TcpFlags::SYN, &[])?;
    }
    Ok(())
}

/// A SYN of another connection each time, between the same two hosts.
fn connect_again(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale {
        sheet.tcp(me(port(n)), far(1, 443), n, TcpFlags::SYN, &[])?;
    }
    Ok(())
}

fn udp_flows(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale {
        sheet.udp(near(n), far(n, 9000), b"hello")?;
    }
    Ok(())
}

/// From one machine to a million hosts and ports, so that nothing can be added up.
fn udp_flows_v6(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    let from: SocketAddr = "[2001:db8::10]:5000".parse().expect("an address");
    for n in 0..scale {
        let [a, b, c, d] = n.to_be_bytes();
        let host = [0x20, 1, 0x0d, 0xb8, 0, 1, a, b, c, d, 0, 0, 0, 0, 0, 1];
        sheet.udp(from, SocketAddr::from((host, port(n))), b"hello")?;
    }
    Ok(())
}

/// The first segment never comes, all others do.
fn one_gap(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    let (from, to) = (me(50_000), far(1, 80));
    sheet.handshake(from, to)?;
    for n in 0..scale / 4 {
        // Every other one is missing, so that each waits for one before it.
        sheet.tcp(from, to, 1001 + n * 2000, TcpFlags::ACK, &[b'x'; 1000])?;
    }
    Ok(())
}

fn many_gaps(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale / 10 {
        let (from, to) = (near(n), far(n, 80));
        sheet.tcp(from, to, 0, TcpFlags::SYN, &[])?;
        for part in 0..4 {
            sheet.tcp(from, to, 1001 + part * 1000, TcpFlags::ACK, &[b'x'; 900])?;
        }
    }
    Ok(())
}

/// One byte each, last first: what is kept of them is nearly all bookkeeping.
fn tiny_segments(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale / 80 {
        let (from, to) = (near(n), far(n, 80));
        sheet.tcp(from, to, 0, TcpFlags::SYN, &[])?;
        for part in (0..96).rev() {
            sheet.tcp(from, to, 2 + part * 2, TcpFlags::ACK, b"x")?;
        }
    }
    Ok(())
}

/// As many bytes with gaps between them as there are frames, in no order.
fn islands(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    let (from, to) = (me(50_000), far(1, 80));
    sheet.handshake(from, to)?;
    for n in 0..scale / 2 {
        let at = n.wrapping_mul(7_919) % (scale / 2);
        sheet.tcp(from, to, 10 + at * 4, TcpFlags::ACK, b"x")?;
    }
    Ok(())
}

/// The same place with other content each time.
fn overlaps(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    let (from, to) = (me(50_000), far(1, 80));
    sheet.handshake(from, to)?;
    for n in 0..scale / 4 {
        let [.., high, low] = n.to_be_bytes();
        let mut data = [low; 600];
        data[..1].copy_from_slice(&[high]);
        sheet.tcp(from, to, 2 + n % 700, TcpFlags::ACK, &data)?;
    }
    Ok(())
}

/// A year forth and back with every frame.
fn clock_jumps(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    const YEAR_US: u64 = 31_536_000_000_000;
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale {
        let away = u64::from(n % 7) * YEAR_US;
        sheet.time_us = super::START_US + u64::from(n) * STEP_US + away;
        sheet.udp(near(n % 5_000), far(n % 5_000, 9000), b"tick")?;
    }
    Ok(())
}
