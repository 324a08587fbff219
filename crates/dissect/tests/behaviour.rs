//! What sessions say of traffic that is written down here, byte by byte.

#[path = "support/heard.rs"]
mod heard;

use firstlight_dissect::{Chunk, Context, Need, Session};
use firstlight_model::Direction;

use heard::Heard;

use Direction::{Originator, Responder};

/// What was said: field and value in short.
fn from_start(responder_port: u16) -> Context {
    Context { originator_port: 50_000, responder_port, from_start: true }
}

fn stream(context: Context, pushes: &[(Direction, Chunk<'_>)]) -> (Heard, Session) {
    let mut heard = Heard::default();
    let mut session = Session::stream(context);
    for (direction, chunk) in pushes {
        session.push(*direction, *chunk, &mut heard);
    }
    session.finish(&mut heard);
    (heard, session)
}

fn datagrams(context: Context, pushes: &[(Direction, &[u8])]) -> Heard {
    let mut heard = Heard::default();
    let mut session = Session::datagrams(context);
    for (direction, bytes) in pushes {
        session.push(*direction, Chunk::Data(bytes), &mut heard);
    }
    session.finish(&mut heard);
    heard
}

fn data(bytes: &[u8]) -> Chunk<'_> {
    Chunk::Data(bytes)
}

const CLIENT_HELLO: &[u8] = include_bytes!("../samples/tls12-client.bin");

#[test]
fn a_body_of_known_length_may_be_missing_altogether() {
    let (heard, _) = stream(
        from_start(80),
        &[
            (Originator, data(b"GET /big HTTP/1.1\r\nHost: example.org\r\n\r\n")),
            (Responder, data(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n")),
            (Responder, Chunk::Gap(5_000_000_000)),
            (Originator, data(b"GET /next HTTP/1.1\r\nHost: example.org\r\n\r\n")),
            (Responder, data(b"HTTP/1.1 204 No Content\r\n\r\n")),
        ],
    );
    assert_eq!(
        heard.of("http.exchange"),
        ["GET example.org /big 200 out 0 in 5000000000", "GET example.org /next 204 out 0 in 0"]
    );
}

#[test]
fn after_a_gap_in_chunks_the_next_answer_is_found_where_a_segment_begins_with_it() {
    let (heard, _) = stream(
        from_start(80),
        &[
            (Originator, data(b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")),
            (Responder, data(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf")),
            (Responder, Chunk::Gap(100)),
            (Responder, data(b"the rest")),
            (Responder, data(b"HTTP/1.1 304 Not Modified\r\n\r\n")),
        ],
    );
    assert_eq!(heard.of("http.exchange"), ["GET a /1 200 out 0 in 116", "GET a /2 304 out 0 in 0"]);
}

#[test]
fn an_answer_that_is_missing_does_not_pass_its_place_on() {
    let (heard, _) = stream(
        from_start(80),
        &[
            (Originator, data(b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")),
            (Originator, data(b"GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")),
            (Responder, Chunk::Gap(300)),
            (Responder, data(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")),
            (Originator, Chunk::Gap(100)),
            (Originator, data(b"GET /4 HTTP/1.1\r\nHost: a\r\n\r\n")),
            (Responder, data(b"HTTP/1.1 203 x\r\nContent-Length: 0\r\n\r\nHTTP/1.1 204 y\r\n\r\n")),
        ],
    );
    assert_eq!(
        heard.of("http.exchange"),
        ["GET a /1 - out 0 in 300", "GET a /2 404 out 0 in 0", "- - - 203 out 0 in 0", "GET a /4 204 out 0 in 0"]
    );
}

#[test]
fn a_gap_in_a_head_keeps_the_whole_lines_before_it() {
    let (heard, _) = stream(
        from_start(80),
        &[
            (Originator, data(b"GET /path HTTP/1.1\r\nHost: example.org\r\nUser-Agent: half a na")),
            (Originator, Chunk::Gap(500)),
            (Responder, data(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")),
        ],
    );
    assert_eq!(heard.of("http.host"), ["example.org"]);
    assert!(heard.of("http.user_agent").is_empty());
    assert_eq!(heard.of("http.exchange"), ["GET example.org /path 200 out 500 in 3"]);
}

#[test]
fn a_request_without_an_answer_is_told_at_the_end() {
    let (heard, _) = stream(from_start(80), &[(Originator, data(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"))]);
    assert_eq!(heard.of("http.exchange"), ["GET a /x - out 0 in 0"]);
}

#[test]
fn an_answer_to_head_has_no_body_whatever_its_length_says() {
    let (heard, _) = stream(
        from_start(80),
        &[
            (Originator, data(b"HEAD /h HTTP/1.1\r\nHost: a\r\n\r\nGET /g HTTP/1.1\r\nHost: a\r\n\r\n")),
            (
                Responder,
                data(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
            ),
        ],
    );
    assert_eq!(heard.of("http.exchange"), ["HEAD a /h 200 out 0 in 0", "GET a /g 200 out 0 in 1"]);
}

#[test]
fn a_large_answer_before_the_end_of_its_request_waits_for_it() {
    let (heard, _) = stream(
        from_start(80),
        &[
            (Originator, data(b"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345")),
            (Responder, data(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")),
            (Originator, data(b"67890")),
        ],
    );
    assert_eq!(heard.of("http.exchange"), ["POST a /p 413 out 10 in 0"]);
}

#[test]
fn folded_lines_and_needless_blanks_are_read() {
    let (heard, _) = stream(
        from_start(80),
        &[
            (
                Originator,
                data(b"POST    /f HTTP/1.1\nHost:\n a\nTransfer-Encoding:\r\n\tchunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
            ),
            (Originator, data(b"GET /g HTTP/1.1\r\nHost: b\r\n\r\n")),
        ],
    );
    assert_eq!(heard.of("http.exchange"), ["POST a /f - out 13 in 0", "GET b /g - out 0 in 0"]);
}

#[test]
fn a_name_is_seen_through_a_proxy() {
    let mut answer = b"HTTP/1.1 200 Connection established\r\n\r\n".to_vec();
    answer.extend_from_slice(b"\x15\x03\x03\x00\x02\x02\x28");
    let (heard, session) = stream(
        from_start(3128),
        &[
            (Originator, data(b"CONNECT www.example.org:443 HTTP/1.1\r\nHost: www.example.org:443\r\n\r\n")),
            (Responder, data(b"HTTP/1.1 200 Connection established\r\n\r\n")),
            (Originator, data(CLIENT_HELLO)),
        ],
    );
    assert_eq!(heard.of("http.exchange"), ["CONNECT www.example.org www.example.org:443 200 out 0 in 0"]);
    assert_eq!(heard.of("tls.handshake.extensions_server_name"), ["www.example.org"]);
    assert_eq!(session.protocol().map(|dissector| dissector.name), Some("tls"));
    // The tunnel may begin in the middle of a chunk.
    let (heard, _) = stream(
        from_start(3128),
        &[(Originator, data(b"CONNECT www.example.org:443 HTTP/1.1\r\n\r\n")), (Responder, data(&answer))],
    );
    assert_eq!(heard.of("tls.alert"), ["fatal: handshake failure"]);
}

#[test]
fn a_name_is_seen_after_starttls() {
    let (heard, _) = stream(
        from_start(25),
        &[
            (Responder, data(b"220 mail.example.org ESMTP\r\n")),
            (Originator, data(b"EHLO client\r\n")),
            (Responder, data(b"250 STARTTLS\r\n")),
            (Originator, data(b"STARTTLS\r\n")),
            (Responder, data(b"220 go ahead\r\n")),
            (Originator, data(CLIENT_HELLO)),
        ],
    );
    assert_eq!(heard.of("tls.handshake.extensions_server_name"), ["www.example.org"]);
}

#[test]
fn other_protocols_with_http_methods_are_not_http() {
    for line in ["OPTIONS sip:a@b SIP/2.0\r\n\r\n", "OPTIONS * RTSP/1.0\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let (heard, session) = stream(from_start(5060), &[(Originator, data(line.as_bytes()))]);
        assert!(session.protocol().is_none_or(|found| found.name != "http"), "{line}");
        assert!(heard.of("http.host").is_empty() && heard.of("http.exchange").is_empty(), "{line}");
    }
}

#[test]
fn a_session_is_small_while_nothing_is_known() {
    assert!(std::mem::size_of::<Session>() <= 80);
}

#[test]
fn a_stream_that_nobody_knows_is_given_up() {
    let mut session = Session::stream(from_start(9999));
    let mut pushes = 0;
    while session.push(Originator, Chunk::Data(b"\0\0\0\x04junk"), &mut Heard::default()) == Need::More {
        pushes += 1;
        assert!(pushes < 100, "still looking");
    }
}

#[test]
fn a_stream_seen_from_its_middle_is_known_by_its_next_record() {
    let context = Context { from_start: false, ..from_start(443) };
    let (_, session) = stream(
        context,
        &[(Responder, data(b"\x8a\x11\xf0 the rest of a record")), (Responder, data(b"\x17\x03\x03\x00\x20\x01\x02"))],
    );
    assert_eq!(session.protocol().map(|dissector| dissector.name), Some("tls"));
}

#[test]
fn a_hello_cut_by_the_capture_keeps_its_name_but_gets_no_fingerprint() {
    let (heard, _) = stream(
        from_start(443),
        &[(Originator, data(&CLIENT_HELLO[..90])), (Originator, Chunk::Gap((CLIENT_HELLO.len() - 90) as u64))],
    );
    assert_eq!(heard.of("tls.handshake.extensions_server_name"), ["www.example.org"]);
    assert_eq!(heard.of("tls.malformed"), ["a handshake message is not whole in the capture"]);
    assert!(heard.of("tls.ja3").is_empty() && heard.of("tls.ja4").is_empty());
}

#[test]
fn an_ssl2_hello_is_known() {
    let mut hello = b"\x80\x1f\x01\x03\x01\x00\x06\x00\x00\x00\x10\x00\x00\x2f\x00\x00\x35".to_vec();
    hello.extend_from_slice(&[7; 16]);
    let (heard, session) = stream(from_start(443), &[(Originator, data(&hello))]);
    assert_eq!(session.protocol().map(|dissector| dissector.name), Some("tls"));
    assert_eq!(heard.of("tls.handshake.offered_version"), ["TLS 1.0"]);
}

#[test]
fn ja3_and_ja4_are_those_of_other_tools() {
    let (heard, _) = stream(from_start(443), &[(Originator, data(CLIENT_HELLO))]);
    assert_eq!(heard.of("tls.ja3_raw"), ["771,49195-49199-156-255,0-10-11-13-16-23-65281,29-23-24,0"]);
    assert_eq!(heard.of("tls.ja4_raw"), ["t12d0407h2_009c,00ff,c02b,c02f_000a,000b,000d,0017,ff01_0403,0804,0401"]);
}

/// A header with these counts, and what follows it.
fn message(flags: u16, counts: [u8; 3], rest: &[u8]) -> Vec<u8> {
    let [high, low] = flags.to_be_bytes();
    let mut bytes = vec![0xab, 0xcd, high, low, 0, counts[0], 0, counts[1], 0, counts[2], 0, 0];
    bytes.extend_from_slice(rest);
    bytes
}

#[test]
fn aliases_that_lead_in_a_circle_end() {
    // a -> b -> a, and an address for b.
    let rest = b"\x01a\0\0\x01\0\x01\
        \xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x03\x01b\0\
        \x01b\0\0\x05\0\x01\0\0\0\x0a\0\x02\xc0\x0c\
        \x01b\0\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01";
    let heard = datagrams(from_start(53), &[(Responder, &message(0x8180, [1, 3, 0], rest))]);
    assert_eq!(heard.of("dns.qry.name"), ["a 1 0 Some(\"b\")"]);
    assert_eq!(heard.of("dns.a"), ["a b 192.0.2.1 60"]);
}

#[test]
fn the_time_to_live_of_a_binding_is_the_smallest_on_the_way() {
    let rest = b"\x01a\0\0\x01\0\x01\
        \x01b\0\0\x01\0\x01\0\0\x0e\x10\0\x04\xc0\0\x02\x01\
        \xc0\x0c\0\x05\0\x01\0\0\0\x05\0\x02\xc0\x13";
    let heard = datagrams(from_start(53), &[(Responder, &message(0x8180, [1, 2, 0], rest))]);
    assert_eq!(heard.of("dns.a"), ["a b 192.0.2.1 5"]);
}

#[test]
fn an_address_of_a_name_that_nobody_asked_for_is_not_believed() {
    let rest = b"\x01a\0\0\x01\0\x01\x04bank\0\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x66";
    let heard = datagrams(from_start(53), &[(Responder, &message(0x8180, [1, 1, 0], rest))]);
    assert_eq!(heard.of("dns.qry.name").len(), 1);
    assert!(heard.of("dns.a").is_empty());
}

#[test]
fn names_are_escaped_and_bounded() {
    let query = |name: &[u8]| {
        let mut rest = name.to_vec();
        rest.extend_from_slice(b"\0\0\x01\0\x01");
        datagrams(from_start(53), &[(Originator, &message(0x0100, [1, 0, 0], &rest))])
    };
    assert_eq!(query(b"\x06A.b\\ \xff\x03Org").of("dns.qry.name"), ["a\\.b\\\\\\032\\255.org 1 0 None"]);
    assert_eq!(query(b"").of("dns.qry.name"), [". 1 0 None"]);
    let long: Vec<u8> = std::iter::repeat_n(b"\x3f".iter().chain(&[b'x'; 63]).copied(), 4).flatten().collect();
    assert_eq!(query(&long[..64 * 3]).of("dns.qry.name").len(), 1);
    assert!(query(&long).of("dns.qry.name").is_empty(), "257 bytes are no name");
}

#[test]
fn a_pointer_to_itself_or_forwards_is_malformed() {
    // The record's name stands at byte 19 (0x13).
    for (pointer, is_malformed) in [(b"\xc0\x0c", false), (b"\xc0\x13", true), (b"\xc0\x20", true)] {
        let rest = [b"\x01a\0\0\x01\0\x01".as_slice(), pointer, b"\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01"].concat();
        let heard = datagrams(from_start(53), &[(Responder, &message(0x8180, [1, 1, 0], &rest))]);
        assert_eq!(heard.of("dns.qry.name").len(), 1, "what stands before it is kept");
        assert_eq!(heard.of("dns.malformed").len(), usize::from(is_malformed));
        assert_eq!(heard.of("dns.a").len(), usize::from(!is_malformed));
    }
}

#[test]
fn response_codes_of_edns_have_twelve_bits() {
    let rest = b"\x01a\0\0\x01\0\x01\0\0\x29\x10\0\x01\0\0\0\0\0";
    let mut bytes = message(0x8180, [1, 0, 0], rest);
    bytes[11] = 1;
    let heard = datagrams(from_start(53), &[(Responder, &bytes)]);
    assert_eq!(heard.of("dns.qry.name"), ["a 1 16 None"]);
}

#[test]
fn dns_on_another_port_must_be_valid_to_its_last_byte() {
    let rest = b"\x07example\x03org\0\0\x01\0\x01";
    let valid = message(0x0100, [1, 0, 0], rest);
    assert_eq!(datagrams(from_start(1053), &[(Originator, &valid)]).of("dns.qry.name").len(), 1);
    let mut trailing = valid.clone();
    trailing.push(0);
    assert!(datagrams(from_start(1053), &[(Originator, &trailing)]).0.is_empty());
    assert_eq!(datagrams(from_start(53), &[(Originator, &trailing)]).of("dns.qry.name").len(), 1);
    assert!(datagrams(from_start(137), &[(Originator, &valid)]).0.is_empty(), "that is for NetBIOS");
}

#[test]
fn a_goodbye_announces_no_host() {
    let record = |ttl: u8| {
        let mut rest = b"\x04host\x05local\0\0\x01\x80\x01\0\0\0".to_vec();
        rest.extend_from_slice(&[ttl, 0, 4, 192, 0, 2, 7]);
        let context = Context { originator_port: 5353, responder_port: 5353, from_start: true };
        datagrams(context, &[(Originator, &message(0x8400, [0, 1, 0], &rest))])
    };
    assert_eq!(record(120).of("mdns.host"), ["host.local"]);
    assert!(record(0).of("mdns.host").is_empty());
}

#[test]
fn a_certificate_status_is_told_in_words() {
    let request = b"\x30\x42\x30\x40\x30\x3e\x30\x3c\x30\x3a\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14AAAAAAAAAAAAAAAAAAAA\
        \x04\x14BBBBBBBBBBBBBBBBBBBB\x02\x01\x07";
    let mut request = request.to_vec();
    // The lengths that the literal above announces.
    let inner = request.len() - 2;
    for (place, less) in [(1, 0), (3, 2), (5, 4), (7, 6), (9, 8)] {
        request[place] = u8::try_from(inner - less).expect("short");
    }
    let mut post = format!(
        "POST / HTTP/1.1\r\nHost: ocsp.example.org\r\nContent-Type: application/ocsp-request\r\nContent-Length: {}\r\n\r\n",
        request.len()
    )
    .into_bytes();
    post.extend_from_slice(&request);
    let (heard, _) = stream(
        from_start(80),
        &[
            (Originator, data(&post)),
            (
                Responder,
                data(b"HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\nContent-Length: 5\r\n\r\n\x30\x03\x0a\x01\x06"),
            ),
        ],
    );
    let expected = format!(
        "POST ocsp.example.org / 200 out {} in 5 (OCSP request for 1 certificate; OCSP response: unauthorized)",
        request.len()
    );
    assert_eq!(heard.of("http.exchange"), [expected]);
}

#[test]
fn records_of_an_answer_are_said_with_their_types_and_a_broken_one_ends_nothing() {
    // MX 10 mail.example.org, then an MX whose name points beyond the message, NS ns.example.org, a TXT record.
    let rest = b"\x07example\x03org\0\0\x0f\0\x01\
        \xc0\x0c\0\x0f\0\x01\0\0\x00\x3c\0\x09\0\x0a\x04mail\xc0\x0c\
        \xc0\x0c\0\x0f\0\x01\0\0\x00\x3c\0\x04\0\x0a\xff\xff\
        \xc0\x0c\0\x02\0\x01\0\0\x01\x00\0\x05\x02ns\xc0\x0c\
        \xc0\x0c\0\x10\0\x01\0\0\x00\x00\0\x02\x01a";
    let heard = datagrams(from_start(53), &[(Responder, &message(0x8180, [1, 4, 0], rest))]);
    let records: Vec<(&str, bool)> = heard
        .of("dns.resp.name")
        .iter()
        .map(|text| (text.split("data: ").nth(1).unwrap_or_default(), text.contains("owner: \"example.org\"")))
        .collect();
    assert_eq!(
        records,
        [
            ("Name(\"mail.example.org\") }", true),
            ("Unread }", true),
            ("Name(\"ns.example.org\") }", true),
            ("Unread }", true),
        ]
    );
    let [header] = heard.of("dns.flags")[..] else { panic!("one message") };
    assert!(header.contains("flags: 33152, class: Some(1), counts: [1, 4, 0, 0], response_code: 0"), "{header}");
    assert!(heard.of("dns.malformed").is_empty());
}

#[test]
fn a_request_says_where_it_comes_from_and_an_answer_its_words() {
    let (heard, _) = stream(
        from_start(80),
        &[
            (Originator, data(b"GET / HTTP/1.1\r\nReferer: http://a/\r\nOrigin: http://b\r\nHost: c\r\n\r\n")),
            (Responder, data(b"HTTP/1.0 404 Not  Here \r\nContent-Length: 0\r\n\r\n")),
        ],
    );
    assert_eq!(heard.of("http.exchange"), ["GET c / 404 out 0 in 0, from http://a/ of http://b: 1.0 Not  Here"]);
}

#[test]
fn a_time_message_is_said_whole_or_not_at_all() {
    let mut message = vec![0x24, 1, 6, 0xec];
    message.extend(1_u8..=44);
    let whole = datagrams(from_start(123), &[(Responder, &message)]);
    let [said] = whole.of("ntp.message")[..] else { panic!("{:?}", whole.0) };
    for part in [
        "version: 4, mode: 4, stratum: 1, poll: 6, precision: -20",
        "root_delay: 16909060, root_dispersion: 84281096, reference_id: [9, 10, 11, 12]",
        "transmit: 2676870081961143084, extra_len_bytes: 0",
    ] {
        assert!(said.contains(part), "{said}");
    }
    message.extend([0; 20]);
    assert!(datagrams(from_start(123), &[(Responder, &message)]).of("ntp.message")[0].contains("extra_len_bytes: 20"));
    // Control messages have another header.
    message[0] = 0x16;
    assert!(datagrams(from_start(123), &[(Originator, &message)]).of("ntp.message").is_empty());
}

#[test]
fn a_handshake_is_established_when_both_sides_have_gone_over_to_encryption() {
    let server: &[u8] = include_bytes!("../samples/tls12-server.bin");
    let change = b"\x14\x03\x03\0\x01\x01";
    let hellos = [(Originator, data(CLIENT_HELLO)), (Responder, data(server))];
    let said = |more: &[(Direction, Chunk<'_>)]| {
        let (heard, _) = stream(from_start(443), &[&hellos[..], more].concat());
        heard.of("tls.established").len()
    };
    let (by_client, by_server) = ((Originator, data(change)), (Responder, data(change)));
    assert_eq!((said(&[]), said(&[by_client]), said(&[by_server])), (0, 0, 0));
    assert_eq!((said(&[by_client, by_server]), said(&[by_client, by_server, by_client])), (1, 1));
}
