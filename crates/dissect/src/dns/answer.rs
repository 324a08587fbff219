//! What a message says: look-ups, addresses through the chain of aliases, and for names on the local link the devices
//! and services that announce themselves.

use firstlight_model::{
    AddressBinding, AnswerRecord, Direction, Field, LookUp, MessageHeader, Observation, PublicName, RecordData, Value,
};

use super::message::{Data, Message, Name, Stop, record_type};
use crate::Sink;
use crate::limits::DNS_CHAIN;

/// The fields of one kin of the DNS.
pub(crate) struct Fields {
    pub header: &'static Field,
    pub look_up: &'static Field,
    pub record: &'static Field,
    pub a: &'static Field,
    pub aaaa: &'static Field,
    /// Where the sender of an address record announces its own name.
    pub device: Option<&'static Field>,
    pub service: Option<&'static Field>,
    /// Model and given name of a device, from text records.
    pub properties: Option<[&'static Field; 2]>,
    pub malformed: &'static Field,
    /// What only the DNS of the internet has.
    pub internet: Option<&'static Internet>,
}

/// Fields that are of no use on the local link.
pub(crate) struct Internet {
    pub response_code: &'static Field,
    pub udp_payload: &'static Field,
    pub target: &'static Field,
    pub alpn: &'static Field,
    pub ipv4_hint: &'static Field,
    pub ipv6_hint: &'static Field,
    pub public_name: &'static Field,
}

/// Says what stands in `message`.
pub(crate) fn observe(fields: &Fields, message: &Message, direction: Direction, sink: &mut dyn Sink) {
    let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
    if message.opcode() == 0 && message.is_plausible() {
        say(
            fields.header,
            Value::Header(MessageHeader {
                id: message.id,
                flags: message.flags(),
                class: message.questions.first().map(|question| question.class),
                counts: message.counts(),
                response_code: message.response_code,
            }),
        );
        for (index, question) in message.questions.iter().enumerate() {
            let asked = message.text(question.name);
            // Answers to several questions at once are not made by any server: the first one's chain is enough.
            let has_answer = message.is_response() && index == 0;
            let chain = if has_answer { Chain::follow(message, question.name) } else { Chain::new(question.name) };
            let alias = message.text(chain.end());
            say(
                fields.look_up,
                Value::LookUp(LookUp {
                    name: asked,
                    record_type: question.record_type,
                    is_response: message.is_response(),
                    response_code: message.response_code,
                    answers: message.answers(),
                    id: message.id,
                    alias: (alias != asked).then_some(alias),
                }),
            );
            if has_answer {
                bind_chain(fields, message, &chain, &mut say);
            }
        }
        if message.is_response() {
            say_records(fields, message, &mut say);
            if message.questions.is_empty() {
                bind_owners(fields, message, &mut say);
            }
            announce(fields, message, &mut say);
        }
        if let Some(internet) = fields.internet {
            say_of_internet(internet, message, &mut say);
        }
    }
    // A message cut by the capture looks as one that is too short: that is no fault of its sender.
    if let Some(stop) = message.stop.filter(|stop| *stop != Stop::Short) {
        say(fields.malformed, Value::Text(stop.text()));
    }
}

fn say_records<'m>(fields: &Fields, message: &'m Message, say: &mut impl FnMut(&'static Field, Value<'m>)) {
    for record in message.records.iter().filter(|record| record.is_answer) {
        let data = match record.data {
            Data::Address(address) => RecordData::Address(address),
            Data::Name(name) => RecordData::Name(message.text(name)),
            Data::Binding(_) | Data::Properties(_) | Data::Other => RecordData::Unread,
        };
        let owner = message.text(record.name);
        let record = AnswerRecord { owner, record_type: record.record_type, ttl_s: record.ttl_s, data };
        say(fields.record, Value::Record(record));
    }
}

fn say_of_internet<'m>(fields: &Internet, message: &'m Message, say: &mut impl FnMut(&'static Field, Value<'m>)) {
    if let Some(size) = message.udp_payload {
        say(fields.udp_payload, Value::Number(size.into()));
    }
    if !message.is_response() {
        return;
    }
    if message.response_code != 0 {
        say(fields.response_code, Value::Text(response_code_name(message.response_code)));
    }
    // One question leads to the bindings, if by aliases (RFC 9460 s. 3).
    let asked = message.questions.first().map(|question| message.text(question.name));
    for record in &message.records {
        let Data::Binding(binding) = record.data else { continue };
        let owner = message.text(record.name);
        let asked = asked.unwrap_or(owner);
        let target = match message.text(binding.target) {
            "." => owner,
            target => target,
        };
        if target != owner {
            say(fields.target, Value::Text(target));
        }
        if let Some(alpn) = binding.alpn {
            say(fields.alpn, Value::Text(message.text(alpn)));
        }
        let (from, to) = binding.hints;
        for &address in message.hints.get(from..to).unwrap_or(&[]) {
            let field = if address.is_ipv4() { fields.ipv4_hint } else { fields.ipv6_hint };
            say(field, Value::Binding(AddressBinding { asked, owner: target, address, ttl_s: record.ttl_s }));
        }
        if let Some(public_name) = binding.public_name {
            let public_name = message.text(public_name);
            say(fields.public_name, Value::PublicName(PublicName { name: asked, public_name }));
        }
    }
}

