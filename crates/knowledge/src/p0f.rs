//! A user's own file of p0f 3 signatures (`p0f.fp`): all of its syntax, and which of them a SYN or SYN+ACK has.
//!
//! ```text
//! classes = win,unix,other              ua_os = Linux,Windows,iOS=[iPad]
//! [mtu]           label = Ethernet      sig = 1500
//! [tcp:request]   label = s:unix:Linux:3.11 and newer
//!                 sys = @unix           sig = *:64:0:*:mss*20,10:mss,sok,ts,nop,ws:df,id+:0
//! [tcp:response], [http:request], [http:response]
//! ```
//!
//! The syntax is that of p0f's README; in which order signatures win was found by giving p0f 3.09b captures. HTTP
//! signatures are read and compared in `p0f/http.rs`. Nothing of p0f's own data is here.

use std::fmt;

mod http;

pub use http::HttpSignature;

/// A file beyond this is not read, in bytes.
pub const FILE_LEN_BYTES: usize = 8 << 20;
/// Hops further than that are not believed.
const FARTHEST: u8 = 35;

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookError {
    /// From 1.
    pub line: usize,
    /// In words.
    pub why: String,
}

impl fmt::Display for BookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl std::error::Error for BookError {}

/// The signatures of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct P0fBook {
    requests: Vec<Entry<Signature>>,
    responses: Vec<Entry<Signature>>,
    http_requests: Vec<Entry<HttpSignature>>,
    http_responses: Vec<Entry<HttpSignature>>,
    mtus: Vec<(u16, String)>,
}

/// A signature and what has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry<S> {
    label: Label,
    signature: S,
    line: usize,
}

/// `s:unix:Linux:3.11 and newer`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Label {
    is_generic: bool,
    /// A tool (`!`), not a system.
    is_tool: bool,
    name: String,
    flavor: String,
}

impl Label {
    fn read(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.splitn(4, ':').collect();
        let [kind @ ("s" | "g"), class, name, flavor] = parts.as_slice() else {
            return Err("a label is s or g, class, name and flavor, with colons between".to_owned());
        };
        if name.is_empty() || class.is_empty() {
            return Err("a label has a class and a name".to_owned());
        }
        Ok(Self {
            is_generic: *kind == "g",
            is_tool: *class == "!",
            name: (*name).to_owned(),
            flavor: (*flavor).to_owned(),
        })
    }

    fn text(&self) -> String {
        if self.flavor.is_empty() { self.name.clone() } else { format!("{} {}", self.name, self.flavor) }
    }
}

/// The window of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Window {
    Any,
    Exactly(u16),
    MultipleOf(u16),
    OfMss(u16),
    OfMtu(u16),
}

impl Window {
    fn text(self) -> String {
        match self {
            Self::Any => "any".to_owned(),
            Self::Exactly(window) => window.to_string(),
            Self::MultipleOf(of) => format!("a multiple of {of}"),
            Self::OfMss(times) => format!("mss*{times}"),
            Self::OfMtu(times) => format!("mtu*{times}"),
        }
    }
}

/// What a packet has to look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    version: Option<u8>,
    hop_limit: u8,
    /// The hop limit is set at random: any up to it fits.
    is_random: bool,
    ip_options_len: u8,
    mss: Option<u16>,
    window: Window,
    scale: Option<u8>,
    layout: String,
    quirks: Vec<String>,
    payload: Option<bool>,
}

const QUIRKS: [&str; 18] = [
    "df", "id+", "id-", "ecn", "0+", "flow", "seq-", "ack+", "ack-", "uptr+", "urgf+", "pushf+", "ts1-", "ts2+",
    "opt+", "exws", "bad", "",
];

