//! Signatures that p0f 3.09b gave the same packets, and properties.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use firstlight_model::{Ip, Tcp, TcpFlags, Transport};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::raw_signature;

const SYN: u16 = TcpFlags::SYN;
const SYN_ACK: u16 = SYN | TcpFlags::ACK;

/// An IPv4 header from the sender's own network, with DF and no identification.
fn ipv4() -> Ip {
    Ip {
        source: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        destination: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)),
        transport: Transport(6),
        hop_limit: 64,
        traffic_class: 0,
        id: 0,
        dont_fragment: true,
        reserved_flag: false,
        flow_label: 0,
        options_len: 0,
        total_len: 60,
        fragment: None,
        checksum_ok: Some(true),
    }
}

fn ipv6() -> Ip {
    Ip {
        source: IpAddr::V6(Ipv6Addr::LOCALHOST),
        destination: IpAddr::V6(Ipv6Addr::LOCALHOST),
        dont_fragment: false,
        checksum_ok: None,
        ..ipv4()
    }
}

fn segment(flags: u16, window: u16, options: &[u8]) -> Tcp<'_> {
    Tcp {
        source_port: 50000,
        destination_port: 443,
        sequence: 1,
        acknowledgment: if flags & TcpFlags::ACK == 0 { 0 } else { 1 },
        flags: TcpFlags(flags),
        window,
        urgent: 0,
        options,
        options_cut: false,
        payload: &[],
        payload_len: 0,
        reserved: 0,
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("two hexadecimal digits"))
        .collect()
}

/// The signature of a SYN with these options and a window of 1.
fn with_options(hex: &str) -> String {
    raw_signature(&ipv4(), &segment(SYN, 1, &bytes(hex)), None)
}

/// The window's part of a signature, such as `mss*44`.
fn window_of(ip: &Ip, flags: u16, window: u16, options: &str, peer_mss: Option<u16>) -> String {
    let signature = raw_signature(ip, &segment(flags, window, &bytes(options)), peer_mss);
    let part = signature.split(':').nth(4).expect("there are eight parts");
    part.split(',').next().expect("a window").to_owned()
}

#[test]
fn the_syn_of_a_mac_has_the_signature_of_p0f() {
    let options = bytes("020405b4 01 030306 01 01 080a780321b500000000 0402 0000");
    let syn = segment(SYN | TcpFlags::ECE | TcpFlags::CWR, 65535, &options);
    let expected = "4:64+0:0:1460:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn:0";
    assert_eq!(raw_signature(&ipv4(), &syn, None), expected);
}

#[test]
fn an_answer_from_the_next_hop_has_the_signature_of_p0f() {
    let options = bytes("0204046e 0402 080a782fd004780321b5 01 030308");
    let answer = segment(SYN_ACK | TcpFlags::ECE, 65160, &options);
    let ip = Ip { hop_limit: 63, ..ipv4() };
    let expected = "4:63+1:0:1134:mss*45,8:mss,sok,ts,nop,ws:df,ecn:0";
    assert_eq!(raw_signature(&ip, &answer, Some(1460)), expected);
}

#[test]
fn a_segment_without_options_leaves_their_parts_empty() {
    assert_eq!(raw_signature(&ipv4(), &segment(SYN, 8192, &[]), None), "4:64+0:0:0:8192,0::df:0");
}

#[test]
fn the_distance_is_to_the_next_usual_start_and_doubted_beyond_35_hops() {
    let start = |hop_limit| {
        let signature = raw_signature(&Ip { hop_limit, ..ipv4() }, &segment(SYN, 1, &[]), None);
        signature.split(':').nth(1).expect("there are eight parts").to_owned()
    };
    assert_eq!(start(0), "0+32");
    assert_eq!(start(32), "32+0");
    assert_eq!(start(33), "33+31");
    assert_eq!(start(93), "93+35");
    assert_eq!(start(92), "92+?");
    assert_eq!(start(220), "220+35");
    assert_eq!(start(219), "219+?");
    assert_eq!(start(255), "255+0");
}

#[test]
fn extension_headers_of_ipv6_do_not_count_as_options() {
    let signature = |ip: Ip| raw_signature(&Ip { options_len: 8, ..ip }, &segment(SYN, 1, &[]), None);
    assert_eq!(signature(ipv4()), "4:64+0:8:0:1,0::df:0");
    assert_eq!(signature(ipv6()), "6:64+0:0:0:1,0:::0");
}

