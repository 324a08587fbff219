//! Service bindings, the records SVCB and HTTPS (RFC 9460): what a client may know of a service before it connects.
//!
//! ```text
//! | priority 16 | target name, not compressed | and per parameter: key 16 | length 16 | value … |
//! ```
//!
//! Read are the protocols (`alpn`), the hints of addresses, and of the configurations for encrypted hellos (RFC 9848,
//! RFC 9849 s. 4) the public name. Left out: port, mandatory keys, the keys themselves.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::message::{Message, Name, Stop};
use crate::limits::{DNS_RECORDS, DNS_TEXT_LEN_BYTES};
use crate::reader::Reader;

/// One record.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Where the service is; the root stands for the owner itself.
    pub target: Name,
    /// Protocols with commas.
    pub alpn: Option<Name>,
    /// The name that an encrypted hello shows outside.
    pub public_name: Option<Name>,
    /// From and to, in [`Message::hints`].
    pub hints: (usize, usize),
}

/// Reads the record data of `len` bytes at `before`.
pub(super) fn read<'b>(
    message: &mut Message,
    bytes: &'b [u8],
    before: Reader<'b>,
    len: usize,
) -> Result<Binding, Stop> {
    let mut reader = before;
    // The priority: only 0, an alias without parameters, is any different.
    reader.u16().ok_or(Stop::Data)?;
    let target = message.name(bytes, &mut reader)?;
    let used = before.0.len() - reader.0.len();
    let mut parameters = Reader(reader.take(len.checked_sub(used).ok_or(Stop::Data)?).ok_or(Stop::Data)?);
    let first_hint = message.hints.len();
    let mut binding = Binding { target, alpn: None, public_name: None, hints: (0, 0) };
    while !parameters.is_empty() {
        let key = parameters.u16().ok_or(Stop::Data)?;
        let value = parameters.vec16().ok_or(Stop::Data)?;
        match key {
            1 => binding.alpn = alpn(message, value),
            4 => hints(message, value.as_chunks().0.iter().map(|&octets: &[u8; 4]| Ipv4Addr::from(octets).into())),
            5 => binding.public_name = public_name(value).and_then(|name| text(message, name)),
            6 => hints(message, value.as_chunks().0.iter().map(|&octets: &[u8; 16]| Ipv6Addr::from(octets).into())),
            _ => {}
        }
    }
    binding.hints = (first_hint, message.hints.len());
    Ok(binding)
}

fn hints(message: &mut Message, addresses: impl Iterator<Item = std::net::IpAddr>) {
    let room = DNS_RECORDS.saturating_sub(message.hints.len());
    message.hints.extend(addresses.take(room));
}

fn alpn(message: &mut Message, value: &[u8]) -> Option<Name> {
    let mut list = Reader(value);
    let start = message.text.len();
    while let Some(protocol) = list.vec8()
        && message.text.len() < DNS_TEXT_LEN_BYTES
    {
        if message.text.len() > start {
            message.text.push(',');
        }
        message.text.push_str(&String::from_utf8_lossy(protocol));
    }
    (message.text.len() > start).then_some(Name { start, end: message.text.len() })
}

fn text(message: &mut Message, bytes: &[u8]) -> Option<Name> {
    let start = message.text.len();
    if bytes.is_empty() || start >= DNS_TEXT_LEN_BYTES {
        return None;
    }
    message.text.push_str(&String::from_utf8_lossy(bytes).to_ascii_lowercase());
    Some(Name { start, end: message.text.len() })
}

/// The public name of the first configuration of the one version that there is.
fn public_name(value: &[u8]) -> Option<&[u8]> {
    const VERSION: u16 = 0xfe0d;
    let mut list = Reader(Reader(value).vec16()?);
    loop {
        let version = list.u16()?;
        let contents = list.vec16()?;
        if version != VERSION {
            continue;
        }
        let mut contents = Reader(contents);
        // Identifier, mechanism, public key, cipher suites, longest name.
        contents.u8()?;
        contents.u16()?;
        contents.vec16()?;
        contents.vec16()?;
        contents.u8()?;
        return contents.vec8();
    }
}

#[cfg(test)]
mod tests {
    use super::public_name;

    #[test]
    fn configurations_of_other_versions_are_stepped_over() {
        let list = b"\0\x1e\xfe\x0a\0\x02zz\xfe\x0d\0\x14\x01\0\x20\0\x02kk\0\x04\0\x01\0\x01\0\x03a.b\0\0";
        assert_eq!(public_name(list), Some(&b"a.b"[..]));
        assert_eq!(public_name(&list[..20]), None);
        assert_eq!(public_name(b"\0\x06\xfe\x0a\0\x02zz"), None);
    }
}
