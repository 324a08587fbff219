//! BitTorrent between peers (BEP 3): the handshake, and the program that its peer identifier names (BEP 20).
//!
//! Left out: what is shared, and streams that hide their handshake.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::gather::{Beginning, side};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Program and version of the peer.
pub static PEER: Field = Field { name: "bittorrent.peer_id", role: Role::Software, reference: "BEP 20" };

/// BitTorrent.
pub static DISSECTOR: Dissector = Dissector {
    name: "bittorrent",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&PEER],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(BitTorrent::default()),
};

const FRONT: &[u8] = b"\x13BitTorrent protocol";

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 6881, from_start: true },
    pushes: &[
        (Direction::Originator, b"\x13BitTorrent protocol\0\0\0\0\0\x10\0\x05abcdefghijklmnopqrst-TR2940-0123456789ab"),
        (Direction::Responder, b"\x13BitTorrent protocol\0\0\0\0\0\x10\0\x05abcdefghijklmnopqrst-XY1000-0123456789ab"),
    ],
};

/// Front, eight reserved bytes, hash, peer identifier.
const HANDSHAKE_LEN_BYTES: usize = 20 + 8 + 20 + 20;

/// Programs by the two letters of their identifiers.
const PROGRAMS: &[(&[u8; 2], &str)] = &[
    (b"AZ", "Vuze"),
    (b"BT", "BitTorrent"),
    (b"DE", "Deluge"),
    (b"KT", "KTorrent"),
    (b"LT", "libtorrent"),
    (b"lt", "rTorrent"),
    (b"TR", "Transmission"),
    (b"UT", "µTorrent"),
    (b"UM", "µTorrent for Mac"),
    (b"WW", "WebTorrent"),
    (b"qB", "qBittorrent"),
];

/// The program behind two letters.
pub(crate) fn program(letters: &[u8]) -> Option<&'static str> {
    PROGRAMS.iter().find(|(known, _)| *known == letters).map(|(_, program)| *program)
}

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    match bytes.get(..FRONT.len()) {
        Some(front) if front == FRONT => Verdict::Match,
        None if FRONT.starts_with(bytes) => Verdict::NeedMore,
        _ => Verdict::NoMatch,
    }
}

#[derive(Default)]
struct BitTorrent {
    sides: [Beginning; 2],
}

impl Dissect for BitTorrent {
    fn held_len(&self) -> usize {
        self.sides.iter().map(Beginning::held_len).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let beginning = side(&mut self.sides, direction);
        let bytes = beginning.push(chunk, HANDSHAKE_LEN_BYTES);
        if bytes.len() == HANDSHAKE_LEN_BYTES {
            if let Some([b'-', a, b, version @ .., b'-']) = bytes.get(48..56)
                && version.iter().all(u8::is_ascii_alphanumeric)
            {
                let version = String::from_utf8_lossy(version);
                let text = match program(&[*a, *b]) {
                    Some(program) => format!("{program} {version}"),
                    None => String::from_utf8_lossy(&[*a, *b]).into_owned() + &version,
                };
                sink.observe(Observation { field: &PEER, direction, value: Value::Text(&text) });
            }
            beginning.close();
        }
        if self.sides.iter().all(Beginning::has_ended) { Need::Nothing } else { Need::More }
    }
}
