//! Our own readers of DNS messages, hellos and heads against the libraries that read the same: where a library reads
//! something, we read the same. (Where they refuse, see docs/decisions/0003-dns-parser.md.)

use std::net::{Ipv4Addr, Ipv6Addr};

use firstlight_dissect::tls::hello::ClientHello;
use firstlight_dissect::{Chunk, Context, Session, Sink};
use firstlight_model::{Direction, Observation, Value};
use proptest::prelude::*;
use simple_dns::rdata::{A, AAAA, CNAME, RData};
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, ResourceRecord, TYPE};

#[derive(Default)]
struct Heard {
    bindings: Vec<(String, String, String, u32)>,
    look_ups: Vec<(String, u16, Option<String>)>,
    exchanges: Vec<[Option<String>; 4]>,
}

impl Sink for Heard {
    fn observe(&mut self, observation: Observation<'_>) {
        match observation.value {
            Value::Binding(b) => {
                self.bindings.push((b.asked.into(), b.owner.into(), b.address.to_string(), b.ttl_s));
            }
            Value::LookUp(l) => self.look_ups.push((l.name.into(), l.record_type, l.alias.map(Into::into))),
            Value::Exchange(e) => {
                self.exchanges.push([e.method, e.host, e.path, e.user_agent].map(|value| value.map(Into::into)));
            }
            _ => {}
        }
    }
}

fn label() -> impl Strategy<Value = String> {
    "[a-z0-9_-]{1,12}"
}

fn name() -> impl Strategy<Value = String> {
    prop::collection::vec(label(), 1..5).prop_map(|labels| labels.join("."))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// A chain of aliases to some addresses, in any order of records, with names compressed or not.
    #[test]
    fn what_simple_dns_writes_is_read(
        chain in prop::collection::hash_set(name(), 1..6),
        addresses in prop::collection::vec(prop_oneof![any::<u32>().prop_map(Ok), any::<u128>().prop_map(Err)], 0..5),
        ttls in prop::collection::vec(0u32..100_000, 10),
        order in any::<prop::sample::Index>(),
        compressed in any::<bool>(),
    ) {
        let chain: Vec<String> = chain.into_iter().collect();
        let named = |name: &str| Name::new(name).expect("a name").into_owned();
        let mut packet = Packet::new_reply(7);
        packet.set_flags(PacketFlag::RESPONSE);
        let question = Question::new(named(&chain[0]), QTYPE::TYPE(TYPE::A), QCLASS::CLASS(CLASS::IN), false);
        packet.questions.push(question);
        let mut records = Vec::new();
        for (pair, ttl) in chain.windows(2).zip(&ttls) {
            records.push(ResourceRecord::new(named(&pair[0]), CLASS::IN, *ttl, RData::CNAME(CNAME(named(&pair[1])))));
        }
        let way = ttls.iter().take(chain.len() - 1).min().copied().unwrap_or(u32::MAX);
        let end = &chain[chain.len() - 1];
        let mut expected = Vec::new();
        for (address, ttl) in addresses.iter().zip(ttls.iter().rev()) {
            let (data, text) = match address {
                Ok(v4) => (RData::A(A { address: *v4 }), Ipv4Addr::from(*v4).to_string()),
                Err(v6) => (RData::AAAA(AAAA { address: *v6 }), Ipv6Addr::from(*v6).to_string()),
            };
            records.push(ResourceRecord::new(named(end), CLASS::IN, *ttl, data));
            expected.push((chain[0].clone(), end.clone(), text, way.min(*ttl)));
        }
        if !records.is_empty() {
            let by = order.index(records.len());
            records.rotate_left(by);
        }
        packet.answers = records;
        let bytes = if compressed { packet.build_bytes_vec_compressed() } else { packet.build_bytes_vec() };
        let bytes = bytes.expect("a message");

        let mut heard = Heard::default();
        let context = Context { originator_port: 50_000, responder_port: 53, from_start: true };
        Session::datagrams(context).push(Direction::Responder, Chunk::Data(&bytes), &mut heard);
        let alias = (chain.len() > 1).then(|| end.clone());
        prop_assert_eq!(heard.look_ups, vec![(chain[0].clone(), 1, alias)]);
        heard.bindings.sort();
        expected.sort();
        prop_assert_eq!(heard.bindings, expected);
    }

    /// What httparse takes for a request is one to us, with the same fields.
    #[test]
    fn what_httparse_reads_is_read(
        method in prop::sample::select(vec!["GET", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "HEAD"]),
        path in "/[!-~]{0,40}",
        fields in prop::collection::vec(("[A-Za-z-]{1,16}", "[ -~]{0,30}"), 0..8),
        host in "[a-z]{1,10}(\\.[a-z]{1,5}){0,3}",
        agent in "[!-~]([ -~]{0,20}[!-~])?",
        newline in prop::sample::select(vec!["\r\n", "\n"]),
    ) {
        prop_assume!(!path.contains("://"));
        let mut head = format!("{method} {path} HTTP/1.1{newline}Host: {host}{newline}User-Agent:{agent}{newline}");
        for (name, value) in fields.iter().filter(|(name, _)| !["content-length", "transfer-encoding"].contains(&name.to_ascii_lowercase().as_str())) {
            head += &format!("{name}: {value}{newline}");
        }
        head += newline;
        let mut headers = [httparse::EMPTY_HEADER; 16];
        let mut request = httparse::Request::new(&mut headers);
        prop_assume!(request.parse(head.as_bytes()).is_ok_and(|status| status.is_complete()));
        let field = |name: &str| {
            let header = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
            Some(String::from_utf8_lossy(header.value).into_owned())
        };

        let mut heard = Heard::default();
        let mut session = Session::stream(Context { originator_port: 50_000, responder_port: 80, from_start: true });
        session.push(Direction::Originator, Chunk::Data(head.as_bytes()), &mut heard);
        session.finish(&mut heard);
        let expected = [request.method.map(Into::into), field("host"), request.path.map(Into::into), field("user-agent")];
        prop_assert_eq!(heard.exchanges, vec![expected]);
    }
}

