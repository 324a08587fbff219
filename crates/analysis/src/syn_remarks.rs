//! What a SYN or SYN+ACK says about its sender, in plain sentences with the standard behind each.
//!
//! ECN, window, scaling, timestamps, SACK, path MTU discovery, MSS, hop limit, Fast Open, Multipath TCP, authentication:
//! what the packet shows, not whose it is. Also the facts that a comparison of fingerprints needs: [`layout`], [`mss`],
//! [`window_scale`], [`has_ecn_setup`], [`initial_hop_limit`].
//!
//! Left out: other segments than SYN and SYN+ACK, and whether a value is usual for a system (a matter of the book of
//! fingerprints).

use firstlight_model::{Ip, Tcp, TcpFlags};

mod options;
mod sentences;

use options::kind;

/// Remarks on a SYN or SYN+ACK, at most 100 characters each, in a fixed order; none on another segment.
///
/// What is not there is remarked on only where its absence says something, and never where the capture cut the options.
pub fn remarks(ip: &Ip, tcp: &Tcp<'_>) -> Vec<String> {
    if !tcp.flags.has(TcpFlags::SYN) {
        return Vec::new();
    }
    [
        sentences::ecn(tcp),
        sentences::ecn_marking(ip, tcp),
        sentences::window(tcp),
        sentences::scaling(tcp),
        sentences::timestamps(tcp),
        sentences::early_echo(tcp),
        sentences::sack(tcp),
        sentences::fragmentation(ip),
        sentences::identification(ip),
        sentences::segment_size(ip, tcp),
        Some(sentences::hop_limit(ip)),
        sentences::fast_open(tcp),
        sentences::multipath(tcp),
        sentences::authentication(tcp),
        sentences::cut(tcp),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The kinds of the options in their order: `mss,nop,ws,nop,nop,ts,sok,eol`.
///
/// Names are those of p0f's README (`mss`, `nop`, `ws`, `sok`, `sack`, `ts`, `eol`, `?n` for a number without a name)
/// and `tfo`, `mptcp`, `md5`, `ao`, `uto`. The first `eol` is the last name; padding behind it is not listed. An option
/// that does not fit ends the list with its name.
pub fn layout(tcp: &Tcp<'_>) -> String {
    let mut out = String::new();
    for option in options::walk(tcp) {
        if !out.is_empty() {
            out.push(',');
        }
        match option.name() {
            Some(name) => out.push_str(name),
            None => out.push_str(&format!("?{}", option.kind)),
        }
    }
    out
}

/// The maximum segment size that the sender accepts, in bytes (RFC 9293 s. 3.7.1).
pub fn mss(tcp: &Tcp<'_>) -> Option<u16> {
    options::find(tcp, kind::MSS)?.data()?.try_into().ok().map(u16::from_be_bytes)
}

/// The window scale as it stands; above 14 it counts as 14 (RFC 7323 s. 2.3).
pub fn window_scale(tcp: &Tcp<'_>) -> Option<u8> {
    match options::find(tcp, kind::WINDOW_SCALE)?.data()? {
        [scale] => Some(*scale),
        _ => None,
    }
}

/// The segment sets up ECN: a SYN with ECE and CWR, or a SYN+ACK with ECE alone (RFC 3168 s. 6.1.1).
///
/// A SYN that asks for accurate ECN asks for ECN too (RFC 9768 s. 3.1.2).
pub fn has_ecn_setup(tcp: &Tcp<'_>) -> bool {
    let bits = tcp.flags.0 & (TcpFlags::ECE | TcpFlags::CWR);
    match (tcp.flags.has(TcpFlags::SYN), tcp.flags.has(TcpFlags::ACK)) {
        (true, false) => bits == TcpFlags::ECE | TcpFlags::CWR,
        (true, true) => bits == TcpFlags::ECE,
        (false, _) => false,
    }
}

/// The segment asks for Fast Open or uses it (RFC 7413).
pub fn has_fast_open(tcp: &Tcp<'_>) -> bool {
    sentences::fast_open(tcp).is_some()
}

/// The segment has an option of Multipath TCP (RFC 8684).
pub fn is_multipath(tcp: &Tcp<'_>) -> bool {
    options::find(tcp, kind::MPTCP).is_some()
}

/// The likely hop limit (time to live) at the sender: the next of 32, 64, 128 and 255.
pub fn initial_hop_limit(ip: &Ip) -> u8 {
    initial_of(ip.hop_limit)
}

/// The same of a hop limit by itself.
pub fn initial_of(hop_limit: u8) -> u8 {
    match hop_limit {
        0..=32 => 32,
        33..=64 => 64,
        65..=128 => 128,
        129..=255 => 255,
    }
}

#[cfg(test)]
mod tests;
