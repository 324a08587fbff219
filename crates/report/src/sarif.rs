//! Findings of a check, or anomalies of a report, as SARIF 2.1.0 (OASIS Standard, 27 March 2020), for what shows the
//! findings of many tools. A rule is what a finding is about, or the kind of an anomaly; a place is a frame of the capture
//! file, as a region cannot be a line of text.

use std::collections::BTreeSet;
use std::io;

use firstlight_model::finding::{Check, Finding, Grade};
use firstlight_model::report::{Anomaly, Report};
use firstlight_model::{CaptureInfo, FrameRef};
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
    document(captures, version, &rules, &results, out)
}

/// Writes the anomalies of a report, each as one result with its first frames as places.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write_anomalies(report: &Report, version: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let kinds: BTreeSet<&str> = report.anomalies.iter().map(|anomaly| anomaly.kind.as_str()).collect();
    let kinds: Vec<&str> = kinds.into_iter().collect();
    let of_kind = |kind: &&str| {
        // Where a text has a detail, it stands behind a colon.
        let text = report.anomalies.iter().find(|anomaly| anomaly.kind == *kind).map_or("", |anomaly| &anomaly.text);
        let text = text.split_once(": ").map_or(text, |(text, _)| text);
        json!({"id": kind, "shortDescription": {"text": literal(text)}})
    };
    let rules: Vec<Value> = kinds.iter().map(of_kind).collect();
    let results = report.anomalies.iter().map(|anomaly| of_anomaly(anomaly, &kinds, &report.captures));
    document(&report.captures, version, &rules, &results.collect::<Vec<_>>(), out)
}

fn document(
    captures: &[CaptureInfo],
    version: &str,
    rules: &[Value],
    results: &[Value],
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let artifacts: Vec<Value> = captures
        .iter()
        .map(|capture| {
            let location = json!({"uri": uri(&capture.path)});
            match capture.sha256.as_str() {
                "" => json!({"location": location}),
                digest => json!({"location": location, "hashes": {"sha-256": digest}}),
            }
        })
        .collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Firstlight",
                "version": version,
                "rules": rules,
            }},
            "artifacts": artifacts,
            "results": results,
        }],
    });
    visible(&serde_json::to_string_pretty(&document)?, out)?;
    out.write_all(b"\n")
}

fn of_anomaly(anomaly: &Anomaly, kinds: &[&str], captures: &[CaptureInfo]) -> Value {
    // What was left out for want of room, and what off-loading does, is nothing that somebody did.
    let is_harmless =
        ["_limit", "_checksum", "connections_added_up", "snap_length"].iter().any(|it| anomaly.kind.ends_with(it));
    json!({
        "ruleId": anomaly.kind,
        "ruleIndex": kinds.iter().position(|kind| *kind == anomaly.kind),
        "level": if is_harmless { "note" } else { "warning" },
        "message": {"text": literal(&anomaly.text)},
        "locations": anomaly.frames.iter().filter_map(|at| location(*at, captures)).collect::<Vec<_>>(),
        "occurrenceCount": anomaly.count,
        "partialFingerprints": {"firstlightAnomaly/v1": format!("{}: {}", anomaly.kind, anomaly.text)},
    })
}

fn result(finding: &Finding, captures: &[CaptureInfo]) -> Value {
    let rule = RULES.iter().position(|(id, _)| *id == finding.what).unwrap_or(0);
    let level = match finding.grade {
        Grade::New => "error",
        Grade::Changed | Grade::Missing => "warning",
        Grade::CannotTell => "note",
    };
    let locations: Vec<Value> =
        finding.evidence.iter().filter_map(|evidence| location(evidence.at, captures)).collect();
    json!({
        "ruleId": RULES.get(rule).map(|(id, _)| *id),
        "ruleIndex": rule,
        "level": level,
        "message": {"text": literal(&finding.text)},
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

fn location(at: FrameRef, captures: &[CaptureInfo]) -> Option<Value> {
    let capture = captures.get(usize::try_from(at.capture).ok()?)?;
    Some(json!({
        "physicalLocation": {"artifactLocation": {"uri": uri(&capture.path), "index": at.capture}},
        "logicalLocations": [{"name": format!("frame {}", at.number), "kind": "frame"}],
    }))
}

/// A text that means itself in a message, where braces hold the place of arguments (s. 3.11.5), square brackets are links
/// (s. 3.11.6), and a backslash takes that from them.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '{' | '}' => out.push(c),
            '[' | ']' | '\\' => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    out
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn written(report: &Report) -> Value {
        let mut out = Vec::new();
        write_anomalies(report, "1", &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn every_anomaly_is_a_result_of_a_rule() {
        let report = sample::report();
        let run = &written(&report)["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), report.anomalies.len());
        assert!(!results.is_empty());
        for (result, anomaly) in results.iter().zip(&report.anomalies) {
            let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], anomaly.kind.as_str());
            assert_eq!(result["occurrenceCount"], anomaly.count);
            assert_eq!(result["locations"].as_array().unwrap().len(), anomaly.frames.len());
        }
    }

    #[test]
    fn what_stands_in_a_name_is_no_link_and_no_place() {
        let mut report = sample::report();
        report.anomalies.truncate(1);
        report.anomalies[0].text = "odd: [x](http://evil.example) {0} \\".to_owned();
        let run = &written(&report)["runs"][0];
        assert_eq!(run["results"][0]["message"]["text"], "odd: \\[x\\](http://evil.example) {{0}} \\\\");
        assert_eq!(run["tool"]["driver"]["rules"][0]["shortDescription"]["text"], "odd");
    }
}
