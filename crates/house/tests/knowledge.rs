//! How much of the traffic of known devices and systems has an owner and a purpose: over every capture of the sets of
//! IoT Sentinel and of the life cycle of devices, and those whose name says what made them. The table is a part of
//! `docs/coverage.md`, which `FIRSTLIGHT_RENEW=1` writes anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use firstlight_capture::Input;
use firstlight_engine::Options;
use firstlight_house::page::hold_page;
use firstlight_house::{assert_none, corpus, files_below, say};
use firstlight_model::report::{Contact, Report, Scope};

const HEADING: &str = "\n## Whose it is and what it is for\n";

/// Share of the bytes of named contacts on the internet that has an owner, in each capture.
const OWNED: f64 = 0.95;
/// Share of the contacts on the internet that have a purpose or a kind, in each capture.
const EXPLAINED: f64 = 0.85;

/// Captures of a known device or system beside the two sets.
const SYSTEMS: &[&str] = &[
    "arkime/fbzero-android.pcap",
    "arkime/gtp-iphone.pcap",
    "ndpi/pcap/googledns_android10.pcap",
    "ndpi/pcap/iphone.pcap",
    "ndpi/pcap/nest_log_sink.pcap",
    "ndpi/pcap/quickplay.pcap",
    "zeek/Traces/http/byteranges.pcap",
    "zeek/Traces/http/m57-long-49583-80.pcap",
    "zeek/Traces/http/m57-long-49600-80.pcap",
    "zeek/Traces/http/vnd.ms-cab-compressed-multi-conn.pcap",
];

/// Captures that stay below a line, and why nobody can know more.
const SHORT: &[(&str, &str)] = &[
    ("arkime/fbzero-android.pcap", "its only contact is an address: no look-up, and a protocol that is not read"),
    (LIFE_OFF_LOCAL, BEGAN_BEFORE),
    (LIFE_OFF_VOICE, BEGAN_BEFORE),
    (LIFE_ON_PHYSICAL, BEGAN_BEFORE),
    (LIFE_ON_VOICE, BEGAN_BEFORE),
    (LIFE_UPDATE, BEGAN_BEFORE),
];

const BEGAN_BEFORE: &str = "one of its few connections began before the capture, and with it its look-up";
const LIFE_OFF_LOCAL: &str = "nku-lifecycle/result_demo/traffic_demo/xiaodu_plug_lifecycle/xiaodu_plug_off_local.pcap";
const LIFE_OFF_VOICE: &str = "nku-lifecycle/result_demo/traffic_demo/xiaodu_plug_lifecycle/xiaodu_plug_off_voice.pcap";
const LIFE_ON_PHYSICAL: &str =
    "nku-lifecycle/result_demo/traffic_demo/xiaodu_plug_lifecycle/xiaodu_plug_on_physical.pcap";
const LIFE_ON_VOICE: &str = "nku-lifecycle/result_demo/traffic_demo/xiaodu_plug_lifecycle/xiaodu_plug_on_voice.pcap";
const LIFE_UPDATE: &str = "nku-lifecycle/result_demo/traffic_demo/xiaodu_plug_lifecycle/xiaodu_plug_update.pcap";

/// What is known of the contacts of a capture, or of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Known {
    captures: u64,
    bytes_named: u64,
    bytes_owned: u64,
    contacts: u64,
    contacts_explained: u64,
    /// Of how many contacts what is missing, by what they are called.
    missing: BTreeMap<String, u64>,
}

impl Known {
    fn of(report: &Report) -> Self {
        let mut known = Self { captures: 1, ..Self::default() };
        for contact in report.contacts.iter().filter(|contact| contact.scope == Scope::Internet) {
            known.add(contact);
        }
        known
    }

    fn add(&mut self, contact: &Contact) {
        let has_owner = contact.knowledge.owner.is_some();
        let is_explained = contact.knowledge.purpose.is_some() || contact.knowledge.category.is_some();
        let bytes = contact.wire_in + contact.wire_out;
        if contact.name.is_some() {
            self.bytes_named += bytes;
            self.bytes_owned += if has_owner { bytes } else { 0 };
        }
        self.contacts += 1;
        self.contacts_explained += u64::from(is_explained);
        let what = match (has_owner || contact.name.is_none(), is_explained) {
            (true, true) => return,
            (true, false) => "purpose",
            (false, true) => "owner",
            (false, false) => "owner, purpose",
        };
        let name = contact.name.clone().or_else(|| contact.addresses.first().map(ToString::to_string));
        let port = contact.port.map_or_else(String::new, |port| format!(":{port}"));
        *self.missing.entry(format!("`{}{port}` {what}", name.unwrap_or_default())).or_default() += 1;
    }

    fn merge(&mut self, other: &Self) {
        self.captures += other.captures;
        self.bytes_named += other.bytes_named;
        self.bytes_owned += other.bytes_owned;
        self.contacts += other.contacts;
        self.contacts_explained += other.contacts_explained;
        for (what, count) in &other.missing {
            *self.missing.entry(what.clone()).or_default() += count;
        }
    }

    fn owned(&self) -> f64 {
        share(self.bytes_owned, self.bytes_named)
    }

