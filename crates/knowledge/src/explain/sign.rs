//! Signs that say what a contact is for where no rule speaks of its name: a label below a certificate authority's domain,
//! the path of a request, a well-known port, and last the first label of the name.

use super::ownership::Owner;
use super::{Answer, Query, category, category_named};
use crate::book::{Book, Row, compiled};
use crate::check::Grade;
use crate::layout::{labels, paths, port_purposes};
use firstlight_model::Transport;
use std::borrow::Cow;

/// Below a certificate authority's domain, the first label says that a host is for the status of certificates.
pub(super) fn authority(book: &Book<'static>, name: &str, owner: Option<&Owner>, answer: &mut Answer) {
    const LABELS: &[(&str, &str)] = &[
        ("ocsp", "Certificate status (OCSP)"),
        ("crl", "Certificate revocation list (CRL)"),
        ("cacerts", "Issuer certificate download"),
        ("cacert", "Issuer certificate download"),
        ("aia", "Issuer certificate download"),
    ];
    let Some(owner) = owner else { return };
    let label = name.split('.').next().unwrap_or(name);
    // `ocsp`, `ocsp2`, `crl-lb`, `ocsp.r2m01`; not `crlive`.
    let says = |mark: &str| {
        label.strip_prefix(mark).is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_ascii_alphabetic()))
    };
    let Some((mark, purpose)) = LABELS.iter().find(|(mark, _)| says(mark)) else { return };
    let authority = category_named(book, "certificate-authority");
    if answer.category == authority || category(book, owner.category) == authority {
        answer.purpose = Some(Cow::Borrowed(purpose));
        answer.category = category_named(book, "cert-status");
        answer.product = None;
        answer.grade = Some(Grade::Analyst.word());
        answer.source = Some("general");
        answer.rule = Some(format!("label {mark} below {}", owner.rule));
        (answer.source_url, answer.source_date, answer.source_read) = (None, None, None);
    }
}

/// Whether a port of a protocol says by itself what it is for.
pub fn is_known_port(port: u16, transport: Transport) -> bool {
    let key = u32::from(port) << 8 | u32::from(transport.0);
    compiled().rows(port_purposes::TABLE).keyed(port_purposes::KEY, key).is_some()
}

/// What a well-known port says, or a protocol that has none. True when it says something.
pub(super) fn port(book: &Book<'static>, query: &Query<'_>, answer: &mut Answer) -> bool {
    let key = u32::from(query.port) << 8 | u32::from(query.transport.0);
    let Some(row) = book.rows(port_purposes::TABLE).keyed(port_purposes::KEY, key) else { return false };
    answer.purpose = row.some_text(port_purposes::PURPOSE).map(Cow::Borrowed);
    answer.category = category(book, row.number(port_purposes::CATEGORY));
    answer.grade = Some(Grade::Analyst.word());
    answer.source = row.some_text(port_purposes::SOURCE);
    answer.rule = Some(match query.port {
        0 => format!("protocol {}", query.transport),
        port => format!("port {port}/{}", query.transport),
    });
    true
}

/// What the path of a request says. True when it says something.
pub(super) fn path(book: &Book<'static>, query: &Query<'_>, answer: &mut Answer) -> bool {
    let Some(path) = query.path.and_then(|path| path.split(['?', '#']).next()) else { return false };
    let Some(row) = book.rows(paths::TABLE).named(paths::PATH, path) else { return false };
    answer.category = category(book, row.number(paths::CATEGORY));
    say(answer, row.some_text(paths::PURPOSE), row.some_text(paths::SOURCE), format!("path {}", row.text(paths::PATH)));
    true
}

/// What the first label of a name below a registered domain says: `api`, `api2`, `api-eu`.
pub(super) fn label(book: &Book<'static>, name: &str, answer: &mut Answer) {
    let is_below = answer.registrable_domain.as_deref().is_some_and(|domain| domain.len() < name.len());
    let first = name.split('.').next().filter(|_| is_below).and_then(|label| label.split('-').next());
    let first = first.map(|label| label.trim_end_matches(|letter: char| letter.is_ascii_digit()));
    let row: Option<Row<'static>> = first.and_then(|label| book.rows(labels::TABLE).named(labels::LABEL, label));
    let Some(row) = row else { return };
    answer.category = category(book, row.number(labels::CATEGORY));
    let rule = format!("label {}", row.text(labels::LABEL));
    say(answer, row.some_text(labels::PURPOSE), row.some_text(labels::SOURCE), rule);
}

fn say(answer: &mut Answer, purpose: Option<&'static str>, source: Option<&'static str>, rule: String) {
    answer.purpose = purpose.map(Cow::Borrowed);
    answer.grade = Some(Grade::Analyst.word());
    answer.source = source;
    answer.rule = Some(rule);
}
