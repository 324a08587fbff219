//! What a text that a machine sent says of the machine: system, release, kind, maker, model, virtual or not, with what
//! it is worth. The tables are `data/identity/signs.tsv` and `data/identity/weights.tsv`; adding up is the business of
//! analysis.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The tables are small and asked for the few texts of a machine, so they are read as text, when first asked for.
static SIGNS: LazyLock<BTreeMap<&'static str, Vec<Row>>> = LazyLock::new(|| {
    let mut by_field: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
    for row in rows(include_str!("../data/identity/signs.tsv")) {
        let [field, how, text, about, value, weight, source] = row.as_slice() else { continue };
        let (Some(how), Ok(weight)) = (How::of(how), weight.parse()) else { continue };
        let row = Row { how, text: text.to_lowercase(), about, value, weight, source };
        by_field.entry(field).or_default().push(row);
    }
    by_field
});

static WEIGHTS: LazyLock<BTreeMap<(&'static str, &'static str), f64>> = LazyLock::new(|| {
    let of_row = |row: Vec<&'static str>| match row.as_slice() {
        [field, about, weight, _, _] => Some(((*field, *about), weight.parse().ok()?)),
        _ => None,
    };
    rows(include_str!("../data/identity/weights.tsv")).filter_map(of_row).collect()
});

/// The cells of each line behind the header.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| line.split('\t').collect())
}

struct Row {
    how: How,
    /// In lower case.
    text: String,
    about: &'static str,
    value: &'static str,
    weight: f64,
    source: &'static str,
}

/// How the text of a row is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Is,
    Begins,
    Has,
    Ends,
    Any,
}

impl How {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "is" => Self::Is,
            "begins" => Self::Begins,
            "has" => Self::Has,
            "ends" => Self::Ends,
            "any" => Self::Any,
            _ => return None,
        })
    }

    /// Where in `text` the mark stands.
    fn find(self, text: &str, mark: &str) -> Option<usize> {
        match self {
            Self::Is => (text == mark).then_some(0),
            Self::Begins => text.starts_with(mark).then_some(0),
            Self::Has => text.find(mark),
            // A name ends in another only at a label.
            Self::Ends => {
                let at = text.len().checked_sub(mark.len()).filter(|_| text.ends_with(mark))?;
                (at == 0 || text.get(..at)?.ends_with('.')).then_some(at)
            }
            Self::Any => Some(0),
        }
    }
}

/// What a text says.
#[derive(Debug, Clone, PartialEq)]
pub struct Sign {
    /// `system`, `version`, `kind`, `maker`, `model`, `virtual`, `part` (the sender of the text only makes a part of the
    /// machine), `hop limit`, `kin`, `contradiction`.
    pub about: &'static str,
    /// What it says of that.
    pub value: String,
    /// Log-odds (natural logarithm) that it adds.
    pub weight: f64,
    /// Key of the source.
    pub source: &'static str,
}

/// The longest value that is taken from a text, in bytes.
const VALUE_LEN_BYTES: usize = 64;

/// All that `text`, which stood in `field`, says. `name` is the field of any name that a device goes by.
pub fn signs(field: &str, text: &str) -> Vec<Sign> {
    let Some(rows) = SIGNS.get(field) else { return Vec::new() };
    let lower = text.to_lowercase();
    let of_row = |row: &Row| {
        let at = row.how.find(&lower, &row.text)?;
        // The lower case of a text may have another length: then the text itself is not cut at such a place.
        let same_len = lower.len() == text.len();
        let from = |at: usize| text.get(at..).filter(|_| same_len).map(word);
        let value = match row.value {
            "*" => shortened(text.trim()).to_owned(),
            "$$" => from(at)?.to_owned(),
            value => match value.strip_suffix('$') {
                Some(before) => format!("{before}{}", from(at + row.text.len())?),
                None => value.to_owned(),
            },
        };
        let is_empty = value.is_empty() || value.ends_with(' ');
        (!is_empty).then_some(Sign { about: row.about, value, weight: row.weight, source: row.source })
    };
    rows.iter().filter_map(of_row).collect()
}

/// The first word.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| c.is_whitespace() || ",;/()".contains(c)).unwrap_or(text.len());
    shortened(text.get(..end).unwrap_or(text))
}

fn shortened(text: &str) -> &str {
    text.get(..text.floor_char_boundary(VALUE_LEN_BYTES)).unwrap_or(text)
}

/// What a sign in `field` is worth where nothing else says so: log-odds; 0 where it is worth nothing.
pub fn sign_weight(field: &str, about: &str) -> f64 {
    WEIGHTS.iter().find(|((of, what), _)| *of == field && *what == about).map_or(0.0, |(_, weight)| *weight)
}

