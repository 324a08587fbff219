//! A sample of every link type and tunnel: bytes around the usual packet, and the path of layers to it.

use firstlight_model::LinkType;

use crate::builders::*;

/// Bytes of a frame and what is in them.
pub struct Sample {
    /// How to read it.
    pub link_type: LinkType,
    /// The frame.
    pub bytes: Vec<u8>,
    /// Its layers, joined by slashes.
    pub path: &'static str,
}

const fn sample(link_type: LinkType, path: &'static str, bytes: Vec<u8>) -> Sample {
    Sample { link_type, bytes, path }
}

fn over_udp(port: u16, payload: &[u8]) -> Vec<u8> {
    ethernet(0x0800, &ipv4(17, &udp(50000, port, payload)))
}

fn gre(header: &[u8], payload: &[u8]) -> Vec<u8> {
    ethernet(0x0800, &ipv4(47, &join(&[header, payload])))
}

/// Samples that end in the usual packet.
pub fn all() -> Vec<Sample> {
    let mut list = links();
    list.extend(radio());
    list.extend(networks());
    list.extend(tunnels());
    list
}

fn links() -> Vec<Sample> {
    let p = packet();
    let snapped = snap(0x0800, &p);
    let len = u16::try_from(snapped.len()).unwrap();
    let pppoe_len = u16::try_from(p.len() + 2).unwrap().to_be_bytes();
    vec![
        sample(LinkType::ETHERNET, "ethernet/ipv4/tcp", frame()),
        sample(LinkType::ETHERNET, "ethernet/ipv4/tcp", join(&[&frame(), &[0; 9]])),
        sample(LinkType::ETHERNET, "ethernet/llc/snap/ipv4/tcp", ethernet(len, &join(&[&snapped, &[0; 4]]))),
        sample(LinkType::ETHERNET, "ethernet/llc/ipv4/tcp", ethernet(len - 5, &join(&[&[6, 6, 3], &p]))),
        sample(LinkType::ETHERNET, "ethernet/vlan/ipv4/tcp", ethernet(0x8100, &join(&[&[0x20, 5, 8, 0], &p]))),
        sample(
            LinkType::ETHERNET,
            "ethernet/vlan/vlan/ipv6/tcp",
            ethernet(0x88a8, &join(&[&[0, 7, 0x81, 0, 0, 8, 0x86, 0xdd], &packet_v6()])),
        ),
        sample(LinkType::ETHERNET, "ethernet/mpls/mpls/ipv4/tcp", {
            ethernet(0x8847, &join(&[&[0, 1, 0x00, 64, 0, 2, 0x01, 64], &p]))
        }),
        sample(
            LinkType::ETHERNET,
            "ethernet/mpls/ethernet/ipv4/tcp",
            ethernet(0x8847, &join(&[&[0, 1, 0x01, 64, 0, 0, 0, 0], &frame()])),
        ),
        sample(LinkType::ETHERNET, "ethernet/mpls/ethernet/ipv4/tcp", {
            ethernet(0x8848, &join(&[&[0, 1, 0x01, 64], &frame()]))
        }),
        sample(
            LinkType::ETHERNET,
            "ethernet/pppoe/ppp/ipv4/tcp",
            ethernet(0x8864, &join(&[&[0x11, 0, 0, 9], &pppoe_len, &[0, 0x21], &p, &[0; 5]])),
        ),
        sample(
            LinkType::ETHERNET,
            "ethernet/pbb/ethernet/ipv4/tcp",
            ethernet(0x88e7, &join(&[&[0, 0, 0, 1], &frame()])),
        ),
        sample(LinkType::ETHERNET, "ethernet/e-tag/ipv4/tcp", {
            ethernet(0x893f, &join(&[&[0x10, 0, 0, 0xd8, 0, 0, 8, 0], &p]))
        }),
        sample(LinkType::ETHERNET, "ethernet/fabric-path/ethernet/ipv4/tcp", {
            ethernet(0x8903, &join(&[&[0, 0x60], &frame()]))
        }),
        sample(
            LinkType::ETHERNET,
            "ethernet/nsh/ipv4/tcp",
            ethernet(0x894f, &join(&[&[0, 0x02, 2, 1, 0, 0, 1, 0xff], &p])),
        ),
        sample(
            LinkType::ETHERNET,
            "ethernet/macsec/ipv4/tcp",
            ethernet(0x88e5, &join(&[&[0x20, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 0, 1, 8, 0], &p, &[0xcc; 16]])),
        ),
        sample(LinkType::PPP_ETHER, "pppoe/ppp/ipv4/tcp", join(&[&[0x11, 0, 0, 9], &pppoe_len, &[0, 0x21], &p])),
        sample(LinkType::PPP, "ppp/ipv4/tcp", join(&[&[0xff, 3, 0, 0x21], &p])),
        sample(LinkType::PPP, "ppp/ipv4/tcp", join(&[&[0x21], &p])),
        sample(LinkType::PPP_HDLC, "ppp/ipv6/tcp", join(&[&[0xff, 3, 0, 0x57], &packet_v6()])),
        sample(LinkType::PPP_HDLC, "chdlc/ipv4/tcp", join(&[&[0x0f, 0, 8, 0], &p])),
        sample(LinkType::PPP, "ppp/mpls/ipv4/tcp", join(&[&[0xff, 3, 0x02, 0x81, 0, 1, 1, 64], &p])),
        sample(LinkType::PPP_PPPD, "ppp/ipv4/tcp", join(&[&[1, 3, 0, 0x21], &p])),
        sample(LinkType::PPP_WITH_DIR, "ppp/ipv4/tcp", join(&[&[1, 0xff, 3, 0, 0x21], &p])),
        sample(LinkType::C_HDLC, "chdlc/ipv4/tcp", join(&[&[0x0f, 0, 8, 0], &p])),
        sample(LinkType::C_HDLC_WITH_DIR, "chdlc/ipv6/tcp", join(&[&[0, 0x0f, 0, 0x86, 0xdd], &packet_v6()])),
        sample(LinkType::LINUX_SLL, "sll/ipv4/tcp", {
            join(&[&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 0x0a, 0, 0, 8, 0], &p])
        }),
        sample(
            LinkType::LINUX_SLL2,
            "sll2/ipv6/tcp",
            join(&[&[0x86, 0xdd, 0, 0, 0, 0, 0, 2, 0, 1, 4, 6, 2, 0, 0, 0, 0, 0x0a, 0, 0], &packet_v6()]),
        ),
        sample(LinkType::RAW, "raw/ipv4/tcp", p.clone()),
        sample(LinkType::RAW_12, "raw/ipv6/tcp", packet_v6()),
        sample(LinkType::RAW_14, "raw/ipv4/tcp", p.clone()),
        sample(LinkType::IPV4, "raw/ipv4/tcp", p.clone()),
        sample(LinkType::IPV6, "raw/ipv6/tcp", packet_v6()),
        sample(LinkType::NULL, "null/ipv4/tcp", join(&[&[2, 0, 0, 0], &p])),
        sample(LinkType::NULL, "null/ipv6/tcp", join(&[&[0, 0, 0, 30], &packet_v6()])),
        sample(LinkType::LOOP, "null/ipv6/tcp", join(&[&[0, 0, 0, 24], &packet_v6()])),
        sample(LinkType::NULL, "null/ipv6/tcp", join(&[&[28, 0, 0, 0], &packet_v6()])),
        sample(LinkType::NULL, "null/ipv6/tcp", join(&[&[10, 0, 0, 0], &packet_v6()])),
        nflog(u16::to_le_bytes),
        nflog(u16::to_be_bytes),
        sample(LinkType::FRELAY, "frame-relay/ipv4/tcp", join(&[&[0x18, 0x41, 3, 0xcc], &p])),
        sample(LinkType::FRELAY, "frame-relay/ipv6/tcp", join(&[&[0x18, 0x41, 0x86, 0xdd], &packet_v6()])),
        sample(LinkType::FRELAY, "frame-relay/snap/ipv4/tcp", {
            join(&[&[0x18, 0x40, 0x40, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0], &p])
        }),
        sample(LinkType::SLIP, "slip/ipv4/tcp", join(&[&[0; 16], &p])),
        sample(
            LinkType::IEEE802_5,
            "token-ring/llc/snap/ipv4/tcp",
            join(&[&[0x10, 0x40], &[2, 0, 0, 0, 0, 0x0b], &[0x82, 0, 0, 0, 0, 0x0a], &[6, 0, 1, 2, 3, 4], &snapped]),
        ),
        sample(LinkType::FDDI, "llc/snap/ipv4/tcp", {
            join(&[&[0x50], &[2, 0, 0, 0, 0, 0x0b], &[2, 0, 0, 0, 0, 0x0a], &snapped])
        }),
        sample(LinkType::ARCNET_LINUX, "ipv4/tcp", join(&[&[1, 2, 0, 0, 212, 0, 0, 1], &p])),
        sample(LinkType::ATM_RFC1483, "llc/snap/ipv4/tcp", snapped.clone()),
        sample(LinkType::ATM_CLIP, "raw/ipv4/tcp", p.clone()),
        sample(LinkType::SUNATM, "llc/snap/ipv4/tcp", join(&[&[0x02, 0, 0, 5], &snapped])),
        sample(LinkType::IP_OVER_FC, "llc/snap/ipv4/tcp", {
            join(&[&[0, 0, 2, 0, 0, 0, 0, 0x0b, 0, 0, 2, 0, 0, 0, 0, 0x0a], &snapped])
        }),
        sample(LinkType::APPLE_IP_OVER_IEEE1394, "ipv4/tcp", join(&[&[1; 16], &[8, 0], &p])),
        sample(LinkType::IPOIB, "ipv4/tcp", join(&[&[1; 40], &[8, 0, 0, 0], &p])),
        sample(LinkType::DSA_TAG_DSA, "ethernet/dsa-tag/ipv4/tcp", tagged(&[0xe0, 0x08, 0x00, 0x05])),
        sample(
            LinkType::DSA_TAG_EDSA,
            "ethernet/dsa-tag/ipv4/tcp",
            tagged(&[0xda, 0xda, 0, 0, 0xc0, 0x08, 0x10, 0x05, 0, 0, 0, 0]),
        ),
        sample(LinkType::ETHERNET_BRCM, "ethernet/dsa-tag/ipv4/tcp", tagged(&[0x20, 0, 0, 1])),
        sample(LinkType::PFLOG, "ipv4/tcp", join(&[&[61, 2], &[0; 62], &p])),
        sample(LinkType::JUNIPER_ETHER, "ethernet/ipv4/tcp", {
            join(&[&[0x4d, 0x47, 0x43, 0x81, 0, 3, 1, 1, 2], &frame()])
        }),
        sample(
            LinkType::PKTAP,
            "pktap/ethernet/ipv4/tcp",
            join(&[&[108, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], &[0; 96], &frame()]),
        ),
        sample(LinkType(149), "pktap/raw/ipv4/tcp", join(&[&[108, 0, 0, 0, 1, 0, 0, 0, 12, 0, 0, 0], &[0; 96], &p])),
        sample(LinkType::PPI, "ppi/ethernet/ipv4/tcp", join(&[&[0, 0, 8, 0, 1, 0, 0, 0], &frame()])),
    ]
}

