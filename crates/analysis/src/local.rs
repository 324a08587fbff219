//! Which addresses are near, and which are groups.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A multicast group or the limited broadcast address.
pub(crate) fn is_group(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_multicast() || v4.is_broadcast(),
        IpAddr::V6(v6) => v6.is_multicast(),
    }
}

/// Addresses that never belong to a host on the internet (IANA special-purpose registries): private (RFC 1918), link
/// local (RFC 3927, RFC 4291), shared (RFC 6598), unique local (RFC 4193), loopback, unspecified.
pub(crate) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unspecified() || v6.is_unicast_link_local() || v6.is_unique_local(),
    }
}

/// A stretch of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Network {
    address: IpAddr,
    prefix_len: u8,
}

impl Network {
    /// The network of an address; `prefix_len` in bits.
    pub(crate) fn of(address: IpAddr, prefix_len: u8) -> Self {
        let address = match address {
            IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask_v4(prefix_len))),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask_v6(prefix_len))),
        };
        Self { address, prefix_len }
    }

    pub(crate) fn holds(&self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4() && Self::of(address, self.prefix_len) == *self
    }

    /// The address of all its hosts (RFC 919); `None` for IPv6.
    pub(crate) fn broadcast(&self) -> Option<IpAddr> {
        match self.address {
            IpAddr::V4(v4) if self.prefix_len < 31 => {
                Some(IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() | !mask_v4(self.prefix_len))))
            }
            _ => None,
        }
    }
}

fn mask_v4(prefix_len: u8) -> u32 {
    u32::MAX.checked_shl(32_u32.saturating_sub(u32::from(prefix_len))).unwrap_or(0)
}

fn mask_v6(prefix_len: u8) -> u128 {
    u128::MAX.checked_shl(128_u32.saturating_sub(u32::from(prefix_len))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_hosts_and_no_others() {
        let network = Network::of("192.0.2.77".parse().unwrap(), 26);
        assert!(network.holds("192.0.2.64".parse().unwrap()));
        assert!(!network.holds("192.0.2.128".parse().unwrap()));
        assert_eq!(network.broadcast(), Some("192.0.2.127".parse().unwrap()));
        assert!(Network::of("2001:db8::1".parse().unwrap(), 64).holds("2001:db8::ffff:1".parse().unwrap()));
        assert!(Network::of("192.0.2.1".parse().unwrap(), 0).holds("203.0.113.9".parse().unwrap()));
    }
}
