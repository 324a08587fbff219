//! What the machine looks like on the wire: its SYNs in tcpdump's notation, letter for letter on a line of their own,
//! with remarks and comparisons below; then its other fingerprints.

use firstlight_model::report::{Fingerprint, FingerprintMatch, Machine, PeerFingerprint};

use super::page::{Page, Paint, Text, fit};
use super::{View, identity, more};
use crate::units::plural;

pub(super) fn write(view: View<'_>, page: &mut Page, machine: &Machine) {
    if view.report.fingerprints.iter().any(|f| f.machine == machine.id) {
        page.heading("Fingerprint");
    }
    list(view, page, machine, Facts::InRemarks);
}

/// The same below another heading, with what each segment says.
pub(super) fn write_untitled(view: View<'_>, page: &mut Page, machine: &Machine) {
    page.gap();
    list(view, page, machine, Facts::OneByOne);
}

/// What some peers look like, and which they are.
pub(super) fn write_peer(view: View<'_>, page: &mut Page, peer: &PeerFingerprint) {
    if peer.fingerprint.tcpdump.is_some() {
        segment(view, page, &peer.fingerprint, Facts::OneByOne);
    } else {
        value(view, page, &peer.fingerprint, Facts::OneByOne);
    }
    let mut hosts: Vec<String> = peer.hosts.iter().take(8).map(ToString::to_string).collect();
    let more = peer.hosts_total - hosts.len() as u64;
    if more > 0 {
        hosts.push(format!("… and {more} more"));
    }
    let lead = format!("{}: ", plural(peer.hosts_total, "host", "hosts"));
    page.hang(Text::of(Paint::Faint, "  · "), 4, &Text::of(Paint::Faint, &lead).and(Paint::Plain, &hosts.join(", ")));
}

/// How what a segment says is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Facts {
    InRemarks,
    OneByOne,
}

fn list(view: View<'_>, page: &mut Page, machine: &Machine, facts: Facts) {
    let of_machine = || view.report.fingerprints.iter().filter(|f| f.machine == machine.id);
    let tcp: Vec<&Fingerprint> = of_machine().filter(|f| f.tcpdump.is_some()).collect();
    // JA3 says less than JA4 does (it depends on the order of extensions, which browsers shuffle).
    let has_ja4 = of_machine().any(|f| f.kind == "tls.ja4");
    let tells_all = view.all() || facts == Facts::OneByOne;
    let is_layout = |f: &Fingerprint| f.kind.starts_with("http.re");
    let is_told =
        |f: &&Fingerprint| f.tcpdump.is_none() && (tells_all || !(is_layout(f) || (has_ja4 && f.kind == "tls.ja3")));
    let rest: Vec<&Fingerprint> = of_machine().filter(is_told).collect();
    for kind in ["tcp.syn", "tcp.synack"] {
        let of_kind: Vec<&Fingerprint> = tcp.iter().copied().filter(|f| f.kind == kind).collect();
        let shown = view.shown(of_kind.len(), if kind == "tcp.syn" { 4 } else { 2 });
        for fingerprint in of_kind.iter().take(shown) {
            segment(view, page, fingerprint, facts);
        }
        more(page, 2, of_kind.len() - shown, if kind == "tcp.syn" { " kinds of SYN" } else { " kinds of SYN-ACK" });
    }
    let mut left = rest.as_slice();
    while let Some(first) = left.first() {
        let (same_kind, others) = left.split_at(left.iter().take_while(|f| f.kind == first.kind).count());
        left = others;
        let shown = view.shown(same_kind.len(), 4);
        for fingerprint in same_kind.iter().take(shown) {
            value(view, page, fingerprint, facts);
        }
        more(page, 2, same_kind.len() - shown, &format!(" of {}", kind_name(&first.kind)));
    }
}

fn segment(view: View<'_>, page: &mut Page, fingerprint: &Fingerprint, facts: Facts) {
    let mut lead = Text::plain("  ").and(Paint::Strong, kind_name(&fingerprint.kind));
    lead.push(Paint::Plain, &format!(", seen {}", plural(fingerprint.count, "time", "times")));
    if let Some(first) = fingerprint.evidence.first() {
        lead.push(Paint::Plain, &format!(", first in {}", view.place(first.at)));
    }
    page.line(&lead);
    page.line(&Text::plain(fingerprint.tcpdump.as_deref().unwrap_or_default()));
    if facts == Facts::OneByOne
        && let Some(facts) = identity::facts(fingerprint)
    {
        page.hang(Text::of(Paint::Faint, "  · "), 4, &Text::plain(&facts));
    }
    matches(view, page, &fingerprint.matches, facts);
    for remark in &fingerprint.remarks {
        page.hang(Text::of(Paint::Faint, "  · "), 4, &Text::plain(remark));
    }
    if (view.all() || facts == Facts::OneByOne)
        && let Some(p0f) = &fingerprint.p0f
    {
        page.hang(Text::of(Paint::Faint, "  · "), 4, &Text::of(Paint::Faint, "p0f ").and(Paint::Plain, p0f));
    }
}

