//! The packed index against a matcher that reads the tables line by line and does the obvious thing.

use firstlight_knowledge::{Query, explain};
use firstlight_model::Transport;
use proptest::prelude::*;
use std::path::Path;
use std::sync::LazyLock;

struct Rule {
    kind: String,
    pattern: String,
    path: String,
    category: String,
    purpose: String,
    systems: String,
    scope: String,
    grade: usize,
    class: usize,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let grades = ["vendor", "source-code", "observed", "public-list", "corroborated", "analyst"];
    let mut rules = Vec::new();
    for (class, folder) in ["rules", "kinds"].iter().enumerate() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(folder);
        let mut files: Vec<_> =
            std::fs::read_dir(folder).expect("tables").flatten().map(|entry| entry.path()).collect();
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(file).expect("text");
            for line in text.lines().skip(2) {
                let mut values = line.split('\t').map(str::to_owned);
                let mut next = || values.next().expect("a column");
                let (kind, pattern, path, _owner, category, purpose) = (next(), next(), next(), next(), next(), next());
                let (_product, systems, _ports, scope, _tells, grade) =
                    (next(), next(), next(), next(), next(), next());
                let grade = grades.iter().position(|known| *known == grade).expect("a grade");
                rules.push(Rule { kind, pattern, path, category, purpose, systems, scope, grade, class });
            }
        }
    }
    rules
});

/// A glob by trying every split, as slow as it is plain.
fn glob(pattern: &[u8], name: &[u8], crosses: bool) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|n| {
            let (eaten, left) = name.split_at(n);
            (crosses || !eaten.contains(&b'.')) && glob(rest, left, false)
        }),
        Some((byte, rest)) => name.split_first().is_some_and(|(first, left)| first == byte && glob(rest, left, false)),
    }
}

fn matches(rule: &Rule, name: &str) -> bool {
    let below = name.strip_suffix(rule.pattern.as_str()).is_some_and(|front| front.ends_with('.'));
    match rule.kind.as_str() {
        "exact" => name == rule.pattern,
        "subdomain" => below,
        "suffix" | "tld" => below || name == rule.pattern,
        // `*.x` crosses dots, and so does a last label that is nothing but a star.
        _ => match rule.pattern.strip_suffix(".*") {
            Some(front) => name.strip_prefix(front).is_some_and(|rest| rest.len() > 1 && rest.starts_with('.')),
            None if rule.pattern.starts_with("*.") => {
                name.find('.').is_some_and(|first| first > 0) && glob(rule.pattern.as_bytes(), name.as_bytes(), true)
            }
            None => glob(rule.pattern.as_bytes(), name.as_bytes(), false),
        },
    }
}

/// Tier, reach, system, class, grade: the smaller the better.
type Place = (usize, usize, usize, usize, usize);

/// What the best rules say: all purposes that share the best place, by path, exact, glob, longest suffix.
fn expected(name: &str, path: Option<&str>, system: Option<&str>) -> Vec<(&'static str, &'static str)> {
    let mut best: Vec<(Place, &Rule)> = Vec::new();
    for rule in RULES.iter().filter(|rule| matches(rule, name)) {
        if !rule.path.is_empty() && !path.is_some_and(|path| path.starts_with(&rule.path)) {
            continue;
        }
        let families = |one: &str| firstlight_knowledge::family(one).unwrap_or("").to_owned();
        let listed = system.is_some_and(|system| rule.systems.split(',').any(|one| families(one) == families(system)));
        // No browser was started in these queries.
        if rule.scope == "browser-start" || (rule.scope == "system" && !listed) {
            continue;
        }
        let tier = match rule.kind.as_str() {
            "exact" if !rule.path.is_empty() => 0,
            "exact" => 1,
            "glob" => 2,
            _ => 3,
        };
        let reach = 1000 - rule.pattern.bytes().filter(|byte| *byte != b'*').count() - rule.path.len();
        let fit = if system.is_none() || rule.systems.is_empty() { 1 } else { usize::from(!listed) * 2 };
        best.push(((tier, reach, fit, rule.class, rule.grade), rule));
    }
    let Some(first) = best.iter().map(|(key, _)| *key).min() else { return Vec::new() };
    best.iter()
        .filter(|(key, _)| *key == first)
        .map(|(_, rule)| (rule.purpose.as_str(), rule.category.as_str()))
        .collect()
}

