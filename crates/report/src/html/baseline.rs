//! A baseline as a page: what is normal, how often and how much, run by run; how it grew; the runs and how they were made.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;

use firstlight_model::habits::{Amount, Habit, Habits, Occasion};
use maud::{Markup, html};

use super::list::{list, more};
use super::owners::Kind;
use super::page::{self, Page, Section};
use super::timeline::number;
use super::tools::{Choice, tools};
use crate::terminal::compared::share_words;
use crate::units::{count, duration_s, moment, plural, size};
use crate::{Figures, Style};

/// Bytes that contacts, runs and patterns may take, unless all is asked for.
const CONTACTS: usize = 4_000_000;
const RUNS: usize = 400_000;
const PATTERNS: usize = 200_000;
/// Runs that are drawn, the last of them.
const DRAWN: usize = 120;
/// Names of a pattern.
const NAMES: usize = 5;

/// Writes the page.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(habits: &Habits, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let sections =
        [contacts(habits, style), growth(habits), runs(habits, style), patterns(habits, style), made(habits)]
            .into_iter()
            .flatten()
            .collect();
    let name = if habits.title.is_empty() { "a baseline" } else { &habits.title };
    let page =
        Page { title: format!("Firstlight baseline of {name}"), head: head(habits, name, style.figures), sections };
    out.write_all(page::render(&page).as_bytes())
}

fn head(habits: &Habits, name: &str, figures: Figures) -> Markup {
    let runs = habits.runs.len();
    let in_runs = |is: &dyn Fn(usize) -> bool| {
        habits.contacts.iter().filter(|habit| is(habit.amounts.iter().flatten().count())).count() as u64
    };
    let (always, once) = (in_runs(&|had| had == runs), in_runs(&|had| had == 1));
    let next = habits.expected_new.map(share_words);
    let middle = |of: fn(&Occasion) -> f64| median(&habits.runs.iter().map(of).collect::<Vec<_>>());
    html! {
        p class="kicker" { "Firstlight baseline of " (name) }
        h1 {
            (plural(runs as u64, "run", "runs")) "; " (plural(habits.contacts.len() as u64, "contact", "contacts"))
            @if runs > 1 { ", " span class="own" { (count(always)) " of them in each run" } }
            "; "
            @match &next {
                Some(share) => { "expect " span class="whole" { (share) } " of the contacts of the next run to be new." }
                None => { "one run does not say how much the next will differ." }
            }
        }
        dl class="figures" {
            div { dt { "runs" } dd { (count(runs as u64)) } }
            div { dt { "contacts" } dd { (count(habits.contacts.len() as u64)) } }
            @if runs > 1 {
                div { dt { "in each run" } dd { (count(always)) } }
                div { dt { "in one run only" } dd { (count(once)) } }
            }
            div {
                dt { "a run, median" }
                dd { (size(whole(middle(|run| run.payload as f64)), figures)) small { (duration_s(middle(|run| run.duration_s))) } }
            }
        }
    }
}

/// The middle of values, or of the two in the middle; 0 for none.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |place: usize| sorted.get(place).copied().unwrap_or(0.0);
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => at(n / 2),
        n => f64::midpoint(at(n / 2 - 1), at(n / 2)),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counters; beyond them it saturates")]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

fn contacts(habits: &Habits, style: &Style) -> Option<Section> {
    if habits.contacts.is_empty() {
        return None;
    }
    let phases = habits.contacts.iter().map(|habit| habit.phase.as_str()).collect::<BTreeSet<_>>();
    let with_phase = phases.len() > 1;
    let rows = list(style, CONTACTS, &habits.contacts, |habit| row(habit, with_phase, style.figures));
    let kinds = Kind::ALL.into_iter().filter(|kind| habits.contacts.iter().any(|habit| kind_of(habit) == *kind));
    let choices = [
        Choice {
            label: "Whose",
            by: "kind",
            values: kinds.map(|kind| (kind.class().to_owned(), kind.words())).collect(),
        },
        Choice { label: "Phase", by: "phase", values: phases.iter().map(|it| ((*it).to_owned(), *it)).collect() },
    ];
    let body = html! {
        (tools("contacts", "contacts", "name, owner, …", &plural(rows.shown as u64, "contact", "contacts"), &choices))
        div class="scroll" tabindex="0" role="group" aria-label="Contacts run by run" {
            table class="contacts habits" data-sortable="contacts" {
                caption {
                    "Contacts, those of most runs first; figures are medians of the runs that had it, bars are the runs \
                     from first to last"
                    @if habits.runs.len() > DRAWN { " (the last " (count(DRAWN as u64)) ")" }
                    "; names open to each run"
                }
                thead { tr {
                    th scope="col" class="name" { "contact" } th scope="col" { "owner" } th scope="col" { "what for" }
                    @if with_phase { th scope="col" class="phase" { "phase" } }
                    th scope="col" class="service" { "service" }
                    th scope="col" class="n" aria-sort="descending" { "runs" } th scope="col" class="n" { "times" }
                    th scope="col" class="n" { "sent" } th scope="col" class="n" { "received" }
                } }
                tbody { (rows.body) }
            }
        }
        (more(habits.contacts.len() - rows.shown, " contacts"))
    };
    Some(Section { id: "contacts".into(), short: "Contacts".into(), title: "How often and how much".to_owned(), body })
}

