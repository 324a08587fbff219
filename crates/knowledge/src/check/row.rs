//! What a single row may say, by the shape of its table.

use super::kinds::{Grade, Match, Scope};
use super::table::Row;
use super::{Known, MAX_IF_BLOCKED, MAX_PURPOSE};
use crate::host::{self, Wildcards};
use std::net::IpAddr;

/// Tells everything that is wrong with a row.
pub(super) fn check(shape: &str, row: &Row<'_, '_>, known: &Known<'_>, report: &mut impl FnMut(String)) {
    let has = |column: &str| row.shape().columns.contains(&column);
    if row.shape().columns.iter().any(|column| row.get(column).trim() != row.get(column) && *column != "prefix") {
        report("has a value with blanks around it".to_owned());
    }
    if has("source") {
        let source = row.get("source");
        if source.is_empty() {
            report("names no source".to_owned());
        } else if !known.source(source) {
            report(format!("source `{source}` is not in sources.tsv"));
        }
    }
    if has("grade") && Grade::of_word(row.get("grade")).is_none() {
        report(format!(
            "grade `{}` is none of vendor, source-code, observed, public-list, corroborated, analyst",
            row.get("grade")
        ));
    }
    if has("category") && shape != "categories" {
        let category = row.get("category");
        if category.is_empty() && shape != "organisations" {
            report("names no category".to_owned());
        } else if !category.is_empty() && !known.categories.contains(category) {
            report(format!("category `{category}` is not in categories.tsv"));
        }
    }
    if has("owner") && !row.get("owner").is_empty() && !known.owners.contains(row.get("owner")) {
        report(format!("owner `{}` is not in owners.tsv", row.get("owner")));
    }
    if has("purpose") && row.get("purpose").chars().count() > MAX_PURPOSE {
        report(format!("the purpose is longer than {MAX_PURPOSE} characters"));
    }
    if has("purpose") && row.get("purpose").is_empty() {
        report("says no purpose".to_owned());
    }
    if has("tells") {
        for part in row.get("tells").split("; ").filter(|part| !part.is_empty()) {
            if split_system(part, &known.systems).is_none() {
                report(format!("`{part}` does not begin with a system of systems.tsv"));
            }
        }
    }
    if row.shape().columns.iter().any(|column| row.get(column).len() > 255) {
        report("has a value longer than 255 bytes".to_owned());
    }
    match shape {
        "rules" | "kinds" => rule(row, known, report),
        "organisations" => pattern(row, known, report),
        _ => faults(shape, row, known)
            .into_iter()
            .filter_map(|(is_wrong, text)| is_wrong.then_some(text))
            .for_each(report),
    }
}

