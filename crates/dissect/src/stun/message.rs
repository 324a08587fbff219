//! One message (RFC 8489 s. 5).

use firstlight_model::Direction;

use super::{METHOD, REALM, SOFTWARE};
use crate::reader::Reader;
use crate::words::{say, say_text};
use crate::{Context, Sink};

/// Octets of the head.
pub(crate) const HEAD_LEN_BYTES: usize = 20;

const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

/// Ports on which messages without the cookie are taken (IANA: stun; 19302 is Google's).
const PORTS: &[u16] = &[3478, 3479, 19_302];

/// Is this a message, whole? Without the cookie, as before RFC 5389, only a plain request or answer on a known port.
pub(crate) fn is_whole(context: &Context, bytes: &[u8]) -> bool {
    let Some((head, attributes)) = bytes.split_first_chunk::<HEAD_LEN_BYTES>() else { return false };
    let &[high, low, len_high, len_low, ref rest @ ..] = head;
    let len = usize::from(u16::from_be_bytes([len_high, len_low]));
    if high & 0xc0 != 0 || len != attributes.len() {
        return false;
    }
    // Early TURN of Microsoft does not pad (MS-TURN s. 2.2): with the cookie, any length is taken.
    if rest.starts_with(&COOKIE) {
        return true;
    }
    let is_classic = len % 4 == 0 && matches!((high, low), (0 | 1, 1 | 2) | (1, 0x11 | 0x12));
    is_classic && PORTS.iter().any(|&port| context.has_port(port)) && attributes_fit(attributes)
}

/// Length of the message that begins with `start`, if it has the cookie.
pub(crate) fn len(start: &[u8]) -> Option<usize> {
    let head = start.get(..8)?;
    let &[high, _, len_high, len_low, ref cookie @ ..] = head else { return None };
    let len = usize::from(u16::from_be_bytes([len_high, len_low]));
    Some(if high & 0xc0 == 0 && len % 4 == 0 && *cookie == COOKIE { HEAD_LEN_BYTES + len } else { 0 })
}

fn attributes_fit(bytes: &[u8]) -> bool {
    let mut reader = Reader(bytes);
    while !reader.is_empty() {
        if attribute(&mut reader).is_none() {
            return false;
        }
    }
    true
}

/// Type and value of the next attribute.
fn attribute<'a>(reader: &mut Reader<'a>) -> Option<(u16, &'a [u8])> {
    let kind = reader.u16()?;
    let len = usize::from(reader.u16()?);
    let value = reader.take(len)?;
    reader.take_up_to(len.wrapping_neg() % 4);
    Some((kind, value))
}

/// Says what a message says.
pub(crate) fn observe(direction: Direction, bytes: &[u8], sink: &mut dyn Sink) {
    let mut reader = Reader(bytes);
    let (Some(kind), Some(_)) = (reader.u16(), reader.take(HEAD_LEN_BYTES - 2)) else { return };
    if kind & 0xc000 != 0 {
        return;
    }
    // The two bits of the class stand within those of the method (RFC 8489 s. 5).
    let method = kind & 0xf | kind >> 1 & 0x70 | kind >> 2 & 0xf80;
    say_text(&METHOD, direction, method_name(method), sink);
    while let Some((kind, value)) = attribute(&mut reader) {
        match kind {
            0x8022 => say(&SOFTWARE, direction, value, sink),
            0x0014 => say(&REALM, direction, value, sink),
            _ => {}
        }
    }
}

/// IANA, STUN Methods.
fn method_name(method: u16) -> &'static str {
    match method {
        1 => "Binding",
        2 => "SharedSecret",
        3 => "Allocate",
        4 => "Refresh",
        6 => "Send",
        7 => "Data",
        8 => "CreatePermission",
        9 => "ChannelBind",
        10 => "Connect",
        11 => "ConnectionBind",
        12 => "ConnectionAttempt",
        0x80 => "GooglePing",
        _ => "",
    }
}