fn kind_of(habit: &Habit) -> Kind {
    Kind::from(habit.scope, habit.vendor_own, habit.owner.is_some())
}

fn row(habit: &Habit, with_phase: bool, figures: Figures) -> Markup {
    let had: Vec<&Amount> = habit.amounts.iter().flatten().collect();
    let kind = kind_of(habit);
    let owner = match kind {
        Kind::Near => kind.words(),
        _ => habit.owner.as_deref().unwrap_or(kind.words()),
    };
    let values = |of: fn(&Amount) -> u64| had.iter().map(|amount| of(amount) as f64).collect::<Vec<_>>();
    let times = median(&values(|amount| amount.connections));
    let amount = |of: fn(&Amount) -> u64| {
        let middle = whole(median(&values(of)));
        html! { td class="n" data-v=(middle) { (size(middle, figures)) (strip(habit, of)) } }
    };
    html! {
        tr class=(kind.class()) {
            th scope="row" { button title=[(habit.who.len() > 30).then_some(&habit.who)] { (habit.who) } }
            td { (owner) }
            td { (habit.purpose.as_deref().unwrap_or_default()) }
            @if with_phase { td { (habit.phase) } }
            td { (habit.service) }
            td class="n" data-v=(had.len()) { (count(had.len() as u64)) " of " (count(habit.amounts.len() as u64)) }
            td class="n" data-v=(number(times)) { (number(times)) (strip(habit, |amount| amount.connections)) }
            (amount(|amount| amount.payload_out))
            (amount(|amount| amount.payload_in))
        }
        tr class="more" {
            td colspan=(8 + usize::from(with_phase)) {
                @for (at, amount) in habit.amounts.iter().enumerate() {
                    @if at > 0 { br; }
                    "run " (count(at as u64 + 1)) ": "
                    @match amount {
                        Some(had) => {
                            (plural(had.connections, "time", "times")) ", " (size(had.payload_out, figures)) " sent, "
                            (size(had.payload_in, figures)) " received"
                        }
                        None => { "not contacted" }
                    }
                }
            }
        }
    }
}

/// A bar for each run, as high as its share of the most; a run that had nothing of it has none.
fn strip(habit: &Habit, of: fn(&Amount) -> u64) -> Markup {
    const HIGH: f64 = 14.0;
    let first = habit.amounts.len().saturating_sub(DRAWN);
    let drawn = habit.amounts.get(first..).unwrap_or_default();
    let most = drawn.iter().flatten().map(of).max().unwrap_or(0);
    let mut bars = String::new();
    for (at, amount) in drawn.iter().enumerate() {
        if let Some(amount) = amount {
            let high = (of(amount) as f64 / most.max(1) as f64 * HIGH).max(1.0);
            let _ = write!(bars, "M{at} 14v-{}h.8V14", number(high));
        }
    }
    html! {
        @if drawn.len() > 1 && most > 0 {
            svg class="strip" aria-hidden="true" width="100%" height="14" viewBox={ "0 0 " (drawn.len()) " 14" } preserveAspectRatio="none" {
                path d=(bars) {}
            }
        }
    }
}

