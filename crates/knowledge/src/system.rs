//! What gives the system of a machine away: DHCP options, names that only one system asks for, User-Agents. Votes and
//! their weights are the business of analysis; here each sign says what it says.

use crate::book::{Row, compiled};
use crate::check::{Grade, Match};
use crate::explain::{Candidate, Query, candidates};
use crate::layout::{dhcp, rules};

/// A sign of a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SystemHint {
    /// The family: `macOS`, `iOS`, `Windows`, `Android`, `Linux`, or a device such as `Roku`.
    pub system: &'static str,
    /// What more is known: `10.15`, `10 or 11`, or the distribution or device (`Ubuntu`); empty when nothing.
    pub version: &'static str,
    /// Both in words: `macOS 10.11 to 10.15`.
    pub label: &'static str,
    /// Key of the source.
    pub source: &'static str,
    /// How well it is known: `vendor`, `source-code`, …
    pub grade: &'static str,
}

/// Hints out of the packed form `family|version|label;…`.
pub(crate) fn hints(tells: &'static str, source: &'static str, grade: u8) -> impl Iterator<Item = SystemHint> + use<> {
    let grade = Grade::of_code(grade).unwrap_or(Grade::Analyst).word();
    tells.split(';').filter_map(move |part| {
        let mut fields = part.split('|');
        let (system, version, label) = (fields.next()?, fields.next()?, fields.next()?);
        Some(SystemHint { system, version, label, source, grade })
    })
}

/// Systems by DHCP: `parameters` is option 55 in decimal, in the order of the packet (`1,121,3,6`), `vendor_class` is
/// option 60. A list that agrees wins over a class alone; of classes the longest that fits.
pub fn dhcp_systems(parameters: Option<&str>, vendor_class: Option<&str>) -> Vec<SystemHint> {
    let rows = compiled().rows(dhcp::TABLE);
    let class_fits = |row: &Row<'static>| vendor_class.is_some_and(|class| class.starts_with(row.text(dhcp::CLASS)));
    let by_list = rows.iter().filter(|row| {
        let list = row.text(dhcp::PARAMETERS);
        // The class is a second condition where the rule has one and the machine sent one.
        let class = row.text(dhcp::CLASS).is_empty() || vendor_class.is_none() || class_fits(row);
        !list.is_empty() && parameters == Some(list) && class
    });
    let by_class = rows
        .iter()
        .filter(|row| row.text(dhcp::PARAMETERS).is_empty() && class_fits(row))
        .max_by_key(|row| row.text(dhcp::CLASS).len());
    let mut found: Vec<SystemHint> = Vec::new();
    // A class that names the very release says more than a list that several releases share.
    let class_first =
        by_class.is_some_and(|row| row.text(dhcp::TELLS).split('|').nth(1).is_some_and(|v| !v.is_empty()));
    let lists: Vec<Row<'static>> = by_list.collect();
    let order: Vec<Row<'static>> = if class_first {
        by_class.into_iter().chain(lists).collect()
    } else {
        lists.into_iter().chain(by_class).collect()
    };
    for row in order {
        for hint in hints(row.text(dhcp::TELLS), row.text(dhcp::SOURCE), row.byte(dhcp::GRADE)) {
            if !found.contains(&hint) {
                found.push(hint);
            }
        }
    }
    found
}

/// What is known to send such DHCP options, in words, also where it is no system (`ISC dhclient defaults`).
pub fn dhcp_labels(parameters: Option<&str>, vendor_class: Option<&str>) -> Vec<&'static str> {
    let rows = compiled().rows(dhcp::TABLE);
    let fits = |row: &Row<'static>| {
        let (list, class) = (row.text(dhcp::PARAMETERS), row.text(dhcp::CLASS));
        let by_class = vendor_class.is_some_and(|sent| sent.starts_with(class));
        (!list.is_empty() && parameters == Some(list) && (class.is_empty() || vendor_class.is_none() || by_class))
            || (list.is_empty() && by_class)
    };
    rows.iter().filter(fits).map(|row| row.text(dhcp::LABEL)).collect()
}

