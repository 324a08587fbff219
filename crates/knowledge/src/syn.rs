//! Systems by the layout of their first TCP segment, and in words what a segment does differently from the nearest
//! known one. Option names: `mss`, `nop`, `ws`, `sok` (selective acknowledgement permitted), `ts`, `tfo`, `eol`.
//! Layouts whose window is a multiple of the MSS cannot be compared, since the MSS belongs to the path.

use crate::book::{Row, compiled};
use crate::layout::syn;

/// The nearest layouts that are told when none is the same.
const NEAREST: usize = 3;
/// The layouts that are told when they are the same.
const SAME: usize = 8;
/// Distance of a layout that has another window or scale, or that asks for ECN, but not both of the first.
const NUMBER_DIFFERS: u32 = 3;

/// The layout of a SYN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SynLayout<'a> {
    /// Initial hop limit or TTL as guessed: 32, 64, 128 or 255; 0 when unknown.
    pub hop_limit: u8,
    /// Window, unscaled.
    pub window: u16,
    /// Options in order, separated by commas.
    pub options: &'a str,
    /// Shift of the window scale option.
    pub window_scale: Option<u8>,
    /// Whether ECN is asked for (ECE and CWR set).
    pub ecn: bool,
}

/// A known layout and how it compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SynMatch {
    /// What has it.
    pub label: &'static str,
    /// The family of that system, where it is one: `macOS`, `Windows`, `Linux`, …
    pub family: Option<&'static str>,
    /// Nothing differs.
    pub same: bool,
    /// What differs, each in words, from what is known to what is here: `window scale 5 → 6`.
    pub differences: Vec<String>,
    /// Key of the source.
    pub source: &'static str,
}

/// The layouts that are the same, those seen most often first, and behind them one that differs in no more than a
/// number; where none is the same the nearest few.
pub fn syn_systems(layout: &SynLayout<'_>) -> Vec<SynMatch> {
    let mut compared: Vec<(u32, std::cmp::Reverse<u32>, SynMatch)> = compiled()
        .rows(syn::TABLE)
        .iter()
        .filter_map(|row| {
            let (distance, differences) = compare(&row, layout)?;
            let found = SynMatch {
                label: row.text(syn::LABEL),
                family: row.some_text(syn::FAMILY),
                same: differences.is_empty(),
                differences,
                source: row.text(syn::SOURCE),
            };
            // Rows that were written down with hop limit and ECN come before mere counts.
            let weight = if row.number(syn::HOP_LIMIT) != 0 { u32::MAX } else { row.number(syn::OBSERVATIONS) };
            Some((distance, std::cmp::Reverse(weight), found))
        })
        .collect();
    compared.sort_by(|a, b| (a.0, a.1, a.2.label).cmp(&(b.0, b.1, b.2.label)));
    let same = compared.iter().any(|(_, _, found)| found.same);
    if !same {
        // Layouts with other options and another window have nothing in common worth telling.
        let near = compared.into_iter().filter(|(distance, _, _)| *distance < 9);
        return near.map(|(_, _, found)| found).take(NEAREST).collect();
    }
    let (same, differing): (Vec<_>, Vec<_>) = compared.into_iter().partition(|(_, _, found)| found.same);
    let next = differing.into_iter().find(|(distance, _, _)| *distance <= NUMBER_DIFFERS);
    same.into_iter().take(SAME).chain(next).map(|(_, _, found)| found).collect()
}

/// How far a known layout is, and in what. `None` where it cannot be compared.
fn compare(row: &Row<'static>, layout: &SynLayout<'_>) -> Option<(u32, Vec<String>)> {
    let mut distance = 0;
    let mut differences = Vec::new();
    let mut differs = |by: u32, text: String| {
        distance += by;
        differences.push(text);
    };
    let known = row.text(syn::OPTIONS);
    if without_padding(known) != without_padding(layout.options) {
        differs(5, format!("options {known} → {}", layout.options));
    }
    let window = row.text(syn::WINDOW);
    match window_range(window)? {
        Some((low, high)) if !(low..=high).contains(&layout.window) => {
            let known = if low == high { low.to_string() } else { format!("{low} to {high}") };
            differs(3, format!("window {known} → {}", layout.window));
        }
        _ => {}
    }
    let scale = row.text(syn::WINDOW_SCALE);
    if scale != "*" && scale.parse().ok() != layout.window_scale {
        let here = layout.window_scale.map_or("none".to_owned(), |scale| scale.to_string());
        let known = if scale.is_empty() { "none" } else { scale };
        differs(2, format!("window scale {known} → {here}"));
    }
    let hop_limit = row.number(syn::HOP_LIMIT);
    if hop_limit != 0 && layout.hop_limit != 0 && hop_limit != u32::from(layout.hop_limit) {
        differs(4, format!("hop limit {hop_limit} → {}", layout.hop_limit));
    }
    match row.text(syn::ECN) {
        "yes" if !layout.ecn => differs(1, "ECN asked for → not".to_owned()),
        "no" if layout.ecn => differs(1, "ECN not asked for → asked for".to_owned()),
        _ => {}
    }
    Some((distance, differences))
}

