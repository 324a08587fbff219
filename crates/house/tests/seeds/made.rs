//! Seeds that are made: small captures in every format, frames in every encapsulation, lists of packets, the samples of
//! every dissector.

use std::io::Write;
use std::net::IpAddr;

use firstlight_dissect::ALL;
use firstlight_house::fuzz::dissect;
use firstlight_model::{Direction, Timestamp};
use firstlight_synth::certificate::Certificate;
use firstlight_synth::dhcp::{Client, Lease};
use firstlight_synth::http::{Request, Response};
use firstlight_synth::tls::hello::ClientHello;
use firstlight_synth::tls::session::Answer;
use firstlight_synth::write::{About, Order, Resolution, pcap, pcapng};
use firstlight_synth::{Encapsulation, Fault, OwnedFrame, Stack, Traffic};

use crate::replay::Seed;

/// For the target of this name.
pub fn of(target: &str) -> Vec<Seed> {
    let list = match target {
        "capture" => captures().into_iter().map(|(name, file)| (name, [&[6], &file[..]].concat())).collect(),
        "wire" => frames(),
        "segments" => packets(),
        "dissect" => samples(),
        "report" => captures().into_iter().map(|(name, file)| (name, [&[0], &file[..]].concat())).collect(),
        _ => Vec::new(),
    };
    list.into_iter().map(|(name, bytes)| Seed { name, bytes }).collect()
}

type Named = (String, Vec<u8>);

const ENCAPSULATIONS: [Encapsulation; 8] = [
    Encapsulation::Ethernet,
    Encapsulation::Vlan(7),
    Encapsulation::DoubleVlan(7, 8),
    Encapsulation::Raw,
    Encapsulation::Null,
    Encapsulation::Loop,
    Encapsulation::LinuxCooked,
    Encapsulation::LinuxCookedV2,
];

/// A machine gets its address, looks a name up, and speaks TLS and HTTP; over IPv6, in fragments, with faults.
fn traffic(encapsulation: Encapsulation) -> Vec<OwnedFrame> {
    let mut t = Traffic::new(Timestamp::from_parts(1_571_000_000, 0)).with_seed(3).with_encapsulation(encapsulation);
    let mac = t.host("192.0.2.10").with_stack(Stack::macos_10_15());
    let (router, server) = (t.host("192.0.2.1"), t.remote("198.51.100.7"));
    let (mac6, server6) = (t.host("2001:db8::10"), t.remote("2001:db8:1::7"));
    let (v4, gateway) = (mac.v4.expect("it has one"), router.v4.expect("it has one"));
    let mask = "255.255.255.0".parse().expect("a mask");
    let lease = Lease { address: v4, mask, router: gateway, dns: vec![gateway], domain: None, seconds: 600 };
    t.dhcp_reboot(&mac, &Client::macos_10_15("mac"), &router, &lease);
    let to = IpAddr::from(server.v4.expect("it has one"));
    t.dns_lookup(&mac, &router, "www.example.com", &["edge.example.net"], &[to]);
    let certificate = Certificate::server(t.random(), "www.example.com").to_der();
    let hello = ClientHello::simple(t.random(), "www.example.com");
    let mut c = t.tcp(&mac, &server, 443);
    c.tls(&mut t, &hello, &Answer::tls_1_2(vec![certificate]));
    c.close(&mut t);
    let mut c = t.tcp(&mac6, &server6, 80);
    c.send(&mut t, &Request::get("www.example.com", "/x").by_apple("Test/1").to_bytes());
    let answer = Response::ok("text/html", &[b'x'; 300]).to_bytes();
    c.transfer(&mut t, Direction::Responder, &answer, &[Fault::Twice(0)]);
    c.close(&mut t);
    t.fragment_at(Some(576));
    t.datagram(&mac, 50_000, &server, 40_000, &[7; 1_200]);
    t.into_frames()
}

fn captures() -> Vec<Named> {
    let frames = traffic(Encapsulation::Ethernet);
    let mut files = Vec::new();
    let shapes = [("little", Order::Little, Resolution::Microseconds), ("big", Order::Big, Resolution::Nanoseconds)];
    for (name, order, resolution) in shapes {
        let about = About { comments: vec!["a comment".to_owned()], order, resolution, ..About::default() };
        files.push((format!("made-pcap-{name}"), pcap(&frames, order, resolution)));
        files.push((format!("made-pcapng-{name}"), pcapng(&frames, &about)));
    }
    for (number, encapsulation) in (0..).zip(ENCAPSULATIONS).skip(1) {
        let file = pcap(&traffic(encapsulation), Order::Little, Resolution::Microseconds);
        files.push((format!("made-encapsulation-{number}"), file));
    }
    files.push(("made-snoop".to_owned(), snoop(&frames)));
    let small = pcap(&frames[..4], Order::Little, Resolution::Microseconds);
    files.push(("made-cut".to_owned(), small[..small.len() - 9].to_vec()));
    files.extend(packed(&small));
    files
}

/// RFC 1761.
fn snoop(frames: &[OwnedFrame]) -> Vec<u8> {
    let mut file = b"snoop\0\0\0\0\0\0\x02\0\0\0\x04".to_vec();
    for frame in frames {
        let len = u32::try_from(frame.data.len()).expect("a frame is short");
        let padded = len.next_multiple_of(4);
        let seconds = u32::try_from(frame.time.as_ns() / 1_000_000_000).expect("it is before 2106");
        for word in [frame.original_len, len, 24 + padded, 0, seconds, 5] {
            file.extend_from_slice(&word.to_be_bytes());
        }
        file.extend_from_slice(&frame.data);
        file.resize(file.len() + (padded - len) as usize, 0);
    }
    file
}

