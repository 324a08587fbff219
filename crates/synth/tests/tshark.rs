//! Everything that the writer makes is understood by tshark without a complaint. Skipped where tshark is not installed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::process::Command;

use firstlight_model::{Direction, EtherType, TcpFlags, Timestamp};
use firstlight_synth::certificate::Certificate;
use firstlight_synth::dhcp::{Client, Lease};
use firstlight_synth::dns::{self, Data, Message, Record, kind};
use firstlight_synth::http::{Request, Response};
use firstlight_synth::tls::hello::ClientHello;
use firstlight_synth::tls::session::Answer;
use firstlight_synth::write::{self, About, Order, Resolution};
use firstlight_synth::{
    Checksums, Connect, Encapsulation, Fault, Host, Opening, OwnedFrame, Stack, Traffic, mdns, ocsp, tls,
};

const START: Timestamp = Timestamp::from_parts(1_571_061_600, 123_456_000);

/// Runs tshark over a file with all checksums checked; `None` when it is not installed.
fn tshark(name: &str, bytes: &[u8], arguments: &[&str]) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    let mut command = Command::new("tshark");
    command.arg("-n").arg("-r").arg(&path);
    for preference in ["ip.check_checksum:TRUE", "tcp.check_checksum:TRUE", "udp.check_checksum:TRUE"] {
        command.args(["-o", preference]);
    }
    match command.args(arguments).output() {
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "tshark on {name}: {errors}");
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(_) => {
            println!("skipped: tshark is not installed");
            None
        }
    }
}

/// Fails when tshark finds anything malformed, or a warning or error that is not expected.
fn check(name: &str, frames: &[OwnedFrame], expected: &str) {
    let bytes = write::pcapng(frames, &About::default());
    let filter = "_ws.malformed || _ws.expert.severity >= 0x00600000";
    let complaints = tshark(
        &format!("{name}.pcapng"),
        &bytes,
        &["-Y", filter, "-T", "fields", "-e", "frame.number", "-e", "_ws.expert.message"],
    );
    if let Some(complaints) = complaints {
        let unexpected: Vec<&str> =
            complaints.lines().filter(|line| expected.is_empty() || !line.contains(expected)).collect();
        assert!(unexpected.is_empty(), "{name}: {unexpected:#?}");
    }
}

/// Fails unless each display filter matches as many frames as it should. One run of tshark for all of them.
fn expect_all(name: &str, frames: &[OwnedFrame], filters: &[(&str, usize)]) {
    let bytes = write::pcapng(frames, &About::default());
    let list: Vec<&str> = filters.iter().map(|(filter, _)| *filter).collect();
    let statistic = format!("io,stat,0,{}", list.join(","));
    let Some(text) = tshark(&format!("{name}.pcapng"), &bytes, &["-q", "-z", &statistic]) else { return };
    // A line `| 0.0 <> 1.2 | frames | bytes | frames | bytes |`: two numbers for each filter.
    let line = text.lines().find(|line| line.contains("<>")).unwrap_or_else(|| panic!("{name}: {text}"));
    let numbers = line.split('|').skip(2).step_by(2).filter_map(|field| field.trim().parse::<usize>().ok());
    let found: Vec<(&str, usize)> = list.into_iter().zip(numbers).collect();
    assert_eq!(found, filters, "{name}");
}

fn expect(name: &str, frames: &[OwnedFrame], filter: &str, frames_expected: usize) {
    expect_all(name, frames, &[(filter, frames_expected)]);
}

fn stage() -> (Traffic, Host, Host, Host) {
    let t = Traffic::new(START);
    let mac = t.host("192.0.2.10").with_stack(Stack::macos_10_15());
    let router = t.host("192.0.2.1");
    let server = t.remote("198.51.100.7");
    (t, mac, router, server)
}

fn addresses(list: &[&str]) -> Vec<IpAddr> {
    list.iter().map(|address| address.parse().unwrap()).collect()
}

