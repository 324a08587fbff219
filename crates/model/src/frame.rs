//! Frames: what a capture file holds.

use crate::time::Timestamp;

/// The type of the link layer (tcpdump.org, LINKTYPE_ values). The number is what the file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u32);

/// Which frame of which capture. Orders as the frames do within a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameRef {
    /// Index into the captures of the report, from 0, in the order given by the user.
    pub capture: u32,
    /// Number of the frame in its file, from 1.
    pub number: u64,
}

/// One captured frame, borrowed from the reader until the next one is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Where it stands.
    pub at: FrameRef,
    /// When it was captured. Frames without a time (pcapng Simple Packet Blocks) carry that of the frame before.
    pub time: Timestamp,
    /// How to read `data`.
    pub link_type: LinkType,
    /// Length on the wire in bytes; at least `data.len()`.
    pub original_len: u32,
    /// The bytes that were captured.
    pub data: &'a [u8],
}

macro_rules! link_types {
    ($($(#[$doc:meta])* $name:ident = $number:literal $text:literal;)*) => {
        impl LinkType {
            $($(#[$doc])* pub const $name: Self = Self($number);)*

            /// The registry's name in lower case without `LINKTYPE_`; `None` for those that we do not know.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

link_types! {
    /// BSD loopback: a 4-byte family in the byte order of the capturing machine.
    NULL = 0 "null";
    /// Ethernet.
    ETHERNET = 1 "ethernet";
    /// Token ring.
    IEEE802_5 = 6 "ieee802_5";
    /// ARCNET, BSD.
    ARCNET_BSD = 7 "arcnet_bsd";
    /// SLIP with a pseudo-header.
    SLIP = 8 "slip";
    /// PPP, with or without HDLC framing.
    PPP = 9 "ppp";
    /// FDDI.
    FDDI = 10 "fddi";
    /// Raw IP, as some systems number it (DLT_RAW before it was given 101).
    RAW_12 = 12 "raw";
    /// Raw IP, as OpenBSD numbers it.
    RAW_14 = 14 "raw";
    /// PPP in HDLC framing.
    PPP_HDLC = 50 "ppp_hdlc";
    /// PPP over Ethernet, from the PPPoE header on.
    PPP_ETHER = 51 "ppp_ether";
    /// Symantec firewall.
    SYMANTEC_FIREWALL = 99 "symantec_firewall";
    /// RFC 1483 ATM.
    ATM_RFC1483 = 100 "atm_rfc1483";
    /// IPv4 or IPv6, by the version nibble.
    RAW = 101 "raw";
    /// Cisco HDLC.
    C_HDLC = 104 "c_hdlc";
    /// IEEE 802.11.
    IEEE802_11 = 105 "ieee802_11";
    /// Linux Classical IP over ATM.
    ATM_CLIP = 106 "atm_clip";
    /// Frame relay.
    FRELAY = 107 "frelay";
    /// OpenBSD loopback: the family in network byte order.
    LOOP = 108 "loop";
    /// Linux cooked v1.
    LINUX_SLL = 113 "linux_sll";
    /// OpenBSD pf log.
    PFLOG = 117 "pflog";
    /// Prism header and IEEE 802.11.
    IEEE802_11_PRISM = 119 "ieee802_11_prism";
    /// IP over Fibre Channel.
    IP_OVER_FC = 122 "ip_over_fc";
    /// Linux ATM with a pseudo-header.
    SUNATM = 123 "sunatm";
    /// Radiotap and IEEE 802.11.
    IEEE802_11_RADIOTAP = 127 "ieee802_11_radiotap";
    /// ARCNET, Linux.
    ARCNET_LINUX = 129 "arcnet_linux";
    /// Juniper MLPPP.
    JUNIPER_MLPPP = 130 "juniper_mlppp";
    /// Apple IP over IEEE 1394.
    APPLE_IP_OVER_IEEE1394 = 138 "apple_ip_over_ieee1394";
    /// SS7 MTP2.
    MTP2 = 140 "mtp2";
    /// DOCSIS.
    DOCSIS = 143 "docsis";
    /// Linux IrDA.
    LINUX_IRDA = 144 "linux_irda";
    /// AVS header and IEEE 802.11.
    IEEE802_11_AVS = 163 "ieee802_11_avs";
    /// PPP with a direction byte.
    PPP_PPPD = 166 "ppp_pppd";
    /// Juniper Ethernet.
    JUNIPER_ETHER = 178 "juniper_ether";
    /// USB with a Linux header.
    USB_LINUX = 189 "usb_linux";
    /// Per-Packet Information.
    PPI = 192 "ppi";
    /// IEEE 802.15.4 with FCS.
    IEEE802_15_4_WITHFCS = 195 "ieee802_15_4_withfcs";
    /// Bluetooth HCI with a direction.
    BLUETOOTH_HCI_H4_WITH_PHDR = 201 "bluetooth_hci_h4_with_phdr";
    /// PPP with a direction byte.
    PPP_WITH_DIR = 204 "ppp_with_dir";
    /// Cisco HDLC with a direction byte.
    C_HDLC_WITH_DIR = 205 "c_hdlc_with_dir";
    /// USB with a Linux header, memory-mapped.
    USB_LINUX_MMAPPED = 220 "usb_linux_mmapped";
    /// IPv4.
    IPV4 = 228 "ipv4";
    /// IPv6.
    IPV6 = 229 "ipv6";
    /// D-Bus.
    DBUS = 231 "dbus";
    /// Linux netfilter log.
    NFLOG = 239 "nflog";
    /// IP over InfiniBand.
    IPOIB = 242 "ipoib";
    /// USBPcap.
    USBPCAP = 249 "usbpcap";
    /// Linux netlink.
    NETLINK = 253 "netlink";
    /// Apple pktap.
    PKTAP = 258 "pktap";
    /// Linux vsock.
    VSOCK = 271 "vsock";
    /// Linux cooked v2.
    LINUX_SLL2 = 276 "linux_sll2";
    /// Broadcom tag.
    ETHERNET_BRCM = 281 "ethernet_brcm";
    /// Marvell DSA.
    DSA_TAG_DSA = 284 "dsa_tag_dsa";
    /// Marvell EDSA.
    DSA_TAG_EDSA = 285 "dsa_tag_edsa";
}
