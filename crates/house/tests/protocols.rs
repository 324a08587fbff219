//! `docs/protocols.md`: every dissector with its file, carrier, fields and captures of the corpus in which it is found; and
//! for each thing that ought to be recognised, where it is, and what tests it. `FIRSTLIGHT_RENEW=1 cargo test -p
//! firstlight-house --test protocols` writes the page anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use firstlight_capture::{Input, Options, open};
use firstlight_dissect::{ALL, Carrier, Dissector, Sink};
use firstlight_house::page::hold_page;
use firstlight_house::{corpus, files_below, root, say};
use firstlight_model::{Network, Observation};

/// What shows that a thing is recognised.
enum Proof {
    /// A dissector of this name, which finds it in the captures of the corpus beside it.
    Service(&'static str),
    /// A field that a dissector's own sample shows (`free_tests.rs` holds that it does).
    Field(&'static str),
    /// A test: file below the root, function.
    Test(&'static str, &'static str),
}
use Proof::{Field, Service, Test};

const HAND_OVER: &str = "crates/dissect/tests/hand_over.rs";
const BEHAVIOUR: &str = "crates/dissect/tests/behaviour.rs";
const SERVICES: &str = "crates/dissect/tests/services.rs";
const QUIC: &str = "crates/dissect/src/quic/tests.rs";
const HIDDEN: &str = "crates/engine/tests/hidden.rs";
const HIDES: &str = "crates/knowledge/src/hides.rs";
const STARTTLS: Proof = Test(SERVICES, "a_name_is_seen_after_each_agreement_on_tls");

/// What ought to be recognised, in the order of the page.
const RECOGNISED: &[(&str, &[Proof])] = &[
    ("TLS: name, protocols, version, fingerprints", &[Service("tls"), Field("tls.ja4")]),
    ("TLS: the server asks for another hello", &[Field("tls.hello_retry_request")]),
    ("TLS: resumption", &[Field("tls.resumed")]),
    ("TLS: subject, names and issuer of certificates", &[Field("tls.handshake.certificate")]),
    ("STARTTLS in SMTP, IMAP, POP3, XMPP, FTP, LDAP, PostgreSQL", &[STARTTLS]),
    (
        "Encrypted hellos, and decoys",
        &[Test(HIDDEN, "an_outer_name_is_never_printed_as_a_name"), Test(HIDDEN, "a_decoy_keeps_its_name")],
    ),
    ("DNS over TLS", &[Test(HIDDEN, "dns_over_tls_is_said_to_hide_look_ups_with_a_name_and_without")]),
    ("DNS over HTTPS", &[Test(HIDDEN, "dns_over_https_is_said_to_hide_look_ups_and_other_sites_are_not")]),
    ("DNS over QUIC", &[Test(HIDDEN, "dns_over_quic_is_said_to_hide_look_ups")]),
    ("DNSCrypt", &[Service("dnscrypt")]),
    ("iCloud Private Relay", &[Test(HIDES, "resolvers_are_told_by_name_address_port_and_protocol")]),
    ("QUIC v1, v2, draft-29, Q043 to Q050", &[Service("quic"), Field("quic.tag.sni")]),
    ("QUIC: version 2 agreed on in version 1", &[Test(QUIC, "a_server_may_go_on_in_version_2")]),
    (
        "QUIC: hello over several packets, in any order",
        &[Test(QUIC, "a_hello_in_any_pieces_in_any_order_over_any_datagrams_is_read_once")],
    ),
    (
        "QUIC: retry, early data, version negotiation",
        &[Field("quic.retry"), Field("quic.zero_rtt"), Field("quic.version_negotiation")],
    ),
    (
        "DTLS, also behind STUN",
        &[Service("dtls"), Test(HAND_OVER, "dtls_is_read_behind_stun_and_stun_in_between_does_no_harm")],
    ),
    ("HTTP/1", &[Service("http")]),
    (
        "HTTP/2 in clear, by upgrade and by prior knowledge",
        &[Service("http2"), Test(HAND_OVER, "http2_in_clear_is_http2_by_upgrade_and_by_prior_knowledge")],
    ),
    ("WebSocket", &[Service("websocket"), Test(HAND_OVER, "a_websocket_is_one_and_keeps_the_host_of_its_upgrade")]),
    ("gRPC", &[Field("http2.application")]),
    (
        "HTTP CONNECT, and the name behind it",
        &[Field("http.proxy_connect_host"), Test(BEHAVIOUR, "a_name_is_seen_through_a_proxy")],
    ),
    ("SOCKS, and the name behind it", &[Service("socks")]),
    ("Apple push (port 5223)", &[Service("tls")]),
    ("STUN and TURN", &[Service("stun")]),
    (
        "RTP and RTCP",
        &[Service("rtp"), Test(HAND_OVER, "media_is_known_behind_stun_and_by_its_reports_but_not_by_a_guess")],
    ),
    ("SSH", &[Service("ssh")]),
    ("SMB 1 to 3", &[Service("smb"), Field("smb.dialect")]),
    (
        "Kerberos, also the ticket within SMB, LDAP and HTTP",
        &[Service("kerberos"), Field("ldap.ticket.server"), Field("http.negotiate.service")],
    ),
    ("NTLM within SMB and HTTP", &[Field("smb.host"), Field("http.ntlm.host")]),
    ("LDAP", &[Service("ldap")]),
    ("CLDAP", &[Field("ldap.netlogon.hostname")]),
    ("MQTT", &[Service("mqtt")]),
    ("CoAP", &[Service("coap")]),
    ("RTSP", &[Service("rtsp")]),
    ("SIP", &[Service("sip")]),
    ("SNMP", &[Service("snmp")]),
    ("Syslog over UDP and TCP", &[Service("syslog")]),
    (
        "TFTP, and the transfer after the request",
        &[Service("tftp"), Test(HAND_OVER, "the_transfer_after_a_request_of_tftp_is_known")],
    ),
    ("FTP", &[Service("ftp")]),
    ("SMTP", &[Service("smtp")]),
    ("IMAP", &[Service("imap")]),
    ("POP3", &[Service("pop3")]),
    ("XMPP", &[Service("xmpp")]),
    ("Telnet", &[Service("telnet")]),
    ("RPC (NFS, port mapper) over UDP and TCP", &[Service("rpc")]),
    ("memcached over TCP and UDP", &[Service("memcached")]),
    ("Remote Desktop", &[Service("rdp")]),
    ("WireGuard", &[Service("wg")]),
    ("IKE, ESP", &[Service("isakmp")]),
    ("OpenVPN", &[Service("openvpn")]),
    ("BitTorrent and its distributed table", &[Service("bittorrent"), Service("bt-dht")]),
    ("Steam", &[Service("steam")]),
    ("Tuya", &[Service("tuya")]),
    ("TP-Link", &[Service("tplink-smarthome")]),
    ("Sonos and other UPnP devices", &[Service("ssdp"), Field("http.upnp.friendly_name"), Field("http.upnp.model")]),
    ("mDNS: hosts, services, models", &[Service("mdns"), Field("mdns.host")]),
    ("LLMNR", &[Service("llmnr")]),
    ("NetBIOS names and datagrams", &[Service("nbns"), Service("nbdgm")]),
    ("WS-Discovery", &[Service("wsd")]),
    ("DHCP", &[Service("dhcp")]),
    ("DHCPv6", &[Service("dhcpv6")]),
    ("ICMP: echo, errors with their connection, redirects", &[Service("icmp"), Field("icmp.subject")]),
    ("Router advertisements, and who is a router", &[Field("icmpv6.nd.ra.router_lifetime"), Field("icmp.lifetime")]),
    (
        "Neighbour discovery, listeners (MLD)",
        &[Field("icmpv6.nd.target_address"), Field("icmpv6.mld.multicast_address")],
    ),
    ("Group membership (IGMP)", &[Service("igmp")]),
    ("LLDP", &[Service("lldp")]),
    ("CDP", &[Service("cdp")]),
    ("EAPOL", &[Service("eapol")]),
    ("STP", &[Service("stp")]),
];

#[test]
fn the_page_of_protocols_is_what_the_code_and_the_corpus_give() {
    let Some(corpus) = corpus("the page of protocols (protocols)") else { return };
    let found = found_in(&corpus);
    hold_page("docs/protocols.md", "", &page(&found));
    let missing: BTreeSet<_> = ALL.iter().map(|it| it.name).filter(|name| !found.contains_key(name)).collect();
    say(&format!("{} services, {} of them in no capture: {missing:?}", ALL.len(), missing.len()));
}

#[test]
fn every_proof_is_there() {
    for (what, proofs) in RECOGNISED {
        assert!(!proofs.is_empty(), "{what}: nothing shows it");
        for proof in *proofs {
            match proof {
                Service(name) => assert!(ALL.iter().any(|it| it.name == *name), "{what}: no dissector is {name}"),
                Field(name) => {
                    let is_there = ALL.iter().any(|it| it.fields.iter().any(|field| field.name == *name));
                    assert!(is_there, "{what}: no dissector has the field {name}");
                }
                Test(file, function) => {
                    let text = fs::read_to_string(root().join(file)).unwrap_or_default();
                    let is_test = text.contains(&format!("#[test]\nfn {function}()"))
                        || text.contains(&format!("#[test]\n    fn {function}("));
                    assert!(is_test, "{what}: {file} has no test {function}");
                }
            }
        }
    }
}

/// The first captures in which each service is found.
fn found_in(corpus: &Path) -> BTreeMap<&'static str, BTreeSet<String>> {
    let captures = files_below(corpus);
    let next = AtomicUsize::new(0);
    let found = Mutex::new(BTreeMap::<&str, BTreeSet<String>>::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(path) = captures.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = path.strip_prefix(corpus).expect("it lies there").display().to_string();
                    for service in services_of(path) {
                        found.lock().expect("no thread panicked").entry(service).or_default().insert(name.clone());
                    }
                }
            });
        }
    });
    found.into_inner().expect("no thread panicked")
}

