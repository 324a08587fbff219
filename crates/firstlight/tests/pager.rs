//! A report that is longer than the screen goes to a pager. A terminal is made by Python's `pty`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

#[path = "support/python.rs"]
mod python;

/// Runs a command on a terminal of so many lines and prints what it wrote there.
const TERMINAL: &str = r#"
import fcntl, os, pty, struct, sys, termios
rows, command = int(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 100, 0, 0))
    os.execv(command[0], command)
while True:
    try:
        read = os.read(terminal, 1 << 16)
    except OSError:
        break
    if not read:
        break
    sys.stdout.buffer.write(read)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

/// What stands on a terminal with so many lines.
fn shown(python: &Path, rows: u32, pagers: &[(&str, &str)], arguments: &[&str]) -> String {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(firstlight_synth::example::CAPTURE);
    let mut command = Command::new(python);
    for name in ["PAGER", "FIRSTLIGHT_PAGER", "LESS", "NO_COLOR", "COLUMNS"] {
        command.env_remove(name);
    }
    let output = command
        .args(["-c", TERMINAL, &rows.to_string(), env!("CARGO_BIN_EXE_firstlight"), "report", "--quiet"])
        .arg(example)
        .args(arguments)
        .env("TERM", "xterm")
        .envs(pagers.iter().copied())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_is_longer_than_the_screen_goes_to_the_pager_and_nothing_else_does() {
    let Some(python) = python::with(&["pty"]) else { return };
    let marks = ("FIRSTLIGHT_PAGER", "sed 's/^/paged: /'");
    let plain = shown(&python, 24, &[marks], &["--no-pager"]);
    assert!(plain.contains("albert.apple.com") && !plain.contains("paged: ") && plain.lines().count() > 60);
    let paged = shown(&python, 24, &[marks], &[]);
    assert!(paged.lines().all(|line| line.starts_with("paged: ")), "{paged}");
    assert_eq!(paged.replace("paged: ", ""), plain, "the same text, with its colours");
    assert!(plain.contains("\u{1b}["), "on a terminal there are colours");
    assert_eq!(shown(&python, 5000, &[marks], &[]), plain, "it fits on the screen");
    assert_eq!(shown(&python, 24, &[("TERM", "dumb"), marks], &["--color", "always"]), plain, "no screen at all");
    let json = shown(&python, 24, &[marks], &["--format", "json"]);
    assert!(json.starts_with('{') && !json.contains("paged: "));
}

#[test]
fn the_environment_says_which_pager() {
    let Some(python) = python::with(&["pty"]) else { return };
    let told = |pagers: &[(&str, &str)]| shown(&python, 24, pagers, &[]);
    assert_eq!(told(&[("PAGER", "cat > /dev/null; echo usual $LESS")]).trim_end(), "usual FRX");
    let both = [("PAGER", "cat > /dev/null; echo usual"), ("FIRSTLIGHT_PAGER", "cat > /dev/null; echo own $LESS")];
    assert_eq!(told(&[both[0], both[1], ("LESS", "S")]).trim_end(), "own S");
    let plain = shown(&python, 24, &[], &["--no-pager"]);
    for none in [("PAGER", ""), ("FIRSTLIGHT_PAGER", "cat")] {
        assert_eq!(told(&[none]), plain);
    }
    let missing = told(&[("PAGER", "/nowhere/pager 2> /dev/null")]);
    assert_eq!(missing, plain, "a pager that is not there");
}
