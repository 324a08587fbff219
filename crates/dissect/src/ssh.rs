//! Secure Shell (RFC 4253 s. 4.2): the line in clear that both sides begin with.
//!
//! ```text
//! SSH-protoversion-softwareversion SP comments CR LF
//! ```
//!
//! Left out: key exchange and its fingerprints; all after it is encrypted.

use firstlight_model::{Direction, Field, Role};

use crate::limits::SERVICE_LINES_BEFORE;
use crate::lines::{ByLine, Lines, Next};
use crate::words::{say, say_text};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// Version of the protocol, for example `SSH 2.0`; `SSH 1.99` speaks 2.0 and older ones.
pub static VERSION: Field = Field { name: "ssh.protocol.version", role: Role::Version, reference: "RFC 4253 s. 4.2" };
/// Software, with comments.
pub static SOFTWARE: Field =
    Field { name: "ssh.protocol.software", role: Role::Software, reference: "RFC 4253 s. 4.2" };

/// SSH.
pub static DISSECTOR: Dissector = Dissector {
    name: "ssh",
    carrier: Carrier::Tcp,
    encrypted: Some(true),
    fields: &[&VERSION, &SOFTWARE],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Lines::<Ssh>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 2222, from_start: true },
    pushes: &[
        (Direction::Responder, b"SSH-2.0-ExampleD_1.2 Sample-3\r\n"),
        (Direction::Originator, b"SSH-2.0-example_9\n\0\0\0\x0c\x0a\x14"),
    ],
};

const START: &[u8] = b"SSH-";

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    match bytes.strip_prefix(START) {
        Some([b'1' | b'2', b'.', ..]) => Verdict::Match,
        Some([] | [b'1' | b'2']) => Verdict::NeedMore,
        None if START.starts_with(bytes) => Verdict::NeedMore,
        _ => Verdict::NoMatch,
    }
}

#[derive(Default)]
struct Ssh {
    is_said: [bool; 2],
    /// Lines that a server may send before its own (RFC 4253 s. 4.2).
    before: u8,
}

impl ByLine for Ssh {
    fn line(&mut self, direction: Direction, line: &[u8], sink: &mut dyn Sink) -> Next {
        let [originator, responder] = &mut self.is_said;
        let is_said = if direction == Direction::Originator { originator } else { responder };
        let Some(rest) = line.strip_prefix(START).filter(|_| !*is_said) else {
            self.before += 1;
            return if self.before > SERVICE_LINES_BEFORE { Next::Enough } else { Next::Go };
        };
        *is_said = true;
        let dash = memchr::memchr(b'-', rest).unwrap_or(rest.len());
        let (version, software) = rest.split_at_checked(dash).unwrap_or((rest, &[]));
        let version = crate::words::text(version);
        say_text(&VERSION, direction, &format!("SSH {version}"), sink);
        say(&SOFTWARE, direction, software.get(1..).unwrap_or_default(), sink);
        if self.is_said == [true, true] { Next::Enough } else { Next::Go }
    }
}
