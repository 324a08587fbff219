//! What the user names: files, folders, standard input; and the files that come of it, in a stated order. Leaves out
//! what is in them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::reader::Origin;

/// Folders within folders that are followed.
const MAX_DEPTH: usize = 64;

/// Where bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file, or a folder: its files and those of the folders in it, sorted by path. Links to folders within it are not
    /// followed.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

/// One file that may be a capture.
pub(crate) struct Candidate {
    /// As the user gave it, or as found in a folder; `-` for standard input.
    pub(crate) path: String,
    pub(crate) place: Place,
    pub(crate) len_bytes: Option<u64>,
    /// The folder that the user gave, where it was found in one.
    pub(crate) folder: Option<String>,
}

/// How to come by it.
pub(crate) enum Place {
    /// A regular file.
    File(PathBuf),
    /// A pipe or device with a name.
    Pipe(PathBuf),
    Stdin,
    /// Something in a folder that is not a file, a pipe for example, which is not read.
    Special,
    /// From the caller.
    Stream(Box<dyn io::Read + Send>),
    /// It cannot be looked at.
    Unreachable(io::Error),
}

impl Place {
    /// The bytes; once for what is no file.
    pub(crate) fn origin(&mut self, path: &str) -> Result<Origin, Error> {
        match self {
            Self::File(file) => return Ok(Origin::File(file.clone())),
            Self::Special => {
                let (path, why) = (path.to_owned(), "it is no regular file".to_owned());
                return Err(Error::NotACapture { path, why, hint: Some("name it itself to read it".to_owned()) });
            }
            _ => {}
        }
        let failed = |source| Error::Open { path: path.to_owned(), source };
        match std::mem::replace(self, Self::Special) {
            Self::Pipe(pipe) => Ok(Origin::Stream(Box::new(fs::File::open(pipe).map_err(failed)?))),
            Self::Stdin => Ok(Origin::Stream(Box::new(io::stdin()))),
            Self::Stream(stream) => Ok(Origin::Stream(stream)),
            Self::Unreachable(source) => Err(failed(source)),
            Self::File(file) => Ok(Origin::File(file)),
            Self::Special => Err(failed(io::Error::from(io::ErrorKind::Unsupported))),
        }
    }
}

/// All files of an input, added to `found`. Fails where a folder has none, or too many.
pub(crate) fn expand(input: &Input, found: &mut Vec<Candidate>, max_files: usize) -> Result<(), Error> {
    let root = match input {
        Input::Stdin => {
            found.push(Candidate { path: "-".to_owned(), place: Place::Stdin, len_bytes: None, folder: None });
            return Ok(());
        }
        Input::Path(root) => root,
    };
    let path = || root.display().to_string();
    match fs::metadata(root) {
        Err(error) => {
            found.push(Candidate { path: path(), place: Place::Unreachable(error), len_bytes: None, folder: None });
        }
        Ok(data) if data.is_dir() => {
            let before = found.len();
            walk(root, found, before.saturating_add(max_files), 0)?;
            for candidate in found.iter_mut().skip(before) {
                candidate.folder = Some(path());
            }
            if found.len() == before {
                return Err(Error::NoCaptures { path: path() });
            }
        }
        Ok(data) if data.is_file() => {
            found.push(Candidate {
                path: path(),
                place: Place::File(root.clone()),
                len_bytes: Some(data.len()),
                folder: None,
            });
        }
        Ok(_) => {
            found.push(Candidate { path: path(), place: Place::Pipe(root.clone()), len_bytes: None, folder: None })
        }
    }
    Ok(())
}

fn walk(folder: &Path, found: &mut Vec<Candidate>, limit: usize, depth: usize) -> Result<(), Error> {
    let text = |path: &Path| path.display().to_string();
    let read = fs::read_dir(folder).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
    let mut entries = match read {
        Ok(entries) => entries,
        Err(error) => {
            found.push(Candidate {
                path: text(folder),
                place: Place::Unreachable(error),
                len_bytes: None,
                folder: None,
            });
            return Ok(());
        }
    };
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        if found.len() >= limit {
            return Err(Error::TooManyFiles { path: text(folder), limit });
        }
        let path = entry.path();
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        let (place, len_bytes) = match fs::metadata(&path) {
            Ok(data) if data.is_dir() => {
                if !is_link && depth < MAX_DEPTH {
                    walk(&path, found, limit, depth + 1)?;
                }
                continue;
            }
            Ok(data) if data.is_file() => (Place::File(path.clone()), Some(data.len())),
            Ok(_) => (Place::Special, None),
            Err(error) => (Place::Unreachable(error), None),
        };
        found.push(Candidate { path: text(&path), place, len_bytes, folder: None });
    }
    Ok(())
}
