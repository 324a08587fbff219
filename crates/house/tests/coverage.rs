//! Every connection of every capture of the corpus has a name or exactly one reason why it has none; how often which,
//! stands in `docs/coverage.md`. `FIRSTLIGHT_RENEW=1 cargo test -p firstlight-house --test coverage` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use firstlight_capture::Input;
use firstlight_engine::Options;
use firstlight_house::page::hold_page;
use firstlight_house::{corpus, files_below, say};

/// Connections, bytes and captures of one reason.
#[derive(Default)]
struct Sum {
    text: &'static str,
    connections: u64,
    bytes: u64,
    captures: u64,
}

#[test]
fn every_connection_has_a_name_or_one_reason() {
    let Some(corpus) = corpus("names and reasons of all connections") else { return };
    let mut reasons: BTreeMap<&'static str, Sum> = BTreeMap::new();
    let mut services: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let (mut captures, mut named, mut total) = (0_u64, 0_u64, 0_u64);
    for path in files_below(&corpus) {
        let inputs = [Input::Path(path.clone())];
        let Ok(source) = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()) else { continue };
        let report = firstlight_engine::report(source, &Options::default(), &mut |_| {});
        let unnamed: u64 = report.unnamed.iter().map(|unnamed| unnamed.connections).sum();
        let coverage = report.coverage;
        assert_eq!(coverage.connections_named + unnamed, coverage.connections_total, "{}", path.display());
        for contact in &report.contacts {
            assert_eq!(contact.name.is_some(), contact.unnamed_reason.is_none(), "{}: {contact:?}", path.display());
            let service = contact.service.as_deref().filter(|service| !service.ends_with('?'));
            let sum = services.entry(service.unwrap_or("none").to_owned()).or_default();
            sum.0 += contact.connections;
            sum.1 += contact.wire_in + contact.wire_out;
        }
        for unnamed in &report.unnamed {
            let sum = reasons.entry(unnamed.reason).or_default();
            assert!(!unnamed.text.is_empty(), "the reason {} has words", unnamed.reason);
            sum.text = unnamed.text;
            sum.connections += unnamed.connections;
            sum.bytes += unnamed.bytes;
            sum.captures += 1;
        }
        captures += 1;
        named += coverage.connections_named;
        total += coverage.connections_total;
    }
    let page = page(captures, named, total, &reasons, &services);
    say(&format!("{captures} captures, {named} of {total} connections have a name"));
    hold_page("docs/coverage.md", "", &page);
}

fn page(
    captures: u64,
    named: u64,
    total: u64,
    reasons: &BTreeMap<&'static str, Sum>,
    services: &BTreeMap<String, (u64, u64)>,
) -> String {
    let share = |part: u64| 100.0 * part as f64 / total.max(1) as f64;
    let mut page = format!(
        "# What is named, and why the rest is not\n\n\
         Over the {captures} captures of the corpus that can be read, {named} of {total} connections have a name \
         ({:.1} %). Every other\none has exactly one reason of the closed list in `crates/analysis/src/naming.rs`. \
         Made by\n`FIRSTLIGHT_RENEW=1 cargo test -p firstlight-house --test coverage`, which holds this page.\n\n\
         ## Reasons\n| reason | connections | of all | bytes on the wire | captures | means |\n|---|--:|--:|--:|--:|---|\n",
        share(named)
    );
    let mut rows: Vec<_> = reasons.iter().collect();
    rows.sort_by(|a, b| b.1.connections.cmp(&a.1.connections).then(a.0.cmp(b.0)));
    for (reason, sum) in rows {
        let Sum { text, connections, bytes, captures } = sum;
        let _ = writeln!(
            page,
            "| `{reason}` | {connections} | {:.1} % | {bytes} | {captures} | {text} |",
            share(*connections)
        );
    }
    page.push_str("\n## Protocols\nAs dissected, not by port; `none` is what no dissector took.\n\n");
    page.push_str("| service | connections | bytes on the wire |\n|---|--:|--:|\n");
    let mut rows: Vec<_> = services.iter().collect();
    rows.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.0.cmp(b.0)));
    for (service, (connections, bytes)) in rows {
        let _ = writeln!(page, "| {service} | {connections} | {bytes} |");
    }
    page
}
