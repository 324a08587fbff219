//! Made traffic in which something is under way most of the time, so that a cut or another order finds it: connections
//! that are kept alive, hellos in three segments, fragments, repetitions, ports used again, long silences, tunnels, IPv6.

use std::net::{IpAddr, Ipv4Addr};

use firstlight_model::{Direction, EtherType, TcpFlags, Timestamp, Transport};
use firstlight_synth::certificate::Certificate;
use firstlight_synth::dhcp::{Client, Lease};
use firstlight_synth::dns::{Data, Message, Record, kind};
use firstlight_synth::http::{Request, Response};
use firstlight_synth::ip::Header;
use firstlight_synth::tls::hello::ClientHello;
use firstlight_synth::tls::session::Answer;
use firstlight_synth::{
    Checksums, Connect, Connection, Encapsulation, Fault, Host, Opening, OwnedFrame, Segment, Stack, TcpOption,
    Traffic, mdns, ocsp, tls,
};

const START: Timestamp = Timestamp::from_parts(1_571_061_600, 123_456_000);

/// A name for a failure, and frames in time order.
pub type Made = (&'static str, Vec<OwnedFrame>);

/// All of it, one stage after the other.
pub fn all() -> Vec<Made> {
    let mut all = vec![
        ("keep-alive HTTP", keep_alive_http()),
        ("TLS of several kinds", tls_sessions()),
        ("fragments", fragments()),
        ("repeated and answered late", repeated_syn()),
        ("a port used again", port_reuse()),
        ("UDP beyond its time-out", long_udp()),
        ("IPv6", version_6()),
        ("tunnels", tunnels()),
        ("the local network", local()),
        ("faults of a connection", faults()),
        ("no beginning", no_beginning()),
    ];
    all.extend(hellos_in_three());
    for (_, frames) in &mut all {
        frames.sort_by_key(|frame| frame.time);
        assert!(frames.len() > 3);
    }
    all
}

/// All of it at the same time, in one capture.
pub fn together() -> Vec<OwnedFrame> {
    let mut frames: Vec<OwnedFrame> = all().into_iter().flat_map(|(_, frames)| frames).collect();
    frames.sort_by_key(|frame| frame.time);
    frames
}

struct Stage {
    t: Traffic,
    mac: Host,
    router: Host,
    server: Host,
}

/// A stage with machines of its own: the second byte of the addresses tells it from the others.
fn stage(number: u8) -> Stage {
    let t = Traffic::new(START).with_seed(u64::from(number) + 1);
    // As on the host of a virtual machine: its own checksums are not finished.
    let mac =
        t.host(&format!("10.{number}.0.10")).with_stack(Stack::macos_10_15()).with_checksums(Checksums::Offloaded);
    let router = t.host(&format!("10.{number}.0.1"));
    let server = t.remote(&format!("198.51.100.{number}"));
    Stage { t, mac, router, server }
}

fn look_up(s: &mut Stage, name: &str) {
    let address = s.server.v4.map(IpAddr::from).or(s.server.v6.map(IpAddr::from)).unwrap();
    s.t.dns_lookup(&s.mac, &s.router, name, &["edge.akamai.example.net"], &[address]);
}

/// One connection, five requests, one of them pipelined; a body in chunks, one that spans segments.
pub fn keep_alive_http() -> Vec<OwnedFrame> {
    let mut s = stage(1);
    look_up(&mut s, "www.example.com");
    let mut c = s.t.tcp(&s.mac, &s.server, 80);
    for turn in 0..3_usize {
        let request = Request::get("www.example.com", &format!("/page/{turn}")).by_apple("Test/1.0 (a; b)");
        c.send(&mut s.t, &request.to_bytes());
        s.t.wait_ms(40);
        c.receive(&mut s.t, &Response::ok("text/html", &vec![b'x'; 700 * (turn + 1)]).to_bytes());
        s.t.wait_s(2);
    }
    let post = Request::new("POST", "api.example.com", "/submit").header("User-Agent", "Other/2").body(&[b'y'; 3_000]);
    let mut both = post.to_bytes();
    both.extend(Request::get("www.example.com", "/last").to_bytes());
    c.send(&mut s.t, &both);
    s.t.wait_ms(30);
    c.receive(&mut s.t, &Response::new(404, "Not Found").chunked(&[b'z'; 2_500], 600).to_bytes());
    c.receive(&mut s.t, &Response::new(200, "OK").header("Content-Type", "image/png").body(&[1; 90]).to_bytes());
    c.keep_alive(&mut s.t);
    c.close(&mut s.t);
    s.t.into_frames()
}

/// One long answer in the clear, and one that is encrypted.
pub fn downloads(bytes: usize) -> [Vec<OwnedFrame>; 2] {
    let mut s = stage(15);
    let mut c = s.t.tcp(&s.mac, &s.server, 80);
    c.send(&mut s.t, &Request::get("large.example.com", "/").to_bytes());
    c.receive(&mut s.t, &Response::ok("application/zip", &vec![b'l'; bytes]).to_bytes());
    c.close(&mut s.t);
    let clear = s.t.into_frames();
    let mut s = stage(16);
    let mut c = s.t.tcp(&s.mac, &s.server, 443);
    let hello = ClientHello::macos_10_15(s.t.random(), "large.example.com", &["h2"]);
    c.tls(&mut s.t, &hello, &Answer::tls_1_3(Vec::new()));
    c.receive(&mut s.t, &tls::application_data(bytes));
    c.close(&mut s.t);
    [clear, s.t.into_frames()]
}

/// The six orders of three things.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// A ClientHello in three segments, in each order.
pub fn hellos_in_three() -> Vec<Made> {
    let names = ["hello 123", "hello 132", "hello 213", "hello 231", "hello 312", "hello 321"];
    let made = (20_u8..).zip(ORDERS).map(|(number, order)| {
        let mut s = stage(number);
        let mut c = s.t.tcp(&s.mac, &s.server, 443);
        let hello = ClientHello::macos_10_15(s.t.random(), "three.example.com", &["h2"]).to_bytes();
        let third = hello.len() / 3;
        let parts = [(0, &hello[..third]), (third, &hello[third..2 * third]), (2 * third, &hello[2 * third..])];
        for index in order {
            let (offset, part) = parts[index];
            c.raw(&mut s.t, Direction::Originator, i32::try_from(offset).unwrap(), TcpFlags::ACK, part);
        }
        c.skip(Direction::Originator, u32::try_from(hello.len()).unwrap());
        let answer = Answer::tls_1_3(Vec::new());
        let simple = ClientHello::simple(s.t.random(), "three.example.com");
        let random = s.t.random().array();
        c.receive(&mut s.t, &tls::handshake_records(tls::TLS_1_2, &answer.server_hello(&simple, random, &[])));
        c.send(&mut s.t, &tls::application_data(400));
        c.receive(&mut s.t, &tls::application_data(5_000));
        c.close(&mut s.t);
        s.t.into_frames()
    });
    names.into_iter().zip(made).collect()
}

/// TLS 1.2 with certificates over several segments, resumed, and 1.3; names looked up before.
pub fn tls_sessions() -> Vec<OwnedFrame> {
    let mut s = stage(2);
    let authority = Certificate::authority(s.t.random(), "Example CA 1", "Example Authority").to_der();
    let leaf = Certificate::server(s.t.random(), "www.example.org").to_der();
    let chain = vec![leaf, authority];
    for answer in [Answer::tls_1_2(chain.clone()), Answer::tls_1_2(Vec::new()), Answer::tls_1_3(chain)] {
        look_up(&mut s, "www.example.org");
        let mut c = s.t.tcp(&s.mac, &s.server, 443);
        let hello = ClientHello::macos_10_15(s.t.random(), "www.example.org", &["h2", "http/1.1"]);
        c.tls(&mut s.t, &hello, &answer);
        c.send(&mut s.t, &tls::application_data(300));
        c.receive(&mut s.t, &tls::application_data(9_000));
        c.close(&mut s.t);
        s.t.wait_s(1);
    }
    // No name in the hello: the certificate has one.
    let mut c = s.t.tcp(&s.mac, &s.server, 8443);
    let hello = ClientHello::bare(s.t.random());
    let leaf = Certificate::server(s.t.random(), "mail.example.org").to_der();
    c.tls(&mut s.t, &hello, &Answer::tls_1_2(vec![leaf]));
    c.close_by_responder(&mut s.t);
    s.t.into_frames()
}

/// Answers in fragments over IPv4 and IPv6, in order, turned round, and one that stays incomplete.
pub fn fragments() -> Vec<OwnedFrame> {
    let mut s = stage(3);
    let v6 = |host: &Host, last: u16| host.clone().with_address(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 3, last]));
    let six = |host: Host| Host { v4: None, ..host };
    let pairs = [(s.mac.clone(), s.router.clone()), (six(v6(&s.mac, 10)), six(v6(&s.router, 1)))];
    for (client, resolver) in pairs {
        for turned in [false, true] {
            let query = Message::query(9, "big.example.com", kind::TXT).with_edns(4096);
            let text = Data::Txt(vec![vec![b'x'; 255]; 12]);
            let reply = query.reply().answer(Record::new("big.example.com", 60, text)).to_bytes();
            let mut x = s.t.udp(&client, &resolver, 53);
            x.send(&mut s.t, &query.to_bytes());
            let before = s.t.len();
            let mut aside = Traffic::new(s.t.now()).with_seed(u64::from(turned) + 40);
            aside.fragment_at(Some(900));
            x.receive(&mut aside, &reply);
            let mut parts = aside.into_frames();
            assert!(parts.len() > 2);
            if turned {
                parts.reverse();
            }
            for (step, mut part) in parts.into_iter().enumerate() {
                part.time = s.t.now().plus_ns(12_000_000 + 300_000 * i64::try_from(step).unwrap());
                s.t.extend([part]);
            }
            s.t.wait_ms(200);
            assert!(s.t.len() > before);
        }
    }
    // The last fragment never comes.
    let mut aside = Traffic::new(s.t.now());
    aside.fragment_at(Some(600));
    aside.datagram(&s.router, 53, &s.mac, 50_001, &[0; 1_500]);
    let mut parts = aside.into_frames();
    parts.pop();
    s.t.extend(parts);
    s.t.wait_s(90);
    look_up(&mut s, "after.example.com");
    s.t.into_frames()
}

