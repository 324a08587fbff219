//! A capture cut into pieces, read apart and merged, gives the same report as one that is read in one go.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

#[path = "support/frames.rs"]
mod frames;
#[path = "support/traffic.rs"]
mod traffic;

use std::path::Path;

use firstlight_engine::{Position, report_of};
use firstlight_model::CaptureInfo;
use firstlight_model::report::Report;

use frames::{Kept, options, read, whole};

/// Merges from the left or from the right: the result may not depend on it.
#[derive(Clone, Copy, Debug)]
enum Order {
    LeftFirst,
    RightFirst,
}

fn in_pieces(frames: &[Kept], captures: &[CaptureInfo], cuts: &[usize], order: Order) -> Report {
    let mut pieces = Vec::new();
    let mut from = 0;
    for &cut in cuts.iter().chain(std::iter::once(&frames.len())) {
        let position = if from == 0 { Position::Start } else { Position::Middle };
        pieces.push(read(&frames[from..cut], position));
        from = cut;
    }
    let merged = match order {
        Order::LeftFirst => {
            let mut pieces = pieces.into_iter();
            let mut all = pieces.next().unwrap();
            pieces.for_each(|next| all.merge(next));
            all
        }
        Order::RightFirst => {
            let mut all = pieces.pop().unwrap();
            while let Some(mut before) = pieces.pop() {
                before.merge(all);
                all = before;
            }
            all
        }
    };
    report_of(merged, captures.to_vec(), &options())
}

/// Where a capture is cut first: everywhere when it is small, else at every tenth packet, but at 40 places at most.
fn first_cuts(len: usize) -> impl Iterator<Item = usize> {
    let step = if len <= 60 { 1 } else { (len / 40).max(10) };
    (1..len).step_by(step)
}

/// Cuts in two, three and seven pieces, the first cut at each of these places; merges from both sides.
fn check(frames: &[Kept], captures: &[CaptureInfo], first: impl Iterator<Item = usize>, what: &str) -> usize {
    let expected = whole(frames, captures);
    let mut tried = 0;
    for first in first {
        let rest = frames.len() - first;
        let cuts: [Vec<usize>; 3] =
            [vec![first], vec![first, first + rest / 2], (0..6).map(|at| first + rest * at / 6).collect()];
        for cuts in cuts {
            for order in [Order::LeftFirst, Order::RightFirst] {
                let report = in_pieces(frames, captures, &cuts, order);
                assert_same(&expected, &report, &format!("{what} cut at {cuts:?}, {order:?}"));
                tried += 1;
            }
        }
    }
    tried
}

fn check_file(path: &Path) -> usize {
    let (frames, captures) = frames::of_file(path);
    check(&frames, &captures, first_cuts(frames.len()), &path.display().to_string())
}

/// Compares part by part, so that a failure says where.
fn assert_same(a: &Report, b: &Report, what: &str) {
    assert_eq!(a.summary, b.summary, "{what}");
    assert_eq!(a.machines, b.machines, "{what}");
    assert_eq!(a.phases, b.phases, "{what}");
    for (a, b) in a.contacts.iter().zip(&b.contacts) {
        assert_eq!(a, b, "{what}");
    }
    assert_eq!(a.contacts.len(), b.contacts.len(), "{what}");
    assert_eq!(a.fingerprints, b.fingerprints, "{what}");
    assert_eq!(a.http, b.http, "{what}");
    assert_eq!(a.anomalies, b.anomalies, "{what}");
    assert_eq!(a, b, "{what}");
}

#[test]
fn small_captures_cut_anywhere_give_the_same_report() {
    let Some(corpus) = frames::corpus() else { return };
    let names = [
        "ndpi/pcap/iphone.pcap",
        "ja4/pcap/macos_tcp_flags.pcap",
        "ja4/pcap/tls-handshake.pcapng",
        "ja4/pcap/http1.pcapng",
        "zeek/Traces/ipv6-fragmented-dns.pcap",
        "zeek/Traces/http/multipart.pcap",
        "zeek/Traces/tunnels/vxlan-encapsulated-http.pcap",
        "zeek/Traces/tcp/retransmit-timeout.pcapng",
    ];
    let mut tried = 0;
    let mut found = 0;
    for name in names {
        let path = corpus.join(name);
        if !path.exists() {
            println!("left out: {name} is not there");
            continue;
        }
        found += 1;
        tried += check_file(&path);
    }
    println!("{found} captures, {tried} ways to cut them");
    assert!(found > 0 && tried > 100);
}

#[test]
fn made_traffic_cut_anywhere_gives_the_same_report() {
    for (name, made) in traffic::all() {
        let frames = frames::of_made(made);
        let tried = check(&frames, &[], 1..frames.len(), name);
        println!("{name}: {} frames, {tried} ways to cut them", frames.len());
        assert!(tried >= 6 * (frames.len() - 1));
    }
}

