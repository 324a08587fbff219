//! What changed in the looks of a machine from one capture to another.

use std::collections::BTreeMap;

use firstlight_model::finding::{Change, ChangeKind, Diff};
use firstlight_model::report::{Aspect, Fingerprint, Machine, Report, SynFacts};

/// Segments that differ in more than that are not one that has changed.
const LIKE: usize = 4;

/// The first machine of each held against each other.
pub fn diff([name_before, name_after]: [String; 2], before: &Report, after: &Report) -> Diff {
    let mut changes = Vec::new();
    if let (Some(of_before), Some(of_after)) = (before.machines.first(), after.machines.first()) {
        identity(of_before, of_after, &mut changes);
        fingerprints(&own(before, of_before), &own(after, of_after), &mut changes);
    }
    changes.sort_by(|a, b| (a.kind, a.what, &a.name, &a.after).cmp(&(b.kind, b.what, &b.name, &b.after)));
    Diff { before: name_before, after: name_after, runs: [1, 1], changes }
}

fn own<'r>(report: &'r Report, machine: &Machine) -> Vec<&'r Fingerprint> {
    report.fingerprints.iter().filter(|fingerprint| fingerprint.machine == machine.id).collect()
}

fn change(kind: ChangeKind, what: &'static str, name: &str, sides: [Option<&str>; 2], text: String) -> Change {
    let [before, after] = sides.map(|side| side.map(str::to_owned));
    Change {
        kind,
        what,
        phase: None,
        name: Some(name.to_owned()),
        owner: None,
        before,
        after,
        surprise_bits: 0.0,
        text,
        evidence: Vec::new(),
    }
}

fn identity(before: &Machine, after: &Machine, changes: &mut Vec<Change>) {
    for aspect in Aspect::ALL {
        let sides = [before, after].map(|machine| machine.identity.value(aspect));
        if let [was, is] = sides
            && was != is
        {
            let (was, is) = (was.unwrap_or("unknown"), is.unwrap_or("unknown"));
            let text = format!("{}: {was} → {is}", aspect.word());
            changes.push(change(ChangeKind::Changed, "identity", aspect.word(), sides, text));
        }
    }
}

fn fingerprints(before: &[&Fingerprint], after: &[&Fingerprint], changes: &mut Vec<Change>) {
    let mut only_before: BTreeMap<(&str, &str), &Fingerprint> = keyed(before);
    let mut only_after = keyed(after);
    let shared: Vec<_> = only_before.keys().filter(|key| only_after.contains_key(*key)).copied().collect();
    for key in shared {
        only_before.remove(&key);
        only_after.remove(&key);
    }
    for ((kind, value), is) in only_after {
        // The nearest of those that are gone is what it was before.
        let nearest = only_before
            .iter()
            .filter(|((of, _), _)| *of == kind)
            .filter_map(|(key, was)| Some((differences(was.syn.as_ref()?, is.syn.as_ref()?), *key)))
            .min_by_key(|(differences, _)| differences.len())
            .filter(|(differences, _)| (1..=LIKE).contains(&differences.len()));
        let mut one = if let Some((differences, key)) = nearest {
            only_before.remove(&key);
            let text = format!("{kind}: {}", differences.join(", "));
            change(ChangeKind::Changed, "fingerprint", kind, [Some(key.1), Some(value)], text)
        } else {
            change(ChangeKind::New, "fingerprint", kind, [None, Some(value)], format!("{kind}: {value}"))
        };
        one.evidence.clone_from(&is.evidence);
        changes.push(one);
    }
    for (kind, value) in only_before.into_keys() {
        changes.push(change(ChangeKind::Gone, "fingerprint", kind, [Some(value), None], format!("{kind}: {value}")));
    }
}

/// By kind and value; of a segment the value is what does not depend on how far away it was captured.
fn keyed<'f>(list: &[&'f Fingerprint]) -> BTreeMap<(&'f str, &'f str), &'f Fingerprint> {
    let mut known: Vec<&SynFacts> = Vec::new();
    let mut keyed = BTreeMap::new();
    for fingerprint in list {
        if let Some(syn) = &fingerprint.syn {
            if known.iter().any(|other| differences(other, syn).is_empty()) {
                continue;
            }
            known.push(syn);
        }
        keyed.entry((fingerprint.kind.as_str(), fingerprint.value.as_str())).or_insert(*fingerprint);
    }
    keyed
}

/// What differs, each in words.
fn differences(a: &SynFacts, b: &SynFacts) -> Vec<String> {
    let mut found = Vec::new();
    let mut differs = |what: &str, was: String, is: String| {
        if was != is {
            found.push(format!("{what} {was} → {is}"));
        }
    };
    let number = |number: Option<u16>| number.map_or_else(|| "none".to_owned(), |number| number.to_string());
    let yes = |is_so: bool| if is_so { "yes" } else { "no" }.to_owned();
    let window = |syn: &SynFacts| syn.window_multiple.clone().unwrap_or_else(|| syn.window.to_string());
    differs("IP version", a.ip_version.to_string(), b.ip_version.to_string());
    differs("hop limit", a.initial_hop_limit.to_string(), b.initial_hop_limit.to_string());
    differs("window", window(a), window(b));
    differs("window scale", number(a.window_scale.map(u16::from)), number(b.window_scale.map(u16::from)));
    differs("MSS", number(a.mss), number(b.mss));
    differs("options", a.options.clone(), b.options.clone());
    differs("ECN", yes(a.ecn), yes(b.ecn));
    differs("DF", yes(a.dont_fragment), yes(b.dont_fragment));
    differs(
        "IP id 0",
        a.zero_identification.map_or_else(|| "none".to_owned(), yes),
        b.zero_identification.map_or_else(|| "none".to_owned(), yes),
    );
    differs("Fast Open", yes(a.fast_open), yes(b.fast_open));
    differs("Multipath TCP", yes(a.multipath), yes(b.multipath));
    differs("data", yes(a.data), yes(b.data));
    found
}

#[cfg(test)]
mod tests {
    use super::{SynFacts, differences};

    #[test]
    fn a_change_of_one_number_is_one_difference_and_distance_is_none() {
        let was = SynFacts {
            ip_version: 4,
            hop_limit: 64,
            initial_hop_limit: 64,
            window: 65_535,
            window_multiple: None,
            mss: Some(1460),
            window_scale: Some(6),
            options: "mss,nop,ws".to_owned(),
            ecn: true,
            dont_fragment: true,
            zero_identification: Some(true),
            fast_open: false,
            multipath: false,
            data: false,
        };
        let is = SynFacts { window_scale: Some(5), hop_limit: 57, ..was.clone() };
        assert_eq!(differences(&was, &is), ["window scale 6 → 5"]);
        assert!(differences(&was, &SynFacts { hop_limit: 60, ..was.clone() }).is_empty());
    }
}
