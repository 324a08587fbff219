//! Every frame of every capture of the corpus that `FIRSTLIGHT_CORPUS` points to: no panic, packets that hold together,
//! and what share of them is understood.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use firstlight_capture::{Input, Options, open};
use firstlight_model::{Layer, Network, StopCause};
use firstlight_wire::parse;

use crate::robust;

fn files(folder: &Path, list: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, list) } else { list.push(path) }
    }
}

#[test]
fn the_corpus_is_read_and_nearly_all_of_its_frames_are_understood() {
    let Some(folder) = std::env::var_os("FIRSTLIGHT_CORPUS") else {
        println!("skipped: FIRSTLIGHT_CORPUS is not set");
        return;
    };
    let mut paths = Vec::new();
    files(Path::new(&folder), &mut paths);
    paths.sort();
    let (mut captures, mut frames, mut networks, mut told, mut ethernet) = (0u64, 0u64, 0u64, 0u64, 0u64);
    let mut stops: BTreeMap<(StopCause, &str, u32), u64> = BTreeMap::new();
    let options = Options { hash: false, ..Options::default() };
    for path in &paths {
        // Not all files are captures: the findings of other tools lie beside them.
        let Ok(mut source) = open(&[Input::Path(path.clone())], &options) else { continue };
        captures += 1;
        while let Some(frame) = source.next() {
            let packet = parse(frame.link_type, frame.data, frame.original_len);
            robust::check(&packet, frame.data);
            frames += 1;
            ethernet += u64::from(packet.layers.as_slice().first() == Some(&Layer::Ethernet));
            networks += u64::from(packet.network != Network::None);
            told += u64::from(packet.network != Network::None || packet.stop.is_some());
            if let Some(stop) = packet.stop {
                let number = if stop.cause == StopCause::Unsupported { stop.needed } else { 0 };
                *stops.entry((stop.cause, stop.layer.name(), number)).or_default() += 1;
            }
        }
    }
    assert!(captures > 0, "no captures in {}", Path::new(&folder).display());
    println!("{captures} captures, {frames} frames, {ethernet} of Ethernet, {networks} with a network layer");
    let mut stops: Vec<_> = stops.into_iter().collect();
    stops.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for ((cause, layer, number), count) in stops.iter().take(40) {
        println!("{count:>7} {cause:?} {layer} {number:#x}");
    }
    assert_eq!(told, frames, "a frame was dropped in silence");
    assert!(networks * 100 >= frames * 85, "{networks} of {frames} frames have a network layer");
}
