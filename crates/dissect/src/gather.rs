//! The beginning of each direction of a stream, kept until its dissector has read what it needs. Together with a limit
//! it bounds what a flow may keep; a gap ends the keeping.

use firstlight_model::Direction;

use crate::Chunk;

/// The one of a pair that belongs to a direction.
pub(crate) fn side<T>(sides: &mut [T; 2], direction: Direction) -> &mut T {
    let [originator, responder] = sides;
    match direction {
        Direction::Originator => originator,
        Direction::Responder => responder,
    }
}

/// What was said first in one direction.
#[derive(Debug, Default)]
pub(crate) struct Beginning {
    bytes: Vec<u8>,
    ended: bool,
}

impl Beginning {
    /// Takes the next bytes, up to `limit` together; what there is so far.
    pub fn push(&mut self, chunk: Chunk<'_>, limit: usize) -> &[u8] {
        match chunk {
            Chunk::Data(bytes) if !self.ended => {
                let room = limit.saturating_sub(self.bytes.len());
                self.ended = bytes.len() >= room;
                self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            }
            Chunk::Data(_) => {}
            Chunk::Gap(_) => self.ended = true,
        }
        &self.bytes
    }

    /// What there is.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Memory that it holds.
    pub fn held_len(&self) -> usize {
        self.bytes.capacity()
    }

    /// Nothing will be added any more: a gap, or the limit.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Forgets all and takes no more.
    pub fn close(&mut self) {
        self.bytes = Vec::new();
        self.ended = true;
    }
}
