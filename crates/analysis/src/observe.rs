//! Observations find their place by the role of their field, never by protocol.

use std::sync::Arc;

use firstlight_model::{
    AddressBinding, Direction, Endpoint, Exchange, Field, LookUp, MacAddress, Observation, Role, Value,
};

use crate::connection::{CertificateSeen, Facts, NameSeen, Seen, add_name, add_text};
use crate::exchanges::ExchangeSeen;
use crate::limits;
use crate::phases::Bookmark;
use crate::resolved::Answer;
use crate::tally::{Speaker, Tally, add_sorted};

/// The conversation in which something was observed.
#[derive(Debug, Clone, Copy)]
pub struct Talk {
    /// Who began.
    pub originator: Endpoint,
    /// The other side.
    pub responder: Endpoint,
    /// Link address of the originator.
    pub originator_mac: Option<MacAddress>,
    /// Link address of the responder.
    pub responder_mac: Option<MacAddress>,
    /// The frame that completed it.
    pub seen: Seen,
}

impl Talk {
    pub(crate) fn speaker(&self, direction: Direction) -> Speaker {
        match direction {
            Direction::Originator => Speaker { address: self.originator.address, mac: self.originator_mac },
            Direction::Responder => Speaker { address: self.responder.address, mac: self.responder_mac },
        }
    }

    fn is_group(&self) -> bool {
        crate::local::is_group(self.responder.address)
    }
}

impl Tally {
    /// Takes an observation in: what belongs to the connection goes to `facts`, the rest is kept here.
    pub fn observe(&mut self, facts: &mut Facts, talk: &Talk, observation: &Observation<'_>) {
        let Observation { field, direction, value } = *observation;
        match (field.role, value) {
            (Role::ServerName, Value::Text(text)) => {
                let value = self.text(text);
                add_name(&mut facts.names, NameSeen { value, field });
            }
            (Role::ProxiedName, Value::Text(text)) => {
                facts.proxied = true;
                let value = self.text(text);
                add_name(&mut facts.names, NameSeen { value, field });
            }
            (Role::ApplicationProtocol, Value::Text(text)) => add_text(&mut facts.alpn, self.text(text)),
            (Role::Version, Value::Text(text)) => add_text(&mut facts.versions, self.text(text)),
            (Role::HiddenName, _) => facts.hidden = true,
            (Role::CertificateNames, Value::Certificate(certificate))
                if certificate.position == 0 && facts.certificate.is_none() =>
            {
                let [subject, issuer] =
                    [certificate.subject, certificate.issuer].map(|text| text.map(|text| self.text(text)));
                let names = certificate.names.iter().take(limits::NAMES_OF_CONNECTION);
                let names = names.map(|name| self.text(name)).collect();
                facts.certificate = Some(Box::new(CertificateSeen { subject, issuer, names, field }));
            }
            (Role::LookUp, Value::LookUp(look_up)) => self.look_up(facts, talk, &look_up),
            (Role::LocalLookUp, Value::LookUp(look_up)) if !look_up.is_response => {
                add_text(&mut facts.queries, self.text(look_up.name));
            }
            (Role::AddressName | Role::AddressHint, Value::Binding(binding)) => {
                self.binding(talk, direction, field, &binding);
            }
            (Role::PublicName, Value::PublicName(hidden)) if hidden.public_name != hidden.name => {
                let name = self.text(hidden.public_name);
                if self.public_names.len() < limits::SIGHTINGS {
                    self.public_names.insert(name);
                } else {
                    self.anomaly("sighting_limit", None, talk.seen);
                }
            }
            (Role::Exchange, Value::Exchange(exchange)) => self.exchange(talk, &exchange),
            (Role::Lease, Value::Lease(lease)) => {
                self.lease(&lease, crate::local::is_group(talk.responder.address), talk.seen);
            }
            (Role::DeviceName, Value::Text(text)) => {
                let key = (talk.speaker(direction), field.name, self.text(text));
                if !self.device_names.add(key, talk.seen) {
                    self.anomaly("sighting_limit", None, talk.seen);
                }
            }
            (Role::MachineId, Value::Text(text)) => {
                let key = (self.text(text), talk.speaker(direction), field.name);
                if !self.machine_ids.add(key, talk.seen) {
                    self.anomaly("sighting_limit", None, talk.seen);
                }
            }
            (Role::Software, Value::Text(text)) => {
                let text = self.text(text);
                if direction == Direction::Originator {
                    add_text(&mut facts.software, text.clone());
                }
                if !self.software.add((talk.speaker(direction), field.name, text), talk.seen) {
                    self.anomaly("sighting_limit", None, talk.seen);
                }
            }
            (Role::Fingerprint, Value::Text(text)) => {
                let value = self.text(text);
                add_name(&mut facts.fingerprints, NameSeen { value: value.clone(), field });
                self.fingerprint_said = Some((field.name, value.clone()));
                if !self.fingerprints.add((talk.speaker(direction), field.name, value), talk.seen) {
                    self.anomaly("sighting_limit", None, talk.seen);
                }
            }
            (Role::Layout, Value::Text(text)) => {
                let key = (talk.speaker(direction), field.name, self.text(text));
                if !self.fingerprints.add(key, talk.seen) {
                    self.anomaly("sighting_limit", None, talk.seen);
                }
            }
            (Role::FingerprintText, Value::Text(text)) => self.fingerprint_text(text, talk.seen),
            (Role::Service, Value::Text(text)) => {
                let key = (talk.speaker(direction), field.name, self.text(text));
                if !self.services.add(key, talk.seen) {
                    self.anomaly("sighting_limit", None, talk.seen);
                }
            }
            (Role::Router, Value::Number(1..)) => {
                let speaker = talk.speaker(direction);
                if self.routers.len() < limits::MACHINES || self.routers.contains(&speaker) {
                    self.routers.insert(speaker);
                } else {
                    self.anomaly("sighting_limit", None, talk.seen);
                }
            }
            (Role::Joins, _) => {
                if let Some(mac) = talk.speaker(direction).mac {
                    self.sign(mac, field.name, talk.seen);
                }
            }
            (Role::AsksTime, _) => {
                if let Some(mac) = talk.speaker(direction).mac
                    && !self.time_asked.add(mac, field.name, talk.seen)
                {
                    self.anomaly("sighting_limit", None, talk.seen);
                }
            }
            (Role::Bookmark, Value::Text(text)) => {
                let name = self.text(text);
                self.bookmark((Bookmark::Phase(name), field.name), talk.seen);
            }
            (Role::Bookmark, Value::Number(size)) => self.bookmark((Bookmark::Size(size), field.name), talk.seen),
            (Role::Anomaly, Value::Text(text)) => {
                let text = self.text(text);
                self.anomaly(field.name, Some(text), talk.seen);
            }
            _ => {}
        }
    }

