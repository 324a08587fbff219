//! The options of a segment as tcpdump writes them: `options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7]`.
//!
//! tcpdump takes the data of an option whose length the standard fixes from its place, whatever the option's length
//! says, and remarks on the difference (`[len 2]`); so does this. Left out: nothing that tcpdump writes.

use std::fmt::Write as _;

use firstlight_model::{Tcp, TcpFlags};

use super::{Release, mptcp};

/// The most bytes of options that the data offset can say (RFC 9293 s. 3.1).
pub(super) const LARGEST: usize = 40;

/// Option kinds of IANA's registry that tcpdump knows.
mod kind {
    pub(super) const EOL: u8 = 0;
    pub(super) const NOP: u8 = 1;
    pub(super) const MSS: u8 = 2;
    pub(super) const WINDOW_SCALE: u8 = 3;
    pub(super) const SACK_PERMITTED: u8 = 4;
    pub(super) const SACK: u8 = 5;
    pub(super) const ECHO: u8 = 6;
    pub(super) const ECHO_REPLY: u8 = 7;
    pub(super) const TIMESTAMPS: u8 = 8;
    pub(super) const CC: u8 = 11;
    pub(super) const CC_NEW: u8 = 12;
    pub(super) const CC_ECHO: u8 = 13;
    pub(super) const MD5: u8 = 19;
    pub(super) const SCPS: u8 = 20;
    pub(super) const USER_TIMEOUT: u8 = 28;
    pub(super) const TCP_AO: u8 = 29;
    pub(super) const MPTCP: u8 = 30;
    pub(super) const FAST_OPEN: u8 = 34;
    pub(super) const EXPERIMENT: u8 = 254;
}

/// The experiment identifier of TCP Fast Open before it had a kind of its own (RFC 6994; IANA, "TCP ExIDs").
const FAST_OPEN_EXPERIMENT: u16 = 0xf989;

/// Why the text of the options ended before they did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Lengths contradict each other.
    Bad,
    /// The capture cut what was to be written next.
    Cut,
    /// The same, in a place where 4.99 looks before it reads, and closes the list.
    CutAhead,
}

/// What is left of the options.
pub(super) struct Cursor<'a> {
    /// The bytes from here on that were captured of the options.
    bytes: &'a [u8],
    /// The bytes from here on to the end of the options by the data offset.
    left: usize,
    /// The first byte of the payload, which tcpdump takes for a length when the options end in a kind.
    behind: Option<u8>,
    release: Release,
}

impl<'a> Cursor<'a> {
    /// Takes one byte; the one behind the options if there are none left.
    fn take(&mut self) -> Result<u8, Stop> {
        match self.bytes.split_first() {
            Some((first, rest)) => {
                self.bytes = rest;
                self.left = self.left.saturating_sub(1);
                Ok(*first)
            }
            None if self.left == 0 => self.behind.ok_or(Stop::Cut),
            None => Err(Stop::Cut),
        }
    }

    /// Makes sure that `len` bytes are left, and with 4.99 that they were captured.
    fn expect(&self, len: usize) -> Result<(), Stop> {
        if len > self.left {
            return Err(Stop::Bad);
        }
        if self.release == Release::V4_99 && len > self.bytes.len() {
            return Err(Stop::CutAhead);
        }
        Ok(())
    }

    /// The `len` bytes that come next, without taking them.
    fn peek(&self, len: usize) -> Result<&'a [u8], Stop> {
        self.expect(len)?;
        self.bytes.get(..len).ok_or(Stop::Cut)
    }

    /// The big-endian number of `len` bytes (at most 4) that stands `at` bytes ahead.
    fn number(&self, at: usize, len: usize) -> Result<u32, Stop> {
        self.expect(at + len)?;
        let bytes = self.bytes.get(at..at + len).ok_or(Stop::Cut)?;
        Ok(bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
    }

    fn skip(&mut self, len: usize) {
        self.bytes = self.bytes.get(len..).unwrap_or(&[]);
        self.left = self.left.saturating_sub(len);
    }
}

