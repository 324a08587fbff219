//! TCP, UDP, ICMP, IGMP, SCTP: fields, and lengths that differ from those of the network layer.

use firstlight_model::{Layer, LinkType, Segment, StopCause, TcpFlags, Transport};
use firstlight_wire::parse;

use crate::builders::*;
use crate::paths::whole;

#[test]
fn fields_of_tcp_are_where_the_standard_says_on_the_short_cut_and_off_it() {
    for bytes in [frame(), ethernet(0x86dd, &packet_v6())] {
        let packet = whole(LinkType::ETHERNET, &bytes);
        let Segment::Tcp(tcp) = packet.segment else { panic!("no segment") };
        assert_eq!((tcp.source_port, tcp.destination_port), (0xc001, 443));
        assert_eq!((tcp.sequence, tcp.acknowledgment), (0x0102_0304, 0x0506_0708));
        let flags = TcpFlags::AE | TcpFlags::CWR | TcpFlags::ECE | TcpFlags::ACK | TcpFlags::PSH | TcpFlags::SYN;
        assert_eq!((tcp.flags, tcp.reserved), (TcpFlags(flags), 0b101));
        assert_eq!((tcp.window, tcp.urgent), (0xfaf0, 9));
        assert_eq!((tcp.options, tcp.options_cut), (&[2, 4, 5, 0xb4, 1, 3, 3, 6, 4, 2, 0, 0][..], false));
    }
}

#[test]
fn options_cut_by_the_capture_are_said_to_be() {
    let bytes = frame();
    let packet = parse(LinkType::ETHERNET, &bytes[..60], 77);
    let Segment::Tcp(tcp) = packet.segment else { panic!("no segment") };
    assert_eq!((tcp.options, tcp.options_cut), (&[2, 4, 5, 0xb4, 1, 3][..], true));
    assert_eq!((tcp.payload, tcp.payload_len), (&[][..], 11));
}

#[test]
fn the_fixed_header_is_kept_when_the_offset_is_wrong() {
    for (offset, options) in [(0x40, &[][..]), (0xf0, &[2, 4, 5, 0xb4, 1, 3, 3, 6, 4, 2, 0, 0][..])] {
        let mut bytes = frame();
        bytes[46] = offset;
        bytes.truncate(66);
        bytes[17] = 52;
        let packet = whole(LinkType::ETHERNET, &bytes);
        let Segment::Tcp(tcp) = packet.segment else { panic!("no segment") };
        assert_eq!((tcp.destination_port, tcp.options, tcp.payload_len), (443, options, 0));
    }
}

#[test]
fn a_udp_length_below_that_of_ip_ends_the_payload() {
    let mut message = udp(1, 2, b"abcdef");
    message[5] = 12;
    let bytes = ipv4(17, &message);
    let packet = whole(LinkType::RAW, &bytes);
    assert!(matches!(packet.segment, Segment::Udp(udp) if udp.payload == b"abcd" && udp.payload_len == 4));
    assert_eq!((packet.transport_len, packet.stop), (14, None));
}

#[test]
fn a_udp_length_beyond_that_of_ip_is_said_and_the_payload_is_what_ip_has() {
    let mut message = udp(1, 2, b"abcdef");
    message[5] = 200;
    let bytes = ipv4(17, &message);
    let packet = whole(LinkType::RAW, &bytes);
    assert!(matches!(packet.segment, Segment::Udp(udp) if udp.payload == b"abcdef" && udp.payload_len == 6));
    let stop = packet.stop.unwrap();
    assert_eq!((stop.layer, stop.cause, stop.needed, stop.have), (Layer::Udp, StopCause::Declared, 200, 14));
}

#[test]
fn a_udp_length_of_zero_is_that_of_ip_and_one_below_eight_is_invalid() {
    let mut message = udp(1, 2, b"abcdef");
    message[5] = 0;
    let bytes = ipv4(17, &message);
    assert!(matches!(whole(LinkType::RAW, &bytes).segment, Segment::Udp(udp) if udp.payload == b"abcdef"));
    message[5] = 7;
    let bytes = ipv4(17, &message);
    let packet = whole(LinkType::RAW, &bytes);
    assert!(matches!(packet.segment, Segment::Udp(udp) if udp.payload.is_empty() && udp.payload_len == 0));
    assert_eq!(packet.stop.map(|stop| stop.cause), Some(StopCause::Invalid));
}

#[test]
fn messages_of_icmp_and_igmp_and_chunks_of_sctp_are_told() {
    let bytes = ipv4(1, &icmp(b"ping"));
    let packet = whole(LinkType::RAW, &bytes);
    assert!(matches!(packet.segment, Segment::Icmp(icmp)
        if (icmp.kind, icmp.code, icmp.rest, icmp.payload) == (8, 0, 0x1234_0007, b"ping") && icmp.payload_len == 4));
    let bytes = ipv6(58, &icmpv6(b"ping"));
    assert!(matches!(whole(LinkType::RAW, &bytes).segment, Segment::Icmpv6(icmp) if icmp.kind == 128));
    let bytes = ipv4_with(2, 0, &[0x94, 4, 0, 0], &[0x16, 0, 9, 4, 224, 0, 0, 251]);
    assert!(
        matches!(whole(LinkType::RAW, &bytes).segment, Segment::Igmp(igmp) if igmp.kind == 0x16 && igmp.payload.len() == 8)
    );
    let bytes = ipv4(132, &[0x0b, 0x59, 0x0b, 0x5a, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0, 4]);
    assert!(matches!(whole(LinkType::RAW, &bytes).segment, Segment::Sctp(sctp)
        if (sctp.source_port, sctp.destination_port, sctp.payload_len) == (2905, 2906, 4)));
}

#[test]
fn udp_lite_is_another_protocol() {
    let bytes = ipv4(136, &udp(1, 2, b"x"));
    let packet = whole(LinkType::RAW, &bytes);
    assert!(matches!(packet.segment, Segment::Other(bytes) if bytes.len() == 9));
    assert_eq!(packet.stop.map(|stop| stop.needed), Some(136));
    assert!(matches!(packet.network, firstlight_model::Network::Ip(ip) if ip.transport == Transport(136)));
}

#[test]
fn a_packet_quoted_by_icmp_is_payload() {
    let quoted = packet();
    let bytes = ipv4(1, &join(&[&[3, 3, 0, 0, 0, 0, 0, 0], &quoted]));
    let packet = whole(LinkType::RAW, &bytes);
    assert!(matches!(packet.segment, Segment::Icmp(icmp) if icmp.payload == quoted));
}
