//! The contacts as a table in Apache Parquet (format 2), for data frames and SQL: the columns of the CSV with their types.
//! Counts are unsigned 64-bit integers, times are points in UTC to the nanosecond, lists are lists of texts, what is
//! unknown is null.
//!
//! Hidden characters are written as in the other tables, for a data frame prints what is in it. Leaves out everything but
//! the contacts.

use std::io::{self, Write};
use std::sync::Arc;

use firstlight_model::report::{Contact, Report};
use parquet::basic::Compression;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::{Map, Value};

use crate::escape::visible;
use crate::json;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Null where it is not known.
    Text,
    /// Likewise.
    Truth,
    /// Likewise.
    Port,
    Count,
    First,
    Last,
    Texts,
}

use Kind::{Count, First, Last, Port, Text, Texts, Truth};

/// The columns of the CSV in their order, with their kinds.
const COLUMNS: &[(&str, Kind)] = &[
    ("machine", Text),
    ("phase", Text),
    ("name", Text),
    ("name_source", Text),
    ("name_confidence", Text),
    ("registrable_domain", Text),
    ("owner", Text),
    ("owner_source", Text),
    ("vendor_own", Truth),
    ("purpose", Text),
    ("category", Text),
    ("purpose_source", Text),
    ("carrier", Text),
    ("cdn", Text),
    ("country", Text),
    ("transport", Text),
    ("port", Port),
    ("service", Text),
    ("scope", Text),
    ("initiated_by", Text),
    ("connections", Count),
    ("payload_out", Count),
    ("payload_in", Count),
    ("wire_out", Count),
    ("wire_in", Count),
    ("packets_out", Count),
    ("packets_in", Count),
    ("first", First),
    ("last", Last),
    ("addresses", Texts),
    ("ja3", Texts),
    ("ja4", Texts),
    ("alpn", Texts),
    ("encrypted", Truth),
    ("unnamed_reason", Text),
    ("remark", Text),
    ("name_candidates", Texts),
    ("failed", Count),
    ("versions", Texts),
    ("addresses_left_out", Count),
    ("new_in_phase", Truth),
    ("program", Text),
    ("program_source", Text),
    ("issuers", Texts),
];

/// Contacts in a part of the file that is read at once.
const ROWS: usize = 1 << 14;

/// Writes the contacts.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let schema = Arc::new(parse_message_type(&schema()).map_err(of_writer)?);
    let created_by = concat!("firstlight version ", env!("CARGO_PKG_VERSION")).to_owned();
    let properties =
        WriterProperties::builder().set_created_by(created_by).set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).map_err(of_writer)?;
    let empty = Map::new();
    let rows: Vec<Value> = json::contacts(report).collect();
    let rows: Vec<(&Contact, &Map<String, Value>)> =
        report.contacts.iter().zip(rows.iter().map(|row| row.as_object().unwrap_or(&empty))).collect();
    for rows in rows.chunks(ROWS) {
        let mut group = writer.next_row_group().map_err(of_writer)?;
        for (name, kind) in COLUMNS {
            let Some(mut column) = group.next_column().map_err(of_writer)? else { break };
            write_column(name, *kind, rows, column.untyped()).map_err(of_writer)?;
            column.close().map_err(of_writer)?;
        }
        group.close().map_err(of_writer)?;
    }
    out.write_all(&writer.into_inner().map_err(of_writer)?)
}

