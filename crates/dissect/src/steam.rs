//! Steam in the local network and to its servers, as far as it shows: the announcement of a computer that can stream
//! games (port 27036), the question for a game server's state (Valve, Server queries), and the client's own packets
//! (`VS01`).
//!
//! Left out: users, who are in the same announcement; everything encrypted.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::reader::Reader;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Name of the computer.
pub static HOST_NAME: Field =
    Field { name: "steam.hostname", role: Role::DeviceName, reference: "Wireshark, steam_ihs_discovery" };
/// Which of the three it is.
pub static KIND: Field = Field { name: "steam.kind", role: Role::Detail, reference: "Valve, Server queries" };

/// Steam.
pub static DISSECTOR: Dissector = Dissector {
    name: "steam",
    carrier: Carrier::Udp,
    encrypted: None,
    fields: &[&HOST_NAME, &KIND],
    samples: &[SAMPLE],
    probe: |_, _, bytes| if kind(bytes).is_some() { Verdict::Match } else { Verdict::NoMatch },
    open: |_| Box::new(Steam),
};

const DISCOVERY: &[u8] = b"\xff\xff\xff\xff\x21\x4c\x5f\xa0";

/// The status of a computer called `den`.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 27_036, responder_port: 27_036, from_start: true },
    pushes: &[(
        Direction::Originator,
        b"\xff\xff\xff\xff\x21\x4c\x5f\xa0\x04\0\0\0\x08\x01\x10\x01\x0d\0\0\0\x08\x08\x10\x06\x18\x9c\xd3\x01\x22\x03den",
    )],
};

fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xff, 0xff, 0xff, 0x21, ..] if bytes.starts_with(DISCOVERY) => Some("streaming"),
        [0xff, 0xff, 0xff, 0xff, b'T', rest @ ..] if rest.starts_with(b"Source Engine Query\0") => Some("server query"),
        [b'V', b'S', b'0', b'1', ..] if bytes.len() >= 36 => Some("client"),
        _ => None,
    }
}

struct Steam;

impl Dissect for Steam {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let Some(kind) = kind(bytes) else { return Need::More };
        sink.observe(Observation { field: &KIND, direction, value: Value::Text(kind) });
        if let Some(name) = bytes.strip_prefix(DISCOVERY).and_then(host_name) {
            sink.observe(Observation {
                field: &HOST_NAME,
                direction,
                value: Value::Text(&String::from_utf8_lossy(name)),
            });
        }
        Need::More
    }
}

/// The fourth member of the status that follows the header; both are of Protocol Buffers' coding.
fn host_name(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = Reader(bytes);
    let header_len = rest.u32()?.swap_bytes();
    let mut header = Reader(rest.take(usize::try_from(header_len).ok()?)?);
    // Message type 1 is a status; anything else has other members.
    let mut is_status = false;
    while let Some((number, value)) = member(&mut header) {
        is_status |= number == 2 && matches!(value, Member::Number(1));
    }
    let body_len = usize::try_from(rest.u32()?.swap_bytes()).ok()?;
    let mut body = Reader(rest.take_up_to(body_len));
    while let Some((number, value)) = member(&mut body).filter(|_| is_status) {
        if let (4, Member::Bytes(name)) = (number, value) {
            return (!name.is_empty() && name.len() <= 255).then_some(name);
        }
    }
    None
}

enum Member<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Other,
}

fn member<'a>(rest: &mut Reader<'a>) -> Option<(u64, Member<'a>)> {
    let key = varint(rest)?;
    let value = match key & 7 {
        0 => Member::Number(varint(rest)?),
        1 => rest.take(8).map(|_| Member::Other)?,
        2 => {
            let len = usize::try_from(varint(rest)?).ok()?;
            Member::Bytes(rest.take(len)?)
        }
        5 => rest.take(4).map(|_| Member::Other)?,
        _ => return None,
    };
    Some((key >> 3, value))
}

fn varint(rest: &mut Reader<'_>) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let byte = rest.u8()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
