//! What was odd, what could not be told, how much is accounted for, and where all of it comes from.

use firstlight_model::CaptureInfo;
use firstlight_model::report::Anomaly;
use maud::{Markup, html};

use super::View;
use super::list::{list, more};
use super::page::Section;
use super::timeline::number;
use crate::terminal::diary;
use crate::units::{count, duration, moment, plural, share};

/// Bytes that the files may take.
const FILES: usize = 100_000;
/// Comments of a file.
const COMMENTS: usize = 50;
/// Frames of an anomaly.
const FRAMES: usize = 5;

pub(super) fn anomalies(view: View<'_>) -> Option<Section> {
    let mut sorted: Vec<&Anomaly> = view.report.anomalies.iter().collect();
    if sorted.is_empty() {
        return None;
    }
    sorted.sort_by_key(|anomaly| std::cmp::Reverse(anomaly.count));
    let body = html! {
        div class="scroll" tabindex="0" role="group" aria-label="Anomalies" {
            table {
                caption { "Anomalies, the most frequent first" }
                thead { tr { th scope="col" class="n" { "times" } th scope="col" { "what" } th scope="col" { "where" } } }
                tbody {
                    @for anomaly in sorted {
                        tr {
                            td class="n" { (count(anomaly.count)) }
                            th scope="row" class="text" { (if anomaly.text.is_empty() { &anomaly.kind } else { &anomaly.text }) }
                            td class="faint" { (frames(view, anomaly)) }
                        }
                    }
                }
            }
        }
    };
    Some(Section { id: "odd".into(), short: "Odd".into(), title: "Odd on the wire or in the file".to_owned(), body })
}

fn frames(view: View<'_>, anomaly: &Anomaly) -> String {
    let shown = view.shown(anomaly.frames.len(), FRAMES);
    let frames = anomaly.frames.iter().take(shown).map(|at| diary::place(view.report, view.style, *at));
    let mut text = frames.collect::<Vec<_>>().join(", ");
    if !text.is_empty() && anomaly.count > shown as u64 {
        text.push_str(", …");
    }
    text
}

pub(super) fn unnamed(view: View<'_>) -> Option<Section> {
    let list = &view.report.unnamed;
    if list.is_empty() {
        return None;
    }
    let body = html! {
        div class="scroll" tabindex="0" role="group" aria-label="Connections without a name" {
            table {
                caption { "Connections without a name, by reason" }
                thead { tr {
                    th scope="col" { "because" } th scope="col" class="n" { "contacts" }
                    th scope="col" class="n" { "times" } th scope="col" class="n" { "on the wire" }
                } }
                tbody {
                    @for unnamed in list {
                        tr {
                            th scope="row" class="text" { (if unnamed.text.is_empty() { unnamed.reason } else { unnamed.text }) }
                            td class="n" { (count(unnamed.contacts)) }
                            td class="n" { (count(unnamed.connections)) }
                            td class="n" { (view.size(unnamed.bytes)) }
                        }
                    }
                }
            }
        }
    };
    Some(Section { id: "unnamed".into(), short: "Without a name".into(), title: "Without a name".to_owned(), body })
}

pub(super) fn coverage(view: View<'_>) -> Option<Section> {
    let c = &view.report.coverage;
    if c.connections_total == 0 {
        return None;
    }
    let connections =
        format!("{} of {}", count(c.connections_named), plural(c.connections_total, "connection", "connections"));
    let of_bytes = |part: u64| format!("{} of {}", view.size(part), view.size(c.bytes_total));
    let rows = [
        ("connections named", c.connections_named, c.connections_total, connections),
        ("bytes named", c.bytes_named, c.bytes_total, of_bytes(c.bytes_named)),
        ("bytes of known owners", c.bytes_owned, c.bytes_total, of_bytes(c.bytes_owned)),
        ("bytes of known purpose", c.bytes_with_purpose, c.bytes_total, of_bytes(c.bytes_with_purpose)),
    ];
    let body = html! {
        div class="scroll" tabindex="0" role="group" aria-label="Coverage" {
            table class="coverage" {
                caption { "Shares of the traffic that are accounted for" }
                thead { tr {
                    th scope="col" { "what" } th scope="col" class="n" { "share" }
                    th scope="col" { "figures" }
                } }
                tbody {
                    @for (label, part, whole, figures) in &rows {
                        @if let Some(share) = share(*part, *whole) {
                            tr {
                                th scope="row" { (label) }
                                td class="n" { strong { (share) } }
                                td class="bar" { (figures) (bar(*part, *whole)) }
                            }
                        }
                    }
                }
            }
        }
    };
    Some(Section {
        id: "coverage".into(),
        short: "Coverage".into(),
        title: "How much of it is accounted for".to_owned(),
        body,
    })
}

fn bar(part: u64, whole: u64) -> Markup {
    let width = number(part.min(whole) as f64 / whole.max(1) as f64 * 100.0);
    html! {
        svg class="share" aria-hidden="true" width="100%" height="8" {
            rect class="empty" width="100%" height="8" rx="2" {}
            rect class="full" width={ (width) "%" } height="8" rx="2" {}
        }
    }
}

pub(super) fn files(view: View<'_>) -> Option<Section> {
    let captures = &view.report.captures;
    if captures.is_empty() {
        return None;
    }
    let told = list(view.style, FILES, captures, |capture| file(view, capture));
    let body = html! {
        ul class="files" { (told.body) }
        (more(captures.len() - told.shown, " files"))
    };
    let title = if captures.len() == 1 { "File" } else { "Files" };
    Some(Section { id: "files".into(), short: "Files".into(), title: title.to_owned(), body })
}

fn file(view: View<'_>, capture: &CaptureInfo) -> Markup {
    let shown = view.shown(capture.comments.len(), COMMENTS);
    html! {
        li {
            p { strong { (diary::path_words(&capture.path)) } }
            p { (diary::file_facts(view.report, view.style, capture)) }
            @if let (Some(first), Some(last)) = (capture.first, capture.last) {
                p { (moment(first)) ", " (duration(last.since_ns(first))) }
            }
            @if !capture.sha256.is_empty() { p class="faint digest" { "SHA-256 " (capture.sha256) } }
            @if let Some(drops) = capture.drops.filter(|drops| *drops > 0) {
                p class="bad" { (plural(drops, "packet was", "packets were")) " dropped while capturing" }
            }
            @if capture.out_of_order > 0 {
                p { (plural(capture.out_of_order, "packet is", "packets are")) " earlier than the one before" }
            }
            @if let Some(stopped) = &capture.stopped {
                p class="bad" { "read up to byte " (count(stopped.byte)) ": " (stopped.why) }
            }
            @if shown > 0 {
                dl class="facts" {
                    @for comment in capture.comments.iter().take(shown) {
                        div {
                            dt { (comment.frame.map_or_else(|| "comment".to_owned(), |at| format!("frame {}", at.number))) }
                            dd { (comment.text) }
                        }
                    }
                }
            }
            (more(capture.comments.len() - shown, " comments"))
            @if capture.comments_left_out > 0 {
                p class="faint" { (plural(capture.comments_left_out, "comment", "comments")) " beyond what is kept" }
            }
        }
    }
}
