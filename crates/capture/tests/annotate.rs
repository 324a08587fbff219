//! A capture that is written again with comments is the same capture with comments: held block by block by a reader of
//! its own, over byte orders, kinds of blocks and formats.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "a test may fail")]

use std::fs;
use std::io::Write as _;
use std::path::Path;

use firstlight_capture::write::{Interface, PcapHeader, PcapWriter, PcapngWriter, Resolution, Section, Statistics};
use firstlight_capture::{Annotated, ByteOrder, Input, Options, annotate, open};
use firstlight_model::{CaptureInfo, LinkType, Timestamp};
use proptest::prelude::*;

type Row = (i64, u32, Vec<u8>, LinkType);

fn read(path: &Path) -> (Vec<Row>, CaptureInfo) {
    let mut source = open(&[Input::Path(path.to_owned())], &Options::default()).unwrap();
    let mut rows = Vec::new();
    while let Some(frame) = source.next() {
        rows.push((frame.time.as_ns(), frame.original_len, frame.data.to_vec(), frame.link_type));
    }
    (rows, source.finish().pop().unwrap())
}

/// Every third frame has two comments.
fn comments(number: u64) -> Vec<String> {
    let both = [format!("first of {number}"), format!("zweiter ü {number}")];
    if number.is_multiple_of(3) { both.to_vec() } else { Vec::new() }
}

fn annotated(bytes: &[u8]) -> (Vec<Row>, CaptureInfo, Vec<u8>, Annotated) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("capture");
    fs::write(&path, bytes).unwrap();
    let (rows, info) = read(&path);
    let mut out = Vec::new();
    let counts = annotate(&path, &info, &comments, &mut out).unwrap();
    let again = folder.path().join("again");
    fs::write(&again, &out).unwrap();
    let (rows_again, info_again) = read(&again);
    assert_eq!(rows_again, rows);
    assert!(info_again.stopped.is_none(), "what is written is whole");
    assert_eq!((info_again.snap_len, info_again.drops), (info.snap_len, info.drops));
    (rows, info_again, out, counts)
}

/// Blocks with the byte order of their section: type and body.
fn blocks(bytes: &[u8]) -> Vec<(ByteOrder, u32, &[u8])> {
    let mut all = Vec::new();
    let mut rest = bytes;
    let mut order = ByteOrder::Little;
    while !rest.is_empty() {
        if rest[..4] == [0x0a, 0x0d, 0x0d, 0x0a] {
            order = if rest[8] == 0x1a { ByteOrder::Big } else { ByteOrder::Little };
        }
        let number = |at: usize| number(order, &rest[at..at + 4]);
        let len = number(4) as usize;
        all.push((order, number(0), &rest[8..len - 4]));
        rest = &rest[len..];
    }
    all
}

fn number(order: ByteOrder, bytes: &[u8]) -> u32 {
    let bytes = bytes.try_into().unwrap();
    if order == ByteOrder::Big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
}

