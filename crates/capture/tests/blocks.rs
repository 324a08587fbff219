//! pcapng from bytes: blocks that our writer does not write, blocks that lie, and what is passed over.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "a test may fail")]

use std::io::{Cursor, Read};

use firstlight_capture::write::{Interface, PcapngWriter, Section};
use firstlight_capture::{ByteOrder, Error, Options, Source, open_streams};
use firstlight_model::{CaptureInfo, LinkType, Timestamp};

fn source(bytes: Vec<u8>) -> Result<Source, Error> {
    let stream: Box<dyn Read + Send> = Box::new(Cursor::new(bytes));
    open_streams(vec![("test".to_owned(), stream)], &Options::default())
}

fn read(bytes: Vec<u8>) -> (Vec<(i64, u32, Vec<u8>)>, CaptureInfo) {
    let mut source = source(bytes).unwrap();
    let mut rows = Vec::new();
    while let Some(frame) = source.next() {
        rows.push((frame.time.as_ns(), frame.original_len, frame.data.to_vec()));
    }
    (rows, source.finish().pop().unwrap())
}

/// A section with one interface.
fn writer(order: ByteOrder) -> PcapngWriter<Vec<u8>> {
    let mut writer = PcapngWriter::new(Vec::new(), &Section { order, ..Section::default() }).unwrap();
    writer.interface(&Interface::default()).unwrap();
    writer
}

fn numbers(order: ByteOrder, numbers: &[u32]) -> Vec<u8> {
    let bytes = |number: &u32| match order {
        ByteOrder::Little => number.to_le_bytes(),
        ByteOrder::Big => number.to_be_bytes(),
    };
    numbers.iter().flat_map(bytes).collect()
}

const ORDERS: [ByteOrder; 2] = [ByteOrder::Little, ByteOrder::Big];

#[test]
fn the_obsolete_packet_block_is_a_frame_and_its_drops_count() {
    for order in ORDERS {
        let mut writer = writer(order);
        for drops in [3_u16, 0xffff, 4] {
            let mut body = match order {
                ByteOrder::Little => [0_u16.to_le_bytes(), drops.to_le_bytes()].concat(),
                ByteOrder::Big => [0_u16.to_be_bytes(), drops.to_be_bytes()].concat(),
            };
            body.extend(numbers(order, &[0, 7_000_000, 5, 60]));
            body.extend(b"abcde");
            writer.block(2, &body).unwrap();
        }
        let (rows, info) = read(writer.into_inner());
        assert_eq!(rows, vec![(7_000_000_000, 60, b"abcde".to_vec()); 3]);
        assert_eq!((info.drops, info.stopped), (Some(7), None));
    }
}

#[test]
fn drops_that_packets_tell_count_unless_statistics_tell_them() {
    for order in ORDERS {
        let mut writer = writer(order);
        let mut body = numbers(order, &[0, 0, 7_000_000, 0, 60]);
        body.extend(match order {
            ByteOrder::Little => [4, 0, 8, 0, 9, 0, 0, 0, 0, 0, 0, 0],
            ByteOrder::Big => [0, 4, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9],
        });
        writer.block(6, &body).unwrap();
        let told = writer.into_inner();
        assert_eq!(read(told.clone()).1.drops, Some(9));
        let mut body = numbers(order, &[0, 0, 8_000_000]);
        body.extend(match order {
            ByteOrder::Little => [5, 0, 8, 0, 2, 0, 0, 0, 0, 0, 0, 0],
            ByteOrder::Big => [0, 5, 0, 8, 0, 0, 0, 0, 0, 0, 0, 2],
        });
        let len = body.len() as u32 + 12;
        let statistics = [numbers(order, &[5, len]), body, numbers(order, &[len])].concat();
        // Cumulative, so said twice is not twice as many; those of another section are others.
        let section = [told, statistics.clone(), statistics].concat();
        assert_eq!(read(section.clone()).1.drops, Some(2));
        assert_eq!(read([section.clone(), section].concat()).1.drops, Some(4));
    }
}

#[test]
fn blocks_without_frames_are_passed_over_whatever_their_size() {
    for order in ORDERS {
        let mut writer = writer(order);
        for kind in [7, 8, 9, 11, 0x204, 0x208, 0x216, 0xbad, 0x4000_0bad, 0x8000_0001] {
            writer.block(kind, &[0xee; 40]).unwrap();
        }
        for kind in [9, 4, 5, 10] {
            writer.block(kind, &vec![0xee; 17 << 20]).unwrap();
        }
        writer.frame(0, Timestamp::from_parts(7, 0), 60, b"abc", &[]).unwrap();
        let (rows, info) = read(writer.into_inner());
        assert_eq!((rows.len(), info.stopped, info.packets), (1, None, 1));
    }
}

