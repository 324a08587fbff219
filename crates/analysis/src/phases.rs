//! Phases: stretches of time with a name, from the user, from the files, from comments and echo requests, or found: where
//! the machine started (`boots`), and within that, where its traffic changed (`found`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use firstlight_model::report::{Confidence, Contact, Evidence, Phase, PhaseHow, PhaseKind};
use firstlight_model::{CaptureInfo, MacAddress, Timestamp};

use crate::connection::{Connection, Seen};
use crate::rates::Rate;
use crate::tally::Tally;

mod boots;
mod changes;
mod found;
mod kinds;
pub(crate) mod novelty;

use found::Stretch;
use novelty::New;

/// When a mark stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkTime {
    /// At a point in time.
    At(Timestamp),
    /// So many nanoseconds after the first frame.
    AfterNs(i64),
    /// At the first echo request with so many bytes of data.
    Echo(u64),
}

/// The beginning of a phase, given by the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Name of the phase that begins.
    pub name: String,
    /// When.
    pub time: MarkTime,
}

/// Is each file a phase?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FilePhases {
    /// When there are several files that do not overlap in time, and nothing else marks phases.
    #[default]
    Auto,
    /// Yes.
    Always,
    /// No.
    Never,
}

/// Comments that begin so mark a phase.
const COMMENT_PREFIX: &str = "phase:";
/// The name of a capture that is not divided.
const WHOLE: &str = "whole capture";

/// What an analyst sent to mark a moment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bookmark {
    /// It names the phase that begins.
    Phase(Arc<str>),
    /// A size that the analyst knows.
    Size(u64),
}

/// The phases of a capture, and which connection belongs to which.
#[derive(Debug, Clone)]
pub(crate) struct Phases {
    pub list: Vec<Phase>,
    /// For phases by file: the phase of each capture.
    by_capture: Option<Vec<usize>>,
    /// Marks of the user that stand nowhere in the capture.
    pub not_found: Vec<String>,
}

/// The beginning of a phase.
#[derive(Debug, Clone)]
struct Border {
    name: String,
    start: Timestamp,
    how: PhaseHow,
    evidence: Vec<Evidence>,
    why: String,
    kind: PhaseKind,
    confidence: Confidence,
}

/// The machine that the phases are of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub mac: Option<MacAddress>,
    /// How much it sent when.
    pub rate: Option<&'a Rate>,
    /// What it did for the first time.
    pub new: &'a [New],
}

/// What a phase begins with comes so soon.
const BEGINS_NS: i64 = 15_000_000_000;

impl Phases {
    /// Divides the capture.
    pub(crate) fn divide(
        tally: &Tally,
        captures: &[CaptureInfo],
        marks: &[Mark],
        files: FilePhases,
        subject: &Subject<'_>,
    ) -> Self {
        let (first, last) = tally.span.unwrap_or_default();
        let (mut borders, mut not_found) = (Vec::new(), Vec::new());
        for mark in marks {
            match marked(mark, tally, first) {
                Some(border) => borders.push(border),
                None => not_found.push(format!("{}, {}", mark.name, mark.time.in_words())),
            }
        }
        if borders.is_empty() && files != FilePhases::Always {
            borders = commented(captures);
            borders.extend(bookmarked(tally));
        }
        if borders.is_empty()
            && files != FilePhases::Never
            && let Some(phases) = Self::by_file(captures, files)
        {
            let mut phases = Self { not_found, ..phases };
            let boots = subject.mac.map_or_else(Vec::new, |mac| boots::boots(tally, mac, first));
            phases.tell_kinds(subject, &boots, (first, last));
            return phases;
        }
        let boots = subject.mac.map_or_else(Vec::new, |mac| boots::boots(tally, mac, first));
        // A capture that begins with the only boot in it is that boot.
        let is_one_boot = matches!(boots.as_slice(), [boot] if boot.start == first);
        if borders.is_empty() && !is_one_boot {
            borders.clone_from(&boots);
        }
        // Neither the order in which marks are given or files are named counts, nor that one is given twice.
        borders.sort_by(|a, b| (a.start, &a.name).cmp(&(b.start, &b.name)));
        borders.dedup_by(|next, border| (next.start, &next.name) == (border.start, &border.name));
        let is_marked = borders.iter().any(|border| border.how == PhaseHow::Mark);
        let has_head = borders.first().is_none_or(|border| border.start > first);
        if has_head {
            borders.insert(0, head(borders.first(), first));
        }
        let mut list = listed(borders, last);
        make_names_distinct(&mut list);
        let mut divided = Vec::new();
        let of = list.len();
        for (rank, phase) in list.into_iter().enumerate() {
            // What is marked is as the user wants it.
            if is_marked && !(rank == 0 && has_head) {
                divided.push(phase);
            } else {
                divided.extend(split(phase, of, subject, boots.first().filter(|_| is_one_boot)));
            }
        }
        make_names_distinct(&mut divided);
        let mut phases = Self { list: divided, by_capture: None, not_found };
        phases.tell_kinds(subject, &boots, (first, last));
        phases
    }

