//! Every sample is read to the usual packet by the path that it says.

use std::net::IpAddr;

use firstlight_model::{Layer, LinkType, MacAddress, Network, Packet, Segment, StopCause};
use firstlight_wire::{parse, transport_checksum_ok};

use crate::builders::*;
use crate::samples;

/// Layers joined by slashes.
pub fn path(packet: &Packet<'_>) -> String {
    packet.layers.as_slice().iter().map(|layer| layer.name()).collect::<Vec<_>>().join("/")
}

/// Reads a frame that was captured whole.
pub fn whole(link_type: LinkType, bytes: &[u8]) -> Packet<'_> {
    parse(link_type, bytes, u32::try_from(bytes.len()).unwrap())
}

#[test]
fn every_sample_is_read_to_the_innermost_segment() {
    for sample in samples::all() {
        let packet = whole(sample.link_type, &sample.bytes);
        assert_eq!(path(&packet), sample.path, "{:?} {:?}", sample.link_type, packet.stop);
        assert_eq!(packet.stop, None, "{}", sample.path);
        let Network::Ip(ip) = packet.network else { panic!("{} has no network layer", sample.path) };
        let (source, destination) = match ip.source {
            IpAddr::V4(_) => (IpAddr::V4(SOURCE), IpAddr::V4(DESTINATION)),
            IpAddr::V6(_) => (IpAddr::V6(SOURCE_V6), IpAddr::V6(DESTINATION_V6)),
        };
        assert_eq!((ip.source, ip.destination), (source, destination), "{}", sample.path);
        let Segment::Tcp(tcp) = packet.segment else { panic!("{} has no segment", sample.path) };
        assert_eq!((tcp.source_port, tcp.destination_port), (49153, 443), "{}", sample.path);
        assert_eq!((tcp.payload, tcp.payload_len), (PAYLOAD, 11), "{}", sample.path);
        assert_eq!((packet.transport_len, packet.transport_bytes.len()), (43, 43), "{}", sample.path);
        assert_eq!(transport_checksum_ok(&packet), Some(true), "{}", sample.path);
    }
}

#[test]
fn link_addresses_are_those_of_the_outermost_link() {
    for sample in samples::all() {
        let packet = whole(sample.link_type, &sample.bytes);
        if sample.path.starts_with("ethernet") || sample.path.starts_with("wlan") {
            assert_eq!(packet.link.source, Some(MacAddress([2, 0, 0, 0, 0, 0x0a])), "{}", sample.path);
            assert_eq!(packet.link.destination, Some(MacAddress([2, 0, 0, 0, 0, 0x0b])), "{}", sample.path);
        }
        if sample.path.starts_with("sll") || sample.path.starts_with("nflog") {
            assert_eq!(packet.link.source, Some(MacAddress([2, 0, 0, 0, 0, 0x0a])), "{}", sample.path);
            assert_eq!(packet.link.destination, None, "{}", sample.path);
        }
    }
}

#[test]
fn the_outermost_vlan_is_kept_and_the_innermost_type() {
    let inner = ethernet(0x8100, &join(&[&[0, 99, 0x86, 0xdd], &packet_v6()]));
    let vxlan = ipv4(17, &udp(1, 4789, &join(&[&[8, 0, 0, 0, 0, 0, 1, 0], &inner])));
    let bytes = ethernet(0x88a8, &join(&[&[0xe0, 0, 0x81, 0, 0xa1, 0x23, 8, 0], &vxlan]));
    let packet = whole(LinkType::ETHERNET, &bytes);
    assert_eq!(path(&packet), "ethernet/vlan/vlan/ipv4/udp/vxlan/ethernet/vlan/ipv6/tcp");
    assert_eq!(packet.link.vlan, 0x123);
    assert_eq!(packet.link.ether_type.map(|it| it.0), Some(0x86dd));
    assert_eq!(packet.layers.tunnel(), Some(Layer::Vxlan));
}

#[test]
fn teredo_is_opened_behind_its_indications_and_on_any_port() {
    let client = "2001:0:4137:9e50:8000:f12a:b9c8:2815".parse().unwrap();
    let bubble = ipv6_between(client, DESTINATION_V6, 59, &[]);
    let origin = [0, 0, 0x12, 0x34, 1, 2, 3, 4];
    let auth = [0, 1, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 0];
    for prefix in [&[][..], &origin, &auth, &join(&[&auth, &origin])] {
        let bytes = ethernet(0x0800, &ipv4(17, &udp(40000, 50000, &join(&[prefix, &bubble]))));
        let packet = whole(LinkType::ETHERNET, &bytes);
        assert_eq!(path(&packet), "ethernet/ipv4/udp/teredo/ipv6", "{prefix:?}");
        let Network::Ip(ip) = packet.network else { panic!("no network layer") };
        assert_eq!(ip.source, IpAddr::V6(client));
        assert_eq!(packet.stop, None);
    }
    let stranger = ethernet(0x0800, &ipv4(17, &udp(3544, 3544, &ipv6(59, &[]))));
    assert_eq!(path(&whole(LinkType::ETHERNET, &stranger)), "ethernet/ipv4/udp");
}

