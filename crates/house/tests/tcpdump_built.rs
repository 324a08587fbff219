//! A SYN of every combination of flags and options in tcpdump's notation, against the tcpdump that is installed.
//!
//! `FIRSTLIGHT_SYNS=1000000 cargo test -p firstlight-house --test tcpdump_built` takes all of them; without it, every
//! so many. Compared is the whole line but for the time stamp.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use firstlight_analysis::tcpdump::{Release, packet_text};
use firstlight_house::{assert_none, installed_tcpdump, say};
use firstlight_model::{Network, Segment};
use firstlight_synth::OwnedFrame;
use firstlight_synth::tcp::syns;
use firstlight_synth::write::{Order, Resolution, pcap};

/// Of so many segments.
const ALL: u64 = 1_000_000;
/// As many are compared when nobody says how many.
const USUALLY: u64 = 100_000;
/// Segments in one file.
const AT_ONCE: usize = 50_000;

#[test]
fn syns_of_every_combination_read_as_the_tcpdump_here_writes_them() {
    let Some(release) = installed_tcpdump() else {
        say("left out, tcpdump 4.99 is not installed: SYNs of every combination of flags and options");
        return;
    };
    let wanted = env::var("FIRSTLIGHT_SYNS").ok().map_or(USUALLY, |text| text.parse().expect("a number of SYNs"));
    assert!((1..=ALL).contains(&wanted), "FIRSTLIGHT_SYNS is a number up to {ALL}");
    let numbers: Vec<u64> = (0..wanted).map(|at| at * ALL / wanted).collect();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("built-syns.pcap");
    let (mut compared, mut offenders) = (0_u64, Vec::new());
    for numbers in numbers.chunks(AT_ONCE) {
        let frames: Vec<OwnedFrame> = numbers.iter().map(|number| syns::frame(*number)).collect();
        fs::write(&path, pcap(&frames, Order::Little, Resolution::Microseconds)).unwrap();
        let run = Command::new("tcpdump").args(["-n", "-t", "-r"]).arg(&path).output().unwrap();
        let theirs = String::from_utf8_lossy(&run.stdout);
        assert_eq!(theirs.lines().count(), frames.len(), "a line for each");
        for ((number, frame), theirs) in numbers.iter().zip(&frames).zip(theirs.lines()) {
            // What follows the length is about the payload.
            let theirs = theirs.split_once(" [remaining caplen(").map_or(theirs, |(line, _)| line);
            let ours = line(frame, release);
            compared += 1;
            if ours != theirs && offenders.len() < 20 {
                offenders.push(format!("segment {number}:\n    theirs {theirs}\n    ours   {ours}"));
            }
        }
    }
    let _ = fs::remove_file(&path);
    say(&format!("tcpdump here: {compared} SYNs of every combination of flags and options"));
    assert_none("SYNs that differ from tcpdump's", &offenders);
}

/// The same line, by Firstlight.
fn line(frame: &OwnedFrame, release: Release) -> String {
    let packet = firstlight_wire::parse(frame.link_type, &frame.data, frame.original_len);
    let (Network::Ip(ip), Segment::Tcp(tcp)) = (&packet.network, &packet.segment) else {
        return format!("no segment: {:?}", packet.stop);
    };
    let text = packet_text(&packet, release).unwrap();
    // A header that is too short is remarked on with a blank before it.
    let blank = if text.starts_with("tcp ") { " " } else { "" };
    let version = if ip.source.is_ipv4() { "IP" } else { "IP6" };
    format!("{version} {}.{} > {}.{}: {blank}{text}", ip.source, tcp.source_port, ip.destination, tcp.destination_port)
}
