//! Rules that match a name, and which of them wins.

use super::{Query, Reach, in_scope, kind_of};
use crate::book::{Book, Row};
use crate::check::{Class, Match, Scope};
use crate::host;
use crate::layout::{hosts, open_globs, rules};
use crate::owner::bit;

/// A rule that matches.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(super) row: Row<'static>,
    pub(super) kind: Match,
    pub(super) class: Class,
    /// The better, the smaller; see [`rank`].
    tier: u8,
    /// Letters of the pattern and of the path that had to agree.
    reach: usize,
    system: u8,
    grade: u8,
    port: u8,
    in_scope: bool,
    path_seen: bool,
    alias: bool,
}

impl Candidate {
    /// Whether it may say what the name is for.
    pub(super) fn says_purpose(&self) -> bool {
        self.in_scope && self.class != Class::Organisation
    }

    /// Whether it is a suffix rule.
    pub(super) fn is_by_suffix(&self) -> bool {
        matches!(self.kind, Match::Suffix | Match::Subdomain | Match::Tld)
    }

    /// Whether the machine's system is among the rule's, or the rule names none.
    pub(super) fn fits_system(&self) -> bool {
        self.system < 2
    }

    /// Length of the part of the name that it speaks of.
    pub(super) fn host_reach(&self) -> usize {
        host::literal_len(self.row.text(rules::PATTERN))
    }

    /// Systems that the rule gives away, in packed form.
    pub(crate) fn tells(&self) -> &'static str {
        self.row.text(rules::TELLS)
    }

    /// How it is held against the name.
    pub(crate) fn match_kind(&self) -> Match {
        self.kind
    }

    /// The rule.
    pub(crate) fn row(&self) -> &Row<'static> {
        &self.row
    }

    pub(super) fn mark_alias(&mut self) {
        self.alias = true;
    }

    /// `exact www.apple.com/library/test/success.html`, `glob gspe*-ssl.ls.apple.com`, `below icloud.com`.
    pub(super) fn describe(&self) -> String {
        let word = match self.kind {
            Match::Exact => "exact ",
            Match::Glob => "glob ",
            Match::Subdomain => "below ",
            Match::Suffix | Match::Tld => "suffix ",
        };
        let alias = if self.alias { "alias, " } else { "" };
        let unseen = if self.path_seen { "" } else { ", path not seen" };
        [alias, word, self.row.text(rules::PATTERN), self.row.text(rules::PATH), unseen].concat()
    }
}

