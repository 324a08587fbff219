//! Packs checked tables into the blob that look-ups read without parsing. See [`crate::layout`] for its shape. Values
//! that do not fit their column cannot come from checked tables; the packer saturates them rather than fail.

use crate::check::{Class, Grade, Match, Row, Scope, Shape, Tables, group, split_system};
use crate::host;
use crate::layout::{self as l, Column, MAGIC, SECTIONS, STRINGS, Table};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Strings, each stored once.
struct Pool<'a> {
    bytes: Vec<u8>,
    known: HashMap<&'a str, u32>,
    made: HashMap<String, u32>,
}

impl<'a> Pool<'a> {
    fn put(&mut self, text: &'a str) -> u32 {
        match self.known.get(text) {
            Some(&at) => at,
            None => {
                let at = self.append(text);
                self.known.insert(text, at);
                at
            }
        }
    }

    fn put_made(&mut self, text: String) -> u32 {
        match self.known.get(text.as_str()).or_else(|| self.made.get(&text)) {
            Some(&at) => at,
            None => {
                let at = self.append(&text);
                self.made.insert(text, at);
                at
            }
        }
    }

    fn append(&mut self, text: &str) -> u32 {
        let at = number(self.bytes.len());
        let mut end = text.len().min(255);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.bytes.push(u8::try_from(end).unwrap_or(u8::MAX));
        self.bytes.extend(text.bytes().take(end));
        at
    }
}

/// Sections under construction.
struct Writer {
    sections: Vec<Vec<u8>>,
}

impl Writer {
    fn row(&mut self, table: Table, values: &[(Column, u32)]) {
        if let Some(section) = self.sections.get_mut(table.section) {
            let start = section.len();
            section.resize(start + table.width, 0);
            for (column, value) in values {
                let bytes = value.to_le_bytes();
                for (at, byte) in bytes.iter().take(column.width).enumerate() {
                    if let Some(slot) = section.get_mut(start + column.at + at) {
                        *slot = *byte;
                    }
                }
            }
        }
    }

    fn raw(&mut self, table: Table, column: Column, bytes: &[u8]) {
        if let Some(section) = self.sections.get_mut(table.section) {
            let start = section.len().saturating_sub(table.width) + column.at;
            for (at, byte) in bytes.iter().take(column.width).enumerate() {
                if let Some(slot) = section.get_mut(start + at) {
                    *slot = *byte;
                }
            }
        }
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Places of named things in their tables, plus one, so that 0 says none.
type Places<'a> = HashMap<&'a str, u32>;

fn places<'a>(tables: &Tables<'a>, shape: &Shape, column: &str) -> Places<'a> {
    sorted(tables, shape, column).iter().enumerate().map(|(at, row)| (row.get(column), number(at + 1))).collect()
}

/// The rows of all files of a shape by one column, as the reader's searches need them.
fn sorted<'t, 'a>(tables: &'t Tables<'a>, shape: &Shape, column: &str) -> Vec<Row<'t, 'a>> {
    let mut rows: Vec<Row<'t, 'a>> = tables.rows(shape).collect();
    rows.sort_by_key(|row| row.get(column));
    rows
}

fn place(places: &Places<'_>, name: &str) -> u32 {
    places.get(name).copied().unwrap_or(0)
}

/// What is known of one host, while it is gathered.
#[derive(Default)]
struct Host<'a> {
    rules: Vec<(Class, Row<'a, 'a>)>,
    exact: u32,
    suffix: u32,
    network: u32,
}

/// What the sections refer to.
struct Context<'a> {
    owners: Places<'a>,
    categories: Places<'a>,
    systems: BTreeSet<&'a str>,
    families: HashMap<&'a str, &'a str>,
    bits: HashMap<&'a str, u8>,
    sources: Places<'a>,
    /// By match and pattern of their rules.
    blocked: HashMap<(&'a str, &'a str), u32>,
}

impl<'a> Context<'a> {
    /// `macOS 10.15; iOS` as `macOS|10.15|macOS 10.15;iOS||iOS`: the family, the rest, the text.
    fn tells(&self, text: &str) -> String {
        let parts = text.split("; ").filter_map(|part| {
            let (system, version) = split_system(part, &self.systems)?;
            let family = self.families.get(system).copied().unwrap_or(system);
            // A device or distribution is itself the news when its name is not that of the family.
            let version = match part.strip_prefix(family).and_then(|rest| rest.strip_prefix(' ')) {
                Some(version) => version,
                None if system == family => version,
                None => part,
            };
            Some(format!("{family}|{version}|{part}"))
        });
        parts.collect::<Vec<_>>().join(";")
    }
}

