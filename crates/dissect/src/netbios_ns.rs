//! The name service of NetBIOS over TCP/IP on port 137 (RFC 1002 s. 4.2): who is asked for, who registers a name, and the
//! table of names that a host gives when asked for its status.
//!
//! ```text
//! | id 16 | R 1 opcode 4 AA TC RD RA 0 0 B RCODE 4 | QDCOUNT 16 | ANCOUNT 16 | NSCOUNT 16 | ARCOUNT 16 |
//! ```
//!
//! A name is sixteen bytes, of which the last says what the name is for ([`suffix`]); on the wire each half of a byte is a letter
//! from A to P. Left out: scopes, name servers (redirection, waiting), the statistics of a status.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

use firstlight_model::{AddressBinding, Direction, Field, LookUp, MacAddress, Observation, Role, Value};

use crate::reader::{Reader, text};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

pub(crate) mod suffix;

/// Name asked for, with its last byte where that is not 0: `nas<20>`.
pub static LOOK_UP: Field = Field { name: "nbns.name", role: Role::LocalLookUp, reference: "RFC 1002 s. 4.2.12" };
/// Address of a name.
pub static ADDRESS: Field = Field { name: "nbns.addr", role: Role::AddressName, reference: "RFC 1002 s. 4.2.13" };
/// The name that the sender registers for itself, or gives as its own.
pub static HOST: Field = Field { name: "nbns.host", role: Role::DeviceName, reference: "RFC 1002 s. 4.2.2" };
/// The group that the sender belongs to: its workgroup or domain.
pub static WORKGROUP: Field = Field { name: "nbns.workgroup", role: Role::Detail, reference: "RFC 1002 s. 4.2.2" };
/// What the sender offers, by the last byte of the names it registers.
pub static SERVICE: Field = Field { name: "nbns.service", role: Role::Service, reference: "MS-NBTE s. 1.8" };
/// Hardware address in a status.
pub static UNIT_ID: Field = Field { name: "nbns.unit_id", role: Role::Detail, reference: "RFC 1002 s. 4.2.18" };

/// The NetBIOS name service.
pub static DISSECTOR: Dissector = Dissector {
    name: "nbns",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&LOOK_UP, &ADDRESS, &HOST, &WORKGROUP, &SERVICE, &UNIT_ID],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(NetbiosNs),
};

/// A question and its answer, a registration, the answer to a question for the status.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 137, responder_port: 137, from_start: true },
    pushes: &[
        (Direction::Originator, b"\x80\x01\x01\x10\0\x01\0\0\0\0\0\0 EOEBFDCACACACACACACACACACACACACA\0\0 \0\x01"),
        (Direction::Responder, b"\x80\x01\x85\0\0\0\0\x01\0\0\0\0 EOEBFDCACACACACACACACACACACACACA\0\0 \0\x01\0\x04\x93\xe0\0\x06\0\0\xc0\
      \0\x02\x09"),
        (Direction::Originator, b"\x80\x02)\x10\0\x01\0\0\0\0\0\x01 FDFEFFEEFJCNFAEDCACACACACACACAAA\0\0 \0\x01\xc0\x0c\0 \0\x01\0\x04\x93\
      \xe0\0\x06\0\0\xc0\0\x02\x07"),
        (Direction::Responder, b"\x80\x03\x84\0\0\0\0\x01\0\0\0\0 CKCACACACACACACACACACACACACACAAA\0\0!\0\x01\0\0\0\0\0A\x03STUDY-PC       \
      \0\x04\0STUDY-PC        \x04\0HOME           \0\x84\0\x02\0\0\0\0\x07\0\0\0\0"),
    ],
};

/// Bytes of a name on the wire: length, 32 letters, the end.
const NAME_LEN_BYTES: usize = 34;

const NB: u16 = 0x20;
const STATUS: u16 = 0x21;
/// The flag of a name that many hosts have.
const GROUP: u16 = 0x8000;

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let letters = bytes.get(12..45).and_then(<[u8]>::split_first);
    let matches = context.has_port(137)
        && bytes.get(2).is_some_and(|flags| matches!(flags >> 3 & 0xf, 0 | 5..=9 | 15))
        && letters
            .is_some_and(|(&len, letters)| len == 32 && letters.iter().all(|letter| matches!(letter, b'A'..=b'P')));
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

struct NetbiosNs;

impl Dissect for NetbiosNs {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk {
            // What is there of a message that is cut has been said by then.
            let _ = observe(bytes, direction, sink);
        }
        Need::More
    }
}

