//! The Internet checksum (RFC 1071) and the pseudo-headers of RFC 9293 s. 3.1 and RFC 8200 s. 8.1.

use std::net::IpAddr;

use firstlight_model::Transport;

use crate::bytes::{Put, len_u32};

/// What a host writes in the checksum fields of its TCP segments and UDP datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Checksums {
    /// The right value.
    #[default]
    Right,
    /// The sum of the pseudo-header only, as a sender leaves it to a network card that finishes it. What a capture on
    /// the sending machine or on the host of a virtual one shows.
    Offloaded,
    /// Zero.
    Zero,
}

/// The ones' complement sum of 16-bit words, folded but not complemented.
fn sum(parts: &[&[u8]]) -> u16 {
    let mut total: u32 = 0;
    for part in parts {
        let mut words = part.chunks_exact(2);
        for word in &mut words {
            if let [high, low] = word {
                total += u32::from(u16::from_be_bytes([*high, *low]));
            }
            if total > 0x7fff_0000 {
                total = (total >> 16) + (total & 0xffff);
            }
        }
        if let [last] = words.remainder() {
            total += u32::from(*last) << 8;
        }
    }
    while total > 0xffff {
        total = (total >> 16) + (total & 0xffff);
    }
    let [_, _, high, low] = total.to_be_bytes();
    u16::from_be_bytes([high, low])
}

/// The checksum of `bytes`, whose own checksum field holds zero.
pub fn internet(bytes: &[u8]) -> u16 {
    !sum(&[bytes])
}

fn pseudo_header(source: IpAddr, destination: IpAddr, protocol: Transport, len: usize) -> Vec<u8> {
    let mut header = Vec::with_capacity(40);
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            header.put(&source.octets());
            header.put(&destination.octets());
        }
        (source, destination) => {
            for address in [source, destination] {
                match address {
                    IpAddr::V4(v4) => header.put(&v4.to_ipv6_mapped().octets()),
                    IpAddr::V6(v6) => header.put(&v6.octets()),
                }
            }
        }
    }
    header.put_u32(len_u32(len));
    header.put_u32(u32::from(protocol.0));
    header
}

/// The checksum of a segment, datagram or message between two addresses; its own checksum field holds zero.
pub fn transport(style: Checksums, source: IpAddr, destination: IpAddr, protocol: Transport, segment: &[u8]) -> u16 {
    let pseudo = pseudo_header(source, destination, protocol, segment.len());
    match style {
        Checksums::Right => {
            let value = !sum(&[&pseudo, segment]);
            // RFC 768: a computed zero is sent as all ones, zero means that there is none.
            if value == 0 && protocol == Transport::UDP { 0xffff } else { value }
        }
        Checksums::Offloaded => sum(&[&pseudo]),
        Checksums::Zero => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::internet;

    #[test]
    fn agrees_with_the_example_of_rfc_1071() {
        assert_eq!(internet(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
    }

    #[test]
    fn pads_an_odd_byte_on_the_right() {
        assert_eq!(internet(&[0x12]), !0x1200);
    }
}
