//! Kerberos 5 over UDP (RFC 4120): realm and services asked for, and the machine that asks.
//!
//! ```text
//! [APPLICATION 10 AS-REQ, 12 TGS-REQ] SEQUENCE { [1] version 5, [2] type, [3] data, [4] SEQUENCE { … [2] realm [3] service … } }
//! [APPLICATION 11 AS-REP, 13 TGS-REP, 30 KRB-ERROR] SEQUENCE { [0] version 5, … }
//! ```
//!
//! Left out: users (a client's name is told only where it is a machine's, which ends in `$`), tickets, encrypted parts.

pub(crate) mod message;

use firstlight_model::{Direction, Field, Role};

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Realm that is asked.
pub static REALM: Field = Field { name: "kerberos.realm", role: Role::Detail, reference: "RFC 4120 s. 5.4.1" };
/// Service that a ticket is asked for, for example `cifs/files.example.org`.
pub static SERVICE: Field = Field { name: "kerberos.SNameString", role: Role::Detail, reference: "RFC 4120 s. 5.4.1" };
/// Name of the machine that asks: of its own account, or its NetBIOS address.
pub static MACHINE: Field = Field { name: "kerberos.machine", role: Role::DeviceName, reference: "RFC 4120 s. 7.5.3" };

/// Kerberos over UDP.
pub static DISSECTOR: Dissector = Dissector {
    name: "kerberos",
    carrier: Carrier::Udp,
    encrypted: None,
    fields: &[&REALM, &SERVICE, &MACHINE],
    samples: &[SAMPLE],
    probe: |_, _, bytes| if message::is_message(bytes, bytes.len()) { Verdict::Match } else { Verdict::NoMatch },
    open: |_| Box::new(Kerberos),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 50_000, responder_port: 88, from_start: true },
    pushes: &[(Direction::Originator, REQUEST)],
};

pub(crate) const REQUEST: &[u8] = b"\x6a\x6b\x30\x69\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0a\xa4\x5d\x30\x5b\
    \xa0\x07\x03\x05\0\x40\x81\0\x10\
    \xa1\x13\x30\x11\xa0\x03\x02\x01\x01\xa1\x0a\x30\x08\x1b\x06HOST1$\
    \xa2\x0d\x1b\x0bEXAMPLE.ORG\
    \xa3\x20\x30\x1e\xa0\x03\x02\x01\x02\xa1\x17\x30\x15\x1b\x06krbtgt\x1b\x0bEXAMPLE.ORG\
    \xa7\x0a\x02\x08abcdefgh";

struct Kerberos;

impl Dissect for Kerberos {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk {
            let _ = message::observe(direction, bytes, sink);
        }
        Need::More
    }
}
