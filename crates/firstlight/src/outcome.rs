//! How a command ends: the exit status, and what is said when it could not do its work.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use firstlight_report::escape::visible;

/// The exit status (the same for all commands).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; nothing new, all held.
    Clean = 0,
    /// Done; something is new or changed or missing, or a claim is broken.
    Findings = 1,
    /// It could not be done, or only in part.
    Failed = 2,
    /// It cannot be told; only with `--strict`.
    CannotTell = 3,
}

impl Exit {
    /// Of two parts of the work: failed when one has, else what the first that is not clean says.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Failed, _) | (_, Self::Failed) => Self::Failed,
            (Self::Clean, other) => other,
            (this, _) => this,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What was in the way, and what to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Lower case, no full stop; names the file and where in it.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

impl Failure {
    /// Without a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// With a hint.
    pub fn hinted(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }

    /// An error and what caused it, on one line.
    pub fn from_error(error: &dyn Error, hint: Option<String>) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            message.push_str(": ");
            message.push_str(&plainly(&error.to_string()));
            cause = error.source();
        }
        Self { message, hint }
    }

    /// The same, said of a file.
    pub fn of(self, path: &Path) -> Self {
        Self { message: format!("{} {}", path.display(), self.message), ..self }
    }

    /// Says it on standard error. When nobody listens there, there is nobody to tell.
    pub fn print(&self) {
        use std::io::Write;
        let mut err = std::io::stderr().lock();
        let _ = writeln!(err, "error: {}", visible(&self.message));
        if let Some(hint) = &self.hint {
            let _ = writeln!(err, "hint: {}", visible(hint));
        }
    }
}

/// The system's words as part of a sentence: `No such file or directory (os error 2)` without number and capital.
pub fn plainly(text: &str) -> String {
    let text = text.split(" (os error ").next().unwrap_or(text);
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if first.is_ascii_uppercase() && second.is_ascii_lowercase() => {
            format!("{}{}", first.to_ascii_lowercase(), chars.as_str())
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_system_fit_into_a_sentence() {
        assert_eq!(plainly("No such file or directory (os error 2)"), "no such file or directory");
        assert_eq!(plainly("IO broke"), "IO broke");
        assert_eq!(plainly(""), "");
    }
}
