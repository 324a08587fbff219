//! Made traffic with a text in each place that a name can come from, after a mark that says which place it is.

use std::net::Ipv4Addr;

use firstlight_model::Timestamp;
use firstlight_synth::certificate::Certificate;
use firstlight_synth::dhcp::{Client, Lease};
use firstlight_synth::dns::{Data, Message, kind};
use firstlight_synth::http::{Request, Response};
use firstlight_synth::tls::hello::ClientHello;
use firstlight_synth::tls::session::Answer;
use firstlight_synth::write::{About, pcapng};
use firstlight_synth::{Host, Stack, Traffic, mdns};

/// Places that the JSON report shows. There are more in the capture.
pub const PLACES: &[&str] = &[
    "look-up",
    "sni",
    "certificate",
    "host",
    "path",
    "agent",
    "type",
    "dhcp",
    "machine",
    "server",
    "comment",
    "frame-comment",
];

/// A letter for private use that becomes three bytes of which no UTF-8 is made.
pub const SPOILT: &str = "\u{e000}\u{e000}x";

/// The bytes with what [`SPOILT`] stands for: a lone continuation, a byte that never occurs, a beginning without an end.
pub fn spoilt(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut at = 0;
    while let Some(place) = bytes[at..].windows(3).position(|three| three == "\u{e000}".as_bytes()) {
        at += place;
        bytes[at..at + 3].copy_from_slice(&[0x80, 0xff, 0xe2]);
        at += 3;
    }
    bytes
}

/// A pcapng file with the text in every place.
pub fn with(kind: &str, hostile: &str) -> Vec<u8> {
    with_all(&[(kind, hostile)])
}

/// A pcapng file with each of the texts in every place.
pub fn with_all(texts: &[(&str, &str)]) -> Vec<u8> {
    let mut t = Traffic::new(Timestamp::from_parts(1_571_000_000, 0)).with_seed(7);
    let mac = t.host("192.0.2.10").with_stack(Stack::macos_10_15());
    let router = t.host("192.0.2.1");
    let mut about = About::default();
    for (number, (kind, hostile)) in (1..).zip(texts) {
        let server = t.remote(&format!("198.51.100.{number}"));
        let mark = |place: &str| format!("{place}-{kind}{hostile}");
        t.comment(mark("frame-comment"));
        local(&mut t, &mac, &router, &mark);
        named(&mut t, &mac, &router, &server, &mark);
        about.comments.push(mark("comment"));
        about.hardware = Some(mark("hardware"));
        about.os = Some(mark("system"));
        about.application = Some(mark("application"));
        about.interface = Some(mark("interface"));
        t.wait_s(1);
    }
    spoilt(pcapng(&t.into_frames(), &about))
}

/// DHCP, mDNS, SSDP.
fn local(t: &mut Traffic, mac: &Host, router: &Host, mark: &dyn Fn(&str) -> String) {
    let address = mac.v4.unwrap();
    let lease = Lease {
        address,
        mask: Ipv4Addr::new(255, 255, 255, 0),
        router: router.v4.unwrap(),
        dns: vec![router.v4.unwrap()],
        domain: Some(mark("domain")),
        seconds: 86_400,
    };
    let client = Client { vendor_class: Some(mark("class")), ..Client::macos_10_15(&mark("dhcp")) };
    t.dhcp_reboot(mac, &client, router, &lease);
    let (service, host) = ("_http._tcp.local", format!("{}.local", mark("machine")));
    let instance = format!("{}.{service}", mark("instance"));
    t.mdns(mac, &mdns::question(&[service, &instance], kind::PTR));
    t.mdns(
        mac,
        &mdns::announcement([
            (service.to_owned(), Data::Ptr(instance.clone())),
            (instance.clone(), Data::Srv { priority: 0, weight: 0, port: 80, target: host.clone() }),
            (instance, Data::Txt(vec![mark("text").into_bytes()])),
            (host, Data::A(address)),
        ]),
    );
    let group = Host::group("239.255.255.250".parse::<Ipv4Addr>().unwrap());
    let fields = [("ST", "target"), ("NT", "service"), ("SERVER", "server"), ("USER-AGENT", "ssdp"), ("USN", "unique")];
    for first in ["M-SEARCH * HTTP/1.1", "NOTIFY * HTTP/1.1"] {
        let mut text =
            format!("{first}\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nNTS: ssdp:alive\r\n");
        for (field, place) in fields {
            text.push_str(&format!("{field}: {}\r\n", without_lines(&mark(place))));
        }
        text.push_str(&format!("LOCATION: http://192.0.2.1/{}\r\n\r\n", without_lines(&mark("location"))));
        t.datagram(mac, 50_000, &group, 1900, text.as_bytes());
    }
}

/// DNS, TLS, HTTP.
fn named(t: &mut Traffic, mac: &Host, router: &Host, server: &Host, mark: &dyn Fn(&str) -> String) {
    let name = format!("{}.example.com", mark("look-up"));
    let query = Message::query(9, &name, kind::A);
    let reply = query.resolved(&[&format!("{}.example.net", mark("alias"))], &[server.v4.unwrap().into()]);
    t.dns(mac, router, &query, &reply);
    // Named by the look-up alone.
    let mut c = t.tcp(mac, server, 4433);
    c.send(t, b"\x01\x02\x03\x04");
    c.close(t);
    let sni = format!("{}.example.org", mark("sni"));
    let mut certificate = Certificate::server(t.random(), &format!("{}.example.edu", mark("certificate")));
    certificate.organisation = Some(mark("organisation"));
    certificate.issuer = (mark("issuer"), mark("authority"));
    let answer = Answer::tls_1_2(vec![certificate.to_der()]);
    let hello = ClientHello::simple(t.random(), &sni);
    let mut c = t.tcp(mac, server, 443);
    c.tls(t, &hello, &answer);
    c.close(t);
    // Named by the certificate alone, at an address that nobody has looked up.
    let hello = ClientHello::bare(t.random());
    let nameless = t.remote(&server.v4.unwrap().to_string().replace("198.51.100", "203.0.113"));
    let mut c = t.tcp(mac, &nameless, 443);
    c.tls(t, &hello, &answer);
    c.close(t);
    let line = |place: &str| without_lines(&mark(place));
    let request = Request::get(&line("host"), &format!("/{}", line("path").replace(' ', "_"))).by_apple(&line("agent"));
    let response = Response::ok(&line("type"), b"hello").header("Server", &line("product"));
    let mut c = t.tcp(mac, server, 80);
    c.send(t, &request.to_bytes());
    c.receive(t, &response.to_bytes());
    c.close(t);
}

/// What a line of a head can hold.
fn without_lines(text: &str) -> String {
    text.replace(['\r', '\n', '\0'], "_")
}
