//! What a receiver would make of the frames is what was sent, whatever happened on the way. Reads the frames at fixed
//! offsets: Ethernet, IPv4 without options, TCP.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use firstlight_model::{Direction, TcpFlags, Timestamp};
use firstlight_synth::{Connect, Encapsulation, Fault, Host, OwnedFrame, Stack, Traffic, checksum, dns, numbered};
use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};

struct Seen {
    source: [u8; 4],
    sequence: u32,
    acknowledgment: u32,
    flags: u16,
    data: Vec<u8>,
}

fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    u32::from_be_bytes(bytes[offset..offset + 4].try_into().unwrap())
}

fn seen(frame: &OwnedFrame) -> Seen {
    let ip = &frame.data[14..];
    let tcp = &ip[20..];
    let words = usize::from(tcp[12] >> 4);
    Seen {
        source: ip[12..16].try_into().unwrap(),
        sequence: u32_at(tcp, 4),
        acknowledgment: u32_at(tcp, 8),
        flags: u16::from(tcp[13]),
        data: tcp[words * 4..].to_vec(),
    }
}

/// The data of one direction put in order, `None` where no frame shows a byte.
fn reassembled(frames: &[OwnedFrame], host: &Host, len: usize) -> Vec<Option<u8>> {
    let source = host.v4.unwrap().octets();
    let mut out = vec![None; len];
    let segments: Vec<Seen> = frames.iter().map(seen).filter(|segment| segment.source == source).collect();
    let first = segments.iter().find(|segment| segment.flags & TcpFlags::SYN != 0).unwrap().sequence.wrapping_add(1);
    for segment in segments {
        for (position, byte) in segment.data.iter().enumerate() {
            let offset = usize::try_from(segment.sequence.wrapping_sub(first)).unwrap() + position;
            out[offset] = Some(*byte);
        }
    }
    out
}

fn fault() -> impl Strategy<Value = Fault> {
    let index = 0usize..12;
    prop_oneof![
        index.clone().prop_map(Fault::Late),
        index.clone().prop_map(Fault::Twice),
        index.prop_map(Fault::Swapped),
    ]
}

proptest! {
    #[test]
    fn both_sides_say_what_they_were_told_to(
        transfers in prop::collection::vec((any::<bool>(), 0usize..12_000, prop::collection::vec(fault(), 0..3)), 0..5),
        sequence_out in any::<u32>(),
        sequence_in in any::<u32>(),
        coalesced in 1usize..5,
    ) {
        let mut t = Traffic::new(Timestamp::from_parts(1_000, 0));
        let mac = t.host("192.0.2.10").with_stack(Stack::macos_10_15());
        let server = t.remote("198.51.100.7");
        let options = Connect {
            initial_sequence: Some((sequence_out, sequence_in)),
            coalesced_in: coalesced,
            coalesced_out: coalesced,
            ..Connect::default()
        };
        let mut c = t.tcp_with(&mac, &server, 443, options);
        let mut sent: [Vec<u8>; 2] = Default::default();
        for (out, len, faults) in &transfers {
            let data = t.random().bytes(*len);
            let direction = if *out { Direction::Originator } else { Direction::Responder };
            c.transfer(&mut t, direction, &data, faults);
            sent[usize::from(!*out)].extend(data);
        }
        c.close(&mut t);
        assert_eq!([c.payload_out(), c.payload_in()], [sent[0].len() as u64, sent[1].len() as u64]);
        let frames = t.into_frames();
        assert!(frames.is_sorted_by_key(|frame| frame.time));
        for (host, data) in [(&mac, &sent[0]), (&server, &sent[1])] {
            let whole: Option<Vec<u8>> = reassembled(&frames, host, data.len()).into_iter().collect();
            assert_eq!(whole.as_ref(), Some(data));
        }
        // At the end each side has acknowledged all of the other, FIN included.
        let last = frames.iter().map(seen).next_back().unwrap();
        let expected = sequence_in.wrapping_add(2).wrapping_add(u32::try_from(sent[1].len()).unwrap());
        assert_eq!(last.acknowledgment, expected);
    }

    #[test]
    fn checksums_sum_to_zero(len in 0usize..3_000, seed in any::<u64>()) {
        let mut t = Traffic::new(Timestamp::ZERO).with_seed(seed);
        let (a, b) = (t.host("192.0.2.10"), t.remote("198.51.100.7"));
        let data = t.random().bytes(len);
        t.datagram(&a, 1, &b, 2, &data);
        let packet = &t.as_made()[0].data[14..];
        assert_eq!(checksum::internet(&packet[..20]), 0);
        let mut pseudo = packet[12..20].to_vec();
        pseudo.extend([0, 17]);
        pseudo.extend(u16::try_from(8 + len).unwrap().to_be_bytes());
        pseudo.extend(&packet[20..]);
        assert_eq!(checksum::internet(&pseudo), 0);
    }
}

