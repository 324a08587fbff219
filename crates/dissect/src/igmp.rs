//! The Internet Group Management Protocol (RFC 1112 appendix I, RFC 2236, RFC 9776): which groups a host listens to.
//!
//! ```text
//! | type 8 | time 8 | checksum 16 | group 32 |, or in version 3 after the checksum: reserved 16 | records 16 | …
//! ```
//!
//! Left out: sources that a listener wants or not, timers, DVMRP and PIM version 1, which use the same number.

use std::net::Ipv4Addr;

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::limits::GROUP_RECORDS;
use crate::reader::Reader;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Kind of message, for example `IGMPv2 report`.
pub static MESSAGE: Field = Field { name: "igmp.type", role: Role::Detail, reference: "IANA, IGMP Type Numbers" };
/// Group that the sender listens to.
pub static GROUP: Field = Field { name: "igmp.maddr", role: Role::Detail, reference: "RFC 9776 s. 4.2" };

/// IGMP.
pub static DISSECTOR: Dissector = Dissector {
    name: "igmp",
    carrier: Carrier::Igmp,
    encrypted: Some(false),
    fields: &[&MESSAGE, &GROUP],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(IgmpMessages),
};

/// A report of version 2 and one of version 3.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 0, responder_port: 0, from_start: true },
    pushes: &[
        (Direction::Originator, b"\x16\0\0\0\xe0\0\0\xfb"),
        (Direction::Originator, b"\"\0\0\0\0\0\0\x01\x04\0\0\0\xef\xff\xff\xfa"),
    ],
};

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let matches = message_name(bytes).is_some() && bytes.len() >= 8;
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

struct IgmpMessages;

impl Dissect for IgmpMessages {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk {
            let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
            // What is there of a message that is cut has been said by then.
            let _ = observe(bytes, &mut say);
        }
        Need::More
    }
}

fn observe(bytes: &[u8], say: &mut dyn FnMut(&'static Field, Value<'_>)) -> Option<()> {
    say(&MESSAGE, Value::Text(message_name(bytes)?));
    let mut reader = Reader(bytes);
    let kind = reader.u8()?;
    reader.take(3)?;
    match kind {
        0x12 | 0x16 => say(&GROUP, Value::Text(&Ipv4Addr::from_bits(reader.u32()?).to_string())),
        0x22 => {
            reader.u16()?;
            let records = usize::from(reader.u16()?).min(GROUP_RECORDS);
            for _ in 0..records {
                let [kind, auxiliary_words] = [reader.u8()?, reader.u8()?];
                let sources = reader.u16()?;
                let group = Ipv4Addr::from_bits(reader.u32()?);
                reader.take(usize::from(sources) * 4 + usize::from(auxiliary_words) * 4)?;
                // One that includes no source, or blocks some, is not joined by it (RFC 9776 s. 4.2.12).
                if !(matches!(kind, 1 | 3) && sources == 0) && kind != 6 {
                    say(&GROUP, Value::Text(&group.to_string()));
                }
            }
        }
        _ => {}
    }
    Some(())
}

/// Versions of queries are told by their length and the time in them (RFC 9776 s. 7.1).
fn message_name(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [0x11, 0, ..] if bytes.len() < 12 => "IGMPv1 query",
        [0x11, ..] if bytes.len() < 12 => "IGMPv2 query",
        [0x11, ..] => "IGMPv3 query",
        [0x12, ..] => "IGMPv1 report",
        [0x16, ..] => "IGMPv2 report",
        [0x17, ..] => "IGMPv2 leave",
        [0x22, ..] => "IGMPv3 report",
        _ => return None,
    })
}
