//! Reads numbers in network byte order from a slice. Where the slice ends early, `None`, and nothing is consumed.

use std::borrow::Cow;

/// Bytes as text: up to the first zero byte, without blanks around it. `None` when nothing is left.
pub(crate) fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let text = bytes.split(|&byte| byte == 0).next().unwrap_or(bytes).trim_ascii();
    (!text.is_empty()).then(|| String::from_utf8_lossy(text))
}

/// What is still to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(head)
    }

    /// At most `len` bytes: fewer where the slice ends early.
    pub fn take_up_to(&mut self, len: usize) -> &'a [u8] {
        let (head, rest) = self.0.split_at_checked(len).unwrap_or((self.0, &[]));
        self.0 = rest;
        head
    }

    pub fn u8(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    pub fn u16(&mut self) -> Option<u16> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*bytes))
    }

    pub fn u24(&mut self) -> Option<usize> {
        let (&[a, b, c], rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c))
    }

    pub fn u32(&mut self) -> Option<u32> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*bytes))
    }

    /// A vector with a one-byte length in front.
    pub fn vec8(&mut self) -> Option<&'a [u8]> {
        let mut rest = *self;
        let len = usize::from(rest.u8()?);
        let bytes = rest.take(len)?;
        *self = rest;
        Some(bytes)
    }

    /// A vector with a two-byte length in front.
    pub fn vec16(&mut self) -> Option<&'a [u8]> {
        let mut rest = *self;
        let len = usize::from(rest.u16()?);
        let bytes = rest.take(len)?;
        *self = rest;
        Some(bytes)
    }
}
