//! QUIC version 1 (RFC 9000, RFC 9001), 2 (RFC 9369), the drafts from the 22nd on, and Google's before them: the hellos
//! in Initial packets, whose keys whoever sees the client's first packet can make.
//!
//! ```text
//! datagram: Initial | 0-RTT | Handshake | … , each with its length        Initial: CRYPTO frames: the messages of TLS
//! ```
//!
//! Left out: all that is sealed with keys of the handshake, and flows whose first packets are not in the capture: those
//! look like noise, on purpose. Also a connection that moves to another address, for the same reason.

mod frames;
mod google;
mod header;
mod keys;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::limits::{QUIC_CRYPTO_LEN_BYTES, QUIC_DATAGRAMS, QUIC_DATAGRAMS_AFTER_HELLO, QUIC_KEYS};
use crate::pieces::Pieces;
use crate::reader::Reader;
use crate::tls::fingerprint::Carried;
use crate::tls::handshake::{Handshake, Whole, kind};
use crate::tls::hello::ClientHello;
use crate::tls::words::alert_description;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict, tls};
use frames::{Frame, Frames};
use header::{ConnectionId, Kind, LongPacket, Scheme, Version, negotiation, varint};
use keys::Keys;

/// Version: that of the server's packets, or else the one that the client tries.
pub static VERSION: Field = Field { name: "quic.version", role: Role::Version, reference: "RFC 9000 s. 15" };
/// Destination connection identifier of the client's first packet, in hexadecimal digits.
pub static DESTINATION: Field = Field { name: "quic.dcid", role: Role::Detail, reference: "RFC 9000 s. 7.2" };
/// Source connection identifier of the first packet of each side, likewise.
pub static SOURCE: Field = Field { name: "quic.scid", role: Role::Detail, reference: "RFC 9000 s. 7.2" };
/// Versions that a server offers to a client that tried another one.
pub static NEGOTIATION: Field =
    Field { name: "quic.version_negotiation", role: Role::Detail, reference: "RFC 9000 s. 6" };
/// The server asks for another Initial with its token, to see that the address is the client's.
pub static RETRY: Field = Field { name: "quic.retry", role: Role::Detail, reference: "RFC 9000 s. 17.2.5" };
/// The client sends data with its first flight.
pub static ZERO_RTT: Field = Field { name: "quic.zero_rtt", role: Role::Detail, reference: "RFC 9001 s. 4.6" };
/// A connection that was given up before it was made.
pub static CLOSE: Field = Field { name: "quic.connection_close", role: Role::Anomaly, reference: "RFC 9000 s. 20" };
/// Server name in the hello of Google's QUIC.
pub static CHLO_SNI: Field =
    Field { name: "quic.tag.sni", role: Role::ServerName, reference: "Google, QUIC Crypto, tag SNI" };
/// User agent in the hello of Google's QUIC.
pub static CHLO_UAID: Field =
    Field { name: "quic.tag.uaid", role: Role::Software, reference: "Google, QUIC Crypto, tag UAID" };
/// User agent in a transport parameter of Google's clients.
pub static USER_AGENT: Field = Field {
    name: "quic.parameter.google.user_agent_id",
    role: Role::Software,
    reference: "Google, transport parameter 0x3129",
};
/// Content that no Initial packet may have.
pub static MALFORMED: Field = Field { name: "quic.malformed", role: Role::Anomaly, reference: "RFC 9000 s. 12.4" };
/// More than is kept.
pub static LIMIT: Field = Field { name: "quic.limit", role: Role::Anomaly, reference: "Firstlight, limits" };

/// QUIC.
pub static DISSECTOR: Dissector = Dissector {
    name: "quic",
    carrier: Carrier::Udp,
    encrypted: Some(true),
    fields: &[
        &VERSION,
        &DESTINATION,
        &SOURCE,
        &NEGOTIATION,
        &RETRY,
        &ZERO_RTT,
        &CLOSE,
        &CHLO_SNI,
        &CHLO_UAID,
        &USER_AGENT,
        &MALFORMED,
        &LIMIT,
        &tls::SERVER_NAME,
        &tls::ALPN,
        &tls::VERSION,
        &tls::OFFERED,
        &tls::CIPHER,
        &tls::GROUP,
        &tls::JA3,
        &tls::JA3_RAW,
        &tls::JA3S,
        &tls::JA3S_RAW,
        &tls::JA4,
        &tls::JA4_RAW,
        &tls::ECH,
        &tls::ECH_KIND,
        &tls::ECH_CONFIG,
        &tls::ESNI,
        &tls::RETRY,
        &tls::RESUMED,
        &tls::MALFORMED,
    ],
    samples: &[SAMPLE_RETRY, SAMPLE_NEGOTIATION, SAMPLE_BROKEN, SAMPLE_GOOGLE, SAMPLE_GOOGLE_LONG],
    probe,
    open: |_| Box::new(Quic::default()),
};

