//! Who the machines of the corpus are: the system against nDPI's label, flow by flow, and the maker of every capture of a
//! known device. The tables stand in `docs/coverage.md`; `FIRSTLIGHT_RENEW=1 cargo test -p firstlight-house --test
//! identity` writes them anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use firstlight_capture::Input;
use firstlight_engine::Options;
use firstlight_house::page::hold_page;
use firstlight_house::{assert_none, corpus, files_below, name_of, say};
use firstlight_model::report::{Aspect, Report};

/// Flows to which nDPI gives a system that Firstlight does not, and why: capture, label, reason.
const SYSTEM_DIFFERS: &[(&str, &str, &str)] = &[(
    "ndpi/pcap/instagram.pcap",
    "Linux",
    "Android, which is built on Linux: the machine's user agent is `Instagram 7.1.1 Android (19/4.4.2; …; samsung; \
     GT-I9505; …)`, so that the label is right and Firstlight's says more",
)];

/// The makers of the devices of a folder of captures.
const MAKERS: &[(&str, &str)] = &[
    ("Aria", "Fitbit (Google)"),
    ("D-LinkCam", "D-Link"),
    ("D-LinkHomeHub", "D-Link"),
    ("D-LinkSensor", "D-Link"),
    ("EdimaxCam1", "Edimax"),
    ("EdimaxCam2", "Edimax"),
    ("EdimaxPlug1101W", "Edimax"),
    ("EdnetGateway", "ednet"),
    ("HueBridge", "Signify (Philips Hue)"),
    ("MAXGateway", "eQ-3 (Homematic)"),
    ("TP-LinkPlugHS100", "TP-Link"),
    ("WeMoInsightSwitch", "Belkin (Wemo)"),
    ("WeMoSwitch", "Belkin (Wemo)"),
    ("Withings", "Withings"),
    ("iKettle2", "Smarter"),
    ("nku-lifecycle", "Xiaodu (Baidu)"),
];

/// Devices whose captures do not name their maker, and how many captures of them have no answer.
const MAKER_UNKNOWN: &[(&str, usize, &str)] = &[(
    "iKettle2",
    20,
    "asks for an address and joins a group, no more: its link address and its host name (`ESP_06D902`) are those of \
     Espressif's module",
)];

fn report(path: &Path, machine: Option<&str>) -> Option<Report> {
    let inputs = [Input::Path(path.to_path_buf())];
    let source = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()).ok()?;
    let options = Options { machine: machine.map(str::to_owned), ..Options::default() };
    Some(firstlight_engine::report(source, &options, &mut |_| {}))
}

#[test]
fn systems_are_those_of_ndpi_and_makers_those_of_the_devices() {
    let Some(corpus) = corpus("systems by nDPI and makers of known devices") else { return };
    let mut offenders = Vec::new();
    let mut page = String::from("\n## Who the machines are\n");
    systems(&corpus, &mut page, &mut offenders);
    makers(&corpus, &mut page, &mut offenders);
    assert_none("systems and makers that are not as known", &offenders);
    hold_page("docs/coverage.md", "\n## Who the machines are\n", &page);
}

/// A flow by its ends, and the system that nDPI gives to the one that began it.
type Labelled = (String, u64, String, u64, String);

