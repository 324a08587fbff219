//! Random splits of runs, and what is counted over them.

use std::collections::BTreeSet;

use firstlight_baseline::{Baseline, Completeness, Run, check};
use firstlight_model::finding::{Check, Grade};

/// The runs of one device.
pub struct Device {
    pub name: String,
    pub samples: Vec<Sample>,
}

/// A run, and what drift learnt of the same capture.
pub struct Sample {
    pub folder: String,
    pub run: Run,
    pub drift: Option<Vec<String>>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    pub some: usize,
    pub all: usize,
}

impl Count {
    fn add(&mut self, is: bool) {
        self.some += usize::from(is);
        self.all += 1;
    }

    pub fn share(&self) -> f64 {
        self.some as f64 / self.all.max(1) as f64
    }
}

/// What came of the splits of one device.
#[derive(Debug, Default)]
pub struct Row {
    pub name: String,
    /// Normal runs with a finding of the grade new.
    pub new: Count,
    /// Normal runs with any finding.
    pub any: Count,
    /// Other devices' runs with something new or missing.
    pub others: Count,
    /// Normal runs, and others, that a plain set difference of names and addresses flags.
    pub plain: [Count; 2],
    /// The same by what drift learns, of captures that it reads.
    pub drift: [Count; 2],
    /// Contacts of checked runs that were new, of all.
    pub contacts: Count,
    /// The mean of what the baselines foretold of that, with the means of the ends of the interval.
    pub foretold: [f64; 3],
    /// Splits in which the share of the checked runs together lay in the interval.
    pub in_interval: Count,
    /// Splits in which the interval held the share of all splits together: what is to be expected, as well as it is known.
    pub expected_in_interval: Count,
}

pub struct Table {
    pub learnt: usize,
    pub rows: Vec<Row>,
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): small, and the same everywhere.
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).expect("below a usize")
    }

    /// Numbers below `len` in random order.
    fn order(&mut self, len: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..len).collect();
        for at in (1..len).rev() {
            order.swap(at, self.below(at + 1));
        }
        order
    }
}

/// All devices, learnt on so many runs.
pub fn table(devices: &[Device], learnt: usize, splits: usize, random: &mut Random) -> Table {
    let rows = devices.iter().map(|device| row(device, devices, learnt, splits, random)).collect();
    Table { learnt, rows }
}

fn has_new(check: &Check) -> bool {
    check.findings.iter().any(|finding| finding.grade == Grade::New)
}

fn stands_out(check: &Check) -> bool {
    check.findings.iter().any(|finding| matches!(finding.grade, Grade::New | Grade::Missing))
}

fn row(device: &Device, devices: &[Device], learnt: usize, splits: usize, random: &mut Random) -> Row {
    let mut row = Row { name: device.name.clone(), ..Row::default() };
    let mut foretold = Vec::new();
    for _ in 0..splits {
        let order = random.order(device.samples.len());
        // What is checked is the same whatever number is learnt: those beyond the fifteenth.
        let (learn, rest) = order.split_at(super::LEARNT);
        let learn: Vec<&Sample> = learn.iter().take(learnt).map(|at| &device.samples[*at]).collect();
        let mut baseline = Baseline::default();
        learn.iter().for_each(|sample| baseline.add(sample.run.clone()));
        let known = baseline.contacts();
        let mut new_here = Count::default();
        for at in rest {
            let sample = &device.samples[*at];
            let check = check(&baseline, &sample.run);
            row.new.add(has_new(&check));
            row.any.add(check.findings.iter().any(|finding| finding.grade != Grade::CannotTell));
            row.plain[0].add(differs(&learn, sample, plain));
            if let Some(flagged) = drift_differs(&learn, sample) {
                row.drift[0].add(flagged);
            }
            for key in sample.run.contacts.keys() {
                new_here.add(!known.contains_key(key));
            }
        }
        row.contacts.some += new_here.some;
        row.contacts.all += new_here.all;
        let runs: Vec<&Run> = learn.iter().map(|sample| &sample.run).collect();
        if let Some(share) = Completeness::of(&runs).expected_new {
            foretold.push(share);
            row.foretold[0] += share.estimate;
            row.foretold[1] += share.low;
            row.foretold[2] += share.high;
            row.in_interval.add((share.low..=share.high).contains(&new_here.share()));
        }
        for other in devices.iter().filter(|other| other.name != device.name) {
            let sample = &other.samples[random.below(other.samples.len())];
            row.others.add(stands_out(&check(&baseline, &sample.run)));
            row.plain[1].add(differs(&learn, sample, plain));
            if let Some(flagged) = drift_differs(&learn, sample) {
                row.drift[1].add(flagged);
            }
        }
    }
    row.foretold = row.foretold.map(|sum| sum / foretold.len().max(1) as f64);
    let expected = row.contacts.share();
    foretold.iter().for_each(|share| row.expected_in_interval.add((share.low..=share.high).contains(&expected)));
    row
}