#[test]
fn a_window_is_first_compared_with_the_mss_of_the_segment_itself() {
    assert_eq!(window_of(&ipv4(), SYN, 64240, "020405b4", None), "mss*44");
    assert_eq!(window_of(&ipv4(), SYN, 65535, "020405b4", None), "65535");
    assert_eq!(window_of(&ipv4(), SYN, 0, "020405b4", None), "0");
}

#[test]
fn a_window_may_leave_room_for_timestamps_that_are_not_zero() {
    let options = |stamp| format!("02040578 0101 080a{stamp}00000000");
    assert_eq!(window_of(&ipv4(), SYN, 1388 * 7, &options("00000001"), None), "mss*7");
    assert_eq!(window_of(&ipv4(), SYN, 1388 * 7, &options("00000000"), None), "9716");
}

#[test]
fn a_window_may_be_a_multiple_of_what_fits_in_an_ethernet_frame() {
    for (ip, segment) in [(ipv4(), 1460), (ipv4(), 1448), (ipv6(), 1440), (ipv6(), 1428)] {
        assert_eq!(window_of(&ip, SYN, segment * 11, "02040537", None), "mss*11", "{segment}");
    }
    assert_eq!(window_of(&ipv4(), SYN, 1428 * 11, "02040537", None), "15708");
}

#[test]
fn a_window_may_be_a_multiple_of_whole_packets() {
    let (mss, options) = (1335, "02040537 01010101");
    for mtu in [mss + 40, mss + 48, 1500] {
        assert_eq!(window_of(&ipv4(), SYN, mtu * 13, options, None), "mtu*13", "{mtu}");
    }
    assert_eq!(window_of(&ipv6(), SYN, (mss + 60) * 13, options, None), "mtu*13");
    assert_eq!(window_of(&ipv4(), SYN, (mss + 60) * 13, options, None), "18135");
}

#[test]
fn the_window_of_an_answer_may_be_a_multiple_of_the_mss_that_was_offered() {
    let window = |flags, window, peer| window_of(&ipv4(), flags, window, "02040537", peer);
    assert_eq!(window(SYN_ACK, 1003 * 17, Some(1003)), "mss*17");
    assert_eq!(window(SYN_ACK, 991 * 17, Some(1003)), "mss*17");
    assert_eq!(window(SYN_ACK, 1003 * 17, None), "17051");
    assert_eq!(window(SYN, 1003 * 17, Some(1003)), "17051");
}

#[test]
fn an_mss_below_100_divides_too_much_to_be_tried() {
    assert_eq!(window_of(&ipv4(), SYN, 9900, "02040063", None), "9900");
    assert_eq!(window_of(&ipv4(), SYN, 9900, "02040064", None), "mss*99");
}

#[test]
fn an_mss_offered_below_12_gives_what_p0f_computes() {
    assert_eq!(window_of(&ipv4(), SYN_ACK, 53280, "02040065", Some(11)), "mss*12256");
    assert_eq!(window_of(&ipv4(), SYN_ACK, 28348, "020405a0", Some(11)), "28348");
}

#[test]
fn an_answer_that_copies_the_mss_of_p0fs_probe_is_marked() {
    let options = bytes("02040533");
    assert_eq!(raw_signature(&ipv4(), &segment(SYN_ACK, 1, &options), None), "4:64+0:0:*:1,0:mss:df:0");
    assert_eq!(raw_signature(&ipv4(), &segment(SYN, 1, &options), None), "4:64+0:0:1331:1,0:mss:df:0");
}

#[test]
fn quirks_come_in_the_order_of_p0f() {
    let ip = Ip { id: 7, reserved_flag: true, traffic_class: 2, ..ipv4() };
    let options = bytes("080a 00000000 00000001 03030f 00 ff0000 00");
    let syn = Tcp {
        sequence: 0,
        acknowledgment: 0x0100_0000,
        urgent: 5,
        ..segment(SYN | TcpFlags::PSH | TcpFlags::ECE, 1, &options)
    };
    let expected = "4:64+0:0:0:1,15:ts,ws,eol+4:df,id+,ecn,0+,seq-,ack+,uptr+,pushf+,ts1-,ts2+,opt+,exws:0";
    assert_eq!(raw_signature(&ip, &syn, None), expected);
}

