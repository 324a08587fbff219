//! Packets: what the wire stage understood of a frame. Everything is borrowed from the frame or copied in place; a
//! packet costs no allocation.

use std::net::IpAddr;

use crate::address::{MacAddress, Transport};

/// An Ethernet type (IEEE 802 Numbers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EtherType(pub u16);

impl EtherType {
    /// IPv4.
    pub const IPV4: Self = Self(0x0800);
    /// ARP.
    pub const ARP: Self = Self(0x0806);
    /// IPv6.
    pub const IPV6: Self = Self(0x86dd);
    /// IEEE 802.1X, EAP over LAN.
    pub const EAPOL: Self = Self(0x888e);
    /// Link Layer Discovery Protocol.
    pub const LLDP: Self = Self(0x88cc);
}

/// A layer that was recognised, for paths such as `ethernet/vlan/ipv4/gre/ipv4/tcp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[allow(missing_docs, reason = "the name in `name()` says it")]
pub enum Layer {
    Ethernet,
    Vlan,
    Mpls,
    Pppoe,
    Ppp,
    CiscoHdlc,
    LinuxCooked,
    LinuxCookedV2,
    Null,
    Raw,
    Nflog,
    Ieee80211,
    Radiotap,
    Prism,
    Avs,
    Ppi,
    Llc,
    Snap,
    FrameRelay,
    Slip,
    TokenRing,
    Pktap,
    DsaTag,
    ETag,
    ProviderBackbone,
    FabricPath,
    MacSec,
    Nsh,
    Arp,
    Ipv4,
    Ipv6,
    HopByHop,
    Routing,
    FragmentHeader,
    DestinationOptions,
    Authentication,
    Mobility,
    Gre,
    Erspan,
    Vxlan,
    Geneve,
    Gtp,
    Capwap,
    Teredo,
    IpInIp,
    L2tp,
    Tcp,
    Udp,
    Icmp,
    Icmpv6,
    Igmp,
    Sctp,
    Other,
}

impl Layer {
    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ethernet => "ethernet",
            Self::Vlan => "vlan",
            Self::Mpls => "mpls",
            Self::Pppoe => "pppoe",
            Self::Ppp => "ppp",
            Self::CiscoHdlc => "chdlc",
            Self::LinuxCooked => "sll",
            Self::LinuxCookedV2 => "sll2",
            Self::Null => "null",
            Self::Raw => "raw",
            Self::Nflog => "nflog",
            Self::Ieee80211 => "wlan",
            Self::Radiotap => "radiotap",
            Self::Prism => "prism",
            Self::Avs => "avs",
            Self::Ppi => "ppi",
            Self::Llc => "llc",
            Self::Snap => "snap",
            Self::FrameRelay => "frame-relay",
            Self::Slip => "slip",
            Self::TokenRing => "token-ring",
            Self::Pktap => "pktap",
            Self::DsaTag => "dsa-tag",
            Self::ETag => "e-tag",
            Self::ProviderBackbone => "pbb",
            Self::FabricPath => "fabric-path",
            Self::MacSec => "macsec",
            Self::Nsh => "nsh",
            Self::Arp => "arp",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::HopByHop => "hop-by-hop",
            Self::Routing => "routing",
            Self::FragmentHeader => "fragment",
            Self::DestinationOptions => "destination-options",
            Self::Authentication => "ah",
            Self::Mobility => "mobility",
            Self::Gre => "gre",
            Self::Erspan => "erspan",
            Self::Vxlan => "vxlan",
            Self::Geneve => "geneve",
            Self::Gtp => "gtp",
            Self::Capwap => "capwap",
            Self::Teredo => "teredo",
            Self::IpInIp => "ip-in-ip",
            Self::L2tp => "l2tp",
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::Icmpv6 => "icmp6",
            Self::Igmp => "igmp",
            Self::Sctp => "sctp",
            Self::Other => "other",
        }
    }

    /// True for layers that carry a packet of another network inside: those make a tunnel.
    pub const fn is_tunnel(self) -> bool {
        matches!(
            self,
            Self::Gre
                | Self::Erspan
                | Self::Vxlan
                | Self::Geneve
                | Self::Gtp
                | Self::Capwap
                | Self::Teredo
                | Self::IpInIp
                | Self::L2tp
        )
    }
}

/// The layers of a packet from the outside in, at most [`Layers::LIMIT`] of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layers {
    list: [Layer; Self::LIMIT],
    len: u8,
}

impl Layers {
    /// More layers than this in one frame are an anomaly.
    pub const LIMIT: usize = 24;

