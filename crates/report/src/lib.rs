//! One file per output format over one report: the diary on a terminal, JSON and tables for other programs. An output format
//! is one file here and one line in [`FORMATS`].
//!
//! Nothing here reads the clock, the environment or a terminal: width, colour and length are given as [`Style`].

// `json!` takes a step for each token, and a contact has many fields.
#![recursion_limit = "512"]

pub mod comments;
pub mod csv;
pub mod escape;
pub mod html;
pub mod json;
pub mod markdown;
pub mod parquet;
pub mod sarif;
pub mod terminal;
pub mod units;
pub mod zeek;

#[cfg(test)]
mod sample;

use std::io;

use firstlight_model::report::Report;

pub use units::Figures;

/// With or without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    /// Text alone.
    #[default]
    Never,
    /// ANSI sequences (ECMA-48 s. 8.3.117, the 16 usual colours).
    Ansi,
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Length {
    /// Long lists are cut, and say so; names wider than their column lose their middle.
    #[default]
    Short,
    /// Everything, whole.
    All,
}

/// How a format that is read by people looks. Formats for programs ignore it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns; what is less than 60 counts as 60.
    pub width: usize,
    /// Colour.
    pub color: Color,
    /// How much.
    pub length: Length,
    /// How sizes are written.
    pub figures: Figures,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 80, color: Color::Never, length: Length::Short, figures: Figures::Rounded }
    }
}

/// An output format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// As it is asked for.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Writes a report in it; fails only when the writer does.
    pub write: fn(&Report, &Style, &mut dyn io::Write) -> io::Result<()>,
}

/// All formats; the first is the usual one.
pub const FORMATS: &[Format] = &[
    Format { name: "terminal", about: "the diary, for reading and pasting", write: terminal::write },
    Format { name: "markdown", about: "the diary as an article", write: markdown::write },
    Format { name: "html", about: "a page for a browser, in one file", write: html::write },
    Format { name: "json", about: "for other programs (firstlight.report/1)", write: |r, _, out| json::write(r, out) },
    Format { name: "jsonl", about: "the same, a JSON object a line", write: |r, _, out| json::write_lines(r, out) },
    Format { name: "csv", about: "the contacts, for spreadsheets", write: |r, _, out| csv::write(r, out) },
    Format {
        name: "sarif",
        about: "the anomalies, for what shows the findings of many tools (SARIF 2.1.0)",
        write: |report, _, out| sarif::write_anomalies(report, env!("CARGO_PKG_VERSION"), out),
    },
];
