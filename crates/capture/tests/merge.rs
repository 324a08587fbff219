//! Several files as one stream: in time order, from folders, more than can be open at a time, good ones among bad ones.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "a test may fail")]

use std::fs;
use std::path::{Path, PathBuf};

use firstlight_capture::write::{PcapHeader, PcapWriter, PcapngWriter, Section};
use firstlight_capture::{Error, Input, Options, open};
use firstlight_model::{FrameRef, Timestamp};
use proptest::prelude::*;

/// A folder of its own for each test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn pcap(seconds: &[i64]) -> Vec<u8> {
    let mut writer = PcapWriter::new(Vec::new(), &PcapHeader::default()).unwrap();
    for &second in seconds {
        writer.frame(Timestamp::from_parts(second, 0), 1_000, &second.to_be_bytes()).unwrap();
    }
    writer.into_inner()
}

fn path(path: &Path) -> Input {
    Input::Path(path.to_owned())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::read::GzEncoder::new(bytes, flate2::Compression::fast());
    let mut out = Vec::new();
    std::io::Read::read_to_end(&mut encoder, &mut out).unwrap();
    out
}

fn order(inputs: &[Input], options: &Options) -> Vec<(i64, FrameRef)> {
    let mut source = open(inputs, options).unwrap();
    let mut order = Vec::new();
    while let Some(frame) = source.next() {
        assert_eq!(frame.data, (frame.time.as_ns() / 1_000_000_000).to_be_bytes());
        order.push((frame.time.as_ns() / 1_000_000_000, frame.at));
    }
    order
}

#[test]
fn frames_come_in_time_order_and_ties_in_the_order_of_files() {
    let folder = folder("ties");
    fs::write(folder.join("a"), pcap(&[1, 4, 4, 9])).unwrap();
    fs::write(folder.join("b"), gzip(&pcap(&[2, 4, 5, 3]))).unwrap();
    let frames = order(&[path(&folder.join("b")), path(&folder.join("a"))], &Options::default());
    let short: Vec<(i64, u32, u64)> = frames.iter().map(|(time, at)| (*time, at.capture, at.number)).collect();
    // Within a file the order is the file's: 3 stands behind 5 in the first.
    assert_eq!(short, [(1, 1, 1), (2, 0, 1), (4, 0, 2), (4, 1, 2), (4, 1, 3), (5, 0, 3), (3, 0, 4), (9, 1, 4)]);
}

#[test]
fn a_folder_is_its_captures_by_path_and_the_rest_is_listed() {
    let folder = folder("mixed");
    fs::create_dir_all(folder.join("b/c")).unwrap();
    fs::write(folder.join("z.pcap"), pcap(&[1])).unwrap();
    fs::write(folder.join("b/c/deep"), pcap(&[3])).unwrap();
    fs::write(folder.join("b/readme.txt"), "about these captures").unwrap();
    fs::write(folder.join("a.pcap"), pcap(&[2])).unwrap();
    fs::write(folder.join("empty.pcap"), "").unwrap();
    let mut source = open(&[path(&folder)], &Options::default()).unwrap();
    let mut captures = Vec::new();
    while let Some(frame) = source.next() {
        captures.push(frame.at.capture);
    }
    assert_eq!(captures, [4, 0, 1]);
    let progress = source.progress();
    let infos = source.finish();
    let names: Vec<&str> = infos.iter().map(|info| info.path.strip_prefix(folder.to_str().unwrap()).unwrap()).collect();
    assert_eq!(names, ["/a.pcap", "/b/c/deep", "/b/readme.txt", "/empty.pcap", "/z.pcap"]);
    let why: Vec<Option<String>> = infos.iter().map(|info| info.stopped.clone().map(|stopped| stopped.why)).collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(why, [None, None, text("no capture: it is text"), text("the file is empty"), None]);
    assert!(
        infos
            .iter()
            .filter_map(|info| info.stopped.as_ref())
            .all(|stopped| stopped.byte == 0 && stopped.hint.is_some())
    );
    assert_eq!(progress.bytes_total, Some(3 * 48 + 20));
}

