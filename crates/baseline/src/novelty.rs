//! How new a contact is that no run had, and how often a run has something as new: each run is held against all others
//! (leave one out), so that a device whose every run brings a new host of its owner raises no alarm by bringing one.

use std::collections::{BTreeMap, BTreeSet};

use firstlight_model::Transport;
use firstlight_model::report::{Initiator, Scope};

use crate::key::{Key, Port, Who};
use crate::pattern;
use crate::run::{About, Run};

/// What of a new contact was known before, from nearly all to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// All of it, in another phase.
    Phase,
    /// Names that differ only in made-up parts.
    Pattern,
    /// Its domain, by the same service.
    Name,
    /// The name, by another service.
    Service,
    /// Its owner.
    Domain,
    /// Hosts that are known by what they are, not by name.
    Host,
    /// Nothing.
    Owner,
}

impl Level {
    /// The weight of one run's worth of doubt before any run was seen: with no run that had something as new, a new one
    /// is taken to come once in `runs / prior`. The less was known, the less is it expected.
    const fn prior(self) -> f64 {
        match self {
            Self::Phase | Self::Pattern => 1.0,
            Self::Name => 0.5,
            Self::Service | Self::Host => 0.3,
            Self::Domain => 0.2,
            Self::Owner => 0.1,
        }
    }
}

/// What a set of runs knows, and which of them.
#[derive(Debug, Default)]
pub struct Index {
    runs: usize,
    features: BTreeMap<Feature, BTreeSet<usize>>,
    /// Runs that had something as new, by level, scope and who began.
    rates: BTreeMap<(Level, Scope, Initiator), usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Feature {
    Contact(Key),
    AnyPhase(Key),
    Pattern(String, Transport, Port),
    NameService(String, Transport, Port),
    Name(Who),
    Domain(String, Transport, Port),
    Owner(String),
    /// A host without a name, whatever the reason.
    Unnamed(Transport, Port),
}

impl Index {
    /// Of runs in any order.
    pub fn of(runs: &[&Run]) -> Self {
        let mut index = Self { runs: runs.len(), ..Self::default() };
        for (at, run) in runs.iter().enumerate() {
            for key in run.contacts.keys() {
                for feature in features(key, run.about.get(key)) {
                    index.features.entry(feature).or_default().insert(at);
                }
            }
        }
        // One run alone has no others to be left out of.
        for (at, run) in runs.iter().enumerate().filter(|_| runs.len() > 1) {
            let mut had = BTreeSet::new();
            for key in run.contacts.keys() {
                if let Some(level) = index.level_without(key, run.about.get(key), Some(at)) {
                    had.insert((level, key.scope, key.initiated_by));
                }
            }
            for class in had {
                *index.rates.entry(class).or_default() += 1;
            }
        }
        index
    }

    /// How new the contact is; `None` when a run had it.
    pub fn level(&self, key: &Key, about: Option<&About>) -> Option<Level> {
        self.level_without(key, about, None)
    }

    fn level_without(&self, key: &Key, about: Option<&About>, without: Option<usize>) -> Option<Level> {
        let knows = |feature: Feature| {
            self.features.get(&feature).is_some_and(|runs| match without {
                Some(run) => runs.iter().any(|other| *other != run),
                None => true,
            })
        };
        if knows(Feature::Contact(key.clone())) {
            return None;
        }
        if knows(Feature::AnyPhase(key.without_phase())) {
            return Some(Level::Phase);
        }
        if let Who::Name(name) = &key.who {
            if knows(Feature::NameService(name.clone(), key.transport, key.port)) {
                return Some(Level::Phase);
            }
            let pattern = pattern::propose(name, about.and_then(|about| about.domain.as_deref()));
            if pattern.is_some_and(|pattern| knows(Feature::Pattern(pattern, key.transport, key.port))) {
                return Some(Level::Pattern);
            }
        }
        let is_unnamed = matches!(key.who, Who::Unnamed { .. });
        if is_unnamed && knows(Feature::Unnamed(key.transport, key.port)) {
            return Some(Level::Name);
        }
        if !is_unnamed && knows(Feature::Name(key.who.clone())) {
            return Some(Level::Service);
        }
        if key.name().is_none() && key.scope != Scope::Internet {
            return Some(Level::Host);
        }
        let domain = about.and_then(|about| about.domain.clone());
        if domain.is_some_and(|domain| knows(Feature::Domain(domain, key.transport, key.port))) {
            return Some(Level::Name);
        }
        let owner = about.and_then(|about| about.owner.clone());
        if owner.is_some_and(|owner| knows(Feature::Owner(owner))) {
            return Some(Level::Domain);
        }
        Some(if key.name().is_none() { Level::Host } else { Level::Owner })
    }

    /// How unlikely something as new is in a next run, in bits.
    pub fn surprise_bits(&self, level: Level, key: &Key) -> f64 {
        bits(self.runs_with(level, key), self.runs, level.prior())
    }

    /// Runs that had something as new as this, had they been checked against the others.
    pub fn runs_with(&self, level: Level, key: &Key) -> usize {
        self.rates.get(&(level, key.scope, key.initiated_by)).copied().unwrap_or(0)
    }
}

/// Minus the logarithm of how often `runs` runs foretell what `had` of them did, and `prior` of one more.
pub(crate) fn bits(had: usize, runs: usize, prior: f64) -> f64 {
    let bits = -((had as f64 + prior) / (runs as f64 + 1.0)).min(1.0).log2();
    bits.max(0.0)
}

fn features(key: &Key, about: Option<&About>) -> Vec<Feature> {
    let mut features =
        vec![Feature::Contact(key.clone()), Feature::AnyPhase(key.without_phase()), Feature::Name(key.who.clone())];
    let domain = about.and_then(|about| about.domain.as_deref());
    if let Who::Name(name) = &key.who {
        features.push(Feature::NameService(name.clone(), key.transport, key.port));
        features.extend(pattern::propose(name, domain).map(|p| Feature::Pattern(p, key.transport, key.port)));
    }
    if matches!(key.who, Who::Unnamed { .. }) {
        features.push(Feature::Unnamed(key.transport, key.port));
    }
    features.extend(domain.map(|domain| Feature::Domain(domain.to_owned(), key.transport, key.port)));
    features.extend(about.and_then(|about| about.owner.clone()).map(Feature::Owner));
    features
}
