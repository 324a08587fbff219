//! Zeek's words for numbers and for what Firstlight calls otherwise.

use std::borrow::Cow;

/// Numbers and names of cipher suites.
const CIPHER_SUITES: &str = include_str!("cipher-suites.tsv");

/// A service.
pub(super) fn service(name: &'static str) -> &'static str {
    match name {
        "tls" | "dtls" => "ssl",
        "mdns" | "llmnr" | "netbios_ns" => "dns",
        "kerberos" => "krb",
        "postgresql" => "postgresql",
        other => other,
    }
}

/// A cipher suite by its number; `unknown-N` for one that is not registered.
pub(super) fn cipher(number: u64) -> Cow<'static, str> {
    let hex = format!("{number:04x}\t");
    let name = CIPHER_SUITES.lines().find_map(|line| line.strip_prefix(hex.as_str()));
    name.map_or_else(|| Cow::Owned(format!("unknown-{number}")), Cow::Borrowed)
}

/// A group by its number (IANA, TLS Supported Groups), those that TLS 1.3 agrees on.
pub(super) fn group(number: u64) -> Cow<'static, str> {
    Cow::Borrowed(match number {
        23 => "secp256r1",
        24 => "secp384r1",
        25 => "secp521r1",
        29 => "x25519",
        30 => "x448",
        31 => "brainpoolP256r1tls13",
        32 => "brainpoolP384r1tls13",
        33 => "brainpoolP512r1tls13",
        41 => "curveSM2",
        256 => "ffdhe2048",
        257 => "ffdhe3072",
        258 => "ffdhe4096",
        259 => "ffdhe6144",
        260 => "ffdhe8192",
        512 => "MLKEM512",
        513 => "MLKEM768",
        514 => "MLKEM1024",
        4587 => "SecP256r1MLKEM768",
        4588 => "X25519MLKEM768",
        4589 => "SecP384r1MLKEM1024",
        16_696 => "CECPQ2",
        25_497 => "X25519Kyber768Draft00",
        25_498 => "SecP256r1Kyber768Draft00",
        _ => return Cow::Owned(format!("unknown-{number}")),
    })
}

/// `TLSv12` of `TLS 1.2`.
pub(super) fn tls_version(text: &str) -> String {
    match text.split_once(' ') {
        Some((protocol, version)) if version.len() <= 3 => format!("{protocol}v{}", version.replace('.', "")),
        _ => text.to_owned(),
    }
}

/// `1` of `QUIC v1`, `quicv2` of `QUIC v2`.
pub(super) fn quic_version(text: &str) -> String {
    match text {
        "QUIC v1" => "1".to_owned(),
        "QUIC v2" => "quicv2".to_owned(),
        _ => text.split_once(' ').map_or(text, |(_, version)| version).to_owned(),
    }
}

/// `handshake_failure` of `fatal: handshake failure`.
pub(super) fn alert(text: &str) -> String {
    let description = text.split_once(": ").map_or(text, |(_, description)| description);
    match description.strip_prefix("alert ") {
        Some(number) => format!("unknown-{number}"),
        None => description.to_ascii_lowercase().replace(' ', "_"),
    }
}

/// A class of the DNS.
pub(super) fn class(number: u16) -> Cow<'static, str> {
    Cow::Borrowed(match number {
        1 => "C_INTERNET",
        2 => "C_CSNET",
        3 => "C_CHAOS",
        4 => "C_HESIOD",
        254 => "C_NONE",
        255 => "C_ANY",
        _ => return Cow::Owned(format!("qclass-{number}")),
    })
}

/// A response code of the DNS.
pub(super) fn response_code(number: u16) -> Cow<'static, str> {
    Cow::Borrowed(match number {
        0 => "NOERROR",
        1 => "FORMERR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        6 => "YXDOMAIN",
        7 => "YXRRSET",
        8 => "NXRRSet",
        9 => "NOTAUTH",
        10 => "NOTZONE",
        11..=15 => return Cow::Owned(format!("unassigned-{number}")),
        16 => "BADVERS",
        23 => "BADCOOKIE",
        _ => return Cow::Owned(format!("rcode-{number}")),
    })
}

