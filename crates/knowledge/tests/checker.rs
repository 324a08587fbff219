//! The checker lets the tables of the repository pass and refuses one planted bad row of each kind.

use firstlight_knowledge::check::{Source, check};
use std::path::Path;

/// A small set of tables that is right.
const GOOD: &[(&str, &str)] = &[
    (
        "categories.tsv",
        "# The closed list, for this test.\ncategory\tmeaning\ntime\tSetting the clock\nweb\tA web site\n",
    ),
    (
        "sources.tsv",
        "# Where statements come from, for this test.\nkey\turl\twhat\tlicence\tkind\tread\tstated\n\
         list\thttps://example.org/list\ta list\tMIT\tlist\t2026-11\t\nvendor-doc\thttps://example.org/doc\ta document\tfacts only\tvendor\t2026-11\t2024\n",
    ),
    ("owners.tsv", "# Organisations, for this test.\nowner\tparent\nAcme\t\nAcme Cloud\tAcme\n"),
    ("systems.tsv", "# Systems, for this test.\nsystem\tfamily\tmaker\nAcmeOS\tAcmeOS\tAcme\n"),
    ("networks.tsv", "# Who serves, for this test.\npattern\tcarrier\tuse\tsource\nakamai.net\tAkamai\tshared\tlist\n"),
    (
        "organisations.tsv",
        "# Who owns, for this test.\nmatch\tpattern\towner\tcategory\tsource\nsuffix\tacme.example\tAcme\tweb\tlist:acme\n",
    ),
    (
        "addresses.tsv",
        "# Addresses, for this test.\naddress\tports\towner\tservice\tcategory\tnote\tgrade\tsource\n192.0.2.1\t53/udp\tAcme\tresolver\ttime\t\tvendor\tlist\n",
    ),
    ("labels.tsv", "# Labels, for this test.\nlabel\tcategory\tpurpose\tsource\nntp\ttime\tSets the clock\tlist\n"),
    ("paths.tsv", "# Paths, for this test.\npath\tcategory\tpurpose\tsource\n/now\ttime\tTells the time\tlist\n"),
    (
        "port-purposes.tsv",
        "# Ports, for this test.\nport\ttransport\tcategory\tpurpose\tsource\n0\ticmp\ttime\tControl\tlist\n",
    ),
    (
        "if-blocked.tsv",
        "# What is lost, for this test.\nmatch\tpattern\tif_blocked\tsource\nexact\ttime.acme.com\tThe clock runs free\tlist\n",
    ),
    (
        "rules/acme.tsv",
        "# Rules, for this test only.\nmatch\tpattern\tpath\towner\tcategory\tpurpose\tproduct\tsystems\tports\tscope\ttells\tgrade\tsource\tseen_in\n\
         exact\ttime.acme.com\t\tAcme\ttime\tSets the clock\ttimed\tAcmeOS\t123/udp\t\tAcmeOS 3\tvendor\tvendor-doc\t\n",
    ),
];

fn problems(files: &[(String, String)]) -> Vec<String> {
    let sources: Vec<Source<'_>> = files.iter().map(|(file, text)| Source { file, text }).collect();
    check(&sources).1.iter().map(ToString::to_string).collect()
}

fn good() -> Vec<(String, String)> {
    GOOD.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect()
}

/// The good tables with rows added to one of them.
fn with(file: &str, rows: &str) -> Vec<String> {
    let mut files = good();
    let table = files.iter_mut().find(|(name, _)| name == file).expect("one of the tables");
    table.1.push_str(rows);
    problems(&files)
}

#[test]
fn tables_that_are_right_pass() {
    assert_eq!(problems(&good()), Vec::<String>::new());
}

