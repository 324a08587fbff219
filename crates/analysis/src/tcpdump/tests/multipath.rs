//! MPTCP options, with what tcpdump 4.99.3 wrote for the same bytes.

use super::{ACK, Release, SYN, SYN_ACK, bytes, segment, text_as, written};

#[test]
fn tcpdump_5_shows_the_flags_of_multipath_capable() {
    let options = bytes("1e040101 1e0c018173bb150358a0aecb");
    assert_eq!(
        text_as(&segment(SYN, &options), Release::V5),
        "Flags [S], seq 1, win 1024, options [mptcp 4 capable v1 flags [H],\
         mptcp 12 capable v1 flags [AH] csum {0x73bb150358a0aecb}], length 0"
    );
}

#[test]
fn tcpdump_5_shows_the_data_length_of_multipath_capable() {
    let options = bytes("1e16010100000000000000010000000000000002000c 01 01");
    assert_eq!(
        text_as(&segment(ACK, &options), Release::V5),
        "Flags [.], ack 2, win 1024, options [mptcp 22 capable v1 flags [H] {0x1,0x2,data_len=12},nop,nop], length 0"
    );
}

#[test]
fn tcpdump_5_knows_the_reset_of_a_subflow() {
    let options = bytes("1e048906 1e048409");
    assert_eq!(
        text_as(&segment(ACK, &options), Release::V5),
        "Flags [.], ack 2, win 1024, options [mptcp 4 tcprst flags [UT] reason Middlebox interference,\
         mptcp 4 tcprst flags [V] reason unknown (0x09)], length 0"
    );
}

#[test]
fn multipath_capable_shows_version_checksum_and_keys() {
    let options = "1e0c01810102030405060708 1e040180 1e040201";
    assert_eq!(
        written(SYN, options),
        "options [mptcp 12 capable v1 csum {0x102030405060708},mptcp 4 capable v1 csum,mptcp 4 capable Unknown Version (2)], length 0"
    );
}

#[test]
fn multipath_capable_on_an_acknowledgment_has_both_keys() {
    let options = "1e16018100000000000000010000000000000002000c 0101";
    assert_eq!(written(ACK, options), "options [mptcp 22 capable v1 csum {0x1,0x2},nop,nop], length 0");
}

#[test]
fn multipath_capable_of_another_length_is_bad() {
    let options = "1e060001abcd 0101";
    assert_eq!(written(SYN, options), "options [mptcp 6 capable[bad opt]");
}

#[test]
fn multipath_join_shows_what_its_place_in_the_handshake_has() {
    let options = "1e0c1105e47f01421b665a18";
    assert_eq!(
        written(SYN, options),
        "options [mptcp 12 join backup id 5 token 0xe47f0142 nonce 0x1b665a18], length 0"
    );
}

#[test]
fn multipath_join_on_an_answer_has_a_code_and_a_nonce() {
    let options = "1e1010015ab680c7884af03d33abe9d5";
    assert_eq!(
        written(SYN_ACK, options),
        "options [mptcp 16 join id 1 hmac 0x5ab680c7884af03d nonce 0x33abe9d5], length 0"
    );
}

#[test]
fn multipath_join_on_the_third_segment_has_the_whole_code() {
    let options = "1e181000000102030405060708090a0b0c0d0e0f10111213";
    assert_eq!(
        written(ACK, options),
        "options [mptcp 24 join hmac 0x000102030405060708090a0b0c0d0e0f10111213], length 0"
    );
}

#[test]
fn multipath_mappings_show_their_numbers() {
    let options = "1e0820010000002a 1e1a2017000000000000000100000002000000030004abcd0000 0101";
    assert_eq!(
        written(ACK, options),
        "options [mptcp 8 dss ack 42,mptcp 26 dss fin ack 1 seq 2 subseq 3 len 4 csum 0xabcd[bad opt]]"
    );
}

#[test]
fn multipath_mappings_have_a_checksum_where_one_fits() {
    let options = "1e14200c0000000000000005000000060007abcd 1e0e200400000001000000020003 0101";
    assert_eq!(
        written(ACK, options),
        "options [mptcp 20 dss seq 5 subseq 6 len 7 csum 0xabcd,mptcp 14 dss seq 1 subseq 2 len 3,nop,nop], length 0"
    );
}

#[test]
fn multipath_mappings_with_bytes_left_over_are_bad() {
    let options = "1e0a20010000002aabcd 0101";
    assert_eq!(written(ACK, options), "options [mptcp 10 dss ack 42[bad opt]");
}

#[test]
fn multipath_mappings_are_bad_on_a_syn() {
    let options = "1e0820010000002a";
    assert_eq!(written(SYN, options), "options [mptcp 8 dss[bad opt]");
}

#[test]
fn multipath_addresses_show_echo_port_and_code() {
    let options = "1e083101c0000201 1e0a3002c000020201bb 0101";
    assert_eq!(
        written(ACK, options),
        "options [mptcp 8 add-addr v1-echo id 1 192.0.2.1,mptcp 10 add-addr v1 id 2 192.0.2.2:443,nop,nop], length 0"
    );
}

#[test]
fn multipath_addresses_of_version_0_say_their_family() {
    let options = "1e103403c00002030102030405060708 1e123404c000020401bb0102030405060708 0101";
    assert_eq!(
        written(ACK, options),
        "options [mptcp 16 add-addr v0-ip4 id 3 192.0.2.3 hmac 0x102030405060708,mptcp 18 add-addr v0-ip4 id 4 192.0.2.4:443 hmac 0x102030405060708,nop,nop], length 0"
    );
}

#[test]
fn multipath_addresses_of_version_6_stand_alone() {
    let options = "1e16360520010db800000000000000000000000101bb 0101";
    assert_eq!(written(ACK, options), "options [mptcp 22 add-addr v0-ip6 id 5 2001:db8::1:443,nop,nop], length 0");
}

#[test]
fn multipath_addresses_show_mapped_ones_with_dots() {
    let options = "1e143f0600000000000000000000ffffc0000205 1e143007000000000000000000000000c0000206";
    assert_eq!(
        written(ACK, options),
        "options [mptcp 20 add-addr [bad version/echo] id 6 ::ffff:192.0.2.5,mptcp 20 add-addr v1 id 7 ::192.0.2.6], length 0"
    );
}

#[test]
fn multipath_removals_list_numbers() {
    let options = "1e06400102ff 1e0440ff 0101";
    assert_eq!(
        written(ACK, options),
        "options [mptcp 6 rem-addr id 1 2 255,mptcp 4 rem-addr id 255,nop,nop], length 0"
    );
}

#[test]
fn multipath_priorities_are_backup_or_not() {
    let options = "1e0351 1e045007 01";
    assert_eq!(written(ACK, options), "options [mptcp 3 prio backup,mptcp 4 prio non-backup id 7,nop], length 0");
}

#[test]
fn multipath_failures_and_closes_show_a_number() {
    let options = "1e0c6000000000000000002a 1e0c7000000000000000beef";
    assert_eq!(written(ACK, options), "options [mptcp 12 fail seq 42,mptcp 12 fast-close key 0xbeef], length 0");
}

#[test]
fn multipath_subtypes_of_later_standards_are_unknown() {
    let options = "1e048006 1e03f0 01";
    assert_eq!(written(ACK, options), "options [mptcp 4 unknown,mptcp 3 unknown,nop], length 0");
}