/// IANA, DNS RCODEs.
fn response_code_name(code: u16) -> &'static str {
    match code {
        1 => "FormErr",
        2 => "ServFail",
        3 => "NXDomain",
        4 => "NotImp",
        5 => "Refused",
        6 => "YXDomain",
        7 => "YXRRSet",
        8 => "NXRRSet",
        9 => "NotAuth",
        10 => "NotZone",
        11 => "DSOTYPENI",
        16 => "BADVERS",
        23 => "BADCOOKIE",
        _ => "another response code",
    }
}

/// The names that one question leads to, by aliases, and the smallest time to live on the way.
struct Chain {
    links: [(Name, u32); DNS_CHAIN],
    len: usize,
}

impl Chain {
    fn new(asked: Name) -> Self {
        Self { links: [(asked, u32::MAX); DNS_CHAIN], len: 1 }
    }

    /// The records may stand in any order, and an enemy's lead in circles.
    fn follow(message: &Message, asked: Name) -> Self {
        let mut chain = Self::new(asked);
        while chain.len < DNS_CHAIN {
            let (name, ttl_s) = chain.last();
            let name = message.text(name);
            let next = message.records.iter().find_map(|record| match record.data {
                Data::Name(target)
                    if record.is_answer
                        && record.record_type == record_type::CNAME
                        && message.text(record.name) == name =>
                {
                    Some((target, ttl_s.min(record.ttl_s)))
                }
                _ => None,
            });
            let Some(next) = next else { break };
            if chain.iter().any(|(seen, _)| message.text(seen) == message.text(next.0)) {
                break;
            }
            if let Some(link) = chain.links.get_mut(chain.len) {
                *link = next;
                chain.len += 1;
            }
        }
        chain
    }

    fn iter(&self) -> impl Iterator<Item = (Name, u32)> {
        self.links.iter().copied().take(self.len)
    }

    fn last(&self) -> (Name, u32) {
        self.iter().last().expect("a chain begins with what was asked")
    }

    fn end(&self) -> Name {
        self.last().0
    }
}

fn bind_chain<'m>(
    fields: &Fields,
    message: &'m Message,
    chain: &Chain,
    say: &mut impl FnMut(&'static Field, Value<'m>),
) {
    let Some((asked, _)) = chain.iter().next() else { return };
    for record in message.records.iter().filter(|record| record.is_answer) {
        let Data::Address(address) = record.data else { continue };
        let owner = message.text(record.name);
        if let Some((_, ttl_s)) = chain.iter().find(|(name, _)| message.text(*name) == owner) {
            let ttl_s = ttl_s.min(record.ttl_s);
            let field = if address.is_ipv4() { fields.a } else { fields.aaaa };
            say(field, Value::Binding(AddressBinding { asked: message.text(asked), owner, address, ttl_s }));
        }
    }
}

/// An announcement, which nobody asked for (RFC 6762 s. 8.3).
fn bind_owners<'m>(fields: &Fields, message: &'m Message, say: &mut impl FnMut(&'static Field, Value<'m>)) {
    for record in &message.records {
        let Data::Address(address) = record.data else { continue };
        let owner = message.text(record.name);
        let field = if address.is_ipv4() { fields.a } else { fields.aaaa };
        say(field, Value::Binding(AddressBinding { asked: owner, owner, address, ttl_s: record.ttl_s }));
    }
}

fn announce<'m>(fields: &Fields, message: &'m Message, say: &mut impl FnMut(&'static Field, Value<'m>)) {
    if let Some(field) = fields.device {
        let mut last = "";
        for record in message.records.iter().filter(|record| matches!(record.data, Data::Address(_))) {
            let owner = message.text(record.name);
            // A time to live of 0 takes a name back (RFC 6762 s. 10.1).
            if owner != last && !owner.is_empty() && record.ttl_s > 0 {
                say(field, Value::Text(owner));
                last = owner;
            }
        }
    }
    if let Some([model, given_name]) = fields.properties {
        for record in message.records.iter().filter(|record| record.ttl_s > 0) {
            let Data::Properties(properties) = record.data else { continue };
            if let Some(value) = properties.model {
                say(model, Value::Text(message.text(value)));
            }
            if let Some(value) = properties.name {
                say(given_name, Value::Text(message.text(value)));
            }
        }
    }
    if let Some(field) = fields.service {
        for record in message.records.iter().filter(|record| record.is_answer && record.ttl_s > 0) {
            let owner = message.text(record.name);
            if let (record_type::PTR, Data::Name(target)) = (record.record_type, record.data)
                && (owner.contains("._tcp.") || owner.contains("._udp."))
            {
                say(field, Value::Text(message.text(target)));
            }
        }
    }
}