/// Writes `, options […]`; false when tcpdump stops there and says no length.
pub(super) fn write(out: &mut String, tcp: &Tcp<'_>, options_len: usize, release: Release) -> bool {
    let mut cursor = Cursor { bytes: tcp.options, left: options_len, behind: tcp.payload.first().copied(), release };
    let mut list = List { tcp, first: true, mptcp_seen: false };
    out.push_str(", options [");
    let stop = match list.write(out, &mut cursor) {
        Ok(()) => {
            out.push(']');
            return true;
        }
        Err(stop) => stop,
    };
    // tcpdump names the part that it was in; behind an MPTCP option that is still MPTCP.
    let part = if list.mptcp_seen { "mptcp" } else { "tcp" };
    let close = if list.first { "" } else { "]" };
    let _ = match stop {
        Stop::Bad => write!(out, "[bad opt]{close}"),
        Stop::CutAhead if !list.first => write!(out, " [|{part}]>"),
        Stop::Cut | Stop::CutAhead => write!(out, " [|{part}]"),
    };
    false
}

/// The list of options as far as it was written.
struct List<'a> {
    tcp: &'a Tcp<'a>,
    first: bool,
    mptcp_seen: bool,
}

impl List<'_> {
    fn write(&mut self, out: &mut String, cursor: &mut Cursor<'_>) -> Result<(), Stop> {
        while cursor.left > 0 {
            if !self.first {
                out.push(',');
            }
            let whole = cursor.left;
            let kind = cursor.take()?;
            let (header_len, len) = if kind == kind::EOL || kind == kind::NOP {
                (1, 1)
            } else {
                let len = usize::from(cursor.take()?);
                if len < 2 || len > whole {
                    return Err(Stop::Bad);
                }
                (2, len)
            };
            match name(kind, cursor.release) {
                Some(name) => out.push_str(name),
                None => {
                    let _ = write!(out, "unknown-{kind}");
                }
            }
            let data_len = self.write_data(out, cursor, kind, len - header_len)?;
            cursor.skip(data_len);
            if header_len + data_len != len {
                let _ = write!(out, "[len {len}]");
            }
            self.first = false;
            if kind == kind::EOL {
                break;
            }
        }
        Ok(())
    }

    /// Writes an option's data, of `len` bytes by its own length, and says how many bytes tcpdump takes for it.
    fn write_data(&mut self, out: &mut String, cursor: &Cursor<'_>, kind: u8, len: usize) -> Result<usize, Stop> {
        match kind {
            kind::EOL | kind::NOP | kind::SACK_PERMITTED => return Ok(0),
            kind::MSS => {
                let _ = write!(out, " {}", cursor.number(0, 2)?);
                return Ok(2);
            }
            kind::WINDOW_SCALE => {
                let _ = write!(out, " {}", cursor.number(0, 1)?);
                return Ok(1);
            }
            kind::ECHO | kind::ECHO_REPLY | kind::CC | kind::CC_NEW | kind::CC_ECHO => {
                let _ = write!(out, " {}", cursor.number(0, 4)?);
                return Ok(4);
            }
            kind::TIMESTAMPS => {
                cursor.expect(8)?;
                let _ = write!(out, " val {} ecr {}", cursor.number(0, 4)?, cursor.number(4, 4)?);
                return Ok(8);
            }
            kind::MD5 => {
                self.write_md5(out, cursor)?;
                return Ok(16);
            }
            kind::SCPS => {
                cursor.expect(2)?;
                let _ = write!(out, " cap {:02x} id {}", cursor.number(0, 1)?, cursor.number(1, 1)?);
                return Ok(2);
            }
            kind::USER_TIMEOUT => {
                // RFC 5482 s. 3.1 has the granularity (minutes or seconds) in the highest bit; tcpdump reads the lowest.
                let value = cursor.number(0, 2)?;
                let seconds = (value >> 1) * if value & 1 == 0 { 1 } else { 60 };
                let _ = write!(out, " 0x{value:x} {seconds}");
                return Ok(2);
            }
            kind::SACK => write_sack(out, cursor, len, self.first_expected())?,
            kind::TCP_AO => write_tcp_ao(out, cursor, len)?,
            kind::MPTCP => {
                let data = cursor.peek(len)?;
                self.mptcp_seen = true;
                mptcp::write(out, data, self.tcp.flags, cursor.release)?;
            }
            kind::FAST_OPEN => {
                let cookie = cursor.peek(len)?;
                out.push(' ');
                write_fast_open(out, cookie);
            }
            kind::EXPERIMENT => write_experiment(out, cursor, len)?,
            _ => {
                if len > 0 {
                    out.push_str(" 0x");
                }
                write_hex(out, cursor, 0, len)?;
            }
        }
        Ok(len)
    }

    /// What tcpdump counts the edges of blocks from: a SYN+ACK tells it the first sequence number of the other side,
    /// which is the acknowledgment number less one.
    fn first_expected(&self) -> u32 {
        let is_syn_ack = self.tcp.flags.has(TcpFlags::SYN) && self.tcp.flags.has(TcpFlags::ACK);
        if is_syn_ack { self.tcp.acknowledgment.wrapping_sub(1) } else { 0 }
    }

    fn write_md5(&self, out: &mut String, cursor: &Cursor<'_>) -> Result<(), Stop> {
        cursor.expect(16)?;
        out.push(' ');
        let payload_cut = (self.tcp.payload.len() as u64) < u64::from(self.tcp.payload_len);
        out.push_str(if self.tcp.options_cut || payload_cut {
            "snaplen too short, "
        } else {
            "shared secret not supplied with -M, "
        });
        out.push_str("can't check - ");
        write_hex(out, cursor, 0, 16)
    }
}

