//! Whose is it, and what is it for: the one question that analysis asks for each contact. The order of precedence is
//! that of `docs/knowledge.md`: path, exact host, glob, longest suffix; at equal reach what was looked into before
//! what a list says of a kind, and then the weaker signs: a certificate authority's label, the port, the organisation.
//! The end of a CNAME chain says who serves, never who owns.

use crate::book::{Book, Row, compiled};
use crate::check::{Class, Grade, Match, Scope};
use crate::host::{self, Suffixes};
use crate::layout::{addresses, categories, if_blocked, networks, owners, rules, sources, statements};
use crate::owner;
use firstlight_model::Transport;
use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::OnceLock;

#[path = "explain/candidate.rs"]
mod candidate;
#[path = "explain/ownership.rs"]
mod ownership;
#[path = "explain/sign.rs"]
mod sign;

pub(crate) use candidate::Candidate;
pub use sign::is_known_port;

/// Losers that an answer keeps.
pub const MAX_ALTERNATIVES: usize = 8;

/// What is known of a contact.
#[derive(Debug, Clone)]
pub struct Query<'a> {
    /// What the machine meant to reach.
    pub name: Option<&'a str>,
    /// Path of a clear-text HTTP request, with or without its query.
    pub path: Option<&'a str>,
    /// The CNAME chain of the DNS answer; the last is its end.
    pub aliases: &'a [&'a str],
    /// Address of the other side.
    pub address: Option<IpAddr>,
    /// Transport protocol.
    pub transport: Transport,
    /// Port of the service; 0 where there is none.
    pub port: u16,
    /// System of the machine, or its family: `macOS`, `iOS`, `Windows`, `Android`, `Linux`, …
    pub system: Option<&'a str>,
    /// A browser was just started in this phase: rows for the tiles and icons of a start page apply.
    pub browser_started: bool,
}

/// Nothing but that it went over TCP.
impl Default for Query<'_> {
    fn default() -> Self {
        Self {
            name: None,
            path: None,
            aliases: &[],
            address: None,
            transport: Transport::TCP,
            port: 0,
            system: None,
            browser_started: false,
        }
    }
}

/// Who, whose, what for. Every part may be unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The part of the name that somebody registered.
    pub registrable_domain: Option<String>,
    /// The organisation behind the name.
    pub owner: Option<&'static str>,
    /// The rule that says so: `exact swscan.apple.com`, `suffix apple.com`.
    pub owner_rule: Option<String>,
    /// Key of its source.
    pub owner_source: Option<&'static str>,
    /// The owner or a parent of it makes the machine's system.
    pub vendor_own: Option<bool>,
    /// What it is for, in at most 80 characters.
    pub purpose: Option<Cow<'static, str>>,
    /// From the closed list of `categories.tsv`.
    pub category: Option<&'static str>,
    /// The program or service, where the rule names one for the machine's system.
    pub product: Option<&'static str>,
    /// How well the purpose is known: `vendor`, `source-code`, `observed`, `public-list`, `corroborated`, `analyst`.
    pub grade: Option<&'static str>,
    /// Key of the source of the purpose.
    pub source: Option<&'static str>,
    /// Its address.
    pub source_url: Option<&'static str>,
    /// Year, and month where that is known, in which the source stated it; where nobody knows that, when it was read.
    pub source_date: Option<&'static str>,
    /// Year and month in which the source was read.
    pub source_read: Option<&'static str>,
    /// The rule that says the purpose.
    pub rule: Option<String>,
    /// What no longer works where it is blocked, as its vendor says.
    pub if_blocked: Option<&'static str>,
    /// Key of the source of that.
    pub if_blocked_source: Option<&'static str>,
    /// Who runs the address.
    pub carrier: Option<&'static str>,
    /// The CDN or hosting that serves the name, by the end of its CNAME chain or its own suffix.
    pub cdn: Option<&'static str>,
    /// What other rules say, the better ones first.
    pub alternatives: Vec<Alternative>,
}

