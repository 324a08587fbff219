//! What came of a comparison, on a terminal: findings of a check, changes of a diff, verdicts on claims; the gravest and
//! the most surprising first, each a sentence with where it shows.

use std::io;

use firstlight_model::finding::{Change, ChangeKind, Check, Diff, Finding, Grade, Judged, Share, Verdict};
use firstlight_model::report::Evidence;
use firstlight_model::{CaptureInfo, FrameRef};

use super::page::{Page, Paint, Text};
use super::{more, path_words};
use crate::units::{count, plural, size};
use crate::{Length, Style};

/// Kinds of changes in the order in which they are told.
pub(crate) const CHANGE_KINDS: [ChangeKind; 5] =
    [ChangeKind::New, ChangeKind::Gone, ChangeKind::Changed, ChangeKind::Grown, ChangeKind::Shrunk];
/// Findings of one grade before the rest is counted.
const ROWS: usize = 24;

/// A capture held against a baseline.
///
/// # Errors
/// When `out` cannot be written to.
pub fn check(check: &Check, captures: &[CaptureInfo], style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page::new(style);
    let title = format!("Firstlight check of {} against {}", names(captures), check.baseline);
    page.flow(0, &Text::of(Paint::Strong, &title));
    page.blank();
    page.flow(0, &Text::plain(&summary(check, style)));
    for grade in Grade::ALL {
        let findings: Vec<&Finding> = check.findings.iter().filter(|finding| finding.grade == grade).collect();
        if findings.is_empty() {
            continue;
        }
        page.heading(&format!("{} · {}", grade_words(grade), count(findings.len() as u64)));
        let shown = shown(style, findings.len());
        for finding in findings.iter().take(shown) {
            let mut text = Text::of(paint(grade), &finding.text);
            text.push(Paint::Faint, &format!(" · {:.1} bits", finding.surprise_bits));
            text.push(Paint::Faint, &place(captures, &finding.evidence));
            page.hang(Text::of(paint(grade), &format!("  {} ", mark(grade))), 4, &text);
        }
        more(&mut page, 4, findings.len() - shown, "");
    }
    out.write_all(page.into_text().as_bytes())
}

/// Two sides held against each other.
///
/// # Errors
/// When `out` cannot be written to.
pub fn diff(diff: &Diff, captures: &[CaptureInfo], style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page::new(style);
    let [before, after] = diff.runs.map(|runs| plural(runs, "run", "runs"));
    let title = format!("Firstlight diff of {} ({before}) and {} ({after})", diff.before, diff.after);
    page.flow(0, &Text::of(Paint::Strong, &title));
    if diff.changes.is_empty() {
        page.blank();
        page.flow(0, &Text::plain("They do not differ by more than runs of one kind do."));
    }
    for kind in CHANGE_KINDS {
        let changes: Vec<&Change> = diff.changes.iter().filter(|change| change.kind == kind).collect();
        if changes.is_empty() {
            continue;
        }
        page.heading(&format!("{} · {}", kind.word(), count(changes.len() as u64)));
        let shown = shown(style, changes.len());
        for change in changes.iter().take(shown) {
            let mut text = Text::plain(&change.text);
            text.push(Paint::Faint, &place(captures, &change.evidence));
            let (paint, mark) = match kind {
                ChangeKind::New => (Paint::New, "+"),
                ChangeKind::Gone => (Paint::Bad, "−"),
                ChangeKind::Grown => (Paint::Plain, "↑"),
                ChangeKind::Shrunk => (Paint::Plain, "↓"),
                ChangeKind::Changed => (Paint::Plain, "~"),
            };
            page.hang(Text::of(paint, &format!("  {mark} ")), 4, &text);
        }
        more(&mut page, 4, changes.len() - shown, "");
    }
    out.write_all(page.into_text().as_bytes())
}

