//! A folder of logs: written under temporary names, and there under their own when all of them are whole. What is there
//! already stays as it is.

use std::cell::RefCell;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use firstlight_report::zeek::LOGS;
use tempfile::NamedTempFile;

use crate::outcome::Failure;
use crate::output::{cannot_write, temporary_in};

/// A folder that logs go to.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// It was not there before.
    is_new: bool,
    files: RefCell<Vec<(&'static str, NamedTempFile)>>,
}

impl Folder {
    /// Opens it, and makes it where it is missing.
    ///
    /// # Errors
    /// When it is no folder, cannot be made or written to, or has such a log already.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let is_new = !path.exists();
        if is_new {
            fs::create_dir(path).map_err(|error| cannot_write(path, &error))?;
        }
        let folder = Self { path: path.to_owned(), is_new, files: RefCell::default() };
        if !path.is_dir() {
            return Err(Failure::hinted(format!("cannot write {shown}: it is no folder"), "name a folder"));
        }
        for log in LOGS {
            let file = folder.file(log.name);
            if file.symlink_metadata().is_ok() {
                let hint = "name another folder, or remove the logs in it";
                return Err(Failure::hinted(format!("{} is there already", file.display()), hint));
            }
        }
        // What cannot be written is known before the work is done.
        temporary_in(path).map_err(|error| cannot_write(path, &error))?;
        Ok(folder)
    }

    /// Opens the file of a log under a temporary name.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn log(&self, name: &'static str) -> io::Result<Box<dyn Write>> {
        let file = temporary_in(&self.path)?;
        let writer = BufWriter::new(file.reopen()?);
        self.files.borrow_mut().push((name, file));
        Ok(Box::new(writer))
    }

    /// Gives each log its name.
    ///
    /// # Errors
    /// When one cannot be named so; those named before it stay.
    pub fn finish(mut self) -> Result<(), Failure> {
        self.is_new = false;
        for (name, file) in self.files.take() {
            let path = self.file(name);
            file.persist_noclobber(&path).map_err(|error| cannot_write(&path, &error.error))?;
        }
        Ok(())
    }

    /// The file of a log.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.log"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_new {
            self.files.take();
            // Whoever has put something into it since keeps it.
            let _ = fs::remove_dir(&self.path);
        }
    }
}
