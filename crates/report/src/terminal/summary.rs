//! What fits a glance: one or two sentences, then the figures.

use firstlight_model::report::{Contact, Machine, Scope, Summary};

use super::page::{Page, Paint, Text};
use super::{View, contacts, more, path_words};
use crate::units::{count, duration_s, plural, share, total};

/// Columns left of the figures.
const INDENT: usize = 2;
/// Columns between them.
const GAP: usize = 3;

pub(super) fn write(view: View<'_>, page: &mut Page) {
    title(view, page);
    let Some(machine) = view.report.machines.first() else {
        page.blank();
        let text = "No machine can be told apart: no packet of the capture carries an address that speaks.";
        page.flow(0, &Text::plain(text));
        return;
    };
    let Some(summary) = view.report.summary.iter().find(|s| s.machine == machine.id) else { return };
    page.blank();
    page.flow(0, &sentence(view, machine, summary));
    page.blank();
    figures(view, page, summary);
}

fn title(view: View<'_>, page: &mut Page) {
    let mut title = Text::of(Paint::Strong, "Firstlight report");
    let captures = &view.report.captures;
    let shown = view.shown(captures.len(), 4);
    for (i, capture) in captures.iter().take(shown).enumerate() {
        title.push(Paint::Plain, if i == 0 { " on " } else { ", " });
        title.push(Paint::Plain, path_words(&capture.path));
    }
    page.flow(0, &title);
    more(page, 0, captures.len().saturating_sub(shown), " files");
}

/// What the machine is, how much it said, and with whom.
pub(super) fn sentence(view: View<'_>, machine: &Machine, summary: &Summary) -> Text {
    let mut text = Text::of(Paint::Strong, &who(machine));
    text.push(
        Paint::Plain,
        &format!(
            " exchanged {} ({}) in {}",
            plural(summary.packets, "packet", "packets"),
            view.size(summary.wire_bytes),
            duration_s(summary.duration_s),
        ),
    );
    let phases = &view.report.phases;
    let names: Vec<&str> = phases.iter().map(|p| p.name.as_str()).collect();
    match names.len() {
        0 | 1 => {}
        2..=5 => text.push(Paint::Plain, &format!(" ({})", names.join(", "))),
        many => text.push(Paint::Plain, &format!(" ({many} phases)")),
    }
    text.push(Paint::Plain, ". ");
    let far: Vec<&Contact> =
        view.report.contacts.iter().filter(|c| c.machine == machine.id && c.scope == Scope::Internet).collect();
    let wire = |contacts: &[&Contact]| total(contacts.iter().map(|c| c.wire_in.saturating_add(c.wire_out)));
    let all = wire(&far);
    let (own, rest): (Vec<&Contact>, Vec<&Contact>) = far.iter().partition(|c| c.knowledge.vendor_own == Some(true));
    let Some(own_share) = share(wire(&own), all) else {
        text.push(Paint::Plain, "It had no contact beyond the local network.");
        return text;
    };
    text.push(Paint::Plain, &format!("Beyond the local network went {}", view.size(all)));
    if machine.os.family.is_none() {
        text.push(Paint::Plain, "; whose system it runs is unknown, so nothing is called its vendor's own. ");
        return text;
    }
    let (known, unknown): (Vec<&Contact>, Vec<&Contact>) = rest.iter().partition(|c| c.knowledge.owner.is_some());
    text.push(Paint::Plain, ": ");
    if own.is_empty() {
        text.push(Paint::Plain, "nothing with the vendor's own systems");
    } else {
        text.push(Paint::Own, &format!("{own_share} with {}", contacts::own_name(&own)));
    }
    let mut others = std::collections::BTreeSet::new();
    others.extend(known.iter().filter_map(|c| c.knowledge.owner.as_deref()));
    if let Some(part) = share(wire(&known), all).filter(|_| !known.is_empty()) {
        let owners = plural(others.len() as u64, "other", "others");
        text.push(Paint::Plain, ", ");
        text.push(Paint::Other, &format!("{part} with {owners}"));
    }
    if let Some(part) = share(wire(&unknown), all).filter(|_| !unknown.is_empty()) {
        text.push(Paint::Plain, &format!(", {part} with somebody unknown"));
    }
    text.push(Paint::Plain, ".");
    text
}

/// `macOS 10.15 at 192.168.1.20`, or as much of it as is known.
fn who(machine: &Machine) -> String {
    let address = machine.addresses.first().map(ToString::to_string);
    let at = address.as_deref().unwrap_or(&machine.id);
    match machine.os.family {
        Some(_) => format!("{} at {at}", machine.os.verdict),
        None => format!("The machine at {at}"),
    }
}

/// The figures in three columns, or two where three do not fit.
fn figures(view: View<'_>, page: &mut Page, summary: &Summary) {
    let cells = [
        ("duration", duration_s(summary.duration_s)),
        ("packets", count(summary.packets)),
        ("on the wire", view.size(summary.wire_bytes)),
        ("hosts", count(summary.hosts_v4.saturating_add(summary.hosts_v6))),
        ("IPv4 hosts", count(summary.hosts_v4)),
        ("IPv6 hosts", count(summary.hosts_v6)),
        ("DNS requests", count(summary.dns_queries)),
        ("TCP connections", count(summary.tcp_connections)),
        ("UDP connections", count(summary.udp_connections)),
        ("DNS names", count(summary.dns_names)),
        ("other exchanges", count(summary.other_connections)),
    ];
    let fits = |columns: &usize| INDENT + widths(&cells, *columns).iter().sum::<usize>() <= page.width() + GAP;
    let columns = (1..=3).rev().find(fits).unwrap_or(1);
    let widths = widths(&cells, columns);
    for row in cells.chunks(columns) {
        let mut line = Text::default();
        let mut start = INDENT;
        for (column, ((label, value), width)) in row.iter().zip(&widths).enumerate() {
            line.pad(start);
            line.push(Paint::Faint, label);
            line.pad(start + label_width(&cells, columns, column) + 2);
            line.push(Paint::Strong, value);
            start += width;
        }
        page.line(&line);
    }
}

fn in_column<'a>(
    cells: &'a [(&str, String)],
    columns: usize,
    column: usize,
) -> impl Iterator<Item = &'a (&'a str, String)> {
    cells.iter().skip(column).step_by(columns)
}

fn label_width(cells: &[(&str, String)], columns: usize, column: usize) -> usize {
    in_column(cells, columns, column).map(|(label, _)| label.len()).max().unwrap_or(0)
}

/// Of each column with the gap after it.
fn widths(cells: &[(&str, String)], columns: usize) -> Vec<usize> {
    let value_width = |column| in_column(cells, columns, column).map(|(_, value)| value.len()).max().unwrap_or(0);
    (0..columns).map(|column| label_width(cells, columns, column) + 2 + value_width(column) + GAP).collect()
}
