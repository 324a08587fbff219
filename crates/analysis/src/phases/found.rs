//! Phases found by changes of rate, within a stretch that nothing else divides: a program starts where new names come at
//! another rate than before, a machine is idle where it long sends little of what it sent, and active where that ends.

use firstlight_model::report::{Confidence, Evidence, PhaseHow, PhaseKind};
use firstlight_model::{MacAddress, Timestamp};

use super::changes::{Sums, segments};
use super::novelty::{Kind, New};
use super::{Border, Subject};
use crate::connection::Seen;
use crate::limits;
use crate::rates::{Bin, Rate};

const SECOND_NS: i64 = 1_000_000_000;
/// Changes are looked for to so many nanoseconds, or more where the stretch is long.
const STEP_NS: i64 = 5 * SECOND_NS;
/// Within so long after a machine starts, what it does is the start.
const START_NS: i64 = 60 * SECOND_NS;
/// Idle is what stays so, and what lasts less does not end it.
const IDLE_NS: i64 = 300 * SECOND_NS;
const INTERRUPTION_NS: i64 = 60 * SECOND_NS;
/// Frames that an idle machine sends in a second, at most.
const IDLE_RATE: f64 = 2.0;
/// It sent so many times as much before.
const IDLE_FALL: f64 = 3.0;
/// New names of the start of a program, at least, and new things of all kinds.
const NEW_NAMES: usize = 3;
const NEW_THINGS: usize = 4;
/// One program's start and what its user then does with it are not told apart.
const USE_NS: i64 = 300 * SECOND_NS;
/// What a change costs, as a multiple of the logarithm of the number of steps.
const PENALTY_OF_NEW: f64 = 3.0;
const PENALTY_OF_RATE: f64 = 4.0;
/// Shortest stretch of one rate, in steps.
const RATE_STEPS: usize = 4;
/// Frames in a step scatter by a factor of 1.6 (log2 0.7) at least, however regular they seem.
const SCATTER: f64 = 0.7;

/// A stretch of time that is looked at, one of so many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub start: Timestamp,
    pub end: Timestamp,
    pub of: usize,
}

/// So many stretches are looked at as closely as a single one; of more, each less closely, so that all together take no
/// longer.
const CLOSELY: usize = 8;

/// Borders within a stretch of time, in its order.
pub(super) fn borders(subject: &Subject<'_>, stretch: Stretch) -> Vec<Border> {
    let mut borders = programs(subject.new, stretch);
    if let (Some(rate), Some(mac)) = (subject.rate, subject.mac) {
        // A program's start ends what was before it.
        let starts: Vec<Timestamp> = borders.iter().map(|border| border.start).collect();
        let from = std::iter::once(stretch.start).chain(starts.iter().copied());
        let to = starts.iter().map(|start| start.plus_ns(-1)).chain(std::iter::once(stretch.end));
        let of = stretch.of.saturating_add(starts.len());
        for border in from.zip(to).flat_map(|(start, end)| idle(rate, mac, Stretch { start, end, of })) {
            // A program's start is also activity; what is new says more.
            let is_known = |known: &Border| known.start.since_ns(border.start).saturating_abs() < INTERRUPTION_NS;
            if border.kind == PhaseKind::Idle || !borders.iter().any(is_known) {
                borders.push(border);
            }
        }
    }
    borders.sort_by_key(|border| border.start);
    borders
}

impl Stretch {
    /// The length of a step, and how many there are.
    fn steps(self, shortest_ns: i64) -> (i64, usize) {
        let span = self.end.since_ns(self.start).max(0);
        let most = limits::SERIES.min(limits::SERIES * CLOSELY / self.of.max(1)).max(1);
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut step = STEP_NS.max(shortest_ns);
        while span / step >= most {
            step = step.saturating_mul(2);
        }
        (step, usize::try_from(span / step).unwrap_or(0) + 1)
    }
}

/// How long so many steps last.
fn lasts_ns(steps: usize, step: i64) -> i64 {
    i64::try_from(steps).unwrap_or(i64::MAX).saturating_mul(step)
}

