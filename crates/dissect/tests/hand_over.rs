//! Connections that begin with one protocol and go on with another: what they say, and what they are.

#[path = "support/heard.rs"]
mod heard;

use firstlight_dissect::{Chunk, Context, Session};
use firstlight_model::Direction;

use heard::Heard;

use Direction::{Originator, Responder};

fn hear(mut session: Session, pushes: &[(Direction, &[u8])]) -> (Heard, Option<&'static str>) {
    let mut heard = Heard::default();
    for (direction, bytes) in pushes {
        session.push(*direction, Chunk::Data(bytes), &mut heard);
    }
    session.finish(&mut heard);
    (heard, session.service().map(|service| service.name))
}

fn context(responder_port: u16) -> Context {
    Context { originator_port: 50_000, responder_port, from_start: true }
}

fn stream(pushes: &[(Direction, &[u8])]) -> (Heard, Option<&'static str>) {
    hear(Session::stream(context(80)), pushes)
}

fn datagrams(pushes: &[(Direction, &[u8])]) -> (Heard, Option<&'static str>) {
    hear(Session::datagrams(context(40_000)), pushes)
}

const TLS_HELLO: &[u8] = include_bytes!("../samples/tls12-client.bin");
const DTLS_HELLO: &[u8] = include_bytes!("../samples/dtls12-client-cookie.bin");
const STUN: &[u8] = b"\x00\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl";
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// A request for `/r` of `www.example.com`, of gRPC.
const CALL: &[u8] = b"\0\0\x33\x01\x05\0\0\0\x03\x83\x86\x44\x02/r\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\
    \xf4\xff\x5f\x10application/grpc\x7a\x0bexample/1.0";

#[test]
fn a_websocket_is_one_and_keeps_the_host_of_its_upgrade() {
    let ask = b"GET /chat HTTP/1.1\r\nHost: chat.example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    let agree = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02hi";
    // What a frame carries is not taken for a protocol of its own, whatever it begins with.
    let frame = b"\x82\x16GET / HTTP/1.1\r\nHost: x";
    let (heard, service) = stream(&[(Originator, ask), (Responder, agree), (Originator, frame), (Responder, frame)]);
    assert_eq!(service, Some("websocket"));
    assert_eq!(heard.of("http.host"), ["chat.example.org"]);
    assert_eq!(heard.of("http.exchange").len(), 1);
    assert_eq!(heard.of("websocket.opcode"), ["1", "2"]);
}

#[test]
fn an_upgrade_that_is_refused_stays_http() {
    let ask = b"GET /chat HTTP/1.1\r\nHost: chat.example.org\r\nUpgrade: websocket\r\n\r\n";
    let refuse = b"HTTP/1.1 400 Bad Request\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n";
    let (heard, service) = stream(&[(Originator, ask), (Responder, refuse), (Originator, ask)]);
    assert_eq!(service, Some("http"));
    assert_eq!(heard.of("http.exchange").len(), 2);
}

#[test]
fn http2_in_clear_is_http2_by_upgrade_and_by_prior_knowledge() {
    let ask = b"GET / HTTP/1.1\r\nHost: www.example.org\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n\r\n";
    let agree = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let (heard, service) = stream(&[(Originator, ask), (Responder, agree), (Originator, PREFACE), (Originator, CALL)]);
    assert_eq!(service, Some("http2"));
    assert_eq!(heard.of("http.host"), ["www.example.org"]);
    assert_eq!(heard.of("http2.headers.authority"), ["www.example.com"]);
    let (heard, service) = stream(&[(Originator, PREFACE), (Originator, CALL)]);
    assert_eq!(service, Some("http2"));
    assert_eq!(heard.of("http2.headers.authority"), ["www.example.com"]);
    assert_eq!(heard.of("http2.application"), ["grpc"]);
}

#[test]
fn a_proxy_stays_a_proxy_whatever_is_spoken_behind_it() {
    let ask = b"CONNECT www.example.org:443 HTTP/1.1\r\nHost: www.example.org:443\r\n\r\n";
    let agree = b"HTTP/1.1 200 Connection established\r\n\r\n";
    let (heard, service) = stream(&[(Originator, ask), (Responder, agree), (Originator, TLS_HELLO)]);
    assert_eq!(service, Some("http"));
    assert_eq!(heard.of("tls.handshake.extensions_server_name"), ["www.example.org"]);
}

#[test]
fn dtls_is_read_behind_stun_and_stun_in_between_does_no_harm() {
    let (heard, service) = datagrams(&[
        (Originator, STUN),
        (Responder, b"\x01\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl"),
        (Originator, b"\x19 none of them"),
        (Originator, DTLS_HELLO),
        (Responder, STUN),
    ]);
    assert_eq!(service, Some("dtls"));
    assert_eq!(heard.of("stun.type.method"), ["Binding", "Binding"]);
    assert_eq!(heard.of("dtls.ja4").len() + heard.of("tls.ja4").len(), 1, "{:?}", heard.0);
}

#[test]
fn media_is_known_behind_stun_and_by_its_reports_but_not_by_a_guess() {
    let media = b"\x80\xe0\0\x01\0\0\0\x01\x01\x02\x03\x04media";
    let (heard, service) = datagrams(&[(Originator, STUN), (Responder, media), (Responder, media)]);
    assert_eq!((service, heard.of("rtp.p_type")), (Some("rtp"), vec!["96"]));
    let (_, service) = datagrams(&[(Responder, media), (Originator, media)]);
    assert_eq!(service, None);
    // Twenty milliseconds of speech are of one length.
    let speech = [b"\x80\0\0\x01\0\0\0\x01\x01\x02\x03\x04".as_slice(), &[0x55; 160]].concat();
    let (heard, service) = datagrams(&[(Originator, &speech), (Originator, b"\x80\xc9\0\x01\x01\x02\x03\x04")]);
    assert_eq!((service, heard.of("rtp.p_type")), (Some("rtp"), vec!["0"]));
    let (_, service) = datagrams(&[(Originator, speech.get(..171).unwrap())]);
    assert_eq!(service, None);
}

#[test]
fn the_transfer_after_a_request_of_tftp_is_known() {
    let block = [b"\0\x03\0\x01".as_slice(), &[0x20; 512]].concat();
    // The server begins, from a port of its own; the first block alone could be anything.
    let mut session = Session::datagrams(Context { originator_port: 40_000, responder_port: 50_000, from_start: true });
    session.push(Originator, Chunk::Data(&block), &mut Heard::default());
    assert!(session.service().is_none());
    session.push(Responder, Chunk::Data(b"\0\x04\0\x01"), &mut Heard::default());
    assert_eq!(session.service().map(|service| service.name), Some("tftp"));
}
