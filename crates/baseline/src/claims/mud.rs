//! A maker's own description of what its device needs (Manufacturer Usage Description, RFC 8520): the entries of its
//! access lists from the device, as what it may contact. Names are exact (s. 8.1); ports and protocols count where an
//! entry has them. Entries for the local network (`local-networks`, `my-controller`, …) say nothing of the internet.
//!
//! Leaves out: entries to the device, which speak of who may begin, and `direction-initiated`.

use super::{Claim, Says, Selector};
use crate::shape::{Place, Wrong};

/// The claim that a file makes: the device contacts only these.
pub(super) fn claims(root: &Place<'_>) -> Result<Vec<Claim>, Wrong> {
    let mud = root.at("ietf-mud:mud")?;
    let text = |name: &str| mud.maybe(name).and_then(|place| place.text().ok());
    let info = text("systeminfo").unwrap_or_else(|| "the device".to_owned());
    Ok(vec![Claim {
        id: text("mud-url").unwrap_or_else(|| "mud".to_owned()),
        text: format!("{info} contacts only what its maker lists"),
        says: Says::Only(names(root)?),
        phase: None,
        machine: None,
    }])
}

/// What the access lists of the policy from the device allow beyond the local network.
pub(super) fn names(root: &Place<'_>) -> Result<Vec<Selector>, Wrong> {
    let mut from = Vec::new();
    if let Some(policy) = root.at("ietf-mud:mud")?.maybe("from-device-policy") {
        for list in policy.at("access-lists")?.at("access-list")?.items()? {
            from.push(list.at("name")?.text()?);
        }
    }
    let mut selectors = Vec::new();
    for list in root.at("ietf-access-control-list:acls")?.at("acl")?.items()? {
        let name = list.at("name")?.text()?;
        if !from.is_empty() && !from.contains(&name) {
            continue;
        }
        for entry in list.at("aces")?.at("ace")?.items()? {
            selectors.extend(selector(&entry)?);
        }
    }
    Ok(selectors)
}

fn selector(entry: &Place<'_>) -> Result<Option<Selector>, Wrong> {
    let matches = entry.at("matches")?;
    let mut selector = Selector::default();
    let mut says = false;
    for version in ["ipv4", "ipv6"] {
        let Some(ip) = matches.maybe(version) else { continue };
        if let Some(name) = ip.maybe("ietf-acldns:dst-dnsname") {
            selector.name = Some(name.text()?.trim_end_matches('.').to_ascii_lowercase());
            says = true;
        }
        let network = ip.maybe(&format!("destination-{version}-network"));
        if let Some(network) = network {
            let parsed = network.text()?.parse().map_err(|_| network.wrong("a network"))?;
            selector.network = Some(parsed);
            says = true;
        }
    }
    for transport in ["tcp", "udp"] {
        let Some(part) = matches.maybe(transport) else { continue };
        selector.transport = Some(transport.to_owned());
        if let Some(port) = part.maybe("destination-port").and_then(|port| port.maybe("port")) {
            selector.port = Some(u16::try_from(port.count()?).map_err(|_| port.wrong("a port"))?);
        }
    }
    Ok(says.then_some(selector))
}