impl Context<'_> {
    /// The bit of a system's family; families beyond 128, of which there are fewer than 80, have none.
    fn bit(&self, system: &str) -> u128 {
        let bit = self.families.get(system).and_then(|family| self.bits.get(family)).copied();
        bit.and_then(|bit| 1u128.checked_shl(u32::from(bit))).unwrap_or(0)
    }

    /// Place of a source, whose key may be one of a family (`v2fly:apple`, `bootp-298`) or a sum (`a+b`: the first).
    fn source(&self, keys: &str) -> u32 {
        let key = keys.split('+').next().unwrap_or(keys);
        let key = key.split(':').next().unwrap_or(key);
        let family = || key.split_once('-').map_or(0, |(family, _)| place(&self.sources, &format!("{family}-*")));
        match place(&self.sources, key) {
            0 => family(),
            found => found,
        }
    }
}

fn grade(row: &Row<'_, '_>) -> u32 {
    u32::from(Grade::of_word(row.get("grade")).unwrap_or(Grade::Analyst).code())
}

/// The blob.
pub fn pack(tables: &Tables<'_>) -> Vec<u8> {
    let mut pool = Pool { bytes: vec![0], known: HashMap::from([("", 0)]), made: HashMap::new() };
    let mut writer = Writer { sections: vec![Vec::new(); SECTIONS] };
    let context = Context {
        owners: places(tables, &Shape::OWNERS, "owner"),
        categories: places(tables, &Shape::CATEGORIES, "category"),
        systems: tables.rows(&Shape::SYSTEMS).map(|row| row.get("system")).collect(),
        families: tables.rows(&Shape::SYSTEMS).map(|row| (row.get("system"), row.get("family"))).collect(),
        bits: tables
            .rows(&Shape::SYSTEMS)
            .map(|row| row.get("family"))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .zip(0..=u8::MAX)
            .collect(),
        sources: places(tables, &Shape::SOURCES, "key"),
        blocked: tables
            .rows(&Shape::IF_BLOCKED)
            .enumerate()
            .map(|(at, row)| ((row.get("match"), row.get("pattern")), number(at + 1)))
            .collect(),
    };
    pack_hosts(tables, &context, &mut pool, &mut writer);
    pack_registries(tables, &context, &mut pool, &mut writer);
    pack_fingerprints(tables, &context, &mut pool, &mut writer);
    if let Some(section) = writer.sections.get_mut(STRINGS) {
        *section = pool.bytes;
    }
    let mut blob = MAGIC.to_vec();
    blob.extend(number(SECTIONS).to_le_bytes());
    let mut offset = blob.len() + SECTIONS * 8;
    for section in &writer.sections {
        blob.extend(number(offset).to_le_bytes());
        blob.extend(number(section.len()).to_le_bytes());
        offset += section.len();
    }
    writer.sections.iter().for_each(|section| blob.extend(section));
    blob
}

