//! Every capture of the corpus (`FIRSTLIGHT_CORPUS`) against what capinfos 4.0.17 and tcpdump 4.99 say of it. Skipped,
//! with a line, where there is no corpus.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use firstlight_capture::{Error, Input, Options, open};
use firstlight_model::CaptureInfo;

/// Where we do not say what the corpus's README calls right: path, what we say, who is right and why. An entry that no
/// longer differs fails.
const READER_DIFFERENCES: [(&str, &str, &str); 0] = [];

/// The same for times and order in CATALOG.tsv. We are right in all of them: earliest and latest time are of any frame,
/// seconds have no sign (draft-ietf-opsawg-pcap), and a fraction of a second or more is carried over.
const CATALOG_DIFFERENCES: [(&str, &str); 6] = [
    ("ndpi/pcap/fuzz-2021-06-07-c6c72a0a56.pcap", "a fraction of 4,293 s, which capinfos takes in 32 bits with sign"),
    ("tcpdump/atm-oam-loopback-print-overrun.pcap", "a fraction of 1,159 s, likewise"),
    ("tcpdump/olsr-oobr-2.pcap", "the second frame is of 1970, the first of 2106; capinfos compares with sign"),
    ("tcpdump/pim_header_asan-2.pcap", "frames of 2017, 1970 and 2049 in this order; capinfos keeps one of them"),
    ("tcpdump/rx_serviceid_oobr.pcap", "a fraction of 3,841 s, which capinfos prints as minus 2078753"),
    ("tcpdump/timestamp_invalid_micro.pcap", "a fraction of 2,147 s, likewise"),
];

fn corpus() -> Option<PathBuf> {
    let found = std::env::var_os("FIRSTLIGHT_CORPUS").map(PathBuf::from);
    if found.is_none() {
        println!("skipped: FIRSTLIGHT_CORPUS is not set");
    }
    found
}

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let row = |line: &str| names.iter().map(|name| name.to_string()).zip(line.split('\t').map(str::to_owned)).collect();
    lines.map(row).collect()
}

fn read(path: &Path) -> Result<CaptureInfo, Error> {
    let mut source = open(&[Input::Path(path.to_owned())], &Options::default())?;
    let (mut frames, mut bytes) = (0, 0);
    while let Some(frame) = source.next() {
        frames += 1;
        bytes += frame.data.len() as u64;
        assert_eq!(frame.at.number, frames);
        assert!(frame.original_len as usize >= frame.data.len());
    }
    let progress = source.progress();
    assert_eq!(progress.frames, frames);
    let info = source.finish().pop().unwrap();
    assert_eq!((info.packets, info.captured_bytes), (frames, bytes));
    if info.stopped.is_none() {
        assert_eq!(Some(progress.bytes_read), progress.bytes_total, "{}", info.path);
    }
    Ok(info)
}

