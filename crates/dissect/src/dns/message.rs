//! One message of the DNS and its kin (RFC 1035 s. 4), read as far as it goes.
//!
//! ```text
//! | id 16 | QR 1 opcode 4 AA TC RD RA Z 7 RCODE 4 | QDCOUNT 16 | ANCOUNT 16 | NSCOUNT 16 | ARCOUNT 16 |
//! ```
//!
//! Names become text once, in one buffer that is used again for the next message: lower case, without the last dot; a
//! dot or backslash within a label with a backslash before it, all that is not printable ASCII as `\DDD` (RFC 1035
//! s. 5.1, RFC 4343). The root is a dot. Left out: records other than
//! addresses, names of other hosts, service bindings and the properties of devices are stepped over.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::binding::{self, Binding};
use super::properties::{self, Properties};
use crate::limits::{DNS_POINTERS, DNS_RECORDS, DNS_TEXT_LEN_BYTES};
use crate::reader::Reader;

/// Types of records (IANA, DNS Parameters).
pub mod record_type {
    #![allow(missing_docs, reason = "the registry's names")]
    pub const A: u16 = 1;
    pub const NS: u16 = 2;
    pub const CNAME: u16 = 5;
    pub const SOA: u16 = 6;
    pub const PTR: u16 = 12;
    pub const MX: u16 = 15;
    pub const TXT: u16 = 16;
    pub const AAAA: u16 = 28;
    pub const SRV: u16 = 33;
    pub const OPT: u16 = 41;
    pub const SVCB: u16 = 64;
    pub const HTTPS: u16 = 65;
}

/// A name within the message's text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Name {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    pub name: Name,
    pub record_type: u16,
    /// Without the top bit of mDNS.
    pub class: u16,
}

/// The data of a record.
#[derive(Debug, Clone, Copy)]
pub enum Data {
    Address(IpAddr),
    /// The target of a CNAME, PTR or SRV record; of an answer also that of NS, MX and SOA.
    Name(Name),
    /// SVCB and HTTPS.
    Binding(Binding),
    /// TXT with properties of a device.
    Properties(Properties),
    Other,
}

/// A record.
#[derive(Debug, Clone, Copy)]
pub struct Record {
    pub name: Name,
    pub record_type: u16,
    pub ttl_s: u32,
    pub data: Data,
    pub is_answer: bool,
}

/// Why a message was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The bytes end too early: cut by the capture, or broken.
    Short,
    /// A name that no sender may write: too long, a loop, an unknown kind of label.
    Name,
    /// Record data that cannot be of its type.
    Data,
    /// More than is read.
    Limit,
}

impl Stop {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Short => "the message ends before its last record",
            Self::Name => "a name is malformed",
            Self::Data => "the data of a record does not fit its type",
            Self::Limit => "more records than are read",
        }
    }
}

/// A message, as far as it was understood.
#[derive(Debug, Default)]
pub struct Message {
    pub id: u16,
    flags: u16,
    counts: [u16; 4],
    pub questions: Vec<Question>,
    pub records: Vec<Record>,
    pub response_code: u16,
    /// The size of datagrams that the sender takes (RFC 6891 s. 6.2.3), where it says so.
    pub udp_payload: Option<u16>,
    /// Addresses that service bindings hint at.
    pub hints: Vec<IpAddr>,
    /// `None` when all was read.
    pub stop: Option<Stop>,
    has_header: bool,
    odd_class: bool,
    trailing: bool,
    pub(super) text: String,
}

impl Message {
    /// Reads one message; what was here before is forgotten.
    pub fn parse(&mut self, bytes: &[u8]) -> &Self {
        self.questions.clear();
        self.records.clear();
        self.text.clear();
        self.hints.clear();
        self.udp_payload = None;
        (self.id, self.flags, self.counts, self.response_code) = (0, 0, [0; 4], 0);
        (self.has_header, self.odd_class, self.trailing) = (false, false, false);
        self.stop = self.parse_all(bytes).err();
        self
    }

