//! The frames that nearly all captures are made of, TCP over IPv4 over Ethernet with nothing out of the ordinary, read in
//! one piece. A short cut and no more: what it gives is what the layers give one by one (a test holds both together),
//! and it leaves to them all frames with a tag, an option of IPv4, a fragment, a wrong length or a cut header.

use firstlight_model::{EtherType, Layer, Layers, Link, Network, Packet, Segment, Transport};

use crate::checksum;
use crate::link::ethernet;
use crate::network::ipv4;
use crate::transport::tcp;

/// The layers of such a frame.
const LAYERS: Layers = Layers::of(&[Layer::Ethernet, Layer::Ipv4, Layer::Tcp]);

/// Length of the Ethernet and IPv4 headers.
const BEFORE_TCP: usize = 34;

/// Reads the frame when it is a usual one.
#[inline(always)]
pub(crate) fn read(data: &[u8]) -> Option<Packet<'_>> {
    let headers = data.first_chunk::<54>()?;
    let (ethernet, after) = headers.split_first_chunk::<14>()?;
    let (ipv4, after) = after.split_first_chunk::<20>()?;
    let tcp = after.first_chunk::<20>()?;
    // Version 4 and five words of header; TCP.
    if [ethernet[12], ethernet[13], ipv4[0], ipv4[9]] != [0x08, 0x00, 0x45, Transport::TCP.0] {
        return None;
    }
    let total_len = ipv4::total_len(ipv4);
    let header_len = tcp::header_len(tcp);
    if ipv4::fragment_word(ipv4) & ipv4::IS_FRAGMENT != 0 || header_len < 20 || total_len < 20 + header_len {
        return None;
    }
    // Padding lies behind the datagram; or its end was not captured.
    let datagram = data.get(..14 + total_len as usize).unwrap_or(data);
    let transport_bytes = datagram.get(BEFORE_TCP..)?;
    let (header, payload) = transport_bytes.split_at_checked(header_len as usize)?;
    let (source, destination) = ethernet::addresses(ethernet);
    Some(Packet {
        layers: LAYERS,
        link: Link { source: Some(source), destination: Some(destination), vlan: 0, ether_type: Some(EtherType::IPV4) },
        network: Network::Ip(ipv4::fixed_header(ipv4, total_len, Some(checksum::is_right(checksum::sum(ipv4))))),
        segment: Segment::Tcp(tcp::fixed_header(tcp, header.get(20..)?, payload, total_len - 20 - header_len)),
        transport_bytes,
        transport_len: total_len - 20,
        stop: None,
    })
}