fn programs(new: &[New], stretch: Stretch) -> Vec<Border> {
    let Stretch { start, end, .. } = stretch;
    let from = new.partition_point(|new| new.seen.time < start);
    let to = new.partition_point(|new| new.seen.time <= end).max(from);
    let within = new.get(from..to).unwrap_or_default();
    let (step, len) = stretch.steps(STEP_NS);
    let place = |time: Timestamp| usize::try_from(time.since_ns(start) / step).unwrap_or(0).min(len - 1);
    let mut series = vec![0.0; len];
    for new in within {
        if let Some(count) = series.get_mut(place(new.seen.time)) {
            *count += 1.0;
        }
    }
    let sums = Sums::of(&series);
    let penalty = PENALTY_OF_NEW * (len.max(2) as f64).ln();
    let found = segments(len, 1, penalty, |from, to| sums.poisson(from, to));
    let mut borders: Vec<Border> = Vec::new();
    for (before, now) in found.iter().zip(found.iter().skip(1)) {
        let rate = |(from, to): (usize, usize)| sums.sum(from, to) / (to - from).max(1) as f64;
        let until = |step: usize| within.partition_point(|new| place(new.seen.time) < step);
        let came = within.get(until(now.0)..until(now.1)).unwrap_or_default();
        let Some(first) = came.first().map(|new| new.seen) else { continue };
        // In a long capture a step is long: what starts shows it soon.
        let soon = came.partition_point(|new| new.seen.time.since_ns(first.time) < START_NS);
        let came = came.get(..soon).unwrap_or_default();
        let names = came.iter().filter(|new| new.kind == Kind::Name).count();
        let is_late = first.time.since_ns(start) >= START_NS;
        let is_again = borders.last().is_some_and(|last| first.time.since_ns(last.start) < USE_NS);
        if rate(*now) <= rate(*before) || names < NEW_NAMES || came.len() < NEW_THINGS || !is_late || is_again {
            continue;
        }
        let gain = sums.poisson(before.0, now.1) - sums.poisson(before.0, before.1) - sums.poisson(now.0, now.1);
        let has_program = came.iter().any(|new| new.kind != Kind::Name);
        borders.push(Border {
            name: PhaseKind::ProgramStart.word().to_owned(),
            start: first.time,
            how: PhaseHow::Detected,
            kind: PhaseKind::ProgramStart,
            // A new hello or program is said by the traffic itself; new names may be a person's.
            confidence: if has_program {
                confidence(gain, penalty)
            } else {
                confidence(gain, penalty).min(Confidence::Medium)
            },
            evidence: came.iter().take(limits::ANOMALY_FRAMES).map(New::evidence).collect(),
            why: new_in_words(
                came,
                lasts_ns(now.1 - now.0, step),
                sums.sum(before.0, before.1),
                lasts_ns(before.1 - before.0, step),
            ),
        });
    }
    borders
}

impl New {
    fn evidence(&self) -> Evidence {
        Evidence { at: self.seen.at, time: self.seen.time, field: self.field }
    }
}

fn new_in_words(came: &[New], came_ns: i64, before: f64, before_ns: i64) -> String {
    let count = |kind| came.iter().filter(|new| new.kind == kind).count();
    let last = came.last().zip(came.first()).map_or(came_ns, |(last, first)| last.seen.time.since_ns(first.seen.time));
    let mut said = format!("{} names not asked for before", count(Kind::Name));
    for (count, what) in [(count(Kind::Hello), "new TLS hello"), (count(Kind::Program), "new user agent")] {
        match count {
            0 => {}
            1 => said.push_str(&format!(", a {what}")),
            n => said.push_str(&format!(", {n} {what}s")),
        }
    }
    let seconds = |ns: i64| (ns / SECOND_NS).max(1);
    format!("{said} within {} s, after {before} in {} s", seconds(last + SECOND_NS), seconds(before_ns))
}

/// How sure a change is, by what it gains over what it costs.
fn confidence(gain: f64, penalty: f64) -> Confidence {
    match gain / penalty {
        ratio if ratio >= 4.0 => Confidence::High,
        ratio if ratio >= 2.0 => Confidence::Medium,
        _ => Confidence::Low,
    }
}

/// A stretch of one rate.
#[derive(Debug, Clone, Copy)]
struct Level {
    from: usize,
    to: usize,
    /// Mean of the logarithms of the frames in a step.
    usual: f64,
    /// Frames a second.
    rate: f64,
}

