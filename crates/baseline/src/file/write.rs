//! Writing a baseline.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use firstlight_report::json as report_json;
use serde_json::{Map, Value, json};

use super::SCHEMA;
use crate::baseline::Baseline;
use crate::key::{Key, Port, Who};
use crate::run::{About, Run, Seen};

/// The text of a baseline. The same baseline gives the same text, however it came about.
pub fn write(baseline: &Baseline) -> String {
    let mut out = String::from("{\n");
    field(&mut out, "schema", &json!(SCHEMA));
    field(&mut out, "systems", &json!(baseline.systems));
    field(&mut out, "scenarios", &json!(baseline.scenarios));
    field(&mut out, "methods", &json!(baseline.methods));
    field(&mut out, "accepted", &json!(baseline.accepted));
    list(&mut out, "runs", baseline.runs.values().map(run));
    out.push_str(",\n");
    contacts(&mut out, baseline);
    out.push_str(",\n");
    list(&mut out, "fingerprints", fingerprints(baseline));
    out.push_str("\n}\n");
    let mut visible = Vec::with_capacity(out.len());
    // Names come from the wire and the file is read by people. Writing to memory does not fail.
    let _ = report_json::visible(&out, &mut visible);
    String::from_utf8(visible).unwrap_or_default()
}

fn field(out: &mut String, name: &str, value: &Value) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "  {}: {value},", json!(name));
}

fn list(out: &mut String, name: &str, values: impl Iterator<Item = Value>) {
    let lines: Vec<String> = values.map(|value| format!("    {value}")).collect();
    let _ = write!(out, "  {}: [\n{}\n  ]", json!(name), lines.join(",\n"));
}

fn run(run: &Run) -> Value {
    let phases: Map<String, Value> = run
        .phases
        .iter()
        .map(|(name, stretch)| (name.clone(), json!({"start_s": stretch.start_s, "duration_s": stretch.duration_s})))
        .collect();
    let files: Vec<Value> = run.files.iter().map(|(name, hash)| json!({"name": name, "sha256": hash})).collect();
    json!({
        "id": run.id,
        "files": files,
        "start_ns": run.start.as_ns(),
        "duration_s": run.duration_s,
        "partial": run.is_partial,
        "machine": {"vendor": run.subject.vendor, "system": run.subject.system},
        "phases": phases,
    })
}

/// Keys as the file has them, without accepted patterns: a pattern can be taken back.
fn contacts(out: &mut String, baseline: &Baseline) {
    let mut by_key: BTreeMap<&Key, Vec<(&Run, &Seen)>> = BTreeMap::new();
    for run in baseline.runs.values() {
        for (key, seen) in &run.contacts {
            by_key.entry(key).or_default().push((run, seen));
        }
    }
    let mut blocks = Vec::new();
    for (key, runs) in &by_key {
        let about = runs.iter().find_map(|(run, _)| run.about.get(*key)).cloned().unwrap_or_default();
        let had = baseline.runs.values().filter(|run| run.phases.contains_key(&key.phase)).count();
        let head = head(key, &about, runs.len(), had).to_string();
        let lines: Vec<String> =
            runs.iter().map(|(run, seen)| format!("      {}: {}", json!(run.id), self::seen(seen))).collect();
        let head = head.strip_suffix('}').unwrap_or(&head);
        blocks.push(format!("    {head},\"runs\":{{\n{}}}}}", lines.join(",\n")));
    }
    let _ = write!(out, "  \"contacts\": [\n{}\n  ]", blocks.join(",\n"));
}

fn head(key: &Key, about: &About, support: usize, runs: usize) -> Value {
    let (kind, who, owner_of) = match &key.who {
        Who::Name(name) => ("name", name, None),
        Who::Group(group) => ("group", group, None),
        Who::Local(local) => ("local", local, None),
        Who::Unnamed { reason, owner } => ("unnamed", reason, owner.as_ref()),
    };
    let port = match key.port {
        Port::None => Value::Null,
        Port::Any => json!("any"),
        Port::Number(port) => json!(port),
    };
    let mut head = Map::new();
    head.insert("phase".to_owned(), json!(key.phase));
    head.insert("scope".to_owned(), json!(key.scope.word()));
    head.insert(kind.to_owned(), json!(who));
    if let Some(owner) = owner_of {
        head.insert("address_of".to_owned(), json!(owner));
    }
    head.insert("transport".to_owned(), json!(key.transport.to_string()));
    head.insert("port".to_owned(), port);
    head.insert("initiated_by".to_owned(), json!(key.initiated_by.word()));
    head.insert("domain".to_owned(), json!(about.domain));
    head.insert("owner".to_owned(), json!(about.owner));
    head.insert("vendor_own".to_owned(), json!(about.vendor_own));
    head.insert("purpose".to_owned(), json!(about.purpose));
    head.insert("support".to_owned(), json!(format!("{support} of {runs}")));
    Value::Object(head)
}

fn seen(seen: &Seen) -> Value {
    let mut value = json!({
        "connections": seen.connections,
        "failed": seen.failed,
        "payload_out": seen.payload_out,
        "payload_in": seen.payload_in,
        "first_s": seen.first_s,
        "last_s": seen.last_s,
    });
    if let Value::Object(map) = &mut value {
        for (property, values) in &seen.properties {
            map.insert(property.word().to_owned(), json!(values));
        }
    }
    value
}

fn fingerprints(baseline: &Baseline) -> impl Iterator<Item = Value> {
    let mut runs_of: BTreeMap<&(String, String), Vec<&str>> = BTreeMap::new();
    for run in baseline.runs.values() {
        for print in run.fingerprints.keys() {
            runs_of.entry(print).or_default().push(&run.id);
        }
    }
    runs_of.into_iter().map(|((kind, value), runs)| json!({"kind": kind, "value": value, "runs": runs}))
}
