//! The contract, field by field, and the schema that describes it.

use super::*;
use crate::sample;

fn text() -> String {
    let mut out = Vec::new();
    write(&sample::report(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_sample_as_json() {
    insta::assert_snapshot!(text());
}

#[test]
fn listed_fields_come_first_and_in_their_order() {
    let report: Value = serde_json::from_str(&text()).unwrap();
    assert_eq!(report["schema"], SCHEMA);
    let listed = |value: &Value, fields: &str| {
        let fields: Vec<&str> = fields.split_whitespace().collect();
        assert_eq!(keys(value)[..fields.len()], fields);
    };
    listed(&report, "schema captures machines summary phases contacts fingerprints http unnamed anomalies coverage");
    listed(
        &report["captures"][0],
        "path sha256 format link_types snap_len packets captured_bytes original_bytes first last duration_s comments \
         drops stopped",
    );
    listed(&report["machines"][0], "id addresses mac mac_vendor names os packets wire_bytes");
    listed(&report["machines"][0]["os"], "verdict confidence evidence");
    listed(
        &report["summary"][0],
        "machine packets wire_bytes dns_queries tcp_connections udp_connections hosts_v4 hosts_v6",
    );
    listed(&report["phases"][0], "name start end how evidence");
    for contact in report["contacts"].as_array().unwrap() {
        listed(
            contact,
            "machine phase name name_source name_confidence registrable_domain owner owner_source vendor_own purpose \
             category purpose_source carrier cdn country transport port service scope initiated_by connections \
             payload_out payload_in wire_out wire_in packets_out packets_in first last addresses ja3 ja4 alpn \
             encrypted evidence",
        );
    }
    listed(&report["fingerprints"][0], "kind value tcpdump p0f remarks matches count machine evidence");
    listed(&report["fingerprints"][0]["matches"][0], "label how differences");
    listed(
        &report["http"][0],
        "machine phase host method path user_agent content_type status bytes_in bytes_out evidence",
    );
    listed(&report["unnamed"][0], "reason connections bytes contacts");
    listed(&report["anomalies"][0], "kind count frames text");
    listed(
        &report["coverage"],
        "connections_named connections_total bytes_named bytes_total bytes_owned bytes_with_purpose",
    );
    listed(&report["contacts"][0]["evidence"][0], "file frame time field");
}

#[test]
fn times_have_the_decimals_of_the_finest_capture() {
    let mut report = sample::report();
    let micro: Value = serde_json::from_str(&text()).unwrap();
    assert_eq!(micro["captures"][0]["first"], "2019-10-10T14:00:00.123456Z");
    report.captures[1].time_decimals = 9;
    let mut out = Vec::new();
    write(&report, &mut out).unwrap();
    let nano: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(nano["captures"][0]["first"], "2019-10-10T14:00:00.123456000Z");
    assert_eq!(nano["captures"][0]["duration_s"], 600.0);
}

#[test]
fn hostile_names_are_exact_but_hidden_characters_are_not_in_the_text() {
    let text = text();
    assert!(!text.chars().any(|c| c != '\n' && crate::escape::is_hidden(c)));
    let report: Value = serde_json::from_str(&text).unwrap();
    assert!(report["contacts"].as_array().unwrap().iter().any(|c| c["name"] == sample::HOSTILE));
}

#[test]
fn each_element_stands_on_a_line_of_its_own() {
    let text = text();
    let lines = text.lines().filter(|l| l.starts_with("    {")).count();
    let report: Value = serde_json::from_str(&text).unwrap();
    let elements: usize = report.as_object().unwrap().values().filter_map(Value::as_array).map(Vec::len).sum();
    assert_eq!(lines, elements);
}

#[test]
fn the_schema_describes_every_field_and_the_sample_keeps_to_it() {
    let schema: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    let report: Value = serde_json::from_str(&text()).unwrap();
    let mut problems = Vec::new();
    check(&schema, &schema, &report, "", &mut problems);
    assert_eq!(problems, Vec::<String>::new());
    let mut broken = report;
    broken["contacts"][3]["scope"] = json!("elsewhere");
    broken["coverage"]["bytes_total"] = json!(-1);
    broken["phases"][0].as_object_mut().unwrap().remove("how");
    check(&schema, &schema, &broken, "", &mut problems);
    assert_eq!(
        problems,
        ["/phases/0: lacks how", "/contacts/3/scope: not one of the list", "/coverage/bytes_total: below the minimum"]
    );
}

#[test]
fn the_schema_of_fingerprints_is_that_of_the_reports_parts() {
    let mut out = Vec::new();
    write_fingerprints(&sample::report(), &mut out).unwrap();
    let document: Value = serde_json::from_slice(&out).unwrap();
    let [schema, of_report]: [Value; 2] =
        [FINGERPRINT_JSON_SCHEMA, JSON_SCHEMA].map(|schema| serde_json::from_str(schema).unwrap());
    let mut problems = Vec::new();
    check(&schema, &schema, &document, "", &mut problems);
    assert_eq!(problems, Vec::<String>::new());
    for (name, part) in schema["$defs"].as_object().unwrap() {
        assert_eq!(*part, of_report["$defs"][name], "{name} is described in two ways");
    }
    assert!(!document["fingerprints"].as_array().unwrap().is_empty());
}

/// The part of JSON Schema 2020-12 that the schema uses, and stricter in one: a field that it does not describe is a
/// problem, so that an addition is also described.
pub(super) fn check(root: &Value, schema: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let part = root.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("{name} is not defined"));
        return check(root, part, value, at, problems);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_u64() || n.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    if !types.is_empty() && !types.iter().any(|t| *t == kind || (*t == "number" && kind == "integer")) {
        problems.push(format!("{at}: is {kind}"));
    }
    if schema["enum"].as_array().is_some_and(|list| !list.contains(value)) {
        problems.push(format!("{at}: not one of the list"));
    }
    if schema.get("const").is_some_and(|c| c != value) {
        problems.push(format!("{at}: not the constant"));
    }
    if let (Some(least), Some(number)) = (schema["minimum"].as_f64(), value.as_f64())
        && number < least
    {
        problems.push(format!("{at}: below the minimum"));
    }
    if let (Some(items), Some(list)) = (schema.get("items"), value.as_array()) {
        for (i, item) in list.iter().enumerate() {
            check(root, items, item, &format!("{at}/{i}"), problems);
        }
    }
    let Some(fields) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            problems.push(format!("{at}: lacks {name}"));
        }
    }
    for (name, field) in fields {
        match schema["properties"].get(name) {
            Some(part) => check(root, part, field, &format!("{at}/{name}"), problems),
            None => problems.push(format!("{at}: {name} is not described")),
        }
    }
}