struct Silent;

impl Sink for Silent {
    fn observe(&mut self, _: Observation<'_>) {}
}

fn services_of(path: &Path) -> BTreeSet<&'static str> {
    let inputs = [Input::Path(path.to_path_buf())];
    let Ok(source) = open(&inputs, &Options::default()) else { return BTreeSet::new() };
    let flows = firstlight_engine::flows(source, &firstlight_engine::Options::default());
    let mut services: BTreeSet<_> = flows.iter().filter_map(|flow| flow.service).collect();
    let Ok(mut source) = open(&inputs, &Options::default()) else { return services };
    while let Some(frame) = source.next() {
        let packet = firstlight_wire::parse(frame.link_type, frame.data, frame.original_len);
        if !matches!(packet.network, Network::Ip(_)) && !packet.transport_bytes.is_empty() {
            let found = firstlight_dissect::frame(packet.link.ether_type, packet.transport_bytes, 0, &mut Silent);
            services.extend(found.map(|dissector| dissector.name));
        }
    }
    services
}

fn page(found: &BTreeMap<&'static str, BTreeSet<String>>) -> String {
    let mut page = String::from(
        "# Protocols\n\nWhat is recognised, where, and what shows it. Made by `FIRSTLIGHT_RENEW=1 cargo test -p \
         firstlight-house --test protocols`\nfrom the list of dissectors and the corpus of real captures, and held by \
         it. Every field is also seen in a sample of its own\nfile (`crates/dissect/src/free_tests.rs`).\n\n\
         ## What is recognised\n\n| what | where | shown by |\n|---|---|---|\n",
    );
    for (what, proofs) in RECOGNISED {
        let (mut places, mut shown) = (Vec::new(), Vec::new());
        for proof in *proofs {
            let (place, how) = words(proof, found);
            places.extend(place);
            shown.push(how);
        }
        places.dedup();
        let _ = writeln!(page, "| {what} | {} | {} |", places.join(", "), shown.join("; "));
    }
    page.push_str(
        "\n## Dissectors\n\nIn probing order. The role of a field tells the later stages what to do with it ",
    );
    page.push_str("(`Role` in\n`crates/model/src/observation.rs`).\n\n| service | file | over | fields | captures |\n");
    page.push_str("|---|---|---|---|---|\n");
    for (dissector, file) in ALL.iter().zip(files()) {
        let fields: Vec<_> =
            dissector.fields.iter().map(|field| format!("`{}` {:?}", field.name, field.role)).collect();
        let captures = captures(dissector.name, found);
        let _ = writeln!(
            page,
            "| {} | {file}.rs | {} | {} | {captures} |",
            dissector.name,
            carrier(dissector),
            fields.join(", ")
        );
    }
    page
}