/// SYNs that are sent again: without an answer, and with one that comes late; one that is refused.
pub fn repeated_syn() -> Vec<OwnedFrame> {
    let mut s = stage(4);
    s.t.tcp_with(&s.mac, &s.server, 443, Connect { opening: Opening::Unanswered, ..Connect::default() });
    s.t.tcp_with(&s.mac, &s.server, 8080, Connect { opening: Opening::Refused, ..Connect::default() });
    let start = s.t.now();
    let options = Connect {
        source_port: Some(51_000),
        initial_sequence: Some((7_000, 9_000)),
        timestamps: Some((1_000, 2_000)),
        round_trip_ns: 1_500_000_000,
        ..Connect::default()
    };
    let mut c = s.t.tcp_with(&s.mac, &s.server, 80, options);
    // The same SYN a second later, before its answer came.
    let syn = Segment {
        source_port: 51_000,
        destination_port: 80,
        sequence: 7_000,
        acknowledgment: 0,
        flags: TcpFlags(TcpFlags::SYN | TcpFlags::ECE | TcpFlags::CWR),
        window: 65_535,
        options: vec![
            TcpOption::Mss(1460),
            TcpOption::Nop,
            TcpOption::WindowScale(6),
            TcpOption::Nop,
            TcpOption::Nop,
            TcpOption::Timestamps(2_000, 0),
            TcpOption::SackPermitted,
            TcpOption::Eol,
        ],
        data: Vec::new(),
    };
    let now = s.t.now();
    s.t.at(start.plus_ns(1_000_000_000));
    s.t.segment(&s.mac, &s.server, &syn);
    s.t.at(now);
    c.send(&mut s.t, &Request::get("late.example.com", "/").to_bytes());
    c.receive(&mut s.t, &Response::ok("text/plain", &[b'l'; 30_000]).to_bytes());
    c.close(&mut s.t);
    s.t.into_frames()
}

