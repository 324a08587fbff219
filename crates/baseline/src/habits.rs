//! A baseline for reading: how often and how much, run by run.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use firstlight_model::habits::{Amount, Habit, Habits, Occasion};

use crate::baseline::Baseline;
use crate::estimate::Completeness;
use crate::run::{About, Run, Seen};

/// What the baseline holds.
pub fn habits(baseline: &Baseline) -> Habits {
    let mut runs = baseline.widened();
    runs.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
    let complete = Completeness::of(&runs.iter().collect::<Vec<_>>());
    let mut seen: BTreeMap<_, (Vec<Option<Amount>>, Option<&About>)> = BTreeMap::new();
    for (at, run) in runs.iter().enumerate() {
        for (key, had) in &run.contacts {
            let (amounts, about) = seen.entry(key).or_insert_with(|| (vec![None; runs.len()], None));
            if let Some(amount) = amounts.get_mut(at) {
                *amount = Some(amount_of(had));
            }
            *about = about.or_else(|| run.about.get(key));
        }
    }
    let mut contacts: Vec<Habit> = seen
        .into_iter()
        .map(|(key, (amounts, about))| Habit {
            phase: key.phase.clone(),
            who: key.who_in_words(),
            service: key.service_in_words(),
            scope: key.scope,
            owner: about.and_then(|about| about.owner.clone()),
            vendor_own: about.and_then(|about| about.vendor_own),
            purpose: about.and_then(|about| about.purpose.clone()),
            amounts,
        })
        .collect();
    contacts.sort_by_cached_key(|habit| {
        let had = habit.amounts.iter().flatten();
        let bytes = had.clone().fold(0_u64, |sum, it| sum.saturating_add(it.payload_in).saturating_add(it.payload_out));
        (Reverse(had.count()), Reverse(bytes), habit.who.clone())
    });
    let list = |set: &std::collections::BTreeSet<String>| set.iter().cloned().collect();
    Habits {
        title: baseline.title(),
        systems: list(&baseline.systems),
        scenarios: list(&baseline.scenarios),
        methods: list(&baseline.methods),
        accepted: list(&baseline.accepted),
        proposed: baseline.proposals().into_iter().map(|(pattern, names)| (pattern, list(&names))).collect(),
        runs: runs.iter().map(occasion).collect(),
        contacts,
        expected_new: complete.expected_new,
        curve: complete.curve,
    }
}

fn amount_of(seen: &Seen) -> Amount {
    Amount { connections: seen.connections, payload_out: seen.payload_out, payload_in: seen.payload_in }
}

fn occasion(run: &Run) -> Occasion {
    Occasion {
        id: run.id.clone(),
        files: run.files.iter().map(|(name, _)| name.clone()).collect(),
        start: run.start,
        duration_s: run.duration_s,
        is_partial: run.is_partial,
        system: run.subject.system.clone(),
        contacts: run.contacts.len() as u64,
        payload: run.payload(),
    }
}

#[cfg(test)]
mod tests {
    use firstlight_model::Timestamp;
    use firstlight_model::Transport;
    use firstlight_model::report::{Initiator, Scope};

    use super::*;
    use crate::key::{Key, Port, Who};

    fn run(id: &str, start: i64, had: &[(&str, u64)]) -> Run {
        let contacts = had.iter().map(|(name, bytes)| {
            let key = Key {
                phase: "boot".into(),
                scope: Scope::Internet,
                who: Who::Name((*name).to_owned()),
                transport: Transport::TCP,
                port: Port::Number(443),
                initiated_by: Initiator::Machine,
            };
            (key, Seen { connections: 2, payload_out: 10, payload_in: *bytes, ..Seen::default() })
        });
        let contacts = contacts.collect();
        Run { id: id.into(), start: Timestamp::from_parts(start, 0), contacts, ..Run::default() }
    }

    #[test]
    fn each_run_has_its_column_in_the_order_of_time() {
        let mut baseline = Baseline::default();
        baseline.add(run("a", 300, &[("often.example", 5), ("once.example", 7)]));
        baseline.add(run("b", 100, &[("often.example", 6)]));
        baseline.add(run("c", 200, &[("often.example", 9), ("large.example", 1_000)]));
        let habits = habits(&baseline);
        assert_eq!(habits.runs.iter().map(|run| run.id.as_str()).collect::<Vec<_>>(), ["b", "c", "a"]);
        assert_eq!(habits.runs[1].payload, 1_029);
        let told: Vec<(&str, Vec<Option<u64>>)> = habits
            .contacts
            .iter()
            .map(|it| (it.who.as_str(), it.amounts.iter().map(|had| had.map(|had| had.payload_in)).collect()))
            .collect();
        assert_eq!(
            told,
            [
                ("often.example", vec![Some(6), Some(9), Some(5)]),
                ("large.example", vec![None, Some(1_000), None]),
                ("once.example", vec![None, None, Some(7)]),
            ]
        );
        assert_eq!(habits.curve.len(), 3);
    }

    #[test]
    fn names_that_fit_an_accepted_pattern_are_one() {
        let mut baseline = Baseline::default();
        baseline.accepted.insert("p*.example".into());
        baseline.add(run("a", 1, &[("p1.example", 5)]));
        baseline.add(run("b", 2, &[("p2.example", 6)]));
        let habits = habits(&baseline);
        assert_eq!(habits.contacts.len(), 1);
        assert_eq!(habits.contacts[0].who, "p*.example");
        assert!(habits.contacts[0].amounts.iter().all(Option::is_some));
    }
}
