//! Remote procedure calls over UDP (ONC RPC, RFC 5531), as the port mapper and NFS use them: which program is called, and
//! by which machine.
//!
//! ```text
//! | xid 32 | call 0 | version 2 | program 32 | version 32 | procedure 32 | credentials: flavor 32, length 32, … | … |
//! ```
//!
//! Left out: answers, users, what the procedures do.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::reader::Reader;
use crate::words::say_host;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Number of the program: 100000 the port mapper, 100003 NFS, 100005 mount, 100021 the lock manager, …
pub static PROGRAM: Field = Field { name: "rpc.program", role: Role::Detail, reference: "RFC 5531 s. 9" };
/// Name of the calling machine, in its credentials.
pub static MACHINE: Field =
    Field { name: "rpc.auth.machinename", role: Role::DeviceName, reference: "RFC 5531 appendix A" };

/// ONC RPC over UDP.
pub static DISSECTOR: Dissector = Dissector {
    name: "rpc",
    carrier: Carrier::Udp,
    encrypted: None,
    fields: &[&PROGRAM, &MACHINE],
    samples: &[SAMPLE],
    probe: |_, _, bytes| if call(bytes).is_some() { Verdict::Match } else { Verdict::NoMatch },
    open: |_| Box::new(Rpc),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 700, responder_port: 111, from_start: true },
    pushes: &[(Direction::Originator, CALL)],
};

/// A call to the port mapper.
const CALL: &[u8] = b"\x12\x34\x56\x78\0\0\0\0\0\0\0\x02\0\x01\x86\xa0\0\0\0\x02\0\0\0\x03\
          \0\0\0\x01\0\0\0\x1c\0\0\0\x01\0\0\0\x06client\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// Program, and what follows its version.
pub(crate) fn call(bytes: &[u8]) -> Option<(u32, Reader<'_>)> {
    let mut reader = Reader(bytes);
    reader.u32()?;
    if reader.u32()? != 0 || reader.u32()? != 2 {
        return None;
    }
    let program = reader.u32()?;
    // The range that is assigned (RFC 5531 s. 8.3), and versions and procedures as small as all are.
    let is_assigned = (100_000..=600_000).contains(&program);
    if !is_assigned || reader.u32()? > 10 || reader.u32()? > 100 {
        return None;
    }
    (bytes.len() >= 40).then_some((program, reader))
}

/// Says what a call says.
pub(crate) fn observe(direction: Direction, bytes: &[u8], sink: &mut dyn Sink) {
    let Some((program, mut rest)) = call(bytes) else { return };
    sink.observe(Observation { field: &PROGRAM, direction, value: Value::Number(program.into()) });
    // Flavor 1, AUTH_SYS: length, stamp, machine name.
    if rest.u32() == Some(1)
        && let (Some(_), Some(_), Some(len)) = (rest.u32(), rest.u32(), rest.u32())
        && let Some(name) = usize::try_from(len).ok().and_then(|len| rest.take(len))
    {
        say_host(&MACHINE, direction, name, sink);
    }
}

struct Rpc;

impl Dissect for Rpc {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk {
            observe(direction, bytes, sink);
        }
        Need::More
    }
}
