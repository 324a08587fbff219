//! DHCP for IPv6 on ports 546 and 547 (RFC 8415): who asks, with which wishes, and what it is given. What a relay passes on
//! is read as if it came directly.
//!
//! ```text
//! | type 8 | transaction 24 | options: code 16 | length 16 | value …
//! ```
//!
//! Left out: authentication, reconfiguration, leases by query, boot files.

use std::net::Ipv6Addr;

use firstlight_model::{Direction, Field, MacAddress, Observation, Role, Value};

use crate::limits::DHCPV6_RELAYS;
use crate::reader::{Reader, text};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Kind of message, for example `Solicit`.
pub static MESSAGE: Field = Field { name: "dhcpv6.msgtype", role: Role::Detail, reference: "RFC 8415 s. 7.3" };
/// Unique identifier of the client, in hexadecimal digits.
pub static CLIENT_ID: Field = Field { name: "dhcpv6.duid.bytes", role: Role::MachineId, reference: "RFC 8415 s. 11" };
/// The link address in it, which need not be that of the interface it is used on.
pub static CLIENT_MAC: Field =
    Field { name: "dhcpv6.duidllt.link_layer_addr", role: Role::Detail, reference: "RFC 8415 s. 11.2" };
/// Options asked for: decimal numbers with commas, in the client's order.
pub static REQUEST_LIST: Field =
    Field { name: "dhcpv6.requested_option_code", role: Role::Fingerprint, reference: "RFC 8415 s. 21.7" };
/// Vendor class of a client.
pub static VENDOR_CLASS: Field =
    Field { name: "dhcpv6.vendorclass.data", role: Role::Software, reference: "RFC 8415 s. 21.16" };
/// Enterprise number of the vendor class (IANA, Private Enterprise Numbers).
pub static ENTERPRISE: Field =
    Field { name: "dhcpv6.vendorclass.enterprise", role: Role::Detail, reference: "RFC 8415 s. 21.16" };
/// Name of the client.
pub static CLIENT_NAME: Field =
    Field { name: "dhcpv6.client_fqdn", role: Role::DeviceName, reference: "RFC 4704 s. 4" };
/// Address that is asked for or given.
pub static ADDRESS: Field = Field { name: "dhcpv6.iaaddr.ip", role: Role::Detail, reference: "RFC 8415 s. 21.6" };
/// Prefix that is asked for or given.
pub static PREFIX: Field = Field { name: "dhcpv6.iaprefix", role: Role::Detail, reference: "RFC 8415 s. 21.22" };
/// Name server that is given.
pub static NAME_SERVER: Field = Field { name: "dhcpv6.dns_server", role: Role::Detail, reference: "RFC 3646 s. 3" };
/// Search domain that is given.
pub static DOMAIN: Field = Field { name: "dhcpv6.search_domain", role: Role::Detail, reference: "RFC 3646 s. 4" };

/// DHCPv6.
pub static DISSECTOR: Dissector = Dissector {
    name: "dhcpv6",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[
        &MESSAGE,
        &CLIENT_ID,
        &CLIENT_MAC,
        &REQUEST_LIST,
        &VENDOR_CLASS,
        &ENTERPRISE,
        &CLIENT_NAME,
        &ADDRESS,
        &PREFIX,
        &NAME_SERVER,
        &DOMAIN,
    ],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Dhcpv6),
};

/// A client's first message, a server's reply, the first again as a relay passes it on.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 546, responder_port: 547, from_start: true },
    pushes: &[
        (
            Direction::Originator,
            b"\x01\xab\xcd\xef\0\x01\0\x0e\0\x01\0\x01 \0\0\0\x02\0\0\0\0\x07\0\x06\0\x04\0\x17\0\x18\0\x10\0\x0e\0\0\
      \x017\0\x08MSFT 5.0\0'\0\x10\0\x05study\x07example\0",
        ),
        (
            Direction::Responder,
            b"\x07\xab\xcd\xef\0\x01\0\x0e\0\x01\0\x01 \0\0\0\x02\0\0\0\0\x07\0\x02\0\n\0\x03\0\x01\x02\0\0\0\0\x01\0\
      \x03\0(\0\0\0\x01\0\0\0\0\0\0\0\0\0\x05\0\x18 \x01\r\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\0\0\x0e\x10\0\0\x0e\
      \x10\0\x19\0)\0\0\0\x01\0\0\0\0\0\0\0\0\0\x1a\0\x19\0\0\x0e\x10\0\0\x0e\x108 \x01\r\xb8\x01\0\0\0\0\0\0\
      \0\0\0\0\0\0\x17\0\x10 \x01\r\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\0\x18\0\x0e\x04home\x07example\0",
        ),
        (
            Direction::Originator,
            b"\x0c\0 \x01\r\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x07\0\x09\0D\x01\xab\xcd\
      \xef\0\x01\0\x0e\0\x01\0\x01 \0\0\0\x02\0\0\0\0\x07\0\x06\0\x04\0\x17\0\x18\0\x10\0\x0e\0\0\x017\0\x08MS\
      FT 5.0\0'\0\x10\0\x05study\x07example\0",
        ),
    ],
};

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let options = match bytes {
        [1..=11, _, _, _, options @ ..] => Some(options),
        [12 | 13, ..] => bytes.get(34..),
        _ => None,
    };
    // The first option has a code that is in use, and a length that can be.
    let matches = (context.has_port(546) || context.has_port(547))
        && options.and_then(<[u8]>::first_chunk).is_some_and(|[high, low, len, _]| *high == 0 && *low != 0 && *len < 8);
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

