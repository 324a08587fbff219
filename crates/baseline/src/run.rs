//! A run: one capture of one scenario, boiled down to what can be compared with other runs. All times are relative to
//! the start of the phase, so that the date of a capture does not count.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use firstlight_model::Timestamp;
use firstlight_model::report::{Contact, Evidence, Machine, Phase, Report, Scope};

use crate::key::{Key, lasting_phase};

/// Values of one property of one contact beyond this are not kept.
const VALUES: usize = 32;
/// Seconds are kept to the millisecond.
const MS: f64 = 1e3;

/// What can be said of a contact beside numbers. Two runs that differ in it are told so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Property {
    /// Application protocol as dissected.
    Service,
    /// Version of the protocol that secures it.
    Version,
    /// Is it encrypted: `yes`, `no`.
    Encrypted,
    /// JA4 of the machine's hello, by its first part: transport, version, server name, counts and ALPN.
    Hello,
    /// Application protocol that was agreed.
    Alpn,
    /// For a host on the internet without a name, the network that it is in: an address rotates, but within networks.
    Network,
    /// Who issued the certificate that the peer showed in the clear.
    Issuer,
}

impl Property {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Service, Self::Version, Self::Encrypted, Self::Hello, Self::Alpn, Self::Network, Self::Issuer];

    /// As baseline files write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Version => "version",
            Self::Encrypted => "encrypted",
            Self::Hello => "hello",
            Self::Alpn => "alpn",
            Self::Network => "network",
            Self::Issuer => "issuer",
        }
    }

    /// In a sentence.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Service => "protocol",
            Self::Version => "protocol version",
            Self::Encrypted => "encryption",
            Self::Hello => "TLS hello",
            Self::Alpn => "application protocol (ALPN)",
            Self::Network => "network",
            Self::Issuer => "issuer of the certificate",
        }
    }
}

/// What one run had of one contact.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    /// TCP connections, or exchanges.
    pub connections: u64,
    /// Of those, without a completed handshake.
    pub failed: u64,
    /// Transport payload from the machine, bytes.
    pub payload_out: u64,
    /// Transport payload to the machine, bytes.
    pub payload_in: u64,
    /// Seconds from the start of the phase to the first frame.
    pub first_s: f64,
    /// Seconds from the start of the phase to the last frame.
    pub last_s: f64,
    /// Sorted, distinct, bounded.
    pub properties: BTreeMap<Property, BTreeSet<String>>,
    /// Where it was seen. Not kept in a baseline.
    pub evidence: Vec<Evidence>,
}

impl Seen {
    /// The mean time from one connection to the next in seconds; `None` for fewer than three connections.
    pub fn interval_s(&self) -> Option<f64> {
        (self.connections >= 3).then(|| (self.last_s - self.first_s) / (self.connections - 1) as f64)
    }

    fn add(&mut self, other: &Self) {
        self.connections += other.connections;
        self.failed += other.failed;
        self.payload_out += other.payload_out;
        self.payload_in += other.payload_in;
        self.first_s = self.first_s.min(other.first_s);
        self.last_s = self.last_s.max(other.last_s);
        for (property, values) in &other.properties {
            let all = self.properties.entry(*property).or_default();
            all.extend(values.iter().cloned());
            while all.len() > VALUES {
                all.pop_last();
            }
        }
        self.evidence.extend(other.evidence.iter().cloned());
        self.evidence.sort();
        self.evidence.truncate(VALUES);
    }
}

/// What knowledge says of a contact, whatever the run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Registrable domain of the name.
    pub domain: Option<String>,
    /// Organisation behind the name.
    pub owner: Option<String>,
    /// Does it make the machine's system?
    pub vendor_own: Option<bool>,
    /// What the contact is for.
    pub purpose: Option<String>,
}

impl About {
    fn of(contact: &Contact) -> Self {
        let known = &contact.knowledge;
        Self {
            domain: known.registrable_domain.clone(),
            owner: known.owner.clone(),
            vendor_own: known.vendor_own,
            purpose: known.purpose.clone(),
        }
    }
}

