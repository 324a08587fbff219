//! What a baseline of a device leaves of a run of it into which another device's connections were mixed, as if it had made
//! them: nearly nothing of its own, and all of the other's.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use firstlight_baseline::{Baseline, Run, subtract};
use firstlight_engine::sieve::{self, Member, Sieve};
use firstlight_house::{corpus, mixed, say};
use firstlight_model::report::Scope;
use firstlight_model::{FrameRef, Timestamp};
use firstlight_synth::frame::OwnedFrame;

const LEARNT: usize = 15;
/// Ethernet, and IPv4 in it.
const ADDRESSES: [usize; 2] = [14 + 12, 14 + 16];

/// The other device's connections to the internet, as the first device's: its MAC and IPv4 address in the place of the
/// other's, and the time moved to the first one's capture.
fn disguised(frames: &[OwnedFrame], other: [u8; 6], device: ([u8; 6], Ipv4Addr), start: Timestamp) -> Vec<OwnedFrame> {
    let first = frames.first().map_or(start, |frame| frame.time);
    let mut out = Vec::new();
    for frame in frames {
        let data = &frame.data;
        if data.len() < 34 || data[12..14] != [8, 0] {
            continue;
        }
        let [source, destination] =
            ADDRESSES.map(|at| Ipv4Addr::new(data[at], data[at + 1], data[at + 2], data[at + 3]));
        let (from_other, to_other) = (data[6..12] == other, data[0..6] == other);
        let beyond = if from_other { destination } else { source };
        let is_public =
            !(beyond.is_private() || beyond.is_multicast() || beyond.is_broadcast() || beyond.is_unspecified());
        if !(from_other || to_other) || !is_public {
            continue;
        }
        let mut frame = frame.clone();
        frame.time = start.plus_ns(frame.time.since_ns(first));
        let (mac, address) = if from_other { (6, ADDRESSES[0]) } else { (0, ADDRESSES[1]) };
        frame.data[mac..mac + 6].copy_from_slice(&device.0);
        frame.data[address..address + 4].copy_from_slice(&device.1.octets());
        out.push(frame);
    }
    out
}

