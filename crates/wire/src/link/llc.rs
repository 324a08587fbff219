//! Logical link control (IEEE 802.2, ISO/IEC 8802-2) and the Subnetwork Access Protocol (RFC 1042, RFC 2684).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------+---------------+---------------+---------------+
//! |     DSAP      |     SSAP      | Control       |     OUI …
//! +---------------+---------------+---------------+---------------+
//!       … OUI                     |              Type             |
//! +---------------+---------------+-------------------------------+
//! ```
//!
//! Service access points other than SNAP, IP and ARP (spanning tree, OSI, NetBEUI) and the protocols of other organisations
//! than these are named here and kept for the dissect stage.

use firstlight_model::Layer;

use crate::link;
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Reads an LLC header and what it names.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[dsap, ssap, control]) = rest.head::<3>() else { return reader.short(Layer::Llc, rest, 3) };
    if !reader.enter(Layer::Llc, rest) {
        return;
    }
    // Unnumbered frames have one byte of control, the others two.
    let unnumbered = control & 3 == 3;
    let payload = rest.skip(if unnumbered { 3 } else { 4 });
    match (dsap, ssap & 0xfe) {
        (0xaa, 0xaa) if unnumbered => {
            reader.keep(rest);
            read_snap(reader, payload);
        }
        (0x06, 0x06) if unnumbered => {
            reader.carries(0x0800);
            network::ipv4::read(reader, payload);
        }
        (0x98, 0x98) if unnumbered => {
            reader.carries(0x0806);
            network::arp::read(reader, payload);
        }
        // OSI network layer protocols, of which the first byte can say IP (RFC 2684 s. 5.1, ISO/IEC TR 9577).
        (0xfe, 0xfe) if unnumbered => match payload.u8_at(0) {
            Some(0xcc) => network::ipv4::read(reader, payload.skip(1)),
            Some(0x8e) => network::ipv6::read(reader, payload.skip(1)),
            _ => {
                reader.keep(rest);
                reader.unsupported(Layer::Llc, payload, u32::from(dsap));
            }
        },
        _ => {
            reader.keep(rest);
            reader.unsupported(Layer::Llc, payload, u32::from(dsap));
        }
    }
}

/// True for the service access points that are met on Ethernet: SNAP, IP, spanning tree, OSI, IPX, NetBEUI.
pub(crate) fn is_plausible(rest: Rest<'_>) -> bool {
    rest.head::<3>()
        .is_some_and(|[dsap, ssap, _]| matches!(dsap, 0xaa | 0x06 | 0x42 | 0xfe | 0xe0 | 0xf0) && ssap & 0xfe == *dsap)
}

/// Reads the five bytes of SNAP and what they name.
pub(crate) fn read_snap<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[o0, o1, o2, t0, t1]) = rest.head::<5>() else { return reader.short(Layer::Snap, rest, 5) };
    if !reader.enter(Layer::Snap, rest) {
        return;
    }
    let payload = rest.skip(5);
    let protocol = u16::from_be_bytes([t0, t1]);
    match [o0, o1, o2] {
        // RFC 1042; 802.1H for types that bridges must not take for their own.
        [0, 0, 0] | [0, 0, 0xf8] if protocol >= 0x0600 => {
            link::read_by_ether_type(reader, Layer::Snap, protocol, payload);
        }
        // Bridged Ethernet, with and without the frame check sequence (RFC 2684 s. 5.2, RFC 2427 s. 4.2).
        [0, 0x80, 0xc2] if protocol == 0x0001 || protocol == 0x0007 => link::ethernet::read(reader, payload),
        _ => reader.unsupported(Layer::Snap, payload, u32::from(protocol)),
    }
}

/// Reads Linux' Classical IP over ATM: LLC, or an IP packet without it.
pub(crate) fn read_routed<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    match rest.head::<1>() {
        Some([0x40..=0x6f]) if reader.enter(Layer::Raw, rest) => network::read_by_version(reader, Layer::Raw, rest),
        _ => read(reader, rest),
    }
}

/// Reads SunATM: four bytes (direction and type, virtual path, virtual circuit), then LLC or Ethernet of an emulated LAN.
pub(crate) fn read_sunatm<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[kind, ..]) = rest.head::<4>() else { return reader.short(Layer::Other, rest, 4) };
    match kind & 0x0f {
        // LAN emulation: an identifier of two bytes before the frame.
        1 => link::ethernet::read(reader, rest.skip(6)),
        2 => read(reader, rest.skip(4)),
        other => reader.unsupported(Layer::Other, rest, u32::from(other)),
    }
}
