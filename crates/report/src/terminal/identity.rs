//! Who the machines are, on a terminal: each answer with its votes, then what each looks like on the wire, one by one.

use std::io;

use firstlight_model::report::{
    Aspect, Fingerprint, IdBehaviour, IdSeries, Machine, Report, SynFacts, TimestampClock, Verdict, Vote,
};

use super::page::{Page, Paint, Text};
use super::{View, fingerprints, machine, more, path_words};
use crate::Style;

/// Column at which the answers begin.
const VALUES: usize = 12;

/// The machines of a report and their fingerprints.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View { report, style };
    let mut page = Page::new(style);
    let names: Vec<&str> = report.captures.iter().map(|capture| path_words(&capture.path)).collect();
    page.flow(0, &Text::of(Paint::Strong, &format!("Firstlight fingerprint of {}", names.join(", "))));
    if report.machines.is_empty() {
        page.blank();
        page.flow(0, &Text::plain("There is no machine in it."));
    }
    let shown = view.shown(report.machines.len(), 4);
    for machine in report.machines.iter().take(shown) {
        one(view, &mut page, machine);
    }
    if shown < report.machines.len() {
        page.gap();
        more(&mut page, 0, report.machines.len() - shown, " machines");
    }
    if !report.peers.is_empty() {
        page.heading("Other hosts");
        let shown = view.shown(report.peers.len(), 8);
        for peer in report.peers.iter().take(shown) {
            fingerprints::write_peer(view, &mut page, peer);
        }
        more(&mut page, 2, report.peers.len() - shown, " looks of other hosts");
    }
    out.write_all(page.into_text().as_bytes())
}

fn one(view: View<'_>, page: &mut Page, machine: &Machine) {
    page.heading(&machine.id);
    let label = |label: &str| Text::plain("  ").and(Paint::Faint, label);
    let addresses: Vec<String> = machine.addresses.iter().take(6).map(ToString::to_string).collect();
    if !addresses.is_empty() {
        page.hang(label("address"), VALUES, &Text::plain(&addresses.join(", ")));
    }
    if let Some(mac) = machine.mac {
        let vendor = machine.mac_vendor.as_deref().unwrap_or("maker unknown");
        page.hang(label("MAC"), VALUES, &Text::plain(&format!("{mac}, {vendor}")));
    }
    machine::other_macs(view, page, machine);
    let names: Vec<&str> = machine.names.iter().take(6).map(|name| name.value.as_str()).collect();
    if !names.is_empty() {
        page.hang(label("host name"), VALUES, &Text::plain(&names.join(", ")));
    }
    for aspect in Aspect::ALL {
        if let Some(verdict) = machine.identity.verdict(aspect) {
            answer(view, page, machine, verdict);
        }
    }
    if let Some(clock) = &machine.clock {
        page.hang(label("clock"), VALUES, &Text::plain(&clock_words(clock)));
    }
    if !machine.id_series.is_empty() {
        let series: Vec<String> = machine.id_series.iter().map(id_words).collect();
        page.hang(label("IP id"), VALUES, &Text::plain(&series.join("; ")));
    }
    for contradiction in &machine.identity.contradictions {
        page.hang(label("but"), VALUES, &Text::of(Paint::Strong, &contradiction.text));
        for (reason, evidence) in &contradiction.reasons {
            let mut text = Text::plain(reason);
            if let Some(evidence) = evidence {
                text.push(Paint::Faint, &format!(" ({})", view.place(evidence.at)));
            }
            page.hang(Text::plain(&" ".repeat(VALUES)).and(Paint::Faint, "· "), VALUES + 2, &text);
        }
    }
    fingerprints::write_untitled(view, page, machine);
}

/// Rate, and since when.
fn clock_words(clock: &TimestampClock) -> String {
    let rate = match clock.nominal_hz {
        Some(nominal) => format!("{nominal} Hz ({:.1} measured over {:.0} s)", clock.hz, clock.seen_s),
        None => format!("{:.1} Hz measured over {:.0} s", clock.hz, clock.seen_s),
    };
    let days = |s: f64| format!("{:.1} days", s / 86_400.0);
    format!(
        "timestamps tick with {rate}, {} since zero (of {}); many systems begin each connection somewhere else",
        days(clock.since_zero_s),
        days(clock.modulo_s)
    )
}

