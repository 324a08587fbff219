//! The record layer (RFC 8446 s. 5.1), over any cutting of its bytes, and the SSL 2 framing in which old clients send
//! their first hello (RFC 5246 s. E.2).

use firstlight_model::Direction;

use crate::{Context, Verdict};

/// Content types (IANA, TLS ContentType).
pub mod content {
    pub const CHANGE_CIPHER_SPEC: u8 = 20;
    pub const ALERT: u8 = 21;
    pub const HANDSHAKE: u8 = 22;
    pub const APPLICATION_DATA: u8 = 23;
    pub const HEARTBEAT: u8 = 24;
}

const HEADER_LEN: usize = 5;

/// 2^14 and what encryption may add (RFC 5246 s. 6.2.3).
const MAX_LEN: u16 = (1 << 14) + 2048;

/// A record's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    pub content_type: u8,
    pub len: u16,
}

impl Record {
    fn parse(header: [u8; HEADER_LEN]) -> Option<Self> {
        let [content_type, major, minor, high, low] = header;
        let len = u16::from_be_bytes([high, low]);
        let fits = match content_type {
            content::CHANGE_CIPHER_SPEC => len > 0,
            content::ALERT => len >= 2,
            content::HANDSHAKE => len > 0,
            content::APPLICATION_DATA => true,
            content::HEARTBEAT => len > 2,
            _ => false,
        };
        (fits && major == 3 && minor <= 4 && len <= MAX_LEN).then_some(Self { content_type, len })
    }
}

/// What the bytes at hand are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A part of a header.
    More,
    /// These bytes are content of this record.
    Piece(Record),
    /// A hello in SSL 2 framing that offers this version; its bytes are stepped over.
    Ssl2Hello { version: u16 },
    /// No record begins here.
    Lost,
}

/// Place within the records of one direction.
#[derive(Debug, Default)]
pub struct Records {
    header: [u8; HEADER_LEN],
    header_len: usize,
    current: Option<Record>,
    left: u64,
    is_lost: bool,
    /// Nothing was read yet, and the stream is seen from its start.
    at_start: bool,
}

impl Records {
    pub fn new(at_start: bool) -> Self {
        Self { at_start, ..Self::default() }
    }

    /// Where the place was lost, a chunk that begins with a record finds it again.
    pub fn begin_chunk(&mut self, bytes: &[u8]) {
        if self.is_lost
            && let Some(header) = bytes.first_chunk()
            && Record::parse(*header).is_some()
        {
            self.is_lost = false;
            (self.header_len, self.left, self.current) = (0, 0, None);
        }
    }

    /// Is the place lost?
    pub fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Takes bytes of one header or of one record; says how many, and what they are.
    pub fn push(&mut self, bytes: &[u8]) -> (usize, Step) {
        if self.is_lost {
            return (bytes.len(), Step::Lost);
        }
        if self.left > 0 {
            let taken = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
            self.left -= taken as u64;
            return (taken, self.current.map_or(Step::More, Step::Piece));
        }
        let mut taken = 0;
        for (slot, &byte) in self.header.iter_mut().skip(self.header_len).zip(bytes) {
            *slot = byte;
            taken += 1;
        }
        self.header_len += taken;
        if self.header_len < HEADER_LEN {
            return (taken, Step::More);
        }
        self.header_len = 0;
        let at_start = std::mem::replace(&mut self.at_start, false);
        self.current = Record::parse(self.header);
        if let Some(record) = self.current {
            self.left = record.len.into();
            return (taken, Step::More);
        }
        if at_start && let Some((version, len)) = ssl2_hello(self.header) {
            self.left = len;
            return (taken, Step::Ssl2Hello { version });
        }
        self.is_lost = true;
        (taken, Step::Lost)
    }

    /// So many bytes are missing.
    pub fn gap(&mut self, len: u64) {
        self.at_start = false;
        if len <= self.left {
            self.left -= len;
        } else {
            self.is_lost = true;
        }
    }
}

/// Version and bytes left of `| 1, length 15 | type 1 | version 16 | …`.
fn ssl2_hello(header: [u8; HEADER_LEN]) -> Option<(u16, u64)> {
    let [high, low, kind, major, minor] = header;
    let version = u16::from_be_bytes([major, minor]);
    let len = u16::from_be_bytes([high & 0x7f, low]);
    let is_hello = high & 0x80 != 0 && kind == 1 && matches!(version, 0x0002 | 0x0300..=0x0303);
    // Three lengths, at least one cipher of three bytes, a challenge of 16 to 32 (RFC 5246 s. E.2).
    (is_hello && (9 + 3 + 16..=1024).contains(&len)).then(|| (version, u64::from(len) - 3))
}

/// A stream seen from its start begins with a hello (or an alert); one that is not may begin with any record.
pub fn probe(context: &Context, direction: Direction, bytes: &[u8]) -> Verdict {
    let Some(header) = bytes.first_chunk() else {
        let fits = match *bytes {
            [] => true,
            [content_type, ref rest @ ..] => {
                let is_record = matches!(content_type, content::CHANGE_CIPHER_SPEC..=content::HEARTBEAT)
                    && rest.first().is_none_or(|&major| major == 3)
                    && rest.get(1).is_none_or(|&minor| minor <= 4);
                let is_ssl2 = content_type & 0x80 != 0
                    && direction == Direction::Originator
                    && context.from_start
                    && rest.get(1).is_none_or(|&kind| kind == 1);
                is_record || is_ssl2
            }
        };
        return if fits { Verdict::NeedMore } else { Verdict::NoMatch };
    };
    let Some(record) = Record::parse(*header) else {
        let is_ssl2 = direction == Direction::Originator && context.from_start && ssl2_hello(*header).is_some();
        if !is_ssl2 {
            return Verdict::NoMatch;
        }
        // | cipher length 16 | session length 16 | challenge length 16 | add up to the length.
        let Some((&[a, b, c, d, e, f], _)) = bytes.get(HEADER_LEN..).and_then(|rest| rest.split_first_chunk()) else {
            return Verdict::NeedMore;
        };
        let [ciphers, session, challenge] = [[a, b], [c, d], [e, f]].map(u16::from_be_bytes).map(u32::from);
        let [high, low, ..] = *header;
        let len = u32::from(u16::from_be_bytes([high & 0x7f, low]));
        let adds_up = ciphers.is_multiple_of(3) && ciphers > 0 && 9 + ciphers + session + challenge == len;
        return if adds_up { Verdict::Match } else { Verdict::NoMatch };
    };
    if !context.from_start {
        return Verdict::Match;
    }
    match record.content_type {
        content::ALERT if record.len == 2 => Verdict::Match,
        content::HANDSHAKE => match (bytes.get(HEADER_LEN), direction) {
            (None, _) => Verdict::NeedMore,
            (Some(1), _) | (Some(2 | 6), Direction::Responder) => Verdict::Match,
            _ => Verdict::NoMatch,
        },
        _ => Verdict::NoMatch,
    }
}
