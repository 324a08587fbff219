//! What every protocol is held to, by looping over the list.

use std::collections::BTreeSet;
use std::path::Path;

use firstlight_model::{Direction, Observation};
use proptest::prelude::*;

use crate::{ALL, Carrier, Chunk, Dissector, Need, Sample, Session, Sink, Verdict};

/// Files of the folder that are no protocol.
const OTHERS: &[&str] = &[
    "lib",
    "limits",
    "session",
    "reader",
    "ocsp",
    "frame",
    "pieces",
    "gather",
    "json",
    "free_tests",
    "ber",
    "echo",
    "lines",
    "messages",
    "ntlmssp",
    "words",
];

/// What was said, as text, each direction for itself.
#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    said: [Vec<String>; 2],
    fields: BTreeSet<&'static str>,
}

impl Sink for Heard {
    fn observe(&mut self, observation: Observation<'_>) {
        self.fields.insert(observation.field.name);
        self.said[observation.direction.index()].push(format!("{observation:?}"));
    }
}

type Piece = (Direction, Option<Vec<u8>>, u64);

fn data(direction: Direction, bytes: &[u8]) -> Piece {
    (direction, Some(bytes.to_vec()), 0)
}

fn gap(direction: Direction, len: u64) -> Piece {
    (direction, None, len)
}

fn hear(dissector: &Dissector, sample: &Sample, pieces: &[Piece]) -> Heard {
    let mut heard = Heard::default();
    let mut session = match dissector.carrier {
        Carrier::Tcp => Session::stream(sample.context),
        carrier => Session::messages(carrier, sample.context),
    };
    for (direction, bytes, len) in pieces {
        let chunk = bytes.as_deref().map_or(Chunk::Gap(*len), Chunk::Data);
        if session.push(*direction, chunk, &mut heard) == Need::Nothing {
            break;
        }
    }
    session.finish(&mut heard);
    heard
}

fn whole(sample: &Sample) -> Vec<Piece> {
    sample.pushes.iter().map(|(direction, bytes)| data(*direction, bytes)).collect()
}

fn samples() -> impl Iterator<Item = (&'static Dissector, &'static Sample)> {
    ALL.iter().flat_map(|dissector| dissector.samples.iter().map(|sample| (*dissector, sample)))
}

#[test]
fn every_declared_field_is_seen_in_a_sample_and_no_other() {
    for dissector in ALL {
        let mut seen = BTreeSet::new();
        for sample in dissector.samples {
            seen.extend(hear(dissector, sample, &whole(sample)).fields);
        }
        let declared: BTreeSet<_> = dissector.fields.iter().map(|field| field.name).collect();
        assert_eq!(seen, declared, "{}", dissector.name);
    }
}

#[test]
fn field_names_begin_with_the_name_of_their_protocol_or_are_those_of_the_hello_that_it_carries() {
    let of_hello = crate::tls::DISSECTOR.fields;
    for dissector in ALL {
        let carries_hello = ["quic", "dtls"].contains(&dissector.name);
        for field in dissector.fields {
            let is_own = field.name.split('.').next() == Some(dissector.name);
            assert!(is_own || carries_hello && of_hello.contains(field), "{} of {}", field.name, dissector.name);
            assert!(!field.reference.is_empty(), "{} has no reference", field.name);
        }
    }
}

#[test]
fn samples_are_taken_for_their_own_protocol() {
    for (dissector, sample) in samples() {
        let mut session = match dissector.carrier {
            Carrier::Tcp => Session::stream(sample.context),
            carrier => Session::messages(carrier, sample.context),
        };
        for (direction, bytes) in sample.pushes {
            session.push(*direction, Chunk::Data(bytes), &mut Heard::default());
        }
        assert!(session.protocol().is_some_and(|found| std::ptr::eq(found, dissector)), "{}", dissector.name);
    }
}

#[test]
fn no_beginning_of_a_sample_is_taken_for_another_protocol() {
    for (dissector, sample) in samples() {
        for (direction, bytes) in sample.pushes {
            for end in 0..=bytes.len() {
                for other in
                    ALL.iter().filter(|other| other.name != dissector.name && other.carrier == dissector.carrier)
                {
                    let verdict = (other.probe)(&sample.context, *direction, &bytes[..end]);
                    assert_ne!(verdict, Verdict::Match, "{end} bytes of {} taken for {}", dissector.name, other.name);
                }
            }
        }
    }
}