/// The machine of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Its id in the report: its MAC address, or else its first address. Not kept in a baseline.
    pub id: String,
    /// Maker of its network interface.
    pub vendor: Option<String>,
    /// What it runs; `unknown`.
    pub system: String,
}

/// A stretch of a run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stretch {
    /// Seconds after the start of the run.
    pub start_s: f64,
    /// Seconds.
    pub duration_s: f64,
}

/// One capture of one scenario.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Run {
    /// The first twelve hexadecimal digits of the SHA-256 of its only file, or for several of the least of them with the
    /// number of files: who has the files can tell which run is which.
    pub id: String,
    /// File names without folders, sorted, with their SHA-256.
    pub files: Vec<(String, String)>,
    /// When it began.
    pub start: Timestamp,
    /// Seconds.
    pub duration_s: f64,
    /// A file of it could not be read to its end, or the capturing side dropped frames.
    pub is_partial: bool,
    /// The machine.
    pub subject: Subject,
    /// By name.
    pub phases: BTreeMap<String, Stretch>,
    /// What it contacted.
    pub contacts: BTreeMap<Key, Seen>,
    /// What is known of these.
    pub about: BTreeMap<Key, About>,
    /// Kind and value of each fingerprint of the machine, with the frame.
    pub fingerprints: BTreeMap<(String, String), Vec<Evidence>>,
}

impl Run {
    /// What a report says of its first machine. `None` when no machine was found.
    pub fn of(report: &Report) -> Option<Self> {
        let machine = report.machines.first()?;
        let start = report.phases.iter().map(|phase| phase.start).min().unwrap_or(machine.first);
        let mut run = Self {
            id: id(report),
            files: files(report),
            start,
            duration_s: report.summary.first().map_or(0.0, |summary| seconds(summary.duration_s)),
            is_partial: report.captures.iter().any(|c| c.stopped.is_some() || c.drops.is_some_and(|drops| drops > 0)),
            subject: Subject {
                id: machine.id.clone(),
                vendor: machine.mac_vendor.clone(),
                system: machine.os.verdict.clone(),
            },
            phases: phases(report, start),
            contacts: BTreeMap::new(),
            about: BTreeMap::new(),
            fingerprints: fingerprints(report, machine),
        };
        for contact in report.contacts.iter().filter(|contact| contact.machine == machine.id) {
            let key = Key::of(contact, report);
            let is_of = |phase: &&Phase| lasting_phase(report, &phase.name) == key.phase;
            let begin = report.phases.iter().filter(is_of).map(|phase| phase.start).min().unwrap_or(start);
            let seen = seen(contact, begin);
            let about = About::of(contact);
            match run.contacts.get_mut(&key) {
                Some(known) => known.add(&seen),
                None => {
                    run.contacts.insert(key.clone(), seen);
                    run.about.insert(key, about);
                }
            }
        }
        Some(run)
    }

    /// Payload of all contacts in both directions, bytes.
    pub fn payload(&self) -> u64 {
        self.contacts.values().map(|seen| seen.payload_in + seen.payload_out).sum()
    }

    /// What a baseline keeps of it: frames are of use only beside the capture.
    pub(crate) fn without_evidence(mut self) -> Self {
        self.contacts.values_mut().for_each(|seen| seen.evidence.clear());
        self.fingerprints.values_mut().for_each(Vec::clear);
        self.subject.id.clear();
        self
    }

    /// The same run with each name that fits one of the patterns written as that pattern.
    pub(crate) fn under(&self, accepted: &BTreeSet<String>) -> Self {
        if accepted.is_empty() {
            return self.clone();
        }
        let mut run = Self { contacts: BTreeMap::new(), about: BTreeMap::new(), ..self.clone() };
        for (key, seen) in &self.contacts {
            let key_under = key.widened(accepted);
            if let Some(about) = self.about.get(key) {
                run.about.entry(key_under.clone()).or_insert_with(|| about.clone());
            }
            match run.contacts.get_mut(&key_under) {
                Some(known) => known.add(seen),
                None => {
                    run.contacts.insert(key_under, seen.clone());
                }
            }
        }
        run
    }
}

