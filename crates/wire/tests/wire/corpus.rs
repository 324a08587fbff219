//! Every frame of every capture of the corpus that `FIRSTLIGHT_CORPUS` points to: no panic, packets that hold together,
//! and what share of them is understood.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use firstlight_model::{Layer, LinkType, Network, StopCause};
use firstlight_wire::parse;

use crate::robust;

fn number(big_endian: bool, bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = *bytes.get(at..)?.first_chunk::<4>()?;
    Some(if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
}

/// Frames of a classic capture file; this test has a reader of its own so that it depends on no other stage.
fn for_each_frame(file: &[u8], mut take: impl FnMut(LinkType, &[u8], u32)) -> Option<()> {
    let (big_endian, header_len) = match file.first_chunk::<4>()? {
        [0xd4, 0xc3, 0xb2, 0xa1] | [0x4d, 0x3c, 0xb2, 0xa1] => (false, 16),
        [0xa1, 0xb2, 0xc3, 0xd4] | [0xa1, 0xb2, 0x3c, 0x4d] => (true, 16),
        [0x34, 0xcd, 0xb2, 0xa1] => (false, 24),
        _ => return None,
    };
    let link_type = LinkType(number(big_endian, file, 20)? & 0xffff);
    let mut at = 24;
    loop {
        let captured = number(big_endian, file, at + 8)? as usize;
        let original_len = number(big_endian, file, at + 12)?;
        at += header_len;
        take(link_type, file.get(at..at.checked_add(captured)?)?, original_len);
        at += captured;
    }
}

fn files(folder: &Path, list: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, list);
        } else if path.extension().is_some_and(|it| it == "pcap" || it == "cap" || it == "dmp" || it == "dump") {
            list.push(path);
        }
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
    assert!(!paths.is_empty(), "no captures in {}", folder.display());
    let (mut frames, mut networks, mut told, mut ethernet) = (0u64, 0u64, 0u64, 0u64);
    let mut stops: BTreeMap<(StopCause, &str, u32), u64> = BTreeMap::new();
    for path in &paths {
        let file = fs::read(path).expect("the corpus can be read");
        for_each_frame(&file, |link_type, data, original_len| {
            let packet = parse(link_type, data, original_len);
            robust::check(&packet, data);
            frames += 1;
            ethernet += u64::from(packet.layers.as_slice().first() == Some(&Layer::Ethernet));
            networks += u64::from(packet.network != Network::None);
            told += u64::from(packet.network != Network::None || packet.stop.is_some());
            if let Some(stop) = packet.stop {
                let number = if stop.cause == StopCause::Unsupported { stop.needed } else { 0 };
                *stops.entry((stop.cause, stop.layer.name(), number)).or_default() += 1;
            }
        });
    }
    println!("{} captures, {frames} frames, {ethernet} of Ethernet, {networks} with a network layer", paths.len());
    let mut stops: Vec<_> = stops.into_iter().collect();
    stops.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for ((cause, layer, number), count) in stops.iter().take(40) {
        println!("{count:>7} {cause:?} {layer} {number:#x}");
    }
    assert_eq!(told, frames, "a frame was dropped in silence");
    assert!(networks * 100 >= frames * 85, "{networks} of {frames} frames have a network layer");
}
