//! Writes the example capture and the truth about it: `make-example [FOLDER]`, by default into `examples`.

use std::path::PathBuf;
use std::process::ExitCode;

use firstlight_synth::example;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("examples"), PathBuf::from);
    let example = example::macos_10_15();
    let truth = example.ledger.to_tsv(&example::PHASES);
    let written = example.to_zstd().and_then(|bytes| {
        let size = bytes.len();
        std::fs::write(folder.join(example::CAPTURE), bytes)?;
        std::fs::write(folder.join(example::TRUTH), &truth)?;
        Ok(size)
    });
    match written {
        Ok(size) => {
            print!("{truth}");
            eprintln!("{} frames, {size} bytes compressed, in {}", example.frames.len(), folder.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("cannot write into {}: {error}\nhint: run it at the root of the repository", folder.display());
            ExitCode::from(2)
        }
    }
}