    fn bookmark(&mut self, bookmark: (Bookmark, &'static str), seen: Seen) {
        if !self.bookmarks.add(bookmark, seen) {
            self.anomaly("sighting_limit", None, seen);
        }
    }

    fn look_up(&mut self, facts: &mut Facts, talk: &Talk, look_up: &LookUp<'_>) {
        let name = self.text(look_up.name);
        if look_up.is_response {
            if let Some(alias) = look_up.alias {
                let alias = self.text(alias);
                self.alias(name, alias, talk.seen);
            }
            return;
        }
        add_text(&mut facts.queries, name.clone());
        if !talk.is_group() {
            let client = talk.speaker(Direction::Originator);
            if self.lookups.len() >= limits::LOOK_UPS && !self.lookups.contains_key(&client) {
                self.anomaly("look_up_limit", None, talk.seen);
                return;
            }
            let is_full = self.looked_up >= limits::LOOK_UPS;
            let lookups = self.lookups.entry(client).or_default();
            lookups.queries += 1;
            if let Some(first) = lookups.names.get_mut(&name) {
                *first = talk.seen.min(*first);
                return;
            }
            if is_full {
                self.anomaly("look_up_limit", None, talk.seen);
                return;
            }
            lookups.names.insert(name, talk.seen);
            self.looked_up += 1;
        }
    }

    fn binding(&mut self, talk: &Talk, direction: Direction, field: &'static Field, binding: &AddressBinding<'_>) {
        let client = match direction {
            _ if talk.is_group() => None,
            Direction::Responder => Some(talk.originator.address),
            Direction::Originator => Some(talk.responder.address),
        };
        let asked = self.text(binding.asked);
        if binding.asked != binding.owner {
            let owner = self.text(binding.owner);
            self.alias(asked.clone(), owner, talk.seen);
        }
        let answer = Answer {
            seen: talk.seen,
            asked,
            field: field.name,
            ttl_s: binding.ttl_s,
            is_hint: field.role == Role::AddressHint,
        };
        if !self.resolved.add(client, binding.address, answer) {
            self.anomaly("answer_limit", None, talk.seen);
        }
    }

    fn alias(&mut self, name: Arc<str>, end: Arc<str>, seen: Seen) {
        if self.aliases.len() >= limits::ALIASES && !self.aliases.contains_key(&name) {
            self.anomaly("alias_limit", None, seen);
            return;
        }
        add_sorted(self.aliases.entry(name).or_default(), end);
    }

    fn exchange(&mut self, talk: &Talk, exchange: &Exchange<'_>) {
        if self.exchanges.len() >= limits::EXCHANGES {
            self.anomaly("exchange_limit", None, talk.seen);
            return;
        }
        let [host, method, path, user_agent, content_type, remark] = [
            exchange.host,
            exchange.method,
            exchange.path,
            exchange.user_agent,
            exchange.content_type,
            exchange.remark,
        ]
        .map(|text| text.map(|text| self.text(text)));
        self.exchanges.push(ExchangeSeen {
            // It is said when the answer is whole, which may be much later and in another phase.
            seen: exchange.begun.map_or(talk.seen, |(time, at)| Seen { time, at }),
            originator: talk.originator,
            responder: talk.responder,
            host,
            method,
            path,
            user_agent,
            content_type,
            status: exchange.status,
            bytes_in: exchange.body_in,
            bytes_out: exchange.body_out,
            remark,
        });
    }
}
