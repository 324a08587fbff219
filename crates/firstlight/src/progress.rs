//! How far the work has come, on standard error, when somebody looks there and it takes long enough to be asked about.

use std::time::{Duration, Instant};

use firstlight_capture::Progress;
use firstlight_report::Figures;
use firstlight_report::units::{count, size};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shorter work shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// Progress of one command.
#[derive(Debug)]
pub struct Display {
    wanted: bool,
    begun: Instant,
    bar: Option<ProgressBar>,
}

impl Display {
    /// Shown only when it is wanted.
    pub fn new(wanted: bool) -> Self {
        Self { wanted, begun: Instant::now(), bar: None }
    }

    /// The work has come so far.
    pub fn update(&mut self, progress: &Progress) {
        if !self.wanted || (self.bar.is_none() && self.begun.elapsed() < PATIENCE) {
            return;
        }
        let begun = self.begun;
        let bar = self.bar.get_or_insert_with(|| bar(progress.bytes_total, begun));
        bar.set_position(progress.bytes_read);
        let read = size(progress.bytes_read, Figures::Rounded);
        let of =
            progress.bytes_total.map_or_else(String::new, |total| format!(" of {}", size(total, Figures::Rounded)));
        bar.set_message(format!("{read}{of}, {} packets", count(progress.frames)));
    }

    /// Takes it away, so that the result stands alone.
    pub fn clear(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: Option<u64>, begun: Instant) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total), "{bar:24.cyan} {percent:>3} %  {msg}, {eta} left"),
        None => (ProgressBar::no_length(), "{spinner} {msg}, {elapsed}"),
    };
    let style = ProgressStyle::with_template(template).expect("the templates above are valid");
    bar.set_draw_target(ProgressDrawTarget::stderr());
    bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    bar.with_elapsed(begun.elapsed())
}
