//! Decompression by magic: gzip (RFC 1952, several members), Zstandard (RFC 8878), xz (file format 1.2), bzip2 (several
//! streams), LZ4 (frame format 1.6, and the legacy one). A stream inside another is opened too, twice at most. All of it
//! streams, so a bomb costs time and not memory; [`Limits`] ends it. Leaves out archives (zip, tar, 7z) and `compress`.

use std::io::{self, BufRead as _, BufReader, Read};

use liblzma::bufread::XzDecoder;
use liblzma::stream::{CONCATENATED, Stream};

use crate::raw::Raw;

/// The longest magic that is looked for.
const MAGIC_LEN: usize = 6;
/// Compressed streams within each other that are opened.
const DEPTH: usize = 2;
/// Most memory for one xz stream; `xz -9` needs 65 MiB.
const XZ_MEMORY: u64 = 256 << 20;
/// Largest window of Zstandard, as log2: what `zstd --long` (27) writes, 128 MiB.
const ZSTD_WINDOW_LOG: u32 = 27;

/// How far a compressed stream may expand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Up to here it may expand as it likes.
    pub(crate) free_bytes: u64,
    /// Beyond, at most this many bytes for each compressed one.
    pub(crate) ratio: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zstd,
    Xz,
    Bzip2,
    Lz4,
}

impl Packing {
    fn of(magic: &[u8]) -> Option<Self> {
        Some(match magic {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Bzip2,
            [4, 0x22, 0x4d, 0x18, ..] | [2, 0x21, 0x4c, 0x18, ..] => Self::Lz4,
            _ => return None,
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Bzip2 => "bzip2",
            Self::Lz4 => "lz4",
        }
    }
}

/// The bytes of a capture, decompressed where they need to be, and the names of the formats that were taken off, outermost first.
pub(crate) fn unpack(raw: &Raw, limits: Limits, block_len: usize) -> (Box<dyn Read + Send>, Vec<&'static str>) {
    let mut stream: Box<dyn Read + Send> = Box::new(raw.clone());
    let mut names = Vec::new();
    loop {
        let (head, filled, error) = first_bytes(&mut *stream);
        let head = head.get(..filled).unwrap_or_default();
        let packing = Packing::of(head).filter(|_| names.len() < DEPTH && error.is_none());
        let whole: Box<dyn Read + Send> = Box::new(Headed { head: head.to_vec(), passed: 0, error, rest: stream });
        let Some(packing) = packing else { return (whole, names) };
        let reader = BufReader::with_capacity(block_len, whole);
        let inner: io::Result<Box<dyn Read + Send>> = match packing {
            Packing::Gzip => Ok(Box::new(flate2::bufread::MultiGzDecoder::new(reader))),
            Packing::Bzip2 => Ok(Box::new(bzip2::bufread::MultiBzDecoder::new(reader))),
            Packing::Lz4 => Ok(Box::new(Lz4(lz4_flex::frame::FrameDecoder::new(reader)))),
            Packing::Xz => Stream::new_stream_decoder(XZ_MEMORY, CONCATENATED)
                .map_err(io::Error::from)
                .map(|decoder| Box::new(XzDecoder::new_stream(reader, decoder)) as Box<dyn Read + Send>),
            Packing::Zstd => zstd::stream::read::Decoder::with_buffer(reader).and_then(|mut decoder| {
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Ok(Box::new(decoder) as Box<dyn Read + Send>)
            }),
        };
        let inner = inner.unwrap_or_else(|error| Box::new(Broken(Some(error))));
        stream = Box::new(Bounded { inner, name: packing.name(), raw: raw.clone(), given: 0, limits });
        names.push(packing.name());
    }
}

fn first_bytes(stream: &mut dyn Read) -> ([u8; MAGIC_LEN], usize, Option<io::Error>) {
    let mut head = [0; MAGIC_LEN];
    let mut filled = 0;
    while let Some(room) = head.get_mut(filled..).filter(|room| !room.is_empty()) {
        match stream.read(room) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) => return (head, filled, Some(error)),
        }
    }
    (head, filled, None)
}

/// A stream whose first bytes were looked at.
struct Headed {
    head: Vec<u8>,
    passed: usize,
    error: Option<io::Error>,
    rest: Box<dyn Read + Send>,
}

impl Read for Headed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut left = self.head.get(self.passed..).unwrap_or_default();
        if !left.is_empty() {
            let count = left.read(out)?;
            self.passed += count;
            return Ok(count);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => self.rest.read(out),
        }
    }
}

/// A decoder that could not even be made.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// LZ4 frames one after the other; the decoder says end of file after each.
struct Lz4<R: Read>(lz4_flex::frame::FrameDecoder<BufReader<R>>);

impl<R: Read> Read for Lz4<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.0.read(out)?;
            if count > 0 || out.is_empty() || self.0.get_mut().fill_buf()?.is_empty() {
                return Ok(count);
            }
        }
    }
}

/// What a decompressor has to say when it stops.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnpackError {
    /// It makes no sense, or needs more memory than it may.
    #[error("the {name} stream is damaged: {what}")]
    Damaged { name: &'static str, what: String },
    /// It ends before its end mark.
    #[error("the {name} stream is cut off")]
    CutOff { name: &'static str },
    /// A bomb.
    #[error("the {name} stream expands more than {ratio} to 1")]
    Expands { name: &'static str, ratio: u64 },
}

/// A decoder with its name on its errors and an end to its patience.
struct Bounded {
    inner: Box<dyn Read + Send>,
    name: &'static str,
    raw: Raw,
    given: u64,
    limits: Limits,
}

impl Read for Bounded {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given > self.limits.free_bytes
            && self.given > self.raw.offset().max(1).saturating_mul(self.limits.ratio)
        {
            return Err(io::Error::other(UnpackError::Expands { name: self.name, ratio: self.limits.ratio }));
        }
        // What a decoder had ready when it met an error is lost; a small piece at a time bounds that.
        let room = out.len().min(32 << 10);
        match self.inner.read(out.get_mut(..room).unwrap_or_default()) {
            Ok(count) => {
                self.given += count as u64;
                Ok(count)
            }
            Err(error) if error.get_ref().is_some_and(|inner| inner.is::<UnpackError>()) => Err(error),
            Err(error) => {
                let name = self.name;
                Err(io::Error::other(match error.kind() {
                    io::ErrorKind::UnexpectedEof => UnpackError::CutOff { name },
                    _ => UnpackError::Damaged { name, what: error.to_string() },
                }))
            }
        }
    }
}
