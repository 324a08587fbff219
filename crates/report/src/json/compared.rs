//! What came of a comparison as JSON: schemas `firstlight.check/1`, `firstlight.diff/1` and `firstlight.claims/1`.

use std::io;

use firstlight_model::CaptureInfo;
use firstlight_model::finding::{Change, Check, Diff, Finding, Judged, Share};
use serde_json::{Value, json};

use super::{Shape, write};

/// A capture held against a baseline. `exit` is the status that the program ends with.
///
/// # Errors
/// When `out` cannot be written to.
pub fn check(check: &Check, captures: &[CaptureInfo], exit: u8, out: &mut dyn io::Write) -> io::Result<()> {
    let shape = Shape::of_captures(captures);
    let mut doc = write::Document::begin(out, "firstlight.check/1")?;
    doc.list("captures", captures.iter().map(|c| shape.capture(c)))?;
    doc.value("baseline", &json!(check.baseline))?;
    doc.value("runs_learnt", &json!(check.runs_learnt))?;
    doc.value("expected_new_share", &check.expected_new.map_or(Value::Null, share))?;
    doc.value("machine", &json!(check.machine))?;
    doc.list("findings", check.findings.iter().map(|f| finding(&shape, f)))?;
    doc.list("variation", check.variation.iter().map(|f| finding(&shape, f)))?;
    let usual = json!({"contacts": check.usual_contacts, "bytes": check.usual_bytes});
    doc.value("usual", &usual)?;
    doc.value("contacts", &json!(check.contacts))?;
    doc.value("exit", &json!(exit))?;
    doc.end()
}

/// Two sides held against each other.
///
/// # Errors
/// When `out` cannot be written to.
pub fn diff(diff: &Diff, captures: &[CaptureInfo], out: &mut dyn io::Write) -> io::Result<()> {
    let shape = Shape::of_captures(captures);
    let mut doc = write::Document::begin(out, "firstlight.diff/1")?;
    doc.value("before", &json!(diff.before))?;
    doc.value("after", &json!(diff.after))?;
    doc.value("runs", &json!(diff.runs))?;
    doc.list("changes", diff.changes.iter().map(|c| change(&shape, c)))?;
    doc.end()
}

/// Claims that were judged.
///
/// # Errors
/// When `out` cannot be written to.
pub fn claims(claims: &[Judged], captures: &[CaptureInfo], exit: u8, out: &mut dyn io::Write) -> io::Result<()> {
    let shape = Shape::of_captures(captures);
    let mut doc = write::Document::begin(out, "firstlight.claims/1")?;
    doc.list("captures", captures.iter().map(|c| shape.capture(c)))?;
    doc.list("claims", claims.iter().map(|c| judged(&shape, c)))?;
    doc.value("exit", &json!(exit))?;
    doc.end()
}

/// Bits and shares to three decimals: more would be noise, and less stable from one machine to another.
fn rounded(value: f64) -> Value {
    json!((value * 1000.0).round() / 1000.0)
}

fn share(share: Share) -> Value {
    json!({"estimate": rounded(share.estimate), "low": rounded(share.low), "high": rounded(share.high)})
}

fn finding(shape: &Shape<'_>, finding: &Finding) -> Value {
    json!({
        "id": finding.id,
        "grade": finding.grade.word(),
        "what": finding.what,
        "machine": finding.machine,
        "phase": finding.phase,
        "name": finding.name,
        "owner": finding.owner,
        "surprise": rounded(finding.surprise_bits),
        "text": finding.text,
        "evidence": shape.evidences(&finding.evidence),
    })
}

fn change(shape: &Shape<'_>, change: &Change) -> Value {
    json!({
        "kind": change.kind.word(),
        "what": change.what,
        "phase": change.phase,
        "name": change.name,
        "owner": change.owner,
        "before": change.before,
        "after": change.after,
        "surprise": rounded(change.surprise_bits),
        "text": change.text,
        "evidence": shape.evidences(&change.evidence),
    })
}

fn judged(shape: &Shape<'_>, judged: &Judged) -> Value {
    json!({
        "id": judged.id,
        "text": judged.text,
        "verdict": judged.verdict.word(),
        "why": judged.why,
        "coverage": judged.coverage,
        "evidence": shape.evidences(&judged.evidence),
    })
}
