//! Phases found in captures joined from parts whose borders are known: set-ups of a device in a row, set-up and idle, and the
//! example without its marks. A border is where the device's first frame of a part is; it is found when one is told within
//! five seconds of it.

use firstlight_house::{corpus, mixed, say};
use firstlight_model::Timestamp;
use firstlight_model::report::{PhaseHow, Report};
use firstlight_synth::frame::OwnedFrame;

const NEAR_NS: i64 = 5_000_000_000;
/// Silence between two parts.
const GAP_NS: i64 = 20_000_000_000;

/// Parts one after the other, and where the device begins each but the first.
fn joined(parts: &[Vec<OwnedFrame>], mac: [u8; 6]) -> (Vec<OwnedFrame>, Vec<Timestamp>) {
    let (mut frames, mut borders): (Vec<OwnedFrame>, Vec<Timestamp>) = (Vec::new(), Vec::new());
    for part in parts {
        let Some(first) = part.iter().map(|frame| frame.time).min() else { continue };
        let start = frames.last().map_or(first, |last| last.time.plus_ns(GAP_NS));
        let own = part.iter().filter(|frame| frame.data.get(6..12) == Some(&mac)).map(|frame| frame.time).min();
        if let Some(own) = own.filter(|_| !frames.is_empty()) {
            borders.push(start.plus_ns(own.since_ns(first)));
        }
        let mut moved: Vec<OwnedFrame> = part.clone();
        moved.iter_mut().for_each(|frame| frame.time = start.plus_ns(frame.time.since_ns(first)));
        moved.sort_by_key(|frame| frame.time);
        frames.extend(moved);
    }
    (frames, borders)
}

#[derive(Debug, Default, Clone, Copy)]
struct Score {
    found: usize,
    told: usize,
    known: usize,
}

impl Score {
    fn add(&mut self, report: &Report, borders: &[Timestamp]) {
        let told: Vec<Timestamp> = report
            .phases
            .iter()
            .skip(1)
            .filter(|phase| phase.how == PhaseHow::Detected)
            .map(|phase| phase.start)
            .collect();
        let near = |a: Timestamp, b: Timestamp| a.since_ns(b).abs() <= NEAR_NS;
        self.found += borders.iter().filter(|border| told.iter().any(|told| near(*told, **border))).count();
        self.told += told.len();
        self.known += borders.len();
    }

    fn f1(self) -> f64 {
        2.0 * self.found as f64 / (self.told + self.known).max(1) as f64
    }
}

fn example() -> (Vec<OwnedFrame>, Vec<Timestamp>) {
    let example = firstlight_synth::example::macos_10_15();
    let borders =
        example.frames.iter().filter(|frame| frame.comment.is_some()).map(|frame| frame.time).skip(1).collect();
    (example.frames, borders)
}

#[test]
fn borders_of_joined_captures_are_found() {
    let Some(corpus) = corpus("phases of joined captures") else { return };
    let mut score = Score::default();
    let mut captures = 0;
    for device in mixed::sentinel(&corpus) {
        let runs: Vec<Vec<OwnedFrame>> = device.files.iter().map(|file| mixed::frames(file)).collect();
        let mut own = Score::default();
        for parts in runs.chunks(5).filter(|parts| parts.len() > 1) {
            let (frames, borders) = joined(parts, mixed::mac(&device.mac));
            let report = mixed::report(&frames, &device.mac);
            own.add(&report, &borders);
            captures += 1;
        }
        say(&format!("{:>20}: F1 {:.3} {own:?}", device.name, own.f1()));
        score.found += own.found;
        score.told += own.told;
        score.known += own.known;
    }
    let (frames, borders) = example();
    let report = mixed::report(&frames, "00:0c:29:5e:41:9b");
    let mut own = Score::default();
    own.add(&report, &borders);
    say(&format!("{:>20}: F1 {:.3} {own:?}", "the example", own.f1()));
    score.found += own.found;
    score.told += own.told;
    score.known += own.known;
    captures += 1;
    say(&format!("{captures} captures: F1 {:.3} {score:?}", score.f1()));
    assert!(captures >= 30 && score.f1() >= 0.9, "{captures} captures, F1 {}", score.f1());
}