/// A rule that lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// What it says the host is for.
    pub purpose: Cow<'static, str>,
    /// Its category.
    pub category: &'static str,
    /// Its grade.
    pub grade: &'static str,
    /// Key of its source.
    pub source: &'static str,
    /// The rule.
    pub rule: String,
}

/// A suffix of a name that some table speaks of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach<'n> {
    pub(crate) text: &'n str,
    pub(crate) host: Row<'static>,
}

/// All suffixes of a name that some table speaks of, the longest first.
fn reaches<'n>(book: &Book<'static>, name: &'n str) -> Vec<Reach<'n>> {
    let suffixes = Suffixes::of(name);
    suffixes.longest_first().filter_map(|(text, hash)| Some(Reach { text, host: book.host(text, hash)? })).collect()
}

/// Answers from the knowledge that is compiled in.
pub fn explain(query: &Query<'_>) -> Answer {
    explain_in(compiled(), query).0
}

/// Answers from one book, and says whether a rule of it, and not a weaker sign, says what the query is for.
pub(crate) fn explain_in(book: &Book<'static>, query: &Query<'_>) -> (Answer, Ruled) {
    let mut answer = Answer::default();
    let mut ruled = Ruled::No;
    let system = query.system.map(|system| owner::system_row(book, system));
    let name = query.name.map(host::normalise).filter(|name| !host::is_address(name));
    if let Some(name) = name.as_deref() {
        let hosts = reaches(book, name);
        answer.registrable_domain = registrable_domain(name).map(str::to_owned);
        let mut candidates = Vec::new();
        candidate::collect(book, name, &hosts, query, system, &mut candidates);
        candidate::rank(&mut candidates);
        let served = ownership::network(book, &hosts);
        let owner = ownership::of_name(book, name, &hosts, &candidates, served.as_ref());
        if let Some(owner) = &owner {
            answer.owner = owner.row.some_text(owners::NAME);
            answer.owner_source = Some(owner.source);
            answer.owner_rule = Some(owner.rule.clone());
            answer.vendor_own = system.flatten().and_then(|system| owner::makes(book, &owner.row, &system));
        }
        let chain = query.aliases.iter().rev().find_map(|alias| {
            let alias = host::normalise(alias);
            ownership::network(book, &reaches(book, &alias))
        });
        answer.carrier = chain.or(served).and_then(|(row, _)| row.some_text(networks::CARRIER));
        answer.cdn = answer.carrier;
        candidates.retain(Candidate::says_purpose);
        if candidates.is_empty() && !query.aliases.is_empty() {
            aliases(book, query, system, &mut candidates);
        }
        purpose(book, query, &candidates, &mut answer);
        if !candidates.is_empty() {
            ruled = Ruled::Yes;
        }
        service_discovery(name, &mut answer);
        if candidates.first().is_none_or(Candidate::is_by_suffix) {
            sign::authority(book, name, owner.as_ref(), &mut answer);
        }
        if answer.purpose.is_none() {
            weaker(book, name, owner.as_ref(), query, &mut answer);
        }
    } else {
        ruled = unnamed(book, query, &mut answer);
        let owner = answer.owner.and_then(|owner| book.rows(owners::TABLE).named(owners::NAME, owner));
        answer.vendor_own = owner.zip(system.flatten()).and_then(|(owner, system)| owner::makes(book, &owner, &system));
    }
    if let (None, Some(source)) = (answer.source_url, answer.source.and_then(|key| source_in(book, key))) {
        answer.source_url = Some(source.url);
        (answer.source_date, answer.source_read) = (Some(source.date()), Some(source.read));
    }
    (answer, ruled)
}

/// Whether a rule speaks of what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ruled {
    /// A row names the name or the address.
    Yes,
    /// Only weaker signs do, or nothing does.
    No,
}

