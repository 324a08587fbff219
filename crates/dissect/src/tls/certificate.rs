//! The names in a chain of certificates (RFC 5246 s. 7.4.2, RFC 5280), by `x509-parser`.
//!
//! Left out: validity, keys, signatures; names of other kinds than DNS.

use firstlight_model::{CertificateFacts, Direction, Observation, Value};
use x509_parser::asn1_rs::Tag;
use x509_parser::parse_x509_certificate;
use x509_parser::prelude::GeneralName;
use x509_parser::x509::AttributeTypeAndValue;

use super::CERTIFICATE;
use crate::Sink;
use crate::limits::{TLS_CERTIFICATE_NAMES, TLS_CERTIFICATES};
use crate::reader::Reader;

/// Says what stands in the chain. False when it is broken or cut.
pub fn observe(body: &[u8], direction: Direction, sink: &mut dyn Sink) -> bool {
    let mut reader = Reader(body);
    let Some(len) = reader.u24() else { return false };
    let is_whole = len == reader.0.len();
    let mut chain = Reader(reader.take_up_to(len));
    for position in 0..TLS_CERTIFICATES {
        if chain.is_empty() {
            break;
        }
        let Some(der) = chain.u24().and_then(|len| chain.take(len)) else { return false };
        let Ok((_, certificate)) = parse_x509_certificate(der) else { return false };
        let subject = certificate.subject().iter_common_name().next().and_then(text);
        let issuer = certificate.issuer();
        let issuer = issuer.iter_common_name().chain(issuer.iter_organization()).find_map(text);
        let alternatives = certificate.subject_alternative_name().ok().flatten();
        let names: Vec<&str> = alternatives
            .iter()
            .flat_map(|alternatives| &alternatives.value.general_names)
            .filter_map(|name| if let GeneralName::DNSName(name) = name { Some(*name) } else { None })
            .take(TLS_CERTIFICATE_NAMES)
            .collect();
        let facts = CertificateFacts {
            subject: subject.as_deref(),
            issuer: issuer.as_deref(),
            names: &names,
            position: u32::try_from(position).unwrap_or(u32::MAX),
        };
        sink.observe(Observation { field: &CERTIFICATE, direction, value: Value::Certificate(facts) });
    }
    is_whole
}

/// The text of an attribute in any of the string types that certificates use.
fn text(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let value = attribute.attr_value();
    let text = if value.tag() == Tag::BmpString {
        let units = value.data.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(u16::from_be_bytes);
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        String::from_utf8_lossy(value.data).into_owned()
    };
    (!text.is_empty()).then_some(text)
}
