//! The page of the sample, and of many contacts.

use std::net::IpAddr;

use firstlight_model::report::Scope;
use proptest::prelude::*;

use super::*;
use crate::escape::is_hidden;
use crate::{Figures, sample};

fn page() -> String {
    render(&sample::report(), &Style::default())
}

/// The text of the page without its tags.
fn text(page: &str) -> String {
    let (_, body) = page.split_once("<body>").unwrap();
    let mut out = String::new();
    for piece in body.split('<') {
        out.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
    }
    out.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[test]
fn the_first_sentence_says_what_a_reader_needs() {
    let (_, head) = page().split_once("<h1>").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let head = text(&format!("<body>{}", head.split_once("</h1>").unwrap().0));
    assert_eq!(
        head,
        "macOS 10.15; 99.5 % of bytes are Apple's own; 10 contacts with 8 others; 1 with somebody unknown; 1 began \
         from the other side; signs of macOS and of Windows come from one machine."
    );
}

#[test]
fn a_scan_that_nobody_answers_is_unusual() {
    let mut report = sample::report();
    report.contacts.retain(|contact| contact.knowledge.vendor_own == Some(true));
    report.machines[0].identity.contradictions.clear();
    let first =
        |report: &Report| text(&render(report, &Style::default())).split_once("macOS 10.15 at").unwrap().0.to_owned();
    assert!(first(&report).contains("nothing unusual"), "{}", first(&report));
    let connections: u64 = report.contacts.iter().map(|contact| contact.connections).sum();
    let failed: u64 = report.contacts.iter().map(|contact| contact.failed).sum();
    let mut scan = report.contacts[0].clone();
    (scan.connections, scan.failed, scan.payload_in) = (2_000, 1_990, 0);
    report.contacts.push(scan);
    let words =
        format!("{} of {} connections not answered", units::count(failed + 1_990), units::count(connections + 2_000));
    assert!(first(&report).contains(&words), "{words}: {}", first(&report));
}

#[test]
fn what_the_diary_says_the_page_says_too() {
    let text = text(&page());
    for statement in [
        "macOS 10.15 at 192.168.1.20 exchanged 85,213 packets (67.0 MB) in 12 min 31 s",
        "The machine connected 18 times to swscan.apple.com (distributes software), 42.0 MB retrieved",
        "This phase added 8 names",
        "Flags [SEW], seq 4259408247, win 65535, options [mss 1460,nop,wscale 6,nop,nop,TS val 801728007 ecr 0,sackOK,eol], length 0",
        "differs from macOS 10.9 in wscale 6, not 4; ECN",
        "vendor: https://support.apple.com/101555",
        "TLS server name, high confidence",
        "dictionary-en.pkg",
        "wrong TCP checksums, as a capture on the sending machine has them (offload)",
        "the address was used without a name",
        "read up to byte 1,234,567: the file ends within a packet",
        "the first SYN",
        "2 of 206 not answered",
        "from the other side",
        "Johanness-iMac",
    ] {
        assert!(text.contains(statement), "{statement}\n{text}");
    }
}

#[test]
fn the_policy_allows_the_style_and_the_script_of_the_page_and_nothing_else() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let page = page();
    for element in ["style", "script"] {
        let (_, rest) = page.split_once(&format!("<{element}>")).unwrap();
        let (content, _) = rest.split_once(&format!("</{element}>")).unwrap();
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(content));
        assert!(page.contains(&format!("{element}-src 'sha256-{hash}';")), "{element}");
        assert!(!content.contains("</"), "{element} ends where it ends");
        // A browser takes a carriage return for a line feed before it hashes.
        assert!(!content.contains('\r'), "{element} has line feeds alone");
    }
    assert!(page.contains("content=\"default-src 'none'; "));
    // What the policy would forbid is not there either.
    for forbidden in [" style=", " onclick=", " onload=", "<img", "<link", "src=\"", "http-equiv=\"refresh"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn the_page_of_the_most_contacts_stays_below_five_megabytes() {
    let mut report = sample::report();
    let first = report.contacts[0].clone();
    report.contacts.clear();
    for i in 0..65_536_u32 {
        let mut contact = first.clone();
        contact.name = Some(format!("host-{i:05}.service.subsidiary.example.com"));
        contact.addresses = (0..4).map(|at| IpAddr::from((i * 4 + at).to_be_bytes())).collect();
        contact.knowledge.owner = Some(format!("Owner {} Incorporated", i % 5_000));
        (contact.payload_in, contact.wire_in) = (u64::from(i) * 1_000, u64::from(i) * 1_100);
        if i % 50 == 0 {
            contact.scope = Scope::Local;
        }
        report.contacts.push(contact);
    }
    let http = report.http[0].clone();
    report.http = vec![http; 20_000];
    let print = report.fingerprints[1].clone();
    report.fingerprints = vec![print; 20_000];
    let machine = report.machines[1].clone();
    report.machines.extend(vec![machine; 20_000]);
    let page = render(&report, &Style::default());
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    let shown = page.matches("<th scope=\"row\"><button").count();
    assert!(shown >= 2_500, "{shown} contacts");
    let left = units::count(65_536 - shown as u64);
    assert!(text(&page).contains(&format!("… and {left} more contacts that received less, ")), "{left}");
    // What is shown is what received most.
    assert!(page.contains("host-65535.") && !page.contains("host-00001."));
    let all = render(&report, &Style { length: Length::All, ..Style::default() });
    assert_eq!(all.matches("<th scope=\"row\"><button").count(), 65_536);
}

#[test]
fn five_thousand_contacts_are_all_there() {
    let mut report = sample::report();
    let first = report.contacts[0].clone();
    report.contacts = (0..5_000)
        .map(|i| {
            let mut contact = first.clone();
            contact.name = Some(format!("host-{i}.apple.com"));
            contact
        })
        .collect();
    let page = render(&report, &Style::default());
    assert_eq!(page.matches("<th scope=\"row\"><button").count(), 5_000, "{} bytes", page.len());
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
}

#[test]
fn a_report_of_nothing_says_so() {
    let mut report = sample::report();
    (report.machines, report.summary, report.contacts) = (vec![], vec![], vec![]);
    (report.phases, report.http, report.fingerprints) = (vec![], vec![], vec![]);
    let text = text(&render(&report, &Style::default()));
    assert!(text.contains("No machine can be told apart"), "{text}");
    assert!(text.contains("read up to byte 1,234,567"), "{text}");
}

#[test]
fn exact_figures_are_exact() {
    let page = render(&sample::report(), &Style { figures: Figures::Exact, ..Style::default() });
    assert!(page.contains("<td class=\"n\">42,000,000 B</td>"), "{page}");
    let rounded = self::page();
    assert!(rounded.contains("<td class=\"n\" data-v=\"42000000\">42.0 MB</td>"), "{rounded}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_and_any_figure_makes_a_page_without_a_tag_of_its_own(
        words in prop::collection::vec(any::<String>(), 12), figure in any::<u64>(), when in any::<i64>()
    ) {
        let mut report = sample::report();
        for (i, contact) in report.contacts.iter_mut().enumerate() {
            let word = |n: usize| words[(i + n) % words.len()].clone();
            contact.name = Some(word(0));
            contact.remark = Some(word(1));
            contact.service = Some(word(2));
            (contact.knowledge.owner, contact.knowledge.purpose) = (Some(word(3)), Some(word(4)));
            (contact.payload_in, contact.payload_out, contact.connections) = (figure, figure / 3, figure);
            (contact.wire_in, contact.wire_out, contact.failed) = (figure, figure, figure / 2);
            contact.last = firstlight_model::Timestamp::from_ns(when);
        }
        report.machines[0].os.verdict = words[0].clone();
        report.http[0].path = Some(words[1].clone());
        report.fingerprints[0].tcpdump = Some(words[2].clone());
        report.captures[0].comments[0].text = words[3].clone();
        let page = render(&report, &Style::default());
        let (_, body) = page.split_once("<body>").unwrap();
        prop_assert!(!body.trim_end_matches('\n').chars().any(is_hidden));
        // As many tags as with words that are none; `<` and `>` of a word are written otherwise.
        for contact in &mut report.contacts {
            for text in [&mut contact.name, &mut contact.remark, &mut contact.service] {
                *text = text.as_ref().map(|text| text.chars().map(|c| if "<>&\"".contains(c) { 'x' } else { c }).collect());
            }
        }
        let (tags, plain) = (body.matches('<').count(), render(&report, &Style::default()));
        prop_assert_eq!(tags, plain.split_once("<body>").unwrap().1.matches('<').count());
    }
}
