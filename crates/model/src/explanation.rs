//! What is known of a name or an address, with where that is from and how sure: the answer to "whose is it, and what
//! is it for". Dates are years and months, as `2026-11`.

/// Everything that is known of one name, address or contact. Parts that nobody knows are `None` or empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Explanation {
    /// What was asked, as it was asked.
    pub query: String,
    /// The part of the name that somebody registered.
    pub registrable_domain: Option<String>,
    /// The organisation behind the name.
    pub owner: Option<String>,
    /// Its parents, the nearest first.
    pub owner_parents: Vec<String>,
    /// The rule that says whose it is, with the key of its source.
    pub owner_source: Option<String>,
    /// Systems that the owner or a parent of it makes.
    pub vendor_of: Vec<String>,
    /// The owner or a parent of it makes the system that was asked for.
    pub vendor_own: Option<bool>,
    /// Who runs the address or serves the name.
    pub carrier: Option<String>,
    /// ISO 3166 code of the address's country, where a user's table says one.
    pub country: Option<String>,
    /// The program or service that usually asks; of a capture, that probably asked.
    pub program: Option<String>,
    /// From the closed list of categories.
    pub category: Option<String>,
    /// What that category means.
    pub category_meaning: Option<String>,
    /// What it is for.
    pub purpose: Option<String>,
    /// The rule that says so.
    pub rule: Option<String>,
    /// What no longer works where it is blocked.
    pub if_blocked: Option<String>,
    /// Where that is known from.
    pub if_blocked_source: Option<String>,
    /// Whence, how sure, and how old.
    pub evidence: Option<Provenance>,
    /// What other rules say, the better ones first.
    pub alternatives: Vec<Alternative>,
    /// How much of it a capture has; `None` when no capture was asked about.
    pub seen: Option<Amount>,
}

/// Where a statement comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    /// How well it is known: `vendor`, `source-code`, `observed`, `public-list`, `corroborated`, `analyst`.
    pub grade: String,
    /// Key of the source.
    pub key: String,
    /// Address of the source.
    pub url: Option<String>,
    /// Year, and month where that is known, in which it was stated; where nobody knows that, as `read`.
    pub date: Option<String>,
    /// Year and month in which the source was read.
    pub read: Option<String>,
    /// Months between its date and the day of asking.
    pub age_months: Option<u32>,
    /// So old that it may no longer hold.
    pub is_stale: bool,
}

/// What a rule that lost says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// What it says the name is for.
    pub purpose: String,
    /// Its category.
    pub category: String,
    /// The rule.
    pub rule: String,
    /// Whence, how sure, and how old.
    pub evidence: Provenance,
}

/// How much of a capture something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Connections.
    pub connections: u64,
    /// Bytes on the wire, both directions.
    pub bytes: u64,
}
