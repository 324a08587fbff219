//! sFlow version 5 (sFlow.org, sflow_version_5.txt): samples of traffic from switches.
//!
//! Left out: the samples; they are of others' traffic.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::reader::Reader;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// Address that the sender calls its own.
pub static AGENT: Field = Field { name: "sflow.agent", role: Role::Detail, reference: "sflow_version_5.txt s. 5" };

/// sFlow.
pub static DISSECTOR: Dissector = Dissector {
    name: "sflow",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&AGENT],
    samples: &[SAMPLE],
    probe: |context, _, bytes| {
        if agent(bytes, context.has_port(6343)).is_some() { Verdict::Match } else { Verdict::NoMatch }
    },
    open: |_| Box::new(Sflow),
};

/// One sample of counters, without records.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 40_000, responder_port: 6343, from_start: true },
    pushes: &[(
        Direction::Originator,
        b"\0\0\0\x05\0\0\0\x01\xc0\0\x02\x01\0\0\0\0\0\0\0\x07\0\0\x10\0\0\0\0\x01\
          \0\0\0\x02\0\0\0\x0c\0\0\0\x01\0\0\0\x03\0\0\0\0",
    )],
};

/// The agent's address, when what follows is a sample or nothing. Off its port the samples have to be of standard kinds.
fn agent(bytes: &[u8], on_its_port: bool) -> Option<IpAddr> {
    let mut rest = Reader(bytes);
    if rest.u32()? != 5 {
        return None;
    }
    let agent = match rest.u32()? {
        1 => IpAddr::from(Ipv4Addr::from(rest.u32()?)),
        2 => IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(rest.take(16)?).ok()?)),
        _ => return None,
    };
    rest.take(12)?;
    let count = rest.u32()?;
    if on_its_port && count < 1000 {
        return Some(agent);
    }
    let (kind, len) = (rest.u32()?, rest.u32()?);
    let fits = (1..64).contains(&count)
        && (1..=4).contains(&kind)
        && len.is_multiple_of(4)
        && usize::try_from(len).is_ok_and(|len| len <= rest.0.len() && len >= 8);
    fits.then_some(agent)
}

struct Sflow;

impl Dissect for Sflow {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        let Some(agent) = agent(bytes, true) else { return Need::More };
        sink.observe(Observation { field: &AGENT, direction, value: Value::Text(&agent.to_string()) });
        Need::Nothing
    }
}
