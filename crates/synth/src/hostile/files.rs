//! Files that claim or hold more than they seem to.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Case, START_US, far, me};
use crate::bytes::len_u32;
use crate::ip::Header;

pub(super) const CASES: &[Case] = &[
    Case { name: "gzip-bomb", anomalies: &[], stops: true, write: gzip_bomb },
    Case { name: "zstd-bomb", anomalies: &[], stops: true, write: zstd_bomb },
    Case { name: "pcapng-interfaces", anomalies: &[], stops: true, write: interfaces },
    Case { name: "pcapng-options", anomalies: &[], stops: false, write: options },
    Case { name: "pcapng-comments", anomalies: &["comment_limit"], stops: false, write: comments },
    Case { name: "pcapng-giant-block", anomalies: &[], stops: true, write: giant_block },
];

/// A capture that expands to so many bytes of empty frames at full size.
const BOMB_LEN: u64 = 4 << 30;

fn bomb(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    out.write_all(&super::pcap_header())?;
    let zeros = vec![0; 1 << 16];
    for _ in 0..BOMB_LEN / 65_536 * u64::from(scale) / u64::from(super::FULL) {
        out.write_all(&zeros)?;
    }
    Ok(())
}

fn gzip_bomb(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut encoder = GzEncoder::new(out, Compression::fast());
    bomb(&mut encoder, scale)?;
    encoder.finish().map(|_| ())
}

fn zstd_bomb(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut encoder = zstd::stream::write::Encoder::new(out, 1)?;
    bomb(&mut encoder, scale)?;
    encoder.finish().map(|_| ())
}

fn block(out: &mut dyn Write, kind: u32, body: &[u8]) -> io::Result<()> {
    let len = len_u32(body.len() + 12).to_le_bytes();
    out.write_all(&kind.to_le_bytes())?;
    out.write_all(&len)?;
    out.write_all(body)?;
    out.write_all(&len)
}

fn section(out: &mut dyn Write) -> io::Result<()> {
    let mut body = 0x1a2b_3c4d_u32.to_le_bytes().to_vec();
    body.extend_from_slice(&[1, 0, 0, 0]);
    body.extend_from_slice(&[0xff; 8]);
    block(out, 0x0a0d_0d0a, &body)
}

fn interface(out: &mut dyn Write) -> io::Result<()> {
    block(out, 1, &[1, 0, 0, 0, 0, 0, 4, 0])
}

/// One option; a value of at most 65,532 bytes that is a multiple of four.
fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    body.extend_from_slice(&code.to_le_bytes());
    body.extend_from_slice(&crate::bytes::len_u16(value.len()).to_le_bytes());
    body.extend_from_slice(value);
}

fn frame(out: &mut dyn Write, n: u32, options: &[u8]) -> io::Result<()> {
    let payload = super::datagram(me(1000), far(1, 2000), b"hello world!");
    let packet =
        Header::new(me(0).ip(), far(1, 0).ip(), firstlight_model::Transport::UDP).packets(&payload, None).concat();
    let mut data = [&super::ROUTER.0[..], &super::MAC.0, &[8, 0]].concat();
    data.extend_from_slice(&packet);
    let time = START_US + u64::from(n);
    let mut body = Vec::new();
    let [high, low] = [time >> 32, time & 0xffff_ffff].map(|word| u32::try_from(word).expect("32 bits"));
    for word in [0, high, low, len_u32(data.len()), len_u32(data.len())] {
        body.extend_from_slice(&word.to_le_bytes());
    }
    data.resize(data.len().next_multiple_of(4), 0);
    body.extend_from_slice(&data);
    body.extend_from_slice(options);
    block(out, 6, &body)
}

/// A frame, and then interfaces without end.
fn interfaces(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    section(out)?;
    interface(out)?;
    frame(out, 0, &[])?;
    for _ in 0..scale.max(70_000) {
        interface(out)?;
    }
    frame(out, 1, &[])
}

/// Options that claim more than their block holds, and very many empty ones.
fn options(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    section(out)?;
    interface(out)?;
    for n in 0..scale / 100 {
        let mut bytes = Vec::new();
        for _ in 0..2_000 {
            option(&mut bytes, 2988, &[]);
        }
        bytes.extend_from_slice(&[1, 0, 0xff, 0xff, b'h', b'i', 0, 0]);
        frame(out, n, &bytes)?;
    }
    Ok(())
}

/// A comment of 60 kB on every frame.
fn comments(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    section(out)?;
    interface(out)?;
    let mut bytes = Vec::new();
    option(&mut bytes, 1, &[b'c'; 60_000]);
    option(&mut bytes, 0, &[]);
    for n in 0..scale / 250 {
        frame(out, n, &bytes)?;
    }
    Ok(())
}

/// A block that claims nearly 4 GiB.
fn giant_block(out: &mut dyn Write, _scale: u32) -> io::Result<()> {
    section(out)?;
    interface(out)?;
    frame(out, 0, &[])?;
    out.write_all(&6_u32.to_le_bytes())?;
    out.write_all(&0xffff_fff0_u32.to_le_bytes())?;
    out.write_all(&[0; 4096])
}
