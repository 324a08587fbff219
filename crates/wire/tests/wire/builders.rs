//! Builders of headers, one a function, each around the payload that it is given. Checksums are made by a naive loop.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Sender of the innermost packet.
pub const SOURCE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
/// Receiver of the innermost packet.
pub const DESTINATION: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);
/// Sender, for IPv6.
pub const SOURCE_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
/// Receiver, for IPv6.
pub const DESTINATION_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 7);
/// What the innermost segment carries.
pub const PAYLOAD: &[u8] = b"first light";

/// Everything one after the other.
pub fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// Ones' complement of the ones' complement sum, 16 bits at a time.
pub fn naive_checksum(parts: &[&[u8]]) -> u16 {
    let bytes = join(parts);
    let mut sum = 0u32;
    for pair in bytes.chunks(2) {
        sum += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}

/// An Ethernet frame without padding.
pub fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    join(&[&[0x02, 0, 0, 0, 0, 0x0b], &[0x02, 0, 0, 0, 0, 0x0a], &ether_type.to_be_bytes(), payload])
}

/// An IPv4 packet with options (whole words).
pub fn ipv4_with(protocol: u8, fragment_word: u16, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let words = u8::try_from(5 + options.len() / 4).unwrap();
    let total = u16::try_from(20 + options.len() + payload.len()).unwrap();
    let [t0, t1] = total.to_be_bytes();
    let [f0, f1] = fragment_word.to_be_bytes();
    let mut header = join(&[
        &[0x40 | words, 0x12, t0, t1, 0xab, 0xcd, f0, f1, 64, protocol, 0, 0],
        &SOURCE.octets(),
        &DESTINATION.octets(),
        options,
    ]);
    let sum = naive_checksum(&[&header]).to_be_bytes();
    header[10..12].copy_from_slice(&sum);
    join(&[&header, payload])
}

/// An IPv4 packet with Don't Fragment.
pub fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_with(protocol, 0x4000, &[], payload)
}

/// An IPv6 packet with flow label 0x54321 and traffic class 0x28.
pub fn ipv6(next_header: u8, payload: &[u8]) -> Vec<u8> {
    ipv6_between(SOURCE_V6, DESTINATION_V6, next_header, payload)
}

/// An IPv6 packet between two addresses.
pub fn ipv6_between(source: Ipv6Addr, destination: Ipv6Addr, next_header: u8, payload: &[u8]) -> Vec<u8> {
    let [l0, l1] = u16::try_from(payload.len()).unwrap().to_be_bytes();
    join(&[&[0x62, 0x85, 0x43, 0x21, l0, l1, next_header, 60], &source.octets(), &destination.octets(), payload])
}

fn pseudo_header_v4(protocol: u8, message: &[u8]) -> Vec<u8> {
    let len = u16::try_from(message.len()).unwrap().to_be_bytes();
    join(&[&SOURCE.octets(), &DESTINATION.octets(), &[0, protocol], &len])
}

fn pseudo_header_v6(next_header: u8, message: &[u8]) -> Vec<u8> {
    let len = u32::try_from(message.len()).unwrap().to_be_bytes();
    join(&[&SOURCE_V6.octets(), &DESTINATION_V6.octets(), &len, &[0, 0, 0, next_header]])
}

fn segment(payload: &[u8]) -> Vec<u8> {
    join(&[
        &[0xc0, 0x01, 0x01, 0xbb],
        &[0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08],
        // Eight words of header; reserved bits 101 and AE, CWR, ECE, ACK, PSH, SYN.
        &[0x8b, 0xda, 0xfa, 0xf0, 0, 0, 0x00, 0x09],
        &[2, 4, 5, 0xb4, 1, 3, 3, 6, 4, 2, 0, 0],
        payload,
    ])
}

/// A TCP segment from port 49153 to 443, its checksum for IPv4 between the usual two.
pub fn tcp(payload: &[u8]) -> Vec<u8> {
    let mut bytes = segment(payload);
    let sum = naive_checksum(&[&pseudo_header_v4(6, &bytes), &bytes]).to_be_bytes();
    bytes[16..18].copy_from_slice(&sum);
    bytes
}

/// As `tcp`, its checksum for IPv6.
pub fn tcp_v6(payload: &[u8]) -> Vec<u8> {
    let mut bytes = segment(payload);
    let sum = naive_checksum(&[&pseudo_header_v6(6, &bytes), &bytes]).to_be_bytes();
    bytes[16..18].copy_from_slice(&sum);
    bytes
}

/// A UDP datagram with a checksum for IPv4.
pub fn udp(source_port: u16, destination_port: u16, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(8 + payload.len()).unwrap();
    let mut bytes =
        join(&[&source_port.to_be_bytes(), &destination_port.to_be_bytes(), &len.to_be_bytes(), &[0, 0], payload]);
    let sum = naive_checksum(&[&pseudo_header_v4(17, &bytes), &bytes]).to_be_bytes();
    bytes[6..8].copy_from_slice(&sum);
    bytes
}

/// An ICMP echo request.
pub fn icmp(payload: &[u8]) -> Vec<u8> {
    let mut bytes = join(&[&[8, 0, 0, 0, 0x12, 0x34, 0, 7], payload]);
    let sum = naive_checksum(&[&bytes]).to_be_bytes();
    bytes[2..4].copy_from_slice(&sum);
    bytes
}

/// An ICMPv6 echo request.
pub fn icmpv6(payload: &[u8]) -> Vec<u8> {
    let mut bytes = join(&[&[128, 0, 0, 0, 0x12, 0x34, 0, 7], payload]);
    let sum = naive_checksum(&[&pseudo_header_v6(58, &bytes), &bytes]).to_be_bytes();
    bytes[2..4].copy_from_slice(&sum);
    bytes
}

/// The usual packet: TCP over IPv4.
pub fn packet() -> Vec<u8> {
    ipv4(6, &tcp(PAYLOAD))
}

/// The usual packet over IPv6.
pub fn packet_v6() -> Vec<u8> {
    ipv6(6, &tcp_v6(PAYLOAD))
}

/// The usual frame.
pub fn frame() -> Vec<u8> {
    ethernet(0x0800, &packet())
}

/// SNAP in LLC before something.
pub fn snap(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    join(&[&[0xaa, 0xaa, 0x03, 0, 0, 0], &ether_type.to_be_bytes(), payload])
}

/// An 802.11 data frame to the access point, with the given subtype and further flags and what stands behind the
/// addresses.
pub fn wlan(subtype: u8, flags: u8, behind: &[u8], payload: &[u8]) -> Vec<u8> {
    join(&[
        &[0x08 | subtype << 4, 0x01 | flags, 0, 0],
        &[2, 0, 0, 0, 0, 0xff],
        &[2, 0, 0, 0, 0, 0x0a],
        &[2, 0, 0, 0, 0, 0x0b],
        &[0x10, 0],
        behind,
        payload,
    ])
}
