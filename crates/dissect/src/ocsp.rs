//! The Online Certificate Status Protocol inside HTTP (RFC 6960): what is asked, and what the answer is, in words.
//!
//! Left out: signatures, which certificate it is about, extensions.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use x509_parser::asn1_rs::{Any, FromBer, Tag};

/// Certificates of one message that are counted.
const CERTIFICATES: usize = 64;

/// Base64 (RFC 4648 s. 4) with or without padding.
pub(crate) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads an OCSPRequest (s. 4.1.1): `OCSP request for 1 certificate`.
pub fn request(der: &[u8]) -> Option<String> {
    let to_be_signed = sequence(sequence(der)?)?;
    // Version and requestor name are optional and carry context tags; the list of requests is the first sequence.
    let list = elements(to_be_signed).find(|element| element.tag() == Tag::Sequence)?;
    match elements(list.data).filter(|element| element.tag() == Tag::Sequence).take(CERTIFICATES).count() {
        0 => None,
        1 => Some("OCSP request for 1 certificate".into()),
        count => Some(format!("OCSP request for {count} certificates")),
    }
}

/// Reads the request in the last part of a path, in base64 with percent signs (appendix A.1).
pub fn request_in_path(path: &str) -> Option<String> {
    let decoded = percent_decoded(path);
    // The base64 itself may hold slashes: the longest tail that is a request counts.
    decoded.match_indices('/').take(16).find_map(|(slash, _)| {
        let tail = decoded.get(slash + 1..)?;
        request(&BASE64.decode(tail).ok()?)
    })
}

/// Reads an OCSPResponse (s. 4.2.1): `OCSP response: good, this update 2024-05-01 12:00:00, next update …`.
pub fn response(der: &[u8]) -> Option<String> {
    let mut parts = elements(sequence(der)?);
    let status = parts.next()?;
    let [status] = *status.data else { return None };
    let status = match status {
        0 => None,
        1 => Some("malformed request"),
        2 => Some("internal error"),
        3 => Some("try later"),
        5 => Some("signature required"),
        6 => Some("unauthorized"),
        _ => Some("unknown status"),
    };
    if let Some(status) = status {
        return Some(format!("OCSP response: {status}"));
    }
    let answer = basic_answer(parts.next()?.data);
    Some(answer.unwrap_or_else(|| "OCSP response: successful".into()))
}

/// From responseBytes down to the first single response.
fn basic_answer(explicit: &[u8]) -> Option<String> {
    let octets = elements(sequence(explicit)?).find(|element| element.tag() == Tag::OctetString)?;
    let data = sequence(sequence(octets.data)?)?;
    let list = elements(data).find(|element| element.tag() == Tag::Sequence && starts_with_sequence(element.data))?;
    let mut single = elements(sequence(list.data)?);
    let _certificate = single.next()?;
    let status = match single.next()?.tag().0 {
        0 => "good",
        1 => "revoked",
        2 => "unknown",
        _ => return None,
    };
    let this_update = single.next().and_then(|time| generalized_time(time.data));
    let next_update = single.next().filter(|element| element.tag().0 == 0).and_then(|explicit| {
        let time = elements(explicit.data).next()?;
        generalized_time(time.data)
    });
    let mut text = format!("OCSP response: {status}");
    if let Some(time) = this_update {
        text += &format!(", this update {time}");
    }
    if let Some(time) = next_update {
        text += &format!(", next update {time}");
    }
    Some(text)
}

/// The list of responses is the sequence of sequences; a responder's name begins with a set.
fn starts_with_sequence(data: &[u8]) -> bool {
    elements(data).next().is_some_and(|element| element.tag() == Tag::Sequence)
}

/// The content of the sequence that `der` begins with.
fn sequence(der: &[u8]) -> Option<&[u8]> {
    elements(der).next().filter(|element| element.tag() == Tag::Sequence).map(|element| element.data)
}

/// The elements one after another; ends at the first that is broken.
fn elements(der: &[u8]) -> impl Iterator<Item = Any<'_>> {
    let mut rest = der;
    std::iter::from_fn(move || {
        let (after, element) = Any::from_ber(rest).ok().filter(|_| !rest.is_empty())?;
        rest = after;
        Some(element)
    })
}

/// `2024-05-01 12:00:00 UTC` of `20240501120000Z`.
fn generalized_time(bytes: &[u8]) -> Option<String> {
    let digits = std::str::from_utf8(bytes.get(..14)?).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
    let part = |from: usize, to: usize| digits.get(from..to);
    Some(format!(
        "{}-{}-{} {}:{}:{} UTC",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    ))
}

fn percent_decoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let code = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = match code.filter(u8::is_ascii) {
            Some(byte) => {
                out.push(char::from(byte));
                after.get(2..).unwrap_or_default()
            }
            None => {
                out.push('%');
                after
            }
        };
    }
    out.push_str(rest);
    out
}
