//! DNS messages (RFC 1035) with name compression, over UDP and TCP, and the look-ups that a stub resolver makes.
//!
//! Leaves out DNSSEC records, which [`Data::Other`] can carry.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::bytes::Put;
use crate::host::Host;
use crate::traffic::Traffic;

/// Record types by number (IANA, DNS Parameters).
pub mod kind {
    #![allow(missing_docs, reason = "the registry's names")]
    pub const A: u16 = 1;
    pub const NS: u16 = 2;
    pub const CNAME: u16 = 5;
    pub const SOA: u16 = 6;
    pub const PTR: u16 = 12;
    pub const TXT: u16 = 16;
    pub const AAAA: u16 = 28;
    pub const SRV: u16 = 33;
    pub const OPT: u16 = 41;
    pub const HTTPS: u16 = 65;
    pub const ANY: u16 = 255;
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields bear the names of their standards")]
pub enum Data {
    /// IPv4 address.
    A(Ipv4Addr),
    /// IPv6 address.
    Aaaa(Ipv6Addr),
    /// The name that this one is an alias of.
    Cname(String),
    /// Name server.
    Ns(String),
    /// Pointer.
    Ptr(String),
    /// Character strings of at most 255 bytes each.
    Txt(Vec<Vec<u8>>),
    /// Service location (RFC 2782).
    Srv { priority: u16, weight: u16, port: u16, target: String },
    /// Service binding for HTTPS (RFC 9460): parameters by key and value, in ascending order.
    Https { priority: u16, target: String, parameters: Vec<(u16, Vec<u8>)> },
    /// Start of authority; refresh, retry and expire are the usual ones.
    Soa { primary: String, mailbox: String, serial: u32, minimum: u32 },
    /// EDNS(0) pseudo-record (RFC 6891) with the largest UDP payload.
    Opt(u16),
    /// Any other type with its bytes.
    Other(u16, Vec<u8>),
}

impl Data {
    /// The type's number.
    pub const fn kind(&self) -> u16 {
        match self {
            Self::A(_) => kind::A,
            Self::Aaaa(_) => kind::AAAA,
            Self::Cname(_) => kind::CNAME,
            Self::Ns(_) => kind::NS,
            Self::Ptr(_) => kind::PTR,
            Self::Txt(_) => kind::TXT,
            Self::Srv { .. } => kind::SRV,
            Self::Https { .. } => kind::HTTPS,
            Self::Soa { .. } => kind::SOA,
            Self::Opt(_) => kind::OPT,
            Self::Other(kind, _) => *kind,
        }
    }
}

impl From<IpAddr> for Data {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self::A(v4),
            IpAddr::V6(v6) => Self::Aaaa(v6),
        }
    }
}

/// A question: name, type, class. The top bit of the class is mDNS's wish for a unicast answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Dotted, without a final dot.
    pub name: String,
    /// Type.
    pub kind: u16,
    /// Class; 1 is Internet.
    pub class: u16,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Dotted, without a final dot; empty for the root.
    pub name: String,
    /// Class; 1 is Internet. The top bit is mDNS's cache-flush.
    pub class: u16,
    /// Time to live in seconds.
    pub ttl: u32,
    /// What it says.
    pub data: Data,
}

impl Record {
    /// A record of class Internet.
    pub fn new(name: &str, ttl: u32, data: Data) -> Self {
        Self { name: name.to_owned(), class: 1, ttl, data }
    }

    /// The same with mDNS's cache-flush bit.
    #[must_use]
    pub fn flushing(mut self) -> Self {
        self.class |= 0x8000;
        self
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// Identifier.
    pub id: u16,
    /// The second word of the header: QR, opcode, AA, TC, RD, RA, AD, CD, response code.
    pub flags: u16,
    /// Questions.
    pub questions: Vec<Question>,
    /// Answers.
    pub answers: Vec<Record>,
    /// Authority.
    pub authority: Vec<Record>,
    /// Additional.
    pub additional: Vec<Record>,
}

impl Message {
    /// A query with recursion desired.
    pub fn query(id: u16, name: &str, kind: u16) -> Self {
        let question = Question { name: name.to_owned(), kind, class: 1 };
        Self { id, flags: 0x0100, questions: vec![question], ..Self::default() }
    }

    /// The answer of a recursive resolver to this query, with no records yet.
    #[must_use]
    pub fn reply(&self) -> Self {
        Self { id: self.id, flags: 0x8180, questions: self.questions.clone(), ..Self::default() }
    }

    /// The same with another response code: 2 server failure, 3 no such name, 5 refused.
    #[must_use]
    pub fn with_code(mut self, code: u16) -> Self {
        self.flags = (self.flags & !0x000f) | (code & 0x000f);
        self
    }

    /// The same with an answer more.
    #[must_use]
    pub fn answer(mut self, record: Record) -> Self {
        self.answers.push(record);
        self
    }

    /// The same with a record of the authority section more.
    #[must_use]
    pub fn authority(mut self, record: Record) -> Self {
        self.authority.push(record);
        self
    }

    /// The same with an EDNS(0) record.
    #[must_use]
    pub fn with_edns(mut self, udp_payload: u16) -> Self {
        self.additional.push(Record { name: String::new(), class: 1, ttl: 0, data: Data::Opt(udp_payload) });
        self
    }

