//! Key exchange of IPsec (IKEv1: RFC 2408; IKEv2: RFC 7296), with or without the four zero bytes that tell it from ESP
//! on port 4500 (RFC 3948 s. 2.2): version, kind of exchange and the vendor identifiers that name a program.
//!
//! Left out: what is encrypted, identities, proposals.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::reader::Reader;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// `IKEv1` or `IKEv2`.
pub static VERSION: Field = Field { name: "isakmp.version", role: Role::Version, reference: "RFC 7296 s. 3.1" };
/// Kind of exchange: 2 main mode, 4 aggressive mode, 34 IKE_SA_INIT, …
pub static EXCHANGE: Field = Field { name: "isakmp.exchangetype", role: Role::Detail, reference: "RFC 7296 s. 3.1" };
/// What a vendor identifier says.
pub static VENDOR: Field = Field { name: "isakmp.vid_string", role: Role::Software, reference: "RFC 7296 s. 3.12" };

/// ISAKMP.
pub static DISSECTOR: Dissector = Dissector {
    name: "isakmp",
    carrier: Carrier::Udp,
    encrypted: None,
    fields: &[&VERSION, &EXCHANGE, &VENDOR],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Isakmp),
};

/// An offer of IKEv2 with strongSwan's identifier, and the same on port 4500.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 500, responder_port: 500, from_start: true },
    pushes: &[
        (
            Direction::Originator,
            b"\x11\x22\x33\x44\x55\x66\x77\x88\0\0\0\0\0\0\0\0\x28\x20\x22\x08\0\0\0\0\0\0\0\x38\
              \x2b\0\0\x08\x01\x02\x03\x04\0\0\0\x14\x88\x2f\xe5\x6d\x6f\xd2\x0d\xbc\x22\x51\x61\x3b\x2e\xbe\x5b\xeb",
        ),
        (
            Direction::Responder,
            b"\0\0\0\0\x11\x22\x33\x44\x55\x66\x77\x88\x99\x22\x33\x44\x55\x66\x77\x88\0\x20\x22\x20\0\0\0\0\0\0\0\x1c",
        ),
    ],
};

/// Vendor identifiers by how they begin. Most are the MD5 of what they stand for.
const VENDORS: &[(&[u8], &str)] = &[
    (b"\x88\x2f\xe5\x6d\x6f\xd2\x0d\xbc\x22\x51\x61\x3b\x2e\xbe\x5b\xeb", "strongSwan"),
    (b"\x12\xf5\xf2\x8c\x45\x71\x68\xa9\x70\x2d\x9f\xe2\x74\xcc", "Cisco Unity"),
    (b"\x1e\x2b\x51\x69\x05\x99\x1c\x7d\x7c\x96\xfc\xbf\xb5\x87\xe4\x61", "Windows IKE"),
    (b"\xfb\x1d\xe3\xcd\xf3\x41\xb7\xea\x16\xb7\xe5\xbe\x08\x55\xf1\x20", "Windows IKE"),
    (b"\xf4\xed\x19\xe0\xc1\x14\xeb\x51\x6f\xaa\xac\x0e\xe3\x7d\xaf\x28\x07\xb4\x38\x1f", "Check Point"),
];

const HEADER_LEN_BYTES: usize = 28;

/// Payloads of one message that are walked through.
const PAYLOADS: usize = 32;

/// The message without the marker of port 4500. `None` when it is no ISAKMP.
fn message(bytes: &[u8]) -> Option<&[u8]> {
    let bytes = bytes.strip_prefix(b"\0\0\0\0").unwrap_or(bytes);
    let header = bytes.get(..HEADER_LEN_BYTES)?;
    let [first_cookie @ .., _, _, _, _, _, _, _, _] = header.get(..16)? else { return None };
    let &[next, version, exchange, flags, _, _, _, _, len_a, len_b, len_c, len_d] = header.get(16..)? else {
        return None;
    };
    let len = u32::from_be_bytes([len_a, len_b, len_c, len_d]);
    let fits = match version {
        // Flags beyond encryption, commit and authentication are not used in version 1.
        0x10 => next <= 21 || next >= 128,
        0x20 => (next == 0 || (33..=54).contains(&next)) && flags & 0xc7 == 0,
        _ => false,
    };
    let known = match version {
        0x10 => matches!(exchange, 1..=6 | 32 | 33),
        _ => matches!(exchange, 34..=44),
    };
    let is_long_enough = usize::try_from(len).ok()? >= HEADER_LEN_BYTES && len < 65_536;
    (fits && known && is_long_enough && first_cookie.iter().any(|&byte| byte != 0)).then_some(bytes)
}

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let Some(message) = message(bytes) else { return Verdict::NoMatch };
    let on_its_port = context.has_port(500) || context.has_port(4500);
    let len = message.get(24..28).and_then(|len| <[u8; 4]>::try_from(len).ok()).map_or(0, u32::from_be_bytes);
    if on_its_port || usize::try_from(len) == Ok(message.len()) { Verdict::Match } else { Verdict::NoMatch }
}

struct Isakmp;

impl Dissect for Isakmp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let Some(message) = message(bytes) else { return Need::More };
        let Some(&[next, version, exchange, flags]) = message.get(16..20) else { return Need::More };
        let is_first = version == 0x10;
        let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
        say(&VERSION, Value::Text(if is_first { "IKEv1" } else { "IKEv2" }));
        say(&EXCHANGE, Value::Number(exchange.into()));
        if is_first && flags & 1 != 0 {
            return Need::More;
        }
        let vendor_payload = if is_first { 13 } else { 43 };
        let mut rest = Reader(message.get(HEADER_LEN_BYTES..).unwrap_or_default());
        let mut kind = next;
        for _ in 0..PAYLOADS {
            if kind == 0 {
                break;
            }
            let (Some(following), Some(_), Some(len)) = (rest.u8(), rest.u8(), rest.u16()) else { break };
            let Some(body) = usize::from(len).checked_sub(4).and_then(|len| rest.take(len)) else { break };
            if kind == vendor_payload {
                if let Some((_, name)) = VENDORS.iter().find(|(known, _)| body.starts_with(known)) {
                    say(&VENDOR, Value::Text(name));
                } else if (6..=128).contains(&body.len()) && body.iter().all(|byte| matches!(byte, b' '..=b'~')) {
                    say(&VENDOR, Value::Text(&String::from_utf8_lossy(body)));
                }
            }
            kind = following;
        }
        Need::More
    }
}
