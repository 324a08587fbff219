//! MQ Telemetry Transport (OASIS MQTT 3.1.1, 5.0; 3.1 as `MQIsdp`): the client's first packet.
//!
//! ```text
//! | type 4 flags 4 | remaining length, 1 to 4 bytes | name | level 8 | flags 8 | keep alive 16 | properties (5.0) | client id | …
//! ```
//!
//! Left out: user names, passwords, topics and messages.

use firstlight_model::{Direction, Field, Role};

use crate::lines::Next;
use crate::messages::{ByMessage, Messages};
use crate::reader::Reader;
use crate::words::{say, say_text};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// Version, for example `MQTT 3.1.1`.
pub static VERSION: Field = Field { name: "mqtt.ver", role: Role::Version, reference: "MQTT 5.0 s. 3.1.2.2" };
/// Client identifier.
pub static CLIENT_ID: Field = Field { name: "mqtt.clientid", role: Role::Detail, reference: "MQTT 5.0 s. 3.1.3.1" };

/// MQTT.
pub static DISSECTOR: Dissector = Dissector {
    name: "mqtt",
    carrier: Carrier::Tcp,
    encrypted: Some(false),
    fields: &[&VERSION, &CLIENT_ID],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Messages::<Mqtt>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 1883, from_start: true },
    pushes: &[(Direction::Originator, b"\x10\x16\x00\x04MQTT\x05\x02\x00\x3c\x03\x21\x00\x14\x00\x06sensor")],
};

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let Some(rest) = bytes.strip_prefix(b"\x10") else { return Verdict::NoMatch };
    let continued = rest.iter().take(4).take_while(|byte| **byte & 0x80 != 0).count();
    let Some(rest) = rest.get(continued + 1..) else {
        return if continued < 4 { Verdict::NeedMore } else { Verdict::NoMatch };
    };
    let names: [&[u8]; 2] = [b"\0\x04MQTT", b"\0\x06MQIsdp"];
    if names.iter().any(|name| rest.starts_with(name)) {
        Verdict::Match
    } else if names.iter().any(|name| name.starts_with(rest)) {
        Verdict::NeedMore
    } else {
        Verdict::NoMatch
    }
}

/// A number of one to four bytes, seven bits each, the lowest first (MQTT 5.0 s. 1.5.5).
fn variable_number(reader: &mut Reader<'_>) -> Option<usize> {
    let mut number = 0;
    for shift in [0, 7, 14, 21] {
        let byte = reader.u8()?;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[derive(Default)]
struct Mqtt;

impl ByMessage for Mqtt {
    fn message_len(&self, _: Direction, start: &[u8]) -> Option<usize> {
        let mut reader = Reader(start);
        reader.u8()?;
        let remaining = variable_number(&mut reader);
        match remaining {
            Some(len) => Some(start.len() - reader.0.len() + len),
            None if start.len() >= 5 => Some(0),
            None => None,
        }
    }

    fn message(&mut self, direction: Direction, message: &[u8], sink: &mut dyn Sink) -> Next {
        if message.first() != Some(&0x10) {
            return Next::Go;
        }
        let _ = connect(direction, message, sink);
        Next::Enough
    }
}

fn connect(direction: Direction, message: &[u8], sink: &mut dyn Sink) -> Option<()> {
    let mut reader = Reader(message);
    reader.u8()?;
    variable_number(&mut reader)?;
    reader.vec16()?;
    let level = reader.u8()?;
    // Bit 7 marks a bridge between two servers, as Mosquitto sends it.
    let version = match level & 0x7f {
        3 => "MQTT 3.1",
        4 => "MQTT 3.1.1",
        5 => "MQTT 5.0",
        _ => "",
    };
    say_text(&VERSION, direction, version, sink);
    reader.take(3)?;
    if level & 0x7f == 5 {
        let len = variable_number(&mut reader)?;
        reader.take(len)?;
    }
    say(&CLIENT_ID, direction, reader.vec16()?, sink);
    Some(())
}