/// Three connections with the same four addresses and ports, soon after each other; the second is reset.
pub fn port_reuse() -> Vec<OwnedFrame> {
    let mut s = stage(5);
    for turn in 0..3_u32 {
        let options = Connect {
            source_port: Some(52_000),
            initial_sequence: Some((100_000 * (turn + 1), 900_000 * (turn + 1))),
            ..Connect::default()
        };
        let mut c = s.t.tcp_with(&s.mac, &s.server, 80, options);
        c.send(&mut s.t, &Request::get(&format!("turn{turn}.example.com"), "/").to_bytes());
        c.receive(&mut s.t, &Response::ok("text/plain", &[b'a'; 2_000]).to_bytes());
        if turn == 1 {
            c.reset(&mut s.t, Direction::Responder);
        } else {
            c.close(&mut s.t);
        }
        s.t.wait_s(3);
    }
    s.t.into_frames()
}

/// UDP flows that go on after five minutes of silence and become others, and some that go on just in time.
pub fn long_udp() -> Vec<OwnedFrame> {
    let mut s = stage(6);
    let mut slow = s.t.udp_from(&s.mac, 53_000, &s.server, 4_500);
    let mut steady = s.t.udp_from(&s.mac, 53_001, &s.server, 4_501);
    let mut pinged = s.t.now();
    for turn in 0..6_u8 {
        slow.send(&mut s.t, &[turn; 40]);
        slow.receive(&mut s.t, &[turn; 60]);
        for _ in 0..4 {
            steady.send(&mut s.t, &[turn; 30]);
            s.t.wait_s(80);
        }
        steady.receive(&mut s.t, &[turn; 31]);
        if s.t.now().since_ns(pinged) > 600_000_000_000 {
            s.t.ping(&s.mac, &s.server, 2);
            pinged = s.t.now();
        }
        s.t.ntp(&s.mac, &s.server);
        look_up(&mut s, &format!("turn{turn}.example.com"));
    }
    s.t.into_frames()
}