/// All rules that match the name of a query, the best first, whether or not their scope lets them speak.
pub(crate) fn candidates(query: &Query<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    if let Some(name) = query.name.map(host::normalise) {
        candidate::collect(
            compiled(),
            &name,
            &reaches(compiled(), &name),
            query,
            query.system.map(|system| owner::system_row(compiled(), system)),
            &mut found,
        );
        candidate::rank(&mut found);
    }
    found
}

/// The winner becomes the answer, the losers its alternatives.
fn purpose(book: &Book<'static>, query: &Query<'_>, candidates: &[Candidate], answer: &mut Answer) {
    let Some((first, rest)) = candidates.split_first() else { return };
    answer.purpose = first.row.some_text(rules::PURPOSE).map(Cow::Borrowed);
    answer.category = category(book, first.row.number(rules::CATEGORY));
    answer.grade = Some(grade(&first.row));
    answer.source = first.row.some_text(rules::SOURCE);
    refer(book, first.row.number(rules::SOURCE_ROW), answer);
    answer.rule = Some(first.describe());
    if let Some(row) = book.rows(if_blocked::TABLE).numbered(first.row.number(rules::IF_BLOCKED)) {
        answer.if_blocked = row.some_text(if_blocked::TEXT);
        answer.if_blocked_source = row.some_text(if_blocked::SOURCE);
    }
    let named = query.system.is_none() || first.fits_system();
    answer.product = first.row.some_text(rules::PRODUCT).filter(|_| named);
    for loser in rest {
        let alternative = Alternative {
            purpose: Cow::Borrowed(loser.row.text(rules::PURPOSE)),
            category: category(book, loser.row.number(rules::CATEGORY)).unwrap_or(""),
            grade: grade(&loser.row),
            source: loser.row.text(rules::SOURCE),
            rule: loser.describe(),
        };
        if answer.purpose.as_deref() != Some(&*alternative.purpose)
            && !answer.alternatives.iter().any(|kept| kept.purpose == alternative.purpose)
            && answer.alternatives.len() < MAX_ALTERNATIVES
        {
            answer.alternatives.push(alternative);
        }
    }
}

/// What a DNS-SD name of the local network looks for: `_ipp._tcp.local`, `printer._ipp._tcp.local`.
fn service_discovery(name: &str, answer: &mut Answer) {
    let Some(front) = name.strip_suffix(".local").filter(|front| front.ends_with("._tcp") || front.ends_with("._udp"))
    else {
        return;
    };
    let service = front.rfind("._").and_then(|end| front.get(..end)).and_then(|before| before.rfind('_'));
    let meaning = service.and_then(|at| front.get(at..)).and_then(crate::place::service_type);
    if let Some(meaning) = meaning.filter(|meaning| meaning.len() < crate::check::MAX_PURPOSE - 20) {
        answer.purpose = Some(Cow::Owned(["Service discovery: ", meaning].concat()));
    }
}

/// Address and date of a source, by its place.
fn refer(book: &Book<'static>, place: u32, answer: &mut Answer) {
    if let Some(source) = book.rows(sources::TABLE).numbered(place) {
        answer.source_url = source.some_text(sources::URL);
        answer.source_read = source.some_text(sources::READ);
        answer.source_date = source.some_text(sources::STATED).or(answer.source_read);
    }
}

/// When nothing speaks of the name itself, an exact rule or glob for a name of its CNAME chain does.
fn aliases(
    book: &Book<'static>,
    query: &Query<'_>,
    system: Option<Option<Row<'static>>>,
    candidates: &mut Vec<Candidate>,
) {
    for alias in query.aliases {
        let alias = host::normalise(alias);
        let without_path = Query { path: None, ..query.clone() };
        candidate::collect(book, &alias, &reaches(book, &alias), &without_path, system, candidates);
    }
    candidates.retain(|candidate| candidate.says_purpose() && !candidate.is_by_suffix());
    candidates.iter_mut().for_each(Candidate::mark_alias);
    candidate::rank(candidates);
}

