//! The machine: what it runs and why we think so, its addresses and names; and the other machines in a table.

use firstlight_model::report::{Aspect, Machine};

use unicode_width::UnicodeWidthStr;

use super::page::{Page, Paint, Text};
use super::{View, more, source_word};
use crate::escape::visible;
use crate::units::count;

/// Column at which the values begin.
const VALUES: usize = 12;

pub(super) fn write(view: View<'_>, page: &mut Page, machine: &Machine) {
    page.heading(if view.report.machines.len() > 1 && view.all() { &machine.id } else { "Machine" });
    let label = |label: &str| Text::plain("  ").and(Paint::Faint, label);
    let mut system = Text::of(Paint::Strong, &machine.os.verdict);
    if machine.os.family.is_some() {
        system.push(Paint::Plain, &format!(", {} confidence", machine.os.confidence.word()));
    }
    page.hang(label("system"), VALUES, &system);
    let shown = view.shown(machine.os.reasons.len(), 4);
    for (reason, evidence) in machine.os.reasons.iter().take(shown) {
        let mut text = Text::plain(reason);
        if let Some(evidence) = evidence {
            text.push(Paint::Faint, &format!(" ({})", view.place(evidence.at)));
        }
        page.hang(Text::plain(&" ".repeat(VALUES)).and(Paint::Faint, "· "), VALUES + 2, &text);
    }
    more(page, VALUES, machine.os.reasons.len() - shown, " reasons");
    let device = device(machine);
    if !device.is_empty() {
        page.hang(label("device"), VALUES, &Text::plain(&device));
    }
    for contradiction in &machine.identity.contradictions {
        page.hang(label("but"), VALUES, &Text::of(Paint::Strong, &contradiction.text));
    }
    let shown = view.shown(machine.addresses.len(), 6);
    let mut addresses: Vec<String> = machine.addresses.iter().take(shown).map(ToString::to_string).collect();
    if shown < machine.addresses.len() {
        addresses.push(format!("… and {} more (--all)", machine.addresses.len() - shown));
    }
    if !addresses.is_empty() {
        page.hang(label("address"), VALUES, &Text::plain(&addresses.join(", ")));
    }
    if let Some(mac) = machine.mac {
        let mut text = Text::plain(&mac.to_string());
        text.push(Paint::Plain, &format!(", {}", machine.mac_vendor.as_deref().unwrap_or("maker unknown")));
        page.hang(label("MAC"), VALUES, &text);
    }
    other_macs(view, page, machine);
    let shown = view.shown(machine.names.len(), 6);
    let mut names = Text::default();
    for (i, name) in machine.names.iter().take(shown).enumerate() {
        names.push(Paint::Plain, if i == 0 { "" } else { ", " });
        names.push(Paint::Strong, &name.value);
        names.push(Paint::Faint, &format!(" ({})", source_word(&name.source)));
    }
    if shown < machine.names.len() {
        names.push(Paint::Faint, &format!(", … and {} more (--all)", machine.names.len() - shown));
    }
    if names.is_empty() {
        names.push(Paint::Faint, "not said");
    }
    page.hang(label("host name"), VALUES, &names);
    if !machine.why.is_empty() {
        page.hang(label("chosen"), VALUES, &Text::plain(&machine.why));
    }
}

/// The link addresses that are its too, and why.
pub(super) fn other_macs(view: View<'_>, page: &mut Page, machine: &Machine) {
    let shown = view.shown(machine.other_macs.len(), 4);
    for other in machine.other_macs.iter().take(shown) {
        let mut text = Text::plain(&format!("{}, {}; {}", other.mac, other.vendor, other.why));
        text.push(Paint::Faint, &format!(" ({})", view.place(other.evidence.at)));
        page.hang(Text::plain("  ").and(Paint::Faint, "also"), VALUES, &text);
    }
    more(page, VALUES, machine.other_macs.len() - shown, " MAC addresses");
}

/// Kind, maker, model and machine monitor, as far as they are known.
pub(super) fn device(machine: &Machine) -> String {
    let identity = &machine.identity;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(identity.value(Aspect::Kind).map(str::to_owned));
    parts.extend(identity.value(Aspect::Maker).map(|maker| format!("by {maker}")));
    parts.extend(identity.value(Aspect::Model).map(|model| format!("model {model}")));
    parts.extend(identity.value(Aspect::Virtual).map(|monitor| format!("a virtual machine ({monitor})")));
    parts.join(", ")
}

/// The machines whose diary is not told.
pub(super) fn write_others(view: View<'_>, page: &mut Page, machines: &[Machine]) {
    if machines.is_empty() {
        return;
    }
    page.heading("Other machines");
    page.flow(2, &Text::of(Paint::Faint, "Their diary: --machine ADDRESS, or --all for everybody's."));
    let shown = view.shown(machines.len(), 8);
    let rows: Vec<(String, String)> = machines
        .iter()
        .take(shown)
        .map(|m| (m.addresses.first().map_or_else(|| m.id.clone(), ToString::to_string), describe(m)))
        .collect();
    let size_width = machines.iter().take(shown).map(|m| view.size(m.wire_bytes).len()).max().unwrap_or(0).max(8);
    let id_width = rows.iter().map(|(id, _)| id.len()).max().unwrap_or(0).max(15);
    let widest = rows.iter().map(|(_, what)| what.width()).max().unwrap_or(0);
    // Where one description does not fit beside its row, all stand below.
    let beside = 2 + id_width + 10 + 8 + 2 + size_width + 2 + widest <= page.width();
    for ((id, what), machine) in rows.iter().zip(machines) {
        let mut line = Text::plain("  ").and(Paint::Plain, id);
        line.right(2 + id_width + 10, Paint::Plain, &count(machine.packets));
        line.push(Paint::Faint, " packets");
        line.right(2 + id_width + 10 + 8 + 2 + size_width, Paint::Plain, &view.size(machine.wire_bytes));
        let column = line.width() + 2;
        if beside {
            page.hang(line, column, &Text::plain(what));
        } else {
            page.line(&line);
            page.flow(4, &Text::plain(what));
        }
    }
    more(page, 2, machines.len() - shown, "");
}

/// System, name, maker: what there is.
pub(super) fn describe(machine: &Machine) -> String {
    let mut parts = Vec::new();
    if machine.os.family.is_some() {
        parts.push(machine.os.verdict.as_str());
    }
    parts.extend(machine.names.first().map(|n| n.value.as_str()));
    parts.extend(machine.mac_vendor.as_deref());
    visible(&parts.join(", ")).into_owned()
}
