//! One test for each thing that is remarked on, and the limits of all remarks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use firstlight_model::{Ip, Tcp, TcpFlags, Transport};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::{has_ecn_setup, initial_hop_limit, layout, mss, remarks, window_scale};

const SYN: u16 = TcpFlags::SYN;
const ACK: u16 = TcpFlags::ACK;
const SYN_ACK: u16 = SYN | ACK;
const ECE: u16 = TcpFlags::ECE;
const CWR: u16 = TcpFlags::CWR;
const AE: u16 = TcpFlags::AE;

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

fn segment(flags: u16, options: &[u8]) -> Tcp<'_> {
    Tcp {
        source_port: 50000,
        destination_port: 443,
        sequence: 1,
        acknowledgment: 0,
        flags: TcpFlags(flags),
        window: 1000,
        urgent: 0,
        options,
        options_cut: false,
        payload: &[],
        payload_len: 0,
        reserved: 0,
    }
}

fn said(ip: &Ip, tcp: &Tcp<'_>, sentence: &str) {
    let remarks = remarks(ip, tcp);
    assert!(remarks.iter().any(|remark| remark == sentence), "not said: {sentence}; said: {remarks:#?}");
}

fn unsaid(tcp: &Tcp<'_>, word: &str) {
    let remarks = remarks(&ipv4(), tcp);
    assert!(!remarks.iter().any(|remark| remark.contains(word)), "{word} in {remarks:#?}");
}

/// The options of the diary's SYN: `mss 1460,nop,wscale 6,nop,nop,TS,sackOK,eol`.
const DIARY: [u8; 24] = [2, 4, 5, 0xb4, 1, 3, 3, 6, 1, 1, 8, 10, 0x2f, 0xc9, 0x66, 0x07, 0, 0, 0, 0, 4, 2, 0, 0];

#[test]
fn the_syn_of_the_diary_is_remarked_on_as_in_the_diary() {
    let syn = Tcp { window: 65535, ..segment(SYN | ECE | CWR, &DIARY) };
    assert_eq!(
        remarks(&ipv4(), &syn),
        [
            "asks for ECN (ECE and CWR set), RFC 3168 s. 6.1.1",
            "window 65535, the largest without scaling",
            "scale 6: windows up to 4.2 MB, RFC 7323",
            "timestamps, RFC 7323 s. 3",
            "selective acknowledgment permitted, RFC 2018",
            "DF set: path MTU discovery, RFC 1191",
            "IP ID 0, which DF makes harmless, RFC 6864 s. 4.1",
            "MSS 1460: MTU 1500 (Ethernet), RFC 9293 s. 3.7.1",
            "TTL 64: as sent, no router between",
        ]
    );
}

#[test]
fn the_facts_of_the_syn_of_the_diary_are_read() {
    let syn = segment(SYN | ECE | CWR, &DIARY);
    assert_eq!(layout(&syn), "mss,nop,ws,nop,nop,ts,sok,eol");
    assert_eq!(mss(&syn), Some(1460));
    assert_eq!(window_scale(&syn), Some(6));
    assert!(has_ecn_setup(&syn));
}

#[test]
fn what_is_missing_is_said_of_a_bare_syn() {
    assert_eq!(
        remarks(&Ip { id: 9, dont_fragment: false, ..ipv4() }, &segment(SYN, &[])),
        [
            "no window scaling: windows up to 65.5 kB, RFC 7323",
            "no timestamps, RFC 7323 s. 3",
            "no selective acknowledgment, RFC 2018",
            "DF not set: no path MTU discovery, routers may fragment, RFC 1191",
            "no MSS: segments of 536 bytes, RFC 9293 s. 3.7.1",
            "TTL 64: as sent, no router between",
        ]
    );
}

#[test]
fn nothing_is_said_to_be_missing_from_options_that_the_capture_cut() {
    let cut = Tcp { options_cut: true, ..segment(SYN, &DIARY[..6]) };
    for absence in ["no window scaling", "no timestamps", "no selective"] {
        unsaid(&cut, absence);
    }
    said(&ipv4(), &cut, "the capture cut the options: what is behind the cut is not known");
}