#[test]
fn quirks_of_one_version_are_not_seen_in_the_other() {
    let all = |ip: Ip| Ip { reserved_flag: true, flow_label: 9, dont_fragment: false, ..ip };
    assert_eq!(raw_signature(&all(ipv4()), &segment(SYN, 1, &[]), None), "4:64+0:0:0:1,0::id-,0+:0");
    assert_eq!(raw_signature(&all(ipv6()), &segment(SYN, 1, &[]), None), "6:64+0:0:0:1,0::flow:0");
}

#[test]
fn an_answer_may_lack_its_acknowledgment_or_use_the_urgent_pointer() {
    let answer = Tcp { acknowledgment: 0, urgent: 5, ..segment(SYN_ACK | TcpFlags::URG, 1, &[]) };
    assert_eq!(raw_signature(&ipv4(), &answer, None), "4:64+0:0:0:1,0::df,ack-,urgf+:0");
}

#[test]
fn a_stray_acknowledgment_shows_only_in_the_bit_that_p0f_looks_at() {
    let quirks = |acknowledgment| {
        let syn = Tcp { acknowledgment, ..segment(SYN, 1, &[]) };
        raw_signature(&ipv4(), &syn, None).split(':').nth(6).expect("there are eight parts").to_owned()
    };
    assert_eq!(quirks(0x0100_0000), "df,ack+");
    assert_eq!(quirks(0xfeff_ffff), "df");
}

#[test]
fn accurate_ecn_counts_as_ecn() {
    assert_eq!(raw_signature(&ipv4(), &segment(SYN | TcpFlags::AE, 1, &[]), None), "4:64+0:0:0:1,0::df,ecn:0");
}

#[test]
fn payload_is_a_plus() {
    let syn = Tcp { payload: &[0], payload_len: 1, ..segment(SYN, 1, &[]) };
    assert_eq!(raw_signature(&ipv4(), &syn, None), "4:64+0:0:0:1,0::df:+");
}

#[test]
fn unknown_options_show_their_numbers() {
    assert_eq!(with_options("2202 1e04abcd fe02"), "4:64+0:0:0:1,0:?34,?30,?254:df:0");
}

#[test]
fn fixed_options_of_another_length_are_bad_and_read_in_their_own_length() {
    assert_eq!(with_options("0209 05b4 0101"), "4:64+0:0:1460:1,0:mss,nop,nop:df,bad:0");
    assert_eq!(with_options("0403 0101"), "4:64+0:0:0:1,0:sok,nop,nop:df,bad:0");
}

#[test]
fn an_option_that_does_not_fit_ends_the_layout() {
    assert_eq!(with_options("01 080a 01"), "4:64+0:0:0:1,0:nop,ts:df,bad:0");
    assert_eq!(with_options("01 ff"), "4:64+0:0:0:1,0:nop,?255:df,bad:0");
    assert_eq!(with_options("ff01 0101"), "4:64+0:0:0:1,0:?255:df,bad:0");
    assert_eq!(with_options("0506 01010101 01"), "4:64+0:0:0:1,0:sack:df,bad:0");
}

#[test]
fn padding_is_counted_and_only_its_last_byte_may_be_anything() {
    assert_eq!(with_options("01 00 0000"), "4:64+0:0:0:1,0:nop,eol+2:df:0");
    assert_eq!(with_options("01 00 0001"), "4:64+0:0:0:1,0:nop,eol+2:df:0");
    assert_eq!(with_options("01 00 0100"), "4:64+0:0:0:1,0:nop,eol+2:df,opt+:0");
}

#[test]
fn no_more_than_24_options_are_listed() {
    let exactly = with_options(&"01".repeat(24));
    assert!(exactly.ends_with(":df:0"), "{exactly}");
    let more = with_options(&"01".repeat(28));
    assert_eq!(more.matches("nop").count(), 24);
    assert!(more.ends_with(":df,bad:0"), "{more}");
}

proptest! {
    #[test]
    fn no_packet_makes_a_panic_and_there_are_eight_parts(
        options in proptest::collection::vec(any::<u8>(), 0..=40),
        (flags, window, hop_limit) in (0_u16..512, any::<u16>(), any::<u8>()),
        (options_len, peer_mss) in (any::<u16>(), any::<Option<u16>>()),
        v6 in any::<bool>(),
    ) {
        let ip = Ip { hop_limit, options_len, ..if v6 { ipv6() } else { ipv4() } };
        let signature = raw_signature(&ip, &segment(flags, window, &options), peer_mss);
        prop_assert_eq!(signature.split(':').count(), 8);
        prop_assert!(signature.len() < 400, "{}", signature);
    }
}
