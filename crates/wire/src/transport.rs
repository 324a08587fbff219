//! The transport layer by protocol number (IANA, Assigned Internet Protocol Numbers), and the tunnels that lie directly
//! on IP.

pub(crate) mod icmp;
pub(crate) mod sctp;
pub(crate) mod tcp;
pub(crate) mod udp;

use firstlight_model::{Layer, Segment, Transport};

use crate::link;
use crate::reader::Reader;
use crate::rest::Rest;
use crate::tunnel;

/// Reads what the network layer carries.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, transport: Transport, rest: Rest<'a>) {
    match transport {
        Transport::TCP => tcp::read(reader, rest),
        Transport::UDP => udp::read(reader, rest),
        _ => read_rarer(reader, transport, rest),
    }
}

/// Everything but TCP and UDP.
fn read_rarer<'a>(reader: &mut Reader<'_, 'a>, transport: Transport, rest: Rest<'a>) {
    match transport {
        Transport::ICMP => return icmp::read(reader, rest),
        Transport::ICMPV6 => return icmp::read_v6(reader, rest),
        Transport::IGMP => return icmp::read_igmp(reader, rest),
        Transport::SCTP => return sctp::read(reader, rest),
        _ => {}
    }
    // Until something is understood inside, it is bytes of another protocol.
    reader.packet.segment = Segment::Other(rest.data);
    match transport.0 {
        4 | 41 | 94 => tunnel::ip_in_ip::read(reader, transport, rest),
        47 => tunnel::gre::read(reader, rest),
        97 => tunnel::ip_in_ip::read_ether_ip(reader, rest),
        143 => tunnel::ip_in_ip::read_ethernet(reader, rest),
        // RFC 4023 s. 3.
        137 if reader.open_tunnel(Layer::Mpls, rest) => link::mpls::read(reader, rest),
        137 => {}
        // IPv6-NoNxt: there is nothing to read (RFC 8200 s. 4.7).
        59 => {}
        other => reader.unsupported(Layer::Other, rest, u32::from(other)),
    }
}