const CONTEXT: Context = Context { originator_port: 50_000, responder_port: 443, from_start: true };

/// Version 1: a Retry, then a hello over two datagrams, the second half first, with 0-RTT behind; two hellos of the
/// server; the client gives up.
const SAMPLE_RETRY: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, include_bytes!("../samples/quic-first.bin")),
        (Direction::Responder, include_bytes!("../samples/quic-retry.bin")),
        (Direction::Originator, include_bytes!("../samples/quic-second-half.bin")),
        (Direction::Originator, include_bytes!("../samples/quic-first-half.bin")),
        (Direction::Responder, include_bytes!("../samples/quic-server.bin")),
    ],
};

/// A reserved version, Version Negotiation, then version 2 with a user agent, given up.
const SAMPLE_NEGOTIATION: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, include_bytes!("../samples/quic-reserved.bin")),
        (Direction::Responder, b"\x80\0\0\0\0\0\x08greased!\0\0\0\x01\x6b\x33\x43\xcf\x3a\x2a\x1a\x0a"),
        (Direction::Originator, include_bytes!("../samples/quic-v2.bin")),
    ],
};

/// Draft 29: a hello of which the end is missing, a piece far beyond, a frame that cannot be there.
const SAMPLE_BROKEN: Sample =
    Sample { context: CONTEXT, pushes: &[(Direction::Originator, include_bytes!("../samples/quic-broken.bin"))] };

/// Q043.
const SAMPLE_GOOGLE: Sample = Sample {
    context: CONTEXT,
    pushes: &[(
        Direction::Originator,
        b"\x09\x01\x02\x03\x04\x05\x06\x07\x08Q043\x01\0\0\0\0\0\0\0\0\0\0\0\0\xa0\x01\0\x3dCHLO\x02\0\0\0\
          SNI\0\x0b\0\0\0UAID\x19\0\0\0example.orgExample/1.0 Sy",
    )],
};

/// Q046.
const SAMPLE_GOOGLE_LONG: Sample = Sample {
    context: CONTEXT,
    pushes: &[(
        Direction::Originator,
        b"\xc3Q046\x50\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\xa0\x01\0\x22CHLO\x01\0\0\0\
          SNI\0\x0b\0\0\0example.org",
    )],
};

/// Smallest datagram with an Initial of a client (RFC 9000 s. 14.1).
const MIN_INITIAL_DATAGRAM_LEN: usize = 1200;

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let is_quic = match *bytes {
        [0x80..=0xff, 0, 0, 0, 0, ..] => negotiation(bytes).is_some_and(|mut versions| versions.any(Version::is_known)),
        [first @ 0x80..=0xff, a, b, c, d, ..] => {
            let version = Version(u32::from_be_bytes([a, b, c, d]));
            match LongPacket::parse(bytes) {
                _ if !version.is_known() => false,
                None => google::long_version(bytes).is_some(),
                // A version that is made up needs all else to be right.
                Some((packet, _)) if version.is_reserved() => {
                    packet.kind == Kind::Initial && first & 0x40 != 0 && bytes.len() >= MIN_INITIAL_DATAGRAM_LEN
                }
                Some(_) => first & 0x40 != 0,
            }
        }
        _ => google::public_version(bytes).is_some(),
    };
    if is_quic { Verdict::Match } else { Verdict::NoMatch }
}

struct Quic {
    handshake: Handshake,
    connection: Option<Box<Connection>>,
    /// The version of the first packet, until one is said.
    tried: Option<(Direction, Version)>,
    version_said: bool,
    /// Of the client, of the server.
    identifiers_said: [bool; 2],
    zero_rtt_said: bool,
    limit_said: bool,
    /// A hello of Google's own was read.
    chlo_seen: bool,
    datagrams_left: u8,
    keys_left: u8,
}