    /// Says of phases that were not found what begins with them, as if they were looked for.
    fn tell_kinds(&mut self, subject: &Subject<'_>, boots: &[Border], (first, last): (Timestamp, Timestamp)) {
        let is_open = |phase: &Phase| phase.kind == PhaseKind::Unknown;
        if !self.list.iter().any(is_open) {
            return;
        }
        let found = found::borders(subject, Stretch { start: first, end: last, of: 1 });
        for phase in self.list.iter_mut().filter(|phase| is_open(phase)) {
            let begins = |border: &&Border| (-1..=BEGINS_NS).contains(&border.start.since_ns(phase.start));
            if let Some(border) = boots.iter().chain(&found).find(begins) {
                (phase.kind, phase.kind_why) = (border.kind, border.why.clone());
            }
        }
    }

    /// Says of starts what they were for, by what was contacted: the subject's contacts are given.
    pub(crate) fn tell_set_ups<'a>(&mut self, contacts: impl Iterator<Item = &'a Contact> + Clone) {
        for phase in self.list.iter_mut().filter(|phase| phase.kind == PhaseKind::PowerOn) {
            let name = phase.name.clone();
            kinds::tell_set_up(phase, contacts.clone().filter(|contact| contact.phase == name));
        }
    }

    fn by_file(captures: &[CaptureInfo], files: FilePhases) -> Option<Self> {
        let filled: Vec<(usize, Timestamp, Timestamp)> =
            captures.iter().enumerate().filter_map(|(at, capture)| Some((at, capture.first?, capture.last?))).collect();
        let mut by_time = filled.clone();
        by_time.sort_by_key(|(at, first, _)| (*first, *at));
        let overlap = by_time.windows(2).any(|pair| matches!(pair, [a, b] if b.1 < a.2));
        if by_time.is_empty() || (files == FilePhases::Auto && (by_time.len() < 2 || overlap)) {
            return None;
        }
        let mut by_capture = vec![0; captures.len()];
        let mut list = Vec::new();
        for (rank, (at, first, last)) in by_time.into_iter().enumerate() {
            let path = captures.get(at).map_or("", |capture| capture.path.as_str());
            list.push(Phase {
                name: stem(path),
                start: first,
                end: last,
                how: PhaseHow::File,
                evidence: Vec::new(),
                why: format!("the file {path}"),
                kind: PhaseKind::Unknown,
                kind_why: String::new(),
                confidence: Confidence::High,
                within: None,
            });
            if let Some(slot) = by_capture.get_mut(at) {
                *slot = rank;
            }
        }
        make_names_distinct(&mut list);
        Some(Self { list, by_capture: Some(by_capture), not_found: Vec::new() })
    }

    /// The phase that something belongs to, by its first frame.
    pub(crate) fn of(&self, seen: Seen) -> usize {
        if let Some(by_capture) = &self.by_capture {
            return usize::try_from(seen.at.capture).ok().and_then(|at| by_capture.get(at)).copied().unwrap_or(0);
        }
        self.list.partition_point(|phase| phase.start <= seen.time).saturating_sub(1)
    }

    /// The phase of a connection.
    pub(crate) fn of_connection(&self, connection: &Connection) -> usize {
        self.of(connection.first)
    }
}

