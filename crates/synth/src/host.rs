//! Hosts: addresses and the habits of a network stack.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use firstlight_model::MacAddress;

use crate::checksum::Checksums;
use crate::tcp::Stack;

/// One end of made traffic. Plain data: clone it and change a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its link address, or for a host beyond a router the router's.
    pub mac: MacAddress,
    /// IPv4 address.
    pub v4: Option<Ipv4Addr>,
    /// IPv6 address.
    pub v6: Option<Ipv6Addr>,
    /// TTL or hop limit that its packets show at the place of capture.
    pub hop_limit: u8,
    /// How it opens TCP connections and answers them.
    pub stack: Stack,
    /// What it writes in checksum fields.
    pub checksums: Checksums,
}

impl Host {
    /// A host with one address, hop limit 64 and the stack of a current Linux.
    pub fn new(mac: MacAddress, address: impl Into<IpAddr>) -> Self {
        let host = Self { mac, v4: None, v6: None, hop_limit: 64, stack: Stack::linux(), checksums: Checksums::Right };
        host.with_address(address)
    }

    /// The same with an address more; it replaces that of the same version.
    #[must_use]
    pub fn with_address(mut self, address: impl Into<IpAddr>) -> Self {
        match address.into() {
            IpAddr::V4(v4) => self.v4 = Some(v4),
            IpAddr::V6(v6) => self.v6 = Some(v6),
        }
        self
    }

    /// The same with another TCP stack and the hop limit that goes with it.
    #[must_use]
    pub fn with_stack(mut self, stack: Stack) -> Self {
        self.hop_limit = stack.hop_limit;
        self.stack = stack;
        self
    }

    /// The same seen after some routers.
    #[must_use]
    pub fn with_hop_limit(mut self, hop_limit: u8) -> Self {
        self.hop_limit = hop_limit;
        self
    }

    /// The same with other checksums.
    #[must_use]
    pub fn with_checksums(mut self, checksums: Checksums) -> Self {
        self.checksums = checksums;
        self
    }

    /// A group as receiver: its link address follows from the network address (RFC 1112 s. 6.4, RFC 2464 s. 7);
    /// that of the IPv4 broadcast is the link's broadcast.
    pub fn group(address: impl Into<IpAddr>) -> Self {
        let address = address.into();
        let mac = match address {
            IpAddr::V4(Ipv4Addr::BROADCAST) => MacAddress::BROADCAST,
            IpAddr::V4(v4) => {
                let [_, b, c, d] = v4.octets();
                MacAddress([0x01, 0x00, 0x5e, b & 0x7f, c, d])
            }
            IpAddr::V6(v6) => {
                let [.., a, b, c, d] = v6.octets();
                MacAddress([0x33, 0x33, a, b, c, d])
            }
        };
        Self::new(mac, address)
    }

    /// The addresses of a packet from here to `other`: IPv4 where both have one, else IPv6.
    ///
    /// # Panics
    /// When they have no version in common.
    #[track_caller]
    pub fn addresses_to(&self, other: &Self) -> (IpAddr, IpAddr) {
        match (self.v4, other.v4, self.v6, other.v6) {
            (Some(source), Some(destination), _, _) => (source.into(), destination.into()),
            (_, _, Some(source), Some(destination)) => (source.into(), destination.into()),
            _ => panic!("two hosts that talk have a version of IP in common"),
        }
    }

    /// The link-local address that follows from the link address (RFC 4291 appendix A).
    pub fn link_local(&self) -> Ipv6Addr {
        let [a, b, c, d, e, f] = self.mac.0;
        Ipv6Addr::from([0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f])
    }
}
