//! Contacts by whose they are: the vendor's own, somebody else's, nobody knows whose, the local network.

use std::collections::BTreeMap;

use firstlight_model::Timestamp;
use firstlight_model::report::{Contact, Report, Scope};

/// Whose a contact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The maker's of the system or the device.
    Own,
    /// Somebody else's.
    Other,
    /// Nobody knows.
    Unknown,
    /// On this side of the router.
    Near,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Own, Self::Other, Self::Unknown, Self::Near];

    pub(super) fn of(contact: &Contact) -> Self {
        Self::from(contact.scope, contact.knowledge.vendor_own, contact.knowledge.owner.is_some())
    }

    /// By where it is, whether the owner is the vendor, and whether it is known.
    pub(super) const fn from(scope: Scope, vendor_own: Option<bool>, is_known: bool) -> Self {
        match (scope, vendor_own, is_known) {
            (Scope::Internet, Some(true), _) => Self::Own,
            (Scope::Internet, _, true) => Self::Other,
            (Scope::Internet, _, false) => Self::Unknown,
            _ => Self::Near,
        }
    }

    /// The class of what is drawn of it.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Other => "other",
            Self::Unknown => "unknown",
            Self::Near => "near",
        }
    }

    /// In a few words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Own => "vendor's own",
            Self::Other => "others",
            Self::Unknown => "owner unknown",
            Self::Near => "local network",
        }
    }
}

/// One owner and what was exchanged with it.
pub(super) struct Owner<'a> {
    pub(super) kind: Kind,
    pub(super) name: &'a str,
    pub(super) contacts: Vec<&'a Contact>,
    /// Bytes on the wire, both directions.
    pub(super) wire: u64,
    pub(super) connections: u64,
}

impl Owner<'_> {
    pub(super) fn first(&self) -> Timestamp {
        self.contacts.iter().map(|contact| contact.first).min().unwrap_or_default()
    }

    pub(super) fn last(&self) -> Timestamp {
        self.contacts.iter().map(|contact| contact.last).max().unwrap_or_default()
    }
}

/// Of whom a contact is, as drawn and as listed.
pub(super) fn name(contact: &Contact) -> &str {
    match Kind::of(contact) {
        Kind::Near => Kind::Near.words(),
        _ => contact.knowledge.owner.as_deref().unwrap_or(Kind::Unknown.words()),
    }
}

/// Bytes on the wire, both directions.
pub(super) fn wire(contact: &Contact) -> u64 {
    contact.wire_in.saturating_add(contact.wire_out)
}

/// The owners that a machine exchanged something with, by bytes; the local network last.
pub(super) fn of<'a>(report: &'a Report, machine: &str) -> Vec<Owner<'a>> {
    let mut owners: BTreeMap<(Kind, &str), Owner<'_>> = BTreeMap::new();
    for contact in report.contacts.iter().filter(|contact| contact.machine == machine) {
        let (kind, name) = (Kind::of(contact), name(contact));
        let new = || Owner { kind, name, contacts: Vec::new(), wire: 0, connections: 0 };
        let owner = owners.entry((kind, name)).or_insert_with(new);
        owner.wire = owner.wire.saturating_add(wire(contact));
        owner.connections = owner.connections.saturating_add(contact.connections);
        owner.contacts.push(contact);
    }
    let mut owners: Vec<Owner<'_>> = owners.into_values().collect();
    owners.sort_by_key(|owner| (owner.kind == Kind::Near, std::cmp::Reverse(owner.wire), owner.name));
    owners
}