fn seconds(value: f64) -> f64 {
    (value * MS).round() / MS
}

fn since(time: Timestamp, start: Timestamp) -> f64 {
    seconds(time.since_ns(start) as f64 / 1e9)
}

fn id(report: &Report) -> String {
    let least = report.captures.iter().map(|capture| capture.sha256.as_str()).min().unwrap_or_default();
    let short = least.get(..12).unwrap_or(least);
    match report.captures.len() {
        1 => short.to_owned(),
        n => format!("{short}+{}", n.saturating_sub(1)),
    }
}

fn files(report: &Report) -> Vec<(String, String)> {
    let base = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
    let mut files: Vec<_> = report.captures.iter().map(|c| (base(&c.path), c.sha256.clone())).collect();
    files.sort();
    files
}

fn phases(report: &Report, start: Timestamp) -> BTreeMap<String, Stretch> {
    let mut ends: BTreeMap<&str, (Timestamp, Timestamp)> = BTreeMap::new();
    for phase in &report.phases {
        let (begin, end) = ends.entry(lasting_phase(report, &phase.name)).or_insert((phase.start, phase.end));
        (*begin, *end) = (phase.start.min(*begin), phase.end.max(*end));
    }
    let stretch = |begin, end| Stretch { start_s: since(begin, start), duration_s: since(end, begin) };
    ends.into_iter().map(|(name, (begin, end))| (name.to_owned(), stretch(begin, end))).collect()
}

fn fingerprints(report: &Report, machine: &Machine) -> BTreeMap<(String, String), Vec<Evidence>> {
    let own = report.fingerprints.iter().filter(|print| print.machine == machine.id);
    // How a head is laid out changes with what is asked for; the program says who it is besides.
    let lasting = own.filter(|print| !print.kind.starts_with("http.re"));
    lasting.map(|print| ((print.kind.clone(), print.value.clone()), print.evidence.clone())).collect()
}

/// The first 16 bits of an IPv4 address, the first 32 of an IPv6 address: what one holder has, more or less.
pub(crate) fn network(address: &IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            format!("{a}.{b}.0.0/16")
        }
        IpAddr::V6(v6) => {
            let [a, b, ..] = v6.segments();
            format!("{a:x}:{b:x}::/32")
        }
    }
}

fn seen(contact: &Contact, start: Timestamp) -> Seen {
    let mut properties: BTreeMap<Property, BTreeSet<String>> = BTreeMap::new();
    let mut add = |property, values: Vec<String>| {
        if !values.is_empty() {
            properties.insert(property, values.into_iter().take(VALUES).collect());
        }
    };
    // A guess from the port says nothing about what was spoken.
    let service = contact.service.iter().filter(|service| !service.ends_with('?')).cloned().collect();
    add(Property::Service, service);
    add(Property::Version, contact.versions.clone());
    let encrypted = contact.encrypted.map(|yes| if yes { "yes" } else { "no" }.to_owned());
    add(Property::Encrypted, encrypted.into_iter().collect());
    let hello = |ja4: &String| ja4.split('_').next().unwrap_or(ja4).to_owned();
    add(Property::Hello, contact.ja4.iter().map(hello).collect());
    add(Property::Alpn, contact.alpn.clone());
    add(Property::Issuer, contact.issuers.clone());
    if contact.scope == Scope::Internet && contact.name.is_none() {
        add(Property::Network, contact.addresses.iter().map(network).collect());
    }
    Seen {
        connections: contact.connections,
        failed: contact.failed,
        payload_out: contact.payload_out,
        payload_in: contact.payload_in,
        first_s: since(contact.first, start),
        last_s: since(contact.last, start),
        properties,
        evidence: contact.evidence.clone(),
    }
}