#[test]
fn local_protocols_are_well_formed() {
    let (mut t, mac, router, _) = stage();
    t.arp_claim(&mac);
    t.arp_resolve(&mac, &router);
    let lease = Lease {
        address: Ipv4Addr::new(192, 0, 2, 10),
        mask: Ipv4Addr::new(255, 255, 255, 0),
        router: Ipv4Addr::new(192, 0, 2, 1),
        dns: vec![Ipv4Addr::new(192, 0, 2, 1)],
        domain: Some("example".to_owned()),
        seconds: 86_400,
    };
    t.dhcp_discover(&mac, &Client::macos_10_15("Macintosh"), &router, &lease);
    t.dhcp_reboot(&mac, &Client::macos_10_15("Macintosh"), &router, &lease);
    t.igmp_join(&mac, Ipv4Addr::new(224, 0, 0, 251));
    t.igmp_leave(&mac, Ipv4Addr::new(224, 0, 0, 251));
    t.igmp_report(&mac, &[Ipv4Addr::new(224, 0, 0, 251), Ipv4Addr::new(239, 255, 255, 250)]);
    t.ipv6_comes_up(&mac);
    t.router_advertisement(&router, 1800, "fd00:6d61:6363::".parse().unwrap());
    t.ping(&mac, &router, 2);
    t.mdns(&mac, &mdns::question(&["_airplay._tcp.local", "_raop._tcp.local"], kind::PTR));
    let host = "Macintosh.local".to_owned();
    t.mdns(
        &mac,
        &mdns::announcement([
            (host.clone(), Data::A(Ipv4Addr::new(192, 0, 2, 10))),
            (host.clone(), Data::Aaaa(mac.link_local())),
            ("x._ssh._tcp.local".to_owned(), Data::Srv { priority: 0, weight: 0, port: 22, target: host }),
            ("x._ssh._tcp.local".to_owned(), Data::Txt(vec![b"model=VMware7,1".to_vec()])),
        ]),
    );
    t.ntp(&mac, &router);
    let frames = t.into_frames();
    check("local", &frames, "");
    expect_all(
        "local",
        &frames,
        &[
            ("arp.isprobe == 1", 3),
            ("arp.isannouncement == 1", 2),
            ("dhcp.option.dhcp == 1 && dhcp.option.request_list_item == 252", 1),
            ("dhcp.option.hostname == \"Macintosh\"", 3),
            ("dhcp.ip.your == 192.0.2.10", 3),
            ("igmp", 3),
            ("icmpv6", 6),
            ("icmpv6.opt.prefix == fd00:6d61:6363::", 1),
            ("icmp", 4),
            ("mdns", 2),
            ("ntp.stratum == 1", 1),
        ],
    );
}

#[test]
fn dns_messages_are_well_formed() {
    let (mut t, mac, router, server) = stage();
    t.dns_lookup(
        &mac,
        &router,
        "swscan.example.com",
        &["swscan-cdn.example.com.akadns.net", "swscan.g.example.net"],
        &addresses(&["198.51.100.1", "198.51.100.2"]),
    );
    t.dns_lookup(&mac, &router, "www.example.com", &[], &addresses(&["2001:db8::1"]));
    t.dns_no_such_name(&mac, &router, "lb._dns-sd._udp.0.2.0.192.in-addr.arpa", kind::PTR);
    let query = Message::query(7, "www.example.com", kind::HTTPS).with_edns(1232);
    let reply = query.reply().answer(Record::new(
        "www.example.com",
        300,
        Data::Https {
            priority: 1,
            target: String::new(),
            parameters: vec![(1, b"\x02h2\x02h3".to_vec()), (4, vec![198, 51, 100, 7])],
        },
    ));
    t.dns(&mac, &router, &query, &reply);
    let mut c = t.tcp(&mac, &router, 53);
    let query = Message::query(8, "big.example.com", kind::TXT);
    c.send(&mut t, &query.to_tcp_bytes());
    let text = Data::Txt(vec![vec![b'x'; 255]; 12]);
    c.receive(&mut t, &query.reply().answer(Record::new("big.example.com", 60, text)).to_tcp_bytes());
    c.close(&mut t);
    let _ = server;
    let frames = t.into_frames();
    check("dns", &frames, "");
    expect_all(
        "dns",
        &frames,
        &[
            ("dns.flags.response == 0", 5),
            ("dns.a == 198.51.100.2 && dns.cname == \"swscan.g.example.net\"", 1),
            ("dns.flags.rcode == 3", 1),
            ("dns.qry.type == 65", 2),
            ("tcp && dns", 2),
        ],
    );
}