fn idle(rate: &Rate, mac: MacAddress, stretch: Stretch) -> Vec<Border> {
    let Stretch { start, end, .. } = stretch;
    let (step, len) = stretch.steps(rate.length_ns);
    let from = rate.bins.partition_point(|bin| bin.first.time < start);
    let to = rate.bins.partition_point(|bin| bin.first.time <= end).max(from);
    let bins = rate.bins.get(from..to).unwrap_or_default();
    let place = |bin: &Bin| usize::try_from(bin.first.time.since_ns(start) / step).unwrap_or(0).min(len - 1);
    let mut frames = vec![0.0; len];
    for bin in bins {
        if let Some(count) = frames.get_mut(place(bin)) {
            *count += bin.frames as f64;
        }
    }
    let logarithms: Vec<f64> = frames.iter().map(|count| (1.0 + count).log2()).collect();
    let sigma = scatter(&logarithms);
    let (sums, counts) = (Sums::of(&logarithms), Sums::of(&frames));
    let penalty = PENALTY_OF_RATE * (len.max(2) as f64).ln();
    let cost = |from, to| sums.gaussian(from, to, sigma);
    let step_s = step as f64 / SECOND_NS as f64;
    let levels: Vec<Level> = segments(len, RATE_STEPS, penalty, cost)
        .into_iter()
        .map(|(from, to)| {
            let steps = (to - from).max(1) as f64;
            Level { from, to, usual: sums.sum(from, to) / steps, rate: counts.sum(from, to) / steps / step_s }
        })
        .collect();
    let mut borders = Vec::new();
    let mut at = 1_usize;
    while let (Some(busy), Some(low)) = (at.checked_sub(1).and_then(|at| levels.get(at)), levels.get(at)) {
        let last = last_idle(&levels, at, busy, step);
        // With all that came between.
        let rate_until = |last: &Level| counts.sum(low.from, last.to) / (last.to - low.from).max(1) as f64 / step_s;
        let is_idle =
            |last: &&Level| lasts_ns(last.to - low.from, step) >= IDLE_NS && is_little(rate_until(last), busy.rate);
        let Some(last) = last.filter(is_idle) else {
            at += 1;
            continue;
        };
        let gain = cost(busy.from, low.to) - cost(busy.from, busy.to) - cost(low.from, low.to);
        let rate_now = rate_until(last);
        // It begins when the machine falls silent; the next frame shows it.
        let begin = finest(bins, start, step, busy, low);
        let begin = begin.unwrap_or_else(|| start.plus_ns(lasts_ns(low.from, step)));
        if let Some(bin) = bins.iter().find(|bin| bin.first.time >= begin) {
            let lasts_s = lasts_ns(last.to - low.from, step) / SECOND_NS;
            let why = format!("{mac} sent {:.1} frames/s before, and then {rate_now:.1} for {lasts_s} s", busy.rate);
            let idle = border(PhaseKind::Idle, bin.first, confidence(gain, penalty), why);
            borders.push(Border { start: begin, ..idle });
        }
        let next = levels.iter().position(|level| level.from == last.to);
        if let Some(level) = next.and_then(|next| levels.get(next))
            && let Some(bin) = bins.iter().find(|bin| place(bin) >= level.from)
        {
            let gain = cost(last.from, level.to) - cost(last.from, last.to) - cost(level.from, level.to);
            let why = format!("{mac} was idle with {rate_now:.1} frames/s, and then sent {:.1}", level.rate);
            borders.push(border(PhaseKind::Activity, bin.first, confidence(gain, penalty), why));
        }
        at = next.map_or(levels.len(), |next| next + 1);
    }
    borders
}

fn border(kind: PhaseKind, seen: Seen, confidence: Confidence, why: String) -> Border {
    let evidence = vec![Evidence { at: seen.at, time: seen.time, field: "frame.time" }];
    Border { name: kind.word().to_owned(), start: seen.time, how: PhaseHow::Detected, kind, confidence, evidence, why }
}

