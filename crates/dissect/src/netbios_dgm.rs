//! The datagram service of NetBIOS over TCP/IP on port 138 (RFC 1002 s. 4.4), and in it what the browser service announces
//! (MS-BRWS s. 2.2): hosts, their workgroups and the version of their systems.
//!
//! ```text
//! | type 8 | flags 8 | id 16 | source address 32 | port 16 | length 16 | offset 16 | source name | destination name | data
//! ```
//!
//! Left out: datagrams in pieces, elections, lists of backup browsers, other mailslots (NETLOGON).

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::reader::{Reader, text};
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// The name of the host that sends.
pub static SOURCE: Field = Field { name: "nbdgm.source_name", role: Role::DeviceName, reference: "RFC 1002 s. 4.4.2" };
/// Whom it is for: mostly a workgroup or domain.
pub static DESTINATION: Field =
    Field { name: "nbdgm.destination_name", role: Role::Detail, reference: "RFC 1002 s. 4.4.2" };
/// The host that is announced.
pub static SERVER: Field =
    Field { name: "nbdgm.browser.server", role: Role::DeviceName, reference: "MS-BRWS s. 2.2.1" };
/// The workgroup or domain that is announced.
pub static WORKGROUP: Field = Field { name: "nbdgm.browser.domain", role: Role::Detail, reference: "MS-BRWS s. 2.2.7" };
/// Version of the announced host's system, as it says it: `browser announcement of system version 6.1`.
pub static SYSTEM: Field = Field { name: "nbdgm.browser.os", role: Role::Software, reference: "MS-BRWS s. 2.2.1" };
/// What is said of the host: a comment.
pub static COMMENT: Field = Field { name: "nbdgm.browser.comment", role: Role::Detail, reference: "MS-BRWS s. 2.2.1" };

/// The NetBIOS datagram service.
pub static DISSECTOR: Dissector = Dissector {
    name: "nbdgm",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&SOURCE, &DESTINATION, &SERVER, &WORKGROUP, &SYSTEM, &COMMENT],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(NetbiosDgm),
};

/// A host, and a workgroup with its master.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 138, responder_port: 138, from_start: true },
    pushes: &[
        (
            Direction::Originator,
            b"\x11\n\0\x07\xc0\0\x02\x07\0\x8a\0\xc7\0\0 FDFEFFEEFJCNFAEDCACACACACACACAAA\0 EIEPENEFCACACACACACACACACA\
      CACABN\0\xffSMB%\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x11\0\0-\0\0\0\0\0\0\0\0\0\0\0\0\
      \0\0\0\0\0\0\0-\0V\0\x03\0\x01\0\x01\0\x02\0>\0\\MAILSLOT\\BROWSE\0\x01\0\x80\xfc\n\0STUDY-PC\0\0\0\0\0\
      \0\0\0\x06\x01\x03\x10\0\0\x0f\x01U\xaaIn the study\0",
        ),
        (
            Direction::Originator,
            b"\x11\n\0\x07\xc0\0\x02\x07\0\x8a\0\xc3\0\0 FDFEFFEEFJCNFAEDCACACACACACACAAA\0 ABACFPFPENFDECFCEPFHFDEFFP\
      FPACAB\0\xffSMB%\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x11\0\0)\0\0\0\0\0\0\0\0\0\0\0\0\
      \0\0\0\0\0\0\0)\0V\0\x03\0\x01\0\x01\0\x02\0:\0\\MAILSLOT\\BROWSE\0\x0c\0\x80\xfc\n\0HOME\0\0\0\0\0\0\0\
      \0\0\0\0\0\n\0\0\x10\0\x80\x0f\x01U\xaaSTUDY-PC\0",
        ),
    ],
};

const HEADER_LEN_BYTES: usize = 14;
const NAME_LEN_BYTES: usize = 34;

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let matches = context.has_port(138)
        && matches!(bytes, [0x10..=0x12, 0..=0x1f, ..])
        && bytes
            .get(HEADER_LEN_BYTES..HEADER_LEN_BYTES + 33)
            .and_then(<[u8]>::split_first)
            .is_some_and(|(&len, letters)| len == 32 && letters.iter().all(|letter| matches!(letter, b'A'..=b'P')));
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

struct NetbiosDgm;

impl Dissect for NetbiosDgm {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk {
            // What is there of a message that is cut has been said by then.
            let _ = observe(bytes, direction, sink);
        }
        Need::More
    }
}

fn observe(bytes: &[u8], direction: Direction, sink: &mut dyn Sink) -> Option<()> {
    let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
    let mut reader = Reader(bytes);
    let header = reader.take(HEADER_LEN_BYTES)?;
    let [source, destination] = [name(&mut reader)?, name(&mut reader)?];
    if let (Some(name), [.., 0x00 | 0x20]) = (text(source.get(..15)?), &source) {
        say(&SOURCE, Value::Text(&name));
    }
    if let Some(name) = text(destination.get(..15)?) {
        say(&DESTINATION, Value::Text(&name));
    }
    // A piece that is not the first has no message at its beginning.
    if header.get(12..14)? != [0, 0] {
        return None;
    }
    let announcement = mailslot(reader.0, b"\\MAILSLOT\\BROWSE\0")?;
    let mut announcement = Reader(announcement);
    let kind = announcement.u8()?;
    // Host, domain, local master.
    if !matches!(kind, 0x01 | 0x0c | 0x0f) {
        return None;
    }
    announcement.take(5)?;
    let name = text(announcement.take(16)?);
    let [major, minor] = [announcement.u8()?, announcement.u8()?];
    announcement.take(8)?;
    let comment = text(announcement.0);
    if kind == 0x0c {
        if let Some(name) = name {
            say(&WORKGROUP, Value::Text(&name));
        }
        return Some(());
    }
    if let Some(name) = name {
        say(&SERVER, Value::Text(&name));
        say(&SYSTEM, Value::Text(&format!("browser announcement of system version {major}.{minor}")));
    }
    if let Some(comment) = comment {
        say(&COMMENT, Value::Text(&comment));
    }
    Some(())
}

/// Sixteen bytes out of 32 letters from A to P.
fn name(reader: &mut Reader<'_>) -> Option<[u8; 16]> {
    let letters = reader.take(NAME_LEN_BYTES)?.get(1..33)?;
    let mut whole = [0; 16];
    for (byte, pair) in whole.iter_mut().zip(letters.as_chunks::<2>().0) {
        let [high, low] = pair.map(|letter| letter.wrapping_sub(b'A'));
        if high > 15 || low > 15 {
            return None;
        }
        *byte = high << 4 | low;
    }
    Some(whole)
}

/// The data of an SMB transaction to the mailslot of this name (MS-CIFS s. 2.2.4.33, MS-MAIL s. 2.2.1).
fn mailslot<'a>(message: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    const TRANSACTION: &[u8] = b"\xffSMB\x25";
    const HEADER_LEN: usize = 32;
    const WORDS: u8 = 17;
    if !message.starts_with(TRANSACTION) || *message.get(HEADER_LEN)? != WORDS {
        return None;
    }
    let name = message.get(HEADER_LEN + 1 + 2 * usize::from(WORDS) + 2..)?;
    if !name.get(..wanted.len())?.eq_ignore_ascii_case(wanted) {
        return None;
    }
    let word = |at: usize| {
        let bytes = message.get(HEADER_LEN + 1 + at..)?.first_chunk::<2>()?;
        Some(usize::from(u16::from_le_bytes(*bytes)))
    };
    let [len, offset] = [word(22)?, word(24)?];
    let data = message.get(offset..)?;
    Some(data.get(..len).unwrap_or(data))
}
