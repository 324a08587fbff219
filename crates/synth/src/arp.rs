//! ARP for IPv4 over Ethernet (RFC 826), with probes and announcements (RFC 5227).

use std::net::Ipv4Addr;

use firstlight_model::{EtherType, MacAddress};

use crate::bytes::Put;
use crate::host::Host;
use crate::traffic::Traffic;

/// An ARP message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// 1 for a request, 2 for a reply.
    pub operation: u16,
    /// Sender's link address.
    pub sender_mac: MacAddress,
    /// Sender's network address; 0.0.0.0 in a probe.
    pub sender: Ipv4Addr,
    /// Target's link address; zeros where it is asked for.
    pub target_mac: MacAddress,
    /// Target's network address.
    pub target: Ipv4Addr,
}

impl Message {
    /// The bytes after the Ethernet header.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut message = Vec::with_capacity(46);
        message.put_u16(1);
        message.put_u16(EtherType::IPV4.0);
        message.put(&[6, 4]);
        message.put_u16(self.operation);
        message.put(&self.sender_mac.0);
        message.put(&self.sender.octets());
        message.put(&self.target_mac.0);
        message.put(&self.target.octets());
        message
    }
}

impl Traffic {
    /// One ARP message to a link address.
    pub fn arp(&mut self, message: &Message, destination: MacAddress) {
        self.link(message.sender_mac, destination, EtherType::ARP, &message.to_bytes());
    }

    /// Three probes and two announcements of a host's IPv4 address, as RFC 5227 s. 2.1.1 and 2.3 times them; moves the
    /// clock on by some three seconds.
    pub fn arp_claim(&mut self, host: &Host) {
        let address = host.v4.expect("only a host with an IPv4 address claims it");
        let probe = Message {
            operation: 1,
            sender_mac: host.mac,
            sender: Ipv4Addr::UNSPECIFIED,
            target_mac: MacAddress([0; 6]),
            target: address,
        };
        for _ in 0..3 {
            self.arp(&probe, MacAddress::BROADCAST);
            self.wait_ms(320);
        }
        for _ in 0..2 {
            self.arp(&Message { sender: address, ..probe }, MacAddress::BROADCAST);
            self.wait_ms(320);
        }
    }

    /// A request and its answer.
    pub fn arp_resolve(&mut self, asker: &Host, owner: &Host) {
        let (Some(sender), Some(target)) = (asker.v4, owner.v4) else {
            panic!("ARP is between hosts with IPv4 addresses");
        };
        let request = Message { operation: 1, sender_mac: asker.mac, sender, target_mac: MacAddress([0; 6]), target };
        self.arp(&request, MacAddress::BROADCAST);
        self.wait_ns(300_000);
        let reply =
            Message { operation: 2, sender_mac: owner.mac, sender: target, target_mac: asker.mac, target: sender };
        self.arp(&reply, asker.mac);
        self.wait_ns(30_000);
    }
}