    pub fn text(&self, name: Name) -> &str {
        self.text.get(name.start..name.end).unwrap_or("")
    }

    /// As they were sent.
    pub fn flags(&self) -> u16 {
        self.flags
    }

    /// Questions, answers, authorities and additional records that the header announces.
    pub fn counts(&self) -> [u16; 4] {
        self.counts
    }

    pub fn is_response(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    pub fn opcode(&self) -> u16 {
        self.flags >> 11 & 0xf
    }

    /// Answer records that the header announces.
    pub fn answers(&self) -> u16 {
        self.counts[1]
    }

    /// Begins as a message does, and its first question could be read.
    pub fn is_plausible(&self) -> bool {
        let [questions, answers, authorities, additional] = self.counts;
        self.has_header
            && self.opcode() <= 6
            && questions <= 32
            && !self.odd_class
            && (!self.questions.is_empty() || (questions == 0 && self.is_response()))
            // A question that is whole says more than numbers of records that a broken header announces.
            && (questions == 1 && !self.questions.is_empty()
                || (self.is_response() || answers <= 8 && authorities <= 64) && additional <= 256)
    }

    /// Valid to its last byte: what is asked of traffic on a port that says nothing.
    pub fn is_strictly_valid(&self) -> bool {
        const Z: u16 = 0x0040;
        self.is_plausible()
            && self.stop.is_none()
            && !self.trailing
            && self.opcode() == 0
            && self.flags & Z == 0
            && self.counts[0] == 1
            && (self.is_response() || self.counts[1] == 0 && self.flags & 0xf == 0)
    }

    fn parse_all(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let mut reader = Reader(bytes);
        let mut word = || reader.u16().ok_or(Stop::Short);
        self.id = word()?;
        self.flags = word()?;
        self.counts = [word()?, word()?, word()?, word()?];
        self.response_code = if self.is_response() { self.flags & 0xf } else { 0 };
        self.has_header = true;
        for _ in 0..self.counts[0] {
            if self.questions.len() >= DNS_RECORDS {
                return Err(Stop::Limit);
            }
            let name = self.name(bytes, &mut reader)?;
            let record_type = reader.u16().ok_or(Stop::Short)?;
            let class = reader.u16().ok_or(Stop::Short)?;
            // mDNS uses the top bit (RFC 6762 s. 5.4). 1, 3, 4 are Internet, Chaos, Hesiod; 254 and 255 none and any.
            self.odd_class |= !matches!(class & 0x7fff, 1 | 3 | 4 | 254 | 255);
            self.questions.push(Question { name, record_type, class: class & 0x7fff });
        }
        let [_, answers, authorities, additional] = self.counts.map(usize::from);
        for index in 0..answers + authorities + additional {
            if self.records.len() >= DNS_RECORDS {
                return Err(Stop::Limit);
            }
            self.record(bytes, &mut reader, index < answers)?;
        }
        self.trailing = !reader.is_empty();
        Ok(())
    }

    fn record<'b>(&mut self, bytes: &'b [u8], reader: &mut Reader<'b>, is_answer: bool) -> Result<(), Stop> {
        let name = self.name(bytes, reader)?;
        let record_type = reader.u16().ok_or(Stop::Short)?;
        let class = reader.u16().ok_or(Stop::Short)?;
        let ttl_s = reader.u32().ok_or(Stop::Short)?;
        let len = usize::from(reader.u16().ok_or(Stop::Short)?);
        let before = *reader;
        let raw = reader.take(len).ok_or(Stop::Short)?;
        let mut data = Data::Other;
        match record_type {
            // An empty one stands in dynamic updates and in answers of class ANY (RFC 2136 s. 2.4).
            record_type::A if len > 0 => {
                let octets: [u8; 4] = raw.try_into().map_err(|_| Stop::Data)?;
                data = Data::Address(Ipv4Addr::from(octets).into());
            }
            record_type::AAAA if len > 0 => {
                let octets: [u8; 16] = raw.try_into().map_err(|_| Stop::Data)?;
                data = Data::Address(Ipv6Addr::from(octets).into());
            }
            record_type::CNAME | record_type::PTR if len > 0 => {
                data = Data::Name(self.name(bytes, &mut before.clone())?);
            }
            record_type::SRV if len > 6 => {
                let mut target = before;
                target.take(6);
                data = Data::Name(self.name(bytes, &mut target)?);
            }
            // Nothing hangs on these: a broken one does not end the message.
            record_type::NS | record_type::SOA if is_answer => {
                data = self.name(bytes, &mut before.clone()).map_or(Data::Other, Data::Name);
            }
            record_type::MX if is_answer && len > 2 => {
                let mut exchange = before;
                exchange.take(2);
                data = self.name(bytes, &mut exchange).map_or(Data::Other, Data::Name);
            }
            record_type::SVCB | record_type::HTTPS if len > 0 => {
                data = Data::Binding(binding::read(self, bytes, before, len)?);
            }
            record_type::TXT => {
                if let Some(found) = properties::read(self, raw) {
                    data = Data::Properties(found);
                }
            }
            record_type::OPT => {
                self.udp_payload = Some(class);
                if self.is_response() {
                    // The upper eight bits of the response code (RFC 6891 s. 6.1.3).
                    let [upper, ..] = ttl_s.to_be_bytes();
                    self.response_code = self.response_code & 0xf | u16::from(upper) << 4;
                }
            }
            _ => {}
        }
        self.records.push(Record { name, record_type, ttl_s, data, is_answer });
        Ok(())
    }

