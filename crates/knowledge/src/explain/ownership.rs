//! Who owns a name, and who serves it.

use super::candidate::Candidate;
use super::{Reach, statement};
use crate::book::{Book, Row};
use crate::check::{Class, Match};
use crate::layout::{hosts, networks, owners, rules, statements};

/// An owner and the rule that says so.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    /// Record of `owners`.
    pub(super) row: Row<'static>,
    pub(super) rule: String,
    pub(super) source: &'static str,
    /// Place of the source.
    pub(super) source_row: u32,
    /// Category of the organisation, or of the rule.
    pub(super) category: u32,
}

/// The network that serves a name, with the length of the suffix that says so: the longest suffix wins.
pub(super) fn network(book: &Book<'static>, hosts: &[Reach<'_>]) -> Option<(Row<'static>, usize)> {
    hosts.iter().find_map(|Reach { text, host }| {
        Some((book.rows(networks::TABLE).numbered(host.number(hosts::NETWORK))?, text.len()))
    })
}

/// The statement that reaches furthest: a rule's owner or that of the organisations, whichever speaks of the longer
/// part of the name. Where a network that serves many reaches as far, nobody is known to own the name.
pub(super) fn of_name(
    book: &Book<'static>,
    name: &str,
    hosts: &[Reach<'_>],
    candidates: &[Candidate],
    served: Option<&(Row<'static>, usize)>,
) -> Option<Owner> {
    let shared = served.filter(|(row, _)| row.byte(networks::SHARED) == 1).map_or(0, |(_, len)| *len);
    let stated = by_organisation(book, name, hosts);
    let reach = stated.as_ref().map_or(0, |(_, reach)| *reach);
    let ruled = by_rule(book, name, candidates).filter(|(_, by)| *by > reach || stated.is_none());
    let (owner, reach) = ruled.or(stated)?;
    (reach > shared).then_some(owner)
}

fn by_organisation(book: &Book<'static>, name: &str, hosts: &[Reach<'_>]) -> Option<(Owner, usize)> {
    hosts.iter().find_map(|Reach { text, host }| {
        let whole = text.len() == name.len();
        let exact = statement(book, host.number(hosts::OWNER_EXACT)).filter(|_| whole).map(|row| (row, "exact"));
        let (row, word) =
            exact.or_else(|| statement(book, host.number(hosts::OWNER_SUFFIX)).map(|row| (row, "suffix")))?;
        let owner = book.rows(owners::TABLE).numbered(row.number(statements::OWNER))?;
        let owner = Owner {
            row: owner,
            rule: [word, " ", text].concat(),
            source: row.text(statements::SOURCE),
            source_row: row.number(statements::SOURCE_ROW),
            category: row.number(statements::CATEGORY),
        };
        Some((owner, text.len()))
    })
}

fn by_rule(book: &Book<'static>, name: &str, candidates: &[Candidate]) -> Option<(Owner, usize)> {
    // Patterns such as `autodiscover.*` speak of what a label is for, not of whose domain it stands in.
    let speaks = |one: &&Candidate| {
        one.row.number(rules::OWNER) != 0 && !(one.kind == Match::Glob && one.row.text(rules::PATTERN).ends_with(".*"))
    };
    let reach = |one: &Candidate| if one.kind == Match::Exact { name.len() } else { one.host_reach() };
    let best = candidates.iter().filter(speaks).max_by_key(|one| (reach(one), one.class == Class::Purpose))?;
    let owner = book.rows(owners::TABLE).numbered(best.row.number(rules::OWNER))?;
    let category = if best.class == Class::Organisation { best.row.number(rules::CATEGORY) } else { 0 };
    let owner = Owner {
        row: owner,
        rule: best.describe(),
        source: best.row.text(rules::SOURCE),
        source_row: best.row.number(rules::SOURCE_ROW),
        category,
    };
    Some((owner, reach(best)))
}
