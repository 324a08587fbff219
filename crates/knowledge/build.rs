//! Checks the tables of `data/` and packs them into one blob that the library includes. A bad row stops the build
//! with its file and line.

use std::path::Path;

#[allow(dead_code)]
#[path = "src/check.rs"]
mod check;
#[allow(dead_code)]
#[path = "src/host.rs"]
mod host;
#[allow(dead_code)]
#[path = "src/layout.rs"]
mod layout;
#[allow(dead_code)]
#[path = "src/pack.rs"]
mod pack;

fn main() {
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it for build scripts");
    let out = std::env::var("OUT_DIR").expect("cargo sets it for build scripts");
    println!("cargo::rerun-if-changed=data");
    let mut files = Vec::new();
    for folder in ["data", "data/kinds", "data/rules"] {
        println!("cargo::rerun-if-changed={folder}");
        let path = Path::new(&root).join(folder);
        let entries = std::fs::read_dir(&path).unwrap_or_else(|e| panic!("reading {}: {e}", path.display()));
        for entry in entries.flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "tsv") {
                let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("reading {}: {e}", path.display()));
                let name = path.strip_prefix(Path::new(&root).join("data")).expect("found below it");
                files.push((name.to_string_lossy().replace('\\', "/"), text));
            }
        }
    }
    files.sort();
    let sources: Vec<check::Source<'_>> = files.iter().map(|(file, text)| check::Source { file, text }).collect();
    let (tables, problems) = check::check(&sources);
    if !problems.is_empty() {
        for problem in problems.iter().take(50) {
            println!("cargo::error=data/{problem}");
        }
        eprintln!("{} problems in the tables of crates/knowledge/data", problems.len());
        std::process::exit(1);
    }
    let blob = pack::pack(&tables);
    assert!(blob.len() < 4 << 20, "the blob of knowledge has {} bytes, more than 4 MiB", blob.len());
    let path = Path::new(&out).join("knowledge.blob");
    std::fs::write(&path, blob).unwrap_or_else(|e| panic!("writing {}: {e}", path.display()));
}
