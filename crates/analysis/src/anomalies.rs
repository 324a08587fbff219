//! Anomalies in words.

use firstlight_model::CaptureInfo;
use firstlight_model::report::{Anomaly, Contact, Machine};

use crate::contacts::CONTACT_LIMIT;
use crate::identity;
use crate::machines::OTHERS;
use crate::tally::{OtherKind, Tally, frames};

/// Kind, whether its detail is shown, and what it means.
const TEXTS: &[(&str, &str)] = &[
    ("alias_limit", "aliases beyond the limit were not remembered"),
    ("answer_limit", "answers of name servers beyond the limit were not remembered"),
    ("contact_limit", "contacts beyond the limit are added up"),
    ("connection_limit", "connections beyond the limit, all of different hosts, are missing from the contacts"),
    (
        "connections_added_up",
        "too many connections to keep one by one: those of the same hosts and service are added up",
    ),
    ("dns.malformed", "DNS messages that break the standard"),
    ("dns.rcode", "look-ups that a name server refused or had no answer to"),
    ("encrypted_link", "frames whose link layer is encrypted"),
    ("exchange_limit", "HTTP requests beyond the limit are not listed"),
    ("flow_limit", "too many connections at a time: those that were quiet for longest were ended"),
    ("fragment_limit", "datagrams in too many fragments, or too many datagrams at a time: they were given up"),
    ("fragments_incomplete", "datagrams of which fragments are missing"),
    ("fragments_overlap", "fragments that overlap with other content: the first counts"),
    ("http.limit", "HTTP heads or queues beyond the limit were not read"),
    ("http.malformed", "HTTP that breaks the standard"),
    ("icmp_checksum", "wrong ICMP checksums (of the first packets of each exchange)"),
    (
        "ip_checksum",
        "wrong IP header checksums; off-loading to the network card does that when a machine captures itself",
    ),
    ("lease_limit", "DHCP messages beyond the limit are not listed"),
    ("length_field", "a length field says that a layer ends before its header does"),
    ("look_up_limit", "names looked up beyond the limit are not counted as distinct ones"),
    ("machine_limit", "hosts beyond the limit of machines are added up as one"),
    ("malformed", "a header has a value that its standard forbids"),
    ("mdns.malformed", "mDNS messages that break the standard"),
    ("other_frame_limit", "frames without a network layer beyond the limit are not counted by sender"),
    ("piece_limit", "the rest of long connections that a cut of the capture divides was counted, not read"),
    ("reorder_limit", "TCP segments of which too many waited for one before them: what is missing was taken as lost"),
    (
        "session_limit",
        "too much waits to be read as messages at a time: the conversations that held most were given up",
    ),
    ("burst_limit", "stretches in which a machine spoke, beyond the limit, do not count for finding phases"),
    ("sighting_limit", "names, user agents and fingerprints beyond the limit are not listed"),
    ("snap_length", "frames cut by the snap length before their transport header was whole"),
    ("syn_layout_limit", "layouts of SYN segments beyond the limit are not listed"),
    (
        "tcp_checksum",
        "wrong TCP checksums (of the first packets of each direction); off-loading does that when a machine captures itself",
    ),
    ("tcp_flags", "TCP flags that exclude each other"),
    ("tcp_gap_limit", "connections with too many gaps to tell them all: some bytes that are missing count as seen"),
    ("tcp_hop_limit_jump", "connections in which the hop limit jumps: another way, or somebody else's segments"),
    ("tcp_keep_alive", "TCP keep-alive probes"),
    ("tcp_lost_segment", "connections with segments that are not in the capture"),
    ("tcp_out_of_order", "TCP segments that came before one that belongs before them"),
    ("tcp_overlap", "TCP segments that repeat bytes with other content: the first counts"),
    ("tcp_reset", "connections that were established and then cut off by a RST"),
    ("tcp_retransmission", "TCP segments that repeat bytes seen before"),
    ("tcp_syn_data", "SYN segments that carry data"),
    ("tcp_zero_window", "TCP segments that say there is no room left (zero window)"),
    ("text_limit", "texts were cut because there are too many of them"),
    ("tls.alert", "TLS alerts"),
    ("tls.limit", "TLS handshakes beyond the limit were not read"),
    ("tls.malformed", "TLS that breaks the standard"),
    ("too_many_layers", "frames with more layers than are read"),
    (
        "udp_checksum",
        "wrong UDP checksums (of the first packets of each direction); off-loading does that when a machine captures itself",
    ),
];

