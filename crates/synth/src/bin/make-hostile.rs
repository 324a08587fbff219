//! Writes the captures that are made to hurt: `make-hostile FOLDER [NAME…]`, at full size, or lists them without a folder.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use firstlight_synth::hostile::{FULL, cases};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map(PathBuf::from);
    let wanted: Vec<String> = arguments.collect();
    for case in cases().filter(|case| wanted.is_empty() || wanted.iter().any(|name| name == case.name)) {
        println!("{}\t{}", case.name, case.anomalies.join(" "));
        if let Some(folder) = &folder
            && let Err(error) = write(&folder.join(case.name), case.write)
        {
            eprintln!("error: {}: {error}", folder.join(case.name).display());
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn write(path: &std::path::Path, write: fn(&mut dyn io::Write, u32) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    write(&mut out, FULL)?;
    out.flush()
}