/// The last of the levels from `at` on that are low beside the busy one before; short ones between them may not be.
fn last_idle<'a>(levels: &'a [Level], at: usize, busy: &Level, step: i64) -> Option<&'a Level> {
    let is_low = |level: &Level| is_little(level.rate, busy.rate) && level.usual + 1.0 <= busy.usual;
    let mut last = None;
    let mut interrupted_ns = 0_i64;
    for level in levels.get(at..)? {
        if is_low(level) {
            (last, interrupted_ns) = (Some(level), 0);
            continue;
        }
        interrupted_ns = lasts_ns(level.to - level.from, step).saturating_add(interrupted_ns);
        if last.is_none() || interrupted_ns >= INTERRUPTION_NS {
            break;
        }
    }
    last
}

fn is_little(rate: f64, before: f64) -> bool {
    rate <= IDLE_RATE && rate * IDLE_FALL <= before
}

/// Where two neighbouring levels change over, looked for second by second near where they do.
fn finest(bins: &[Bin], start: Timestamp, step: i64, busy: &Level, low: &Level) -> Option<Timestamp> {
    let near = 3.min(low.from - busy.from).min(low.to - low.from);
    let begin = start.plus_ns(lasts_ns(low.from - near, step));
    let len = usize::try_from(lasts_ns(2 * near, step) / SECOND_NS).ok().filter(|len| *len <= limits::SERIES)?;
    let second = |bin: &Bin| usize::try_from(bin.first.time.since_ns(begin).div_euclid(SECOND_NS)).ok();
    let mut frames = vec![0.0; len];
    for bin in bins {
        if let Some(count) = second(bin).and_then(|at| frames.get_mut(at)) {
            *count += bin.frames as f64;
        }
    }
    let sums = Sums::of(&frames.iter().map(|count: &f64| (1.0 + count).log2()).collect::<Vec<_>>());
    let cost = |at: usize| sums.gaussian(0, at, 1.0) + sums.gaussian(at, len, 1.0);
    let at = (1..len).min_by(|a, b| cost(*a).total_cmp(&cost(*b)))?;
    Some(begin.plus_ns(at as i64 * SECOND_NS))
}

