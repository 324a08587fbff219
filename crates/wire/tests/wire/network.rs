//! IPv4, IPv6, fragments, ARP: fields, lengths that lie, datagrams put together again.

use std::net::IpAddr;

use firstlight_model::{Arp, Fragment, Ip, Layer, LinkType, MacAddress, Network, Segment, Stop, StopCause};
use firstlight_wire::{parse, parse_datagram};

use crate::builders::*;
use crate::paths::{path, whole};

fn ip(network: Network) -> Ip {
    match network {
        Network::Ip(ip) => ip,
        other => panic!("{other:?}"),
    }
}

#[test]
fn fields_of_ipv4_are_where_the_standard_says() {
    let bytes = ipv4_with(17, 0xc000, &[1, 1, 1, 0], &udp(1, 2, &[]));
    let ip = ip(whole(LinkType::RAW, &bytes).network);
    assert_eq!((ip.source, ip.destination), (IpAddr::V4(SOURCE), IpAddr::V4(DESTINATION)));
    assert_eq!((ip.transport.0, ip.hop_limit, ip.traffic_class, ip.id), (17, 64, 0x12, 0xabcd));
    assert_eq!((ip.dont_fragment, ip.reserved_flag, ip.fragment), (true, true, None));
    assert_eq!((ip.options_len, ip.total_len, ip.checksum_ok), (4, 32, Some(true)));
}

#[test]
fn fields_of_ipv6_are_where_the_standard_says() {
    let headers = [17, 0, 1, 4, 0, 0, 0, 0];
    let bytes = ipv6(60, &join(&[&headers, &udp(1, 2, &[])]));
    let ip = ip(whole(LinkType::RAW, &bytes).network);
    assert_eq!((ip.source, ip.destination), (IpAddr::V6(SOURCE_V6), IpAddr::V6(DESTINATION_V6)));
    assert_eq!((ip.transport.0, ip.hop_limit, ip.traffic_class, ip.flow_label), (17, 60, 0x28, 0x54321));
    assert_eq!((ip.options_len, ip.total_len, ip.id, ip.checksum_ok), (8, 56, 0, None));
}

#[test]
fn a_wrong_header_checksum_is_said_and_a_cut_one_is_not() {
    let mut bytes = frame();
    bytes[14 + 8] ^= 1;
    assert_eq!(ip(whole(LinkType::ETHERNET, &bytes).network).checksum_ok, Some(false));
    let bytes = ipv4_with(6, 0, &[1; 8], &tcp(PAYLOAD));
    let cut = parse(LinkType::RAW, &bytes[..24], 71);
    assert_eq!(ip(cut.network).checksum_ok, None);
    assert_eq!(cut.stop.map(|stop| (stop.layer, stop.cause)), Some((Layer::Ipv4, StopCause::Captured)));
}

#[test]
fn a_total_length_of_zero_is_the_rest_of_the_frame() {
    let mut bytes = frame();
    bytes[16..18].copy_from_slice(&[0, 0]);
    let packet = whole(LinkType::ETHERNET, &bytes);
    assert_eq!(ip(packet.network).total_len, 63);
    assert!(matches!(packet.segment, Segment::Tcp(tcp) if tcp.payload == PAYLOAD && tcp.payload_len == 11));
    let mut bytes = packet_v6();
    bytes[4..6].copy_from_slice(&[0, 0]);
    let packet = whole(LinkType::RAW, &bytes);
    assert_eq!(ip(packet.network).total_len, 83);
    assert!(matches!(packet.segment, Segment::Tcp(tcp) if tcp.payload_len == 11));
}

#[test]
fn an_ipv6_header_alone_has_no_payload_even_when_padding_follows() {
    let packet_bytes = ethernet(0x86dd, &join(&[&ipv6(59, &[]), &[0; 6]]));
    let packet = whole(LinkType::ETHERNET, &packet_bytes);
    assert_eq!((packet.transport_len, packet.stop), (0, None));
    assert!(matches!(packet.segment, Segment::Other([])));
}

