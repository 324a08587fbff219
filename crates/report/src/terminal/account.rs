//! What could not be told and what was odd: connections without a name by reason, anomalies, and how much of the
//! traffic is accounted for.

use firstlight_model::report::Anomaly;

use super::page::{Page, Paint, Text};
use super::{View, more};
use crate::units::{count, plural, share};

pub(super) fn write(view: View<'_>, page: &mut Page) {
    unnamed(view, page);
    anomalies(view, page);
    coverage(view, page);
}

fn unnamed(view: View<'_>, page: &mut Page) {
    let list = &view.report.unnamed;
    if list.is_empty() {
        return;
    }
    page.heading("Without a name");
    let times_width = list.iter().map(|u| count(u.connections).len()).max().unwrap_or(0).max(5);
    let size_width = list.iter().map(|u| view.size(u.bytes).len()).max().unwrap_or(0).max(8);
    let column = 2 + times_width + 2 + size_width;
    let mut header = Text::plain("  ");
    header.right(2 + times_width, Paint::Faint, "times");
    header.right(column, Paint::Faint, "on wire");
    header.push(Paint::Faint, "  because");
    page.line(&header);
    for unnamed in list {
        let mut line = Text::plain("  ");
        line.right(2 + times_width, Paint::Plain, &count(unnamed.connections));
        line.right(column, Paint::Plain, &view.size(unnamed.bytes));
        let text = if unnamed.text.is_empty() { unnamed.reason } else { unnamed.text };
        page.hang(line, column + 2, &Text::plain(text));
    }
}

fn anomalies(view: View<'_>, page: &mut Page) {
    let list = &view.report.anomalies;
    if list.is_empty() {
        return;
    }
    page.heading("Odd on the wire or in the file");
    let mut sorted: Vec<&Anomaly> = list.iter().collect();
    sorted.sort_by_key(|a| std::cmp::Reverse(a.count));
    let shown = view.shown(sorted.len(), 10);
    let width = sorted.iter().take(shown).map(|a| count(a.count).len()).max().unwrap_or(0).max(5);
    for anomaly in sorted.iter().take(shown) {
        let mut line = Text::plain("  ");
        line.right(2 + width, Paint::Plain, &count(anomaly.count));
        let mut text = Text::plain(if anomaly.text.is_empty() { &anomaly.kind } else { &anomaly.text });
        let places = view.shown(anomaly.frames.len(), 3);
        let frames: Vec<String> = anomaly.frames.iter().take(places).map(|at| view.place(*at)).collect();
        if !frames.is_empty() {
            let more = if anomaly.count > frames.len() as u64 { ", …" } else { "" };
            text.push(Paint::Faint, &format!(" ({}{more})", frames.join(", ")));
        }
        page.hang(line, 2 + width + 2, &text);
    }
    more(page, 2, sorted.len() - shown, " kinds");
}

fn coverage(view: View<'_>, page: &mut Page) {
    let c = &view.report.coverage;
    if c.connections_total == 0 {
        return;
    }
    page.heading("How much of it is accounted for");
    let connections =
        format!("{} of {}", count(c.connections_named), plural(c.connections_total, "connection", "connections"));
    let of_bytes = |part: u64| format!("{} of {}", view.size(part), view.size(c.bytes_total));
    for (label, part, whole, figures) in [
        ("connections named", c.connections_named, c.connections_total, connections),
        ("bytes named", c.bytes_named, c.bytes_total, of_bytes(c.bytes_named)),
        ("bytes of known owners", c.bytes_owned, c.bytes_total, of_bytes(c.bytes_owned)),
        ("bytes of known purpose", c.bytes_with_purpose, c.bytes_total, of_bytes(c.bytes_with_purpose)),
    ] {
        let Some(share) = share(part, whole) else { continue };
        let mut line = Text::plain("  ").and(Paint::Faint, label);
        line.right(32, Paint::Strong, &share);
        line.push(Paint::Plain, "  ");
        line.push(Paint::Plain, &figures);
        page.line(&line);
    }
}
