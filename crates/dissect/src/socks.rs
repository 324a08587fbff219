//! SOCKS 4, 4a (openssh.com/txt/socks4.protocol, socks4a.protocol) and 5 (RFC 1928, RFC 1929): what the client wants to
//! reach behind the proxy. What the tunnel then carries is probed anew.
//!
//! Left out: users and passwords, on purpose; associations for UDP; authentication that changes what follows (GSSAPI).

use std::net::{Ipv4Addr, Ipv6Addr};

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::gather::{Beginning, side};
use crate::reader::Reader;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// `SOCKS 4` or `SOCKS 5`.
pub static VERSION: Field = Field { name: "socks.version", role: Role::Version, reference: "RFC 1928 s. 3" };
/// Name or address behind the proxy.
pub static REMOTE: Field = Field { name: "socks.remote_name", role: Role::ProxiedName, reference: "RFC 1928 s. 4" };

/// SOCKS.
pub static DISSECTOR: Dissector = Dissector {
    name: "socks",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&VERSION, &REMOTE],
    samples: &[SAMPLE_5, SAMPLE_4],
    probe,
    open: |_| Box::new(Socks::default()),
};

const CONTEXT: Context = Context { originator_port: 40_000, responder_port: 1080, from_start: true };

/// With a password, to a name.
const SAMPLE_5: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, b"\x05\x02\x00\x02"),
        (Direction::Responder, b"\x05\x02"),
        (Direction::Originator, b"\x01\x01u\x01p"),
        (Direction::Responder, b"\x01\x00"),
        (Direction::Originator, b"\x05\x01\x00\x03\x0bexample.org\x01\xbb"),
        (Direction::Responder, b"\x05\x00\x00\x01\xc0\x00\x02\x01\x1f\x90"),
    ],
};

/// To a name, as 4a has it.
const SAMPLE_4: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, b"\x04\x01\x00\x50\x00\x00\x00\x01u\x00example.org\x00"),
        (Direction::Responder, b"\x00\x5a\x00\x50\xc0\x00\x02\x01"),
    ],
};

/// Bytes of a direction that are kept: greeting, password and request at their longest.
const KEPT_LEN_BYTES: usize = 1200;

/// The one thing that a client may want that becomes a tunnel.
const CONNECT: u8 = 1;

fn probe(context: &Context, direction: Direction, bytes: &[u8]) -> Verdict {
    if direction == Direction::Responder || !context.from_start {
        return Verdict::NoMatch;
    }
    match *bytes {
        [] | [5] | [4] => Verdict::NeedMore,
        [5, count @ 1..=9, ref rest @ ..] => {
            let methods = rest.get(..usize::from(count));
            let seen = methods.unwrap_or(rest);
            // Each method that is assigned, or private, and none twice.
            let are_methods = seen.iter().enumerate().all(|(at, method)| {
                (*method <= 9 && *method != 4 || (0x80..=0xfe).contains(method))
                    && !seen.get(..at).is_some_and(|before| before.contains(method))
            });
            let then = methods.and_then(|methods| rest.get(methods.len()));
            match (are_methods, methods, then) {
                (false, ..) | (_, _, Some(2..=4 | 6.. | 0)) => Verdict::NoMatch,
                (_, None, _) => Verdict::NeedMore,
                (_, Some(_), _) => Verdict::Match,
            }
        }
        [4, CONNECT | 2, ref rest @ ..] => match request_4(rest) {
            Parsed::Whole(_, []) => Verdict::Match,
            Parsed::Cut => Verdict::NeedMore,
            _ => Verdict::NoMatch,
        },
        _ => Verdict::NoMatch,
    }
}

enum Parsed<'a> {
    /// What is wanted, and what follows.
    Whole(String, &'a [u8]),
    Cut,
    Wrong,
}

/// What follows version and command in a request of version 4.
fn request_4(bytes: &[u8]) -> Parsed<'_> {
    let Some((front, rest)) = bytes.split_first_chunk::<6>() else { return Parsed::Cut };
    let [port_a, port_b, a, b, c, d] = *front;
    if [port_a, port_b] == [0, 0] {
        return Parsed::Wrong;
    }
    let text = |bytes: &'_ [u8]| -> Result<Option<usize>, ()> {
        match memchr::memchr(0, bytes) {
            Some(end) if end <= 255 && bytes.get(..end).is_some_and(is_printable) => Ok(Some(end)),
            None if bytes.len() <= 255 && is_printable(bytes) => Ok(None),
            _ => Err(()),
        }
    };
    let rest = match text(rest) {
        Ok(Some(end)) => rest.get(end + 1..).unwrap_or_default(),
        Ok(None) => return Parsed::Cut,
        Err(()) => return Parsed::Wrong,
    };
    if [a, b, c] != [0; 3] {
        return Parsed::Whole(Ipv4Addr::new(a, b, c, d).to_string(), rest);
    }
    match text(rest) {
        Ok(Some(end)) if end > 0 && d != 0 => {
            let name = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned();
            Parsed::Whole(name, rest.get(end + 1..).unwrap_or_default())
        }
        Ok(None) if d != 0 => Parsed::Cut,
        _ => Parsed::Wrong,
    }
}