    /// Reads a name. A pointer may only go backwards, further with each step, so that there is no loop.
    pub(super) fn name<'b>(&mut self, bytes: &'b [u8], reader: &mut Reader<'b>) -> Result<Name, Stop> {
        let start = self.text.len();
        let mut here = *reader;
        let mut after = None;
        let mut wire_len = 1;
        let mut pointers = 0;
        let mut floor = bytes.len().saturating_sub(reader.0.len());
        loop {
            let len = here.u8().ok_or(Stop::Short)?;
            match len {
                0 => break,
                1..=63 => {
                    let label = here.take(usize::from(len)).ok_or(Stop::Short)?;
                    wire_len += 1 + label.len();
                    if wire_len > 255 {
                        return Err(Stop::Name);
                    }
                    if self.text.len() > DNS_TEXT_LEN_BYTES {
                        return Err(Stop::Limit);
                    }
                    if self.text.len() > start {
                        self.text.push('.');
                    }
                    push_label(&mut self.text, label);
                }
                0xc0.. => {
                    let low = here.u8().ok_or(Stop::Short)?;
                    let target = usize::from(len & 0x3f) << 8 | usize::from(low);
                    pointers += 1;
                    if target >= floor || pointers > DNS_POINTERS {
                        return Err(Stop::Name);
                    }
                    after.get_or_insert(here);
                    floor = target;
                    here = Reader(bytes.get(target..).ok_or(Stop::Name)?);
                }
                64.. => return Err(Stop::Name),
            }
        }
        if self.text.len() == start {
            self.text.push('.');
        }
        *reader = after.unwrap_or(here);
        Ok(Name { start, end: self.text.len() })
    }
}

fn push_label(text: &mut String, label: &[u8]) {
    for &byte in label {
        match byte {
            b'.' | b'\\' => {
                text.push('\\');
                text.push(char::from(byte));
            }
            b'!'..=b'~' => text.push(char::from(byte.to_ascii_lowercase())),
            _ => {
                // Writing to a string does not fail.
                let _ = write!(text, "\\{byte:03}");
            }
        }
    }
}
