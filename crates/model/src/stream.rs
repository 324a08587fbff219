//! What passes between a flow and whoever reads its bytes.

/// Bytes of one direction, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunk<'a> {
    /// The next bytes.
    Data(&'a [u8]),
    /// So many bytes were sent, but are not in the capture (snap length, lost frames).
    Gap(u64),
}

/// What a reader still wants of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Go on.
    More,
    /// Nothing more: the flow may be counted without being read.
    Nothing,
}
