//! Frames as the bytes of capture files, by Firstlight's own writers; and the report on such files, made comparable.

use std::io::{Cursor, Read, Write};

use firstlight_capture::write::{Interface, PcapHeader, PcapWriter, PcapngWriter, Resolution, Section};
use firstlight_capture::{ByteOrder, open_streams};
use firstlight_engine::{Options, report};
use firstlight_model::LinkType;
use firstlight_model::report::Report;
use serde_json::Value;

use crate::frames::Kept;

/// A capture file.
pub struct Written {
    pub name: &'static str,
    pub bytes: Vec<u8>,
}

/// How a file is packed.
pub type Compress = fn(&[u8]) -> Vec<u8>;

/// All that is read.
pub const COMPRESSIONS: [(&str, Compress); 5] = [
    ("gzip", |bytes| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }),
    ("zstd", |bytes| zstd::encode_all(bytes, 1).unwrap()),
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
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }),
];

const SHAPES: [(&str, ByteOrder, Resolution); 4] = [
    ("microseconds, little-endian", ByteOrder::Little, Resolution::Microseconds),
    ("microseconds, big-endian", ByteOrder::Big, Resolution::Microseconds),
    ("nanoseconds, little-endian", ByteOrder::Little, Resolution::Nanoseconds),
    ("nanoseconds, big-endian", ByteOrder::Big, Resolution::Nanoseconds),
];

/// The frames in every format that can hold them: pcap has one link type a file.
pub fn as_files(frames: &[Kept]) -> Vec<Written> {
    let mut files = Vec::new();
    let link_type = frames.first().map_or(LinkType::ETHERNET, |frame| frame.link_type);
    if frames.iter().all(|frame| frame.link_type == link_type) {
        files.extend(SHAPES.map(|(name, order, resolution)| Written {
            name,
            bytes: pcap(frames, &PcapHeader { order, resolution, link_type, ..PcapHeader::default() }),
        }));
    }
    let names = ["pcapng", "pcapng, big-endian", "pcapng, nanoseconds", "pcapng, nanoseconds, big-endian"];
    for (name, (_, order, resolution)) in names.into_iter().zip(SHAPES) {
        files.push(Written { name, bytes: pcapng(frames, order, resolution) });
    }
    files
}

fn pcap(frames: &[Kept], header: &PcapHeader) -> Vec<u8> {
    let mut writer = PcapWriter::new(Vec::new(), header).unwrap();
    for frame in frames {
        writer.frame(frame.time, frame.original_len, &frame.data).unwrap();
    }
    writer.into_inner()
}

fn pcapng(frames: &[Kept], order: ByteOrder, resolution: Resolution) -> Vec<u8> {
    let mut writer = PcapngWriter::new(Vec::new(), &Section { order, ..Section::default() }).unwrap();
    let mut interfaces: Vec<LinkType> = Vec::new();
    for frame in frames {
        let known = interfaces.iter().position(|&link_type| link_type == frame.link_type);
        let interface = known.unwrap_or_else(|| {
            interfaces.push(frame.link_type);
            let interface = Interface { link_type: frame.link_type, resolution, ..Interface::default() };
            usize::try_from(writer.interface(&interface).unwrap()).unwrap()
        });
        let interface = u32::try_from(interface).unwrap();
        writer.frame(interface, frame.time, frame.original_len, &frame.data, &[]).unwrap();
    }
    writer.into_inner()
}

/// Gives a few bytes at a time, as a pipe may.
struct Dripping {
    bytes: Cursor<Vec<u8>>,
    turn: usize,
}

impl Read for Dripping {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.turn = (self.turn + 977) % 4_099;
        let len = buffer.len().min(self.turn + 1);
        self.bytes.read(&mut buffer[..len])
    }
}

/// The report on files of these names, each read as a stream.
pub fn read_named(files: &[(String, &[u8])], options: &Options) -> Report {
    let streams = files
        .iter()
        .map(|(name, bytes)| {
            let stream = Dripping { bytes: Cursor::new(bytes.to_vec()), turn: 0 };
            (name.clone(), Box::new(stream) as Box<dyn Read + Send>)
        })
        .collect();
    let source = open_streams(streams, &firstlight_capture::Options::default()).unwrap();
    let report = report(source, options, &mut |_| {});
    for capture in &report.captures {
        assert_eq!(capture.stopped, None);
    }
    report
}

/// The same of files that are called by their number.
pub fn read_streams(files: &[&[u8]], options: &Options) -> Report {
    let files: Vec<(String, &[u8])> =
        (0..).zip(files).map(|(at, &bytes): (usize, _)| (at.to_string(), bytes)).collect();
    read_named(&files, options)
}

/// The report as it is printed.
pub fn json_text(report: &Report) -> String {
    let mut out = Vec::new();
    firstlight_report::json::write(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Without what is said of the files.
pub fn without_captures(json: &str) -> String {
    let mut value: Value = serde_json::from_str(json).unwrap();
    assert!(value.as_object_mut().unwrap().remove("captures").is_some());
    lines(&value)
}

/// Without what is said of the files, and without how they are told apart: a frame goes by its place in the whole, a
/// time has six decimals, which is what all the files can hold. `lens` are the frames in each file.
pub fn json_of(report: &Report, lens: &[usize]) -> String {
    let mut value: Value = serde_json::from_str(&json_text(report)).unwrap();
    assert!(value.as_object_mut().unwrap().remove("captures").is_some());
    renumber(&mut value, lens);
    lines(&value)
}

/// Each element of each list on a line of its own.
fn lines(value: &Value) -> String {
    let mut out = String::new();
    for (name, part) in value.as_object().unwrap() {
        match part.as_array() {
            Some(list) => list.iter().for_each(|element| out.push_str(&format!("{name} {element}\n"))),
            None => out.push_str(&format!("{name} {part}\n")),
        }
    }
    out
}

fn renumber(value: &mut Value, lens: &[usize]) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|element| renumber(element, lens)),
        Value::Object(fields) => {
            if let (Some(file), Some(frame)) = (fields.get("file").and_then(Value::as_str), fields.get("frame")) {
                let file: usize = file.parse().unwrap();
                let before: usize = lens[..file].iter().sum();
                let frame = frame.as_u64().unwrap() + before as u64;
                fields.insert("file".to_owned(), "the whole".into());
                fields.insert("frame".to_owned(), frame.into());
            }
            fields.values_mut().for_each(|field| renumber(field, lens));
        }
        Value::String(text) => {
            if let Some(short) = shortened(text) {
                *text = short;
            }
        }
        _ => {}
    }
}

/// A time without what is less than a microsecond: zeros, or the nanosecond before a phase begins.
fn shortened(text: &str) -> Option<String> {
    let (rest, fraction) = text.strip_suffix('Z')?.split_once('.')?;
    let is_time = rest.len() == "2019-10-14T14:05:00".len() && rest.as_bytes().get(10) == Some(&b'T');
    let digits = fraction.len() >= 6 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    (is_time && digits).then(|| format!("{rest}.{}Z", &fraction[..6]))
}
