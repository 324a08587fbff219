//! The Network Time Protocol on port 123 (RFC 5905 s. 7.3): version, mode, stratum and whom the sender takes its time from.
//!
//! ```text
//! | leap 2 | version 3 | mode 3 | stratum 8 | poll 8 | precision 8 | root delay 32 | root dispersion 32 | reference id 32 | …
//! ```
//!
//! Left out: what extension fields hold, control and private messages (modes 6 and 7) beyond their mode.

use std::net::Ipv4Addr;

use firstlight_model::{Direction, Field, Observation, Role, TimeMessage, Value};

use crate::reader::Reader;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Version, for example `NTPv4`.
pub static VERSION: Field = Field { name: "ntp.flags.vn", role: Role::Version, reference: "RFC 5905 s. 7.3" };
/// Mode: 1 and 2 symmetric, 3 client, 4 server, 5 broadcast, 6 control, 7 private.
pub static MODE: Field = Field { name: "ntp.flags.mode", role: Role::Detail, reference: "RFC 5905 s. 7.3" };
/// Steps from the reference clock of what a server or peer says; 0 in a kiss-o'-death.
pub static STRATUM: Field = Field { name: "ntp.stratum", role: Role::Detail, reference: "RFC 5905 s. 7.3" };
/// Reference identifier: a code for strata 0 and 1, else an address (or a part of the digest of an IPv6 address).
pub static REFERENCE_ID: Field = Field { name: "ntp.refid", role: Role::Detail, reference: "RFC 5905 s. 7.3" };

/// A client asks for the time.
pub static ASKS: Field = Field { name: "ntp.asks", role: Role::AsksTime, reference: "RFC 5905 s. 7.3" };
/// All of a message in modes 1 to 5.
pub static MESSAGE: Field = Field { name: "ntp.message", role: Role::Detail, reference: "RFC 5905 s. 7.3" };

/// NTP.
pub static DISSECTOR: Dissector = Dissector {
    name: "ntp",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&VERSION, &MODE, &STRATUM, &REFERENCE_ID, &ASKS, &MESSAGE],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Ntp),
};

const CLIENT: &[u8] =
    b"\x23\0\x06\xec\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xe0\x01\x02\x03\0\0\0\0";

const SERVER: &[u8] =
    b"\x24\x01\x06\xec\0\0\0\0\0\0\0\0GPSs\xe0\x01\x02\x03\0\0\0\0\xe0\x01\x02\x03\0\0\0\0\xe0\x01\x02\x03\0\0\0\0\
    \xe0\x01\x02\x03\0\0\0\0";

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 123, responder_port: 123, from_start: true },
    pushes: &[(Direction::Originator, CLIENT), (Direction::Responder, SERVER)],
};

/// Words of the header that every mode from 1 to 5 has.
const HEADER_LEN_BYTES: usize = 48;

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let Some(&flags) = bytes.first() else { return Verdict::NoMatch };
    let (version, mode) = (flags >> 3 & 7, flags & 7);
    let long_enough = match mode {
        1..=5 => bytes.len() >= HEADER_LEN_BYTES,
        6 | 7 => bytes.len() >= 8,
        _ => false,
    };
    if context.has_port(123) && (1..=4).contains(&version) && long_enough { Verdict::Match } else { Verdict::NoMatch }
}

struct Ntp;

impl Dissect for Ntp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(&[flags, stratum, ref rest @ ..]) = chunk else { return Need::More };
        let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
        let version = match flags >> 3 & 7 {
            1 => "NTPv1",
            2 => "NTPv2",
            3 => "NTPv3",
            4 => "NTPv4",
            _ => return Need::More,
        };
        let mode = flags & 7;
        say(&VERSION, Value::Text(version));
        say(&MODE, Value::Number(mode.into()));
        if mode == 3 {
            say(&ASKS, Value::Number(mode.into()));
        }
        // A client has no clock to speak of.
        if matches!(mode, 1 | 2 | 4 | 5) {
            say(&STRATUM, Value::Number(stratum.into()));
            if let Some(id) = rest.get(10..14).and_then(|id| <[u8; 4]>::try_from(id).ok()) {
                if stratum <= 1 {
                    let code = id.split(|&byte| byte == 0).next().unwrap_or_default();
                    if !code.is_empty() {
                        say(&REFERENCE_ID, Value::Text(&String::from_utf8_lossy(code)));
                    }
                } else {
                    say(&REFERENCE_ID, Value::Text(&Ipv4Addr::from(id).to_string()));
                }
            }
        }
        if let Some(message) = message(flags, stratum, rest) {
            say(&MESSAGE, Value::Time(message));
        }
        Need::More
    }
}

/// `None` where the header is not whole; modes 6 and 7 have another one.
fn message(flags: u8, stratum: u8, rest: &[u8]) -> Option<TimeMessage> {
    if !matches!(flags & 7, 1..=5) {
        return None;
    }
    let mut reader = Reader(rest);
    let (poll, precision) = (reader.u8()?.cast_signed(), reader.u8()?.cast_signed());
    let (root_delay, root_dispersion) = (reader.u32()?, reader.u32()?);
    let reference_id = reader.u32()?.to_be_bytes();
    let mut stamp = || Some(u64::from(reader.u32()?) << 32 | u64::from(reader.u32()?));
    let [reference, origin, receive, transmit] = [stamp()?, stamp()?, stamp()?, stamp()?];
    Some(TimeMessage {
        version: flags >> 3 & 7,
        mode: flags & 7,
        stratum,
        poll,
        precision,
        root_delay,
        root_dispersion,
        reference_id,
        reference,
        origin,
        receive,
        transmit,
        extra_len_bytes: u16::try_from(reader.0.len()).unwrap_or(u16::MAX),
    })
}