/// The options that stand before those of the capture.
fn added(order: ByteOrder, number: u64) -> Vec<u8> {
    let two = |value: u16| if order == ByteOrder::Big { value.to_be_bytes() } else { value.to_le_bytes() };
    let mut bytes = Vec::new();
    for text in comments(number) {
        bytes.extend(two(1));
        bytes.extend(two(text.len() as u16));
        bytes.extend(text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

fn assert_is_the_same_with_comments(before: &[u8], after: &[u8]) {
    let (before, after) = (blocks(before), blocks(after));
    assert_eq!(before.len(), after.len());
    let mut frames = 0;
    for ((order, kind, body), (order_after, kind_after, body_after)) in before.into_iter().zip(after) {
        assert_eq!((order, kind), (order_after, kind_after));
        frames += u64::from([2, 3, 6].contains(&kind));
        let added = if [2, 6].contains(&kind) { added(order, frames) } else { Vec::new() };
        if added.is_empty() {
            assert_eq!(body, body_after);
            continue;
        }
        let data_end = 20 + (number(order, &body[12..16]) as usize).next_multiple_of(4);
        let (packet, options) = body.split_at(data_end);
        let end: &[u8] = if options.is_empty() { &[0; 4] } else { options };
        assert_eq!(body_after, [packet, &added, end].concat());
    }
}

fn order() -> impl Strategy<Value = ByteOrder> {
    prop_oneof![Just(ByteOrder::Little), Just(ByteOrder::Big)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_pcapng_file_keeps_every_block(
        orders in prop::collection::vec(order(), 1..3),
        frames in prop::collection::vec((0..4_u8, prop::collection::vec(any::<u8>(), 0..60)), 0..30),
    ) {
        let mut writer = PcapngWriter::new(Vec::new(), &Section { order: orders[0], ..Section::default() }).unwrap();
        for (at, order) in orders.iter().enumerate() {
            if at > 0 {
                let section = Section { order: *order, comments: vec!["another".to_owned()], ..Section::default() };
                writer.section(&section).unwrap();
            }
            let resolution = if at == 0 { Resolution::Nanoseconds } else { Resolution::Decimal(3) };
            writer.interface(&Interface { resolution, name: Some("en0".to_owned()), ..Interface::default() }).unwrap();
            for (kind, data) in &frames {
                let time = Timestamp::from_ns(1_600_000_000_123_456_789);
                match kind {
                    0 => writer.frame(0, time, 90, data, &[]).unwrap(),
                    1 => writer.frame(0, time, 90, data, &["mine", "and mine"]).unwrap(),
                    2 => writer.simple_frame(data.len() as u32, data).unwrap(),
                    _ => writer.block(0x0bad, data).unwrap(),
                }
            }
            let statistics = Statistics { dropped: Some(7), ..Statistics::default() };
            writer.statistics(0, Timestamp::from_ns(1_600_000_000_000_000_000), &statistics).unwrap();
            writer.names(&[("192.0.2.1".parse().unwrap(), "a.example")]).unwrap();
        }
        let bytes = writer.into_inner();
        let (rows, info, out, counts) = annotated(&bytes);
        assert_is_the_same_with_comments(&bytes, &out);
        prop_assert_eq!(counts.frames, rows.len() as u64);
        let of_frames = info.comments.iter().filter(|comment| comment.frame.is_some());
        let ours = of_frames.filter(|comment| !comment.text.contains("mine")).count() as u64;
        prop_assert_eq!(counts.comments, ours);
        prop_assert_eq!(counts.comments + counts.left_out, (1..=rows.len() as u64).map(|n| comments(n).len() as u64).sum::<u64>());
    }

    #[test]
    fn a_pcap_file_becomes_pcapng_with_the_same_frames(
        order in order(),
        is_fine in any::<bool>(),
        frames in prop::collection::vec((any::<u32>(), 0..1_000_000_000_u32, prop::collection::vec(any::<u8>(), 0..60)), 0..20),
    ) {
        let resolution = if is_fine { Resolution::Nanoseconds } else { Resolution::Microseconds };
        let header = PcapHeader { order, resolution, link_type: LinkType(101), snap_len: 4096 };
        let mut writer = PcapWriter::new(Vec::new(), &header).unwrap();
        for (seconds, ns, data) in &frames {
            writer.frame(Timestamp::from_parts(i64::from(*seconds), *ns), 90, data).unwrap();
        }
        let (rows, info, _, counts) = annotated(&writer.into_inner());
        prop_assert_eq!(rows.len(), frames.len());
        prop_assert_eq!((counts.frames, counts.left_out), (rows.len() as u64, 0));
        prop_assert_eq!(info.comments.iter().filter(|comment| comment.frame.is_some()).count() as u64, counts.comments);
    }
}

fn one_section(frames: usize) -> Vec<u8> {
    let mut writer = PcapngWriter::new(Vec::new(), &Section::default()).unwrap();
    writer.interface(&Interface::default()).unwrap();
    for _ in 0..frames {
        writer.frame(0, Timestamp::from_ns(1_000_000_000), 60, &[7; 21], &["mine"]).unwrap();
    }
    writer.into_inner()
}

#[test]
fn a_section_that_states_its_length_states_none() {
    let mut bytes = one_section(4);
    bytes[16..24].copy_from_slice(&1000_u64.to_le_bytes());
    let (_, _, out, counts) = annotated(&bytes);
    assert_eq!((out[16..24].to_vec(), counts.comments), (vec![0xff; 8], 2));
    bytes[16..24].fill(0xff);
    assert_is_the_same_with_comments(&bytes, &out);
}

#[test]
fn a_file_that_is_cut_anywhere_gives_its_whole_frames() {
    let bytes = one_section(5);
    let whole = annotated(&bytes).2;
    for len in 60..bytes.len() {
        let (rows, _, out, counts) = annotated(&bytes[..len]);
        assert_eq!(counts.frames, rows.len() as u64, "{len}");
        assert!(whole.starts_with(&out), "{len}");
    }
}

#[test]
fn a_compressed_file_is_written_unpacked() {
    let bytes = one_section(5);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&bytes).unwrap();
    assert_eq!(annotated(&packed.finish().unwrap()).2, annotated(&bytes).2);
}

#[test]
fn whatever_is_damaged_the_frames_that_can_be_read_are_written() {
    let mut bytes = one_section(3);
    bytes.extend(one_section(2));
    let folder = tempfile::tempdir().unwrap();
    let (path, again) = (folder.path().join("capture"), folder.path().join("again"));
    for at in 0..bytes.len() {
        for bit in [0x01, 0x04, 0x80] {
            let mut damaged = bytes.clone();
            damaged[at] ^= bit;
            fs::write(&path, &damaged).unwrap();
            let inputs = [Input::Path(path.clone())];
            if open(&inputs, &Options::default()).is_err() {
                continue;
            }
            let (rows, info) = read(&path);
            let mut out = Vec::new();
            let counts = annotate(&path, &info, &comments, &mut out).unwrap();
            fs::write(&again, &out).unwrap();
            assert_eq!((read(&again).0, counts.frames), (rows.clone(), rows.len() as u64), "bit {bit:#x} of byte {at}");
        }
    }
}
