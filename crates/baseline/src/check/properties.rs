//! Properties of known contacts: protocol, its version, encryption, hello, ALPN, issuer of the certificate.

use std::collections::{BTreeMap, BTreeSet};

use firstlight_model::finding::{Finding, Grade};

use super::Held;
use crate::key::Key;
use crate::run::{Property, Seen};
use crate::words;

/// What one more run with a value of its own weighs before any was seen.
pub(super) const PRIOR: f64 = 0.3;
/// Below this a value that no run had is as usual.
pub(super) const CHANGED_BITS: f64 = 2.5;

impl Held<'_> {
    /// Known contacts with values that no run had.
    pub(super) fn properties(&self) -> Vec<Finding> {
        let rates = self.runs_with_own_values();
        let mut findings = Vec::new();
        for (key, seen) in &self.run.contacts {
            let Some(runs) = self.common.get(key) else { continue };
            for (property, values) in &seen.properties {
                let known: BTreeSet<&String> = values_of(runs.values().copied(), *property).collect();
                let new: Vec<&str> = values.iter().filter(|v| !known.contains(v)).map(String::as_str).collect();
                if known.is_empty() || new.is_empty() {
                    continue;
                }
                let bits = self.bits(rates.get(property).copied().unwrap_or(0), PRIOR);
                if bits >= CHANGED_BITS {
                    let text = in_words(key, *property, &new, &known, runs.len());
                    findings.push(self.finding(Grade::Changed, what(*property), key, bits, text));
                }
            }
        }
        findings
    }

    /// How many runs had a value of the property, at any contact, that no other run had at this contact.
    fn runs_with_own_values(&self) -> BTreeMap<Property, usize> {
        let mut own: BTreeMap<Property, BTreeSet<usize>> = BTreeMap::new();
        for runs in self.common.values().filter(|runs| runs.len() > 1) {
            for (at, seen) in runs {
                for (property, values) in &seen.properties {
                    let others = runs.iter().filter(|(other, _)| *other != at).map(|(_, seen)| *seen);
                    let known: BTreeSet<&String> = values_of(others, *property).collect();
                    if !known.is_empty() && values.iter().any(|value| !known.contains(value)) {
                        own.entry(*property).or_default().insert(*at);
                    }
                }
            }
        }
        own.into_iter().map(|(property, runs)| (property, runs.len())).collect()
    }
}

fn values_of<'a>(runs: impl Iterator<Item = &'a Seen>, property: Property) -> impl Iterator<Item = &'a String> {
    runs.filter_map(move |seen| seen.properties.get(&property)).flatten()
}

const fn what(property: Property) -> &'static str {
    match property {
        Property::Service | Property::Alpn => "protocol",
        Property::Version => "version",
        Property::Encrypted => "encryption",
        Property::Hello => "fingerprint",
        Property::Network => "network",
        Property::Issuer => "issuer",
    }
}

fn in_words(key: &Key, property: Property, new: &[&str], known: &BTreeSet<&String>, runs: usize) -> String {
    let who = format!("{} ({})", key.who_in_words(), key.service_in_words());
    if property == Property::Encrypted {
        let clear = new.contains(&"no");
        let (now, before) = if clear { ("in the clear", "encrypted") } else { ("encrypted", "in the clear") };
        return format!("{who} is {now}; it was {before} in {}", words::runs(runs));
    }
    let before = known.iter().map(|value| value.as_str()).collect::<Vec<_>>().join(", ");
    format!("{who}: the {} is {}; in {} it was {before}", property.in_words(), new.join(", "), words::runs(runs))
}