fn compare(name: &str, path: Option<&str>, system: Option<&str>) {
    let query = Query { name: Some(name), path, system, ..Query::default() };
    let answer = explain(&query);
    let expected = expected(name, path, system);
    let rule = answer.rule.clone().unwrap_or_default();
    // Labels, paths of any host, ports and organisations are not the matcher's business; nor are hosts that have rules
    // for paths only.
    let by_table = ["exact ", "glob ", "below ", "suffix "].iter().any(|word| rule.starts_with(word));
    if rule.starts_with("label ") || rule.ends_with("path not seen") {
        return;
    }
    if expected.is_empty() && rule.starts_with("path ") {
        return;
    }
    if expected.is_empty() {
        let own = answer.purpose.as_deref().is_none_or(|purpose| purpose.ends_with("'s own site"));
        assert!(own, "{name} {path:?} {system:?}: {answer:?}");
        return;
    }
    assert!(by_table, "{name} {path:?} {system:?}: {answer:?}, expected {expected:?}");
    let got = (answer.purpose.as_deref().unwrap_or(""), answer.category.unwrap_or(""));
    assert!(expected.contains(&got), "{name} {path:?} {system:?}: {answer:?}, expected {expected:?}");
}

const SYSTEMS: &[Option<&str>] = &[None, Some("macOS"), Some("iOS"), Some("Windows"), Some("Android"), Some("Linux")];

#[test]
fn every_pattern_is_explained_as_a_reading_of_the_tables_would() {
    for (at, rule) in RULES.iter().enumerate() {
        let name = rule.pattern.replace('*', "7");
        let path = Some(rule.path.as_str()).filter(|path| !path.is_empty());
        compare(&name, path, *SYSTEMS.get(at % SYSTEMS.len()).expect("in range"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn names_around_the_patterns_are_explained_as_a_reading_of_the_tables_would(
        at in 0..100_000usize,
        front in prop_oneof![Just(String::new()), "[a-z0-9-]{1,6}", "[a-z0-9]{1,4}\\.", "[a-z0-9]{1,3}\\.[a-z]{1,3}\\."],
        star in "[a-z0-9.-]{0,4}",
        cut in 0..3usize,
        with_path in any::<bool>(),
        system in 0..6usize,
    ) {
        let rule = RULES.get(at % RULES.len()).expect("in range");
        let whole = format!("{front}{}", rule.pattern.replace('*', &star));
        let name = whole.splitn(cut + 1, '.').last().expect("one part");
        let path = Some(rule.path.as_str()).filter(|path| with_path && !path.is_empty());
        compare(name, path, *SYSTEMS.get(system).expect("in range"));
    }

    #[test]
    fn any_text_is_answered(name in ".{0,80}", path in proptest::option::of(".{0,20}"), port in any::<u16>()) {
        let query = Query {
            name: Some(&name),
            path: path.as_deref(),
            aliases: &[&name],
            address: None,
            transport: Transport::UDP,
            port,
            system: Some(&name),
            browser_started: true,
        };
        let _ = explain(&query);
        let _ = firstlight_knowledge::user_agent(&name);
        let _ = firstlight_knowledge::name_systems(&name, path.as_deref());
        let _ = firstlight_knowledge::dhcp_systems(Some(&name), path.as_deref());
        let _ = firstlight_knowledge::service_type(&name);
        let _ = firstlight_knowledge::registrable_domain(&name);
    }
}
