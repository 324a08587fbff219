//! SYN and SYN+ACK segments of every combination of flags and options, right and wrong, each told by its number.
//!
//! Four ranges: each kind of option with each length that it can claim ([`KINDS`]); each ordered list of up to four well-formed
//! options ([`LISTS`]); each combination of the other eight flags with each list of up to two ([`FLAGS`]); and behind
//! those what chance makes of them, with wrong lengths, wrong data offsets and captures that are cut. Ports are ones
//! that no dissector of another tool takes for its own. Leaves out segments without SYN.

use std::net::IpAddr;
use std::ops::Range;

use firstlight_model::{LinkType, TcpFlags, Timestamp, Transport};

use super::TcpOption;
use crate::bytes::Put;
use crate::checksum::{self, Checksums};
use crate::frame::OwnedFrame;
use crate::ip::{Header, set_u16};
use crate::random::Random;

/// Longest options (RFC 9293 s. 3.1).
const OPTIONS_LEN_MAX: usize = 40;
/// Lengths that an option is made to claim: from impossible to more than there is room for.
const CLAIMS: u64 = 43;
/// Combinations of the flags beside SYN: FIN, RST, PSH, ACK, URG, ECE, CWR and AE.
const FLAG_COMBINATIONS: u64 = 256;
/// Well-formed options: see [`shape`].
const SHAPES: u64 = 18;
/// Lists of up to two, and of up to four.
const LISTS_OF_TWO: u64 = 1 + SHAPES + SHAPES * SHAPES;
const LISTS_OF_FOUR: u64 = LISTS_OF_TWO + SHAPES * SHAPES * SHAPES * (1 + SHAPES);

/// Numbers of the segments with one option of each kind and claimed length.
pub const KINDS: Range<u64> = 0..256 * CLAIMS;
/// Numbers of the segments with each list of up to four well-formed options.
pub const LISTS: Range<u64> = KINDS.end..KINDS.end + LISTS_OF_FOUR;
/// Numbers of the segments with each combination of flags and each list of up to two well-formed options.
pub const FLAGS: Range<u64> = LISTS.end..LISTS.end + FLAG_COMBINATIONS * LISTS_OF_TWO;

const _: () = assert!(FLAGS.end < 1_000_000, "the rest of a million is made by chance");

/// The segment with a number, in an IPv4 or IPv6 packet without a link layer.
pub fn frame(number: u64) -> OwnedFrame {
    let mut random = Random::new(number);
    let mut flags = some_flags(&mut random);
    let mut options = Vec::with_capacity(OPTIONS_LEN_MAX + 64);
    let mut by_chance = false;
    if KINDS.contains(&number) {
        one_kind(number, &mut random, &mut options);
    } else if LISTS.contains(&number) {
        list(number - LISTS.start, &mut random, &mut options);
    } else if FLAGS.contains(&number) {
        let at = number - FLAGS.start;
        flags = combination(at % FLAG_COMBINATIONS);
        list(at / FLAG_COMBINATIONS, &mut random, &mut options);
    } else {
        by_chance = true;
        chance(&mut random, &mut options);
    }
    options.truncate(OPTIONS_LEN_MAX);
    let padding = if random.between(0, 4) == 0 { 1 } else { 0 };
    options.resize(options.len().next_multiple_of(4), padding);
    let mut words = 5 + u16::try_from(options.len() / 4).unwrap_or(0);
    if by_chance && random.between(0, 16) == 0 {
        words = u16::try_from(random.between(0, 16)).unwrap_or(0);
    }
    let payload_len = if random.between(0, 4) == 0 { random.between(1, 5) } else { 0 };

    let mut segment = Vec::with_capacity(64);
    segment.put_u16(50_000);
    segment.put_u16(9_999);
    segment.put_u32(some_number(&mut random));
    segment.put_u32(some_number(&mut random));
    segment.put_u16(words << 12 | flags);
    segment.put_u16(random.next_u16());
    segment.put_u16(0);
    segment.put_u16(random.next_u16());
    segment.put(&options);
    let payload = random.bytes(usize::try_from(payload_len).unwrap_or(0));
    segment.put(&payload);
    packet(number, &mut random, segment, by_chance)
}

