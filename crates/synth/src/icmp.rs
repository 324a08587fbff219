//! ICMP (RFC 792) and ICMPv6 (RFC 4443): echo, unreachable; Neighbour Discovery (RFC 4861) and listener reports
//! (MLDv2, RFC 3810) as a host sends them when it comes up.

use std::net::{IpAddr, Ipv6Addr};

use firstlight_model::Transport;

use crate::bytes::{Put, len_u16};
use crate::checksum::{self, Checksums};
use crate::host::Host;
use crate::ip::{Header, set_u16};
use crate::traffic::Traffic;

const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
const ALL_ROUTERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 2);
const ALL_MLDV2_ROUTERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x16);

/// The group that a node with this address listens to for solicitations (RFC 4291 s. 2.7.1).
pub fn solicited_node(address: Ipv6Addr) -> Ipv6Addr {
    let [.., a, b, c] = address.octets();
    Ipv6Addr::from([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, a, b, c])
}

impl Traffic {
    /// One ICMP or ICMPv6 message: type, code, the second word, the rest.
    pub fn icmp(&mut self, from: &Host, to: &Host, kind: u8, code: u8, word: u32, rest: &[u8]) {
        let protocol = if from.addresses_to(to).0.is_ipv4() { Transport::ICMP } else { Transport::ICMPV6 };
        let header = self.header(from, to, protocol);
        self.icmp_with(from, to, kind, code, word, rest, &header);
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of the message")]
    fn icmp_with(&mut self, from: &Host, to: &Host, kind: u8, code: u8, word: u32, rest: &[u8], header: &Header) {
        let mut message = vec![kind, code, 0, 0];
        message.put_u32(word);
        message.put(rest);
        let value = if header.protocol == Transport::ICMP {
            checksum::internet(&message)
        } else {
            checksum::transport(Checksums::Right, header.source, header.destination, Transport::ICMPV6, &message)
        };
        set_u16(&mut message, 2, value);
        self.packet(from, to, header, &message);
    }

    /// Echo requests one second apart, each with its reply after 10 ms.
    pub fn ping(&mut self, from: &Host, to: &Host, count: u16) {
        let v4 = from.addresses_to(to).0.is_ipv4();
        let (request, reply) = if v4 { (8, 0) } else { (128, 129) };
        let identifier = u32::from(self.random().next_u16()) << 16;
        let data: Vec<u8> = (0u8..56).collect();
        for sequence in 0..count {
            let word = identifier | u32::from(sequence);
            self.icmp(from, to, request, 0, word, &data);
            self.wait_ms(10);
            self.icmp(to, from, reply, 0, word, &data);
            self.wait_ms(990);
        }
    }

    /// Destination unreachable with the packet that could not be delivered (at most 548 bytes of it): code 3 is "port"
    /// in IPv4, 4 in IPv6.
    pub fn unreachable(&mut self, from: &Host, to: &Host, code: u8, packet: &[u8]) {
        let kind = if from.addresses_to(to).0.is_ipv4() { 3 } else { 1 };
        let quoted = packet.get(..548).unwrap_or(packet);
        self.icmp(from, to, kind, code, 0, quoted);
    }

    /// What a host does about IPv6 when its link comes up: listener report, duplicate address detection of its
    /// link-local address, and three router solicitations; some 9 seconds.
    pub fn ipv6_comes_up(&mut self, host: &Host) {
        let link_local = host.link_local();
        self.listener_report(host, &[solicited_node(link_local)]);
        self.detect_duplicate(host, link_local);
        self.wait_s(1);
        for _ in 0..3 {
            self.router_solicitation(host);
            self.wait_s(4);
        }
    }

    /// A neighbour solicitation from the unspecified address: is anyone using this one?
    pub fn detect_duplicate(&mut self, host: &Host, address: Ipv6Addr) {
        let mut rest = address.octets().to_vec();
        // A nonce keeps a looped-back copy from being taken for another node (RFC 7527).
        rest.put(&[14, 1]);
        rest.put(&self.random().array::<6>());
        self.discovery(host, Ipv6Addr::UNSPECIFIED, solicited_node(address), 135, 0, &rest);
    }

    /// A router solicitation from the link-local address.
    pub fn router_solicitation(&mut self, host: &Host) {
        let mut rest = vec![1, 1];
        rest.put(&host.mac.0);
        self.discovery(host, host.link_local(), ALL_ROUTERS, 133, 0, &rest);
    }

    /// A router advertisement to all nodes: lifetime as default router in seconds, and a prefix of 64 bits that hosts
    /// make addresses of.
    pub fn router_advertisement(&mut self, router: &Host, lifetime_s: u16, prefix: Ipv6Addr) {
        let mut rest = vec![0; 8];
        rest.put(&[3, 4, 64, 0xc0]);
        rest.put_u32(86_400);
        rest.put_u32(14_400);
        rest.put_u32(0);
        rest.put(&prefix.octets());
        rest.put(&[1, 1]);
        rest.put(&router.mac.0);
        let word = (64 << 24) | u32::from(lifetime_s);
        self.discovery(router, router.link_local(), ALL_NODES, 134, word, &rest);
    }

    /// An MLDv2 report that the host now listens to groups.
    pub fn listener_report(&mut self, host: &Host, groups: &[Ipv6Addr]) {
        let to = Host::group(ALL_MLDV2_ROUTERS);
        let header = Header {
            hop_limit: 1,
            router_alert: true,
            ..Header::new(host.link_local().into(), ALL_MLDV2_ROUTERS.into(), Transport::ICMPV6)
        };
        let mut rest = Vec::new();
        for group in groups {
            rest.put(&[4, 0, 0, 0]);
            rest.put(&group.octets());
        }
        self.icmp_with(host, &to, 143, 0, u32::from(len_u16(groups.len())), &rest, &header);
    }

    fn discovery(&mut self, host: &Host, source: Ipv6Addr, group: Ipv6Addr, kind: u8, word: u32, rest: &[u8]) {
        let to = Host::group(group);
        let header = Header { hop_limit: 255, ..Header::new(IpAddr::V6(source), IpAddr::V6(group), Transport::ICMPV6) };
        self.icmp_with(host, &to, kind, 0, word, rest, &header);
    }
}