/// The stretch before the first border, or the whole capture.
fn head(next: Option<&Border>, first: Timestamp) -> Border {
    let border = |name, how, why: &str| Border {
        name,
        start: first,
        how,
        evidence: Vec::new(),
        why: why.to_owned(),
        kind: PhaseKind::Unknown,
        confidence: Confidence::High,
    };
    match next {
        Some(next) => border(format!("before {}", next.name), next.how, "from the first frame on"),
        None => border(WHOLE.to_owned(), PhaseHow::Whole, "nothing divides the capture"),
    }
}

fn listed(borders: Vec<Border>, last: Timestamp) -> Vec<Phase> {
    let ends: Vec<Timestamp> =
        borders.iter().skip(1).map(|next| next.start.plus_ns(-1)).chain(std::iter::once(last)).collect();
    let phase = |(border, end): (Border, Timestamp)| Phase {
        name: border.name,
        start: border.start,
        end: end.max(border.start),
        how: border.how,
        evidence: border.evidence,
        kind_why: if border.kind == PhaseKind::Unknown { String::new() } else { border.why.clone() },
        why: border.why,
        kind: border.kind,
        confidence: border.confidence,
        within: None,
    };
    borders.into_iter().zip(ends).map(phase).collect()
}

/// A phase by changes of rate. The first part keeps its name, unless that is the whole capture's.
fn split(phase: Phase, of: usize, subject: &Subject<'_>, boot: Option<&Border>) -> Vec<Phase> {
    let mut borders = found::borders(subject, Stretch { start: phase.start, end: phase.end, of });
    borders.retain(|border| border.start > phase.start);
    let Some(next) = borders.first() else { return vec![phase] };
    let first = match (phase.how, boot) {
        (PhaseHow::Whole, Some(boot)) => Border { name: "boot".to_owned(), start: phase.start, ..boot.clone() },
        (PhaseHow::Whole, None) => Border { how: PhaseHow::Detected, ..head(Some(next), phase.start) },
        _ => Border {
            name: phase.name.clone(),
            start: phase.start,
            how: phase.how,
            evidence: phase.evidence,
            why: phase.why,
            kind: phase.kind,
            confidence: phase.confidence,
        },
    };
    borders.insert(0, first);
    let mut parts = listed(borders, phase.end);
    parts.iter_mut().for_each(|part| part.within = Some(phase.name.clone()));
    parts
}

impl MarkTime {
    fn in_words(self) -> String {
        match self {
            Self::At(_) | Self::AfterNs(_) => "a time".to_owned(),
            Self::Echo(size) => format!("an echo request with {size} bytes of data"),
        }
    }
}

/// `None` when what marks it is not in the capture.
fn marked(mark: &Mark, tally: &Tally, first: Timestamp) -> Option<Border> {
    let border = |start, evidence, why: &str| Border {
        name: mark.name.clone(),
        start,
        how: PhaseHow::Mark,
        evidence,
        why: why.to_owned(),
        kind: PhaseKind::Unknown,
        confidence: Confidence::High,
    };
    match mark.time {
        MarkTime::At(time) => Some(border(time, Vec::new(), "marked by the user")),
        MarkTime::AfterNs(ns) => Some(border(first.plus_ns(ns), Vec::new(), "marked by the user")),
        MarkTime::Echo(size) => {
            let wanted = Bookmark::Size(size);
            let same = tally.bookmarks.iter().filter(|((bookmark, _), _)| *bookmark == wanted);
            let (Seen { time, at }, field) = same.map(|((_, field), count)| (count.first, *field)).min()?;
            let why = format!("{}, as the user says", mark.time.in_words());
            Some(border(time, vec![Evidence { at, time, field }], &why))
        }
    }
}

