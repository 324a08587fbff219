//! Web Services Dynamic Discovery on port 3702 (WS-Discovery 1.1, and the draft of April 2005 that Windows, printers and
//! cameras speak): which kinds of device are searched for, and what devices say of themselves.
//!
//! SOAP over UDP. Left out: XML beyond the text of a few elements, namespaces, discovery proxies, metadata over HTTP.

use std::borrow::Cow;

use firstlight_model::{Direction, Field, LookUp, Observation, Role, Value};
use memchr::{memchr, memchr_iter, memmem};

use crate::reader::text;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// What is done: `Probe`, `ProbeMatches`, `Hello`, `Bye`, `Resolve`, `ResolveMatches`.
pub static ACTION: Field = Field { name: "wsd.action", role: Role::Detail, reference: "WS-Discovery 1.1 s. 4 to 6" };
/// Kinds of device that are searched for.
pub static SEARCH: Field =
    Field { name: "wsd.probe.types", role: Role::LocalLookUp, reference: "WS-Discovery 1.1 s. 5.2" };
/// Kinds of device that the sender is.
pub static TYPES: Field = Field { name: "wsd.types", role: Role::Service, reference: "WS-Discovery 1.1 s. 4.1" };
/// Where the device can be reached.
pub static ADDRESSES: Field = Field { name: "wsd.xaddrs", role: Role::Detail, reference: "WS-Discovery 1.1 s. 4.1" };
/// Lasting name of the device, mostly `urn:uuid:…`.
pub static ENDPOINT: Field = Field { name: "wsd.endpoint", role: Role::Detail, reference: "WS-Discovery 1.1 s. 4.1" };
/// Name of a camera or recorder.
pub static NAME: Field = Field { name: "wsd.onvif.name", role: Role::DeviceName, reference: "ONVIF Core s. 7.3.3.2" };
/// Model of a camera or recorder.
pub static HARDWARE: Field =
    Field { name: "wsd.onvif.hardware", role: Role::Software, reference: "ONVIF Core s. 7.3.3.2" };

/// WS-Discovery.
pub static DISSECTOR: Dissector = Dissector {
    name: "wsd",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&ACTION, &SEARCH, &TYPES, &ADDRESSES, &ENDPOINT, &NAME, &HARDWARE],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(WsDiscovery),
};

/// A search for devices, and a camera's greeting.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 3702, from_start: true },
    pushes: &[
        (
            Direction::Originator,
            b"<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:a=\"http://schemas.xmlsoap.org/ws/\
      2004/08/addressing\" xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><s:Header><a:Action>htt\
      p://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header><s:Body><d:Probe><d:Types>wsdp:D\
      evice</d:Types></d:Probe></s:Body></s:Envelope>",
        ),
        (
            Direction::Responder,
            b"<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:a=\"http://schemas.xmlsoap.org/ws/\
      2004/08/addressing\" xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><s:Header><a:Action>htt\
      p://schemas.xmlsoap.org/ws/2005/04/discovery/Hello</a:Action></s:Header><s:Body><d:Hello><a:EndpointRefe\
      rence><a:Address>urn:uuid:00000000-0000-1000-8000-020000000002</a:Address></a:EndpointReference><d:Types\
      >dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/name/Front%20Door onvif://www.onvif\
      .org/hardware/CAM-2</d:Scopes><d:XAddrs>http://192.0.2.8/onvif/device_service</d:XAddrs></d:Hello></s:Bo\
      dy></s:Envelope>",
        ),
    ],
};

/// The namespaces of the draft and of the standard.
const NAMESPACES: [&[u8]; 2] =
    [b"schemas.xmlsoap.org/ws/2005/04/discovery", b"docs.oasis-open.org/ws-dd/ns/discovery/2009/01"];

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    // A byte order mark may stand before it.
    let begins = matches!(bytes, [b'<', ..] | [0xef, 0xbb, 0xbf, b'<', ..]);
    let matches = begins && NAMESPACES.iter().any(|namespace| memmem::find(bytes, namespace).is_some());
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

struct WsDiscovery;

impl Dissect for WsDiscovery {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
        let Some(action) = element(bytes, b"Action") else { return Need::More };
        let action = action.rsplit('/').next().unwrap_or_default();
        say(&ACTION, Value::Text(action));
        let types = element(bytes, b"Types");
        if matches!(action, "Probe") {
            if let Some(name) = types.as_deref() {
                let look_up = LookUp {
                    name,
                    record_type: 0,
                    is_response: false,
                    response_code: 0,
                    answers: 0,
                    id: 0,
                    alias: None,
                };
                say(&SEARCH, Value::LookUp(look_up));
            }
            return Need::More;
        }
        if !matches!(action, "Hello" | "ProbeMatches" | "ResolveMatches") {
            return Need::More;
        }
        let endpoint = memmem::find(bytes, b"EndpointReference").and_then(|at| element(bytes.get(at..)?, b"Address"));
        for (field, value) in [(&TYPES, types), (&ADDRESSES, element(bytes, b"XAddrs")), (&ENDPOINT, endpoint)] {
            if let Some(value) = value {
                say(field, Value::Text(&value));
            }
        }
        let scopes = element(bytes, b"Scopes").unwrap_or_default();
        for scope in scopes.split_ascii_whitespace().take(64) {
            let Some(scope) = scope.strip_prefix("onvif://www.onvif.org/") else { continue };
            match scope.split_once('/') {
                Some(("name", name)) => say(&NAME, Value::Text(&unescaped(name))),
                Some(("hardware", model)) => say(&HARDWARE, Value::Text(&unescaped(model))),
                _ => {}
            }
        }
        Need::More
    }
}

/// The text of the first element of this name, whatever its prefix.
fn element<'a>(bytes: &'a [u8], name: &[u8]) -> Option<Cow<'a, str>> {
    for open in memchr_iter(b'<', bytes) {
        let rest = bytes.get(open + 1..)?;
        let tag = rest.get(..memchr(b'>', rest)?)?;
        let full = tag.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or(tag);
        let local = full.rsplit(|&byte| byte == b':').next().unwrap_or(full);
        if local == name && !full.starts_with(b"/") {
            let content = rest.get(tag.len() + 1..)?;
            return text(content.get(..memchr(b'<', content).unwrap_or(content.len()))?);
        }
    }
    None
}

/// Without the percent signs of a URI (RFC 3986 s. 2.1).
fn unescaped(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = after.first_chunk::<2>().filter(|_| *first == b'%').and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok()
        });
        bytes.push(escaped.unwrap_or(*first));
        rest = after.get(if escaped.is_some() { 2 } else { 0 }..).unwrap_or(&[]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