fn packed(file: &[u8]) -> Vec<Named> {
    let written = "memory can be written to";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(file).expect(written);
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    bzip2.write_all(file).expect(written);
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
    xz.write_all(file).expect(written);
    let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
    lz4.write_all(file).expect(written);
    let mut list = vec![
        ("made-gzip".to_owned(), gzip.finish().expect(written)),
        ("made-bzip2".to_owned(), bzip2.finish().expect(written)),
        ("made-xz".to_owned(), xz.finish().expect(written)),
        ("made-lz4".to_owned(), lz4.finish().expect(written)),
        ("made-zstd".to_owned(), zstd::encode_all(file, 1).expect(written)),
    ];
    let twice = zstd::encode_all(&list[0].1[..], 1).expect(written);
    list.push(("made-gzip-zstd".to_owned(), twice));
    list
}

/// See `firstlight_house::fuzz::wire`.
fn frames() -> Vec<Named> {
    let mut list = Vec::new();
    for (number, encapsulation) in (0..).zip(ENCAPSULATIONS) {
        // The longest and the shortest of each kind are enough to begin with.
        for (at, frame) in traffic(encapsulation).iter().enumerate().step_by(3) {
            let link_type = u16::try_from(frame.link_type.0).expect("it has 16 bits").to_be_bytes();
            list.push((format!("made-{number}-{at}"), [&link_type[..], &[0, 6], &frame.data].concat()));
        }
    }
    list
}

/// See `firstlight_house::fuzz::segments`: an odd byte before each packet.
fn packets() -> Vec<Named> {
    // Flow, kind, how, flags, first byte, length, acknowledged.
    type Packet = (u8, u8, u8, u8, u16, u16, u16);
    let lists: [(&str, u8, &[Packet]); 6] = [
        (
            "connection",
            0,
            &[
                (0, 0, 0, 0x02, 0, 0, 0),
                (0, 0, 1, 0x12, 0, 0, 0),
                (0, 0, 0, 0x10, 0, 0, 0),
                (0, 0, 8, 0x18, 0, 100, 0),
                (0, 0, 9, 0x18, 0, 1_400, 100),
                (0, 0, 1, 0x11, 1_400, 0, 100),
                (0, 0, 0, 0x11, 100, 0, 1_401),
            ],
        ),
        (
            "out-of-order",
            0,
            &[
                (1, 0, 0, 0x02, 0, 0, 0),
                (1, 0, 1, 0x12, 0, 0, 0),
                (1, 0, 0, 0x18, 200, 100, 0),
                (1, 0, 0, 0x18, 100, 100, 0),
                (1, 0, 0, 0x18, 0, 150, 0),
                (1, 0, 0, 0x18, 400, 100, 0),
                (1, 0, 4, 0x18, 300, 100, 0),
                (1, 0, 2, 0x18, 0, 50, 0),
            ],
        ),
        ("middle", 0, &[(2, 0, 0, 0x18, 500, 40, 9), (2, 0, 1, 0x18, 9, 60, 540), (2, 0, 0, 0x18, 560, 40, 69)]),
        ("fragments", 0, &[(0, 6, 0, 1, 185, 1_480, 1), (0, 6, 8, 1, 0, 1_480, 1), (0, 6, 0, 0, 370, 200, 1)]),
        ("fragments-of-six", 0, &[(2, 6, 0, 1, 0, 800, 2), (2, 6, 0, 1, 50, 800, 2), (2, 6, 0, 0, 150, 90, 2)]),
        (
            "limits",
            0xff,
            &[
                (0, 4, 0, 0, 0, 20, 0),
                (1, 4, 0, 0, 0, 20, 0),
                (2, 5, 0, 8, 0, 20, 0),
                (3, 7, 0, 0, 0, 20, 0),
                (0, 0, 0, 0x18, 900, 600, 0),
                (0, 0, 0, 0x18, 1_800, 600, 0),
                (0, 0, 0xf8, 0x18, 0, 10, 0),
            ],
        ),
    ];
    let encode = |&(flow, kind, how, flags, at, len, acknowledged): &Packet| {
        let numbers = [at, len, acknowledged].map(u16::to_le_bytes);
        [&[1, flow, kind, how, flags][..], &numbers.concat()].concat()
    };
    let list = lists.iter().map(|(name, limits, packets)| {
        let bytes = std::iter::once(*limits).chain(packets.iter().flat_map(encode));
        (format!("made-{name}"), bytes.collect())
    });
    list.collect()
}

/// See `firstlight_house::fuzz::dissect`.
fn samples() -> Vec<Named> {
    let mut list = Vec::new();
    for dissector in ALL {
        for (number, sample) in dissector.samples.iter().enumerate() {
            let mut bytes = dissect::key(dissector).to_be_bytes().to_vec();
            bytes.extend_from_slice(&[2 | u8::from(sample.context.from_start), 7]);
            for (direction, push) in sample.pushes {
                for part in push.chunks(0x3fff) {
                    let len = u16::try_from(part.len()).expect("it has 14 bits");
                    let of = if *direction == Direction::Responder { 0x8000 } else { 0 };
                    bytes.extend_from_slice(&(len | of).to_be_bytes());
                    bytes.extend_from_slice(part);
                }
            }
            list.push((format!("made-{}-{:?}-{number}", dissector.name, dissector.carrier), bytes));
        }
    }
    list
}
