//! The key of a flow: both endpoints in an order that does not depend on who spoke.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use firstlight_model::{Endpoint, Ip, Link, MacAddress, Segment, Transport};

/// Both endpoints and the protocol. Equal for the two directions of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowKey {
    low: u128,
    high: u128,
    low_port: u16,
    high_port: u16,
    transport: u8,
    is_v4: bool,
    /// Link address of a sender that has no address yet (0.0.0.0, ::), 0 for all others: several machines that ask
    /// for an address at the same time are not one.
    link: u64,
}

impl Hash for FlowKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.low);
        state.write_u128(self.high);
        let ports = u64::from(self.low_port) << 16 | u64::from(self.high_port);
        state.write_u64(ports << 16 | u64::from(self.transport) << 1 | u64::from(self.is_v4));
        state.write_u64(self.link);
    }
}

impl FlowKey {
    /// The key of a packet, and whether its sender is the lower of the two endpoints.
    pub fn of(link: &Link, ip: &Ip, segment: &Segment<'_>) -> (Self, bool) {
        let (source_port, destination_port) = ports(segment);
        let source = Endpoint { address: ip.source, port: source_port };
        let destination = Endpoint { address: ip.destination, port: destination_port };
        Self::between(source, destination, ip.transport, link.source)
    }

    /// The key of what `source` sends, and whether it is the lower endpoint. Its link address counts where it has no
    /// address yet.
    pub fn between(
        source: Endpoint,
        destination: Endpoint,
        transport: Transport,
        link: Option<MacAddress>,
    ) -> (Self, bool) {
        let (mut key, source_is_low) =
            Self::new(source.address, source.port, destination.address, destination.port, transport);
        if source.address.is_unspecified()
            && let Some(MacAddress([a, b, c, d, e, f])) = link
        {
            key.link = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
        }
        (key, source_is_low)
    }

    /// The key of an exchange, and whether its source is the lower endpoint.
    pub fn new(
        source: IpAddr,
        source_port: u16,
        destination: IpAddr,
        destination_port: u16,
        transport: Transport,
    ) -> (Self, bool) {
        let is_v4 = source.is_ipv4();
        let from = (bits(source), source_port);
        let to = (bits(destination), destination_port);
        let source_is_low = from <= to;
        let (low, high) = if source_is_low { (from, to) } else { (to, from) };
        let key = Self {
            low: low.0,
            high: high.0,
            low_port: low.1,
            high_port: high.1,
            transport: transport.0,
            is_v4,
            link: 0,
        };
        (key, source_is_low)
    }

    /// The lower endpoint.
    pub fn low(&self) -> Endpoint {
        Endpoint { address: self.address(self.low), port: self.low_port }
    }

    /// The higher endpoint.
    pub fn high(&self) -> Endpoint {
        Endpoint { address: self.address(self.high), port: self.high_port }
    }

    /// The protocol.
    pub fn transport(&self) -> Transport {
        Transport(self.transport)
    }

    fn address(&self, bits: u128) -> IpAddr {
        if self.is_v4 {
            let low = u32::try_from(bits & 0xffff_ffff).expect("32 bits were kept");
            IpAddr::V4(Ipv4Addr::from_bits(low))
        } else {
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        }
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// Source and destination port; for ICMP the type and its counterpart, or the type and code where there is none.
fn ports(segment: &Segment<'_>) -> (u16, u16) {
    match segment {
        Segment::Tcp(tcp) => (tcp.source_port, tcp.destination_port),
        Segment::Udp(udp) => (udp.source_port, udp.destination_port),
        Segment::Sctp(sctp) => (sctp.source_port, sctp.destination_port),
        Segment::Icmp(icmp) => {
            (u16::from(icmp.kind), counterpart(icmp.kind, &ICMP_PAIRS).unwrap_or(u16::from(icmp.code)))
        }
        Segment::Icmpv6(icmp) => {
            (u16::from(icmp.kind), counterpart(icmp.kind, &ICMPV6_PAIRS).unwrap_or(u16::from(icmp.code)))
        }
        Segment::None | Segment::Igmp(_) | Segment::Fragment(_) | Segment::Other(_) => (0, 0),
    }
}

/// ICMP requests and their answers (Community ID v1 specification, the ICMP table).
pub(crate) const ICMP_PAIRS: [(u8, u8); 5] = [(8, 0), (13, 14), (15, 16), (10, 9), (17, 18)];
/// Likewise of ICMPv6.
pub(crate) const ICMPV6_PAIRS: [(u8, u8); 6] = [(128, 129), (133, 134), (135, 136), (130, 131), (139, 140), (144, 145)];

/// The type that answers, or is answered by, `kind`.
pub(crate) fn counterpart(kind: u8, pairs: &[(u8, u8)]) -> Option<u16> {
    pairs.iter().find_map(|&(request, answer)| match kind {
        _ if kind == request => Some(u16::from(answer)),
        _ if kind == answer => Some(u16::from(request)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_have_one_key() {
        let a: IpAddr = "192.0.2.1".parse().unwrap();
        let b: IpAddr = "198.51.100.7".parse().unwrap();
        let (there, forward) = FlowKey::new(a, 49152, b, 443, Transport::TCP);
        let (back, backward) = FlowKey::new(b, 443, a, 49152, Transport::TCP);
        assert_eq!(there, back);
        assert_ne!(forward, backward);
        assert_eq!(there.low(), Endpoint { address: a, port: 49152 });
        assert_eq!(there.high(), Endpoint { address: b, port: 443 });
    }

    #[test]
    fn an_ipv4_address_is_not_the_ipv6_address_of_the_same_bits() {
        let v4 = FlowKey::new("0.0.0.1".parse().unwrap(), 1, "0.0.0.2".parse().unwrap(), 2, Transport::UDP).0;
        let v6 = FlowKey::new("::1".parse().unwrap(), 1, "::2".parse().unwrap(), 2, Transport::UDP).0;
        assert_ne!(v4, v6);
    }
}
