//! What is known of names and addresses, on a terminal: an answer is a few lines, each with a word for what it says.
//! What nobody knows is said.

use std::io;

use firstlight_model::explanation::{Explanation, Provenance};

use super::page::{Page, Paint, Text};
use crate::Style;
use crate::units::{plural, size};

/// Where answers begin.
const INDENT: usize = 13;

/// Answers, one after the other.
///
/// # Errors
/// When `out` cannot be written to.
pub fn explained(explanations: &[Explanation], style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page::new(style);
    for (at, explanation) in explanations.iter().enumerate() {
        if at > 0 {
            page.blank();
        }
        answer(explanation, style, &mut page);
    }
    if explanations.len() > 1 {
        page.blank();
        let count = |is_known: fn(&Explanation) -> bool| explanations.iter().filter(|it| is_known(it)).count();
        let (owned, explained) = (count(|it| it.owner.is_some()), count(|it| it.purpose.is_some()));
        let words = format!("Of {} the owner is known of {owned} and the purpose of {explained}.", explanations.len());
        page.flow(0, &Text::of(Paint::Faint, &words));
    }
    out.write_all(page.into_text().as_bytes())
}

fn answer(it: &Explanation, style: &Style, page: &mut Page) {
    let mut head = Text::of(Paint::Strong, &it.query);
    if let Some(seen) = it.seen {
        let connections = plural(seen.connections, "connection", "connections");
        head.push(Paint::Faint, &format!(" · {connections} · {}", size(seen.bytes, style.figures)));
    }
    page.flow(0, &head);
    let mut line = |word: &str, text: Text| {
        page.hang(Text::of(Paint::Faint, &format!("  {word}")), INDENT, &text);
    };
    line("owner", owner(it));
    if let Some(carrier) = &it.carrier {
        let country = it.country.as_ref().map_or_else(String::new, |country| format!(" · {country}"));
        line("served by", Text::plain(carrier).and(Paint::Faint, &country));
    }
    match &it.purpose {
        Some(purpose) => line("purpose", Text::plain(purpose)),
        None => line("purpose", Text::of(Paint::Faint, "nobody knows")),
    }
    if let Some(category) = &it.category {
        let meaning = it.category_meaning.as_ref().map_or_else(String::new, |meaning| format!(" · {meaning}"));
        line("category", Text::plain(category).and(Paint::Faint, &meaning));
    }
    if let Some(program) = &it.program {
        line("asked by", Text::plain(program).and(Paint::Faint, " · usually"));
    }
    if let Some(loss) = &it.if_blocked {
        let source = it.if_blocked_source.as_ref().map_or_else(String::new, |source| format!(" · {source}"));
        line("if blocked", Text::plain(loss).and(Paint::Faint, &source));
    }
    if let Some(rule) = &it.rule {
        line("rule", Text::plain(rule));
    }
    if let Some(evidence) = &it.evidence {
        line("known from", provenance(evidence));
    }
    for other in &it.alternatives {
        let mut text = Text::plain(&other.purpose).and(Paint::Faint, &format!(" · {} · ", other.rule));
        text.append(provenance(&other.evidence));
        line("or", text);
    }
}

fn owner(it: &Explanation) -> Text {
    let Some(owner) = &it.owner else { return Text::of(Paint::Faint, "nobody knows") };
    let paint = match it.vendor_own {
        Some(true) => Paint::Own,
        Some(false) => Paint::Other,
        None => Paint::Plain,
    };
    let mut text = Text::of(paint, owner);
    for parent in &it.owner_parents {
        text.push(Paint::Plain, &format!(", part of {parent}"));
    }
    match it.vendor_of.as_slice() {
        [] => {}
        makes => text.push(Paint::Faint, &format!(" · makes {}", makes.join(", "))),
    }
    if let Some(source) = &it.owner_source {
        text.push(Paint::Faint, &format!(" · {source}"));
    }
    text
}