/// IPv6: neighbours, DNS, TLS, HTTP.
pub fn version_6() -> Vec<OwnedFrame> {
    let mut s = stage(7);
    let address = |last: u16| IpAddr::from([0x2001, 0xdb8, 7, 0, 0, 0, 0, last]);
    for (host, last) in [(&mut s.mac, 10), (&mut s.router, 1), (&mut s.server, 0x443)] {
        *host = Host { v4: None, ..host.clone().with_address(address(last)) };
    }
    s.t.ipv6_comes_up(&s.mac);
    s.t.router_advertisement(&s.router, 1800, "2001:db8:7::".parse().unwrap());
    look_up(&mut s, "six.example.com");
    let mut c = s.t.tcp(&s.mac, &s.server, 443);
    let hello = ClientHello::with_grease(s.t.random(), "six.example.com");
    c.tls(&mut s.t, &hello, &Answer::tls_1_3(vec![vec![0; 900]]));
    c.receive(&mut s.t, &tls::application_data(6_000));
    c.close(&mut s.t);
    let mut c = s.t.tcp(&s.mac, &s.server, 80);
    c.send(&mut s.t, &Request::get("six.example.com", "/six").to_bytes());
    c.receive(&mut s.t, &Response::ok("text/html", &[b'6'; 3_000]).to_bytes());
    c.close_by_responder(&mut s.t);
    s.t.ping(&s.mac, &s.server, 2);
    s.t.into_frames()
}

/// HTTP and DNS of another network inside VXLAN, GRE and IP-in-IP, VLANs beside them.
pub fn tunnels() -> Vec<OwnedFrame> {
    let mut s = stage(8);
    for (number, wrap) in (9_u8..).zip([vxlan as Wrap, gre, ip_in_ip]) {
        let mut inner = stage(number);
        if number > 9 {
            inner.t.encapsulate(Encapsulation::Raw);
        }
        inner.t.at(s.t.now());
        look_up(&mut inner, "inside.example.com");
        let mut c = inner.t.tcp(&inner.mac, &inner.server, 80);
        c.send(&mut inner.t, &Request::get("inside.example.com", &format!("/{number}")).to_bytes());
        c.receive(&mut inner.t, &Response::ok("text/plain", &[b't'; 2_000]).to_bytes());
        c.close(&mut inner.t);
        let end = inner.t.now();
        for frame in inner.t.into_frames() {
            s.t.at(frame.time);
            wrap(&mut s, &frame.data);
        }
        s.t.at(end);
    }
    for encapsulation in [Encapsulation::Vlan(7), Encapsulation::DoubleVlan(8, 9), Encapsulation::Ethernet] {
        s.t.encapsulate(encapsulation);
        look_up(&mut s, "tagged.example.com");
    }
    s.t.into_frames()
}

type Wrap = fn(&mut Stage, &[u8]);

fn vxlan(s: &mut Stage, frame: &[u8]) {
    let mut payload = vec![8, 0, 0, 0, 0, 0, 42, 0];
    payload.extend(frame);
    let (mac, server) = (s.mac.clone(), s.server.clone());
    s.t.datagram(&mac, 54_000, &server, 4_789, &payload);
}

fn gre(s: &mut Stage, packet: &[u8]) {
    let [high, low] = EtherType::IPV4.0.to_be_bytes();
    let mut payload = vec![0, 0, high, low];
    payload.extend(packet);
    carried(s, Transport(47), &payload);
}

fn ip_in_ip(s: &mut Stage, packet: &[u8]) {
    carried(s, Transport(4), packet);
}

fn carried(s: &mut Stage, protocol: Transport, payload: &[u8]) {
    let (mac, server) = (s.mac.clone(), s.server.clone());
    let header: Header = s.t.header(&mac, &server, protocol);
    s.t.packet(&mac, &server, &header, payload);
}

