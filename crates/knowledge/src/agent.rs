//! User-Agents: which program and which system they give away. The programs that work in the background are known by
//! the beginning of the text (`data/agents.tsv`); kernel versions in it (`Darwin/19.0.0`, `Windows NT 10.0`) and the
//! usual form of browsers (`Mozilla/5.0 (…) …`) are read besides. A User-Agent is what a program says of itself.

use crate::book::{Row, compiled};
use crate::layout::{agents, categories, versions};
use crate::system::{SystemHint, hints};

mod comment;

/// What a program is called that leaves its User-Agent to the system's library.
pub const LIBRARY: &str = "program of the system's network library";

/// What a User-Agent says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent<'t> {
    /// The program, in our words; for browsers their name.
    pub program: &'static str,
    /// Its version where the text has one behind its name: `115.0`.
    pub version: Option<&'t str>,
    /// System and version where it is one: `macOS 10.15`, `Windows 10 or 11`, or only `macOS`.
    pub system: Option<String>,
    /// The family of the system: `macOS`, `Windows`, …
    pub family: Option<&'static str>,
    /// What the program asks for, in words; `None` for browsers and libraries.
    pub purpose: Option<&'static str>,
    /// The same as a category of the closed list.
    pub category: Option<&'static str>,
    /// Key of the source.
    pub source: &'static str,
    /// Release that the text itself names: `Android 5.1.1`.
    pub release: Option<String>,
    /// Model of the device, as the text has it: `SM-N7505`.
    pub model: Option<&'t str>,
    /// All systems that fit, where there is more than one.
    pub systems: Vec<SystemHint>,
}

/// Reads a User-Agent. `None` when it gives nothing away.
pub fn user_agent(text: &str) -> Option<UserAgent<'_>> {
    let text = text.trim_start();
    let row = by_prefix(text);
    let browser = if row.is_none() { browser(text) } else { None };
    let mut systems = kernel(text);
    if let Some(row) = &row {
        let said: Vec<SystemHint> =
            hints(row.text(agents::TELLS), row.text(agents::SOURCE), row.byte(agents::GRADE)).collect();
        if systems.is_empty() {
            systems = said;
        } else if said.iter().any(|hint| systems.iter().any(|kernel| kernel.system == hint.system)) {
            // The kernel names releases of two families; the program says of which it is.
            systems.retain(|kernel| said.iter().any(|hint| hint.system == kernel.system));
        }
    }
    let told = told_family(text);
    if row.is_none() && browser.is_none() && systems.is_empty() && told.is_none() {
        return None;
    }
    let category = row.and_then(|row| compiled().rows(categories::TABLE).numbered(row.number(agents::CATEGORY)));
    let first = systems.first();
    let family = first.map(|hint| hint.system).filter(|family| systems.iter().all(|hint| hint.system == *family));
    let labels: Vec<&str> = systems.iter().map(|hint| hint.label).collect();
    let prefix = row.map(|row| row.text(agents::PREFIX)).filter(|prefix| prefix.ends_with('/'));
    let mark = prefix.or(browser.map(|(mark, _)| mark));
    let program = row.map(|row| row.text(agents::PROGRAM)).or(browser.map(|(_, name)| name)).unwrap_or(LIBRARY);
    let comment = comment::read(text);
    let released = comment.release.filter(|(told, _)| family.is_none_or(|family| family == *told));
    let family = family.or(released.as_ref().map(|(family, _)| *family)).or(told);
    let source = row.map(|row| row.text(agents::SOURCE)).or(first.map(|hint| hint.source)).unwrap_or("general");
    Some(UserAgent {
        program,
        version: explorer(text).or_else(|| mark.and_then(|mark| number_after(text, mark, true))),
        system: (!labels.is_empty()).then(|| labels.join(" or ")),
        family,
        release: released.map(|(family, number)| format!("{family} {number}")),
        model: comment.model,
        purpose: category.and_then(|row| row.some_text(categories::MEANING)),
        category: category.and_then(|row| row.some_text(categories::NAME)),
        source,
        systems,
    })
}

/// The longest known beginning.
fn by_prefix(text: &str) -> Option<Row<'static>> {
    let rows = compiled().rows(agents::TABLE);
    rows.iter()
        .filter(|row| text.starts_with(row.text(agents::PREFIX)))
        .max_by_key(|row| row.text(agents::PREFIX).len())
}

/// Digits, and for Windows NT a dot, after a mark.
fn number_after<'t>(text: &'t str, mark: &str, with_dot: bool) -> Option<&'t str> {
    let rest = text.get(text.find(mark)? + mark.len()..)?;
    let end = rest.bytes().position(|byte| !(byte.is_ascii_digit() || (with_dot && byte == b'.')));
    rest.get(..end.unwrap_or(rest.len())).filter(|number| !number.is_empty())
}

