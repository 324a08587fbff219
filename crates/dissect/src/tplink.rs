//! TP-Link's smart home devices on port 9999 (UDP here; TCP in `tplink_tcp.rs`): JSON of which each byte is XORed with
//! the one before it, as Wireshark's `tplink-smarthome` describes it; and their newer discovery on port 20002, whose
//! answer is JSON in clear after sixteen bytes.
//!
//! Left out: what is switched and measured; the newer devices' encrypted sessions.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict, json};

/// Name that its owner gave the device.
pub static ALIAS: Field =
    Field { name: "tplink-smarthome.alias", role: Role::DeviceName, reference: "Wireshark, tplink-smarthome" };
/// Model.
pub static MODEL: Field =
    Field { name: "tplink-smarthome.model", role: Role::Software, reference: "Wireshark, tplink-smarthome" };

/// TP-Link over UDP.
pub static DISSECTOR: Dissector = Dissector {
    name: "tplink-smarthome",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&ALIAS, &MODEL],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Tplink::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 9999, from_start: true },
    pushes: &[(Direction::Originator, QUESTION), (Direction::Responder, ANSWER)],
};

/// `{"system":{"get_sysinfo":{}}}`
pub(crate) const QUESTION: &[u8] = b"\xd0\xf2\x81\xf8\x8b\xff\x9a\xf7\xd5\xef\x94\xb6\xd1\xb4\xc0\x9f\xec\x95\xe6\x8f\xe1\x87\xe8\xca\xf0\x8b\xf6\x8b\xf6";
/// `{"system":{"get_sysinfo":{"alias":"Lamp","model":"HS110(EU)","dev_name":"x"}}}`
pub(crate) const ANSWER: &[u8] = b"\xd0\xf2\x81\xf8\x8b\xff\x9a\xf7\xd5\xef\x94\xb6\xd1\xb4\xc0\x9f\xec\x95\xe6\x8f\xe1\x87\xe8\xca\xf0\x8b\xa9\xc8\xa4\xcd\xac\xdf\xfd\xc7\xe5\xa9\xc8\xa5\xd5\xf7\xdb\xf9\x94\xfb\x9f\xfa\x96\xb4\x8e\xac\xe4\xb7\x86\xb7\x87\xaf\xea\xbf\x96\xb4\x98\xba\xde\xbb\xcd\x92\xfc\x9d\xf0\x95\xb7\x8d\xaf\xd7\xf5\x88\xf5\x88";

/// The byte that the first one is XORed with.
const START: u8 = 171;

/// `{"` as it stands in the bytes.
pub(crate) const FRONT: &[u8] = b"\xd0\xf2";

/// Bytes in front of the newer discovery's JSON: version, kind, length, flags, serial number, checksum.
const HEADER_LEN_BYTES: usize = 16;

/// Is this the beginning of such JSON? A key of letters and digits stands behind the first quote.
pub(crate) fn is_json(bytes: &[u8]) -> bool {
    bytes.starts_with(FRONT)
        && bytes.windows(2).skip(1).take(4).all(|pair| match pair {
            [before, byte] => {
                let letter = before ^ byte;
                letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'.')
            }
            _ => false,
        })
        && bytes.len() >= 6
}

/// What the bytes say.
pub(crate) fn observe(bytes: &[u8], direction: Direction, sink: &mut dyn Sink) {
    let mut before = START;
    let clear: Vec<u8> = bytes.iter().map(|&byte| std::mem::replace(&mut before, byte) ^ byte).collect();
    observe_clear(&clear, direction, sink);
}

fn observe_clear(clear: &[u8], direction: Direction, sink: &mut dyn Sink) {
    for (field, keys) in [(&ALIAS, &["alias"][..]), (&MODEL, &["model", "device_model"])] {
        if let Some(text) = keys.iter().find_map(|key| json::text(clear, key)) {
            sink.observe(Observation { field, direction, value: Value::Text(&text) });
        }
    }
}

/// The JSON, or nothing, of the newer discovery.
fn newer(bytes: &[u8]) -> Option<&[u8]> {
    let (header, rest) = bytes.split_at_checked(HEADER_LEN_BYTES)?;
    let is_header = matches!(header, [2, 0, 0, 1, ..]);
    (is_header && (rest.is_empty() || rest.starts_with(b"{"))).then_some(rest)
}

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let on_newer_port = context.has_port(20_002);
    if (is_json(bytes) && context.has_port(9999)) || (on_newer_port && newer(bytes).is_some()) {
        Verdict::Match
    } else {
        Verdict::NoMatch
    }
}

#[derive(Default)]
struct Tplink {
    said: [bool; 2],
}

impl Dissect for Tplink {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let said = crate::gather::side(&mut self.said, direction);
        // The same again every few seconds says nothing new.
        if std::mem::replace(said, true) {
            return Need::More;
        }
        if is_json(bytes) {
            observe(bytes, direction, sink);
        } else if let Some(clear) = newer(bytes) {
            observe_clear(clear, direction, sink);
        }
        Need::More
    }
}
