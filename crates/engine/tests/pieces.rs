//! A capture cut into pieces, read apart and merged, gives the same report as one that is read in one go.

use std::fs::File;
use std::path::{Path, PathBuf};

use firstlight_engine::{Limits, Options, Pipeline, Position, report_of};
use firstlight_model::report::Report;
use firstlight_model::{CaptureInfo, Frame, FrameRef, LinkType, Timestamp};

/// A frame that outlives its reader.
struct Kept {
    at: FrameRef,
    time: Timestamp,
    link_type: LinkType,
    original_len: u32,
    data: Vec<u8>,
}

fn frames(path: &Path) -> (Vec<Kept>, Vec<CaptureInfo>) {
    let inputs = [firstlight_capture::Input::Path(path.to_owned())];
    let Ok(mut source) = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()) else {
        return (Vec::new(), Vec::new());
    };
    let mut frames = Vec::new();
    while let Some(frame) = source.next() {
        let Frame { at, time, link_type, original_len, data } = frame;
        frames.push(Kept { at, time, link_type, original_len, data: data.to_vec() });
    }
    (frames, source.finish())
}

fn read(frames: &[Kept], position: Position) -> Pipeline {
    let mut pipeline = Pipeline::new(Limits::default(), position);
    for frame in frames {
        pipeline.push(&Frame {
            at: frame.at,
            time: frame.time,
            link_type: frame.link_type,
            original_len: frame.original_len,
            data: &frame.data,
        });
    }
    pipeline
}

fn whole(frames: &[Kept], captures: &[CaptureInfo]) -> Report {
    report_of(read(frames, Position::Start), captures.to_vec(), &Options::default())
}

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
    report_of(merged, captures.to_vec(), &Options::default())
}

fn check(path: &Path) -> usize {
    let (frames, captures) = frames(path);
    if frames.len() < 2 {
        return 0;
    }
    let expected = whole(&frames, &captures);
    let mut tried = 0;
    let step = (frames.len() / 40).max(1).min(10).max(if frames.len() <= 60 { 1 } else { 10 });
    for first in (1..frames.len()).step_by(step) {
        let rest = frames.len() - first;
        let cuts: [Vec<usize>; 3] =
            [vec![first], vec![first, first + rest / 2], (0..6).map(|at| first + rest * at / 6).collect()];
        for cuts in cuts {
            for order in [Order::LeftFirst, Order::RightFirst] {
                let report = in_pieces(&frames, &captures, &cuts, order);
                assert_same(&expected, &report, &format!("{} cut at {cuts:?}, {order:?}", path.display()));
                tried += 1;
            }
        }
    }
    tried
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

fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("FIRSTLIGHT_CORPUS").map(PathBuf::from);
    let corpus = corpus.map(|path| {
        if path.is_relative() { Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path) } else { path }
    });
    if corpus.is_none() {
        println!("left out: FIRSTLIGHT_CORPUS is not set, so real captures are not cut");
    }
    corpus
}

#[test]
fn small_captures_cut_anywhere_give_the_same_report() {
    let Some(corpus) = corpus() else { return };
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
        if File::open(&path).is_err() {
            println!("left out: {name} is not there");
            continue;
        }
        found += 1;
        tried += check(&path);
    }
    println!("{found} captures, {tried} ways to cut them");
    assert!(found > 0 && tried > 100);
}
