//! conn.log: a line for each connection, written when it is over.

use std::net::IpAddr;

use firstlight_model::{Conversation, Ended, Transport};

use super::row::Cell;
use super::{Files, Log, ends, names, transport};

pub(super) const LOG: Log = Log {
    name: "conn",
    columns: &[
        ("ts", "time"),
        ("uid", "string"),
        ("id.orig_h", "addr"),
        ("id.orig_p", "port"),
        ("id.resp_h", "addr"),
        ("id.resp_p", "port"),
        ("proto", "enum"),
        ("service", "string"),
        ("duration", "interval"),
        ("orig_bytes", "count"),
        ("resp_bytes", "count"),
        ("conn_state", "string"),
        ("local_orig", "bool"),
        ("local_resp", "bool"),
        ("missed_bytes", "count"),
        ("history", "string"),
        ("orig_pkts", "count"),
        ("orig_ip_bytes", "count"),
        ("resp_pkts", "count"),
        ("resp_ip_bytes", "count"),
        ("tunnel_parents", "set[string]"),
        ("ip_proto", "count"),
        ("community_id", "string"),
    ],
};

pub(super) fn write(talk: &Conversation<'_>, ended: &Ended<'_>, has_tls: bool, files: &mut Files<'_>) {
    let [ts, uid, from, from_port, to, to_port] = ends(talk, talk.first);
    let duration = ended.last.since_ns(talk.first);
    // Zeek says how long and how much only of what lasted.
    let lasted = duration > 0;
    let [sent, received] = ended.payload_bytes.map(|bytes| Cell::count(lasted.then_some(bytes)));
    let [packets_out, packets_in] = ended.packets;
    let [ip_out, ip_in] = ended.ip_bytes;
    let has_history = matches!(talk.transport, Transport::TCP | Transport::UDP) && !ended.history.is_empty();
    let cells = [
        ts,
        uid,
        from,
        from_port,
        to,
        to_port,
        Cell::text(transport(talk)),
        // Control messages have a protocol, but are no service.
        service(ended.service.filter(|_| transport(talk) != "icmp" && talk.transport != Transport::IGMP), has_tls),
        if lasted { Cell::Interval(duration) } else { Cell::Unset },
        sent,
        received,
        Cell::text(ended.state),
        Cell::Bool(is_local(talk.originator.address)),
        Cell::Bool(is_local(talk.responder.address)),
        Cell::Count(ended.missed_bytes),
        Cell::maybe(has_history.then_some(ended.history)),
        Cell::Count(packets_out),
        Cell::Count(ip_out),
        Cell::Count(packets_in),
        Cell::Count(ip_in),
        Cell::Unset,
        Cell::Count(talk.transport.0.into()),
        Cell::text(ended.community_id),
    ];
    files.line(&LOG, talk.first, &cells);
}

/// Zeek's name of the protocol, and of TLS where another one carries it or leads to it.
fn service(service: Option<&'static str>, has_tls: bool) -> Cell<'static> {
    match (service.map(names::service), has_tls) {
        (Some("ssl") | None, true) => Cell::text("ssl"),
        (Some(service), true) => Cell::text(format!("{service},ssl")),
        (service, false) => Cell::maybe(service),
    }
}

/// What Zeek takes for local where nobody says what is: the blocks of the IANA IPv4 and IPv6 Special-Purpose Address
/// Registries that are not routed, and those of IPv4 within 6to4 (RFC 3056).
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_local_v4(v4.to_bits()),
        IpAddr::V6(v6) => {
            const BLOCKS: &[(u128, u32)] = &[
                (0, 128),
                (1, 128),
                (0x0064_ff9b_0001 << 80, 48),
                (0x0100 << 112, 64),
                (0x2001_0000 << 96, 23),
                (0x2001_0002_0000 << 80, 48),
                (0x2001_0db8 << 96, 32),
                (0xfc << 120, 7),
                (0xfe80 << 112, 10),
            ];
            let bits = v6.to_bits();
            let [high, low, embedded @ ..] = v6.octets();
            let [a, b, c, d, ..] = embedded;
            let is_6to4 = (high, low) == (0x20, 0x02);
            BLOCKS.iter().any(|(block, len)| (bits ^ block) >> (128 - len) == 0 && *len > 0)
                || is_6to4 && is_local_v4(u32::from_be_bytes([a, b, c, d]))
        }
    }
}

fn is_local_v4(bits: u32) -> bool {
    const BLOCKS: &[([u8; 4], u32)] = &[
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        ([240, 0, 0, 0], 4),
    ];
    BLOCKS.iter().any(|(block, len)| (bits ^ u32::from_be_bytes(*block)) >> (32 - len) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_routed_is_local() {
        for local in [
            "10.1.2.3",
            "172.31.255.255",
            "192.168.0.1",
            "100.127.0.1",
            "255.255.255.255",
            "0.0.0.0",
            "::1",
            "fe80::1",
            "fd00::1",
            "2001:db8::1",
            "2002:c0a8:101::1",
            "2001:0::1",
        ] {
            assert!(is_local(local.parse().unwrap()), "{local}");
        }
        for remote in
            ["8.8.8.8", "172.32.0.1", "100.128.0.1", "224.0.0.251", "2606:4700::1", "ff02::fb", "2002:808:808::1"]
        {
            assert!(!is_local(remote.parse().unwrap()), "{remote}");
        }
    }
}
