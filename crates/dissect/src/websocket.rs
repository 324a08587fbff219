//! WebSocket (RFC 6455), which an HTTP exchange agrees on, or whose beginning is not in the capture: then by a masked
//! text that is legible once the mask is off.
//!
//! ```text
//! | end 1 | reserved 3 | kind 4 | masked 1 | length 7 | (length 16 or 64) | (mask 32) | content …
//! ```
//!
//! Left out: the content.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::gather::{Beginning, side};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Kind of the first message: 1 text, 2 binary, 8 close, 9 ping, 10 pong.
pub static KIND: Field = Field { name: "websocket.opcode", role: Role::Detail, reference: "RFC 6455 s. 5.2" };

/// WebSocket.
pub static DISSECTOR: Dissector = Dissector {
    name: "websocket",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&KIND],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(WebSocket::default()),
};

/// `{"hello":"you"}` and its echo.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 8080, from_start: false },
    pushes: &[
        (
            Direction::Originator,
            b"\x81\x8f\x01\x02\x03\x04\x7a\x20\x6b\x61\x6d\x6e\x6c\x26\x3b\x20\x7a\x6b\x74\x20\x7e",
        ),
        (Direction::Responder, b"\x81\x0f{\"hello\":\"you\"}"),
    ],
};

/// Bytes of a text that have to be legible.
const LEGIBLE_LEN_BYTES: usize = 12;

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let rest = match *bytes {
        [] | [0x81] => return Verdict::NeedMore,
        [0x81, 0x8c..=0xfd, ref rest @ ..] => rest,
        [0x81, 0xfe, ref rest @ ..] => rest.get(2..).unwrap_or_default(),
        _ => return Verdict::NoMatch,
    };
    let Some((mask, content)) = rest.split_first_chunk::<4>() else { return Verdict::NeedMore };
    let Some(content) = content.get(..LEGIBLE_LEN_BYTES) else { return Verdict::NeedMore };
    let is_legible = *mask != [0; 4]
        && content
            .iter()
            .zip(mask.iter().cycle())
            .all(|(byte, mask)| matches!(byte ^ mask, b' '..=b'~' | b'\n' | b'\t'));
    if is_legible { Verdict::Match } else { Verdict::NoMatch }
}

#[derive(Default)]
struct WebSocket {
    sides: [Beginning; 2],
}

impl Dissect for WebSocket {
    fn held_len(&self) -> usize {
        self.sides.iter().map(Beginning::held_len).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let beginning = side(&mut self.sides, direction);
        if let Some(first) = beginning.push(chunk, 1).first() {
            sink.observe(Observation { field: &KIND, direction, value: Value::Number((first & 0xf).into()) });
            beginning.close();
        }
        if self.sides.iter().all(Beginning::has_ended) { Need::Nothing } else { Need::More }
    }
}
