//! Whatever the bytes: no panic, and what is told of them holds together.

use firstlight_model::{Layers, Link, LinkType, Network, Packet, Segment, StopCause, Transport};
use firstlight_wire::{parse, parse_datagram, transport_checksum_ok};
use proptest::prelude::{ProptestConfig, any, proptest};

use crate::paths::path;
use crate::samples;

/// Captured bytes and length on the wire of what the segment carries.
fn payload(segment: Segment<'_>) -> Option<(usize, u32)> {
    match segment {
        Segment::Tcp(tcp) => Some((tcp.payload.len(), tcp.payload_len)),
        Segment::Udp(udp) => Some((udp.payload.len(), udp.payload_len)),
        Segment::Icmp(icmp) | Segment::Icmpv6(icmp) => Some((icmp.payload.len(), icmp.payload_len)),
        Segment::Igmp(igmp) => Some((igmp.payload.len(), igmp.payload_len)),
        Segment::Sctp(sctp) => Some((sctp.payload.len(), sctp.payload_len)),
        Segment::None | Segment::Fragment(_) | Segment::Other(_) => None,
    }
}

/// What holds of every packet.
pub fn check(packet: &Packet<'_>, data: &[u8]) {
    let within = |bytes: &[u8]| bytes.is_empty() || data.as_ptr_range().contains(&bytes.as_ptr());
    assert!(packet.transport_bytes.len() <= packet.transport_len as usize, "{packet:?}");
    assert!(within(packet.transport_bytes));
    if let Some((captured, on_the_wire)) = payload(packet.segment) {
        assert!(captured <= on_the_wire as usize, "{packet:?}");
        assert!(on_the_wire <= packet.transport_len, "{packet:?}");
        assert!(matches!(packet.network, Network::Ip(ip) if ip.fragment.is_none()), "{packet:?}");
    }
    if let Segment::Tcp(tcp) = packet.segment {
        assert!(tcp.options.len() <= 40 || packet.stop.is_some_and(|stop| stop.cause == StopCause::Declared));
        assert!(within(tcp.options) && within(tcp.payload));
    }
    if let Segment::Fragment(bytes) = packet.segment {
        assert!(matches!(packet.network, Network::Ip(ip) if ip.fragment.is_some()));
        assert_eq!(bytes, packet.transport_bytes);
    }
    if let Some(stop) = packet.stop {
        match stop.cause {
            StopCause::Captured | StopCause::Declared => assert!(stop.have < stop.needed, "{stop:?}"),
            _ => {}
        }
    }
    let _ = transport_checksum_ok(packet);
}

#[test]
fn a_sample_cut_anywhere_is_understood_up_to_the_cut() {
    let mut wrong = Vec::new();
    for sample in samples::all() {
        let len = u32::try_from(sample.bytes.len()).unwrap();
        let full = parse(sample.link_type, &sample.bytes, len);
        for cut in 0..sample.bytes.len() {
            let data = &sample.bytes[..cut];
            let packet = parse(sample.link_type, data, len);
            check(&packet, data);
            let (short, long) = (packet.layers.as_slice(), full.layers.as_slice());
            let at_cut = match packet.stop {
                // Of a private link type, too, only the looks say what it is.
                Some(stop) => stop.cause == StopCause::Captured || sample.link_type == LinkType(149) && cut < 12,
                // Where only the looks of what is inside say that it is there, nothing is said when they are cut off.
                None => short == long || matches!(packet.segment, Segment::Udp(_)),
            };
            if !at_cut || !long.starts_with(short) {
                wrong.push(format!("{} cut at {cut}: {} {:?}", sample.path, path(&packet), packet.stop));
            }
            if let (Segment::Tcp(cut), Segment::Tcp(whole)) = (packet.segment, full.segment) {
                assert_eq!((cut.payload_len, cut.sequence), (whole.payload_len, whole.sequence));
                assert!(whole.payload.starts_with(cut.payload) && whole.options.starts_with(cut.options));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_sample_cut_without_saying_so_makes_no_difference_to_safety() {
    for sample in samples::all() {
        for cut in 0..sample.bytes.len() {
            let data = &sample.bytes[..cut];
            check(&parse(sample.link_type, data, 0), data);
        }
    }
}

#[test]
fn every_flipped_bit_in_every_sample_is_survived() {
    for sample in samples::all() {
        let len = u32::try_from(sample.bytes.len()).unwrap();
        let mut bytes = sample.bytes.clone();
        for at in 0..bytes.len() {
            for mask in [1, 2, 4, 8, 16, 32, 64, 128, 0xff] {
                bytes[at] ^= mask;
                check(&parse(sample.link_type, &bytes, len), &bytes);
                bytes[at] ^= mask;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_survived_on_every_link_type(
        data in proptest::collection::vec(any::<u8>(), 0..160), link_type in 0u32..300, original_len: u32
    ) {
        check(&parse(LinkType(link_type), &data, original_len), &data);
        check(&parse(LinkType(link_type), &data, original_len % 256), &data);
    }

    #[test]
    fn samples_with_several_changed_bytes_are_survived(
        pick: proptest::sample::Index,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        cut: proptest::sample::Index,
    ) {
        let all = samples::all();
        let sample = pick.get(&all);
        let mut data = sample.bytes.clone();
        for (at, byte) in changes {
            let at = at.index(data.len());
            data[at] = byte;
        }
        let original_len = u32::try_from(data.len()).unwrap();
        check(&parse(sample.link_type, &data, original_len), &data);
        data.truncate(cut.index(data.len()));
        check(&parse(sample.link_type, &data, original_len), &data);
    }

    #[test]
    fn random_datagrams_of_every_protocol_are_survived(
        data in proptest::collection::vec(any::<u8>(), 0..120), more in 0u32..9, protocol: u8, v6: bool
    ) {
        let header = if v6 { crate::builders::ipv6(59, &[]) } else { crate::builders::ipv4(59, &[]) };
        let packet = parse(LinkType::RAW, &header, 0);
        let Network::Ip(mut ip) = packet.network else { panic!("no network layer") };
        ip.transport = Transport(protocol);
        let len = u32::try_from(data.len()).unwrap() + more;
        check(&parse_datagram(Link::default(), Layers::new(), ip, &data, len), &data);
    }
}
