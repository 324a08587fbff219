//! Link type and bytes to packet.
//!
//! Two bytes are the link type (big-endian), one says how many bytes the capture cut off, one is the protocol of a
//! datagram put together from fragments; the rest is the frame. What holds:
//! - slices lie within the frame, and what was captured is not longer than what was sent;
//! - a fragment is not read as a segment, and a segment is none of a fragment;
//! - where reading stopped for want of bytes, more were needed than there were;
//! - the same bytes give the same packet.

use firstlight_model::{Layers, Link, LinkType, Network, Packet, Segment, StopCause, Transport};
use firstlight_wire::{parse, parse_datagram, transport_checksum_ok};

/// Reads a frame.
///
/// # Panics
/// When one of the sentences above does not hold.
pub fn run(bytes: &[u8]) {
    let Some((&[high, low, missing, protocol], data)) = bytes.split_first_chunk() else { return };
    let Ok(len) = u32::try_from(data.len()) else { return };
    let link_type = LinkType(u32::from(u16::from_be_bytes([high, low])));
    for original_len in [len, len + u32::from(missing), 0] {
        let packet = parse(link_type, data, original_len);
        check(&packet, data);
        // Bytes behind those that were captured do not matter.
        let mut longer = data.to_vec();
        longer.extend_from_slice(&[0xa5; 64]);
        let again = parse(link_type, &longer[..data.len()], original_len);
        assert_eq!(format!("{packet:?}"), format!("{again:?}"));
        if let Network::Ip(mut ip) = packet.network {
            ip.fragment = None;
            ip.transport = Transport(protocol);
            check(&parse_datagram(Link::default(), Layers::new(), ip, data, len + u32::from(missing)), data);
        }
    }
}

/// Captured bytes and length on the wire of what the segment carries.
fn payload(segment: Segment<'_>) -> Option<(&[u8], u32)> {
    match segment {
        Segment::Tcp(tcp) => Some((tcp.payload, tcp.payload_len)),
        Segment::Udp(udp) => Some((udp.payload, udp.payload_len)),
        Segment::Icmp(icmp) | Segment::Icmpv6(icmp) => Some((icmp.payload, icmp.payload_len)),
        Segment::Igmp(igmp) => Some((igmp.payload, igmp.payload_len)),
        Segment::Sctp(sctp) => Some((sctp.payload, sctp.payload_len)),
        Segment::None | Segment::Fragment(_) | Segment::Other(_) => None,
    }
}

fn check(packet: &Packet<'_>, data: &[u8]) {
    let within = |bytes: &[u8]| {
        let (outer, inner) = (data.as_ptr_range(), bytes.as_ptr_range());
        bytes.is_empty() || outer.start <= inner.start && inner.end <= outer.end
    };
    assert!(packet.transport_bytes.len() <= packet.transport_len as usize, "{packet:?}");
    assert!(within(packet.transport_bytes));
    if let Some((captured, on_the_wire)) = payload(packet.segment) {
        assert!(within(captured));
        assert!(captured.len() <= on_the_wire as usize, "{packet:?}");
        assert!(on_the_wire <= packet.transport_len, "{packet:?}");
        assert!(matches!(packet.network, Network::Ip(ip) if ip.fragment.is_none()), "{packet:?}");
    }
    if let Segment::Tcp(tcp) = packet.segment {
        assert!(within(tcp.options));
        assert!(tcp.options.len() <= 40, "{packet:?}");
    }
    if let Segment::Fragment(bytes) = packet.segment {
        assert!(matches!(packet.network, Network::Ip(ip) if ip.fragment.is_some()), "{packet:?}");
        assert_eq!(bytes, packet.transport_bytes);
    }
    if let Some(stop) = packet.stop
        && matches!(stop.cause, StopCause::Captured | StopCause::Declared)
    {
        assert!(stop.have < stop.needed, "{stop:?}");
    }
    let _ = transport_checksum_ok(packet);
}
