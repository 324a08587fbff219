//! Requests that went over the wire in clear text, the most telling first.

use firstlight_model::report::HttpExchange;
use maud::{Markup, html};

use super::View;
use super::list::list;
use super::page::Section;
use crate::terminal::diary;
use crate::units::{count, plural, total};

/// Bytes that the rows may take.
const BYTES: usize = 300_000;

pub(super) fn section(view: View<'_>) -> Option<Section> {
    if view.report.http.is_empty() {
        return None;
    }
    let several = view.report.phases.len() > 1;
    let mut exchanges: Vec<&HttpExchange> = view.report.http.iter().collect();
    let first = view.report.machines.first().map(|machine| machine.id.as_str());
    exchanges.sort_by_key(|http| (first != Some(http.machine.as_str()), std::cmp::Reverse(http.significance)));
    let rows = list(view.style, BYTES, &exchanges, |http| row(view, http, several));
    let requests = |list: &[&HttpExchange]| total(list.iter().map(|http| http.count));
    let left = exchanges.get(rows.shown..).unwrap_or_default();
    let body = html! {
        p {
            (plural(requests(&exchanges), "request", "requests")) ", which anybody on the way could read"
            @if exchanges.len() > 1 { "; the most telling first" }
            "."
        }
        div class="scroll" tabindex="0" role="group" aria-label="Requests in the clear" {
            table class="http" {
                caption { "Requests in the clear" }
                thead { tr {
                    th scope="col" { "request" } th scope="col" class="n" { "times" } th scope="col" class="n" { "answer" }
                    th scope="col" class="n" { "received" }
                } }
                tbody { (rows.body) }
            }
        }
        @if !left.is_empty() {
            p class="more-of" {
                "… and " (count(left.len() as u64)) " more kinds, " (plural(requests(left), "request", "requests"))
                ": --all has them, and so has --format json."
            }
        }
    };
    Some(Section { id: "http".into(), short: "HTTP".into(), title: "HTTP in the clear".to_owned(), body })
}

fn row(view: View<'_>, http: &HttpExchange, several: bool) -> Markup {
    let mut said: Vec<String> = Vec::new();
    said.extend(http.purpose.clone());
    said.extend(http.remark.clone());
    said.extend(http.content_type.clone());
    if http.bytes_out > 0 {
        said.push(format!("{} sent", view.size(http.bytes_out)));
    }
    said.extend(http.user_agent.clone());
    if several {
        said.push(format!("in {}", http.phase));
    }
    said.extend(http.evidence.first().map(|first| diary::place(view.report, view.style, first.at)));
    let failed = http.status.is_none_or(|status| status >= 400);
    html! {
        tr {
            th scope="row" {
                span class="url" {
                    span class="faint" { (http.method.as_deref().unwrap_or("?")) } " "
                    (http.host.as_deref().unwrap_or("(no host)")) (http.path.as_deref().unwrap_or_default())
                }
                span class="said" { (said.join(" · ")) }
            }
            td class="n" { (count(http.count)) }
            td class=(if failed { "n bad" } else { "n" }) {
                (http.status.map_or_else(|| "none seen".to_owned(), |status| status.to_string()))
            }
            td class="n" { (view.size(http.bytes_in)) }
        }
    }
}
