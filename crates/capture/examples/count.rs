//! Counts the frames and bytes of captures, to measure reading alone. `HASH=1` takes the SHA-256 as well.

use std::io::Write as _;
use std::path::PathBuf;

use firstlight_capture::{Error, Input, Options, open};

fn main() -> Result<(), Error> {
    let inputs: Vec<Input> = std::env::args_os()
        .skip(1)
        .map(|name| if name == "-" { Input::Stdin } else { Input::Path(PathBuf::from(name)) })
        .collect();
    let options = Options { hash: std::env::var_os("HASH").is_some(), ..Options::default() };
    let mut source = open(&inputs, &options).inspect_err(|error| {
        eprintln!("{error}\nhint: {}", error.hint().unwrap_or_default());
    })?;
    let (mut frames, mut bytes) = (0_u64, 0_u64);
    while let Some(frame) = source.next() {
        frames += 1;
        bytes += frame.data.len() as u64;
    }
    let mut out = std::io::stdout().lock();
    // A closed pipe is the reader's wish.
    let _ = writeln!(out, "{frames} frames, {bytes} bytes");
    for info in source.finish() {
        let _ = writeln!(
            out,
            "{}: {}, {} frames, link types {:?}, drops {:?}, {} out of order, {} comments, {} names, {} secrets, {}, {:?}",
            info.path,
            info.format,
            info.packets,
            info.link_types,
            info.drops,
            info.out_of_order,
            info.comments.len(),
            info.resolved_names.len(),
            info.secrets.len(),
            info.sha256,
            info.stopped
        );
    }
    Ok(())
}
