//! A cursor over the bytes of a frame that keeps apart how many bytes were captured and how many there are on the
//! wire. Every layer reads its header from the front and hands what is left to the next one.

/// What is left of a frame, or of a layer in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest<'a> {
    /// The bytes that were captured: never more than `len`.
    pub(crate) data: &'a [u8],
    /// Bytes on the wire, as the nearest enclosing length says.
    pub(crate) len: u32,
    /// Where `data` begins in the frame, in bytes.
    pub(crate) offset: u32,
}

impl<'a> Rest<'a> {
    /// A whole frame. A frame that is longer than its original length says so by its bytes.
    #[inline]
    pub(crate) fn frame(data: &'a [u8], original_len: u32) -> Self {
        Self { data, len: original_len.max(length(data)), offset: 0 }
    }

    /// The first `N` bytes, when they were captured.
    #[inline]
    pub(crate) fn head<const N: usize>(&self) -> Option<&'a [u8; N]> {
        self.data.first_chunk::<N>()
    }

    /// `N` bytes from `at` on, when they were captured.
    #[inline]
    pub(crate) fn at<const N: usize>(&self, at: usize) -> Option<&'a [u8; N]> {
        self.data.get(at..)?.first_chunk::<N>()
    }

    /// The big-endian 16-bit number at `at`.
    #[inline]
    pub(crate) fn u16_at(&self, at: usize) -> Option<u16> {
        self.at::<2>(at).map(|bytes| u16::from_be_bytes(*bytes))
    }

    /// The byte at `at`.
    #[inline]
    pub(crate) fn u8_at(&self, at: usize) -> Option<u8> {
        self.data.get(at).copied()
    }

    /// Without the first `count` bytes; empty when there are not so many.
    #[inline]
    pub(crate) fn skip(self, count: u32) -> Self {
        let data = self.data.get(count as usize..).unwrap_or(&[]);
        Self { data, len: self.len.saturating_sub(count), offset: self.offset.wrapping_add(count) }
    }

    /// Ended by a length field: `declared` bytes on the wire, be that fewer than before (padding, a frame check
    /// sequence) or more (a frame that somebody cut without saying so).
    #[inline]
    pub(crate) fn declared(self, declared: u32) -> Self {
        let data = self.data.get(..declared as usize).unwrap_or(self.data);
        Self { data, len: declared, offset: self.offset }
    }

    /// Ended by a length field that cannot reach beyond the enclosing layer.
    #[inline]
    pub(crate) fn within(self, declared: u32) -> Self {
        if declared < self.len { self.declared(declared) } else { self }
    }

    /// Without the last `count` bytes on the wire (trailers).
    #[inline]
    pub(crate) fn without_trailer(self, count: u32) -> Self {
        self.declared(self.len.saturating_sub(count))
    }

    /// Bytes captured.
    #[inline]
    pub(crate) fn captured(&self) -> u32 {
        length(self.data)
    }
}

/// The length of a slice; no frame is longer than 4 GiB, and one that is would be read up to there.
#[inline]
pub(crate) fn length(data: &[u8]) -> u32 {
    u32::try_from(data.len()).unwrap_or(u32::MAX)
}