    /// The answer to this query: a chain of aliases from the question's name on, and addresses at its end.
    #[must_use]
    pub fn resolved(&self, aliases: &[&str], addresses: &[IpAddr]) -> Self {
        let mut reply = self.reply();
        let mut owner = self.questions.first().map(|question| question.name.clone()).unwrap_or_default();
        for alias in aliases {
            reply = reply.answer(Record::new(&owner, 300, Data::Cname((*alias).to_owned())));
            owner = (*alias).to_owned();
        }
        for address in addresses {
            reply = reply.answer(Record::new(&owner, 20, Data::from(*address)));
        }
        reply
    }

    /// The bytes of the message over UDP.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        out.put_u16(self.id);
        out.put_u16(self.flags);
        for count in [self.questions.len(), self.answers.len(), self.authority.len(), self.additional.len()] {
            out.put_u16(crate::bytes::len_u16(count));
        }
        let mut names = BTreeMap::new();
        for question in &self.questions {
            put_name(&mut out, &question.name, &mut names);
            out.put_u16(question.kind);
            out.put_u16(question.class);
        }
        for record in self.answers.iter().chain(&self.authority).chain(&self.additional) {
            put_record(&mut out, record, &mut names);
        }
        out
    }

    /// The bytes of the message over TCP: its length first (RFC 1035 s. 4.2.2).
    pub fn to_tcp_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.block_u16(|out| *out = self.to_bytes());
        out
    }
}

/// Where each name and each of its ends was written.
type Names = BTreeMap<String, u16>;

fn put_name(out: &mut Vec<u8>, name: &str, names: &mut Names) {
    let mut rest = name;
    while !rest.is_empty() {
        if let Some(offset) = names.get(rest) {
            out.put_u16(0xc000 | offset);
            return;
        }
        if let Some(offset) = u16::try_from(out.len()).ok().filter(|offset| *offset < 0x4000) {
            names.insert(rest.to_owned(), offset);
        }
        let (label, after) = rest.split_once('.').unwrap_or((rest, ""));
        assert!(label.len() < 64, "a label has at most 63 bytes");
        out.block_u8(|out| out.put(label.as_bytes()));
        rest = after;
    }
    out.put_u8(0);
}

fn put_record(out: &mut Vec<u8>, record: &Record, names: &mut Names) {
    put_name(out, &record.name, names);
    out.put_u16(record.data.kind());
    if let Data::Opt(udp_payload) = record.data {
        out.put_u16(udp_payload);
    } else {
        out.put_u16(record.class);
    }
    out.put_u32(record.ttl);
    let length_at = out.len();
    out.put_u16(0);
    // Names in SRV and HTTPS records are never compressed (RFC 2782, RFC 9460 s. 2.2).
    let mut apart = Names::new();
    match &record.data {
        Data::A(address) => out.put(&address.octets()),
        Data::Aaaa(address) => out.put(&address.octets()),
        Data::Cname(name) | Data::Ns(name) | Data::Ptr(name) => put_name(out, name, names),
        Data::Txt(strings) => {
            for string in strings {
                out.block_u8(|out| out.put(string));
            }
        }
        Data::Srv { priority, weight, port, target } => {
            for number in [*priority, *weight, *port] {
                out.put_u16(number);
            }
            put_name(out, target, &mut apart);
        }
        Data::Https { priority, target, parameters } => {
            out.put_u16(*priority);
            put_name(out, target, &mut apart);
            for (key, value) in parameters {
                out.put_u16(*key);
                out.block_u16(|out| out.put(value));
            }
        }
        Data::Soa { primary, mailbox, serial, minimum } => {
            put_name(out, primary, names);
            put_name(out, mailbox, names);
            for number in [*serial, 1_800, 900, 604_800, *minimum] {
                out.put_u32(number);
            }
        }
        Data::Opt(_) => {}
        Data::Other(_, bytes) => out.put(bytes),
    }
    let length = crate::bytes::len_u16(out.len() - length_at - 2);
    crate::ip::set_u16(out, length_at, length);
}

impl Traffic {
    /// A query from an ephemeral port and its answer. Returns that port.
    pub fn dns(&mut self, client: &Host, resolver: &Host, query: &Message, reply: &Message) -> u16 {
        let mut exchange = self.udp(client, resolver, 53);
        exchange.send(self, &query.to_bytes());
        exchange.receive(self, &reply.to_bytes());
        exchange.source_port
    }

    /// Asks for the addresses of a name (AAAA where the first given one is IPv6, else A) and gets them at the end of a
    /// chain of aliases.
    pub fn dns_lookup(
        &mut self,
        client: &Host,
        resolver: &Host,
        name: &str,
        aliases: &[&str],
        addresses: &[IpAddr],
    ) -> u16 {
        let kind = if addresses.first().is_some_and(IpAddr::is_ipv6) { kind::AAAA } else { kind::A };
        let query = Message::query(self.random().next_u16(), name, kind);
        let reply = query.resolved(aliases, addresses);
        self.dns(client, resolver, &query, &reply)
    }

    /// Asks for a name that does not exist.
    pub fn dns_no_such_name(&mut self, client: &Host, resolver: &Host, name: &str, kind: u16) -> u16 {
        let query = Message::query(self.random().next_u16(), name, kind);
        let zone = name.split_once('.').map_or("", |(_, zone)| zone);
        let reply = query.reply().with_code(3).authority(Record::new(
            zone,
            900,
            Data::Soa {
                primary: "ns.example".to_owned(),
                mailbox: "hostmaster.example".to_owned(),
                serial: 1,
                minimum: 900,
            },
        ));
        self.dns(client, resolver, &query, &reply)
    }
}
