//! What is written is read again: over byte orders, resolutions, link types, lengths, comments, compressions, and cut at
//! every byte.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "a test may fail")]

use std::io::{Cursor, Read, Write};
use std::net::IpAddr;

use firstlight_capture::write::{Interface, PcapHeader, PcapWriter, PcapngWriter, Resolution, Section, Statistics};
use firstlight_capture::{ByteOrder, Options, open_frames, open_streams};
use firstlight_model::{CaptureInfo, LinkType, Timestamp};
use proptest::prelude::*;

/// Time in ns, original length, bytes, link type.
type Row = (i64, u32, Vec<u8>, LinkType);

fn read_with(bytes: &[u8], options: &Options) -> (Vec<Row>, CaptureInfo) {
    let stream: Box<dyn Read + Send> = Box::new(Cursor::new(bytes.to_vec()));
    let mut source = open_streams(vec![("test".to_owned(), stream)], options).unwrap();
    let mut rows = Vec::new();
    while let Some(frame) = source.next() {
        rows.push((frame.time.as_ns(), frame.original_len, frame.data.to_vec(), frame.link_type));
    }
    (rows, source.finish().pop().unwrap())
}

fn read(bytes: &[u8]) -> (Vec<Row>, CaptureInfo) {
    read_with(bytes, &Options::default())
}

fn order() -> impl Strategy<Value = ByteOrder> {
    prop_oneof![Just(ByteOrder::Little), Just(ByteOrder::Big)]
}

fn resolution() -> impl Strategy<Value = Resolution> {
    prop_oneof![
        Just(Resolution::Microseconds),
        Just(Resolution::Nanoseconds),
        (0..=10_u8).prop_map(Resolution::Decimal),
        (0..=33_u8).prop_map(Resolution::Binary),
    ]
}

fn frames() -> impl Strategy<Value = Vec<(u32, u32, u32, Vec<u8>)>> {
    let data = prop::collection::vec(any::<u8>(), 0..90);
    prop::collection::vec((any::<u32>(), 0..1_000_000_000_u32, 0..2_000_u32, data), 0..20)
}