/// Puts the segment into a packet, which may be cut behind the fixed header.
fn packet(number: u64, random: &mut Random, mut segment: Vec<u8>, by_chance: bool) -> OwnedFrame {
    let v6 = random.between(0, 4) == 0;
    let (source, destination): (IpAddr, IpAddr) = if v6 {
        ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into(), [0x2001, 0xdb8, 0, 0, 0, 0, 0, 2].into())
    } else {
        ([192, 0, 2, 1].into(), [198, 51, 100, 2].into())
    };
    let value = checksum::transport(Checksums::Right, source, destination, Transport::TCP, &segment);
    set_u16(&mut segment, 16, value);
    let header = Header::new(source, destination, Transport::TCP);
    let data = header.packets(&segment, None).into_iter().next().unwrap_or_default();
    let time = Timestamp::from_parts(1_600_000_000 + i64::try_from(number / 1000).unwrap_or(0), 0);
    let mut frame = OwnedFrame::new(time, LinkType::RAW, data);
    if by_chance && random.between(0, 16) == 0 {
        let fixed = if v6 { 60 } else { 40 };
        let len = frame.data.len() as u64;
        frame.cut(usize::try_from(random.between(fixed, len + 1)).unwrap_or(0));
    }
    frame
}

/// SYN, SYN+ACK, or any of the combinations, each about as often.
fn some_flags(random: &mut Random) -> u16 {
    match random.between(0, 3) {
        0 => TcpFlags::SYN,
        1 => TcpFlags::SYN | TcpFlags::ACK,
        _ => combination(random.between(0, FLAG_COMBINATIONS)),
    }
}

/// A number of eight bits, spread over the flags beside SYN.
fn combination(bits: u64) -> u16 {
    let others = [
        TcpFlags::FIN,
        TcpFlags::RST,
        TcpFlags::PSH,
        TcpFlags::ACK,
        TcpFlags::URG,
        TcpFlags::ECE,
        TcpFlags::CWR,
        TcpFlags::AE,
    ];
    let set = others.into_iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
    set.fold(TcpFlags::SYN, |flags, (_, bit)| flags | bit)
}

/// A sequence number, often one at which counting wraps around.
fn some_number(random: &mut Random) -> u32 {
    match random.between(0, 8) {
        0 => 0,
        1 => u32::MAX,
        _ => random.next_u32(),
    }
}

/// One option of a kind that claims a length; what follows is as long, or ends the options early.
fn one_kind(number: u64, random: &mut Random, out: &mut Vec<u8>) {
    let claimed = u8::try_from(number % CLAIMS).unwrap_or(0);
    let kind = u8::try_from(number / CLAIMS).unwrap_or(0);
    for _ in 0..random.between(0, 3) {
        out.put_u8(1);
    }
    out.put(&[kind, claimed]);
    let there = if random.between(0, 4) == 0 { random.between(0, 40) } else { u64::from(claimed).saturating_sub(2) };
    out.put(&random.bytes(usize::try_from(there).unwrap_or(0)));
}

/// The list with a number: none, one, two … well-formed options in order.
fn list(number: u64, random: &mut Random, out: &mut Vec<u8>) {
    let mut rest = number;
    let mut of_this_length = 1;
    let mut options = 0;
    while rest >= of_this_length {
        rest -= of_this_length;
        of_this_length *= SHAPES;
        options += 1;
    }
    for _ in 0..options {
        shape(rest % SHAPES, random).put(out);
        rest /= SHAPES;
    }
}

