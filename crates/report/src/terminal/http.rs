//! Requests that went over the wire in clear text: what anybody on the way could read, the most telling first.

use firstlight_model::report::{HttpExchange, Machine};

use super::page::{Page, Paint, Text, fit};
use super::{View, more};
use crate::units::{count, plural, total};

pub(super) fn write(view: View<'_>, page: &mut Page, machine: &Machine) {
    let mut exchanges: Vec<&HttpExchange> = view.report.http.iter().filter(|h| h.machine == machine.id).collect();
    if exchanges.is_empty() {
        return;
    }
    page.heading("HTTP in the clear");
    let requests = total(exchanges.iter().map(|h| h.count));
    let lead = format!(
        "{}, which anybody on the way could read; the most telling first.",
        plural(requests, "request", "requests")
    );
    page.flow(2, &Text::of(Paint::Faint, &lead));
    exchanges.sort_by_key(|h| std::cmp::Reverse(h.significance));
    let shown = view.shown(exchanges.len(), 12);
    let size_width = exchanges.iter().take(shown).map(|h| view.size(h.bytes_in).len()).max().unwrap_or(0).max(8);
    let times_width = exchanges.iter().take(shown).map(|h| count(h.count).len()).max().unwrap_or(0).max(5);
    let mut header = Text::plain("  ");
    header.right(2 + times_width, Paint::Faint, "times");
    header.right(2 + times_width + 2 + size_width, Paint::Faint, "received");
    header.push(Paint::Faint, "  request");
    page.line(&header);
    for exchange in exchanges.iter().take(shown) {
        row(view, page, exchange, times_width, size_width);
    }
    let left = total(exchanges.iter().skip(shown).map(|h| h.count));
    more(page, 2, exchanges.len() - shown, &format!(" kinds, {}", plural(left, "request", "requests")));
}

fn row(view: View<'_>, page: &mut Page, http: &HttpExchange, times_width: usize, size_width: usize) {
    let mut line = Text::plain("  ");
    line.right(2 + times_width, Paint::Plain, &count(http.count));
    let column = 2 + times_width + 2 + size_width;
    line.right(column, Paint::Plain, &view.size(http.bytes_in));
    line.push(Paint::Plain, &format!("  {} ", http.method.as_deref().unwrap_or("?")));
    let url = format!("{}{}", http.host.as_deref().unwrap_or("(no host)"), http.path.as_deref().unwrap_or(""));
    let room = page.width().saturating_sub(line.width()).max(20);
    line.push(Paint::Strong, &if view.all() { url } else { fit(&url, room) });
    page.line(&line);
    let mut details = Text::default();
    let mut say = |paint, what: &str| {
        if !details.is_empty() {
            details.push(Paint::Faint, " · ");
        }
        details.push(paint, what);
    };
    if let Some(purpose) = &http.purpose {
        say(Paint::Plain, purpose);
    }
    if let Some(remark) = &http.remark {
        say(Paint::Plain, remark);
    }
    match http.status {
        Some(status) if status >= 400 => say(Paint::Bad, &format!("answer {status}")),
        Some(status) => say(Paint::Faint, &format!("answer {status}")),
        None => say(Paint::Bad, "no answer seen"),
    }
    if let Some(kind) = &http.content_type {
        say(Paint::Faint, kind);
    }
    if http.bytes_out > 0 {
        say(Paint::Faint, &format!("{} sent", view.size(http.bytes_out)));
    }
    if let Some(agent) = &http.user_agent {
        say(Paint::Faint, &if view.all() { agent.clone() } else { fit(agent, 60) });
    }
    if view.report.phases.len() > 1 {
        say(Paint::Faint, &format!("in {}", http.phase));
    }
    if let Some(first) = http.evidence.first() {
        say(Paint::Faint, &view.place(first.at));
    }
    page.flow(column + 2, &details);
}