fn systems(corpus: &Path, page: &mut String, offenders: &mut Vec<String>) {
    let records = fs::read_to_string(corpus.join("expected.jsonl")).unwrap();
    // nDPI lists a flow again for each tunnel.
    let mut flows: BTreeMap<String, BTreeSet<Labelled>> = BTreeMap::new();
    for record in records.lines().filter(|line| line.contains("\"ndpi\"")) {
        let record: serde_json::Value = serde_json::from_str(record).unwrap();
        let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        let number = |key: &str| record[key].as_u64().unwrap_or_default();
        let label = text("os");
        if !label.is_empty() && label != "Unknown" {
            let flow = (text("a"), number("ap"), text("b"), number("bp"), label);
            flows.entry(text("pcap")).or_default().insert(flow);
        }
    }
    let (mut total, mut agreed, mut finer, mut differs) = (0_u64, 0_u64, 0_u64, BTreeSet::new());
    let mut confusion: BTreeMap<(String, String), u64> = BTreeMap::new();
    for (pcap, flows) in &flows {
        let report = report(&corpus.join(pcap), None).unwrap();
        for (address, port, peer, peer_port, label) in flows {
            let machine =
                report.machines.iter().find(|machine| machine.addresses.iter().any(|it| it.to_string() == *address));
            let ours = machine.and_then(|machine| machine.os.family.clone()).unwrap_or_else(|| "unknown".to_owned());
            let wanted = if label == "iOS/iPad" { "iOS" } else { label };
            total += 1;
            *confusion.entry((label.clone(), ours.clone())).or_default() += 1;
            if ours == wanted {
                agreed += 1;
            } else if let Some((capture, label, _)) = SYSTEM_DIFFERS.iter().find(|it| it.0 == pcap && it.1 == label) {
                // Only a system that is built on the other is no contradiction of it.
                let built_on = firstlight_knowledge::signs("system", &ours);
                finer += u64::from(built_on.iter().any(|sign| sign.about == "kin" && sign.value == wanted));
                differs.insert((*capture, *label));
            } else {
                offenders.push(format!("{pcap} {address}:{port} > {peer}:{peer_port}: nDPI {label}, ours {ours}"));
            }
        }
    }
    for (capture, label, why) in SYSTEM_DIFFERS {
        if !differs.contains(&(*capture, *label)) {
            offenders.push(format!("{capture} {label} stands in SYSTEM_DIFFERS, but does not differ: {why}"));
        }
    }
    assert!(total >= 50, "{total} flows have a label");
    let share = 100.0 * (agreed + finer) as f64 / total as f64;
    assert!(share >= 95.0, "{agreed} of {total} flows agree, {finer} more are of a system built on that one");
    say(&format!("the system is nDPI's for {agreed} of {total} flows, and built on nDPI's for {finer}"));
    let _ = write!(
        page,
        "Of {total} flows to whose SYN nDPI gives a system, the machine that began them has the same by Firstlight for \
         {agreed},\nand one that is built on it for {finer} (together {share:.1} %). Made by `FIRSTLIGHT_RENEW=1 cargo test -p firstlight-house --test identity`, which \
         holds this part.\n\n| nDPI | Firstlight | flows |\n|---|---|--:|\n"
    );
    for ((label, ours), count) in confusion {
        let _ = writeln!(page, "| {label} | {ours} | {count} |");
    }
    page.push('\n');
    for (capture, label, why) in SYSTEM_DIFFERS {
        let _ = writeln!(page, "- `{capture}`, {label}: {why}.");
    }
}

/// Right, unknown and wrong answers.
#[derive(Default)]
struct Answers {
    right: usize,
    unknown: usize,
    wrong: BTreeMap<String, usize>,
}

fn makers(corpus: &Path, page: &mut String, offenders: &mut Vec<String>) {
    let mut answers: BTreeMap<&str, Answers> = BTreeMap::new();
    let mut captures = 0;
    for path in files_below(&corpus.join("iot-sentinel")).into_iter().chain(files_below(&corpus.join("nku-lifecycle")))
    {
        if path.extension().is_none_or(|extension| extension != "pcap") {
            continue;
        }
        let folder = path.parent().unwrap();
        let mac = fs::read_to_string(folder.join("_iotdevice-mac.txt")).ok();
        let device = if mac.is_some() { name_of(folder) } else { "nku-lifecycle" };
        let Some((device, maker)) = MAKERS.iter().find(|(name, _)| *name == device) else {
            panic!("the maker of {} is not known", path.display());
        };
        let report = report(&path, mac.as_deref().map(str::trim)).unwrap();
        let answer = answers.entry(device).or_default();
        captures += 1;
        match report.machines[0].identity.value(Aspect::Maker) {
            Some(said) if said == *maker => answer.right += 1,
            Some(said) => *answer.wrong.entry(said.to_owned()).or_default() += 1,
            None => answer.unknown += 1,
        }
    }
    let _ = write!(
        page,
        "\n### Makers of known devices\nOver {captures} captures of devices that are known.\n\n\
         | device | maker | right | unknown | wrong |\n|---|---|--:|--:|--:|\n"
    );
    for (device, maker) in MAKERS {
        let Answers { right, unknown, wrong } = answers.remove(device).unwrap_or_default();
        let wrong_count: usize = wrong.values().sum();
        let _ = writeln!(page, "| {device} | {maker} | {right} | {unknown} | {wrong_count} |");
        let listed = MAKER_UNKNOWN.iter().find(|(name, _, _)| name == device).map_or(0, |(_, count, _)| *count);
        if right + unknown == 0 || unknown != listed || wrong_count > 0 {
            offenders.push(format!("{device}: {right} right, {unknown} unknown ({listed} listed), wrong {wrong:?}"));
        }
    }
    page.push('\n');
    for (device, _, why) in MAKER_UNKNOWN {
        let _ = writeln!(page, "- {device}: {why}.");
    }
}
