//! Claims on real captures of devices: held as they are, broken by one connection that goes against them, and not to be
//! told when names are blinded.

use firstlight_baseline::claims::{Claim, Says, Selector, judge};
use firstlight_house::{corpus, mixed, say};
use firstlight_model::finding::Verdict;
use firstlight_model::report::{Report, Scope};
use std::net::{IpAddr, Ipv4Addr};

const OTHER: &str = "collect.telemetry.example";
/// So much of a frame holds the headers, and nothing of a hello, a request or an answer of a name server.
const HEADERS_LEN: usize = 14 + 20 + 32;

fn claim(says: Says) -> Vec<Claim> {
    vec![Claim { id: "claim".to_owned(), text: "claimed".to_owned(), says, phase: None, machine: None }]
}

/// That the device speaks to the names that it speaks to, and that it never speaks to another.
fn claims(report: &Report) -> [Vec<Claim>; 2] {
    let machine = &report.machines[0].id;
    let own = report.contacts.iter().filter(|contact| contact.machine == *machine && contact.scope == Scope::Internet);
    let names = own.filter_map(|contact| contact.name.clone());
    let selector = |name: String| Selector { name: Some(name), ..Selector::default() };
    let only = Says::Only(names.map(selector).collect());
    [claim(only), claim(Says::Never(vec![selector(OTHER.to_owned())]))]
}

#[test]
fn one_connection_breaks_a_claim_and_without_names_it_cannot_be_told() {
    let Some(corpus) = corpus("claims on captures of devices") else { return };
    let (mut held, mut captures) = (0, 0);
    for device in mixed::sentinel(&corpus) {
        for file in &device.files {
            let frames = mixed::frames(file);
            let report = mixed::report(&frames, &device.mac);
            let says_something = |contact: &firstlight_model::report::Contact| {
                contact.name.is_some() && contact.scope == Scope::Internet && contact.payload_out > 0
            };
            let address = report.machines[0].addresses.iter().find_map(|address| match address {
                IpAddr::V4(v4) if !v4.is_unspecified() => Some(*v4),
                _ => None,
            });
            let Some(address) = address.filter(|_| report.contacts.iter().any(says_something)) else { continue };
            captures += 1;
            held += usize::from(check(&report, frames, &device.mac, address, &file.display().to_string()));
        }
    }
    say(&format!("claims that were held: {held} of {captures} captures; all broken by a connection, none told blind"));
    assert!(held * 10 >= captures * 4, "claims can be held on real captures: {held} of {captures}");
}

fn check(
    report: &Report,
    frames: Vec<firstlight_synth::frame::OwnedFrame>,
    mac: &str,
    address: Ipv4Addr,
    place: &str,
) -> bool {
    let with = mixed::report(&mixed::with_connection(frames.clone(), mac, address, OTHER), mac);
    let mut blind = frames;
    blind.iter_mut().for_each(|frame| frame.cut(HEADERS_LEN));
    let blind = mixed::report(&blind, mac);
    let mut all_held = true;
    for claims in claims(report) {
        let verdict = judge(&claims, report)[0].verdict;
        assert_ne!(verdict, Verdict::Broken, "{place}: what is so is not broken");
        all_held &= verdict == Verdict::Held;
        let broken = &judge(&claims, &with)[0];
        assert_eq!(broken.verdict, Verdict::Broken, "{place}: {broken:?}");
        assert!(broken.why.contains(OTHER) && !broken.evidence.is_empty(), "{place}: {broken:?}");
        let blinded = &judge(&claims, &blind)[0];
        assert_eq!(blinded.verdict, Verdict::CannotTell, "{place}: {blinded:?}");
    }
    all_held
}