fn tagged(tag: &[u8]) -> Vec<u8> {
    let f = frame();
    join(&[&f[..12], tag, &f[12..]])
}

fn nflog(number: fn(u16) -> [u8; 2]) -> Sample {
    let p = packet();
    let len = u16::try_from(p.len() + 4).unwrap();
    let bytes = join(&[
        &[2, 0, 0, 5],
        &number(8),
        &number(1),
        &[8, 0, 3, 0],
        &number(16),
        &number(8),
        &[0, 6, 0, 0, 2, 0, 0, 0, 0, 0x0a, 0, 0],
        &number(5),
        &number(10),
        &[0, 0, 0, 0],
        &number(len),
        &number(9),
        &p,
    ]);
    sample(LinkType::NFLOG, "nflog/ipv4/tcp", bytes)
}

fn radio() -> Vec<Sample> {
    let snapped = snap(0x0800, &packet());
    let plain = wlan(0, 0, &[], &snapped);
    let qos = wlan(8, 0, &[0, 0], &snapped);
    let subframe_len = u16::try_from(snapped.len()).unwrap().to_be_bytes();
    let subframe = join(&[&[2, 0, 0, 0, 0, 0x0b], &[2, 0, 0, 0, 0, 0x0a], &subframe_len, &snapped, &[9; 7]]);
    let four = wlan(8, 0x02, &[2, 0, 0, 0, 0, 0x0a, 0, 0], &snapped);
    let prism = |len: [u8; 4]| join(&[&[0x44, 0, 0, 0], &len, &[0; 136], &plain]);
    vec![
        sample(LinkType::IEEE802_11, "wlan/llc/snap/ipv4/tcp", plain.clone()),
        sample(LinkType::IEEE802_11, "wlan/llc/snap/ipv4/tcp", qos.clone()),
        sample(LinkType::IEEE802_11, "wlan/llc/snap/ipv4/tcp", four),
        sample(LinkType::IEEE802_11, "wlan/llc/snap/ipv4/tcp", wlan(8, 0x80, &[0, 0, 1, 2, 3, 4], &snapped)),
        sample(LinkType::IEEE802_11, "wlan/llc/snap/ipv4/tcp", wlan(8, 0, &[0x80, 0], &subframe)),
        sample(
            LinkType::IEEE802_11_RADIOTAP,
            "radiotap/wlan/llc/snap/ipv4/tcp",
            // Time at 16, then the flags, which say check sequence and padding.
            join(&[&[0, 0, 26, 0, 3, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0], &[1; 8], &[0x30, 0], &{
                join(&[&wlan(8, 0, &[0, 0], &[0, 0]), &snapped, &[0xde, 0xad, 0xbe, 0xef]])
            }]),
        ),
        sample(LinkType::IEEE802_11_RADIOTAP, "radiotap/wlan/llc/snap/ipv4/tcp", {
            join(&[&[0, 0, 8, 0, 0, 0, 0, 0], &qos])
        }),
        sample(LinkType::IEEE802_11_PRISM, "prism/wlan/llc/snap/ipv4/tcp", prism([144, 0, 0, 0])),
        sample(LinkType::IEEE802_11_PRISM, "prism/wlan/llc/snap/ipv4/tcp", prism([0, 0, 0, 144])),
        sample(LinkType::IEEE802_11_PRISM, "avs/wlan/llc/snap/ipv4/tcp", {
            join(&[&[0x80, 0x21, 0x10, 1, 0, 0, 0, 64], &[0; 56], &plain])
        }),
        sample(LinkType::IEEE802_11_AVS, "avs/wlan/llc/snap/ipv4/tcp", {
            join(&[&[0x80, 0x21, 0x10, 2, 0, 0, 0, 64], &[0; 56], &plain])
        }),
        sample(
            LinkType::PPI,
            "ppi/wlan/llc/snap/ipv4/tcp",
            join(&[&[0, 0, 32, 0, 105, 0, 0, 0, 2, 0, 20, 0], &[0; 8], &[1, 0], &[0; 10], &plain, &[1, 2, 3, 4]]),
        ),
    ]
}

