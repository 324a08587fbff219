//! dhcp.log: a line for each transaction of a client, when it has been quiet for a while.

use firstlight_model::{Conversation, Direction, Lease, MacAddress, Timestamp};
use std::net::IpAddr;

use super::row::Cell;
use super::{Files, Log, kept};

pub(super) const LOG: Log = Log {
    name: "dhcp",
    columns: &[
        ("ts", "time"),
        ("uids", "set[string]"),
        ("client_addr", "addr"),
        ("server_addr", "addr"),
        ("mac", "string"),
        ("host_name", "string"),
        ("client_fqdn", "string"),
        ("domain", "string"),
        ("requested_addr", "addr"),
        ("assigned_addr", "addr"),
        ("lease_time", "interval"),
        ("client_message", "string"),
        ("server_message", "string"),
        ("msg_types", "vector[string]"),
        ("duration", "interval"),
    ],
};

/// The full name that a client gives itself.
pub(super) const CLIENT_NAME: &str = "dhcp.fqdn.name";

/// A transaction is over when it was quiet for so long,
const QUIET_NS: i64 = 5_000_000_000;
/// or goes on for so long,
const LASTING_NS: i64 = 30_000_000_000;
/// or has so many messages,
const MESSAGES: usize = 50;
/// or conversations,
const CONVERSATIONS: usize = 10;
/// or is the oldest of so many.
const TRANSACTIONS: usize = 1024;

/// Transactions under way, in the order of their beginnings.
#[derive(Default)]
pub(super) struct Leases {
    open: Vec<Transaction>,
    /// Of the message at hand.
    last: Option<u32>,
}

struct Transaction {
    id: u32,
    first: Timestamp,
    last: Timestamp,
    uids: Vec<Box<str>>,
    client: Option<IpAddr>,
    server: Option<IpAddr>,
    mac: MacAddress,
    host_name: Option<Box<str>>,
    client_name: Option<Box<str>>,
    domain: Option<Box<str>>,
    requested: Option<IpAddr>,
    assigned: Option<IpAddr>,
    lease_s: Option<u32>,
    client_message: Option<Box<str>>,
    server_message: Option<Box<str>>,
    types: Vec<&'static str>,
}

impl Leases {
    pub(super) fn message(
        &mut self,
        talk: &Conversation<'_>,
        time: Timestamp,
        direction: Direction,
        lease: &Lease<'_>,
        files: &mut Files<'_>,
    ) {
        self.write_those(files, |open| time.since_ns(open.last) > QUIET_NS || time.since_ns(open.first) > LASTING_NS);
        self.last = Some(lease.transaction);
        let at = match self.open.iter().position(|open| open.id == lease.transaction) {
            Some(at) => at,
            None => {
                if self.open.len() >= TRANSACTIONS {
                    self.open.remove(0).write(files);
                }
                self.open.push(Transaction::new(lease, time));
                self.open.len() - 1
            }
        };
        let Some(open) = self.open.get_mut(at) else { return };
        open.message(talk, time, direction, lease);
        if open.types.len() >= MESSAGES || open.uids.len() >= CONVERSATIONS {
            self.open.remove(at).write(files);
        }
    }

    pub(super) fn client_name(&mut self, name: &str) {
        if let Some(open) = self.open.iter_mut().find(|open| Some(open.id) == self.last) {
            open.client_name = Some(kept(name));
        }
    }

    pub(super) fn finish(&mut self, files: &mut Files<'_>) {
        self.write_those(files, |_| true);
    }

    fn write_those(&mut self, files: &mut Files<'_>, is_over: impl Fn(&Transaction) -> bool) {
        for over in self.open.extract_if(.., |open| is_over(open)) {
            over.write(files);
        }
    }
}

impl Transaction {
    fn new(lease: &Lease<'_>, time: Timestamp) -> Self {
        Self {
            id: lease.transaction,
            first: time,
            last: time,
            uids: Vec::new(),
            client: None,
            server: None,
            mac: lease.client_mac,
            host_name: None,
            client_name: None,
            domain: None,
            requested: None,
            assigned: None,
            lease_s: None,
            client_message: None,
            server_message: None,
            types: Vec::new(),
        }
    }

    fn message(&mut self, talk: &Conversation<'_>, time: Timestamp, direction: Direction, lease: &Lease<'_>) {
        self.last = self.last.max(time);
        if !self.uids.iter().any(|uid| **uid == *talk.uid) {
            self.uids.push(talk.uid.into());
        }
        let sender = match direction {
            Direction::Originator => talk.originator.address,
            Direction::Responder => talk.responder.address,
        };
        // RFC 2131 s. 3.1; RFC 3203, RFC 4388, RFC 6926 and RFC 7724 for the rest.
        let (name, is_client) = match lease.message_type {
            1 => ("DISCOVER", true),
            2 => ("OFFER", false),
            3 => ("REQUEST", true),
            4 => ("DECLINE", true),
            5 => ("ACK", false),
            6 => ("NAK", false),
            7 => ("RELEASE", true),
            8 => ("INFORM", true),
            9 => ("FORCERENEW", false),
            10 => ("LEASEQUERY", true),
            11 => ("LEASEUNASSIGNED", false),
            12 => ("LEASEUNKNOWN", false),
            13 => ("LEASEACTIVE", false),
            14 => ("BULKLEASEQUERY", true),
            15 => ("LEASEQUERYDONE", false),
            _ => ("unknown", direction == Direction::Originator),
        };
        self.types.push(name);
        let text = |slot: &mut Option<Box<str>>, said: Option<&str>| {
            if let Some(said) = said {
                *slot = Some(kept(said));
            }
        };
        if is_client {
            text(&mut self.client_message, lease.message);
            text(&mut self.host_name, lease.host_name);
            self.client = Some(sender).filter(|sender| !sender.is_unspecified()).or(self.client);
            self.requested = lease.requested.or(self.requested);
        } else {
            text(&mut self.server_message, lease.message);
            text(&mut self.domain, lease.domain);
            if lease.assigned.is_some() {
                self.server = Some(sender);
                self.assigned = lease.assigned;
            }
            self.client = self.client.or(self.assigned);
            self.lease_s = lease.lease_s.or(self.lease_s);
        }
    }

    fn write(self, files: &mut Files<'_>) {
        let address = |address: Option<IpAddr>| Cell::maybe(address.map(|address| address.to_string()));
        let cells = [
            Cell::Time(self.first.as_ns()),
            Cell::Texts(self.uids.iter().map(|uid| Some((**uid).into())).collect()),
            address(self.client),
            address(self.server),
            Cell::text(self.mac.to_string()),
            Cell::maybe(self.host_name.as_deref()),
            Cell::maybe(self.client_name.as_deref()),
            Cell::maybe(self.domain.as_deref()),
            address(self.requested),
            address(self.assigned),
            self.lease_s.map_or(Cell::Unset, |seconds| Cell::Seconds(seconds.into())),
            Cell::maybe(self.client_message.as_deref()),
            Cell::maybe(self.server_message.as_deref()),
            Cell::Texts(self.types.iter().map(|name| Some((*name).into())).collect()),
            Cell::Interval(self.last.since_ns(self.first)),
        ];
        files.line(&LOG, self.first, &cells);
    }
}
