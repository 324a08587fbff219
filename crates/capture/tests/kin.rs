//! pcap and its kin from bytes: every magic, both byte orders, versions with odd lengths, frames that lie.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "a test may fail")]

use std::io::{Cursor, Read};

use firstlight_capture::{ByteOrder, Error, Options, Source, open_streams};
use firstlight_model::{CaptureInfo, LinkType};

/// One frame as the reader gave it: time in ns, original length, bytes.
type Row = (i64, u32, Vec<u8>);

fn source(bytes: Vec<u8>) -> Result<Source, Error> {
    let stream: Box<dyn Read + Send> = Box::new(Cursor::new(bytes));
    open_streams(vec![("test".to_owned(), stream)], &Options::default())
}

fn read(bytes: Vec<u8>) -> (Vec<Row>, CaptureInfo) {
    let mut source = source(bytes).unwrap();
    let mut rows = Vec::new();
    while let Some(frame) = source.next() {
        rows.push((frame.time.as_ns(), frame.original_len, frame.data.to_vec()));
    }
    (rows, source.finish().pop().unwrap())
}

/// As [`read`], from a file: only there a record header may be guessed from the frames that follow.
fn read_file(name: &str, bytes: &[u8]) -> (Vec<Row>, CaptureInfo) {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    let mut source =
        firstlight_capture::open(&[firstlight_capture::Input::Path(path.clone())], &Options::default()).unwrap();
    let mut rows = Vec::new();
    while let Some(frame) = source.next() {
        rows.push((frame.time.as_ns(), frame.original_len, frame.data.to_vec()));
    }
    std::fs::remove_file(path).unwrap();
    (rows, source.finish().pop().unwrap())
}

/// A file made of 32-bit numbers and, in between, bytes as they are.
struct File(ByteOrder, Vec<u8>);

impl File {
    fn new(order: ByteOrder, magic: u32, major: u16, minor: u16, link_type: u32) -> Self {
        let mut file = Self(order, Vec::new()).u32(&[magic]);
        let version = match order {
            ByteOrder::Little => [major.to_le_bytes(), minor.to_le_bytes()],
            ByteOrder::Big => [major.to_be_bytes(), minor.to_be_bytes()],
        };
        file.1.extend(version.concat());
        file.u32(&[0, 0, 65_535, link_type])
    }

    fn u32(mut self, numbers: &[u32]) -> Self {
        for number in numbers {
            self.1.extend(match self.0 {
                ByteOrder::Little => number.to_le_bytes(),
                ByteOrder::Big => number.to_be_bytes(),
            });
        }
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.1.extend(bytes);
        self
    }
}

const ORDERS: [ByteOrder; 2] = [ByteOrder::Little, ByteOrder::Big];
const S: i64 = 1_000_000_000;

#[test]
fn every_magic_is_read_in_both_byte_orders() {
    // Magic, numbers more in the file header, numbers more in a frame's, nanoseconds in a tick, what it is called.
    let kin = [
        (0xa1b2_c3d4, 0, 0, 1_000, "pcap"),
        (0xa1b2_3c4d, 0, 0, 1, "pcap, nanoseconds"),
        (0xa1b2_cd34, 0, 2, 1_000, "pcap, modified"),
        (0x1c00_01ab, 1, 0, 1_000, "pcap, Ixia software"),
        (0x1c00_01ac, 1, 0, 1_000, "pcap, Ixia hardware"),
    ];
    for order in ORDERS {
        for (magic, in_header, in_frame, tick, name) in kin {
            let mut file = File::new(order, magic, 2, 4, 1).u32(&[99, 99][..in_header]);
            for second in [7, 8] {
                file = file.u32(&[second, 5, 3, 60]).u32(&[4, 0x0800_0000][..in_frame]).bytes(b"abc");
            }
            let (rows, info) = read(file.1);
            assert_eq!(rows, [7, 8].map(|second| (second * S + 5 * tick, 60, b"abc".to_vec())), "{name}");
            let order = if order == ByteOrder::Big { ", big-endian" } else { "" };
            assert_eq!(info.format, format!("{name}{order}"));
            assert_eq!((info.time_decimals, info.stopped), (if tick == 1 { 9 } else { 6 }, None), "{name}");
        }
    }
}

