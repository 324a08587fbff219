//! The Simple Service Discovery Protocol on port 1900 (UPnP Device Architecture 2.0 s. 1): what is searched for, and what
//! devices say of themselves.
//!
//! ```text
//! M-SEARCH * HTTP/1.1 | NOTIFY * HTTP/1.1 | HTTP/1.1 200 OK, then fields as in HTTP
//! ```
//!
//! Left out: device descriptions (over HTTP), events, times to live.

use firstlight_model::{Direction, Field, LookUp, Observation, Role, Value};
use memchr::memchr_iter;

use crate::reader::text;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// What is searched for.
pub static SEARCH: Field = Field { name: "ssdp.st", role: Role::LocalLookUp, reference: "UPnP DA 2.0 s. 1.3.2" };
/// What the sender is or offers.
pub static SERVICE: Field = Field { name: "ssdp.nt", role: Role::Service, reference: "UPnP DA 2.0 s. 1.2.2" };
/// System, UPnP version and product of a device.
pub static SERVER: Field = Field { name: "ssdp.server", role: Role::Software, reference: "UPnP DA 2.0 s. 1.2.2" };
/// The same of who searches.
pub static USER_AGENT: Field =
    Field { name: "ssdp.user_agent", role: Role::Software, reference: "UPnP DA 2.0 s. 1.3.2" };
/// Where the description of the device is.
pub static LOCATION: Field = Field { name: "ssdp.location", role: Role::Detail, reference: "UPnP DA 2.0 s. 1.2.2" };
/// Unique name of the device or service.
pub static UNIQUE_NAME: Field = Field { name: "ssdp.usn", role: Role::Detail, reference: "UPnP DA 2.0 s. 1.2.2" };

/// SSDP.
pub static DISSECTOR: Dissector = Dissector {
    name: "ssdp",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&SEARCH, &SERVICE, &SERVER, &USER_AGENT, &LOCATION, &UNIQUE_NAME],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Ssdp),
};

/// A search, and the announcement of a router.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 1900, from_start: true },
    pushes: &[
        (
            Direction::Originator,
            b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: urn:dial-mul\
      tiscreen-org:service:dial:1\r\nUSER-AGENT: Browser/1.0 Linux\r\n\r\n",
        ),
        (
            Direction::Responder,
            b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\nLOCATION: http://192.0\
      .2.1:49152/desc.xml\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nSERVER: Linux/4.4 UPnP/1.0 Router/2.1\r\
      \nUSN: uuid:00000000-0000-1000-8000-020000000001::upnp:rootdevice\r\n\r\n",
        ),
    ],
};

const SEARCH_LINE: &[u8] = b"M-SEARCH * HTTP/1.";
const NOTIFY_LINE: &[u8] = b"NOTIFY * HTTP/1.";
const ANSWER_LINE: &[u8] = b"HTTP/1.1 200 ";

/// Some devices answer from a port of the moment, to one, and others than SSDP search with the same first line (Plex on
/// ports 32410 to 32414): away from port 1900 the fields tell.
fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let required: &[&[u8]] = match bytes {
        _ if bytes.starts_with(SEARCH_LINE) => &[b"st", b"man"],
        _ if bytes.starts_with(NOTIFY_LINE) => &[b"nt", b"nts"],
        _ if bytes.starts_with(ANSWER_LINE) => &[b"st", b"usn"],
        _ => return Verdict::NoMatch,
    };
    let matches = context.has_port(1900) || required.iter().all(|name| field(bytes, name).is_some());
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

struct Ssdp;

impl Dissect for Ssdp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
        if bytes.starts_with(SEARCH_LINE) {
            if let Some(target) = field(bytes, b"st").and_then(text) {
                say(&SEARCH, Value::LookUp(look_up(&target)));
            }
            if let Some(agent) = field(bytes, b"user-agent").and_then(text) {
                say(&USER_AGENT, Value::Text(&agent));
            }
        } else if bytes.starts_with(NOTIFY_LINE) || bytes.starts_with(ANSWER_LINE) {
            // Who leaves offers nothing any more.
            let leaves = field(bytes, b"nts").is_some_and(|kind| kind.eq_ignore_ascii_case(b"ssdp:byebye"));
            let kind = field(bytes, b"nt").or_else(|| field(bytes, b"st")).filter(|_| !leaves);
            let said = [
                (&SERVICE, kind),
                (&SERVER, field(bytes, b"server")),
                (&LOCATION, field(bytes, b"location")),
                (&UNIQUE_NAME, field(bytes, b"usn")),
            ];
            for (field, value) in said {
                if let Some(value) = value.and_then(text) {
                    say(field, Value::Text(&value));
                }
            }
        }
        Need::More
    }
}

fn look_up(name: &str) -> LookUp<'_> {
    LookUp { name, record_type: 0, is_response: false, response_code: 0, answers: 0, id: 0, alias: None }
}

/// The value of the first field of this name, which is in lower case.
fn field<'a>(bytes: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut line_start = 0;
    for line_end in memchr_iter(b'\n', bytes).chain(std::iter::once(bytes.len())) {
        let line = bytes.get(line_start..line_end).unwrap_or(&[]);
        line_start = line_end + 1;
        if let Some((found, [b':', value @ ..])) = line.split_at_checked(name.len())
            && found.eq_ignore_ascii_case(name)
        {
            return Some(value.trim_ascii());
        }
    }
    None
}