/// Signs that say less than a rule: the path, the port, the organisation, the first label.
fn weaker(book: &Book<'static>, name: &str, owner: Option<&ownership::Owner>, query: &Query<'_>, answer: &mut Answer) {
    if sign::path(book, query, answer) || sign::port(book, query, answer) {
        return;
    }
    if let Some(owner) = owner {
        site(book, name, owner, query, answer);
    }
    if answer.purpose.is_none() && answer.category.is_none() {
        sign::label(book, name, answer);
    }
}

/// The organisation's category, and whether the name is that of its own site.
fn site(book: &Book<'static>, name: &str, owner: &ownership::Owner, query: &Query<'_>, answer: &mut Answer) {
    answer.category = category(book, owner.category);
    answer.source = Some(owner.source);
    refer(book, owner.source_row, answer);
    answer.grade = Some(Grade::PublicList.word());
    answer.rule = Some(owner.rule.clone());
    // A host that carries nothing but the registered name, or `www.` before it, is its owner's own site.
    let site = name.strip_prefix("www.").unwrap_or(name);
    if answer.registrable_domain.as_deref() == Some(site) && matches!(query.port, 0 | 80 | 443) {
        let purpose = [owner.row.text(owners::NAME), "'s own site"].concat();
        if purpose.chars().count() <= crate::check::MAX_PURPOSE {
            answer.purpose = Some(Cow::Owned(purpose));
            answer.category = answer.category.or_else(|| category_named(book, "web"));
        }
    }
    if answer.category.is_none() {
        (answer.source, answer.grade, answer.rule) = (None, None, None);
        (answer.source_url, answer.source_date, answer.source_read) = (None, None, None);
    }
}

/// Without a name: addresses that stay, groups, ports.
fn unnamed(book: &Book<'static>, query: &Query<'_>, answer: &mut Answer) -> Ruled {
    let Some(address) = query.address else {
        sign::port(book, query, answer);
        return Ruled::No;
    };
    if let Some(group) = crate::place::group(address, query.port) {
        answer.purpose = Some(Cow::Borrowed(group));
        answer.category = category_named(book, "local");
        answer.grade = Some(Grade::Vendor.word());
        answer.source = Some("iana-multicast");
        answer.rule = Some(format!("group {address}"));
        // That a group is all routers says more than that it was spoken to in ICMP.
        if query.port != 0 {
            sign::port(book, query, answer);
        }
        return Ruled::No;
    }
    let text = address.to_string();
    let row = book.rows(addresses::TABLE).named(addresses::ADDRESS, &text);
    if let Some(row) = row.filter(|row| candidate::fits_ports(row.text(addresses::PORTS), query) != Some(false)) {
        let owner = book.rows(owners::TABLE).numbered(row.number(addresses::OWNER));
        answer.owner = owner.and_then(|owner| owner.some_text(owners::NAME));
        answer.owner_source = row.some_text(addresses::SOURCE);
        answer.owner_rule = Some(format!("address {text}"));
        answer.purpose = row.some_text(addresses::SERVICE).map(Cow::Borrowed);
        answer.category = category(book, row.number(addresses::CATEGORY));
        answer.grade = Some(Grade::of_code(row.byte(addresses::GRADE)).unwrap_or(Grade::Analyst).word());
        answer.source = row.some_text(addresses::SOURCE);
        answer.rule = Some(format!("address {text}"));
        return Ruled::Yes;
    }
    if !sign::path(book, query, answer) {
        sign::port(book, query, answer);
    }
    Ruled::No
}

