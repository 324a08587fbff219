//! One line of a log in both notations, and the lines that stand around them.

use std::borrow::Cow;
use std::io::{self, Write};

use firstlight_model::Timestamp;
use serde_json::{Map, Number, Value};

use super::{Log, Notation};
use crate::escape::is_hidden;
use crate::json::write::visible;

/// What stands in a column.
#[derive(Debug, Clone)]
pub(super) enum Cell<'a> {
    /// Nothing is known.
    Unset,
    /// Nanoseconds since the epoch.
    Time(i64),
    /// Nanoseconds.
    Interval(i64),
    /// Seconds, where nanoseconds would not do.
    Seconds(f64),
    Count(u64),
    Bool(bool),
    Text(Cow<'a, str>),
    /// A set or a vector of texts, some of which may be unset.
    Texts(Vec<Option<Cow<'a, str>>>),
    /// A vector of seconds.
    Intervals(Vec<u32>),
}

impl<'a> Cell<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn maybe(text: Option<impl Into<Cow<'a, str>>>) -> Self {
        text.map_or(Self::Unset, |text| Self::Text(text.into()))
    }

    pub(super) fn count(number: Option<u64>) -> Self {
        number.map_or(Self::Unset, Self::Count)
    }
}

pub(super) fn write(
    notation: Notation,
    columns: &[(&'static str, &'static str)],
    cells: &[Cell<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    match notation {
        Notation::Tabs => {
            let mut line = String::new();
            for (at, cell) in cells.iter().enumerate() {
                if at > 0 {
                    line.push('\t');
                }
                push(&mut line, cell);
            }
            line.push('\n');
            out.write_all(line.as_bytes())
        }
        Notation::Json => {
            let fields =
                columns.iter().zip(cells).filter_map(|((name, _), cell)| Some(((*name).to_owned(), json(cell)?)));
            let line = Value::Object(fields.collect::<Map<_, _>>());
            visible(&line.to_string(), out)?;
            out.write_all(b"\n")
        }
    }
}

/// The header of a log.
pub(super) fn write_head(log: &Log, time: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    let list = |pick: fn(&(&'static str, &'static str)) -> &'static str| {
        log.columns.iter().map(pick).collect::<Vec<_>>().join("\t")
    };
    write!(
        out,
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t{}\n#open\t{}\n#fields\t{}\n#types\t{}\n",
        log.name,
        moment(time),
        list(|column| column.0),
        list(|column| column.1),
    )
}

/// Its last line.
pub(super) fn write_end(time: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "#close\t{}", moment(time))
}

/// Zeek's own notation of when a log was opened and closed. Here it is when the traffic was, in UTC.
fn moment(time: Timestamp) -> String {
    let moment = jiff::Timestamp::from_nanosecond(time.as_ns().into()).unwrap_or_default();
    moment.strftime("%Y-%m-%d-%H-%M-%S").to_string()
}

fn push(line: &mut String, cell: &Cell<'_>) {
    match cell {
        Cell::Unset => line.push('-'),
        Cell::Time(ns) | Cell::Interval(ns) => line.push_str(&seconds(*ns)),
        Cell::Seconds(seconds) => line.push_str(&format!("{seconds:.6}")),
        Cell::Count(number) => line.push_str(&number.to_string()),
        Cell::Bool(is) => line.push(if *is { 'T' } else { 'F' }),
        Cell::Text(text) if text.is_empty() => line.push_str("(empty)"),
        Cell::Text(text) => push_text(line, text, false),
        Cell::Texts(texts) if texts.is_empty() => line.push_str("(empty)"),
        Cell::Intervals(list) if list.is_empty() => line.push_str("(empty)"),
        Cell::Texts(texts) => {
            for (at, text) in texts.iter().enumerate() {
                if at > 0 {
                    line.push(',');
                }
                match text {
                    Some(text) => push_text(line, text, true),
                    None => line.push('-'),
                }
            }
        }
        Cell::Intervals(list) => {
            let list: Vec<String> = list.iter().map(|seconds| format!("{seconds}.000000")).collect();
            line.push_str(&list.join(","));
        }
    }
}

/// A text as it may stand between tabs, or between commas: what cannot be seen byte by byte as `\xNN`, and what would be
/// taken for an unset or empty field with its first letter so.
fn push_text(line: &mut String, text: &str, in_list: bool) {
    let is_mistakable = text == "-" || text == "(empty)";
    for (at, letter) in text.chars().enumerate() {
        match letter {
            '\\' => line.push_str("\\\\"),
            _ if is_hidden(letter) || (letter == ',' && in_list) || (at == 0 && is_mistakable) => {
                let mut bytes = [0; 4];
                for byte in letter.encode_utf8(&mut bytes).bytes() {
                    line.push_str(&format!("\\x{byte:02x}"));
                }
            }
            _ => line.push(letter),
        }
    }
}

/// Seconds with six decimals, rounded.
fn seconds(ns: i64) -> String {
    let us = (ns.unsigned_abs() + 500) / 1000;
    let sign = if ns < 0 && us > 0 { "-" } else { "" };
    format!("{sign}{}.{:06}", us / 1_000_000, us % 1_000_000)
}

/// `None` for a field that is unset: it is not written at all.
fn json(cell: &Cell<'_>) -> Option<Value> {
    let number = |text: String| text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number);
    match cell {
        Cell::Unset => None,
        Cell::Time(ns) | Cell::Interval(ns) => number(seconds(*ns)),
        Cell::Seconds(seconds) => number(format!("{seconds:.6}")),
        Cell::Count(count) => Some((*count).into()),
        Cell::Bool(is) => Some((*is).into()),
        Cell::Text(text) => Some(text.as_ref().into()),
        Cell::Texts(texts) => {
            let texts = texts.iter().map(|text| text.as_deref().map_or(Value::Null, Value::from));
            Some(Value::Array(texts.collect()))
        }
        Cell::Intervals(list) => {
            Some(Value::Array(list.iter().filter_map(|seconds| number(seconds.to_string())).collect()))
        }
    }
}
