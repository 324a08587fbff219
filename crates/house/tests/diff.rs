//! How runs of one device vary is no difference: its runs are divided at random into two halves, and those compared. Of
//! another device nearly everything is.

use firstlight_baseline::{Baseline, Run, diff};
use firstlight_capture::Input;
use firstlight_house::{corpus, mixed, say};

const SPLITS: usize = 20;
const SEED: u64 = 20_161_118;

fn run(file: &std::path::Path, mac: &str) -> Run {
    let inputs = [Input::Path(file.to_path_buf())];
    let source = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()).expect("it opens");
    let report = firstlight_engine::report(source, &mixed::of_machine(mac), &mut |_| {});
    Run::of(&report).expect("the device is in it")
}

fn baseline<'a>(runs: impl Iterator<Item = &'a Run>) -> Baseline {
    let mut baseline = Baseline::default();
    runs.for_each(|run| baseline.add(run.clone()));
    baseline
}

/// The next of a series of numbers (SplitMix64), and how the runs are shuffled by it.
fn shuffled(len: usize, state: &mut u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    for at in (1..len).rev() {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = *state;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        order.swap(at, usize::try_from((number ^ (number >> 31)) % (at as u64 + 1)).expect("it is small"));
    }
    order
}

#[test]
fn halves_of_a_devices_runs_hardly_differ_and_devices_do() {
    let Some(corpus) = corpus("halves of a device's runs") else { return };
    let mut state = SEED;
    let (mut splits, mut differing) = (0, 0);
    let mut devices: Vec<(String, Baseline)> = Vec::new();
    for device in mixed::sentinel(&corpus) {
        let runs: Vec<Run> = device.files.iter().map(|file| run(file, &device.mac)).collect();
        let mut changes = 0;
        for _ in 0..SPLITS {
            let order = shuffled(runs.len(), &mut state);
            let (left, right) = order.split_at(order.len() / 2);
            let halves = [left, right].map(|half| baseline(half.iter().filter_map(|at| runs.get(*at))));
            let found = diff(("left", &halves[0]), ("right", &halves[1])).changes;
            found.iter().for_each(|change| say(&format!("{:>20}  {}", "", change.text)));
            changes += found.len();
            differing += usize::from(!found.is_empty());
            splits += 1;
        }
        let each = changes as f64 / SPLITS as f64;
        say(&format!("{:>20}: {each:.2} differences in a split", device.name));
        devices.push((device.name, baseline(runs.iter())));
    }
    say(&format!("{differing} of {splits} splits have a difference"));
    let mut pairs = 0;
    for (at, (name, one)) in devices.iter().enumerate() {
        for (other, another) in devices.iter().skip(at + 1) {
            let is_type = name.starts_with("EdimaxCam") && other.starts_with("EdimaxCam");
            let found = diff((name, one), (other, another)).changes;
            assert_eq!(found.is_empty(), is_type, "{name} and {other}: {found:?}");
            pairs += 1;
        }
    }
    say(&format!("{pairs} pairs of devices: all differ but the two cameras of one type"));
    assert!(differing * 100 <= splits * 5, "{differing} of {splits} halves differ");
}
