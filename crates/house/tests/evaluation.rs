//! trial
use firstlight_baseline::{Baseline, Run, check};
use firstlight_capture::Input;
use firstlight_engine::Options;
use firstlight_house::corpus;
use firstlight_model::finding::Grade;
use std::collections::BTreeMap;
use std::fs;

#[test]
fn trial() {
    let Some(corpus) = corpus("x") else { return };
    let mut devices: BTreeMap<String, Vec<Run>> = BTreeMap::new();
    for dir in fs::read_dir(corpus.join("iot-sentinel")).unwrap() {
        let dir = dir.unwrap().path();
        if !dir.is_dir() {
            continue;
        }
        let mac = fs::read_to_string(dir.join("_iotdevice-mac.txt")).unwrap().trim().to_owned();
        let mut files: Vec<_> = fs::read_dir(&dir)
            .unwrap()
            .map(|f| f.unwrap().path())
            .filter(|p| p.extension().is_some_and(|e| e == "pcap"))
            .collect();
        files.sort();
        let name = dir.file_name().unwrap().to_string_lossy().into_owned();
        let name = if name.starts_with("EdimaxCam") { "EdimaxCam".to_owned() } else { name };
        for file in files {
            let source =
                firstlight_capture::open(&[Input::Path(file)], &firstlight_capture::Options::default()).unwrap();
            let options = Options { machine: Some(mac.clone()), ..Options::default() };
            let report = firstlight_engine::report(source, &options, &mut |_| {});
            devices.entry(name.clone()).or_default().push(Run::of(&report).unwrap());
        }
    }
    let mut state = 1u64;
    let mut next = move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize
    };
    for (name, runs) in &devices {
        let k: usize = std::env::var("K").ok().and_then(|k| k.parse().ok()).unwrap_or(15);
        let (mut tests, mut new, mut any, mut missing) = (0, 0, 0, 0);
        let (mut foreign, mut flagged, mut fl_new) = (0, 0, 0);
        let mut why: BTreeMap<String, usize> = BTreeMap::new();
        for _ in 0..40 {
            let mut idx: Vec<usize> = (0..runs.len()).collect();
            for i in (1..idx.len()).rev() {
                idx.swap(i, next() % (i + 1));
            }
            let mut b = Baseline::default();
            for i in &idx[..k] {
                b.add(runs[*i].clone());
            }
            for i in &idx[15..] {
                let c = check(&b, &runs[*i]);
                tests += 1;
                if c.findings.iter().any(|f| f.grade == Grade::New) {
                    new += 1
                }
                if c.findings.iter().any(|f| f.grade == Grade::Missing) {
                    missing += 1
                }
                if c.findings.iter().any(|f| f.grade != Grade::CannotTell) {
                    any += 1
                }
                for f in &c.findings {
                    *why.entry(format!("{} {:.1} {}", f.grade.word(), f.surprise_bits, f.text)).or_default() += 1
                }
            }
            for (other, theirs) in &devices {
                if other == name {
                    continue;
                }
                let c = check(&b, &theirs[next() % theirs.len()]);
                foreign += 1;
                if c.findings.iter().any(|f| f.grade == Grade::New) {
                    fl_new += 1
                }
                if c.findings.iter().any(|f| matches!(f.grade, Grade::New | Grade::Missing)) {
                    flagged += 1
                }
            }
        }
        println!(
            "{name} {} runs: new {:.3} missing {:.3} any {:.3} | others new {:.3} new/missing {:.3}",
            runs.len(),
            new as f64 / tests as f64,
            missing as f64 / tests as f64,
            any as f64 / tests as f64,
            fl_new as f64 / foreign as f64,
            flagged as f64 / foreign as f64
        );
        let mut why: Vec<_> = why.into_iter().collect();
        why.sort_by_key(|w| std::cmp::Reverse(w.1));
        for (w, n) in why.into_iter().take(6) {
            println!("     {n} {w}");
        }
    }
}
