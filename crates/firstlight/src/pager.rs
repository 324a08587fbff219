//! What is longer than the screen is shown by a pager, page by page. A pager that cannot be started changes nothing: the
//! text is printed.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::process::{Command, Stdio};

/// A pager and the screen that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pager {
    /// What the shell is to run.
    pub command: OsString,
    /// Lines that the screen has.
    pub height: usize,
}

/// How `less` behaves unless the user says otherwise: it ends at once where all fits on the screen (F), shows colours
/// (R), and leaves what it has shown (X).
const LESS: &str = "FRX";
/// What a shell ends with when a command cannot be run, or is not there (POSIX, Shell Command Language s. 2.8.2).
const NOT_RUN: [i32; 2] = [126, 127];

impl Pager {
    /// The pager that the environment names: `FIRSTLIGHT_PAGER`, else `PAGER`, else `less`. None when the name is empty
    /// or `cat`, which shows nothing page by page.
    pub fn of(own: Option<OsString>, usual: Option<OsString>, height: usize) -> Option<Self> {
        let command = own.or(usual).unwrap_or_else(|| OsString::from("less"));
        (!command.is_empty() && command != "cat").then_some(Self { command, height })
    }

    /// Shows the text; false when it fits on the screen, or the pager does not run.
    ///
    /// # Errors
    /// When the pager cannot be waited for.
    pub fn show(&self, text: &[u8]) -> io::Result<bool> {
        let lines = text.iter().filter(|byte| **byte == b'\n').count();
        if lines < self.height {
            return Ok(false);
        }
        // An interrupt is for the pager: were we to end by it, the shell and the pager would both read the keys.
        #[cfg(unix)]
        let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, std::sync::Arc::default());
        let mut command = shell(&self.command);
        if std::env::var_os("LESS").is_none() {
            command.env("LESS", LESS);
        }
        let Ok(mut child) = command.stdin(Stdio::piped()).spawn() else { return Ok(false) };
        if let Some(mut stdin) = child.stdin.take() {
            // Whoever leaves the pager before the end has seen enough.
            let _ = stdin.write_all(text);
        }
        let status = child.wait()?;
        Ok(!status.code().is_some_and(|code| NOT_RUN.contains(&code)))
    }
}

#[cfg(unix)]
fn shell(command: &OsStr) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(not(unix))]
fn shell(command: &OsStr) -> Command {
    Command::new(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_variable_goes_before_the_usual_one() {
        let of = |own: Option<&str>, usual: Option<&str>| {
            Pager::of(own.map(OsString::from), usual.map(OsString::from), 24).map(|pager| pager.command)
        };
        assert_eq!(of(None, None), Some("less".into()));
        assert_eq!(of(None, Some("more")), Some("more".into()));
        assert_eq!(of(Some("most -w"), Some("more")), Some("most -w".into()));
        assert_eq!((of(Some(""), Some("more")), of(None, Some("cat")), of(Some("cat"), None)), (None, None, None));
    }

    #[test]
    fn what_fits_on_the_screen_needs_no_pager() {
        let pager = Pager { command: "exit 7".into(), height: 3 };
        assert!(!pager.show(b"a\nb\n").unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn a_pager_that_is_not_there_is_none() {
        let text = b"a\nb\nc\nd\n";
        assert!(!Pager { command: "/nowhere/pager 2>/dev/null".into(), height: 3 }.show(text).unwrap());
        assert!(Pager { command: "cat >/dev/null".into(), height: 3 }.show(text).unwrap());
        assert!(Pager { command: "exit 1".into(), height: 3 }.show(&b"x\n".repeat(1 << 18)).unwrap());
    }
}
