//! The history of a connection in Zeek's letters (Zeek documentation, `Conn::Info$history`).

use firstlight_model::Direction;

/// Letters kept; the first ones say all but a few repetitions.
const LETTERS_LIMIT: usize = 30;

/// One letter an event: upper case from the originator, lower case from the responder.
///
/// `S` SYN, `H` SYN with ACK, `A` pure ACK, `D` data, `F` FIN, `R` RST, `C` bad checksum, `G` gap, `T` retransmission,
/// `W` zero window, `I` FIN with RST, `Q` SYN with FIN or RST, `^` direction turned round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    letters: [u8; LETTERS_LIMIT],
    len: u8,
    seen: [u32; 2],
}

impl History {
    /// Adds a letter (upper case) although it may stand there already.
    pub fn push(&mut self, direction: Direction, letter: u8) {
        if let Some(seen) = self.seen.get_mut(direction.index()) {
            *seen |= bit(letter);
        }
        let letter = if direction == Direction::Originator { letter } else { letter.to_ascii_lowercase() };
        if let Some(slot) = self.letters.get_mut(usize::from(self.len)) {
            *slot = letter;
            self.len += 1;
        }
    }

    /// Adds a letter unless it was there for this direction.
    pub fn once(&mut self, direction: Direction, letter: u8) {
        if self.seen.get(direction.index()).is_some_and(|seen| seen & bit(letter) == 0) {
            self.push(direction, letter);
        }
    }

    /// Was it there?
    pub fn has(&self, direction: Direction, letter: u8) -> bool {
        self.seen.get(direction.index()).is_some_and(|seen| seen & bit(letter) != 0)
    }

    /// Marks that originator and responder were exchanged, before anything else was written.
    pub fn flipped(&mut self) {
        if let Some(slot) = self.letters.get_mut(usize::from(self.len)) {
            *slot = b'^';
            self.len += 1;
        }
    }

    /// The letters.
    pub fn as_str(&self) -> &str {
        self.letters.get(..usize::from(self.len)).and_then(|letters| std::str::from_utf8(letters).ok()).unwrap_or("")
    }

    /// Adds what a continuation saw; `turned` when its originator is our responder.
    pub fn absorb(&mut self, other: &Self, turned: bool) {
        for letter in other.as_str().bytes().filter(|letter| *letter != b'^') {
            let from_originator = letter.is_ascii_uppercase() != turned;
            let direction = if from_originator { Direction::Originator } else { Direction::Responder };
            self.once(direction, letter.to_ascii_uppercase());
        }
    }
}

const fn bit(letter: u8) -> u32 {
    1 << (letter & 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_zeeks_letters() {
        let mut history = History::default();
        for (direction, letter) in [
            (Direction::Originator, b'S'),
            (Direction::Responder, b'H'),
            (Direction::Originator, b'A'),
            (Direction::Originator, b'D'),
            (Direction::Originator, b'D'),
            (Direction::Responder, b'D'),
        ] {
            history.once(direction, letter);
        }
        assert_eq!(history.as_str(), "ShADd");
    }
}
