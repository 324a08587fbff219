//! WireGuard's handshake (Donenfeld, "WireGuard: Next Generation Kernel Network Tunnel", s. 5.4): messages of fixed
//! length that begin with their type and three zero bytes. On any port, by the handshake; in the middle of a tunnel
//! only on port 51820.
//!
//! Left out: everything inside; variants that put a client's identity in place of the zeros.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// 1 initiation, 2 response, 3 cookie reply, 4 transport data.
pub static TYPE: Field = Field { name: "wg.type", role: Role::Detail, reference: "WireGuard s. 5.4" };

/// WireGuard.
pub static DISSECTOR: Dissector = Dissector {
    name: "wg",
    carrier: Carrier::Udp,
    encrypted: Some(true),
    fields: &[&TYPE],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(WireGuard),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 51_820, from_start: true },
    pushes: &[(Direction::Originator, &message::<148>(1)), (Direction::Responder, &message::<92>(2))],
};

/// A message of nothing but different bytes.
const fn message<const LEN: usize>(kind: u8) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    let mut at = 4;
    #[allow(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "runs in the compiler")]
    {
        bytes[0] = kind;
        while at < LEN {
            bytes[at] = (at * 37 % 251) as u8;
            at += 1;
        }
    }
    bytes
}

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let &[kind @ 1..=4, 0, 0, 0, ref rest @ ..] = bytes else { return Verdict::NoMatch };
    let on_its_port = context.has_port(51_820);
    let fits = match kind {
        // Sender's index, then an ephemeral key: anything but a row of zeros.
        1 => bytes.len() == 148 && is_random(rest.get(4..36)),
        2 => bytes.len() == 92 && is_random(rest.get(8..40)),
        3 => on_its_port && bytes.len() == 64,
        _ => on_its_port && bytes.len() >= 32 && bytes.len().is_multiple_of(16),
    };
    if fits { Verdict::Match } else { Verdict::NoMatch }
}

fn is_random(key: Option<&[u8]>) -> bool {
    key.is_some_and(|key| {
        let ones: u32 = key.iter().map(|byte| byte.count_ones()).sum();
        // 256 bits: six standard deviations to each side of the middle.
        (80..=176).contains(&ones) && key.iter().filter(|byte| **byte == 0).count() < 5
    })
}

struct WireGuard;

impl Dissect for WireGuard {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(&[kind @ 1..=4, 0, 0, 0, ..]) = chunk else { return Need::More };
        sink.observe(Observation { field: &TYPE, direction, value: Value::Number(kind.into()) });
        if kind == 4 { Need::Nothing } else { Need::More }
    }
}