/// What is known since a client's Initial was opened.
struct Connection {
    version: Version,
    scheme: Scheme,
    /// What the keys were made from.
    destination: ConnectionId,
    keys: Keys,
    client: Direction,
    of_client: Messages,
    of_server: Messages,
}

/// The handshake messages of one side.
struct Messages {
    pieces: Pieces,
    /// Bytes of it that were read.
    read_len: usize,
    is_over: bool,
}

impl Messages {
    fn held_len(&self) -> usize {
        self.pieces.held_len()
    }
}

impl Default for Messages {
    fn default() -> Self {
        Self { pieces: Pieces::new(QUIC_CRYPTO_LEN_BYTES), read_len: 0, is_over: false }
    }
}

impl Default for Quic {
    fn default() -> Self {
        Self {
            handshake: Handshake::new(Carried::Quic),
            connection: None,
            tried: None,
            version_said: false,
            identifiers_said: [false; 2],
            zero_rtt_said: false,
            limit_said: false,
            chlo_seen: false,
            datagrams_left: QUIC_DATAGRAMS,
            keys_left: QUIC_KEYS,
        }
    }
}

impl Dissect for Quic {
    fn held_len(&self) -> usize {
        let of = |connection: &Connection| connection.of_client.held_len() + connection.of_server.held_len();
        self.connection.as_deref().map_or(0, of)
    }

    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(datagram) = chunk else { return Need::More };
        self.datagram(direction, datagram, sink);
        self.datagrams_left = self.datagrams_left.saturating_sub(1);
        let has_hello = self.handshake.has_client_hello() || self.chlo_seen;
        if has_hello {
            self.datagrams_left = self.datagrams_left.min(QUIC_DATAGRAMS_AFTER_HELLO);
        }
        let has_answer = self.handshake.has_server_hello() || self.chlo_seen;
        if self.datagrams_left > 0 && !(has_hello && has_answer && (self.version_said || self.chlo_seen)) {
            return Need::More;
        }
        self.finish(sink);
        Need::Nothing
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        if let Some((direction, version)) = self.tried.filter(|_| !self.version_said) {
            self.say_version(direction, version, sink);
        }
        // Half a hello is better than none.
        let handshake = &mut self.handshake;
        if let Some(connection) = self.connection.take().filter(|_| !handshake.has_client_hello()) {
            let rest = connection.of_client.pieces.whole().get(connection.of_client.read_len..).unwrap_or_default();
            if let [kind::CLIENT_HELLO, _, _, _, ref body @ ..] = *rest
                && !body.is_empty()
            {
                say_user_agent(body, connection.client, sink);
                handshake.message(connection.client, kind::CLIENT_HELLO, body, Whole::Cut, sink);
            }
        }
    }
}

impl Quic {
    fn datagram(&mut self, direction: Direction, datagram: &[u8], sink: &mut dyn Sink) {
        if let Some(versions) = negotiation(datagram) {
            let versions: Vec<String> = versions.filter(|version| !version.is_reserved()).map(Version::text).collect();
            say(&NEGOTIATION, direction, Value::Text(&versions.join(", ")), sink);
            // The connection begins anew, in another version.
            self.tried = None;
            return;
        }
        if let Some(version) = google::public_version(datagram).or_else(|| google::long_version(datagram)) {
            self.tried.get_or_insert((direction, version));
            if !self.chlo_seen {
                self.chlo(direction, datagram, sink);
            }
            return;
        }
        let mut rest = datagram;
        while let Some((packet, after)) = LongPacket::parse(rest) {
            rest = after;
            self.packet(direction, &packet, sink);
        }
    }

    fn packet(&mut self, direction: Direction, packet: &LongPacket<'_>, sink: &mut dyn Sink) {
        let is_client =
            self.connection.as_ref().map_or(direction == Direction::Originator, |known| known.client == direction);
        if is_client {
            self.tried.get_or_insert((direction, packet.version));
        } else if !self.version_said {
            self.say_version(direction, packet.version, sink);
        }
        self.say_identifiers(is_client, direction, packet, sink);
        match packet.kind {
            Kind::Initial => self.initial(direction, packet, sink),
            Kind::ZeroRtt if !self.zero_rtt_said => {
                self.zero_rtt_said = true;
                say(&ZERO_RTT, direction, Value::Number(1), sink);
            }
            Kind::Retry => say(&RETRY, direction, Value::Number(1), sink),
            Kind::ZeroRtt | Kind::Handshake => {}
        }
    }

