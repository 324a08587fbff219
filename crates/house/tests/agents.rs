//! What the user agents of the corpus say, beside uap-core's expressions as the ua-parser project's own reader applies
//! them (PyPI `ua-parser`, which `.ci/run` puts into `target/python`): program, system, release and model.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use firstlight_capture::Input;
use firstlight_engine::Options;
use firstlight_house::{assert_none, corpus, files_below, root, say};
use firstlight_knowledge::user_agent;

/// Larger files are other tools' captures made to be large.
const MAX_BYTES: u64 = 30 << 20;

/// uap-core's names of programs, systems and makers, and ours.
const PROGRAMS: &[(&str, &str)] = &[
    ("Chrome", "Chrome"),
    ("Chrome Mobile", "Chrome"),
    ("Chrome Mobile WebView", "Chrome"),
    ("Edge", "Edge"),
    ("Firefox", "Firefox"),
    ("IE", "Internet Explorer"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("Wget", "Wget"),
    ("Go-http-client", "Go program"),
    ("Python Requests", "Python requests"),
];
const SYSTEMS: &[(&str, &str)] = &[
    ("Android", "Android"),
    ("Linux", "Linux"),
    ("Mac OS X", "macOS"),
    ("Ubuntu", "Linux"),
    ("Windows", "Windows"),
    ("iOS", "iOS"),
];

/// Where the two differ: a part of the text, what uap-core says, what Firstlight says, and who is right.
const DIFFERENCES: &[(&str, &str, &str, &str)] = &[(
    "Instagram 7.1.1 Android (",
    "GT-I9505",
    "",
    "uap-core is right: it knows the form that this one program writes, which has the model elsewhere",
)];

/// Reads lines of JSON strings, answers with lines of JSON lists.
const READER: &str = r#"
import json, sys
from ua_parser import parse
for line in sys.stdin:
    said = parse(json.loads(line))
    program, system, device = said.user_agent, said.os, said.device
    print(json.dumps([program and program.family, program and program.major,
        system and system.family, system and system.major, system and system.minor,
        device and device.model]))
"#;

/// What uap-core says, in its order of [`READER`].
fn uap(agents: &BTreeSet<String>) -> Option<Vec<[Option<String>; 6]>> {
    let mut child = Command::new(root().join("target/python/bin/python3"))
        .args(["-c", READER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let lines: String = agents.iter().map(|agent| format!("{}\n", serde_json::to_string(agent).unwrap())).collect();
    // A reader that is not there closes its end.
    let _ = child.stdin.take().unwrap().write_all(lines.as_bytes());
    let output = child.wait_with_output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn agents_of(path: &Path) -> Vec<String> {
    let inputs = [Input::Path(path.to_path_buf())];
    let Ok(source) = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()) else {
        return Vec::new();
    };
    let report = firstlight_engine::report(source, &Options::default(), &mut |_| {});
    let agents = report.fingerprints.into_iter().filter(|one| one.kind == "http.user_agent");
    agents.map(|agent| agent.value).collect()
}

/// The files that have user agents in the clear.
fn agents(corpus: &Path) -> BTreeSet<String> {
    let mut agents = BTreeSet::new();
    for path in files_below(corpus) {
        let is_small = path.metadata().is_ok_and(|data| data.len() <= MAX_BYTES);
        if is_small && fs::read(&path).is_ok_and(|bytes| has(&bytes, b"\nUser-Agent: ")) {
            agents.extend(agents_of(&path));
        }
    }
    agents
}

fn has(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}

#[test]
fn user_agents_say_what_uap_core_takes_them_to_say() {
    let Some(corpus) = corpus("user agents beside uap-core") else { return };
    let agents = agents(&corpus);
    let Some(said) = uap(&agents) else {
        say("left out: user agents beside uap-core (no ua-parser in target/python, see .ci/run)");
        return;
    };
    assert_eq!(said.len(), agents.len());
    let mut offenders = Vec::new();
    let (mut compared, mut equal, mut used) = (0, 0, BTreeSet::new());
    let of = |names: &'static [(&str, &str)], name: &str| names.iter().find(|(theirs, _)| *theirs == name);
    for (agent, [program, major, system, system_major, system_minor, model]) in agents.iter().zip(&said) {
        let ours = user_agent(agent);
        let ours = ours.as_ref();
        let mut hold = |what: &str, theirs: String, mine: String, is_same: bool| {
            compared += 1;
            let listed = DIFFERENCES
                .iter()
                .position(|(part, other, own, _)| agent.contains(part) && *other == theirs && *own == mine);
            match listed {
                _ if is_same => equal += 1,
                Some(at) => {
                    used.insert(at);
                }
                None => offenders.push(format!("{what}: uap-core {theirs:?}, ours {mine:?}, of {agent}")),
            }
        };
        if let Some((_, wanted)) = program.as_deref().and_then(|name| of(PROGRAMS, name)) {
            let mine = ours.map_or("", |ours| ours.program);
            hold("program", (*wanted).to_owned(), mine.to_owned(), mine.starts_with(wanted));
            if let Some(major) = major {
                let mine = ours.and_then(|ours| ours.version).unwrap_or_default();
                let is_same = mine.split('.').next() == Some(major);
                hold("version", format!("{wanted} {major}"), mine.to_owned(), is_same);
            }
        }
        if let Some((_, wanted)) = system.as_deref().and_then(|name| of(SYSTEMS, name)) {
            let mine = ours.and_then(|ours| ours.family).unwrap_or_default();
            hold("system", (*wanted).to_owned(), mine.to_owned(), mine == *wanted);
            if let Some(major) = system_major.as_deref().filter(|_| system.as_deref() != Some("Ubuntu")) {
                let minor = system_minor.as_deref().map_or_else(String::new, |minor| format!(".{minor}"));
                let theirs = format!("{wanted} {major}{minor}");
                let released = ours.and_then(|ours| ours.release.clone().or_else(|| ours.system.clone()));
                let mine = released.unwrap_or_default();
                let is_same = mine.split(" or ").any(|one| {
                    one == theirs || one.starts_with(&format!("{theirs}.")) || one.starts_with(&format!("{theirs} "))
                });
                hold("release", theirs, mine, is_same);
            }
        }
        if let Some(wanted) = model.as_deref().filter(|_| system.as_deref() == Some("Android")) {
            let mine = ours.and_then(|ours| ours.model).unwrap_or_default();
            hold("model", wanted.to_owned(), mine.to_owned(), mine == wanted);
        }
    }
    for (at, (part, theirs, mine, why)) in DIFFERENCES.iter().enumerate() {
        if !used.contains(&at) {
            offenders.push(format!("{part}: {theirs:?} and {mine:?} are listed but do not occur ({why})"));
        }
    }
    assert_none("user agents that are read otherwise than by uap-core", &offenders);
    assert!(agents.len() >= 80 && compared >= 200, "{} user agents, {compared} statements", agents.len());
    say(&format!(
        "{equal} of {compared} statements on {} user agents are uap-core's, the others are listed",
        agents.len()
    ));
}
