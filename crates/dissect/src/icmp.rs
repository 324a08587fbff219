//! Control messages of IPv4 (RFC 792, RFC 1256, RFC 4884): what each is, and for an error the connection that it is about.
//!
//! ```text
//! | type 8 | code 8 | checksum 16 | by type 32 | for an error: head of the packet that it is about, 64 bits or more of it |
//! ```
//!
//! Left out: contents of an echo beyond bookmarks, time stamps, extensions with labels of MPLS.

use std::net::Ipv4Addr;

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::echo;
use crate::limits::ICMP_SUBJECTS;
use crate::reader::Reader;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Kind of message, for example `echo request` or `unreachable: port`.
pub static MESSAGE: Field = Field { name: "icmp.type", role: Role::Detail, reference: "IANA, ICMP Type Numbers" };
/// The connection that an error is about: `udp 192.0.2.1:5000 to 198.51.100.2:53`.
pub static SUBJECT: Field = Field { name: "icmp.subject", role: Role::Detail, reference: "RFC 792" };
/// Router that a redirect names.
pub static GATEWAY: Field = Field { name: "icmp.redir_gw", role: Role::Detail, reference: "RFC 792, redirect" };
/// Largest packet of the next link in bytes, where one was too long.
pub static MTU: Field = Field { name: "icmp.mtu", role: Role::Detail, reference: "RFC 1191 s. 4" };
/// For how long the sender offers itself as a router, in seconds.
pub static ROUTER: Field = Field { name: "icmp.lifetime", role: Role::Router, reference: "RFC 1256 s. 3" };

/// Bytes of data of an echo request, as far as they are in the capture.
pub static DATA_LEN: Field = Field { name: "icmp.echo.data_len", role: Role::Bookmark, reference: "RFC 792, echo" };
/// The phase that begins, as the data of an echo request says it after `phase:`.
pub static PHASE: Field = Field { name: "icmp.echo.phase", role: Role::Bookmark, reference: "Firstlight, bookmarks" };

/// ICMP.
pub static DISSECTOR: Dissector = Dissector {
    name: "icmp",
    carrier: Carrier::Icmp,
    encrypted: Some(false),
    fields: &[&MESSAGE, &SUBJECT, &GATEWAY, &MTU, &ROUTER, &DATA_LEN, &PHASE],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Icmp::default()),
};

/// An echo that marks a phase, a port without a listener, a packet that is too long, a redirect, a router.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 8, responder_port: 0, from_start: true },
    pushes: &[
        (Direction::Originator, b"\x08\0\0\0\0\x01\0\x01phase: idle"),
        (
            Direction::Originator,
            b"\x03\x03\0\0\0\0\0\0\x45\0\0\x1c\0\0\0\0\x40\x11\0\0\xc0\0\x02\x01\xc6\x33\x64\x02\x13\x88\0\x35\0\x08\0\0",
        ),
        (Direction::Originator, b"\x03\x04\0\0\0\0\x05\x78\x45\0\0\x1c\0\0\0\0\x40\x01\0\0\xc0\0\x02\x01\xc6\x33\x64\x02"),
        (Direction::Originator, b"\x05\x01\0\0\xc0\0\x02\xfe\x45"),
        (Direction::Originator, b"\x09\0\0\0\x01\x02\x07\x08\xc0\0\x02\x01\0\0\0\0"),
    ],
};

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let is_known = bytes.first().is_some_and(|&kind| message_name(kind).is_some());
    if is_known && bytes.len() >= 8 { Verdict::Match } else { Verdict::NoMatch }
}

#[derive(Default)]
struct Icmp {
    /// Type and code of the last message: the same again is not said again.
    last: Option<(u8, u8)>,
    /// Connections that errors were about, as they were said.
    subjects: Vec<Subject>,
}

impl Dissect for Icmp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk {
            // What is there of a message that is cut has been said by then.
            let _ = self.message(direction, bytes, sink);
        }
        Need::More
    }
}

