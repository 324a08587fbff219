//! Whether a segment repeats bytes with other content: what an evasion does that shows a detector something else than
//! the receiver (T. Ptacek, T. Newsham, "Insertion, Evasion, and Denial of Service", 1998).
//!
//! Kept are the first bytes of a direction as they are, where names stand, and digests of the last segments. So an
//! overlap is found in the first bytes wherever it lies, later only when it has the bounds of a segment before it. Left
//! out: flows that nobody reads any more.

use std::hash::{BuildHasher as _, Hasher as _};

use foldhash::fast::FixedState;

/// First bytes kept.
const HEAD_LEN: usize = 128;
/// Segments of which a digest is kept.
const SEGMENTS: u8 = 4;

/// A digest of one segment.
#[derive(Debug, Clone, Copy, Default)]
struct Digest {
    start: u64,
    len: u32,
    hash: u32,
}

/// What is kept of one direction.
#[derive(Debug, Clone)]
pub(crate) struct Delivered {
    head: [u8; HEAD_LEN],
    /// One bit for each byte of the head that was seen.
    known: u128,
    segments: [Digest; SEGMENTS as usize],
    oldest: u8,
}

impl Default for Delivered {
    fn default() -> Self {
        Self { head: [0; HEAD_LEN], known: 0, segments: [Digest::default(); SEGMENTS as usize], oldest: 0 }
    }
}

impl Delivered {
    /// Takes in a segment whose first byte is the `at`th of the direction; true when it contradicts what was there.
    /// `repeats` when part of it was seen before.
    pub(crate) fn contradicts(&mut self, at: u64, payload: &[u8], repeats: bool) -> bool {
        let in_head = self.add_to_head(at, payload);
        let digest = Digest { start: at, len: u32::try_from(payload.len()).unwrap_or(u32::MAX), hash: hash(payload) };
        let same_place = |known: &&Digest| known.len > 0 && (known.start, known.len) == (digest.start, digest.len);
        if repeats && let Some(known) = self.segments.iter().find(same_place) {
            return in_head || known.hash != digest.hash;
        }
        if let Some(slot) = self.segments.get_mut(usize::from(self.oldest)) {
            *slot = digest;
        }
        self.oldest = (self.oldest + 1) % SEGMENTS;
        in_head
    }

    fn add_to_head(&mut self, at: u64, payload: &[u8]) -> bool {
        let Some(room) = usize::try_from(at).ok().and_then(|at| self.head.get_mut(at..)) else { return false };
        let len = room.len().min(payload.len());
        let (Some(room), Some(bytes)) = (room.get_mut(..len), payload.get(..len)) else { return false };
        if len == 0 {
            return false;
        }
        let ones = u128::MAX >> (HEAD_LEN - len);
        let mask = ones << at;
        let known = self.known & mask;
        self.known |= mask;
        if known == 0 {
            room.copy_from_slice(bytes);
            return false;
        }
        let mut contradicts = false;
        for (offset, (slot, byte)) in room.iter_mut().zip(bytes).enumerate() {
            if known >> at >> offset & 1 == 0 {
                *slot = *byte;
            } else {
                contradicts |= slot != byte;
            }
        }
        contradicts
    }
}

fn hash(bytes: &[u8]) -> u32 {
    let mut hasher = FixedState::with_seed(0).build_hasher();
    hasher.write(bytes);
    u32::try_from(hasher.finish() & 0xffff_ffff).expect("32 bits were kept")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_content_at_the_same_place_is_a_contradiction_and_the_same_content_is_none() {
        let mut delivered = Delivered::default();
        assert!(!delivered.contradicts(0, b"GET /index HTTP/1.1\r\n", false));
        assert!(!delivered.contradicts(0, b"GET /index HTTP/1.1\r\n", true));
        assert!(!delivered.contradicts(4, b"/index", true));
        assert!(delivered.contradicts(4, b"/other", true));
        // Far into the stream, by the bounds of the segment.
        assert!(!delivered.contradicts(90_000, &[1; 1000], false));
        assert!(!delivered.contradicts(90_000, &[1; 1000], true));
        assert!(delivered.contradicts(90_000, &[2; 1000], true));
    }

    proptest! {
        #[test]
        fn in_the_first_bytes_it_is_what_a_comparison_byte_by_byte_finds(
            pieces in prop::collection::vec((0_usize..150, prop::collection::vec(0_u8..2, 0..60)), 1..12),
        ) {
            let mut delivered = Delivered::default();
            let mut naive = [None; HEAD_LEN];
            for (at, bytes) in pieces {
                let mut expected = false;
                for (offset, byte) in bytes.iter().enumerate() {
                    if let Some(slot) = naive.get_mut(at + offset) {
                        expected |= slot.is_some_and(|known| known != *byte);
                        slot.get_or_insert(*byte);
                    }
                }
                prop_assert_eq!(delivered.add_to_head(at as u64, &bytes), expected);
            }
        }
    }
}
