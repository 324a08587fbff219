//! Names that differ from run to run in a part that was made up: `p12-fmip.icloud.com` and `p57-fmip.icloud.com`. A
//! pattern is proposed by stated rules and shown; it widens nothing until a person accepts it.
//!
//! The rules, each on one label at a time, never on the registrable domain or what is above it:
//! 1. a UUID (RFC 9562 s. 4) becomes `*`;
//! 2. eight or more hexadecimal digits with at least one decimal digit among them become `*`;
//! 3. a run of decimal digits becomes `*`.
//!
//! In a name that holds a private address (RFC 1918) with or without a port, as hosts of the local network are named in
//! HTTP, address and port are always replaced: they are a place, not a name.

use std::net::Ipv4Addr;

/// The least length of hexadecimal digits that are taken for made up.
const HEX_LEN: usize = 8;

/// The name with private addresses, and ports after them, taken out.
pub fn without_addresses(name: &str) -> String {
    let (host, port) = name.rsplit_once(':').map_or((name, None), |(host, port)| (host, Some(port)));
    let is_private = |host: &str| host.parse::<Ipv4Addr>().is_ok_and(|a| a.is_private() || a.is_link_local());
    match port {
        _ if is_private(name) => "a private address".to_owned(),
        Some(port) if is_private(host) && port.bytes().all(|b| b.is_ascii_digit()) => "a private address".to_owned(),
        _ => name.to_owned(),
    }
}

/// The pattern that the rules make of a name; `None` when they find nothing made up in it.
///
/// `registrable_domain` and what is above it stay as they are; without one the last two labels do.
pub fn propose(name: &str, registrable_domain: Option<&str>) -> Option<String> {
    let fixed = match registrable_domain {
        Some(domain) => domain.split('.').count(),
        None => 2,
    };
    let labels: Vec<&str> = name.split('.').collect();
    let free = labels.len().checked_sub(fixed)?;
    let pattern: Vec<String> = labels
        .iter()
        .enumerate()
        .map(|(at, label)| if at < free { generalise(label) } else { (*label).to_owned() })
        .collect();
    let pattern = pattern.join(".");
    (pattern != name).then_some(pattern)
}

/// Does the name fit the pattern? `*` stands for one or more characters of one label.
pub fn fits(pattern: &str, name: &str) -> bool {
    let mut patterns = pattern.split('.');
    let mut labels = name.split('.');
    loop {
        match (patterns.next(), labels.next()) {
            (None, None) => return true,
            (Some(pattern), Some(label)) if fits_label(pattern, label) => {}
            _ => return false,
        }
    }
}

/// Labels are at most 63 octets (RFC 1035 s. 2.3.4), so the simple way back is short.
fn fits_label(pattern: &str, label: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == label };
    let Some(label) = label.strip_prefix(head) else { return false };
    if !rest.contains('*') {
        return label.len() > rest.len() && label.ends_with(rest);
    }
    label.char_indices().skip(1).any(|(at, _)| label.get(at..).is_some_and(|tail| fits_label(rest, tail)))
}

fn generalise(label: &str) -> String {
    if is_uuid(label) {
        return "*".to_owned();
    }
    label.split('-').map(generalise_part).collect::<Vec<_>>().join("-")
}

fn generalise_part(part: &str) -> String {
    let is_hex = part.len() >= HEX_LEN
        && part.bytes().all(|b| b.is_ascii_hexdigit())
        && part.bytes().any(|b| b.is_ascii_digit());
    if is_hex { "*".to_owned() } else { stars_for_digits(part) }
}

fn stars_for_digits(part: &str) -> String {
    let mut out = String::new();
    let mut in_digits = false;
    for c in part.chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !in_digits {
            out.push('*');
        }
        in_digits = c.is_ascii_digit();
    }
    out
}

fn is_uuid(label: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let mut parts = label.split('-');
    lengths
        .iter()
        .all(|len| parts.next().is_some_and(|part| part.len() == *len && part.bytes().all(|b| b.is_ascii_hexdigit())))
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_parts_become_stars_and_the_rest_stays() {
        let patterns = [
            ("p12-fmip.icloud.com", Some("p*-fmip.icloud.com")),
            ("e1234.dscx.akamaiedge.net", Some("e*.dscx.akamaiedge.net")),
            ("550e8400-e29b-41d4-a716-446655440000.local.example.org", Some("*.local.example.org")),
            ("a3f09c21be-cdn.example.org", Some("*-cdn.example.org")),
            ("deadbeef.example.org", None),
            ("www.example.org", None),
            ("4chan.org", None),
            ("163.com", None),
        ];
        for (name, pattern) in patterns {
            assert_eq!(propose(name, None).as_deref(), pattern, "{name}");
        }
        assert_eq!(propose("a1.b2.co.uk", Some("b2.co.uk")).as_deref(), Some("a*.b2.co.uk"));
    }

    #[test]
    fn a_name_fits_the_pattern_that_was_made_of_it_and_no_other_domain() {
        for name in ["p12-fmip.icloud.com", "a1b2c3.x9.example.org", "time-a-1.nist.gov"] {
            let pattern = propose(name, None).unwrap();
            assert!(fits(&pattern, name), "{pattern} {name}");
            assert!(!fits(&pattern, &format!("{name}.evil.test")), "{pattern}");
        }
        assert!(fits("p*-fmip.icloud.com", "p7-fmip.icloud.com"));
        assert!(!fits("p*-fmip.icloud.com", "p-fmip.icloud.com"));
        assert!(!fits("p*-fmip.icloud.com", "p7.x-fmip.icloud.com"));
        assert!(!fits("p*-fmip.icloud.com", "p7-fmip.icloud.net"));
    }

    #[test]
    fn private_addresses_and_their_ports_are_no_names() {
        assert_eq!(without_addresses("192.168.1.7:49152"), "a private address");
        assert_eq!(without_addresses("10.0.0.1"), "a private address");
        assert_eq!(without_addresses("203.0.113.7:80"), "203.0.113.7:80");
        assert_eq!(without_addresses("router.lan:80"), "router.lan:80");
    }
}
