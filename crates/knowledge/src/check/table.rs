//! Tables of tab-separated values: a `# ` line with licence and source, a line that names the columns, then the rows,
//! sorted. No quoting and no escapes: a value has neither tab nor line feed.

use super::{Problem, Source};

/// What a table holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    /// Of the file without `.tsv`, or of the folder.
    pub name: &'static str,
    /// In order.
    pub columns: &'static [&'static str],
    /// By which the rows are sorted.
    pub order: &'static [&'static str],
    /// In which no two rows may agree.
    pub identity: &'static [&'static str],
}

const RULE: &[&str] = &[
    "match", "pattern", "path", "owner", "category", "purpose", "product", "systems", "ports", "scope", "tells",
    "grade", "source", "seen_in",
];
const RULE_ORDER: &[&str] = &["pattern", "match", "path", "systems"];
const RULE_IDENTITY: &[&str] = &["match", "pattern", "path", "systems"];

macro_rules! shapes {
    ($($(#[$doc:meta])* $constant:ident $name:literal $columns:expr, $order:expr, $identity:expr;)*) => {
        impl Shape {
            $($(#[$doc])* pub const $constant: Self =
                Self { name: $name, columns: $columns, order: $order, identity: $identity };)*

            /// All of them.
            pub const ALL: &'static [&'static Self] = &[$(&Self::$constant,)*];
        }
    };
}

shapes! {
    /// What hosts are for.
    RULES "rules" RULE, RULE_ORDER, RULE_IDENTITY;
    /// What kind of service hosts are.
    KINDS "kinds" RULE, RULE_ORDER, RULE_IDENTITY;
    /// What no longer works where a name is blocked.
    IF_BLOCKED "if-blocked" &["match", "pattern", "if_blocked", "source"], &["pattern", "match"], &["match", "pattern"];
    /// Who owns domains.
    ORGANISATIONS "organisations" &["match", "pattern", "owner", "category", "source"], &["pattern", "match"], &["match", "pattern"];
    /// Who serves.
    NETWORKS "networks" &["pattern", "carrier", "use", "source"], &["pattern"], &["pattern"];
    /// Organisations and their parents.
    OWNERS "owners" &["owner", "parent"], &["owner"], &["owner"];
    /// Systems, families, makers.
    SYSTEMS "systems" &["system", "family", "maker"], &["system"], &["system"];
    /// The closed list of categories.
    CATEGORIES "categories" &["category", "meaning"], &["category"], &["category"];
    /// Where statements come from.
    SOURCES "sources" &["key", "url", "what", "licence", "kind", "read", "stated"], &["key"], &["key"];
    /// Addresses that stay.
    ADDRESSES "addresses" &["address", "ports", "owner", "service", "category", "note", "grade", "source"], &["address"], &["address"];
    /// MAC prefixes.
    OUI "oui" &["prefix", "vendor"], &["prefix"], &["prefix"];
    /// Names of ports.
    PORTS "ports" &["port", "transport", "service"], &["#port", "transport"], &["port", "transport"];
    /// What ports say.
    PORT_PURPOSES "port-purposes" &["port", "transport", "category", "purpose", "source"], &["#port", "transport"], &["port", "transport"];
    /// What first labels of names say.
    LABELS "labels" &["label", "category", "purpose", "source"], &["label"], &["label"];
    /// What paths of requests say.
    PATHS "paths" &["path", "category", "purpose", "source"], &["path"], &["path"];
    /// DNS-SD service types.
    DNSSD "dnssd" &["service", "meaning", "category", "source"], &["service"], &["service"];
    /// DHCP fingerprints.
    DHCP "dhcp" &["parameters", "vendor_class", "tells", "label", "note", "confidence", "grade", "source"],
        &["parameters", "vendor_class", "label"], &["parameters", "vendor_class", "label"];
    /// SYN layouts.
    SYN "syn" &["hop_limit", "window", "options", "window_scale", "ecn", "label", "observations", "grade", "source"],
        &["options", "window", "hop_limit", "window_scale", "label"], &["options", "window", "hop_limit", "window_scale", "ecn", "label"];
    /// TLS fingerprints.
    TLS "tls" &["ja4", "ja3", "program", "version", "system", "detail", "observations", "source"],
        &["ja4", "ja3", "program", "version"], &["ja4", "ja3", "program", "version", "system", "detail", "observations"];
    /// Beginnings of User-Agent.
    AGENTS "agents" &["prefix", "program", "tells", "category", "grade", "source"], &["prefix"], &["prefix"];
    /// Kernel versions.
    VERSIONS "versions" &["kind", "number", "tells", "or", "source"], &["kind", "number"], &["kind", "number"];
    /// Multicast groups and broadcast.
    GROUPS "groups" &["address", "port", "name", "source"], &["address", "port"], &["address", "port"];
    /// Important networks.
    AUTONOMOUS_SYSTEMS "autonomous-systems" &["asn", "organisation", "kind", "source"], &["#asn"], &["asn"];
}

impl Shape {
    /// By the path of a file: `apple.tsv` in `rules/` has the shape `rules`.
    pub fn of_file(file: &str) -> Option<&'static Self> {
        let name = match file.split_once('/') {
            Some((folder, _)) => folder,
            None => file.strip_suffix(".tsv")?,
        };
        Self::ALL.iter().find(|shape| shape.name == name).copied()
    }
}

/// A table as read.
#[derive(Debug)]
pub struct Table<'a> {
    file: String,
    shape: &'static Shape,
    rows: Vec<(usize, Vec<&'a str>)>,
}

impl<'a> Table<'a> {
    /// Reads the text of a file; rows with a wrong number of columns are left out and told.
    pub fn read(source: &Source<'a>, shape: &'static Shape, problems: &mut Vec<Problem>) -> Self {
        let mut table = Self { file: source.file.to_owned(), shape, rows: Vec::new() };
        let mut tell = |line: usize, text: String| problems.push(Problem { file: source.file.to_owned(), line, text });
        let mut lines = source.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        if lines.next().is_none_or(|(_, line)| !line.starts_with("# ") || line.len() <= 10) {
            tell(1, "the first line is not `# ` with licence and source".to_owned());
        }
        let columns = shape.columns.join("\t");
        if lines.next().is_none_or(|(_, line)| line != columns) {
            tell(2, format!("the second line does not name the columns: {}", shape.columns.join(" ")));
        }
        for (at, line) in lines {
            let row: Vec<&str> = line.split('\t').collect();
            if row.len() == shape.columns.len() {
                table.rows.push((at, row));
            } else {
                tell(at, format!("has {} columns, not {}", row.len(), shape.columns.len()));
            }
        }
        table
    }

    /// The rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_, 'a>> {
        self.rows.iter().map(|(line, values)| Row { table: self, line: *line, values })
    }

    /// Tells the rows that stand before an earlier one.
    pub(super) fn check_order(&self, problems: &mut Vec<Problem>) {
        let mut previous: Option<Vec<(u64, &str)>> = None;
        for row in self.rows() {
            let key: Vec<(u64, &str)> = self
                .shape
                .order
                .iter()
                .map(|column| match column.strip_prefix('#') {
                    Some(column) => (row.get(column).parse().unwrap_or(0), ""),
                    None => (0, row.get(column)),
                })
                .collect();
            if previous.as_ref().is_some_and(|previous| *previous > key) {
                let text =
                    format!("is out of order: rows are sorted by {}", self.shape.order.join(", ").replace('#', ""));
                problems.push(Problem { file: self.file.clone(), line: row.line, text });
            }
            previous = Some(key);
        }
    }
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Row<'t, 'a> {
    table: &'t Table<'a>,
    line: usize,
    values: &'t [&'a str],
}

impl<'t, 'a> Row<'t, 'a> {
    /// The value of a column; empty when there is no such column.
    pub fn get(&self, column: &str) -> &'a str {
        let at = self.table.shape.columns.iter().position(|name| *name == column);
        at.and_then(|at| self.values.get(at)).copied().unwrap_or("")
    }

    /// Its file.
    pub fn file(&self) -> &'t str {
        &self.table.file
    }

    /// Its line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The shape of its table.
    pub fn shape(&self) -> &'static Shape {
        self.table.shape
    }
}