#[test]
fn other_segments_are_not_remarked_on() {
    assert_eq!(remarks(&ipv4(), &segment(ACK | ECE, &DIARY)), [""; 0]);
}

#[test]
fn ecn_is_asked_for_agreed_to_or_muddled() {
    said(&ipv4(), &segment(SYN_ACK | ECE, &[]), "agrees to ECN (ECE set, CWR not), RFC 3168 s. 6.1.1");
    let muddled = "some ECN flags set, but not those that ask for ECN, RFC 3168 s. 6.1.1";
    for flags in [ECE, CWR, AE, AE | ECE, AE | CWR] {
        said(&ipv4(), &segment(SYN | flags, &[]), muddled);
    }
    unsaid(&segment(SYN, &[]), "ECN");
    unsaid(&segment(SYN_ACK, &[]), "ECN");
}

#[test]
fn accurate_ecn_is_told_from_ecn() {
    let asks = "asks for accurate ECN (AE, CWR and ECE set), RFC 9768 s. 3.1.1";
    said(&ipv4(), &segment(SYN | AE | CWR | ECE, &[]), asks);
    for flags in [CWR, AE, AE | CWR] {
        said(&ipv4(), &segment(SYN_ACK | flags, &[]), "agrees to accurate ECN, RFC 9768 s. 3.1.1");
    }
    let copy = "AE, CWR and ECE set: a copy of the SYN's flags, no ECN, RFC 9768 s. 3.1.2";
    said(&ipv4(), &segment(SYN_ACK | AE | CWR | ECE, &[]), copy);
    let either = "ECE and CWR set: accurate ECN, or a copy of the SYN's flags, RFC 9768 s. 3.1.1";
    said(&ipv4(), &segment(SYN_ACK | CWR | ECE, &[]), either);
    said(&ipv4(), &segment(SYN_ACK | AE | ECE, &[]), "AE and ECE set: the nonce of RFC 3540, now historic");
}

#[test]
fn ecn_is_set_up_by_both_flags_on_a_syn_and_one_on_the_answer() {
    assert!(has_ecn_setup(&segment(SYN | ECE | CWR, &[])));
    assert!(has_ecn_setup(&segment(SYN | AE | ECE | CWR, &[])));
    assert!(has_ecn_setup(&segment(SYN_ACK | ECE, &[])));
    for flags in [SYN, SYN | ECE, SYN | CWR, SYN_ACK, SYN_ACK | ECE | CWR, ACK | ECE, ECE | CWR] {
        assert!(!has_ecn_setup(&segment(flags, &[])), "{flags:#x}");
    }
}

#[test]
fn a_syn_marked_as_ecn_capable_is_remarked_on() {
    let marked = |traffic_class| Ip { traffic_class, ..ipv4() };
    let ect = "SYN marked ECT(0): against RFC 3168 s. 6.1.1, an experiment of RFC 8311 s. 4.3";
    said(&marked(2), &segment(SYN, &[]), ect);
    let ce = "SYN+ACK marked CE: against RFC 3168 s. 6.1.1, an experiment of RFC 8311 s. 4.3";
    said(&marked(3), &segment(SYN_ACK, &[]), ce);
    assert!(remarks(&marked(0xfc), &segment(SYN, &[])).iter().all(|remark| !remark.contains("marked")));
}

#[test]
fn a_window_is_remarked_on_where_it_is_zero_or_whole_segments() {
    let window = |window, options| Tcp { window, ..segment(SYN, options) };
    said(&ipv4(), &window(0, &[]), "window 0: takes no data yet, RFC 9293 s. 3.8.6");
    said(&ipv4(), &window(64240, &DIARY), "window 64240, 44 times the MSS of 1460");
    unsaid(&window(64241, &DIARY), "window 64241");
    unsaid(&window(64240, &[2, 4, 0, 10]), "times the");
}

