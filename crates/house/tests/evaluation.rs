//! How well a baseline tells normal runs of a device from others: set-ups of 15 devices, some 20 of each (IoT Sentinel).
//! Learns on some runs and checks the rest, over random splits; the page `docs/evaluation.md` has the tables and is
//! written by `benchmarks/evaluate`.
//!
//! EdimaxCam1 and EdimaxCam2 are two devices of one type: they count as one, and must not be told apart.

#[path = "evaluation/page.rs"]
mod page;
#[path = "evaluation/splits.rs"]
mod splits;

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use firstlight_baseline::{Baseline, Run, check};
use firstlight_capture::Input;
use firstlight_house::{corpus, mixed, name_of, root, say};
use firstlight_model::finding::Grade;

use splits::{Device, Random, Sample};

/// Printed with the results: another one gives other splits.
const SEED: u64 = 20_161_118;
const SPLITS: usize = 40;
const LEARNT: usize = 15;

/// The runs of each device, by its name.
fn devices(corpus: &Path) -> Vec<Device> {
    let drift = drift_names();
    let mut devices: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    for mixed::Device { name, mac, files } in mixed::sentinel(corpus) {
        for file in files {
            let short = format!("{name}/{}", name_of(&file));
            let run = run(&file, &mac);
            let drift = drift.get(&(short, mac.to_ascii_lowercase())).cloned();
            devices.entry(device_of(&name)).or_default().push(Sample { folder: name.clone(), run, drift });
        }
    }
    devices.into_iter().map(|(name, samples)| Device { name, samples }).collect()
}

fn device_of(folder: &str) -> String {
    if folder.starts_with("EdimaxCam") { "EdimaxCam1 and 2".to_owned() } else { folder.to_owned() }
}

fn run(file: &Path, mac: &str) -> Run {
    let inputs = [Input::Path(file.to_path_buf())];
    let source = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()).expect("it opens");
    let report = firstlight_engine::report(source, &mixed::of_machine(mac), &mut |_| {});
    Run::of(&report).expect("the device is in it")
}

/// What drift learnt of each file and MAC address: names and addresses. Empty where it was not run.
fn drift_names() -> BTreeMap<(String, String), Vec<String>> {
    let Some(path) = env::var_os("FIRSTLIGHT_DRIFT_NAMES") else { return BTreeMap::new() };
    let text = fs::read_to_string(path).unwrap_or_default();
    let mut names: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        if let [file, mac, _, domains, addresses] = cells.as_slice() {
            let all = domains.split_whitespace().chain(addresses.split_whitespace()).map(str::to_owned);
            names.entry(((*file).to_owned(), mac.to_ascii_lowercase())).or_default().extend(all);
        }
    }
    names
}

#[test]
fn normal_runs_pass_and_other_devices_do_not() {
    let Some(corpus) = corpus("baselines of devices") else { return };
    let devices = devices(&corpus);
    let mut random = Random::new(SEED);
    let tables: Vec<_> =
        [1, 3, 5, 10, LEARNT].map(|learnt| splits::table(&devices, learnt, SPLITS, &mut random)).into();
    let last = tables.last().expect("there are five");
    let mut shares: Vec<f64> = last.rows.iter().map(|row| row.new.share()).collect();
    shares.sort_by(f64::total_cmp);
    let median = f64::midpoint(shares[(shares.len() - 1) / 2], shares[shares.len() / 2]);
    say(&format!("normal runs with a new contact: median {:.1} % of the devices' runs (seed {SEED})", 100.0 * median));
    for row in &last.rows {
        let (new, others) = (row.new.share(), row.others.share());
        say(&format!("{:>20}: {:5.1} % of normal runs, {:5.1} % of others", row.name, 100.0 * new, 100.0 * others));
        assert!(new <= 0.15, "{}: {new} of the normal runs have something new", row.name);
        assert!(others >= 0.95, "{}: only {others} of other devices' runs are found out", row.name);
    }
    assert!(median <= 0.05, "in the median {median} of normal runs have something new");
    let silence = splits::silence(&devices, &mut random);
    for row in &silence {
        assert!(row.silent.share() >= 0.95, "{}: a silent device is found in {:?}", row.name, row.silent);
    }
    let page = page::page(&tables, &silence, SEED, SPLITS);
    let kept = root().join("docs/evaluation.md");
    if env::var_os("FIRSTLIGHT_RENEW").is_some() {
        fs::write(&kept, &page).expect("docs/ can be written");
    }
    let kept = fs::read_to_string(&kept).expect("it is in the repository");
    let has_drift = env::var_os("FIRSTLIGHT_DRIFT_NAMES").is_some();
    let held = |page: &str| if has_drift { page.to_owned() } else { without_drift(page) };
    assert!(held(&kept) == held(&page), "docs/evaluation.md has other figures: make it anew with benchmarks/evaluate");
}

/// The page without its column on drift, which is another program's and only filled by `benchmarks/evaluate`.
fn without_drift(page: &str) -> String {
    let mut is_first = true;
    let line = |line: &str| {
        is_first &= !line.starts_with("## With fewer runs");
        let cells = line.strip_suffix('|').and_then(|line| line.rsplit_once('|'));
        cells.filter(|_| is_first).map_or(line, |(rest, _)| rest).to_owned() + "\n"
    };
    page.lines().map(line).collect()
}

#[test]
fn devices_of_one_type_are_not_told_apart() {
    let Some(corpus) = corpus("two cameras of one type") else { return };
    let devices = devices(&corpus);
    let cameras = devices.iter().find(|device| device.name.starts_with("EdimaxCam")).expect("they are there");
    for (learn, rest) in [("EdimaxCam1", "EdimaxCam2"), ("EdimaxCam2", "EdimaxCam1")] {
        let mut baseline = Baseline::default();
        cameras.samples.iter().filter(|s| s.folder == learn).for_each(|s| baseline.add(s.run.clone()));
        let others: Vec<_> = cameras.samples.iter().filter(|s| s.folder == rest).collect();
        let found = others.iter().filter(|s| {
            check(&baseline, &s.run).findings.iter().any(|f| matches!(f.grade, Grade::New | Grade::Missing))
        });
        let found = found.count();
        say(&format!("{learn} learnt: {found} of {} runs of {rest} are found out", others.len()));
        assert_eq!(found, 0, "{rest} is told apart from {learn}");
    }
}
