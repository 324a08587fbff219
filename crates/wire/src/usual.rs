//! The frames that nearly all captures are made of, TCP and UDP over IPv4 over Ethernet with nothing out of the ordinary,
//! read in one piece. A short cut and no more: what it gives is what the layers give one by one (a test holds both
//! together), and it leaves to them all frames with a tag, an option of IPv4, a fragment, a wrong length, a cut header
//! or what may be a tunnel.

use firstlight_model::{EtherType, Layer, Layers, Link, Network, Packet, Segment, Transport, Udp};

use crate::checksum;
use crate::link::ethernet;
use crate::network::ipv4;
use crate::transport::tcp;
use crate::tunnel;

/// Length of the Ethernet and IPv4 headers.
const BEFORE_TRANSPORT: usize = 34;

const TCP_LAYERS: Layers = Layers::of(&[Layer::Ethernet, Layer::Ipv4, Layer::Tcp]);
const UDP_LAYERS: Layers = Layers::of(&[Layer::Ethernet, Layer::Ipv4, Layer::Udp]);

/// Reads the frame when it is one of TCP.
#[inline(always)]
pub(crate) fn read_tcp(data: &[u8]) -> Option<Packet<'_>> {
    let headers = data.first_chunk::<54>()?;
    let (ethernet, after) = headers.split_first_chunk::<14>()?;
    let (ipv4, after) = after.split_first_chunk::<20>()?;
    let fixed = after.first_chunk::<20>()?;
    if !is_usual(ethernet, ipv4, Transport::TCP) {
        return None;
    }
    let (total_len, header_len) = (ipv4::total_len(ipv4), tcp::header_len(fixed));
    if header_len < 20 || total_len < 20 + header_len {
        return None;
    }
    let bytes = transport_bytes(data, total_len)?;
    let (header, payload) = bytes.split_at_checked(header_len as usize)?;
    Some(Packet {
        layers: TCP_LAYERS,
        link: link(ethernet),
        network: network(ipv4, total_len),
        segment: Segment::Tcp(tcp::fixed_header(fixed, header.get(20..)?, payload, total_len - 20 - header_len)),
        transport_bytes: bytes,
        transport_len: total_len - 20,
        stop: None,
    })
}

/// Reads the frame when it is one of UDP and no tunnel.
#[inline(always)]
pub(crate) fn read_udp(data: &[u8]) -> Option<Packet<'_>> {
    let headers = data.first_chunk::<42>()?;
    let (ethernet, after) = headers.split_first_chunk::<14>()?;
    let (ipv4, after) = after.split_first_chunk::<20>()?;
    if !is_usual(ethernet, ipv4, Transport::UDP) {
        return None;
    }
    let &[s0, s1, d0, d1, l0, l1, _, _] = after.first_chunk::<8>()?;
    let (source_port, destination_port) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    let (total_len, declared) = (ipv4::total_len(ipv4), u32::from(u16::from_be_bytes([l0, l1])));
    if declared < 8 || total_len != 20 + declared {
        return None;
    }
    let bytes = transport_bytes(data, total_len)?;
    let payload = bytes.get(8..)?;
    if tunnel::is_candidate(source_port, destination_port, payload) {
        return None;
    }
    Some(Packet {
        layers: UDP_LAYERS,
        link: link(ethernet),
        network: network(ipv4, total_len),
        segment: Segment::Udp(Udp { source_port, destination_port, payload, payload_len: declared - 8 }),
        transport_bytes: bytes,
        transport_len: declared,
        stop: None,
    })
}

/// True for IPv4 with a header of five words that is no fragment.
#[inline(always)]
fn is_usual(ethernet: &[u8; 14], ipv4: &[u8; 20], transport: Transport) -> bool {
    [ethernet[12], ethernet[13], ipv4[0], ipv4[9]] == [0x08, 0x00, 0x45, transport.0]
        && ipv4::fragment_word(ipv4) & ipv4::IS_FRAGMENT == 0
}

/// What is behind the IPv4 header: padding lies behind the datagram; or its end was not captured.
#[inline(always)]
fn transport_bytes(data: &[u8], total_len: u32) -> Option<&[u8]> {
    data.get(..14 + total_len as usize).unwrap_or(data).get(BEFORE_TRANSPORT..)
}

#[inline(always)]
fn link(ethernet: &[u8; 14]) -> Link {
    let (source, destination) = ethernet::addresses(ethernet);
    Link { source: Some(source), destination: Some(destination), vlan: 0, ether_type: Some(EtherType::IPV4) }
}

#[inline(always)]
fn network(ipv4: &[u8; 20], total_len: u32) -> Network {
    Network::Ip(ipv4::fixed_header(ipv4, total_len, Some(checksum::is_right(checksum::sum(ipv4)))))
}
