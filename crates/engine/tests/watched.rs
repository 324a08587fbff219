//! Whoever watches is told of each conversation from its first word to its end, and changes nothing of the report.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

#[path = "support/frames.rs"]
#[allow(dead_code, reason = "other tests need more of it")]
mod frames;

use std::collections::{BTreeMap, BTreeSet};

use firstlight_engine::{Limits, Pipeline, report_of};
use firstlight_model::{Event, Transport};

use frames::{options, whole};

/// What was told of one conversation.
#[derive(Default)]
struct Told {
    fields: Vec<&'static str>,
    times: Vec<i64>,
    ends: Vec<(Transport, u64, i64)>,
}

#[test]
fn each_conversation_is_told_once_and_nothing_comes_after_its_end() {
    let frames = frames::of_example(4_000);
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    let mut watch = |talk: &firstlight_model::Conversation<'_>, event: &Event<'_>| {
        let known = told.entry(talk.uid.to_owned()).or_default();
        assert!(known.ends.is_empty(), "{} goes on after its end", talk.uid);
        match event {
            Event::Observed { time, observation } => {
                known.fields.push(observation.field.name);
                known.times.push(time.as_ns());
            }
            Event::Ended(ended) => {
                assert!(known.times.iter().all(|time| (talk.first.as_ns()..=ended.last.as_ns()).contains(time)));
                known.ends.push((talk.transport, ended.packets.iter().sum(), ended.last.since_ns(talk.first)));
            }
        }
    };
    let mut pipeline = Pipeline::watched(Limits::default(), &mut watch);
    for frame in &frames {
        pipeline.push(&frame.frame());
    }
    let report = report_of(pipeline, Vec::new(), &options());
    let unwatched = whole(&frames, &[]);
    assert_eq!(format!("{report:?}"), format!("{unwatched:?}"), "watching changes nothing");
    assert!(told.values().all(|known| known.ends.len() == 1));
    let connections: u64 = report.contacts.iter().map(|contact| contact.connections).sum();
    assert_eq!(told.len() as u64, connections);
    let packets: u64 = told.values().map(|known| known.ends[0].1).sum();
    let in_contacts: u64 = report.contacts.iter().map(|contact| contact.packets_out + contact.packets_in).sum();
    assert_eq!(packets, in_contacts);
    let fields: BTreeSet<_> = told.values().flat_map(|known| &known.fields).copied().collect();
    for field in ["dns.flags", "dns.resp.name", "tls.established", "http.exchange", "dhcp.lease", "ntp.message"] {
        assert!(fields.contains(field), "{field}");
    }
}

#[test]
fn the_same_capture_has_the_same_uids() {
    let frames = frames::of_example(2_000);
    let uids = || {
        let mut uids = Vec::new();
        let mut watch = |talk: &firstlight_model::Conversation<'_>, event: &Event<'_>| {
            if matches!(event, Event::Ended(_)) {
                uids.push((talk.uid.to_owned(), talk.originator, talk.responder));
            }
        };
        let mut pipeline = Pipeline::watched(Limits::default(), &mut watch);
        frames.iter().for_each(|frame| pipeline.push(&frame.frame()));
        pipeline.finish();
        uids
    };
    let once = uids();
    assert_eq!(once, uids());
    assert_eq!(once.iter().map(|(uid, ..)| uid).collect::<BTreeSet<_>>().len(), once.len());
}
