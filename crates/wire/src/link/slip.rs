//! SLIP as BSD's captures have it (tcpdump.org, LINKTYPE_SLIP): sixteen bytes, then IP.
//!
//! ```text
//! +---------------+---------------+ … +
//! |   Direction   | Header of the compressed packet (15 bytes)
//! +---------------+---------------+ … +
//! ```
//!
//! Headers compressed by RFC 1144 are not read: they need the packets before them.

use firstlight_model::Layer;

use crate::network;
use crate::reader::Reader;
use crate::rest::Rest;

/// Reads a frame from the direction on.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    if rest.head::<16>().is_none() {
        return reader.short(Layer::Slip, rest, 16);
    }
    if reader.enter(Layer::Slip, rest) {
        network::read_by_version(reader, Layer::Slip, rest.skip(16));
    }
}
