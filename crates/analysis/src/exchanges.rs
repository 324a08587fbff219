//! Requests in clear HTTP: kept one by one, shown by kind, the telling ones first.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use firstlight_knowledge as knowledge;
use firstlight_model::Endpoint;
use firstlight_model::report::{Evidence, HttpExchange};

use crate::connection::Seen;

/// One request with its answer.
#[derive(Debug, Clone)]
pub(crate) struct ExchangeSeen {
    pub seen: Seen,
    pub originator: Endpoint,
    pub responder: Endpoint,
    pub host: Option<Arc<str>>,
    pub method: Option<Arc<str>>,
    pub path: Option<Arc<str>>,
    pub user_agent: Option<Arc<str>>,
    pub content_type: Option<Arc<str>>,
    pub status: Option<u16>,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub remark: Option<Arc<str>>,
}

impl ExchangeSeen {
    /// By place in the capture.
    pub(crate) fn order(a: &Self, b: &Self) -> Ordering {
        (a.seen, a.originator, a.responder, &a.method, &a.path).cmp(&(
            b.seen,
            b.originator,
            b.responder,
            &b.method,
            &b.path,
        ))
    }
}

/// A request put in its place: who asked and in which phase.
pub(crate) struct Placed<'a> {
    pub machine: &'a str,
    pub phase: &'a str,
    pub machine_rank: usize,
    pub phase_rank: usize,
    pub system: Option<&'a str>,
    pub exchange: &'a ExchangeSeen,
}

/// Adds up requests of one kind and sorts them: machine, phase, significance.
pub(crate) fn summarise(placed: &[Placed<'_>], known: knowledge::Knowledge) -> Vec<HttpExchange> {
    type Key<'a> = (
        (usize, usize),
        (Option<&'a str>, Option<&'a str>, Option<&'a str>),
        (Option<u16>, Option<&'a str>, Option<&'a str>, Option<&'a str>),
    );
    let mut kinds: BTreeMap<Key<'_>, (HttpExchange, Option<&str>)> = BTreeMap::new();
    for item in placed {
        let exchange = item.exchange;
        let key = (
            (item.machine_rank, item.phase_rank),
            (exchange.host.as_deref(), exchange.method.as_deref(), exchange.path.as_deref()),
            (
                exchange.status,
                exchange.content_type.as_deref(),
                exchange.user_agent.as_deref(),
                exchange.remark.as_deref(),
            ),
        );
        let (sum, _) = kinds.entry(key).or_insert_with(|| {
            let text = |text: &Option<Arc<str>>| text.as_deref().map(str::to_owned);
            let new = HttpExchange {
                machine: item.machine.to_owned(),
                phase: item.phase.to_owned(),
                host: text(&exchange.host),
                method: text(&exchange.method),
                path: text(&exchange.path),
                user_agent: text(&exchange.user_agent),
                content_type: text(&exchange.content_type),
                status: exchange.status,
                bytes_in: 0,
                bytes_out: 0,
                count: 0,
                remark: text(&exchange.remark),
                purpose: None,
                significance: 0,
                evidence: vec![Evidence { at: exchange.seen.at, time: exchange.seen.time, field: "http.request" }],
            };
            (new, item.system)
        });
        sum.bytes_in += exchange.bytes_in;
        sum.bytes_out += exchange.bytes_out;
        sum.count += 1;
    }
    let mut list: Vec<((usize, usize), HttpExchange)> = kinds
        .into_iter()
        .map(|((rank, _, _), (mut exchange, system))| {
            exchange.purpose = purpose(&exchange, system, known);
            exchange.significance = significance(&exchange);
            (rank, exchange)
        })
        .collect();
    list.sort_by(|(rank_a, a), (rank_b, b)| {
        rank_a
            .cmp(rank_b)
            .then(b.significance.cmp(&a.significance))
            .then(b.bytes_in.cmp(&a.bytes_in))
            .then_with(|| (&a.host, &a.path).cmp(&(&b.host, &b.path)))
    });
    list.into_iter().map(|(_, exchange)| exchange).collect()
}

fn purpose(exchange: &HttpExchange, system: Option<&str>, known: knowledge::Knowledge) -> Option<String> {
    let query = knowledge::Query {
        name: exchange.host.as_deref(),
        path: exchange.path.as_deref(),
        port: 80,
        system,
        ..knowledge::Query::default()
    };
    known.explain(&query).purpose.map(Into::into)
}

/// Much data, programs and archives, and what was sent say more than revocation checks, probes and redirections.
fn significance(exchange: &HttpExchange) -> u32 {
    let bytes = exchange.bytes_in + exchange.bytes_out;
    let mut points = 4 * (64 - bytes.leading_zeros());
    let kind = exchange.content_type.as_deref().unwrap_or("");
    let is_routine = exchange.remark.is_some() || kind.contains("ocsp") || kind.contains("pkix");
    if is_routine {
        points /= 4;
    }
    let is_program = ["octet-stream", "zip", "x-ms", "executable", "diskimage", "x-apple", "gzip", "msdownload"]
        .iter()
        .any(|word| kind.contains(word));
    if is_program {
        points += 20;
    }
    if exchange.bytes_out > 0 && !is_routine {
        points += 10;
    }
    if exchange.status.is_none_or(|status| !(200..300).contains(&status)) {
        points /= 2;
    }
    points
}
