//! Control messages of IPv6 that say who is on the link: router and neighbour discovery (RFC 4861), name servers in router
//! advertisements (RFC 8106), captive portals (RFC 8910), and multicast listeners (MLD, RFC 2710 and RFC 9777).
//!
//! ```text
//! | type 8 | code 8 | checksum 16 | by type … | options: type 8 | length 8, in units of eight bytes | value …
//! ```
//!
//! Left out: contents of an echo beyond bookmarks, errors, redirects' quoted packets, secure neighbour discovery, other lifetimes.

use std::net::Ipv6Addr;

use firstlight_model::{Direction, Field, MacAddress, Observation, Role, Value};

use crate::echo;
use crate::limits::GROUP_RECORDS;
use crate::reader::{Reader, text};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Kind of message, for example `router advertisement`.
pub static MESSAGE: Field = Field { name: "icmpv6.type", role: Role::Detail, reference: "IANA, ICMPv6 Type Numbers" };
/// Link address of the sender, or of the target it speaks for.
pub static LINK_ADDRESS: Field =
    Field { name: "icmpv6.opt.linkaddr", role: Role::Detail, reference: "RFC 4861 s. 4.6.1" };
/// Address whose link address is asked for or given.
pub static TARGET: Field = Field { name: "icmpv6.nd.target_address", role: Role::Detail, reference: "RFC 4861 s. 4.3" };
/// How hosts get their addresses: `managed`, `other configuration`, `none` of DHCPv6.
pub static CONFIGURATION: Field = Field { name: "icmpv6.nd.ra.flag", role: Role::Detail, reference: "RFC 4861 s. 4.2" };
/// For how long the sender offers itself as a router, in seconds; 0 when it does not.
pub static ROUTER: Field =
    Field { name: "icmpv6.nd.ra.router_lifetime", role: Role::Router, reference: "RFC 4861 s. 4.2" };
/// Prefix of the link.
pub static PREFIX: Field = Field { name: "icmpv6.opt.prefix", role: Role::Detail, reference: "RFC 4861 s. 4.6.2" };
/// Largest packet of the link in bytes.
pub static MTU: Field = Field { name: "icmpv6.opt.mtu", role: Role::Detail, reference: "RFC 4861 s. 4.6.4" };
/// Recursive name server.
pub static NAME_SERVER: Field = Field { name: "icmpv6.opt.rdnss", role: Role::Detail, reference: "RFC 8106 s. 5.1" };
/// Search domain.
pub static DOMAIN: Field = Field { name: "icmpv6.opt.dnssl", role: Role::Detail, reference: "RFC 8106 s. 5.2" };
/// Where one has to log in.
pub static CAPTIVE_PORTAL: Field =
    Field { name: "icmpv6.opt.captive_portal", role: Role::Detail, reference: "RFC 8910 s. 2.3" };
/// Group that the sender listens to.
pub static GROUP: Field =
    Field { name: "icmpv6.mld.multicast_address", role: Role::Detail, reference: "RFC 9777 s. 5.2" };

/// Bytes of data of an echo request, as far as they are in the capture.
pub static DATA_LEN: Field = Field { name: "icmpv6.echo.data_len", role: Role::Bookmark, reference: "RFC 4443 s. 4.1" };
/// The phase that begins, as the data of an echo request says it after `phase:`.
pub static PHASE: Field = Field { name: "icmpv6.echo.phase", role: Role::Bookmark, reference: "Firstlight, bookmarks" };

/// ICMPv6, as far as it speaks of the link.
pub static DISSECTOR: Dissector = Dissector {
    name: "icmpv6",
    carrier: Carrier::Icmpv6,
    encrypted: Some(false),
    fields: &[
        &MESSAGE,
        &LINK_ADDRESS,
        &TARGET,
        &CONFIGURATION,
        &ROUTER,
        &PREFIX,
        &MTU,
        &NAME_SERVER,
        &DOMAIN,
        &CAPTIVE_PORTAL,
        &GROUP,
        &DATA_LEN,
        &PHASE,
    ],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Icmpv6),
};

/// A router's advertisement, a question for it, a listener's report, an echo that marks a phase.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 134, responder_port: 133, from_start: true },
    pushes: &[
        (
            Direction::Originator,
            b"\x86\0\0\0@\xc0\x07\x08\0\0\0\0\0\0\0\0\x01\x01\x02\0\0\0\0\x01\x05\x01\0\0\0\0\x05\xc8\x03\x04@\xc0\0\
      \x01Q\x80\0\08@\0\0\0\0 \x01\r\xb8\0\0\0\0\0\0\0\0\0\0\0\0\x19\x03\0\0\0\0\x07\x08 \x01\r\xb8\0\0\0\0\0\
      \0\0\0\0\0\0\x01\x1f\x03\0\0\0\0\x07\x08\x04home\x07example\0\0\0%\x03https://p.example\0\0\0\0\0",
        ),
        (Direction::Originator, b"\x87\0\0\0\0\0\0\0 \x01\r\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x01\x01\x02\0\0\0\0\x07"),
        (Direction::Originator, b"\x8f\0\0\0\0\0\0\x01\x04\0\0\0\xff\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\xfb"),
        (Direction::Originator, b"\x80\0\0\0\0\x01\0\x01phase: idle"),
    ],
};

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let matches = bytes.first().is_some_and(|&kind| message_name(kind).is_some()) && bytes.len() >= 8;
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

