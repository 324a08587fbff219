//! Teredo: IPv6 over UDP through address translation (RFC 4380 s. 5.1.1, RFC 6081).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------+---------------+---------------+---------------+
//! |     0x00      |     0x01      |   ID length   | Auth. length  |  authentication, if any; identifier,
//! +---------------+---------------+---------------+---------------+  value, nonce (8), confirmation (1)
//! |     0x00      |     0x00      |      Port (complemented)      |  origin, if any
//! +---------------+---------------+-------------------------------+
//! |                   Address (complemented)                      |
//! +---------------------------------------------------------------+
//! |  IPv6 packet, trailers …
//! ```
//!
//! Clients, servers and relays use any port, so that the port says nothing: what counts is that an IPv6 packet fits
//! and that one of its addresses is a Teredo address (2001::/32), or both are local as in router discovery.

use firstlight_model::Layer;

use crate::network::ipv6;
use crate::reader::Reader;
use crate::rest::Rest;

/// Opens Teredo when it looks like it.
pub(crate) fn read<'a>(reader: &mut Reader<'_, 'a>, rest: Rest<'a>) {
    if !is_candidate(rest.data) {
        return;
    }
    let Some(inner) = without_indications(rest) else { return };
    if is_plausible(inner) && reader.enter_tunnel(Layer::Teredo, rest) {
        ipv6::read(reader, inner);
    }
}

/// True when the first bytes do not rule it out.
#[inline]
pub(crate) fn is_candidate(payload: &[u8]) -> bool {
    matches!(payload, [0x60..=0x6f, ..] | [0, 1, ..] | [0, 0, _, _, _, _, _, _, 0x60..=0x6f, ..])
}

/// The packet behind the authentication and origin indications, in that order, where there are any.
fn without_indications(rest: Rest<'_>) -> Option<Rest<'_>> {
    let mut rest = rest;
    if let Some(&[0, 1, id_len, auth_len]) = rest.head::<4>() {
        rest = rest.skip(13 + u32::from(id_len) + u32::from(auth_len));
    }
    if let Some([0, 0]) = rest.head::<2>() {
        rest = rest.skip(8);
    }
    (rest.u8_at(0)? >> 4 == 6).then_some(rest)
}

/// True for an IPv6 packet that fits and has the addresses.
fn is_plausible(rest: Rest<'_>) -> bool {
    let Some(header) = rest.head::<40>() else { return false };
    if !ipv6::is_plausible(rest) {
        return false;
    }
    let (_, addresses) = header.split_at(8);
    let (source, destination) = addresses.split_at(16);
    let teredo = |address: &[u8]| address.starts_with(&[0x20, 0x01, 0, 0]);
    let local = |address: &[u8]| matches!(address, [0xfe, 0x80..=0xbf, ..] | [0xff, 0x02, ..]);
    teredo(source) || teredo(destination) || (local(source) && local(destination))
}
