//! The contacts as a table with commas (RFC 4180, lines end as on Unix), one a line, for spreadsheets and data frames. Columns are named as the
//! fields of `firstlight.report/1` and stand in its order; lists are joined by `; `, what is unknown is empty.
//!
//! What a spreadsheet would take for a formula gets an apostrophe before it: names come from the wire.

use std::io;

use csv::Writer;
use firstlight_model::report::Report;
use serde_json::Value;

use crate::escape::visible;
use crate::json;

/// Columns, all of them fields of a contact in JSON.
pub const COLUMNS: &[&str] = &[
    "machine",
    "phase",
    "name",
    "name_source",
    "name_confidence",
    "registrable_domain",
    "owner",
    "owner_source",
    "vendor_own",
    "purpose",
    "category",
    "purpose_source",
    "carrier",
    "cdn",
    "country",
    "transport",
    "port",
    "service",
    "scope",
    "initiated_by",
    "connections",
    "payload_out",
    "payload_in",
    "wire_out",
    "wire_in",
    "packets_out",
    "packets_in",
    "first",
    "last",
    "addresses",
    "ja3",
    "ja4",
    "alpn",
    "encrypted",
    "unnamed_reason",
    "remark",
    "name_candidates",
    "failed",
    "versions",
    "addresses_left_out",
    "new_in_phase",
    "program",
    "program_source",
    "issuers",
];

/// Writes the contacts.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let mut writer = Writer::from_writer(out);
    writer.write_record(COLUMNS).map_err(of_writer)?;
    for contact in json::contacts(report) {
        let cells = COLUMNS.iter().map(|column| cell(contact.get(column).unwrap_or(&Value::Null)));
        writer.write_record(cells).map_err(of_writer)?;
    }
    writer.flush()
}

/// The writer's own error, of which the kind matters: a reader that went away.
fn of_writer(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => harmless(visible(text).into_owned()),
        Value::Array(items) => harmless(items.iter().map(part).collect::<Vec<_>>().join("; ")),
        Value::Object(_) => part(value),
    }
}

fn part(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    visible(&text).into_owned()
}

/// Spreadsheets compute what begins like this, in half and in full width.
fn harmless(text: String) -> String {
    let computes = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    if text.starts_with(computes) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn rows(report: &Report) -> Vec<Vec<String>> {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(out.as_slice());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn columns_are_the_fields_of_the_json_but_its_evidence() {
        let contact = json::contacts(&sample::report()).next().unwrap();
        let fields: Vec<&String> = contact.as_object().unwrap().keys().filter(|key| *key != "evidence").collect();
        assert_eq!(fields, COLUMNS);
    }

    #[test]
    fn every_contact_is_a_row_that_a_reader_gets_back() {
        let report = sample::report();
        let rows = rows(&report);
        assert_eq!(rows.len(), report.contacts.len() + 1);
        let at = |name: &str| COLUMNS.iter().position(|column| *column == name).unwrap();
        for (row, contact) in rows[1..].iter().zip(&report.contacts) {
            assert_eq!(row[at("connections")], contact.connections.to_string());
            assert_eq!(row[at("payload_in")], contact.payload_in.to_string());
            assert_eq!(row[at("name")], visible(contact.name.as_deref().unwrap_or_default()));
        }
    }

    #[test]
    fn formulas_and_hidden_characters_do_nothing() {
        for (text, cell_text) in [
            ("=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"),
            ("-1.example", "'-1.example"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("a\r\n=1", "a\\x0d\\x0a=1"),
            ("\t=1", "\\x09=1"),
            ("\u{202e}evil", "\\u{202e}evil"),
            ("a,\"b\"", "a,\"b\""),
        ] {
            assert_eq!(cell(&Value::String(text.to_owned())), cell_text);
        }
        let mut report = sample::report();
        report.contacts.truncate(1);
        report.contacts[0].name = Some("=1,\"x\"\n".to_owned());
        assert_eq!(rows(&report)[1][2], "'=1,\"x\"\\x0a");
    }

    #[test]
    fn without_contacts_the_columns_are_still_there() {
        let mut report = sample::report();
        report.contacts.clear();
        assert_eq!(rows(&report), [COLUMNS]);
    }
}