impl Signature {
    /// Reads one: `*:64:0:*:mss*20,10:mss,sok,ts,nop,ws:df,id+:0`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').collect();
        let [version, hop_limit, ip_options_len, mss, window, layout, quirks, payload] = parts.as_slice() else {
            return Err(format!("a signature of TCP has 8 parts with colons between, here are {}", parts.len()));
        };
        let version = match *version {
            "*" => None,
            "4" => Some(4),
            "6" => Some(6),
            _ => return Err(format!("{version} is no version: 4, 6 or *")),
        };
        let (hop_limit, is_random) = hop_limit_of(hop_limit).ok_or_else(|| format!("{hop_limit} is no hop limit"))?;
        let ip_options_len =
            ip_options_len.parse().map_err(|_| format!("{ip_options_len} is no length of IP options"))?;
        let (window, scale) = window.split_once(',').ok_or("window and scale have a comma between")?;
        for option in layout.split(',').filter(|option| !option.is_empty()) {
            let numbered = |mark: &str| option.strip_prefix(mark).is_some_and(|rest| rest.parse::<u8>().is_ok());
            if !matches!(option, "nop" | "mss" | "ws" | "sok" | "sack" | "ts") && !numbered("eol+") && !numbered("?") {
                return Err(format!("{option} is no option"));
            }
        }
        let quirks: Vec<String> = quirks.split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect();
        if let Some(unknown) = quirks.iter().find(|quirk| !QUIRKS.contains(&quirk.as_str())) {
            return Err(format!("{unknown} is no quirk"));
        }
        Ok(Self {
            version,
            hop_limit,
            is_random,
            ip_options_len,
            mss: any_or(mss, "MSS")?,
            window: window_of(window).ok_or_else(|| format!("{window} is no window"))?,
            scale: any_or(scale, "window scale")?,
            layout: (*layout).to_owned(),
            quirks,
            payload: match *payload {
                "*" => None,
                "0" => Some(false),
                "+" => Some(true),
                _ => return Err(format!("{payload} is no payload: 0, + or *")),
            },
        })
    }

    /// In what a packet differs, each in words, from the signature to the packet; empty where it fits.
    pub fn differences(&self, packet: &Observed) -> Vec<String> {
        let mut found = Vec::new();
        let mut differs = |is_same: bool, what: &str, mine: String, theirs: String| {
            if !is_same {
                found.push(format!("{what} {mine} → {theirs}"));
            }
        };
        let shown = |number: Option<u16>| number.map_or_else(|| "any".to_owned(), |number| number.to_string());
        let text = |list: &[String]| if list.is_empty() { "none".to_owned() } else { list.join(",") };
        differs(self.layout == packet.layout, "options", self.layout.clone(), packet.layout.clone());
        let scale = self.scale.map(u16::from);
        differs(self.scale.is_none_or(|it| it == packet.scale), "window scale", shown(scale), packet.scale.to_string());
        differs(self.fits_window(packet), "window", self.window.text(), packet.window.to_string());
        differs(self.mss.is_none_or(|it| it == packet.mss), "MSS", shown(self.mss), packet.mss.to_string());
        let version = self.version.map(u16::from);
        let is_version = self.version.is_none_or(|it| it == packet.version);
        differs(is_version, "IP version", shown(version), packet.version.to_string());
        let reaches =
            self.hop_limit.checked_sub(packet.hop_limit).is_some_and(|hops| self.is_random || hops <= FARTHEST);
        differs(reaches, "hop limit", self.hop_limit.to_string(), packet.hop_limit.to_string());
        let is_len = self.ip_options_len == packet.ip_options_len;
        differs(is_len, "IP options", self.ip_options_len.to_string(), packet.ip_options_len.to_string());
        let mine: Vec<String> = self.quirks.iter().filter(|quirk| self.counts(quirk, packet)).cloned().collect();
        let is_same = mine.len() == packet.quirks.len() && mine.iter().all(|quirk| packet.quirks.contains(quirk));
        differs(is_same, "quirks", text(&mine), text(&packet.quirks));
        let data = |is_there| if is_there { "data" } else { "no data" }.to_owned();
        let payload = self.payload.unwrap_or(packet.payload);
        differs(payload == packet.payload, "payload", data(payload), data(packet.payload));
        found
    }

    /// Quirks of the other version of IP do not count where the signature is for both.
    fn counts(&self, quirk: &str, packet: &Observed) -> bool {
        let is_foreign = match packet.version {
            4 => quirk == "flow",
            _ => matches!(quirk, "df" | "id+" | "id-"),
        };
        self.version.is_some() || !is_foreign
    }

    fn fits_window(&self, packet: &Observed) -> bool {
        match self.window {
            Window::Any => true,
            Window::Exactly(window) => window == packet.window,
            Window::MultipleOf(of) => of != 0 && packet.window.is_multiple_of(of),
            Window::OfMss(_) | Window::OfMtu(_) => self.window == packet.multiple,
        }
    }

    /// How a packet fits: `None` not at all, else whether only roughly.
    fn fits(&self, packet: &Observed) -> Option<Fit> {
        if self.version.is_some_and(|version| version != packet.version) || self.layout != packet.layout {
            return None;
        }
        let mut fit = Fit::Exactly;
        let mut mine = self.quirks.iter().filter(|quirk| self.counts(quirk, packet));
        let may_lack = |quirk: &str| matches!(quirk, "df" | "id+");
        let may_add = |quirk: &str| matches!(quirk, "id-" | "ecn");
        let lacking: Vec<&String> = mine.by_ref().filter(|quirk| !packet.quirks.contains(quirk)).collect();
        let added: Vec<&String> = packet.quirks.iter().filter(|quirk| !self.quirks.contains(quirk)).collect();
        if !lacking.is_empty() || !added.is_empty() {
            if lacking.iter().any(|quirk| !may_lack(quirk)) || added.iter().any(|quirk| !may_add(quirk)) {
                return None;
            }
            fit = Fit::Roughly;
        }
        if self.ip_options_len != packet.ip_options_len {
            return None;
        }
        let distance = self.hop_limit.checked_sub(packet.hop_limit);
        match distance {
            None if self.is_random => return None,
            Some(_) if self.is_random => {}
            Some(0..=FARTHEST) => {}
            _ => fit = Fit::Roughly,
        }
        let fits_numbers = self.mss.is_none_or(|mss| mss == packet.mss)
            && self.scale.is_none_or(|scale| scale == packet.scale)
            && self.payload.is_none_or(|payload| payload == packet.payload);
        (fits_numbers && self.fits_window(packet)).then_some(fit)
    }
}

