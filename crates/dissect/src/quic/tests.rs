//! What traffic does that no sample shows.

use firstlight_model::{Chunk, Direction, Need, Observation, Value};
use proptest::prelude::*;

use super::header::Version;
use super::samples::{Sender, crypto, messages};
use crate::{Context, Session, Sink};

/// Field and text of what was said.
#[derive(Default)]
struct Heard(Vec<(&'static str, Direction, String)>);

impl Sink for Heard {
    fn observe(&mut self, observation: Observation<'_>) {
        let text = match observation.value {
            Value::Text(text) => text.to_owned(),
            other => format!("{other:?}"),
        };
        self.0.push((observation.field.name, observation.direction, text));
    }
}

impl Heard {
    fn of(&self, field: &str) -> Vec<&str> {
        self.0.iter().filter(|(name, _, _)| *name == field).map(|(_, _, text)| text.as_str()).collect()
    }
}

const NAME: &str = "tls.handshake.extensions_server_name";

fn session() -> Session {
    let context = Context { originator_port: 50_000, responder_port: 443, from_start: true };
    Session::messages(crate::Carrier::Udp, context)
}

fn hello() -> Vec<u8> {
    let mut all = messages(include_bytes!("../../samples/tls13-client.bin"));
    all.truncate(4 + usize::from(u16::from_be_bytes([all[2], all[3]])));
    all
}

/// The first hello of the server that is no retry.
fn server_hello() -> Vec<u8> {
    let mut all = messages(include_bytes!("../../samples/tls13-server.bin"));
    let retry_len = 4 + usize::from(u16::from_be_bytes([all[2], all[3]]));
    all.split_off(retry_len)
}

fn sender(version: u32) -> Sender {
    let version = Version(version);
    Sender { version, scheme: version.schemes()[0], keys_from: b"original" }
}

fn say(session: &mut Session, direction: Direction, datagram: &[u8], heard: &mut Heard) -> Need {
    session.push(direction, Chunk::Data(datagram), heard)
}

#[test]
fn a_client_that_was_taken_for_the_responder_is_read_all_the_same() {
    let (mut session, mut heard) = (session(), Heard::default());
    let datagram = sender(1).initial(true, b"original", b"", &crypto(0, &hello()), 1200);
    say(&mut session, Direction::Responder, &datagram, &mut heard);
    assert_eq!(heard.of(NAME).len(), 1);
    assert!(heard.0.iter().all(|(_, direction, _)| *direction == Direction::Responder));
}

#[test]
fn a_server_may_go_on_in_version_2() {
    let (mut session, mut heard) = (session(), Heard::default());
    let first = sender(1).initial(true, b"original", b"", &crypto(0, &hello()), 1200);
    say(&mut session, Direction::Originator, &first, &mut heard);
    let answer = sender(0x6b33_43cf).initial(false, b"from", b"", &crypto(0, &server_hello()), 0);
    let need = say(&mut session, Direction::Responder, &answer, &mut heard);
    assert_eq!(heard.of("quic.version"), ["QUIC v2"]);
    assert_eq!(heard.of("tls.ja3s").len(), 1);
    assert_eq!(need, Need::Nothing);
}

#[test]
fn a_datagram_that_the_capture_cut_still_says_the_name() {
    let (mut session, mut heard) = (session(), Heard::default());
    let datagram = sender(1).initial(true, b"original", b"", &crypto(0, &hello()), 1200);
    let kept = &datagram[..60 + hello().len()];
    say(&mut session, Direction::Originator, kept, &mut heard);
    session.push(Direction::Originator, Chunk::Gap((datagram.len() - kept.len()) as u64), &mut heard);
    session.finish(&mut heard);
    assert_eq!(heard.of(NAME).len(), 1);
}

#[test]
fn a_damaged_packet_says_no_name() {
    let (mut session, mut heard) = (session(), Heard::default());
    let mut datagram = sender(1).initial(true, b"original", b"", &crypto(0, &hello()), 1200);
    datagram[100] ^= 1;
    say(&mut session, Direction::Originator, &datagram, &mut heard);
    session.finish(&mut heard);
    assert!(heard.of(NAME).is_empty());
    assert_eq!(heard.of("quic.version"), ["QUIC v1"]);
}

#[test]
fn a_connection_whose_beginning_was_not_seen_is_not_taken_for_anything() {
    let mut session = session();
    for _ in 0..8 {
        say(&mut session, Direction::Originator, &[0x5a; 80], &mut Heard::default());
    }
    assert!(session.protocol().is_none());
}

#[test]
fn noise_behind_a_header_is_given_up_and_said() {
    let (mut session, mut heard) = (session(), Heard::default());
    let mut need = Need::More;
    for at in 0..=u8::MAX {
        let mut datagram = b"\xc0\0\0\0\x01\x08destinat\0\0\x44\x00".to_vec();
        datagram[6] = at;
        datagram.extend([at; 1024]);
        need = say(&mut session, Direction::Originator, &datagram, &mut heard);
    }
    assert_eq!(need, Need::Nothing);
    assert_eq!(heard.of("quic.limit"), ["more keys than are tried"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_hello_in_any_pieces_in_any_order_over_any_datagrams_is_read_once(
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
        per_datagram in 1usize..6,
        seed in any::<u64>(),
    ) {
        let hello = hello();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(hello.len())).chain([0, hello.len()]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut pieces: Vec<Vec<u8>> = cuts
            .windows(2)
            .map(|pair| crypto(u32::try_from(pair[0]).unwrap(), &hello[pair[0]..pair[1]]))
            .collect();
        let mut state = seed;
        pieces.sort_by_cached_key(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 33
        });
        let (mut session, mut heard) = (session(), Heard::default());
        for frames in pieces.chunks(per_datagram) {
            let datagram = sender(1).initial(true, b"original", b"", &frames.concat(), 0);
            say(&mut session, Direction::Originator, &datagram, &mut heard);
        }
        session.finish(&mut heard);
        prop_assert_eq!(heard.of(NAME).len(), 1);
        prop_assert_eq!(heard.of("tls.ja4").len(), 1);
        prop_assert!(heard.of("tls.ja4")[0].starts_with('q'));
    }
}