    /// None yet.
    pub const fn new() -> Self {
        Self { list: [Layer::Other; Self::LIMIT], len: 0 }
    }

    /// These, as far as the limit allows.
    #[allow(clippy::indexing_slicing, reason = "slices have no `get` in constants; the index is below both lengths")]
    pub const fn of(layers: &[Layer]) -> Self {
        let mut list = [Layer::Other; Self::LIMIT];
        let mut len = 0;
        while len < Self::LIMIT && len < layers.len() {
            list[len] = layers[len];
            len += 1;
        }
        #[allow(clippy::cast_possible_truncation, reason = "at most LIMIT")]
        Self { list, len: len as u8 }
    }

    /// Adds one; false when the limit is reached and nothing was added.
    pub fn push(&mut self, layer: Layer) -> bool {
        match self.list.get_mut(usize::from(self.len)) {
            Some(slot) => {
                *slot = layer;
                self.len += 1;
                true
            }
            None => false,
        }
    }

    /// From the outside in.
    pub fn as_slice(&self) -> &[Layer] {
        self.list.get(..usize::from(self.len)).unwrap_or(&[])
    }

    /// The innermost tunnel, if the packet came through one.
    pub fn tunnel(&self) -> Option<Layer> {
        self.as_slice().iter().rev().copied().find(|layer| layer.is_tunnel())
    }
}

impl Default for Layers {
    fn default() -> Self {
        Self::new()
    }
}

/// Link-layer addresses of the outermost link that has them (the one the machine is on).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Link {
    /// Sender.
    pub source: Option<MacAddress>,
    /// Receiver.
    pub destination: Option<MacAddress>,
    /// VLAN identifier of the outermost tag, 0 for none.
    pub vlan: u16,
    /// The type of what the (innermost) link carries, where the link says so.
    pub ether_type: Option<EtherType>,
}

/// An ARP message for IPv4 over Ethernet (RFC 826).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arp {
    /// 1 request, 2 reply.
    pub operation: u16,
    /// Sender hardware address.
    pub sender_mac: MacAddress,
    /// Sender protocol address; 0.0.0.0 in a probe (RFC 5227).
    pub sender: std::net::Ipv4Addr,
    /// Target hardware address.
    pub target_mac: MacAddress,
    /// Target protocol address.
    pub target: std::net::Ipv4Addr,
}

/// Where a fragment belongs (RFC 791, RFC 8200 s. 4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment {
    /// Identification.
    pub id: u32,
    /// Offset in bytes from the start of the payload.
    pub offset: u32,
    /// More fragments follow.
    pub more: bool,
}

/// What later stages need of an IPv4 or IPv6 header. For tunnels, of the innermost one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ip {
    /// Sender.
    pub source: IpAddr,
    /// Receiver.
    pub destination: IpAddr,
    /// Protocol above the extension headers.
    pub transport: Transport,
    /// Time to live or hop limit.
    pub hop_limit: u8,
    /// Differentiated services field with ECN: the former type of service, or the traffic class.
    pub traffic_class: u8,
    /// Identification of IPv4; for IPv6 0 unless there is a fragment header.
    pub id: u32,
    /// Don't Fragment of IPv4.
    pub dont_fragment: bool,
    /// The reserved bit of the IPv4 flags ("evil", RFC 3514).
    pub reserved_flag: bool,
    /// Flow label of IPv6.
    pub flow_label: u32,
    /// Bytes of options (IPv4) or extension headers (IPv6).
    pub options_len: u16,
    /// Length of the whole datagram in bytes, header included, as declared (with IPv6 jumbo and TCP segmentation
    /// off-load, whose total length is 0, the length of the frame's rest).
    pub total_len: u32,
    /// Present when this is a piece of a datagram (atomic fragments of RFC 6946 are whole datagrams: `None`).
    pub fragment: Option<Fragment>,
    /// IPv4 header checksum: `Some(false)` is wrong; `None` where there is none or it was cut off.
    pub checksum_ok: Option<bool>,
}

/// The network layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Nothing that we read: see `Link::ether_type` and `Packet::stop`.
    None,
    /// ARP.
    Arp(Arp),
    /// IPv4 or IPv6.
    Ip(Ip),
}

/// Control bits of TCP (RFC 9293 s. 3.1, RFC 3168, RFC 7560), low nine bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TcpFlags(pub u16);

