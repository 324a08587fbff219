//! Requests that went over the wire in clear text: what anybody on the way could read, the most telling first.

use firstlight_model::report::{HttpExchange, Machine};

use super::page::{Page, Paint, Text, fit};
use super::{View, more};
use crate::units::{count, plural, total};

/// Rows before the rest is counted.
const ROWS: usize = 16;

pub(super) fn write(view: View<'_>, page: &mut Page, machine: &Machine) {
    let mut exchanges: Vec<&HttpExchange> = view.report.http.iter().filter(|h| h.machine == machine.id).collect();
    if exchanges.is_empty() {
        return;
    }
    page.heading("HTTP in the clear");
    let requests = plural(total(exchanges.iter().map(|h| h.count)), "request", "requests");
    let order = if exchanges.len() > 1 { "; the most telling first" } else { "" };
    page.flow(2, &Text::of(Paint::Faint, &format!("{requests}, which anybody on the way could read{order}.")));
    exchanges.sort_by_key(|h| std::cmp::Reverse(h.significance));
    let shown = view.shown(exchanges.len(), ROWS);
    let (told, left_out) = exchanges.split_at(shown);
    let table = Table {
        times: told.iter().map(|h| count(h.count).len()).max().unwrap_or(0).max(5),
        size: told.iter().map(|h| view.size(h.bytes_in).len()).max().unwrap_or(0).max(8),
    };
    table.header(page);
    // Requests that differ in nothing but path and phase share what is said of them; the first decides where they stand.
    let mut groups: Vec<Vec<&HttpExchange>> = Vec::new();
    for exchange in told {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| alike(first, exchange))) {
            Some(group) => group.push(exchange),
            None => groups.push(vec![exchange]),
        }
    }
    for group in &mut groups {
        group.sort_by_key(|h| view.report.phases.iter().position(|p| p.name == h.phase));
        for exchange in &*group {
            table.row(view, page, exchange);
        }
        page.flow(table.column(), &details(view, group));
    }
    let left = plural(total(left_out.iter().map(|h| h.count)), "request", "requests");
    more(page, 2, left_out.len(), &format!(" kinds, {left}"));
}

/// Widths of the columns.
struct Table {
    times: usize,
    size: usize,
}

impl Table {
    /// Where requests begin.
    const fn column(&self) -> usize {
        2 + self.times + 2 + self.size + 2
    }

    fn header(&self, page: &mut Page) {
        let mut header = Text::plain("  ");
        header.right(2 + self.times, Paint::Faint, "times");
        header.right(self.column() - 2, Paint::Faint, "received");
        header.push(Paint::Faint, "  request");
        page.line(&header);
    }

    fn row(&self, view: View<'_>, page: &mut Page, http: &HttpExchange) {
        let mut line = Text::plain("  ");
        line.right(2 + self.times, Paint::Plain, &count(http.count));
        line.right(self.column() - 2, Paint::Plain, &view.size(http.bytes_in));
        line.push(Paint::Plain, &format!("  {} ", http.method.as_deref().unwrap_or("?")));
        let url = format!("{}{}", http.host.as_deref().unwrap_or("(no host)"), http.path.as_deref().unwrap_or(""));
        let room = page.width().saturating_sub(line.width()).max(20);
        line.push(Paint::Strong, &if view.all() { url } else { fit(&url, room) });
        page.line(&line);
    }
}

/// True when the same is to be said of both.
fn alike(a: &HttpExchange, b: &HttpExchange) -> bool {
    let said = |h: &HttpExchange| (h.status, h.bytes_out);
    let texts = |h: &HttpExchange| {
        [&h.host, &h.method, &h.purpose, &h.remark, &h.content_type, &h.user_agent].map(|text| text.clone())
    };
    said(a) == said(b) && texts(a) == texts(b)
}

fn details(view: View<'_>, group: &[&HttpExchange]) -> Text {
    let mut details = Text::default();
    let Some(http) = group.first() else { return details };
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
        let mut phases: Vec<&str> = group.iter().map(|h| h.phase.as_str()).collect();
        phases.dedup();
        say(Paint::Faint, &format!("in {}", phases.join(", ")));
    }
    if let Some(first) = http.evidence.first() {
        let first = view.place(first.at);
        say(Paint::Faint, &if group.len() > 1 { format!("first in {first}") } else { first });
    }
    details
}
