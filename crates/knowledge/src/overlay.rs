//! A user's own tables laid over those that are compiled in: names of their own network, and statements that they know
//! better. Their rules win; what they do not speak of is answered as ever.
//!
//! Own tables have the shapes of `data/`, but for registries and closed lists, which stay as they are. They may name
//! categories, systems, owners and sources that are compiled in; owners and sources of their own come with them.

use crate::book::{Book, compiled};
use crate::check::{self, Problem, Shape, Source};
use crate::explain::{Alternative, Answer, Query, Ruled, SourceInfo, explain_in, source_in};
use crate::layout::{categories, hosts, networks, owners, sources, systems};
use crate::networks::{Database, Network, network};
use crate::owner::{ancestors_in, systems_in};
use crate::{MAX_ALTERNATIVES, pack};
use std::fmt;
use std::net::IpAddr;

/// Shapes that own tables may have.
const SHAPES: &[&str] =
    &["addresses", "if-blocked", "kinds", "networks", "organisations", "owners", "rules", "sources"];

/// Rows of all own tables together.
pub const MAX_ROWS: usize = 20_000;

/// Bytes of all own tables together.
pub const MAX_BYTES: u64 = 8 << 20;

/// How rules of own tables begin where they are told.
const OWN: &str = "own: ";

/// Everything that is asked: what is compiled in, and own tables where there are some.
#[derive(Clone, Copy, Default)]
pub struct Knowledge {
    own: Option<&'static Book<'static>>,
    networks: &'static [&'static Database],
}

impl fmt::Debug for Knowledge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Knowledge")
            .field("own", &self.own.map(Book::len_bytes))
            .field("networks", &self.networks)
            .finish()
    }
}

impl Knowledge {
    /// With a user's own tables, each a path below their folder, as `rules/office.tsv`, and its text. They are kept
    /// as long as the program runs.
    ///
    /// # Errors
    /// Everything that is wrong with them, by file and line.
    pub fn with_own(files: &[(String, String)]) -> Result<Self, Vec<Problem>> {
        let base = base();
        let own = files.iter().map(|(file, text)| Source { file, text });
        let all: Vec<Source<'_>> = base.iter().map(|(file, text)| Source { file, text }).chain(own).collect();
        let mut problems = limits(files);
        if !problems.is_empty() {
            return Err(problems);
        }
        let (tables, found) = check::check(&all);
        problems.extend(found);
        for (file, _) in files {
            if Shape::of_file(file).is_some_and(|shape| !SHAPES.contains(&shape.name)) {
                let text = format!("cannot be an own table; those are {}", SHAPES.join(", "));
                problems.push(Problem { file: file.clone(), line: 1, text });
            }
        }
        problems.sort();
        if !problems.is_empty() {
            return Err(problems);
        }
        let blob: &'static [u8] = Box::leak(pack::pack(&tables).into_boxed_slice());
        Ok(Self { own: Some(Box::leak(Box::new(Book::open(blob)))), ..Self::default() })
    }

    /// And with databases of networks, the first of which is asked first. They are kept as long as the program runs.
    #[must_use]
    pub fn with_networks(self, databases: &[&'static Database]) -> Self {
        if databases.is_empty() {
            return self;
        }
        Self { networks: Box::leak(databases.into()), ..self }
    }

    /// What the databases say of the network of an address; nothing where there are none.
    pub fn network(&self, address: IpAddr) -> Network {
        network(self.networks, address)
    }

    /// Who, whose, what for.
    pub fn explain(&self, query: &Query<'_>) -> Answer {
        let (base, _) = explain_in(compiled(), query);
        let Some(own) = self.own else { return base };
        let (own, ruled) = explain_in(own, query);
        over(own, ruled, base)
    }

    /// The owner and its parents, the owner first.
    pub fn ancestors<'o>(&self, owner: &'o str) -> Vec<&'o str> {
        let own = self.own.map(|own| ancestors_in(own, owner));
        own.filter(|chain| chain.len() > 1).unwrap_or_else(|| ancestors_in(compiled(), owner))
    }

    /// The systems that an organisation or a parent of it makes, by name.
    pub fn systems_of(&self, owner: &str) -> Vec<&'static str> {
        systems_in(self.own.unwrap_or(compiled()), owner)
    }

    /// Where a statement comes from.
    pub fn source(&self, key: &str) -> Option<SourceInfo> {
        source_in(self.own.unwrap_or(compiled()), key)
    }
}

