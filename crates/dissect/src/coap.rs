//! The Constrained Application Protocol over UDP (RFC 7252 s. 3) on port 5683: host and path asked for.
//!
//! ```text
//! | version 2 type 2 token length 4 | code 3.5 | message id 16 | token | delta 4 length 4 … value | … | 0xff payload |
//! ```
//!
//! Left out: CoAP over TCP and WebSocket (RFC 8323), blocks, payloads.

use firstlight_model::{Direction, Field, Role};

use crate::reader::Reader;
use crate::words::{say_host, say_text, text};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Host asked for (Uri-Host).
pub static HOST: Field = Field { name: "coap.opt.uri_host", role: Role::ServerName, reference: "RFC 7252 s. 5.10.1" };
/// Path asked for (Uri-Path), with slashes.
pub static PATH: Field = Field { name: "coap.opt.uri_path", role: Role::Detail, reference: "RFC 7252 s. 5.10.1" };

/// CoAP.
pub static DISSECTOR: Dissector = Dissector {
    name: "coap",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&HOST, &PATH],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Coap),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 5683, from_start: true },
    pushes: &[(Direction::Originator, b"\x41\x01\x00\x01t\x3bexample.org\x84well\x03key\xffhello")],
};

const URI_HOST: u16 = 3;
const URI_PATH: u16 = 11;

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let is_message = context.has_port(5683)
        && bytes.first().is_some_and(|first| first >> 6 == 1)
        && bytes
            .get(1)
            .is_some_and(|code| matches!((code >> 5, code & 0x1f), (0, 0..=7) | (2, 0..=5 | 31) | (4 | 5, _)))
        && read(bytes, |_, _| {}).is_some();
    if is_message { Verdict::Match } else { Verdict::NoMatch }
}

/// Gives each option. `None` when the message is broken, or cut.
fn read<'a>(bytes: &'a [u8], mut option: impl FnMut(u16, &'a [u8])) -> Option<()> {
    let mut reader = Reader(bytes);
    let first = reader.u8()?;
    let code = reader.u8()?;
    reader.u16()?;
    let token_len = usize::from(first & 0xf);
    if token_len > 8 {
        return None;
    }
    reader.take(token_len)?;
    if code == 0 && !reader.is_empty() {
        return None;
    }
    let mut number = 0_u16;
    while !reader.is_empty() {
        let head = reader.u8()?;
        if head == 0xff {
            return (!reader.is_empty()).then_some(());
        }
        number = number.checked_add(extended(head >> 4, &mut reader)?)?;
        let len = extended(head & 0xf, &mut reader)?;
        option(number, reader.take(usize::from(len))?);
    }
    Some(())
}

/// RFC 7252 s. 3.1: 13 and 14 announce one and two bytes more.
fn extended(nibble: u8, reader: &mut Reader<'_>) -> Option<u16> {
    match nibble {
        13 => Some(u16::from(reader.u8()?) + 13),
        14 => reader.u16()?.checked_add(269),
        15 => None,
        _ => Some(nibble.into()),
    }
}

struct Coap;

impl Dissect for Coap {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let mut path = String::new();
        let whole = read(bytes, |number, value| match number {
            URI_HOST => say_host(&HOST, direction, value, sink),
            URI_PATH if path.len() < 1024 => {
                path.push('/');
                path.push_str(&text(value));
            }
            _ => {}
        });
        if whole.is_some() {
            say_text(&PATH, direction, &path, sink);
        }
        Need::More
    }
}
