//! A capture held against a baseline, as a page: what came of it in a sentence, then the findings, the gravest first, in a
//! table that sorts and filters, then what differs no more than runs do.

use std::collections::BTreeSet;
use std::io;

use firstlight_model::CaptureInfo;
use firstlight_model::finding::{Check, Finding, Grade};
use maud::{Markup, html};

use super::list::{list, more};
use super::page::{self, Page, Section};
use super::tools::{Choice, tools};
use crate::Style;
use crate::terminal::compared::{grade_words, names, place, summary};
use crate::units::{count, plural, size};

/// Bytes that the findings may take, unless all is asked for, and what differs no more than runs do.
const FINDINGS: usize = 3_500_000;
const VARIATION: usize = 500_000;

/// Writes the page.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(check: &Check, captures: &[CaptureInfo], style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let sections =
        [findings(check, captures, style), variation(check, captures, style)].into_iter().flatten().collect();
    let title = format!("Firstlight check of {} against {}", names(captures), check.baseline);
    let page = Page { head: head(check, style, &title), title, sections };
    out.write_all(page::render(&page).as_bytes())
}

fn head(check: &Check, style: &Style, title: &str) -> Markup {
    let text = summary(check, style);
    let (first, rest) = text.split_once(". ").unwrap_or((&text, ""));
    let of = |grade: Grade| check.findings.iter().filter(|finding| finding.grade == grade).count() as u64;
    html! {
        p class="kicker" { (title) }
        h1 { (first) "." }
        @if !rest.is_empty() { p class="lead" { (rest) } }
        dl class="figures" {
            @for grade in Grade::ALL { div { dt { (grade_words(grade)) } dd { (count(of(grade))) } } }
            div { dt { "as in the runs" } dd { (count(check.usual_contacts)) small { "of " (plural(check.contacts, "contact", "contacts")) } } }
            div { dt { "their bytes" } dd { (size(check.usual_bytes, style.figures)) } }
            div { dt { "learnt from" } dd { (plural(check.runs_learnt, "run", "runs")) } }
        }
    }
}

fn findings(check: &Check, captures: &[CaptureInfo], style: &Style) -> Option<Section> {
    if check.findings.is_empty() {
        return None;
    }
    // The gravest first, within a grade the most surprising.
    let mut sorted: Vec<&Finding> = check.findings.iter().collect();
    sorted.sort_by_key(|finding| Grade::ALL.iter().position(|grade| *grade == finding.grade));
    let rows = list(style, FINDINGS, &sorted, |finding| row(finding, captures));
    let grades = Grade::ALL.iter().filter(|grade| sorted.iter().any(|finding| finding.grade == **grade));
    let whats: BTreeSet<&str> = sorted.iter().map(|finding| finding.what).collect();
    let phases: BTreeSet<&str> = sorted.iter().filter_map(|finding| finding.phase.as_deref()).collect();
    let own = |values: BTreeSet<&'static str>| values.into_iter().map(|it| (it.to_owned(), it)).collect::<Vec<_>>();
    let choices = [
        Choice { label: "Grade", by: "grade", values: own(grades.map(|grade| grade_words(*grade)).collect()) },
        Choice { label: "What", by: "what", values: own(whats.into_iter().collect()) },
        Choice { label: "Phase", by: "phase", values: phases.into_iter().map(|it| (it.to_owned(), it)).collect() },
    ];
    let body = html! {
        (tools("findings", "findings", "name, owner, words, …", &plural(rows.shown as u64, "finding", "findings"), &choices))
        div class="scroll" tabindex="0" role="group" aria-label="Findings" {
            table class="findings" data-sortable="findings" data-one="finding" {
                caption { "Findings, the gravest first, then the most surprising; one bit is as likely as not, seven once in a hundred" }
                thead { (titles()) }
                tbody { (rows.body) }
            }
        }
        (more(sorted.len() - rows.shown, " findings"))
    };
    Some(Section { id: "findings".into(), short: "Findings".into(), title: "Findings".to_owned(), body })
}

fn variation(check: &Check, captures: &[CaptureInfo], style: &Style) -> Option<Section> {
    if check.variation.is_empty() {
        return None;
    }
    let rows = list(style, VARIATION, &check.variation, |finding| row(finding, captures));
    let body = html! {
        details {
            summary { (plural(check.variation.len() as u64, "contact differs", "contacts differ")) " no more than runs do from each other" }
            div class="scroll" tabindex="0" role="group" aria-label="Variation" {
                table class="findings" {
                    caption { "What is not as in any run, but no more so than runs differ from each other" }
                    thead { (titles()) }
                    tbody { (rows.body) }
                }
            }
            (more(check.variation.len() - rows.shown, ""))
        }
    };
    Some(Section { id: "variation".into(), short: "Variation".into(), title: "As runs differ".to_owned(), body })
}

fn titles() -> Markup {
    html! {
        tr {
            th scope="col" class="grade" { "grade" } th scope="col" class="text" { "finding" } th scope="col" class="what" { "in what" }
            th scope="col" { "owner" } th scope="col" class="phase" { "phase" } th scope="col" class="n" { "surprise" }
            th scope="col" { "where" }
        }
    }
}

fn row(finding: &Finding, captures: &[CaptureInfo]) -> Markup {
    let grade = finding.grade;
    html! {
        tr {
            td { span class={ "tag " (grade.word()) } { (grade_words(grade)) } }
            th scope="row" class="text" { (finding.text) }
            td { (finding.what) }
            td { (finding.owner.as_deref().unwrap_or_default()) }
            td { (finding.phase.as_deref().unwrap_or_default()) }
            td class="n" { (format!("{:.1} bits", finding.surprise_bits)) }
            td class="faint" { (place(captures, &finding.evidence).trim_start_matches(" · ")) }
        }
    }
}
