//! When a capture was made does not matter: the same frames at another time are the same run, and are held against a
//! baseline alike.

use firstlight_baseline::{Baseline, Key, Run, Seen, check};
use firstlight_house::{corpus, mixed, say};

/// A year, a day and some: no multiple of an hour.
const SHIFT_NS: i64 = (366 * 86_400 + 86_400 + 12_345) * 1_000_000_000 + 678_901_000;

/// Contacts without where they were seen, which has times.
fn contacts(run: &Run) -> Vec<(Key, Seen)> {
    let plain = |(key, seen): (&Key, &Seen)| (key.clone(), Seen { evidence: Vec::new(), ..seen.clone() });
    run.contacts.iter().map(plain).collect()
}

#[test]
fn frames_at_another_time_are_the_same_run() {
    let Some(corpus) = corpus("a shift of time") else { return };
    let mut compared = 0;
    for mixed::Device { name, mac, files } in mixed::sentinel(&corpus) {
        let [learnt, held, ..] = files.as_slice() else { continue };
        let run = |file, shift_ns: i64| {
            let mut frames = mixed::frames(file);
            frames.iter_mut().for_each(|frame| frame.time = frame.time.plus_ns(shift_ns));
            Run::of(&mixed::report(&frames, &mac)).expect("the device is in it")
        };
        let (then, later) = (run(learnt, 0), run(learnt, SHIFT_NS));
        assert_eq!(contacts(&then), contacts(&later), "{name}");
        assert!(then.fingerprints.keys().eq(later.fingerprints.keys()), "{name}");
        assert_eq!(then.duration_s.to_bits(), later.duration_s.to_bits(), "{name}");
        let findings = |learnt: &Run, held: &Run| {
            let mut baseline = Baseline::default();
            baseline.add(learnt.clone());
            let findings = check(&baseline, held).findings;
            findings.into_iter().map(|finding| (finding.grade, finding.text)).collect::<Vec<_>>()
        };
        let (held, held_later) = (run(held, 0), run(held, SHIFT_NS));
        let wanted = findings(&then, &held);
        assert_eq!(findings(&later, &held), wanted, "{name}");
        assert_eq!(findings(&then, &held_later), wanted, "{name}");
        compared += 1;
    }
    say(&format!("{compared} devices"));
    assert!(compared >= 15, "{compared}");
}
