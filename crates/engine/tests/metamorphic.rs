//! The same packets in another file give the same report, byte for byte but for what is said of the file; and what may
//! not matter does not: the order of the files, the day, marks that are given twice, how tables are hashed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

#[path = "support/files.rs"]
mod files;
#[path = "support/frames.rs"]
mod frames;
#[path = "support/shift.rs"]
mod shift;
#[path = "support/traffic.rs"]
mod traffic;

use firstlight_engine::{FilePhases, Mark, MarkTime, Options, Position, report_of};
use firstlight_model::Timestamp;
use firstlight_model::report::Report;

use files::{COMPRESSIONS, Written, as_files, json_of, read_streams};
use frames::{Kept, options, read, whole};

/// Frames of the example that are enough for every kind of it.
const EXAMPLE_FRAMES: usize = 3_000;

/// Says where two reports differ first.
#[track_caller]
fn assert_same(a: &str, b: &str, what: &str) {
    if a == b {
        return;
    }
    let at =
        a.lines().zip(b.lines()).position(|(a, b)| a != b).unwrap_or_else(|| a.lines().count().min(b.lines().count()));
    let line = |text: &str| text.lines().nth(at).unwrap_or("(end)").to_owned();
    panic!("{what}: line {}\n  one:   {}\n  other: {}", at + 1, line(a), line(b));
}

/// Writes the frames in all ways and compares what is said of each.
fn check(frames: &[Kept], what: &str) {
    let written = as_files(frames);
    assert!(written.len() >= 4, "{what}: {} files", written.len());
    let one_file = |bytes: &[u8]| json_of(&read_streams(&[bytes], &options()), &[frames.len()]);
    let expected = one_file(&written[0].bytes);
    for Written { name, bytes } in &written[1..] {
        assert_same(&expected, &one_file(bytes), &format!("{what} as {name}"));
    }
    for Written { name, bytes } in [&written[0], &written[written.len() - 1]] {
        for (compression, compress) in COMPRESSIONS {
            let packed = compress(bytes);
            assert!(packed.len() < bytes.len(), "{compression} of {name}");
            assert_same(&expected, &one_file(&packed), &format!("{what} as {name} in {compression}"));
        }
    }
    for cut in [1, frames.len() / 3, frames.len() / 2, frames.len() - 1] {
        let (first, second) = frames.split_at(cut);
        if first.is_empty() || second.is_empty() {
            continue;
        }
        let halves = [as_files(first), as_files(second)];
        let parts = [halves[0][0].bytes.as_slice(), halves[1][halves[1].len() - 1].bytes.as_slice()];
        let report = read_streams(&parts, &options());
        assert_eq!(report.captures.len(), 2);
        assert_same(&expected, &json_of(&report, &[first.len(), second.len()]), &format!("{what} in two at {cut}"));
    }
}

#[test]
fn the_example_in_any_file_gives_the_same_report() {
    check(&frames::of_example(EXAMPLE_FRAMES), "the example");
}

#[test]
fn made_traffic_in_any_file_gives_the_same_report() {
    check(&frames::of_made(traffic::together()), "all together");
    for (name, made) in traffic::all() {
        check(&frames::of_made(made), name);
    }
    for made in traffic::downloads(150_000) {
        check(&frames::of_made(made), "a long answer");
    }
}

#[test]
fn real_captures_in_any_file_give_the_same_report() {
    let Some(corpus) = frames::corpus() else { return };
    let mut found = 0;
    for name in [
        "ndpi/pcap/iphone.pcap",
        "ja4/pcap/tls-handshake.pcapng",
        "ja4/pcap/http1.pcapng",
        "zeek/Traces/ipv6-fragmented-dns.pcap",
        "zeek/Traces/http/multipart.pcap",
        "zeek/Traces/tunnels/vxlan-encapsulated-http.pcap",
    ] {
        let (mut frames, _) = frames::of_file(&corpus.join(name));
        if frames.len() < 2 {
            println!("left out: {name} is not there");
            continue;
        }
        found += 1;
        // What a microsecond file cannot hold would make another capture of it; nor can several files keep the order
        // of frames that are not in the order of time.
        for frame in &mut frames {
            frame.time = Timestamp::from_ns(frame.time.as_ns() / 1_000 * 1_000);
        }
        frames.sort_by_key(|frame| frame.time);
        for (number, frame) in (1..).zip(&mut frames) {
            frame.at.number = number;
        }
        check(&frames, name);
    }
    assert!(found > 0, "FIRSTLIGHT_CORPUS is set, but nothing is there");
}

/// So that the order of frames follows from their times alone.
fn apart(mut frames: Vec<Kept>) -> Vec<Kept> {
    let mut last = Timestamp::from_ns(0);
    for frame in &mut frames {
        frame.time = frame.time.max(last.plus_ns(1_000));
        last = frame.time;
    }
    frames
}

/// Files that take turns: the frame with number n is in file n mod `count`.
fn dealt(frames: &[Kept], count: usize) -> Vec<Vec<Kept>> {
    let mut hands = vec![Vec::new(); count];
    for (at, frame) in frames.iter().enumerate() {
        hands[at % count].push(frame.clone());
    }
    hands
}