fn name(kind: u8, release: Release) -> Option<&'static str> {
    Some(match kind {
        kind::EOL => "eol",
        kind::NOP => "nop",
        kind::MSS => "mss",
        kind::WINDOW_SCALE => "wscale",
        kind::SACK_PERMITTED => "sackOK",
        kind::SACK => "sack",
        kind::ECHO => "echo",
        kind::ECHO_REPLY => "echoreply",
        kind::TIMESTAMPS => "TS",
        kind::CC => "cc",
        kind::CC_NEW => "ccnew",
        kind::CC_ECHO if release == Release::V4_99 => "",
        kind::CC_ECHO => "ccecho",
        kind::MD5 => "md5",
        kind::SCPS => "scps",
        kind::USER_TIMEOUT => "uto",
        kind::TCP_AO => "tcp-ao",
        kind::MPTCP => "mptcp",
        kind::FAST_OPEN => "tfo",
        kind::EXPERIMENT => "exp",
        _ => return None,
    })
}

/// Blocks of sequence numbers that arrived (RFC 2018 s. 3), counted from `base`.
fn write_sack(out: &mut String, cursor: &Cursor<'_>, len: usize, base: u32) -> Result<(), Stop> {
    if !len.is_multiple_of(8) {
        out.push_str(" invalid sack");
        return Ok(());
    }
    let _ = write!(out, " {} ", len / 8);
    for at in (0..len).step_by(8) {
        let start = cursor.number(at, 4)?.wrapping_sub(base);
        let end = cursor.number(at + 4, 4)?.wrapping_sub(base);
        let _ = write!(out, "{{{start}:{end}}}");
    }
    Ok(())
}

/// Key numbers and authentication code (RFC 5925 s. 2.2).
fn write_tcp_ao(out: &mut String, cursor: &Cursor<'_>, len: usize) -> Result<(), Stop> {
    if len < 2 {
        out.push_str(" (invalid)");
        return Ok(());
    }
    let _ = write!(out, " keyid {}", cursor.number(0, 1)?);
    let _ = write!(out, " rnextkeyid {}", cursor.number(1, 1)?);
    if len > 2 {
        out.push_str(" mac 0x");
    }
    write_hex(out, cursor, 2, len)
}

/// An experiment with its identifier (RFC 6994), of which tcpdump reads Fast Open.
fn write_experiment(out: &mut String, cursor: &Cursor<'_>, len: usize) -> Result<(), Stop> {
    let [high, low, cookie @ ..] = cursor.peek(len)? else { return Err(Stop::Bad) };
    let id = u16::from_be_bytes([*high, *low]);
    if id == FAST_OPEN_EXPERIMENT {
        out.push_str("-tfo");
        write_fast_open(out, cookie);
    } else {
        let _ = write!(out, "-{id:04x}");
    }
    Ok(())
}

/// A request for a cookie or a cookie (RFC 7413 s. 4.1.1).
fn write_fast_open(out: &mut String, cookie: &[u8]) {
    match cookie.len() {
        0 => out.push_str(" cookiereq"),
        4 | 6 | 8 | 10 | 12 | 14 | 16 => {
            out.push_str(" cookie ");
            for byte in cookie {
                let _ = write!(out, "{byte:02x}");
            }
        }
        _ => out.push_str(" (invalid)"),
    }
}

/// Writes the bytes from `from` to `to`, as far as they are there.
fn write_hex(out: &mut String, cursor: &Cursor<'_>, from: usize, to: usize) -> Result<(), Stop> {
    for at in from..to {
        let _ = write!(out, "{:02x}", cursor.number(at, 1)?);
    }
    Ok(())
}
