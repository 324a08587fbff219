//! What receivers put before IEEE 802.11 frames: radiotap (radiotap.org), Prism and AVS (tcpdump.org, LINKTYPE_).
//!
//! ```text
//! radiotap, little-endian
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------+---------------+-------------------------------+
//! | Version (0)   |      Pad      |            Length             |
//! +---------------+---------------+-------------------------------+
//! |  Present (the last bit says that another word follows)        |
//! +---------------------------------------------------------------+
//! |  Fields in the order of the bits, each at its own alignment …
//! ```
//!
//! Only the flags are read, which say how the frame after the header ends; signal and rate are left out.

use firstlight_model::Layer;

use crate::link::wlan::{self, Trailer};
use crate::reader::Reader;
use crate::rest::Rest;

/// The frame check sequence was captured.
const FLAG_FCS: u8 = 0x10;
/// Padding between the 802.11 header and its payload.
const FLAG_PADDED: u8 = 0x20;

/// Reads a radiotap header and the frame after it.
pub(crate) fn read_radiotap<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[version, _, l0, l1, ..]) = rest.head::<8>() else { return reader.short(Layer::Radiotap, rest, 8) };
    let len = u32::from(u16::from_le_bytes([l0, l1]));
    if version != 0 || len < 8 {
        return reader.invalid(Layer::Radiotap, rest, if version != 0 { u32::from(version) } else { len });
    }
    if len > rest.captured() {
        return reader.short(Layer::Radiotap, rest, len);
    }
    if !reader.enter(Layer::Radiotap, rest) {
        return;
    }
    let flags = radiotap_flags(rest.declared(len)).unwrap_or(0);
    let (check_sequence, padded) = (flags & FLAG_FCS != 0, flags & FLAG_PADDED != 0);
    let trailer = Trailer { check_sequence, padded, ..Trailer::default() };
    wlan::read(reader, rest.skip(len), trailer);
}

/// The flags field of a radiotap header, when it has one.
fn radiotap_flags(header: Rest<'_>) -> Option<u8> {
    let present = u32::from_le_bytes(*header.at::<4>(4)?);
    if present & 2 == 0 {
        return None;
    }
    let mut at = 4;
    while u32::from_le_bytes(*header.at::<4>(at)?) & 0x8000_0000 != 0 {
        at += 4;
    }
    at += 4;
    if present & 1 != 0 {
        // The time, eight bytes at a multiple of eight.
        at = at.next_multiple_of(8) + 8;
    }
    header.u8_at(at)
}

/// Reads a Prism header, or the AVS header that drivers also give under its number.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------------------------------------------------------+
/// |             Message code (host byte order)                    |
/// +---------------------------------------------------------------+
/// |             Message length (host byte order)                  |
/// +---------------------------------------------------------------+
/// |  Device name (16), fields …
/// ```
pub(crate) fn read_prism<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[c0, c1, c2, _, l0, l1, l2, l3]) = rest.head::<8>() else { return reader.short(Layer::Prism, rest, 8) };
    if [c0, c1, c2] == [0x80, 0x21, 0x10] {
        return read_avs(reader, rest);
    }
    let len = u32::from_le_bytes([l0, l1, l2, l3]);
    let len = if len > 0xffff { len.swap_bytes() } else { len };
    if !(24..=0xffff).contains(&len) {
        return reader.invalid(Layer::Prism, rest, len);
    }
    read_frame(reader, Layer::Prism, rest, len);
}

/// Reads an AVS header: a magic number and the header's length, big-endian, before its fields.
pub(crate) fn read_avs<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[_, _, _, _, l0, l1, l2, l3]) = rest.head::<8>() else { return reader.short(Layer::Avs, rest, 8) };
    let len = u32::from_be_bytes([l0, l1, l2, l3]);
    if len < 8 {
        return reader.invalid(Layer::Avs, rest, len);
    }
    read_frame(reader, Layer::Avs, rest, len);
}

/// Reads the frame behind `len` bytes of header.
fn read_frame<'a>(reader: &mut Reader<'_, 'a>, layer: Layer, rest: Rest<'a>, len: u32) {
    if len > rest.captured() {
        return reader.short(layer, rest, len);
    }
    if reader.enter(layer, rest) {
        wlan::read(reader, rest.skip(len), Trailer::default());
    }
}