/// What the identifications of a series do.
fn id_words(series: &IdSeries) -> String {
    let what = match series.behaviour {
        IdBehaviour::Zero => "always 0".to_owned(),
        IdBehaviour::Constant(id) => format!("always {id}"),
        IdBehaviour::Counts(step) => format!("one counter for all connections, steps of at most {step}"),
        IdBehaviour::CountsSwapped => "a counter with its bytes in the wrong order".to_owned(),
        IdBehaviour::Random => "by chance".to_owned(),
    };
    let of = if series.answers { "SYN+ACKs" } else { "SYNs" };
    format!("{what} ({} {of})", series.segments)
}

/// `macOS, 99.8 %` and the votes.
fn answer(view: View<'_>, page: &mut Page, machine: &Machine, verdict: &Verdict) {
    let lead = Text::plain("  ").and(Paint::Faint, verdict.aspect.word());
    let mut text = Text::of(Paint::Strong, verdict.value.as_deref().unwrap_or("unknown"));
    let percent = |p: f64| format!("{:.1} %", 100.0 * p);
    text.push(Paint::Plain, &format!(", {}", percent(verdict.probability)));
    text.push(Paint::Faint, &format!(" ({} without the strongest vote", percent(verdict.without_strongest)));
    if let Some((second, probability)) = &verdict.second {
        text.push(Paint::Faint, &format!("; next {second}, {}", percent(*probability)));
    }
    text.push(Paint::Faint, ")");
    page.hang(lead, VALUES, &text);
    let votes: Vec<&Vote> = machine.identity.votes.iter().filter(|vote| vote.aspect == verdict.aspect).collect();
    let shown = view.shown(votes.len(), 5);
    for vote in votes.iter().take(shown) {
        let lead = Text::plain(&" ".repeat(VALUES)).and(Paint::Faint, &format!("{:+.1} ", vote.weight));
        let mut text = Text::plain(&format!("{}: {}", vote.value, vote.text));
        if let Some(evidence) = &vote.evidence {
            text.push(Paint::Faint, &format!(" ({})", view.place(evidence.at)));
        }
        page.hang(lead, VALUES + 5, &text);
    }
    more(page, VALUES, votes.len() - shown, " votes");
}

/// What a segment says, in one sentence.
pub(super) fn facts(fingerprint: &Fingerprint) -> Option<String> {
    let syn: &SynFacts = fingerprint.syn.as_ref()?;
    let mut parts = Vec::new();
    let hop = if syn.ip_version == 4 { "TTL" } else { "hop limit" };
    let distance = syn.initial_hop_limit.saturating_sub(syn.hop_limit);
    parts.push(match distance {
        0 => format!("{hop} {}", syn.hop_limit),
        1 => format!("{hop} {} (1 hop from {})", syn.hop_limit, syn.initial_hop_limit),
        hops => format!("{hop} {} ({hops} hops from {})", syn.hop_limit, syn.initial_hop_limit),
    });
    parts.push(match &syn.window_multiple {
        Some(multiple) => format!("window {} ({multiple})", syn.window),
        None => format!("window {}", syn.window),
    });
    parts.push(syn.window_scale.map_or_else(|| "no scale".to_owned(), |scale| format!("scale {scale}")));
    parts.push(syn.mss.map_or_else(|| "no MSS".to_owned(), |mss| format!("MSS {mss}")));
    parts.push(format!("options {}", if syn.options.is_empty() { "none" } else { &syn.options }));
    parts.push(if syn.ecn { "ECN" } else { "no ECN" }.to_owned());
    if let Some(is_zero) = syn.zero_identification {
        parts.push(if syn.dont_fragment { "DF" } else { "no DF" }.to_owned());
        parts.push(if is_zero { "IP id 0" } else { "IP id not 0" }.to_owned());
    }
    Some(parts.join(", "))
}
