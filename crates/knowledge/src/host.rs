//! Host names as rules see them: their syntax, the suffixes of a name, patterns with `*`, and the hash under which
//! the packed index finds a suffix. Shared by the build script and the look-up, so that both agree. What a name means
//! is not decided here, and internationalised names are expected in their `xn--` form (RFC 5891).

/// Suffixes looked at for one name; deeper labels are left out (only hostile names have so many).
pub const MAX_SUFFIXES: usize = 24;

/// The longest name that is looked up, RFC 1035 s. 2.3.4.
pub const MAX_NAME: usize = 253;

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// FNV-1a of the bytes of a host name taken from its end, so that the hashes of all suffixes come out of one pass.
pub fn hash(host: &str) -> u64 {
    finish(host.bytes().rev().fold(OFFSET, step))
}

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(PRIME)
}

/// FNV's low bits are weak after few bytes; one round of mixing makes them usable as an index.
fn finish(hash: u64) -> u64 {
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

/// The suffixes of a name at label borders, the shortest first, each with its hash.
#[derive(Debug, Clone)]
pub struct Suffixes<'n> {
    name: &'n str,
    found: [(usize, u64); MAX_SUFFIXES],
    len: usize,
}

impl<'n> Suffixes<'n> {
    /// Of a name in lower case without a dot at its end.
    pub fn of(name: &'n str) -> Self {
        let mut suffixes = Self { name, found: [(0, 0); MAX_SUFFIXES], len: 0 };
        if name.len() > MAX_NAME {
            return suffixes;
        }
        let mut hash = OFFSET;
        for (at, byte) in name.bytes().enumerate().rev() {
            if byte == b'.' {
                suffixes.push(at + 1, hash);
            }
            hash = step(hash, byte);
        }
        if !name.is_empty() {
            suffixes.push(0, hash);
        }
        suffixes
    }

    fn push(&mut self, start: usize, hash: u64) {
        // The whole name always finds its place, so that exact rules hold for names with any number of labels.
        let place = if start == 0 { self.len.min(MAX_SUFFIXES - 1) } else { self.len };
        let last_is_kept_free = start == 0 || place < MAX_SUFFIXES - 1;
        if let (true, Some(slot)) = (last_is_kept_free, self.found.get_mut(place)) {
            *slot = (start, finish(hash));
            self.len = place + 1;
        }
    }

    /// From the longest (the name itself) to the shortest (its last label), with their hashes.
    pub fn longest_first(&self) -> impl Iterator<Item = (&'n str, u64)> + '_ {
        self.found.iter().take(self.len).rev().filter_map(|&(start, hash)| Some((self.name.get(start..)?, hash)))
    }
}

/// Without a port (as HTTP's Host has one) and without the dot at the end.
pub fn trim(name: &str) -> &str {
    let name = match name.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => name,
    };
    name.strip_suffix('.').unwrap_or(name)
}

/// As [`trim`], in lower case; borrowed when nothing has to change.
pub fn normalise(name: &str) -> std::borrow::Cow<'_, str> {
    let name = trim(name);
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        std::borrow::Cow::Owned(name.to_ascii_lowercase())
    } else {
        std::borrow::Cow::Borrowed(name)
    }
}

/// Whether a name is an address. Names of hosts end in a letter, as top-level domains do.
pub fn is_address(name: &str) -> bool {
    let may_be = name.bytes().last().is_some_and(|byte| byte.is_ascii_digit()) || name.contains(':');
    may_be && name.parse::<std::net::IpAddr>().is_ok()
}

/// Why `host` is not a host name that a rule may carry; `None` when it is one. `*` stands only where `glob` is true.
pub fn syntax_fault(host: &str, allowed: Wildcards) -> Option<&'static str> {
    if host.is_empty() {
        return Some("is empty");
    }
    if host.len() > MAX_NAME {
        return Some("is longer than 253 bytes");
    }
    if host.parse::<std::net::IpAddr>().is_ok() {
        return Some("is an address; addresses have their own table");
    }
    for label in host.split('.') {
        if label.is_empty() || label.len() > 63 {
            return Some("has an empty label, or one longer than 63 bytes");
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Some("has a label that begins or ends with `-`");
        }
        if label.bytes().any(|byte| byte == b'*') && allowed == Wildcards::Refused {
            return Some("has `*`, which only a glob may have");
        }
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_*".contains(&byte);
        if !label.bytes().all(fits) {
            return Some("has bytes other than a-z, 0-9, `-`, `_` (names are in lower case, without scheme or port)");
        }
    }
    (allowed == Wildcards::Needed && !host.contains('*')).then_some("is a glob without `*`")
}

/// Whether a pattern carries `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wildcards {
    /// It must not.
    Refused,
    /// It must.
    Needed,
}

/// The part of a glob after the last label with `*`: under it the index keeps the glob. Empty when there is none.
pub fn glob_tail(pattern: &str) -> &str {
    match pattern.rfind('*') {
        Some(star) => match pattern.get(star..).and_then(|rest| rest.find('.')) {
            Some(dot) => pattern.get(star + dot + 1..).unwrap_or(""),
            None => "",
        },
        None => pattern,
    }
}

/// Letters of a pattern besides `*`: the more, the more it says.
pub fn literal_len(pattern: &str) -> usize {
    pattern.bytes().filter(|&byte| byte != b'*').count()
}