/// Systems that ask for a host (and path, in clear HTTP): connectivity probes, time servers, update hosts. Only rules
/// for the host itself count, and only the best of them. `path` is `None` where it was not seen.
pub fn name_systems(host: &str, path: Option<&str>) -> Vec<SystemHint> {
    let query = Query { name: Some(host), path, ..Query::default() };
    let mut found: Vec<SystemHint> = Vec::new();
    let speaks = |one: &&Candidate| !one.tells().is_empty() && one.match_kind() != Match::Tld;
    for one in candidates(&query).iter().filter(speaks) {
        for hint in hints(one.tells(), one.row().text(rules::SOURCE), one.row().byte(rules::GRADE)) {
            if !found.iter().any(|kept| kept.label == hint.label) {
                found.push(hint);
            }
        }
    }
    // A sign that names the release makes the bare family superfluous.
    let precise: Vec<&str> = found.iter().filter(|hint| !hint.version.is_empty()).map(|hint| hint.system).collect();
    found.retain(|hint| !hint.version.is_empty() || !precise.contains(&hint.system));
    found
}

#[cfg(test)]
mod tests {
    use super::{dhcp_systems, name_systems};

    fn labels(hints: &[super::SystemHint]) -> Vec<&'static str> {
        hints.iter().map(|hint| hint.label).collect()
    }

    #[test]
    fn dhcp_tells_releases_of_apple_by_the_list_alone() {
        let hints = dhcp_systems(Some("1,121,3,6,15,119,252,95,44,46"), None);
        assert_eq!(labels(&hints), ["macOS 10.11 to 10.15"]);
        assert_eq!((hints[0].system, hints[0].version), ("macOS", "10.11 to 10.15"));
        assert_eq!(hints[0].grade, "source-code");
        let hints = dhcp_systems(Some("1,121,3,6,15,119,252"), None);
        assert_eq!(labels(&hints), ["iOS 9 to 13", "tvOS", "watchOS"]);
    }

    #[test]
    fn dhcp_wants_the_class_where_the_rule_has_one_and_the_machine_sent_one() {
        let list = Some("1,3,6,15,31,33,43,44,46,47,119,121,249,252");
        assert_eq!(labels(&dhcp_systems(list, Some("MSFT 5.0"))), ["Windows 10 or 11"]);
        assert_eq!(labels(&dhcp_systems(list, None)), ["Windows 10 or 11"]);
        assert!(dhcp_systems(list, Some("udhcp 1.2")).iter().all(|hint| hint.system != "Windows"));
        assert!(dhcp_systems(Some("9,9,9"), Some("nobody")).is_empty());
        assert!(dhcp_systems(None, None).is_empty());
    }

    #[test]
    fn an_android_class_tells_its_release() {
        let hints = dhcp_systems(Some("1,3,6,15,26,28,51,58,59,43,114,108"), Some("android-dhcp-13"));
        assert_eq!(hints[0].label, "Android 13");
        assert_eq!(hints[0].system, "Android");
    }

    #[test]
    fn names_tell_systems() {
        assert!(
            labels(&name_systems("www.msftconnecttest.com", Some("/connecttest.txt"))).contains(&"Windows 10 or 11")
        );
        assert!(labels(&name_systems("swscan.apple.com", None)).contains(&"macOS"));
        assert!(name_systems("time.apple.com", None).iter().any(|hint| hint.system == "macOS"));
        let ubuntu = name_systems("connectivity-check.ubuntu.com", Some("/"));
        assert!(ubuntu.iter().any(|hint| hint.system == "Linux" && hint.version == "Ubuntu"), "{ubuntu:?}");
        let debian = name_systems("2.debian.pool.ntp.org", None);
        assert!(debian.iter().any(|hint| hint.version == "Debian"), "{debian:?}");
        assert!(name_systems("www.example.com", None).is_empty());
        assert!(name_systems("www.google.com", None).is_empty());
    }
}