/// What may be wrong with a row of a registry, and whether it is.
fn faults(shape: &str, row: &Row<'_, '_>, known: &Known<'_>) -> Vec<(bool, String)> {
    let get = |column: &str| row.get(column);
    let unknown_owner = |column: &str| {
        let owner = row.get(column);
        (!owner.is_empty() && !known.owners.contains(owner), format!("{column} `{owner}` is not in owners.tsv"))
    };
    match shape {
        "networks" => {
            let fault = host::syntax_fault(get("pattern"), Wildcards::Refused);
            vec![
                (fault.is_some(), format!("`{}` {}", get("pattern"), fault.unwrap_or(""))),
                (!matches!(get("use"), "shared" | "own"), "use is neither `shared` nor `own`".to_owned()),
                (get("carrier").is_empty(), "names no carrier".to_owned()),
            ]
        }
        "owners" => vec![unknown_owner("parent"), (get("owner").is_empty(), "names no owner".to_owned())],
        "systems" => vec![
            (!known.systems.contains(get("family")), format!("family `{}` is not itself a system", get("family"))),
            unknown_owner("maker"),
        ],
        "categories" => vec![(get("meaning").is_empty(), "says not what the category means".to_owned())],
        "sources" => vec![
            (!is_month(get("read")), "does not say when it was read, as `2026-11`".to_owned()),
            (
                !get("stated").is_empty() && !is_month(get("stated")) && !is_year(get("stated")),
                format!("stated `{}` is neither a month nor a year", get("stated")),
            ),
            (get("url").is_empty() || get("licence").is_empty(), "has no address or no licence".to_owned()),
        ],
        "addresses" => {
            let canonical = get("address").parse::<IpAddr>().is_ok_and(|address| address.to_string() == get("address"));
            let ports = get("ports");
            let wrong = ports.split(',').any(|text| !text.is_empty() && !port(text));
            vec![
                (!canonical, format!("`{}` is no address in its canonical form", get("address"))),
                (wrong, format!("ports `{ports}` are not of the form `443/tcp`")),
            ]
        }
        "groups" => vec![
            (
                group(get("address")).is_none(),
                format!("`{}` is no address with the length of a prefix", get("address")),
            ),
            (!get("port").is_empty() && get("port").parse::<u16>().is_err(), "has a port that is none".to_owned()),
        ],
        "oui" => {
            let prefix = get("prefix");
            let wrong = prefix.len() != 6 || u32::from_str_radix(prefix, 16).is_err();
            vec![(wrong, format!("prefix `{prefix}` is not six hexadecimal digits"))]
        }
        "ports" | "port-purposes" => {
            let text = format!("{}/{}", get("port"), get("transport"));
            let has_none = shape == "port-purposes" && matches!(text.as_str(), "0/icmp" | "0/icmpv6");
            vec![(!port(&text) && !has_none, format!("`{text}` is no port"))]
        }
        "if-blocked" => {
            let text = get("if_blocked");
            let len = text.chars().count();
            vec![
                (
                    !known.rules.contains(&(get("match"), get("pattern"))),
                    format!("there is no rule `{} {}`", get("match"), get("pattern")),
                ),
                (text.is_empty(), "does not say what no longer works".to_owned()),
                (len > MAX_IF_BLOCKED, format!("what no longer works is longer than {MAX_IF_BLOCKED} characters")),
            ]
        }
        "labels" => {
            let label = get("label");
            let wrong = label.contains('.') || host::syntax_fault(label, Wildcards::Refused).is_some();
            vec![(wrong, format!("`{label}` is no label of a name"))]
        }
        "paths" => {
            let path = get("path");
            vec![(!path.starts_with('/') || path.contains('?'), format!("`{path}` is no path without a query"))]
        }
        "dnssd" => {
            let service = get("service");
            let wrong = !service.starts_with('_') || !(service.ends_with("._tcp") || service.ends_with("._udp"));
            vec![(wrong, format!("`{service}` is no service type such as `_ipp._tcp`"))]
        }
        "tls" => {
            let hex = |text: &str, len: usize| text.len() == len && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            let (ja3, ja4) = (get("ja3"), get("ja4"));
            vec![
                (ja3.is_empty() && ja4.is_empty(), "has neither JA3 nor JA4".to_owned()),
                (!ja3.is_empty() && !hex(ja3, 32), format!("`{ja3}` is no JA3")),
                (!ja4.is_empty() && ja4.len() != 36, format!("`{ja4}` is no JA4")),
            ]
        }
        _ => Vec::new(),
    }
}

/// A rule about a host.
fn rule(row: &Row<'_, '_>, known: &Known<'_>, report: &mut impl FnMut(String)) {
    pattern(row, known, report);
    let path = row.get("path");
    if !path.is_empty() && !path.starts_with('/') {
        report(format!("path `{path}` does not begin with `/`"));
    }
    for system in row.get("systems").split(',').filter(|system| !system.is_empty()) {
        if !known.systems.contains(system) {
            report(format!("system `{system}` is not in systems.tsv"));
        }
    }
    for text in row.get("ports").split(',').filter(|text| !text.is_empty()) {
        if !port(text) {
            report(format!("port `{text}` is not of the form `443/tcp`"));
        }
    }
    match Scope::of_word(row.get("scope")) {
        None => report(format!("scope `{}` is none of system, browser-start", row.get("scope"))),
        Some(Scope::Any) => {}
        Some(_) if row.get("systems").is_empty() => report("is scoped to systems and names none".to_owned()),
        Some(_) => {}
    }
}