/// A well-formed option, with numbers by chance.
fn shape(which: u64, random: &mut Random) -> TcpOption {
    let number = random.next_u32();
    match which {
        0 => TcpOption::Eol,
        1 => TcpOption::Nop,
        2 => TcpOption::Mss(random.next_u16()),
        3 => TcpOption::WindowScale(u8::try_from(random.between(0, 16)).unwrap_or(0)),
        4 => TcpOption::SackPermitted,
        5 => TcpOption::Sack(vec![(number, number.wrapping_add(1460))]),
        6 => TcpOption::Sack((0..random.between(0, 5)).map(|_| (some_number(random), some_number(random))).collect()),
        7 => TcpOption::Timestamps(number, some_number(random)),
        8 => TcpOption::FastOpen(Vec::new()),
        9 => TcpOption::FastOpen(random.bytes(8)),
        // Echo and its reply; CC, CC.NEW and CC.ECHO (RFC 1072, RFC 1644).
        10 => {
            let kind = match random.between(0, 5) {
                0 => 6,
                1 => 7,
                2 => 11,
                3 => 12,
                _ => 13,
            };
            TcpOption::Other(kind, random.bytes(4))
        }
        // MD5 signature (RFC 2385), SCPS, user timeout (RFC 5482), authentication (RFC 5925).
        11 => TcpOption::Other(19, random.bytes(16)),
        12 => TcpOption::Other(20, random.bytes(2)),
        13 => TcpOption::Other(28, random.bytes(2)),
        14 => TcpOption::Other(29, bytes(random, 2, 15)),
        15 => TcpOption::Other(30, multipath(random)),
        // An experiment, and Fast Open as one (RFC 6994).
        16 if number.is_multiple_of(2) => TcpOption::Other(254, [&[0xf9, 0x89], &random.bytes(8)[..]].concat()),
        16 => TcpOption::Other(254, bytes(random, 2, 6)),
        _ => TcpOption::Other(u8::try_from(random.between(35, 253)).unwrap_or(35), random.bytes(3)),
    }
}

/// From `low` to less than `high` bytes.
fn bytes(random: &mut Random, low: u64, high: u64) -> Vec<u8> {
    let len = usize::try_from(random.between(low, high)).unwrap_or(0);
    random.bytes(len)
}

/// Multipath TCP (RFC 8684 s. 3): any subtype, mostly in a length that it may have.
fn multipath(random: &mut Random) -> Vec<u8> {
    const LENGTHS: [&[usize]; 9] = [
        &[2, 10, 18, 20, 22],
        &[10, 14, 22],
        &[2, 6, 10, 18, 24, 26],
        &[6, 8, 14, 16, 18, 20],
        &[2, 3, 4],
        &[1, 2],
        &[10],
        &[10],
        &[2],
    ];
    let subtype = random.between(0, 10);
    let lengths = LENGTHS.get(usize::try_from(subtype).unwrap_or(0)).copied().unwrap_or(&[2]);
    let len = match random.between(0, 8) {
        0 => usize::try_from(random.between(1, 30)).unwrap_or(1),
        _ => lengths.get(usize::from(random.next_u16()) % lengths.len()).copied().unwrap_or(2),
    };
    let mut data = random.bytes(len);
    if let Some(first) = data.first_mut() {
        *first = *first & 0x0f | u8::try_from(subtype << 4).unwrap_or(0);
    }
    data
}

/// Well-formed options with something wrong in them, or no options at all but bytes.
fn chance(random: &mut Random, out: &mut Vec<u8>) {
    if random.between(0, 8) == 0 {
        let len = usize::try_from(random.between(0, 41)).unwrap_or(0);
        out.put(&random.bytes(len));
        return;
    }
    for _ in 0..random.between(1, 9) {
        let which = random.between(0, SHAPES);
        shape(which, random).put(out);
    }
    for _ in 0..random.between(0, 3) {
        let at = usize::from(random.next_u16()) % out.len();
        if let Some(byte) = out.get_mut(at) {
            *byte = u8::try_from(random.between(0, 45)).unwrap_or(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{FLAGS, KINDS, LISTS, combination, frame};

    #[test]
    fn ranges_follow_each_other_and_hold_each_once() {
        assert_eq!((KINDS.end, LISTS.end), (LISTS.start, FLAGS.start));
        let flags: BTreeSet<u16> = (0..256).map(combination).collect();
        assert_eq!(flags.len(), 256);
        assert!(flags.iter().all(|flags| flags & 2 == 2), "each has SYN");
    }

    #[test]
    fn the_same_number_gives_the_same_segment() {
        for number in [0, KINDS.end, LISTS.end, FLAGS.end, 999_999] {
            assert_eq!(frame(number).data, frame(number).data);
        }
    }
}
