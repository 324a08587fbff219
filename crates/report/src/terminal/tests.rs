//! The diary of the sample, as a whole and statement by statement.

use firstlight_model::report::Scope;
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::escape::is_hidden;
use crate::{Color, Figures, sample};

fn style(width: usize) -> Style {
    Style { width, ..Style::default() }
}

fn text(style: &Style) -> String {
    render(&sample::report(), style)
}

#[test]
fn the_diary_at_80_columns() {
    insta::assert_snapshot!(text(&style(80)));
}

#[test]
fn the_diary_at_160_columns() {
    insta::assert_snapshot!(text(&style(160)));
}

#[test]
fn the_whole_diary_with_exact_figures() {
    insta::assert_snapshot!(text(&Style { length: Length::All, figures: Figures::Exact, ..style(120) }));
}

#[test]
fn a_report_of_nothing_says_so() {
    let mut report = sample::report();
    (report.machines, report.summary, report.contacts) = (vec![], vec![], vec![]);
    let text = render(&report, &style(80));
    assert!(text.contains("No machine can be told apart"), "{text}");
    assert!(text.contains("read up to byte 1,234,567: the file ends within a packet"), "{text}");
}

#[test]
fn colour_changes_nothing_but_colour() {
    let colored = text(&Style { color: Color::Ansi, ..style(80) });
    let mut stripped = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once("\x1b[") {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, text(&style(80)));
    assert!(colored.len() > stripped.len());
}

#[test]
fn only_the_line_for_tcpdump_is_wider_than_the_page() {
    for width in [60, 80, 100, 160, 200] {
        for line in text(&style(width)).lines().filter(|l| !l.starts_with("Flags [") && l.trim().contains(' ')) {
            assert!(line.width() <= width, "{} columns of {width}: {line}", line.width());
        }
    }
}

#[test]
fn nothing_from_the_wire_reaches_the_terminal_as_it_was() {
    let mut report = sample::report();
    for contact in &mut report.contacts {
        contact.knowledge.owner = Some(sample::HOSTILE.into());
        contact.knowledge.purpose = Some(sample::HOSTILE.into());
        contact.service = Some(sample::HOSTILE.into());
        contact.remark = Some(sample::HOSTILE.into());
    }
    for machine in &mut report.machines {
        machine.names[..].iter_mut().for_each(|n| n.value = sample::HOSTILE.into());
        machine.os.verdict = sample::HOSTILE.into();
        machine.mac_vendor = Some(sample::HOSTILE.into());
    }
    for phase in &mut report.phases {
        phase.why = sample::HOSTILE.into();
        phase.kind = firstlight_model::report::PhaseKind::SetUp;
        phase.kind_why = sample::HOSTILE.into();
    }
    report.http[0].path = Some(sample::HOSTILE.into());
    report.http[0].user_agent = Some(sample::HOSTILE.into());
    report.captures[0].path = sample::HOSTILE.into();
    report.captures[0].comments[0].text = sample::HOSTILE.into();
    report.fingerprints[0].tcpdump = Some(sample::HOSTILE.into());
    for length in [Length::Short, Length::All] {
        let text = render(&report, &Style { length, ..style(80) });
        assert!(!text.chars().any(|c| c != '\n' && is_hidden(c)));
        assert!(text.contains("\\x1b[2Jmoc.\\u{202e}elppa\\u{200b}.example"));
    }
}

#[test]
fn every_statement_of_the_diary_is_there() {
    let text = text(&style(80));
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (id, statement) in [
        (
            "D1",
            "\nFlags [SEW], seq 4259408247, win 65535, options [mss 1460,nop,wscale 6,nop,nop,TS val 801728007 ecr \
             0,sackOK,eol], length 0\n",
        ),
        ("D2", "same as macOS 10.14"),
        ("D3", "asks for ECN"),
        ("D4", "1. install"),
        ("D5", "albert.apple.com"),
        ("D5", "activates the device"),
        ("D6", "206 times to gspe21-ssl.ls.apple.com (maps), 23.1 MB retrieved"),
        ("D6", "18 times to swscan.apple.com (distributes software), 42.0 MB retrieved"),
        ("D7", "application/octet-stream"),
        ("D8", "Apple's own systems"),
        ("D8", "apple-finance.query.yahoo.com"),
        ("D9", "This phase added 8 names: www.bing.com,"),
        ("D11", "served by Akamai"),
        ("D15", "12 min 31 s"),
        ("D15", "VMware"),
        ("D15", "Johanness-iMac"),
        ("D16", "the first SYN"),
    ] {
        assert!(text.contains(statement) || flat.contains(statement), "{id}: {statement}\n{text}");
    }
}

#[test]
fn long_lists_are_cut_and_say_by_how_much() {
    let mut report = sample::report();
    let first = report.contacts[0].clone();
    for i in 0..60 {
        let mut contact = first.clone();
        contact.name = Some(format!("host-{i}.apple.com"));
        report.contacts.push(contact);
    }
    let short = render(&report, &style(80));
    assert!(short.contains("… and 25 more, "), "{short}");
    let all = render(&report, &Style { length: Length::All, ..style(80) });
    assert!(all.contains("host-59.apple.com") && !all.contains("(--all)"), "{all}");
}

#[test]
fn tens_of_thousands_of_contacts_take_no_more_than_moments() {
    let mut report = sample::report();
    let first = report.contacts[0].clone();
    for i in 0..40_000_u32 {
        let mut contact = first.clone();
        contact.name = None;
        contact.addresses = vec![std::net::IpAddr::from(i.to_be_bytes())];
        if i % 2 == 0 {
            (contact.scope, contact.remark) = (Scope::Local, Some("printer".to_owned()));
        }
        report.contacts.push(contact);
    }
    // A list that is searched once for each of its elements would take minutes.
    let text = render(&report, &style(80));
    assert!(text.contains("… and 19,965 more"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_and_any_figure_can_be_printed_at_any_width(
        words in prop::collection::vec(any::<String>(), 12), figure in any::<u64>(), width in 0_usize..500, all in any::<bool>()
    ) {
        let mut report = sample::report();
        for (i, contact) in report.contacts.iter_mut().enumerate() {
            let word = |n: usize| words[(i + n) % words.len()].clone();
            contact.name = (i % 3 > 0).then(|| word(0));
            contact.remark = Some(word(1));
            contact.service = Some(word(2));
            (contact.knowledge.owner, contact.knowledge.purpose) = (Some(word(3)), Some(word(4)));
            (contact.payload_in, contact.payload_out, contact.connections) = (figure, figure / 3, figure);
            (contact.wire_in, contact.wire_out, contact.failed) = (figure, figure, figure / 2);
        }
        report.machines[0].os.verdict = words[0].clone();
        report.http[0].path = Some(words[1].clone());
        report.fingerprints[0].tcpdump = Some(words[2].clone());
        report.captures[0].comments[0].text = words[3].clone();
        (report.coverage.bytes_named, report.summary[0].packets) = (figure, figure);
        let length = if all { Length::All } else { Length::Short };
        let text = render(&report, &Style { width, length, ..Style::default() });
        prop_assert!(!text.chars().any(|c| c != '\n' && is_hidden(c)));
    }
}
