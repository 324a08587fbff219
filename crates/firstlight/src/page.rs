//! How a result looks and where it goes: the options that every command which prints has.

use std::path::{Path, PathBuf};

use clap::Args;
use firstlight_report::{Figures, Length, Style};

use crate::outcome::Failure;
use crate::output::Output;
use crate::surroundings::{ColorChoice, Surroundings, Target};

/// Colours, columns, and a file instead of standard output.
#[derive(Debug, Clone, Args)]
pub struct Page {
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    color: ColorChoice,
    /// Columns to use [default: the terminal's, or COLUMNS, or 80]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    width: Option<u16>,
    /// Write to a file instead of standard output; it appears when it is whole
    #[arg(short, long, visible_short_alias = 'w', alias = "write", value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Page {
    /// Opens what the result goes to, before the work is done.
    ///
    /// # Errors
    /// As [`Output::open`].
    pub fn open(&self) -> Result<Output, Failure> {
        Output::open(self.output.as_deref())
    }

    /// What was named to write to; `None` for standard output.
    pub fn target(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| *path != Path::new("-"))
    }

    /// As the writers of reports take it.
    pub fn style(&self, surroundings: &Surroundings, all: bool, exact: bool) -> Style {
        let target = if self.output.is_some() { Target::File } else { Target::StandardOutput };
        Style {
            width: surroundings.width(self.width.map(usize::from), target),
            color: surroundings.color(self.color, target),
            length: if all { Length::All } else { Length::Short },
            figures: if exact { Figures::Exact } else { Figures::Rounded },
        }
    }
}