#[test]
fn each_kind_of_bad_row_is_told_with_its_file_and_line() {
    let rule = "rules/acme.tsv";
    for (file, row, place, words) in [
        (
            rule,
            "exact\tx.acme.com\t\tAcme\tclocks\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "category `clocks`",
        ),
        (
            rule,
            "exact\tx.acme.com\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\t\t\n",
            "rules/acme.tsv:4",
            "names no source",
        ),
        (
            rule,
            "exact\tx.acme.com\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\thearsay\t\n",
            "rules/acme.tsv:4",
            "source `hearsay`",
        ),
        (
            rule,
            "exact\ttime.acme.com\t\tAcme\ttime\tOtherwise\t\tAcmeOS\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "says again what rules/acme.tsv:3 says",
        ),
        (
            rule,
            "exact\thttp://x.acme.com\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "bytes other than",
        ),
        (
            rule,
            "exact\tX.acme.com\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "lower case",
        ),
        (
            rule,
            "exact\tx..acme.com\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "empty label",
        ),
        (
            rule,
            "exact\tz*.acme.com\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "only a glob",
        ),
        (
            rule,
            "glob\tz.acme.com\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "glob without",
        ),
        (
            rule,
            "exact\t192.0.2.1\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "is an address",
        ),
        (
            rule,
            "suffix\takamai.net\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv",
            "wider than",
        ),
        (
            rule,
            "subdomain\tco.uk\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv",
            "wider than",
        ),
        (rule, "suffix\tcom\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n", "rules/acme.tsv", "wider than"),
        (
            rule,
            "glob\tacme*.com\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv",
            "wider than",
        ),
        (
            rule,
            "tld\tacme.example\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv",
            "wider than",
        ),
        (
            rule,
            "exact\tx.acme.com\t\tAcme\ttime\tIt sets the clock of the machine, and it does so in more words than any line of a report has room for\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "longer than 80",
        ),
        (rule, "exact\tx.acme.com\t\tAcme\ttime\t\t\t\t\t\t\tvendor\tlist\t\n", "rules/acme.tsv:4", "no purpose"),
        (
            rule,
            "exact\tx.acme.com\t\tAcmee\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "owner `Acmee`",
        ),
        (
            rule,
            "exact\tx.acme.com\t\tAcme\ttime\tSets the clock\t\tBeOS\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "system `BeOS`",
        ),
        (
            rule,
            "exact\tx.acme.com\t\tAcme\ttime\tSets the clock\t\t\t123\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "port `123`",
        ),
        (
            rule,
            "exact\tx.acme.com\tindex\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "begin with `/`",
        ),
        (
            rule,
            "exact\tx.acme.com\t\tAcme\ttime\tSets the clock\t\t\t\tsometimes\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "scope `sometimes`",
        ),
        (
            rule,
            "exact\tx.acme.com\t\tAcme\ttime\tSets the clock\t\t\t\tsystem\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "names none",
        ),
        (
            rule,
            "exact\tx.acme.com\t\tAcme\ttime\tSets the clock\t\t\t\t\tBeOS 5\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "`BeOS 5`",
        ),
        (
            rule,
            "exact\tx.acme.com\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tsure\tlist\t\n",
            "rules/acme.tsv:4",
            "grade `sure`",
        ),
        (
            rule,
            "near\tx.acme.com\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "match `near`",
        ),
        (
            rule,
            "exact\ta.acme.com\t\tAcme\ttime\tSets the clock\t\t\t\t\t\tvendor\tlist\t\n",
            "rules/acme.tsv:4",
            "out of order",
        ),
        (rule, "exact\tx.acme.com\ttoo few\n", "rules/acme.tsv:4", "has 3 columns, not 14"),
        ("organisations.tsv", "suffix\tco.uk\tAcme\t\tlist\n", "organisations.tsv:4", "wider than"),
        ("organisations.tsv", "suffix\takamai.net\tAcme\t\tlist\n", "organisations.tsv:4", "wider than"),
        ("owners.tsv", "Zeta\tNobody\n", "owners.tsv:5", "parent `Nobody`"),
        ("owners.tsv", "Zeta\tZeta\n", "owners.tsv:5", "circle"),
        ("systems.tsv", "Zeta OS\tZeta\t\n", "systems.tsv:4", "family `Zeta`"),
        (
            "sources.tsv",
            "zeta\thttps://example.org\ta list\tMIT\tlist\tlast year\t\n",
            "sources.tsv:5",
            "when it was read",
        ),
        ("sources.tsv", "zeta\thttps://example.org\ta list\t\tlist\t2026-11\t\n", "sources.tsv:5", "no licence"),
        (
            "sources.tsv",
            "zeta\thttps://example.org\ta list\tMIT\tlist\t2026-11\tlong ago\n",
            "sources.tsv:5",
            "stated `long ago`",
        ),
        (
            "if-blocked.tsv",
            "exact\tz.acme.com\tNothing works\tlist\n",
            "if-blocked.tsv:4",
            "no rule `exact z.acme.com`",
        ),
        ("if-blocked.tsv", "suffix\ttime.acme.com\t\tlist\n", "if-blocked.tsv:4", "does not say"),
        ("addresses.tsv", "192.0.2.2\t53\tAcme\tx\ttime\t\tvendor\tlist\n", "addresses.tsv:4", "ports `53`"),
        ("addresses.tsv", "192.0.2.02\t\tAcme\tx\ttime\t\tvendor\tlist\n", "addresses.tsv:4", "canonical"),
        ("labels.tsv", "time.x\ttime\tSets the clock\tlist\n", "labels.tsv:4", "no label"),
        ("labels.tsv", "time\ttime\t\tlist\n", "labels.tsv:4", "no purpose"),
        ("paths.tsv", "/then?x\ttime\tTells the time\tlist\n", "paths.tsv:4", "without a query"),
        ("port-purposes.tsv", "0\tigmp\ttime\tControl\tlist\n", "port-purposes.tsv:4", "is no port"),
        ("networks.tsv", "zeta.net\tZeta\tboth\tlist\n", "networks.tsv:4", "neither"),
    ] {
        let found = with(file, row);
        assert!(found.iter().any(|p| p.starts_with(place) && p.contains(words)), "{row}\nfound {found:#?}");
    }
}

#[test]
fn a_file_without_licence_line_columns_or_a_known_name_is_told() {
    for (file, text, words) in [
        ("rules/bare.tsv", "", "licence"),
        ("rules/bare.tsv", "# Facts from somewhere, MIT.\nmatch\n", "name the columns"),
        ("gossip.tsv", "# Facts from somewhere, MIT.\n", "no table that is known"),
    ] {
        let mut files = good();
        files.push((file.to_owned(), text.to_owned()));
        let found = problems(&files);
        assert!(found.iter().any(|problem| problem.starts_with(file) && problem.contains(words)), "{found:?}");
    }
}

#[test]
fn the_tables_of_the_repository_pass() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let mut files = Vec::new();
    for folder in ["", "kinds", "rules"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("the folder of tables").flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "tsv") {
                let name = path.strip_prefix(&root).expect("below it").to_string_lossy().replace('\\', "/");
                files.push((name, std::fs::read_to_string(&path).expect("text")));
            }
        }
    }
    assert!(files.len() > 25);
    assert_eq!(problems(&files), Vec::<String>::new());
}
