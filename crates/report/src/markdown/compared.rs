//! What came of a comparison, as an article in Markdown: findings of a check, changes of a diff, in tables.

use std::fmt::Write as _;
use std::io;

use firstlight_model::CaptureInfo;
use firstlight_model::finding::{Change, Check, Diff, Finding, Grade};

use super::{code, text};
use crate::terminal::compared::{CHANGE_KINDS, grade_words, names, place, summary};
use crate::units::{count, plural};
use crate::{Length, Style};

/// Rows of a table before the rest is counted.
const ROWS: usize = 200;

/// A capture held against a baseline: the findings, the gravest first.
///
/// # Errors
/// When `out` cannot be written to.
pub fn check(check: &Check, captures: &[CaptureInfo], style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = format!("# Check of {} against {}\n\n", text(&names(captures)), text(&check.baseline));
    let _ = writeln!(page, "{}", text(&summary(check, style)));
    for grade in Grade::ALL {
        let findings: Vec<&Finding> = check.findings.iter().filter(|finding| finding.grade == grade).collect();
        if findings.is_empty() {
            continue;
        }
        let _ = writeln!(page, "\n## {} ({})\n", capital(grade_words(grade)), count(findings.len() as u64));
        page.push_str("| contact | in what | owner | phase | finding | bits |\n|---|---|---|---|---|--:|\n");
        let shown = shown(style, findings.len());
        for finding in findings.iter().take(shown) {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {}{} | {:.1} |",
                code(finding.name.as_deref().unwrap_or_default()),
                text(finding.what),
                text(finding.owner.as_deref().unwrap_or_default()),
                text(finding.phase.as_deref().unwrap_or_default()),
                text(&finding.text),
                text(&place(captures, &finding.evidence)),
                finding.surprise_bits,
            );
        }
        more(&mut page, findings.len() - shown);
    }
    out.write_all(page.as_bytes())
}

/// Two sides held against each other: what became of what, side by side.
///
/// # Errors
/// When `out` cannot be written to.
pub fn diff(diff: &Diff, captures: &[CaptureInfo], style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let [before, after] = diff.runs.map(|runs| plural(runs, "run", "runs"));
    let mut page = format!("# From {} ({before}) to {} ({after})\n", text(&diff.before), text(&diff.after));
    if diff.changes.is_empty() {
        page.push_str("\nThey do not differ by more than runs of one kind do.\n");
    }
    for kind in CHANGE_KINDS {
        let changes: Vec<&Change> = diff.changes.iter().filter(|change| change.kind == kind).collect();
        if changes.is_empty() {
            continue;
        }
        let _ = writeln!(page, "\n## {} ({})\n", capital(kind.word()), count(changes.len() as u64));
        page.push_str("| contact | in what | phase | before | after | in words |\n|---|---|---|---|---|---|\n");
        let shown = shown(style, changes.len());
        for change in changes.iter().take(shown) {
            let side = |side: &Option<String>| side.as_deref().map_or_else(|| "–".to_owned(), text);
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {} | {}{} |",
                code(change.name.as_deref().unwrap_or("the machine")),
                text(change.what),
                text(change.phase.as_deref().unwrap_or_default()),
                side(&change.before),
                side(&change.after),
                text(&change.text),
                text(&place(captures, &change.evidence)),
            );
        }
        more(&mut page, changes.len() - shown);
    }
    out.write_all(page.as_bytes())
}

fn shown(style: &Style, len: usize) -> usize {
    if style.length == Length::All { len } else { len.min(ROWS) }
}

fn more(page: &mut String, left_out: usize) {
    if left_out > 0 {
        let _ = writeln!(page, "\n… and {} more (--all).", count(left_out as u64));
    }
}

/// With a capital letter.
fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