#[test]
fn scales_give_the_largest_window_and_count_as_14_at_most() {
    said(&ipv4(), &segment(SYN, &[3, 3, 0, 1]), "scale 0: windows up to 65.5 kB, RFC 7323");
    said(&ipv4(), &segment(SYN, &[3, 3, 14, 1]), "scale 14: windows up to 1.1 GB, RFC 7323");
    let more = "scale 255, more than 14 and taken for 14: windows up to 1.1 GB, RFC 7323 s. 2.3";
    said(&ipv4(), &segment(SYN, &[3, 3, 255, 1]), more);
}

#[test]
fn timestamps_of_zero_and_early_echoes_are_remarked_on() {
    let zero = [8, 10, 0, 0, 0, 0, 0, 0, 0, 7];
    said(&ipv4(), &segment(SYN, &zero), "timestamps, but a value of 0, RFC 7323 s. 3");
    said(&ipv4(), &segment(SYN, &zero), "echoes timestamp 7 in a first SYN, against RFC 7323 s. 3.2");
    unsaid(&segment(SYN_ACK, &zero), "echoes");
}

#[test]
fn routers_do_not_fragment_ipv6_and_there_is_no_identification() {
    let remarks = remarks(&ipv6(), &segment(SYN, &DIARY));
    assert!(!remarks.iter().any(|remark| remark.contains("DF") || remark.contains("IP ID")), "{remarks:#?}");
    assert!(remarks.iter().any(|remark| remark == "hop limit 64: as sent, no router between"), "{remarks:#?}");
}

#[test]
fn a_zero_identification_is_harmless_with_df_alone() {
    let ip = Ip { dont_fragment: false, ..ipv4() };
    said(&ip, &segment(SYN, &[]), "IP ID 0 without DF: fragments could be mixed up, RFC 6864 s. 4.3");
    let other = remarks(&Ip { id: 1, ..ipv4() }, &segment(SYN, &[]));
    assert!(!other.iter().any(|remark| remark.contains("IP ID")), "{other:#?}");
}

#[test]
fn the_mss_tells_the_mtu_and_often_the_link() {
    let of = |ip: &Ip, size: u16, expected: &str| {
        let [high, low] = size.to_be_bytes();
        said(ip, &segment(SYN, &[2, 4, high, low]), expected);
    };
    of(&ipv6(), 1440, "MSS 1440: MTU 1500 (Ethernet), RFC 9293 s. 3.7.1");
    of(&ipv4(), 1452, "MSS 1452: MTU 1492 (PPPoE, RFC 2516), RFC 9293 s. 3.7.1");
    of(&ipv4(), 1380, "MSS 1380: MTU 1420 (a tunnel, or lowered on the way), RFC 9293 s. 3.7.1");
    of(&ipv6(), 1220, "MSS 1220: MTU 1280 (the smallest of IPv6), RFC 9293 s. 3.7.1");
    of(&ipv4(), 65495, "MSS 65495: MTU 65535 (loopback), RFC 9293 s. 3.7.1");
    of(&ipv4(), 65535, "MSS 65535: MTU 65575, RFC 9293 s. 3.7.1");
    of(&ipv4(), 536, "MSS 536: MTU 576 (what every IPv4 host takes), RFC 9293 s. 3.7.1");
    said(&ipv6(), &segment(SYN, &[]), "no MSS: segments of 1220 bytes, RFC 9293 s. 3.7.1");
}

#[test]
fn the_hop_limit_tells_the_start_and_the_distance() {
    let ttl = |hop_limit| Ip { hop_limit, ..ipv4() };
    said(&ttl(127), &segment(SYN, &[]), "TTL 127: likely 128 at the sender, 1 hop away");
    said(&ttl(240), &segment(SYN, &[]), "TTL 240: likely 255 at the sender, 15 hops away");
    let starts = [0, 32, 33, 64, 65, 128, 129, 255].map(|left| initial_hop_limit(&ttl(left)));
    assert_eq!(starts, [32, 32, 64, 64, 128, 128, 255, 255]);
}

