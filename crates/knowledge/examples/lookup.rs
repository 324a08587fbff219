//! Prints what look-ups cost and how big the blob is; with a file of host names, one a line, also how many of them have
//! an owner, a purpose, a category: `cargo run --release -p firstlight-knowledge --example lookup -- NAMES`. Fails when an
//! answer, or the size, is not what it has to be; what time it takes is for the reader to judge.

use firstlight_knowledge::{Knowledge, Query, book, explain, layout};
use std::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn query(name: &str) -> Query<'_> {
    Query { name: Some(name), port: 443, system: Some("macOS"), ..Query::default() }
}

/// Time that this thread ran, where the system tells it (Linux); otherwise time that went by.
fn clock_ns(start: Instant) -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ran = text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok());
    ran.unwrap_or_else(|| start.elapsed().as_secs_f64() * 1e9)
}

fn main() {
    let start = Instant::now();
    let first = explain(&query("swscan.apple.com"));
    let first_us = start.elapsed().as_secs_f64() * 1e6;
    assert_eq!(first.owner, Some("Apple"));
    let book = book::compiled();
    println!("blob {} bytes, first look-up with opening {first_us:.0} us", book.len_bytes());
    assert!(book.len_bytes() < 4_000_000);
    for (name, owner, category) in ANSWERS {
        let answer = explain(&query(name));
        assert_eq!((answer.owner, answer.category), (*owner, *category), "{name}");
    }

    let hosts: Vec<String> =
        book.rows(layout::hosts::TABLE).iter().map(|row| format!("www.{}", row.text(layout::hosts::NAME))).collect();
    for (what, names) in [("names below known hosts", hosts.clone()), ("unknown names", unknown(hosts.len()))] {
        let mut best = f64::MAX;
        let mut owned = 0;
        for _ in 0..5 {
            let before = clock_ns(start);
            owned = names.iter().filter(|name| explain(&query(name)).owner.is_some()).count();
            best = best.min((clock_ns(start) - before) / names.len() as f64);
        }
        println!("{what}: {best:.0} ns each (best of 5 rounds), {owned} of {} with an owner", names.len());
        match what {
            "unknown names" => assert_eq!(owned, 0),
            _ => assert!(owned * 10 > names.len() * 8, "most hosts of the tables have an owner"),
        }
    }
    own_tables(start, &hosts);

    if let Some(file) = std::env::args().nth(1) {
        let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("reading {file}: {e}"));
        let names: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let mut counts = [0usize; 3];
        for name in &names {
            let answer = explain(&query(name));
            let has = [answer.owner.is_some(), answer.purpose.is_some(), answer.category.is_some()];
            counts.iter_mut().zip(has).for_each(|(count, has)| *count += usize::from(has));
            if std::env::args().nth(2).is_some() {
                println!(
                    "{name}\t{:?}\t{:?}\t{:?}\t{:?}",
                    answer.owner, answer.carrier, answer.purpose, answer.category
                );
            }
        }
        for (what, count) in ["owner", "purpose", "category"].iter().zip(counts) {
            println!("{what}: {count} of {} ({:.1} %)", names.len(), 100.0 * count as f64 / names.len().max(1) as f64);
        }
    }
}

fn unknown(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("host{at}.unheard-of-{at}.example")).collect()
}

/// Names whose answers are known, so that what is timed is a look-up that works.
const ANSWERS: &[(&str, Option<&str>, Option<&str>)] = &[
    ("albert.apple.com", Some("Apple"), Some("activation")),
    ("p42-content.icloud.com", Some("Apple"), Some("cloud-sync")),
    ("ocsp9.digicert.com", Some("DigiCert"), Some("cert-status")),
    ("e1234.dscx.akamaiedge.net", None, None),
    ("nobody.unheard-of.example", None, None),
];

/// A thousand own rules: what laying them over costs once, and at each look-up.
fn own_tables(start: Instant, names: &[String]) {
    let mut rules = String::from("# Ours, for our own use.\n");
    rules.push_str(&firstlight_knowledge::check::Shape::RULES.columns.join("\t"));
    rules.push('\n');
    for at in 0..1000 {
        rules.push_str(&format!("exact\thost{at:04}.corp.example\t\tApple\tweb\tOurs\t\t\t\t\t\tvendor\tgeneral\t\n"));
    }
    let before = clock_ns(start);
    let known = Knowledge::with_own(&[("rules/own.tsv".to_owned(), rules)]).expect("the tables are right");
    let load_ms = (clock_ns(start) - before) / 1e6;
    assert_eq!(known.explain(&query("host0999.corp.example")).purpose.as_deref(), Some("Ours"));
    let before = clock_ns(start);
    let owned = names.iter().filter(|name| known.explain(&query(name)).owner.is_some()).count();
    let each = (clock_ns(start) - before) / names.len() as f64;
    assert!(owned * 10 > names.len() * 8);
    println!("1,000 own rules: {load_ms:.1} ms to load, then {each:.0} ns for names below known hosts");
}
