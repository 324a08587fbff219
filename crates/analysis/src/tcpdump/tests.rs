//! Texts that tcpdump 4.99.3 wrote for the same bytes (those marked so: tcpdump 5 in development), and properties.

use firstlight_model::{Packet, Segment, Tcp, TcpFlags};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::{Release, packet_text, text, text_as};

mod multipath;

const SYN: u16 = TcpFlags::SYN;
const ACK: u16 = TcpFlags::ACK;
const SYN_ACK: u16 = SYN | ACK;

/// A segment from port 50000 to 9999 with sequence number 1, acknowledgment 2 and window 1024.
fn segment(flags: u16, options: &[u8]) -> Tcp<'_> {
    Tcp {
        source_port: 50000,
        destination_port: 9999,
        sequence: 1,
        acknowledgment: 2,
        flags: TcpFlags(flags),
        window: 1024,
        urgent: 7,
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

/// What is written from `options` on.
fn written(flags: u16, options: &str) -> String {
    let text = text(&segment(flags, &bytes(options)));
    let at = text.find("options").expect("there are options");
    text[at..].to_owned()
}

#[test]
fn the_syn_of_the_diary_is_written_letter_for_letter() {
    let options = bytes("020405b4 01 030306 01 01 080a2fc9660700000000 0402 0000");
    let flags = SYN | TcpFlags::ECE | TcpFlags::CWR;
    let syn = Tcp { sequence: 4_259_408_247, window: 65535, ..segment(flags, &options) };
    assert_eq!(
        text(&syn),
        "Flags [SEW], seq 4259408247, win 65535, options [mss 1460,nop,wscale 6,nop,nop,TS val 801728007 ecr 0,\
         sackOK,eol], length 0"
    );
}

#[test]
fn flags_come_in_the_order_of_their_bits_and_none_is_said() {
    assert_eq!(text(&segment(0, &[])), "Flags [none], win 1024, length 0");
    assert_eq!(text(&segment(0xff, &[])), "Flags [FSRP.UEW], seq 1, ack 2, win 1024, urg 7, length 0");
}

#[test]
fn accurate_ecn_has_a_sign_in_tcpdump_5_alone() {
    let syn = segment(SYN | TcpFlags::ECE | TcpFlags::CWR | TcpFlags::AE, &[]);
    assert_eq!(text(&syn), "Flags [SEW], seq 1, win 1024, length 0");
    assert_eq!(text_as(&syn, Release::V5), "Flags [SEWe], seq 1, win 1024, length 0");
    let only = segment(TcpFlags::AE, &[]);
    assert_eq!(text(&only), "Flags [none], win 1024, length 0");
    assert_eq!(text_as(&only, Release::V5), "Flags [e], win 1024, length 0");
}

#[test]
fn payload_gives_the_sequence_number_an_end_that_wraps_around() {
    let payload = [0; 4];
    let syn = Tcp { sequence: 936_732_547, payload: &payload, payload_len: 4, ..segment(SYN, &[]) };
    assert_eq!(text(&syn), "Flags [S], seq 936732547:936732551, win 1024, length 4");
    let last = Tcp { sequence: u32::MAX, ..syn };
    assert_eq!(text(&last), "Flags [S], seq 4294967295:3, win 1024, length 4");
}

#[test]
fn a_sequence_number_is_said_where_it_counts() {
    assert_eq!(text(&segment(ACK, &[])), "Flags [.], ack 2, win 1024, length 0");
    assert_eq!(text(&segment(TcpFlags::RST, &[])), "Flags [R], seq 1, win 1024, length 0");
    assert_eq!(text(&segment(TcpFlags::FIN | ACK, &[])), "Flags [F.], seq 1, ack 2, win 1024, length 0");
}

#[test]
fn options_that_the_capture_cut_end_the_text() {
    let cut = |options: &str| {
        let options = bytes(options);
        let text = text(&Tcp { options_cut: true, ..segment(SYN, &options) });
        text[text.find("options").expect("there are options")..].to_owned()
    };
    assert_eq!(cut(""), "options [ [|tcp]");
    assert_eq!(cut("020405b4"), "options [mss 1460, [|tcp]");
    assert_eq!(cut("0204"), "options [mss [|tcp]");
    assert_eq!(cut("020405b4 080a0102"), "options [mss 1460,TS [|tcp]>");
    assert_eq!(cut("fd06abcd"), "options [unknown-253 0xabcd [|tcp]");
    assert_eq!(cut("1e048006 08"), "options [mptcp 4 unknown, [|mptcp]");
}

#[test]
fn tcpdump_5_leaves_a_cut_list_open() {
    let options = bytes("020405b4 080a0102");
    let text = text_as(&Tcp { options_cut: true, ..segment(SYN, &options) }, Release::V5);
    assert_eq!(text, "Flags [S], seq 1, win 1024, options [mss 1460,TS [|tcp]");
}

#[test]
fn a_kind_without_a_length_takes_the_payload_for_it_or_has_none() {
    let options = bytes("01 01 01 02");
    let bare = segment(SYN, &options);
    assert_eq!(text(&bare), "Flags [S], seq 1, win 1024, options [nop,nop,nop, [|tcp]");
    let with_data = Tcp { payload: &[4], payload_len: 1, ..bare };
    assert_eq!(text(&with_data), "Flags [S], seq 1:2, win 1024, options [nop,nop,nop,[bad opt]]");
}

#[test]
fn a_signature_with_md5_cannot_be_checked() {
    let options = bytes("1312000102030405060708090a0b0c0d0e0f 01 01");
    let syn = segment(SYN, &options);
    assert_eq!(
        text(&syn),
        "Flags [S], seq 1, win 1024, options [md5 shared secret not supplied with -M, can't check - \
         000102030405060708090a0b0c0d0e0f,nop,nop], length 0"
    );
    let cut = Tcp { payload_len: 9, ..syn };
    assert_eq!(
        text(&cut),
        "Flags [S], seq 1:10, win 1024, options [md5 snaplen too short, can't check - \
         000102030405060708090a0b0c0d0e0f,nop,nop], length 9"
    );
}

#[test]
fn the_option_cc_echo_has_a_name_in_tcpdump_5_alone() {
    let options = bytes("0d0600000104 01 01");
    let syn = segment(SYN, &options);
    assert_eq!(text(&syn), "Flags [S], seq 1, win 1024, options [ 260,nop,nop], length 0");
    assert_eq!(text_as(&syn, Release::V5), "Flags [S], seq 1, win 1024, options [ccecho 260,nop,nop], length 0");
}

#[test]
fn a_data_offset_inside_the_fixed_header_is_too_short() {
    let header = bytes("c350270f 00000001 00000002 40020400 00000007");
    let packet = packet(&header, 20, segment(SYN, &[]));
    assert_eq!(packet_text(&packet, Release::V4_99).as_deref(), Some("tcp 4 [bad hdr length 16 - too short, < 20]"));
    assert_eq!(
        packet_text(&packet, Release::V5).as_deref(),
        Some("tcp 4 [bad hdr length 16 - too short, < 20] (invalid)")
    );
}

#[test]
fn a_data_offset_behind_the_segment_is_too_long() {
    let header = bytes("c350270f 00000001 00000002 a0020400 00000007 01010101");
    let packet = packet(&header, 24, segment(SYN, &header[20..]));
    assert_eq!(packet_text(&packet, Release::V4_99).as_deref(), Some("Flags [S] [bad hdr length 40 - too long, > 24]"));
}

#[test]
fn a_packet_knows_how_long_its_cut_options_would_be() {
    let header = bytes("c350270f 00000001 00000002 60020400 00000007 0308");
    let tcp = Tcp { options_cut: true, ..segment(SYN, &header[20..]) };
    let packet = packet(&header, 24, tcp);
    let expected = "Flags [S], seq 1, win 1024, options [[bad opt]";
    assert_eq!(packet_text(&packet, Release::V4_99).as_deref(), Some(expected));
}

#[test]
fn a_packet_without_a_segment_has_no_text() {
    let packet = Packet { segment: Segment::None, ..packet(&[], 0, segment(SYN, &[])) };
    assert_eq!(packet_text(&packet, Release::V4_99), None);
}

fn packet<'a>(transport_bytes: &'a [u8], transport_len: u32, tcp: Tcp<'a>) -> Packet<'a> {
    Packet {
        layers: firstlight_model::Layers::new(),
        link: firstlight_model::Link::default(),
        network: firstlight_model::Network::None,
        segment: Segment::Tcp(tcp),
        transport_bytes,
        transport_len,
        stop: None,
    }
}

#[test]
fn the_options_of_every_day_are_named_with_their_values() {
    let options = "020405b4 01 030306 0402 080a2fc9478700000000 00 010101";
    assert_eq!(written(SYN, options), "options [mss 1460,nop,wscale 6,sackOK,TS val 801720199 ecr 0,eol], length 0");
}

#[test]
fn the_options_of_t_tcp_and_echo_show_a_number() {
    let options = "060600000001 0706ffffffff 0b0600000102 0c0600000103 0d0600000104 0101";
    assert_eq!(written(SYN, options), "options [echo 1,echoreply 4294967295,cc 258,ccnew 259, 260,nop,nop], length 0");
}

#[test]
fn blocks_of_a_selective_acknowledgment_count_from_the_other_sides_first_number_where_it_is_known() {
    let options = "0512000000010000000200000003ffffffff 0502 05040000 050b000000010000000200 01";
    // The segment acknowledges 2.
    assert_eq!(
        written(SYN_ACK, options),
        "options [sack 2 {0:1}{2:4294967294},sack 0 ,sack invalid sack,sack invalid sack,nop], length 0"
    );
    assert_eq!(
        written(SYN, options),
        "options [sack 2 {1:2}{3:4294967295},sack 0 ,sack invalid sack,sack invalid sack,nop], length 0"
    );
    let options = bytes("050a0000000000000001 01 01");
    let tcp = Tcp { acknowledgment: 0, ..segment(SYN_ACK, &options) };
    assert!(text(&tcp).contains("sack 1 {1:2}"), "counts around: {}", text(&tcp));
}

#[test]
fn scps_shows_capabilities_and_a_connection() {
    let options = "14040f07";
    assert_eq!(written(SYN, options), "options [scps cap 0f id 7], length 0");
}

#[test]
fn a_user_time_out_takes_the_lowest_bit_for_minutes() {
    let options = "1c040003 1c048002";
    assert_eq!(written(SYN, options), "options [uto 0x3 60,uto 0x8002 16385], length 0");
}

#[test]
fn the_authentication_option_shows_keys_and_code() {
    let options = "1d100102000102030405060708090a0b 1d0405ff 1d0307 1d02 010101";
    assert_eq!(
        written(SYN, options),
        "options [tcp-ao keyid 1 rnextkeyid 2 mac 0x000102030405060708090a0b,tcp-ao keyid 5 rnextkeyid 255,tcp-ao (invalid),tcp-ao (invalid),nop,nop,nop], length 0"
    );
}

#[test]
fn fast_open_asks_for_a_cookie_or_brings_one() {
    let options = "2202 220a0102030405060708 2205010203 2206deadbeef 01";
    assert_eq!(
        written(SYN, options),
        "options [tfo  cookiereq,tfo  cookie 0102030405060708,tfo  (invalid),tfo  cookie deadbeef,nop], length 0"
    );
}

#[test]
fn experiments_show_their_identifier_and_fast_open_is_one() {
    let options = "fe04f989 fe0af989090909090000 fe06e2d4c3d9 fe05f98901 010101";
    assert_eq!(
        written(SYN, options),
        "options [exp-tfo cookiereq,exp-tfo cookie 090909090000,exp-e2d4,exp-tfo (invalid),nop,nop,nop], length 0"
    );
}

#[test]
fn an_experiment_without_an_identifier_is_bad() {
    let options = "fe0301 01";
    assert_eq!(written(SYN, options), "options [exp[bad opt]");
}

#[test]
fn an_unknown_kind_shows_its_bytes() {
    let options = "fd060102abcd 0f02 4c0a0101ac1400010005 45030a 010101";
    assert_eq!(
        written(SYN, options),
        "options [unknown-253 0x0102abcd,unknown-15,unknown-76 0x0101ac1400010005,unknown-69 0x0a,nop,nop,nop], length 0"
    );
}

#[test]
fn a_first_option_of_impossible_length_is_bad() {
    let options = "0201 0101";
    assert_eq!(written(SYN, options), "options [[bad opt]");
}

#[test]
fn a_length_behind_the_end_of_the_options_is_bad() {
    let options = "01 080a01";
    assert_eq!(written(SYN, options), "options [nop,[bad opt]]");
}

#[test]
fn a_fixed_option_that_does_not_fit_is_bad() {
    let options = "01 080401020101 01";
    assert_eq!(written(SYN, options), "options [nop,TS[bad opt]]");
}

#[test]
fn a_wrong_length_is_remarked_on_and_the_data_taken_from_its_place() {
    let options = "020201020101 0101";
    assert_eq!(written(SYN, options), "options [mss 258[len 2],nop,nop,nop,nop], length 0");
}

#[test]
fn what_follows_the_end_of_options_is_not_shown() {
    let options = "0204ffff 00 ff00ee";
    assert_eq!(written(SYN, options), "options [mss 65535,eol], length 0");
}

proptest! {
    #[test]
    fn no_bytes_make_a_panic_and_the_text_stays_short(
        options in proptest::collection::vec(any::<u8>(), 0..=40),
        flags in 0_u16..512,
        options_cut in any::<bool>(),
        data in proptest::option::of(any::<u8>()),
    ) {
        let payload = data.as_slice();
        let tcp = Tcp { options_cut, payload, payload_len: 1, ..segment(flags, &options) };
        for release in [Release::V4_99, Release::V5] {
            let text = text_as(&tcp, release);
            prop_assert!(text.starts_with("Flags ["), "{text}");
            prop_assert!(text.len() < 700, "{text}");
        }
    }

    #[test]
    fn options_that_fit_close_the_list_and_a_length_follows(
        kinds in proptest::collection::vec((9_u8..11, proptest::collection::vec(any::<u8>(), 0..8)), 0..4),
    ) {
        let options: Vec<u8> = kinds
            .iter()
            .flat_map(|(kind, data)| [&[*kind, u8::try_from(data.len() + 2).expect("few")], &data[..]].concat())
            .collect();
        let text = text(&segment(SYN, &options));
        prop_assert!(text.ends_with(", length 0"), "{text}");
        prop_assert_eq!(text.matches("unknown-").count(), kinds.len());
    }
}