/// The index of hosts and all that hangs on it.
fn pack_hosts<'a>(tables: &'a Tables<'a>, context: &Context<'a>, pool: &mut Pool<'a>, writer: &mut Writer) {
    let mut hosts: BTreeMap<&'a str, Host<'a>> = BTreeMap::new();
    let mut open: Vec<(Class, Row<'a, 'a>)> = Vec::new();
    let mut statements: HashMap<(u32, u32, &str), u32> = HashMap::new();
    let rules = tables.rows(&Shape::RULES).map(|row| (Class::Purpose, row));
    let kinds = tables.rows(&Shape::KINDS).map(|row| (Class::Kind, row));
    let organisations = tables.rows(&Shape::ORGANISATIONS).map(|row| (Class::Organisation, row));
    for (class, row) in rules.chain(kinds).chain(organisations) {
        let kind = Match::of_word(row.get("match")).unwrap_or(Match::Exact);
        if class == Class::Organisation && kind != Match::Glob {
            let host = hosts.entry(row.get("pattern")).or_default();
            let owner = place(&context.owners, row.get("owner"));
            let category = place(&context.categories, row.get("category"));
            let next = number(statements.len() + 1);
            let id = *statements.entry((owner, category, row.get("source"))).or_insert_with(|| {
                let source = pool.put(row.get("source"));
                let values = [
                    (l::statements::OWNER, owner),
                    (l::statements::CATEGORY, category),
                    (l::statements::SOURCE, source),
                    (l::statements::SOURCE_ROW, context.source(row.get("source"))),
                ];
                writer.row(l::statements::TABLE, &values);
                next
            });
            match kind {
                Match::Exact => host.exact = id,
                _ => host.suffix = id,
            }
            continue;
        }
        let tail = if kind == Match::Glob { host::glob_tail(row.get("pattern")) } else { row.get("pattern") };
        if tail.is_empty() {
            open.push((class, row));
        } else {
            hosts.entry(tail).or_default().rules.push((class, row));
        }
    }
    for (at, row) in tables.rows(&Shape::NETWORKS).enumerate() {
        hosts.entry(row.get("pattern")).or_default().network = number(at + 1);
        let values = [
            (l::networks::CARRIER, pool.put(row.get("carrier"))),
            (l::networks::SHARED, u32::from(row.get("use") == "shared")),
            (l::networks::SOURCE, pool.put(row.get("source"))),
        ];
        writer.row(l::networks::TABLE, &values);
    }
    let mut next_rule = 0;
    let size = (hosts.len() * 2).next_power_of_two();
    let mut slots: Vec<(u32, u32)> = vec![(0, 0); size];
    for (at, (name, host)) in hosts.iter().enumerate() {
        let values = [
            (l::hosts::NAME, pool.put(name)),
            (l::hosts::RULES_AT, next_rule),
            (l::hosts::RULES_LEN, number(host.rules.len())),
            (l::hosts::OWNER_EXACT, host.exact),
            (l::hosts::OWNER_SUFFIX, host.suffix),
            (l::hosts::NETWORK, host.network),
        ];
        writer.row(l::hosts::TABLE, &values);
        for (class, row) in &host.rules {
            pack_rule(*class, row, context, pool, writer);
            next_rule += 1;
        }
        let hash = host::hash(name);
        let mut slot = usize::try_from(hash & (size as u64 - 1)).unwrap_or(0);
        while slots.get(slot).is_some_and(|(host, _)| *host != 0) {
            slot = (slot + 1) & (size - 1);
        }
        if let Some(free) = slots.get_mut(slot) {
            *free = (number(at + 1), number(usize::try_from(hash >> 56).unwrap_or(0)));
        }
    }
    for (class, row) in &open {
        pack_rule(*class, row, context, pool, writer);
        let first = row.get("pattern").bytes().next().filter(|byte| *byte != b'*').unwrap_or(0);
        writer.row(l::open_globs::TABLE, &[(l::open_globs::RULE, next_rule), (l::open_globs::FIRST, u32::from(first))]);
        next_rule += 1;
    }
    for (host, tag) in slots {
        writer.row(l::slots::TABLE, &[(l::slots::HOST, host), (l::slots::TAG, tag)]);
    }
}

fn pack_rule<'a>(class: Class, row: &Row<'a, 'a>, context: &Context<'a>, pool: &mut Pool<'a>, writer: &mut Writer) {
    let kind = Match::of_word(row.get("match")).unwrap_or(Match::Exact);
    let scope = Scope::of_word(row.get("scope")).unwrap_or(Scope::Any);
    let grade = if class == Class::Organisation { u32::from(Grade::PublicList.code()) } else { grade(row) };
    let values = [
        (l::rules::MATCH, u32::from(kind.code())),
        (l::rules::CLASS, u32::from(class.code())),
        (l::rules::SCOPE, u32::from(scope.code())),
        (l::rules::GRADE, grade),
        (l::rules::PATTERN, pool.put(row.get("pattern"))),
        (l::rules::PATH, pool.put(row.get("path"))),
        (l::rules::OWNER, place(&context.owners, row.get("owner"))),
        (l::rules::CATEGORY, place(&context.categories, row.get("category"))),
        (l::rules::PURPOSE, pool.put(row.get("purpose"))),
        (l::rules::PRODUCT, pool.put(row.get("product"))),
        (l::rules::PORTS, pool.put(row.get("ports"))),
        (l::rules::TELLS, pool.put_made(context.tells(row.get("tells")))),
        (l::rules::SOURCE, pool.put(row.get("source"))),
        (l::rules::SOURCE_ROW, context.source(row.get("source"))),
        (l::rules::IF_BLOCKED, context.blocked.get(&(row.get("match"), row.get("pattern"))).copied().unwrap_or(0)),
    ];
    writer.row(l::rules::TABLE, &values);
    let families = row.get("systems").split(',').fold(0, |bits, system| bits | context.bit(system));
    writer.raw(l::rules::TABLE, l::rules::FAMILIES, &families.to_le_bytes());
}

