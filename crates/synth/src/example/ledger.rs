//! The truth about the example: what the script did, counted while it did it, without reading a packet.

use std::collections::BTreeMap;
use std::fmt::Write;

use firstlight_model::MacAddress;

use crate::frame::OwnedFrame;

/// What is counted together: phase (index), name, transport, port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Index of the phase.
    pub phase: usize,
    /// Name, or address where there is none.
    pub name: String,
    /// `tcp`, `udp`, `icmp6`, `igmp`, `arp`.
    pub transport: &'static str,
    /// Port of the peer; 0 where there is none.
    pub port: u16,
}

/// Counts; bytes of payload are counted once, whatever was sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Connections, or UDP exchanges by their ports; `None` where that depends on how long one waits.
    pub connections: Option<u64>,
    /// Payload bytes from the machine.
    pub payload_out: u64,
    /// Payload bytes to the machine.
    pub payload_in: u64,
    /// Those of `payload_in` that the capture does not show.
    pub missing_in: u64,
    /// Frames from the machine.
    pub packets_out: u64,
    /// Frames to the machine or to a group from others.
    pub packets_in: u64,
    /// Original lengths of the frames from the machine.
    pub wire_out: u64,
    /// Original lengths of the other frames.
    pub wire_in: u64,
}

/// The account of a whole script.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Contacts.
    pub contacts: BTreeMap<Key, Counts>,
    /// DNS questions by phase and name.
    pub questions: BTreeMap<(usize, String), u64>,
}

impl Ledger {
    /// Adds one connection or exchange with its frames.
    pub(crate) fn add(&mut self, key: Key, counts: Counts, frames: &[OwnedFrame], machine: MacAddress) {
        let total = self.contacts.entry(key).or_default();
        if let Some(connections) = counts.connections {
            *total.connections.get_or_insert(0) += connections;
        }
        total.payload_out += counts.payload_out;
        total.payload_in += counts.payload_in;
        total.missing_in += counts.missing_in;
        for frame in frames {
            if frame.data.get(6..12) == Some(&machine.0) {
                total.packets_out += 1;
                total.wire_out += u64::from(frame.original_len);
            } else {
                total.packets_in += 1;
                total.wire_in += u64::from(frame.original_len);
            }
        }
    }

    /// Adds a DNS question.
    pub(crate) fn ask(&mut self, phase: usize, name: &str) {
        *self.questions.entry((phase, name.to_owned())).or_default() += 1;
    }

    /// Payload bytes to the machine so far from a name, in a phase.
    pub(crate) fn payload_in(&self, phase: usize, name: &str) -> u64 {
        self.contacts
            .iter()
            .filter(|(key, _)| key.phase == phase && key.name == name)
            .map(|(_, counts)| counts.payload_in)
            .sum()
    }

    /// A table with tabs: a head line, a line for each contact, one for each name that was only asked for, and a total
    /// for each phase (`*`) and for all (phase `*`).
    pub fn to_tsv(&self, phases: &[&str]) -> String {
        let mut out = String::from(
            "phase\tname\ttransport\tport\tconnections\tpayload_out\tpayload_in\tmissing_in\tpackets_out\tpackets_in\twire_out\twire_in\tdns_queries\n",
        );
        let mut all = (Counts::default(), 0);
        for (index, phase) in phases.iter().enumerate() {
            let mut total = Counts::default();
            for (key, counts) in self.contacts.iter().filter(|(key, _)| key.phase == index) {
                let questions = self.questions.get(&(index, key.name.clone())).copied().unwrap_or(0);
                line(&mut out, phase, &key.name, (key.transport, Some(key.port)), counts, questions);
                total.plus(counts);
            }
            let mut asked = 0;
            for ((_, name), questions) in self.questions.iter().filter(|((phase, _), _)| *phase == index) {
                asked += questions;
                let contacted = self.contacts.keys().any(|key| key.phase == index && key.name == *name);
                if !contacted {
                    line(&mut out, phase, name, ("-", None), &Counts::default(), *questions);
                }
            }
            line(&mut out, phase, "*", ("*", None), &total, asked);
            all.0.plus(&total);
            all.1 += asked;
        }
        line(&mut out, "*", "*", ("*", None), &all.0, all.1);
        out
    }
}

impl Counts {
    fn plus(&mut self, other: &Self) {
        if let Some(connections) = other.connections {
            *self.connections.get_or_insert(0) += connections;
        }
        self.payload_out += other.payload_out;
        self.payload_in += other.payload_in;
        self.missing_in += other.missing_in;
        self.packets_out += other.packets_out;
        self.packets_in += other.packets_in;
        self.wire_out += other.wire_out;
        self.wire_in += other.wire_in;
    }
}

fn line(
    out: &mut String,
    phase: &str,
    name: &str,
    (transport, port): (&str, Option<u16>),
    counts: &Counts,
    questions: u64,
) {
    let or_dash = |number: Option<u64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
    let written = writeln!(
        out,
        "{phase}\t{name}\t{transport}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{questions}",
        or_dash(port.filter(|port| *port != 0).map(u64::from)),
        or_dash(counts.connections),
        counts.payload_out,
        counts.payload_in,
        counts.missing_in,
        counts.packets_out,
        counts.packets_in,
        counts.wire_out,
        counts.wire_in,
    );
    debug_assert!(written.is_ok(), "writing to a string does not fail");
}
