//! What is said of services that name themselves: secrets never, TLS after each agreement, and what survives a gap.

#[path = "support/heard.rs"]
mod heard;

use firstlight_dissect::{ALL, Carrier, Chunk, Context, Session};
use firstlight_model::Direction;

use heard::Heard;

use Direction::{Originator, Responder};

fn hear(port: u16, pushes: &[(Direction, Chunk<'_>)]) -> Heard {
    let mut heard = Heard::default();
    let mut session = Session::stream(Context { originator_port: 50_000, responder_port: port, from_start: true });
    for (direction, chunk) in pushes {
        session.push(*direction, *chunk, &mut heard);
    }
    session.finish(&mut heard);
    heard
}

const CLIENT_HELLO: &[u8] = include_bytes!("../samples/tls12-client.bin");
const NAME: &str = "tls.handshake.extensions_server_name";

/// Who says what.
type Talk = &'static [(Direction, &'static [u8])];

/// How each protocol agrees on TLS.
const AGREEMENTS: &[(u16, Talk)] = &[
    (
        587,
        &[
            (Responder, b"220 mail.example.org ESMTP\r\n"),
            (Originator, b"EHLO client\r\n"),
            (Responder, b"250 STARTTLS\r\n"),
            (Originator, b"STARTTLS\r\n"),
            (Responder, b"220 go ahead\r\n"),
        ],
    ),
    (
        143,
        &[
            (Responder, b"* OK IMAP4rev1 ready\r\n"),
            (Originator, b"a1 STARTTLS\r\n"),
            (Responder, b"* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n"),
        ],
    ),
    (
        110,
        &[
            (Responder, b"+OK POP3 ready\r\n"),
            (Originator, b"CAPA\r\n"),
            (Responder, b"+OK\r\nSTLS\r\nUIDL\r\n.\r\n"),
            (Originator, b"STLS\r\n"),
            (Responder, b"+OK begin\r\n"),
        ],
    ),
    (21, &[(Responder, b"220 FTP ready\r\n"), (Originator, b"AUTH TLS\r\n"), (Responder, b"234 begin\r\n")]),
    (
        5222,
        &[
            (Originator, b"<?xml version='1.0'?><stream:stream to='example.org'>"),
            (Responder, b"<stream:stream from='example.org'><stream:features><starttls/></stream:features>"),
            (Originator, b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
            (Responder, b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
        ],
    ),
    (
        389,
        &[
            (Originator, b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"),
            (Responder, b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"),
        ],
    ),
    (5432, &[(Originator, b"\0\0\0\x08\x04\xd2\x16\x2f"), (Responder, b"S")]),
    (
        3306,
        &[
            (Responder, b"\x1a\0\0\0\x0a1.2.3-Ex\0\x01\0\0\0abcdefgh\0\xff\xf7!"),
            (Originator, b"\x20\0\0\x01\x05\xae\0\0\0\0\0\x01!\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        ],
    ),
    (
        6667,
        &[
            (Originator, b"STARTTLS\r\nNICK x\r\n"),
            (Responder, b":irc.example.org NOTICE * :hello\r\n:irc.example.org 670 * :begin\r\n"),
        ],
    ),
];

#[test]
fn a_name_is_seen_after_each_agreement_on_tls() {
    for (port, talk) in AGREEMENTS {
        let mut pushes: Vec<_> = talk.iter().map(|(direction, bytes)| (*direction, Chunk::Data(bytes))).collect();
        pushes.push((Originator, Chunk::Data(CLIENT_HELLO)));
        assert_eq!(hear(*port, &pushes).of(NAME), ["www.example.org"], "port {port}");
    }
}

#[test]
fn a_name_is_seen_although_the_agreement_is_missing() {
    for (port, talk) in AGREEMENTS.iter().filter(|(port, _)| *port != 5432) {
        let (last, talk) = talk.split_last().expect("a talk");
        let mut pushes: Vec<_> = talk.iter().map(|(direction, bytes)| (*direction, Chunk::Data(bytes))).collect();
        pushes.push((last.0, Chunk::Gap(last.1.len() as u64)));
        pushes.push((Originator, Chunk::Gap(1)));
        pushes.push((Originator, Chunk::Data(CLIENT_HELLO)));
        assert_eq!(hear(*port, &pushes).of(NAME), ["www.example.org"], "port {port}");
    }
}

#[test]
fn a_refused_tls_goes_on_in_clear() {
    let heard = hear(
        587,
        &[
            (Responder, Chunk::Data(b"220 mail.example.org ESMTP\r\n")),
            (Originator, Chunk::Data(b"STARTTLS\r\n")),
            (Responder, Chunk::Data(b"454 not now\r\n")),
            (Originator, Chunk::Data(b"EHLO laptop.example.net\r\n")),
        ],
    );
    assert_eq!(heard.of("smtp.req.ehlo"), ["laptop.example.net"]);
}

/// The samples hold the user `someone`, the password and community `secret`, and a search by `person`.
#[test]
fn users_passwords_and_communities_are_never_told() {
    let mut with_secrets = 0;
    for dissector in ALL {
        for sample in dissector.samples {
            let mut heard = Heard::default();
            let mut session = match dissector.carrier {
                Carrier::Tcp => Session::stream(sample.context),
                Carrier::Udp => Session::datagrams(sample.context),
                _ => continue,
            };
            for (direction, bytes) in sample.pushes {
                session.push(*direction, Chunk::Data(bytes), &mut heard);
            }
            session.finish(&mut heard);
            let has = |word: &[u8]| sample.pushes.iter().any(|(_, bytes)| bytes.windows(word.len()).any(|w| w == word));
            for word in ["someone", "secret", "cn=person"].into_iter().filter(|word| has(word.as_bytes())) {
                with_secrets += 1;
                for (field, value) in &heard.0 {
                    assert!(!value.contains(word), "{field}: {value}");
                }
            }
        }
    }
    assert!(with_secrets >= 8, "{with_secrets} samples with secrets");
}

#[test]
fn a_gap_within_a_message_is_bridged() {
    let heard = hear(
        389,
        &[
            (Originator, Chunk::Data(b"\x30\x1b\x02\x01\x02\x60\x16\x02\x01\x03\x04\x09cn=person\x80\x06secret")),
            (Originator, Chunk::Data(b"\x30\x84\0\0\x10\x00\x02\x01\x01\x63")),
            (Originator, Chunk::Gap(4096 - 4)),
            (Originator, Chunk::Data(b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037")),
            (Responder, Chunk::Data(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00")),
            (Originator, Chunk::Data(CLIENT_HELLO)),
        ],
    );
    assert_eq!(heard.of(NAME), ["www.example.org"]);
}

#[test]
fn traffic_of_others_is_no_service() {
    let streams: &[(u16, &[u8])] = &[
        (8080, b"220 ready\r\n"),
        (8080, b"+OK\r\n"),
        (8080, b"* OK ready\r\n"),
        (8080, b"*3 dogs\r\n"),
        (8080, b"USER someone\r\n"),
        (8080, b"NICKEL\r\n"),
        (8080, b"\xff\xd8\xff\xe0\0\x10JFIF"),
        (8080, b"\x30\x82\x01\x0a\x02\x82\x01\x01\0\xaa"),
        (8080, b"\x10\x0cqwertyuiopas"),
        (8080, b"\0\0\0\x20ftypisom\0\0\x02\0"),
        (8080, b"<?xml version='1.0'?><rss></rss>"),
    ];
    for (port, bytes) in streams {
        let mut session = Session::stream(Context { originator_port: 50_000, responder_port: *port, from_start: true });
        session.push(Responder, Chunk::Data(bytes), &mut Heard::default());
        assert!(session.protocol().is_none(), "{}", String::from_utf8_lossy(bytes));
    }
    let datagrams: &[&[u8]] = &[
        b"\x40\x01\0\x01\x80",
        b"<34>hello",
        b"\x30\x0a\x02\x01\x05\x04\x03abc\xa0\0",
        b"\0\x01octet\0",
        b"\0\x01\0\x00abcdabcdefghijkl",
    ];
    for bytes in datagrams {
        let mut session =
            Session::datagrams(Context { originator_port: 50_000, responder_port: 9000, from_start: true });
        session.push(Originator, Chunk::Data(bytes), &mut Heard::default());
        assert!(session.protocol().is_none(), "{}", String::from_utf8_lossy(bytes));
    }
}