fn any_or<T: std::str::FromStr>(text: &str, what: &str) -> Result<Option<T>, String> {
    match text {
        "*" => Ok(None),
        _ => text.parse().map(Some).map_err(|_| format!("{text} is no {what}")),
    }
}

/// `64`, `64-` (random up to it), `54+10` (seen so, and so far away), `54+?`.
fn hop_limit_of(text: &str) -> Option<(u8, bool)> {
    if let Some(most) = text.strip_suffix('-') {
        return Some((most.parse().ok()?, true));
    }
    let (seen, distance) = text.split_once('+').unwrap_or((text, "0"));
    let seen: u8 = seen.parse().ok()?;
    let distance: u8 = if distance == "?" { 0 } else { distance.parse().ok()? };
    let hop_limit = seen.checked_add(distance)?;
    (hop_limit > 0).then_some((hop_limit, false))
}

fn window_of(text: &str) -> Option<Window> {
    let number = |text: &str| text.parse().ok();
    Some(match text {
        "*" => Window::Any,
        _ => match (text.strip_prefix("mss*"), text.strip_prefix("mtu*"), text.strip_prefix('%')) {
            (Some(times), _, _) => Window::OfMss(number(times)?),
            (_, Some(times), _) => Window::OfMtu(number(times)?),
            (_, _, Some(of)) => Window::MultipleOf(number(of).filter(|of| *of != 0)?),
            _ => Window::Exactly(number(text)?),
        },
    })
}

/// How well a signature fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Exactly,
    Roughly,
}

/// A packet, by its raw signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    version: u8,
    hop_limit: u8,
    ip_options_len: u8,
    mss: u16,
    window: u16,
    multiple: Window,
    scale: u8,
    layout: String,
    quirks: Vec<String>,
    payload: bool,
}

