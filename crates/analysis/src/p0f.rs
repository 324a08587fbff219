//! The signature that p0f 3 gives a SYN or SYN+ACK.
//!
//! ```text
//! 4:64+0:0:1460:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn:0
//! version : hop limit + distance : length of IP options : MSS : window, scale : option layout : quirks : payload
//! ```
//!
//! The format is the one of p0f's README, section "TCP signatures"; what the README leaves open (order of quirks, which
//! divisor of the window is tried first, what counts as malformed) was found by giving p0f 3.09b packets and reading
//! its `raw_sig`.
//!
//! Left out: matching against p0f's data base, the fuzzy comparison, MTU and HTTP signatures, and p0f's refusal of
//! packets (it gives none for fragments, IPv6 with extension headers, headers that the capture cut).

use std::fmt::Write as _;
use std::net::IpAddr;

use firstlight_model::{Ip, Tcp, TcpFlags};

use crate::syn_remarks::initial_hop_limit;

mod options;

use options::Options;

/// More hops than this are not believed: p0f then writes `?` for the distance.
const FARTHEST: u8 = 35;

/// The MSS in the SYNs of p0f's own probe, p0f-sendsyn. An answer with the same one has copied it.
const PROBE_MSS: u16 = 1331;

/// p0f's raw signature of a SYN or SYN+ACK.
///
/// `peer_mss` is for a SYN+ACK the MSS of the SYN that it answers, if known: some systems make their window a multiple
/// of that. It is not used for a SYN.
pub fn raw_signature(ip: &Ip, tcp: &Tcp<'_>, peer_mss: Option<u16>) -> String {
    let options = options::read(tcp);
    let (version, ip_options_len) = match ip.source {
        IpAddr::V4(_) => ('4', ip.options_len),
        IpAddr::V6(_) => ('6', 0),
    };
    let mut out = format!("{version}:{}+", ip.hop_limit);
    let distance = initial_hop_limit(ip) - ip.hop_limit;
    let _ = if distance > FARTHEST { write!(out, "?") } else { write!(out, "{distance}") };
    let _ = if tcp.flags.has(TcpFlags::ACK) && options.mss == PROBE_MSS {
        write!(out, ":{ip_options_len}:*:")
    } else {
        write!(out, ":{ip_options_len}:{}:", options.mss)
    };
    let _ = match window_multiple(ip, tcp, &options, peer_mss) {
        Some(Multiple::OfMss(times)) => write!(out, "mss*{times}"),
        Some(Multiple::OfMtu(times)) => write!(out, "mtu*{times}"),
        None => write!(out, "{}", tcp.window),
    };
    let _ = write!(out, ",{}:{}:", options.scale, options.layout);
    out.push_str(&quirks(ip, tcp, &options).join(","));
    out.push_str(if tcp.payload_len > 0 { ":+" } else { ":0" });
    out
}

/// A window that is a whole number of segments or packets.
enum Multiple {
    OfMss(u16),
    OfMtu(u16),
}

/// The first of p0f's candidates that divides the window.
fn window_multiple(ip: &Ip, tcp: &Tcp<'_>, options: &Options, peer_mss: Option<u16>) -> Option<Multiple> {
    /// A smaller MSS divides too much to mean anything.
    const SMALLEST: u16 = 100;
    /// IPv4 and TCP headers without options; IPv6 and TCP headers.
    const HEADERS_V4: i32 = 40;
    const HEADERS_V6: i32 = 60;
    /// The option with the timestamps and its padding.
    const TIMESTAMPS: i32 = 12;
    const ETHERNET: i32 = 1500;

    if tcp.window == 0 || options.mss < SMALLEST {
        return None;
    }
    let mss = i32::from(options.mss);
    let v6 = ip.source.is_ipv6();
    let fixed_headers = if v6 { HEADERS_V6 } else { HEADERS_V4 + i32::from(ip.options_len) };
    let headers = fixed_headers + i32::try_from(tcp.options.len()).unwrap_or(0);
    let peer = peer_mss.filter(|mss| *mss != 0 && tcp.flags.has(TcpFlags::ACK)).map(i32::from);
    let candidates = [
        (Multiple::OfMss as fn(u16) -> Multiple, Some(mss)),
        (Multiple::OfMss, (options.timestamp != 0).then_some(mss - TIMESTAMPS)),
        (Multiple::OfMss, Some(ETHERNET - HEADERS_V4)),
        (Multiple::OfMss, Some(ETHERNET - HEADERS_V4 - TIMESTAMPS)),
        (Multiple::OfMss, v6.then_some(ETHERNET - HEADERS_V6)),
        (Multiple::OfMss, v6.then_some(ETHERNET - HEADERS_V6 - TIMESTAMPS)),
        (Multiple::OfMtu, Some(mss + HEADERS_V4)),
        (Multiple::OfMtu, Some(mss + headers)),
        (Multiple::OfMtu, v6.then_some(mss + HEADERS_V6)),
        (Multiple::OfMtu, Some(ETHERNET)),
        (Multiple::OfMss, peer),
        (Multiple::OfMss, peer.map(|mss| mss - TIMESTAMPS)),
    ];
    candidates.into_iter().find_map(|(multiple, divisor)| {
        let divisor = divisor.filter(|divisor| *divisor != 0)?;
        let window = i32::from(tcp.window);
        // A peer's MSS may be below 12: p0f takes the low 16 bits of the negative quotient for a signed number.
        let times = u16::try_from((window / divisor) & 0xffff).ok().filter(|times| *times <= 0x7fff)?;
        (window % divisor == 0).then(|| multiple(times))
    })
}

/// The quirks in p0f's order.
fn quirks(ip: &Ip, tcp: &Tcp<'_>, options: &Options) -> Vec<&'static str> {
    let v4 = ip.source.is_ipv4();
    let flag = |bits| tcp.flags.has(bits);
    // p0f 3.09b on little-endian machines looks at one bit of the acknowledgment number, not at all of it.
    let acknowledges = tcp.acknowledgment & 0x0100_0000 != 0;
    let ecn = ip.traffic_class & 3 != 0 || tcp.flags.0 & (TcpFlags::ECE | TcpFlags::CWR | TcpFlags::AE) != 0;
    let all = [
        ("df", v4 && ip.dont_fragment),
        ("id+", v4 && ip.dont_fragment && ip.id != 0),
        ("id-", v4 && !ip.dont_fragment && ip.id == 0),
        ("ecn", ecn),
        ("0+", v4 && ip.reserved_flag),
        ("flow", !v4 && ip.flow_label != 0),
        ("seq-", tcp.sequence == 0),
        ("ack+", !flag(TcpFlags::ACK) && acknowledges),
        ("ack-", flag(TcpFlags::ACK) && tcp.acknowledgment == 0),
        ("uptr+", !flag(TcpFlags::URG) && tcp.urgent != 0),
        ("urgf+", flag(TcpFlags::URG)),
        ("pushf+", flag(TcpFlags::PSH)),
        ("ts1-", options.zero_timestamp),
        ("ts2+", options.echo_on_syn),
        ("opt+", options.trailing_data),
        ("exws", options.excessive_scale),
        ("bad", options.malformed),
    ];
    all.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests;
