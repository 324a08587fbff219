//! All that is kept of a capture, or of a piece of one. Two tallies merge into that of both, in any order.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use firstlight_model::{Arp, Direction, FrameRef, Lease, MacAddress, Packet, Stop, StopCause, Timestamp};

use crate::bursts::Bursts;
use crate::clocks::Clocks;
use crate::connection::{Connection, Facts, Seen};
use crate::exchanges::ExchangeSeen;
use crate::ip_ids::IpIds;
use crate::limits;
use crate::observe::Talk;
use crate::phases::Bookmark;
use crate::rates::Rates;
use crate::resolved::Resolved;
use crate::sightings::Sightings;
use crate::signs::{self, Signs};
use crate::syn::SynLayouts;

mod fold;
mod merge;

/// Who said something: link address, where it could be seen, and network address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Speaker {
    pub address: IpAddr,
    pub mac: Option<MacAddress>,
}

/// The kind of an anomaly, and its detail.
pub(crate) type AnomalyKey = (&'static str, Option<Arc<str>>);

/// An anomaly as it adds up.
#[derive(Debug, Clone, Default)]
pub(crate) struct AnomalySeen {
    pub count: u64,
    /// The first few.
    pub frames: Vec<Seen>,
}

/// One DHCP message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LeaseSeen {
    pub seen: Seen,
    pub client_mac: MacAddress,
    pub message_type: u8,
    pub transaction: u32,
    pub address: Option<IpAddr>,
    pub router: Option<IpAddr>,
    pub prefix_len: Option<u8>,
    pub host_name: Option<Arc<str>>,
    pub vendor_class: Option<Arc<str>>,
    pub parameters: Option<Arc<str>>,
    /// It was sent to everybody.
    pub broadcast: bool,
}

/// Frames that have no network layer that we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OtherKey {
    pub source: Option<MacAddress>,
    pub destination: Option<MacAddress>,
    pub kind: OtherKind,
}

/// What they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum OtherKind {
    Arp,
    /// Of a protocol that says something of its sender.
    Read(&'static str),
    /// An Ethernet type.
    EtherType(u16),
    /// Layer and number that are not read.
    Unread(&'static str, u32),
}

/// How many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OtherFrames {
    pub frames: u64,
    pub wire_bytes: u64,
    pub first: Seen,
    pub last: Timestamp,
}

/// Look-ups of one client.
#[derive(Debug, Clone, Default)]
pub(crate) struct LookUps {
    pub queries: u64,
    /// Where each was first asked for.
    pub names: HashMap<Arc<str>, Seen, foldhash::fast::RandomState>,
}

