//! The sentences, one function each. `None` means that there is nothing to say.
//!
//! Words that users read: lower case but for names, no full stop, the standard last. Leaves out what no capture of a
//! SYN can tell, such as whether the peer agreed.

use firstlight_model::{Ip, Tcp, TcpFlags};

use super::options::{self, kind};
use super::{initial_hop_limit, mss, window_scale};

/// Headers without options below an MSS: IPv4 or IPv6, and TCP, in bytes.
fn headers(ip: &Ip) -> u32 {
    if ip.source.is_ipv6() { 60 } else { 40 }
}

fn answers(tcp: &Tcp<'_>) -> bool {
    tcp.flags.has(TcpFlags::ACK)
}

/// An option is not there, and we saw all of them.
fn lacks(tcp: &Tcp<'_>, kind: u8) -> bool {
    !tcp.options_cut && options::find(tcp, kind).is_none()
}

/// Whether and how the segment speaks of ECN.
pub(super) fn ecn(tcp: &Tcp<'_>) -> Option<String> {
    let (accurate, reduced, echo) =
        (tcp.flags.has(TcpFlags::AE), tcp.flags.has(TcpFlags::CWR), tcp.flags.has(TcpFlags::ECE));
    let sentence = match (answers(tcp), accurate, reduced, echo) {
        (_, false, false, false) => return None,
        (false, true, true, true) => "asks for accurate ECN (AE, CWR and ECE set), RFC 9768 s. 3.1.1",
        (false, false, true, true) => "asks for ECN (ECE and CWR set), RFC 3168 s. 6.1.1",
        (false, ..) => "some ECN flags set, but not those that ask for ECN, RFC 3168 s. 6.1.1",
        (true, false, false, true) => "agrees to ECN (ECE set, CWR not), RFC 3168 s. 6.1.1",
        (true, false, true, true) => "ECE and CWR set: accurate ECN, or a copy of the SYN's flags, RFC 9768 s. 3.1.1",
        (true, true, true, true) => "AE, CWR and ECE set: a copy of the SYN's flags, no ECN, RFC 9768 s. 3.1.2",
        (true, true, false, true) => "AE and ECE set: the nonce of RFC 3540, now historic",
        (true, true, _, false) | (true, false, true, false) => "agrees to accurate ECN, RFC 9768 s. 3.1.1",
    };
    Some(sentence.to_owned())
}

/// A SYN that is itself marked as ECN-capable.
pub(super) fn ecn_marking(ip: &Ip, tcp: &Tcp<'_>) -> Option<String> {
    let mark = match ip.traffic_class & 3 {
        1 => "ECT(1)",
        2 => "ECT(0)",
        3 => "CE",
        _ => return None,
    };
    let segment = if answers(tcp) { "SYN+ACK" } else { "SYN" };
    Some(format!("{segment} marked {mark}: against RFC 3168 s. 6.1.1, an experiment of RFC 8311 s. 4.3"))
}

/// The window, where its value says something.
pub(super) fn window(tcp: &Tcp<'_>) -> Option<String> {
    let window = tcp.window;
    match (window, mss(tcp)) {
        (0, _) => Some("window 0: takes no data yet, RFC 9293 s. 3.8.6".to_owned()),
        (u16::MAX, _) => Some("window 65535, the largest without scaling".to_owned()),
        (_, Some(size)) if size >= 100 && window.is_multiple_of(size) => {
            Some(format!("window {window}, {} times the MSS of {size}", window / size))
        }
        _ => None,
    }
}

/// Window scaling, with the largest window that it allows.
pub(super) fn scaling(tcp: &Tcp<'_>) -> Option<String> {
    let Some(scale) = window_scale(tcp) else {
        return lacks(tcp, kind::WINDOW_SCALE)
            .then(|| format!("no window scaling: windows up to {}, RFC 7323", bytes(u32::from(u16::MAX))));
    };
    let largest = bytes(u32::from(u16::MAX) << scale.min(14));
    Some(if scale > 14 {
        format!("scale {scale}, more than 14 and taken for 14: windows up to {largest}, RFC 7323 s. 2.3")
    } else {
        format!("scale {scale}: windows up to {largest}, RFC 7323")
    })
}

/// Timestamps, which also show how long the sender has been counting.
pub(super) fn timestamps(tcp: &Tcp<'_>) -> Option<String> {
    match values(tcp) {
        Some((0, _)) => Some("timestamps, but a value of 0, RFC 7323 s. 3".to_owned()),
        Some(_) => Some("timestamps, RFC 7323 s. 3".to_owned()),
        None => lacks(tcp, kind::TIMESTAMPS).then(|| "no timestamps, RFC 7323 s. 3".to_owned()),
    }
}

/// A SYN that echoes a timestamp, though it answers nobody.
pub(super) fn early_echo(tcp: &Tcp<'_>) -> Option<String> {
    let (_, echo) = values(tcp).filter(|(_, echo)| *echo != 0)?;
    (!answers(tcp)).then(|| format!("echoes timestamp {echo} in a first SYN, against RFC 7323 s. 3.2"))
}

/// The sender's timestamp and the one that it echoes.
fn values(tcp: &Tcp<'_>) -> Option<(u32, u32)> {
    let (value, echo) = options::find(tcp, kind::TIMESTAMPS)?.data()?.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*value), u32::from_be_bytes(echo.try_into().ok()?)))
}