#[test]
fn the_normal_goes_and_the_other_stays() {
    let Some(corpus) = corpus("subtracting baselines of devices") else { return };
    let devices = mixed::sentinel(&corpus);
    let (mut normal, mut gone) = (0_u64, 0_u64);
    let (mut flows, mut lost, mut shared) = (0_u64, 0_u64, 0_u64);
    let mut worst = (1.0, String::new());
    for (at, device) in devices.iter().enumerate().filter(|(_, device)| device.files.len() > LEARNT) {
        let mut baseline = Baseline::default();
        for file in device.files.iter().take(LEARNT) {
            let report = mixed::report(&mixed::frames(file), &device.mac);
            baseline.add(Run::of(&report).expect("the device is in it"));
        }
        let (mut own, mut own_gone) = (0_u64, 0_u64);
        for (turn, file) in device.files.iter().skip(LEARNT).enumerate() {
            // Devices of one maker speak to the same hosts, and more to them is itself a finding.
            let maker = |device: &mixed::Device| device.name.chars().take(4).collect::<String>();
            let others: Vec<&mixed::Device> = devices.iter().filter(|other| maker(other) != maker(device)).collect();
            let other = others[(at + turn) % others.len()];
            let frames = mixed::frames(file);
            let alone = mixed::report(&frames, &device.mac);
            let address = alone.machines[0].addresses.iter().find_map(|address| match address {
                IpAddr::V4(v4) if !v4.is_unspecified() => Some(*v4),
                _ => None,
            });
            let Some(address) = address else { continue };
            let start = frames[0].time;
            let theirs = mixed::frames(&other.files[turn % other.files.len()]);
            let theirs = disguised(&theirs, mixed::mac(&other.mac), (mixed::mac(&device.mac), address), start);
            let taken: BTreeSet<(Timestamp, Vec<u8>)> = theirs.iter().map(|f| (f.time, f.data.clone())).collect();
            let mut mixed_frames = frames.clone();
            mixed_frames.extend(theirs);
            mixed_frames.sort_by_key(|frame| frame.time);

            let options = mixed::of_machine(&device.mac);
            let (report, members) = sieve::members(mixed::source(&mixed_frames), &options, &mut |_| {});
            let explained = subtract::explained(&baseline, &report);
            let goes = |member: &Member| {
                member.contact.is_some_and(|at| explained.contacts[at])
                    && member.queries.iter().all(|name| explained.look_up(name))
            };
            let mut sieve = Sieve::new(&members, &goes);
            // A contact that the device has as well, by the same name and service, is normal whoever makes it.
            let is_shared = |name: &Option<String>| {
                name.as_ref().is_some_and(|name| baseline.contacts().keys().any(|key| key.name() == Some(name)))
            };
            let known: BTreeSet<IpAddr> = report
                .contacts
                .iter()
                .filter(|contact| contact.scope == Scope::Internet && is_shared(&contact.name))
                .flat_map(|contact| contact.addresses.iter().copied())
                .collect();
            let mut ends: BTreeSet<Vec<u8>> = BTreeSet::new();
            let mut lost_ends: BTreeSet<Vec<u8>> = BTreeSet::new();
            let mut shared_ends: BTreeSet<Vec<u8>> = BTreeSet::new();
            for (number, frame) in (1_u64..).zip(&mixed_frames) {
                let goes = sieve.goes(&frame.as_frame(FrameRef { capture: 0, number }));
                if !taken.contains(&(frame.time, frame.data.clone())) {
                    let is_own =
                        frame.data[6..12] == mixed::mac(&device.mac) || frame.data[0..6] == mixed::mac(&device.mac);
                    // What is no connection (ARP, EAPOL, LLC) is no business of this.
                    if is_own && frame.data[12..14] == [8, 0] {
                        own += u64::from(frame.original_len);
                        own_gone += if goes { u64::from(frame.original_len) } else { 0 };
                    }
                    continue;
                }
                let end = end_of(&frame.data, address);
                let octets = if frame.data[26..30] == address.octets() { 30 } else { 26 };
                let beyond: [u8; 4] = frame.data[octets..octets + 4].try_into().expect("four bytes");
                if known.contains(&IpAddr::from(beyond)) {
                    shared_ends.insert(end);
                } else {
                    ends.insert(end.clone());
                    if goes {
                        lost_ends.insert(end);
                    }
                }
            }
            flows += ends.len() as u64;
            lost += lost_ends.len() as u64;
            shared += shared_ends.len() as u64;
        }
        let share = own_gone as f64 / own.max(1) as f64;
        say(&format!("{:>18}: {:.1} % of its own bytes went", device.name, 100.0 * share));
        if share < worst.0 {
            worst = (share, device.name.clone());
        }
        normal += own;
        gone += own_gone;
    }
    let share = gone as f64 / normal as f64;
    say(&format!(
        "{:.2} % of {normal} normal bytes went (least: {:.1} %, {}); of {flows} connections of other devices {lost} were \
         lost; {shared} more are to hosts that the device contacts as well",
        100.0 * share,
        100.0 * worst.0,
        worst.1
    ));
    assert_eq!(lost, 0, "connections of the other device were taken for normal");
    assert!(share >= 0.98, "only {share} of the normal bytes went");
}

/// The other end and both ports: which connection it is.
fn end_of(data: &[u8], own: Ipv4Addr) -> Vec<u8> {
    let header = usize::from(data[14] & 15) * 4;
    let ports = data.get(14 + header..14 + header + 4).unwrap_or_default();
    let (beyond, ports) = if data[26..30] == own.octets() {
        (&data[30..34], ports.to_vec())
    } else {
        (&data[26..30], ports.iter().skip(2).chain(ports.iter().take(2)).copied().collect())
    };
    [beyond, &ports, &data[23..24]].concat()
}
