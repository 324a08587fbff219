//! The spanning tree of bridges (IEEE 802.1D-2004 s. 9, IEEE 802.1Q-2022 s. 14), and Cisco's for each VLAN behind SNAP: which
//! bridge is the root, how far it is, and who sends.
//!
//! ```text
//! | protocol 16 = 0 | version 8 | type 8 | flags 8 | root 64 | cost 32 | bridge 64 | port 16 | …
//! ```
//!
//! Left out: regions of multiple trees, shortest path bridging, timers.

use firstlight_model::{Direction, Field, MacAddress, Observation, Role, Value};

use crate::reader::Reader;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// `STP`, `RSTP`, `MSTP` or `SPB`.
pub static VERSION: Field = Field { name: "stp.version", role: Role::Detail, reference: "IEEE 802.1Q-2022 s. 14.2.2" };
/// The root of the tree: priority and link address.
pub static ROOT: Field = Field { name: "stp.root", role: Role::Detail, reference: "IEEE 802.1D-2004 s. 9.2.5" };
/// Cost of the way to it, 0 when the sender is the root.
pub static COST: Field = Field { name: "stp.root.cost", role: Role::Detail, reference: "IEEE 802.1D-2004 s. 9.2.6" };
/// The bridge that sends, likewise.
pub static BRIDGE: Field = Field { name: "stp.bridge", role: Role::Detail, reference: "IEEE 802.1D-2004 s. 9.2.5" };
/// Its port: priority and number.
pub static PORT: Field = Field { name: "stp.port", role: Role::Detail, reference: "IEEE 802.1D-2004 s. 9.2.7" };

/// Spanning tree.
pub static DISSECTOR: Dissector = Dissector {
    name: "stp",
    carrier: Carrier::Link,
    encrypted: Some(false),
    fields: &[&VERSION, &ROOT, &COST, &BRIDGE, &PORT],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Stp),
};

/// A bridge below the root.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 0, responder_port: SERVICE_ACCESS_POINT, from_start: true },
    pushes: &[(
        Direction::Originator,
        b"\0\0\x02\x02<\x80\x01\x02\0\0\0\0\x01\0\0N \x80\x01\x02\0\0\0\0\x03\x80\x04\0\0\x14\0\x02\0\x0f\0\0",
    )],
};

const SERVICE_ACCESS_POINT: u16 = 0x42;
/// Per VLAN, behind Cisco's SNAP.
const CISCO: u16 = 0x010b;

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let matches = matches!(context.responder_port, SERVICE_ACCESS_POINT | CISCO)
        && matches!(bytes, [0, 0, 0, 0x00 | 0x80, ..] | [0, 0, 2..=4, 0x02, ..]);
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

struct Stp;

impl Dissect for Stp {
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
    let mut reader = Reader(bytes);
    reader.u16()?;
    let version = match reader.u8()? {
        0 => "STP",
        2 => "RSTP",
        3 => "MSTP",
        _ => "SPB",
    };
    say(&VERSION, Value::Text(version));
    // A notice of a change ends here.
    if reader.u8()? == 0x80 {
        return None;
    }
    reader.u8()?;
    say(&ROOT, Value::Text(&bridge(&mut reader)?));
    say(&COST, Value::Number(reader.u32()?.into()));
    say(&BRIDGE, Value::Text(&bridge(&mut reader)?));
    say(&PORT, Value::Number(reader.u16()?.into()));
    Some(())
}

/// Priority and link address, as `32769/02:00:00:00:00:01`.
fn bridge(reader: &mut Reader<'_>) -> Option<String> {
    let priority = reader.u16()?;
    let mac = MacAddress(reader.take(6)?.try_into().ok()?);
    Some(format!("{priority}/{mac}"))
}