fn growth(habits: &Habits) -> Option<Section> {
    let runs = habits.curve.len();
    if runs < 2 {
        return None;
    }
    let most = habits.curve.iter().copied().fold(1.0, f64::max);
    let wide = 100.0 / runs as f64;
    let body = html! {
        figure {
            svg class="curve" role="img" aria-labelledby="curve-title curve-about" width="100%" height="150" {
                title id="curve-title" { "Contacts after one run, two runs, and so on" }
                desc id="curve-about" { "The table below has the figures." }
                @for (at, value) in habits.curve.iter().enumerate() {
                    @let high = value / most * 110.0;
                    rect x={ (number(at as f64 * wide + wide * 0.1)) "%" } y=(number(130.0 - high)) width={ (number(wide * 0.8)) "%" } height=(number(high)) {}
                    @if runs <= 16 {
                        text class="tick" x={ (number((at as f64 + 0.5) * wide)) "%" } y="146" text-anchor="middle" { (at + 1) }
                        text class="tick" x={ (number((at as f64 + 0.5) * wide)) "%" } y=(number(124.0 - high)) text-anchor="middle" { (format!("{value:.1}")) }
                    }
                }
            }
            figcaption { span { "How many distinct contacts so many of the runs have, as the mean over all choices of them: where it no longer rises, a next run brings little that is new." } }
        }
        details {
            summary { "The same as a table" }
            div class="scroll" tabindex="0" role="group" aria-label="Contacts by number of runs" {
                table {
                    caption { "Distinct contacts by number of runs" }
                    thead { tr { th scope="col" class="n" { "runs" } th scope="col" class="n" { "contacts" } } }
                    tbody { @for (at, value) in habits.curve.iter().enumerate() { tr { th scope="row" class="n" { (at + 1) } td class="n" { (format!("{value:.1}")) } } } }
                }
            }
        }
    };
    Some(Section { id: "growth".into(), short: "Growth".into(), title: "How it grew".to_owned(), body })
}

fn runs(habits: &Habits, style: &Style) -> Option<Section> {
    if habits.runs.is_empty() {
        return None;
    }
    let numbered: Vec<_> = habits.runs.iter().enumerate().collect();
    let rows = list(style, RUNS, &numbered, |(at, run)| {
        html! {
            tr {
                th scope="row" class="n" { (count(*at as u64 + 1)) }
                td { (run.files.join(", ")) @if run.is_partial { " " span class="bad" { "not whole" } } }
                td { (moment(run.start)) }
                td class="n" { (duration_s(run.duration_s)) }
                td { (run.system) }
                td class="n" { (count(run.contacts)) }
                td class="n" { (size(run.payload, style.figures)) }
                td { code { (run.id) } }
            }
        }
    });
    let body = html! {
        div class="scroll" tabindex="0" role="group" aria-label="Runs" {
            table class="runs" {
                caption { "Runs by their beginning; bytes are payload, both directions" }
                thead { tr {
                    th scope="col" class="n" { "run" } th scope="col" { "files" } th scope="col" { "began" } th scope="col" class="n" { "duration" }
                    th scope="col" { "system" } th scope="col" class="n" { "contacts" } th scope="col" class="n" { "bytes" } th scope="col" { "id" }
                } }
                tbody { (rows.body) }
            }
        }
        (more(habits.runs.len() - rows.shown, " runs"))
    };
    Some(Section { id: "runs".into(), short: "Runs".into(), title: "Runs".to_owned(), body })
}

fn patterns(habits: &Habits, style: &Style) -> Option<Section> {
    if habits.accepted.is_empty() && habits.proposed.is_empty() {
        return None;
    }
    let accepted = habits.accepted.iter().map(|pattern| (pattern, None));
    let all: Vec<_> = accepted.chain(habits.proposed.iter().map(|(pattern, names)| (pattern, Some(names)))).collect();
    let rows = list(style, PATTERNS, &all, |(pattern, names)| {
        let left = names.map_or(0, |names| names.len().saturating_sub(NAMES));
        html! {
            tr {
                th scope="row" { (pattern) }
                td { (if names.is_some() { "proposed" } else { "accepted" }) }
                td {
                    @if let Some(names) = names {
                        (names.iter().take(NAMES).map(String::as_str).collect::<Vec<_>>().join(", "))
                        @if left > 0 { " and " (count(left as u64)) " more" }
                    }
                }
            }
        }
    });
    let body = html! {
        p { "A pattern makes one contact of all names that fit it, once somebody accepts it: " code { "firstlight learn --into FILE --accept PATTERN" } "." }
        div class="scroll" tabindex="0" role="group" aria-label="Patterns" {
            table {
                caption { "Patterns of names" }
                thead { tr { th scope="col" { "pattern" } th scope="col" { "state" } th scope="col" { "names that fit" } } }
                tbody { (rows.body) }
            }
        }
        (more(all.len() - rows.shown, " patterns"))
    };
    Some(Section { id: "patterns".into(), short: "Patterns".into(), title: "Patterns of names".to_owned(), body })
}

fn made(habits: &Habits) -> Option<Section> {
    let said = [("system", &habits.systems), ("scenario", &habits.scenarios), ("method", &habits.methods)];
    if said.iter().all(|(_, texts)| texts.is_empty()) {
        return None;
    }
    let body = html! {
        dl class="facts" {
            @for (label, texts) in said { @for text in texts { div { dt { (label) } dd { (text) } } } }
        }
    };
    Some(Section { id: "made".into(), short: "Method".into(), title: "How the runs were made".to_owned(), body })
}
