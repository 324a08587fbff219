//! A report as the diary would have it, built by hand for the tests of all formats: three phases, the vendor's own and
//! others', a name that tries to take over the terminal, a file that stops short.

use std::net::IpAddr;

use firstlight_model::report::{
    Anomaly, Aspect, Confidence, Contact, Contradiction, Coverage, Evidence, Fingerprint, FingerprintMatch,
    HttpExchange, Identity, Initiator, Knowledge, Machine, MachineName, OperatingSystem, Phase, PhaseHow, PhaseKind,
    Report, Scope, Summary, SynFacts, TimestampClock, Unnamed, Verdict, Vote,
};
use firstlight_model::{CaptureInfo, Comment, FrameRef, LinkType, MacAddress, Stopped, Timestamp, Transport};

/// The machine's identity.
pub(crate) const ID: &str = "00:0c:29:01:02:03";
/// A name from an enemy: clears the screen, turns the writing, hides a letter.
pub(crate) const HOSTILE: &str = "\u{1b}[2Jmoc.\u{202e}elppa\u{200b}.example";

fn at(second: i64) -> Timestamp {
    Timestamp::from_parts(1_570_716_000 + second, 123_456_000)
}

fn frame(number: u64) -> FrameRef {
    FrameRef { capture: u32::from(number > 40_000), number }
}

