//! Votes into verdicts. A vote adds its weight to the log-odds of what it says; of votes that stand in the same field for
//! the same value the second counts half, the third a quarter, and so on, since they are mostly said by one habit. That
//! it is something else that nobody voted for has log-odds of its own, [`UNKNOWN`].

use std::collections::BTreeMap;

use firstlight_knowledge as knowledge;
use firstlight_model::report::{Aspect, Confidence, Verdict, Vote};

use super::releases::Releases;

/// Log-odds of what no vote says.
pub(super) const UNKNOWN: f64 = 1.0;
/// Less likely than that, nothing is claimed.
const CLAIMED: f64 = 0.5;
/// From here on it is likely, and from here on hardly doubtful.
const MEDIUM: f64 = 0.8;
const HIGH: f64 = 0.95;

/// What the votes on an aspect come to; `None` without any. `family` is the system that a release has to be one of.
pub(super) fn verdict(aspect: Aspect, votes: &[Vote], family: Option<&str>) -> Option<Verdict> {
    let votes: Vec<&Vote> = votes.iter().filter(|vote| vote.aspect == aspect).collect();
    let options = Options::of(aspect, &votes, family);
    let mut ranked: Vec<(&str, f64)> =
        options.list.iter().map(|option| (option.text.as_str(), options.score(option, &votes))).collect();
    // Of two that are as likely the one that says more: ranges come narrowest first.
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (value, _) = *ranked.first()?;
    let probability = options.probability(value, &votes);
    let without_strongest = {
        let supports = |vote: &&Vote| options.named(value).is_some_and(|option| option.supported_by(vote));
        let strongest = votes.iter().enumerate().filter(|(_, vote)| supports(vote));
        let strongest =
            strongest.max_by(|a, b| a.1.weight.total_cmp(&b.1.weight).then(b.0.cmp(&a.0))).map(|(at, _)| at);
        let rest: Vec<&Vote> =
            votes.iter().enumerate().filter(|(at, _)| Some(*at) != strongest).map(|(_, vote)| *vote).collect();
        options.probability(value, &rest)
    };
    let second = ranked
        .iter()
        .skip(1)
        .find(|(other, _)| options.excludes(value, other))
        .map(|(other, _)| ((*other).to_owned(), options.probability(other, &votes)));
    Some(Verdict {
        aspect,
        value: (probability >= CLAIMED).then(|| value.to_owned()),
        probability,
        without_strongest,
        confidence: confidence(probability),
        second,
    })
}

fn confidence(probability: f64) -> Confidence {
    match probability {
        p if p >= HIGH => Confidence::High,
        p if p >= MEDIUM => Confidence::Medium,
        _ => Confidence::Low,
    }
}

/// Log-odds of a value by the votes of one machine, each field by itself.
pub(super) fn sum<'v>(votes: impl Iterator<Item = &'v Vote>) -> f64 {
    let mut by_field: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for vote in votes {
        by_field.entry(vote.field).or_default().push(vote.weight);
    }
    let of_field = |mut weights: Vec<f64>| {
        weights.sort_by(|a, b| b.total_cmp(a));
        weights
            .iter()
            .zip(std::iter::successors(Some(1.0), |share| Some(share / 2.0)))
            .map(|(w, share)| w * share)
            .sum::<f64>()
    };
    by_field.into_values().map(of_field).sum()
}

/// Whether a vote on a release names one of that system.
pub(super) fn is_release_of(value: &str, family: &str) -> bool {
    Choice::of(Aspect::Version, value, Some(family)).is_some()
}

/// One thing that may be so.
struct Choice {
    text: String,
    /// For a release that is numbered.
    releases: Option<Releases>,
    /// The votes' own value, or a range that two of them share.
    family: Option<String>,
}

