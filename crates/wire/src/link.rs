//! The link layer: which header a frame begins with (tcpdump.org, LINKTYPE_ values), and what an Ethernet type names
//! (IEEE 802 Numbers).

pub(crate) mod backbone;
pub(crate) mod cisco_hdlc;
pub(crate) mod cooked;
pub(crate) mod ethernet;
pub(crate) mod frame_relay;
pub(crate) mod llc;
pub(crate) mod loopback;
pub(crate) mod metadata;
pub(crate) mod mpls;
pub(crate) mod nflog;
pub(crate) mod ppp;
pub(crate) mod radio;
pub(crate) mod slip;
pub(crate) mod switch_tag;
pub(crate) mod token_ring;
pub(crate) mod vlan;
pub(crate) mod wlan;

use firstlight_model::{Layer, LinkType};

use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Reads a frame of the given type.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, link_type: LinkType, rest: Rest<'a>) {
    match link_type {
        LinkType::ETHERNET => ethernet::read(reader, rest),
        LinkType::NULL | LinkType::LOOP => loopback::read(reader, rest),
        LinkType::RAW | LinkType::RAW_12 | LinkType::RAW_14 => {
            if reader.enter(Layer::Raw, rest) {
                network::read_by_version(reader, Layer::Raw, rest);
            }
        }
        LinkType::IPV4 => {
            if reader.enter(Layer::Raw, rest) {
                network::ipv4::read(reader, rest);
            }
        }
        LinkType::IPV6 => {
            if reader.enter(Layer::Raw, rest) {
                network::ipv6::read(reader, rest);
            }
        }
        LinkType::LINUX_SLL => cooked::read_v1(reader, rest),
        LinkType::LINUX_SLL2 => cooked::read_v2(reader, rest),
        LinkType::IEEE802_11 => wlan::read(reader, rest, wlan::Trailer::default()),
        LinkType::IEEE802_11_RADIOTAP => radio::read_radiotap(reader, rest),
        LinkType::IEEE802_11_PRISM => radio::read_prism(reader, rest),
        LinkType::IEEE802_11_AVS => radio::read_avs(reader, rest),
        LinkType::PPI => metadata::read_ppi(reader, rest),
        LinkType::PKTAP => metadata::read_pktap(reader, rest),
        LinkType::PFLOG => metadata::read_pflog(reader, rest),
        LinkType::PPP | LinkType::PPP_HDLC => ppp::read_framed(reader, rest),
        LinkType::PPP_PPPD | LinkType::PPP_WITH_DIR => ppp::read_with_direction(reader, rest),
        LinkType::PPP_ETHER => ppp::read_pppoe(reader, rest),
        LinkType::C_HDLC => cisco_hdlc::read(reader, rest),
        LinkType::C_HDLC_WITH_DIR => cisco_hdlc::read(reader, rest.skip(1)),
        LinkType::FRELAY => frame_relay::read(reader, rest),
        LinkType::NFLOG => nflog::read(reader, rest),
        LinkType::SLIP => slip::read(reader, rest),
        LinkType::IEEE802_5 => token_ring::read_token_ring(reader, rest),
        LinkType::FDDI => token_ring::read_fddi(reader, rest),
        LinkType::ARCNET_LINUX => token_ring::read_arcnet(reader, rest),
        LinkType::ATM_RFC1483 => llc::read(reader, rest),
        LinkType::ATM_CLIP => llc::read_routed(reader, rest),
        LinkType::SUNATM => llc::read_sunatm(reader, rest),
        LinkType::IP_OVER_FC => token_ring::read_fibre_channel(reader, rest),
        LinkType::APPLE_IP_OVER_IEEE1394 => token_ring::read_ieee1394(reader, rest),
        LinkType::IPOIB => token_ring::read_infiniband(reader, rest),
        LinkType::DSA_TAG_DSA => switch_tag::read_dsa(reader, rest),
        LinkType::DSA_TAG_EDSA => switch_tag::read_edsa(reader, rest),
        LinkType::ETHERNET_BRCM => switch_tag::read_broadcom(reader, rest),
        LinkType::JUNIPER_ETHER => metadata::read_juniper(reader, rest),
        // DLT_USER2, under which Apple's systems wrote pktap before it had a number.
        LinkType(149) if metadata::is_pktap(rest) => metadata::read_pktap(reader, rest),
        other => reader.unsupported(Layer::Other, rest, other.0),
    }
}

/// Reads what an Ethernet type says.
pub(crate) fn read_by_ether_type<'a>(reader: &mut Reader<'_, 'a>, layer: Layer, ether_type: u16, rest: Rest<'a>) {
    reader.carries(ether_type);
    match ether_type {
        0x0800 => network::ipv4::read(reader, rest),
        0x86dd => network::ipv6::read(reader, rest),
        _ => read_by_rarer_ether_type(reader, layer, ether_type, rest),
    }
}

/// Everything but IP.
fn read_by_rarer_ether_type<'a>(reader: &mut Reader<'_, 'a>, layer: Layer, ether_type: u16, rest: Rest<'a>) {
    match ether_type {
        // Below 1536 it is a length (IEEE 802.3-2018 s. 3.2.6).
        0..0x0600 => ethernet::read_802_3(reader, ether_type, rest),
        0x0806 => network::arp::read(reader, rest),
        0x8100 | 0x88a8 | 0x9100 | 0x9200 => vlan::read(reader, rest),
        0x8847 | 0x8848 => mpls::read(reader, rest),
        0x8863 | 0x8864 => ppp::read_pppoe(reader, rest),
        0x880b => ppp::read(reader, rest),
        0x6558 => ethernet::read(reader, rest),
        0x88e7 => backbone::read_provider_backbone(reader, rest),
        0x893f => backbone::read_e_tag(reader, rest),
        0x8903 => backbone::read_fabric_path(reader, rest),
        0x894f => backbone::read_service_header(reader, rest),
        0x88e5 => backbone::read_macsec(reader, rest),
        _ => {
            reader.keep(rest);
            reader.unsupported(layer, rest, u32::from(ether_type));
        }
    }
}

/// True for Ethernet types that a payload in a tunnel may well have: the ones that we read and the protocols of
/// bridges. Used where nothing but the looks of the bytes says that there is a frame inside.
pub(crate) fn is_usual_ether_type(ether_type: u16) -> bool {
    matches!(
        ether_type,
        0x0800
            | 0x0806
            | 0x86dd
            | 0x8100
            | 0x88a8
            | 0x8847
            | 0x8848
            | 0x8863
            | 0x8864
            | 0x888e
            | 0x88cc
            | 0x8809
            | 0x9000
    )
}
