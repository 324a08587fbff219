//! The truth beside the example: the script's own account, row by row (examples/README.md says what the columns are).

use std::path::Path;

/// What was counted together.
pub struct Row {
    pub phase: String,
    pub name: String,
    /// `tcp`, `udp`, `icmp6`, `igmp`, `arp`; `-` for a name that was asked for only.
    pub transport: String,
    pub port: Option<u64>,
    /// `None` where it depends on how long one waits.
    pub connections: Option<u64>,
    pub payload_out: u64,
    pub payload_in: u64,
    pub missing_in: u64,
    pub packets_out: u64,
    pub packets_in: u64,
    pub wire_out: u64,
    pub wire_in: u64,
    pub dns_queries: u64,
}

/// All rows, and their total by the script.
pub struct Truth {
    pub rows: Vec<Row>,
    pub total: Row,
}

impl Truth {
    /// Reads it; `root` is that of the repository.
    pub fn read(root: &Path) -> Self {
        let text = std::fs::read_to_string(root.join("examples/macos-10.15-first-minutes.truth.tsv")).unwrap();
        let mut rows: Vec<Row> = text.lines().skip(1).map(row).collect();
        assert!(rows.len() > 80, "{} rows", rows.len());
        let total = rows.pop().unwrap();
        assert_eq!((total.phase.as_str(), total.name.as_str()), ("*", "*"));
        rows.retain(|row| row.name != "*");
        for (sum, said) in [
            (rows.iter().map(|row| row.packets_out).sum::<u64>(), total.packets_out),
            (rows.iter().map(|row| row.wire_in).sum(), total.wire_in),
            (rows.iter().filter_map(|row| row.connections).sum(), total.connections.unwrap()),
            (rows.iter().map(|row| row.dns_queries).sum(), total.dns_queries),
        ] {
            assert_eq!(sum, said, "the rows add up to the total");
        }
        Self { rows, total }
    }
}

fn row(line: &str) -> Row {
    let fields: Vec<&str> = line.split('\t').collect();
    assert_eq!(fields.len(), 13, "{line}");
    let number = |at: usize| -> u64 { fields[at].parse().unwrap() };
    Row {
        phase: fields[0].to_owned(),
        name: fields[1].to_owned(),
        transport: fields[2].to_owned(),
        port: fields[3].parse().ok(),
        connections: fields[4].parse().ok(),
        payload_out: number(5),
        payload_in: number(6),
        missing_in: number(7),
        packets_out: number(8),
        packets_in: number(9),
        wire_out: number(10),
        wire_in: number(11),
        dns_queries: number(12),
    }
}
