//! Registries: makers of network interfaces (IEEE), ports and DNS-SD service types (IANA), multicast groups, networks.

use crate::book::compiled;
use crate::layout::{autonomous_systems, dnssd, groups, oui, ports};
use firstlight_model::{MacAddress, Transport};
use std::net::IpAddr;

/// The maker of an interface by the first three bytes of its address (IEEE MA-L). `None` for locally administered
/// addresses, which no maker gave, and for groups. Blocks smaller than 24 bits (MA-M, MA-S) show the registry's name
/// for the whole block.
pub fn mac_vendor(mac: MacAddress) -> Option<&'static str> {
    if mac.is_local() || mac.is_group() {
        return None;
    }
    let [a, b, c, ..] = mac.0;
    let prefix = u32::from(a) << 16 | u32::from(b) << 8 | u32::from(c);
    compiled().rows(oui::TABLE).keyed(oui::PREFIX, prefix)?.some_text(oui::VENDOR)
}

/// The service name that IANA registered for a port: `https` for 443 over TCP.
pub fn port_service(port: u16, transport: Transport) -> Option<&'static str> {
    let key = u32::from(port) << 8 | u32::from(transport.0);
    compiled().rows(ports::TABLE).keyed(ports::KEY, key)?.some_text(ports::SERVICE)
}

/// What a DNS-SD service type is: `_airplay._tcp` is an AirPlay receiver. Case and a trailing dot or `.local` do not
/// matter.
pub fn service_type(service: &str) -> Option<&'static str> {
    let lower = crate::host::normalise(service);
    let lower = lower.strip_suffix(".local").unwrap_or(&lower);
    compiled().rows(dnssd::TABLE).named(dnssd::SERVICE, lower)?.some_text(dnssd::MEANING)
}

/// What a multicast group or the broadcast address is: `mDNS`, `SSDP`, `all routers`. The longest prefix wins, and
/// of equal ones the one that names the port. `None` for unicast.
pub fn group(address: IpAddr, port: u16) -> Option<&'static str> {
    let octets = match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    };
    let value = u128::from_be_bytes(octets);
    let row = compiled().rows(groups::TABLE).iter().find(|row| {
        let bits = u32::from(row.byte(groups::PREFIX)).min(128);
        let known = row.bytes(groups::ADDRESS).iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
        let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
        let wanted = row.number(groups::PORT);
        known & mask == value & mask && (wanted == 0 || wanted == u32::from(port))
    })?;
    row.some_text(groups::NAME)
}

/// An important network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AutonomousSystem {
    /// The organisation that runs it.
    pub organisation: &'static str,
    /// `isp`, `cdn`, `cloud`, `hosting`, …
    pub kind: &'static str,
    /// Key of the source.
    pub source: &'static str,
}

/// The organisation behind an autonomous system number, for the important ones.
pub fn autonomous_system(number: u32) -> Option<AutonomousSystem> {
    let row = compiled().rows(autonomous_systems::TABLE).keyed(autonomous_systems::NUMBER, number)?;
    Some(AutonomousSystem {
        organisation: row.text(autonomous_systems::ORGANISATION),
        kind: row.text(autonomous_systems::KIND),
        source: row.text(autonomous_systems::SOURCE),
    })
}

#[cfg(test)]
mod tests {
    use super::{autonomous_system, group, mac_vendor, port_service, service_type};
    use firstlight_model::{MacAddress, Transport};

    #[test]
    fn makers_are_told_by_prefix_but_not_for_random_addresses() {
        assert_eq!(mac_vendor(MacAddress([0x00, 0x0c, 0x29, 1, 2, 3])), Some("VMware, Inc."));
        assert!(mac_vendor(MacAddress([0x00, 0x03, 0x93, 1, 2, 3])).is_some_and(|maker| maker.starts_with("Apple")));
        assert_eq!(mac_vendor(MacAddress([0x02, 0x0c, 0x29, 1, 2, 3])), None);
        assert_eq!(mac_vendor(MacAddress::BROADCAST), None);
    }

    #[test]
    fn ports_and_service_types_have_their_registered_names() {
        assert_eq!(port_service(443, Transport::TCP), Some("https"));
        assert_eq!(port_service(53, Transport::UDP), Some("domain"));
        assert_eq!(port_service(443, Transport::ICMP), None);
        assert_eq!(port_service(0, Transport::TCP), None);
        assert!(service_type("_airplay._tcp").is_some_and(|meaning| meaning.contains("AirPlay")));
        assert_eq!(service_type("_AirPlay._tcp.local."), service_type("_airplay._tcp"));
        assert_eq!(service_type("_nobody-has-this._tcp"), None);
    }

    #[test]
    fn groups_are_told_by_the_longest_prefix() {
        for (address, port, expected) in [
            ("224.0.0.251", 5353, Some("mDNS")),
            ("ff02::fb", 5353, Some("mDNS")),
            ("239.255.255.250", 1900, Some("SSDP")),
            ("239.255.255.250", 3702, Some("WS-Discovery")),
            ("224.0.0.22", 0, Some("IGMPv3 reports")),
            ("224.0.0.2", 0, Some("all routers")),
            ("ff02::1:ff12:3456", 0, Some("solicited-node")),
            ("ff02::16", 0, Some("MLDv2 reports")),
            ("224.0.0.77", 0, Some("local network control")),
            ("235.1.2.3", 0, Some("multicast")),
            ("255.255.255.255", 67, Some("DHCP broadcast")),
            ("255.255.255.255", 9, Some("broadcast")),
            ("17.253.2.3", 443, None),
            ("2001:db8::1", 443, None),
        ] {
            assert_eq!(group(address.parse().unwrap(), port), expected, "{address}");
        }
    }

    #[test]
    fn important_networks_have_an_organisation() {
        assert_eq!(autonomous_system(7018).map(|network| network.organisation), Some("AT&T"));
        assert_eq!(autonomous_system(4_294_967_295), None);
    }
}