/// DHCP, ARP, mDNS, IGMP, NTP, OCSP: what a machine says when it comes up.
pub fn local() -> Vec<OwnedFrame> {
    let mut s = stage(12);
    let lease = Lease {
        address: Ipv4Addr::new(10, 12, 0, 10),
        mask: Ipv4Addr::new(255, 255, 255, 0),
        router: Ipv4Addr::new(10, 12, 0, 1),
        dns: vec![Ipv4Addr::new(10, 12, 0, 1)],
        domain: Some("example".to_owned()),
        seconds: 86_400,
    };
    s.t.dhcp_discover(&s.mac, &Client::macos_10_15("Macintosh"), &s.router, &lease);
    s.t.arp_claim(&s.mac);
    s.t.arp_resolve(&s.mac, &s.router);
    s.t.igmp_join(&s.mac, Ipv4Addr::new(224, 0, 0, 251));
    s.t.mdns(&s.mac, &mdns::question(&["_airplay._tcp.local"], kind::PTR));
    let name = ("Macintosh.local".to_owned(), Data::A(Ipv4Addr::new(10, 12, 0, 10)));
    s.t.mdns(&s.mac, &mdns::announcement([name]));
    s.t.ntp(&s.mac, &s.server);
    s.t.dns_no_such_name(&s.mac, &s.router, "lb._dns-sd._udp.0.0.12.10.in-addr.arpa", kind::PTR);
    look_up(&mut s, "ocsp.example.com");
    let id = ocsp::CertificateId { issuer_name_hash: [1; 20], issuer_key_hash: [2; 20], serial: vec![3; 16] };
    let response = ocsp::response(&id, ocsp::Status::Good, "20191014000000Z", "20191021000000Z");
    let mut c = s.t.tcp(&s.mac, &s.server, 80);
    c.send(&mut s.t, &ocsp::get("ocsp.example.com", "/a", &ocsp::request(&id)).to_bytes());
    c.receive(&mut s.t, &ocsp::answer(&response).to_bytes());
    c.close(&mut s.t);
    s.t.wait_s(400);
    s.t.dhcp_reboot(&s.mac, &Client::macos_10_15("Macintosh"), &s.router, &lease);
    look_up(&mut s, "again.example.com");
    s.t.into_frames()
}

/// Segments that are missing, late, twice and swapped in both directions; overlaps; frames cut off by a snap length.
pub fn faults() -> Vec<OwnedFrame> {
    let mut s = stage(13);
    let faults = [Fault::Missing(3), Fault::Late(6), Fault::Twice(9), Fault::Swapped(12)];
    let open = |s: &mut Stage| -> Connection { s.t.tcp(&s.mac, &s.server, 80) };
    let mut c = open(&mut s);
    c.send(&mut s.t, &Request::get("faults.example.com", "/in").to_bytes());
    let body = Response::ok("application/zip", &[b'f'; 30_000]).to_bytes();
    c.transfer(&mut s.t, Direction::Responder, &body, &faults);
    c.close(&mut s.t);
    let mut c = open(&mut s);
    let post = Request::new("POST", "faults.example.com", "/out").body(&[b'g'; 24_000]).to_bytes();
    c.transfer(&mut s.t, Direction::Originator, &post, &faults);
    c.receive(&mut s.t, &Response::new(204, "No Content").to_bytes());
    // Old bytes again, with a few new ones, and something behind a hole.
    c.raw(&mut s.t, Direction::Originator, -200, TcpFlags::ACK, &[b'g'; 260]);
    c.raw(&mut s.t, Direction::Originator, 1_000, TcpFlags::ACK, &[b'h'; 50]);
    c.reset(&mut s.t, Direction::Originator);
    s.t.snap_len(Some(96));
    let mut c = open(&mut s);
    c.send(&mut s.t, &Request::get("cut.example.com", "/").to_bytes());
    c.receive(&mut s.t, &Response::ok("text/html", &[b'c'; 9_000]).to_bytes());
    c.close(&mut s.t);
    s.t.into_frames()
}

/// Connections that began before the capture.
pub fn no_beginning() -> Vec<OwnedFrame> {
    let mut s = stage(14);
    let before = Connect { opening: Opening::BeforeCapture, ..Connect::default() };
    let mut c = s.t.tcp_with(&s.mac, &s.server, 443, before.clone());
    c.receive(&mut s.t, &tls::application_data(4_000));
    c.send(&mut s.t, &tls::application_data(200));
    c.close_by_responder(&mut s.t);
    let mut c = s.t.tcp_with(&s.mac, &s.server, 80, before);
    c.send(&mut s.t, &Request::get("old.example.com", "/").to_bytes());
    c.receive(&mut s.t, &Response::ok("text/plain", &[b'o'; 3_000]).to_bytes());
    s.t.into_frames()
}