#[test]
fn tls_is_well_formed_and_has_the_fingerprint_of_macos() {
    let (mut t, mac, _, server) = stage();
    let authority = Certificate::authority(t.random(), "Example CA 1", "Example Authority").to_der();
    let mut leaf = Certificate::server(t.random(), "www.example.com");
    leaf.ocsp = Some("http://ocsp.example.com/1".to_owned());
    leaf.names.push("*.example.com".to_owned());
    let chain = vec![leaf.to_der(), authority];
    let id = ocsp::CertificateId { issuer_name_hash: [1; 20], issuer_key_hash: [2; 20], serial: leaf.serial };
    let staple = ocsp::response(&id, ocsp::Status::Good, "20191014000000Z", "20191021000000Z");
    let answers = [
        Answer::tls_1_2(chain.clone()),
        Answer { stapled: Some(staple), ..Answer::tls_1_2(chain.clone()) },
        Answer::tls_1_2(Vec::new()),
        Answer::tls_1_3(chain),
    ];
    for answer in &answers {
        let mut c = t.tcp(&mac, &server, 443);
        let hello = ClientHello::macos_10_15(t.random(), "www.example.com", &["h2", "http/1.1"]);
        assert_eq!(hello.to_message().len(), 512);
        c.tls(&mut t, &hello, answer);
        c.send(&mut t, &tls::application_data(300));
        c.receive(&mut t, &tls::application_data(40_000));
        c.send(&mut t, &tls::encrypted(tls::content::ALERT, 26));
        c.close(&mut t);
    }
    for hello in [
        ClientHello::simple(t.random(), "simple.example.com"),
        ClientHello::with_grease(t.random(), "grease.example.com"),
        ClientHello::bare(t.random()),
    ] {
        let mut c = t.tcp(&mac, &server, 443);
        c.send(&mut t, &hello.to_bytes());
        c.receive(&mut t, &tls::alert(2, 40));
        c.close_by_responder(&mut t);
    }
    let frames = t.into_frames();
    check("tls", &frames, "");
    expect_all(
        "tls",
        &frames,
        &[
            ("tls.handshake.type == 1", 7),
            ("tls.handshake.ja3 == \"6fa3244afc6bb6f9fad207b6b52af26b\"", 4),
            ("tls.handshake.extensions_server_name == \"www.example.com\"", 4),
            ("tls.handshake.type == 2", 4),
            ("x509ce.dNSName == \"*.example.com\"", 2),
            ("x509sat.uTF8String == \"Example CA 1\"", 2),
            ("ocsp.certStatus == 0", 1),
            ("tls.handshake.extensions.supported_version == 0x0304 && tls.handshake.type == 2", 1),
        ],
    );
}

#[test]
fn http_and_ocsp_are_well_formed() {
    let (mut t, mac, _, server) = stage();
    let mut c = t.tcp(&mac, &server, 80);
    c.send(
        &mut t,
        &Request::get("captive.example.com", "/hotspot-detect.html").by_apple("CaptiveNetworkSupport").to_bytes(),
    );
    c.receive(&mut t, &Response::ok("text/html", b"<HTML>Success</HTML>").to_bytes());
    c.send(&mut t, &Request::get("captive.example.com", "/chunked").to_bytes());
    c.receive(
        &mut t,
        &Response::new(200, "OK").header("Content-Type", "text/plain").chunked(&[b'a'; 5000], 1000).to_bytes(),
    );
    let id = ocsp::CertificateId { issuer_name_hash: [1; 20], issuer_key_hash: [2; 20], serial: vec![0x88, 1, 2] };
    let response = ocsp::response(&id, ocsp::Status::Good, "20191014000000Z", "20191021000000Z");
    c.send(&mut t, &ocsp::get("ocsp.example.com", "/ocsp-ca", &ocsp::request(&id)).to_bytes());
    c.receive(&mut t, &ocsp::answer(&response).to_bytes());
    c.send(&mut t, &ocsp::post("ocsp.example.com", "/", &ocsp::request(&id)).to_bytes());
    c.receive(&mut t, &ocsp::answer(&response).to_bytes());
    c.send(&mut t, &Request::get("captive.example.com", "/rest").to_bytes());
    c.receive(&mut t, &Response::new(200, "OK").until_close(&[b'z'; 3000]).to_bytes());
    c.close_by_responder(&mut t);
    let frames = t.into_frames();
    check("http", &frames, "");
    expect_all(
        "http",
        &frames,
        &[
            ("http.request", 5),
            ("http.response", 5),
            ("http.transfer_encoding == \"chunked\"", 1),
            ("http.request && ocsp.serialNumber", 1),
            ("http.response && ocsp.responseStatus == 0", 2),
        ],
    );
}