impl Choice {
    fn of(aspect: Aspect, value: &str, family: Option<&str>) -> Option<Self> {
        if aspect != Aspect::Version {
            return Some(Self { text: value.to_owned(), releases: None, family: None });
        }
        let family = family?;
        let number = value.strip_prefix(family).and_then(|rest| rest.strip_prefix(' '));
        if number.is_none() && knowledge::family(value) != Some(family) {
            return None;
        }
        let releases = number.and_then(Releases::read);
        Some(Self { text: value.to_owned(), releases, family: Some(family.to_owned()) })
    }

    fn supported_by(&self, vote: &Vote) -> bool {
        match (&self.releases, &self.family) {
            (Some(mine), Some(family)) => Self::of(Aspect::Version, &vote.value, Some(family))
                .and_then(|other| other.releases)
                .is_some_and(|theirs| theirs.holds(mine)),
            _ => vote.value == self.text,
        }
    }
}

/// All of them.
struct Options {
    list: Vec<Choice>,
}

impl Options {
    fn of(aspect: Aspect, votes: &[&Vote], family: Option<&str>) -> Self {
        let mut list: Vec<Choice> = Vec::new();
        for vote in votes {
            if !list.iter().any(|choice| choice.text == vote.value) {
                list.extend(Choice::of(aspect, &vote.value, family));
            }
        }
        let mut common = Vec::new();
        for (at, a) in list.iter().enumerate() {
            for b in list.iter().skip(at + 1) {
                let (Some(of_a), Some(of_b), Some(family)) = (&a.releases, &b.releases, &a.family) else { continue };
                if let Some(both) = of_a.common(of_b).filter(|both| both != of_a && both != of_b) {
                    let text = format!("{family} {}", both.text());
                    common.push(Choice { text, releases: Some(both), family: a.family.clone() });
                }
            }
        }
        for choice in common {
            if !list.iter().any(|other| other.text == choice.text) {
                list.push(choice);
            }
        }
        list.sort_by(|a, b| a.text.cmp(&b.text));
        // The narrowest first; of those of which none holds the other, by text.
        let mut narrow: Vec<Choice> = Vec::new();
        for choice in list {
            let holds = |other: &Choice| match (&choice.releases, &other.releases) {
                (Some(mine), Some(theirs)) => theirs.holds(mine),
                _ => false,
            };
            let at = narrow.iter().position(holds).unwrap_or(narrow.len());
            narrow.insert(at, choice);
        }
        Self { list: narrow }
    }

    fn named(&self, text: &str) -> Option<&Choice> {
        self.list.iter().find(|choice| choice.text == text)
    }

    fn score(&self, choice: &Choice, votes: &[&Vote]) -> f64 {
        sum(votes.iter().filter(|vote| choice.supported_by(vote)).copied())
    }

    /// If it is the one, it is not the other.
    fn excludes(&self, one: &str, other: &str) -> bool {
        match (self.named(one), self.named(other)) {
            (Some(one), Some(other)) => match (&one.releases, &other.releases) {
                (Some(a), Some(b)) => a.common(b).is_none(),
                // A distribution has a kernel: its name and a number may both be right.
                (Some(_), None) | (None, Some(_)) => false,
                (None, None) => one.text != other.text,
            },
            _ => false,
        }
    }

    /// Of `value`, among all that it excludes and what nobody says.
    fn probability(&self, value: &str, votes: &[&Vote]) -> f64 {
        let Some(choice) = self.named(value) else { return 0.0 };
        let mine = self.score(choice, votes);
        let mut others: Vec<f64> = Vec::new();
        if choice.releases.is_some() {
            // Ranges overlap: the best of those that exclude it speaks for all.
            let best = self
                .list
                .iter()
                .filter(|other| self.excludes(value, &other.text))
                .map(|other| self.score(other, votes));
            others.extend(best.max_by(f64::total_cmp).filter(|score| *score > 0.0));
        } else {
            let rest = self.list.iter().filter(|other| self.excludes(value, &other.text));
            others.extend(rest.map(|other| self.score(other, votes)).filter(|score| *score > 0.0));
        }
        let sum: f64 = others.iter().map(|score| (score - mine).exp()).sum();
        1.0 / (1.0 + (UNKNOWN - mine).exp() + sum)
    }
}

