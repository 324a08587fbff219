//! Where it all comes from: each file with its format, its comments, what was dropped and where reading stopped.

use firstlight_model::CaptureInfo;

use super::page::{Page, Paint, Text};
use super::{View, more, path_words};
use crate::units::{Figures, count, duration, moment, plural, size};

pub(super) fn write(view: View<'_>, page: &mut Page) {
    let captures = &view.report.captures;
    page.heading(if captures.len() == 1 { "File" } else { "Files" });
    // A file that could not be read to its end is never among those left out.
    let shown = view.shown(captures.len(), 6);
    let mut left_out = 0;
    for (i, capture) in captures.iter().enumerate() {
        if i < shown || capture.stopped.is_some() {
            file(view, page, capture);
        } else {
            left_out += 1;
        }
    }
    more(page, 2, left_out, " files");
}

fn file(view: View<'_>, page: &mut Page, capture: &CaptureInfo) {
    page.line(&Text::plain("  ").and(Paint::Strong, path_words(&capture.path)));
    page.flow(4, &Text::plain(&facts(view, capture)));
    if let (Some(first), Some(last)) = (capture.first, capture.last) {
        page.flow(4, &Text::plain(&format!("{}, {}", moment(first), duration(last.since_ns(first)))));
    }
    rest(view, page, capture);
}

/// Format, link types, packets and sizes.
pub(super) fn facts(view: View<'_>, capture: &CaptureInfo) -> String {
    let links: Vec<String> = capture
        .link_types
        .iter()
        .map(|l| l.name().map_or_else(|| format!("link type {}", l.0), str::to_owned))
        .collect();
    let mut facts = vec![capture.format.clone()];
    facts.extend(links);
    facts.push(plural(capture.packets, "packet", "packets"));
    facts.push(if capture.captured_bytes == capture.original_bytes {
        view.size(capture.captured_bytes)
    } else {
        let sizes = [capture.captured_bytes, capture.original_bytes];
        let [captured, original] = sizes.map(|bytes| view.size(bytes));
        // Where rounding hides that something is missing, all digits show it.
        let exact = captured == original;
        let [captured, original] = if exact { sizes.map(|b| size(b, Figures::Exact)) } else { [captured, original] };
        format!("{captured} captured of {original}")
    });
    if let Some(snap_len) = capture.snap_len.filter(|_| capture.captured_bytes < capture.original_bytes || view.all()) {
        facts.push(format!("packets cut at {} bytes", count(u64::from(snap_len))));
    }
    facts.join(", ")
}

fn rest(view: View<'_>, page: &mut Page, capture: &CaptureInfo) {
    if !capture.sha256.is_empty() {
        page.flow(4, &Text::of(Paint::Faint, &format!("SHA-256 {}", capture.sha256)));
    }
    match capture.drops {
        Some(0) if view.all() => page.flow(4, &Text::plain("no packet dropped while capturing")),
        Some(drops) if drops > 0 => {
            let text = format!("{} dropped while capturing", plural(drops, "packet was", "packets were"));
            page.flow(4, &Text::of(Paint::Bad, &text));
        }
        _ => {}
    }
    if capture.out_of_order > 0 {
        let text = format!("{} earlier than the one before", plural(capture.out_of_order, "packet is", "packets are"));
        page.flow(4, &Text::plain(&text));
    }
    if let Some(stopped) = &capture.stopped {
        let text = format!("read up to byte {}: {}", count(stopped.byte), stopped.why);
        page.flow(4, &Text::of(Paint::Bad, &text));
    }
    let shown = view.shown(capture.comments.len(), 5);
    for comment in capture.comments.iter().take(shown) {
        let at = comment.frame.map_or_else(|| "comment".to_owned(), |at| format!("frame {}", at.number));
        page.hang(Text::plain("    ").and(Paint::Faint, &at).and(Paint::Plain, "  "), 6, &Text::plain(&comment.text));
    }
    more(page, 4, capture.comments.len() - shown, " comments");
    if capture.comments_left_out > 0 {
        let text = format!("{} beyond what is kept", plural(capture.comments_left_out, "comment", "comments"));
        page.flow(4, &Text::of(Paint::Faint, &text));
    }
}
