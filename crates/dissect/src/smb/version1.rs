//! Messages of version 1 (MS-CIFS s. 2.2.3).
//!
//! ```text
//! | 0xff "SMB" | command 8 | status 32 | flags 8 | flags 16 | 20 bytes | words 8 | so many words | bytes 16 | so many bytes |
//! ```

use firstlight_model::Direction;

use super::{DOMAIN, HOST, SOFTWARE, SYSTEM, VERSION, server_of, signs_in};
use crate::Sink;
use crate::lines::Next;
use crate::ntlmssp::utf16;
use crate::words::{say_host, say_text, text};

/// Bytes of offered dialects that are kept.
const OFFERED_LEN_BYTES: usize = 512;

/// A message, taken apart. Numbers have their low byte first.
struct Message<'a> {
    words: &'a [u8],
    bytes: &'a [u8],
    /// Where `bytes` begin in the message: texts of two bytes a letter begin at even places.
    bytes_at: usize,
    is_unicode: bool,
}

impl<'a> Message<'a> {
    fn new(message: &'a [u8]) -> Option<Self> {
        let count = usize::from(*message.get(32)?);
        let bytes_at = 33 + 2 * count + 2;
        Some(Self {
            words: message.get(33..33 + 2 * count)?,
            bytes: message.get(bytes_at..)?,
            bytes_at,
            is_unicode: message.get(11)? & 0x80 != 0,
        })
    }

    fn word(&self, number: usize) -> usize {
        let word = self.words.get(2 * number..2 * number + 2).and_then(<[u8]>::first_chunk);
        word.map_or(0, |word| usize::from(u16::from_le_bytes(*word)))
    }

    /// The texts from a place in `bytes` on.
    fn texts(&self, mut at: usize) -> impl Iterator<Item = String> {
        if self.is_unicode {
            at += (self.bytes_at + at) % 2;
        }
        std::iter::from_fn(move || {
            let rest = self.bytes.get(at..).filter(|rest| !rest.is_empty())?;
            if self.is_unicode {
                let len = rest.chunks_exact(2).take_while(|pair| *pair != [0, 0]).count() * 2;
                at += len + 2;
                Some(utf16(rest.get(..len)?))
            } else {
                let len = rest.iter().take_while(|byte| **byte != 0).count();
                at += len + 1;
                Some(text(rest.get(..len)?).into_owned())
            }
        })
    }
}

/// Says what a message says; the dialects that a request offers are kept for its answer.
pub(crate) fn message(offered: &mut Vec<u8>, direction: Direction, bytes: &[u8], sink: &mut dyn Sink) -> Next {
    let (Some(command), Some(flags)) = (bytes.get(4), bytes.get(9)) else { return Next::Go };
    let is_answer = flags & 0x80 != 0;
    let Some(message) = Message::new(bytes) else { return Next::Go };
    match (command, is_answer) {
        (0x72, false) => {
            offered.clear();
            offered.extend(message.bytes.iter().take(OFFERED_LEN_BYTES));
        }
        (0x72, true) => {
            // Each offered dialect begins with 2 and ends with 0.
            let agreed = offered.split(|byte| *byte == 0).nth(message.word(0)).unwrap_or_default();
            let agreed = text(agreed.strip_prefix(&[2]).unwrap_or(agreed));
            if !agreed.is_empty() && !agreed.starts_with("SMB 2") {
                say_text(&VERSION, direction, &format!("SMB1 {agreed}"), sink);
            }
            let has_names = message.words.len() == 34 && message.words.get(22).is_some_and(|high| high & 0x80 == 0);
            if has_names {
                // Its names come unaligned, as both Windows and Samba send them.
                let challenge = message.words.last().map_or(0, |len| usize::from(*len));
                let names = message.bytes.get(challenge..).unwrap_or_default();
                let domain = if message.is_unicode {
                    utf16(names)
                } else {
                    text(names.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned()
                };
                say_text(&DOMAIN, direction, &domain, sink);
                let after = if message.is_unicode { 2 * domain.encode_utf16().count() + 2 } else { domain.len() + 1 };
                let rest = names.get(after..).unwrap_or_default();
                let host = if message.is_unicode {
                    utf16(rest)
                } else {
                    text(rest.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned()
                };
                say_host(&HOST, direction, host.as_bytes(), sink);
            }
        }
        (0x73, _) => {
            signs_in(direction, bytes, sink);
            // Before the texts stand passwords or a security blob; a plain request then names user and domain first.
            let (at, before) = match (is_answer, message.words.len() / 2) {
                (true, 3) => (0, 0),
                (true, 4) => (message.word(3), 0),
                (false, 12) => (message.word(7), 0),
                (false, 13) => (message.word(7) + message.word(8), 2),
                _ => return Next::Go,
            };
            let mut texts = message.texts(at).skip(before);
            say_text(&SYSTEM, direction, &texts.next().unwrap_or_default(), sink);
            say_text(&SOFTWARE, direction, &texts.next().unwrap_or_default(), sink);
            if is_answer {
                say_text(&DOMAIN, direction, &texts.next().unwrap_or_default(), sink);
            }
        }
        (0x75, false) => {
            let path = message.texts(message.word(3)).next().unwrap_or_default();
            server_of(direction, &path, sink);
        }
        (0x75, true) => return Next::Enough,
        _ => {}
    }
    Next::Go
}