#[cfg(test)]
mod tests {
    use firstlight_model::report::{Aspect, Confidence, Vote};

    use super::verdict;

    fn vote(aspect: Aspect, value: &str, weight: f64, field: &'static str) -> Vote {
        let (value, text, source) = (value.to_owned(), field.to_owned(), "general".to_owned());
        Vote { aspect, value, weight, field, text, source, evidence: None }
    }

    fn system(value: &str, weight: f64, field: &'static str) -> Vote {
        vote(Aspect::System, value, weight, field)
    }

    #[test]
    fn votes_of_different_fields_add_up_and_the_strongest_is_missed() {
        let votes = [system("macOS", 2.5, "syn"), system("macOS", 4.0, "dhcp"), system("iOS", 1.2, "syn")];
        let verdict = verdict(Aspect::System, &votes, None).expect("there are votes");
        assert_eq!((verdict.value.as_deref(), verdict.confidence), (Some("macOS"), Confidence::High));
        // e^6.5 of e^6.5 + e^1.2 + e^1, and without the strongest e^2.5 of e^2.5 + e^1.2 + e^1.
        assert!((verdict.probability - 0.991_00).abs() < 1e-4, "{verdict:?}");
        assert!((verdict.without_strongest - 0.668_61).abs() < 1e-4, "{verdict:?}");
        assert_eq!(verdict.second.expect("iOS").0, "iOS");
    }

    #[test]
    fn votes_of_one_field_add_less_and_less() {
        let one = verdict(Aspect::System, &[system("Windows", 1.8, "name")], None).expect("a vote");
        let many: Vec<Vote> = (0..50).map(|_| system("Windows", 1.8, "name")).collect();
        let all = verdict(Aspect::System, &many, None).expect("votes");
        assert!(one.probability > 0.6 && one.probability < 0.7, "{one:?}");
        // Twice the weight at most.
        assert!(all.probability < 1.0 / (1.0 + (1.0_f64 - 3.6).exp()) + 1e-9, "{all:?}");
    }

    #[test]
    fn weak_and_divided_votes_say_nothing() {
        let weak = verdict(Aspect::Maker, &[vote(Aspect::Maker, "module by X", 0.3, "mac")], None).expect("a vote");
        assert_eq!(weak.value, None);
        let divided = [system("Linux", 2.0, "a"), system("Windows", 2.0, "b")];
        let divided = verdict(Aspect::System, &divided, None).expect("votes");
        assert_eq!((divided.value, divided.confidence), (None, Confidence::Low));
        assert_eq!(verdict(Aspect::Kind, &[], None), None);
    }

    #[test]
    fn releases_are_narrowed_by_what_ranges_share() {
        let release = |value: &str, weight: f64, field: &'static str| vote(Aspect::Version, value, weight, field);
        let votes = [release("macOS 10.14 and later", 1.0, "syn"), release("macOS 10.11 to 10.15", 1.5, "dhcp")];
        let both = verdict(Aspect::Version, &votes, Some("macOS")).expect("votes");
        assert_eq!(both.value.as_deref(), Some("macOS 10.14 to 10.15"));
        assert!(both.without_strongest < both.probability);
        let votes = [&votes[..], &[release("macOS 10.15", 2.5, "agent"), release("iOS 13", 2.5, "agent")]].concat();
        let exact = verdict(Aspect::Version, &votes, Some("macOS")).expect("votes");
        assert_eq!(exact.value.as_deref(), Some("macOS 10.15"));
        assert!(exact.probability > 0.95, "{exact:?}");
        assert_eq!(verdict(Aspect::Version, &votes, None), None, "a release is one of a system");
        let named = [release("Ubuntu", 2.0, "agent"), release("Linux 5 to 6", 1.0, "syn")];
        let named = verdict(Aspect::Version, &named, Some("Linux")).expect("votes");
        assert_eq!(named.value.as_deref(), Some("Ubuntu"));
        assert_eq!(named.second, None, "a kernel's number does not speak against a distribution");
    }
}