#[test]
fn every_truncation_is_survived_and_says_nothing_undeclared() {
    for (dissector, sample) in samples() {
        for (at, (direction, bytes)) in sample.pushes.iter().enumerate() {
            let step = (bytes.len() / 400).max(1);
            for end in (0..bytes.len()).step_by(step) {
                let mut pieces = whole(sample);
                pieces.truncate(at);
                pieces.push(data(*direction, &bytes[..end]));
                let heard = hear(dissector, sample, &pieces);
                assert!(heard.fields.iter().all(|name| dissector.fields.iter().any(|field| field.name == *name)));
            }
        }
    }
}

#[test]
fn every_chunk_size_gives_the_same_observations() {
    for (dissector, sample) in samples().filter(|(dissector, _)| dissector.carrier == Carrier::Tcp) {
        let expected = hear(dissector, sample, &whole(sample));
        let longest = sample.pushes.iter().map(|(_, bytes)| bytes.len()).max().unwrap_or(0);
        for size in 1..longest {
            let pieces: Vec<Piece> = sample
                .pushes
                .iter()
                .flat_map(|(direction, bytes)| bytes.chunks(size).map(|chunk| data(*direction, chunk)))
                .collect();
            assert_eq!(hear(dissector, sample, &pieces), expected, "{} in chunks of {size}", dissector.name);
        }
    }
}

#[test]
fn a_datagram_cut_by_the_capture_is_survived() {
    for (dissector, sample) in samples().filter(|(dissector, _)| dissector.carrier != Carrier::Tcp) {
        let pieces: Vec<Piece> = sample
            .pushes
            .iter()
            .flat_map(|(direction, bytes)| {
                let half = bytes.len() / 2;
                [data(*direction, &bytes[..half]), gap(*direction, (bytes.len() - half) as u64)]
            })
            .collect();
        hear(dissector, sample, &pieces);
    }
}

#[test]
fn the_list_is_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let in_folder: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder of this crate")
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| !OTHERS.contains(&name.as_str()))
        .collect();
    let source = include_str!("lib.rs");
    let list = source.split("protocols! {").nth(1).and_then(|rest| rest.split('}').next()).expect("the list");
    let listed: BTreeSet<String> = list
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"))
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, in_folder);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_chunkings_give_the_same_observations(seed in any::<prop::sample::Index>(), cuts in prop::collection::vec(1usize..200, 1..40)) {
        let streams: Vec<_> = samples().filter(|(dissector, _)| dissector.carrier == Carrier::Tcp).collect();
        let (dissector, sample) = streams[seed.index(streams.len())];
        let mut sizes = cuts.iter().cycle();
        let mut pieces = Vec::new();
        for (direction, bytes) in sample.pushes {
            let mut rest = *bytes;
            while !rest.is_empty() {
                let (head, tail) = rest.split_at((*sizes.next().expect("a cycle")).min(rest.len()));
                pieces.push(data(*direction, head));
                rest = tail;
            }
        }
        prop_assert_eq!(hear(dissector, sample, &pieces), hear(dissector, sample, &whole(sample)));
    }

    #[test]
    fn gaps_and_flipped_bits_never_panic(
        seed in any::<prop::sample::Index>(),
        cut in 1usize..300,
        gaps in prop::collection::vec(prop_oneof![4 => Just(0u64), 1 => 1u64..100, 1 => any::<u64>()], 1..12),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0u8..8), 0..6),
        from_start in any::<bool>(),
    ) {
        let all: Vec<_> = samples().collect();
        let (dissector, sample) = all[seed.index(all.len())];
        let sample = Sample { context: crate::Context { from_start, ..sample.context }, pushes: sample.pushes };
        let mut gaps = gaps.iter().cycle();
        let mut pieces = Vec::new();
        for (direction, bytes) in sample.pushes {
            let mut bytes = bytes.to_vec();
            for (place, bit) in &flips {
                let place = place.index(bytes.len());
                bytes[place] ^= 1 << bit;
            }
            let size = if dissector.carrier == Carrier::Tcp { cut } else { bytes.len() };
            for chunk in bytes.chunks(size) {
                pieces.push(data(*direction, chunk));
                let len = *gaps.next().expect("a cycle");
                if len > 0 {
                    pieces.push(gap(*direction, len));
                }
            }
        }
        let heard = hear(dissector, &sample, &pieces);
        // Whatever was made of it, it is something that somebody declared.
        let declared: BTreeSet<_> = ALL.iter().flat_map(|dissector| dissector.fields).map(|field| field.name).collect();
        prop_assert!(heard.fields.is_subset(&declared));
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), seed in any::<prop::sample::Index>()) {
        let all: Vec<_> = samples().collect();
        let (dissector, sample) = all[seed.index(all.len())];
        let mut dissect = (dissector.open)(&sample.context);
        for direction in [Direction::Originator, Direction::Responder] {
            dissect.push(direction, Chunk::Data(&bytes), &mut Heard::default());
        }
        dissect.finish(&mut Heard::default());
    }
}
