//! Remote procedure calls over TCP (RFC 5531 s. 11), as NFS uses them: the calls of `rpc.rs` in records.
//!
//! ```text
//! | last fragment 1 | length 31 | call or answer …
//! ```
//!
//! Left out: answers, and calls in several fragments, of which only the first is read.

use firstlight_model::Direction;

use crate::lines::Next;
use crate::messages::{ByMessage, Messages};
use crate::rpc::{self, MACHINE, PROGRAM};
use crate::{Carrier, Context, Dissector, Sample, Sink, Verdict};

/// ONC RPC over TCP.
pub static DISSECTOR: Dissector = Dissector {
    name: "rpc",
    carrier: Carrier::Tcp,
    encrypted: None,
    fields: &[&PROGRAM, &MACHINE],
    samples: &[SAMPLE],
    probe,
    open: |_| Box::new(Messages::<RpcTcp>::default()),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 700, responder_port: 2049, from_start: true },
    pushes: &[(
        Direction::Originator,
        b"\x80\0\0\x44\x12\x34\x56\x78\0\0\0\0\0\0\0\x02\0\x01\x86\xa3\0\0\0\x03\0\0\0\0\
          \0\0\0\x01\0\0\0\x1c\0\0\0\x01\0\0\0\x06client\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    )],
};

/// Head of a record, and of a call up to its procedure.
const CALL_LEN_BYTES: usize = 44;

fn probe(_: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    // The length, whether it is a call (0), and the version (2).
    let fits = match *bytes {
        [] => true,
        [first, ref rest @ ..] => {
            first == 0x80
                && rest.first().is_none_or(|high| *high == 0)
                && rest.get(7..11).is_none_or(|kind| kind == [0; 4])
                && rest.get(11..15).is_none_or(|version| version == [0, 0, 0, 2])
        }
    };
    match bytes.get(4..) {
        _ if !fits => Verdict::NoMatch,
        Some(call) if bytes.len() >= CALL_LEN_BYTES => {
            if rpc::call(call).is_some() {
                Verdict::Match
            } else {
                Verdict::NoMatch
            }
        }
        _ => Verdict::NeedMore,
    }
}

#[derive(Default)]
struct RpcTcp;

impl ByMessage for RpcTcp {
    fn message_len(&self, _: Direction, start: &[u8]) -> Option<usize> {
        let marker = u32::from_be_bytes(*start.first_chunk()?);
        let len = usize::try_from(marker & 0x7fff_ffff).unwrap_or(usize::MAX);
        Some(if len > 0x100_0000 { 0 } else { 4 + len })
    }

    fn message(&mut self, direction: Direction, message: &[u8], sink: &mut dyn Sink) -> Next {
        rpc::observe(direction, message.get(4..).unwrap_or_default(), sink);
        Next::Go
    }
}
