//! Tuya devices and their look-alikes: what they shout into the local network on UDP ports 6666 (in clear) and 6667
//! (encrypted), in frames between `00 00 55 aa` and `00 00 aa 55`, or `00 00 66 99` and `00 00 99 66`. Facts from tinytuya
//! and Wireshark's users; there is no document of the maker.
//!
//! Left out: decryption; the key is public, what it hides is the same as on port 6666.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict, json};

/// Number of what is said: 0 or 19 an announcement, 35 its encrypted form, 7 control, 8 status, 9 heart-beat.
pub static COMMAND: Field = Field { name: "tuya.command", role: Role::Detail, reference: "tinytuya, message format" };
/// Identifier of the device.
pub static DEVICE: Field = Field { name: "tuya.gw_id", role: Role::DeviceName, reference: "tinytuya, broadcast" };
/// What kind of product it is, as the maker counts them.
pub static PRODUCT: Field = Field { name: "tuya.product_key", role: Role::Software, reference: "tinytuya, broadcast" };
/// Version of the protocol.
pub static VERSION: Field = Field { name: "tuya.version", role: Role::Version, reference: "tinytuya, broadcast" };

/// Tuya over UDP.
pub static DISSECTOR: Dissector = Dissector {
    name: "tuya",
    carrier: Carrier::Udp,
    encrypted: None,
    fields: &[&COMMAND, &DEVICE, &PRODUCT, &VERSION],
    samples: &[SAMPLE],
    probe: |_, _, bytes| if command(bytes).is_some() { Verdict::Match } else { Verdict::NoMatch },
    open: |_| Box::new(Tuya),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 49_154, responder_port: 6666, from_start: true },
    pushes: &[(
        Direction::Originator,
        b"\0\0\x55\xaa\0\0\0\0\0\0\0\0\0\0\0\x56\0\0\0\0\
          {\"ip\":\"192.0.2.7\",\"gwId\":\"0123456789abcdef\",\"productKey\":\"keyabc\",\"version\":\"3.3\"}\
          \x01\x02\x03\x04\0\0\xaa\x55",
    )],
};

/// The command of a whole frame.
fn command(bytes: &[u8]) -> Option<u32> {
    let at = match bytes {
        [0, 0, 0x55, 0xaa, ..] if bytes.ends_with(&[0, 0, 0xaa, 0x55]) => 8,
        // Two bytes of version and reserve stand before the sequence number.
        [0, 0, 0x66, 0x99, ..] if bytes.ends_with(&[0, 0, 0x99, 0x66]) => 10,
        _ => return None,
    };
    let command = bytes.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok())?;
    Some(u32::from_be_bytes(command)).filter(|command| *command < 256)
}

struct Tuya;

impl Dissect for Tuya {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let Some(command) = command(bytes) else { return Need::More };
        let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
        say(&COMMAND, Value::Number(command.into()));
        for (field, key) in [(&DEVICE, "gwId"), (&PRODUCT, "productKey"), (&VERSION, "version")] {
            if let Some(text) = json::text(bytes, key) {
                say(field, Value::Text(&text));
            }
        }
        Need::More
    }
}
