//! EAP over LAN (IEEE 802.1X-2020 s. 11), and in it the Extensible Authentication Protocol (RFC 3748): who logs in to the
//! network, by which method, and the handshake for the keys of a wireless network.
//!
//! ```text
//! | version 8 | type 8 | length 16 | EAP: code 8 | id 8 | length 16 | type 8 | …
//! ```
//!
//! Left out: what methods say (TLS in EAP), key agreement for MACsec, the contents of key messages.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::reader::{Reader, text};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Kind of message, for example `start`, `key`.
pub static MESSAGE: Field = Field { name: "eapol.type", role: Role::Detail, reference: "IEEE 802.1X-2020 s. 11.3.2" };
/// Who logs in: an account, often `anonymous`, with its realm.
pub static IDENTITY: Field = Field { name: "eapol.eap.identity", role: Role::Detail, reference: "RFC 3748 s. 5.1" };
/// Method of authentication, for example `PEAP`.
pub static METHOD: Field = Field { name: "eapol.eap.type", role: Role::Detail, reference: "IANA, EAP Method Types" };
/// Message of the handshake for keys: 1 to 4, or of a group's keys 5 and 6.
pub static KEY_MESSAGE: Field =
    Field { name: "eapol.keydes.msgnr", role: Role::Detail, reference: "IEEE 802.11-2020 s. 12.7.6" };

/// The second message of the handshake, which is the first that a station sends: it joins the network.
pub static JOINS: Field = Field { name: "eapol.joins", role: Role::Joins, reference: "IEEE 802.11-2020 s. 12.7.6.3" };

/// EAPOL.
pub static DISSECTOR: Dissector = Dissector {
    name: "eapol",
    carrier: Carrier::Link,
    encrypted: None,
    fields: &[&MESSAGE, &IDENTITY, &METHOD, &KEY_MESSAGE, &JOINS],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Eapol),
};

/// An identity, the proposal of a method, the first and the second message about keys.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 0, responder_port: ETHER_TYPE, from_start: true },
    pushes: &[
        (Direction::Originator, b"\x01\0\0\x13\x02\x01\0\x13\x01guest@home.exa"),
        (Direction::Responder, b"\x01\0\0\x06\x01\x02\0\x06\x19 "),
        (
            Direction::Responder,
            b"\x02\x03\0_\x02\0\x8a\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
      \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        ),
        (
            Direction::Originator,
            b"\x02\x03\0a\x02\x01\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
      \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
      \0\0\0\0\0\0\0\x020\0",
        ),
    ],
};

const ETHER_TYPE: u16 = 0x888e;
/// Before this came the 802.1X for wireless networks of the year 2004 with the same header.
const PREAUTHENTICATION: u16 = 0x88c7;

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let matches =
        matches!(context.responder_port, ETHER_TYPE | PREAUTHENTICATION) && matches!(bytes, [1..=3, 0..=8, _, _, ..]);
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

struct Eapol;

impl Dissect for Eapol {
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
    let &[_, kind] = reader.take(2)?.first_chunk()?;
    let len = reader.u16()?;
    let name = match kind {
        0 => "EAP",
        1 => "start",
        2 => "logoff",
        3 => "key",
        4 => "alert",
        5 => "MACsec key agreement",
        6 | 7 => "announcement",
        _ => "announcement request",
    };
    say(&MESSAGE, Value::Text(name));
    let mut body = Reader(reader.take_up_to(len.into()));
    match kind {
        0 => {
            let code = body.u8()?;
            body.take(3)?;
            let method = body.u8()?;
            match (code, method) {
                (2, 1) => {
                    // After a zero byte there may be more that is not the name (RFC 3748 s. 5.1).
                    if let Some(identity) = text(body.0) {
                        say(&IDENTITY, Value::Text(&identity));
                    }
                }
                // Requests and responses, but for identity, notification and refusal.
                (1 | 2, 4..) => say(&METHOD, Value::Text(method_name(method))),
                _ => {}
            }
        }
        3 => {
            // Descriptors of WPA and of RSN.
            if matches!(body.u8()?, 2 | 254) {
                let message = key_message(body.u16()?, body);
                say(&KEY_MESSAGE, Value::Number(message));
                if message == 2 {
                    say(&JOINS, Value::Number(message));
                }
            }
        }
        _ => {}
    }
    Some(())
}

/// Which message it is, by the bits of the key information and, for the second and the fourth, the key data.
fn key_message(information: u16, body: Reader<'_>) -> u64 {
    let [pairwise, ack, mic] = [0x0008, 0x0080, 0x0100].map(|bit| information & bit != 0);
    // Key length, replay counter, nonce, IV, RSC, reserved, MIC: where the length of the key data is, if the MIC has
    // its usual sixteen bytes.
    const BEFORE_DATA_LEN: usize = 2 + 8 + 32 + 16 + 8 + 8 + 16;
    let has_data = body.0.get(BEFORE_DATA_LEN..BEFORE_DATA_LEN + 2).is_some_and(|len| len != [0, 0]);
    match (pairwise, ack, mic) {
        (true, true, false) => 1,
        (true, true, true) => 3,
        (true, false, _) if has_data => 2,
        (true, false, _) => 4,
        (false, true, _) => 5,
        (false, false, _) => 6,
    }
}

fn method_name(method: u8) -> &'static str {
    match method {
        4 => "MD5 challenge",
        5 => "one-time password",
        6 => "generic token card",
        13 => "EAP-TLS",
        17 => "LEAP",
        18 => "EAP-SIM",
        21 => "EAP-TTLS",
        23 => "EAP-AKA",
        25 => "PEAP",
        26 | 29 => "MSCHAPv2",
        43 => "EAP-FAST",
        50 => "EAP-AKA'",
        52 => "EAP-PWD",
        55 => "TEAP",
        254 => "expanded type",
        _ => "another method",
    }
}