#[test]
fn a_jumbogram_has_the_length_of_its_option() {
    let mut bytes = ipv6(0, &join(&[&[6, 0, 0xc2, 4, 0, 1, 0x86, 0xa0], &tcp_v6(PAYLOAD)]));
    bytes[4..6].copy_from_slice(&[0, 0]);
    let packet = parse(LinkType::RAW, &bytes, 100_040);
    assert_eq!(ip(packet.network).total_len, 100_040);
    let Segment::Tcp(tcp) = packet.segment else { panic!("no segment") };
    assert_eq!((tcp.payload_len, tcp.payload), (100_000 - 8 - 32, PAYLOAD));
}

#[test]
fn lengths_on_the_wire_stay_when_the_frame_is_cut() {
    let payload = vec![7; 1400];
    let bytes = ethernet(0x0800, &ipv4(6, &tcp(&payload)));
    let packet = parse(LinkType::ETHERNET, &bytes[..96], 1466);
    let Segment::Tcp(tcp) = packet.segment else { panic!("no segment") };
    assert_eq!((tcp.payload_len, tcp.payload.len(), tcp.options.len(), tcp.options_cut), (1400, 30, 12, false));
    assert_eq!((packet.transport_len, packet.transport_bytes.len(), packet.stop), (1432, 62, None));
}

#[test]
fn lengths_that_cannot_be_are_named() {
    let stop = |change: fn(&mut Vec<u8>)| {
        let mut bytes = frame();
        change(&mut bytes);
        whole(LinkType::ETHERNET, &bytes).stop.map(|stop| (stop.layer, stop.cause, stop.offset, stop.needed, stop.have))
    };
    let declared = StopCause::Declared;
    assert_eq!(stop(|b| b[17] = 19), Some((Layer::Ipv4, declared, 14, 20, 19)));
    assert_eq!(stop(|b| b[14] = 0x44), Some((Layer::Ipv4, StopCause::Invalid, 14, 0x44, 63)));
    assert_eq!(stop(|b| b[14] = 0x65), Some((Layer::Ipv4, StopCause::Invalid, 14, 0x65, 63)));
    assert_eq!(stop(|b| b[17] = 30), Some((Layer::Tcp, declared, 34, 20, 10)));
    assert_eq!(stop(|b| b[46] = 0x4b), Some((Layer::Tcp, StopCause::Invalid, 34, 16, 43)));
    assert_eq!(stop(|b| b[46] = 0xfb), Some((Layer::Tcp, declared, 34, 60, 43)));
}

#[test]
fn fragments_keep_their_bytes_and_their_place() {
    let message = udp(1, 2, &[5; 24]);
    let first = whole(LinkType::RAW, &ipv4_with(17, 0x2000, &[], &message[..16])).network;
    assert_eq!(ip(first).fragment, Some(Fragment { id: 0xabcd, offset: 0, more: true }));
    let bytes = ipv4_with(17, 2, &[], &message[16..]);
    let last = whole(LinkType::RAW, &bytes);
    assert_eq!(ip(last.network).fragment, Some(Fragment { id: 0xabcd, offset: 16, more: false }));
    assert!(matches!(last.segment, Segment::Fragment(bytes) if bytes == &message[16..]));
    assert_eq!((last.stop, last.transport_len), (None, 16));

    let bytes = ipv6(44, &join(&[&[17, 0, 0, 0x41, 1, 2, 3, 4], &message[..8]]));
    let piece = whole(LinkType::RAW, &bytes);
    assert_eq!(path(&piece), "raw/ipv6/fragment");
    let ip = ip(piece.network);
    assert_eq!(ip.fragment, Some(Fragment { id: 0x0102_0304, offset: 64, more: true }));
    assert_eq!((ip.transport.0, ip.id, ip.options_len), (17, 0x0102_0304, 8));
    assert!(matches!(piece.segment, Segment::Fragment(bytes) if bytes == &message[..8]));
}