/// Echo requests that name a phase; a name that comes again is the same bookmark, sent more than once.
fn bookmarked(tally: &Tally) -> impl Iterator<Item = Border> {
    let mut first: BTreeMap<&str, (Seen, &'static str)> = BTreeMap::new();
    for ((bookmark, field), count) in tally.bookmarks.iter() {
        if let Bookmark::Phase(name) = bookmark {
            let known = first.entry(name).or_insert((count.first, *field));
            *known = (*known).min((count.first, *field));
        }
    }
    first.into_iter().map(|(name, (Seen { time, at }, field))| Border {
        name: name.to_owned(),
        start: time,
        how: PhaseHow::Mark,
        evidence: vec![Evidence { at, time, field }],
        why: "an echo request that names it".to_owned(),
        kind: PhaseKind::Unknown,
        confidence: Confidence::High,
    })
}

fn commented(captures: &[CaptureInfo]) -> Vec<Border> {
    let comments = captures.iter().flat_map(|capture| &capture.comments);
    comments
        .filter_map(|comment| {
            let text = comment.text.trim_start();
            let is_phase = text.get(..COMMENT_PREFIX.len())?.eq_ignore_ascii_case(COMMENT_PREFIX);
            let name = text.get(COMMENT_PREFIX.len()..)?.lines().next()?.trim();
            let (at, time) = (comment.frame?, comment.time?);
            (is_phase && !name.is_empty()).then(|| Border {
                name: name.to_owned(),
                start: time,
                how: PhaseHow::Mark,
                evidence: vec![Evidence { at, time, field: "frame.comment" }],
                why: "a comment in the capture".to_owned(),
                kind: PhaseKind::Unknown,
                confidence: Confidence::High,
            })
        })
        .collect()
}

fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let endings = [".gz", ".zst", ".xz", ".bz2", ".lz4", ".pcapng", ".pcap", ".cap", ".ntar"];
    let mut stem = name;
    while let Some(shorter) = endings.iter().find_map(|ending| stem.strip_suffix(ending)) {
        stem = shorter;
    }
    if stem.is_empty() { name.to_owned() } else { stem.to_owned() }
}

fn make_names_distinct(list: &mut [Phase]) {
    let mut used = BTreeSet::new();
    let mut next: BTreeMap<String, u64> = BTreeMap::new();
    for phase in list {
        let plain = phase.name.clone();
        let number = next.entry(plain.clone()).or_insert(1);
        while !used.insert(phase.name.clone()) {
            *number += 1;
            phase.name = format!("{plain} ({number})");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FilePhases, Mark, MarkTime, Phases, Subject};
    use crate::tally::Tally;

    #[test]
    fn marks_may_be_given_twice_and_in_any_order() {
        let mark = |name: &str, s: i64| Mark { name: name.to_owned(), time: MarkTime::AfterNs(s * 1_000_000_000) };
        let names = |marks: &[Mark]| -> Vec<String> {
            let nobody = Subject { mac: None, rate: None, new: &[] };
            let phases = Phases::divide(&Tally::default(), &[], marks, FilePhases::Auto, &nobody);
            phases.list.into_iter().map(|phase| phase.name).collect()
        };
        let expected = ["before a", "a", "b", "c"];
        assert_eq!(names(&[mark("a", 1), mark("b", 2), mark("c", 2)]), expected);
        assert_eq!(names(&[mark("c", 2), mark("a", 1), mark("b", 2), mark("a", 1)]), expected);
        // The same name at another time is another phase.
        assert_eq!(names(&[mark("a", 1), mark("a", 2)]), ["before a", "a", "a (2)"]);
    }
}