/// Whether `name` matches `pattern`. `*` stands for any number of characters but does not cross a dot, except at the
/// very beginning (`*.example.net`: any labels) and as the whole last label (`autodiscover.*`: any domain).
pub fn glob_matches(pattern: &str, name: &str) -> bool {
    // Most patterns begin with letters that most names do not begin with.
    if !name.starts_with(pattern.split('*').next().unwrap_or("").trim_end_matches('.')) {
        return false;
    }
    let (pattern, any_front) = match pattern.strip_prefix("*.") {
        Some(rest) => (rest, true),
        None => (pattern, false),
    };
    let (pattern, any_end) = match pattern.strip_suffix(".*") {
        Some(rest) => (rest, true),
        None => (pattern, false),
    };
    let labels = pattern.split('.').count();
    let have = name.split('.').count();
    let spare = have.saturating_sub(labels);
    if have < labels + usize::from(any_front) + usize::from(any_end) || (spare > 0 && !any_front && !any_end) {
        return false;
    }
    let fits = |skip: usize| pattern.split('.').zip(name.split('.').skip(skip)).all(|(p, l)| label_matches(p, l));
    match (any_front, any_end) {
        (false, _) => fits(0),
        (true, false) => fits(spare),
        (true, true) => (1..spare).any(fits),
    }
}

/// One label against one label of the pattern, by going back to the last star: linear for the few stars of a rule.
fn label_matches(pattern: &str, label: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(first) = pieces.next() else { return label.is_empty() };
    let Some(mut rest) = label.strip_prefix(first) else { return false };
    let mut last: Option<&str> = None;
    for piece in pieces {
        if let Some(middle) = last {
            match rest.find(middle) {
                Some(at) => rest = rest.get(at + middle.len()..).unwrap_or(""),
                None => return false,
            }
        }
        last = Some(piece);
    }
    match last {
        Some(end) => rest.ends_with(end),
        None => rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Suffixes, Wildcards, glob_matches, glob_tail, hash, normalise, syntax_fault};

    #[test]
    fn suffixes_come_longest_first_with_the_hash_of_their_text() {
        let suffixes = Suffixes::of("a.bc.example");
        let found: Vec<_> = suffixes.longest_first().collect();
        assert_eq!(found.iter().map(|f| f.0).collect::<Vec<_>>(), ["a.bc.example", "bc.example", "example"]);
        assert!(found.iter().all(|(text, h)| hash(text) == *h));
    }

    #[test]
    fn a_name_with_very_many_labels_keeps_itself_and_its_short_suffixes() {
        let name = vec!["a"; 60].join(".");
        let suffixes = Suffixes::of(&name);
        let found: Vec<_> = suffixes.longest_first().collect();
        assert_eq!(found.len(), super::MAX_SUFFIXES);
        assert_eq!(found[0].0, name);
        assert_eq!(found.last().map(|f| f.0), Some("a"));
        assert!(Suffixes::of(&"a".repeat(400)).longest_first().next().is_none());
    }

    #[test]
    fn a_star_stays_in_its_label_but_for_the_two_ends() {
        for (pattern, name, expected) in [
            ("p*-content.icloud.com", "p42-content.icloud.com", true),
            ("p*-content.icloud.com", "p42-content.x.icloud.com", false),
            ("p*-content.icloud.com", "p4.2-content.icloud.com", false),
            ("*.iot.*.amazonaws.com", "x.y.iot.eu-west-1.amazonaws.com", true),
            ("*.iot.*.amazonaws.com", "iot.eu-west-1.amazonaws.com", false),
            ("*.iot.*.amazonaws.com", "x.iot.eu.west.amazonaws.com", false),
            ("autodiscover.*", "autodiscover.example.com", true),
            ("autodiscover.*", "autodiscover", false),
            ("autodiscover.*", "xautodiscover.example.com", false),
            ("time*.google.com", "time.google.com", true),
            ("time*.google.com", "time4.google.com", true),
            ("r*---sn-*.gvt1.com", "r3---sn-abc.gvt1.com", true),
            ("r*---sn-*.gvt1.com", "r3-sn-abc.gvt1.com", false),
            ("*", "a", true),
        ] {
            assert_eq!(glob_matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn names_lose_case_port_and_the_last_dot() {
        for (raw, expected) in [
            ("WWW.Example.com.", "www.example.com"),
            ("example.com:8080", "example.com"),
            ("2001:db8::1", "2001:db8::1"),
            ("", ""),
            (".", ""),
        ] {
            assert_eq!(normalise(raw), expected, "{raw}");
        }
    }

    #[test]
    fn a_glob_is_kept_under_its_literal_end() {
        assert_eq!(glob_tail("p*-content.icloud.com"), "icloud.com");
        assert_eq!(glob_tail("*.iot.*.amazonaws.com"), "amazonaws.com");
        assert_eq!(glob_tail("autodiscover.*"), "");
    }

    #[test]
    fn names_that_are_no_host_names_are_told() {
        for bad in ["", "a..b", "-a.com", "a-.com", "Apple.com", "a b.com", "http://a.com", "1.2.3.4", "::1", "*.a.com"]
        {
            assert!(syntax_fault(bad, Wildcards::Refused).is_some(), "{bad}");
        }
        for good in ["a.com", "_x._tcp.a.com", "xn--q9jyb4c", "lb._dns-sd._udp"] {
            assert_eq!(syntax_fault(good, Wildcards::Refused), None, "{good}");
        }
        assert!(syntax_fault("a.com", Wildcards::Needed).is_some());
        assert_eq!(syntax_fault("*.a.com", Wildcards::Needed), None);
    }
}
