//! Who began: by SYN, or by the first packet, corrected where the ports say otherwise.

use firstlight_model::{Ip, Segment, TcpFlags};

/// Ports on which services listen and from which hardly anybody calls (IANA service names; Zeek's likely server ports).
const SERVICE_PORTS: [u16; 36] = [
    21, 22, 23, 25, 53, 67, 80, 88, 110, 119, 123, 143, 161, 389, 443, 445, 465, 514, 563, 587, 631, 636, 853, 990,
    993, 995, 1194, 1812, 1883, 3128, 3389, 3478, 4500, 5223, 8080, 8443,
];

/// True when the sender of the first packet of a flow is the one who was called.
pub(crate) fn sender_is_responder(ip: &Ip, segment: &Segment<'_>) -> bool {
    match segment {
        Segment::Tcp(tcp) if tcp.flags.has(TcpFlags::SYN) => tcp.flags.has(TcpFlags::ACK),
        Segment::Tcp(tcp) => port_says_so(tcp.source_port, tcp.destination_port),
        Segment::Udp(udp) => !is_group(ip) && port_says_so(udp.source_port, udp.destination_port),
        // Answers whose question was not seen: echo reply, router and neighbour advertisement to one host.
        Segment::Icmp(icmp) => icmp.kind == 0,
        Segment::Icmpv6(icmp) => icmp.kind == 129,
        _ => false,
    }
}

fn port_says_so(source: u16, destination: u16) -> bool {
    // A DHCP server speaks from port 67 to port 68 (RFC 2131 s. 4.1).
    let is_client = destination >= 1024 || (source, destination) == (67, 68);
    SERVICE_PORTS.contains(&source) && !SERVICE_PORTS.contains(&destination) && is_client
}

fn is_group(ip: &Ip) -> bool {
    match ip.destination {
        std::net::IpAddr::V4(v4) => v4.is_multicast() || v4.is_broadcast(),
        std::net::IpAddr::V6(v6) => v6.is_multicast(),
    }
}