#[test]
fn a_datagram_put_together_is_read_like_one_that_came_whole() {
    let vxlan = udp(1, 4789, &join(&[&[8, 0, 0, 0, 0, 0, 1, 0], &frame()]));
    let bytes = ethernet(0x0800, &ipv4_with(17, 0x2000, &[], &vxlan[..32]));
    let piece = whole(LinkType::ETHERNET, &bytes);
    let ip4 = Ip { fragment: None, ..ip(piece.network) };
    let packet = parse_datagram(piece.link, piece.layers, ip4, &vxlan, 0);
    assert_eq!(path(&packet), "ethernet/ipv4/udp/vxlan/ethernet/ipv4/tcp");
    assert_eq!(packet.link.source, piece.link.source);
    assert!(matches!(packet.segment, Segment::Tcp(tcp) if tcp.payload == PAYLOAD));

    // The options of the destination come after the fragment header, in the first piece only.
    let message = join(&[&[6, 0, 1, 4, 0, 0, 0, 0], &tcp_v6(PAYLOAD)]);
    let bytes = ipv6(44, &join(&[&[60, 0, 0, 1, 1, 2, 3, 4], &message[..16]]));
    let piece = whole(LinkType::RAW, &bytes);
    let ip6 = Ip { fragment: None, ..ip(piece.network) };
    let packet = parse_datagram(piece.link, piece.layers, ip6, &message, 0);
    assert_eq!(path(&packet), "raw/ipv6/fragment/destination-options/tcp");
    assert_eq!(ip(packet.network).transport.0, 6);
    assert!(matches!(packet.segment, Segment::Tcp(tcp) if tcp.payload == PAYLOAD));
}

#[test]
fn a_datagram_of_which_little_was_captured_keeps_its_length() {
    let message = udp(1, 2, &[7; 500]);
    let bytes = ethernet(0x0800, &ipv4_with(17, 0, &[], &message));
    let kept = whole(LinkType::ETHERNET, &bytes);
    let len = kept.transport_len;
    let packet = parse_datagram(kept.link, kept.layers, ip(kept.network), &message[..40], len);
    assert_eq!((packet.transport_bytes.len(), packet.transport_len), (40, len));
    assert!(matches!(packet.segment, Segment::Udp(udp) if udp.payload.len() == 32 && udp.payload_len == 500));
}

#[test]
fn a_fragment_within_a_tunnel_is_the_innermost_packet() {
    let inner = ipv4_with(17, 0x2000, &[], &[1; 16]);
    let packet_bytes = ipv4(4, &inner);
    let packet = whole(LinkType::RAW, &packet_bytes);
    assert!(ip(packet.network).fragment.is_some());
    assert!(matches!(packet.segment, Segment::Fragment(bytes) if bytes == [1; 16]));
}

#[test]
fn arp_is_read_also_where_the_frame_is_padded_and_other_hardware_is_named() {
    let message = join(&[
        &[0, 1, 8, 0, 6, 4, 0, 2],
        &[2, 0, 0, 0, 0, 0x0a],
        &SOURCE.octets(),
        &[2, 0, 0, 0, 0, 0x0b],
        &DESTINATION.octets(),
        &[0; 18],
    ]);
    let bytes = ethernet(0x0806, &message);
    let packet = whole(LinkType::ETHERNET, &bytes);
    let expected = Arp {
        operation: 2,
        sender_mac: MacAddress([2, 0, 0, 0, 0, 0x0a]),
        sender: SOURCE,
        target_mac: MacAddress([2, 0, 0, 0, 0, 0x0b]),
        target: DESTINATION,
    };
    assert_eq!((packet.network, packet.stop), (Network::Arp(expected), None));
    let mut bytes = bytes;
    bytes[14 + 1] = 24;
    bytes[14 + 4] = 8;
    let stop = whole(LinkType::ETHERNET, &bytes).stop;
    assert!(matches!(stop, Some(Stop { layer: Layer::Arp, cause: StopCause::Unsupported, needed: 24, .. })));
}

#[test]
fn arp_within_a_tunnel_leaves_nothing_of_the_outer_packet() {
    let arp = join(&[&[0, 1, 8, 0, 6, 4, 0, 1], &[0; 20]]);
    let bytes =
        ethernet(0x0800, &ipv4(17, &udp(1, 4789, &join(&[&[8, 0, 0, 0, 0, 0, 1, 0], &ethernet(0x0806, &arp)]))));
    let packet = whole(LinkType::ETHERNET, &bytes);
    assert!(matches!(packet.network, Network::Arp(_)));
    assert!(matches!(packet.segment, Segment::None));
    assert!(packet.transport_bytes.is_empty());
}