/// Selective acknowledgment.
pub(super) fn sack(tcp: &Tcp<'_>) -> Option<String> {
    if options::find(tcp, kind::SACK_PERMITTED).is_some() {
        return Some("selective acknowledgment permitted, RFC 2018".to_owned());
    }
    lacks(tcp, kind::SACK_PERMITTED).then(|| "no selective acknowledgment, RFC 2018".to_owned())
}

/// Path MTU discovery. IPv6 routers never fragment, so that there is nothing to see there.
pub(super) fn fragmentation(ip: &Ip) -> Option<String> {
    if ip.source.is_ipv6() {
        return None;
    }
    let sentence = if ip.dont_fragment {
        "DF set: path MTU discovery, RFC 1191"
    } else {
        "DF not set: no path MTU discovery, routers may fragment, RFC 1191"
    };
    Some(sentence.to_owned())
}

/// The identification of IPv4, where it is zero.
pub(super) fn identification(ip: &Ip) -> Option<String> {
    if ip.source.is_ipv6() || ip.id != 0 {
        return None;
    }
    let sentence = if ip.dont_fragment {
        "IP ID 0, which DF makes harmless, RFC 6864 s. 4.1"
    } else {
        "IP ID 0 without DF: fragments could be mixed up, RFC 6864 s. 4.3"
    };
    Some(sentence.to_owned())
}

/// The MSS and the MTU behind it.
pub(super) fn segment_size(ip: &Ip, tcp: &Tcp<'_>) -> Option<String> {
    let Some(size) = mss(tcp) else {
        let default = if ip.source.is_ipv6() { 1220 } else { 536 };
        return lacks(tcp, kind::MSS).then(|| format!("no MSS: segments of {default} bytes, RFC 9293 s. 3.7.1"));
    };
    let mtu = u32::from(size) + headers(ip);
    let link = match mtu {
        1500 => " (Ethernet)",
        1492 => " (PPPoE, RFC 2516)",
        1280 => " (the smallest of IPv6)",
        576 => " (what every IPv4 host takes)",
        9000 => " (jumbo frames)",
        16384 | 65535 | 65536 => " (loopback)",
        1281..1500 => " (a tunnel, or lowered on the way)",
        _ => "",
    };
    Some(format!("MSS {size}: MTU {mtu}{link}, RFC 9293 s. 3.7.1"))
}

/// The hop limit, where it likely began and how far that is.
pub(super) fn hop_limit(ip: &Ip) -> String {
    let name = if ip.source.is_ipv6() { "hop limit" } else { "TTL" };
    let (left, first) = (ip.hop_limit, initial_hop_limit(ip));
    match first.saturating_sub(left) {
        0 => format!("{name} {left}: as sent, no router between"),
        1 => format!("{name} {left}: likely {first} at the sender, 1 hop away"),
        hops => format!("{name} {left}: likely {first} at the sender, {hops} hops away"),
    }
}

/// TCP Fast Open, by its own option or by the experimental one of before.
pub(super) fn fast_open(tcp: &Tcp<'_>) -> Option<String> {
    let cookie = options::walk(tcp).find_map(|option| match (option.kind, option.data()?) {
        (kind::FAST_OPEN, cookie) | (254, [0xf9, 0x89, cookie @ ..]) => Some(cookie),
        _ => None,
    })?;
    let data = match tcp.payload_len {
        0 => String::new(),
        len => format!(" and {len} bytes of data"),
    };
    Some(match (answers(tcp), cookie.len()) {
        (false, 0) => format!("asks for a Fast Open cookie{}, RFC 7413", data.replace(" and", ", with")),
        (false, len) => format!("brings a Fast Open cookie of {len} bytes{data}, RFC 7413"),
        (true, len) => format!("gives a Fast Open cookie of {len} bytes, RFC 7413"),
    })
}

/// Multipath TCP.
pub(super) fn multipath(tcp: &Tcp<'_>) -> Option<String> {
    let first = *options::find(tcp, kind::MPTCP)?.data()?.first()?;
    let offers = if answers(tcp) { "agrees to" } else { "offers" };
    Some(match (first >> 4, first & 0x0f) {
        (0, 0) => format!("{offers} Multipath TCP version 0, RFC 6824 s. 3.1"),
        (0, version) => format!("{offers} Multipath TCP version {version}, RFC 8684 s. 3.1"),
        (1, _) => "joins a Multipath TCP connection, RFC 8684 s. 3.2".to_owned(),
        (subtype, _) => format!("Multipath TCP option of subtype {subtype}, RFC 8684 s. 3"),
    })
}

/// Signed segments, as BGP routers use them.
pub(super) fn authentication(tcp: &Tcp<'_>) -> Option<String> {
    options::walk(tcp).find_map(|option| match option.kind {
        kind::MD5 => Some("signed with MD5, RFC 2385".to_owned()),
        kind::TCP_AO => Some("signed with the TCP authentication option, RFC 5925".to_owned()),
        _ => None,
    })
}

/// The capture does not have all of the options.
pub(super) fn cut(tcp: &Tcp<'_>) -> Option<String> {
    tcp.options_cut.then(|| "the capture cut the options: what is behind the cut is not known".to_owned())
}

/// A number of bytes in decimal units: `65.5 kB`, `4.2 MB`, `1.1 GB`.
fn bytes(count: u32) -> String {
    let count = f64::from(count);
    if count < 1e6 {
        format!("{:.1} kB", count / 1e3)
    } else if count < 1e9 {
        format!("{:.1} MB", count / 1e6)
    } else {
        format!("{:.1} GB", count / 1e9)
    }
}
