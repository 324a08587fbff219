//! The Internet checksum (RFC 1071) of headers and of whole transport messages. CRC32c of SCTP is left out.

use std::net::IpAddr;

use firstlight_model::{Ip, Layer, Network, Packet, Segment, Transport};

use crate::rest::length;

/// Sum of 16-bit words in the machine's byte order, which only swaps the result (RFC 1071 s. 2 (B)); a last odd byte
/// counts as if a zero followed it.
#[inline]
pub(crate) fn sum(data: &[u8]) -> u64 {
    let (words, tail) = data.as_chunks::<4>();
    let total = words.iter().fold(0u64, |total, word| total + u64::from(u32::from_ne_bytes(*word)));
    let mut last = [0u8; 4];
    for (slot, byte) in last.iter_mut().zip(tail) {
        *slot = *byte;
    }
    total + u64::from(u32::from_ne_bytes(last))
}

/// True when a sum over data that includes its checksum says that it is right: all ones after folding.
#[inline]
pub(crate) fn is_right(sum: u64) -> bool {
    // 65535 is what ones' complement addition wraps at: a sum is all ones when it is a multiple and not zero.
    sum != 0 && sum.is_multiple_of(0xffff)
}

/// Checks the checksum of TCP, UDP, ICMP and ICMPv6 over what was captured.
///
/// `None` when it cannot be told: the message was cut off, is a fragment, has no checksum (0 in UDP over IPv4) or is
/// of another protocol; also when the sum is wrong but options or extension headers may have put another address into
/// it (source routes, RFC 791 s. 3.1, RFC 8200 s. 8.1; home addresses, RFC 6275 s. 11.3).
pub fn transport_checksum_ok(packet: &Packet<'_>) -> Option<bool> {
    let Network::Ip(ip) = &packet.network else { return None };
    if length(packet.transport_bytes) != packet.transport_len || ip.fragment.is_some() {
        return None;
    }
    let message = packet.transport_bytes;
    let right = match packet.segment {
        Segment::Tcp(_) if message.len() >= 20 => is_right(sum(message) + pseudo_header(ip, message, Transport::TCP)),
        Segment::Udp(udp) => {
            let header = message.first_chunk::<8>()?;
            if header[6..] == [0, 0] && ip.source.is_ipv4() {
                return None;
            }
            // Bytes behind the datagram (RFC 9868) are not in its sum.
            let message = message.get(..8 + udp.payload.len())?;
            is_right(sum(message) + pseudo_header(ip, message, Transport::UDP))
        }
        Segment::Icmp(_) if message.len() >= 8 => is_right(sum(message)),
        Segment::Icmpv6(_) if message.len() >= 8 => {
            is_right(sum(message) + pseudo_header(ip, message, Transport::ICMPV6))
        }
        _ => return None,
    };
    if right || !sum_may_have_other_address(packet, ip) { Some(right) } else { None }
}

/// The sum of the pseudo-header (RFC 9293 s. 3.1, RFC 8200 s. 8.1); both have the same words in another order.
fn pseudo_header(ip: &Ip, message: &[u8], transport: Transport) -> u64 {
    let addresses = match (ip.source, ip.destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => sum(&source.octets()) + sum(&destination.octets()),
        (IpAddr::V6(source), IpAddr::V6(destination)) => sum(&source.octets()) + sum(&destination.octets()),
        _ => 0,
    };
    addresses + sum(&[0, transport.0]) + sum(&length(message).to_be_bytes())
}

/// True when the sender may have summed over another address than the one in the IP header.
fn sum_may_have_other_address(packet: &Packet<'_>, ip: &Ip) -> bool {
    if matches!(packet.segment, Segment::Icmp(_)) {
        return false;
    }
    match ip.source {
        IpAddr::V4(_) => ip.options_len > 0,
        IpAddr::V6(_) => packet
            .layers
            .as_slice()
            .iter()
            .rev()
            .take_while(|layer| **layer != Layer::Ipv6)
            .any(|layer| matches!(layer, Layer::Routing | Layer::DestinationOptions)),
    }
}