#[test]
fn the_syn_is_that_of_the_diary() {
    let (mut t, mac, _, server) = stage();
    let options = Connect {
        initial_sequence: Some((4_259_408_247, 1)),
        timestamps: Some((801_728_007, 5)),
        ..Connect::default()
    };
    t.tcp_with(&mac, &server, 443, options);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("syn.pcap");
    std::fs::write(&path, write::pcap(&t.into_frames(), Order::Little, Resolution::Microseconds)).unwrap();
    let Ok(output) = Command::new("tcpdump").args(["-nn", "-S", "-c1", "-r"]).arg(&path).output() else {
        println!("skipped: tcpdump is not installed");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let diary = "Flags [SEW], seq 4259408247, win 65535, \
                 options [mss 1460,nop,wscale 6,nop,nop,TS val 801728007 ecr 0,sackOK,eol], length 0";
    assert!(text.contains(diary), "{text}");
}

#[test]
fn faults_of_tcp_are_what_tshark_calls_them() {
    let data = vec![b'd'; 1448 * 8];
    for direction in [Direction::Originator, Direction::Responder] {
        let (mut t, mac, _, server) = stage();
        let server = server.with_stack(Stack::linux().with_ecn());
        let mut play = |port, faults: &[Fault]| {
            let mut c = t.tcp(&mac, &server, port);
            c.transfer(&mut t, direction, &data, faults);
            c.close(&mut t);
            assert_eq!(c.payload_in() + c.payload_out(), data.len() as u64);
        };
        play(9000, &[]);
        play(9001, &[Fault::Twice(3)]);
        play(9002, &[Fault::Missing(3)]);
        play(9003, &[Fault::Late(3)]);
        play(9004, &[Fault::Swapped(3)]);
        expect_all(
            &format!("faults-{direction:?}"),
            &t.into_frames(),
            &[
                ("tcp.port == 9000 && tcp.analysis.flags", 0),
                ("tcp.port == 9000 && _ws.expert.severity >= 0x00600000", 0),
                ("tcp.port == 9000 && ip.dsfield.ecn == 2", 8),
                ("tcp.port == 9001 && tcp.analysis.retransmission", 1),
                ("tcp.port == 9002 && tcp.analysis.lost_segment", 1),
                ("tcp.port == 9003 && tcp.analysis.lost_segment", 1),
                ("tcp.port == 9003 && tcp.options.sack_le", 4),
                ("tcp.port == 9003 && (tcp.analysis.retransmission || tcp.analysis.out_of_order)", 1),
                ("tcp.port == 9004 && (tcp.analysis.retransmission || tcp.analysis.out_of_order)", 1),
            ],
        );
    }
}

#[test]
fn connections_can_fail_to_open_or_begin_before_the_capture() {
    let (mut t, mac, _, server) = stage();
    for opening in [Opening::Unanswered, Opening::Refused] {
        t.tcp_with(&mac, &server, 443, Connect { opening, ..Connect::default() });
    }
    let mut c = t.tcp_with(&mac, &server, 443, Connect { opening: Opening::BeforeCapture, ..Connect::default() });
    c.send(&mut t, b"hello");
    c.keep_alive(&mut t);
    c.raw(&mut t, Direction::Responder, 0, TcpFlags::ACK, b"abc");
    c.skip(Direction::Responder, 3);
    c.reset(&mut t, Direction::Originator);
    let frames = t.into_frames();
    expect_all(
        "opening",
        &frames,
        &[("tcp.flags.syn == 1", 4), ("tcp.flags.reset == 1", 2), ("tcp.analysis.keep_alive", 1)],
    );
}

#[test]
fn every_encapsulation_and_version_is_read_with_right_checksums() {
    let mut t = Traffic::new(START);
    for encapsulation in [
        Encapsulation::Ethernet,
        Encapsulation::Vlan(7),
        Encapsulation::DoubleVlan(100, 7),
        Encapsulation::Raw,
        Encapsulation::Null,
        Encapsulation::Loop,
        Encapsulation::LinuxCooked,
        Encapsulation::LinuxCookedV2,
    ] {
        t.encapsulate(encapsulation);
        for (source, destination) in [("192.0.2.10", "198.51.100.7"), ("2001:db8::10", "2001:db8:7::7")] {
            let (client, server) = (t.host(source), t.remote(destination));
            let mut c = t.tcp(&client, &server, 4000);
            c.send(&mut t, &[b'x'; 5000]);
            c.close(&mut t);
            t.fragment_at(Some(1280));
            t.udp(&client, &server, 4000).send(&mut t, &[b'y'; 3000]);
            t.fragment_at(None);
        }
    }
    let frames = t.into_frames();
    let link_types: std::collections::BTreeSet<_> = frames.iter().map(|frame| frame.link_type).collect();
    assert_eq!(link_types.len(), 6);
    check("encapsulations", &frames, "");
    expect_all(
        "encapsulations",
        &frames,
        &[
            ("tcp.checksum.status == 1", 12 * 16),
            ("udp.checksum.status == 1 && udp.length == 3008", 16),
            ("ip.fragment || ipv6.fragment", 16),
            ("vlan.id == 7", 2 * 2 * (12 + 3)),
            ("ieee8021ad.id == 100", 2 * (12 + 3)),
        ],
    );
}

#[test]
fn off_loaded_checksums_are_wrong_and_nothing_else_is() {
    let (mut t, mac, _, server) = stage();
    let mac = mac.with_checksums(Checksums::Offloaded);
    let options = Connect { coalesced_out: 10, coalesced_in: 4, ..Connect::default() };
    let mut c = t.tcp_with(&mac, &server, 4000, options);
    c.send(&mut t, &[b'x'; 20_000]);
    c.receive(&mut t, &[b'y'; 20_000]);
    c.close(&mut t);
    let frames = t.into_frames();
    check("offload", &frames, "Bad checksum");
    let outgoing = frames.iter().filter(|frame| frame.data[6..12] == mac.mac.0).count();
    expect_all(
        "offload",
        &frames,
        &[("tcp.checksum.status == 0", outgoing), ("ip.checksum.status == 0", 0), ("tcp.len > 10000", 1)],
    );
}

#[test]
fn snap_length_keeps_the_original_length() {
    let (mut t, mac, _, server) = stage();
    let mut c = t.tcp(&mac, &server, 4000);
    t.snap_len(Some(96));
    c.receive(&mut t, &[b'y'; 20_000]);
    t.snap_len(None);
    c.close(&mut t);
    let frames = t.into_frames();
    expect("snap", &frames, "frame.cap_len == 96 && frame.len == 1514", 13);
}

#[test]
fn all_shapes_of_files_have_the_same_packets() {
    let (mut t, mac, router, _) = stage();
    t.dns_lookup(&mac, &router, "www.example.com", &[], &addresses(&["198.51.100.7"]));
    let mut frames = t.into_frames();
    frames[0].comment = Some("first".to_owned());
    let fields = ["-T", "fields", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "udp.checksum", "-e", "dns.id"];
    let mut texts = Vec::new();
    for order in [Order::Little, Order::Big] {
        for resolution in [Resolution::Microseconds, Resolution::Nanoseconds] {
            let pcap = write::pcap(&frames, order, resolution);
            let about = About { order, resolution, comments: vec!["about".to_owned()], ..About::default() };
            let pcapng = write::pcapng(&frames, &about);
            for (name, bytes) in [("pcap", pcap), ("pcapng", pcapng)] {
                let Some(text) = tshark(&format!("shape-{order:?}-{resolution:?}.{name}"), &bytes, &fields) else {
                    return;
                };
                assert_eq!(text.lines().count(), 2);
                texts.push(text);
            }
        }
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:#?}");
}

#[test]
fn an_icmp_error_quotes_the_packet() {
    let (mut t, mac, router, _) = stage();
    t.datagram(&mac, 5000, &router, 9, b"anyone?");
    let packet = t.as_made()[0].data[14..].to_vec();
    t.unreachable(&router, &mac, 3, &packet);
    t.link(mac.mac, router.mac, EtherType::LLDP, &[2, 7, 4, 2, 0, 0, 0, 0, 1, 4, 2, 7, b'1', 6, 2, 0, 120, 0, 0]);
    let v6 = Host::new(mac.mac, Ipv6Addr::LOCALHOST);
    t.ping(&v6, &v6, 1);
    let frames = t.into_frames();
    expect("unreachable", &frames, "icmp.type == 3 && udp.dstport == 9", 1);
    let _ = dns::kind::ANY;
}
