//! PPP (RFC 1661 s. 2), its HDLC framing (RFC 1662 s. 3.1) and PPP over Ethernet (RFC 2516 s. 4).
//!
//! ```text
//! PPP over Ethernet                                                  HDLC framing and PPP
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-------+-------+---------------+-------------------------------+  +---------------+---------------+
//! |Version| Type  |     Code      |          Session              |  | Address (ff)  | Control (03)  |
//! +-------+-------+---------------+-------------------------------+  +---------------+---------------+
//! |            Length             |                                  | Protocol (1 or 2 bytes)       |
//! +-------------------------------+                                  +-------------------------------+
//! ```
//!
//! Control protocols (LCP, IPCP, …), compression, encryption and multilink are named and not read.

use firstlight_model::Layer;

use crate::link::{cisco_hdlc, ethernet, mpls};
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Reads PPP from its protocol field on; an address and control field before it is skipped where there is one
/// (they may be left out, RFC 1661 s. 6.6).
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let rest = match rest.head::<2>() {
        Some([0xff, 0x03]) => rest.skip(2),
        _ => rest,
    };
    let Some(&[first]) = rest.head::<1>() else { return reader.short(Layer::Ppp, rest, 1) };
    if first == 0xff {
        // An address field that was cut off from its control field; no protocol has that number.
        return reader.short(Layer::Ppp, rest, rest.captured() + 1);
    }
    // The protocol field may be compressed to one byte, which then is odd (RFC 1661 s. 6.5).
    let (protocol, payload) = if first & 1 == 1 {
        (u16::from(first), rest.skip(1))
    } else {
        let Some(protocol) = rest.u16_at(0) else { return reader.short(Layer::Ppp, rest, 2) };
        (protocol, rest.skip(2))
    };
    if !reader.enter(Layer::Ppp, rest) {
        return;
    }
    match protocol {
        0x0021 => {
            reader.carries(0x0800);
            network::ipv4::read(reader, payload);
        }
        0x0057 => {
            reader.carries(0x86dd);
            network::ipv6::read(reader, payload);
        }
        0x0281 | 0x0283 => mpls::read(reader, payload),
        // Bridged frames: flags and a type of MAC, 1 for Ethernet (RFC 3518 s. 4.2).
        0x0031 if payload.u8_at(1) == Some(1) => ethernet::read(reader, payload.skip(2)),
        _ => reader.unsupported(Layer::Ppp, payload, u32::from(protocol)),
    }
}

/// Reads PPP as capture files have it: with or without address and control, or Cisco HDLC, which shares the framing.
pub(crate) fn read_framed<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    match rest.head::<2>() {
        Some([0x0f | 0x8f, 0x00]) => cisco_hdlc::read(reader, rest),
        Some(_) => read(reader, rest),
        None => reader.short(Layer::Ppp, rest, 2),
    }
}

/// Reads PPP behind one byte that tells the direction; pppd writes that byte over the address field.
pub(crate) fn read_with_direction<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    match rest.head::<2>() {
        Some([0 | 1, 0x03]) => read(reader, rest.skip(2)),
        Some(_) => read_framed(reader, rest.skip(1)),
        None => reader.short(Layer::Ppp, rest, 2),
    }
}

/// Reads PPP over Ethernet, session and discovery.
pub(crate) fn read_pppoe<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[version, code, _, _, l0, l1]) = rest.head::<6>() else { return reader.short(Layer::Pppoe, rest, 6) };
    if version != 0x11 {
        return reader.invalid(Layer::Pppoe, rest, u32::from(version));
    }
    if !reader.enter(Layer::Pppoe, rest) {
        return;
    }
    let payload = rest.skip(6).within(u32::from(u16::from_be_bytes([l0, l1])));
    match code {
        0 => read(reader, payload),
        _ => reader.unsupported(Layer::Pppoe, payload, u32::from(code)),
    }
}

/// True for protocols that a PPP frame in a tunnel may well carry: IP, its compressed forms and the control protocols.
pub(crate) fn is_plausible(rest: Rest<'_>) -> bool {
    let rest = match rest.head::<2>() {
        Some([0xff, 0x03]) => rest.skip(2),
        _ => rest,
    };
    match rest.head::<2>() {
        Some([0x21, _]) | Some([0x57, _]) => network::is_plausible(rest.skip(1)),
        Some([0x00, 0x21 | 0x57]) => network::is_plausible(rest.skip(2)),
        Some([0xc0, 0x21 | 0x23]) | Some([0xc2, 0x23 | 0x27]) => true,
        Some([0x80, 0x21 | 0x57 | 0xfd]) | Some([0x00, 0xfd]) => true,
        _ => false,
    }
}
