//! The report as one page of HTML (WHATWG HTML, July 2025) that is read in a browser from a disk and can be forwarded:
//! nothing is loaded, style and script stand in the page and are allowed by their hashes alone. First the sentence that a
//! reader needs, then when and with whom it was, every contact in a table that sorts, filters and opens, what the machine
//! looks like, what could be read in the clear, and what could not be told.
//!
//! Names come from the wire. Markup is made by `maud`, which escapes whatever is no markup by its type; what cannot be
//! seen is made visible in one pass over the finished page (`html/page.rs`), so no section can forget either.
//!
//! Each list has a number of bytes that it may take, unless all is asked for; what does not fit is counted.
//! Leaves out: JA3 of contacts where there is JA4, fingerprints of machines other than the first (unless all is asked for), and
//! their time line; JSON has them.

mod account;
pub mod baseline;
pub mod check;
mod contacts;
mod details;
pub mod diff;
mod fingerprints;
mod flows;
mod http;
mod list;
mod machine;
mod owners;
mod page;
mod phases;
mod summary;
mod timeline;
mod tools;

use std::io;

use firstlight_model::report::Report;

use crate::units;
use crate::{Length, Style};
use page::Page;

/// Bytes that all sections may take, unless all is asked for: with style and script the page is below 5 MB.
const BYTES: usize = 4_900_000;

/// Writes the page.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(render(report, style).as_bytes())
}

/// The page as text.
pub fn render(report: &Report, style: &Style) -> String {
    let view = View { report, style };
    let before = [timeline::section(view), flows::section(view), phases::section(view)];
    let after = [
        machine::section(view),
        fingerprints::section(view),
        http::section(view),
        account::anomalies(view),
        account::unnamed(view),
        account::coverage(view),
        machine::others(view),
        account::files(view),
    ];
    // The contacts get what the rest leaves.
    let used: usize = before.iter().chain(&after).flatten().map(|section| section.body.0.len()).sum();
    let contacts = contacts::section(view, BYTES.saturating_sub(used));
    let sections = before.into_iter().chain([contacts]).chain(after).flatten().collect();
    page::render(&Page { title: summary::title(view), head: summary::head(view), sections })
}

/// The report and how it is to look; what all sections share.
#[derive(Clone, Copy)]
struct View<'a> {
    report: &'a Report,
    style: &'a Style,
}

impl View<'_> {
    fn size(self, bytes: u64) -> String {
        units::size(bytes, self.style.figures)
    }

    /// How many of `len` things are shown when `limit` fit.
    fn shown(self, len: usize, limit: usize) -> usize {
        if self.style.length == Length::All { len } else { len.min(limit) }
    }
}

#[cfg(test)]
mod tests;
