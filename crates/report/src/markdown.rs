//! The diary as an article in Markdown (CommonMark 0.31, tables of GFM 0.29), in the order in which an analyst writes
//! one: the machine and its SYN, each phase with whom it contacted and what for, what could be read in the clear, what
//! has no name, and what is wrong on the wire.
//!
//! Names come from the wire: they stand in code spans, and everything else is escaped, so that nothing becomes a
//! link, a tag or a table of its own.

pub mod compared;

use std::fmt::Write as _;
use std::io;

use firstlight_model::report::{Contact, Machine, Report, Scope};

use crate::escape::visible;
use crate::terminal::Sentence;
use crate::terminal::diary;
use crate::units::{count, plural, share, size};
use crate::{Figures, Length, Style};

/// Rows of requests in the clear; an article has room for no more unless all is asked for.
const REQUESTS: usize = 40;

/// Writes the article.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = String::new();
    match report.machines.first() {
        Some(machine) => {
            let _ = writeln!(page, "# Network traffic of {}\n", text(title(machine)));
            page.extend(diary::about(report, style).map(|sentence| format!("{}\n", sentence_text(&sentence))));
            fingerprint(report, machine, &mut page);
            for at in 0..report.phases.len() {
                phase(report, style, machine, at, &mut page);
            }
            http(report, style, machine, &mut page);
        }
        None => page.push_str("# Network traffic\n\nNo machine can be told apart.\n"),
    }
    account(report, style.figures, &mut page);
    out.write_all(page.as_bytes())
}

fn title(machine: &Machine) -> &str {
    if machine.os.family.is_some() { &machine.os.verdict } else { &machine.id }
}

fn fingerprint(report: &Report, machine: &Machine, page: &mut String) {
    let of_machine = report.fingerprints.iter().filter(|print| print.machine == machine.id);
    for print in of_machine.filter(|print| print.kind == "tcp.syn") {
        let Some(line) = &print.tcpdump else { continue };
        let _ = write!(page, "\n## Fingerprint\n\nSYN, seen {}:\n\n", plural(print.count, "time", "times"));
        let _ = writeln!(page, "    {}\n", visible(line));
        for known in &print.matches {
            let how = if known.same {
                format!("same as {}", known.label)
            } else {
                format!("differs from {} in {}", known.label, known.differences.join(", "))
            };
            let _ = writeln!(page, "- {} ({})", text(&how), text(&known.source));
        }
        for remark in &print.remarks {
            let _ = writeln!(page, "- {}", text(remark));
        }
        return;
    }
}

fn phase(report: &Report, style: &Style, machine: &Machine, at: usize, page: &mut String) {
    let Some(phase) = report.phases.get(at) else { return };
    let heading = if report.phases.len() > 1 { format!("{}. {}", at + 1, phase.name) } else { "Contacts".to_owned() };
    let _ = writeln!(page, "\n## {}", text(&heading));
    for sentence in diary::about_phase(report, style, machine, at) {
        let _ = writeln!(page, "\n{}", sentence_text(&sentence));
    }
    let contacts: Vec<&Contact> =
        report.contacts.iter().filter(|c| c.machine == machine.id && c.phase == phase.name).collect();
    let far = |own: bool| {
        let is = move |c: &&&Contact| c.scope == Scope::Internet && (c.knowledge.vendor_own == Some(true)) == own;
        contacts.iter().filter(is).copied().collect::<Vec<_>>()
    };
    let near: Vec<&Contact> = contacts.iter().filter(|c| c.scope != Scope::Internet).copied().collect();
    let own = far(true);
    let (own_name, others) = (diary::own_name(&own), far(false));
    for (name, rows) in [(own_name.as_str(), own), ("Others", others), ("Local network", near)] {
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(page, "\n### {}\n\n| contact | service | times | sent | received | what for |", text(name));
        page.push_str("|---|---|--:|--:|--:|---|\n");
        for contact in rows {
            let knowledge = &contact.knowledge;
            let owner = knowledge.owner.as_deref().filter(|_| knowledge.vendor_own != Some(true));
            let why = contact.unnamed_reason.filter(|_| contact.scope == Scope::Internet);
            let why = why.map(|reason| format!("no name: {reason}"));
            let what = [owner, knowledge.purpose.as_deref(), contact.remark.as_deref(), why.as_deref()];
            let what = what.into_iter().flatten().map(text).collect::<Vec<_>>().join(" · ");
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {} | {what} |",
                code(&diary::label(contact)),
                text(&diary::service(contact)),
                count(contact.connections),
                size(contact.payload_out, style.figures),
                size(contact.payload_in, style.figures),
            );
        }
    }
}

