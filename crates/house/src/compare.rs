//! Holds claims of other tools against the flows that Firstlight found in the same capture.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use firstlight_engine::FlowView;

use crate::expected::{Claim, FlowId, Key, Said, Subject, ndpi_ja4, normal};

/// What Firstlight says of a flow that it does not have.
pub const NO_SUCH_FLOW: &str = "no such flow";

/// A claim that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What the tool says.
    pub theirs: String,
    /// What Firstlight says, in the same words, or [`NO_SUCH_FLOW`].
    pub ours: String,
    /// They say the same.
    pub equal: bool,
}

/// The flows of one capture, to be asked for by their endpoints.
pub struct Flows<'a> {
    by_pair: BTreeMap<(IpAddr, IpAddr), Vec<Entry<'a>>>,
}

/// A flow, its endpoints in order, and whether they had to be swapped for that.
type Entry<'a> = (FlowId, bool, &'a FlowView);

impl<'a> Flows<'a> {
    /// Sorts them by their addresses.
    pub fn new(flows: &'a [FlowView]) -> Self {
        let mut by_pair: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for flow in flows {
            let a = (flow.originator.address, Some(flow.originator.port));
            let b = (flow.responder.address, Some(flow.responder.port));
            let (id, swapped) = FlowId::new(Some(flow.transport.0), a, b);
            by_pair.entry((id.low.0, id.high.0)).or_default().push((id, swapped, flow));
        }
        Self { by_pair }
    }

    fn matching(&self, wanted: Option<&FlowId>) -> Vec<&Entry<'a>> {
        let Some(wanted) = wanted else { return self.by_pair.values().flatten().collect() };
        let same = |ours: Option<u16>, theirs: Option<u16>| theirs.is_none() || ours.is_none() || ours == theirs;
        let pair = self.by_pair.get(&(wanted.low.0, wanted.high.0));
        pair.into_iter()
            .flatten()
            .filter(|(id, ..)| wanted.transport.is_none_or(|it| id.transport == Some(it)))
            .filter(|(id, ..)| same(id.low.1, wanted.low.1) && same(id.high.1, wanted.high.1))
            .collect()
    }

    /// Checks one claim.
    pub fn check(&self, subject: &Subject, claim: &Claim) -> Outcome {
        let flows = self.matching(subject.flow.as_ref());
        let theirs = claim.said.to_string();
        if flows.is_empty() {
            return Outcome { theirs, ours: NO_SUCH_FLOW.to_owned(), equal: false };
        }
        match &claim.said {
            Said::Counts(counts) => {
                let mut sum = [0, 0];
                for (id, swapped, flow) in flows {
                    let [originator, responder] = match subject.key {
                        Key::Packets => flow.packets,
                        Key::IpBytes => flow.ip_bytes,
                        _ => flow.wire_bytes,
                    };
                    let (there, back) = match (id.is_loop(), swapped) {
                        (true, _) => (originator + responder, 0),
                        (false, true) => (responder, originator),
                        (false, false) => (originator, responder),
                    };
                    sum[0] += there;
                    sum[1] += back;
                }
                Outcome { theirs, ours: Said::Counts(sum).to_string(), equal: sum == *counts }
            }
            Said::Texts(texts) => {
                let ours: BTreeSet<String> = flows.iter().flat_map(|(.., flow)| words(subject, flow)).collect();
                Outcome { equal: texts.is_subset(&ours), theirs, ours: Said::Texts(ours).to_string() }
            }
        }
    }
}

/// What a flow says to a key, in the form in which the tools are compared.
fn words(subject: &Subject, flow: &FlowView) -> Vec<String> {
    let key = subject.key;
    let words: Vec<String> = match key {
        Key::CommunityId => vec![flow.community_id.clone()],
        Key::ServerName | Key::ServerNameUdp => flow.server_names.clone(),
        Key::HttpHost => flow.http_hosts.clone(),
        Key::HttpHostOrServerName => [&flow.http_hosts[..], &flow.server_names[..]].concat(),
        Key::DnsQuery => flow.dns_queries.clone(),
        Key::UserAgent => flow.user_agents.clone(),
        Key::Ja3 => flow.ja3.iter().cloned().collect(),
        Key::Ja3s => flow.ja3s.iter().cloned().collect(),
        Key::Ja4 | Key::Ja4Udp if subject.oracle == "ndpi" => flow.ja4.iter().map(|it| ndpi_ja4(it)).collect(),
        Key::Ja4 | Key::Ja4Udp => flow.ja4.iter().cloned().collect(),
        Key::State => vec![flow.state.to_owned()],
        Key::History => vec![flow.history.clone()],
        Key::Packets | Key::WireBytes | Key::IpBytes => Vec::new(),
    };
    words.iter().map(|word| normal(key, word)).collect()
}
