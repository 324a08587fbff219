//! The bytes of one input as they lie on the disk or come through a pipe: counted, hashed, and with few files open at a
//! time. A file beyond the limit of open ones is opened anew for each block, so thousands of files that overlap in time
//! can be merged without running out of descriptors. Leaves out decompression (`unpack`).

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::hash::Hasher;

/// What the inputs of one source have in common.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Files open now.
    pub(crate) open_files: AtomicUsize,
    /// Hashing threads running now.
    pub(crate) hash_threads: Arc<AtomicUsize>,
    /// Bytes read of all inputs.
    pub(crate) bytes_read: AtomicU64,
    /// Most files to keep open.
    pub(crate) max_open_files: usize,
}

enum Origin {
    /// Can be closed and opened again.
    File { path: PathBuf, file: Option<File> },
    /// A pipe, a device or memory: has to be kept.
    Stream(Box<dyn Read + Send>),
}

struct State {
    origin: Origin,
    offset: u64,
    ended: bool,
    hasher: Hasher,
    shared: Arc<Shared>,
}

/// A handle to the bytes of one input. Clones share one position: a decoder reads through one, the reader finishes
/// through the other.
#[derive(Clone)]
pub(crate) struct Raw(Arc<Mutex<State>>);

impl Raw {
    /// A regular file; opens it, so that a missing one is told at once.
    pub(crate) fn file(path: PathBuf, hash: bool, shared: &Arc<Shared>) -> io::Result<Self> {
        let file = File::open(&path)?;
        shared.open_files.fetch_add(1, Ordering::Relaxed);
        Ok(Self::new(Origin::File { path, file: Some(file) }, hash, shared))
    }

    /// Anything else that can be read.
    pub(crate) fn stream(stream: Box<dyn Read + Send>, hash: bool, shared: &Arc<Shared>) -> Self {
        Self::new(Origin::Stream(stream), hash, shared)
    }

    fn new(origin: Origin, hash: bool, shared: &Arc<Shared>) -> Self {
        let hasher = if hash { Hasher::new(Arc::clone(&shared.hash_threads)) } else { Hasher::off() };
        Self(Arc::new(Mutex::new(State { origin, offset: 0, ended: false, hasher, shared: Arc::clone(shared) })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes read so far.
    pub(crate) fn offset(&self) -> u64 {
        self.state().offset
    }

    /// True for a regular file.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.state().origin, Origin::File { .. })
    }

    /// Reads what is left for the sake of the digest, which is returned; empty when hashing is off or the rest cannot
    /// be read.
    pub(crate) fn digest_to_end(&self) -> String {
        let mut state = self.state();
        if !state.hasher.is_on() {
            return String::new();
        }
        if !state.ended {
            let mut block = vec![0; 128 << 10];
            loop {
                match state.read(&mut block) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(_) => return String::new(),
                }
            }
        }
        state.hasher.finish()
    }

    /// Takes back what was counted, for an input that will be read again from its start.
    pub(crate) fn uncount(&self) {
        let state = self.state();
        state.shared.bytes_read.fetch_sub(state.offset, Ordering::Relaxed);
    }
}

impl Read for Raw {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.state().read(out)
    }
}

impl State {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let count = match &mut self.origin {
            Origin::Stream(stream) => read_some(stream, out)?,
            Origin::File { path, file: slot } => {
                let file = match slot {
                    Some(file) => file,
                    None => {
                        let mut file = File::open(&*path)?;
                        file.seek(SeekFrom::Start(self.offset))?;
                        self.shared.open_files.fetch_add(1, Ordering::Relaxed);
                        slot.insert(file)
                    }
                };
                let count = read_some(file, out)?;
                if count == 0 || self.shared.open_files.load(Ordering::Relaxed) > self.shared.max_open_files {
                    *slot = None;
                    self.shared.open_files.fetch_sub(1, Ordering::Relaxed);
                }
                count
            }
        };
        self.ended = count == 0;
        self.offset += count as u64;
        self.shared.bytes_read.fetch_add(count as u64, Ordering::Relaxed);
        self.hasher.update(out.get(..count).unwrap_or_default());
        Ok(count)
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Origin::File { file: Some(_), .. } = self.origin {
            self.shared.open_files.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn read_some(from: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(out) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
