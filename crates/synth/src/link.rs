//! Link encapsulations: Ethernet with and without 802.1Q tags, raw IP, BSD null and loop, Linux cooked v1 and v2
//! (tcpdump.org, LINKTYPE_ registry).
//!
//! Leaves out 802.11, PPP, MPLS and the tunnels: tests of those hold their bytes themselves.

use firstlight_model::{EtherType, LinkType, MacAddress};

use crate::bytes::Put;

/// How packets are put in frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encapsulation {
    /// Ethernet II.
    #[default]
    Ethernet,
    /// Ethernet with one 802.1Q tag of this VLAN identifier.
    Vlan(u16),
    /// Ethernet with an 802.1ad service tag and an 802.1Q customer tag.
    DoubleVlan(u16, u16),
    /// Raw IP; frames that are not IP are left out.
    Raw,
    /// BSD null, little-endian, with the families of macOS; frames that are not IP are left out.
    Null,
    /// OpenBSD loop: the family in network byte order; frames that are not IP are left out.
    Loop,
    /// Linux cooked v1.
    LinuxCooked,
    /// Linux cooked v2.
    LinuxCookedV2,
}

impl Encapsulation {
    /// The link type of the frames.
    pub const fn link_type(self) -> LinkType {
        match self {
            Self::Ethernet | Self::Vlan(_) | Self::DoubleVlan(..) => LinkType::ETHERNET,
            Self::Raw => LinkType::RAW,
            Self::Null => LinkType::NULL,
            Self::Loop => LinkType::LOOP,
            Self::LinuxCooked => LinkType::LINUX_SLL,
            Self::LinuxCookedV2 => LinkType::LINUX_SLL2,
        }
    }

    /// The frame around `packet`; `None` when this encapsulation cannot carry the type.
    pub fn wrap(
        self,
        source: MacAddress,
        destination: MacAddress,
        ether_type: EtherType,
        packet: &[u8],
    ) -> Option<Vec<u8>> {
        let mut frame = Vec::with_capacity(packet.len() + 24);
        let is_ip = ether_type == EtherType::IPV4 || ether_type == EtherType::IPV6;
        let family: u8 = if ether_type == EtherType::IPV6 { 30 } else { 2 };
        // Packet type of the cooked headers: 0 to us, 1 broadcast, 2 multicast.
        let packet_type = match destination {
            MacAddress::BROADCAST => 1,
            group if group.is_group() => 2,
            _ => 0,
        };
        match self {
            Self::Ethernet | Self::Vlan(_) | Self::DoubleVlan(..) => {
                frame.put(&destination.0);
                frame.put(&source.0);
                if let Self::DoubleVlan(service, _) = self {
                    frame.put_u16(0x88a8);
                    frame.put_u16(service & 0x0fff);
                }
                if let Self::Vlan(id) | Self::DoubleVlan(_, id) = self {
                    frame.put_u16(0x8100);
                    frame.put_u16(id & 0x0fff);
                }
                frame.put_u16(ether_type.0);
            }
            Self::Raw | Self::Null | Self::Loop if !is_ip => return None,
            Self::Raw => {}
            Self::Null => frame.put(&[family, 0, 0, 0]),
            Self::Loop => frame.put(&[0, 0, 0, family]),
            Self::LinuxCooked => {
                frame.put_u16(packet_type);
                frame.put_u16(1);
                frame.put_u16(6);
                frame.put(&source.0);
                frame.put(&[0, 0]);
                frame.put_u16(ether_type.0);
            }
            Self::LinuxCookedV2 => {
                frame.put_u16(ether_type.0);
                frame.put_u16(0);
                frame.put_u32(2);
                frame.put_u16(1);
                frame.put_u8(if packet_type == 1 {
                    1
                } else if packet_type == 2 {
                    2
                } else {
                    0
                });
                frame.put_u8(6);
                frame.put(&source.0);
                frame.put(&[0, 0]);
            }
        }
        frame.put(packet);
        Some(frame)
    }
}