struct Icmpv6;

impl Dissect for Icmpv6 {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk {
            let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
            // What is there of a message that is cut has been said by then.
            let _ = observe(bytes, &mut say);
        }
        Need::More
    }
}

type Say<'s> = &'s mut dyn FnMut(&'static Field, Value<'_>);

fn observe(bytes: &[u8], say: Say<'_>) -> Option<()> {
    let mut reader = Reader(bytes);
    let kind = reader.u8()?;
    let name = message_name(kind)?;
    reader.take(3)?;
    say(&MESSAGE, Value::Text(name));
    match kind {
        133 => reader.take(4)?,
        134 => {
            let &[_, flags] = reader.take(2)?.first_chunk()?;
            let configuration = match flags >> 6 {
                0 => "none",
                1 => "other configuration",
                _ => "managed",
            };
            say(&CONFIGURATION, Value::Text(configuration));
            say(&ROUTER, Value::Number(reader.u16()?.into()));
            reader.take(8)?
        }
        128 => {
            reader.take(4)?;
            echo::observe(reader.0, [&DATA_LEN, &PHASE], say);
            return Some(());
        }
        135 | 136 => {
            reader.take(4)?;
            say(&TARGET, Value::Text(&address(&mut reader)?.to_string()));
            &[]
        }
        131 | 132 => {
            reader.take(4)?;
            say(&GROUP, Value::Text(&address(&mut reader)?.to_string()));
            return None;
        }
        143 => return groups(reader, say),
        _ => return None,
    };
    options(reader, say)
}

fn address(reader: &mut Reader<'_>) -> Option<Ipv6Addr> {
    reader.take(16)?.first_chunk::<16>().map(|&octets| Ipv6Addr::from(octets))
}

/// Records of MLD version 2 (RFC 9777 s. 5.2.3). One that includes no source leaves the group.
fn groups(mut reader: Reader<'_>, say: Say<'_>) -> Option<()> {
    reader.u16()?;
    let records = usize::from(reader.u16()?).min(GROUP_RECORDS);
    for _ in 0..records {
        let [kind, auxiliary_words] = [reader.u8()?, reader.u8()?];
        let sources = reader.u16()?;
        let group = address(&mut reader)?;
        reader.take(usize::from(sources) * 16 + usize::from(auxiliary_words) * 4)?;
        if !(matches!(kind, 1 | 3) && sources == 0) && kind != 6 {
            say(&GROUP, Value::Text(&group.to_string()));
        }
    }
    Some(())
}

fn options(mut reader: Reader<'_>, say: Say<'_>) -> Option<()> {
    while !reader.is_empty() {
        let [kind, units] = [reader.u8()?, reader.u8()?];
        let mut value = Reader(reader.take((usize::from(units) * 8).checked_sub(2)?)?);
        match kind {
            1 | 2 => {
                let mac = MacAddress(*value.0.first_chunk()?);
                say(&LINK_ADDRESS, Value::Text(&mac.to_string()));
            }
            3 => {
                let len = value.u8()?;
                value.take(13)?;
                say(&PREFIX, Value::Text(&format!("{}/{len}", address(&mut value)?)));
            }
            5 => {
                value.u16()?;
                say(&MTU, Value::Number(value.u32()?.into()));
            }
            25 => {
                value.take(6)?;
                while let Some(server) = address(&mut value) {
                    say(&NAME_SERVER, Value::Text(&server.to_string()));
                }
            }
            31 => {
                value.take(6)?;
                while let Some(domain) = domain(&mut value) {
                    say(&DOMAIN, Value::Text(&domain));
                }
            }
            37 => {
                if let Some(portal) = text(value.0) {
                    say(&CAPTIVE_PORTAL, Value::Text(&portal));
                }
            }
            _ => {}
        }
    }
    Some(())
}

/// A name as in the DNS, without pointers; zeros fill the option up.
fn domain(reader: &mut Reader<'_>) -> Option<String> {
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

fn message_name(kind: u8) -> Option<&'static str> {
    Some(match kind {
        128 => "echo request",
        129 => "echo reply",
        130 => "listener query",
        131 => "listener report",
        132 => "listener done",
        133 => "router solicitation",
        134 => "router advertisement",
        135 => "neighbour solicitation",
        136 => "neighbour advertisement",
        137 => "redirect",
        143 => "listener report, version 2",
        _ => return None,
    })
}
