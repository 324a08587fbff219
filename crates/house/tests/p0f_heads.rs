//! p0f's raw signatures of heads of HTTP, and its labels for them: against the p0f that is installed, where one is. Each
//! that it writes has to be among those of Firstlight for the same capture.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use firstlight_capture::Input;
use firstlight_engine::Options;
use firstlight_house::{assert_none, corpus, files_below, say};
use firstlight_knowledge::p0f::P0fBook;

/// Larger files are other tools' captures made to be large.
const MAX_BYTES: u64 = 30 << 20;

/// Captures of which p0f writes a signature that Firstlight does not, how that begins, and who is right.
const DIFFERS: &[(&str, &str, &str)] = &[
    ("iot-sentinel/HueBridge/", "1:?Pragma,?Expires,Connection=[close]", IN_PARTS),
    ("ndpi/pcap/http-lines-split.pcap", "0:Date,Content-type=", IN_PARTS),
    ("zeek/Traces/http/http-desync-request-response-5.pcap", "1::", IN_PARTS),
];

const IN_PARTS: &str =
    "Firstlight: the answer's head comes in parts, and p0f drops what of it stands first in each of the later ones";

/// Whether it is an answer, signature, label with its flags.
type Head = (bool, String, String, String);

fn of_p0f(path: &Path, log: &Path) -> BTreeSet<Head> {
    let _ = fs::remove_file(log);
    let mut run = Command::new("p0f");
    run.arg("-r").arg(path).arg("-o").arg(log).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _ = run.status().unwrap();
    let text = fs::read(log).unwrap_or_default();
    let mut heads = BTreeSet::new();
    for line in String::from_utf8_lossy(&text).lines() {
        // The signature is the last field, and may have bars in it.
        let Some((front, signature)) = line.split_once("|raw_sig=") else { continue };
        let fields: BTreeMap<&str, &str> = front.split('|').filter_map(|field| field.split_once('=')).collect();
        let is_answer = match front.split_once("mod=").map(|(_, rest)| rest.split('|').next().unwrap()) {
            Some("http request") => false,
            Some("http response") => true,
            _ => continue,
        };
        let of = |name: &str| fields.get(name).copied().unwrap_or_default().to_owned();
        let label = if fields.contains_key("os") { of("os") } else { of("app") };
        heads.insert((is_answer, signature.to_owned(), label, of("params")));
    }
    heads
}

fn ours(path: &Path) -> BTreeSet<(bool, String)> {
    let inputs = [Input::Path(path.to_path_buf())];
    let Ok(source) = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()) else {
        return BTreeSet::new();
    };
    let report = firstlight_engine::report(source, &Options::default(), &mut |_| {});
    let peers = report.peers.into_iter().map(|peer| peer.fingerprint);
    let all = report.fingerprints.into_iter().chain(peers).filter(|one| one.kind.ends_with(".signature"));
    all.map(|one| (one.kind == "http.response.signature", one.value)).collect()
}

#[test]
fn every_head_has_the_signature_and_the_label_that_the_p0f_here_writes() {
    let Some(corpus) = corpus("signatures of HTTP by the installed p0f (p0f_heads)") else { return };
    if Command::new("p0f").arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        say("left out, p0f is not installed: its signatures of HTTP");
        return;
    }
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join("p0f-heads.log");
    let book = fs::read_to_string("/etc/p0f/p0f.fp").ok().map(|text| P0fBook::read(&text).unwrap());
    let (mut compared, mut answers, mut labels, mut offenders) = (0_u64, 0_u64, 0_u64, Vec::new());
    let mut used = BTreeSet::new();
    for path in files_below(&corpus) {
        let is_small = path.metadata().is_ok_and(|data| data.len() <= MAX_BYTES);
        if !is_small || !fs::read(&path).is_ok_and(|bytes| bytes.windows(7).any(|window| window == b"HTTP/1.")) {
            continue;
        }
        let theirs = of_p0f(&path, &log);
        if theirs.is_empty() {
            continue;
        }
        let ours = ours(&path);
        let capture = path.strip_prefix(&corpus).unwrap().display().to_string();
        for (is_answer, signature, label, flags) in theirs {
            compared += 1;
            answers += u64::from(is_answer);
            if !ours.contains(&(is_answer, signature.clone())) {
                match DIFFERS
                    .iter()
                    .position(|(file, part, _)| capture.starts_with(file) && signature.starts_with(part))
                {
                    Some(at) => drop(used.insert(at)),
                    None => offenders.push(format!("{capture}: {signature}\n    of {ours:?}")),
                }
                continue;
            }
            let Some(book) = &book else { continue };
            labels += 1;
            let found = book.find_head(&signature, is_answer);
            let mine = found.as_ref().map_or("???", |(found, _)| found.label.as_str());
            let (generic, honest) = found.as_ref().map_or((false, true), |(found, honest)| (found.is_generic, *honest));
            let flag = |name: &str| flags.split(' ').any(|flag| flag == name);
            if mine != label || generic != flag("generic") || honest == flag("dishonest") {
                offenders.push(format!("{capture}: {signature}\n    p0f {label} ({flags}), ours {found:?}"));
            }
        }
    }
    let _ = fs::remove_file(&log);
    for (at, (file, part, why)) in DIFFERS.iter().enumerate() {
        if !used.contains(&at) {
            offenders.push(format!("{file} {part} stands in DIFFERS, but does not differ: {why}"));
        }
    }
    say(&format!("p0f here: {compared} signatures of HTTP, {answers} of them of answers; {labels} labels"));
    assert_none("heads of HTTP whose signature differs from p0f's", &offenders);
    assert!(compared > 200 && answers > 80, "{compared} signatures were found, {answers} of answers");
}