/// Adds every rule that matches the name, whether or not its scope lets it speak.
pub(super) fn collect(
    book: &Book<'static>,
    name: &str,
    hosts: &[Reach<'_>],
    query: &Query<'_>,
    system: Option<Option<Row<'static>>>,
    found: &mut Vec<Candidate>,
) {
    // A system that the tables do not know fits no rule that names systems.
    let system = system.map(|row| row.map_or(0, |row| bit(&row)));
    let rows = book.rows(rules::TABLE);
    for Reach { text, host } in hosts {
        let first = usize::try_from(host.number(hosts::RULES_AT)).unwrap_or(usize::MAX);
        let whole = text.len() == name.len();
        for at in 0..usize::from(host.byte(hosts::RULES_LEN)) {
            let row = rows.row(first.saturating_add(at));
            let fits = match kind_of(&row).0 {
                Match::Exact => whole,
                Match::Glob => host::glob_matches(row.text(rules::PATTERN), name),
                Match::Subdomain => !whole,
                Match::Suffix | Match::Tld => true,
            };
            if fits {
                found.extend(weigh(row, query, system, true));
            }
        }
        if whole && query.path.is_none() {
            unseen_path(*host, &rows, query, system, found);
        }
    }
    for open in book.rows(open_globs::TABLE).iter() {
        if !matches!(open.byte(open_globs::FIRST), 0) && name.as_bytes().first() != Some(&open.byte(open_globs::FIRST))
        {
            continue;
        }
        let row = rows.row(usize::try_from(open.number(open_globs::RULE)).unwrap_or(usize::MAX));
        if host::glob_matches(row.text(rules::PATTERN), name) {
            found.extend(weigh(row, query, system, true));
        }
    }
}

/// Hosts that have rules for paths only, all of one category, are for nothing else: `captive.apple.com`. They are
/// explained by them even where the path is not seen; `www` hosts are not, they serve much besides.
fn unseen_path(
    host: Row<'static>,
    rows: &crate::book::Rows<'static>,
    query: &Query<'_>,
    system: Option<u128>,
    found: &mut Vec<Candidate>,
) {
    let first = usize::try_from(host.number(hosts::RULES_AT)).unwrap_or(usize::MAX);
    let exact = (0..usize::from(host.byte(hosts::RULES_LEN)))
        .map(|at| rows.row(first.saturating_add(at)))
        .filter(|row| kind_of(row).0 == Match::Exact);
    let mut category = None;
    for row in exact.clone() {
        let this = row.number(rules::CATEGORY);
        if row.text(rules::PATH).is_empty() || category.is_some_and(|other| other != this) {
            return;
        }
        category = Some(this);
    }
    let name = host.text(hosts::NAME);
    if name.starts_with("www.") || super::registrable_domain(name) == Some(name) {
        return;
    }
    for row in exact {
        found.extend(weigh(row, query, system, false));
    }
}

/// A candidate, when the path allows it.
fn weigh(row: Row<'static>, query: &Query<'_>, system: Option<u128>, path_seen: bool) -> Option<Candidate> {
    let (kind, class) = kind_of(&row);
    let path = row.text(rules::PATH);
    if path_seen && !path.is_empty() && !query.path.is_some_and(|seen| seen.starts_with(path)) {
        return None;
    }
    let tier = match kind {
        Match::Exact if !path.is_empty() && path_seen => 0,
        Match::Exact => 1,
        Match::Glob => 2,
        Match::Subdomain | Match::Suffix | Match::Tld => 3,
    };
    let families = row.wide(rules::FAMILIES);
    let system = match system {
        None => 1,
        Some(_) if families == 0 => 1,
        Some(system) if families & system != 0 => 0,
        Some(_) => 2,
    };
    let scope = Scope::of_code(row.byte(rules::SCOPE)).unwrap_or(Scope::Any);
    let port = match fits_ports(row.text(rules::PORTS), query) {
        Some(true) => 0,
        None => 1,
        Some(false) => 2,
    };
    Some(Candidate {
        kind,
        class,
        tier,
        reach: host::literal_len(row.text(rules::PATTERN)) + if path_seen { path.len() } else { 0 },
        system,
        grade: row.byte(rules::GRADE),
        port,
        in_scope: in_scope(scope, system == 0, query),
        path_seen,
        alias: false,
        row,
    })
}

/// Whether the port is among those that a row names; `None` when it names none or none is asked for.
pub(super) fn fits_ports(ports: &str, query: &Query<'_>) -> Option<bool> {
    let names_any = !ports.is_empty();
    let fits = names_any && ports.split(',').any(|one| is_port(one, query));
    (names_any && (fits || query.port != 0)).then_some(fits)
}

fn is_port(text: &str, query: &Query<'_>) -> bool {
    text.split_once('/')
        .is_some_and(|(port, transport)| port.parse() == Ok(query.port) && query.transport.keyword() == Some(transport))
}

/// The best first: path, exact, glob, suffix; then the longer; then the one for the machine's system; what was looked
/// into before what a list says; the better evidence; the port. Rules that are still equal keep the order of the tables.
pub(super) fn rank(candidates: &mut [Candidate]) {
    candidates.sort_by_key(|one| (one.tier, std::cmp::Reverse(one.reach), one.system, one.class, one.grade, one.port));
}