impl Observed {
    /// Of a raw signature; window and MSS, which it does not always have, are given. `None` where it is none.
    pub fn new(raw: &str, window: u16, mss: u16) -> Option<Self> {
        let parts: Vec<&str> = raw.split(':').collect();
        let [version, hop_limit, ip_options_len, _, multiple, layout, quirks, payload] = parts.as_slice() else {
            return None;
        };
        let (multiple, scale) = multiple.split_once(',')?;
        Some(Self {
            version: version.parse().ok()?,
            hop_limit: hop_limit.split('+').next()?.parse().ok()?,
            ip_options_len: ip_options_len.parse().ok()?,
            mss,
            window,
            multiple: window_of(multiple)?,
            scale: scale.parse().ok()?,
            layout: (*layout).to_owned(),
            quirks: quirks.split(',').filter(|quirk| !quirk.is_empty()).map(str::to_owned).collect(),
            payload: *payload == "+",
        })
    }
}

/// The signature of a book that a packet has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct P0fMatch {
    /// Name and flavor.
    pub label: String,
    /// The signature is of a family, not of a system.
    pub is_generic: bool,
    /// It fits but for the hop limit, or for marks that are put on and taken off on the way.
    pub is_rough: bool,
    /// Where it stands.
    pub line: usize,
}