#[test]
fn fast_open_asks_brings_and_gives_cookies() {
    said(&ipv4(), &segment(SYN, &[34, 2]), "asks for a Fast Open cookie, RFC 7413");
    let data = Tcp { payload_len: 5, ..segment(SYN, &[34, 6, 1, 2, 3, 4]) };
    said(&ipv4(), &data, "brings a Fast Open cookie of 4 bytes and 5 bytes of data, RFC 7413");
    let asks = Tcp { payload_len: 5, ..segment(SYN, &[34, 2]) };
    said(&ipv4(), &asks, "asks for a Fast Open cookie, with 5 bytes of data, RFC 7413");
    let early = segment(SYN_ACK, &[254, 8, 0xf9, 0x89, 1, 2, 3, 4]);
    said(&ipv4(), &early, "gives a Fast Open cookie of 4 bytes, RFC 7413");
    unsaid(&segment(SYN, &[254, 4, 0xe2, 0xd4]), "Fast Open");
}

#[test]
fn multipath_tcp_is_offered_agreed_to_or_joined() {
    said(&ipv4(), &segment(SYN, &[30, 4, 0x01, 0x01]), "offers Multipath TCP version 1, RFC 8684 s. 3.1");
    said(&ipv4(), &segment(SYN_ACK, &[30, 4, 0x00, 0x01]), "agrees to Multipath TCP version 0, RFC 6824 s. 3.1");
    let join = [30, 12, 0x10, 1, 1, 2, 3, 4, 5, 6, 7, 8];
    said(&ipv4(), &segment(SYN, &join), "joins a Multipath TCP connection, RFC 8684 s. 3.2");
    said(&ipv4(), &segment(SYN, &[30, 3, 0x50]), "Multipath TCP option of subtype 5, RFC 8684 s. 3");
}

#[test]
fn signatures_are_remarked_on() {
    let md5 = [[19, 18].as_slice(), &[0; 16]].concat();
    said(&ipv4(), &segment(SYN, &md5), "signed with MD5, RFC 2385");
    said(&ipv4(), &segment(SYN, &[29, 4, 1, 2]), "signed with the TCP authentication option, RFC 5925");
}

#[test]
fn a_layout_names_what_has_a_name_and_numbers_the_rest() {
    let options = [5, 2, 19, 2, 28, 4, 0, 1, 29, 4, 1, 2, 30, 4, 1, 1, 34, 2, 253, 2, 0, 9, 9];
    assert_eq!(layout(&segment(SYN, &options)), "sack,md5,uto,ao,mptcp,tfo,?253,eol");
}

#[test]
fn a_layout_ends_with_the_option_that_does_not_fit() {
    for options in [&[1, 2, 40, 5][..], &[1, 2], &[1, 2, 1, 1], &[1, 2, 0, 1]] {
        assert_eq!(layout(&segment(SYN, options)), "nop,mss", "{options:?}");
        assert_eq!(mss(&segment(SYN, options)), None, "{options:?}");
    }
}

#[test]
fn values_of_a_wrong_length_are_not_read() {
    assert_eq!(mss(&segment(SYN, &[2, 3, 5, 1])), None);
    assert_eq!(window_scale(&segment(SYN, &[3, 4, 5, 1])), None);
    assert_eq!(window_scale(&segment(SYN, &[0, 3, 3, 7])), None);
}

proptest! {
    #[test]
    fn remarks_are_few_short_different_and_plain(
        options in proptest::collection::vec(any::<u8>(), 0..=40),
        (flags, window, payload_len) in (0_u16..512, any::<u16>(), any::<u32>()),
        (hop_limit, traffic_class, id) in (any::<u8>(), any::<u8>(), 0_u32..2),
        (v6, dont_fragment, options_cut) in (any::<bool>(), any::<bool>(), any::<bool>()),
    ) {
        let ip = Ip { hop_limit, traffic_class, id, dont_fragment, ..if v6 { ipv6() } else { ipv4() } };
        let tcp = Tcp { window, payload_len, options_cut, ..segment(flags | SYN, &options) };
        let mut remarks = remarks(&ip, &tcp);
        prop_assert!(remarks.len() <= 15);
        for remark in &remarks {
            prop_assert!(remark.len() <= 100 && remark.is_ascii() && !remark.ends_with('.'), "{remark}");
        }
        let all = remarks.len();
        remarks.sort();
        remarks.dedup();
        prop_assert_eq!(remarks.len(), all);
        prop_assert!(layout(&tcp).len() <= 40 * 5);
    }
}
