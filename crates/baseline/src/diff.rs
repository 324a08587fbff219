//! Two baselines, or two captures as baselines of one run each, held against each other: what is new, gone, grown,
//! shrunk, changed. What differs no more than runs of one side differ from each other is no difference.

use std::collections::{BTreeMap, BTreeSet};

use firstlight_model::finding::{Change, ChangeKind, Diff};
use firstlight_model::report::Evidence;

use crate::baseline::Baseline;
use crate::key::{Key, Port, Who};
use crate::novelty::bits;
use crate::run::{About, Property, Run, Seen};
use crate::volume;
use crate::words;

/// What single runs differ in, of which nobody knows how it varies.
const LEAST_BITS: f64 = 3.0;
/// Below this a contact that only one side has is taken for variation: devices have many that come now and then.
const PRESENCE_BITS: f64 = 5.0;
/// The same for amounts, of which every contact has several.
const AMOUNT_BITS: f64 = 6.0;
/// What one more run with a value of its own weighs before any was seen.
const PRIOR: f64 = 0.3;
/// And for values, of which a run has many.
const VALUE_BITS: f64 = 2.5;

/// Holds two sides against each other. Their names are for the reader.
pub fn diff(before: (&str, &Baseline), after: (&str, &Baseline)) -> Diff {
    let sides = [Side::of(before.1), Side::of(after.1)];
    let mut changes = Vec::new();
    let keys: BTreeSet<&Key> = sides.iter().flat_map(|side| side.contacts.keys().copied()).collect();
    for key in keys {
        changes.extend(presence(key, &sides));
        changes.extend(amounts(key, &sides));
        changes.extend(properties(key, &sides));
    }
    changes.extend(fingerprints(&sides));
    changes.extend(systems(&sides));
    changes.sort_by(|a, b| {
        (a.kind, a.what == "contact").cmp(&(b.kind, b.what == "contact")).then_with(|| {
            b.surprise_bits
                .total_cmp(&a.surprise_bits)
                .then_with(|| (&a.phase, &a.name, &a.text).cmp(&(&b.phase, &b.name, &b.text)))
        })
    });
    let runs = |baseline: &Baseline| baseline.runs.len() as u64;
    Diff { before: before.0.to_owned(), after: after.0.to_owned(), runs: [runs(before.1), runs(after.1)], changes }
}

/// One side: its runs, and what each had of each contact.
struct Side<'a> {
    runs: Vec<&'a Run>,
    contacts: BTreeMap<&'a Key, Vec<&'a Seen>>,
}

impl<'a> Side<'a> {
    fn of(baseline: &'a Baseline) -> Self {
        let runs: Vec<&Run> = baseline.runs.values().collect();
        let mut contacts: BTreeMap<&Key, Vec<&Seen>> = BTreeMap::new();
        for run in &runs {
            for (key, seen) in &run.contacts {
                contacts.entry(key).or_default().push(seen);
            }
        }
        Self { runs, contacts }
    }

    /// How long the phase of a contact usually lasts, in seconds; `None` where no run has it.
    fn length_s(&self, key: &Key) -> Option<f64> {
        let stretches = self.runs.iter().filter_map(|run| run.phases.get(&key.phase));
        let lengths: Vec<f64> = stretches.map(|stretch| stretch.duration_s).filter(|length| *length > 0.0).collect();
        (!lengths.is_empty()).then(|| volume::median(&lengths))
    }

    fn about(&self, key: &Key) -> Option<&'a About> {
        self.runs.iter().find_map(|run| run.about.get(key))
    }

    fn seen(&self, key: &Key) -> &[&'a Seen] {
        self.contacts.get(key).map_or(&[], Vec::as_slice)
    }
}

/// How surprising it is, in bits, that all of `had` runs are on one side of `runs`, and none on the other of `other_runs`,
/// if the sides did not differ (the end of Fisher's exact test).
fn one_sided_bits(had: usize, runs: usize, other_runs: usize) -> f64 {
    (0..had.min(runs)).map(|at| ((runs + other_runs - at) as f64 / (runs - at) as f64).log2()).sum()
}