/// Match, syntax, and that the pattern is no wider than the names of one owner.
fn pattern(row: &Row<'_, '_>, known: &Known<'_>, report: &mut impl FnMut(String)) {
    let pattern = row.get("pattern");
    let Some(kind) = Match::of_word(row.get("match")) else {
        report(format!("match `{}` is none of exact, glob, subdomain, suffix, tld", row.get("match")));
        return;
    };
    let wildcards = if kind == Match::Glob { Wildcards::Needed } else { Wildcards::Refused };
    if let Some(fault) = host::syntax_fault(pattern, wildcards) {
        report(format!("`{pattern}` {fault}"));
        return;
    }
    let public = is_public_suffix(pattern);
    let wide = match kind {
        Match::Exact => false,
        // A kind of service may be said of a network that serves many, as long as nobody is said to own the names.
        Match::Suffix | Match::Subdomain => {
            public
                || (known.shared_networks.contains(pattern)
                    && (row.shape().name != "kinds" || !row.get("owner").is_empty()))
        }
        // A top-level domain stands under its own word, so that nobody writes one by mistake.
        Match::Tld => !public && pattern.contains('.'),
        Match::Glob => {
            let tail = host::glob_tail(pattern);
            let stars = pattern.get(..pattern.len() - tail.len()).unwrap_or("").trim_end_matches('.');
            // What is left of the label with the last star must say something where the tail belongs to everybody.
            let says =
                stars.rsplit('.').next().is_some_and(|label| label.bytes().any(|byte| byte.is_ascii_alphanumeric()));
            !tail.is_empty()
                && (is_public_suffix(tail)
                    || (known.shared_networks.contains(tail) && !says && !stars.contains(char::is_alphanumeric)))
        }
    };
    if wide {
        report(format!("`{pattern}` is wider than the names of one owner"));
    }
}

/// Whether anybody may register names directly below it, or it is a special-use domain.
fn is_public_suffix(host: &str) -> bool {
    !host.contains('.')
        || psl::suffix(host.as_bytes())
            .is_some_and(|suffix| suffix.as_bytes().len() == host.len() && suffix.typ() == Some(psl::Type::Icann))
}

fn port(text: &str) -> bool {
    text.split_once('/').is_some_and(|(port, transport)| {
        port.parse::<u16>().is_ok() && matches!(transport, "tcp" | "udp" | "sctp" | "dccp")
    })
}

fn is_month(text: &str) -> bool {
    text.split_once('-').is_some_and(|(year, month)| {
        year.len() == 4 && year.parse::<u16>().is_ok() && month.len() == 2 && matches!(month.parse(), Ok(1..=12u8))
    })
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `224.0.0.0/4` as an IPv6 (or mapped) address and the length of its prefix, of 128.
pub(crate) fn group(text: &str) -> Option<([u8; 16], u8)> {
    let (address, bits) = text.split_once('/')?;
    let bits: u8 = bits.parse().ok()?;
    match address.parse().ok()? {
        IpAddr::V4(address) if bits <= 32 => Some((address.to_ipv6_mapped().octets(), bits + 96)),
        IpAddr::V6(address) if bits <= 128 => Some((address.octets(), bits)),
        _ => None,
    }
}

/// A system of the table and the rest of the text: `macOS 10.15` is `macOS`, `10.15`. The longest system wins.
pub(crate) fn split_system<'t>(
    text: &'t str,
    systems: &std::collections::BTreeSet<&str>,
) -> Option<(&'t str, &'t str)> {
    let mut end = text.len();
    loop {
        let head = text.get(..end)?;
        if systems.contains(head) {
            return Some((head, text.get(end..)?.trim()));
        }
        end = head.rfind(' ')?;
    }
}
