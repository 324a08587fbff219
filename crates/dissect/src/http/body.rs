//! Where the body of an HTTP/1 message ends (RFC 9112 s. 6 and 7), over any cutting of its bytes.

/// How the end of a body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// So many bytes are left (Content-Length).
    Length(u64),
    /// Chunks with their lengths in front.
    Chunked(Chunked),
    /// All that comes.
    UntilClose,
}

/// Place within the chunked coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunked {
    /// In the digits of a length.
    Size { size: u64, digits: u8 },
    /// In the extension after a length, up to the line's end.
    Extension { size: u64 },
    /// In the data.
    Data { left: u64 },
    /// At the line end after the data.
    DataEnd,
    /// In the trailer; `line_len` counts the bytes of the current line without CR.
    Trailer { line_len: u32 },
}

impl Chunked {
    /// Before the first chunk.
    pub const START: Self = Self::Size { size: 0, digits: 0 };
}

/// How far a body went into the bytes it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// All bytes belong to it, and more may come.
    More,
    /// It ended after so many bytes.
    Ended(usize),
    /// At this place stands something that its coding does not allow.
    Broken(usize),
}

impl Body {
    /// Takes bytes; `content` is given those that are the content itself, without the coding.
    pub fn push(&mut self, bytes: &[u8], mut content: impl FnMut(&[u8])) -> Progress {
        match self {
            Self::UntilClose => {
                content(bytes);
                Progress::More
            }
            Self::Length(left) => {
                let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                content(bytes.get(..taken).unwrap_or(bytes));
                *left -= taken as u64;
                if *left == 0 { Progress::Ended(taken) } else { Progress::More }
            }
            Self::Chunked(state) => state.push(bytes, content),
        }
    }

    /// So many bytes are missing. `Ok(len)`: that many of them belong to it; `Err`: its end can no longer be found.
    pub fn gap(&mut self, len: u64) -> Result<u64, ()> {
        match self {
            Self::UntilClose => Ok(len),
            Self::Length(left) => {
                let taken = len.min(*left);
                *left -= taken;
                Ok(taken)
            }
            Self::Chunked(Chunked::Data { left }) if len <= *left => {
                *left -= len;
                Ok(len)
            }
            Self::Chunked(_) => Err(()),
        }
    }

    /// True when it ends here without another byte.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Length(0))
    }
}

impl Chunked {
    fn push(&mut self, bytes: &[u8], mut content: impl FnMut(&[u8])) -> Progress {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            *self = match *self {
                Self::Size { size, digits } => match char::from(byte).to_digit(16) {
                    Some(digit) if digits < 16 => Self::Size { size: size << 4 | u64::from(digit), digits: digits + 1 },
                    None if digits > 0 && matches!(byte, b'\r' | b'\n' | b';' | b' ' | b'\t') => {
                        if byte == b'\n' {
                            Self::after_size(size)
                        } else {
                            Self::Extension { size }
                        }
                    }
                    _ => return Progress::Broken(at),
                },
                Self::Extension { size } => {
                    if byte == b'\n' {
                        Self::after_size(size)
                    } else {
                        Self::Extension { size }
                    }
                }
                Self::Data { left } => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    let taken = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                    content(rest.get(..taken).unwrap_or(rest));
                    at += taken;
                    let left = left - taken as u64;
                    *self = if left == 0 { Self::DataEnd } else { Self::Data { left } };
                    continue;
                }
                Self::DataEnd => match byte {
                    b'\r' => Self::DataEnd,
                    b'\n' => Self::START,
                    _ => return Progress::Broken(at),
                },
                Self::Trailer { line_len } => match byte {
                    b'\r' => Self::Trailer { line_len },
                    b'\n' if line_len == 0 => return Progress::Ended(at + 1),
                    b'\n' => Self::Trailer { line_len: 0 },
                    _ => Self::Trailer { line_len: line_len.saturating_add(1) },
                },
            };
            at += 1;
        }
        Progress::More
    }

    fn after_size(size: u64) -> Self {
        if size == 0 { Self::Trailer { line_len: 0 } } else { Self::Data { left: size } }
    }
}
