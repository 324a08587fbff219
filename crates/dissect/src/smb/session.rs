//! The request for a NetBIOS session (RFC 1002 s. 4.3.2): whom it calls, and who calls.

use firstlight_model::Direction;

use super::{HOST, SERVER};
use crate::Sink;
use crate::reader::Reader;
use crate::words::say_host;

/// Says both names.
pub(crate) fn request(direction: Direction, body: &[u8], sink: &mut dyn Sink) {
    let mut reader = Reader(body);
    // A name that stands for whatever server is there begins with an asterisk, and is no host.
    if let Some(name) = name(&mut reader) {
        say_host(&SERVER, direction, &name, sink);
    }
    if let Some(name) = name(&mut reader) {
        say_host(&HOST, direction, &name, sink);
    }
}

/// Fifteen bytes, each in two letters from A on, and the kind (RFC 1001 s. 14.1).
fn name(reader: &mut Reader<'_>) -> Option<Vec<u8>> {
    let letters = reader.vec8()?;
    // The scope, nearly always empty.
    while !reader.vec8()?.is_empty() {}
    let mut name: Vec<u8> = letters
        .chunks_exact(2)
        .take(15)
        .filter_map(|pair| match *pair {
            [high @ b'A'..=b'P', low @ b'A'..=b'P'] => Some((high - b'A') << 4 | (low - b'A')),
            _ => None,
        })
        .collect();
    name.truncate(name.trim_ascii_end().len());
    Some(name)
}