#[test]
fn all_made_traffic_at_the_same_time_cut_gives_the_same_report() {
    let frames = frames::of_made(traffic::together());
    check(&frames, &[], first_cuts(frames.len()), "all together");
}

/// The same frames in the same order, with times that go forth and back by up to a second and a half.
fn out_of_order(mut frames: Vec<Kept>) -> Vec<Kept> {
    let steps = [0, 900, -1_400, 300, 0, 1_500, -200, 0, -1_500, 700, 40];
    for (frame, step_ms) in frames.iter_mut().zip(steps.into_iter().cycle()) {
        frame.time = frame.time.plus_ns(step_ms * 1_000_000);
    }
    frames
}

#[test]
fn traffic_whose_frames_are_not_in_the_order_of_time_cut_anywhere_gives_the_same_report() {
    for (name, made) in traffic::all() {
        let frames = out_of_order(frames::of_made(made));
        assert!(frames.len() < 8 || frames.windows(2).any(|pair| pair[1].time < pair[0].time), "{name}");
        check(&frames, &[], 1..frames.len(), name);
    }
    let frames = out_of_order(frames::of_made(traffic::together()));
    check(&frames, &[], first_cuts(frames.len()), "all together");
    let frames = out_of_order(frames::of_example(600));
    check(&frames, &[], (1..frames.len()).step_by(67), "the example");
}

/// Fragments of datagrams that share an identification; `parts` says datagram and number of each.
fn fragments(parts: &[(u8, usize)]) -> Vec<Kept> {
    let [a, b] = [b'a', b'b'].map(|byte| {
        let payload = [&[0x13, 0x88, 0x1f, 0x90, 0x07, 0xd8, 0, 0][..], &vec![byte; 2000]].concat();
        let addresses = ["192.0.2.1", "198.51.100.1"].map(|text| text.parse().unwrap());
        firstlight_synth::ip::Header::new(addresses[0], addresses[1], firstlight_model::Transport::UDP)
            .packets(&payload, Some(800))
    });
    let of = |datagram: u8| if datagram == b'a' { &a } else { &b };
    let made = parts.iter().zip(0..).map(|(&(datagram, part), second)| {
        let time = firstlight_model::Timestamp::from_parts(1_600_000_000 + second, 0);
        firstlight_synth::OwnedFrame::new(time, firstlight_model::LinkType::RAW, of(datagram)[part].clone())
    });
    frames::of_made(made.collect())
}

#[test]
fn fragments_of_two_datagrams_with_one_identification_cut_anywhere_give_the_same_report() {
    let (a, b) = (b'a', b'b');
    for parts in [
        [(a, 0), (a, 1), (b, 0), (b, 1), (b, 2), (a, 2)],
        [(a, 0), (b, 0), (a, 1), (b, 1), (b, 2), (a, 2)],
        [(a, 2), (b, 0), (a, 1), (a, 0), (b, 2), (b, 1)],
    ] {
        let frames = fragments(&parts);
        check(&frames, &[], 1..frames.len(), &format!("{parts:?}"));
    }
}

#[test]
fn the_example_cut_gives_the_same_report() {
    let frames = frames::of_example(2_000);
    check(&frames, &[], (1..frames.len()).step_by(67), "the example");
}

#[test]
fn every_frame_a_piece_of_its_own_gives_the_same_report() {
    let made = traffic::all().into_iter().chain([("all together", traffic::together())]);
    for (name, made) in made {
        let frames = frames::of_made(made);
        let expected = whole(&frames, &[]);
        let cuts: Vec<usize> = (1..frames.len()).collect();
        for order in [Order::LeftFirst, Order::RightFirst] {
            assert_same(
                &expected,
                &in_pieces(&frames, &[], &cuts, order),
                &format!("{name} frame by frame, {order:?}"),
            );
        }
    }
}

#[test]
fn what_a_piece_cannot_keep_is_counted_and_said_where_it_would_have_been_read() {
    let [clear, encrypted] = traffic::downloads(900_000).map(frames::of_made);
    let cuts = [[7, 300], [40, 41]];
    for order in [Order::LeftFirst, Order::RightFirst] {
        for cuts in &cuts {
            let expected = whole(&encrypted, &[]);
            assert_same(
                &expected,
                &in_pieces(&encrypted, &[], cuts, order),
                &format!("encrypted at {cuts:?}, {order:?}"),
            );
            let expected = whole(&clear, &[]);
            let mut report = in_pieces(&clear, &[], cuts, order);
            let limits = report.anomalies.iter().filter(|anomaly| anomaly.kind == "piece_limit").count();
            assert_eq!(limits, 1, "{:?}", report.anomalies);
            report.anomalies.retain(|anomaly| anomaly.kind != "piece_limit");
            assert_same(&expected, &report, &format!("in the clear at {cuts:?}, {order:?}"));
        }
    }
}