fn evidence(number: u64, second: i64, field: &'static str) -> Evidence {
    Evidence { at: frame(number), time: at(second), field }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// A contact over TLS with some volume; the tests' table below changes what differs.
fn contact(phase: &str, name: &str, owner: &str, connections: u64, out: u64, received: u64) -> Contact {
    Contact {
        machine: ID.into(),
        phase: phase.into(),
        name: Some(name.into()),
        name_source: Some("tls.sni".into()),
        name_confidence: Some(Confidence::High),
        unnamed_reason: None,
        remark: None,
        name_candidates: vec![],
        knowledge: Knowledge {
            registrable_domain: name
                .rsplitn(3, '.')
                .take(2)
                .map(str::to_owned)
                .reduce(|tld, sld| format!("{sld}.{tld}")),
            owner: Some(owner.into()),
            owner_source: Some("suffix (organisations)".into()),
            vendor_own: Some(owner == "Apple"),
            purpose: None,
            category: None,
            purpose_source: None,
            carrier: None,
            cdn: None,
            country: None,
            program: None,
            program_source: None,
        },
        transport: Transport::TCP,
        port: Some(443),
        service: Some("tls".into()),
        scope: Scope::Internet,
        initiated_by: Initiator::Machine,
        connections,
        failed: 0,
        payload_out: out,
        payload_in: received,
        wire_out: out + 66 * connections * 8,
        wire_in: received + 66 * connections * 8,
        packets_out: connections * 8,
        packets_in: connections * 8,
        first: at(12),
        last: at(80),
        addresses: vec![ip("17.253.1.2")],
        addresses_left_out: 0,
        ja3: vec!["773906b0efdefa24a7f2b8eb6985bf37".into()],
        ja4: vec!["t13d2014h2_a09f3c656075_14788d8d241b".into()],
        alpn: vec!["h2".into()],
        versions: vec!["TLS 1.3".into()],
        issuers: Vec::new(),
        encrypted: Some(true),
        new_in_phase: true,
        evidence: vec![evidence(120, 12, "tls.handshake.extensions_server_name")],
    }
}

trait With: Sized {
    fn with(self, change: impl FnOnce(&mut Self)) -> Self;
}

impl With for Contact {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

fn purpose(contact: &mut Contact, purpose: &str, category: &str) {
    contact.knowledge.purpose = Some(purpose.into());
    contact.knowledge.category = Some(category.into());
    contact.knowledge.purpose_source = Some("vendor: https://support.apple.com/101555".into());
}

fn ntp(phase: &str) -> Contact {
    contact(phase, "time.apple.com", "Apple", 3, 144, 144).with(|c| {
        purpose(c, "sets the time", "time");
        c.transport = Transport::UDP;
        (c.port, c.service, c.encrypted) = (Some(123), Some("ntp".into()), Some(false));
        (c.name_source, c.name_confidence) = (Some("dns".into()), Some(Confidence::Medium));
        c.name_candidates = vec!["time-ios.apple.com".into()];
    })
}

fn near(phase: &str, label: &str, scope: Scope, address: &str, service: &str, port: u16) -> Contact {
    contact(phase, "x", "x", 9, 1200, 0).with(|c| {
        (c.name, c.name_source, c.name_confidence) = (None, None, None);
        c.knowledge = Knowledge::default();
        (c.remark, c.scope, c.transport) = (Some(label.into()), scope, Transport::UDP);
        (c.service, c.port, c.addresses) = (Some(service.into()), Some(port), vec![ip(address)]);
    })
}

fn contacts() -> Vec<Contact> {
    let mut all = vec![
        contact("install", "swscan.apple.com", "Apple", 18, 120_000, 42_000_000).with(|c| {
            purpose(c, "distributes software", "update");
            c.knowledge.cdn = Some("Akamai".into());
        }),
        contact("install", "gspe21-ssl.ls.apple.com", "Apple", 206, 1_234_567, 23_145_678).with(|c| {
            purpose(c, "maps", "location");
            c.failed = 2;
        }),
        contact("install", "albert.apple.com", "Apple", 2, 5_000, 9_000)
            .with(|c| purpose(c, "activates the device", "activation")),
        contact("install", "ocsp.apple.com", "Apple", 4, 900, 6_400).with(|c| {
            purpose(c, "says whether certificates are still valid", "certificates");
            (c.port, c.service, c.encrypted) = (Some(80), Some("http".into()), Some(false));
        }),
        ntp("install"),
        near("install", "mDNS group", Scope::Multicast, "224.0.0.251", "mdns", 5353),
        near("install", "mDNS group", Scope::Multicast, "ff02::fb", "mdns", 5353),
        near("install", "router", Scope::Local, "192.168.1.1", "dns", 53).with(|c| c.payload_in = 9_000),
        ntp("first boot").with(|c| c.new_in_phase = false),
        contact("first boot", "apple-finance.query.yahoo.com", "Yahoo", 6, 9_876, 54_321)
            .with(|c| purpose(c, "stock quotes", "content")),
        contact("first boot", HOSTILE, "Unknown Ltd", 1, 517, 0).with(|c| c.failed = 1),
        contact("first boot", "x", "x", 1, 40, 20).with(|c| {
            (c.name, c.name_source, c.name_confidence) = (None, None, None);
            c.knowledge = Knowledge { carrier: Some("Example Net".into()), ..Knowledge::default() };
            (c.unnamed_reason, c.addresses) = (Some("ip_literal"), vec![ip("192.0.2.99")]);
            (c.port, c.service, c.initiated_by) = (Some(4444), None, Initiator::Peer);
        }),
    ];
    for (i, site) in
        ["yelp", "yahoo", "weather", "tripadvisor", "linkedin", "facebook", "bing", "twitter"].iter().enumerate()
    {
        let owner = ["Yelp", "Yahoo", "The Weather Company", "Tripadvisor", "Microsoft", "Meta", "Microsoft", "X"][i];
        all.push(contact("Safari", &format!("www.{site}.com"), owner, 1, 1_000, 30_000 + i as u64).with(|c| {
            purpose(c, "icon of the start page", "content");
        }));
    }
    all
}

fn syn() -> Fingerprint {
    Fingerprint {
        kind: "tcp.syn".into(),
        value: "4:64+0:0:1460:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn:0".into(),
        tcpdump: Some(
            "Flags [SEW], seq 4259408247, win 65535, options [mss 1460,nop,wscale 6,nop,nop,TS val 801728007 ecr \
             0,sackOK,eol], length 0"
                .into(),
        ),
        p0f: Some("4:64+0:0:1460:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn:0".into()),
        syn: Some(SynFacts {
            ip_version: 4,
            hop_limit: 64,
            initial_hop_limit: 64,
            window: 65_535,
            window_multiple: None,
            mss: Some(1460),
            window_scale: Some(6),
            options: "mss,nop,ws,nop,nop,ts,sok,eol".into(),
            ecn: true,
            dont_fragment: true,
            zero_identification: Some(true),
            fast_open: false,
            multipath: false,
            data: false,
        }),
        raw: None,
        remarks: vec![
            "asks for ECN (flags E and W), as macOS does by default (RFC 3168 s. 6.1.1)".into(),
            "the largest window, 65,535 bytes, and scaling by 64 (RFC 7323 s. 2)".into(),
        ],
        matches: vec![
            FingerprintMatch {
                label: "macOS 10.14".into(),
                same: true,
                differences: vec![],
                source: "p0f 3.09b".into(),
            },
            FingerprintMatch {
                label: "macOS 10.9".into(),
                same: false,
                differences: vec!["wscale 6, not 4".into(), "ECN".into()],
                source: "p0f 3.09b".into(),
            },
        ],
        count: 231,
        machine: ID.into(),
        evidence: vec![evidence(12, 1, "tcp.flags.syn")],
    }
}

fn agent() -> Fingerprint {
    Fingerprint {
        kind: "http.user_agent".into(),
        value: "com.apple.trustd/2.0".into(),
        tcpdump: None,
        p0f: None,
        syn: None,
        raw: Some("771,4865-4866,0-23-65281,29-23,0".into()),
        remarks: vec![],
        matches: vec![],
        count: 4,
        machine: ID.into(),
        evidence: vec![evidence(99, 3, "http.user_agent")],
    }
}

fn capture(path: &str, packets: u64) -> CaptureInfo {
    CaptureInfo {
        path: path.into(),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        format: "pcapng".into(),
        link_types: vec![LinkType::ETHERNET, LinkType(147)],
        snap_len: Some(262_144),
        time_decimals: 6,
        packets,
        captured_bytes: 1_000_000,
        original_bytes: 67_000_000,
        first: Some(at(0)),
        last: Some(at(600)),
        comments: vec![Comment { frame: Some(frame(12)), time: Some(at(1)), text: "the first SYN".into() }],
        comments_left_out: 3,
        resolved_names: vec![],
        drops: Some(7),
        secrets: vec![],
        out_of_order: 1,
        stopped: None,
    }
}

fn machine() -> Machine {
    Machine {
        id: ID.into(),
        subject: true,
        addresses: vec![ip("192.168.1.20"), ip("fe80::20c:29ff:fe01:203")],
        mac: Some(MacAddress([0, 0x0c, 0x29, 1, 2, 3])),
        other_macs: Vec::new(),
        id_series: Vec::new(),
        mac_vendor: Some("VMware".into()),
        names: vec![MachineName { value: "Johanness-iMac".into(), source: "dhcp".into() }],
        os: OperatingSystem {
            verdict: "macOS 10.15".into(),
            family: Some("macOS".into()),
            confidence: Confidence::High,
            reasons: vec![
                ("its user agents say Darwin/19.0.0".into(), Some(evidence(99, 3, "http.user_agent"))),
                ("its SYN looks the same as that of macOS 10.14".into(), Some(evidence(12, 1, "tcp.flags.syn"))),
            ],
        },
        identity: Identity {
            verdicts: vec![Verdict {
                aspect: Aspect::System,
                value: Some("macOS".into()),
                probability: 0.991,
                without_strongest: 0.667,
                confidence: Confidence::High,
                second: Some(("iOS".into(), 0.005)),
            }],
            votes: vec![Vote {
                aspect: Aspect::System,
                value: "macOS".into(),
                weight: 3.5,
                field: "http.user_agent",
                text: "its user agents say Darwin/19.0.0".into(),
                source: "xnu".into(),
                evidence: Some(evidence(99, 3, "http.user_agent")),
            }],
            votes_left_out: 0,
            contradictions: vec![Contradiction {
                text: "signs of macOS and of Windows come from one machine".into(),
                reasons: vec![("SYN is that of Windows 10".into(), Some(evidence(12, 1, "tcp.flags.syn")))],
            }],
        },
        clock: Some(TimestampClock {
            hz: 999.7,
            nominal_hz: Some(1000),
            since_zero_s: 86_400.5,
            modulo_s: 4_294_967.296,
            seen_s: 300.25,
            at: at(500),
        }),
        why: "it asked for its address by DHCP".into(),
        packets: 85_213,
        wire_bytes: 67_012_345,
        first: at(0),
        last: at(751),
    }
}

fn phase(name: &str, start: i64, end: i64, how: PhaseHow, why: &str) -> Phase {
    Phase {
        name: name.into(),
        start: at(start),
        end: at(end),
        how,
        evidence: vec![evidence(1, start, "frame.time")],
        why: why.into(),
        kind: PhaseKind::Unknown,
        kind_why: String::new(),
        confidence: Confidence::High,
        within: None,
    }
}

/// The report.
pub(crate) fn report() -> Report {
    let mut other = machine();
    (other.id, other.subject, other.names, other.mac_vendor) = ("192.168.1.1".into(), false, vec![], None);
    (other.addresses, other.packets, other.wire_bytes) = (vec![ip("192.168.1.1")], 90, 12_000);
    (other.os.family, other.os.verdict) = (None, "unknown".into());
    let mut cut = capture("captures/first boot.pcapng", 40_000);
    cut.stopped = Some(Stopped {
        byte: 1_234_567,
        why: "the file ends within a packet".into(),
        hint: Some("it may still be written to".into()),
    });
    Report {
        captures: vec![capture("captures/install.pcapng", 45_303), cut],
        machines: vec![machine(), other],
        summary: vec![Summary {
            machine: ID.into(),
            duration_s: 751.25,
            packets: 85_213,
            wire_bytes: 67_012_345,
            dns_queries: 120,
            dns_names: 85,
            tcp_connections: 240,
            udp_connections: 33,
            other_connections: 2,
            hosts_v4: 52,
            hosts_v6: 3,
        }],
        phases: vec![
            phase("install", 0, 420, PhaseHow::File, "install.pcapng"),
            phase("first boot", 421, 600, PhaseHow::Detected, "DHCP from 00:0c:29:01:02:03"),
            phase("Safari", 601, 751, PhaseHow::Mark, ""),
        ],
        contacts: contacts(),
        fingerprints: vec![syn(), agent()],
        peers: Vec::new(),
        http: vec![HttpExchange {
            machine: ID.into(),
            phase: "install".into(),
            host: Some("swcdn.apple.com".into()),
            method: Some("GET".into()),
            path: Some(
                "/content/downloads/28/12/061-26589/8w6zaa8nlq8qbzr24ux7rvafhxzcp1jd1b/dictionary-en.pkg".into(),
            ),
            user_agent: Some("Software%20Update/1 CFNetwork/1107.1 Darwin/19.0.0".into()),
            content_type: Some("application/octet-stream".into()),
            status: Some(200),
            bytes_in: 1_234_567,
            bytes_out: 0,
            count: 3,
            remark: Some("a dictionary of the language chosen".into()),
            purpose: None,
            significance: 90,
            evidence: vec![evidence(2_000, 60, "http.request.full_uri")],
        }],
        unnamed: vec![Unnamed {
            reason: "ip_literal",
            text: "the address was used without a name",
            connections: 1,
            bytes: 60,
            contacts: 1,
        }],
        anomalies: vec![Anomaly {
            kind: "tcp_checksum".into(),
            count: 40_000,
            frames: vec![frame(3), frame(5), frame(50_000), frame(7), frame(8)],
            text: "wrong TCP checksums, as a capture on the sending machine has them (offload)".into(),
        }],
        coverage: Coverage {
            connections_named: 270,
            connections_total: 275,
            bytes_named: 66_900_000,
            bytes_total: 67_000_000,
            bytes_owned: 66_000_000,
            bytes_with_purpose: 65_000_000,
        },
    }
}
