//! What the environment and the terminal say of how output is to look. Read once; everything after is given it.

use std::env;
use std::io::{IsTerminal, stderr, stdin, stdout};

use clap::ValueEnum;
use firstlight_report::Color;

use crate::pager::Pager;

/// Columns where nobody says how many there are.
const USUAL_WIDTH: usize = 80;

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set or TERM is dumb; also when CLICOLOR_FORCE is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// `NO_COLOR` is set to something (no-color.org).
    pub no_color: bool,
    /// `CLICOLOR_FORCE` is set to something other than 0.
    pub color_forced: bool,
    /// `TERM` is `dumb`.
    pub dumb: bool,
    /// `COLUMNS`.
    pub columns: Option<usize>,
    /// Width of the terminal on standard output.
    pub terminal_width: Option<usize>,
    /// Where standard output is a terminal that can do more than print: what shows long texts.
    pub pager: Option<Pager>,
    /// Standard output is a terminal.
    pub out_is_terminal: bool,
    /// Standard error is a terminal.
    pub err_is_terminal: bool,
    /// Standard input is a terminal.
    pub in_is_terminal: bool,
    /// The month by the clock, in UTC.
    pub month: Month,
}

impl Surroundings {
    /// Looks around.
    pub fn look() -> Self {
        let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let size = terminal_size::terminal_size();
        let height = size.map(|(_, height)| usize::from(height.0));
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        let pager = height
            .filter(|_| stdout().is_terminal() && !dumb)
            .and_then(|height| Pager::of(env::var_os("FIRSTLIGHT_PAGER"), env::var_os("PAGER"), height));
        Self {
            no_color: set("NO_COLOR"),
            color_forced: env::var_os("CLICOLOR_FORCE").is_some_and(|v| !v.is_empty() && v != "0"),
            dumb,
            columns: env::var("COLUMNS").ok().and_then(|text| text.trim().parse().ok()).filter(|n| *n > 0),
            terminal_width: size.map(|(width, _)| usize::from(width.0)),
            pager,
            out_is_terminal: stdout().is_terminal(),
            err_is_terminal: stderr().is_terminal(),
            in_is_terminal: stdin().is_terminal(),
            month: Month::of(jiff::Timestamp::now()),
        }
    }

    /// Colour for standard output, or for a file, which is no terminal.
    pub fn color(&self, choice: ColorChoice, target: Target) -> Color {
        let ansi = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if self.no_color => false,
            ColorChoice::Auto if target == Target::File => false,
            ColorChoice::Auto if self.color_forced => true,
            ColorChoice::Auto => self.out_is_terminal && !self.dumb,
        };
        if ansi { Color::Ansi } else { Color::Never }
    }

    /// Columns to use.
    pub fn width(&self, asked: Option<usize>, target: Target) -> usize {
        let here = || match target {
            Target::StandardOutput => self.columns.or(if self.out_is_terminal { self.terminal_width } else { None }),
            Target::File => None,
        };
        asked.or_else(here).unwrap_or(USUAL_WIDTH)
    }

    /// True when progress may be shown.
    pub const fn can_show_progress(&self) -> bool {
        self.err_is_terminal && !self.dumb
    }
}

/// A month of the Gregorian calendar, from which the age of what is known is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Month {
    /// Months since the year 0.
    number: u32,
}

impl Month {
    /// In which a time lies, in UTC.
    fn of(time: jiff::Timestamp) -> Self {
        Self::parse(time.to_string().get(..7).unwrap_or_default()).unwrap_or_default()
    }

    /// Of text such as `2026-11`; `2026` alone is its last month.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(text: &str) -> Result<Self, String> {
        let number = |text: &str, len: usize| {
            text.parse::<u32>().ok().filter(|_| text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let parts = text.split_once('-').and_then(|(year, month)| Some((number(year, 4)?, number(month, 2)?)));
        let parts = parts.or_else(|| Some((number(text, 4)?, 12)));
        match parts {
            Some((year, month @ 1..=12)) => Ok(Self { number: year * 12 + month - 1 }),
            _ => Err("it is no month such as 2026-11".to_owned()),
        }
    }

    /// Months from then to now; 0 when it lies ahead.
    pub const fn months_since(self, then: Self) -> u32 {
        self.number.saturating_sub(then.number)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.number / 12, self.number % 12 + 1)
    }
}

/// Where the result goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// To standard output.
    StandardOutput,
    /// To a file.
    File,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_counted_over_years() {
        let month = |text: &str| Month::parse(text).unwrap();
        assert_eq!(month("2026-11").months_since(month("2024-10")), 25);
        assert_eq!(month("2026-01").months_since(month("2025-12")), 1);
        assert_eq!(month("2025-12").months_since(month("2026-01")), 0);
        assert_eq!(Month::of("2026-11-26T23:59:59Z".parse().unwrap()), month("2026-11"));
        assert_eq!(month("2019"), month("2019-12"));
        assert_eq!(month("2026-01").to_string(), "2026-01");
        for wrong in ["", "20261", "2026-13", "2026-00", "26-11", "2026-1", "2026-11-01", "+026-11"] {
            assert!(Month::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_asked_for_goes_before_what_is_found() {
        let plain = Surroundings { no_color: true, columns: Some(120), ..Surroundings::default() };
        assert_eq!(plain.color(ColorChoice::Always, Target::StandardOutput), Color::Ansi);
        assert_eq!(plain.color(ColorChoice::Auto, Target::StandardOutput), Color::Never);
        assert_eq!(plain.width(Some(100), Target::StandardOutput), 100);
        assert_eq!(plain.width(None, Target::StandardOutput), 120);
        assert_eq!(plain.width(None, Target::File), 80);
    }

    #[test]
    fn colour_is_for_terminals_that_can_show_it() {
        let terminal = Surroundings { out_is_terminal: true, terminal_width: Some(90), ..Surroundings::default() };
        assert_eq!(terminal.color(ColorChoice::Auto, Target::StandardOutput), Color::Ansi);
        assert_eq!(terminal.color(ColorChoice::Auto, Target::File), Color::Never);
        assert_eq!(terminal.width(None, Target::StandardOutput), 90);
        let dumb = Surroundings { dumb: true, ..terminal.clone() };
        assert_eq!(dumb.color(ColorChoice::Auto, Target::StandardOutput), Color::Never);
        let forced = Surroundings { color_forced: true, out_is_terminal: false, ..terminal };
        assert_eq!(forced.color(ColorChoice::Auto, Target::StandardOutput), Color::Ansi);
        let both = Surroundings { no_color: true, ..forced };
        assert_eq!(both.color(ColorChoice::Auto, Target::StandardOutput), Color::Never);
    }
}
