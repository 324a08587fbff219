//! What hides names, from packets to the report: name servers that are asked in secret, and encrypted hellos, real ones
//! and decoys.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

use std::collections::BTreeSet;

use firstlight_engine::{Limits, Options, Pipeline, Position, report_of};
use firstlight_model::report::{Contact, Report};
use firstlight_model::{Timestamp, report::Confidence};
use firstlight_synth::tls::hello::{self, ClientHello};
use firstlight_synth::tls::session::Answer;
use firstlight_synth::{Host, Stack, Traffic, numbered, tls};

const START: Timestamp = Timestamp::from_parts(1_571_061_600, 123_456_000);

/// Type of the extension (RFC 9849 s. 5) and the offer of protocols (RFC 7301).
const ENCRYPTED_HELLO: u16 = 0xfe0d;
const ALPN: u16 = 16;

/// A first packet of QUIC version 1.
const QUIC_INITIAL: &[u8] = include_bytes!("../../dissect/samples/quic-first.bin");

struct Stage {
    traffic: Traffic,
    machine: Host,
    server: Host,
}

fn stage(server: &str) -> Stage {
    let traffic = Traffic::new(START).with_seed(7);
    let machine = traffic.host("10.0.0.10").with_stack(Stack::macos_10_15());
    let server = traffic.remote(server);
    Stage { traffic, machine, server }
}

impl Stage {
    /// A connection of TLS 1.3 to `port`, with data in both directions.
    fn tls(&mut self, port: u16, hello: &ClientHello) {
        let mut connection = self.traffic.tcp(&self.machine, &self.server, port);
        connection.tls(&mut self.traffic, hello, &Answer::tls_1_3(Vec::new()));
        connection.receive(&mut self.traffic, &tls::application_data(300));
        connection.close(&mut self.traffic);
    }

    fn report(self) -> Report {
        let frames = self.traffic.into_frames();
        let mut pipeline = Pipeline::new(Limits::default(), Position::Start);
        for frame in numbered(&frames) {
            pipeline.push(&frame);
        }
        report_of(pipeline, Vec::new(), &Options::default())
    }
}

fn only_contact(report: &Report) -> &Contact {
    assert_eq!(report.contacts.len(), 1, "{:#?}", report.contacts);
    &report.contacts[0]
}

fn hides_look_ups(contact: &Contact) -> bool {
    contact.remark.as_deref().is_some_and(|remark| remark.contains("hides the names that are looked up"))
}

/// The encrypted hello of a client: outer, of the usual suite, with so many bytes of what is hidden.
fn encrypted_hello() -> Vec<u8> {
    let mut body = vec![0, 0, 1, 0, 1, 0x55, 0, 32];
    body.extend([0x21; 32]);
    body.extend([0, 200]);
    body.extend([0x42; 200]);
    body
}

#[test]
fn dns_over_tls_is_said_to_hide_look_ups_with_a_name_and_without() {
    let mut named = stage("198.51.100.53");
    let hello = ClientHello::macos_10_15(named.traffic.random(), "dns.example.org", &["dot"]);
    named.tls(853, &hello);
    let report = named.report();
    let contact = only_contact(&report);
    assert_eq!(contact.name.as_deref(), Some("dns.example.org"));
    assert!(hides_look_ups(contact), "{:?}", contact.remark);

    let mut unnamed = stage("198.51.100.53");
    let hello = ClientHello::bare(unnamed.traffic.random());
    unnamed.tls(853, &hello);
    let report = unnamed.report();
    let contact = only_contact(&report);
    assert_eq!((contact.name.as_deref(), contact.unnamed_reason), (None, Some("encrypted_dns")));
    assert!(hides_look_ups(contact), "{:?}", contact.remark);
    assert_eq!(report.unnamed.iter().map(|it| it.reason).collect::<Vec<_>>(), ["encrypted_dns"]);
}

#[test]
fn dns_over_https_is_said_to_hide_look_ups_and_other_sites_are_not() {
    for (address, name, hides) in [
        ("8.8.8.8", "dns.google", true),
        ("1.1.1.1", "cloudflare-dns.com", true),
        ("8.8.8.8", "www.example.org", false),
    ] {
        let mut s = stage(address);
        let hello = ClientHello::macos_10_15(s.traffic.random(), name, &["h2"]);
        s.tls(443, &hello);
        let report = s.report();
        let contact = only_contact(&report);
        assert_eq!((contact.name.as_deref(), hides_look_ups(contact)), (Some(name), hides), "{:?}", contact.remark);
    }
    // By the address alone.
    let mut s = stage("1.1.1.1");
    let hello = ClientHello::bare(s.traffic.random()).with(ALPN, hello::alpn(&["h2"]));
    s.tls(443, &hello);
    let report = s.report();
    assert_eq!(only_contact(&report).unnamed_reason, Some("encrypted_dns"));
}

#[test]
fn dns_over_quic_is_said_to_hide_look_ups() {
    for (port, hides) in [(853, true), (443, false)] {
        let mut s = stage("198.51.100.53");
        let mut exchange = s.traffic.udp(&s.machine, &s.server, port);
        exchange.send(&mut s.traffic, QUIC_INITIAL);
        let report = s.report();
        let contact = only_contact(&report);
        assert_eq!(contact.service.as_deref(), Some("quic"));
        assert_eq!(hides_look_ups(contact), hides, "{:?}", contact.remark);
    }
}

#[test]
fn an_outer_name_is_never_printed_as_a_name() {
    let mut s = stage("198.51.100.80");
    let hello = ClientHello::with_grease(s.traffic.random(), "cloudflare-ech.com");
    s.tls(443, &hello.with(ENCRYPTED_HELLO, encrypted_hello()));
    let report = s.report();
    let contact = only_contact(&report);
    assert_eq!((contact.name.as_deref(), contact.unnamed_reason), (None, Some("ech")));
    assert_eq!(contact.knowledge.owner, None);
    assert!(contact.name_candidates.is_empty());
    let style = firstlight_report::Style::default();
    let page = firstlight_report::terminal::render(&report, &style);
    assert!(!page.contains("cloudflare-ech.com"), "{page}");
}

#[test]
fn a_decoy_keeps_its_name() {
    let mut s = stage("198.51.100.80");
    let hello = ClientHello::with_grease(s.traffic.random(), "www.example.org");
    s.tls(443, &hello.with(ENCRYPTED_HELLO, encrypted_hello()));
    let report = s.report();
    let contact = only_contact(&report);
    assert_eq!(contact.name.as_deref(), Some("www.example.org"));
    assert_eq!(contact.name_confidence, Some(Confidence::Medium));
    assert!(contact.remark.as_deref().is_some_and(|remark| remark.contains("decoy")), "{:?}", contact.remark);
    let reasons: BTreeSet<_> = report.unnamed.iter().map(|it| it.reason).collect();
    assert!(reasons.is_empty(), "{reasons:?}");
}
