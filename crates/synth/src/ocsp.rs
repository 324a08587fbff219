//! OCSP requests and responses (RFC 6960) and the HTTP that carries them: POST, and GET with Base64 in the path
//! (appendix A.1). Responses are not signed: the signature is zeros.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::der;
use crate::http::{Request, Response};

/// Which certificate is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateId {
    /// SHA-1 of the issuer's name.
    pub issuer_name_hash: [u8; 20],
    /// SHA-1 of the issuer's key.
    pub issuer_key_hash: [u8; 20],
    /// Serial number in network order.
    pub serial: Vec<u8>,
}

/// What the responder says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Good.
    Good,
    /// Revoked, some time ago.
    Revoked,
    /// Unknown to the responder.
    Unknown,
}

impl CertificateId {
    fn to_der(&self) -> Vec<u8> {
        der::sequence(&[
            der::sequence(&[der::oid(&[1, 3, 14, 3, 2, 26]), der::null()]),
            der::octets(&self.issuer_name_hash),
            der::octets(&self.issuer_key_hash),
            der::integer(&self.serial),
        ])
    }
}

/// An OCSPRequest for one certificate, without nonce.
pub fn request(id: &CertificateId) -> Vec<u8> {
    let list = der::sequence(&[der::sequence(&[id.to_der()])]);
    der::sequence(&[der::sequence(&[list])])
}

/// A successful OCSPResponse for one certificate. Times as `YYYYMMDDhhmmssZ`.
pub fn response(id: &CertificateId, status: Status, this_update: &str, next_update: &str) -> Vec<u8> {
    let status = match status {
        Status::Good => der::element(0x80, &[]),
        Status::Revoked => der::explicit(1, &der::generalized_time(this_update)),
        Status::Unknown => der::element(0x82, &[]),
    };
    let single = der::sequence(&[
        id.to_der(),
        status,
        der::generalized_time(this_update),
        der::explicit(0, &der::generalized_time(next_update)),
    ]);
    let data = der::sequence(&[
        der::explicit(2, &der::octets(&id.issuer_key_hash)),
        der::generalized_time(this_update),
        der::sequence(&[single]),
    ]);
    let algorithm = der::sequence(&[der::oid(&[1, 2, 840, 113_549, 1, 1, 11]), der::null()]);
    let basic = der::sequence(&[data, algorithm, der::bits(&[0; 256])]);
    let bytes = der::sequence(&[der::oid(&[1, 3, 6, 1, 5, 5, 7, 48, 1, 1]), der::octets(&basic)]);
    der::sequence(&[der::enumerated(0), der::explicit(0, &bytes)])
}

/// A POST of a request to `http://host/path`.
pub fn post(host: &str, path: &str, request: &[u8]) -> Request {
    Request::new("POST", host, path).header("Content-Type", "application/ocsp-request").body(request)
}

/// A GET of a request from `http://host/prefix/…`; the prefix may be empty and has no slash at its end.
pub fn get(host: &str, prefix: &str, request: &[u8]) -> Request {
    let mut path = format!("{prefix}/");
    for character in STANDARD.encode(request).chars() {
        match character {
            '/' => path.push_str("%2F"),
            '+' => path.push_str("%2B"),
            '=' => path.push_str("%3D"),
            other => path.push(other),
        }
    }
    Request::new("GET", host, &path)
}

/// The HTTP answer that carries a response.
pub fn answer(response: &[u8]) -> Response {
    Response::new(200, "OK").header("Content-Type", "application/ocsp-response").body(response)
}
