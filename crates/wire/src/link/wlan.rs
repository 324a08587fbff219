//! IEEE 802.11 frames (IEEE 802.11-2020 s. 9.2 and 9.3.2), data frames only.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---+---+-------+-+-+-+-+-+-+-+-+-------------------------------+
//! |Ver|Typ|Subtype|T|F|M|R|P|D|E|H|           Duration            |
//! +---+---+-------+-+-+-+-+-+-+-+-+-------------------------------+
//! |       Address 1 (6), address 2 (6), address 3 (6)             |
//! +-------------------------------+-------------------------------+
//! |       Sequence control        |   Address 4 (6), if T and F   |
//! +-------------------------------+-------------------------------+
//! |  QoS control (2), in QoS data | HT control (4), if H          |
//! +-------------------------------+-------------------------------+
//! |  LLC, or aggregated subframes …
//! ```
//!
//! Left out: management and control frames and later fragments, which are named; what is encrypted, which is said; all
//! but the first of aggregated subframes.

use firstlight_model::{Layer, MacAddress};

use crate::link;
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// How the frame is laid out in the capture beyond what it says itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Trailer {
    /// Four bytes of frame check sequence stand at the end.
    pub(crate) check_sequence: bool,
    /// The header is padded to a multiple of four bytes.
    pub(crate) padded: bool,
    /// Frame and sequence control have their bytes the other way round, as Cisco's access points send them.
    pub(crate) swapped: bool,
}

const TO_DS: u8 = 0x01;
const FROM_DS: u8 = 0x02;
const PROTECTED: u8 = 0x40;
const HT_CONTROL: u8 = 0x80;
const SUBTYPE_NO_DATA: u8 = 4;
const SUBTYPE_QOS: u8 = 8;

/// Reads a frame from its frame control on.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>, trailer: Trailer) {
    let rest = if trailer.check_sequence { rest.without_trailer(4) } else { rest };
    let Some(&[first, second]) = rest.head::<2>() else { return reader.short(Layer::Ieee80211, rest, 2) };
    let (control, flags) = if trailer.swapped { (second, first) } else { (first, second) };
    let (kind, subtype) = (control >> 2 & 3, control >> 4);
    if control & 3 != 0 {
        return reader.invalid(Layer::Ieee80211, rest, u32::from(control));
    }
    if kind != 2 {
        if reader.enter(Layer::Ieee80211, rest) {
            reader.unsupported(Layer::Ieee80211, rest, u32::from(kind << 4 | subtype));
        }
        return;
    }
    let four_addresses = flags & (TO_DS | FROM_DS) == TO_DS | FROM_DS;
    let qos_at = if four_addresses { 30 } else { 24 };
    let qos = subtype & SUBTYPE_QOS != 0;
    let mut header_len = qos_at;
    if qos {
        header_len += 2;
        if flags & HT_CONTROL != 0 {
            header_len += 4;
        }
    }
    if header_len > rest.captured() {
        return reader.short(Layer::Ieee80211, rest, header_len);
    }
    let (Some(first), Some(second), Some(third)) = (rest.at::<6>(4), rest.at::<6>(10), rest.at::<6>(16)) else {
        return reader.short(Layer::Ieee80211, rest, header_len);
    };
    if !reader.enter(Layer::Ieee80211, rest) {
        return;
    }
    let (source, destination) = match (flags & TO_DS != 0, flags & FROM_DS != 0) {
        (false, false) => (second, first),
        (false, true) => (third, first),
        (true, false) => (second, third),
        (true, true) => (rest.at::<6>(24).unwrap_or(second), third),
    };
    let addresses = (Some(MacAddress(*source)), Some(MacAddress(*destination)));
    let body = rest.skip(if trailer.padded { (header_len + 3) & !3 } else { header_len });
    let fragment_number = rest.u8_at(if trailer.swapped { 23 } else { 22 }).unwrap_or(0) & 0x0f;
    let aggregated = qos && rest.u8_at(qos_at as usize).is_some_and(|qos| qos & 0x80 != 0);
    if subtype & SUBTYPE_NO_DATA != 0 || fragment_number != 0 || flags & PROTECTED != 0 || !aggregated {
        reader.addresses(addresses.0, addresses.1);
    }
    if flags & PROTECTED != 0 {
        reader.encrypted(Layer::Ieee80211, body);
    } else if subtype & SUBTYPE_NO_DATA != 0 || fragment_number != 0 {
        reader.unsupported(Layer::Ieee80211, body, u32::from(kind << 4 | subtype));
    } else if aggregated {
        read_first_subframe(reader, body);
    } else {
        link::llc::read(reader, body);
    }
}

/// How a frame is laid out that holds a packet of IP or ARP in the clear; `None` when it does not.
pub(crate) fn of_a_packet_in_the_clear(rest: Rest<'_>) -> Option<Trailer> {
    let &[first, second] = rest.head::<2>()?;
    let fits = |control: u8, flags: u8| {
        let is_data = control & 3 == 0 && control >> 2 & 3 == 2 && control >> 4 & SUBTYPE_NO_DATA == 0;
        let four_addresses = flags & (TO_DS | FROM_DS) == TO_DS | FROM_DS;
        let ht_control = if flags & HT_CONTROL != 0 { 4 } else { 0 };
        let qos = if control >> 4 & SUBTYPE_QOS != 0 { 2 + ht_control } else { 0 };
        let body = rest.skip(if four_addresses { 30 } else { 24 } + qos);
        let Some(&[0xaa, 0xaa, 3, 0, 0, 0, high, low]) = body.head::<8>() else { return false };
        let packet = body.skip(8);
        is_data
            && flags & PROTECTED == 0
            && match u16::from_be_bytes([high, low]) {
                0x0800 | 0x86dd => network::is_plausible(packet),
                0x0806 => true,
                _ => false,
            }
    };
    let plain = Trailer::default();
    match (fits(first, second), fits(second, first)) {
        (true, _) => Some(plain),
        (false, true) => Some(Trailer { swapped: true, ..plain }),
        (false, false) => None,
    }
}

/// Reads the first subframe of an aggregate (A-MSDU, IEEE 802.11-2020 s. 9.3.2.2): destination, source, length, LLC.
fn read_first_subframe<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(header) = rest.head::<14>() else { return reader.short(Layer::Ieee80211, rest, 14) };
    let &[d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, l0, l1] = header;
    reader.addresses(Some(MacAddress([s0, s1, s2, s3, s4, s5])), Some(MacAddress([d0, d1, d2, d3, d4, d5])));
    link::llc::read(reader, rest.skip(14).within(u32::from(u16::from_be_bytes([l0, l1]))));
}