/// What a plain set difference compares: name or kind of address, protocol and port, without any generalisation.
fn plain(sample: &Sample) -> BTreeSet<String> {
    sample.run.contacts.keys().map(firstlight_baseline::Key::id).collect()
}

fn differs(learn: &[&Sample], sample: &Sample, of: fn(&Sample) -> BTreeSet<String>) -> bool {
    let known: BTreeSet<String> = learn.iter().flat_map(|sample| of(sample)).collect();
    of(sample).iter().any(|contact| !known.contains(contact))
}

/// As drift checks: a name or address that no learnt run had. `None` where it could not read the capture.
fn drift_differs(learn: &[&Sample], sample: &Sample) -> Option<bool> {
    let known: BTreeSet<&String> = learn.iter().filter_map(|sample| sample.drift.as_ref()).flatten().collect();
    sample.drift.as_ref().map(|names| names.iter().any(|name| !known.contains(name)))
}

/// Runs of which flows were taken away.
#[derive(Debug)]
pub struct Silence {
    pub name: String,
    /// All contacts but those of the address (DHCP, ARP) are gone.
    pub silent: Count,
    /// Every second contact that all learnt runs have is gone.
    pub half: Count,
}

/// Takes contacts out of real runs: a device that has gone silent, or says only half of what it always said.
pub fn silence(devices: &[Device], random: &mut Random) -> Vec<Silence> {
    devices.iter().map(|device| silence_of(device, random)).collect()
}

fn silence_of(device: &Device, random: &mut Random) -> Silence {
    let mut row = Silence { name: device.name.clone(), silent: Count::default(), half: Count::default() };
    for _ in 0..10 {
        let order = random.order(device.samples.len());
        let (learn, rest) = order.split_at(super::LEARNT);
        let mut baseline = Baseline::default();
        learn.iter().for_each(|at| baseline.add(device.samples[*at].run.clone()));
        let always: BTreeSet<_> =
            baseline.contacts().into_iter().filter(|(_, runs)| runs.len() == learn.len()).map(|(key, _)| key).collect();
        for at in rest {
            let run = &device.samples[*at].run;
            let is_address = |key: &firstlight_baseline::Key| key.who_in_words().contains("DHCP");
            let mut silent = run.clone();
            silent.contacts.retain(|key, _| is_address(key));
            row.silent.add(is_missed(&check(&baseline, &silent)));
            let mut half = run.clone();
            let mut turn = 0;
            half.contacts.retain(|key, _| {
                turn += usize::from(always.contains(key));
                !always.contains(key) || turn % 2 == 0
            });
            if half.contacts.len() < run.contacts.len() {
                row.half.add(is_missed(&check(&baseline, &half)));
            }
        }
    }
    row
}

fn is_missed(check: &Check) -> bool {
    check.findings.iter().any(|finding| finding.grade == Grade::Missing)
}