/// A name and what it is for.
#[derive(Clone, Copy)]
struct Name {
    bytes: [u8; 15],
    suffix: u8,
}

impl Name {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let letters: &[u8; NAME_LEN_BYTES] = reader.take(NAME_LEN_BYTES)?.try_into().ok()?;
        Self::unfold(letters.get(1..33)?)
    }

    /// From 32 letters.
    fn unfold(letters: &[u8]) -> Option<Self> {
        let mut whole = [0; 16];
        for (byte, pair) in whole.iter_mut().zip(letters.as_chunks::<2>().0) {
            let [high, low] = pair.map(|letter| letter.wrapping_sub(b'A'));
            if high > 15 || low > 15 {
                return None;
            }
            *byte = high << 4 | low;
        }
        let (&suffix, bytes) = whole.split_last()?;
        Some(Self { bytes: bytes.try_into().ok()?, suffix })
    }

    fn text(&self) -> Option<Cow<'_, str>> {
        text(&self.bytes)
    }
}

fn observe(bytes: &[u8], direction: Direction, sink: &mut dyn Sink) -> Option<()> {
    let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
    let mut reader = Reader(bytes);
    let id = reader.u16()?;
    let flags = reader.u16()?;
    let [questions, answers, authorities, additional] = [reader.u16()?, reader.u16()?, reader.u16()?, reader.u16()?];
    let is_response = flags & 0x8000 != 0;
    let opcode = flags >> 11 & 0xf;
    let mut asked = None;
    let look_up = |name: &Name, record_type, say: &mut dyn FnMut(&'static Field, Value<'_>)| {
        let shown = name.text()?;
        let shown = if name.suffix == 0 { shown.into_owned() } else { format!("{shown}<{:02x}>", name.suffix) };
        let look_up = LookUp {
            name: &shown.to_ascii_lowercase(),
            record_type,
            is_response,
            response_code: if is_response { flags & 0xf } else { 0 },
            answers,
            id,
            alias: None,
        };
        say(&LOOK_UP, Value::LookUp(look_up));
        Some(())
    };
    if questions > 0 {
        let name = Name::read(&mut reader)?;
        let record_type = reader.u16()?;
        reader.u16()?;
        asked = Some(name);
        if opcode == 0 {
            look_up(&name, record_type, &mut say);
        }
    }
    for _ in 0..(answers.saturating_add(authorities).saturating_add(additional)).min(4) {
        let name = if reader.0.first().is_some_and(|&first| first >= 0xc0) {
            reader.u16()?;
            asked?
        } else {
            Name::read(&mut reader)?
        };
        let record_type = reader.u16()?;
        reader.u16()?;
        let ttl_s = reader.u32()?;
        let mut data = Reader(reader.vec16()?);
        match (record_type, opcode) {
            (NB, 0) if is_response => {
                look_up(&name, record_type, &mut say);
                while let (Some(flags), Some(address)) = (data.u16(), data.u32()) {
                    let (Some(name), 0) = (name.text(), flags & GROUP) else { continue };
                    let address = IpAddr::V4(Ipv4Addr::from_bits(address));
                    say(&ADDRESS, Value::Binding(AddressBinding { asked: &name, owner: &name, address, ttl_s }));
                }
            }
            (NB, 5 | 8 | 9 | 15) if !is_response => own(&name, data.u16()?, &mut say),
            (STATUS, 0) if is_response => {
                for _ in 0..data.u8()? {
                    let bytes: [u8; 15] = data.take(15)?.try_into().ok()?;
                    let name = Name { bytes, suffix: data.u8()? };
                    own(&name, data.u16()?, &mut say);
                }
                let mac = MacAddress(data.take(6)?.try_into().ok()?);
                if mac != MacAddress([0; 6]) {
                    say(&UNIT_ID, Value::Text(&mac.to_string()));
                }
            }
            _ => {}
        }
    }
    Some(())
}

/// A name that the sender says it has.
fn own(name: &Name, flags: u16, say: &mut dyn FnMut(&'static Field, Value<'_>)) {
    let Some(text) = name.text() else { return };
    let is_group = flags & GROUP != 0;
    match (is_group, name.suffix) {
        (false, 0x00) => say(&HOST, Value::Text(&text)),
        (true, 0x00) => say(&WORKGROUP, Value::Text(&text)),
        (_, other) => {
            if let Some(meaning) = suffix::meaning(other, is_group) {
                say(&SERVICE, Value::Text(meaning));
            }
        }
    }
}
