//! Makes the samples of QUIC, so that nobody has to trust them: the files in the folder are what this makes.

use std::path::Path;

use super::header::{ConnectionId, Scheme, Version};
use super::keys::Keys;

/// Messages of the handshake in TLS records of type 22.
pub fn messages(records: &[u8]) -> Vec<u8> {
    let mut rest = records;
    let mut messages = Vec::new();
    while let [kind, _, _, high, low, after @ ..] = rest {
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        if *kind == 22 {
            messages.extend_from_slice(&after[..len]);
        }
        rest = &after[len..];
    }
    messages
}

pub fn crypto(offset: u32, bytes: &[u8]) -> Vec<u8> {
    let mut frame = vec![6];
    frame.extend((offset | 0x8000_0000).to_be_bytes());
    frame.extend((u16::try_from(bytes.len()).unwrap() | 0x4000).to_be_bytes());
    frame.extend_from_slice(bytes);
    frame
}

pub struct Sender {
    pub version: Version,
    pub scheme: Scheme,
    /// What the keys are made from.
    pub keys_from: &'static [u8],
}

impl Sender {
    /// An Initial with these frames, padded to `len`.
    pub fn initial(&self, is_client: bool, destination: &[u8], token: &[u8], frames: &[u8], len: usize) -> Vec<u8> {
        let keys = Keys::new(&self.scheme, self.keys_from);
        let kind = if matches!(self.version.0, 0x6b33_43cf) { 1 } else { 0 };
        let mut header = vec![0xc0 | kind << 4 | 1];
        header.extend(self.version.0.to_be_bytes());
        header.push(u8::try_from(destination.len()).unwrap());
        header.extend_from_slice(destination);
        header.extend_from_slice(b"\x04from");
        header.push(u8::try_from(token.len()).unwrap());
        header.extend_from_slice(token);
        let mut content = frames.to_vec();
        let overhead = header.len() + 4 + 16;
        content.resize(content.len().max(len.saturating_sub(overhead)).max(4), 0);
        header.extend((u16::try_from(content.len() + 18).unwrap() | 0x4000).to_be_bytes());
        header.extend([0, 7]);
        let key = if is_client { keys.client } else { keys.server };
        key.seal(&header, &content)
    }
}

/// A hello with these extensions.
fn hello(extensions: &[(u16, &[u8])]) -> Vec<u8> {
    let mut list = Vec::new();
    for (kind, content) in extensions {
        list.extend(kind.to_be_bytes());
        list.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
        list.extend_from_slice(content);
    }
    let mut body = b"\x03\x03".to_vec();
    body.extend([0x5a; 32]);
    body.extend(b"\0\0\x02\x13\x01\x01\0");
    body.extend(u16::try_from(list.len()).unwrap().to_be_bytes());
    body.extend(list);
    let mut message = vec![1, 0];
    message.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    message.extend(body);
    message
}

fn sender(version: u32, keys_from: &'static [u8]) -> Sender {
    let version = Version(version);
    Sender { version, scheme: version.schemes()[0], keys_from }
}

fn made() -> Vec<(&'static str, Vec<u8>)> {
    let client = messages(include_bytes!("../../samples/tls13-client.bin"));
    let client_len = 4 + usize::from(u16::from_be_bytes([client[2], client[3]]));
    let client = &client[..client_len];
    let server = messages(include_bytes!("../../samples/tls13-server.bin"));
    let (first, second) = client.split_at(client_len / 2);
    let second_at = u32::try_from(first.len()).unwrap();
    let before = sender(1, b"original");
    let after = sender(1, b"retried!");
    let mut first_half = after.initial(true, b"retried!", b"token", &crypto(0, first), 0);
    first_half.extend(b"\xd0\0\0\0\x01\x08retried!\x04from\x18");
    first_half.extend([0x33; 24]);
    let mut of_server = b"\x02\x07\0\0\0".to_vec();
    of_server.extend(crypto(0, &server));
    of_server.extend(b"\x1c\x41\x28\x06\0");
    let reserved = sender(0x1a2a_3a4a, b"greased!");
    let second_version = sender(0x6b33_43cf, b"version2");
    let with_agent = hello(&[(16, b"\0\x03\x02h3"), (57, b"\x01\x01\x05\x71\x29\x0bExample/1.0")]);
    let mut given_up = crypto(0, &with_agent);
    given_up.extend(b"\x1c\x0a\0\0");
    let broken = messages(include_bytes!("../../samples/tls-esni-client.bin"));
    let mut broken = crypto(0, &broken[..broken.len() - 3]);
    broken.extend(crypto(0x0010_0000, b"far"));
    broken.push(0x1e);
    vec![
        ("quic-first", before.initial(true, b"original", b"", &crypto(0, first), 0)),
        ("quic-retry", b"\xf0\0\0\0\x01\x04from\x08retried!tokentagtagtagtagtag".to_vec()),
        ("quic-second-half", after.initial(true, b"retried!", b"token", &crypto(second_at, second), 0)),
        ("quic-first-half", first_half),
        ("quic-server", after.initial(false, b"from", b"", &of_server, 0)),
        ("quic-reserved", reserved.initial(true, b"greased!", b"", b"\x01", 1200)),
        ("quic-v2", second_version.initial(true, b"version2", b"", &given_up, 0)),
        ("quic-broken", sender(0xff00_001d, b"drafting").initial(true, b"drafting", b"", &broken, 0)),
    ]
}

#[test]
fn samples_are_what_is_made_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    for (name, bytes) in made() {
        let path = folder.join(name).with_extension("bin");
        if std::env::var_os("FIRSTLIGHT_MAKE_SAMPLES").is_some() {
            std::fs::write(&path, &bytes).expect("a sample is written");
        }
        assert!(std::fs::read(&path).is_ok_and(|kept| kept == bytes), "{name}: set FIRSTLIGHT_MAKE_SAMPLES to make it");
    }
}

/// RFC 9001 s. A.1.
#[test]
fn keys_are_those_of_the_standard() {
    let keys = Keys::new(&Version(1).schemes()[0], b"\x83\x94\xc8\xf0\x3e\x51\x57\x08");
    let text = format!("{keys:x?}").replace(", ", " ");
    assert!(text.contains("key: [1f 36 96 13 dd 76 d5 46 77 30 ef cb e3 b1 a2 2d]"), "{text}");
    assert!(text.contains("vector: [fa 4 4b 2f 42 a3 fd 3b 46 fb 25 5c]"), "{text}");
    assert!(text.contains("header: [9f 50 44 9e 4 a0 e8 10 28 3a 1e 99 33 ad ed d2]"), "{text}");
    assert!(text.contains("key: [cf 3a 53 31 65 3c 36 4c 88 f0 f3 79 b6 6 7e 37]"), "{text}");
    assert!(ConnectionId::new(&[0; 21]).is_none());
}
