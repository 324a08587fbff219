//! The beginning of Remote Desktop (MS-RDPBCGR s. 2.2.1.1 and 2.2.1.2) in TPKT (RFC 1006 s. 6) and X.224 (ISO 8073):
//! who connects, and which security the two agree on. What follows is mostly TLS, which is read as such.
//!
//! ```text
//! | 3 | 0 | length 16 | X.224 length 8 | type 8 | reference 16 | reference 16 | class 8 | cookie | type 8 | flags 8 | 8 0 | protocols 32 LE |
//! ```
//!
//! Left out: what follows without TLS.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::limits::RDP_REQUEST_LEN_BYTES;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Cookie of the request: `mstshash=` and a user's name, shortened, or where a balancer sends the connection.
pub static COOKIE: Field = Field { name: "rdp.rt_cookie", role: Role::Detail, reference: "MS-RDPBCGR s. 2.2.1.1" };
/// Securities that the client can use, as bits: 1 TLS, 2 CredSSP, 8 CredSSP with early authorisation, 16 Azure AD.
pub static REQUESTED: Field =
    Field { name: "rdp.neg_req.requestedprotocols", role: Role::Detail, reference: "MS-RDPBCGR s. 2.2.1.1.1" };
/// The security that the server chose.
pub static SELECTED: Field =
    Field { name: "rdp.neg_req.selectedprotocol", role: Role::Detail, reference: "MS-RDPBCGR s. 2.2.1.2.1" };
/// The server refuses.
pub static FAILURE: Field =
    Field { name: "rdp.neg_failure.failurecode", role: Role::Anomaly, reference: "MS-RDPBCGR s. 2.2.1.2.2" };

/// Remote Desktop.
pub static DISSECTOR: Dissector = Dissector {
    name: "rdp",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&COOKIE, &REQUESTED, &SELECTED, &FAILURE],
    samples: &[SAMPLE, SAMPLE_REFUSED],
    probe,
    open: |_| Box::new(Rdp::default()),
};

const CONTEXT: Context = Context { originator_port: 50_000, responder_port: 3389, from_start: true };

const REQUEST: &[u8] = b"\x03\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: mstshash=alice\r\n\x01\0\x08\0\x03\0\0\0";

/// Security of RDP's own is agreed on.
const SAMPLE: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, REQUEST),
        (Direction::Responder, b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\0\x08\0\0\0\0\0"),
    ],
};

/// The server wants CredSSP.
const SAMPLE_REFUSED: Sample = Sample {
    context: CONTEXT,
    pushes: &[
        (Direction::Originator, REQUEST),
        (Direction::Responder, b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x03\0\x08\0\x05\0\0\0"),
    ],
};

/// TPKT and X.224 up to the class.
const HEADER_LEN: usize = 11;

const REQUEST_TYPE: u8 = 0xe0;
const CONFIRM_TYPE: u8 = 0xd0;

/// Length of the packet at the beginning; `Err` when none of this type and with fitting lengths begins here.
fn packet_len(bytes: &[u8], wanted_type: u8) -> Result<Option<usize>, ()> {
    let byte = |at: usize| bytes.get(at).copied();
    let is_tpkt = byte(0).is_none_or(|byte| byte == 3) && byte(1).is_none_or(|byte| byte == 0);
    let has_type = byte(5).is_none_or(|kind| kind == wanted_type);
    let has_class = byte(10).is_none_or(|class| class == 0);
    if !is_tpkt || !has_type || !has_class {
        return Err(());
    }
    let (Some(high), Some(low)) = (byte(2), byte(3)) else { return Ok(None) };
    let len = usize::from(u16::from_be_bytes([high, low]));
    let fits = (HEADER_LEN..=RDP_REQUEST_LEN_BYTES).contains(&len)
        && byte(4).is_none_or(|x224_len| usize::from(x224_len) + 5 == len);
    if fits { Ok(Some(len)) } else { Err(()) }
}

/// S7 and others connect by TPKT and X.224 too, with parameters (0xc0 and on) where Remote Desktop has its request.
fn probe(_: &Context, direction: Direction, bytes: &[u8]) -> Verdict {
    if direction == Direction::Responder {
        return Verdict::NoMatch;
    }
    let len = match packet_len(bytes, REQUEST_TYPE) {
        Err(()) => return Verdict::NoMatch,
        Ok(None) => return Verdict::NeedMore,
        Ok(Some(len)) => len,
    };
    let Some(packet) = bytes.get(..len) else { return Verdict::NeedMore };
    let content = packet.get(HEADER_LEN..).unwrap_or_default();
    if content.starts_with(b"Cookie: ") || negotiation(content, 1).is_some() {
        Verdict::Match
    } else {
        Verdict::NoMatch
    }
}

/// The value of the negotiation block at the end, when it is of this type.
fn negotiation(content: &[u8], wanted_type: u8) -> Option<u32> {
    let block = content.last_chunk::<8>()?;
    let [kind, _flags, 8, 0, a, b, c, d] = *block else { return None };
    (kind == wanted_type).then(|| u32::from_le_bytes([a, b, c, d]))
}

#[derive(Default)]
struct Rdp {
    request: Kept,
    answer: Kept,
    /// Bytes behind the answer, once TLS is agreed on.
    tunnel: Option<usize>,
}

#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    is_read: bool,
}

impl Dissect for Rdp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::Nothing };
        let (kept, wanted_type) = match direction {
            Direction::Originator => (&mut self.request, REQUEST_TYPE),
            Direction::Responder => (&mut self.answer, CONFIRM_TYPE),
        };
        if kept.is_read {
            // The client speaks on before the server has answered: nothing was agreed on.
            return Need::More;
        }
        let missing = RDP_REQUEST_LEN_BYTES.saturating_sub(kept.bytes.len());
        let before = kept.bytes.len();
        kept.bytes.extend_from_slice(bytes.get(..missing).unwrap_or(bytes));
        let len = match packet_len(&kept.bytes, wanted_type) {
            Err(()) => return Need::Nothing,
            Ok(None) => return Need::More,
            Ok(Some(len)) => len,
        };
        let Some(packet) = kept.bytes.get(..len) else { return Need::More };
        let content = packet.get(HEADER_LEN..).unwrap_or_default();
        let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
        kept.is_read = true;
        if direction == Direction::Originator {
            let cookie = content.strip_prefix(b"Cookie: ").and_then(|rest| rest.split(|byte| *byte == b'\r').next());
            if let Some(cookie) = cookie {
                say(&COOKIE, Value::Text(&String::from_utf8_lossy(cookie)));
            }
            if let Some(protocols) = negotiation(content, 1) {
                say(&REQUESTED, Value::Number(protocols.into()));
            }
            return Need::More;
        }
        if let Some(protocol) = negotiation(content, 2) {
            say(&SELECTED, Value::Number(protocol.into()));
            if protocol != 0 {
                self.tunnel = Some(bytes.len().saturating_sub(len.saturating_sub(before)));
            }
        } else if let Some(code) = negotiation(content, 3) {
            say(&FAILURE, Value::Text(failure_text(code)));
        }
        Need::Nothing
    }

    fn tunnel_begins(&self) -> Option<usize> {
        self.tunnel
    }
}

fn failure_text(code: u32) -> &'static str {
    match code {
        1 => "the server requires TLS",
        2 => "the server does not allow TLS",
        3 => "the server has no certificate for TLS",
        4 => "the protocols that were asked for do not fit together",
        5 => "the server requires CredSSP",
        6 => "the server requires TLS with a certificate of the client",
        _ => "the server refuses",
    }
}