#[test]
fn what_cannot_be_read_at_all_is_an_error_with_path_byte_and_hint() {
    let folder = folder("errors");
    let file = |name: &str, bytes: &[u8]| {
        fs::write(folder.join(name), bytes).unwrap();
        open(&[path(&folder.join(name))], &Options::default()).err().expect(name)
    };
    let error = file("empty.pcap", b"");
    assert!(matches!(error, Error::Empty { .. }) && error.to_string().ends_with("empty.pcap is empty (byte 0)"));
    for (name, bytes, what) in [
        ("x.zip", b"PK\x03\x04....".as_slice(), "a zip archive"),
        ("x.txt", b"hello", "text"),
        ("x.bin", b"\x01\x02\x03\x04\x05", "01 02 03 04"),
        ("x.pcapng", b"\x0a\x0d\x0d\x0a\0\0\0\x1c\x1a\x2b\x3c\x4d", "cut off within a section header"),
        ("x.pcap", b"\xd4\xc3\xb2\xa1\x02\0", "cut off within the file header"),
        ("short", b"\xd4\xc3", "d4 c3"),
        // The beginning of a file header in one deflate block, and a block of a kind that there is not.
        (
            "x.gz",
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03\0\x0a\0\xf5\xff\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\x07",
            "gzip stream is damaged",
        ),
    ] {
        let error = file(name, bytes);
        assert!(error.to_string().contains(what) && error.to_string().contains("byte 0"), "{error}");
        assert!(error.to_string().contains(name) && error.hint().is_some(), "{error}");
    }
    let missing = open(&[path(&folder.join("nowhere"))], &Options::default()).err().unwrap();
    assert!(matches!(missing, Error::Open { .. }) && missing.hint().is_some());
    assert!(matches!(open(&[], &Options::default()).err().unwrap(), Error::NoInput));
    assert!(matches!(open(&[path(&folder)], &Options::default()).err().unwrap(), Error::NoCaptures { .. }));
    fs::create_dir_all(folder.join("none")).unwrap();
    let none = open(&[path(&folder.join("none"))], &Options::default()).err().unwrap();
    assert!(matches!(none, Error::NoCaptures { .. }) && none.hint().is_some());
}

#[test]
fn a_bad_file_does_not_lose_the_others() {
    let folder = folder("bad");
    fs::write(folder.join("good"), pcap(&[1, 2])).unwrap();
    fs::write(folder.join("cut"), &pcap(&[1, 5])[..60]).unwrap();
    fs::create_dir_all(folder.join("none")).unwrap();
    let inputs = ["missing", "cut", "none", "good"].map(|name| path(&folder.join(name)));
    let mut source = open(&inputs, &Options::default()).unwrap();
    let mut times = Vec::new();
    while let Some(frame) = source.next() {
        times.push((frame.at.capture, frame.time.as_ns() / 1_000_000_000));
    }
    assert_eq!(times, [(1, 1), (3, 1), (3, 2)]);
    let infos = source.finish();
    let stopped: Vec<Option<u64>> =
        infos.iter().map(|info| info.stopped.as_ref().map(|stopped| stopped.byte)).collect();
    assert_eq!(stopped, [Some(0), Some(48), Some(0), None]);
    assert!(infos[0].stopped.as_ref().unwrap().why.starts_with("cannot be opened"));
    assert!(infos[1].stopped.as_ref().unwrap().why.starts_with("cut off within a frame's header"));
    assert_eq!(infos.iter().map(|info| info.sha256.len()).collect::<Vec<_>>(), [0, 64, 0, 64]);
}

