//! What makes two contacts of different runs the same contact: phase, scope, who, transport, port and who began. Never
//! an address that rotates.

use std::collections::BTreeSet;

use firstlight_model::Transport;
use firstlight_model::report::{Contact, Initiator, Report, Scope};

use crate::pattern;

/// Ports from here on are chosen by the system for each connection (RFC 6335 s. 6, and Linux from 32768 on).
const EPHEMERAL: u16 = 32_768;
/// Ports below are given by standards action (RFC 6335 s. 6).
const WELL_KNOWN: u16 = 1024;
/// Reasons for which a name that is there may not show.
const HIDING: [&str; 5] = ["ech", "no_client_hello", "truncated", "resumed_before_capture", "contact_limit"];
/// A service in words that nobody dissected ends so.
const GUESS: char = '?';

/// The other side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// By the name that the machine meant to reach.
    Name(String),
    /// A multicast or broadcast group: what it is, or its address.
    Group(String),
    /// A host of the local network by what it is to the machine (`router of the lease`, `a local host`), as addresses
    /// differ from run to run.
    Local(String),
    /// A host beyond the local network without a name, by the reason why it has none and by its owner where known.
    Unnamed {
        /// Of the closed list of reasons.
        reason: String,
        /// Owner or carrier of the address.
        owner: Option<String>,
    },
}

/// The port of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Port {
    /// The protocol has none.
    None,
    /// This one.
    Number(u16),
    /// One that differs each time: chosen by the system, or by a program that speaks no protocol that is known.
    Any,
}

/// What makes two contacts the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Name of the phase.
    pub phase: String,
    /// Where the other side is.
    pub scope: Scope,
    /// The other side.
    pub who: Who,
    /// TCP, UDP, …
    pub transport: Transport,
    /// Port of the service.
    pub port: Port,
    /// Who began.
    pub initiated_by: Initiator,
}

/// The phase of a report by which runs are compared: changes of rate do not divide every run alike, so that what they
/// divide counts as one.
pub(crate) fn lasting_phase<'a>(report: &'a Report, name: &'a str) -> &'a str {
    let phase = report.phases.iter().find(|phase| phase.name == name);
    phase.and_then(|phase| phase.within.as_deref()).unwrap_or(name)
}

impl Key {
    /// The key of a contact of a report.
    pub fn of(contact: &Contact, report: &Report) -> Self {
        Self {
            phase: lasting_phase(report, &contact.phase).to_owned(),
            scope: contact.scope,
            who: who(contact),
            transport: contact.transport,
            port: port(contact),
            initiated_by: contact.initiated_by,
        }
    }

    /// The same in whatever phase.
    pub(crate) fn without_phase(&self) -> Self {
        Self { phase: String::new(), ..self.clone() }
    }

    /// The same with the first of the patterns that fits its name in the place of the name.
    pub(crate) fn widened(&self, accepted: &BTreeSet<String>) -> Self {
        let pattern = self.name().and_then(|name| accepted.iter().find(|pattern| pattern::fits(pattern, name)));
        match pattern {
            Some(pattern) => Self { who: Who::Name(pattern.clone()), ..self.clone() },
            None => self.clone(),
        }
    }

    /// The name, where it has one.
    pub fn name(&self) -> Option<&str> {
        match &self.who {
            Who::Name(name) => Some(name),
            _ => None,
        }
    }

    /// Why a name that is there does not show, where that is the reason for having none.
    pub fn hidden_by(&self) -> Option<&str> {
        match &self.who {
            Who::Unnamed { reason, .. } if HIDING.contains(&reason.as_str()) => Some(reason),
            _ => None,
        }
    }

    /// The other side in words.
    pub fn who_in_words(&self) -> String {
        match &self.who {
            Who::Name(text) | Who::Group(text) | Who::Local(text) => text.clone(),
            Who::Unnamed { owner: Some(owner), .. } => format!("a host of {owner} without a name"),
            Who::Unnamed { owner: None, .. } => "a host without a name".to_owned(),
        }
    }

    /// `tcp 443`, `udp`, `icmp`.
    pub fn service_in_words(&self) -> String {
        let transport = self.transport.to_string();
        match self.port {
            Port::Number(port) => format!("{transport} {port}"),
            Port::Any => format!("{transport}, any port"),
            Port::None => transport,
        }
    }

    /// Short, stable and unique within a report: for machines that compare two checks.
    pub fn id(&self) -> String {
        let began = match self.initiated_by {
            Initiator::Machine => "to",
            Initiator::Peer => "from",
        };
        let who = match &self.who {
            Who::Name(text) | Who::Group(text) | Who::Local(text) => text.clone(),
            Who::Unnamed { reason, owner: Some(owner) } => format!("{reason} {owner}"),
            Who::Unnamed { reason, owner: None } => reason.clone(),
        };
        format!("{}/{}/{began}/{who}/{}", self.phase, self.scope.word(), self.service_in_words())
    }
}

fn who(contact: &Contact) -> Who {
    match contact.scope {
        Scope::Multicast | Scope::Broadcast => {
            let address = || contact.addresses.first().map_or_else(String::new, ToString::to_string);
            Who::Group(contact.remark.clone().unwrap_or_else(address))
        }
        Scope::Local => match &contact.name {
            Some(name) => Who::Name(pattern::without_addresses(name)),
            None => Who::Local(contact.remark.clone().unwrap_or_else(|| "a local host".to_owned())),
        },
        Scope::Internet => match &contact.name {
            Some(name) => Who::Name(pattern::without_addresses(name)),
            None => Who::Unnamed {
                reason: contact.unnamed_reason.unwrap_or("unknown").to_owned(),
                owner: contact.knowledge.owner.clone().or_else(|| contact.knowledge.carrier.clone()),
            },
        },
    }
}

fn port(contact: &Contact) -> Port {
    let Some(port) = contact.port else { return Port::None };
    let dissected = contact.service.as_deref().is_some_and(|service| !service.ends_with(GUESS));
    let is_answered = contact.payload_in > 0 && contact.payload_out > 0;
    let varies = match (contact.scope, contact.initiated_by) {
        // What others try at the machine: its own port only counts where it serves something there.
        (_, Initiator::Peer) => !is_answered || (port >= WELL_KNOWN && !dissected),
        // Discovery of an own making, often to a port chosen at random.
        (Scope::Multicast | Scope::Broadcast, Initiator::Machine) => !dissected && port >= WELL_KNOWN,
        (Scope::Local | Scope::Internet, Initiator::Machine) => !dissected && port >= EPHEMERAL,
    };
    if varies { Port::Any } else { Port::Number(port) }
}
