//! Contacts of one phase as tables: the vendor's own, others' by owner, those whose owner is unknown; and the local
//! network in short. What does not fit a column stands below its row, or beside it where the page is wide.

use std::collections::{BTreeMap, BTreeSet};

use firstlight_model::report::{Confidence, Contact, Initiator, Scope};
use unicode_width::UnicodeWidthStr;

use super::page::{Page, Paint, Text, fit};
use super::{View, more, source_word};
use crate::escape::visible;
use crate::units::{count, plural, total};

/// Columns shared by all tables of a machine, so that the eye can run down the page.
#[derive(Debug)]
pub(super) struct Layout {
    name: usize,
    service: usize,
    connections: usize,
    sent: usize,
    received: usize,
    bar: usize,
    /// Column of the details where they stand beside the row.
    beside: Option<usize>,
}

/// Column at which names begin; before it stands the mark of what is new.
const NAME: usize = 4;
/// Rows of a group before the rest is counted. What is telling is often small (one query for the time, one certificate
/// checked), so the usual phase is shown whole.
const FAR_ROWS: usize = 40;
/// Likewise, of those without an owner.
const UNKNOWN_ROWS: usize = 16;
/// Likewise, of the local network.
const NEAR_ROWS: usize = 10;
/// Least room for details beside a row.
const BESIDE: usize = 40;

impl Layout {
    /// Widths that fit the contacts and the page. Names get what the figures leave.
    pub(super) fn of(view: View<'_>, page_width: usize, contacts: &[&Contact]) -> Self {
        let widest =
            |of: &dyn Fn(&Contact) -> usize, least: usize| contacts.iter().map(|c| of(c)).max().unwrap_or(0).max(least);
        let mut layout = Self {
            name: widest(&|c| visible(&label(c)).width(), 20),
            service: widest(&|c| service(c).width(), 7).min(14),
            connections: widest(&|c| count(c.connections).len(), 5),
            sent: widest(&|c| view.size(c.payload_out).len(), 7),
            received: widest(&|c| view.size(c.payload_in).len(), 8),
            bar: if page_width >= 78 { 6 } else { 0 },
            beside: None,
        };
        let room = page_width.saturating_sub(layout.end() - layout.name);
        if room >= BESIDE + 2 + 30 {
            layout.name = layout.name.min((room - BESIDE - 2).min(48));
            layout.beside = Some(layout.end() + 2);
        } else {
            layout.name = layout.name.min(room.max(16));
        }
        layout
    }

    /// Column at which the bar ends.
    const fn end(&self) -> usize {
        let bar = if self.bar > 0 { self.bar + 1 } else { 0 };
        self.received_end() + bar
    }

    const fn received_end(&self) -> usize {
        NAME + self.name + 2 + self.service + 1 + self.connections + 2 + self.sent + 2 + self.received
    }

    /// The names of the columns, once a phase.
    pub(super) fn header(&self, page: &mut Page) {
        let mut line = Text::default();
        self.figures(&mut line, Paint::Faint, ["times", "sent", "received"]);
        page.line(&line);
        page.no_gap();
    }

    /// A group's title, how many there are of it where there is room to say so, and its totals in the columns.
    fn group(&self, view: View<'_>, page: &mut Page, title: Text, peers: &str, contacts: &[&Contact]) {
        let (connections, sent, received) = totals(contacts);
        let figures = [count(connections), view.size(sent), view.size(received)];
        let mut line = Text::plain("  ");
        line.append(title);
        let long = line.clone().and(Paint::Faint, &format!(" · {peers}"));
        let room = self.received_end() - self.received - self.sent - 4 - count(connections).len();
        if !peers.is_empty() && long.width() < room {
            line = long;
        }
        self.figures(&mut line, Paint::Faint, figures.each_ref().map(String::as_str));
        page.line(&line);
    }

