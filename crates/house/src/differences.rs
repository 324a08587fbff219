//! `differences.toml`: where Firstlight and another tool differ, who is right, and why. Entries are grouped by cause.

use std::collections::BTreeMap;
use std::fs;

use crate::expected::Subject;

/// A listed difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What the tool says.
    pub theirs: String,
    /// What Firstlight says.
    pub ours: String,
    /// `firstlight`, `oracle`, or `both` where they count different things.
    pub right: String,
}

/// A subject as it is written in the file: tool, capture, test, flow, key.
pub type Name = [String; 5];

/// The name of a subject.
pub fn name(subject: &Subject) -> Name {
    let flow = subject.flow.as_ref().map_or_else(|| "any".to_owned(), ToString::to_string);
    [subject.oracle.clone(), subject.pcap.clone(), subject.test.clone(), flow, subject.key.name().to_owned()]
}

/// Reads the list.
///
/// # Panics
/// When it is not as it should be: an entry lacks a part, stands twice, or its cause is not told.
pub fn read() -> BTreeMap<Name, Difference> {
    let path = crate::root().join("crates/house/differences.toml");
    let file: toml::Table = fs::read_to_string(path).expect("differences.toml is there").parse().expect("it is TOML");
    let mut list = BTreeMap::new();
    for cause in file.get("cause").and_then(|it| it.as_array()).into_iter().flatten() {
        let text = |key: &str| cause.get(key).and_then(|it| it.as_str()).unwrap_or_default();
        let (right, why) = (text("right"), text("why"));
        assert!(["firstlight", "oracle", "both"].contains(&right), "differences.toml: right = {right:?}");
        assert!(why.len() > 20, "differences.toml: {why:?} is no explanation");
        let records = cause.get("records").and_then(|it| it.as_array()).expect("a cause has records");
        for record in records {
            let text = |key: &str| record.get(key).and_then(|it| it.as_str()).unwrap_or_default().to_owned();
            let name = [text("oracle"), text("pcap"), text("test"), text("flow"), text("key")];
            let difference = Difference { theirs: text("theirs"), ours: text("ours"), right: right.to_owned() };
            assert!(list.insert(name.clone(), difference).is_none(), "differences.toml: {name:?} stands twice");
        }
    }
    list
}

/// An entry in the form of the file.
pub fn line(name: &Name, theirs: &str, ours: &str) -> String {
    let [oracle, pcap, test, flow, key] = name.each_ref().map(|it| quoted(it));
    let test = if name[2].is_empty() { String::new() } else { format!("test = {test}, ") };
    let (theirs, ours) = (quoted(theirs), quoted(ours));
    format!(
        "    {{ oracle = {oracle}, pcap = {pcap}, {test}flow = {flow}, key = {key}, theirs = {theirs}, ours = {ours} }},"
    )
}

/// A string of JSON is one of TOML, but for the delete character.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\x7f', "\\u007f")
}