#[test]
fn counts_the_packets_that_capinfos_and_tcpdump_count() {
    let Some(corpus) = corpus() else { return };
    let (mut compared, mut equal, mut refused, mut cut) = (0, 0, 0, 0);
    let mut differing = Vec::new();
    for row in rows(&corpus.join("READERS.tsv")) {
        let path = &row["path"];
        // README point 7: where both counted and disagree, the file is pcapng with several interfaces.
        let right =
            match (row["capinfos_packets"].as_str(), row["tcpdump_packets"].as_str(), row["tcpdump_exit"].as_str()) {
                ("", "0", "1") => "refused",
                ("", tcpdump, _) => tcpdump,
                (capinfos, ..) => capinfos,
            };
        let read = read(&corpus.join(path));
        let ours = match &read {
            Ok(info) => info.packets.to_string(),
            Err(error) => {
                assert!(error.hint().is_some() && error.to_string().contains(path.as_str()), "{error}");
                "refused".to_owned()
            }
        };
        compared += 1;
        refused += u32::from(ours == "refused");
        if row["tcpdump_error"].contains("truncated") {
            cut += 1;
            let stopped = read.unwrap().stopped.expect(path);
            assert!(stopped.why.starts_with("cut off"), "{path}: {stopped:?}");
            assert!(stopped.byte < fs::metadata(corpus.join(path)).unwrap().len());
        }
        if ours == right {
            equal += 1;
        } else {
            differing.push((path.clone(), ours, right.to_owned()));
        }
    }
    println!("files compared {compared}, packets equal {equal}, of those refused by all {refused}, cut off {cut}");
    for (path, ours, right) in &differing {
        let why = READER_DIFFERENCES.iter().find(|(listed, said, _)| listed == path && said == ours);
        println!("{path}: we say {ours}, they {right}: {}", why.map_or("NOT EXPLAINED", |(.., why)| why));
    }
    let listed: Vec<(&str, &str)> = READER_DIFFERENCES.iter().map(|&(path, ours, _)| (path, ours)).collect();
    let found: Vec<(&str, &str)> = differing.iter().map(|(path, ours, _)| (path.as_str(), ours.as_str())).collect();
    assert_eq!(found, listed);
    assert!(compared > 1_200 && cut > 0);
}

#[test]
fn reads_all_captures_without_a_panic_and_with_the_times_of_the_catalogue() {
    let Some(corpus) = corpus() else { return };
    let (mut files, mut times, mut refused) = (0, 0, 0);
    let mut differing = Vec::new();
    for row in rows(&corpus.join("CATALOG.tsv")) {
        let path = &row["path"];
        files += 1;
        let Ok(info) = read(&corpus.join(path)) else {
            refused += 1;
            continue;
        };
        let (Some(first), Some(last)) = (info.first, info.last) else { continue };
        // Where one frame has no time capinfos says nothing about the others.
        if row["start_utc"].is_empty() || row["start_utc"] == "n/a" {
            continue;
        }
        times += 1;
        let decimals = usize::from(info.time_decimals);
        let duration = last.since_ns(first);
        let duration = decimal(&format!("{}.", duration / 1_000_000_000), duration % 1_000_000_000, decimals);
        let ours =
            [utc(first.as_ns(), decimals), duration, if info.out_of_order == 0 { "True" } else { "False" }.to_owned()];
        let theirs = ["start_utc", "duration_s", "strict_order"].map(|name| row[name].clone());
        // capinfos writes a time with the decimals of its frame's interface, we all of them with those of the finest.
        let same = |(ours, theirs): (&String, &String)| ours.trim_end_matches('0') == theirs.trim_end_matches('0');
        if !ours.iter().zip(&theirs).all(same) {
            differing.push((path.clone(), ours, theirs));
        }
    }
    println!("files {files}, refused {refused}, times compared {times}, differing {}", differing.len());
    for (path, ours, theirs) in &differing {
        let why = CATALOG_DIFFERENCES.iter().find(|(listed, _)| listed == path);
        println!("{path}: we say {ours:?}, the catalogue {theirs:?}: {}", why.map_or("NOT EXPLAINED", |(_, why)| why));
    }
    let mut found: Vec<&str> = differing.iter().map(|(path, ..)| path.as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, CATALOG_DIFFERENCES.map(|(path, _)| path));
    assert!(files > 1_600 && times > 1_500);
}

/// Date and time as the catalogue writes them (days to date after H. Hinnant's algorithm).
fn utc(ns: i64, decimals: usize) -> String {
    let (seconds, fraction) = (ns.div_euclid(1_000_000_000), ns.rem_euclid(1_000_000_000));
    let z = seconds.div_euclid(86_400) + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    decimal(&format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}."), fraction, decimals)
}

fn decimal(whole: &str, fraction_ns: i64, decimals: usize) -> String {
    format!("{whole}{}", &format!("{fraction_ns:09}")[..decimals])
}