    fn figures(&self, line: &mut Text, paint: Paint, [connections, sent, received]: [&str; 3]) {
        let sent_end = self.received_end() - self.received - 2;
        let connections_end = sent_end - self.sent - 2;
        if line.width() + 1 + connections.len() > connections_end {
            line.push(Paint::Plain, " ");
        }
        line.right(connections_end, paint, connections);
        line.right(sent_end, paint, sent);
        line.right(self.received_end(), paint, received);
    }

    fn row(&self, view: View<'_>, row: &Row<'_>) -> Text {
        let mut line = if row.new { Text::plain("  ").and(Paint::New, "+ ") } else { Text::plain("    ") };
        let shown = if view.all() { visible(row.label).into_owned() } else { fit(row.label, self.name) };
        line.push(Paint::Strong, &shown);
        line.pad(NAME + self.name);
        line.push(Paint::Plain, "  ");
        line.push(Paint::Plain, &fit(&row.service, self.service));
        let figures = [&count(row.connections), &view.size(row.sent), &view.size(row.received)];
        self.figures(&mut line, Paint::Plain, figures.map(String::as_str));
        if self.bar > 0 {
            line.push(Paint::Bar, &format!(" {}", bar(row.sent.saturating_add(row.received), row.scale, self.bar)));
        }
        line
    }

    /// The row with its details beside or below it.
    fn write(&self, view: View<'_>, page: &mut Page, row: &Row<'_>, details: &Text) {
        let line = self.row(view, row);
        match self.beside {
            _ if details.is_empty() => page.line(&line),
            Some(column) if line.width() < column => page.hang(line, column, details),
            _ => {
                page.line(&line);
                page.flow(NAME + 2, details);
            }
        }
    }
}

/// One row of a table.
struct Row<'a> {
    new: bool,
    label: &'a str,
    service: String,
    connections: u64,
    sent: u64,
    received: u64,
    /// Payload for which the bar is full.
    scale: u64,
}

/// Tables of what lies beyond the local network.
pub(super) fn write_far(view: View<'_>, page: &mut Page, layout: &Layout, far: &[&Contact], marks: Marks) {
    let scale = far.iter().map(|c| payload(c)).max().unwrap_or(0);
    let (own, rest): (Vec<&Contact>, Vec<&Contact>) = far.iter().partition(|c| c.knowledge.vendor_own == Some(true));
    let (owned, unknown): (Vec<&Contact>, Vec<&Contact>) = rest.iter().partition(|c| c.knowledge.owner.is_some());
    let others = if owned.iter().any(|c| c.knowledge.vendor_own.is_some()) { "Others" } else { "By owner" };
    let groups = [
        (Paint::Own, own_name(&own), own, FAR_ROWS),
        (Paint::Other, others.to_owned(), owned, FAR_ROWS),
        (Paint::Bad, "Owner unknown".to_owned(), unknown, UNKNOWN_ROWS),
    ];
    for (paint, title, contacts, limit) in groups {
        if contacts.is_empty() {
            continue;
        }
        page.gap();
        layout.group(view, page, Text::of(paint, &title), &peers(&contacts), &contacts);
        let sorted = by_owner(contacts);
        let shown = view.shown(sorted.len(), limit);
        let mut before: Option<&Contact> = None;
        for contact in sorted.iter().take(shown) {
            let label = label(contact);
            let row = Row {
                new: marks == Marks::New && contact.new_in_phase,
                label: &label,
                service: service(contact),
                connections: contact.connections,
                sent: contact.payload_out,
                received: contact.payload_in,
                scale,
            };
            layout.write(view, page, &row, &details(view, contact, before));
            before = Some(contact);
        }
        let left: Vec<&Contact> = sorted.iter().skip(shown).copied().collect();
        more(page, NAME, left.len(), &format!(", {}", left_out(view, &left)));
    }
}

/// Whether names that no earlier phase had are marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marks {
    /// They are.
    New,
    /// There is no earlier phase.
    None,
}