/// What a resolution leaves of a time.
fn rounded(ns: i64, resolution: Resolution) -> i64 {
    match resolution {
        Resolution::Microseconds => ns / 1_000 * 1_000,
        Resolution::Decimal(exponent) if exponent < 9 => {
            let tick = 10_i64.pow(9 - u32::from(exponent));
            ns / tick * tick
        }
        Resolution::Binary(exponent) if exponent < 30 => {
            // The writer takes the tick at or after the time, the reader the nanosecond at or before the tick.
            let scaled = i128::from(ns) << exponent;
            let ticks = (scaled + 999_999_999) / 1_000_000_000;
            i64::try_from((ticks * 1_000_000_000) >> exponent).unwrap()
        }
        _ => ns,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pcap_gives_back_what_was_written(
        order in order(),
        nanoseconds in any::<bool>(),
        link_type in 0..0x0400_0000_u32,
        snap_len in any::<u32>(),
        frames in frames(),
    ) {
        let resolution = if nanoseconds { Resolution::Nanoseconds } else { Resolution::Microseconds };
        let header = PcapHeader { order, resolution, link_type: LinkType(link_type), snap_len };
        let mut writer = PcapWriter::new(Vec::new(), &header).unwrap();
        let mut expected = Vec::new();
        for (seconds, ns, more, data) in &frames {
            let time = Timestamp::from_parts(i64::from(*seconds), *ns);
            let original_len = data.len() as u32 + more;
            writer.frame(time, original_len, data).unwrap();
            expected.push((rounded(time.as_ns(), resolution), original_len, data.clone(), LinkType(link_type)));
        }
        let (rows, info) = read(&writer.into_inner());
        prop_assert_eq!(rows, expected);
        prop_assert_eq!(info.snap_len, Some(snap_len).filter(|&len| len != 0));
        prop_assert_eq!(info.stopped, None);
    }

    #[test]
    fn pcapng_gives_back_what_was_written(
        sections in prop::collection::vec((order(), prop::collection::vec((resolution(), -1_000..1_000_i64), 1..4), frames()), 1..4),
        comments in prop::collection::vec("[a-zä ]{1,20}", 0..3),
    ) {
        let mut writer = PcapngWriter::new(Vec::new(), &Section::default()).unwrap();
        let comments: Vec<&str> = comments.iter().map(String::as_str).collect();
        let mut expected = Vec::new();
        for (order, interfaces, frames) in &sections {
            let comments = comments.iter().map(|&text| text.to_owned()).collect();
            writer.section(&Section { order: *order, comments, ..Section::default() }).unwrap();
            for (number, &(resolution, offset_s)) in interfaces.iter().enumerate() {
                let link_type = LinkType(number as u32 * 101);
                writer.interface(&Interface { link_type, resolution, offset_s, ..Interface::default() }).unwrap();
            }
            for (index, (seconds, ns, more, data)) in frames.iter().enumerate() {
                let number = index % interfaces.len();
                let (resolution, offset_s) = interfaces[number];
                let since_offset = Timestamp::from_parts(i64::from(*seconds % 1_800_000_000), *ns).as_ns();
                let time = Timestamp::from_ns(since_offset + offset_s * 1_000_000_000);
                let original_len = data.len() as u32 + more;
                let text = ["on a frame"];
                writer.frame(number as u32, time, original_len, data, if index % 3 == 0 { &text } else { &[] }).unwrap();
                let ns = rounded(since_offset, resolution) + offset_s * 1_000_000_000;
                expected.push((ns, original_len, data.clone(), LinkType(number as u32 * 101)));
            }
        }
        let (rows, info) = read(&writer.into_inner());
        prop_assert_eq!(rows, expected);
        prop_assert_eq!(info.stopped, None);
        let on_frames: usize = sections.iter().map(|(.., frames)| frames.len().div_ceil(3)).sum();
        prop_assert_eq!(info.comments.iter().filter(|comment| comment.frame.is_some()).count(), on_frames);
        prop_assert_eq!(info.comments.len() - on_frames, sections.len() * comments.len());
    }

    #[test]
    fn no_bytes_make_it_panic(start in 0..3_usize, mut bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let head: [&[u8]; 3] = [
            b"\xd4\xc3\xb2\xa1\x02\0\x04\0",
            b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0\x01\0\0\0\x14\0\0\0\x01\0\0\0\0\0\0\0\x14\0\0\0",
            b"\x1f\x8b\x08",
        ];
        bytes.splice(0..0, head[start].iter().copied());
        let stream: Box<dyn Read + Send> = Box::new(Cursor::new(bytes));
        if let Ok(mut source) = open_streams(vec![("test".to_owned(), stream)], &Options::default()) {
            while source.next().is_some() {}
            source.finish();
        }
    }

    #[test]
    fn flipped_bits_cost_frames_and_nothing_else(flips in prop::collection::vec((0..2_000_usize, 0..8_u32), 1..6)) {
        let mut bytes = small_pcapng(ByteOrder::Little);
        let len = bytes.len();
        for (at, bit) in flips {
            bytes[at % len] ^= 1 << bit;
        }
        let stream: Box<dyn Read + Send> = Box::new(Cursor::new(bytes));
        if let Ok(mut source) = open_streams(vec![("test".to_owned(), stream)], &Options::default()) {
            while source.next().is_some() {}
            let info = source.finish().pop().unwrap();
            prop_assert!(info.stopped.is_none_or(|stopped| stopped.byte <= len as u64));
        }
    }
}

fn small_pcapng(order: ByteOrder) -> Vec<u8> {
    let section =
        Section { order, comments: vec!["about all".into()], application: Some("test".into()), ..Section::default() };
    let mut writer = PcapngWriter::new(Vec::new(), &section).unwrap();
    let interface = Interface { snap_len: 100, comments: vec!["the lan".into()], ..Interface::default() };
    writer.interface(&interface).unwrap();
    writer.frame(0, Timestamp::from_parts(7, 1_000), 60, b"abc", &["first", "second"]).unwrap();
    writer
        .names(&[("192.0.2.1".parse::<IpAddr>().unwrap(), "b.example"), ("2001:db8::1".parse().unwrap(), "a.example")])
        .unwrap();
    writer.secrets(0x544c_534b, b"CLIENT_RANDOM 00 11").unwrap();
    writer.block(9, b"__REALTIME_TIMESTAMP=1\n").unwrap();
    writer.block(0x0bad, b"\0\0\0\x01custom").unwrap();
    writer.simple_frame(300, &[5; 100]).unwrap();
    let statistics = Statistics { received: Some(9), dropped: Some(4), dropped_by_os: Some(3) };
    writer.statistics(0, Timestamp::from_parts(8, 0), &statistics).unwrap();
    writer.into_inner()
}

#[test]
fn a_pcapng_of_all_blocks_says_all_it_knows() {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        let (rows, info) = read(&small_pcapng(order));
        let first = (7_000_001_000, 60, b"abc".to_vec(), LinkType::ETHERNET);
        // The simple packet has the time of the one before it.
        assert_eq!(rows, [first, (7_000_001_000, 300, vec![5; 100], LinkType::ETHERNET)]);
        let comments: Vec<_> =
            info.comments.iter().map(|c| (c.frame.map(|frame| frame.number), c.text.as_str())).collect();
        assert_eq!(comments, [(None, "about all"), (None, "the lan"), (Some(1), "first"), (Some(1), "second")]);
        assert_eq!(info.comments[2].time.unwrap().as_ns(), 7_000_001_000);
        let names = [("192.0.2.1", "b.example"), ("2001:db8::1", "a.example")];
        assert_eq!(info.resolved_names, names.map(|(address, name)| (address.to_owned(), name.to_owned())));
        assert_eq!((info.drops, info.snap_len, info.time_decimals), (Some(7), Some(100), 6));
        assert_eq!(
            (info.secrets[0].kind, info.secrets[0].data.as_slice()),
            (0x544c_534b, b"CLIENT_RANDOM 00 11".as_slice())
        );
        assert_eq!(info.stopped, None);
        assert_eq!(info.sha256.len(), 64);
    }
}