/// How surprising it is that a thing has no value in common on both sides: runs of one side may have values of their own
/// as well. `None` when a side has no value, or they have one in common.
fn change_of_values(sides: &[Side<'_>; 2], of: &dyn Fn(&Run) -> BTreeSet<String>) -> Option<(f64, [String; 2])> {
    let values: [Vec<BTreeSet<String>>; 2] = [&sides[0], &sides[1]]
        .map(|side| side.runs.iter().map(|run| of(run)).filter(|values| !values.is_empty()).collect());
    let [was, is] = [&values[0], &values[1]].map(|runs| runs.iter().flatten().cloned().collect::<BTreeSet<String>>());
    if was.is_empty() || is.is_empty() || !was.is_disjoint(&is) {
        return None;
    }
    let (mut own, mut all) = (0, 0);
    for runs in values.iter().filter(|runs| runs.len() > 1) {
        all += runs.len();
        own += (0..runs.len())
            .filter(|at| {
                let others = || runs.iter().enumerate().filter(|(other, _)| other != at).flat_map(|(_, values)| values);
                runs.get(*at).is_some_and(|values| values.iter().all(|value| others().all(|other| other != value)))
            })
            .count();
    }
    // Single runs say nothing of how they vary.
    let bits = if all == 0 { LEAST_BITS } else { bits(own, all, PRIOR) };
    let list = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>().join(", ");
    (bits >= VALUE_BITS).then(|| (bits, [list(was), list(is)]))
}

fn change(key: &Key, sides: &[Side<'_>; 2], kind: ChangeKind, what: &'static str) -> Change {
    let [before, after] = sides;
    let evidence = |side: &Side<'_>| side.seen(key).iter().find_map(|seen| seen.evidence.first().cloned());
    Change {
        kind,
        what,
        phase: Some(key.phase.clone()),
        name: Some(key.who_in_words()),
        owner: after.about(key).or_else(|| before.about(key)).and_then(|about| about.owner.clone()),
        before: None,
        after: None,
        surprise_bits: 0.0,
        text: String::new(),
        evidence: evidence(after).or_else(|| evidence(before)).into_iter().collect::<Vec<Evidence>>(),
    }
}

/// A contact that only one side has, and no phase of the other.
fn presence(key: &Key, sides: &[Side<'_>; 2]) -> Option<Change> {
    let [before, after] = sides;
    let (kind, has, lacks) = match (before.contacts.contains_key(key), after.contacts.contains_key(key)) {
        (true, false) => (ChangeKind::Gone, before, after),
        (false, true) => (ChangeKind::New, after, before),
        _ => return None,
    };
    let elsewhere = key.without_phase();
    if lacks.contacts.keys().any(|other| other.without_phase() == elsewhere) {
        return None;
    }
    // Ports and reasons that vary are not told apart by what they happen to be.
    if key.port == Port::Any && matches!(key.who, Who::Unnamed { .. }) {
        return None;
    }
    let seen = has.seen(key);
    // What comes later than the other side goes on says nothing of it.
    let comes_s = volume::median(&seen.iter().map(|seen| seen.first_s).collect::<Vec<_>>());
    if lacks.length_s(key).is_some_and(|length_s| length_s < comes_s) {
        return None;
    }
    let (runs, other_runs) = (has.runs.len(), lacks.runs.len());
    let bits = one_sided_bits(seen.len(), runs, other_runs);
    // Of few runs nothing surprises as much: then it is told where it could not surprise more.
    if bits < PRESENCE_BITS.min(one_sided_bits(runs, runs, other_runs)) {
        return None;
    }
    let mut change = change(key, sides, kind, "contact");
    let typical = typical(seen);
    let who = key.who_in_words();
    let owner = change.owner.as_ref().filter(|owner| !who.contains(owner.as_str()));
    let whose = owner.map_or_else(String::new, |owner| format!(" of {owner}"));
    let support = if has.runs.len() > 1 {
        format!(", in {} of {}", seen.len(), words::runs(has.runs.len()))
    } else {
        String::new()
    };
    let verb = if kind == ChangeKind::Gone { "is gone" } else { "is new" };
    change.text = format!("{who}{whose} ({}, {}) {verb}: {typical}{support}", key.service_in_words(), key.phase);
    change.surprise_bits = bits;
    let side = Some(typical);
    if kind == ChangeKind::Gone {
        change.before = side
    } else {
        change.after = side
    }
    Some(change)
}

fn typical(seen: &[&Seen]) -> String {
    let median = |of: fn(&Seen) -> u64| volume::median(&seen.iter().map(|seen| of(seen) as f64).collect::<Vec<_>>());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a median of counts")]
    let connections = median(|seen| seen.connections).round() as u64;
    format!(
        "{}, {} sent, {} received",
        words::times(connections),
        words::bytes(median(|seen| seen.payload_out)),
        words::bytes(median(|seen| seen.payload_in)),
    )
}

/// What amounts are compared: name, value, words for it, and how much is as good as nothing.
type Measure = (&'static str, &'static str, fn(&Seen) -> f64, fn(f64) -> String, f64);

const MEASURES: [Measure; 3] = [
    ("count", "connections", |seen| seen.connections as f64, |value| format!("{value:.0}"), 2.0),
    ("volume", "received", |seen| seen.payload_in as f64, words::bytes, 1000.0),
    ("volume", "sent", |seen| seen.payload_out as f64, words::bytes, 1000.0),
];

/// Amounts of a contact that both sides have.
fn amounts(key: &Key, sides: &[Side<'_>; 2]) -> Vec<Change> {
    let [before, after] = sides;
    let (was, is) = (before.seen(key), after.seen(key));
    if was.is_empty() || is.is_empty() {
        return Vec::new();
    }
    // In a phase of another length as many in the same time are no difference either.
    let longer = match (before.length_s(key), after.length_s(key)) {
        (Some(before), Some(after)) => after / before,
        _ => 1.0,
    };
    let mut changes = Vec::new();
    for (what, name, of, in_words, nothing) in &MEASURES {
        let values = |seen: &[&Seen]| seen.iter().map(|seen| of(seen)).collect::<Vec<f64>>();
        let (was, is) = (values(was), values(is));
        let (old, new) = (volume::median(&was), volume::median(&is));
        // The middle of each side must be out of line for the runs of the other.
        let bits_of = |old: f64, new: f64| {
            volume::surprise_bits(&was, new, *nothing).min(volume::surprise_bits(&is, old, *nothing))
        };
        let bits = bits_of(old, new).min(bits_of(old * longer, new / longer));
        if bits < AMOUNT_BITS {
            continue;
        }
        let kind = if new > old { ChangeKind::Grown } else { ChangeKind::Shrunk };
        let mut change = change(key, sides, kind, what);
        let (old_words, new_words) = (in_words(old), in_words(new));
        let ratio = words::ratio(old, new);
        change.text = format!(
            "{} ({}, {}): {name} {old_words} → {new_words} ({ratio})",
            key.who_in_words(),
            key.service_in_words(),
            key.phase
        );
        change.surprise_bits = bits;
        change.before = Some(old_words);
        change.after = Some(new_words);
        changes.push(change);
    }
    changes
}

/// Protocol, version, encryption, hello of a contact that both sides have.
fn properties(key: &Key, sides: &[Side<'_>; 2]) -> Vec<Change> {
    let mut changes = Vec::new();
    for property in Property::ALL {
        let of = |run: &Run| -> BTreeSet<String> {
            let seen = run.contacts.get(key);
            seen.and_then(|seen| seen.properties.get(&property)).cloned().unwrap_or_default()
        };
        let Some((bits, [old, new])) = change_of_values(sides, &of) else { continue };
        let mut change = change(key, sides, ChangeKind::Changed, property.word());
        change.text = format!(
            "{} ({}, {}): {} {old} → {new}",
            key.who_in_words(),
            key.service_in_words(),
            key.phase,
            property.in_words()
        );
        change.surprise_bits = bits;
        change.before = Some(old);
        change.after = Some(new);
        changes.push(change);
    }
    changes
}

/// Kinds of fingerprints of which the sides have no value in common.
fn fingerprints(sides: &[Side<'_>; 2]) -> Vec<Change> {
    let runs = sides.iter().flat_map(|side| &side.runs);
    let kinds: BTreeSet<&str> = runs.flat_map(|run| run.fingerprints.keys().map(|(kind, _)| kind.as_str())).collect();
    let changed = kinds.into_iter().filter_map(|kind| {
        let of = |run: &Run| -> BTreeSet<String> {
            run.fingerprints.keys().filter(|(of, _)| of == kind).map(|(_, value)| value.clone()).collect()
        };
        let (bits, [old, new]) = change_of_values(sides, &of)?;
        let change = of_machine("fingerprint", format!("{kind}: {old} → {new}"), old, new);
        Some(Change { surprise_bits: bits, ..change })
    });
    changed.collect()
}

/// What is asked of a run, and its answer.
type Question = (&'static str, fn(&Run) -> Option<String>);

/// The machine's maker and system.
fn systems(sides: &[Side<'_>; 2]) -> Vec<Change> {
    let of = |side: &Side<'_>, what: fn(&Run) -> Option<String>| -> BTreeSet<String> {
        side.runs.iter().filter_map(|run| what(run)).collect()
    };
    let system = |run: &Run| Some(run.subject.system.clone()).filter(|system| system != "unknown");
    let vendor = |run: &Run| run.subject.vendor.clone();
    let questions: [Question; 2] = [("system", system), ("maker", vendor)];
    let mut changes = Vec::new();
    for (name, what) in questions {
        let [was, is] = [of(&sides[0], what), of(&sides[1], what)];
        if !was.is_empty() && !is.is_empty() && was.is_disjoint(&is) {
            let [old, new] = [was, is].map(|set| set.into_iter().collect::<Vec<_>>().join(", "));
            changes.push(of_machine("machine", format!("the machine's {name}: {old} → {new}"), old, new));
        }
    }
    changes
}

fn of_machine(what: &'static str, text: String, before: String, after: String) -> Change {
    Change {
        kind: ChangeKind::Changed,
        what,
        phase: None,
        name: None,
        owner: None,
        before: Some(before),
        after: Some(after),
        surprise_bits: LEAST_BITS,
        text,
        evidence: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::one_sided_bits;

    #[test]
    fn one_side_having_all_of_it_weighs_as_fishers_test_says() {
        // 2 of 10 and 0 of 10: 45 of the 190 ways to choose 2 of 20.
        assert!((one_sided_bits(2, 10, 10) - (190.0_f64 / 45.0).log2()).abs() < 1e-9);
        // All of 15 and not the one: 1 of 16.
        assert!((one_sided_bits(15, 15, 1) - 4.0).abs() < 1e-9);
        assert!((one_sided_bits(1, 1, 1) - 1.0).abs() < 1e-9);
        assert!((one_sided_bits(1, 1, 15) - 4.0).abs() < 1e-9);
    }
}