/// The local network: contacts that are alike in what they are and in service are added up.
pub(super) fn write_near(view: View<'_>, page: &mut Page, layout: &Layout, near: &[&Contact]) {
    if near.is_empty() {
        return;
    }
    page.gap();
    layout.group(view, page, Text::of(Paint::Heading, "Local network"), "", near);
    let mut sums: BTreeMap<(String, String), (Row<'_>, Vec<&Contact>)> = BTreeMap::new();
    for contact in near {
        let key = (near_label(view, contact), service(contact));
        let (row, contacts) = sums.entry(key).or_insert_with_key(|(_, service)| {
            let service = service.clone();
            (Row { new: false, label: "", service, connections: 0, sent: 0, received: 0, scale: 0 }, Vec::new())
        });
        add(&mut row.connections, contact.connections);
        add(&mut row.sent, contact.payload_out);
        add(&mut row.received, contact.payload_in);
        contacts.push(contact);
    }
    let mut rows: Vec<_> = sums.iter().collect();
    rows.sort_by_key(|((label, _), (row, _))| (std::cmp::Reverse(row.connections), label.as_str()));
    let shown = view.shown(rows.len(), NEAR_ROWS);
    for ((label, service), (row, contacts)) in rows.iter().take(shown).copied() {
        let row = Row { label, service: service.clone(), ..*row };
        layout.write(view, page, &row, &near_details(view, label, contacts));
    }
    let left: Vec<&Contact> = rows.iter().skip(shown).flat_map(|(_, (_, c))| c.iter().copied()).collect();
    more(page, NAME, rows.len() - shown, &format!(", {}", left_out(view, &left)));
}

fn near_label(view: View<'_>, contact: &Contact) -> String {
    match &contact.remark {
        Some(remark) if !view.all() => remark.clone(),
        _ => label(contact),
    }
}

/// What there is to say of a row that stands for several contacts. Who is behind it is said of hosts; a group is known
/// by its name, and its address is in the whole report.
fn near_details(view: View<'_>, row: &str, contacts: &[&Contact]) -> Text {
    let mut text = Text::default();
    let groups = |c: &&&Contact| matches!(c.scope, Scope::Multicast | Scope::Broadcast) || c.name.is_none();
    let purpose = contacts.iter().filter(groups).find_map(|c| c.knowledge.purpose.as_deref());
    if let Some(purpose) = purpose.filter(|purpose| *purpose != row) {
        say(&mut text, Paint::Plain, purpose);
    }
    let of = |c: &Contact| if view.all() { c.remark.clone().unwrap_or_default() } else { label(c) };
    let told = |c: &&&Contact| c.remark.is_some() && (view.all() || c.scope == Scope::Local);
    let peers: BTreeSet<String> = contacts.iter().filter(told).map(|c| of(c)).filter(|peer| peer != row).collect();
    let shown = view.shown(peers.len(), 3);
    for peer in peers.iter().take(shown) {
        say(&mut text, Paint::Faint, peer);
    }
    if shown < peers.len() {
        say(&mut text, Paint::Faint, &format!("… and {} more (--all)", peers.len() - shown));
    }
    failures(&mut text, total(contacts.iter().map(|c| c.failed)), total(contacts.iter().map(|c| c.connections)));
    text
}

/// What a contact is called: its name, or its address, or both ends' protocol.
pub(super) fn label(contact: &Contact) -> String {
    if let Some(name) = &contact.name {
        return name.clone();
    }
    match (contact.addresses.split_first(), contact.addresses_left_out) {
        (Some((first, [])), 0) => first.to_string(),
        (Some((first, rest)), more) => format!("{first} and {} more", (rest.len() as u64).saturating_add(more)),
        (None, _) => contact.remark.clone().unwrap_or_else(|| contact.transport.to_string()),
    }
}

/// `tls 443`, `ntp 123`; transport and port where the protocol is not known.
pub(super) fn service(contact: &Contact) -> String {
    let transport = contact.transport.to_string();
    let what = contact.service.as_deref().unwrap_or(&transport);
    contact.port.map_or_else(|| what.to_owned(), |port| format!("{what} {port}"))
}

/// `Apple's own`, from the owners of contacts that are the vendor's own.
pub(super) fn own_name(own: &[&Contact]) -> String {
    let mut by_owner: BTreeMap<&str, u64> = BTreeMap::new();
    for contact in own {
        let owner = contact.knowledge.owner.as_deref().unwrap_or("vendor");
        add(by_owner.entry(owner).or_default(), payload(contact));
    }
    let first = by_owner.iter().max_by_key(|(owner, bytes)| (**bytes, std::cmp::Reverse(**owner)));
    match first {
        Some((owner, _)) if owner.ends_with('s') => format!("{owner}' own systems"),
        Some((owner, _)) => format!("{owner}'s own systems"),
        None => "the vendor's own systems".to_owned(),
    }
}

fn add(sum: &mut u64, part: u64) {
    *sum = sum.saturating_add(part);
}

fn payload(contact: &Contact) -> u64 {
    contact.payload_in.saturating_add(contact.payload_out)
}

/// Connections, payload sent, payload received.
fn totals(contacts: &[&Contact]) -> (u64, u64, u64) {
    contacts.iter().fold((0, 0, 0), |(connections, sent, received), c| {
        (
            c.connections.saturating_add(connections),
            c.payload_out.saturating_add(sent),
            c.payload_in.saturating_add(received),
        )
    })
}

/// `8 names`, `3 addresses`, `8 names and 3 addresses`.
fn peers(contacts: &[&Contact]) -> String {
    let distinct = |contacts: &mut dyn Iterator<Item = &&Contact>| {
        contacts.map(|c| label(c)).collect::<BTreeSet<_>>().len() as u64
    };
    let names = distinct(&mut contacts.iter().filter(|c| c.name.is_some()));
    let addresses = distinct(&mut contacts.iter().filter(|c| c.name.is_none()));
    let (names_text, addresses_text) = (plural(names, "name", "names"), plural(addresses, "address", "addresses"));
    match (names, addresses) {
        (_, 0) => names_text,
        (0, _) => addresses_text,
        _ => format!("{names_text}, {addresses_text}"),
    }
}

fn left_out(view: View<'_>, contacts: &[&Contact]) -> String {
    let (connections, sent, received) = totals(contacts);
    format!("{}, {}", plural(connections, "connection", "connections"), view.size(sent.saturating_add(received)))
}

/// Owners by volume, within them names by volume, so that what belongs together stands together.
fn by_owner(mut contacts: Vec<&Contact>) -> Vec<&Contact> {
    let mut owners: BTreeMap<Option<&str>, u64> = BTreeMap::new();
    let mut names: BTreeMap<String, u64> = BTreeMap::new();
    for contact in &contacts {
        add(owners.entry(contact.knowledge.owner.as_deref()).or_default(), payload(contact));
        add(names.entry(label(contact)).or_default(), payload(contact));
    }
    contacts.sort_by_cached_key(|contact| {
        let owner = contact.knowledge.owner.as_deref();
        let label = label(contact);
        let volumes = (owners.get(&owner).copied().unwrap_or(0), names.get(&label).copied().unwrap_or(0));
        (std::cmp::Reverse(volumes.0), owner, std::cmp::Reverse(volumes.1), label, std::cmp::Reverse(payload(contact)))
    });
    contacts
}

/// What there is to say of a contact beyond its figures. What the row before said of the same name is not repeated.
fn details(view: View<'_>, contact: &Contact, before: Option<&Contact>) -> Text {
    let known = &contact.knowledge;
    let mut text = Text::default();
    let same_name = before.is_some_and(|b| b.name.is_some() && b.name == contact.name);
    if !same_name {
        if known.vendor_own != Some(true)
            && let Some(owner) = &known.owner
        {
            say(&mut text, Paint::Plain, owner);
        }
        match (&known.purpose, &known.purpose_source) {
            (Some(purpose), Some(source)) if view.all() => {
                say(&mut text, Paint::Plain, &format!("{purpose} [{source}]"))
            }
            (Some(purpose), _) => say(&mut text, Paint::Plain, purpose),
            (None, _) if contact.name.is_some() => say(&mut text, Paint::Faint, "purpose unknown"),
            (None, _) => {}
        }
        if let Some(cdn) = known.cdn.as_ref().filter(|cdn| Some(*cdn) != known.owner.as_ref()) {
            say(&mut text, Paint::Faint, &format!("served by {cdn}"));
        } else if let Some(carrier) = known.carrier.as_ref().filter(|c| Some(*c) != known.owner.as_ref()) {
            say(&mut text, Paint::Faint, &format!("network of {carrier}"));
        }
    }
    if let (Some(source), Some(sure)) = (&contact.name_source, contact.name_confidence)
        && (sure != Confidence::High || view.all())
    {
        let text_of = format!("name from {}, {} confidence", source_word(source), sure.word());
        say(&mut text, Paint::Faint, &text_of);
    }
    if let Some(reason) = contact.unnamed_reason {
        say(&mut text, Paint::Faint, &format!("no name: {}", reason_words(view, reason)));
    }
    if contact.unnamed_reason != Some("no_answer") {
        failures(&mut text, contact.failed, contact.connections);
    }
    if contact.initiated_by == Initiator::Peer {
        say(&mut text, Paint::Bad, "began from the other side");
    }
    if view.all() {
        whole(view, contact, &mut text);
    }
    text
}

/// What only the whole report says.
fn whole(view: View<'_>, contact: &Contact, text: &mut Text) {
    let list = |items: &[String]| items.join(", ");
    if !contact.name_candidates.is_empty() {
        say(text, Paint::Faint, &format!("or {}", list(&contact.name_candidates)));
    }
    if contact.name.is_some() && !contact.addresses.is_empty() {
        let mut addresses: Vec<String> = contact.addresses.iter().map(ToString::to_string).collect();
        if contact.addresses_left_out > 0 {
            addresses.push(format!("{} more", count(contact.addresses_left_out)));
        }
        say(text, Paint::Faint, &format!("at {}", list(&addresses)));
    }
    for (what, items) in [("", &contact.versions), ("ALPN ", &contact.alpn), ("JA4 ", &contact.ja4)] {
        if !items.is_empty() {
            say(text, Paint::Faint, &format!("{what}{}", list(items)));
        }
    }
    if let Some(source) = &contact.knowledge.owner_source {
        say(text, Paint::Faint, &format!("owner by {source}"));
    }
    if let Some(first) = contact.evidence.first() {
        say(text, Paint::Faint, &format!("first in {}", view.place(first.at)));
    }
}

pub(super) fn reason_words<'a>(view: View<'a>, reason: &'a str) -> &'a str {
    view.report.unnamed.iter().find(|u| u.reason == reason).map_or(reason, |u| u.text)
}

fn failures(text: &mut Text, failed: u64, all: u64) {
    if let Some(words) = failures_words(failed, all) {
        say(text, Paint::Bad, &words);
    }
}

/// How many of all were not answered; `None` when all were.
pub(super) fn failures_words(failed: u64, all: u64) -> Option<String> {
    match failed {
        0 => None,
        1 if all == 1 => Some("it was not answered".to_owned()),
        _ if failed >= all => Some("none was answered".to_owned()),
        _ => Some(format!("{} of {} not answered", count(failed), count(all))),
    }
}

fn say(text: &mut Text, paint: Paint, what: &str) {
    if !text.is_empty() {
        text.push(Paint::Faint, " · ");
    }
    text.push(paint, what);
}

/// A bar of eighths: full for `scale`, at least a sliver for anything.
fn bar(bytes: u64, scale: u64, width: usize) -> String {
    if scale == 0 || bytes == 0 {
        return String::new();
    }
    let steps = width as u128 * 8;
    let filled = (u128::from(bytes) * steps / u128::from(scale)).clamp(1, steps);
    let mut out = "█".repeat(usize::try_from(filled / 8).unwrap_or(width));
    out.push_str(
        ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"].get(usize::try_from(filled % 8).unwrap_or(0)).copied().unwrap_or(""),
    );
    out
}
