//! Who a machine is, from packets to the report: votes that agree, several systems behind one address, and addresses
//! that say nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

use std::net::{IpAddr, Ipv4Addr};

use firstlight_engine::{Limits, Options, Pipeline, Position, report_of};
use firstlight_model::report::{Aspect, Machine, Report};
use firstlight_model::{MacAddress, Timestamp};
use firstlight_synth::dhcp::{Client, Lease};
use firstlight_synth::http::{Request, Response};
use firstlight_synth::{Host, Stack, Traffic, numbered};

const START: Timestamp = Timestamp::from_parts(1_571_061_600, 123_456_000);

fn report(traffic: Traffic) -> Report {
    let frames = traffic.into_frames();
    let mut pipeline = Pipeline::new(Limits::default(), Position::Start);
    for frame in numbered(&frames) {
        pipeline.push(&frame);
    }
    report_of(pipeline, Vec::new(), &Options::default())
}

fn get(traffic: &mut Traffic, host: &Host, user_agent: &str) {
    let server = traffic.remote("198.51.100.7");
    let mut connection = traffic.tcp(host, &server, 80);
    connection.send(traffic, &Request::get("www.example.com", "/").header("User-Agent", user_agent).to_bytes());
    connection.receive(traffic, &Response::ok("text/plain", b"ok").to_bytes());
    connection.close(traffic);
}

const ON_WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/115.0";
const ON_LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0";

fn subject(report: &Report) -> &Machine {
    &report.machines[0]
}

#[test]
fn each_vote_is_listed_and_without_the_strongest_the_verdict_is_less_sure() {
    let mut traffic = Traffic::new(START);
    let windows = traffic.host("10.0.0.10").with_stack(Stack::windows_10());
    get(&mut traffic, &windows, ON_WINDOWS);
    let report = report(traffic);
    let identity = &subject(&report).identity;
    let system = identity.verdict(Aspect::System).unwrap();
    assert_eq!((system.value.as_deref(), subject(&report).os.family.as_deref()), (Some("Windows"), Some("Windows")));
    let fields: Vec<&str> =
        identity.votes.iter().filter(|vote| vote.aspect == Aspect::System).map(|vote| vote.field).collect();
    assert_eq!(fields, ["http.user_agent", "tcp.flags.syn"], "the strongest first: {:#?}", identity.votes);
    assert!(identity.votes.iter().all(|vote| vote.evidence.is_some() || vote.field == "system"));
    assert!(system.without_strongest < system.probability - 0.05, "{system:?}");

    // What it is without that vote is what a capture says that does not have it.
    let mut traffic = Traffic::new(START);
    let windows = traffic.host("10.0.0.10").with_stack(Stack::windows_10());
    get(&mut traffic, &windows, "curl/8.0");
    let weaker = self::report(traffic);
    let weaker = subject(&weaker).identity.verdict(Aspect::System).unwrap();
    assert!((weaker.probability - system.without_strongest).abs() < 1e-9, "{weaker:?} {system:?}");
}

#[test]
fn what_the_maker_of_a_device_runs_is_the_vendors_own() {
    let mut traffic = Traffic::new(START);
    let mac = MacAddress([0xb0, 0xc5, 0x54, 1, 2, 3]);
    let camera = Host::new(mac, std::net::Ipv4Addr::new(10, 0, 0, 10)).with_stack(Stack::linux());
    for (address, host) in [("198.51.100.7", "signal.mydlink.com"), ("198.51.100.8", "www.google.com")] {
        let server = traffic.remote(address);
        let mut connection = traffic.tcp(&camera, &server, 80);
        connection.send(&mut traffic, &Request::get(host, "/").to_bytes());
        connection.receive(&mut traffic, &Response::ok("text/plain", b"ok").to_bytes());
        connection.close(&mut traffic);
    }
    let report = report(traffic);
    assert_eq!(subject(&report).identity.value(Aspect::Maker), Some("D-Link"));
    assert_eq!(subject(&report).os.family.as_deref(), Some("Linux"));
    let own = |name: &str| {
        let contact = report.contacts.iter().find(|contact| contact.name.as_deref() == Some(name)).unwrap();
        contact.knowledge.vendor_own
    };
    assert_eq!(own("signal.mydlink.com"), Some(true));
    assert_ne!(own("www.google.com"), Some(true));
}

#[test]
fn two_systems_behind_one_address_are_suspected_with_reasons() {
    let mut traffic = Traffic::new(START);
    let windows = traffic.host("10.0.0.10").with_stack(Stack::windows_10());
    let linux = traffic.host("10.0.0.10").with_stack(Stack::linux());
    get(&mut traffic, &windows, ON_WINDOWS);
    get(&mut traffic, &linux, ON_LINUX);
    let report = report(traffic);
    let found = &subject(&report).identity.contradictions;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].text.contains("Windows") && found[0].text.contains("Linux"), "{}", found[0].text);
    assert_eq!(found[0].reasons.len(), 2);
    assert!(found[0].reasons.iter().all(|(_, evidence)| evidence.is_some()));
    assert!(report.anomalies.iter().any(|anomaly| anomaly.kind == "identity_contradiction"), "{:?}", report.anomalies);
    assert_ne!(subject(&report).identity.verdict(Aspect::System).unwrap().probability, 1.0);
}

