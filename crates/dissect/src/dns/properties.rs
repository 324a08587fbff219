//! Properties of a device in text records of DNS-SD (RFC 6763 s. 6): strings with a length in front, `key=value`.
//!
//! The keys are not in a standard: `model` (Apple's `_device-info`), `am` (AirPlay, RAOP), `md` (HomeKit, Google Cast), `ty`
//! (printers) name the model; `fn` (Google Cast) the name that the owner gave. Left out: all other keys.

use super::message::{Message, Name};
use crate::limits::DNS_TEXT_LEN_BYTES;
use crate::reader::Reader;

/// What was found in a record.
#[derive(Debug, Clone, Copy, Default)]
pub struct Properties {
    /// Model of the device.
    pub model: Option<Name>,
    /// Name that its owner gave it.
    pub name: Option<Name>,
}

/// Reads the record data; `None` when nothing is of use.
pub(super) fn read(message: &mut Message, data: &[u8]) -> Option<Properties> {
    let mut strings = Reader(data);
    let mut found = Properties::default();
    while let Some(string) = strings.vec8() {
        let Some(equals) = string.iter().position(|&byte| byte == b'=') else { continue };
        let (Some(key), Some(value)) = (string.get(..equals), string.get(equals + 1..)) else { continue };
        let slot = match key {
            b"model" | b"am" | b"md" | b"ty" => &mut found.model,
            b"fn" => &mut found.name,
            _ => continue,
        };
        let start = message.text.len();
        if slot.is_none() && !value.is_empty() && start < DNS_TEXT_LEN_BYTES {
            message.text.push_str(&String::from_utf8_lossy(value));
            *slot = Some(Name { start, end: message.text.len() });
        }
    }
    (found.model.is_some() || found.name.is_some()).then_some(found)
}
