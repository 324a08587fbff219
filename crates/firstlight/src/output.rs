//! Where results go: standard output, or a file that appears under its name only when it is whole.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::outcome::{Failure, plainly};
use crate::pager::Pager;

/// An output that has been opened, so that what is in the way is known before the work is done.
#[derive(Debug)]
pub enum Output {
    /// Standard output.
    Standard,
    /// A screen that long texts do not fit on.
    Paged(Pager),
    /// A temporary file beside the one asked for, which it will replace.
    Replacing {
        /// Written to first.
        temporary: NamedTempFile,
        /// The final name.
        path: PathBuf,
    },
    /// Something that is no regular file (a device, a pipe) and must not be replaced.
    Direct {
        /// Written to as it is.
        file: fs::File,
        /// Its name.
        path: PathBuf,
    },
}

impl Output {
    /// Opens it; standard output without a path, or for `-`.
    ///
    /// # Errors
    /// When the file, or one beside it, cannot be written to.
    pub fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path.filter(|p| *p != Path::new("-")) else { return Ok(Self::Standard) };
        let failure = |error: io::Error| cannot_write(path, &error);
        // A link stays a link: what it points to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => {
                let hint = "name a file in it";
                return Err(Failure::hinted(format!("cannot write {}: it is a folder", path.display()), hint));
            }
            Ok(found) if !found.is_file() => {
                let file = fs::OpenOptions::new().write(true).open(&path).map_err(failure)?;
                return Ok(Self::Direct { file, path });
            }
            _ => {}
        }
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let temporary = temporary_in(folder).map_err(failure)?;
        Ok(Self::Replacing { temporary, path })
    }

    /// Writes all of it. A reader that went away (`| head`) has what it wanted and is no failure.
    ///
    /// # Errors
    /// When it cannot be written; then nothing is left under the final name that was not there before.
    pub fn write(self, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        match self {
            Self::Paged(pager) => {
                let mut text = Vec::new();
                content(&mut text).map_err(|error| cannot_write(Path::new("standard output"), &error))?;
                match pager.show(&text) {
                    Ok(true) => Ok(()),
                    _ => print(|out| out.write_all(&text)),
                }
            }
            Self::Standard => print(content),
            Self::Replacing { mut temporary, path } => {
                let mut out = BufWriter::new(temporary.as_file_mut());
                content(&mut out).and_then(|()| out.flush()).map_err(|e| cannot_write(&path, &e))?;
                drop(out);
                temporary.persist(&path).map(drop).map_err(|e| cannot_write(&path, &e.error))
            }
            Self::Direct { file, path } => {
                let mut out = BufWriter::new(file);
                content(&mut out).and_then(|()| out.flush()).map_err(|e| cannot_write(&path, &e))
            }
        }
    }
}

fn print(content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match content(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What is left in the buffer must not be tried again.
            let _ = out.into_parts();
            Ok(())
        }
        Err(error) => Err(cannot_write(Path::new("standard output"), &error)),
        Ok(()) => Ok(()),
    }
}

/// A file in a folder that goes away unless it is given another name.
///
/// # Errors
/// When it cannot be made.
pub fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".firstlight-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: the process's mask takes away what it takes away.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Says that something cannot be written, and what to try.
pub fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => Some("make its folder first"),
        io::ErrorKind::PermissionDenied => Some("name a file in a folder of yours"),
        io::ErrorKind::StorageFull => Some("make room, or name a file on another disk"),
        _ => None,
    };
    let message = format!("cannot write {}: {}", path.display(), plainly(&error.to_string()));
    Failure { message, hint: hint.map(str::to_owned) }
}
