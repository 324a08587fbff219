//! Databases of networks that are made here, as their makers name the fields; and damaged ones.

use firstlight_knowledge::{Database, Knowledge, Network};
use firstlight_synth::mmdb::{Mmdb, Value};
use std::net::IpAddr;

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn record(fields: &[(&str, Value)]) -> Value {
    Value::Map(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn networks() -> Mmdb {
    let acme = record(&[
        ("autonomous_system_number", Value::Number(64_500)),
        ("autonomous_system_organization", text("Acme Net")),
    ]);
    let important = record(&[("asn", text("AS7018")), ("as_name", text("ATT-INTERNET4")), ("country", text("us"))]);
    Mmdb::default().with(address("192.0.2.0"), 24, &acme).with(address("198.51.100.128"), 25, &important).with(
        address("2001:db8::"),
        32,
        &acme,
    )
}

fn countries() -> Mmdb {
    let germany = record(&[("country", record(&[("iso_code", text("DE"))]))]);
    let nonsense = record(&[("country_code", text("Elsewhere"))]);
    Mmdb::default().with(address("192.0.2.0"), 25, &germany).with(address("203.0.113.0"), 24, &nonsense)
}

fn database(mmdb: &Mmdb) -> &'static Database {
    Box::leak(Box::new(Database::open(mmdb.bytes()).expect("it is one")))
}

#[test]
fn networks_and_countries_are_read_under_the_names_of_several_makers() {
    let known = Knowledge::default().with_networks(&[database(&networks()), database(&countries())]);
    let network = |text| known.network(address(text));
    let acme = Network { number: Some(64_500), organisation: Some("Acme Net".to_owned()), country: None };
    assert_eq!(network("192.0.2.200"), acme);
    assert_eq!(network("192.0.2.1"), Network { country: Some("DE".to_owned()), ..acme.clone() });
    assert_eq!(network("2001:db8::1"), acme);
    assert_eq!(network("192.0.2.1").carrier(), Some("Acme Net"));
    let important = network("198.51.100.200");
    assert_eq!((important.number, important.country.as_deref()), (Some(7018), Some("US")));
    assert_eq!(important.carrier(), Some("AT&T"), "as it is called here");
    for nowhere in ["198.51.100.1", "203.0.113.1", "2001:db9::1", "::1"] {
        assert_eq!(network(nowhere), Network::default(), "{nowhere}");
    }
    assert_eq!(Knowledge::default().network(address("192.0.2.1")), Network::default());
}

#[test]
fn what_is_no_database_is_refused_and_damage_says_nothing_wrong() {
    for bytes in [&b""[..], b"nonsense", b"\xab\xcd\xefMaxMind.com", b"\xab\xcd\xefMaxMind.com\xe1\x44true"] {
        assert!(Database::open(bytes.to_vec()).is_err(), "{bytes:?}");
    }
    let whole = networks().bytes();
    for at in 0..whole.len() {
        for damaged in [whole[..at].to_vec(), [&whole[..at], &[whole[at] ^ 0x55], &whole[at + 1..]].concat()] {
            if let Ok(database) = Database::open(damaged) {
                let known = Knowledge::default().with_networks(&[Box::leak(Box::new(database))]);
                for text in ["192.0.2.1", "198.51.100.200", "2001:db8::1", "0.0.0.0", "ffff::"] {
                    let network = known.network(address(text));
                    assert!(network.organisation.is_none_or(|name| name.chars().count() <= 120));
                }
            }
        }
    }
}
