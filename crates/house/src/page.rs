//! Pages of `docs/` that tests write and hold. A page may have several parts, each held by a test of its own: a part
//! begins with its heading, and the first part with the page.

use std::{env, fs};

use crate::root;

/// Headings at which another part begins.
const PARTS: &[&str] = &[
    "
## Names that tshark gives
",
    "
## Who the machines are
",
    "
## Whose it is and what it is for
",
    "
## Categories that nDPI gives
",
];

/// Holds the part of `page` that begins with `heading` (empty for the first part) to be `text`, heading included. With
/// `FIRSTLIGHT_RENEW` set, writes it anew first.
///
/// # Panics
/// When the part is another, or the page cannot be written.
pub fn hold_page(page: &str, heading: &str, text: &str) {
    let place = root().join(page);
    let kept = fs::read_to_string(&place).unwrap_or_default();
    let begin = if heading.is_empty() { 0 } else { kept.find(heading).unwrap_or(kept.len()) };
    let rest = kept.get(begin..).unwrap_or_default();
    let end = PARTS.iter().filter_map(|part| rest.find(part)).filter(|&at| at > 0).min().unwrap_or(rest.len());
    let is_same = rest.get(..end) == Some(text);
    if !is_same && env::var_os("FIRSTLIGHT_RENEW").is_some() {
        let (before, after) = (&kept[..begin], &rest[end..]);
        fs::write(&place, format!("{before}{text}{after}")).expect("docs/ can be written");
        return;
    }
    assert!(is_same, "{page}{heading} is not what the corpus gives now; FIRSTLIGHT_RENEW=1 writes it anew");
}
