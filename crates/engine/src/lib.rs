//! The pipeline: the only place where all stages meet. Begin with `pipeline.rs`.

mod pipeline;
pub mod sieve;
mod view;

pub use firstlight_analysis::{FilePhases, Mark, MarkTime, Options};
use firstlight_analysis::{Tally, assemble};
pub use firstlight_capture::Progress;
use firstlight_capture::Source;
pub use firstlight_flow::{Limits, Position};
use firstlight_model::CaptureInfo;
use firstlight_model::report::Report;
pub use pipeline::{Pipeline, Watch};
pub use view::FlowView;

/// Progress is told after so many frames.
const FRAMES_PER_PROGRESS: u64 = 1 << 14;

/// Reads all of the source and says what is in it.
pub fn report(source: Source, options: &Options, on_progress: &mut dyn FnMut(&Progress)) -> Report {
    let (tally, captures) = read(source, on_progress);
    assemble(tally, captures, options)
}

/// Likewise, and tells what happens while it is read, one conversation after the other as they end.
pub fn watched(
    source: Source,
    options: &Options,
    on_progress: &mut dyn FnMut(&Progress),
    watch: &mut Watch<'_>,
) -> Report {
    let (tally, captures) = read_into(Pipeline::watched(Limits::default(), watch), source, on_progress);
    assemble(tally, captures, options)
}

/// Reads all of the source and lists its flows in the order of their first frames.
pub fn flows(source: Source, _options: &Options) -> Vec<FlowView> {
    let (tally, _) = read(source, &mut |_| {});
    tally.into_connections().into_iter().map(FlowView::from).collect()
}

/// Makes the report of what one pipeline, or several merged ones, have kept.
pub fn report_of(pipeline: Pipeline, captures: Vec<CaptureInfo>, options: &Options) -> Report {
    assemble(pipeline.finish(), captures, options)
}

fn read(source: Source, on_progress: &mut dyn FnMut(&Progress)) -> (Tally, Vec<CaptureInfo>) {
    read_into(Pipeline::new(Limits::default(), Position::Start), source, on_progress)
}

fn read_into(
    mut pipeline: Pipeline<'_>,
    mut source: Source,
    on_progress: &mut dyn FnMut(&Progress),
) -> (Tally, Vec<CaptureInfo>) {
    let mut frames = 0_u64;
    while let Some(frame) = source.next() {
        pipeline.push(&frame);
        frames += 1;
        if frames.is_multiple_of(FRAMES_PER_PROGRESS) {
            on_progress(&source.progress());
        }
    }
    on_progress(&source.progress());
    (pipeline.finish(), source.finish())
}
