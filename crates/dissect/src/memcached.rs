//! Memcached's text protocol (memcached, protocol.txt) on port 11211: the server's version.
//!
//! Left out: keys and values, the binary protocol.

use firstlight_model::{Direction, Field, Role};

use crate::lines::{ByLine, Lines, Next};
use crate::words::{first_line, say};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// Version that the server gives with `version` or `stats`.
pub static SERVER: Field =
    Field { name: "memcached.version", role: Role::Software, reference: "memcached, protocol.txt" };

/// Memcached.
pub static DISSECTOR: Dissector = Dissector {
    name: "memcached",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&SERVER],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Lines::<Memcached>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 11_211, from_start: true },
    pushes: &[(Direction::Originator, b"version\r\n"), (Direction::Responder, b"VERSION 1.2.3\r\n")],
};

const WORDS: &[&[u8]] = &[
    b"get",
    b"gets",
    b"set",
    b"add",
    b"replace",
    b"append",
    b"prepend",
    b"cas",
    b"delete",
    b"incr",
    b"decr",
    b"touch",
    b"stats",
    b"version",
    b"flush_all",
    b"VERSION",
    b"STAT",
    b"VALUE",
    b"STORED",
    b"END",
];

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    if !context.has_port(11_211) {
        return Verdict::NoMatch;
    }
    let start = bytes.get(..16).unwrap_or(bytes);
    let word = start.split(|byte| matches!(byte, b' ' | b'\r' | b'\n')).next().unwrap_or_default();
    let is_whole = word.len() < start.len();
    if !WORDS.iter().any(|known| *known == word || !is_whole && known.starts_with(word)) {
        return Verdict::NoMatch;
    }
    if first_line(bytes).is_some() { Verdict::Match } else { Verdict::NeedMore }
}

/// Does a line of the protocol begin with this word?
pub(crate) fn is_word(word: &[u8]) -> bool {
    WORDS.contains(&word)
}

#[derive(Default)]
struct Memcached;

impl ByLine for Memcached {
    fn line(&mut self, direction: Direction, line: &[u8], sink: &mut dyn Sink) -> Next {
        let Some(version) = line.strip_prefix(b"VERSION ").or_else(|| line.strip_prefix(b"STAT version ")) else {
            return Next::Go;
        };
        say(&SERVER, direction, &[b"memcached ", version].concat(), sink);
        Next::Enough
    }
}