fn protocol(transport: &str) -> u32 {
    match transport {
        "icmp" => 1,
        "tcp" => 6,
        "udp" => 17,
        "dccp" => 33,
        "icmpv6" => 58,
        _ => 132,
    }
}

/// Names that stand for something by themselves: owners, systems, sources, ports, makers, addresses.
fn pack_registries<'a>(tables: &'a Tables<'a>, context: &Context<'a>, pool: &mut Pool<'a>, writer: &mut Writer) {
    let parents: HashMap<&str, &str> =
        tables.rows(&Shape::OWNERS).map(|row| (row.get("owner"), row.get("parent"))).collect();
    let mut makes: HashMap<&str, u128> = HashMap::new();
    for row in tables.rows(&Shape::SYSTEMS) {
        *makes.entry(row.get("maker")).or_default() |= context.bit(row.get("system"));
    }
    for row in sorted(tables, &Shape::OWNERS, "owner") {
        let parent = place(&context.owners, row.get("parent"));
        writer.row(l::owners::TABLE, &[(l::owners::NAME, pool.put(row.get("owner"))), (l::owners::PARENT, parent)]);
        let chain =
            std::iter::successors(Some(row.get("owner")), |at| parents.get(at).copied().filter(|p| !p.is_empty()));
        let bits = chain.take(16).fold(0, |bits, at| bits | makes.get(at).copied().unwrap_or(0));
        writer.raw(l::owners::TABLE, l::owners::MAKES, &bits.to_le_bytes());
    }
    for row in sorted(tables, &Shape::SYSTEMS, "system") {
        let values = [
            (l::systems::NAME, pool.put(row.get("system"))),
            (l::systems::FAMILY, pool.put(row.get("family"))),
            (l::systems::FAMILY_BIT, context.bits.get(row.get("family")).copied().map_or(0, u32::from)),
            (l::systems::MAKER, place(&context.owners, row.get("maker"))),
        ];
        writer.row(l::systems::TABLE, &values);
    }
    for row in sorted(tables, &Shape::CATEGORIES, "category") {
        let values = [
            (l::categories::NAME, pool.put(row.get("category"))),
            (l::categories::MEANING, pool.put(row.get("meaning"))),
        ];
        writer.row(l::categories::TABLE, &values);
    }
    for row in sorted(tables, &Shape::SOURCES, "key") {
        let values = [
            (l::sources::KEY, pool.put(row.get("key"))),
            (l::sources::URL, pool.put(row.get("url"))),
            (l::sources::WHAT, pool.put(row.get("what"))),
            (l::sources::LICENCE, pool.put(row.get("licence"))),
            (l::sources::KIND, pool.put(row.get("kind"))),
            (l::sources::READ, pool.put(row.get("read"))),
            (l::sources::STATED, pool.put(row.get("stated"))),
        ];
        writer.row(l::sources::TABLE, &values);
    }
    for row in sorted(tables, &Shape::ADDRESSES, "address") {
        let values = [
            (l::addresses::ADDRESS, pool.put(row.get("address"))),
            (l::addresses::PORTS, pool.put(row.get("ports"))),
            (l::addresses::OWNER, place(&context.owners, row.get("owner"))),
            (l::addresses::SERVICE, pool.put(row.get("service"))),
            (l::addresses::CATEGORY, place(&context.categories, row.get("category"))),
            (l::addresses::NOTE, pool.put(row.get("note"))),
            (l::addresses::GRADE, grade(&row)),
            (l::addresses::SOURCE, pool.put(row.get("source"))),
        ];
        writer.row(l::addresses::TABLE, &values);
    }
    for row in tables.rows(&Shape::LABELS) {
        let values = [
            (l::labels::LABEL, pool.put(row.get("label"))),
            (l::labels::CATEGORY, place(&context.categories, row.get("category"))),
            (l::labels::PURPOSE, pool.put(row.get("purpose"))),
            (l::labels::SOURCE, pool.put(row.get("source"))),
        ];
        writer.row(l::labels::TABLE, &values);
    }
    for row in tables.rows(&Shape::IF_BLOCKED) {
        let values = [
            (l::if_blocked::TEXT, pool.put(row.get("if_blocked"))),
            (l::if_blocked::SOURCE, pool.put(row.get("source"))),
        ];
        writer.row(l::if_blocked::TABLE, &values);
    }
    for row in tables.rows(&Shape::PATHS) {
        let values = [
            (l::paths::PATH, pool.put(row.get("path"))),
            (l::paths::CATEGORY, place(&context.categories, row.get("category"))),
            (l::paths::PURPOSE, pool.put(row.get("purpose"))),
            (l::paths::SOURCE, pool.put(row.get("source"))),
        ];
        writer.row(l::paths::TABLE, &values);
    }
    for row in tables.rows(&Shape::OUI) {
        let prefix = u32::from_str_radix(row.get("prefix"), 16).unwrap_or(0);
        writer.row(l::oui::TABLE, &[(l::oui::PREFIX, prefix), (l::oui::VENDOR, pool.put(row.get("vendor")))]);
    }
    let key = |row: &Row<'_, '_>| row.get("port").parse::<u32>().unwrap_or(0) << 8 | protocol(row.get("transport"));
    let mut ports: Vec<Row<'a, 'a>> = tables.rows(&Shape::PORTS).collect();
    ports.sort_by_key(key);
    for row in &ports {
        writer.row(l::ports::TABLE, &[(l::ports::KEY, key(row)), (l::ports::SERVICE, pool.put(row.get("service")))]);
    }
    let mut purposes: Vec<Row<'a, 'a>> = tables.rows(&Shape::PORT_PURPOSES).collect();
    purposes.sort_by_key(key);
    for row in &purposes {
        let values = [
            (l::port_purposes::KEY, key(row)),
            (l::port_purposes::CATEGORY, place(&context.categories, row.get("category"))),
            (l::port_purposes::PURPOSE, pool.put(row.get("purpose"))),
            (l::port_purposes::SOURCE, pool.put(row.get("source"))),
        ];
        writer.row(l::port_purposes::TABLE, &values);
    }
    for row in tables.rows(&Shape::DNSSD) {
        let values = [
            (l::dnssd::SERVICE, pool.put(row.get("service"))),
            (l::dnssd::MEANING, pool.put(row.get("meaning"))),
            (l::dnssd::CATEGORY, place(&context.categories, row.get("category"))),
        ];
        writer.row(l::dnssd::TABLE, &values);
    }
    let mut groups: Vec<([u8; 16], u8, u32, &str)> = tables
        .rows(&Shape::GROUPS)
        .filter_map(|row| {
            let (address, bits) = group(row.get("address"))?;
            Some((address, bits, row.get("port").parse().unwrap_or(0), row.get("name")))
        })
        .collect();
    groups.sort_by_key(|group| (std::cmp::Reverse((group.1, group.2)), group.0));
    for (address, bits, port, name) in groups {
        let values = [(l::groups::PREFIX, u32::from(bits)), (l::groups::PORT, port), (l::groups::NAME, pool.put(name))];
        writer.row(l::groups::TABLE, &values);
        writer.raw(l::groups::TABLE, l::groups::ADDRESS, &address);
    }
    for row in tables.rows(&Shape::AUTONOMOUS_SYSTEMS) {
        let values = [
            (l::autonomous_systems::NUMBER, row.get("asn").parse().unwrap_or(0)),
            (l::autonomous_systems::ORGANISATION, pool.put(row.get("organisation"))),
            (l::autonomous_systems::KIND, pool.put(row.get("kind"))),
            (l::autonomous_systems::SOURCE, pool.put(row.get("source"))),
        ];
        writer.row(l::autonomous_systems::TABLE, &values);
    }
}

