//! TeamViewer's own protocol over TCP, port 5938 before all: packets that begin with `17 24` or `11 30` and a command,
//! as nDPI tells them.
//!
//! Left out: the rest, which is encrypted; TeamViewer over TLS has a name.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::gather::{Beginning, side};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// The command of the first packet.
pub static COMMAND: Field = Field { name: "teamviewer.command", role: Role::Detail, reference: "nDPI, TeamViewer" };

/// TeamViewer.
pub static DISSECTOR: Dissector = Dissector {
    name: "teamviewer",
    carrier: Carrier::Tcp,
    encrypted: Some(true),
    fields: &[&COMMAND],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(TeamViewer::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 5938, from_start: true },
    pushes: &[
        (Direction::Originator, b"\x17\x24\x0a\x20\0\x01\x02\x03"),
        (Direction::Responder, b"\x17\x24\x0b\x20\0\x01"),
    ],
};

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    if !context.has_port(5938) {
        return Verdict::NoMatch;
    }
    match *bytes {
        [0x17, 0x24, _, ..] | [0x11, 0x30, _, ..] => Verdict::Match,
        [] | [0x17] | [0x17, 0x24] | [0x11] | [0x11, 0x30] => Verdict::NeedMore,
        _ => Verdict::NoMatch,
    }
}

#[derive(Default)]
struct TeamViewer {
    sides: [Beginning; 2],
}

impl Dissect for TeamViewer {
    fn held_len(&self) -> usize {
        self.sides.iter().map(Beginning::held_len).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let beginning = side(&mut self.sides, direction);
        if let Some(&[_, _, command]) = beginning.push(chunk, 3).get(..3) {
            sink.observe(Observation { field: &COMMAND, direction, value: Value::Number(command.into()) });
            beginning.close();
        }
        if self.sides.iter().all(Beginning::has_ended) { Need::Nothing } else { Need::More }
    }
}