impl P0fBook {
    /// Reads a file.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn read(text: &str) -> Result<Self, BookError> {
        let mut book = Self::default();
        let mut section = "";
        let mut label: Option<&str> = None;
        for (line, content) in (1..).zip(text.lines()) {
            let wrong = |why: String| BookError { line, why };
            let content = content.trim();
            if content.is_empty() || content.starts_with(';') {
                continue;
            }
            if let Some(name) = content.strip_prefix('[') {
                section = name.strip_suffix(']').ok_or_else(|| wrong("a section ends in ]".to_owned()))?;
                let known = ["mtu", "tcp:request", "tcp:response", "http:request", "http:response"];
                if !known.contains(&section) {
                    return Err(wrong(format!("there is no section [{section}]")));
                }
                label = None;
                continue;
            }
            let (key, value) =
                content.split_once('=').ok_or_else(|| wrong("neither a section nor key = value".to_owned()))?;
            let (key, value) = (key.trim(), value.trim());
            match (key, section) {
                ("classes", "") | ("ua_os", "http:request") => {}
                ("label", "") => return Err(wrong("a label stands in a section".to_owned())),
                ("label", _) => label = Some(value),
                ("sys", "tcp:request" | "tcp:response" | "http:request" | "http:response") if label.is_some() => {}
                ("sig", "") => return Err(wrong("a signature stands in a section".to_owned())),
                ("sig", _) => {
                    let label = label.ok_or_else(|| wrong("a signature follows a label".to_owned()))?;
                    book.add(section, label, value, line).map_err(wrong)?;
                }
                _ => return Err(wrong(format!("{key} does not belong here"))),
            }
        }
        Ok(book)
    }

    fn add(&mut self, section: &str, label: &str, value: &str, line: usize) -> Result<(), String> {
        match section {
            "mtu" => {
                let mtu = value.parse().map_err(|_| format!("{value} is no MTU"))?;
                self.mtus.push((mtu, label.to_owned()));
            }
            "tcp:request" | "tcp:response" => {
                let entry = Entry { label: Label::read(label)?, signature: Signature::read(value)?, line };
                let list = if section == "tcp:request" { &mut self.requests } else { &mut self.responses };
                list.push(entry);
            }
            _ => {
                let entry = Entry { label: Label::read(label)?, signature: HttpSignature::read(value)?, line };
                let is_answer = section == "http:response";
                let list = if is_answer { &mut self.http_responses } else { &mut self.http_requests };
                list.push(entry);
            }
        }
        Ok(())
    }

    /// Signatures of TCP and of HTTP.
    pub fn len(&self) -> usize {
        let tcp = self.requests.len() + self.responses.len();
        tcp + self.http_requests.len() + self.http_responses.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The one that a packet has: the first that fits exactly and is of a system, else of a family, else roughly (but for
    /// tools). `is_answer` for a SYN+ACK.
    pub fn find(&self, packet: &Observed, is_answer: bool) -> Option<P0fMatch> {
        let list = if is_answer { &self.responses } else { &self.requests };
        let (mut generic, mut rough) = (None, None);
        for entry in list {
            match entry.signature.fits(packet) {
                Some(Fit::Exactly) if !entry.label.is_generic => return Some(to_match(entry, Fit::Exactly)),
                Some(Fit::Exactly) => generic = generic.or(Some(entry)),
                Some(Fit::Roughly) => rough = rough.or(Some(entry)),
                None => {}
            }
        }
        let generic = generic.map(|entry| to_match(entry, Fit::Exactly));
        generic.or_else(|| rough.filter(|entry| !entry.label.is_tool).map(|entry| to_match(entry, Fit::Roughly)))
    }

    /// The kind of link that has such an MTU.
    pub fn link(&self, mtu: u16) -> Option<&str> {
        self.mtus.iter().find(|(of, _)| *of == mtu).map(|(_, label)| label.as_str())
    }
}

fn to_match(entry: &Entry<Signature>, fit: Fit) -> P0fMatch {
    P0fMatch {
        label: entry.label.text(),
        is_generic: entry.label.is_generic,
        is_rough: fit == Fit::Roughly,
        line: entry.line,
    }
}

#[cfg(test)]
mod tests {
    use super::{Observed, P0fBook, Signature};

    const BOOK: &str = "\
; made up for this test
classes = unix,win
[mtu]
label = Ethernet
sig = 1500
[tcp:request]
label = g:unix:Any:
sig = *:64:0:*:*,*:mss,sok,ts,nop,ws:df,id+:0
label = s:unix:Penguin:5 and newer
sys = @unix
sig = *:64:0:*:mss*44,7:mss,sok,ts,nop,ws:df,id+:0
sig = 4:54+10:0:1460:%8192,*:mss:df:*
label = s:!:Scanner:
sys = @unix
sig = *:64-:0:1460:1024,0:mss::0
[tcp:response]
label = s:win:Window:7
sig = *:128:0:*:8192,0:mss:df,id+:0
[http:request]
ua_os = Linux,iOS=[iPad]
label = s:!:browser:1
sys = Linux
sig = 1:Host,Connection=[x]:Accept:agent
";

    fn find(raw: &str, window: u16, is_answer: bool) -> Option<(String, bool, bool)> {
        let packet = Observed::new(raw, window, 1460).expect("a raw signature");
        let book = P0fBook::read(BOOK).expect("the book is right");
        book.find(&packet, is_answer).map(|found| (found.label, found.is_generic, found.is_rough))
    }

    #[test]
    fn a_system_wins_over_a_family_and_what_fits_over_what_nearly_fits() {
        let linux = |window: &str, quirks: &str| format!("4:60+4:0:1460:{window},7:mss,sok,ts,nop,ws:{quirks}:0");
        let found = |raw: &str, window| find(raw, window, false);
        assert_eq!(found(&linux("mss*44", "df,id+"), 64_240), Some(("Penguin 5 and newer".into(), false, false)));
        assert_eq!(found(&linux("mss*20", "df,id+"), 29_200), Some(("Any".into(), true, false)));
        // ECN was added and DF taken away; then a quirk that nobody adds on the way.
        assert_eq!(found(&linux("mss*44", "id+,ecn"), 64_240), Some(("Any".into(), true, true)));
        assert_eq!(found(&linux("mss*44", "df,id+,seq-"), 64_240), None);
        assert_eq!(found("4:60+4:0:1460:16384,0:mss:df:+", 16_384), Some(("Penguin 5 and newer".into(), false, false)));
        assert_eq!(found("6:60+4:0:1460:16384,0:mss:df:+", 16_384), None, "of another version");
    }

    #[test]
    fn tools_are_not_guessed_and_answers_are_apart() {
        assert_eq!(find("4:40+24:0:1460:1024,0:mss::0", 1024, false), Some(("Scanner".into(), false, false)));
        assert_eq!(find("4:40+24:0:1460:1024,0:mss:ecn:0", 1024, false), None);
        assert_eq!(find("4:128+0:0:1460:8192,0:mss:df,id+:0", 8192, true), Some(("Window 7".into(), false, false)));
        assert_eq!(find("4:128+0:0:1460:8192,0:mss:df,id+:0", 8192, false), None);
    }

    #[test]
    fn heads_of_http_have_the_first_signature_that_fits() {
        let book = P0fBook::read(BOOK).expect("the book is right");
        let find =
            |raw: &str, is_answer| book.find_head(raw, is_answer).map(|(found, is_honest)| (found.label, is_honest));
        let browser = Some(("browser 1".to_owned(), true));
        assert_eq!(
            find("1:Host,?Cookie,Connection=[axb]:Accept:the agent", false),
            browser,
            "others may stand between"
        );
        assert_eq!(find("1:Host,Connection=[x]::curl", false), Some(("browser 1".to_owned(), false)), "it pretends");
        assert_eq!(find("1:Host,Connection=[x]::", false), browser, "who says nothing does not pretend");
        for raw in [
            "0:Host,Connection=[x]::agent",
            "1:Connection=[x],Host::agent",
            "1:Host,Connection=[y]::agent",
            "1:Host,Connection::agent",
            "1:Host,Connection=[x],Accept=[*/*]::agent",
            "nonsense",
        ] {
            assert_eq!(find(raw, false), None, "{raw}");
        }
        assert_eq!(find("1:Host,Connection=[x]::agent", true), None, "of answers there is none");
    }

    #[test]
    fn all_of_the_syntax_is_read_and_what_is_wrong_is_said_with_its_line() {
        let book = P0fBook::read(BOOK).expect("the book is right");
        assert_eq!((book.len(), book.link(1500), book.link(1)), (6, Some("Ethernet"), None));
        for (text, line, why) in [
            ("[tcp]", 1, "no section"),
            ("\n[mtu]\nsig = 1500", 3, "follows a label"),
            ("[mtu]\nlabel = x\nsig = many", 3, "no MTU"),
            ("[tcp:request]\nlabel = x\nsig = 1", 3, "a label is"),
            ("[tcp:request]\nlabel = s:a:b:c\nsig = 1:2", 3, "8 parts"),
            ("[tcp:request]\nlabel = s:a:b:c\nsig = *:64:0:*:*,*:mss,huh::0", 3, "huh is no option"),
            ("[tcp:request]\nlabel = s:a:b:c\nsig = *:64:0:*:*,*:mss:huh:0", 3, "huh is no quirk"),
            ("[tcp:request]\nlabel = s:a:b:c\nsig = *:300:0:*:*,*:mss::0", 3, "no hop limit"),
            ("[tcp:request]\nlabel = s:a:b:c\nsig = *:64:0:*:%0,*:mss::0", 3, "no window"),
            ("[http:request]\nlabel = s:a:b:c\nsig = 1:A,B=[c:D:e", 3, "the value of B has no end"),
            ("[http:request]\nlabel = s:a:b:c\nsig = 3:A:B:c", 3, "no version"),
            ("[http:request]\nlabel = s:a:b:c\nsig = 1:A", 3, "a comma or a colon"),
            ("[http:request]\nlabel = s:a:b:c\nsig = 1:A:B", 3, "4 parts"),
            ("words", 1, "neither"),
            ("sys = x", 1, "does not belong"),
        ] {
            let error = P0fBook::read(text).expect_err(text);
            assert_eq!(error.line, line, "{error}");
            assert!(error.why.contains(why), "{error}");
        }
    }

    #[test]
    fn nothing_makes_a_panic() {
        for text in ["", ":::::::", "*:*:*:*:*:*:*:*", "4:255+255:0:0:0,0::+:0", "[", "=", "label = \u{fffd}"] {
            let _ = (P0fBook::read(text), Signature::read(text), Observed::new(text, 0, 0));
        }
    }
}
