//! The distributed hash table of BitTorrent (BEP 5): bencoded questions and answers over UDP.
//!
//! Left out: who has what; other extensions in the same coding.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::bittorrent::program;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Kind of question: ping, find_node, get_peers, announce_peer, …
pub static QUERY: Field = Field { name: "bt-dht.query", role: Role::Detail, reference: "BEP 5, DHT queries" };
/// Program of the sender.
pub static CLIENT: Field = Field { name: "bt-dht.client", role: Role::Software, reference: "BEP 5, KRPC protocol" };

/// BitTorrent DHT.
pub static DISSECTOR: Dissector = Dissector {
    name: "bt-dht",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&QUERY, &CLIENT],
    samples: &[SAMPLE],
    probe: |_, _, bytes| if is_message(bytes) { Verdict::Match } else { Verdict::NoMatch },
    open: |_| Box::new(Dht::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 6881, from_start: true },
    pushes: &[
        (Direction::Originator, b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:v4:LT\x01\x021:y1:qe"),
        (Direction::Responder, b"d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re"),
    ],
};

/// A dictionary whose first member is a question's, an answer's or an error's, and that says so in the end.
fn is_message(bytes: &[u8]) -> bool {
    if !bytes.starts_with(b"d") {
        return false;
    }
    let begins = [&b"d1:ad2:id20:"[..], b"d1:rd2:id20:", b"d2:ip6:", b"d2:ip18:", b"d1:eli", b"d2:ip4:"];
    if !begins.iter().any(|front| bytes.starts_with(front)) {
        return false;
    }
    // The last members are `v` and `y`; a capture may have cut them.
    bytes.starts_with(b"d1:ad2:id20:")
        || bytes.starts_with(b"d1:rd2:id20:")
        || [&b"1:y1:qe"[..], b"1:y1:re", b"1:y1:ee"].iter().any(|back| bytes.ends_with(back))
}

#[derive(Default)]
struct Dht {
    /// The program was said, by direction.
    said: [bool; 2],
}

impl Dissect for Dht {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        if !is_message(bytes) {
            return Need::More;
        }
        if let Some(rest) = after(bytes, b"e1:q")
            && let Some((len, word)) = rest.split_first()
            && let Some(word) = word.strip_prefix(b":")
            && let Some(word) = word.get(..usize::from(len.wrapping_sub(b'0')))
            && word.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_')
            && len.is_ascii_digit()
        {
            sink.observe(Observation { field: &QUERY, direction, value: Value::Text(&String::from_utf8_lossy(word)) });
        }
        let said = crate::gather::side(&mut self.said, direction);
        if !*said && let Some(program) = after(bytes, b"1:v4:").and_then(|rest| rest.get(..2)).and_then(program) {
            *said = true;
            sink.observe(Observation { field: &CLIENT, direction, value: Value::Text(program) });
        }
        Need::More
    }
}

/// What follows the last place where `mark` stands: members are in order, and those asked for are near the end.
fn after<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::rfind(bytes, mark)?;
    bytes.get(at + mark.len()..)
}
