//! Checksums of the transport layer: right, wrong, and when it cannot be told.

use firstlight_model::LinkType;
use firstlight_wire::{parse, transport_checksum_ok};
use proptest::prelude::{any, proptest};

use crate::builders::*;
use crate::paths::whole;

fn check(bytes: &[u8]) -> Option<bool> {
    transport_checksum_ok(&whole(LinkType::RAW, bytes))
}

#[test]
fn right_checksums_are_right_and_any_flipped_bit_is_seen() {
    let messages =
        [packet(), packet_v6(), ipv4(17, &udp(9, 53, b"odd")), ipv4(1, &icmp(b"ping")), ipv6(58, &icmpv6(b"ping!"))];
    for bytes in messages {
        assert_eq!(check(&bytes), Some(true));
        let last = bytes.len() - 1;
        for bit in 0..8 {
            let mut bytes = bytes.clone();
            bytes[last] ^= 1 << bit;
            assert_eq!(check(&bytes), Some(false));
        }
    }
}

#[test]
fn nothing_is_said_of_what_is_cut_or_a_fragment_or_another_protocol() {
    let bytes = packet();
    let cut = parse(LinkType::RAW, &bytes[..bytes.len() - 1], 63);
    assert_eq!(transport_checksum_ok(&cut), None);
    assert_eq!(check(&ipv4_with(17, 0x2000, &[], &udp(1, 2, &[0; 8]))), None);
    assert_eq!(check(&ipv4(132, &[0; 16])), None);
    assert_eq!(check(&ipv4(89, &[0; 16])), None);
    assert_eq!(check(&ipv4(6, &[0; 8])), None);
    assert_eq!(transport_checksum_ok(&whole(LinkType::ETHERNET, &ethernet(0x88cc, &[0; 9]))), None);
}

#[test]
fn a_udp_checksum_of_zero_is_absent_over_ipv4_and_wrong_over_ipv6() {
    let mut message = udp(1, 2, b"abc");
    message[6..8].copy_from_slice(&[0, 0]);
    assert_eq!(check(&ipv4(17, &message)), None);
    assert_eq!(check(&ipv6(17, &message)), Some(false));
}

#[test]
fn bytes_behind_the_udp_length_are_not_in_its_checksum() {
    let message = join(&[&udp(1, 2, b"abc"), &[1, 2, 3]]);
    assert_eq!(check(&ipv4(17, &message)), Some(true));
}

#[test]
fn a_wrong_sum_says_nothing_where_a_route_may_have_changed_the_address() {
    let routed = |sum: &[u8]| ipv6(43, &join(&[&[6, 2, 0, 1, 0, 0, 0, 0], &[1; 16], sum]));
    assert_eq!(check(&routed(&tcp_v6(PAYLOAD))), Some(true));
    assert_eq!(check(&routed(&tcp(PAYLOAD))), None);
    assert_eq!(check(&ipv4_with(6, 0, &[131, 7, 4, 1, 2, 3, 4, 0], &tcp_v6(PAYLOAD))), None);
}

proptest! {
    #[test]
    fn the_sum_agrees_with_a_naive_loop(payload in proptest::collection::vec(any::<u8>(), 0..90)) {
        assert_eq!(check(&ipv4(6, &tcp(&payload))), Some(true));
        assert_eq!(check(&ipv6(6, &tcp_v6(&payload))), Some(true));
        // A sum of zero is sent as all ones, which `udp` does not do.
        let message = udp(1, 2, &payload);
        if message[6..8] != [0, 0] {
            assert_eq!(check(&ipv4(17, &message)), Some(true));
        }
    }
}
