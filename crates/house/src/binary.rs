//! The built program, for tests that run it from outside.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;
use std::{env, fs};

/// The `firstlight` program of the profile that this test was built with. It is built first when it is missing or older
/// than a source file that it was made of (`cargo test -p firstlight-house` does not build it by itself).
///
/// # Panics
/// When it cannot be built.
pub fn firstlight() -> PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(build_if_stale).clone()
}

fn build_if_stale() -> PathBuf {
    let test = env::current_exe().expect("a test knows its own path");
    let folder = test.ancestors().nth(2).expect("tests lie in TARGET/PROFILE/deps").to_path_buf();
    let binary = folder.join(format!("firstlight{}", env::consts::EXE_SUFFIX));
    if !is_fresh(&binary, &folder.join("firstlight.d")) {
        let mut build = Command::new(env!("CARGO"));
        build.current_dir(crate::root()).args(["build", "--quiet", "--package", "firstlight", "--bin", "firstlight"]);
        build.arg("--target-dir").arg(folder.parent().expect("a profile's folder lies in the target folder"));
        if folder.ends_with("release") {
            build.arg("--release");
        }
        let status = build.status().expect("cargo can be started");
        assert!(status.success(), "cargo build --package firstlight: {status}");
    }
    binary
}

/// Is `binary` younger than every source file that cargo lists in `dependencies`?
fn is_fresh(binary: &Path, dependencies: &Path) -> bool {
    let Some(built) = modified(binary) else { return false };
    let Ok(list) = fs::read_to_string(dependencies) else { return false };
    // `program: source source…`, blanks within a path escaped.
    let sources = list.split_once(": ").map_or("", |(_, sources)| sources).replace("\\ ", "\0");
    sources
        .split_whitespace()
        .all(|source| modified(Path::new(&source.replace('\0', " "))).is_some_and(|it| it <= built))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}