#[test]
fn what_only_looks_like_a_tunnel_stays_a_datagram() {
    let cases: &[(u16, &[u8])] = &[
        (4789, b"not a frame at all, only text"),
        (8472, &[8, 0, 0, 1, 0, 0, 1, 0]),
        (6081, &[0, 0, 0x65, 0x58, 0, 0, 1, 0, 1, 2, 3]),
        (2152, &[0x32, 1, 0, 4, 0, 0, 0, 0, 0, 1, 0, 0]),
        (2152, &[0x30, 0xff, 0, 2, 0, 0, 0, 0, 0x45, 0]),
        (1701, &[0xc8, 2, 0, 12, 0, 1, 0, 0, 0, 0, 0, 0]),
        (6635, &[0, 1, 1, 64, 0x45, 0, 0xff, 0xff]),
        (4754, &[0, 0, 8, 0, 0x45]),
        (3544, &[0x60, 1, 2]),
        // Encrypted, a header that is too short, a fragment, a keep-alive, a beacon.
        (5247, &[1, 0x10, 3, 0, 0, 0, 0, 0, 22, 0xfe, 0xfd]),
        (5247, &[0, 8, 3, 0, 0, 0, 0, 0, 8, 1, 0, 0]),
        (5247, &[0, 0x10, 3, 0x80, 0, 1, 0, 0, 8, 1, 0, 0]),
        (5247, &[0, 0x10, 2, 8, 0, 0, 0, 0, 0, 18]),
        (5247, &[0, 0x10, 3, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 1, 2, 3, 4]),
    ];
    for (port, payload) in cases {
        let bytes = ethernet(0x0800, &ipv4(17, &udp(50000, *port, payload)));
        let packet = whole(LinkType::ETHERNET, &bytes);
        assert_eq!(path(&packet), "ethernet/ipv4/udp", "{port}");
        assert_eq!(packet.stop, None, "{port}");
        let Segment::Udp(udp) = packet.segment else { panic!("{port} is no datagram") };
        assert_eq!((udp.destination_port, udp.payload), (*port, *payload));
    }
}

#[test]
fn protected_frames_are_said_to_be_encrypted() {
    let bytes = wlan(8, 0x40, &[0, 0], &[1, 2, 3, 0x20, 5, 6, 7, 8, 9, 9, 9, 9]);
    let packet = whole(LinkType::IEEE802_11, &bytes);
    let stop = packet.stop.unwrap();
    assert_eq!((stop.layer, stop.cause, stop.offset), (Layer::Ieee80211, StopCause::Encrypted, 26));
    assert_eq!(packet.link.source, Some(MacAddress([2, 0, 0, 0, 0, 0x0a])));
    let bytes = ethernet(0x88e5, &[0x2c, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 0, 1, 0xde, 0xad]);
    let stop = whole(LinkType::ETHERNET, &bytes).stop.unwrap();
    assert_eq!((stop.layer, stop.cause), (Layer::MacSec, StopCause::Encrypted));
}

#[test]
fn what_is_not_read_is_named_by_its_number() {
    let lldp = ethernet(0x88cc, &[2, 7, 4]);
    let ospf = ethernet(0x0800, &ipv4(89, &[2, 1, 0, 0]));
    let spanning_tree = ethernet(7, &[0x42, 0x42, 3, 0, 0, 0, 0]);
    let beacon = [0x80, 0, 0, 0, 1, 2, 3, 4];
    let lcp = [0xff, 3, 0xc0, 0x21, 1, 1];
    let cases: &[(LinkType, &[u8], Layer, u32)] = &[
        (LinkType::ETHERNET, &lldp, Layer::Ethernet, 0x88cc),
        (LinkType::ETHERNET, &ospf, Layer::Other, 89),
        (LinkType::ETHERNET, &spanning_tree, Layer::Llc, 0x42),
        (LinkType::IEEE802_11, &beacon, Layer::Ieee80211, 8),
        (LinkType::PPP, &lcp, Layer::Ppp, 0xc021),
        (LinkType::USB_LINUX, &beacon, Layer::Other, 189),
        (LinkType(4_000_000_000), &beacon, Layer::Other, 4_000_000_000),
    ];
    for (link_type, bytes, layer, number) in cases {
        let stop = whole(*link_type, bytes).stop.unwrap();
        assert_eq!((stop.layer, stop.cause, stop.needed), (*layer, StopCause::Unsupported, *number));
    }
    let packet = whole(LinkType::ETHERNET, &ospf);
    assert!(matches!(packet.segment, Segment::Other([2, 1, 0, 0])));
}

#[test]
fn nesting_ends_at_the_limit_of_tunnels_and_keeps_the_innermost_packet_it_reached() {
    let mut bytes = packet();
    for _ in 0..20 {
        bytes = ipv4(4, &bytes);
    }
    let packet = whole(LinkType::RAW, &bytes);
    assert_eq!(packet.layers.as_slice().iter().filter(|layer| layer.is_tunnel()).count(), 8);
    let stop = packet.stop.unwrap();
    assert_eq!((stop.cause, stop.layer), (StopCause::TooDeep, Layer::IpInIp));
    assert!(matches!(packet.network, Network::Ip(ip) if ip.transport.0 == 4));
}

#[test]
fn nesting_ends_at_the_limit_of_layers() {
    let bytes = ethernet(0x8100, &[0, 1, 0x81, 0].repeat(40));
    let packet = whole(LinkType::ETHERNET, &bytes);
    assert_eq!(packet.layers.as_slice().len(), 24);
    assert_eq!(packet.stop.map(|stop| (stop.cause, stop.offset)), Some((StopCause::TooDeep, 14 + 23 * 4)));
}