/// What gives a system or a program away.
fn pack_fingerprints<'a>(tables: &'a Tables<'a>, context: &Context<'a>, pool: &mut Pool<'a>, writer: &mut Writer) {
    for row in tables.rows(&Shape::DHCP) {
        let values = [
            (l::dhcp::PARAMETERS, pool.put(row.get("parameters"))),
            (l::dhcp::CLASS, pool.put(row.get("vendor_class"))),
            (l::dhcp::TELLS, pool.put_made(context.tells(row.get("tells")))),
            (l::dhcp::LABEL, pool.put(row.get("label"))),
            (l::dhcp::CONFIDENCE, pool.put(row.get("confidence"))),
            (l::dhcp::GRADE, grade(&row)),
            (l::dhcp::SOURCE, pool.put(row.get("source"))),
        ];
        writer.row(l::dhcp::TABLE, &values);
    }
    for row in tables.rows(&Shape::SYN) {
        let first = row.get("label").split([',', ';']).next().unwrap_or("");
        let system = split_system(first, &context.systems).map_or("", |(system, _)| system);
        let values = [
            (l::syn::HOP_LIMIT, row.get("hop_limit").parse().unwrap_or(0)),
            (l::syn::WINDOW, pool.put(row.get("window"))),
            (l::syn::OPTIONS, pool.put(row.get("options"))),
            (l::syn::WINDOW_SCALE, pool.put(row.get("window_scale"))),
            (l::syn::ECN, pool.put(row.get("ecn"))),
            (l::syn::LABEL, pool.put(row.get("label"))),
            (l::syn::FAMILY, pool.put(context.families.get(system).copied().unwrap_or(""))),
            (l::syn::OBSERVATIONS, row.get("observations").parse().unwrap_or(0)),
            (l::syn::GRADE, grade(&row)),
            (l::syn::SOURCE, pool.put(row.get("source"))),
        ];
        writer.row(l::syn::TABLE, &values);
    }
    let mut by_ja3 = Vec::new();
    for (at, row) in tables.rows(&Shape::TLS).enumerate() {
        let values = [
            (l::tls::JA4, pool.put(row.get("ja4"))),
            (l::tls::JA3, pool.put(row.get("ja3"))),
            (l::tls::PROGRAM, pool.put(row.get("program"))),
            (l::tls::VERSION, pool.put(row.get("version"))),
            (l::tls::SYSTEM, pool.put(row.get("system"))),
            (l::tls::DETAIL, pool.put(row.get("detail"))),
            (l::tls::OBSERVATIONS, row.get("observations").parse().unwrap_or(0)),
            (l::tls::SOURCE, pool.put(row.get("source"))),
        ];
        writer.row(l::tls::TABLE, &values);
        if !row.get("ja3").is_empty() {
            by_ja3.push((row.get("ja3"), number(at)));
        }
    }
    by_ja3.sort_unstable();
    for (_, at) in by_ja3 {
        writer.row(l::tls_by_ja3::TABLE, &[(l::tls_by_ja3::ROW, at)]);
    }
    for row in tables.rows(&Shape::AGENTS) {
        let values = [
            (l::agents::PREFIX, pool.put(row.get("prefix"))),
            (l::agents::PROGRAM, pool.put(row.get("program"))),
            (l::agents::TELLS, pool.put_made(context.tells(row.get("tells")))),
            (l::agents::CATEGORY, place(&context.categories, row.get("category"))),
            (l::agents::GRADE, grade(&row)),
            (l::agents::SOURCE, pool.put(row.get("source"))),
        ];
        writer.row(l::agents::TABLE, &values);
    }
    let mut versions: Vec<(String, Row<'a, 'a>)> =
        tables.rows(&Shape::VERSIONS).map(|row| (format!("{} {}", row.get("kind"), row.get("number")), row)).collect();
    versions.sort_by(|a, b| a.0.cmp(&b.0));
    for (key, row) in versions {
        let values = [
            (l::versions::KEY, pool.put_made(key)),
            (l::versions::TELLS, pool.put_made(context.tells(row.get("tells")))),
            (l::versions::OTHER, pool.put_made(context.tells(row.get("or")))),
            (l::versions::SOURCE, pool.put(row.get("source"))),
        ];
        writer.row(l::versions::TABLE, &values);
    }
}
