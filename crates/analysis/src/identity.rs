//! Who a machine is: its system and release, its kind, maker and model, and whether it is a virtual one. Every sign is a
//! vote in log-odds ([`odds`]), every vote is listed, and what does not go together is said.
//!
//! What a sign means and what it is worth stands in tables of the knowledge crate; here they are found and added up.

use firstlight_model::report::{Aspect, Confidence, Contradiction, Evidence, Identity, OperatingSystem, Vote};

use crate::assemble::Own;
use crate::limits;
use crate::machines::Machines;
use crate::tally::Tally;

mod contradictions;
mod gather;
mod odds;
mod releases;

/// Votes listed as reasons for the system.
const REASONS_LIMIT: usize = 12;

/// Weighs all that is known of a machine.
pub(crate) fn identity(tally: &Tally, machines: &Machines, rank: usize, own: &[Own<'_>]) -> Identity {
    let of = gather::Of { tally, machines, rank, own };
    let mut votes = gather::votes(of);
    let mut left_out = bound(&mut votes);
    let system = odds::verdict(Aspect::System, &votes, None);
    let family = system.as_ref().and_then(|system| system.value.clone());
    if let (Some(family), Some(system)) = (&family, &system) {
        votes.extend(gather::of_system(family, system.probability));
        left_out += bound(&mut votes);
    }
    let verdicts = Aspect::ALL.into_iter().filter_map(|aspect| odds::verdict(aspect, &votes, family.as_deref()));
    Identity {
        verdicts: verdicts.collect(),
        contradictions: contradictions::contradictions(of, &votes),
        votes,
        votes_left_out: left_out,
    }
}

/// Orders the votes, the strongest of each aspect first, and keeps as many as there is room for; says how many not.
fn bound(votes: &mut Vec<Vote>) -> u64 {
    let seen = |vote: &Vote| vote.evidence.as_ref().map(|evidence| (evidence.time, evidence.at));
    votes.sort_by(|a, b| {
        a.aspect
            .cmp(&b.aspect)
            .then(b.weight.total_cmp(&a.weight))
            .then_with(|| (seen(a), a.field, &a.value, &a.text).cmp(&(seen(b), b.field, &b.value, &b.text)))
    });
    votes.dedup_by(|a, b| (a.aspect, a.field, &a.value, &a.text) == (b.aspect, b.field, &b.value, &b.text));
    let before = votes.len();
    for aspect in Aspect::ALL {
        let mut kept = 0;
        votes.retain(|vote| {
            kept += usize::from(vote.aspect == aspect);
            vote.aspect != aspect || kept <= limits::VOTES_OF_ASPECT
        });
    }
    (before - votes.len()) as u64
}

/// The system in the short form.
pub(crate) fn operating_system(identity: &Identity) -> OperatingSystem {
    let family = identity.value(Aspect::System);
    let release = identity.value(Aspect::Version).filter(|_| family.is_some());
    let verdict = release.or(family).unwrap_or("unknown").to_owned();
    let confidence = identity.verdict(Aspect::System).map_or(Confidence::Low, |system| system.confidence);
    let mut reasons: Vec<(String, Option<Evidence>)> = Vec::new();
    // What speaks for something else is among the votes.
    let is_reason = |vote: &&Vote| match vote.aspect {
        Aspect::System => family.is_none_or(|family| vote.value == family),
        Aspect::Version => family.is_some_and(|family| odds::is_release_of(&vote.value, family)),
        _ => false,
    };
    for vote in identity.votes.iter().filter(is_reason) {
        if !reasons.iter().any(|(text, _)| *text == vote.text) && reasons.len() < REASONS_LIMIT {
            reasons.push((vote.text.clone(), vote.evidence.clone()));
        }
    }
    OperatingSystem { verdict, family: family.map(str::to_owned), confidence, reasons }
}

/// The frames of what does not go together.
pub(crate) fn frames(contradiction: &Contradiction) -> Vec<firstlight_model::FrameRef> {
    contradiction.reasons.iter().filter_map(|(_, evidence)| evidence.as_ref()).map(|evidence| evidence.at).collect()
}
