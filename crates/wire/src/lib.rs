//! Frames to packets: link, network and transport layers, and tunnels.
//!
//! [`parse`] reads a frame from the outside in and gives back the innermost packet that it understood, with the path
//! of layers that led there and, where reading stopped early, where and why. Bytes never make an error: there is no
//! frame for which these functions fail, panic or allocate. Every layer is one file with the same shape: the bit
//! diagram, the standard, a `read` function that takes the [`reader::Reader`] and what is left of the frame.
//!
//! Left out: reassembly of fragments (the flow stage, which hands whole payloads to [`parse_datagram`]), everything
//! above the transport layer, decryption.

mod checksum;
mod link;
mod network;
mod reader;
mod rest;
mod transport;
mod tunnel;
mod usual;

use firstlight_model::{Ip, Layers, Link, LinkType, Network, Packet};

pub use checksum::transport_checksum_ok;

use network::Version;
use reader::Reader;
use rest::Rest;

/// Reads a frame.
///
/// `data` is what was captured and `original_len` the frame's length on the wire; lengths in the packet are those on
/// the wire, slices what was captured of them. For tunnels, `network` and `segment` are of the innermost packet and
/// `link` of the outermost link.
pub fn parse<'a>(link_type: LinkType, data: &'a [u8], original_len: u32) -> Packet<'a> {
    if link_type == LinkType::ETHERNET
        && let Some(packet) = usual::read_tcp(data)
    {
        return packet;
    }
    parse_without_tcp(link_type, data, original_len)
}

/// Reads what is not a usual segment. A function of its own, so that either is compiled for itself.
#[inline(never)]
fn parse_without_tcp<'a>(link_type: LinkType, data: &'a [u8], original_len: u32) -> Packet<'a> {
    if link_type == LinkType::ETHERNET
        && let Some(packet) = usual::read_udp(data)
    {
        return packet;
    }
    parse_by_layers(link_type, data, original_len)
}

/// Reads a frame layer by layer.
#[inline(never)]
fn parse_by_layers<'a>(link_type: LinkType, data: &'a [u8], original_len: u32) -> Packet<'a> {
    let mut packet = reader::nothing(Link::default(), Layers::new());
    let mut reader = Reader::new(&mut packet);
    link::read(&mut reader, link_type, Rest::frame(data, original_len));
    packet
}

/// Reads the payload of a datagram that was put together from fragments.
///
/// `link`, `layers` and `ip` are those of one of its fragments, `ip.fragment` made `None` and `ip.total_len` that of
/// the whole; `payload` begins where the payload of the fragment with offset 0 did and is what was captured of its `len`
/// bytes. Offsets in [`Packet::stop`] count from the start of `payload`.
pub fn parse_datagram<'a>(link: Link, layers: Layers, ip: Ip, payload: &'a [u8], len: u32) -> Packet<'a> {
    let mut packet = reader::nothing(link, layers);
    packet.network = Network::Ip(ip);
    let version = if ip.source.is_ipv4() { Version::V4 } else { Version::V6 };
    let mut reader = Reader::new(&mut packet);
    network::read_payload(&mut reader, version, ip.transport, Rest::frame(payload, len));
    packet
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests build their bytes themselves")]
mod tests {
    use firstlight_model::LinkType;
    use proptest::prelude::{ProptestConfig, any, proptest};

    /// SYN with options over IPv4 over Ethernet, with two bytes of payload and six of padding.
    const FRAME: &[u8] = &[
        2, 0, 0, 0, 0, 0x0b, 2, 0, 0, 0, 0, 0x0a, 8, 0, 0x45, 0x12, 0, 46, 0xab, 0xcd, 0x40, 0, 64, 6, 0, 0, 192, 0, 2,
        1, 198, 51, 100, 7, 0xc0, 1, 1, 0xbb, 1, 2, 3, 4, 0, 0, 0, 0, 0x60, 0xc2, 0xff, 0xff, 0, 0, 0, 0, 2, 4, 5,
        0xb4, 7, 7, 0, 0, 0, 0, 0, 0,
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

        #[test]
        fn the_short_cut_gives_what_the_layers_give(
            udp: bool,
            changes in proptest::collection::vec((0usize..66, any::<u8>()), 0..4), cut in 0usize..=66, more in 0u32..3
        ) {
            let mut data = FRAME.to_vec();
            if udp {
                data[23] = 17;
                data[38..42].copy_from_slice(&[0, 26, 0, 0]);
            }
            for (at, byte) in changes {
                data[at] = byte;
            }
            let original_len = u32::try_from(data.len()).unwrap() + more;
            for data in [&data[..], &data[..cut]] {
                let short = super::parse(LinkType::ETHERNET, data, original_len);
                let long = super::parse_by_layers(LinkType::ETHERNET, data, original_len);
                assert_eq!(format!("{short:?}"), format!("{long:?}"));
            }
        }
    }

    #[test]
    fn the_usual_frame_takes_the_short_cut() {
        assert!(super::usual::read_tcp(FRAME).is_some());
    }
}