#[test]
fn digests_are_of_whole_files_whenever_reading_ends() {
    let folder = folder("digest");
    let mut damaged = pcap(&[1, 2, 3]);
    damaged[48 + 8..48 + 12].fill(0xff);
    damaged.extend(vec![7; 300_000]);
    for (name, bytes) in [("damaged", &damaged), ("whole", &pcap(&[4; 50_000])), ("late", &pcap(&[9, 9]))] {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let inputs = ["damaged", "late", "whole"].map(|name| path(&folder.join(name)));
    for frames in [0, 1, 2, 60_000] {
        let mut source = open(&inputs, &Options::default()).unwrap();
        for _ in 0..frames {
            source.next();
        }
        let infos = source.finish();
        for (info, name) in infos.iter().zip(["damaged", "late", "whole"]) {
            use sha2::Digest as _;
            let digest = sha2::Sha256::digest(fs::read(folder.join(name)).unwrap());
            let text: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(info.sha256, text, "{name} after {frames} frames");
        }
        let packets: u64 = infos.iter().map(|info| info.packets).sum();
        assert_eq!(packets, frames.min(1 + 2 + 50_000), "only what was handed out is counted");
    }
    let mut source = open(&inputs, &Options { hash: false, ..Options::default() }).unwrap();
    source.next();
    assert!(source.finish().iter().all(|info| info.sha256.is_empty()));
}

#[test]
fn hundreds_of_files_that_overlap_are_merged_with_few_open() {
    let folder = folder("many");
    let files = 300;
    for file in 0..files {
        // Every file spans the whole time; every fifth is compressed.
        let bytes = pcap(&[file, file + 1_000, file + 2_000]);
        let bytes = if file % 5 == 0 { gzip(&bytes) } else { bytes };
        fs::write(folder.join(format!("{file:03}")), bytes).unwrap();
    }
    let options = Options { max_open_files: 4, ..Options::default() };
    let mut source = open(&[path(&folder)], &options).unwrap();
    let mut seen = Vec::new();
    while let Some(frame) = source.next() {
        seen.push((frame.time.as_ns() / 1_000_000_000, i64::from(frame.at.capture)));
        if seen.len() % 50 == 0 {
            assert!(open_descriptors(&folder) <= 4 + 1, "{} files open", open_descriptors(&folder));
        }
    }
    let expected: Vec<(i64, i64)> =
        [0, 1_000, 2_000].into_iter().flat_map(|base| (0..files).map(move |file| (base + file, file))).collect();
    assert_eq!(seen, expected);
    let progress = source.progress();
    assert_eq!((progress.frames, Some(progress.bytes_read)), (900, progress.bytes_total));
    assert!(source.finish().iter().all(|info| info.packets == 3 && info.stopped.is_none()));
}

/// Files of the folder that this process has open; 0 where the system does not tell.
fn open_descriptors(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else { return 0 };
    let inside = |entry: &fs::DirEntry| fs::read_link(entry.path()).is_ok_and(|target| target.starts_with(folder));
    entries.flatten().filter(|entry| inside(entry)).count()
}

#[test]
fn a_file_without_frames_is_no_error() {
    let folder = folder("frameless");
    fs::write(folder.join("a"), pcap(&[])).unwrap();
    fs::write(folder.join("b"), PcapngWriter::new(Vec::new(), &Section::default()).unwrap().into_inner()).unwrap();
    let mut source = open(&[path(&folder)], &Options::default()).unwrap();
    assert!(source.next().is_none());
    let infos = source.finish();
    assert!(infos.iter().all(|info| info.packets == 0 && info.first.is_none() && info.stopped.is_none()));
    assert_eq!(infos[1].format, "pcapng");
}

#[test]
fn a_source_can_go_to_another_thread() {
    fn assert_send<T: Send>() {}
    assert_send::<firstlight_capture::Source>();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn merging_is_a_stable_sort_of_sorted_files(mut files in prop::collection::vec(prop::collection::vec(0..50_i64, 0..12), 1..30)) {
        let folder = folder("sorted");
        let mut expected = Vec::new();
        for (index, seconds) in files.iter_mut().enumerate() {
            seconds.sort_unstable();
            fs::write(folder.join(format!("{index:02}")), pcap(seconds)).unwrap();
            let at = |number: usize| FrameRef { capture: index as u32, number: number as u64 + 1 };
            expected.extend(seconds.iter().enumerate().map(|(number, &second)| (second, at(number))));
        }
        expected.sort_unstable();
        prop_assert_eq!(order(&[path(&folder)], &Options { max_open_files: 2, ..Options::default() }), expected);
    }
}
