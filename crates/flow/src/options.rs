//! What the options of one side's segments say of its sender: MSS and window of its SYN, and the ticks of its timestamps
//! (RFC 9293 s. 3.7.1, RFC 7323 s. 3). What is kept merges: the first by time, and the first and the last.

use firstlight_model::{Tcp, TcpFlags, Timestamp};

/// What a SYN or SYN+ACK said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SynSaid {
    /// When.
    pub at: Timestamp,
    /// Window, not scaled.
    pub window: u16,
    /// Maximum segment size.
    pub mss: Option<u16>,
}

/// Timestamps of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticks {
    /// When, and what the clock said.
    pub first: (Timestamp, u32),
    /// The same at the end.
    pub last: (Timestamp, u32),
}

/// Both, of one side of a connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said {
    pub(crate) syn: Option<SynSaid>,
    pub(crate) ticks: Option<Box<Ticks>>,
}

impl Said {
    pub(crate) fn note(&mut self, at: Timestamp, tcp: &Tcp<'_>) {
        if tcp.flags.has(TcpFlags::SYN) {
            let mss = find(tcp.options, 2).and_then(|data| data.try_into().ok()).map(u16::from_be_bytes);
            let syn = SynSaid { at, window: tcp.window, mss };
            self.syn = Some(self.syn.map_or(syn, |known| known.min(syn)));
        }
        // As nearly every segment with timestamps has them (RFC 7323 appendix A).
        let value = match tcp.options {
            [1, 1, 8, 10, a, b, c, d, ..] => Some([*a, *b, *c, *d]),
            [] => None,
            options => find(options, 8).and_then(|data| data.first_chunk().copied()),
        };
        if let Some(value) = value.map(u32::from_be_bytes) {
            let now = (at, value);
            self.add(Ticks { first: now, last: now });
        }
    }

    fn add(&mut self, more: Ticks) {
        match &mut self.ticks {
            Some(ticks) => {
                ticks.first = ticks.first.min(more.first);
                ticks.last = ticks.last.max(more.last);
            }
            none => *none = Some(Box::new(more)),
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.syn = match (self.syn, other.syn) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if let Some(more) = &other.ticks {
            self.add(**more);
        }
    }
}

/// The data of the first option of a kind.
fn find(options: &[u8], wanted: u8) -> Option<&[u8]> {
    let mut rest = options;
    loop {
        let (&kind, behind) = rest.split_first()?;
        rest = match kind {
            0 => return None,
            1 => behind,
            _ => {
                let (&len, behind) = behind.split_first()?;
                let (data, next) = behind.split_at_checked(usize::from(len).checked_sub(2)?)?;
                if kind == wanted {
                    return Some(data);
                }
                next
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Said, SynSaid, find};
    use firstlight_model::{Tcp, TcpFlags, Timestamp};

    fn segment(flags: u16, options: &[u8]) -> Tcp<'_> {
        Tcp {
            source_port: 1,
            destination_port: 2,
            sequence: 0,
            acknowledgment: 0,
            flags: TcpFlags(flags),
            window: 1000,
            urgent: 0,
            options,
            options_cut: false,
            payload: &[],
            payload_len: 0,
            reserved: 0,
        }
    }

    #[test]
    fn options_that_do_not_fit_say_nothing() {
        assert_eq!(find(&[2, 4, 5, 180], 2), Some(&[5, 180][..]));
        assert_eq!(find(&[1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 2, 4, 5, 180], 2), Some(&[5, 180][..]));
        for options in [&[][..], &[2], &[2, 1, 2, 4], &[2, 9, 5], &[0, 2, 4, 5, 180], &[3, 0]] {
            assert_eq!(find(options, 2), None, "{options:?}");
        }
    }

    #[test]
    fn in_pieces_the_same_is_kept_as_in_one() {
        let at = |s: i64| Timestamp::from_parts(s, 0);
        let stamped = |value: u8| [1, 1, 8, 10, 0, 0, 0, value, 0, 0, 0, 0];
        let syn = [2, 4, 5, 180, 8, 10, 0, 0, 0, 7, 0, 0, 0, 0];
        let mut whole = Said::default();
        let (mut a, mut b) = (Said::default(), Said::default());
        for (part, time, flags, options) in
            [(0, 1, TcpFlags::SYN, &syn[..]), (0, 2, TcpFlags::ACK, &stamped(9)), (1, 5, TcpFlags::ACK, &stamped(40))]
        {
            let tcp = segment(flags, options);
            whole.note(at(time), &tcp);
            if part == 0 { a.note(at(time), &tcp) } else { b.note(at(time), &tcp) }
        }
        b.merge(&a);
        assert_eq!((b.syn, b.ticks.as_deref()), (whole.syn, whole.ticks.as_deref()));
        assert_eq!(b.syn, Some(SynSaid { at: at(1), window: 1000, mss: Some(1460) }));
        let ticks = b.ticks.expect("there are timestamps");
        assert_eq!((ticks.first, ticks.last), ((at(1), 7), (at(5), 40)));
    }
}
