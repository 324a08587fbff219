//! A user's own tables: their rules win, what they do not speak of stays as it was, and they are checked as ours are.

use firstlight_knowledge::overlay::MAX_ROWS;
use firstlight_knowledge::{Knowledge, Query, explain};

const RULES: &str = "# What hosts are for. Ours, for our own use.\n\
    match\tpattern\tpath\towner\tcategory\tpurpose\tproduct\tsystems\tports\tscope\ttells\tgrade\tsource\tseen_in\n";
const SOURCES: &str = "# Where the rows are from. Ours, for our own use.\n\
    key\turl\twhat\tlicence\tkind\tread\tstated\n\
    own\town notes\twhat we know\tours\tuser\t2026-11\t\n";
const OWNERS: &str = "# Organisations. Ours, for our own use.\nowner\tparent\nAcme\t\nAcme Phones\tApple\n";
const ORGANISATIONS: &str = "# Who owns domains. Ours, for our own use.\nmatch\tpattern\towner\tcategory\tsource\n";

fn files(rules: &str, organisations: &str) -> Vec<(String, String)> {
    let mut files = vec![
        ("owners.tsv".to_owned(), OWNERS.to_owned()),
        ("rules/office.tsv".to_owned(), format!("{RULES}{rules}")),
        ("sources.tsv".to_owned(), SOURCES.to_owned()),
    ];
    if !organisations.is_empty() {
        files.push(("organisations.tsv".to_owned(), format!("{ORGANISATIONS}{organisations}")));
    }
    files
}

fn with(rules: &str, organisations: &str) -> Knowledge {
    Knowledge::with_own(&files(rules, organisations)).expect("the tables are right")
}

fn problems(files: &[(String, String)]) -> Vec<String> {
    Knowledge::with_own(files).expect_err("the tables are wrong").iter().map(ToString::to_string).collect()
}

fn ask<'a>(name: &'a str) -> Query<'a> {
    Query { name: Some(name), port: 443, system: Some("macOS"), ..Query::default() }
}

#[test]
fn own_names_have_own_owners_and_purposes() {
    let known = with(
        "exact\twiki.corp.example\t\tAcme\tproductivity\tOur wiki\t\t\t\t\t\tvendor\town\t\n",
        "suffix\tcorp.example\tAcme\t\town\nsuffix\tphones.example\tAcme Phones\t\town\n",
    );
    let wiki = known.explain(&ask("wiki.corp.example"));
    assert_eq!((wiki.owner, wiki.purpose.as_deref()), (Some("Acme"), Some("Our wiki")));
    assert_eq!((wiki.grade, wiki.source, wiki.source_date), (Some("vendor"), Some("own"), Some("2026-11")));
    assert_eq!(wiki.rule.as_deref(), Some("own: exact wiki.corp.example"));
    assert_eq!(wiki.vendor_own, Some(false));
    let other = known.explain(&ask("build7.corp.example"));
    assert_eq!((other.owner, other.owner_rule.as_deref()), (Some("Acme"), Some("own: suffix corp.example")));
    // A parent that is compiled in makes systems.
    let phones = known.explain(&ask("x.phones.example"));
    assert_eq!((phones.owner, phones.vendor_own), (Some("Acme Phones"), Some(true)));
    assert_eq!(known.ancestors("Acme Phones"), ["Acme Phones", "Apple"]);
    assert!(known.systems_of("Acme Phones").contains(&"macOS"));
    assert_eq!(known.ancestors("LinkedIn (Microsoft)"), ["LinkedIn (Microsoft)", "Microsoft"]);
    assert_eq!(known.source("own").map(|source| source.url), Some("own notes"));
    assert_eq!(known.source("apple-101555"), firstlight_knowledge::source("apple-101555"));
}

#[test]
fn own_rules_win_and_what_is_compiled_in_becomes_the_alternative() {
    let known = with("suffix\tapple.com\t\t\tcontent-cache\tOur proxy serves it\t\t\t\t\t\tvendor\town\t\n", "");
    let answer = known.explain(&ask("swscan.apple.com"));
    assert_eq!((answer.purpose.as_deref(), answer.category), (Some("Our proxy serves it"), Some("content-cache")));
    // Nothing own was said of the owner.
    assert_eq!((answer.owner, answer.vendor_own), (Some("Apple"), Some(true)));
    let compiled = explain(&ask("swscan.apple.com"));
    let first = answer.alternatives.first().expect("the rule that is compiled in");
    assert_eq!((Some(&*first.purpose), Some(&first.rule)), (compiled.purpose.as_deref(), compiled.rule.as_ref()));
}