impl Icmp {
    fn message(&mut self, direction: Direction, bytes: &[u8], sink: &mut dyn Sink) -> Option<()> {
        let mut reader = Reader(bytes);
        let [kind, code] = [reader.u8()?, reader.u8()?];
        let name = message_name(kind)?;
        reader.u16()?;
        let is_new = self.last != Some((kind, code));
        self.last = Some((kind, code));
        if is_new {
            let text = match code_name(kind, code) {
                Some(code) => format!("{name}: {code}"),
                None => name.to_owned(),
            };
            sink.observe(Observation { field: &MESSAGE, direction, value: Value::Text(&text) });
        }
        let rest = reader.u32()?;
        match (kind, code) {
            (3, 4) if rest & 0xffff != 0 && is_new => {
                sink.observe(Observation { field: &MTU, direction, value: Value::Number((rest & 0xffff).into()) });
            }
            (5, _) if is_new => {
                let gateway = Ipv4Addr::from_bits(rest).to_string();
                sink.observe(Observation { field: &GATEWAY, direction, value: Value::Text(&gateway) });
            }
            (8, _) => echo::observe(reader.0, [&DATA_LEN, &PHASE], &mut |field, value| {
                sink.observe(Observation { field, direction, value })
            }),
            (9, _) => {
                let lifetime_s = rest & 0xffff;
                sink.observe(Observation { field: &ROUTER, direction, value: Value::Number(lifetime_s.into()) });
            }
            _ => {}
        }
        if matches!(kind, 3 | 4 | 5 | 11 | 12) {
            let subject = Subject::read(&mut reader)?;
            if !self.subjects.contains(&subject) && self.subjects.len() < ICMP_SUBJECTS {
                sink.observe(Observation { field: &SUBJECT, direction, value: Value::Text(&subject.to_string()) });
                self.subjects.push(subject);
            }
        }
        Some(())
    }
}

/// The connection of a packet that is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Subject {
    protocol: u8,
    from: Ipv4Addr,
    to: Ipv4Addr,
    /// Where its transport has them and they are quoted.
    ports: Option<(u16, u16)>,
}

impl Subject {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let version_and_len = reader.u8().filter(|first| first >> 4 == 4)?;
        reader.take(5)?;
        let is_first_fragment = reader.u16()? & 0x1fff == 0;
        reader.u8()?;
        let protocol = reader.u8()?;
        reader.u16()?;
        let [from, to] = [reader.u32()?, reader.u32()?].map(Ipv4Addr::from_bits);
        let options_len = (usize::from(version_and_len & 0xf) * 4).checked_sub(20)?;
        let has_ports = is_first_fragment && matches!(protocol, 6 | 17 | 132 | 136);
        let ports = reader.take(options_len).filter(|_| has_ports).and_then(|_| Some((reader.u16()?, reader.u16()?)));
        Some(Self { protocol, from, to, ports })
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { protocol, from, to, ports } = *self;
        match protocol {
            1 => out.write_str("icmp")?,
            6 => out.write_str("tcp")?,
            17 => out.write_str("udp")?,
            132 => out.write_str("sctp")?,
            other => write!(out, "protocol {other}")?,
        }
        match ports {
            Some((from_port, to_port)) => write!(out, " {from}:{from_port} to {to}:{to_port}"),
            None => write!(out, " {from} to {to}"),
        }
    }
}

/// IANA, ICMP Type Numbers.
fn message_name(kind: u8) -> Option<&'static str> {
    Some(match kind {
        0 => "echo reply",
        3 => "unreachable",
        4 => "source quench",
        5 => "redirect",
        8 => "echo request",
        9 => "router advertisement",
        10 => "router solicitation",
        11 => "time exceeded",
        12 => "parameter problem",
        13 => "timestamp request",
        14 => "timestamp reply",
        15 => "information request",
        16 => "information reply",
        17 => "address mask request",
        18 => "address mask reply",
        42 => "extended echo request",
        43 => "extended echo reply",
        _ => return None,
    })
}

/// IANA, ICMP Type Numbers, code fields.
fn code_name(kind: u8, code: u8) -> Option<&'static str> {
    Some(match (kind, code) {
        (3, 0) => "network",
        (3, 1) => "host",
        (3, 2) => "protocol",
        (3, 3) => "port",
        (3, 4) => "too long, and not to be divided",
        (3, 5) => "source route",
        (3, 6) => "network unknown",
        (3, 7) => "host unknown",
        (3, 9) => "network forbidden",
        (3, 10) => "host forbidden",
        (3, 11) => "network, for this type of service",
        (3, 12) => "host, for this type of service",
        (3, 13) => "communication forbidden",
        (5, 0) => "for the network",
        (5, 1) => "for the host",
        (11, 0) => "on the way",
        (11, 1) => "while fragments were waited for",
        _ => return None,
    })
}