/// A type of record of the DNS (IANA, DNS Parameters).
pub(super) fn record_type(number: u16) -> Cow<'static, str> {
    const FIRST: [&str; 65] = [
        "A",
        "NS",
        "MD",
        "MF",
        "CNAME",
        "SOA",
        "MB",
        "MG",
        "MR",
        "NULL",
        "WKS",
        "PTR",
        "HINFO",
        "MINFO",
        "MX",
        "TXT",
        "RP",
        "AFSDB",
        "X25",
        "ISDN",
        "RT",
        "NSAP",
        "NSAP-PTR",
        "SIG",
        "KEY",
        "PX",
        "GPOS",
        "AAAA",
        "LOC",
        "NXT",
        "EID",
        "NIMLOC",
        "SRV",
        "ATMA",
        "NAPTR",
        "KX",
        "CERT",
        "A6",
        "DNAME",
        "SINK",
        "OPT",
        "APL",
        "DS",
        "SSHFP",
        "IPSECKEY",
        "RRSIG",
        "NSEC",
        "DNSKEY",
        "DHCID",
        "NSEC3",
        "NSEC3PARAM",
        "TLSA",
        "SMIMEA",
        "",
        "HIP",
        "NINFO",
        "RKEY",
        "TALINK",
        "CDS",
        "CDNSKEY",
        "OPENPGPKEY",
        "CSYNC",
        "ZONEMD",
        "SVCB",
        "HTTPS",
    ];
    let first = usize::from(number).checked_sub(1).and_then(|at| FIRST.get(at)).filter(|name| !name.is_empty());
    Cow::Borrowed(match number {
        _ if first.is_some() => first.copied().unwrap_or_default(),
        99 => "SPF",
        108 => "EUI48",
        109 => "EUI64",
        249 => "TKEY",
        250 => "TSIG",
        251 => "IXFR",
        252 => "AXFR",
        253 => "MAILB",
        254 => "MAILA",
        255 => "*",
        256 => "URI",
        257 => "CAA",
        32_768 => "TA",
        32_769 => "DLV",
        65_281 => "WINS",
        65_282 => "WINS-R",
        _ => return Cow::Owned(format!("query-{number}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_zeeks() {
        assert_eq!((cipher(0x1301), cipher(0x9999)), ("TLS_AES_128_GCM_SHA256".into(), "unknown-39321".into()));
        assert_eq!((record_type(1), record_type(28), record_type(65)), ("A".into(), "AAAA".into(), "HTTPS".into()));
        assert_eq!((record_type(54), record_type(0)), ("query-54".into(), "query-0".into()));
        assert_eq!((tls_version("TLS 1.3"), tls_version("SSL 3")), ("TLSv13".to_owned(), "SSLv3".to_owned()));
        assert_eq!((tls_version("DTLS 1.2"), quic_version("QUIC v1")), ("DTLSv12".to_owned(), "1".to_owned()));
        assert_eq!((quic_version("gQUIC Q046"), quic_version("QUIC v2")), ("Q046".to_owned(), "quicv2".to_owned()));
        assert_eq!(alert("fatal: bad record MAC"), "bad_record_mac");
        assert_eq!(alert("warning: alert 99"), "unknown-99");
    }

    #[test]
    fn every_line_of_the_table_is_a_number_and_a_name_in_order() {
        let numbers: Vec<u16> = CIPHER_SUITES
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                let (number, name) = line.split_once('\t').unwrap();
                assert!(name.starts_with("TLS_"), "{line}");
                u16::from_str_radix(number, 16).unwrap()
            })
            .collect();
        assert!(numbers.len() > 300 && numbers.is_sorted());
    }
}
