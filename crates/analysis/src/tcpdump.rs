//! A TCP segment in tcpdump's notation, letter for letter.
//!
//! ```text
//! Flags [SEW], seq 4259408247, win 65535, options [mss 1460,nop,wscale 6,…,sackOK,eol], length 0
//! ```
//!
//! From `Flags [` to the end of `length N`, with absolute sequence numbers, as tcpdump writes a SYN (and every segment
//! with `-S`); blocks in a SYN+ACK count from the number that it acknowledges less one, as without `-S`. The reference is tcpdump 4.99.3 without `-v`, compared with its own output; what the coming release 5
//! writes otherwise, as in the outputs of tcpdump's own test suite, is [`Release::V5`]. Option kinds are those of IANA's
//! registry "TCP Option Kind Numbers".
//!
//! Left out: what tcpdump adds behind `length N` for some ports (`: HTTP: GET …`), relative sequence numbers, the
//! check sum of `-v`, and the check of an MD5 signature, for which tcpdump wants the shared secret.

use std::fmt::Write as _;

use firstlight_model::{Packet, Segment, Tcp, TcpFlags};

mod mptcp;
mod options;

/// Length of a header without options, in bytes (RFC 9293 s. 3.1).
const HEADER_LEN: u32 = 20;

/// Whose notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Release {
    /// tcpdump 4.99, as 4.99.3 writes it: no sign for AE, and nothing but its number for the option CC.ECHO (which is
    /// `ccecho` from 4.99.5 on).
    #[default]
    V4_99,
    /// The development of tcpdump 5 in 2026: AE is `e`, MPTCP's MP_CAPABLE shows its flags, MP_TCPRST is known.
    V5,
}

/// What tcpdump 4.99 writes for a segment, from `Flags [` to the end of `length N`.
///
/// A segment whose data offset is wrong is written as if it had no options (see [`packet_text`]).
pub fn text(tcp: &Tcp<'_>) -> String {
    text_as(tcp, Release::V4_99)
}

/// What a release of tcpdump writes for a segment, from `Flags [` to the end of `length N`.
///
/// It ends early where tcpdump's does: with `[bad opt]`, or with `[|tcp]` where the capture cut the options.
pub fn text_as(tcp: &Tcp<'_>, release: Release) -> String {
    let options_len = if tcp.options_cut { options::LARGEST } else { tcp.options.len() };
    write_segment(tcp, options_len, release)
}

/// What a release of tcpdump writes for the segment of a packet; `None` when there is none.
///
/// Unlike [`text_as`] it sees the data offset, and so says `tcp 4 [bad hdr length 16 - too short, < 20]` and
/// `Flags [S] [bad hdr length 40 - too long, > 30]` where tcpdump does.
pub fn packet_text(packet: &Packet<'_>, release: Release) -> Option<String> {
    let Segment::Tcp(tcp) = &packet.segment else { return None };
    let Some(offset) = packet.transport_bytes.get(12) else { return Some(text_as(tcp, release)) };
    let header_len = u32::from(offset >> 4) * 4;
    let invalid = if release == Release::V5 { " (invalid)" } else { "" };
    let len = packet.transport_len;
    if header_len < HEADER_LEN {
        let rest = len.wrapping_sub(header_len);
        return Some(format!("tcp {rest} [bad hdr length {header_len} - too short, < {HEADER_LEN}]{invalid}"));
    }
    if header_len > len {
        let flags = flags(tcp.flags, release);
        return Some(format!("Flags [{flags}] [bad hdr length {header_len} - too long, > {len}]{invalid}"));
    }
    let options_len = usize::try_from(header_len - HEADER_LEN).unwrap_or(options::LARGEST);
    Some(write_segment(tcp, options_len, release))
}

/// Writes a segment whose options are `options_len` bytes long by its data offset.
fn write_segment(tcp: &Tcp<'_>, options_len: usize, release: Release) -> String {
    let mut out = format!("Flags [{}]", flags(tcp.flags, release));
    let must_have_sequence = TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST;
    if tcp.payload_len > 0 {
        let end = tcp.sequence.wrapping_add(tcp.payload_len);
        let _ = write!(out, ", seq {}:{end}", tcp.sequence);
    } else if tcp.flags.0 & must_have_sequence != 0 {
        let _ = write!(out, ", seq {}", tcp.sequence);
    }
    if tcp.flags.has(TcpFlags::ACK) {
        let _ = write!(out, ", ack {}", tcp.acknowledgment);
    }
    let _ = write!(out, ", win {}", tcp.window);
    if tcp.flags.has(TcpFlags::URG) {
        let _ = write!(out, ", urg {}", tcp.urgent);
    }
    if options_len > 0 && !options::write(&mut out, tcp, options_len, release) {
        return out;
    }
    let _ = write!(out, ", length {}", tcp.payload_len);
    out
}

/// The flags in tcpdump's order: `S.`, `SEW`, `none`.
fn flags(flags: TcpFlags, release: Release) -> String {
    const SIGNS: [(u16, char); 8] = [
        (TcpFlags::FIN, 'F'),
        (TcpFlags::SYN, 'S'),
        (TcpFlags::RST, 'R'),
        (TcpFlags::PSH, 'P'),
        (TcpFlags::ACK, '.'),
        (TcpFlags::URG, 'U'),
        (TcpFlags::ECE, 'E'),
        (TcpFlags::CWR, 'W'),
    ];
    let accurate_ecn = (release == Release::V5 && flags.has(TcpFlags::AE)).then_some('e');
    let signs: String =
        SIGNS.iter().filter(|(bit, _)| flags.has(*bit)).map(|(_, sign)| *sign).chain(accurate_ecn).collect();
    if signs.is_empty() { "none".to_owned() } else { signs }
}

#[cfg(test)]
mod tests;