#[test]
fn a_file_cut_at_any_byte_gives_its_whole_frames_and_says_where_it_ends() {
    let header = PcapHeader::default();
    let mut writer = PcapWriter::new(Vec::new(), &header).unwrap();
    for second in 0..5 {
        writer.frame(Timestamp::from_parts(second, 0), 60, &vec![1; second as usize * 3]).unwrap();
    }
    for whole in [writer.into_inner(), small_pcapng(ByteOrder::Little), small_pcapng(ByteOrder::Big)] {
        let (all, _) = read(&whole);
        let mut before = 0;
        // From the end of the file or section header on.
        let header_len = if whole[0] == 0x0a { 56 } else { 24 };
        for cut in header_len..=whole.len() {
            let (rows, info) = read(&whole[..cut]);
            assert_eq!(rows, all[..rows.len()]);
            assert!(rows.len() >= before && rows.len() <= before + 1);
            before = rows.len();
            if let Some(stopped) = info.stopped {
                // From the record that is cut off to the cut.
                assert!(stopped.byte < cut as u64 && stopped.byte >= header_len as u64, "{stopped:?} at {cut}");
                assert!(stopped.why.contains("cut off") && stopped.hint.is_some(), "{stopped:?}");
                assert_eq!(read(&whole[..stopped.byte as usize]).1.stopped, None, "what is before the cut is whole");
            }
        }
        assert_eq!(before, all.len());
    }
}

type Pack = fn(&[u8]) -> Vec<u8>;

const PACKS: [(&str, Pack); 5] = [
    ("gzip", |bytes| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }),
    ("zstd", |bytes| {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.include_checksum(true).unwrap();
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }),
    ("xz", |bytes| {
        let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 0);
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }),
    ("bzip2", |bytes| {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }),
    ("lz4", |bytes| {
        let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(
            lz4_flex::frame::FrameInfo::new().block_checksums(true).block_size(lz4_flex::frame::BlockSize::Max64KB),
            Vec::new(),
        );
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }),
];

#[test]
fn every_compression_gives_the_same_frames_whole_in_members_nested_and_cut() {
    let whole = small_pcapng(ByteOrder::Little);
    let (all, _) = read(&whole);
    for (name, pack) in PACKS {
        let packed = pack(&whole);
        let (rows, info) = read(&packed);
        assert_eq!((&rows, info.format), (&all, format!("{name}, pcapng")));
        assert_eq!(info.stopped, None, "{name}");
        let (front, back) = whole.split_at(150);
        let (rows, info) = read(&[pack(front), pack(back)].concat());
        assert_eq!((&rows, info.stopped), (&all, None), "{name} in two members");
        let (rows, info) = read(&PACKS[0].1(&packed));
        assert_eq!((&rows, info.format), (&all, format!("gzip, {name}, pcapng")));
        // Cut anywhere it gives some of the frames or cannot be opened, and says so.
        for cut in 0..packed.len() {
            let stream: Box<dyn Read + Send> = Box::new(Cursor::new(packed[..cut].to_vec()));
            let Ok(mut source) = open_streams(vec![("test".to_owned(), stream)], &Options::default()) else { continue };
            let mut count = 0;
            while let Some(frame) = source.next() {
                assert_eq!(frame.data, all[count].2);
                count += 1;
            }
            let info = source.finish().pop().unwrap();
            assert!(info.stopped.is_some() || count == all.len(), "{name} cut at {cut} lost frames in silence");
        }
    }
}