/// How much neighbouring values differ, as a standard deviation: the median is not led astray by a few changes.
fn scatter(series: &[f64]) -> f64 {
    let mut differences: Vec<f64> = series.iter().zip(series.iter().skip(1)).map(|(a, b)| (a - b).abs()).collect();
    differences.sort_by(f64::total_cmp);
    let median = differences.get(differences.len() / 2).copied().unwrap_or_default();
    // A normal distribution's quartile, and that two values differ by the root of two as much as one from the mean.
    (1.4826 * median / std::f64::consts::SQRT_2).max(SCATTER)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use firstlight_model::FrameRef;
    use proptest::prelude::*;

    use super::*;

    const MAC: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);

    fn seen(number: u64, ns: i64) -> Seen {
        Seen { time: Timestamp::from_ns(ns), at: FrameRef { capture: 0, number } }
    }

    /// Frames in each of the given seconds.
    fn rate(frames: &[(i64, u64)]) -> Rate {
        let bin = |(at, (second, frames)): (usize, &(i64, u64))| Bin {
            index: *second,
            frames: *frames,
            first: seen(at as u64 + 1, second.saturating_mul(SECOND_NS)),
        };
        Rate { length_ns: SECOND_NS, bins: frames.iter().enumerate().map(bin).collect() }
    }

    fn found(new: &[New], rate: &Rate, start_s: i64, end_s: i64) -> Vec<(PhaseKind, i64)> {
        let subject = Subject { mac: Some(MAC), rate: Some(rate), new };
        let [start, end] = [start_s, end_s].map(|s| Timestamp::from_parts(s, 0));
        let found = borders(&subject, Stretch { start, end, of: 1 });
        found.iter().map(|border| (border.kind, border.start.as_ns() / SECOND_NS)).collect()
    }

    fn names(at_s: &[i64]) -> Vec<New> {
        let name = |(number, s): (u64, &i64)| New {
            seen: seen(number, s * SECOND_NS),
            kind: Kind::Name,
            what: Arc::from(format!("{number}.example.org")),
            field: "dns.qry.name",
        };
        (1..).zip(at_s).map(name).collect()
    }

    /// Every second for two minutes, then one frame in ten seconds, then every second again.
    fn busy_idle_busy(idle_until_s: i64) -> Vec<(i64, u64)> {
        let busy = |from, to| (from..to).map(|second| (second, 9));
        let idle = (120..idle_until_s).step_by(10).map(|second| (second, 1));
        busy(0, 120).chain(idle).chain(busy(idle_until_s, idle_until_s + 120)).collect()
    }

    #[test]
    fn idle_begins_where_little_is_sent_for_long_and_ends_where_more_is() {
        let long = rate(&busy_idle_busy(720));
        assert_eq!(found(&[], &long, 0, 840), [(PhaseKind::Idle, 120), (PhaseKind::Activity, 720)]);
        // Three minutes are a pause.
        let short = rate(&busy_idle_busy(300));
        assert_eq!(found(&[], &short, 0, 420), []);
    }

    #[test]
    fn what_interrupts_idle_for_a_short_time_does_not_end_it() {
        let mut frames = busy_idle_busy(720);
        frames.extend((400..420).map(|second| (second, 8)));
        frames.sort_unstable();
        frames.dedup_by_key(|frame| frame.0);
        assert_eq!(found(&[], &rate(&frames), 0, 840), [(PhaseKind::Idle, 120), (PhaseKind::Activity, 720)]);
    }

    #[test]
    fn a_program_that_starts_ends_idle_and_idle_may_follow_it() {
        let mut frames = busy_idle_busy(1_400);
        frames.extend((600..640).map(|second| (second, 9)));
        frames.sort_unstable();
        frames.dedup_by_key(|frame| frame.0);
        let start: Vec<i64> = [1, 2, 3].into_iter().chain(601..606).collect();
        let expected = [
            (PhaseKind::Idle, 120),
            (PhaseKind::ProgramStart, 601),
            (PhaseKind::Idle, 640),
            (PhaseKind::Activity, 1_400),
        ];
        assert_eq!(found(&names(&start), &rate(&frames), 0, 1_520), expected);
    }

    #[test]
    fn a_program_starts_where_names_come_that_were_not_asked_for() {
        let steady = rate(&(0..900).map(|second| (second, 2)).collect::<Vec<_>>());
        let start: Vec<i64> = [1, 2, 3, 5, 8].into_iter().chain((600..605).chain([700])).collect();
        assert_eq!(found(&names(&start), &steady, 0, 900), [(PhaseKind::ProgramStart, 600)]);
        // Two names more are no program, nor are names at the same rate all the time.
        assert_eq!(found(&names(&[1, 2, 3, 5, 8, 600, 601]), &steady, 0, 900), []);
        let all_the_time: Vec<i64> = (0..30).map(|at| at * 30).collect();
        assert_eq!(found(&names(&all_the_time), &steady, 0, 900), []);
        // What comes within a minute after the start belongs to the start.
        assert_eq!(found(&names(&[40, 41, 42, 43, 44]), &steady, 0, 900), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        /// Whatever the times are: no panic, and borders within the stretch, in order.
        #[test]
        fn any_times_have_borders_within_the_stretch(
            mut times in prop::collection::vec(any::<i64>(), 0..200),
            near in prop::collection::vec(0..100_000_000_000_i64, 0..200),
        ) {
            times.extend(near);
            times.sort_unstable();
            let bin = |(at, ns): (usize, &i64)| Bin {
                index: ns.div_euclid(SECOND_NS),
                frames: at as u64 % 50 + 1,
                first: seen(at as u64, *ns),
            };
            let rate = Rate { length_ns: SECOND_NS, bins: times.iter().enumerate().map(bin).collect() };
            let new: Vec<New> = (1..).zip(&times).map(|(number, ns)| New {
                seen: seen(number, *ns),
                kind: Kind::Name,
                what: Arc::from(format!("{number}.example.org")),
                field: "dns.qry.name",
            }).collect();
            let subject = Subject { mac: Some(MAC), rate: Some(&rate), new: &new };
            let start = Timestamp::from_ns(times.first().copied().unwrap_or_default());
            let end = Timestamp::from_ns(times.last().copied().unwrap_or_default());
            let found = borders(&subject, Stretch { start, end, of: 3 });
            prop_assert!(found.iter().all(|border| (start..=end).contains(&border.start)));
            prop_assert!(found.windows(2).all(|pair| pair[0].start <= pair[1].start));
        }
    }
}
