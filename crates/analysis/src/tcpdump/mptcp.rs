//! The MPTCP option (RFC 6824, RFC 8684 s. 3) as tcpdump writes it: `mptcp 12 capable v1 {0x73bb150358a0aecb}`.
//!
//! ```text
//! +---------------+---------------+-------+-----------------------+
//! |    Kind 30    |    Length     |Subtype|    by subtype …       |
//! +---------------+---------------+-------+-----------------------+
//! ```
//!
//! Numbers of bytes below are those of the data, without kind and length. Left out: what tcpdump leaves out.
//! Checksums and authentication codes are shown, never verified.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use firstlight_model::TcpFlags;

use super::Release;
use super::options::Stop;

/// Writes an option's data behind its name.
///
/// # Errors
/// [`Stop::Bad`] where length, subtype and the segment's flags do not go together.
pub(super) fn write(out: &mut String, data: &[u8], flags: TcpFlags, release: Release) -> Result<(), Stop> {
    let Some(subtype) = data.first().map(|byte| byte >> 4) else { return Err(Stop::Bad) };
    let option_len = data.len() + 2;
    let mut line = Line { out, data, flags, release };
    let _ = write!(line.out, " {option_len} ");
    match subtype {
        0 => line.capable(),
        1 => line.join(),
        2 => line.data_sequence(),
        3 => line.add_address(),
        4 => line.remove_address(),
        5 => line.priority(),
        6 => line.number("fail", " seq "),
        7 => line.number("fast-close", " key 0x"),
        8 if release == Release::V5 => line.reset(),
        _ => {
            line.out.push_str("unknown");
            Some(())
        }
    }
    .ok_or(Stop::Bad)
}

/// An option being written. The methods give `None` where tcpdump finds the option bad, having written what stood
/// before that.
struct Line<'a> {
    out: &'a mut String,
    data: &'a [u8],
    flags: TcpFlags,
    release: Release,
}