fn networks() -> Vec<Sample> {
    let t = tcp_v6(PAYLOAD);
    let v6 = |next: u8, headers: &[&[u8]]| ethernet(0x86dd, &ipv6(next, &join(&[&join(headers), &t])));
    vec![
        sample(LinkType::ETHERNET, "ethernet/ipv4/tcp", {
            ethernet(0x0800, &ipv4_with(6, 0x8000, &[7, 7, 4, 0, 0, 0, 0, 0], &tcp(PAYLOAD)))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/ah/tcp", {
            ethernet(0x0800, &ipv4(51, &join(&[&[6, 4, 0, 0], &[0; 20], &tcp(PAYLOAD)])))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv6/hop-by-hop/tcp", v6(0, &[&[6, 0, 5, 2, 0, 0, 1, 0]])),
        sample(
            LinkType::ETHERNET,
            "ethernet/ipv6/routing/destination-options/tcp",
            v6(43, &[&[60, 2, 0, 1, 0, 0, 0, 0], &[0; 16], &[6, 0, 1, 4, 0, 0, 0, 0]]),
        ),
        sample(LinkType::ETHERNET, "ethernet/ipv6/fragment/tcp", v6(44, &[&[6, 0, 0, 0, 1, 2, 3, 4]])),
        sample(LinkType::ETHERNET, "ethernet/ipv6/mobility/tcp", v6(135, &[&[6, 0, 5, 0, 0, 0, 0, 0]])),
        sample(LinkType::ETHERNET, "ethernet/ipv6/ah/tcp", v6(51, &[&[6, 4, 0, 0], &[0; 20]])),
    ]
}

fn tunnels() -> Vec<Sample> {
    let p = packet();
    let f = frame();
    let ppp = join(&[&[0xff, 3, 0, 0x21], &p]);
    let ppp_len = u16::try_from(ppp.len()).unwrap().to_be_bytes();
    let gtp_len = |more: usize| u16::try_from(p.len() + more).unwrap().to_be_bytes();
    let erspan3 = |low: u8, kind: u8, more: &[u8], inner: &[u8]| {
        gre(&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 5, 0, 1, 0, 0, 0, 9, 0, 0, kind << 2, low], &join(&[more, inner]))
    };
    let station = wlan(0, 0, &[], &snap(0x0800, &p));
    // As Cisco's access points: frame and sequence control the other way round.
    let mut swapped = station.clone();
    swapped.swap(0, 1);
    swapped[22..24].copy_from_slice(&[0x76, 0x30]);
    vec![
        sample(LinkType::ETHERNET, "ethernet/ipv4/udp/capwap/wlan/llc/snap/ipv4/tcp", {
            over_udp(5247, &join(&[&[0, 0x10, 3, 0, 0, 0, 0, 0], &station]))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/udp/capwap/wlan/llc/snap/ipv4/tcp", {
            over_udp(5247, &join(&[&[0, 0x20, 3, 0x20, 0, 0, 0, 0, 4, 0xbf, 0x23, 0, 0, 0, 0, 0], &swapped]))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/udp/capwap/ethernet/ipv4/tcp", {
            over_udp(5247, &join(&[&[0, 0x10, 2, 0, 0, 0, 0, 0], &f]))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/ip-in-ip/ipv4/tcp", ethernet(0x0800, &ipv4(4, &p))),
        sample(LinkType::ETHERNET, "ethernet/ipv4/ip-in-ip/ipv4/tcp", ethernet(0x0800, &ipv4(94, &p))),
        sample(LinkType::ETHERNET, "ethernet/ipv4/ip-in-ip/ipv6/tcp", ethernet(0x0800, &ipv4(41, &packet_v6()))),
        sample(LinkType::ETHERNET, "ethernet/ipv6/ip-in-ip/ipv4/tcp", ethernet(0x86dd, &ipv6(4, &p))),
        sample(LinkType::ETHERNET, "ethernet/ipv4/ip-in-ip/ethernet/ipv4/tcp", {
            ethernet(0x0800, &ipv4(97, &join(&[&[0x30, 0], &f])))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv6/ip-in-ip/ethernet/ipv4/tcp", ethernet(0x86dd, &ipv6(143, &f))),
        sample(LinkType::ETHERNET, "ethernet/ipv4/mpls/ipv4/tcp", {
            ethernet(0x0800, &ipv4(137, &join(&[&[0, 1, 1, 64], &p])))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/gre/ipv4/tcp", gre(&[0, 0, 8, 0], &p)),
        sample(LinkType::ETHERNET, "ethernet/ipv4/gre/ipv6/tcp", {
            gre(&[0xb0, 0, 0x86, 0xdd, 1, 2, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1], &packet_v6())
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/gre/ipv4/tcp", {
            gre(&[0x40, 0, 8, 0, 0, 0, 0, 0, 0, 1, 0, 4, 9, 9, 9, 9, 0, 0, 0, 0], &p)
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/gre/ethernet/ipv4/tcp", {
            gre(&[0x20, 0, 0x65, 0x58, 0, 0, 1, 0], &f)
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/gre/mpls/ipv4/tcp", gre(&[0, 0, 0x88, 0x47, 0, 1, 1, 64], &p)),
        sample(
            LinkType::ETHERNET,
            "ethernet/ipv4/gre/ppp/ipv4/tcp",
            gre(&join(&[&[0x30, 0x81, 0x88, 0x0b], &ppp_len, &[0, 7, 0, 0, 0, 1, 0, 0, 0, 2]]), &ppp),
        ),
        sample(LinkType::ETHERNET, "ethernet/ipv4/gre/ipv4/tcp", gre(&[0, 0, 0x88, 0x3e, 0, 1, 2, 3], &p)),
        sample(LinkType::ETHERNET, "ethernet/ipv4/gre/wlan/llc/snap/ipv4/tcp", {
            gre(&[0, 0, 0x82, 0x00], &wlan(0, 0, &[], &snap(0x0800, &p)))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/gre/erspan/ethernet/ipv4/tcp", gre(&[0, 0, 0x88, 0xbe], &f)),
        sample(LinkType::ETHERNET, "ethernet/ipv4/gre/erspan/ethernet/ipv4/tcp", {
            gre(&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 5, 0, 1, 0, 0, 0, 9], &f)
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/gre/erspan/ethernet/ipv4/tcp", erspan3(0, 0, &[], &f)),
        sample(LinkType::ETHERNET, "ethernet/ipv4/gre/erspan/ethernet/ipv4/tcp", erspan3(1, 0, &[7; 8], &f)),
        sample(LinkType::ETHERNET, "ethernet/ipv4/gre/erspan/ipv4/tcp", erspan3(0, 2, &[], &p)),
        sample(LinkType::ETHERNET, "ethernet/ipv4/udp/vxlan/ethernet/ipv4/tcp", {
            over_udp(4789, &join(&[&[8, 0, 0, 0, 0, 0, 1, 0], &f]))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/udp/vxlan/ethernet/ipv4/tcp", {
            over_udp(8472, &join(&[&[8, 0, 0, 0, 0, 0, 1, 0], &f]))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/udp/vxlan/ipv4/tcp", {
            over_udp(4790, &join(&[&[0x0c, 0, 0, 1, 0, 0, 1, 0], &p]))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/udp/vxlan/ethernet/ipv4/tcp", {
            over_udp(4790, &join(&[&[0x0c, 0, 0, 3, 0, 0, 1, 0], &f]))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/udp/geneve/ethernet/ipv4/tcp", {
            over_udp(6081, &join(&[&[2, 0, 0x65, 0x58, 0, 0, 1, 0], &[1; 8], &f]))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/udp/geneve/ipv4/tcp", {
            over_udp(6081, &join(&[&[0, 0x40, 8, 0, 0, 0, 1, 0], &p]))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/udp/gtp/ipv4/tcp", {
            over_udp(2152, &join(&[&[0x30, 0xff], &gtp_len(0), &[0, 0, 0, 1], &p]))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/udp/gtp/ipv4/tcp", {
            over_udp(2152, &join(&[&[0x34, 0xff], &gtp_len(8), &[0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0x10, 9, 0], &p]))
        }),
        sample(LinkType::ETHERNET, "ethernet/ipv4/udp/gre/ipv4/tcp", over_udp(4754, &join(&[&[0, 0, 8, 0], &p]))),
        sample(LinkType::ETHERNET, "ethernet/ipv4/udp/mpls/ipv4/tcp", over_udp(6635, &join(&[&[0, 1, 1, 64], &p]))),
        sample(LinkType::ETHERNET, "ethernet/ipv4/udp/l2tp/ppp/ipv4/tcp", {
            over_udp(1701, &join(&[&[0x0a, 0x02, 0, 1, 0, 2, 0, 0, 0, 0, 0, 2, 9, 9], &ppp]))
        }),
    ]
}
