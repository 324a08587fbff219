//! The figures at a glance counted by hand: a plain reading of Ethernet, IPv4, UDP and TCP headers at fixed places, which
//! is all that the example's frames need. It shares the file reader with the program, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use firstlight_capture::{Input, Options, open};

/// A UDP exchange that is quiet for longer is another one (RFC 4787 REQ-5).
const QUIET_NS: i64 = 300_000_000_000;

/// What one machine did.
pub struct Counted {
    pub packets: u64,
    pub wire_bytes: u64,
    pub dns_queries: u64,
    pub dns_names: u64,
    pub tcp_connections: u64,
    pub udp_exchanges: u64,
    pub hosts_v4: u64,
}

/// Time in nanoseconds, original length, bytes.
type Frame = (i64, u32, Vec<u8>);

fn frames(path: &Path) -> Vec<Frame> {
    let mut source = open(&[Input::Path(path.to_owned())], &Options::default()).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = source.next() {
        frames.push((frame.time.as_ns(), frame.original_len, frame.data.to_vec()));
    }
    assert!(frames.len() > 1_000, "{} frames", frames.len());
    frames
}

/// What follows the header of an IPv4 packet without options in an Ethernet frame of this protocol.
fn above_ipv4(data: &[u8], protocol: u8) -> Option<&[u8]> {
    (data[12..15] == [0x08, 0x00, 0x45] && data[23] == protocol).then(|| &data[34..])
}

/// The name in a DNS query over UDP to port 53, which is not compressed.
fn query(data: &[u8]) -> Option<String> {
    let udp = above_ipv4(data, 17)?;
    if udp[2..4] != [0, 53] {
        return None;
    }
    let mut rest = &udp[8 + 12..];
    let mut labels = Vec::new();
    while rest[0] > 0 {
        let (label, after) = rest[1..].split_at(usize::from(rest[0]));
        labels.push(String::from_utf8(label.to_vec()).unwrap());
        rest = after;
    }
    Some(labels.join("."))
}

/// Time and name of each DNS query.
pub fn queries(path: &Path) -> Vec<(i64, String)> {
    frames(path).into_iter().filter_map(|(time, _, data)| Some((time, query(&data)?))).collect()
}

/// Nanoseconds since 1970 of a time as the report prints it.
pub fn moment(text: &str) -> i64 {
    let (date, time) = text.strip_suffix('Z').unwrap().split_once('T').unwrap();
    let number = |text: &str| -> i64 { text.parse().unwrap() };
    let date: Vec<i64> = date.split('-').map(number).collect();
    // Days of the Gregorian calendar, years that begin in March.
    let (year, month) = if date[1] > 2 { (date[0], date[1] - 3) } else { (date[0] - 1, date[1] + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + date[2] - 1 - 719_468;
    let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let clock: Vec<i64> = whole.split(':').map(number).collect();
    let ns = number(&format!("{fraction:0<9}"));
    ((days * 24 + clock[0]) * 60 + clock[1]) * 60_000_000_000 + clock[2] * 1_000_000_000 + ns
}

impl Counted {
    /// Reads the capture; `mac` as text.
    pub fn of(path: &Path, mac: &str) -> Self {
        let mac: Vec<u8> = mac.split(':').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
        let mut counted = Self {
            packets: 0,
            wire_bytes: 0,
            dns_queries: 0,
            dns_names: 0,
            tcp_connections: 0,
            udp_exchanges: 0,
            hosts_v4: 0,
        };
        let mut names = BTreeSet::new();
        let mut hosts = BTreeSet::new();
        let mut opened = BTreeSet::new();
        let mut exchanges: BTreeMap<Vec<u8>, i64> = BTreeMap::new();
        for (time, original_len, data) in frames(path) {
            let sent = data[6..12] == mac;
            if !sent && data[..6] != mac {
                continue;
            }
            counted.packets += 1;
            counted.wire_bytes += u64::from(original_len);
            if data[12..14] != [0x08, 0x00] {
                continue;
            }
            let (own, other) = if sent { (&data[26..30], &data[30..34]) } else { (&data[30..34], &data[26..30]) };
            if other[0] > 0 && other[0] < 224 {
                hosts.insert(other.to_vec());
            }
            if let Some(name) = query(&data).filter(|_| sent) {
                counted.dns_queries += 1;
                names.insert(name);
            }
            if let Some(tcp) = above_ipv4(&data, 6)
                && tcp[13] & 0x12 == 0x02
            {
                opened.insert([other, &tcp[..4]].concat());
            }
            if let Some(udp) = above_ipv4(&data, 17) {
                let ports = if sent { [&udp[..2], &udp[2..4]] } else { [&udp[2..4], &udp[..2]] };
                let last = exchanges.insert([own, other, ports[0], ports[1]].concat(), time);
                counted.udp_exchanges += u64::from(last.is_none_or(|last| time - last > QUIET_NS));
            }
        }
        counted.dns_names = names.len() as u64;
        counted.hosts_v4 = hosts.len() as u64;
        counted.tcp_connections = opened.len() as u64;
        counted
    }
}