/// Systems by the kernel version that the text carries.
fn kernel(text: &str) -> Vec<SystemHint> {
    // `Darwin/19.0.0` of CFNetwork, `apple-darwin12.0` of the triple that a program was built for.
    let darwin = number_after(text, "Darwin/", false)
        .or_else(|| number_after(text, "darwin", false))
        .map(|number| format!("darwin {number}"));
    let windows = number_after(text, "Windows NT ", true)
        .or_else(|| number_after(text, "Microsoft-CryptoAPI/", true).and_then(|version| version.get(..4)))
        .map(|number| format!("nt {}", number.trim_end_matches('.')));
    let rows = compiled().rows(versions::TABLE);
    let Some(row) = darwin.or(windows).and_then(|key| rows.named(versions::KEY, &key)) else { return Vec::new() };
    let of = |column| hints(row.text(column), row.text(versions::SOURCE), 1);
    // Programs on a Mac name its processor; those on a phone name none.
    let mac = text.contains("(x86_64)") || text.contains("(i386)") || text.contains("Mac");
    if mac { of(versions::TELLS).collect() } else { of(versions::TELLS).chain(of(versions::OTHER)).collect() }
}

/// Browsers by the usual marks, the special before the general: Edge says that it is Chrome, and Chrome that it is
/// Safari.
fn browser(text: &str) -> Option<(&'static str, &'static str)> {
    const MARKS: &[(&str, &str)] = &[
        ("Edg/", "Edge"),
        ("EdgA/", "Edge"),
        ("EdgiOS/", "Edge"),
        ("Edge/", "Edge"),
        ("OPR/", "Opera"),
        ("Vivaldi/", "Vivaldi"),
        ("YaBrowser/", "Yandex Browser"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("CriOS/", "Chrome"),
        ("FxiOS/", "Firefox"),
        ("HeadlessChrome/", "Chrome without a window"),
        ("Chrome/", "Chrome"),
        ("Firefox/", "Firefox"),
        ("Trident/", "Internet Explorer"),
        ("MSIE ", "Internet Explorer"),
        ("Version/", "Safari"),
    ];
    if !text.starts_with("Mozilla/") && !text.starts_with("Opera/") {
        return None;
    }
    MARKS.iter().find(|(mark, _)| text.contains(mark)).copied()
}

/// Internet Explorer says an older version of itself to some sites, but not of its engine.
fn explorer(text: &str) -> Option<&'static str> {
    let engine = number_after(text, "Trident/", false)?;
    [("4", "8"), ("5", "9"), ("6", "10"), ("7", "11")]
        .into_iter()
        .find(|(of, _)| *of == engine)
        .map(|(_, version)| version)
}

/// The family that the text names.
fn told_family(text: &str) -> Option<&'static str> {
    const MARKS: &[(&str, &str)] = &[
        ("iPhone", "iOS"),
        ("iPad", "iOS"),
        ("Macintosh", "macOS"),
        ("Android", "Android"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("PlayStation", "PlayStation"),
        ("Tizen", "Samsung TV"),
        ("Web0S", "LG TV"),
        ("Linux", "Linux"),
    ];
    // Programs that are no browsers name the system that they were built for: `(linux-gnu)`, `Android (…`.
    const OF_OTHERS: &[(&str, &str)] = &[("Android (", "Android"), ("(linux", "Linux"), ("-linux-", "Linux")];
    let marks = if text.starts_with("Mozilla/") { MARKS } else { OF_OTHERS };
    marks.iter().find(|(mark, _)| text.contains(mark)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::user_agent;

    #[test]
    fn darwin_versions_tell_the_release() {
        let trustd = user_agent("com.apple.trustd/2.0").expect("known");
        assert_eq!((trustd.program, trustd.category), ("Certificate trust evaluation", Some("cert-status")));
        let mac =
            user_agent("Software%20Update (unknown version) CFNetwork/1120 Darwin/19.0.0 (x86_64)").expect("known");
        assert_eq!((mac.system.as_deref(), mac.family), (Some("macOS 10.15"), Some("macOS")));
        assert_eq!(mac.category, Some("software-update"));
        let either = user_agent("SomeApp/1 CFNetwork/1121 Darwin/19.2.0").expect("kernel");
        assert_eq!((either.system.as_deref(), either.family), (Some("macOS 10.15 or iOS 13"), None));
    }

    #[test]
    fn windows_and_browsers_are_told() {
        let crypto = user_agent("Microsoft-CryptoAPI/10.0").expect("known");
        assert_eq!((crypto.system.as_deref(), crypto.family), (Some("Windows 10 or 11"), Some("Windows")));
        let edge = user_agent("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0").expect("browser");
        assert_eq!((edge.program, edge.family), ("Edge", Some("Windows")));
        let safari = user_agent("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15").expect("browser");
        assert_eq!((safari.program, safari.family, safari.category), ("Safari", Some("macOS"), None));
    }

    #[test]
    fn the_longest_beginning_wins_and_nonsense_says_nothing() {
        let apt = user_agent("Debian APT-HTTP/1.3 (2.2.4)").expect("known");
        assert_eq!(apt.family, Some("Linux"));
        assert!(user_agent("").is_none());
        assert!(user_agent("zzz/1.0").is_none());
        assert!(user_agent("Darwin/").is_none());
        assert!(user_agent("Darwin/99999999999999999999").is_none());
    }
}