#[test]
fn hellos_are_read_as_tls_parser_reads_them() {
    let samples: [&[u8]; 3] = [
        include_bytes!("../samples/tls12-client.bin"),
        include_bytes!("../samples/tls13-client.bin"),
        b"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x01aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb\x00\x00\x04\x00\x2f\x00\x35\x01\x00",
    ];
    for bytes in samples {
        let (_, record) = tls_parser::parse_tls_plaintext(bytes).expect("a record");
        let Some(tls_parser::TlsMessage::Handshake(tls_parser::TlsMessageHandshake::ClientHello(theirs))) =
            record.msg.first()
        else {
            panic!("no hello in {bytes:?}");
        };
        let ours = ClientHello::parse(&bytes[9..]).expect("a hello");
        assert!(!ours.is_cut);
        assert_eq!(ours.legacy_version, theirs.version.0);
        assert_eq!(ours.session_id, theirs.session_id.unwrap_or_default());
        assert!(ours.ciphers().eq(theirs.ciphers.iter().map(|cipher| cipher.0)));
        let extensions = theirs
            .ext
            .map_or(Vec::new(), |ext| tls_parser::parse_tls_client_hello_extensions(ext).expect("extensions").1);
        let types = extensions.iter().map(|extension| tls_parser::TlsExtensionType::from(extension).0);
        let reserved = |kind: u16| firstlight_dissect::tls::hello::is_grease(kind);
        let ours_known: Vec<u16> = ours.extensions().map(|(kind, _)| kind).filter(|&kind| !reserved(kind)).collect();
        let theirs_known: Vec<u16> = types.filter(|&kind| !reserved(kind)).collect();
        assert_eq!(ours_known, theirs_known);
    }
}