#[test]
fn a_block_that_lies_ends_the_file_where_it_begins() {
    for order in ORDERS {
        let mut good = writer(order);
        good.frame(0, Timestamp::from_parts(7, 0), 60, b"abc", &[]).unwrap();
        let good = good.into_inner();
        let block = |kind: u32, len: u32, body: &[u32], again: u32| {
            [numbers(order, &[kind, len]), numbers(order, body), numbers(order, &[again]), vec![0; 64]].concat()
        };
        let cases = [
            ("a block claims a length of 8 bytes", block(9, 8, &[], 8)),
            ("a block claims a length of 14 bytes", block(9, 14, &[], 14)),
            ("a block is 16 bytes long at its start, 20 at its end", block(9, 16, &[1], 20)),
            ("a block is 32 bytes long at its start, 36 at its end", block(6, 32, &[0, 0, 0, 0, 0], 36)),
            ("a frame of interface 1, which was not described", block(6, 32, &[1, 0, 0, 0, 0], 32)),
            ("a frame claims 262145 bytes", block(6, 32, &[0, 0, 0, 262_145, 0], 32)),
            ("a frame of 4 bytes in a block of 32", block(6, 32, &[0, 0, 0, 4, 4], 32)),
            ("an interface description without its fixed fields", block(1, 16, &[1], 16)),
            ("a section without a byte-order magic", block(0x0a0d_0d0a, 28, &[1, 1, 1, 1], 28)),
            ("version 2.0 of pcapng is unknown", {
                let version = if order == ByteOrder::Little { 2 } else { 2 << 16 };
                block(0x0a0d_0d0a, 28, &[0x1a2b_3c4d, version, 0, 0], 28)
            }),
        ];
        for (why, bad) in cases {
            let (rows, info) = read([good.clone(), bad].concat());
            let stopped = info.stopped.expect(why);
            assert!(stopped.why.starts_with(why), "{why}: {}", stopped.why);
            assert!((good.len() as u64..good.len() as u64 + 16).contains(&stopped.byte), "{why}: {}", stopped.byte);
            assert_eq!((rows.len(), stopped.hint.is_some()), (1, true));
        }
    }
}

#[test]
fn a_frame_before_any_interface_or_time_is_no_panic() {
    for kind in [2, 3, 6] {
        let mut writer = PcapngWriter::new(Vec::new(), &Section::default()).unwrap();
        writer.block(kind, &[0; 20]).unwrap();
        let (rows, info) = read(writer.into_inner());
        assert_eq!((rows.len(), info.stopped.unwrap().byte), (0, 28));
    }
    let mut writer = writer(ByteOrder::Big);
    writer.simple_frame(4, b"abcd").unwrap();
    let (rows, info) = read(writer.into_inner());
    assert_eq!((rows, info.first, info.last), (vec![(0, 4, b"abcd".to_vec())], None, None));
}

#[test]
fn options_that_lie_end_the_options_and_not_the_file() {
    for order in ORDERS {
        let mut writer = writer(order);
        let mut body = numbers(order, &[0, 0, 7_000_000, 0, 60]);
        body.extend(match order {
            ByteOrder::Little => [1, 0, 2, 0, b'h', b'i', 0, 0, 1, 0, 0xff, 0],
            ByteOrder::Big => [0, 1, 0, 2, b'h', b'i', 0, 0, 0, 1, 0, 0xff],
        });
        writer.block(6, &body).unwrap();
        writer.frame(0, Timestamp::from_parts(8, 0), 60, b"abc", &["\u{fffd}"]).unwrap();
        let (rows, info) = read(writer.into_inner());
        let texts: Vec<&str> = info.comments.iter().map(|comment| comment.text.as_str()).collect();
        assert_eq!((rows.len(), texts, info.stopped), (2, vec!["hi", "\u{fffd}"], None));
    }
}

#[test]
fn frames_of_several_interfaces_have_their_own_link_type_and_the_longest_snap_length_holds() {
    let mut writer = PcapngWriter::new(Vec::new(), &Section::default()).unwrap();
    for (link_type, snap_len) in [(LinkType::ETHERNET, 96), (LinkType::RAW, 128), (LinkType::ETHERNET, 64)] {
        writer.interface(&Interface { link_type, snap_len, ..Interface::default() }).unwrap();
    }
    for interface in [2, 1, 0] {
        writer.frame(interface, Timestamp::from_parts(7, 0), 60, b"abc", &[]).unwrap();
    }
    let mut source = source(writer.into_inner()).unwrap();
    let mut link_types = Vec::new();
    while let Some(frame) = source.next() {
        link_types.push(frame.link_type);
    }
    assert_eq!(link_types, [LinkType::ETHERNET, LinkType::RAW, LinkType::ETHERNET]);
    let info = source.finish().pop().unwrap();
    assert_eq!((info.link_types, info.snap_len), (vec![LinkType::ETHERNET, LinkType::RAW], Some(128)));
}

#[test]
fn more_interfaces_than_there_can_be_end_the_file() {
    let mut writer = PcapngWriter::new(Vec::new(), &Section::default()).unwrap();
    for _ in 0..65_537 {
        writer.interface(&Interface::default()).unwrap();
    }
    assert_eq!(read(writer.into_inner()).1.stopped.unwrap().why, "more than 65536 interfaces");
}