    fn explained(&self) -> f64 {
        share(self.contacts_explained, self.contacts)
    }

    fn row(&self, title: &str) -> String {
        let percent = |share: f64, of: u64| if of == 0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * share) };
        let missing: Vec<String> = self
            .missing
            .iter()
            .map(|(what, count)| if *count > 1 { format!("{what} (in {count} contacts)") } else { what.clone() })
            .collect();
        format!(
            "{title} | {} | {} | {} | {} | {} |\n",
            self.bytes_named,
            percent(self.owned(), self.bytes_named),
            self.contacts,
            percent(self.explained(), self.contacts),
            missing.join(", ")
        )
    }
}

/// Of nothing, everything is known.
fn share(part: u64, of: u64) -> f64 {
    if of == 0 { 1.0 } else { part as f64 / of as f64 }
}

fn read(path: &Path) -> Option<Report> {
    let inputs = [Input::Path(path.to_path_buf())];
    let source = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()).ok()?;
    Some(firstlight_engine::report(source, &Options::default(), &mut |_| {}))
}

#[test]
fn traffic_of_known_devices_and_systems_has_owners_and_purposes() {
    let Some(corpus) = corpus("owners and purposes of known devices") else { return };
    let mut captures: BTreeMap<String, Known> = BTreeMap::new();
    for set in ["iot-sentinel", "nku-lifecycle"] {
        let files = files_below(&corpus.join(set));
        for path in files.iter().filter(|path| path.extension().is_some_and(|it| it == "pcap")) {
            let name = path.strip_prefix(&corpus).unwrap().display().to_string();
            captures.insert(name, Known::of(&read(path).unwrap()));
        }
    }
    for name in SYSTEMS {
        captures.insert((*name).to_owned(), Known::of(&read(&corpus.join(name)).unwrap()));
    }
    let mut offenders = Vec::new();
    for (name, known) in &captures {
        let cause = SHORT.iter().find(|(short, _)| short == name);
        let is_short = known.owned() < OWNED || known.explained() < EXPLAINED;
        match (is_short, cause) {
            (true, None) => offenders.push(format!("below the lines: {}", known.row(name))),
            (false, Some(_)) => offenders.push(format!("no longer below the lines: {name}")),
            (true, Some(_)) | (false, None) => {}
        }
    }
    assert_none("owners and purposes", &offenders);
    assert!(captures.len() > 300);
    let mut all = Known::default();
    captures.values().for_each(|known| all.merge(known));
    say(&format!("of {} captures: {}", captures.len(), all.row("").trim()));
    hold_page("docs/coverage.md", HEADING, &page(&captures, &all));
}

fn page(captures: &BTreeMap<String, Known>, all: &Known) -> String {
    let mut sets: BTreeMap<String, Known> = BTreeMap::new();
    for (name, known) in captures {
        let set = match name.split('/').collect::<Vec<_>>().as_slice() {
            ["iot-sentinel", device, ..] => format!("IoT Sentinel: {device}"),
            ["nku-lifecycle", ..] => "life cycle: Xiaodu plug".to_owned(),
            _ => name.clone(),
        };
        sets.entry(set).or_default().merge(known);
    }
    let columns = "named bytes | have an owner | contacts | have a purpose or kind | nobody knows |";
    let mut page = format!(
        "{HEADING}Of contacts on the internet, over the {} captures of the corpus of which the device or the system is known. In each\n\
         of them at least {:.0} % of the bytes of named contacts have an owner, and at least {:.0} % of the contacts a purpose or\n\
         kind, but for those below. Made by `FIRSTLIGHT_RENEW=1 cargo test -p firstlight-house --test knowledge`, which holds\n\
         this part.\n\n| set | captures | {columns}\n|---|--:|--:|--:|--:|--:|---|\n",
        captures.len(),
        100.0 * OWNED,
        100.0 * EXPLAINED,
    );
    for (set, known) in &sets {
        page.push_str(&known.row(&format!("| {set} | {}", known.captures)));
    }
    page.push_str(&all.row(&format!("| all | {}", all.captures)));
    page.push_str("\nBelow a line, and why:\n\n| capture | why |\n|---|---|\n");
    for (name, cause) in SHORT {
        let _ = writeln!(page, "| {name} | {cause} |");
    }
    let _ =
        write!(page, "\n<details><summary>By capture</summary>\n\n| capture | {columns}\n|---|--:|--:|--:|--:|---|\n");
    for (name, known) in captures {
        page.push_str(&known.row(&format!("| {name}")));
    }
    page.push_str("\n</details>\n");
    page
}

#[test]
fn of_nothing_everything_is_known_and_what_is_missing_is_told() {
    let nothing = Known::default();
    assert_eq!((nothing.owned(), nothing.explained()), (1.0, 1.0));
    let half = Known { bytes_named: 10, bytes_owned: 5, contacts: 4, contacts_explained: 3, ..Known::default() };
    assert_eq!((half.owned(), half.explained()), (0.5, 0.75));
    let mut both = half.clone();
    both.merge(&half);
    assert_eq!((both.bytes_owned, both.contacts), (10, 8));
    assert!(half.row("x").starts_with("x | 10 | 50.0 % | 4 | 75.0 %"));
}