fn of_writer(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

/// In the notation of Parquet.
fn schema() -> String {
    let fields: Vec<String> = COLUMNS
        .iter()
        .map(|(name, kind)| match kind {
            Text => format!("optional byte_array {name} (STRING);"),
            Truth => format!("optional boolean {name};"),
            Port => format!("optional int32 {name} (INTEGER(16,false));"),
            Count => format!("required int64 {name} (INTEGER(64,false));"),
            First | Last => format!("required int64 {name} (TIMESTAMP(NANOS,true));"),
            Texts => {
                format!(
                    "required group {name} (LIST) {{ repeated group list {{ required byte_array element (STRING); }} }}"
                )
            }
        })
        .collect();
    format!("message contacts {{ {} }}", fields.join(" "))
}

fn write_column(
    name: &str,
    kind: Kind,
    rows: &[(&Contact, &Map<String, Value>)],
    column: &mut ColumnWriter<'_>,
) -> Result<(), ParquetError> {
    let cells = || rows.iter().map(|(_, row)| row.get(name).unwrap_or(&Value::Null));
    let is_there: Vec<i16> = cells().map(|cell| i16::from(!cell.is_null())).collect();
    match (kind, column) {
        (Text, ColumnWriter::ByteArrayColumnWriter(column)) => {
            let texts: Vec<ByteArray> = cells().filter_map(Value::as_str).map(text).collect();
            column.write_batch(&texts, Some(&is_there), None)?;
        }
        (Texts, ColumnWriter::ByteArrayColumnWriter(column)) => {
            let (mut texts, mut levels, mut repeats) = (Vec::new(), Vec::new(), Vec::new());
            for cell in cells() {
                let list = cell.as_array().map_or(&[][..], Vec::as_slice);
                if list.is_empty() {
                    levels.push(0);
                    repeats.push(0);
                }
                for (at, element) in list.iter().enumerate() {
                    texts.push(text(element.as_str().unwrap_or_default()));
                    levels.push(1);
                    repeats.push(i16::from(at > 0));
                }
            }
            column.write_batch(&texts, Some(&levels), Some(&repeats))?;
        }
        (Truth, ColumnWriter::BoolColumnWriter(column)) => {
            let truths: Vec<bool> = cells().filter_map(Value::as_bool).collect();
            column.write_batch(&truths, Some(&is_there), None)?;
        }
        (Port, ColumnWriter::Int32ColumnWriter(column)) => {
            let ports: Vec<i32> =
                cells().filter_map(Value::as_u64).map(|port| i32::try_from(port).unwrap_or_default()).collect();
            column.write_batch(&ports, Some(&is_there), None)?;
        }
        (_, ColumnWriter::Int64ColumnWriter(column)) => {
            let numbers: Vec<i64> = rows
                .iter()
                .map(|(contact, row)| match kind {
                    First => contact.first.as_ns(),
                    Last => contact.last.as_ns(),
                    _ => row.get(name).and_then(Value::as_u64).unwrap_or_default().cast_signed(),
                })
                .collect();
            column.write_batch(&numbers, None, None)?;
        }
        _ => return Err(ParquetError::General(format!("the column {name} is of another type than its kind"))),
    }
    Ok(())
}

fn text(text: &str) -> ByteArray {
    ByteArray::from(visible(text).as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::Field;

    use super::*;
    use crate::sample;

    fn rows(report: &Report) -> Vec<Value> {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        let reader = SerializedFileReader::new(bytes::Bytes::from(out)).unwrap();
        reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| {
                Value::Object(
                    row.unwrap().get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect(),
                )
            })
            .collect()
    }

    fn value(field: &Field) -> Value {
        match field {
            Field::Null => Value::Null,
            Field::Bool(is) => (*is).into(),
            Field::UShort(number) => (*number).into(),
            Field::ULong(number) => (*number).into(),
            Field::Long(number) => (*number).into(),
            Field::Str(text) => text.as_str().into(),
            Field::ListInternal(list) => list.elements().iter().map(value).collect(),
            other => other.to_string().into(),
        }
    }

    #[test]
    fn columns_are_those_of_the_csv() {
        let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, crate::csv::COLUMNS);
    }

    #[test]
    fn every_contact_is_a_row_that_a_reader_gets_back() {
        let report = sample::report();
        let rows = rows(&report);
        let contacts: Vec<Value> = json::contacts(&report).collect();
        assert_eq!(rows.len(), contacts.len());
        for (row, contact) in rows.iter().zip(&contacts) {
            for (name, kind) in COLUMNS {
                match kind {
                    Text => assert_eq!(row[name].as_str(), contact[name].as_str().map(visible).as_deref(), "{name}"),
                    Texts if contact[name].is_null() => assert_eq!(row[name], serde_json::json!([]), "{name}"),
                    First | Last => {}
                    _ => assert_eq!(row[name], contact[name], "{name}"),
                }
            }
        }
    }

    #[test]
    fn names_are_inert_and_without_contacts_the_columns_are_still_there() {
        let mut report = sample::report();
        report.contacts.truncate(1);
        report.contacts[0].name = Some("\u{1b}[2J\u{202e}x".to_owned());
        report.contacts[0].connections = u64::MAX;
        assert_eq!(rows(&report)[0]["name"], "\\x1b[2J\\u{202e}x");
        assert_eq!(rows(&report)[0]["connections"], u64::MAX);
        report.contacts.clear();
        assert!(rows(&report).is_empty());
    }
}
