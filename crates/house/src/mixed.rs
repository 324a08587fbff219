//! Real captures of devices, changed: frames cut, other traffic mixed in. What is made lives in memory only.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::{fs, net::Ipv4Addr};

use firstlight_capture::write::{PcapHeader, PcapWriter, Resolution};
use firstlight_capture::{Input, Source};
use firstlight_engine::Options;
use firstlight_model::report::Report;
use firstlight_model::{Direction, LinkType, MacAddress, Timestamp};
use firstlight_synth::frame::OwnedFrame;
use firstlight_synth::host::Host;
use firstlight_synth::tls::application_data;
use firstlight_synth::tls::hello::ClientHello;
use firstlight_synth::tls::session::Answer;
use firstlight_synth::traffic::Traffic;

/// A device of the set of IoT Sentinel: its name, MAC address and captures.
pub struct Device {
    /// Of its folder.
    pub name: String,
    /// As the set names it.
    pub mac: String,
    /// In order of name.
    pub files: Vec<PathBuf>,
}

/// The devices of the set below the corpus.
///
/// # Panics
/// When the set is not there.
pub fn sentinel(corpus: &Path) -> Vec<Device> {
    let entries = |folder: &Path| {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(folder).expect("the set is there").map(|entry| entry.expect("readable").path()).collect();
        paths.sort();
        paths
    };
    let folders = entries(&corpus.join("iot-sentinel")).into_iter().filter(|path| path.is_dir());
    folders
        .map(|folder| Device {
            name: crate::name_of(&folder).to_owned(),
            mac: fs::read_to_string(folder.join("_iotdevice-mac.txt")).expect("it is known").trim().to_owned(),
            files: entries(&folder).into_iter().filter(|file| file.extension().is_some_and(|e| e == "pcap")).collect(),
        })
        .collect()
}

/// The frames of a file.
///
/// # Panics
/// When it does not open.
pub fn frames(file: &Path) -> Vec<OwnedFrame> {
    let inputs = [Input::Path(file.to_path_buf())];
    let mut source = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()).expect("it opens");
    let mut frames = Vec::new();
    while let Some(frame) = source.next() {
        frames.push(OwnedFrame {
            original_len: frame.original_len,
            ..OwnedFrame::new(frame.time, frame.link_type, frame.data.to_vec())
        });
    }
    frames
}

/// Frames as a capture that can be read.
///
/// # Panics
/// Never: it is written and read in memory.
pub fn source(frames: &[OwnedFrame]) -> Source {
    let link_type = frames.first().map_or(LinkType::ETHERNET, |frame| frame.link_type);
    let header = PcapHeader { link_type, resolution: Resolution::Nanoseconds, ..PcapHeader::default() };
    let mut writer = PcapWriter::new(Vec::new(), &header).expect("memory can be written");
    for frame in frames {
        writer.frame(frame.time, frame.original_len, &frame.data).expect("memory can be written");
    }
    let bytes = writer.into_inner();
    let streams: Vec<(String, Box<dyn std::io::Read + Send>)> =
        vec![("mixed.pcap".to_owned(), Box::new(Cursor::new(bytes)))];
    firstlight_capture::open_streams(streams, &firstlight_capture::Options::default()).expect("it opens")
}

/// The report of frames on one machine.
pub fn report(frames: &[OwnedFrame], mac: &str) -> Report {
    firstlight_engine::report(source(frames), &of_machine(mac), &mut |_| {})
}

/// Options that name a machine.
pub fn of_machine(mac: &str) -> Options {
    Options { machine: Some(mac.to_owned()), ..Options::default() }
}

/// A connection over TLS of the device, as its own frames, put in after the capture's last frame but one.
///
/// # Panics
/// When the device's addresses are none.
pub fn with_connection(mut frames: Vec<OwnedFrame>, mac: &str, address: Ipv4Addr, name: &str) -> Vec<OwnedFrame> {
    let bytes: Vec<u8> = mac.split(':').map(|byte| u8::from_str_radix(byte, 16).expect("a MAC address")).collect();
    let mac = MacAddress(bytes.try_into().expect("six bytes"));
    let time = frames.last().map_or(Timestamp::ZERO, |frame| frame.time);
    let mut traffic = Traffic::new(time);
    let machine = Host::new(mac, address);
    let server = traffic.remote("203.0.113.77");
    let mut connection = traffic.tcp(&machine, &server, 443);
    let hello = ClientHello::macos_10_15(traffic.random(), name, &["h2"]);
    connection.tls(&mut traffic, &hello, &Answer::tls_1_3(Vec::new()));
    connection.transfer(&mut traffic, Direction::Originator, &application_data(400), &[]);
    connection.transfer(&mut traffic, Direction::Responder, &application_data(900), &[]);
    connection.close(&mut traffic);
    frames.extend(traffic.into_frames());
    frames
}

/// The bytes of a MAC address.
///
/// # Panics
/// When the text is none.
pub fn mac(text: &str) -> [u8; 6] {
    let bytes: Vec<u8> = text.split(':').map(|byte| u8::from_str_radix(byte, 16).expect("a MAC address")).collect();
    bytes.try_into().expect("six bytes")
}
