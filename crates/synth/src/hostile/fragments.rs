//! Datagrams that are never whole (RFC 1858, RFC 8200 s. 4.5).

use std::io::{self, Write};
use std::net::IpAddr;

use firstlight_model::{EtherType, Transport};

use super::{Case, Sheet, far, near};
use crate::bytes::{Put, len_u16};
use crate::checksum;
use crate::ip::set_u16;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "one-datagram-without-end",
        anomalies: &["fragments_overlap", "fragment_limit", "fragments_incomplete"],
        stops: false,
        write: one_without_end,
    },
    Case {
        name: "datagrams-never-whole",
        anomalies: &["fragment_limit", "fragments_incomplete"],
        stops: false,
        write: never_whole,
    },
    Case {
        name: "datagrams-never-whole-v6",
        anomalies: &["fragment_limit", "fragments_incomplete"],
        stops: false,
        write: never_whole_v6,
    },
    Case {
        name: "tiny-fragments-last-first",
        anomalies: &["fragment_limit", "fragments_incomplete"],
        stops: false,
        write: tiny_last_first,
    },
    Case {
        name: "tiny-fragments-last-first-v6",
        anomalies: &["fragment_limit", "fragments_incomplete"],
        stops: false,
        write: tiny_last_first_v6,
    },
    Case { name: "fragments-overlap", anomalies: &["fragments_overlap"], stops: false, write: overlapping },
];

/// One fragment; `offset` in bytes.
fn fragment(sheet: &mut Sheet<'_>, n: u32, id: u32, offset: usize, more: bool, data: &[u8]) -> io::Result<()> {
    let (from, to) = (near(n).ip(), far(n, 0).ip());
    let (IpAddr::V4(from), IpAddr::V4(to)) = (from, to) else { return Ok(()) };
    let mut packet = vec![0x45, 0];
    packet.put_u16(len_u16(20 + data.len()));
    let [_, _, high, low] = id.to_be_bytes();
    packet.put(&[high, low]);
    packet.put_u16(if more { 0x2000 } else { 0 } | len_u16(offset / 8));
    packet.put(&[64, Transport::UDP.0, 0, 0]);
    packet.put(&from.octets());
    packet.put(&to.octets());
    let value = checksum::internet(&packet);
    set_u16(&mut packet, 10, value);
    packet.put(data);
    sheet.link(EtherType::IPV4, &packet)
}

/// Likewise for IPv6.
fn fragment_v6(sheet: &mut Sheet<'_>, n: u32, id: u32, offset: usize, more: bool, data: &[u8]) -> io::Result<()> {
    let mut packet = Vec::new();
    packet.put_u32(0x6000_0000);
    packet.put_u16(len_u16(8 + data.len()));
    packet.put(&[44, 64]);
    for side in [1, 2] {
        packet.put(&[0x20, 1, 0x0d, 0xb8, 0, side, 0, 0, 0, 0, 0, 0]);
        packet.put_u32(n);
    }
    packet.put(&[Transport::UDP.0, 0]);
    packet.put_u16(len_u16(offset) | u16::from(more));
    packet.put_u32(id);
    packet.put(data);
    sheet.link(EtherType::IPV6, &packet)
}

/// Fragments of one datagram for ever: at every offset but the first, again and again, with other content.
fn one_without_end(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale / 2 {
        let [.., low] = n.to_be_bytes();
        let offset = 8 + n.wrapping_mul(7_919) % 7_000 * 8;
        fragment(&mut sheet, 1, 1, offset as usize, true, &[low; 1000])?;
    }
    Ok(())
}

fn never_whole(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale {
        fragment(&mut sheet, n / 60_000, n, 0, true, &[0; 64])?;
    }
    Ok(())
}

fn never_whole_v6(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale {
        fragment_v6(&mut sheet, n, n, 8, true, &[0; 8])?;
    }
    Ok(())
}

/// 8,190 fragments of eight bytes for each datagram, from the last to the second.
fn tiny_last_first(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for id in 0..(scale / 8_190).max(1) {
        for at in (1..8_190).rev() {
            fragment(&mut sheet, 1, id, at * 8, at < 8_189, &[1; 8])?;
        }
    }
    Ok(())
}

fn tiny_last_first_v6(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for id in 0..(scale / 8_190).max(1) {
        for at in (1..8_190).rev() {
            fragment_v6(&mut sheet, 1, id, at * 8, at < 8_189, &[1; 8])?;
        }
    }
    Ok(())
}

/// Sixteen fragments each, each over half of the one before, last first, with other content.
fn overlapping(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for id in 0..scale / 40 {
        for at in (0..16_u8).rev() {
            fragment(&mut sheet, 1, id, usize::from(at) * 8, at < 15, &[at; 16])?;
        }
    }
    Ok(())
}
