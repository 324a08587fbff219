//! Server Message Block over TCP, of all versions (MS-CIFS, MS-SMB, MS-SMB2), direct or in NetBIOS sessions (RFC 1002):
//! dialect, the server that is asked for, also in a ticket of Kerberos, and what NTLM and the older session setup tell of both
//! sides.
//!
//! ```text
//! | type 8: 0 message, 0x81 session request | length 24 | 0xff "SMB" (1), 0xfe "SMB" (2, 3) or 0xfd "SMB" (encrypted) | …
//! ```
//!
//! Left out: users, files; commands that are chained; the rest of Kerberos tickets.

mod session;
mod version1;
mod version2;

use firstlight_model::{Direction, Field, Role};

use crate::kerberos::message::host_of_ticket;
use crate::lines::Next;
use crate::messages::{ByMessage, Messages};
use crate::words::{host, say_host, say_text};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict, ntlmssp};

/// Dialect that was agreed on, for example `SMB 3.1.1`.
pub static VERSION: Field = Field { name: "smb.dialect", role: Role::Version, reference: "MS-SMB2 s. 2.2.4" };
/// Server that the client names: in the path of a share, in a ticket, or in a NetBIOS session.
pub static SERVER: Field = Field { name: "smb.server", role: Role::ServerName, reference: "MS-SMB2 s. 2.2.9" };
/// Name by which a side calls itself: in NTLM, in the session setup, in a NetBIOS session.
pub static HOST: Field = Field { name: "smb.host", role: Role::DeviceName, reference: "MS-NLMP s. 2.2.1" };
/// Domain or workgroup of the server.
pub static DOMAIN: Field = Field { name: "smb.domain", role: Role::Detail, reference: "MS-NLMP s. 2.2.2.1" };
/// System of a side, for example `Windows 10.0 build 19045`.
pub static SYSTEM: Field = Field { name: "smb.native_os", role: Role::Software, reference: "MS-NLMP s. 2.2.2.10" };
/// Software of a side that speaks version 1.
pub static SOFTWARE: Field =
    Field { name: "smb.native_lanman", role: Role::Software, reference: "MS-CIFS s. 2.2.4.53" };

/// SMB.
pub static DISSECTOR: Dissector = Dissector {
    name: "smb",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&VERSION, &SERVER, &HOST, &DOMAIN, &SYSTEM, &SOFTWARE],
    samples: &[SAMPLE_1, SAMPLE_2],
    probe,
    open: |_| Box::new(Messages::<Smb>::default()),
};

/// A NetBIOS session, and an answer to a session setup of version 1.
const SAMPLE_1: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 139, from_start: true },
    pushes: &[
        (
            Direction::Originator,
            b"\x81\0\0\x44\x20EIEPFDFEDBCACACACACACACACACACACA\0\x20EIEPFDFEDCCACACACACACACACACACAAA\0",
        ),
        (Direction::Responder, b"\x82\0\0\0"),
        (
            Direction::Responder,
            b"\0\0\0\x45\xffSMB\x73\0\0\0\0\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
              \x03\xff\0\0\0\0\0\x1c\0Example 1.2\0Sampled 3\0GROUP\0",
        ),
    ],
};

/// Dialect, a challenge and a share of version 3.
const SAMPLE_2: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 445, from_start: true },
    pushes: &[
        (
            Direction::Responder,
            b"\0\0\0\x48\xfeSMB\x40\0\0\0\0\0\0\0\x00\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
              \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
              \x41\0\0\0\x11\x03\0\0",
        ),
        (
            Direction::Responder,
            b"\0\0\0\x8e\xfeSMB\x40\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
              \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
              NTLMSSP\0\x02\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\x02abcdefgh\0\0\0\0\0\0\0\0\x16\0\x16\0\x38\0\0\0\x0a\0\x65\x4a\0\0\0\x0f\x01\0\x06\0H\0S\0T\0\x02\0\x04\0G\0P\0\0\0\0\0",
        ),
        (
            Direction::Originator,
            b"\0\0\0\x5c\xfeSMB\x40\0\0\0\0\0\0\0\x03\0\0\0\x00\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
              \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
              \x09\0\0\0\x48\0\x14\0\\\0\\\0H\0S\0T\0\\\0a\0b\0c\0d\0",
        ),
    ],
};

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    match bytes {
        [0, _, _, _, 0xfc..=0xff, b'S', b'M', b'B', ..] => Verdict::Match,
        // The two names of a session request are always of the same length.
        [0x81, 0, 0, 0x44, 0x20, ..] => Verdict::Match,
        [0] | [0, _] | [0, _, _] | [0, _, _, _] | [0, _, _, _, 0xfc..=0xff] => Verdict::NeedMore,
        [0, _, _, _, 0xfc..=0xff, rest @ ..] if b"SMB".starts_with(rest) => Verdict::NeedMore,
        [0x81] | [0x81, 0] | [0x81, 0, 0] | [0x81, 0, 0, 0x44] => Verdict::NeedMore,
        _ => Verdict::NoMatch,
    }
}

#[derive(Default)]
struct Smb {
    /// Dialects that were offered in version 1, as they stand in the request.
    offered: Vec<u8>,
}

impl ByMessage for Smb {
    fn message_len(&self, _: Direction, start: &[u8]) -> Option<usize> {
        let [kind, a, b, c] = *start.first_chunk()?;
        let len = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        Some(if matches!(kind, 0 | 0x81..=0x85) { 4 + len } else { 0 })
    }

    fn message(&mut self, direction: Direction, message: &[u8], sink: &mut dyn Sink) -> Next {
        let Some((&[kind, ..], body)) = message.split_first_chunk::<4>() else { return Next::Go };
        match (kind, body) {
            (0x81, _) => session::request(direction, body, sink),
            (0, [0xff, b'S', b'M', b'B', ..]) => return version1::message(&mut self.offered, direction, body, sink),
            (0, [0xfe, b'S', b'M', b'B', ..]) => return version2::message(direction, body, sink),
            // Encrypted.
            (0, [0xfd, ..]) => return Next::Enough,
            _ => {}
        }
        Next::Go
    }
}

/// Says what NTLM or a ticket says in a message of either version.
fn signs_in(direction: Direction, message: &[u8], sink: &mut dyn Sink) {
    if let Some(server) = host_of_ticket(message) {
        say_text(&SERVER, direction, &server, sink);
    }
    let Some(facts) = ntlmssp::find(message) else { return };
    say_host(&HOST, direction, facts.host.unwrap_or_default().as_bytes(), sink);
    say_text(&DOMAIN, direction, &facts.domain.unwrap_or_default(), sink);
    say_text(&SYSTEM, direction, &facts.system.unwrap_or_default(), sink);
}

/// Says the server of `\\server\share`.
fn server_of(direction: Direction, path: &str, sink: &mut dyn Sink) {
    let server = path.trim_start_matches('\\').split('\\').next().unwrap_or_default();
    if let Some(server) = host(server.as_bytes()).filter(|_| path.starts_with('\\')) {
        say_text(&SERVER, direction, &server, sink);
    }
}
