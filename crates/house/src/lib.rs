//! What the tests of this crate share: where the checkout and the corpus are, how to speak past the test runner, and
//! where the built program is. The tests themselves are in `tests/`.
//!
//! A test that needs the corpus (`FIRSTLIGHT_CORPUS`) passes without it and says that it was left out.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use firstlight_analysis::tcpdump::Release;

pub mod binary;
pub mod compare;
pub mod differences;
pub mod expected;
pub mod fuzz;
pub mod mixed;
pub mod page;

/// The root of the checkout.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).expect("crates/house lies two folders below the root").to_path_buf()
}

/// The folder of captures; `None`, after saying that `what` is left out, when `FIRSTLIGHT_CORPUS` is unset. A relative
/// path counts from the root of the checkout.
///
/// # Panics
/// When the variable names something that is not a folder: then the tests would pass for the wrong reason.
pub fn corpus(what: &str) -> Option<PathBuf> {
    match env::var_os("FIRSTLIGHT_CORPUS").filter(|value| !value.is_empty()) {
        Some(value) => {
            let folder = root().join(value);
            assert!(folder.is_dir(), "FIRSTLIGHT_CORPUS: {} is not a folder", folder.display());
            Some(folder)
        }
        None => {
            say(&format!("left out, FIRSTLIGHT_CORPUS is not set: {what}"));
            None
        }
    }
}

/// Prints to standard error. The runner keeps what a passing test prints with `println!`, but not this.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// The release whose notation the installed tcpdump has; `None` when there is none, or another than 4.99.
pub fn installed_tcpdump() -> Option<Release> {
    let version = Command::new("tcpdump").arg("--version").output().ok()?;
    let text = [version.stdout, version.stderr].concat();
    String::from_utf8_lossy(&text).contains("tcpdump version 4.99").then_some(Release::V4_99)
}

/// Every file of the checkout below `folder` in order of path, without what git ignores or keeps for itself.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("a folder entry can be read").path();
            if path.is_symlink() || ["target", ".git", ".tools", "proptest-regressions"].contains(&name_of(&path)) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The folders in `crates/` that hold a crate, in order of name.
pub fn crate_folders() -> Vec<PathBuf> {
    let mut folders: Vec<_> = fs::read_dir(root().join("crates"))
        .expect("the checkout has crates")
        .map(|entry| entry.expect("a folder entry can be read").path())
        .filter(|path| path.join("Cargo.toml").is_file())
        .collect();
    folders.sort();
    folders
}

/// The last part of a path.
pub fn name_of(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// A path as the reader of a failure wants to see it: from the root of the checkout.
pub fn short(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Fails with the whole list when there is one.
///
/// # Panics
/// When `offenders` is not empty.
pub fn assert_none(what: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{what}:\n  {}", offenders.join("\n  "));
}
