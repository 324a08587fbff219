//! Puts bytes in order that come in pieces with offsets, as in QUIC's CRYPTO frames (RFC 9000 s. 7.5) and the fragments
//! of DTLS (RFC 6347 s. 4.2.3): in any order, twice, overlapping. The first bytes of a place count.

/// A run of bytes from offset 0 on, and what came ahead of it.
#[derive(Debug)]
pub(crate) struct Pieces {
    whole: Vec<u8>,
    /// Ahead of `whole`, by offset.
    ahead: Vec<(usize, Vec<u8>)>,
    ahead_len: usize,
    limit_len: usize,
}

/// Pieces that may wait for the ones before them. Chrome cuts its hello in dozens of them, on purpose.
const MAX_AHEAD: usize = 256;

impl Pieces {
    /// Keeps at most `limit_len` bytes, offsets included.
    pub fn new(limit_len: usize) -> Self {
        Self { whole: Vec::new(), ahead: Vec::new(), ahead_len: 0, limit_len }
    }

    /// What is there without a hole, from the beginning.
    pub fn whole(&self) -> &[u8] {
        &self.whole
    }

    /// Memory that it holds.
    pub fn held_len(&self) -> usize {
        self.whole.capacity() + self.ahead_len + self.ahead.capacity() * size_of::<(usize, Vec<u8>)>()
    }

    /// Adds a piece; false when it goes beyond what is kept, and is left out.
    pub fn add(&mut self, offset: u64, bytes: &[u8]) -> bool {
        let Some(offset) = usize::try_from(offset).ok().filter(|offset| *offset <= self.limit_len) else {
            return false;
        };
        let end = offset.saturating_add(bytes.len());
        if end > self.limit_len {
            return false;
        }
        if end <= self.whole.len() {
            return true;
        }
        if offset > self.whole.len() {
            if self.ahead.len() >= MAX_AHEAD || self.ahead_len + bytes.len() > self.limit_len {
                return false;
            }
            let at = self.ahead.partition_point(|(other, kept)| (*other, kept.len()) < (offset, bytes.len()));
            if self.ahead.get(at).is_some_and(|(other, kept)| *other == offset && kept.len() == bytes.len()) {
                return true;
            }
            self.ahead_len += bytes.len();
            self.ahead.insert(at, (offset, bytes.to_vec()));
            return true;
        }
        self.append(offset, bytes);
        let reached = self.ahead.iter().take_while(|(offset, _)| *offset <= self.whole.len()).count();
        if reached > 0 {
            // A piece that is reached may reach the next ones.
            let mut ahead = std::mem::take(&mut self.ahead).into_iter().peekable();
            while let Some((offset, kept)) = ahead.next_if(|(offset, _)| *offset <= self.whole.len()) {
                self.ahead_len -= kept.len();
                self.append(offset, &kept);
            }
            self.ahead = ahead.collect();
        }
        true
    }

    fn append(&mut self, offset: usize, bytes: &[u8]) {
        let new = self.whole.len().checked_sub(offset).and_then(|known| bytes.get(known..));
        self.whole.extend_from_slice(new.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn offsets_beyond_the_limit_are_left_out() {
        let mut pieces = Pieces::new(10);
        assert!(!pieces.add(u64::MAX, b"x"));
        assert!(!pieces.add(8, b"abc"));
        assert!(pieces.add(8, b"ab"));
        assert_eq!(pieces.whole(), b"");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_order_of_pieces_gives_the_whole(
            bytes in prop::collection::vec(any::<u8>(), 1..300),
            cuts in prop::collection::vec((any::<prop::sample::Index>(), 1usize..40), 0..60),
        ) {
            let mut pieces = Pieces::new(4096);
            for (at, len) in &cuts {
                let at = at.index(bytes.len());
                let end = (at + len).min(bytes.len());
                prop_assert!(pieces.add(at as u64, &bytes[at..end]));
                prop_assert!(bytes.starts_with(pieces.whole()));
            }
            for (at, chunk) in bytes.chunks(7).enumerate().collect::<Vec<_>>().into_iter().rev() {
                prop_assert!(pieces.add(at as u64 * 7, chunk));
            }
            prop_assert_eq!(pieces.whole(), &bytes[..]);
            prop_assert_eq!(pieces.ahead_len, 0);
        }
    }
}