    fn say_identifiers(&mut self, is_client: bool, direction: Direction, packet: &LongPacket<'_>, sink: &mut dyn Sink) {
        let [of_client, of_server] = &mut self.identifiers_said;
        let said = if is_client { of_client } else { of_server };
        if !std::mem::replace(said, true) {
            if is_client {
                say(&DESTINATION, direction, Value::Text(&packet.destination.hex()), sink);
            }
            say(&SOURCE, direction, Value::Text(&packet.source.hex()), sink);
        }
    }

    fn initial(&mut self, direction: Direction, packet: &LongPacket<'_>, sink: &mut dyn Sink) {
        let mut content = Vec::new();
        if !self.open(direction, packet, &mut content, sink) {
            return;
        }
        let Some(connection) = self.connection.as_mut() else { return };
        let is_client = connection.client == direction;
        let is_google = connection.scheme.is_google;
        let messages = if is_client { &mut connection.of_client } else { &mut connection.of_server };
        let mut is_limited = false;
        for frame in Frames::new(&content, is_google) {
            match frame {
                Ok(Frame::Crypto { offset, bytes } | Frame::Cut { offset, bytes }) => {
                    is_limited |= !messages.is_over && !messages.pieces.add(offset, bytes);
                }
                Ok(Frame::Close { code }) => say_close(code, direction, sink),
                Err(()) if packet.is_cut => {}
                Err(()) => {
                    let value = Value::Text("an Initial packet with a frame that it cannot have");
                    say(&MALFORMED, direction, value, sink);
                }
            }
        }
        if is_client && is_google && !self.chlo_seen && messages.pieces.whole().starts_with(b"CHLO") {
            let hello = messages.pieces.whole().to_vec();
            self.chlo(direction, &hello, sink);
            return;
        }
        is_limited |= read_messages(&mut self.handshake, messages, is_client, direction, sink);
        if is_limited {
            self.say_limit(direction, "a handshake is longer than is read", sink);
        }
    }

    /// Lays the content of an Initial into `content`, with the keys at hand or with new ones.
    fn open(
        &mut self,
        direction: Direction,
        packet: &LongPacket<'_>,
        content: &mut Vec<u8>,
        sink: &mut dyn Sink,
    ) -> bool {
        let mut known = None;
        if let Some(connection) = &mut self.connection {
            let is_client = connection.client == direction;
            let key = |keys: &Keys| if is_client { keys.client } else { keys.server };
            let is_same = connection.version == packet.version;
            if is_same && key(&connection.keys).open(packet, content) {
                return true;
            }
            // A server may go on in another version that the client can speak (RFC 9368 s. 2.3): the keys of that one
            // are made from the same identifier.
            if !is_same {
                for scheme in packet.version.schemes() {
                    if self.keys_left == 0 {
                        break;
                    }
                    self.keys_left -= 1;
                    let keys = Keys::new(scheme, connection.destination.as_bytes());
                    if key(&keys).open(packet, content) && is_plausible(packet, content, *scheme) {
                        (connection.version, connection.scheme, connection.keys) = (packet.version, *scheme, keys);
                        return true;
                    }
                }
            }
            known = Some((connection.version, connection.destination));
        }
        // The client's first identifier has at least eight bytes (RFC 9000 s. 7.2).
        if packet.destination.as_bytes().len() < 8 || known == Some((packet.version, packet.destination)) {
            return false;
        }
        for scheme in packet.version.schemes() {
            if self.keys_left == 0 {
                self.say_limit(direction, "more keys than are tried", sink);
                return false;
            }
            self.keys_left -= 1;
            let keys = Keys::new(scheme, packet.destination.as_bytes());
            if keys.client.open(packet, content) && is_plausible(packet, content, *scheme) {
                self.connection = Some(Box::new(Connection {
                    version: packet.version,
                    scheme: *scheme,
                    destination: packet.destination,
                    keys,
                    client: direction,
                    of_client: Messages::default(),
                    of_server: Messages::default(),
                }));
                return true;
            }
        }
        false
    }