fn grade(row: &Row<'static>) -> &'static str {
    Grade::of_code(row.byte(rules::GRADE)).unwrap_or(Grade::Analyst).word()
}

fn category(book: &Book<'static>, place: u32) -> Option<&'static str> {
    book.rows(categories::TABLE).numbered(place).map(|row| row.text(categories::NAME))
}

fn category_named(book: &Book<'static>, name: &str) -> Option<&'static str> {
    book.rows(categories::TABLE).named(categories::NAME, name).map(|row| row.text(categories::NAME))
}

/// The closed list of categories, each with what it means, by name.
pub fn all_categories() -> impl Iterator<Item = (&'static str, &'static str)> {
    compiled().rows(categories::TABLE).iter().map(|row| (row.text(categories::NAME), row.text(categories::MEANING)))
}

/// Where a statement comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceInfo {
    /// Its key.
    pub key: &'static str,
    /// Its address.
    pub url: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Its licence.
    pub licence: &'static str,
    /// Year and month in which it was read, as `2026-11`.
    pub read: &'static str,
    /// Year, and month where that is known, in which it was stated; empty where nobody knows.
    pub stated: &'static str,
}

impl SourceInfo {
    /// When it was stated; where nobody knows that, when it was read.
    pub const fn date(&self) -> &'static str {
        if self.stated.is_empty() { self.read } else { self.stated }
    }
}

/// The source behind a key. `v2fly:apple` is a part of `v2fly`, `bootp-298` one of `bootp-*`, and of `a+b` the first is
/// told.
pub fn source(key: &str) -> Option<SourceInfo> {
    source_in(compiled(), key)
}

/// As [`source`], by one book.
pub(crate) fn source_in(book: &Book<'static>, key: &str) -> Option<SourceInfo> {
    let key = key.split('+').next().unwrap_or(key);
    let key = key.split(':').next().unwrap_or(key);
    if std::ptr::eq(book, compiled())
        && let Some(known) = compiled_sources().get(key)
    {
        return Some(*known);
    }
    let rows = book.rows(sources::TABLE);
    let family = || key.split_once('-').and_then(|(family, _)| rows.named(sources::KEY, &format!("{family}-*")));
    rows.named(sources::KEY, key).or_else(family).map(source_of)
}

fn source_of(row: Row<'static>) -> SourceInfo {
    SourceInfo {
        key: row.text(sources::KEY),
        url: row.text(sources::URL),
        what: row.text(sources::WHAT),
        licence: row.text(sources::LICENCE),
        read: row.text(sources::READ),
        stated: row.text(sources::STATED),
    }
}

/// Some hundred sources that most answers refer to, read once.
fn compiled_sources() -> &'static HashMap<&'static str, SourceInfo> {
    static SOURCES: OnceLock<HashMap<&'static str, SourceInfo>> = OnceLock::new();
    SOURCES.get_or_init(|| {
        let all = compiled().rows(sources::TABLE).iter().map(source_of);
        all.map(|source| (source.key, source)).collect()
    })
}

/// The part of a name that somebody registered, by the public suffix list with its private part: `a.b.co.uk` is
/// `b.co.uk`. `None` for addresses, single labels, public suffixes themselves and names of special use (`.local`,
/// `.arpa`).
pub fn registrable_domain(name: &str) -> Option<&str> {
    let name = host::trim(name);
    if host::is_address(name) || name.len() > host::MAX_NAME {
        return None;
    }
    let lower = host::normalise(name);
    let domain = psl::domain(lower.as_bytes()).filter(|domain| domain.suffix().is_known())?;
    if domain.suffix().as_bytes().ends_with(b"arpa") {
        return None;
    }
    name.get(name.len().checked_sub(domain.as_bytes().len())?..)
}

/// Whether a rule's scope lets it speak for this machine.
fn in_scope(scope: Scope, fits: bool, query: &Query<'_>) -> bool {
    match scope {
        Scope::Any => true,
        Scope::System => fits,
        Scope::BrowserStart => fits && query.browser_started,
    }
}

/// Kinds of match and class from their bytes.
fn kind_of(row: &Row<'static>) -> (Match, Class) {
    let kind = Match::of_code(row.byte(rules::MATCH)).unwrap_or(Match::Exact);
    (kind, Class::of_code(row.byte(rules::CLASS)).unwrap_or(Class::Kind))
}

/// The row of a statement about an owner.
fn statement(book: &Book<'static>, place: u32) -> Option<Row<'static>> {
    book.rows(statements::TABLE).numbered(place)
}
