//! Dropbox's search for its own kind in the local network: JSON on UDP port 17500 (Wireshark, `db-lsp-disc`).
//!
//! Left out: the folders that are shared, and the identifier of the computer.

use firstlight_model::{Direction, Field, Observation, Role, Value};

use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict, json};

/// Name of the computer, where its owner gave one.
pub static DISPLAY_NAME: Field =
    Field { name: "db-lsp-disc.displayname", role: Role::DeviceName, reference: "Wireshark, db-lsp-disc" };
/// Port on which it waits.
pub static PORT: Field = Field { name: "db-lsp-disc.port", role: Role::Detail, reference: "Wireshark, db-lsp-disc" };

/// Dropbox LAN sync discovery.
pub static DISSECTOR: Dissector = Dissector {
    name: "db-lsp-disc",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&DISPLAY_NAME, &PORT],
    samples: &[SAMPLE],
    probe: |_, _, bytes| if is_announcement(bytes) { Verdict::Match } else { Verdict::NoMatch },
    open: |_| Box::new(Dropbox),
};

const SAMPLE: Sample = Sample {
    context: Context { originator_port: 17_500, responder_port: 17_500, from_start: true },
    pushes: &[(
        Direction::Originator,
        b"{\"host_int\": 1, \"version\": [2, 0], \"displayname\": \"den\", \"port\": 17500, \"namespaces\": [1]}",
    )],
};

fn is_announcement(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{\"") && memchr::memmem::find(bytes.get(..512).unwrap_or(bytes), b"\"host_int\":").is_some()
}

struct Dropbox;

impl Dissect for Dropbox {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        let Chunk::Data(bytes) = chunk else { return Need::More };
        if let Some(name) = json::text(bytes, "displayname") {
            sink.observe(Observation { field: &DISPLAY_NAME, direction, value: Value::Text(&name) });
        }
        if let Some(port) = json::number(bytes, "port").and_then(|port| port.parse().ok()) {
            sink.observe(Observation { field: &PORT, direction, value: Value::Number(port) });
        }
        // It says the same for as long as the computer runs.
        Need::Nothing
    }
}
