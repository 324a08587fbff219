//! One message (RFC 4120 s. 5.4).

use firstlight_model::Direction;

use super::{MACHINE, REALM, SERVICE};
use crate::Sink;
use crate::ber::{self, OCTET_STRING, SEQUENCE};
use crate::reader::Reader;
use crate::words::{say, say_host, say_text, text};

/// GeneralString, as realms and names are.
const GENERAL_STRING: u8 = 0x1b;

/// Does a message of `len` bytes begin here, of which `bytes` are there?
pub(crate) fn is_message(bytes: &[u8], len: usize) -> bool {
    let Some((tag, head_len, contents_len)) = ber::head(bytes) else { return false };
    // [APPLICATION 10 to 15] and 20 to 22 and 30.
    if !matches!(tag, 0x6a..=0x6f | 0x74..=0x76 | 0x7e) || head_len + contents_len != len {
        return false;
    }
    let Some((SEQUENCE, inner_len, _)) = bytes.get(head_len..).and_then(ber::head) else { return false };
    let version = bytes.get(head_len + inner_len..).unwrap_or_default();
    version.starts_with(b"\xa0\x03\x02\x01\x05") || version.starts_with(b"\xa1\x03\x02\x01\x05")
}

/// Says what a request or an error says.
pub(crate) fn observe(direction: Direction, bytes: &[u8], sink: &mut dyn Sink) -> Option<()> {
    let (tag, contents) = ber::next(&mut Reader(bytes))?;
    let fields = ber::expect(&mut Reader(contents), SEQUENCE)?;
    match tag {
        0x6a | 0x6c => {
            let body = ber::find(ber::find(fields, 0xa4)?, SEQUENCE)?;
            if let Some(account) = ber::find(body, 0xa1).and_then(machine_account) {
                say_host(&MACHINE, direction, account, sink);
            }
            if let Some(realm) = ber::find(body, 0xa2).and_then(|realm| ber::find(realm, GENERAL_STRING)) {
                say(&REALM, direction, realm, sink);
            }
            service(direction, ber::find(body, 0xa3), sink);
            if let Some(name) = ber::find(body, 0xa9).and_then(netbios_address) {
                say_host(&MACHINE, direction, name, sink);
            }
        }
        0x7e => {
            if let Some(realm) = ber::find(fields, 0xa9).and_then(|realm| ber::find(realm, GENERAL_STRING)) {
                say(&REALM, direction, realm, sink);
            }
            service(direction, ber::find(fields, 0xaa), sink);
        }
        _ => {}
    }
    Some(())
}

/// The strings of a principal's name (RFC 4120 s. 5.2.2).
fn strings(principal: &[u8]) -> Option<Reader<'_>> {
    let name = ber::find(principal, SEQUENCE)?;
    Some(Reader(ber::find(ber::find(name, 0xa1)?, SEQUENCE)?))
}

fn service(direction: Direction, principal: Option<&[u8]>, sink: &mut dyn Sink) {
    say_text(&SERVICE, direction, &principal.and_then(service_name).unwrap_or_default(), sink);
}

/// `cifs/files.example.org`. A service has two names or more: one alone may be a user's.
fn service_name(principal: &[u8]) -> Option<String> {
    let mut strings = strings(principal)?;
    let mut name = String::new();
    let mut count = 0;
    while let Some(string) = ber::expect(&mut strings, GENERAL_STRING) {
        if count > 0 {
            name.push('/');
        }
        name.push_str(&text(string));
        count += 1;
        if count == 4 {
            break;
        }
    }
    (count >= 2).then_some(name)
}

/// The service of the first ticket that stands within another protocol (GSS-API, RFC 4121 s. 4.1, in SPNEGO or not): what
/// the client wants to speak with, for example `ldap/dc1.example.org`.
pub(crate) fn service_of_ticket(bytes: &[u8]) -> Option<String> {
    // The mechanism 1.2.840.113554.1.2.2, and a request (AP-REQ).
    const TOKEN: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00";
    let at = memchr::memmem::find(bytes, TOKEN)?;
    let request = ber::expect(&mut Reader(bytes.get(at + TOKEN.len()..)?), 0x6e)?;
    let fields = ber::expect(&mut Reader(request), SEQUENCE)?;
    let ticket = ber::find(ber::find(fields, 0xa3)?, 0x61)?;
    service_name(ber::find(ber::find(ticket, SEQUENCE)?, 0xa2)?)
}

/// The host of such a service.
pub(crate) fn host_of_ticket(bytes: &[u8]) -> Option<String> {
    let service = service_of_ticket(bytes)?;
    crate::words::host(service.split('/').nth(1)?.as_bytes())
}

/// The machine whose account this is.
fn machine_account(principal: &[u8]) -> Option<&[u8]> {
    let mut strings = strings(principal)?;
    let name = ber::expect(&mut strings, GENERAL_STRING)?;
    let host = if name == b"host" { ber::expect(&mut strings, GENERAL_STRING)? } else { name.strip_suffix(b"$")? };
    Some(host)
}

/// The NetBIOS name among the host addresses (type 20).
fn netbios_address(addresses: &[u8]) -> Option<&[u8]> {
    let mut list = Reader(ber::find(addresses, SEQUENCE)?);
    while let Some(address) = ber::expect(&mut list, SEQUENCE) {
        if ber::find(address, 0xa0).and_then(|kind| ber::find(kind, ber::INTEGER)) == Some(&[20]) {
            let name = ber::find(ber::find(address, 0xa1)?, OCTET_STRING)?;
            // Fifteen bytes filled with blanks, and the kind.
            return name.get(..15).map(<[u8]>::trim_ascii_end);
        }
    }
    None
}
