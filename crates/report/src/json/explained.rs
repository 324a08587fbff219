//! What is known of names and addresses as JSON, schema `firstlight.explain/1`: one answer is the document itself,
//! several are its list `explanations`. Every field is always there, `null` where nobody knows.
//!
//! `schema/firstlight.explain.1.json` beside this crate's sources describes it as JSON Schema 2020-12.

use std::io;

use firstlight_model::explanation::{Alternative, Explanation, Provenance};
use serde_json::{Value, json};

use super::write::Document;

/// What the first field says.
pub const SCHEMA: &str = "firstlight.explain/1";

/// The JSON Schema that describes the output.
pub const JSON_SCHEMA: &str = include_str!("../../schema/firstlight.explain.1.json");

/// One answer.
///
/// # Errors
/// When `out` cannot be written to.
pub fn one(explanation: &Explanation, out: &mut dyn io::Write) -> io::Result<()> {
    let mut doc = Document::begin(out, SCHEMA)?;
    for (key, value) in fields(explanation).as_object().into_iter().flatten() {
        doc.value(key, value)?;
    }
    doc.end()
}

/// Several answers, and what was asked for them.
///
/// # Errors
/// When `out` cannot be written to.
pub fn several(queries: &[String], explanations: &[Explanation], out: &mut dyn io::Write) -> io::Result<()> {
    let mut doc = Document::begin(out, SCHEMA)?;
    doc.value("query", &json!(queries))?;
    doc.list("explanations", explanations.iter().map(fields))?;
    let count = |is_known: fn(&Explanation) -> bool| explanations.iter().filter(|it| is_known(it)).count();
    let known = json!({
        "all": explanations.len(),
        "with_owner": count(|it| it.owner.is_some()),
        "with_purpose": count(|it| it.purpose.is_some()),
    });
    doc.value("known", &known)?;
    doc.end()
}

fn fields(it: &Explanation) -> Value {
    let evidence = it.evidence.as_ref();
    json!({
        "query": it.query,
        "owner": it.owner,
        "owner_parents": it.owner_parents,
        "vendor_of": it.vendor_of,
        "carrier": it.carrier,
        "category": it.category,
        "purpose": it.purpose,
        "if_blocked": it.if_blocked,
        "evidence_grade": evidence.map(|it| &it.grade),
        "source": evidence.map(source),
        "source_date": evidence.and_then(|it| it.date.as_ref()),
        "rule": it.rule,
        "alternatives": it.alternatives.iter().map(alternative).collect::<Vec<_>>(),
        "registrable_domain": it.registrable_domain,
        "owner_source": it.owner_source,
        "if_blocked_source": it.if_blocked_source,
        "vendor_own": it.vendor_own,
        "country": it.country,
        "program": it.program,
        "category_meaning": it.category_meaning,
        "source_key": evidence.map(|it| &it.key),
        "source_read": evidence.and_then(|it| it.read.as_ref()),
        "source_age_months": evidence.and_then(|it| it.age_months),
        "stale": evidence.map(|it| it.is_stale),
        "connections": it.seen.map(|it| it.connections),
        "bytes": it.seen.map(|it| it.bytes),
    })
}

fn alternative(it: &Alternative) -> Value {
    json!({
        "purpose": it.purpose,
        "category": it.category,
        "evidence_grade": it.evidence.grade,
        "source": source(&it.evidence),
        "source_date": it.evidence.date,
        "rule": it.rule,
        "source_key": it.evidence.key,
        "source_read": it.evidence.read,
        "source_age_months": it.evidence.age_months,
        "stale": it.evidence.is_stale,
    })
}

/// The address of a source, or where it has none its key.
fn source(it: &Provenance) -> &str {
    it.url.as_deref().unwrap_or(&it.key)
}

#[cfg(test)]
mod tests {
    use super::{JSON_SCHEMA, one, several};
    use crate::json::tests::check;
    use firstlight_model::explanation::{Alternative, Amount, Explanation, Provenance};
    use serde_json::Value;

    fn parsed(write: impl Fn(&mut Vec<u8>)) -> Value {
        let mut out = Vec::new();
        write(&mut out);
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn one_answer_is_the_document_and_several_are_its_list() {
        let evidence = Provenance { grade: "vendor".to_owned(), key: "doc".to_owned(), ..Provenance::default() };
        let known = Explanation {
            query: "a\u{1b}.example".to_owned(),
            owner: Some("Acme".to_owned()),
            evidence: Some(evidence),
            seen: Some(Amount { connections: 2, bytes: 300 }),
            ..Explanation::default()
        };
        let alone = parsed(|out| one(&known, out).unwrap());
        assert_eq!(alone["schema"], "firstlight.explain/1");
        assert_eq!((&alone["query"], &alone["owner"]), (&"a\u{1b}.example".into(), &"Acme".into()));
        assert_eq!((&alone["source"], &alone["evidence_grade"]), (&"doc".into(), &"vendor".into()));
        assert_eq!((&alone["connections"], &alone["bytes"]), (&2.into(), &300.into()));
        let unknown = Explanation { query: "b".to_owned(), ..Explanation::default() };
        let both = parsed(|out| several(&["x.pcap".to_owned()], &[known.clone(), unknown.clone()], out).unwrap());
        assert_eq!(both["query"], serde_json::json!(["x.pcap"]));
        let mut first = both["explanations"][0].clone();
        first.as_object_mut().unwrap().shift_insert(0, "schema".to_owned(), "firstlight.explain/1".into());
        assert_eq!(first, alone);
        assert_eq!(both["known"], serde_json::json!({"all": 2, "with_owner": 1, "with_purpose": 0}));
        let second = both["explanations"][1].as_object().unwrap();
        assert_eq!(second.len(), alone.as_object().unwrap().len() - 1, "every field is there");
        assert!(second["owner"].is_null() && second["source"].is_null() && second["stale"].is_null());
    }

    #[test]
    fn the_schema_describes_every_field() {
        let schema: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
        let evidence = Provenance { grade: "vendor".to_owned(), key: "doc".to_owned(), ..Provenance::default() };
        let other = Alternative {
            purpose: "Web site".to_owned(),
            category: "web".to_owned(),
            rule: "suffix acme.example".to_owned(),
            evidence: evidence.clone(),
        };
        let known = Explanation {
            query: "a.example".to_owned(),
            owner: Some("Acme".to_owned()),
            owner_parents: vec!["Acme Group".to_owned()],
            evidence: Some(evidence),
            alternatives: vec![other],
            seen: Some(Amount::default()),
            ..Explanation::default()
        };
        let all = [known.clone(), Explanation::default()];
        let mut problems = Vec::new();
        let several = parsed(|out| several(&[], &all, out).unwrap());
        check(&schema, &schema["$defs"]["several"], &several, "", &mut problems);
        let mut alone = parsed(|out| one(&known, out).unwrap());
        check(&schema, &schema, &alone, "", &mut problems);
        assert_eq!(problems, Vec::<String>::new());
        alone["evidence_grade"] = "sure".into();
        alone["alternatives"][0].as_object_mut().unwrap().remove("rule");
        check(&schema, &schema, &alone, "", &mut problems);
        assert_eq!(problems, ["/evidence_grade: not one of the list", "/alternatives/0: lacks rule"]);
    }
}