#[allow(missing_docs, reason = "the standard's names")]
impl TcpFlags {
    pub const FIN: u16 = 0x001;
    pub const SYN: u16 = 0x002;
    pub const RST: u16 = 0x004;
    pub const PSH: u16 = 0x008;
    pub const ACK: u16 = 0x010;
    pub const URG: u16 = 0x020;
    pub const ECE: u16 = 0x040;
    pub const CWR: u16 = 0x080;
    /// Accurate ECN, formerly the nonce sum.
    pub const AE: u16 = 0x100;

    /// All of `bits` are set.
    pub const fn has(self, bits: u16) -> bool {
        self.0 & bits == bits
    }
}

/// A TCP segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tcp<'a> {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgment number.
    pub acknowledgment: u32,
    /// Control bits.
    pub flags: TcpFlags,
    /// Window as it stands, not scaled.
    pub window: u16,
    /// Urgent pointer.
    pub urgent: u16,
    /// Bytes of the options, as far as captured.
    pub options: &'a [u8],
    /// The options were cut off by the snap length.
    pub options_cut: bool,
    /// Payload as far as captured.
    pub payload: &'a [u8],
    /// Payload length on the wire in bytes.
    pub payload_len: u32,
    /// The three reserved bits.
    pub reserved: u8,
}

/// A UDP datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Udp<'a> {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Payload as far as captured.
    pub payload: &'a [u8],
    /// Payload length on the wire in bytes, from the length field (from IP where that is 0).
    pub payload_len: u32,
}

/// An ICMP or ICMPv6 message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Icmp<'a> {
    /// Type.
    pub kind: u8,
    /// Code.
    pub code: u8,
    /// The second word of the header: identifier and sequence number for echo.
    pub rest: u32,
    /// What follows the eight bytes of header, as far as captured.
    pub payload: &'a [u8],
    /// Its length on the wire.
    pub payload_len: u32,
}

/// An IGMP message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Igmp<'a> {
    /// Type.
    pub kind: u8,
    /// The whole message as far as captured.
    pub payload: &'a [u8],
    /// Its length on the wire.
    pub payload_len: u32,
}

/// An SCTP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sctp<'a> {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Chunks, as far as captured.
    pub payload: &'a [u8],
    /// Their length on the wire.
    pub payload_len: u32,
}

/// What the network layer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment<'a> {
    /// No network layer, or its payload was cut off before the transport header was whole.
    None,
    /// TCP.
    Tcp(Tcp<'a>),
    /// UDP.
    Udp(Udp<'a>),
    /// ICMP for IPv4.
    Icmp(Icmp<'a>),
    /// ICMP for IPv6.
    Icmpv6(Icmp<'a>),
    /// IGMP.
    Igmp(Igmp<'a>),
    /// SCTP.
    Sctp(Sctp<'a>),
    /// A fragment that is not a whole datagram: the bytes of this piece.
    Fragment(&'a [u8]),
    /// Another protocol (see `Ip::transport`): its bytes as far as captured.
    Other(&'a [u8]),
}

/// Which limit a length ran against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StopCause {
    /// The capture cut the frame (snap length).
    Captured,
    /// A length field says that the layer ends before its header does.
    Declared,
    /// A number that names what follows is one that we do not read.
    Unsupported,
    /// A field has a value that the standard forbids.
    Invalid,
    /// More layers than the limit.
    TooDeep,
    /// What follows is encrypted on this layer (IEEE 802.11 protected frames, MACsec).
    Encrypted,
}

/// Where and why reading a frame stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// The layer that could not be read, or whose payload could not.
    pub layer: Layer,
    /// Offset in the frame, in bytes.
    pub offset: u32,
    /// Bytes needed; for `Unsupported`, the number met (link type, Ethernet type, protocol).
    pub needed: u32,
    /// Bytes there.
    pub have: u32,
    /// Why.
    pub cause: StopCause,
}

/// All that was understood of a frame.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// From the outside in.
    pub layers: Layers,
    /// Link addresses.
    pub link: Link,
    /// Network layer, the innermost.
    pub network: Network,
    /// Transport layer, the innermost.
    pub segment: Segment<'a>,
    /// The bytes from the transport header on, as far as captured and as the network layer declares them.
    ///
    /// Without a network layer, what follows the link header when an Ethernet type that we do not read says what it is.
    /// Where the link has no type but a length (`Link::ether_type` below 0x0600) or nothing at all, they begin with the
    /// header of logical link control. Empty for all other frames.
    pub transport_bytes: &'a [u8],
    /// Their length on the wire, as the network layer (or the link) declares it.
    pub transport_len: u32,
    /// `None` when the frame was read to the transport payload.
    pub stop: Option<Stop>,
}
