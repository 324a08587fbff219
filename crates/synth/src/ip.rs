//! IPv4 (RFC 791) and IPv6 (RFC 8200) packets, whole or in fragments.
//!
//! Leaves out options and extension headers other than Router Alert and Fragment.

use std::net::IpAddr;

use firstlight_model::{EtherType, Transport};

use crate::bytes::{Put, len_u16};
use crate::checksum;

/// The fields of a packet's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Sender.
    pub source: IpAddr,
    /// Receiver; of the same version.
    pub destination: IpAddr,
    /// What the packet carries.
    pub protocol: Transport,
    /// Time to live or hop limit.
    pub hop_limit: u8,
    /// Differentiated services and ECN bits, or traffic class.
    pub traffic_class: u8,
    /// Identification, for fragments; IPv4 carries it always.
    pub identification: u32,
    /// IPv4's DF.
    pub dont_fragment: bool,
    /// With the Router Alert option (RFC 2113, RFC 2711), as group membership messages have it.
    pub router_alert: bool,
}

impl Header {
    /// The usual header: hop limit 64, no marks, no DF.
    pub const fn new(source: IpAddr, destination: IpAddr, protocol: Transport) -> Self {
        Self {
            source,
            destination,
            protocol,
            hop_limit: 64,
            traffic_class: 0,
            identification: 0,
            dont_fragment: false,
            router_alert: false,
        }
    }

    /// The Ethernet type of its version.
    pub const fn ether_type(&self) -> EtherType {
        match self.source {
            IpAddr::V4(_) => EtherType::IPV4,
            IpAddr::V6(_) => EtherType::IPV6,
        }
    }

    /// The packets that carry `payload`: one, or fragments of at most `mtu` bytes each.
    ///
    /// # Panics
    /// When the addresses are not of one version, or one packet would be longer than 65,535 bytes.
    pub fn packets(&self, payload: &[u8], mtu: Option<usize>) -> Vec<Vec<u8>> {
        match (self.source, self.destination) {
            (IpAddr::V4(_), IpAddr::V4(_)) => self.packets_v4(payload, mtu),
            (IpAddr::V6(_), IpAddr::V6(_)) => self.packets_v6(payload, mtu),
            _ => panic!("both addresses of a packet are of one version"),
        }
    }

    fn packets_v4(&self, payload: &[u8], mtu: Option<usize>) -> Vec<Vec<u8>> {
        let header_len = if self.router_alert { 24 } else { 20 };
        let room = fragment_room(mtu, header_len, payload.len());
        fragments(payload, room)
            .map(|(offset, more, part)| {
                let mut packet = Vec::with_capacity(header_len + part.len());
                packet.put_u8(if self.router_alert { 0x46 } else { 0x45 });
                packet.put_u8(self.traffic_class);
                packet.put_u16(len_u16(header_len + part.len()));
                let [_, _, high, low] = self.identification.to_be_bytes();
                packet.put(&[high, low]);
                let df = if self.dont_fragment { 0x4000 } else { 0 };
                packet.put_u16(df | if more { 0x2000 } else { 0 } | len_u16(offset / 8));
                packet.put_u8(self.hop_limit);
                packet.put_u8(self.protocol.0);
                packet.put_u16(0);
                for address in [self.source, self.destination] {
                    if let IpAddr::V4(v4) = address {
                        packet.put(&v4.octets());
                    }
                }
                if self.router_alert {
                    packet.put(&[148, 4, 0, 0]);
                }
                let value = checksum::internet(&packet);
                set_u16(&mut packet, 10, value);
                packet.put(part);
                packet
            })
            .collect()
    }

    fn packets_v6(&self, payload: &[u8], mtu: Option<usize>) -> Vec<Vec<u8>> {
        let alert: &[u8] = if self.router_alert { &[self.protocol.0, 0, 5, 2, 0, 0, 1, 0] } else { &[] };
        let in_fragments = mtu.is_some_and(|mtu| payload.len() + alert.len() + 40 > mtu);
        let extra = alert.len() + if in_fragments { 8 } else { 0 };
        let room = fragment_room(mtu, 40 + extra, payload.len());
        fragments(payload, room)
            .map(|(offset, more, part)| {
                let mut packet = Vec::with_capacity(40 + extra + part.len());
                packet.put_u32(0x6000_0000 | (u32::from(self.traffic_class) << 20));
                packet.put_u16(len_u16(extra + part.len()));
                packet.put_u8(match (self.router_alert, in_fragments) {
                    (true, _) => 0,
                    (false, true) => 44,
                    (false, false) => self.protocol.0,
                });
                packet.put_u8(self.hop_limit);
                for address in [self.source, self.destination] {
                    if let IpAddr::V6(v6) = address {
                        packet.put(&v6.octets());
                    }
                }
                let alert_at = packet.len();
                packet.put(alert);
                if in_fragments {
                    if let Some(next) = packet.get_mut(alert_at).filter(|_| self.router_alert) {
                        *next = 44;
                    }
                    packet.put(&[self.protocol.0, 0]);
                    packet.put_u16(len_u16(offset) | u16::from(more));
                    packet.put_u32(self.identification);
                }
                packet.put(part);
                packet
            })
            .collect()
    }
}

/// How many bytes of payload fit in each fragment: a multiple of 8, or all when no fragments are needed.
fn fragment_room(mtu: Option<usize>, header_len: usize, payload_len: usize) -> usize {
    match mtu {
        Some(mtu) if header_len + payload_len > mtu => {
            let room = mtu.saturating_sub(header_len) / 8 * 8;
            assert!(room > 0, "a fragment carries at least 8 bytes");
            room
        }
        _ => payload_len.max(1),
    }
}

/// Offset, whether more follow, and bytes of each fragment; one empty fragment for an empty payload.
fn fragments(payload: &[u8], room: usize) -> impl Iterator<Item = (usize, bool, &[u8])> {
    let count = payload.len().div_ceil(room).max(1);
    (0..count).map(move |index| {
        let start = index * room;
        let end = (start + room).min(payload.len());
        (start, index + 1 < count, payload.get(start..end).unwrap_or(&[]))
    })
}

/// Overwrites two bytes at `offset`, where the caller has put zeros.
pub(crate) fn set_u16(bytes: &mut [u8], offset: usize, value: u16) {
    if let Some(field) = bytes.get_mut(offset..offset + 2) {
        field.copy_from_slice(&value.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::Header;
    use firstlight_model::Transport;

    fn header(source: &str, destination: &str) -> Header {
        Header::new(source.parse().unwrap(), destination.parse().unwrap(), Transport::UDP)
    }

    #[test]
    fn one_packet_when_it_fits_and_its_header_sums_to_zero() {
        let packets = header("192.0.2.1", "192.0.2.2").packets(&[7; 100], Some(1500));
        assert_eq!(packets.len(), 1);
        assert_eq!(packets[0].len(), 120);
        assert_eq!(crate::checksum::internet(&packets[0][..20]), 0);
    }

    #[test]
    fn fragments_put_together_give_the_payload() {
        let payload: Vec<u8> = (0..4000u32).map(|n| n.to_be_bytes()[3]).collect();
        for (source, destination, header_len) in [("192.0.2.1", "192.0.2.2", 20), ("2001:db8::1", "2001:db8::2", 48)] {
            let packets = header(source, destination).packets(&payload, Some(1500));
            assert_eq!(packets.len(), 3);
            assert!(packets.iter().all(|packet| packet.len() <= 1500));
            let joined: Vec<u8> = packets.iter().flat_map(|packet| packet[header_len..].to_vec()).collect();
            assert_eq!(joined, payload);
        }
    }
}