/// All anomalies by kind.
pub(crate) fn anomalies(
    tally: &Tally,
    captures: &[CaptureInfo],
    contacts: &[Contact],
    machines: &[Machine],
    not_found: &[String],
) -> Vec<Anomaly> {
    let mut list: Vec<Anomaly> = tally
        .anomalies
        .iter()
        .map(|((kind, detail), seen)| Anomaly {
            kind: (*kind).to_owned(),
            count: seen.count,
            frames: frames(&seen.frames),
            text: match detail {
                Some(detail) => format!("{}: {detail}", text(kind)),
                None => text(kind).to_owned(),
            },
        })
        .collect();
    let beyond = [
        ("contact_limit", contacts.iter().filter(|contact| contact.unnamed_reason == Some(CONTACT_LIMIT)).collect()),
        ("machine_limit", contacts.iter().filter(|contact| contact.machine == OTHERS).collect::<Vec<_>>()),
    ];
    for (kind, contacts) in beyond.into_iter().filter(|(_, contacts)| !contacts.is_empty()) {
        list.push(Anomaly {
            kind: kind.to_owned(),
            count: contacts.iter().map(|contact| contact.connections).sum(),
            frames: contacts
                .iter()
                .flat_map(|contact| &contact.evidence)
                .map(|evidence| evidence.at)
                .min()
                .into_iter()
                .collect(),
            text: text(kind).to_owned(),
        });
    }
    unread(tally, &mut list);
    list.extend(not_found.iter().map(|mark| Anomaly {
        kind: "mark_not_found".to_owned(),
        count: 1,
        frames: Vec::new(),
        text: format!("a mark that stands nowhere in the capture: {mark}"),
    }));
    for machine in machines {
        list.extend(machine.identity.contradictions.iter().map(|contradiction| Anomaly {
            kind: "identity_contradiction".to_owned(),
            count: 1,
            frames: identity::frames(contradiction),
            text: format!("{}: {}", machine.id, contradiction.text),
        }));
    }
    for capture in captures {
        if capture.comments_left_out > 0 {
            list.push(Anomaly {
                kind: "comment_limit".to_owned(),
                count: capture.comments_left_out,
                frames: Vec::new(),
                text: format!("comments of {} beyond the limit are left out", capture.path),
            });
        }
        if capture.out_of_order > 0 {
            list.push(Anomaly {
                kind: "clock_backwards".to_owned(),
                count: capture.out_of_order,
                frames: Vec::new(),
                text: format!("frames of {} that are earlier than one before them", capture.path),
            });
        }
    }
    list.sort_by(|a, b| (&a.kind, &a.text).cmp(&(&b.kind, &b.text)));
    list
}

/// What a kind means.
fn text(kind: &'static str) -> &'static str {
    TEXTS.iter().find(|(key, _)| *key == kind).map_or(kind, |(_, text)| *text)
}

/// Frames that were counted, but not read.
fn unread(tally: &Tally, list: &mut Vec<Anomaly>) {
    let mut sums = std::collections::BTreeMap::new();
    for (key, other) in &tally.other {
        let what = match key.kind {
            OtherKind::Arp | OtherKind::Read(_) => continue,
            OtherKind::EtherType(number) => match ether_type_name(number) {
                Some(name) => format!("{name} (Ethernet type 0x{number:04x})"),
                None if number < 1536 => format!("IEEE 802.2 LLC, SAP 0x{number:04x}"),
                None => format!("Ethernet type 0x{number:04x}"),
            },
            OtherKind::Unread(layer, 0) => layer.to_owned(),
            OtherKind::Unread(layer, number) => format!("{layer} {number}"),
        };
        let sum = sums.entry(what).or_insert((0, other.first));
        sum.0 += other.frames;
        sum.1 = sum.1.min(other.first);
    }
    for (what, (count, first)) in sums {
        list.push(Anomaly {
            kind: "not_read".to_owned(),
            count,
            frames: vec![first.at],
            text: format!("frames of a protocol that is counted, not read: {what}"),
        });
    }
}

/// Names of Ethernet types that occur on local networks (IEEE 802 Numbers).
fn ether_type_name(number: u16) -> Option<&'static str> {
    Some(match number {
        0x0842 => "Wake-on-LAN",
        0x22f0 => "AVTP",
        0x6003 => "DECnet",
        0x8035 => "RARP",
        0x809b => "AppleTalk",
        0x80f3 => "AppleTalk ARP",
        0x8137 => "IPX",
        0x8863 => "PPPoE discovery",
        0x886f => "Microsoft load balancing",
        0x8870 => "jumbo frames",
        0x888e => "EAPOL, IEEE 802.1X",
        0x8892 => "PROFINET",
        0x88a2 => "ATA over Ethernet",
        0x88cc => "LLDP",
        0x88e1 => "HomePlug AV",
        0x88e5 => "MACsec",
        0x88f7 => "PTP",
        0x8902 => "connectivity fault management",
        0x8906 => "Fibre Channel over Ethernet",
        0x893a => "IEEE 1905.1",
        0x9000 => "loopback test",
        _ => return None,
    })
}
