//! What the comment of a browser's User-Agent says of the system's release and of the device (RFC 9110 s. 10.1.5:
//! comments are free text; these are the forms that Chromium, WebKit, Gecko and Android's own client write).
//!
//! Browsers have frozen parts of it: what says the same everywhere (`Intel Mac OS X 10_15_7`, `Android 10; K`) says
//! nothing here.

/// The longest model that is taken, in bytes.
const MODEL_LEN_BYTES: usize = 64;

/// What stands in the comment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Comment<'t> {
    /// Family, and the release as the system numbers it: `Android`, `5.1.1`.
    pub release: Option<(&'static str, String)>,
    /// The device, as its maker calls it: `SM-N7505`.
    pub model: Option<&'t str>,
}

/// Reads it.
pub(super) fn read(text: &str) -> Comment<'_> {
    if let Some(rest) = after(text, "Android ") {
        return android(rest);
    }
    let apple = [("iPhone OS ", "iOS"), ("CPU OS ", "iOS"), ("Mac OS X ", "macOS")];
    let release = apple.into_iter().find_map(|(mark, family)| {
        let number = number(after(text, mark)?, ['.', '_']);
        // Safari and Chrome stay at the first, Firefox at the second, Safari of iOS at the others.
        let is_frozen = matches!(number, "10_15_7" | "10.15" | "18_6" | "18_7");
        (!number.is_empty() && !is_frozen).then(|| (family, number.replace('_', ".")))
    });
    Comment { release, model: None }
}

/// `5.1.1; SM-N7505 Build/LMY47X)`, with or without a language in between.
fn android(rest: &str) -> Comment<'_> {
    let version = number(rest, ['.', '.']);
    if version.is_empty() {
        return Comment::default();
    }
    let inside = rest.get(version.len()..).unwrap_or_default();
    let inside = inside.split_once(')').map_or(inside, |(inside, _)| inside);
    let model = inside.split(';').map(str::trim).find(|part| {
        let is_language = matches!(part.as_bytes(), [a, b] | [a, b, b'-' | b'_', ..] if a.is_ascii_lowercase() && b.is_ascii_lowercase());
        !part.is_empty() && !is_language && !matches!(*part, "U" | "wv" | "Mobile" | "Tablet") && !part.starts_with("rv:")
    });
    if model == Some("K") {
        return Comment::default();
    }
    let model = model.map(|model| ["Build/", "MIUI/"].iter().fold(model, |model, mark| until(model, mark)));
    Comment {
        release: Some(("Android", version.to_owned())),
        model: model.filter(|model| !model.is_empty() && model.len() <= MODEL_LEN_BYTES),
    }
}

fn until<'t>(text: &'t str, mark: &str) -> &'t str {
    text.split_once(mark).map_or(text, |(before, _)| before.trim_end())
}

fn after<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

/// Digits with marks between them.
fn number(text: &str, marks: [char; 2]) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit() && !marks.contains(&c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default().trim_end_matches(marks)
}

#[cfg(test)]
mod tests {
    use super::{Comment, read};

    #[test]
    fn devices_of_android_say_release_and_model() {
        let of = |text| {
            let Comment { release, model } = read(text);
            (release.map(|(family, number)| format!("{family} {number}")), model)
        };
        let said = |release: &str, model| (Some(release.to_owned()), Some(model));
        assert_eq!(
            of("Dalvik/2.1.0 (Linux; U; Android 5.1.1; SM-N7505 Build/LMY47X)"),
            said("Android 5.1.1", "SM-N7505")
        );
        assert_eq!(
            of("Mozilla/5.0 (Linux; U; Android 4.0.3; de-de; Galaxy S II Build/GRJ22) AppleWebKit/534.30"),
            said("Android 4.0.3", "Galaxy S II")
        );
        assert_eq!(of("Dalvik/1.6.0 (Linux; U; Android 4.4.4; MI 3W MIUI/V6.4.2)"), said("Android 4.4.4", "MI 3W"));
        assert_eq!(of("Mozilla/5.0 (Android 9; Mobile; rv:68.0) Gecko/68.0"), (Some("Android 9".to_owned()), None));
        assert_eq!(of("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36"), (None, None), "frozen");
        assert_eq!(of("Mozilla/5.0 (Linux; Android ) x"), (None, None));
    }

    #[test]
    fn apple_systems_say_their_release_where_it_is_not_frozen() {
        let of = |text| read(text).release.map(|(family, number)| format!("{family} {number}"));
        assert_eq!(of("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) x").as_deref(), Some("macOS 10.14.6"));
        assert_eq!(of("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.12; rv:54.0) x").as_deref(), Some("macOS 10.12"));
        assert_eq!(of("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) x"), None);
        assert_eq!(of("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:109.0) x"), None);
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 13_1_3 like Mac OS X) x";
        assert_eq!(of(phone).as_deref(), Some("iOS 13.1.3"));
        assert_eq!(of("Mozilla/5.0 (iPad; CPU OS 12_4 like Mac OS X) x").as_deref(), Some("iOS 12.4"));
        assert_eq!(of("Mozilla/5.0 (Windows NT 10.0) x"), None);
    }
}