    fn chlo(&mut self, direction: Direction, bytes: &[u8], sink: &mut dyn Sink) {
        let Some(chlo) = google::chlo(bytes) else { return };
        self.chlo_seen = true;
        if let Some(name) = chlo.server_name {
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            say(&CHLO_SNI, direction, Value::Text(&name), sink);
        }
        if let Some(agent) = chlo.user_agent {
            say(&CHLO_UAID, direction, Value::Text(&String::from_utf8_lossy(agent)), sink);
        }
    }

    fn say_version(&mut self, direction: Direction, version: Version, sink: &mut dyn Sink) {
        self.version_said = true;
        say(&VERSION, direction, Value::Text(&version.text()), sink);
    }

    fn say_limit(&mut self, direction: Direction, text: &str, sink: &mut dyn Sink) {
        if !self.limit_said {
            self.limit_said = true;
            say(&LIMIT, direction, Value::Text(text), sink);
        }
    }
}

/// A packet that lost its tag says only by its content that the keys were right: a hello begins in it.
fn is_plausible(packet: &LongPacket<'_>, content: &[u8], scheme: Scheme) -> bool {
    let begins_hello = |frame| match frame {
        Ok(Frame::Crypto { offset: 0, bytes } | Frame::Cut { offset: 0, bytes }) => {
            matches!(bytes.first(), Some(&(kind::CLIENT_HELLO | kind::SERVER_HELLO | b'C')))
        }
        _ => false,
    };
    !packet.is_cut || Frames::new(content, scheme.is_google).any(begins_hello)
}

/// Reads the messages that are whole now; true when one is longer than is kept.
fn read_messages(
    handshake: &mut Handshake,
    messages: &mut Messages,
    is_client: bool,
    direction: Direction,
    sink: &mut dyn Sink,
) -> bool {
    while let Some([message, a, b, c, rest @ ..]) = messages.pieces.whole().get(messages.read_len..)
        && !messages.is_over
    {
        let len = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        if messages.read_len + 4 + len > QUIC_CRYPTO_LEN_BYTES {
            messages.is_over = true;
            return true;
        }
        let Some(body) = rest.get(..len) else { break };
        match *message {
            kind::CLIENT_HELLO if is_client => {
                if !handshake.has_client_hello() {
                    say_user_agent(body, direction, sink);
                }
                handshake.message(direction, *message, body, Whole::Whole, sink);
            }
            kind::SERVER_HELLO if !is_client && !handshake.has_server_hello() => {
                handshake.message(direction, *message, body, Whole::Whole, sink);
            }
            _ => {}
        }
        messages.read_len += 4 + len;
    }
    false
}

/// The user agent among the transport parameters: `| id varint | length varint | value |` each (RFC 9000 s. 18).
fn say_user_agent(body: &[u8], direction: Direction, sink: &mut dyn Sink) {
    const USER_AGENT_ID: u64 = 0x3129;
    let parameters = ClientHello::parse(body).and_then(|hello| hello.quic_parameters());
    let mut reader = Reader(parameters.unwrap_or_default());
    while let (Some(id), Some(len)) = (varint(&mut reader), varint(&mut reader)) {
        let Some(value) = usize::try_from(len).ok().and_then(|len| reader.take(len)) else { return };
        if id == USER_AGENT_ID && !value.is_empty() {
            say(&USER_AGENT, direction, Value::Text(&String::from_utf8_lossy(value)), sink);
            return;
        }
    }
}

/// That nothing is wrong, or that the application ends, is no fault.
fn say_close(code: u64, direction: Direction, sink: &mut dyn Sink) {
    let text = match code {
        0 | 0x0c => return,
        1 => "internal error".to_owned(),
        2 => "connection refused".to_owned(),
        8 => "transport parameter error".to_owned(),
        0x0a => "protocol violation".to_owned(),
        0x0b => "invalid token".to_owned(),
        0x11 => "version negotiation error".to_owned(),
        0x100..=0x1ff => {
            let alert = u8::try_from(code & 0xff).ok();
            let text = alert.and_then(alert_description);
            text.map_or_else(|| format!("alert {}", code & 0xff), |text| format!("alert: {text}"))
        }
        _ => format!("error {code:#x}"),
    };
    say(&CLOSE, direction, Value::Text(&text), sink);
}

fn say(field: &'static Field, direction: Direction, value: Value<'_>, sink: &mut dyn Sink) {
    sink.observe(Observation { field, direction, value });
}