#[cfg(test)]
mod tests {
    use super::{How, SIGNS, Sign, WEIGHTS, rows, sign_weight, signs};
    use crate::{family, source};

    fn of(field: &str, text: &str, about: &str) -> Vec<String> {
        signs(field, text).into_iter().filter(|sign| sign.about == about).map(|sign| sign.value).collect()
    }

    #[test]
    fn a_model_tells_kind_maker_and_system() {
        assert_eq!(of("mdns.txt.model", "MacBookPro16,1", "kind"), ["laptop"]);
        assert_eq!(of("mdns.txt.model", "MacBookPro16,1", "system"), ["macOS"]);
        assert_eq!(of("mdns.txt.model", "MacBookPro16,1", "model"), ["MacBookPro16,1"]);
        assert_eq!(of("ssdp.server", "Linux/3.14.0 UPnP/1.0 IpBridge/1.9.0", "version"), ["Linux 3.14.0"]);
        assert_eq!(of("ssdp.server", "Linux,    UPnP/1.0 DCS-935L/1.0", "model"), ["DCS-935L"]);
        assert!(signs("mdns.txt.model", "").is_empty(), "an empty text says nothing");
        assert!(signs("nothing", "MacBookPro16,1").is_empty());
    }

    #[test]
    fn a_maker_of_modules_is_not_the_maker_of_what_they_are_in() {
        for module in
            ["Espressif Inc.", "AMPAK Technology, Inc.", "Murata Manufacturing Co., Ltd.", "Delta Electronics"]
        {
            assert!(of("eth.vendor", module, "maker").is_empty(), "{module}");
            assert_eq!(of("eth.vendor", module, "part"), [module]);
        }
        assert_eq!(of("eth.vendor", "D-Link International", "maker"), ["D-Link"]);
    }

    #[test]
    fn names_end_at_labels_and_odd_texts_do_no_harm() {
        assert_eq!(of("dns.qry.name", "icomen.yunext.com", "maker"), ["ednet"]);
        assert!(of("dns.qry.name", "noticomen.yunext.com", "maker").is_empty());
        // `İ` is longer in lower case.
        let odd = signs("ssdp.server", "İİ Linux/5 DCS-1");
        assert!(odd.iter().any(|sign| sign.value == "Linux"), "{odd:?}");
        let long = "Linux/".to_owned() + &"é".repeat(500);
        assert!(signs("ssdp.server", &long).iter().all(|sign| sign.value.len() < 80));
    }

    #[test]
    fn every_row_is_whole_sourced_and_of_known_words() {
        let abouts =
            ["system", "version", "kind", "maker", "model", "virtual", "part", "hop limit", "kin", "contradiction"];
        let text = include_str!("../data/identity/signs.tsv");
        let mut before = Vec::new();
        for row in rows(text) {
            let [field, how, mark, about, value, weight, key] = row.as_slice() else { panic!("{row:?}") };
            assert!(How::of(how).is_some() && abouts.contains(about) && !value.is_empty(), "{row:?}");
            assert!(!mark.is_empty() || *how == "any", "{row:?}");
            let weight: f64 = weight.parse().unwrap();
            assert!(weight > 0.0 && weight <= 4.0, "{row:?}");
            assert!(source(key).is_some(), "the source {key} is not in sources.tsv: {row:?}");
            if *about == "hop limit" || (*field == "system" && *about != "kin") {
                assert!(family(mark).is_some(), "{mark} is no system of systems.tsv: {row:?}");
            }
            let this = (*field, *about, *mark, *value);
            assert!(before.last().is_none_or(|last| *last < this), "rows are sorted and distinct: {row:?}");
            before.push(this);
        }
        assert_eq!(SIGNS.values().map(Vec::len).sum::<usize>(), before.len());
        for row in rows(include_str!("../data/identity/weights.tsv")) {
            let [_, about, weight, why, key] = row.as_slice() else { panic!("{row:?}") };
            assert!(abouts.contains(about) && !why.is_empty() && source(key).is_some(), "{row:?}");
            assert!((0.0..=4.0).contains(&weight.parse::<f64>().unwrap()), "{row:?}");
        }
        assert!(WEIGHTS.len() >= 10);
        assert!(sign_weight("eth.vendor", "maker") > 1.0 && sign_weight("eth.vendor", "kind").abs() < f64::EPSILON);
    }

    #[test]
    fn every_label_of_the_book_that_is_no_count_says_a_system() {
        use crate::book::compiled;
        use crate::layout::syn;
        for row in compiled().rows(syn::TABLE).iter().filter(|row| !row.text(syn::LABEL).contains('%')) {
            let said: Vec<Sign> = signs("tcp.syn", row.text(syn::LABEL));
            assert!(said.iter().any(|sign| sign.about == "system"), "{}", row.text(syn::LABEL));
        }
    }
}
