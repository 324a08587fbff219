//! Frames without a network layer: which protocol they carry, by Ethernet type or logical link control (IEEE 802.2), and
//! what it says. Nothing is kept from one frame to the next.
//!
//! ```text
//! | DSAP 8 | SSAP 8 | control 8 | and for SNAP, DSAP and SSAP 0xaa: OUI 24 | protocol 16 |
//! ```
//!
//! Left out: protocols of organisations other than Cisco behind SNAP.

use firstlight_model::{Direction, EtherType, Need};

use crate::{ALL, Carrier, Chunk, Context, Dissector, Sink, Verdict};

const SNAP: u8 = 0xaa;
const CISCO: [u8; 3] = [0x00, 0x00, 0x0c];

/// Reads a frame that the wire stage found no network layer in (`Packet::transport_bytes`), and tells whose protocol it
/// is. `missing` is how many of its bytes were not captured.
///
/// Dissectors are told the protocol by one number: an Ethernet type, a service access point of LLC (up to 0xff), or what
/// Cisco numbers behind its own SNAP header, none of which is the same as another.
pub fn frame(
    ether_type: Option<EtherType>,
    bytes: &[u8],
    missing: u64,
    sink: &mut dyn Sink,
) -> Option<&'static Dissector> {
    let (number, payload) = match ether_type {
        Some(EtherType(number @ 0x0600..)) => (number, bytes),
        _ => behind_llc(bytes)?,
    };
    let context = Context { originator_port: 0, responder_port: number, from_start: true };
    let direction = Direction::Originator;
    let dissector = ALL.iter().find(|dissector| {
        dissector.carrier == Carrier::Link && (dissector.probe)(&context, direction, payload) == Verdict::Match
    })?;
    let mut dissect = (dissector.open)(&context);
    if dissect.push(direction, Chunk::Data(payload), sink) == Need::More {
        if missing > 0 {
            dissect.push(direction, Chunk::Gap(missing), sink);
        }
        dissect.finish(sink);
    }
    Some(dissector)
}

fn behind_llc(bytes: &[u8]) -> Option<(u16, &[u8])> {
    match bytes {
        [SNAP, SNAP, 3, a, b, c, high, low, payload @ ..] => {
            ([*a, *b, *c] == CISCO).then_some((u16::from_be_bytes([*high, *low]), payload))
        }
        // An unnumbered frame of one service access point to its like.
        [dsap, ssap, 3, payload @ ..] if dsap == ssap => Some((u16::from(*dsap), payload)),
        _ => None,
    }
}