#[test]
fn a_fraction_that_is_no_microsecond_tells_nanoseconds_of_ixia() {
    for magic in [0x1c00_01ab, 0x1c00_01ac] {
        let file = File::new(ByteOrder::Little, magic, 2, 4, 1).u32(&[99]);
        let file = file.u32(&[7, 5, 3, 60]).bytes(b"abc").u32(&[7, 999_000_123, 3, 60]).bytes(b"abc");
        // Also from a pipe that gives the first frame before the second is there.
        let first = Cursor::new(file.1[..50].to_vec());
        let pipe: Box<dyn Read + Send> = Box::new(first.chain(Cursor::new(file.1[50..].to_vec())));
        let mut piped = open_streams(vec![("test".to_owned(), pipe)], &Options::default()).unwrap();
        assert_eq!(piped.next().unwrap().time.as_ns(), 7 * S + 5);
        let (rows, info) = read(file.1);
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [7 * S + 5, 7 * S + 999_000_123]);
        assert!(info.format.ends_with(", nanoseconds"));
    }
}

#[test]
fn longer_frame_headers_under_a_usual_magic_are_found_out() {
    let kin = [
        (0xa1b2_c3d4, 2, "pcap, modified"),
        (0xa1b2_c3d4, 1, "pcap, Nokia"),
        (0xa1b2_cd34, 2, "pcap, modified"),
        (0xa1b2_cd34, 3, "pcap, modified (ss990915)"),
    ];
    for order in ORDERS {
        for (magic, in_frame, name) in kin {
            let mut file = File::new(order, magic, 2, 4, 1);
            for second in [1_000_000_007, 1_000_000_008, 1_000_000_009] {
                let extra = [0x1234_5678, 0x0800_0000, 0xffff_ffff];
                file = file.u32(&[second, 5, 60, 1514]).u32(&extra[..in_frame]).bytes(&[7; 60]);
            }
            let (rows, info) = read_file(&format!("{magic:x}-{in_frame}-{order:?}.pcap"), &file.1);
            let expected = [7, 8, 9].map(|second| ((1_000_000_000 + second) * S + 5_000, 1514, vec![7; 60]));
            assert_eq!(rows, expected, "{name}");
            assert!(info.format.starts_with(name), "{} is no {name}", info.format);
        }
    }
}

#[test]
fn a_damaged_second_frame_does_not_change_the_kind_of_the_file() {
    let file = File::new(ByteOrder::Little, 0xa1b2_c3d4, 2, 4, 1);
    let file = file.u32(&[7, 5, 4, 4]).bytes(b"abcd").u32(&[8, 5, u32::MAX, 4]).bytes(b"abcd");
    let (rows, info) = read_file("damaged.pcap", &file.1);
    assert_eq!((rows.len(), info.format.as_str()), (1, "pcap"));
    let stopped = info.stopped.unwrap();
    assert_eq!(stopped.byte, 24 + 20);
    assert!(stopped.why.contains("4294967295"), "{}", stopped.why);
    assert!(stopped.hint.is_some());
}

#[test]
fn lengths_of_old_versions_are_swapped_back() {
    for (major, minor, lengths) in
        [(2, 0, [60, 3]), (2, 2, [60, 3]), (2, 3, [60, 3]), (2, 3, [3, 60]), (543, 0, [60, 3])]
    {
        let file = File::new(ByteOrder::Big, 0xa1b2_c3d4, major, minor, 1);
        let (rows, _) = read(file.u32(&[7, 5]).u32(&lengths).bytes(b"abc").1);
        assert_eq!(rows, [(7 * S + 5_000, 60, b"abc".to_vec())], "{major}.{minor} {lengths:?}");
    }
}

#[test]
fn a_file_of_aix_has_its_own_numbers_of_link_types_and_nanoseconds() {
    for (written, meant) in
        [(6, LinkType::ETHERNET), (9, LinkType::IEEE802_5), (15, LinkType::FDDI), (24, LinkType::NULL)]
    {
        let file = File::new(ByteOrder::Big, 0xa1b2_c3d4, 2, 2, written).u32(&[7, 5, 60, 3]).bytes(b"abc");
        let (rows, info) = read(file.1);
        assert_eq!((rows, info.link_types), (vec![(7 * S + 5, 60, b"abc".to_vec())], vec![meant]));
        assert_eq!(info.format, "pcap, AIX, nanoseconds, big-endian");
    }
}