/// Files, and in words what shows it.
fn words(proof: &Proof, found: &BTreeMap<&'static str, BTreeSet<String>>) -> (Vec<String>, String) {
    let of = |is_it: &dyn Fn(&Dissector) -> bool| {
        let files = ALL.iter().zip(files()).filter(|(dissector, _)| is_it(dissector));
        files.map(|(_, file)| format!("{file}.rs")).collect::<Vec<_>>()
    };
    match proof {
        Service(name) => (of(&|it| it.name == *name), captures(name, found)),
        Field(name) => (of(&|it| it.fields.iter().any(|field| field.name == *name)), format!("sample with `{name}`")),
        Test(file, function) => (Vec::new(), format!("`{function}` in {file}")),
    }
}

fn captures(service: &str, found: &BTreeMap<&'static str, BTreeSet<String>>) -> String {
    let Some(captures) = found.get(service) else { return "its sample (no capture has it)".to_owned() };
    let first: Vec<_> = captures.iter().take(2).map(String::as_str).collect();
    match captures.len() - first.len() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// The modules of the list, in its order, which is that of `ALL`.
fn files() -> Vec<String> {
    let source = fs::read_to_string(root().join("crates/dissect/src/lib.rs")).expect("the list can be read");
    let list = source.split("\nprotocols! {").nth(1).and_then(|rest| rest.split('}').next()).expect("there is a list");
    let lines = list.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let files: Vec<_> =
        lines.flat_map(|line| line.split(',')).map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect();
    assert_eq!(files.len(), ALL.len(), "the list was understood");
    files
}

fn carrier(dissector: &Dissector) -> &'static str {
    match dissector.carrier {
        Carrier::Tcp => "TCP",
        Carrier::Udp => "UDP",
        Carrier::Icmp => "ICMP",
        Carrier::Icmpv6 => "ICMPv6",
        Carrier::Igmp => "IGMP",
        Carrier::Link => "link",
    }
}
