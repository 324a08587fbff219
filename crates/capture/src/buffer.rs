//! One block of a byte stream in memory, refilled from behind: what a format reads its records out of. It grows only as
//! bytes arrive, so a record that claims a gigabyte costs what the file holds of it. Leaves out any notion of a record.

use std::io::{self, Read};
use std::ops::Range;

/// A window on a stream.
pub(crate) struct Buffer {
    source: Box<dyn Read + Send>,
    data: Vec<u8>,
    start: usize,
    end: usize,
    /// Offset in the stream of `data[0]`.
    base: u64,
    at_end: bool,
    error: Option<io::Error>,
    /// More bytes may be long in coming: do not ask for them without need.
    pub(crate) may_wait: bool,
}

impl Buffer {
    /// Reads `block_len` bytes at a time.
    pub(crate) fn new(source: Box<dyn Read + Send>, block_len: usize) -> Self {
        let data = vec![0; block_len];
        Self { source, data, start: 0, end: 0, base: 0, at_end: false, error: None, may_wait: false }
    }

    /// Offset in the stream of the next byte.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// The next `count` bytes without taking them; `None` when the stream ends before.
    #[inline]
    pub(crate) fn peek(&mut self, count: usize) -> Option<&[u8]> {
        if self.end - self.start < count && !self.refill(count) {
            return None;
        }
        self.data.get(self.start..self.start + count)
    }

    /// The next `N` bytes without taking them; `None` when the stream ends before.
    #[inline]
    pub(crate) fn peek_array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.peek(N)?.first_chunk().copied()
    }

    /// Passes `count` bytes that [`Self::peek`] has shown. Their range stays valid for [`Self::bytes`] until the next
    /// peek.
    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> Range<usize> {
        let from = self.start;
        self.start = self.end.min(from + count);
        from..self.start
    }

    /// Bytes that were taken last.
    #[inline]
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.data.get(range).unwrap_or_default()
    }

    /// What is there without reading.
    pub(crate) fn available(&self) -> &[u8] {
        self.data.get(self.start..self.end).unwrap_or_default()
    }

    /// Passes `count` bytes without keeping them; false when the stream ends before.
    pub(crate) fn skip(&mut self, mut count: u64) -> bool {
        loop {
            let there = (self.end - self.start) as u64;
            if count <= there {
                // At most `there`, which came from a usize.
                self.start += usize::try_from(count).unwrap_or_default();
                return true;
            }
            count -= there;
            self.start = self.end;
            if !self.refill(1) {
                return false;
            }
        }
    }

    /// Did something keep the stream from going on that nobody has taken yet?
    pub(crate) fn has_error(&self) -> bool {
        self.error.is_some()
    }

    /// What kept the stream from going on, once.
    pub(crate) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }

    #[cold]
    fn refill(&mut self, count: usize) -> bool {
        if self.start > 0 {
            self.data.copy_within(self.start..self.end, 0);
            self.base += self.start as u64;
            self.end -= self.start;
            self.start = 0;
        }
        while self.end < count {
            if self.at_end {
                return false;
            }
            if self.end == self.data.len() {
                let wanted = count.min(self.data.len().saturating_mul(2)).max(64);
                self.data.resize(wanted, 0);
            }
            let room = self.data.get_mut(self.end..).unwrap_or_default();
            match self.source.read(room) {
                Ok(0) => self.at_end = true,
                Ok(count) => self.end += count.min(room.len()),
                Err(error) => {
                    self.error = Some(error);
                    self.at_end = true;
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Dribble(Vec<u8>);

    impl Read for Dribble {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(out.len()).min(3);
            out[..count].copy_from_slice(&self.0[..count]);
            self.0.drain(..count);
            Ok(count)
        }
    }

    #[test]
    fn grows_only_as_bytes_arrive() {
        let mut buffer = Buffer::new(Box::new(Dribble(vec![7; 1000])), 16);
        assert!(buffer.peek(usize::MAX / 2).is_none());
        assert_eq!(buffer.available().len(), 1000);
        assert!(buffer.data.len() <= 2048);
    }

    #[test]
    fn peek_take_and_skip_keep_the_offset() {
        let mut buffer = Buffer::new(Box::new(Dribble((0..100).collect())), 16);
        assert_eq!(buffer.peek(4).unwrap(), [0, 1, 2, 3]);
        let range = buffer.take(4);
        assert_eq!(buffer.bytes(range), [0, 1, 2, 3]);
        assert!(buffer.skip(50));
        assert_eq!((buffer.offset(), buffer.peek_array::<2>()), (54, Some([54, 55])));
        assert!(!buffer.skip(47));
    }
}
