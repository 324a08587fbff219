//! Spotify's search for players in the local network: datagrams to UDP port 57621 that begin with `SpotUdp0`.
//!
//! Left out: what follows, of which nobody outside knows the meaning.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// What the datagram begins with.
pub static MAGIC: Field = Field { name: "spotify.magic", role: Role::Detail, reference: "nDPI, Spotify" };

/// Spotify Connect discovery.
pub static DISSECTOR: Dissector = Dissector {
    name: "spotify",
    carrier: Carrier::Udp,
    encrypted: None,
    fields: &[&MAGIC],
    samples: &[SAMPLE],
    probe: |_, _, bytes| if bytes.starts_with(b"SpotUdp") { Verdict::Match } else { Verdict::NoMatch },
    open: |_| Box::new(Spotify),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 57_621, responder_port: 57_621, from_start: true },
    pushes: &[(Direction::Originator, b"SpotUdp0\x01\x02\x03\x04\x05\x06\x07\x08\0\x01\0\x04HEX1\x01\x02\x03\x04")],
};

struct Spotify;

impl Dissect for Spotify {
    fn push(&mut self, direction: Direction, _: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        sink.observe(Observation { field: &MAGIC, direction, value: Value::Text("SpotUdp") });
        Need::Nothing
    }
}
