//! Frames of Initial packets (RFC 9000 s. 12.4 and 19) and of Google's versions that are protected like them.

use super::header::varint;
use crate::reader::Reader;

/// A frame that says something before the keys are agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A piece of the handshake.
    Crypto {
        /// Where it stands.
        offset: u64,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// The sender ends the connection.
    Close {
        /// The reason (IANA, QUIC Transport Error Codes).
        code: u64,
    },
    /// Less is there than the frame says: cut by the capture.
    Cut {
        /// Where it stands.
        offset: u64,
        /// As much as there is.
        bytes: &'a [u8],
    },
}

/// The frames of a packet's content, in order. `Err` once, at what cannot stand in an Initial packet.
pub struct Frames<'a> {
    rest: Reader<'a>,
    is_google: bool,
}

impl<'a> Frames<'a> {
    pub fn new(content: &'a [u8], is_google: bool) -> Self {
        Self { rest: Reader(content), is_google }
    }

    fn read(&mut self) -> Option<Result<Frame<'a>, ()>> {
        loop {
            let kind = varint(&mut self.rest)?;
            match kind {
                0 => {
                    let padding = self.rest.0.iter().take_while(|byte| **byte == 0).count();
                    self.rest.take(padding);
                }
                1 => {}
                7 if self.is_google => {}
                2 | 3 if !self.is_google => self.acknowledgement(kind)?,
                6 | 8 if kind == 6 || self.is_google => {
                    let offset = varint(&mut self.rest)?;
                    let len = usize::try_from(varint(&mut self.rest)?).unwrap_or(usize::MAX);
                    let bytes = self.rest.take_up_to(len);
                    let is_whole = bytes.len() == len;
                    return Some(Ok(if is_whole {
                        Frame::Crypto { offset, bytes }
                    } else {
                        Frame::Cut { offset, bytes }
                    }));
                }
                0x1c | 0x1d => {
                    let code = varint(&mut self.rest)?;
                    self.rest = Reader(&[]);
                    return Some(Ok(Frame::Close { code }));
                }
                _ => {
                    self.rest = Reader(&[]);
                    return Some(Err(()));
                }
            }
        }
    }

    /// Largest, delay, count, first range, then pairs; with counts of congestion marks for type 3 (RFC 9000 s. 19.3).
    fn acknowledgement(&mut self, kind: u64) -> Option<()> {
        varint(&mut self.rest)?;
        varint(&mut self.rest)?;
        let ranges = varint(&mut self.rest)?;
        varint(&mut self.rest)?;
        for _ in 0..ranges {
            varint(&mut self.rest)?;
            varint(&mut self.rest)?;
        }
        if kind == 3 {
            for _ in 0..3 {
                varint(&mut self.rest)?;
            }
        }
        Some(())
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Frame<'a>, ()>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read()
    }
}
