//! A small capture through all stages and every output format.
//!
//! The first byte says how the page looks, the rest is the file. What holds:
//! - every connection has a name or one reason why it has none;
//! - no format lets a control, a bidirectional mark or another hidden character through, colours apart;
//! - a format for programs is read back by an independent parser, and says the same counts;
//! - the same bytes give the same report.

use std::io::Cursor;

use firstlight_capture::open_streams;
use firstlight_engine::{FilePhases, Options};
use firstlight_model::report::Report;
use firstlight_report::escape::is_hidden;
use firstlight_report::{Color, FORMATS, Figures, Format, Length, Style};

/// Reports on a file.
///
/// # Panics
/// When one of the sentences above does not hold.
pub fn run(bytes: &[u8]) {
    let Some((&look, file)) = bytes.split_first() else { return };
    let Some(report) = read(file) else { return };
    add_up(&report);
    let again = read(file).expect("it could be read before");
    for format in FORMATS {
        let style = style(look);
        let text = written(format, &report, &style);
        assert_eq!(text, written(format, &again, &style), "{} of the same bytes", format.name);
        let plain = without_colours(&text);
        let hidden = plain.chars().find(|&letter| letter != '\n' && is_hidden(letter));
        assert_eq!(hidden, None, "in the {} report", format.name);
        if format.name == "json" {
            reads_back(&text, &report);
        }
    }
}

fn read(file: &[u8]) -> Option<Report> {
    let stream = Box::new(Cursor::new(file.to_vec()));
    // A name with something in it that may not come out.
    let source = open_streams(vec![("fu\u{1b}[2Jz\u{202e}<zed>.pcap".to_owned(), stream)], &super::capture::options());
    let options = Options { file_phases: FilePhases::Auto, ..Options::default() };
    source.ok().map(|source| firstlight_engine::report(source, &options, &mut |_| {}))
}

fn style(look: u8) -> Style {
    Style {
        width: [60, 80, 132, 1_000][usize::from(look & 3)],
        color: if look & 4 == 0 { Color::Never } else { Color::Ansi },
        length: if look & 8 == 0 { Length::All } else { Length::Short },
        figures: if look & 16 == 0 { Figures::Rounded } else { Figures::Exact },
    }
}

fn written(format: &Format, report: &Report, style: &Style) -> String {
    let mut out = Vec::new();
    (format.write)(report, style, &mut out).expect("memory can be written to");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// Takes out what the page itself has for colours: `ESC [ digits and semicolons m`.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('m') {
            Some((codes, rest)) if codes.bytes().all(|byte| byte.is_ascii_digit() || byte == b';') => {
                plain.push_str(rest);
            }
            _ => {
                plain.push('\u{1b}');
                plain.push_str(part);
            }
        }
    }
    plain
}

fn add_up(report: &Report) {
    let coverage = &report.coverage;
    let unnamed: u64 = report.unnamed.iter().map(|unnamed| unnamed.connections).sum();
    assert_eq!(coverage.connections_named + unnamed, coverage.connections_total, "{:?}", report.unnamed);
    for part in [coverage.bytes_named, coverage.bytes_owned, coverage.bytes_with_purpose] {
        assert!(part <= coverage.bytes_total, "{coverage:?}");
    }
    for contact in &report.contacts {
        assert_eq!(contact.name.is_some(), contact.unnamed_reason.is_none(), "{contact:?}");
        assert!(contact.first <= contact.last, "{contact:?}");
    }
    assert_eq!(report.machines.len(), report.summary.len());
}

fn reads_back(text: &str, report: &Report) {
    let value: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
    for (list, len) in [
        ("captures", report.captures.len()),
        ("machines", report.machines.len()),
        ("contacts", report.contacts.len()),
        ("unnamed", report.unnamed.len()),
        ("anomalies", report.anomalies.len()),
    ] {
        assert_eq!(value[list].as_array().map(Vec::len), Some(len), "{list}");
    }
    assert_eq!(value["captures"][0]["path"].as_str(), Some(report.captures[0].path.as_str()));
    assert_eq!(value["coverage"]["connections_total"].as_u64(), Some(report.coverage.connections_total));
    let named = value["coverage"]["connections_named"].as_u64();
    let unnamed = value["unnamed"].as_array().into_iter().flatten().map(|it| it["connections"].as_u64()).sum();
    assert_eq!(
        named.zip(unnamed).map(|(named, unnamed): (u64, u64)| named + unnamed),
        Some(report.coverage.connections_total)
    );
}