#[test]
fn the_order_of_files_does_not_matter() {
    for (name, frames) in
        [("the example", frames::of_example(1_500)), ("made traffic", frames::of_made(traffic::together()))]
    {
        let frames = apart(frames);
        let halves: Vec<Vec<Kept>> = frames.chunks(frames.len() / 2 + 1).map(<[Kept]>::to_vec).collect();
        for (cut, hands) in [("halves", halves), ("three that take turns", dealt(&frames, 3))] {
            let bytes: Vec<Vec<u8>> = hands.iter().map(|hand| as_files(hand)[0].bytes.clone()).collect();
            for file_phases in [FilePhases::Never, FilePhases::Auto] {
                let options = Options { file_phases, ..Options::default() };
                let report = |order: &[usize]| {
                    let parts: Vec<(String, &[u8])> =
                        order.iter().map(|&at| (format!("file {at}"), bytes[at].as_slice())).collect();
                    files::without_captures(&files::json_text(&files::read_named(&parts, &options)))
                };
                let order: Vec<usize> = (0..bytes.len()).collect();
                let turned: Vec<usize> = order.iter().rev().copied().collect();
                let what = format!("{name}, {cut}, {file_phases:?}");
                assert_same(&report(&order), &report(&turned), &what);
            }
        }
    }
}

#[test]
fn another_day_changes_times_and_nothing_else() {
    for (name, frames) in
        [("the example", frames::of_example(2_000)), ("made traffic", frames::of_made(traffic::together()))]
    {
        let expected = whole(&frames, &[]);
        for ns in [1, 86_400_000_000_000, 1_000_000_000_000_000_007, -1_571_000_000_000_000_003] {
            let mut moved = frames.clone();
            for frame in &mut moved {
                frame.time = frame.time.plus_ns(ns);
            }
            let mut report = whole(&moved, &[]);
            shift::report(&mut report, -ns);
            assert_eq!(report.summary, expected.summary, "{name} by {ns} ns");
            assert!(report == expected, "{name} by {ns} ns\n{}", first_difference(&report, &expected));
        }
    }
}

fn first_difference(a: &Report, b: &Report) -> String {
    let (a, b) = (format!("{a:#?}"), format!("{b:#?}"));
    let at = a.lines().zip(b.lines()).position(|(a, b)| a != b).unwrap_or(0);
    let around = |text: &str| text.lines().skip(at.saturating_sub(12)).take(16).collect::<Vec<_>>().join("\n");
    format!("one:\n{}\nother:\n{}", around(&a), around(&b))
}

#[test]
fn a_mark_given_twice_is_one_mark_and_their_order_does_not_matter() {
    let frames = frames::of_example(EXAMPLE_FRAMES);
    let mark = |name: &str, time| Mark { name: name.to_owned(), time };
    let first = frames[0].time;
    let early = || mark("early", MarkTime::AfterNs(20_000_000_000));
    let late = || mark("late", MarkTime::At(first.plus_ns(50_000_000_000)));
    let with = |marks: Vec<Mark>| {
        let options = Options { marks, ..options() };
        report_of(read(&frames, Position::Start), Vec::new(), &options)
    };
    let once = with(vec![early(), late()]);
    assert!(once.phases.iter().any(|phase| phase.name == "early"));
    for marks in [
        vec![early(), late(), early()],
        vec![early(), early(), late(), late()],
        vec![late(), early()],
        vec![mark("early", MarkTime::At(first.plus_ns(20_000_000_000))), late(), early()],
    ] {
        let names: Vec<String> = marks.iter().map(|mark| mark.name.clone()).collect();
        assert!(with(marks) == once, "{names:?}");
    }
}

#[test]
fn two_runs_say_the_same() {
    // Each table takes a seed of its own, so a second run has others.
    let frames = frames::of_made(traffic::together());
    let written = as_files(&frames);
    let run = || files::json_text(&read_streams(&[&written[0].bytes], &options()));
    let first = run();
    for _ in 0..5 {
        assert_same(&first, &run(), "once more");
    }
}

#[test]
fn the_made_traffic_is_understood() {
    // Reports that agree because nothing was understood would prove nothing.
    let made = |frames| whole(&frames::of_made(frames), &[]);
    let names = |report: &Report| -> Vec<String> {
        let mut names: Vec<String> = report.contacts.iter().filter_map(|contact| contact.name.clone()).collect();
        names.sort();
        names.dedup();
        names
    };
    assert_eq!(names(&made(traffic::port_reuse())), ["turn0.example.com", "turn1.example.com", "turn2.example.com"]);
    assert_eq!(names(&made(traffic::version_6())), ["six.example.com"]);
    for (name, frames) in traffic::hellos_in_three() {
        assert_eq!(names(&made(frames)), ["three.example.com"], "{name}");
    }
    let http: u64 = made(traffic::keep_alive_http()).http.iter().map(|http| http.count).sum();
    assert_eq!(http, 5);
    let [clear, _] = traffic::downloads(50_000);
    let request = clear.iter().position(|frame| frame.data.windows(5).any(|bytes| bytes == b"GET /")).unwrap();
    let told = &made(clear).http[0].evidence[0];
    assert_eq!(told.at.number, request as u64 + 1, "a request is shown where it was made, not where it was answered");
    let report = made(traffic::tunnels());
    assert_eq!(report.http.iter().map(|http| http.count).sum::<u64>(), 3);
    let report = made(traffic::long_udp());
    let slow: u64 =
        report.contacts.iter().filter(|contact| contact.port == Some(4_500)).map(|contact| contact.connections).sum();
    assert_eq!(slow, 6, "each silence of more than five minutes begins another exchange");
    let steady: u64 =
        report.contacts.iter().filter(|contact| contact.port == Some(4_501)).map(|contact| contact.connections).sum();
    assert_eq!(steady, 1);
    let report = made(traffic::fragments());
    let sizes: u64 = report.contacts.iter().filter(|c| c.port == Some(53)).map(|contact| contact.payload_in).sum();
    assert!(sizes > 4 * 3_000, "{sizes} bytes of answers in fragments");
}
