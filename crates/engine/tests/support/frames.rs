//! Frames that outlive their reader, where tests get them from, and what the pipeline makes of them.

use std::path::{Path, PathBuf};

use firstlight_engine::{FilePhases, Limits, Options, Pipeline, Position, report_of};
use firstlight_model::report::Report;
use firstlight_model::{CaptureInfo, Frame, FrameRef, LinkType, Timestamp};
use firstlight_synth::OwnedFrame;

/// A frame that outlives its reader.
#[derive(Clone)]
pub struct Kept {
    pub at: FrameRef,
    pub time: Timestamp,
    pub link_type: LinkType,
    pub original_len: u32,
    pub data: Vec<u8>,
}

impl Kept {
    pub fn frame(&self) -> Frame<'_> {
        Frame {
            at: self.at,
            time: self.time,
            link_type: self.link_type,
            original_len: self.original_len,
            data: &self.data,
        }
    }
}

/// All frames of a file that can be read.
pub fn of_file(path: &Path) -> (Vec<Kept>, Vec<CaptureInfo>) {
    let inputs = [firstlight_capture::Input::Path(path.to_owned())];
    let Ok(mut source) = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()) else {
        return (Vec::new(), Vec::new());
    };
    let mut frames = Vec::new();
    while let Some(frame) = source.next() {
        let Frame { at, time, link_type, original_len, data } = frame;
        frames.push(Kept { at, time, link_type, original_len, data: data.to_vec() });
    }
    (frames, source.finish())
}

/// Made frames, numbered in time order.
pub fn of_made(frames: Vec<OwnedFrame>) -> Vec<Kept> {
    let numbered = (1_u64..).zip(frames);
    numbered
        .map(|(number, frame)| Kept {
            at: FrameRef { capture: 0, number },
            time: frame.time,
            link_type: frame.link_type,
            original_len: frame.original_len,
            data: frame.data,
        })
        .collect()
}

/// The first frames of the example in the repository.
pub fn of_example(count: usize) -> Vec<Kept> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/macos-10.15-first-minutes.pcapng.zst");
    let (mut frames, _) = of_file(&path);
    assert!(frames.len() > count, "the example has {} frames", frames.len());
    frames.truncate(count);
    frames
}

/// The captures for testing, where the environment says that there are any.
pub fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("FIRSTLIGHT_CORPUS").map(PathBuf::from);
    let corpus = corpus.map(|path| {
        if path.is_relative() { Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path) } else { path }
    });
    if corpus.is_none() {
        println!("left out: FIRSTLIGHT_CORPUS is not set, so no real captures are read");
    }
    corpus
}

/// A piece of a capture, read.
pub fn read(frames: &[Kept], position: Position) -> Pipeline<'static> {
    let mut pipeline = Pipeline::new(Limits::default(), position);
    for frame in frames {
        pipeline.push(&frame.frame());
    }
    pipeline
}

/// Several files are not phases here: how a capture is cut should not show.
pub fn options() -> Options {
    Options { file_phases: FilePhases::Never, ..Options::default() }
}

/// The report of frames that are read in one go.
pub fn whole(frames: &[Kept], captures: &[CaptureInfo]) -> Report {
    report_of(read(frames, Position::Start), captures.to_vec(), &options())
}
