//! The table of contacts in Parquet as pandas and polars read it, held against the JSON.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

use std::fs;
use std::path::Path;
use std::process::Command;

#[path = "support/python.rs"]
mod python;

const PROGRAM: &str = r#"
import json, sys
import pandas, polars
contacts = json.load(open(sys.argv[2]))["contacts"]
frame = pandas.read_parquet(sys.argv[1])
lazy = polars.read_parquet(sys.argv[1])
assert len(frame) == lazy.height == len(contacts) > 50, (len(frame), lazy.height, len(contacts))
assert list(frame.columns) == lazy.columns
assert [c for c in contacts[0] if c != "evidence"] == lazy.columns
counts = ["connections", "failed", "payload_out", "payload_in", "wire_out", "wire_in", "packets_out", "packets_in"]
for name in counts:
    assert str(frame[name].dtype) == "uint64" and lazy[name].dtype == polars.UInt64, name
    assert frame[name].tolist() == lazy[name].to_list() == [c[name] for c in contacts], name
for name in ["first", "last"]:
    assert str(frame[name].dtype) == "datetime64[ns, UTC]", frame[name].dtype
    assert lazy[name].dtype == polars.Datetime("ns", "UTC"), lazy[name].dtype
    assert [t.isoformat() for t in frame[name]] == [pandas.Timestamp(c[name]).isoformat() for c in contacts], name
for name in ["addresses", "ja3", "ja4", "alpn", "versions", "issuers"]:
    assert lazy[name].dtype == polars.List(polars.String), name
    assert lazy[name].to_list() == [list(v) for v in frame[name]] == [c[name] for c in contacts], name
for name in ["name", "owner", "purpose", "service", "vendor_own", "encrypted", "port"]:
    assert lazy[name].to_list() == [c[name] for c in contacts], name
assert lazy["vendor_own"].dtype == polars.Boolean and lazy["port"].dtype == polars.UInt16
print(lazy["connections"].sum(), lazy.filter(polars.col("vendor_own")).height)
"#;

#[test]
fn pandas_and_polars_read_what_the_json_says() {
    let folder = tempfile::tempdir().unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(firstlight_synth::example::CAPTURE);
    let [table, document] = ["table.parquet", "report.json"].map(|name| folder.path().join(name));
    for (format, path) in [("parquet", &table), ("json", &document)] {
        let output = Command::new(env!("CARGO_BIN_EXE_firstlight"))
            .args(["report", "--format", format, "-w"])
            .args([path, &example])
            .output()
            .unwrap();
        assert!(output.status.success() && output.stdout.is_empty());
    }
    let bytes = fs::read(&table).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let Some(python) = python::with(&["pandas", "pyarrow", "polars"]) else { return };
    let output = Command::new(python).args(["-c", PROGRAM]).args([&table, &document]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&fs::read(&document).unwrap()).unwrap();
    let contacts = json["contacts"].as_array().unwrap();
    let connections: u64 = contacts.iter().map(|contact| contact["connections"].as_u64().unwrap()).sum();
    let own = contacts.iter().filter(|contact| contact["vendor_own"] == true).count();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), format!("{connections} {own}"));
}
