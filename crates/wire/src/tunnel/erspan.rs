//! Encapsulated remote mirroring (draft-foschiano-erspan-03), types I, II and III.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-------+-----------------------+-----+---+-+-------------------+
//! |Version|         VLAN          | COS |En |T|      Session      |
//! +-------+-----------------------+-----+---+-+-------------------+
//! |  type II: reserved (12), index (20); type III: time stamp     |
//! +-------------------------------+-+---------+-----------+-+---+-+
//! |  type III: group tag          |P|Frame typ| Hardware  |D|Gra|O|
//! +-------------------------------+-+---------+-----------+-+---+-+
//! |  type III, if O: eight bytes that depend on the platform
//! ```

use firstlight_model::Layer;

use crate::link::ethernet;
use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Reads type I, which has no header.
pub(crate) fn read_v1<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    if reader.enter(Layer::Erspan, rest) {
        ethernet::read(reader, rest);
    }
}

/// Reads type II.
pub(crate) fn read_v2<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[first, ..]) = rest.head::<8>() else { return reader.short(Layer::Erspan, rest, 8) };
    match first >> 4 {
        1 if reader.enter(Layer::Erspan, rest) => ethernet::read(reader, rest.skip(8)),
        1 => {}
        2 => read_v3(reader, rest),
        other => reader.invalid(Layer::Erspan, rest, u32::from(other)),
    }
}

/// Reads type III.
pub(crate) fn read_v3<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    let Some(&[.., kind, low]) = rest.head::<12>() else { return reader.short(Layer::Erspan, rest, 12) };
    if !reader.enter(Layer::Erspan, rest) {
        return;
    }
    let payload = rest.skip(if low & 1 == 1 { 20 } else { 12 });
    match kind >> 2 & 0x1f {
        0 => ethernet::read(reader, payload),
        2 => network::read_by_version(reader, Layer::Erspan, payload),
        other => reader.unsupported(Layer::Erspan, payload, u32::from(other)),
    }
}