fn is_printable(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b'!'..=b'~' | 0x80..))
}

/// Greeting, password and request of version 5. `None` while there is too little, or when it is something else.
fn request_5(bytes: &[u8]) -> Option<String> {
    let mut rest = Reader(bytes);
    rest.u8()?;
    rest.vec8()?;
    if rest.0.first() == Some(&1) {
        rest.u8()?;
        rest.vec8()?;
        rest.vec8()?;
    }
    let (5, CONNECT, 0) = (rest.u8()?, rest.u8()?, rest.u8()?) else { return None };
    address_5(&mut rest)
}

/// An address of version 5 with its port.
fn address_5(rest: &mut Reader<'_>) -> Option<String> {
    let address = match rest.u8()? {
        1 => Ipv4Addr::from(rest.u32()?).to_string(),
        3 => String::from_utf8_lossy(rest.vec8()?).into_owned(),
        4 => Ipv6Addr::from(<[u8; 16]>::try_from(rest.take(16)?).ok()?).to_string(),
        _ => return None,
    };
    rest.u16()?;
    Some(address)
}

#[derive(Default)]
struct Socks {
    sides: [Beginning; 2],
    /// Bytes of the responder, those that were not kept included.
    answered_len: usize,
    version_was_said: bool,
    request_was_said: bool,
    tunnel: Option<usize>,
}

enum Answer {
    Cut,
    Refused,
    /// So many bytes long.
    Granted(usize),
}

fn answer(bytes: &[u8]) -> Answer {
    let mut rest = Reader(bytes);
    let whole = (|| match rest.u8()? {
        // Version 4 answers with a zero.
        0 => {
            let code = rest.u8()?;
            rest.take(6)?;
            Some(code == 90)
        }
        5 => {
            match rest.u8()? {
                0 => {}
                2 => {
                    if rest.take(2)? != [1, 0] {
                        return Some(false);
                    }
                }
                _ => return Some(false),
            }
            let (version, code, _) = (rest.u8()?, rest.u8()?, rest.u8()?);
            if (version, code) != (5, 0) {
                return Some(false);
            }
            address_5(&mut rest)?;
            Some(true)
        }
        _ => Some(false),
    })();
    match whole {
        None => Answer::Cut,
        Some(false) => Answer::Refused,
        Some(true) => Answer::Granted(bytes.len() - rest.0.len()),
    }
}

impl Dissect for Socks {
    fn held_len(&self) -> usize {
        self.sides.iter().map(Beginning::held_len).sum()
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let beginning = side(&mut self.sides, direction);
        let bytes = beginning.push(chunk, KEPT_LEN_BYTES);
        let mut say = |field, text: &str| sink.observe(Observation { field, direction, value: Value::Text(text) });
        if direction == Direction::Originator {
            let (version, wanted) = match bytes {
                [4, command, rest @ ..] => match request_4(rest) {
                    Parsed::Whole(wanted, _) if *command == CONNECT => ("SOCKS 4", Some(wanted)),
                    _ => ("SOCKS 4", None),
                },
                [5, ..] => ("SOCKS 5", request_5(bytes)),
                _ => return Need::More,
            };
            if !std::mem::replace(&mut self.version_was_said, true) {
                say(&VERSION, version);
            }
            if let Some(wanted) = wanted.filter(|_| !self.request_was_said) {
                self.request_was_said = true;
                say(&REMOTE, &wanted);
            }
            return Need::More;
        }
        let Chunk::Data(new) = chunk else { return Need::Nothing };
        self.answered_len = self.answered_len.saturating_add(new.len());
        match answer(bytes) {
            Answer::Cut if beginning.has_ended() => Need::Nothing,
            Answer::Cut => Need::More,
            Answer::Refused => Need::Nothing,
            Answer::Granted(len) => {
                self.tunnel = Some(self.answered_len.saturating_sub(len));
                Need::Nothing
            }
        }
    }

    fn tunnel_begins(&self) -> Option<usize> {
        self.tunnel
    }
}