/// How sure, from where, how old.
fn provenance(it: &Provenance) -> Text {
    let place = it.url.as_deref().unwrap_or(&it.key);
    let mut text = Text::plain(&format!("{}: {}, {place}", it.grade, grade_words(&it.grade)));
    match (&it.date, &it.read) {
        (Some(date), Some(read)) if date != read => {
            text.push(Paint::Faint, &format!(" · read {read}, stated {date}"));
        }
        (Some(date), _) => text.push(Paint::Faint, &format!(" · read {date}")),
        (None, _) => {}
    }
    if let Some(months) = it.age_months {
        let age = match months {
            0 => "this month".to_owned(),
            1..24 => format!("{} ago", plural(u64::from(months), "month", "months")),
            _ => format!("{} ago", plural(u64::from(months / 12), "year", "years")),
        };
        text.push(Paint::Faint, &format!(", {age}"));
    }
    if it.is_stale {
        text.push(Paint::Bad, " · stale: older than two years, may no longer hold");
    }
    text
}

/// What a grade of evidence means.
fn grade_words(grade: &str) -> &'static str {
    match grade {
        "vendor" => "the vendor says so",
        "source-code" => "it stands in source code",
        "observed" => "somebody observed it",
        "public-list" => "it stands in a public list",
        "corroborated" => "the host is in public data, the purpose is common knowledge",
        "analyst" => "an analyst's knowledge, nothing confirms it",
        "user" => "your own tables say so",
        _ => "of no known grade",
    }
}

#[cfg(test)]
mod tests {
    use super::explained;
    use crate::Style;
    use firstlight_model::explanation::{Alternative, Amount, Explanation, Provenance};

    fn text(explanations: &[Explanation]) -> String {
        let mut out = Vec::new();
        explained(explanations, &Style::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn provenance(months: u32) -> Provenance {
        Provenance {
            grade: "vendor".to_owned(),
            key: "doc".to_owned(),
            url: Some("https://acme.example/doc".to_owned()),
            date: Some("2024-01".to_owned()),
            read: Some("2024-01".to_owned()),
            age_months: Some(months),
            is_stale: months > 24,
        }
    }

    #[test]
    fn an_answer_says_whose_what_for_whence_and_how_old() {
        let known = Explanation {
            query: "time.acme.example".to_owned(),
            owner: Some("Acme Time".to_owned()),
            owner_parents: vec!["Acme".to_owned()],
            vendor_of: vec!["AcmeOS".to_owned()],
            purpose: Some("Sets the clock".to_owned()),
            rule: Some("exact time.acme.example".to_owned()),
            evidence: Some(provenance(34)),
            alternatives: vec![Alternative {
                purpose: "Web site".to_owned(),
                category: "web".to_owned(),
                rule: "suffix acme.example".to_owned(),
                evidence: provenance(3),
            }],
            seen: Some(Amount { connections: 1, bytes: 1500 }),
            ..Explanation::default()
        };
        let page = text(&[known]);
        for words in [
            "time.acme.example · 1 connection · 1.5 kB\n",
            "  owner      Acme Time, part of Acme · makes AcmeOS\n",
            "  purpose    Sets the clock\n",
            "  rule       exact time.acme.example\n",
            "  known from vendor: the vendor says so, https://acme.example/doc · read\n             2024-01, 2 years ago · stale",
            "older than two years, may no longer\n",
            "  or         Web site · suffix acme.example · vendor: the vendor says so,\n",
            "3 months ago",
        ] {
            assert!(page.contains(words), "{words:?} is not in\n{page}");
        }
    }

    #[test]
    fn what_nobody_knows_of_several_is_counted() {
        let known = Explanation { owner: Some("Acme".to_owned()), ..Explanation::default() };
        let page = text(&[known.clone(), Explanation::default(), Explanation::default()]);
        assert!(page.ends_with("\nOf 3 the owner is known of 1 and the purpose of 0.\n"), "{page}");
        assert!(!text(&[known]).contains("is known of"));
    }

    #[test]
    fn what_nobody_knows_is_said_and_what_is_hostile_is_seen() {
        let page = text(&[Explanation { query: "x\u{1b}[2J\u{202e}".to_owned(), ..Explanation::default() }]);
        assert_eq!(page, "x\\x1b[2J\\u{202e}\n  owner      nobody knows\n  purpose    nobody knows\n");
    }
}