fn http(report: &Report, style: &Style, machine: &Machine, page: &mut String) {
    let requests: Vec<_> = report.http.iter().filter(|exchange| exchange.machine == machine.id).collect();
    if requests.is_empty() {
        return;
    }
    page.push_str(
        "\n## HTTP in the clear\n\n| request | times | status | received | what for |\n|---|--:|--:|--:|---|\n",
    );
    let shown = if style.length == Length::All { requests.len() } else { REQUESTS };
    for exchange in requests.iter().take(shown) {
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        let request = format!("{} {}{}", part(&exchange.method), part(&exchange.host), part(&exchange.path));
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} |",
            code(request.trim()),
            count(exchange.count),
            exchange.status.map_or(String::new(), |status| status.to_string()),
            size(exchange.bytes_in, style.figures),
            text(exchange.purpose.as_deref().unwrap_or_default()),
        );
    }
    if let Some(left @ 1..) = requests.len().checked_sub(shown) {
        let _ = writeln!(page, "\n… and {} more.", count(left as u64));
    }
}

fn account(report: &Report, figures: Figures, page: &mut String) {
    if !report.unnamed.is_empty() {
        page.push_str("\n## What has no name\n\n| reason | connections | bytes |\n|---|--:|--:|\n");
        for unnamed in &report.unnamed {
            let (connections, bytes) = (count(unnamed.connections), size(unnamed.bytes, figures));
            let _ = writeln!(page, "| {} | {connections} | {bytes} |", text(unnamed.text));
        }
    }
    if !report.anomalies.is_empty() {
        page.push_str("\n## Anomalies\n\n");
        for anomaly in &report.anomalies {
            let _ = writeln!(page, "- {} {}", count(anomaly.count), text(&anomaly.text));
        }
    }
    let coverage = &report.coverage;
    let (named, all) = (coverage.connections_named, coverage.connections_total);
    let _ =
        write!(page, "\n## Coverage\n\n{} of {} have a name", count(named), plural(all, "connection", "connections"));
    for (what, bytes) in [("an owner", coverage.bytes_owned), ("a purpose", coverage.bytes_with_purpose)] {
        if let Some(part) = share(bytes, coverage.bytes_total) {
            let _ = write!(page, "; {part} of the bytes have {what}");
        }
    }
    page.push_str(".\n\n");
    for capture in &report.captures {
        let _ = writeln!(page, "- {}, SHA-256 {}", code(&capture.path), code(&capture.sha256));
    }
}

fn sentence_text(sentence: &Sentence) -> String {
    let mut out = String::new();
    for (is_strong, part) in sentence {
        let is_name = *is_strong && !part.contains(' ');
        if is_name {
            out.push_str(&code(part));
        } else {
            out.push_str(&text(part));
        }
    }
    out
}

/// Text that means itself.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let text = visible(text);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // `www.`, `://` and `@` would become links (GFM s. 6.9).
        let links = match c {
            '.' => out.get(out.len().saturating_sub(3)..).is_some_and(|end| end.eq_ignore_ascii_case("www")),
            ':' => chars.peek() == Some(&'/'),
            _ => c == '@',
        };
        if links
            || matches!(c, '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!')
        {
            out.push('\\');
        }
        out.push(c);
    }
    // What would begin a list or a heading of its own.
    if out.starts_with(['+', '-', '=']) {
        out.insert(0, '\\');
    }
    out
}

/// A code span (CommonMark s. 6.1), also within a table, where a bar needs a backslash (GFM s. 4.10).
fn code(text: &str) -> String {
    let text = visible(text);
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", text.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn article(report: &Report) -> String {
        let mut out = Vec::new();
        write(report, &Style::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_sample_as_an_article() {
        insta::assert_snapshot!(article(&sample::report()));
    }

    #[test]
    fn names_from_the_wire_are_nothing_but_text() {
        assert_eq!(text("<img src=x>"), "\\<img src=x\\>");
        assert_eq!(text("[a](https://b)"), "\\[a\\](https\\://b)");
        assert_eq!(text("see www.example.com or a@b.example"), "see www\\.example.com or a\\@b.example");
        assert_eq!(text("- item"), "\\- item");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a\n| b\u{202e}"), "`a\\x0a\\| b\\u{202e}`");
    }

    #[test]
    fn a_hostile_name_stays_in_its_cell() {
        let mut report = sample::report();
        for contact in &mut report.contacts {
            contact.name = Some("a|b`<script>\n# x".to_owned());
        }
        let page = article(&report);
        assert!(!page.contains("\n# x"), "{page}");
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ``a")).collect();
        assert!(!rows.is_empty());
        for row in rows {
            let bars = row.replace("\\|", "").matches('|').count();
            assert_eq!(bars, 7, "{row}");
        }
    }
}
