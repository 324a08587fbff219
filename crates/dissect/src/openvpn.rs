//! OpenVPN's control channel over UDP (draft-openvpn-wire-protocol): the client's reset that begins a session, plain, with
//! an HMAC (`tls-auth`) or encrypted (`tls-crypt`), and the server's answer to it.
//!
//! Left out: what follows, and sessions whose beginning is not in the capture: their bytes have no shape.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// 7 and 10 reset by the client, 8 by the server, 4 control, 5 acknowledgement, 6 and 9 data.
pub static OPCODE: Field =
    Field { name: "openvpn.opcode", role: Role::Detail, reference: "draft-openvpn-wire-protocol, packet opcode" };

/// OpenVPN over UDP.
pub static DISSECTOR: Dissector = Dissector {
    name: "openvpn",
    carrier: Carrier::Udp,
    encrypted: Some(true),
    fields: &[&OPCODE],
    samples: &[SAMPLE],
    probe: |_, _, bytes| if is_reset(bytes) { Verdict::Match } else { Verdict::NoMatch },
    open: |_| Box::new(OpenVpn),
};

pub(crate) const CLIENT: &[u8] = b"\x38\xd1\x12\x43\x54\x65\x76\x87\x98\0\0\0\0\0";
pub(crate) const SERVER: &[u8] =
    b"\x40\x11\x22\x33\x44\x55\x66\x77\x88\x01\0\0\0\0\xd1\x12\x43\x54\x65\x76\x87\x98\0\0\0\0";

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 1194, from_start: true },
    pushes: &[(Direction::Originator, CLIENT), (Direction::Responder, SERVER)],
};

/// Lengths of the HMAC of `tls-auth`: MD5, SHA-1, SHA-256, SHA-384, SHA-512.
const HMACS: [usize; 5] = [16, 20, 32, 48, 64];

/// Bytes of opcode and session identifier.
const FRONT_LEN_BYTES: usize = 9;

/// Is this a whole first packet of a client, or a server's plain answer?
pub(crate) fn is_reset(bytes: &[u8]) -> bool {
    let Some((&first, _)) = bytes.split_first() else { return false };
    if !matches!(first, 0x38 | 0x40 | 0x50) {
        return false;
    }
    let Some((front, rest)) = bytes.split_at_checked(FRONT_LEN_BYTES) else { return false };
    if front.get(1..).is_some_and(|session| session.iter().all(|&byte| byte == 0)) {
        return false;
    }
    if first == 0x40 {
        // One packet is acknowledged, whose number is 0, by the other side's session; then this packet's number.
        return rest.len() == 17 && rest.starts_with(&[1, 0, 0, 0, 0]) && rest.ends_with(&[0; 4]);
    }
    // Nothing to acknowledge, and packet number 0.
    if rest == [0; 5] {
        return true;
    }
    let is_first_packet = |at: usize| {
        rest.get(at..at + 8).is_some_and(|stamp| {
            // Packet number 1, and a time after 2001.
            stamp.starts_with(&[0, 0, 0, 1]) && stamp.get(4).is_some_and(|&high| high >= 0x3b)
        })
    };
    let is_authenticated =
        rest.ends_with(&[0; 5]) && HMACS.iter().any(|&len| rest.len() == len + 8 + 5 && is_first_packet(len));
    // The key of the second version of `tls-crypt` follows what is encrypted.
    let is_encrypted =
        is_first_packet(0) && (rest.len() == 8 + 32 + 5 || (first == 0x50 && (200..1400).contains(&rest.len())));
    is_authenticated || is_encrypted
}

struct OpenVpn;

impl Dissect for OpenVpn {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(&[first, ..]) = chunk else { return Need::More };
        let opcode = first >> 3;
        sink.observe(Observation { field: &OPCODE, direction, value: Value::Number(opcode.into()) });
        // Data: the tunnel stands.
        if matches!(opcode, 6 | 9) { Need::Nothing } else { Need::More }
    }
}