/// Options without the zeros that pad them: tcpdump prints one `eol`, other tools each byte.
fn without_padding(options: &str) -> &str {
    let mut options = options;
    while let Some(rest) = options.strip_suffix(",eol") {
        options = rest;
    }
    options
}

/// `65535`, `*`, `mss*N (62000-65535)`: the windows that are meant, `Some(None)` for any, `None` for multiples of an
/// MSS that is not told.
fn window_range(text: &str) -> Option<Option<(u16, u16)>> {
    if text == "*" {
        return Some(None);
    }
    if let Ok(window) = text.parse() {
        return Some(Some((window, window)));
    }
    let (low, high) = text.split_once('(')?.1.strip_suffix(')')?.split_once('-')?;
    Some(Some((low.parse().ok()?, high.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::{SynLayout, syn_systems};

    const DIARY: SynLayout<'_> = SynLayout {
        hop_limit: 64,
        window: 65535,
        options: "mss,nop,ws,nop,nop,ts,sok,eol",
        window_scale: Some(6),
        ecn: true,
    };

    #[test]
    fn the_diarys_syn_is_that_of_macos() {
        let found = syn_systems(&DIARY);
        let (same, others): (Vec<_>, Vec<_>) = found.iter().partition(|one| one.same);
        assert!(same.iter().all(|one| one.differences.is_empty()));
        assert!(same.iter().any(|one| one.label.starts_with("macOS 10.14") && one.source == "mercury-tcp-os"));
        // The release before has another scale.
        assert_eq!(others.len(), 1, "{others:?}");
        assert!(others[0].label.contains("macOS 10.13"), "{others:?}");
        assert_eq!(
            (others[0].differences.as_slice(), others[0].source),
            (&["window scale 5 → 6".to_owned()][..], "mercury-tcp-os")
        );
        assert!(found.iter().any(|one| one.label == "macOS 10.15" && one.source == "sans-25414"), "{found:?}");
        assert!(found.iter().all(|one| one.family == Some("macOS")), "{found:?}");
    }

    #[test]
    fn one_difference_is_told_in_words() {
        let found = syn_systems(&SynLayout { window_scale: Some(11), ..DIARY });
        assert!(!found.is_empty() && found.iter().all(|one| !one.same));
        assert!(found.iter().any(|one| one.differences == ["window scale 6 → 11"]), "{found:?}");
        let found = syn_systems(&SynLayout { ecn: false, ..DIARY });
        assert!(found.iter().any(|one| one.same) || found[0].differences == ["ECN asked for → not"], "{found:?}");
    }

    #[test]
    fn windows_and_linux_are_told() {
        let windows = SynLayout {
            hop_limit: 128,
            window: 64240,
            options: "mss,nop,ws,nop,nop,sok",
            window_scale: Some(8),
            ecn: false,
        };
        assert!(syn_systems(&windows)[0].same && syn_systems(&windows)[0].label.starts_with("Windows 10"));
        let linux =
            SynLayout { hop_limit: 64, window: 64240, options: "mss,sok,ts,nop,ws", window_scale: Some(7), ecn: false };
        assert!(syn_systems(&linux)[0].same && syn_systems(&linux)[0].label.contains("Linux"));
        let same: Vec<_> = syn_systems(&linux).into_iter().filter(|one| one.same).collect();
        assert!(same.iter().all(|one| one.family == Some("Linux")), "{same:?}");
    }

    #[test]
    fn a_layout_like_none_has_no_neighbours() {
        let odd = SynLayout { hop_limit: 32, window: 1, options: "tfo,tfo,tfo", window_scale: Some(13), ecn: true };
        assert_eq!(syn_systems(&odd), []);
    }
}