impl Line<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.data.get(at).copied()
    }

    /// MP_CAPABLE: version, flags, keys (RFC 8684 s. 3.1).
    fn capable(&mut self) -> Option<()> {
        self.out.push_str("capable");
        let on_syn = matches!(self.data.len(), 2 | 10) && self.flags.has(TcpFlags::SYN);
        let known = match self.release {
            Release::V4_99 => matches!(self.data.len(), 18 | 20),
            Release::V5 => matches!(self.data.len(), 18 | 20 | 22),
        };
        let on_ack = known && self.flags.has(TcpFlags::ACK) && !self.flags.has(TcpFlags::SYN);
        if !on_syn && !on_ack {
            return None;
        }
        let version = self.byte(0)? & 0x0f;
        if version > 1 {
            let _ = write!(self.out, " Unknown Version ({version})");
            return Some(());
        }
        let _ = write!(self.out, " v{version}");
        let flags = self.byte(1)?;
        if self.release == Release::V5 {
            let _ = write!(self.out, " flags [{}]", signs(flags, "ABCDEFGH"));
        }
        let checksum = flags & 0x80 != 0;
        if checksum {
            self.out.push_str(" csum");
        }
        if self.data.len() >= 10 {
            let _ = write!(self.out, " {{0x{:x}", u64_at(self.data, 2)?);
            if self.data.len() >= 18 {
                let _ = write!(self.out, ",0x{:x}", u64_at(self.data, 10)?);
            }
            let with_length = (self.data.len() == 20 && !checksum) || self.data.len() == 22;
            if self.release == Release::V5 && with_length {
                let _ = write!(self.out, ",data_len={}", u16_at(self.data, 18)?);
            }
            self.out.push('}');
        }
        Some(())
    }

    /// MP_JOIN: another subflow, its token, nonce and authentication code (RFC 8684 s. 3.2).
    fn join(&mut self) -> Option<()> {
        self.out.push_str("join");
        let fits = match self.data.len() {
            10 => self.flags.has(TcpFlags::SYN),
            14 => self.flags.has(TcpFlags::SYN | TcpFlags::ACK),
            22 => self.flags.has(TcpFlags::ACK),
            _ => false,
        };
        if !fits {
            return None;
        }
        if self.data.len() == 22 {
            self.out.push_str(" hmac 0x");
            for byte in self.data.get(2..)? {
                let _ = write!(self.out, "{byte:02x}");
            }
            return Some(());
        }
        if self.byte(0)? & 1 != 0 {
            self.out.push_str(" backup");
        }
        let _ = write!(self.out, " id {}", self.byte(1)?);
        if self.data.len() == 10 {
            let _ = write!(self.out, " token 0x{:x} nonce 0x{:x}", u32_at(self.data, 2)?, u32_at(self.data, 6)?);
        } else {
            let _ = write!(self.out, " hmac 0x{:x} nonce 0x{:x}", u64_at(self.data, 2)?, u32_at(self.data, 10)?);
        }
        Some(())
    }

    /// DSS: data acknowledgment and mapping (RFC 8684 s. 3.3).
    fn data_sequence(&mut self) -> Option<()> {
        self.out.push_str("dss");
        if self.flags.has(TcpFlags::SYN) {
            return None;
        }
        let flags = self.byte(1)?;
        if flags & 0x10 != 0 {
            self.out.push_str(" fin");
        }
        let mut at = 2;
        if flags & 0x01 != 0 {
            self.out.push_str(" ack ");
            at = self.sequence(at, flags & 0x02 != 0)?;
        }
        if flags & 0x04 != 0 {
            self.out.push_str(" seq ");
            at = self.sequence(at, flags & 0x08 != 0)?;
            let _ = write!(self.out, " subseq {}", u32_at(self.data, at)?);
            let _ = write!(self.out, " len {}", u16_at(self.data, at + 4)?);
            at += 6;
            if let Some(checksum) = u16_at(self.data, at) {
                let _ = write!(self.out, " csum 0x{checksum:x}");
                at += 2;
            }
        }
        (at == self.data.len()).then_some(())
    }

    /// Writes the data sequence number at `at`, of eight bytes if `long`, and gives where it ends.
    fn sequence(&mut self, at: usize, long: bool) -> Option<usize> {
        let (number, end) =
            if long { (u64_at(self.data, at)?, at + 8) } else { (u32_at(self.data, at)?.into(), at + 4) };
        let _ = write!(self.out, "{number}");
        Some(end)
    }

    /// ADD_ADDR: another address, its port and authentication code (RFC 8684 s. 3.4.1; RFC 6824 has the IP version
    /// where RFC 8684 has the echo bit).
    fn add_address(&mut self) -> Option<()> {
        self.out.push_str("add-addr");
        let (six, port, code) = match self.data.len() {
            6 => (false, false, false),
            8 => (false, true, false),
            14 => (false, false, true),
            16 => (false, true, true),
            18 => (true, false, false),
            20 => (true, true, false),
            26 => (true, false, true),
            28 => (true, true, true),
            _ => return None,
        };
        self.out.push_str(match self.byte(0)? & 0x0f {
            0x6 => " v0-ip6",
            0x4 => " v0-ip4",
            0x1 => " v1-echo",
            0x0 => " v1",
            _ => " [bad version/echo]",
        });
        let _ = write!(self.out, " id {}", self.byte(1)?);
        let mut at = if six {
            let address = <[u8; 16]>::try_from(self.data.get(2..18)?).ok()?;
            let _ = write!(self.out, " {}", ipv6(Ipv6Addr::from(address)));
            18
        } else {
            let _ = write!(self.out, " {}", Ipv4Addr::from(u32_at(self.data, 2)?));
            6
        };
        if port {
            let _ = write!(self.out, ":{}", u16_at(self.data, at)?);
            at += 2;
        }
        if code {
            let _ = write!(self.out, " hmac 0x{:x}", u64_at(self.data, at)?);
        }
        Some(())
    }

    /// REMOVE_ADDR: numbers of addresses (RFC 8684 s. 3.4.2).
    fn remove_address(&mut self) -> Option<()> {
        self.out.push_str("rem-addr");
        let (_, ids) = self.data.split_first().filter(|(_, ids)| !ids.is_empty())?;
        self.out.push_str(" id");
        for id in ids {
            let _ = write!(self.out, " {id}");
        }
        Some(())
    }

    /// MP_PRIO: whether a path is a backup (RFC 8684 s. 3.3.8).
    fn priority(&mut self) -> Option<()> {
        self.out.push_str("prio");
        if self.data.len() > 2 {
            return None;
        }
        self.out.push_str(if self.byte(0)? & 1 != 0 { " backup" } else { " non-backup" });
        if let Some(id) = self.byte(1) {
            let _ = write!(self.out, " id {id}");
        }
        Some(())
    }

    /// MP_FAIL and MP_FASTCLOSE: one number of eight bytes, decimal or, where the label ends in `0x`, hexadecimal.
    fn number(&mut self, name: &str, label: &str) -> Option<()> {
        self.out.push_str(name);
        if self.data.len() != 10 {
            return None;
        }
        let number = u64_at(self.data, 2)?;
        let _ = if label.ends_with('x') {
            write!(self.out, "{label}{number:x}")
        } else {
            write!(self.out, "{label}{number}")
        };
        Some(())
    }

    /// MP_TCPRST: flags and reason (RFC 8684 s. 3.6).
    fn reset(&mut self) -> Option<()> {
        self.out.push_str("tcprst");
        let [first, reason] = self.data else { return None };
        let _ = write!(self.out, " flags [{}] reason ", signs(first << 4, "UVWT"));
        let _ = match reason {
            0 => write!(self.out, "Unspecified error"),
            1 => write!(self.out, "MPTCP-specific error"),
            2 => write!(self.out, "Lack of resources"),
            3 => write!(self.out, "Administratively prohibited"),
            4 => write!(self.out, "Too much outstanding data"),
            5 => write!(self.out, "Unacceptable performance"),
            6 => write!(self.out, "Middlebox interference"),
            other => write!(self.out, "unknown (0x{other:02x})"),
        };
        Some(())
    }
}

/// One sign for each bit that is set, from the highest on; `none` for none.
fn signs(bits: u8, names: &str) -> String {
    let set: String =
        names.chars().enumerate().filter(|(at, _)| bits & (0x80 >> at) != 0).map(|(_, sign)| sign).collect();
    if set.is_empty() { "none".to_owned() } else { set }
}

/// An address as tcpdump writes it: like `Ipv6Addr`, but with dots in IPv4-compatible addresses too (RFC 4291
/// s. 2.5.5.1).
fn ipv6(address: Ipv6Addr) -> String {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => {
            format!("::{}", Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
        }
        _ => address.to_string(),
    }
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes)
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

fn u64_at(data: &[u8], at: usize) -> Option<u64> {
    data.get(at..at + 8)?.try_into().ok().map(u64::from_be_bytes)
}
