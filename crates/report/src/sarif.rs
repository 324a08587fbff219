//! Findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020), for what shows the findings of many tools. A rule is what a
//! finding is about; a place is a frame of the capture file, as a region cannot be a line of text.

use std::io;

use firstlight_model::CaptureInfo;
use firstlight_model::finding::{Check, Finding, Grade};
use firstlight_model::report::Evidence;
use serde_json::{Value, json};

use crate::json::write::visible;

/// Rules: what a finding is about, and the words for it. A finding of another kind falls under the first.
const RULES: [(&str, &str); 11] = [
    ("contact", "A contact that the baseline has not, or one of the baseline that is missing"),
    ("phase", "A contact in a phase in which the baseline has it not"),
    ("volume", "Bytes beyond what the runs of the baseline had"),
    ("count", "Connections beyond what the runs of the baseline had"),
    ("time", "A contact at another time after the start of its phase"),
    ("cadence", "Another time between connections"),
    ("protocol", "Another protocol"),
    ("version", "Another version of a protocol"),
    ("encryption", "Encrypted or in the clear as it was not before"),
    ("network", "A host without a name in another network"),
    ("fingerprint", "Another fingerprint, or another machine"),
];

/// Writes the findings of a check.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(check: &Check, captures: &[CaptureInfo], version: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let rules: Vec<Value> =
        RULES.iter().map(|(id, text)| json!({"id": id, "shortDescription": {"text": text}})).collect();
    let results: Vec<Value> = check.findings.iter().map(|finding| result(finding, captures)).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Firstlight",
                "version": version,
                "rules": rules,
            }},
            "results": results,
        }],
    });
    visible(&serde_json::to_string_pretty(&document)?, out)?;
    out.write_all(b"\n")
}

fn result(finding: &Finding, captures: &[CaptureInfo]) -> Value {
    let rule = RULES.iter().position(|(id, _)| *id == finding.what).unwrap_or(0);
    let level = match finding.grade {
        Grade::New => "error",
        Grade::Changed | Grade::Missing => "warning",
        Grade::CannotTell => "note",
    };
    let locations: Vec<Value> = finding.evidence.iter().filter_map(|evidence| location(evidence, captures)).collect();
    json!({
        "ruleId": RULES.get(rule).map(|(id, _)| *id),
        "ruleIndex": rule,
        "level": level,
        "message": {"text": finding.text},
        "locations": locations,
        "partialFingerprints": {"firstlightFinding/v1": finding.id},
        "properties": {
            "grade": finding.grade.word(),
            "surprise": (finding.surprise_bits * 1000.0).round() / 1000.0,
            "name": finding.name,
            "owner": finding.owner,
            "phase": finding.phase,
        },
    })
}

fn location(evidence: &Evidence, captures: &[CaptureInfo]) -> Option<Value> {
    let capture = captures.get(usize::try_from(evidence.at.capture).ok()?)?;
    Some(json!({
        "physicalLocation": {"artifactLocation": {"uri": uri(&capture.path)}},
        "logicalLocations": [{"name": format!("frame {}", evidence.at.number), "kind": "frame"}],
    }))
}

/// A relative reference (RFC 3986 s. 4.2) of a path: everything but letters, digits and `-._~/` is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
