//! NTLM messages within another protocol (MS-NLMP s. 2.2.1): names of machine and domain, version of the system.
//!
//! ```text
//! | "NTLMSSP" 0 | type 32: 1 negotiate, 2 challenge, 3 authenticate | … |        numbers have their low byte first
//! ```
//!
//! Left out: users, answers to the challenge, keys.

/// What a message says of its sender.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Full name of the machine, or else its NetBIOS name.
    pub host: Option<String>,
    /// Domain of the server.
    pub domain: Option<String>,
    /// `Windows 10.0 build 19045`.
    pub system: Option<String>,
}

const SIGNATURE: &[u8] = b"NTLMSSP\0";
const UNICODE: u32 = 1;
const HAS_VERSION: u32 = 0x0200_0000;

/// Reads the first message that stands in `bytes`.
pub(crate) fn find(bytes: &[u8]) -> Option<Facts> {
    let message = bytes.get(memchr::memmem::find(bytes, SIGNATURE)?..)?;
    let mut facts = Facts::default();
    match u32_at(message, 8)? {
        1 => {
            let flags = u32_at(message, 12)?;
            // The names of this message are in the machine's own code page.
            facts.host = field(message, 24).and_then(|name| string(name, 0));
            facts.system = version(message, 32, flags);
        }
        2 => {
            let flags = u32_at(message, 20)?;
            facts.system = version(message, 48, flags);
            let (mut pairs, mut short_host, mut short_domain) = (field(message, 40).unwrap_or_default(), None, None);
            while let Some((kind, value, rest)) = pair(pairs) {
                pairs = rest;
                let text = || string(value, UNICODE);
                match kind {
                    0 => break,
                    1 => short_host = text(),
                    2 => short_domain = text(),
                    3 => facts.host = text(),
                    4 => facts.domain = text(),
                    _ => {}
                }
            }
            facts.host = facts.host.or(short_host);
            facts.domain = facts.domain.or(short_domain);
        }
        3 => {
            let flags = u32_at(message, 60).unwrap_or(UNICODE);
            facts.host = field(message, 44).and_then(|name| string(name, flags));
            facts.system = version(message, 64, flags);
        }
        _ => return None,
    }
    Some(facts)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// What length, room and offset at a place point to.
fn field(message: &[u8], at: usize) -> Option<&[u8]> {
    let len = usize::from(u16_at(message, at)?);
    let start = usize::try_from(u32_at(message, at + 4)?).ok()?;
    message.get(start..start.checked_add(len)?)
}

/// Kind and value of an attribute, and those that follow.
fn pair(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let kind = u16_at(bytes, 0)?;
    let (value, rest) = bytes.get(4..)?.split_at_checked(usize::from(u16_at(bytes, 2)?))?;
    Some((kind, value, rest))
}

fn string(bytes: &[u8], flags: u32) -> Option<String> {
    let text = if flags & UNICODE != 0 { utf16(bytes) } else { crate::words::text(bytes).into_owned() };
    (!text.is_empty()).then_some(text)
}

/// Text of two bytes each, the low one first, up to a zero.
pub(crate) fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| match *pair {
        [low, high] => u16::from_le_bytes([low, high]),
        _ => 0,
    });
    char::decode_utf16(units.take(256).take_while(|unit| *unit != 0))
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Samba gives a version without a build.
fn version(message: &[u8], at: usize, flags: u32) -> Option<String> {
    let build = u16_at(message, at + 2)?;
    let &[major, minor] = message.get(at..)?.first_chunk()?;
    let is_there = flags & HAS_VERSION != 0 && build != 0 && (5..=10).contains(&major);
    is_there.then(|| format!("Windows {major}.{minor} build {build}"))
}
