//! Written claims judged on a capture: never, only, always, by owner, name, category, port, encryption, phase and volume.
//! A claim is held, broken, or cannot be told; the verdict comes with what it stands on.
//!
//! What is not known counts: a claim that the machine never speaks to somebody is only held when every contact that could
//! be with him is known to be with somebody else. Contacts without payload (a connection that nobody answered) and those
//! of the local network do not count, unless the claim is about them.

mod drift;
mod judge;
mod mud;
mod parse;

use firstlight_model::report::{Contact, Scope};
use ipnet::IpNet;

pub use judge::judge;
pub use parse::{Error, read};

use crate::pattern;

/// A claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Unique in its file.
    pub id: String,
    /// In words, as the file has it.
    pub text: String,
    /// What is claimed.
    pub says: Says,
    /// Only of this phase.
    pub phase: Option<String>,
    /// Of this machine, by MAC or IP address; of the first where nothing is said.
    pub machine: Option<String>,
}

/// What is claimed.
#[derive(Debug, Clone, PartialEq)]
pub enum Says {
    /// No contact is like one of these.
    Never(Vec<Selector>),
    /// Every contact on the internet is like one of these.
    Only(Vec<Selector>),
    /// Each of these has a contact.
    Always(Vec<Selector>),
    /// Contacts like these have together at most so much payload in both directions, bytes.
    AtMost(Vec<Selector>, u64),
}

/// What a contact is like: everything that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    /// Organisation behind the name, or an ancestor's name as knowledge has it; without regard to case.
    pub owner: Option<String>,
    /// Name; `*.example.org` stands for all names below, and `*` for a part of a label.
    pub name: Option<String>,
    /// Category of the purpose.
    pub category: Option<String>,
    /// ISO 3166 code of the address's country.
    pub country: Option<String>,
    /// Network that all addresses of the contact are in.
    pub network: Option<IpNet>,
    /// Port of the service.
    pub port: Option<u16>,
    /// `tcp`, `udp`, …
    pub transport: Option<String>,
    /// Is the payload encrypted?
    pub encrypted: Option<bool>,
    /// Does the owner make the machine's system?
    pub vendor_own: Option<bool>,
    /// Where it is; the internet where nothing is said.
    pub scope: Option<Scope>,
}

impl Selector {
    /// Is the contact like this? `None` when what would tell is not known.
    pub fn matches(&self, contact: &Contact) -> Option<bool> {
        if contact.scope != self.scope.unwrap_or(Scope::Internet) {
            return Some(false);
        }
        let known = &contact.knowledge;
        let is = |asked: &Option<String>, value: Option<&str>| {
            asked.as_deref().map(|asked| value.map(|value| asked.eq_ignore_ascii_case(value)))
        };
        let answers = [
            is(&self.owner, known.owner.as_deref()),
            self.name.as_deref().map(|asked| contact.name.as_deref().map(|name| name_fits(asked, name))),
            is(&self.category, known.category.as_deref()),
            is(&self.country, known.country.as_deref()),
            self.network.map(|network| Some(contact.addresses.iter().all(|address| network.contains(address)))),
            self.port.map(|asked| Some(contact.port == Some(asked))),
            self.transport.as_deref().map(|asked| Some(contact.transport.to_string() == asked)),
            self.encrypted.map(|asked| contact.encrypted.map(|is| is == asked)),
            self.vendor_own.map(|asked| known.vendor_own.map(|is| is == asked)),
        ];
        let mut unknown = false;
        for answer in answers.into_iter().flatten() {
            match answer {
                Some(false) => return Some(false),
                Some(true) => {}
                None => unknown = true,
            }
        }
        if unknown { None } else { Some(true) }
    }
}

/// `*.example.org` is everything below, as in certificates of old and in resolvers' lists; else label by label.
fn name_fits(asked: &str, name: &str) -> bool {
    let (asked, name) = (asked.to_ascii_lowercase(), name.to_ascii_lowercase());
    match asked.strip_prefix("*.") {
        Some(domain) => name.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        None => asked == name || pattern::fits(&asked, &name),
    }
}