#[test]
fn the_same_script_makes_the_same_frames_and_another_seed_others() {
    let play = |seed| {
        let mut t = Traffic::new(Timestamp::ZERO).with_seed(seed);
        let (a, b) = (t.host("192.0.2.10"), t.remote("198.51.100.7"));
        t.tcp(&a, &b, 80).send(&mut t, b"hello");
        t.into_frames()
    };
    assert_eq!(play(7), play(7));
    assert_ne!(play(7), play(8));
}

#[test]
fn a_missing_segment_is_counted_but_not_shown() {
    let mut t = Traffic::new(Timestamp::ZERO);
    let (a, b) = (t.host("192.0.2.10"), t.remote("198.51.100.7"));
    let mut c = t.tcp(&a, &b, 80);
    let data = vec![b'x'; 1_448 * 5];
    c.transfer(&mut t, Direction::Responder, &data, &[Fault::Missing(2)]);
    assert_eq!(c.payload_in(), data.len() as u64);
    let frames = t.into_frames();
    let holes = reassembled(&frames, &b, data.len()).iter().filter(|byte| byte.is_none()).count();
    assert_eq!(holes, 1_448);
}

#[test]
fn conversations_run_side_by_side_and_frames_are_in_order() {
    let start = Timestamp::from_parts(1_000, 0);
    let mut t = Traffic::new(start);
    let (a, b) = (t.host("192.0.2.10"), t.remote("198.51.100.7"));
    for offset_ms in [30, 0, 10] {
        t.at(start.plus_ns(offset_ms * 1_000_000));
        let mut c = t.tcp(&a, &b, 80);
        c.send(&mut t, &[0; 4_000]);
        c.close(&mut t);
    }
    assert_eq!(t.as_made()[0].time, start.plus_ns(30_000_000));
    let frames = t.into_frames();
    assert!(frames.is_sorted_by_key(|frame| frame.time));
    let ports: Vec<u8> = frames.iter().take(2).map(|frame| frame.data[14 + 20 + 1]).collect();
    assert_eq!(ports, [1, 2], "the second was opened first, then the third");
}

#[test]
fn frames_are_numbered_from_one_and_carry_their_comment_and_length() {
    let mut t = Traffic::new(Timestamp::ZERO).with_encapsulation(Encapsulation::Raw);
    let (a, b) = (t.host("192.0.2.10"), t.remote("198.51.100.7"));
    t.snap_len(Some(30));
    t.comment("phase: one");
    t.datagram(&a, 1, &b, 2, &[0; 100]);
    t.datagram(&a, 1, &b, 2, &[0; 100]);
    let frames = t.into_frames();
    assert_eq!(frames[0].comment.as_deref(), Some("phase: one"));
    assert_eq!(frames[1].comment, None);
    let list: Vec<_> = numbered(&frames).map(|frame| (frame.at.number, frame.data.len(), frame.original_len)).collect();
    assert_eq!(list, [(1, 30, 128), (2, 30, 128)]);
}

#[test]
fn names_are_compressed_against_each_other_but_not_in_srv() {
    let query = dns::Message::query(1, "www.example.com", dns::kind::A);
    let plain = query.to_bytes();
    assert_eq!(plain.len(), 12 + 17 + 4);
    let reply = query.resolved(&["edge.example.com"], &["192.0.2.1".parse().unwrap()]).to_bytes();
    // The owner is a pointer; `edge` and a pointer to `example.com`; the second owner is a pointer to `edge`.
    assert_eq!(reply.len(), plain.len() + (2 + 10 + 5 + 2) + (2 + 10 + 4));
    assert_eq!(reply[plain.len()..plain.len() + 2], [0xc0, 12]);
    let target = "edge.example.com".to_owned();
    let srv = dns::Data::Srv { priority: 0, weight: 0, port: 1, target };
    let message = query.reply().answer(dns::Record::new("www.example.com", 1, srv)).to_bytes();
    assert_eq!(message.len(), plain.len() + 2 + 10 + 6 + 18);
}