#[test]
fn unknown_versions_are_refused_with_a_hint() {
    for (major, minor) in [(0, 0), (1, 4), (2, 5), (3, 0), (543, 1)] {
        let Err(error) = source(File::new(ByteOrder::Little, 0xa1b2_c3d4, major, minor, 1).1) else {
            panic!("{major}.{minor} was opened");
        };
        assert_eq!(
            error.to_string(),
            format!("cannot read test at byte 4: version {major}.{minor} of pcap is unknown")
        );
        assert!(error.hint().is_some());
    }
}

#[test]
fn check_sequence_bits_are_no_part_of_the_link_type() {
    let file = File::new(ByteOrder::Little, 0xa1b2_c3d4, 2, 4, 0x2400_0001).u32(&[7, 5, 3, 3]).bytes(b"abc");
    let (rows, info) = read(file.1);
    assert_eq!((rows.len(), info.link_types), (1, vec![LinkType::ETHERNET]));
}

#[test]
fn a_frame_is_never_shorter_on_the_wire_than_what_was_captured() {
    let file = File::new(ByteOrder::Little, 0xa1b2_c3d4, 2, 4, 1).u32(&[7, 5, 3, 1]).bytes(b"abc");
    let (rows, info) = read(file.1);
    assert_eq!((rows[0].1, info.original_bytes, info.captured_bytes), (3, 3, 3));
}

#[test]
fn a_frame_of_a_long_kind_may_be_long_and_costs_only_what_is_there() {
    let long = vec![9; 300 << 10];
    let len = long.len() as u32;
    let file =
        |link_type| File::new(ByteOrder::Little, 0xa1b2_c3d4, 2, 4, link_type).u32(&[7, 5, len, len]).bytes(&long);
    assert_eq!(read(file(LinkType::USBPCAP.0).1).0.len(), 1);
    let (rows, info) = read(file(LinkType::ETHERNET.0).1);
    assert_eq!((rows.len(), info.stopped.unwrap().byte), (0, 24));
    let file = File::new(ByteOrder::Little, 0xa1b2_c3d4, 2, 4, LinkType::DBUS.0).u32(&[7, 5, 100 << 20, 100 << 20]);
    let (rows, info) = read(file.bytes(b"abc").1);
    let stopped = info.stopped.unwrap();
    assert_eq!((rows.len(), stopped.why.as_str()), (0, "cut off within a frame: 104857616 bytes needed, 19 there"));
}

#[test]
fn times_and_their_order_are_counted() {
    let mut file = File::new(ByteOrder::Little, 0xa1b2_c3d4, 2, 4, 1);
    for second in [7, 9, 8, 9, u32::MAX, 1] {
        file = file.u32(&[second, 2_000_000, 0, 0]);
    }
    let (rows, info) = read(file.1);
    assert_eq!(rows[0].0, 9 * S, "a fraction of two seconds is carried over");
    assert_eq!(info.out_of_order, 2);
    assert_eq!((info.first.unwrap().as_ns(), info.last.unwrap().as_ns()), (3 * S, (i64::from(u32::MAX) + 2) * S));
}

#[test]
fn snoop_is_read() {
    let mut bytes = b"snoop\0\0\0\0\0\0\x02\0\0\0\x04".to_vec();
    for second in [7_u32, 8] {
        for number in [60, 3, 28, 11, second, 5] {
            bytes.extend(u32::to_be_bytes(number));
        }
        bytes.extend(b"abc\0");
    }
    let (rows, info) = read(bytes.clone());
    assert_eq!(rows, [7, 8].map(|second| (second * S + 5_000, 60, b"abc".to_vec())));
    assert_eq!((info.format.as_str(), info.drops, info.link_types), ("snoop", Some(11), vec![LinkType::ETHERNET]));
    for cut in 17..bytes.len() - 1 {
        let (rows, info) = read(bytes[..cut].to_vec());
        assert_eq!((rows.len(), info.stopped.is_none()), ((cut - 16) / 28, cut == 16 + 28), "{cut}");
    }
    bytes[15] = 77;
    assert!(source(bytes).is_err());
}
