//! X.509 certificates (RFC 5280) with a subject, alternative names, and the address of an OCSP responder. Their
//! signatures are zeros: nobody made them, and no one can take them for real.

use std::net::IpAddr;

use crate::der;
use crate::random::Random;

/// A certificate to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Serial number in network order.
    pub serial: Vec<u8>,
    /// Common name of the subject; `None`: an empty subject.
    pub common_name: Option<String>,
    /// Organisation of the subject.
    pub organisation: Option<String>,
    /// DNS names in subjectAltName.
    pub names: Vec<String>,
    /// Addresses in subjectAltName.
    pub addresses: Vec<IpAddr>,
    /// Common name and organisation of the issuer.
    pub issuer: (String, String),
    /// Not before and not after, `YYMMDDhhmmssZ`.
    pub validity: (String, String),
    /// RSA modulus of 2,048 bits; the exponent is 65537.
    pub modulus: Vec<u8>,
    /// OCSP responder in authorityInfoAccess.
    pub ocsp: Option<String>,
    /// basicConstraints says CA.
    pub authority: bool,
}

impl Certificate {
    /// A server's certificate for a name, which is its common name and only alternative name.
    pub fn server(random: &mut Random, name: &str) -> Self {
        Self {
            serial: random.bytes(16),
            common_name: Some(name.to_owned()),
            organisation: None,
            names: vec![name.to_owned()],
            addresses: Vec::new(),
            issuer: ("Firstlight Example CA".to_owned(), "Firstlight Example".to_owned()),
            validity: ("190101000000Z".to_owned(), "290101000000Z".to_owned()),
            modulus: modulus(random),
            ocsp: None,
            authority: false,
        }
    }

    /// A self-signed authority's certificate.
    pub fn authority(random: &mut Random, name: &str, organisation: &str) -> Self {
        let mut certificate = Self::server(random, name);
        certificate.organisation = Some(organisation.to_owned());
        certificate.names.clear();
        certificate.issuer = (name.to_owned(), organisation.to_owned());
        certificate.authority = true;
        certificate
    }

    /// The certificate in DER.
    pub fn to_der(&self) -> Vec<u8> {
        let algorithm = der::sequence(&[der::oid(&[1, 2, 840, 113_549, 1, 1, 11]), der::null()]);
        let issuer = name(Some(&self.issuer.0), Some(&self.issuer.1));
        let validity = der::sequence(&[der::utc_time(&self.validity.0), der::utc_time(&self.validity.1)]);
        let key = der::sequence(&[
            der::sequence(&[der::oid(&[1, 2, 840, 113_549, 1, 1, 1]), der::null()]),
            der::bits(&der::sequence(&[der::integer(&self.modulus), der::integer(&[1, 0, 1])])),
        ]);
        let to_be_signed = der::sequence(&[
            der::explicit(0, &der::integer(&[2])),
            der::integer(&self.serial),
            algorithm.clone(),
            issuer,
            validity,
            name(self.common_name.as_deref(), self.organisation.as_deref()),
            key,
            der::explicit(3, &der::sequence(&self.extensions())),
        ]);
        der::sequence(&[to_be_signed, algorithm, der::bits(&[0; 256])])
    }

    fn extensions(&self) -> Vec<Vec<u8>> {
        let extension = |arcs: &[u32], critical: Vec<u8>, value: &[u8]| {
            der::sequence(&[der::oid(arcs), critical, der::octets(value)])
        };
        let mut list = Vec::new();
        let constraints = if self.authority { vec![der::truth()] } else { Vec::new() };
        list.push(extension(&[2, 5, 29, 19], der::truth(), &der::sequence(&constraints)));
        if let Some(url) = &self.ocsp {
            let access = der::sequence(&[der::oid(&[1, 3, 6, 1, 5, 5, 7, 48, 1]), der::element(0x86, url.as_bytes())]);
            let value = der::sequence(&[access]);
            list.push(extension(&[1, 3, 6, 1, 5, 5, 7, 1, 1], Vec::new(), &value));
        }
        let mut names: Vec<Vec<u8>> = self.names.iter().map(|name| der::element(0x82, name.as_bytes())).collect();
        names.extend(self.addresses.iter().map(|address| match address {
            IpAddr::V4(v4) => der::element(0x87, &v4.octets()),
            IpAddr::V6(v6) => der::element(0x87, &v6.octets()),
        }));
        if !names.is_empty() {
            list.push(extension(&[2, 5, 29, 17], Vec::new(), &der::sequence(&names)));
        }
        if !self.authority {
            let usage = der::sequence(&[der::oid(&[1, 3, 6, 1, 5, 5, 7, 3, 1])]);
            list.push(extension(&[2, 5, 29, 37], Vec::new(), &usage));
        }
        list
    }
}

/// A name of a country, an organisation and a common name.
fn name(common_name: Option<&str>, organisation: Option<&str>) -> Vec<u8> {
    let attribute = |last: u32, value: Vec<u8>| der::set(&[der::sequence(&[der::oid(&[2, 5, 4, last]), value])]);
    let mut parts = Vec::new();
    if let Some(organisation) = organisation {
        parts.push(attribute(6, der::printable("US")));
        parts.push(attribute(10, der::utf8(organisation)));
    }
    if let Some(common_name) = common_name {
        parts.push(attribute(3, der::utf8(common_name)));
    }
    der::sequence(&parts)
}

/// 256 bytes that look like a modulus: the top bit and the last bit are set. Only the first 32 vary, so that examples
/// compress well.
fn modulus(random: &mut Random) -> Vec<u8> {
    let mut bytes = vec![0xc3; 256];
    for (slot, byte) in bytes.iter_mut().zip(random.bytes(32)) {
        *slot = byte;
    }
    if let Some(first) = bytes.first_mut() {
        *first |= 0x80;
    }
    bytes
}