/// All that is kept.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    texts: HashSet<Arc<str>, foldhash::fast::RandomState>,
    /// Bytes in all of `texts`.
    texts_len_bytes: usize,
    /// Texts that were cut because there are too many bytes.
    texts_cut: u64,
    facts: HashSet<Arc<Facts>, foldhash::fast::RandomState>,
    pub(crate) connections: Vec<Connection>,
    pub(crate) resolved: Resolved,
    /// Ends of CNAME chains by the name asked for.
    pub(crate) aliases: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// Names that encrypted hellos show on the outside, as HTTPS records said.
    pub(crate) public_names: BTreeSet<Arc<str>>,
    pub(crate) lookups: BTreeMap<Speaker, LookUps>,
    /// Names in all of `lookups`.
    pub(crate) looked_up: usize,
    pub(crate) leases: Vec<LeaseSeen>,
    /// What devices call themselves: speaker, field, name.
    pub(crate) device_names: Sightings<(Speaker, &'static str, Arc<str>)>,
    /// What names machines whatever their addresses are: name, speaker, field.
    pub(crate) machine_ids: Sightings<(Arc<str>, Speaker, &'static str)>,
    /// Software, likewise.
    pub(crate) software: Sightings<(Speaker, &'static str, Arc<str>)>,
    /// Fingerprints, likewise.
    pub(crate) fingerprints: Sightings<(Speaker, &'static str, Arc<str>)>,
    /// Services offered, likewise.
    pub(crate) services: Sightings<(Speaker, &'static str, Arc<str>)>,
    /// Who says that it is a router of the link.
    pub(crate) routers: BTreeSet<Speaker>,
    /// What analysts sent to mark a moment, and the field that it stood in.
    pub(crate) bookmarks: Sightings<(Bookmark, &'static str)>,
    pub(crate) syns: SynLayouts,
    pub(crate) ip_ids: IpIds,
    /// What SYN+ACKs answered: sender, its window and MSS, and the MSS of the SYN.
    pub(crate) answers: Sightings<(Speaker, (u16, Option<u16>), u16)>,
    pub(crate) clocks: Clocks,
    /// What fingerprints are the digests of: kind, value.
    pub(crate) fingerprint_texts: BTreeMap<(&'static str, Arc<str>), Arc<str>>,
    /// The fingerprint that was said last.
    pub(crate) fingerprint_said: Option<(&'static str, Arc<str>)>,
    pub(crate) exchanges: Vec<ExchangeSeen>,
    pub(crate) arp: Sightings<(MacAddress, Ipv4Addr)>,
    pub(crate) other: BTreeMap<OtherKey, OtherFrames>,
    pub(crate) anomalies: BTreeMap<AnomalyKey, AnomalySeen>,
    /// Earliest and latest frame.
    pub(crate) span: Option<(Timestamp, Timestamp)>,
    /// When each sender spoke.
    pub(crate) bursts: Bursts,
    /// How much each sent when.
    pub(crate) rates: Rates,
    /// When each seemed to start.
    pub(crate) signs: Signs,
    /// When each asked for the time.
    pub(crate) time_asked: Signs,
}

impl Tally {
    /// The one copy of a text; cut at a limit.
    pub fn text(&mut self, text: &str) -> Arc<str> {
        let text = cut(text, limits::TEXT_LEN_BYTES);
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        let is_full = self.texts_len_bytes + text.len() > limits::TEXTS_TOTAL_LEN_BYTES;
        let kept = if is_full { cut(text, limits::SHORT_TEXT_LEN_BYTES) } else { text };
        if kept.len() < text.len() {
            self.texts_cut += 1;
        }
        let new: Arc<str> = kept.into();
        if self.texts.len() < limits::TEXTS && self.texts.insert(new.clone()) {
            self.texts_len_bytes += new.len();
        }
        new
    }

    /// The one copy of what was said of a connection.
    pub fn facts(&mut self, facts: Facts) -> Arc<Facts> {
        if let Some(known) = self.facts.get(&facts) {
            return known.clone();
        }
        self.facts_shared(Arc::new(facts.without_slack()))
    }

    /// Likewise of what another tally has.
    fn facts_shared(&mut self, new: Arc<Facts>) -> Arc<Facts> {
        if let Some(known) = self.facts.get(&new) {
            return known.clone();
        }
        if self.facts.len() < limits::CONNECTIONS {
            self.facts.insert(new.clone());
        }
        new
    }

    /// A connection is over.
    pub fn connection(&mut self, connection: Connection) {
        self.connections.push(connection);
        self.fold_if_full();
    }

    /// Adds up connections of the same hosts and service that began close to each other, the closer the better, until
    /// half of the limit is free.
    fn fold_if_full(&mut self) {
        if self.connections.len() < limits::CONNECTIONS {
            return;
        }
        self.sort();
        let Some(first) = self.connections.first().map(|connection| connection.first) else { return };
        let is_worth_it = fold::kinds(&self.connections) <= limits::CONNECTIONS / 4 * 3;
        if is_worth_it {
            self.anomaly("connections_added_up", None, first);
            for bucket_s in [1, 60, 3600, 86_400] {
                fold::fold(&mut self.connections, bucket_s * 1_000_000_000);
                if self.connections.len() <= limits::CONNECTIONS / 2 {
                    break;
                }
            }
        }
        // Where there is nothing to add up (a scan, or a flood of invented addresses), what came last is left out.
        for connection in self.connections.split_off(self.connections.len().min(limits::CONNECTIONS / 4 * 3)) {
            self.anomaly("connection_limit", None, connection.first);
        }
        self.facts.retain(|facts| Arc::strong_count(facts) > 1);
    }

    /// The connections that are over, in the order of their first frames.
    pub fn into_connections(mut self) -> Vec<Connection> {
        self.sort();
        self.connections
    }

    /// A connection came about: what was answered, window and MSS, to which MSS.
    pub fn answer(&mut self, talk: &Talk, said: (u16, Option<u16>), peer_mss: u16) {
        let key = (talk.speaker(Direction::Responder), said, peer_mss);
        if !self.answers.add(key, talk.seen) {
            self.anomaly("sighting_limit", None, talk.seen);
        }
    }

    /// The first and the last timestamp of one side of a connection.
    pub fn ticks(&mut self, talk: &Talk, side: Direction, first: (Timestamp, u32), last: (Timestamp, u32)) {
        if !self.clocks.add(talk.speaker(side), first, last) {
            self.anomaly("sighting_limit", None, talk.seen);
        }
    }

    /// What the fingerprint that was said last is the digest of.
    pub(crate) fn fingerprint_text(&mut self, text: &str, seen: Seen) {
        let Some(fingerprint) = self.fingerprint_said.take() else { return };
        if self.fingerprint_texts.contains_key(&fingerprint) {
            return;
        }
        if self.fingerprint_texts.len() >= limits::SIGHTINGS {
            self.anomaly("sighting_limit", None, seen);
            return;
        }
        let text = self.text(text);
        self.fingerprint_texts.insert(fingerprint, text);
    }

    /// Something is odd.
    pub fn anomaly(&mut self, kind: &'static str, detail: Option<Arc<str>>, seen: Seen) {
        self.anomalies_of((kind, detail), 1, &[seen]);
    }

    fn anomalies_of(&mut self, key: AnomalyKey, count: u64, frames: &[Seen]) {
        let (kind, detail) = key;
        // Beyond the limit the kind still counts, without its detail.
        let is_full = self.anomalies.len() >= limits::ANOMALIES;
        let detail = detail.filter(|detail| !is_full || self.anomalies.contains_key(&(kind, Some(detail.clone()))));
        let anomaly = self.anomalies.entry((kind, detail)).or_default();
        anomaly.count += count;
        for seen in frames {
            keep_first(&mut anomaly.frames, *seen);
        }
    }

    /// Takes note of a frame's time.
    pub fn time(&mut self, time: Timestamp) {
        self.span = Some(match self.span {
            Some((first, last)) => (first.min(time), last.max(time)),
            None => (time, time),
        });
    }

    /// Takes note of who sent a frame.
    pub fn sender(&mut self, mac: MacAddress, seen: Seen) {
        if !(self.bursts.frame(mac, seen) & self.rates.frame(mac, seen)) {
            self.anomalies_of(("burst_limit", None), 1, &[]);
        }
    }

    /// A machine that has no address yet sends IPv6.
    pub fn without_address(&mut self, mac: MacAddress, seen: Seen) {
        self.sign(mac, signs::NO_ADDRESS, seen);
    }

    /// Takes note of a sign that a machine starts.
    pub(crate) fn sign(&mut self, mac: MacAddress, field: &'static str, seen: Seen) {
        if !self.signs.add(mac, field, seen) {
            self.anomaly("sighting_limit", None, seen);
        }
    }

    /// Takes note of where reading a frame stopped.
    pub fn stop(&mut self, stop: &Stop, seen: Seen) {
        match stop.cause {
            StopCause::Captured => self.anomaly("snap_length", None, seen),
            StopCause::Declared => self.anomaly("length_field", Some(stop.layer.name().into()), seen),
            StopCause::Invalid => self.anomaly("malformed", Some(stop.layer.name().into()), seen),
            StopCause::TooDeep => self.anomaly("too_many_layers", None, seen),
            StopCause::Encrypted => self.anomaly("encrypted_link", Some(stop.layer.name().into()), seen),
            StopCause::Unsupported => {}
        }
    }

    /// A frame without a network layer that makes flows; `service` is the protocol that it was read as.
    pub fn other_frame(&mut self, packet: &Packet<'_>, service: Option<&'static str>, original_len: u32, seen: Seen) {
        let kind = match (&packet.network, packet.stop) {
            (firstlight_model::Network::Arp(arp), _) => {
                self.arp(arp, seen);
                OtherKind::Arp
            }
            (_, Some(stop)) if packet.link.ether_type.is_none() => OtherKind::Unread(stop.layer.name(), stop.needed),
            _ => match packet.link.ether_type {
                Some(ether_type) => OtherKind::EtherType(ether_type.0),
                None => {
                    let layer = packet.layers.as_slice().last().map_or("link", |layer| layer.name());
                    OtherKind::Unread(layer, 0)
                }
            },
        };
        let kind = service.map_or(kind, OtherKind::Read);
        let key = OtherKey { source: packet.link.source, destination: packet.link.destination, kind };
        let full = self.other.len() >= limits::OTHER_FRAMES;
        if full && !self.other.contains_key(&key) {
            self.anomaly("other_frame_limit", None, seen);
            return;
        }
        let more = OtherFrames { frames: 1, wire_bytes: u64::from(original_len), first: seen, last: seen.time };
        add_other(&mut self.other, key, more);
    }

    fn arp(&mut self, arp: &Arp, seen: Seen) {
        if arp.sender.is_unspecified() {
            self.sign(arp.sender_mac, signs::ADDRESS_PROBE, seen);
        }
        if !arp.sender.is_unspecified() && !self.arp.add((arp.sender_mac, arp.sender), seen) {
            self.anomaly("sighting_limit", None, seen);
        }
    }

    /// A DHCP message.
    pub(crate) fn lease(&mut self, lease: &Lease<'_>, broadcast: bool, seen: Seen) {
        if self.leases.len() >= limits::SIGHTINGS {
            self.anomaly("lease_limit", None, seen);
            return;
        }
        let [host_name, vendor_class, parameters] =
            [lease.host_name, lease.vendor_class, lease.parameters].map(|text| text.map(|text| self.text(text)));
        self.leases.push(LeaseSeen {
            seen,
            client_mac: lease.client_mac,
            message_type: lease.message_type,
            transaction: lease.transaction,
            address: lease.address,
            router: lease.router,
            prefix_len: lease.prefix_len,
            host_name,
            vendor_class,
            parameters,
            broadcast,
        });
    }

    /// Puts the lists in the order of the capture, and says what is known at the end only.
    pub(crate) fn finish(&mut self) {
        self.sort();
        if !(self.bursts.settle() & self.rates.settle()) {
            self.anomalies_of(("burst_limit", None), 1, &[]);
        }
        if self.texts_cut > 0 {
            self.anomalies_of(("text_limit", None), self.texts_cut, &[]);
        }
    }

    /// Puts the lists in the order of the capture.
    fn sort(&mut self) {
        self.connections.sort_by(|a, b| {
            (a.first, a.transport, a.originator, a.responder).cmp(&(b.first, b.transport, b.originator, b.responder))
        });
        self.leases.sort();
        self.exchanges.sort_by(ExchangeSeen::order);
    }
}

fn add_other(map: &mut BTreeMap<OtherKey, OtherFrames>, key: OtherKey, more: OtherFrames) {
    map.entry(key)
        .and_modify(|mine| {
            mine.frames += more.frames;
            mine.wire_bytes += more.wire_bytes;
            mine.first = mine.first.min(more.first);
            mine.last = mine.last.max(more.last);
        })
        .or_insert(more);
}

/// At most so many bytes of a text.
fn cut(text: &str, len: usize) -> &str {
    text.get(..text.floor_char_boundary(len)).unwrap_or(text)
}

/// Keeps the first few of a list in order.
fn keep_first(frames: &mut Vec<Seen>, seen: Seen) {
    if frames.len() >= limits::ANOMALY_FRAMES && frames.last().is_some_and(|last| *last <= seen) {
        return;
    }
    let at = frames.partition_point(|other| *other < seen);
    if frames.get(at) != Some(&seen) {
        frames.insert(at, seen);
        frames.truncate(limits::ANOMALY_FRAMES);
    }
}

/// Adds a text to a sorted, distinct, bounded list; of too many the first by order are kept.
pub(crate) fn add_sorted(list: &mut Vec<Arc<str>>, text: Arc<str>) {
    if let Err(at) = list.binary_search(&text) {
        list.insert(at, text);
        list.truncate(limits::NAMES_OF_CONNECTION);
    }
}

/// The frames of a list of sightings.
pub(crate) fn frames(seen: &[Seen]) -> Vec<FrameRef> {
    seen.iter().map(|seen| seen.at).collect()
}