fn matches(view: View<'_>, page: &mut Page, matches: &[FingerprintMatch], facts: Facts) {
    let with_source = view.all() || facts == Facts::OneByOne;
    if let Some(text) = same_as(view, matches, with_source) {
        page.hang(Text::of(Paint::Faint, "  · "), 4, &text);
    }
    let differs: Vec<&FingerprintMatch> = matches.iter().filter(|m| !m.same).collect();
    let has_same = matches.iter().any(|m| m.same);
    let shown = view.shown(differs.len(), if has_same { 1 } else { 3 });
    for (at, near) in differs.iter().take(shown).enumerate() {
        let (lead, verb) =
            if at == 0 && !has_same { ("nearest is ", ", differs in ") } else { ("differs from ", " in ") };
        let mut text = Text::of(Paint::Other, lead).and(Paint::Plain, &near.label);
        if !near.differences.is_empty() {
            text.push(Paint::Plain, &format!("{verb}{}", near.differences.join("; ")));
        }
        if with_source {
            text.push(Paint::Faint, &format!(" [{}]", near.source));
        }
        page.hang(Text::of(Paint::Faint, "  · "), 4, &text);
    }
    more(page, 4, differs.len() - shown, " that it differs from");
}

/// Kind, value, count on one line; comparisons below.
fn value(view: View<'_>, page: &mut Page, fingerprint: &Fingerprint, facts: Facts) {
    let mut line = Text::plain("  ").and(Paint::Faint, kind_name(&fingerprint.kind));
    line.pad(18);
    let tail = format!("  {}", plural(fingerprint.count, "time", "times"));
    let room = page.width().saturating_sub(line.width() + tail.len()).max(20);
    line.push(Paint::Plain, &if view.all() { fingerprint.value.clone() } else { fit(&fingerprint.value, room) });
    line.push(Paint::Faint, &tail);
    page.line(&line);
    if let Some(text) = same_as(view, &fingerprint.matches, view.all()) {
        page.flow(18, &text);
    }
    for remark in &fingerprint.remarks {
        page.flow(18, &Text::plain(remark));
    }
    if facts == Facts::OneByOne
        && let Some(raw) = &fingerprint.raw
    {
        // Where there is a blank a line can be broken.
        page.flow(18, &Text::of(Paint::Faint, &raw.replace('_', "_ ")));
    }
}

/// What is known to look the same, the first few, and who says so.
fn same_as(view: View<'_>, matches: &[FingerprintMatch], with_source: bool) -> Option<Text> {
    let same: Vec<&FingerprintMatch> = matches.iter().filter(|m| m.same).collect();
    let shown = view.shown(same.len(), 3);
    let mut text = Text::of(Paint::Own, "same as ");
    for (i, known) in same.iter().take(shown).enumerate() {
        text.push(Paint::Faint, if i > 0 { " · " } else { "" });
        text.push(Paint::Plain, &known.label);
        if with_source {
            text.push(Paint::Faint, &format!(" [{}]", known.source));
        }
    }
    if shown < same.len() {
        text.push(Paint::Faint, &format!(" · … and {} more (--all)", same.len() - shown));
    }
    (!same.is_empty()).then_some(text)
}

pub(super) fn kind_name(kind: &str) -> &str {
    match kind {
        "tcp.syn" => "SYN",
        "tcp.synack" => "SYN-ACK",
        "tls.ja3" => "TLS, JA3",
        "tls.ja4" => "TLS, JA4",
        "quic.ja4" => "QUIC, JA4",
        "dhcp" | "dhcp.options" => "DHCP options",
        "dhcp.vendor_class" => "DHCP class",
        "http.user_agent" => "User-Agent",
        "http.request.signature" => "HTTP request",
        "http.response.signature" => "HTTP answer",
        other => other,
    }
}
