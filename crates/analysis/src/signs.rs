//! Signs that a machine starts, beside that it asks for an address by DHCP: it joins a wireless network, asks whether
//! anybody has the address that it wants (RFC 5227 s. 2.1.1), or speaks IPv6 without an address yet (RFC 4862 s. 5.4.2,
//! RFC 3810 s. 5.2.13). Each is known by the field that shows it.

use firstlight_model::{MacAddress, Timestamp};

use crate::connection::Seen;
use crate::sightings::Sightings;

/// Signs of one kind within so long of each other count as one, so that a flood of them needs little room.
const SAME_NS: i64 = 10_000_000_000;

/// An address is asked for that the asker does not have yet.
pub(crate) const ADDRESS_PROBE: &str = "arp.src.proto_ipv4";
/// IPv6 from a machine without an address.
pub(crate) const NO_ADDRESS: &str = "ipv6.src";

/// Signs of all machines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signs(Sightings<(MacAddress, &'static str, i64)>);

impl Signs {
    /// Takes note of a sign; false when there is no more room.
    pub(crate) fn add(&mut self, mac: MacAddress, field: &'static str, seen: Seen) -> bool {
        self.0.add((mac, field, seen.time.as_ns().div_euclid(SAME_NS)), seen)
    }

    /// Adds what another piece has; gives where the ones were first seen that find no room.
    #[must_use]
    pub(crate) fn merge(&mut self, other: Self) -> Vec<Seen> {
        self.0.merge(other.0)
    }

    /// Those of one machine in the order of time, with the field that shows each.
    pub(crate) fn of(&self, mac: MacAddress) -> Vec<(Seen, &'static str)> {
        let own = self.0.iter().filter(|((of, ..), _)| *of == mac);
        // Of those that count as one, the first and the last.
        let mut signs: Vec<_> =
            own.flat_map(|((_, field, _), count)| [(count.first, *field), (count.last, *field)]).collect();
        signs.sort_unstable();
        signs.dedup();
        signs
    }
}

/// What the field that shows a sign says, as the continuation of "the machine …".
pub(crate) fn in_words(field: &str) -> &'static str {
    match field {
        ADDRESS_PROBE => "asked whether its address is free (ARP)",
        NO_ADDRESS => "spoke IPv6 without an address yet",
        _ => "joined the wireless network (EAPOL)",
    }
}

/// Longest time from one sign to the next: joining a network may fail a few times, the rest follows at once.
fn apart_ns(field: &str) -> i64 {
    match field {
        ADDRESS_PROBE | NO_ADDRESS => 5_000_000_000,
        _ => 30_000_000_000,
    }
}

/// Those of the signs that lead to `time`: each comes after `from` and soon enough before the next.
pub(crate) fn leading_to(signs: &[(Seen, &'static str)], from: Option<Timestamp>, time: Timestamp) -> usize {
    let mut first = signs.partition_point(|(seen, _)| seen.time <= time);
    let mut next = time;
    while let Some((seen, field)) = first.checked_sub(1).and_then(|at| signs.get(at))
        && next.since_ns(seen.time) <= apart_ns(field)
        && from.is_none_or(|from| from < seen.time)
    {
        next = seen.time;
        first -= 1;
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstlight_model::FrameRef;
    use proptest::prelude::*;

    const MAC: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);

    fn seen(number: u64, s: i64) -> Seen {
        Seen { time: Timestamp::from_ns(s * 1_000_000_000), at: FrameRef { capture: 0, number } }
    }

    fn signs(list: &[(i64, &'static str)]) -> Vec<(Seen, &'static str)> {
        let mut signs = Signs::default();
        for (number, (s, field)) in (1..).zip(list) {
            signs.add(MAC, field, seen(number, *s));
        }
        signs.of(MAC)
    }

    #[test]
    fn joining_may_be_tried_for_a_while_and_probes_come_at_once() {
        let joins = signs(&[(0, "eapol.joins"), (25, "eapol.joins"), (50, "eapol.joins")]);
        let at = |s: i64| Timestamp::from_ns(s * 1_000_000_000);
        assert_eq!(leading_to(&joins, None, at(60)), 0);
        assert_eq!(leading_to(&joins, Some(at(10)), at(60)), 1);
        assert_eq!(leading_to(&joins, None, at(81)), 3);
        let probes = signs(&[(0, ADDRESS_PROBE), (1, NO_ADDRESS)]);
        assert_eq!(leading_to(&probes, None, at(6)), 0);
        assert_eq!(leading_to(&probes, None, at(7)), 2);
    }

    #[test]
    fn a_flood_of_signs_takes_the_room_of_a_few() {
        let mut all = Signs::default();
        for number in 0..100_000 {
            assert!(all.add(MAC, NO_ADDRESS, seen(number, (number / 1_000) as i64)));
        }
        assert!(all.of(MAC).len() <= 20, "{}", all.of(MAC).len());
    }

    proptest! {
        #[test]
        fn pieces_give_what_the_whole_gives(
            times in prop::collection::vec((0..300_i64, any::<bool>()), 0..60), cut in any::<prop::sample::Index>()
        ) {
            let field = |is_arp: bool| if is_arp { ADDRESS_PROBE } else { NO_ADDRESS };
            let (mut whole, mut head, mut tail) = (Signs::default(), Signs::default(), Signs::default());
            let at = cut.index(times.len() + 1);
            for (rank, (s, is_arp)) in times.iter().enumerate() {
                let seen = seen(rank as u64, *s);
                whole.add(MAC, field(*is_arp), seen);
                if rank < at { &mut head } else { &mut tail }.add(MAC, field(*is_arp), seen);
            }
            let mut turned = tail.clone();
            prop_assert!(head.clone().merge(tail.clone()).is_empty());
            prop_assert!(turned.merge(head.clone()).is_empty());
            prop_assert!(head.merge(tail).is_empty());
            prop_assert_eq!(head.of(MAC), whole.of(MAC));
            prop_assert_eq!(turned.of(MAC), whole.of(MAC));
        }
    }
}
