//! What of a capture a baseline explains: contacts that the runs had, in amounts and ways in which they had them. What is
//! new, changed or only usual in kind is not explained, nor is a look-up of a name of a domain that no run contacted.

use std::collections::BTreeSet;

use firstlight_model::finding::Grade;
use firstlight_model::report::{Report, Scope};

use crate::baseline::Baseline;
use crate::check::Held;
use crate::key::Key;
use crate::run::{Property, Run, network};

/// Domains below which look-ups explain themselves: reverse look-ups, and names of the local network.
const LOCAL: [&str; 4] = ["in-addr.arpa", "ip6.arpa", "local", "localdomain"];

/// That something comes earlier or later than it did does not make it less explained.
const AT_ANOTHER_TIME: [&str; 2] = ["time", "cadence"];

const AMOUNTS: [&str; 2] = ["count", "volume"];

/// What is explained of a capture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Explained {
    /// For each contact of the report.
    pub contacts: Vec<bool>,
    /// Registrable domains that the runs contacted, and names without one.
    domains: BTreeSet<String>,
}

impl Explained {
    /// Is the look-up of this name explained?
    pub fn look_up(&self, name: &str) -> bool {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let mut rest = name.as_str();
        loop {
            if self.domains.contains(rest) || LOCAL.contains(&rest) {
                return true;
            }
            match rest.split_once('.') {
                Some((_, above)) => rest = above,
                None => return false,
            }
        }
    }
}

/// What of a capture's report is explained. Nothing is when no machine was found.
pub fn explained(baseline: &Baseline, report: &Report) -> Explained {
    let Some(run) = Run::of(report) else {
        return Explained { contacts: vec![false; report.contacts.len()], domains: BTreeSet::new() };
    };
    let runs = baseline.widened();
    let runs: Vec<&Run> = runs.iter().collect();
    let run = run.under(&baseline.accepted);
    let held = Held::new(&runs, &run);
    let told: BTreeSet<String> = held
        .findings()
        .into_iter()
        .filter(|finding| !AT_ANOTHER_TIME.contains(&finding.what))
        // Too little, in a phase that is too short for more.
        .filter(|finding| finding.grade != Grade::CannotTell || !AMOUNTS.contains(&finding.what))
        .filter_map(|finding| finding.id.split_once(':').map(|(_, id)| id.to_owned()))
        .collect();
    let networks = networks(&runs);
    let machine = report.machines.first().map(|machine| machine.id.as_str());
    let contacts = report.contacts.iter().map(|contact| {
        let key = Key::of(contact, report).widened(&baseline.accepted);
        let in_known_network = contact.name.is_some()
            || contact.scope != Scope::Internet
            || contact.addresses.iter().all(|address| networks.contains(&(key.without_phase(), network(address))));
        Some(contact.machine.as_str()) == machine
            && held.index.level(&key, None).is_none()
            && in_known_network
            && !told.contains(&key.id())
    });
    let mut domains = BTreeSet::new();
    for (key, about) in runs.iter().flat_map(|run| &run.about) {
        domains.extend(about.domain.as_deref().or(key.name()).map(str::to_ascii_lowercase));
    }
    Explained { contacts: contacts.collect(), domains }
}

/// The networks of the hosts without a name.
fn networks(runs: &[&Run]) -> BTreeSet<(Key, String)> {
    let mut networks = BTreeSet::new();
    for (key, seen) in runs.iter().flat_map(|run| &run.contacts) {
        for network in seen.properties.get(&Property::Network).into_iter().flatten() {
            networks.insert((key.without_phase(), network.clone()));
        }
    }
    networks
}
