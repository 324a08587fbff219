//! JA3 and JA3S (salesforce/ja3) and JA4 (FoxIO, the part under the BSD licence): what a hello looks like, in short.
//!
//! JA3 is an MD5 digest of numbers in their order. JA4 is made of counts in sight, and of SHA-256 digests of sorted lists,
//! so that programs which shuffle their extensions stay the same. Left out: the other fingerprints of the JA4+ family,
//! whose licence does not allow them here.

use std::fmt::Write;

use md5::{Digest, Md5};
use sha2::Sha256;

use super::hello::{ClientHello, ServerHello, extension, is_grease};

/// What carries the hello: the first letter of a JA4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// TLS over TCP.
    Tcp,
    /// QUIC.
    Quic,
    /// DTLS.
    Dtls,
}

/// A JA4 in both forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ja4 {
    /// With digests.
    pub hashed: String,
    /// With the lists in place of their digests (JA4_r).
    pub raw: String,
}

/// The text of a JA3: version, ciphers, extensions, groups, point formats, without reserved values.
pub fn ja3_raw(hello: &ClientHello<'_>) -> String {
    let parts = [
        hello.legacy_version.to_string(),
        joined(hello.ciphers()),
        joined(hello.extensions().map(|(kind, _)| kind)),
        joined(hello.groups()),
        joined(hello.point_formats().iter().map(|&format| format.into())),
    ];
    parts.join(",")
}

/// The text of a JA3S: version, cipher, extensions.
pub fn ja3s_raw(hello: &ServerHello<'_>) -> String {
    format!("{},{},{}", hello.legacy_version, hello.cipher, joined(hello.extensions().map(|(kind, _)| kind)))
}

fn joined(numbers: impl Iterator<Item = u16>) -> String {
    let mut text = String::new();
    for number in numbers.filter(|&number| !is_grease(number)) {
        if !text.is_empty() {
            text.push('-');
        }
        // Writing to a string does not fail.
        let _ = write!(text, "{number}");
    }
    text
}

/// MD5 in lower-case hexadecimal.
pub fn md5_hex(text: &str) -> String {
    hex(&Md5::digest(text))
}

/// The JA4 of a hello.
pub fn ja4(hello: &ClientHello<'_>, carried: Carried) -> Ja4 {
    let mut ciphers: Vec<u16> = hello.ciphers().filter(|&cipher| !is_grease(cipher)).collect();
    let mut extensions: Vec<u16> = hello.extensions().map(|(kind, _)| kind).filter(|&kind| !is_grease(kind)).collect();
    let readable = format!(
        "{}{}{}{:02}{:02}{}",
        match carried {
            Carried::Tcp => 't',
            Carried::Quic => 'q',
            Carried::Dtls => 'd',
        },
        version_digits(hello.highest_version()),
        if extensions.contains(&extension::SERVER_NAME) { 'd' } else { 'i' },
        ciphers.len().min(99),
        extensions.len().min(99),
        alpn_ends(hello.alpn().next().unwrap_or_default()),
    );
    ciphers.sort_unstable();
    extensions.retain(|kind| !matches!(*kind, extension::SERVER_NAME | extension::ALPN));
    extensions.sort_unstable();
    let ciphers = hex_list(ciphers.into_iter());
    let mut rest = hex_list(extensions.into_iter());
    let signatures = hex_list(hello.signature_algorithms().filter(|&algorithm| !is_grease(algorithm)));
    let has_extensions = !rest.is_empty();
    if !signatures.is_empty() {
        rest = format!("{rest}_{signatures}");
    }
    let digest = |text: &str, is_there: bool| {
        if is_there { hex(Sha256::digest(text).get(..6).unwrap_or_default()) } else { "000000000000".to_owned() }
    };
    Ja4 {
        hashed: format!("{readable}_{}_{}", digest(&ciphers, !ciphers.is_empty()), digest(&rest, has_extensions)),
        raw: format!("{readable}_{ciphers}_{rest}"),
    }
}

fn version_digits(version: u16) -> &'static str {
    match version {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        0xfeff => "d1",
        0xfefd => "d2",
        0xfefc => "d3",
        _ => "00",
    }
}

/// First and last character of the first protocol; of its hexadecimal digits where one of the two is no letter or digit.
fn alpn_ends(protocol: &[u8]) -> String {
    match (protocol.first(), protocol.last()) {
        (Some(first), Some(last)) if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() => {
            [char::from(*first), char::from(*last)].iter().collect()
        }
        (Some(first), Some(last)) => format!("{:x}{:x}", first >> 4, last & 0xf),
        _ => "00".to_owned(),
    }
}

fn hex_list(numbers: impl Iterator<Item = u16>) -> String {
    numbers.map(|number| format!("{number:04x}")).collect::<Vec<_>>().join(",")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpn_follows_foxio_for_bytes_that_are_no_letters() {
        let cases: [(&[u8], &str); 9] = [
            (b"", "00"),
            (b"h2", "h2"),
            (b"http/1.1", "h1"),
            (b"\xab", "ab"),
            (b"\xab\xcd", "ad"),
            (b"\x30\xab", "3b"),
            (b"\x30\x31\xab\xcd", "3d"),
            (b"\x30\xab\xcd\x31", "01"),
            (b"h", "hh"),
        ];
        for (protocol, expected) in cases {
            assert_eq!(alpn_ends(protocol), expected, "{protocol:?}");
        }
    }
}