#[test]
fn who_owns_a_name_does_not_hide_what_it_is_known_to_be_for() {
    let known = with("", "suffix\tapple.com\tAcme\tweb\town\n");
    let answer = known.explain(&ask("www.apple.com"));
    let compiled = explain(&ask("www.apple.com"));
    assert_eq!((answer.owner, &answer.purpose, &answer.rule), (Some("Acme"), &compiled.purpose, &compiled.rule));
}

#[test]
fn an_own_rule_keeps_to_its_scope_and_names_without_one_stay_as_they_were() {
    let known = with("exact\tx.corp.example\t\t\tweb\tOurs\t\tWindows 10\t\tsystem\t\tvendor\town\t\n", "");
    let windows = Query { system: Some("Windows"), ..ask("x.corp.example") };
    assert_eq!(known.explain(&windows).purpose.as_deref(), Some("Ours"));
    for name in ["x.corp.example", "albert.apple.com", "www.yelp.com", "e1234.dscx.akamaiedge.net", "printer.local", ""]
    {
        assert_eq!(known.explain(&ask(name)), explain(&ask(name)), "{name}");
        assert_eq!(Knowledge::default().explain(&ask(name)), explain(&ask(name)), "{name}");
    }
    let resolver = Query { name: None, address: "8.8.8.8".parse().ok(), port: 53, ..ask("") };
    assert_eq!(known.explain(&resolver), explain(&resolver));
}

#[test]
fn own_tables_are_checked_against_what_is_compiled_in() {
    for (rule, words) in [
        ("exact\tx.corp.example\t\tNobody Known\tweb\tOurs\t\t\t\t\t\tvendor\town\t\n", "owner `Nobody Known`"),
        ("exact\tx.corp.example\t\tAcme\tclocks\tOurs\t\t\t\t\t\tvendor\town\t\n", "category `clocks`"),
        ("exact\tx.corp.example\t\tAcme\tweb\tOurs\t\t\t\t\t\tvendor\thearsay\t\n", "source `hearsay`"),
        ("exact\tx.corp.example\t\tAcme\tweb\t\t\t\t\t\t\tvendor\town\t\n", "no purpose"),
        ("suffix\tco.uk\t\tAcme\tweb\tOurs\t\t\t\t\t\tvendor\town\t\n", "wider than"),
        ("suffix\takamaiedge.net\t\tAcme\tweb\tOurs\t\t\t\t\t\tvendor\town\t\n", "wider than"),
    ] {
        let found = problems(&files(rule, ""));
        assert!(found.iter().all(|problem| problem.starts_with("rules/office.tsv:3")), "{found:?}");
        assert!(found.iter().any(|problem| problem.contains(words)), "{words}: {found:?}");
    }
    // Owners and sources that are compiled in may be named.
    with("exact\tx.corp.example\t\tApple\tweb\tOurs\t\tmacOS\t\t\t\tvendor\tapple-101555\t\n", "");
}

#[test]
fn registries_closed_lists_and_too_much_are_refused() {
    let mut more = files("", "");
    more.push(("categories.tsv".to_owned(), "# Ours, for our own use.\ncategory\tmeaning\nours\tOurs\n".to_owned()));
    assert!(
        problems(&more).iter().any(|problem| problem.starts_with("categories.tsv:1") && problem.contains("own table"))
    );
    let twice = ("owners.tsv".to_owned(), "# Ours, for our own use.\nowner\tparent\nApple\t\n".to_owned());
    assert!(problems(&[twice]).iter().any(|problem| problem.contains("says again")));
    let rows: String = (0..=MAX_ROWS)
        .map(|at| format!("exact\tx{at:05}.corp.example\t\t\tweb\tOurs\t\t\t\t\t\tvendor\town\t\n"))
        .collect();
    assert!(problems(&files(&rows, "")).iter().any(|problem| problem.contains("more than")));
    let paths: String =
        (0..256).map(|at| format!("exact\tx.corp.example\t/{at:03}\t\tweb\tOurs\t\t\t\t\t\tvendor\town\t\n")).collect();
    assert!(problems(&files(&paths, "")).iter().any(|problem| problem.contains("more than 255 rules")));
    assert!(problems(&[("nonsense".to_owned(), "\u{0}".to_owned())]).iter().any(|it| it.contains("no table")));
}
