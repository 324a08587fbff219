//! What came of a comparison as JSON: schemas `firstlight.check/1`, `firstlight.diff/1` and `firstlight.claims/1`, which
//! `schema/` beside this crate's sources describes as JSON Schema 2020-12.

use std::io;

use firstlight_model::CaptureInfo;
use firstlight_model::finding::{Change, Check, Diff, Finding, Judged, Share};
use serde_json::{Value, json};

use super::{Shape, write};

/// The JSON Schema of `firstlight.check/1`.
pub const CHECK_JSON_SCHEMA: &str = include_str!("../../schema/firstlight.check.1.json");
/// The JSON Schema of `firstlight.diff/1`.
pub const DIFF_JSON_SCHEMA: &str = include_str!("../../schema/firstlight.diff.1.json");
/// The JSON Schema of `firstlight.claims/1`.
pub const CLAIMS_JSON_SCHEMA: &str = include_str!("../../schema/firstlight.claims.1.json");

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

#[cfg(test)]
mod tests {
    use firstlight_model::finding::{ChangeKind, Grade, Verdict};

    use super::*;
    use crate::json::JSON_SCHEMA;
    use crate::json::tests::check as keep_to;
    use crate::sample;

    /// What is printed, as it keeps to its schema; and the schema's shared parts are those of the report's.
    fn described(schema: &str, printed: &[u8]) -> Value {
        let [schema, of_report]: [Value; 2] =
            [schema, JSON_SCHEMA].map(|schema| serde_json::from_str(schema).expect("it is JSON"));
        let document: Value = serde_json::from_slice(printed).expect("it is JSON");
        let mut problems = Vec::new();
        keep_to(&schema, &schema, &document, "", &mut problems);
        assert_eq!(problems, Vec::<String>::new());
        for (name, part) in schema["$defs"].as_object().expect("it has parts") {
            if let Some(known) = of_report["$defs"].get(name) {
                assert_eq!(part, known, "{name} is described in two ways");
            }
        }
        document
    }

    fn of_grade(grade: Grade) -> Finding {
        Finding {
            id: format!("contact:{}", grade.word()),
            grade,
            what: "contact",
            machine: "00:0c:29:01:02:03".to_owned(),
            phase: (grade != Grade::Missing).then(|| "install".to_owned()),
            name: Some("www.example.org".to_owned()),
            owner: None,
            surprise_bits: 7.254_321,
            text: "a sentence".to_owned(),
            evidence: sample::report().contacts.first().map(|contact| contact.evidence.clone()).unwrap_or_default(),
        }
    }

    #[test]
    fn every_field_of_a_check_is_described() {
        let report = sample::report();
        let with = |expected_new| Check {
            baseline: "macOS 10.15, install".to_owned(),
            runs_learnt: 15,
            expected_new,
            machine: "00:0c:29:01:02:03".to_owned(),
            findings: Grade::ALL.map(of_grade).to_vec(),
            variation: vec![of_grade(Grade::Changed)],
            usual_contacts: 3,
            usual_bytes: 4_711,
            contacts: 8,
        };
        for expected_new in [None, Some(Share { estimate: 0.03, low: 0.01, high: 0.08 })] {
            let mut out = Vec::new();
            check(&with(expected_new), &report.captures, 1, &mut out).expect("memory can be written");
            let document = described(CHECK_JSON_SCHEMA, &out);
            assert_eq!(document["findings"].as_array().map(Vec::len), Some(4));
            assert_eq!(document["findings"][0]["surprise"], 7.254);
        }
    }

    #[test]
    fn every_field_of_a_diff_is_described() {
        let report = sample::report();
        let kinds = [ChangeKind::New, ChangeKind::Gone, ChangeKind::Grown, ChangeKind::Shrunk, ChangeKind::Changed];
        let of_kind = |kind| Change {
            kind,
            what: "volume",
            phase: Some("install".to_owned()),
            name: None,
            owner: Some("Apple".to_owned()),
            before: Some("1 kB".to_owned()),
            after: None,
            surprise_bits: 6.0,
            text: "a sentence".to_owned(),
            evidence: of_grade(Grade::New).evidence,
        };
        let diff = Diff {
            before: "10.14".to_owned(),
            after: "10.15".to_owned(),
            runs: [10, 1],
            changes: kinds.map(of_kind).to_vec(),
        };
        let mut out = Vec::new();
        super::diff(&diff, &report.captures, &mut out).expect("memory can be written");
        assert_eq!(described(DIFF_JSON_SCHEMA, &out)["changes"].as_array().map(Vec::len), Some(5));
    }

    #[test]
    fn every_field_of_a_judged_claim_is_described() {
        let report = sample::report();
        let of_verdict = |verdict| Judged {
            id: "no-tencent".to_owned(),
            text: "Safari speaks to Tencent in China only".to_owned(),
            verdict,
            why: "no contact is of this kind".to_owned(),
            coverage: vec!["window: 31 min 33 s".to_owned()],
            evidence: of_grade(Grade::New).evidence,
        };
        let judged = [Verdict::Held, Verdict::Broken, Verdict::CannotTell].map(of_verdict);
        let mut out = Vec::new();
        claims(&judged, &report.captures, 1, &mut out).expect("memory can be written");
        assert_eq!(described(CLAIMS_JSON_SCHEMA, &out)["claims"].as_array().map(Vec::len), Some(3));
    }
}
