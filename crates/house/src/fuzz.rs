//! The fuzz targets: what each stage is held to, whatever the bytes. A target is one file here and one line in
//! [`TARGETS`]. The programs in `fuzz/` feed it with bytes that a fuzzer thinks of, `tests/seeds.rs` with those that are
//! kept in `fuzz/seeds/`. How to run them is in `docs/fuzzing.md`.

pub mod capture;
pub mod dissect;
pub mod report;
pub mod segments;
pub mod wire;

/// A fuzz target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Name of the stage, of the program in `fuzz/fuzz_targets/` and of the folder in `fuzz/seeds/`.
    pub name: &'static str,
    /// Reads the bytes and panics when something does not hold.
    pub run: fn(&[u8]),
}

/// All targets, in the order of the stages.
pub const TARGETS: &[Target] = &[
    Target { name: "capture", run: capture::run },
    Target { name: "wire", run: wire::run },
    Target { name: "segments", run: segments::run },
    Target { name: "dissect", run: dissect::run },
    Target { name: "report", run: report::run },
];