#[test]
fn a_bomb_ends_as_stopped() {
    let mut bomb = PcapWriter::new(Vec::new(), &PcapHeader::default()).unwrap().into_inner();
    bomb.resize(24 + (40 << 20), 0);
    let options = Options { free_expansion_bytes: 1 << 20, max_expansion: 100, ..Options::default() };
    for (name, pack) in PACKS {
        let packed = pack(&bomb);
        let (_, info) = read_with(&packed, &options);
        let stopped = info.stopped.expect(name);
        assert_eq!(stopped.why, format!("the {name} stream expands more than 100 to 1"));
        assert!(stopped.byte < bomb.len() as u64);
        let plain = read_with(&bomb, &options).1;
        assert_eq!((plain.stopped, plain.packets), (None, (bomb.len() as u64 - 24) / 16));
    }
}

#[test]
fn a_damaged_compressed_file_says_so_and_keeps_what_came_before() {
    let mut writer = PcapWriter::new(Vec::new(), &PcapHeader::default()).unwrap();
    let mut noise = 1_u32;
    for second in 0..20_000 {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        writer.frame(Timestamp::from_parts(second, 0), 60, &noise.to_be_bytes()).unwrap();
    }
    let whole = writer.into_inner();
    let (all, _) = read(&whole);
    for (name, pack) in PACKS {
        let mut packed = pack(&whole);
        let at = packed.len() * 4 / 5;
        for byte in &mut packed[at..at + 64] {
            *byte ^= 0x55;
        }
        let (rows, info) = read(&packed);
        let stopped = info.stopped.expect(name);
        assert!(stopped.why.contains(name), "{stopped:?}");
        // What a checksum covers is handed out before the checksum is seen, so only what came before is certain.
        let certain = rows.len().min(8_000);
        assert!(rows[..certain] == all[..certain], "{name}");
        assert!(matches!(name, "bzip2" | "xz") || certain == 8_000, "{name}: {}", rows.len());
    }
}

#[test]
fn lists_have_limits_and_what_is_left_out_is_counted() {
    let mut writer = PcapngWriter::new(Vec::new(), &Section::default()).unwrap();
    writer.interface(&Interface::default()).unwrap();
    for second in 0..50 {
        writer.frame(0, Timestamp::from_parts(second, 0), 60, b"abc", &["note"]).unwrap();
        writer.names(&[(IpAddr::from([10, 0, 0, second as u8]), "x")]).unwrap();
        writer.secrets(1, &[0; 100]).unwrap();
    }
    let bytes = writer.into_inner();
    let options = Options { max_comments: 10, max_names: 7, max_secret_bytes: 400, ..Options::default() };
    let (rows, info) = read_with(&bytes, &options);
    assert_eq!((rows.len(), info.comments.len(), info.comments_left_out), (50, 10, 40));
    assert_eq!((info.resolved_names.len(), info.secrets.len()), (7, 2));
    let options = Options { max_comment_bytes: 9, ..Options::default() };
    assert_eq!(read_with(&bytes, &options).1.comments_left_out, 48);
}

#[test]
fn frames_in_memory_come_back_as_they_are() {
    let frames = [
        (Timestamp::from_parts(9, 1), LinkType::ETHERNET, b"abc".as_slice()),
        (Timestamp::from_parts(8, 2), LinkType::RAW, b"".as_slice()),
        (Timestamp::from_parts(10, 3), LinkType::ETHERNET, b"de".as_slice()),
    ];
    let mut source = open_frames(frames, &Options::default()).unwrap();
    for (time, link_type, data) in frames {
        let frame = source.next().unwrap();
        assert_eq!((frame.time, frame.link_type, frame.data), (time, link_type, data));
    }
    assert!(source.next().is_none() && source.next().is_none());
}
