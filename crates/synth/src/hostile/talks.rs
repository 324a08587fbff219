//! Messages that never end, in very many conversations.

use std::io::{self, Write};
use std::net::SocketAddr;

use firstlight_model::TcpFlags;

use super::{Case, Sheet, far, near};
use crate::bytes::{Put, len_u16};
use crate::http::{Request, Response};

pub(super) const CASES: &[Case] = &[
    Case { name: "http-heads", anomalies: &["session_limit"], stops: false, write: http_heads },
    Case { name: "http-responses", anomalies: &["session_limit"], stops: false, write: http_responses },
    Case { name: "http-header-flood", anomalies: &["http.limit"], stops: false, write: http_header_flood },
    Case { name: "http-requests", anomalies: &["http.limit"], stops: false, write: http_requests },
    Case { name: "tls-hellos", anomalies: &["session_limit"], stops: false, write: tls_hellos },
    Case { name: "dns-over-tcp", anomalies: &["session_limit"], stops: false, write: dns_over_tcp },
    Case { name: "smtp-lines", anomalies: &[], stops: false, write: smtp_lines },
    Case { name: "dtls-fragments", anomalies: &["session_limit"], stops: false, write: dtls_fragments },
    Case { name: "undecided", anomalies: &["flow_limit"], stops: false, write: undecided },
];

/// How much of a message comes.
const LEN: usize = 60_000;

/// As many conversations as say `LEN` bytes each in 400 MB at full size.
fn talks(out: &mut dyn Write, scale: u32, port: u16, data: &[u8]) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale / 140 {
        let (from, to) = (near(n), far(n, port));
        sheet.handshake(from, to)?;
        sheet.stream(from, to, data)?;
    }
    Ok(())
}

/// Heads that go on for 60 kB and have no end.
fn http_heads(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut head = b"GET / HTTP/1.1\r\nHost: www.example.com\r\n".to_vec();
    for n in 0.. {
        head.put(format!("X-Header-{n}: a value that goes on and on\r\n").as_bytes());
        if head.len() > LEN {
            break;
        }
    }
    talks(out, scale, 80, &head)
}

/// Likewise of the other side.
fn http_responses(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    while head.len() < LEN {
        head.put(b"Set-Cookie: a=b\r\n");
    }
    for n in 0..scale / 140 {
        let (from, to) = (near(n), far(n, 80));
        sheet.handshake(from, to)?;
        let request = Request::get("www.example.com", "/").to_bytes();
        sheet.stream(from, to, &request)?;
        sheet.stream(to, from, &head)?;
    }
    Ok(())
}

/// One connection with heads of a megabyte.
fn http_header_flood(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    let mut head = b"GET / HTTP/1.1\r\nHost: www.example.com\r\n".to_vec();
    while head.len() < 1_000_000 {
        head.put(b"A:\r\n");
    }
    head.put(b"\r\n");
    for n in 0..(scale / 10_000).max(1) {
        let (from, to) = (near(n), far(1, 80));
        sheet.handshake(from, to)?;
        sheet.stream(from, to, &head)?;
        sheet.stream(to, from, &Response::ok("text/plain", b"ok").to_bytes())?;
    }
    Ok(())
}

/// Requests without answers on one connection.
fn http_requests(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    let request = Request::get("www.example.com", "/").to_bytes().repeat(40);
    for n in 0..scale / 4_000 {
        let (from, to) = (near(n), far(n, 80));
        sheet.handshake(from, to)?;
        sheet.stream(from, to, &request.repeat(10))?;
    }
    Ok(())
}

/// Hellos of 60 kB in records of which the last never comes.
fn tls_hellos(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut message = vec![1, 0, 0xff, 0, 3, 3];
    message.resize(LEN, 0);
    let mut records = Vec::new();
    for part in message.chunks(16_384) {
        records.put(&[22, 3, 1]);
        records.put_u16(len_u16(part.len()));
        records.put(part);
    }
    talks(out, scale, 443, &records)
}

fn dns_over_tcp(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut message = vec![0xff, 0xff];
    message.put(&crate::dns::Message::query(1, "www.example.com", 1).to_bytes());
    message.resize(LEN, 0);
    talks(out, scale, 53, &message)
}

/// Lines without an end.
fn smtp_lines(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    let mut line = b"EHLO ".to_vec();
    line.resize(LEN, b'a');
    for n in 0..scale / 140 {
        let (from, to) = (near(n), far(n, 25));
        sheet.handshake(from, to)?;
        sheet.stream(to, from, b"220 mail.example ESMTP\r\n")?;
        sheet.stream(from, to, &line)?;
    }
    Ok(())
}

/// Fragments of handshake messages whose first byte never comes (RFC 6347 s. 4.2.3).
fn dtls_fragments(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale / 140 {
        let (from, to): (SocketAddr, SocketAddr) = (near(n), far(n, 4433));
        for part in 1..44_u8 {
            let mut record = vec![22, 254, 253, 0, 0, 0, 0, 0, 0, 0, part];
            record.block_u16(|body| {
                body.put(&[1, 0, 0xf0, 0, 0, 0]);
                body.put_u24(u32::from(part) * 1300);
                body.put_u24(1300);
                body.put(&[part; 1300]);
            });
            sheet.udp(from, to, &record)?;
        }
    }
    Ok(())
}

/// First bytes that may be of many protocols: they are kept until more comes, which it never does.
fn undecided(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale / 2 {
        let (from, to) = (near(n), far(n, 8080));
        sheet.tcp(from, to, 0, TcpFlags::SYN, &[])?;
        sheet.tcp(from, to, 1, TcpFlags::ACK, b"G")?;
    }
    Ok(())
}