/// Claims that were judged.
///
/// # Errors
/// When `out` cannot be written to.
pub fn claims(claims: &[Judged], captures: &[CaptureInfo], style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page::new(style);
    page.flow(0, &Text::of(Paint::Strong, &format!("Firstlight claims on {}", names(captures))));
    for claim in claims {
        let (paint, verdict) = match claim.verdict {
            Verdict::Held => (Paint::Own, "held"),
            Verdict::Broken => (Paint::Bad, "broken"),
            Verdict::CannotTell => (Paint::New, "cannot tell"),
        };
        page.blank();
        page.hang(Text::of(paint, &format!("  {verdict}")), 15, &Text::of(Paint::Strong, &claim.text));
        let why = Text::plain(&claim.why).and(Paint::Faint, &place(captures, &claim.evidence));
        page.flow(15, &why);
        for line in &claim.coverage {
            page.flow(15, &Text::of(Paint::Faint, &format!("· {line}")));
        }
    }
    out.write_all(page.into_text().as_bytes())
}

/// What came of a check, in two sentences.
pub(crate) fn summary(check: &Check, style: &Style) -> String {
    let of = |grade: Grade| check.findings.iter().filter(|finding| finding.grade == grade).count() as u64;
    let told: Vec<String> = Grade::ALL
        .into_iter()
        .filter(|grade| of(*grade) > 0)
        .map(|grade| format!("{} {}", count(of(grade)), grade_words(grade)))
        .collect();
    let findings = if told.is_empty() { "Nothing is new, changed or missing".to_owned() } else { told.join(", ") };
    let runs = plural(check.runs_learnt, "run", "runs");
    let usual = format!(
        "{} of {} ({}) are as in {runs}",
        count(check.usual_contacts),
        plural(check.contacts, "contact", "contacts"),
        size(check.usual_bytes, style.figures),
    );
    let expected = match check.expected_new {
        Some(share) => format!("; expect {} of the contacts of a normal run to be new", share_words(share)),
        None => "; one run does not say how much a normal run varies".to_owned(),
    };
    let variation = match check.variation.len() as u64 {
        0 => String::new(),
        n => format!("; {} as runs do from each other", plural(n, "contact differs", "contacts differ")),
    };
    format!("{findings}. {usual}{variation}{expected}.")
}

/// `4 % (1–9 %)`.
pub(crate) fn share_words(share: Share) -> String {
    let percent = |share: f64| format!("{:.0}", share * 100.0);
    format!("{} % ({}–{} %)", percent(share.estimate), percent(share.low), percent(share.high))
}

/// A grade in words.
pub(crate) const fn grade_words(grade: Grade) -> &'static str {
    match grade {
        Grade::New => "new",
        Grade::Changed => "changed",
        Grade::Missing => "missing",
        Grade::CannotTell => "cannot be told",
    }
}

const fn mark(grade: Grade) -> &'static str {
    match grade {
        Grade::New => "+",
        Grade::Changed => "~",
        Grade::Missing => "−",
        Grade::CannotTell => "?",
    }
}

const fn paint(grade: Grade) -> Paint {
    match grade {
        Grade::New => Paint::New,
        Grade::Missing => Paint::Bad,
        Grade::Changed => Paint::Plain,
        Grade::CannotTell => Paint::Faint,
    }
}

fn shown(style: &Style, len: usize) -> usize {
    if style.length == Length::All || len <= ROWS + 1 { len } else { ROWS }
}

/// The files that were looked at, in words.
pub(crate) fn names(captures: &[CaptureInfo]) -> String {
    match captures {
        [one] => path_words(&one.path).to_owned(),
        [first, rest @ ..] => {
            format!("{} and {}", path_words(&first.path), plural(rest.len() as u64, "other file", "other files"))
        }
        [] => "nothing".to_owned(),
    }
}

/// ` · frame 12`, or nothing.
pub(crate) fn place(captures: &[CaptureInfo], evidence: &[Evidence]) -> String {
    evidence.first().map_or_else(String::new, |evidence| {
        let FrameRef { capture, number, .. } = evidence.at;
        let path = usize::try_from(capture).ok().and_then(|at| captures.get(at)).filter(|_| captures.len() > 1);
        match path {
            Some(capture) => format!(" · frame {number} of {}", path_words(&capture.path)),
            None => format!(" · frame {number}"),
        }
    })
}