struct Dhcpv6;

impl Dissect for Dhcpv6 {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk {
            let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
            let mut message = bytes;
            for _ in 0..DHCPV6_RELAYS {
                match relayed(message) {
                    Some(inner) => message = inner,
                    None => break,
                }
            }
            // What is there of a message that is cut has been said by then.
            let _ = observe(message, message.len() != bytes.len(), &mut say);
        }
        Need::More
    }
}

/// The message in that of a relay.
fn relayed(message: &[u8]) -> Option<&[u8]> {
    let [12 | 13, ..] = message else { return None };
    let mut options = Options(Reader(message.get(34..)?));
    options.find_map(|(code, value)| (code == 9).then_some(value))
}

/// `is_relayed`: the sender of the datagram is not the client, and what the client says of itself is not its.
fn observe(message: &[u8], is_relayed: bool, say: &mut dyn FnMut(&'static Field, Value<'_>)) -> Option<()> {
    let mut reader = Reader(message);
    let kind = reader.u8()?;
    let name = message_name(kind)?;
    reader.take(3)?;
    say(&MESSAGE, Value::Text(name));
    let is_client = matches!(kind, 1 | 3..=6 | 8 | 9 | 11) && !is_relayed;
    for (code, value) in Options(reader) {
        let mut value = Reader(value);
        match code {
            1 if is_client => client_id(value.0, say),
            3 | 25 => {
                value.take(12)?;
                identity(value, say);
            }
            4 => {
                value.take(4)?;
                identity(value, say);
            }
            6 if is_client => {
                let codes: Vec<String> =
                    value.0.as_chunks().0.iter().map(|&code| u16::from_be_bytes(code).to_string()).collect();
                if !codes.is_empty() {
                    say(&REQUEST_LIST, Value::Text(&codes.join(",")));
                }
            }
            16 if is_client => {
                say(&ENTERPRISE, Value::Number(value.u32()?.into()));
                if let Some(class) = value.vec16().and_then(text) {
                    say(&VENDOR_CLASS, Value::Text(&class));
                }
            }
            23 => {
                for &address in value.0.as_chunks::<16>().0.iter().take(16) {
                    say(&NAME_SERVER, Value::Text(&Ipv6Addr::from(address).to_string()));
                }
            }
            24 => {
                while let Some(name) = labels(&mut value) {
                    say(&DOMAIN, Value::Text(&name));
                }
            }
            39 if is_client => {
                value.u8()?;
                if let Some(name) = labels(&mut value) {
                    say(&CLIENT_NAME, Value::Text(&name));
                }
            }
            _ => {}
        }
    }
    Some(())
}

/// A unique identifier as it is written: hexadecimal digits.
pub(crate) fn digits(duid: &[u8]) -> Option<String> {
    // Longer ones are not allowed, and shorter ones name nobody (RFC 8415 s. 11.1).
    let duid = duid.get(..duid.len().min(130)).filter(|duid| duid.len() > 2)?;
    Some(duid.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn client_id(duid: &[u8], say: &mut dyn FnMut(&'static Field, Value<'_>)) {
    if let Some(digits) = digits(duid) {
        say(&CLIENT_ID, Value::Text(&digits));
    }
    // Types 1 and 3, over Ethernet.
    let mac = match duid {
        [0, 1, 0, 1, _, _, _, _, mac @ ..] | [0, 3, 0, 1, mac @ ..] => mac.first_chunk().copied(),
        _ => None,
    };
    if let Some(mac) = mac {
        say(&CLIENT_MAC, Value::Text(&MacAddress(mac).to_string()));
    }
}

/// The addresses and prefixes of an identity association.
fn identity(options: Reader<'_>, say: &mut dyn FnMut(&'static Field, Value<'_>)) {
    for (code, value) in Options(options) {
        match (code, value) {
            (5, _) => {
                if let Some(&address) = value.first_chunk::<16>() {
                    say(&ADDRESS, Value::Text(&Ipv6Addr::from(address).to_string()));
                }
            }
            (26, [_, _, _, _, _, _, _, _, len, prefix @ ..]) => {
                if let Some(&prefix) = prefix.first_chunk::<16>() {
                    say(&PREFIX, Value::Text(&format!("{}/{len}", Ipv6Addr::from(prefix))));
                }
            }
            _ => {}
        }
    }
}

/// A name as in the DNS, without pointers; at the end of the bytes it may lack its end (RFC 4704 s. 4.2).
fn labels(reader: &mut Reader<'_>) -> Option<String> {
    let mut name = String::new();
    while let Some(label) = reader.vec8()
        && !label.is_empty()
        && name.len() < 255
    {
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(&String::from_utf8_lossy(label));
    }
    (!name.is_empty()).then_some(name)
}

/// Codes and values, to the first that is cut.
struct Options<'a>(Reader<'a>);

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        Some((self.0.u16()?, self.0.vec16()?))
    }
}

fn message_name(kind: u8) -> Option<&'static str> {
    Some(match kind {
        1 => "Solicit",
        2 => "Advertise",
        3 => "Request",
        4 => "Confirm",
        5 => "Renew",
        6 => "Rebind",
        7 => "Reply",
        8 => "Release",
        9 => "Decline",
        10 => "Reconfigure",
        11 => "Information-request",
        12 => "Relay-forward",
        13 => "Relay-reply",
        _ => return None,
    })
}
