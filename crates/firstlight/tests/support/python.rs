//! Python with the packages that a test reads our files with, in an environment of its own below the target folder, where
//! `.ci/run` makes it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// An interpreter that has all of the packages; `None`, with a sentence, where there is none.
pub fn with(packages: &[&str]) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_BIN_EXE_firstlight")).parent()?.parent()?;
    let python = target.join("python/bin/python3");
    let imports: Vec<String> = packages.iter().map(|package| format!("import {package}")).collect();
    let output = Command::new(&python).args(["-c", &imports.join("\n")]).output();
    if output.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    println!("left out: {} does not have {}", python.display(), packages.join(" and "));
    None
}