/// What own tables say over what is compiled in. What loses is kept as an alternative.
fn over(own: Answer, ruled: Ruled, base: Answer) -> Answer {
    let mut answer = base;
    if own.owner.is_some() {
        answer.owner = own.owner;
        answer.owner_rule = own.owner_rule.map(|rule| [OWN, &rule].concat());
        answer.owner_source = own.owner_source;
        answer.vendor_own = own.vendor_own;
    }
    if own.carrier.is_some() {
        (answer.carrier, answer.cdn) = (own.carrier, own.cdn);
    }
    let says = own.purpose.is_some() && (ruled == Ruled::Yes || answer.purpose.is_none());
    if !says {
        return answer;
    }
    let lost = answer.purpose.take().zip(answer.rule.take()).map(|(purpose, rule)| Alternative {
        purpose,
        category: answer.category.unwrap_or(""),
        grade: answer.grade.unwrap_or(""),
        source: answer.source.unwrap_or(""),
        rule,
    });
    let mut alternatives = own.alternatives;
    alternatives.iter_mut().for_each(|alternative| alternative.rule.insert_str(0, OWN));
    alternatives.extend(lost);
    alternatives.append(&mut answer.alternatives);
    alternatives.truncate(MAX_ALTERNATIVES);
    Answer {
        purpose: own.purpose,
        category: own.category,
        product: own.product,
        grade: own.grade,
        source: own.source,
        source_url: own.source_url,
        source_date: own.source_date,
        source_read: own.source_read,
        rule: own.rule.map(|rule| [OWN, &rule].concat()),
        if_blocked: own.if_blocked.or(answer.if_blocked),
        if_blocked_source: own.if_blocked_source.or(answer.if_blocked_source),
        alternatives,
        ..answer
    }
}

/// What own tables exceed.
fn limits(files: &[(String, String)]) -> Vec<Problem> {
    let mut rows = 0;
    let mut problems = Vec::new();
    for (file, text) in files {
        rows += text.lines().count();
        if rows > MAX_ROWS {
            let text = format!("own tables have more than {MAX_ROWS} rows");
            problems.push(Problem { file: file.clone(), line: 1, text });
            break;
        }
    }
    problems
}

/// The tables that own ones refer to, as text, out of what is compiled in.
fn base() -> Vec<(String, String)> {
    let book = compiled();
    let mut files = Vec::new();
    let mut add = |shape: &Shape, rows: Vec<String>| {
        let head = "# What is compiled into Firstlight.\n";
        let text = [head, &shape.columns.join("\t"), "\n", &rows.join("\n"), if rows.is_empty() { "" } else { "\n" }];
        files.push((format!("{}/compiled.tsv", shape.name), text.concat()));
    };
    let owner = |place| book.rows(owners::TABLE).numbered(place).map_or("", |row| row.text(owners::NAME));
    let list = |rows: crate::book::Rows<'static>, row: &dyn Fn(crate::book::Row<'static>) -> String| {
        rows.iter().map(row).collect::<Vec<String>>()
    };
    add(
        &Shape::OWNERS,
        list(book.rows(owners::TABLE), &|row| {
            format!("{}\t{}", row.text(owners::NAME), owner(row.number(owners::PARENT)))
        }),
    );
    add(
        &Shape::SYSTEMS,
        list(book.rows(systems::TABLE), &|row| {
            format!("{}\t{}\t{}", row.text(systems::NAME), row.text(systems::FAMILY), owner(row.number(systems::MAKER)))
        }),
    );
    add(
        &Shape::CATEGORIES,
        list(book.rows(categories::TABLE), &|row| {
            format!("{}\t{}", row.text(categories::NAME), row.text(categories::MEANING))
        }),
    );
    add(
        &Shape::SOURCES,
        list(book.rows(sources::TABLE), &|row| {
            let columns = [sources::KEY, sources::URL, sources::WHAT, sources::LICENCE, sources::KIND, sources::READ];
            let stated = std::iter::once(sources::STATED);
            columns.into_iter().chain(stated).map(|column| row.text(column)).collect::<Vec<_>>().join("\t")
        }),
    );
    let served = book.rows(hosts::TABLE).iter().filter_map(|host| {
        let network = book.rows(networks::TABLE).numbered(host.number(hosts::NETWORK))?;
        let shared = if network.byte(networks::SHARED) == 1 { "shared" } else { "own" };
        let (carrier, source) = (network.text(networks::CARRIER), network.text(networks::SOURCE));
        Some(format!("{}\t{carrier}\t{shared}\t{source}", host.text(hosts::NAME)))
    });
    add(&Shape::NETWORKS, served.collect());
    files
}