#[test]
fn what_comes_from_further_away_is_forwarded() {
    let mut traffic = Traffic::new(START);
    let near = traffic.host("10.0.0.10").with_stack(Stack::linux());
    let far = near.clone().with_hop_limit(63);
    get(&mut traffic, &near, "curl/8.0");
    get(&mut traffic, &far, "curl/8.0");
    let report = report(traffic);
    let found = &subject(&report).identity.contradictions;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].text.contains("further away"), "{}", found[0].text);
    assert_eq!(found[0].reasons[1].0, "hop limit 63: 1 hop away");
}

#[test]
fn one_system_that_is_built_on_another_is_no_contradiction() {
    let mut traffic = Traffic::new(START);
    let phone = traffic.host("10.0.0.10").with_stack(Stack::linux());
    get(
        &mut traffic,
        &phone,
        "Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 Chrome/115.0 Mobile Safari/537.36",
    );
    get(&mut traffic, &phone, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/115.0 Safari/537.36");
    let report = report(traffic);
    assert!(subject(&report).identity.contradictions.is_empty(), "{:#?}", subject(&report).identity.contradictions);
}

#[test]
fn the_makers_of_modules_and_random_addresses_say_no_maker() {
    for (mac, vendor) in
        [([0x5c, 0xcf, 0x7f, 6, 0xd9, 2], "Espressif"), ([0x02, 0, 0, 1, 2, 3], "locally administered")]
    {
        let mut traffic = Traffic::new(START);
        let device = Host::new(MacAddress(mac), std::net::Ipv4Addr::new(10, 0, 0, 10)).with_stack(Stack::linux());
        get(&mut traffic, &device, "curl/8.0");
        let report = report(traffic);
        let machine = subject(&report);
        assert!(machine.mac_vendor.as_deref().unwrap().contains(vendor), "{:?}", machine.mac_vendor);
        assert_eq!(machine.identity.value(Aspect::Maker), None, "{:#?}", machine.identity.verdicts);
    }
}

/// A host that asks for an address and then fetches a page, `identifier` being its DHCP unique identifier.
fn begin(traffic: &mut Traffic, router: &Host, mac: u8, address: u8, identifier: Option<&[u8]>) -> MacAddress {
    let mac = MacAddress([0xb0, 0xc5, 0x54, 0, 0, mac]);
    let v4 = Ipv4Addr::new(10, 0, 0, address);
    let host = Host::new(mac, v4).with_stack(Stack::linux());
    let lease = Lease {
        address: v4,
        mask: Ipv4Addr::new(255, 255, 255, 0),
        router: Ipv4Addr::new(10, 0, 0, 1),
        dns: vec![Ipv4Addr::new(10, 0, 0, 1)],
        domain: None,
        seconds: 600,
    };
    let client = Client { unique_identifier: identifier.map(<[u8]>::to_vec), ..Client::default() };
    traffic.dhcp_discover(&host, &client, router, &lease);
    get(traffic, &host, "curl/8.0");
    mac
}

#[test]
fn interfaces_that_ask_by_one_unique_identifier_are_one_machine() {
    let mut traffic = Traffic::new(START);
    let router = traffic.host("10.0.0.1");
    let (one, other) = (b"\0\x04one machine's UUID".as_slice(), b"\0\x04another one's UUID".as_slice());
    let wired = begin(&mut traffic, &router, 1, 11, Some(one));
    let stranger = begin(&mut traffic, &router, 2, 12, Some(other));
    let wireless = begin(&mut traffic, &router, 3, 13, Some(one));
    let silent = begin(&mut traffic, &router, 4, 14, None);
    get(&mut traffic, &Host::new(wireless, Ipv4Addr::new(10, 0, 0, 13)), "curl/8.0");
    let report = report(traffic);
    let machine = subject(&report);
    assert_eq!((machine.mac, machine.other_macs.len()), (Some(wireless), 1), "that with most bytes names it");
    let joined = &machine.other_macs[0];
    assert_eq!((joined.mac, joined.evidence.field), (wired, "dhcp.client_id.duid"));
    assert_eq!(machine.addresses, [IpAddr::from([10, 0, 0, 13]), IpAddr::from([10, 0, 0, 11])]);
    assert_eq!(report.summary[0].tcp_connections, 3, "two of one interface, one of the other");
    for alone in [stranger, silent] {
        let machine = report.machines.iter().find(|machine| machine.mac == Some(alone)).unwrap();
        assert!(machine.other_macs.is_empty() && machine.addresses.len() == 1, "{machine:?}");
    }
}

#[test]
fn an_identifier_that_many_say_is_that_of_a_copied_disk() {
    let mut traffic = Traffic::new(START);
    let router = traffic.host("10.0.0.1");
    for host in 1..=17 {
        begin(&mut traffic, &router, host, 10 + host, Some(b"\0\x04copied"));
    }
    let report = report(traffic);
    assert!(report.machines.len() >= 17 && report.machines.iter().all(|machine| machine.other_macs.is_empty()));
}
