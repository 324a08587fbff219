//! The diary of the sample, as a whole and statement by statement.

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
    for i in 0..30 {
        let mut contact = first.clone();
        contact.name = Some(format!("host-{i}.apple.com"));
        report.contacts.push(contact);
    }
    let short = render(&report, &style(80));
    assert!(short.contains("… and 21 more, 521 connections, "), "{short}");
    let all = render(&report, &Style { length: Length::All, ..style(80) });
    assert!(all.contains("host-29.apple.com") && !all.contains("(--all)"), "{all}");
}
