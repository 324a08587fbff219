//! TLS handshakes over a connection, full and resumed, in TLS 1.2 and 1.3.

use crate::bytes::Put;
use crate::tcp::connection::Connection;
use crate::tls::hello::{ClientHello, alpn, put_extensions};
use crate::tls::{self, content, extension, handshake};
use crate::traffic::Traffic;

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// [`tls::TLS_1_2`] or [`tls::TLS_1_3`].
    pub version: u16,
    /// The cipher suite that it chose.
    pub cipher: u16,
    /// The protocol that it chose; in TLS 1.3 it cannot be seen.
    pub alpn: Option<String>,
    /// Its certificates in DER, its own first; none: the session is resumed. In TLS 1.3 only their length counts.
    pub certificates: Vec<Vec<u8>>,
    /// A stapled OCSP response in DER (RFC 6066 s. 8); TLS 1.2 only.
    pub stapled: Option<Vec<u8>>,
}

impl Answer {
    /// TLS 1.2 with ECDHE-RSA-AES256-GCM-SHA384 and ALPN `h2`.
    pub fn tls_1_2(certificates: Vec<Vec<u8>>) -> Self {
        Self { version: tls::TLS_1_2, cipher: 0xc030, alpn: Some("h2".to_owned()), certificates, stapled: None }
    }

    /// TLS 1.3 with AES-128-GCM-SHA256.
    pub fn tls_1_3(certificates: Vec<Vec<u8>>) -> Self {
        Self { version: tls::TLS_1_3, cipher: 0x1301, alpn: None, certificates, stapled: None }
    }

    /// The ServerHello's handshake message.
    pub fn server_hello(&self, hello: &ClientHello, random: [u8; 32], session_id: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        body.put_u16(self.version.min(tls::TLS_1_2));
        body.put(&random);
        body.block_u8(|out| out.put(session_id));
        body.put_u16(self.cipher);
        body.put_u8(0);
        let offered = |kind| hello.extensions.iter().any(|(other, _)| *other == kind);
        let mut extensions = Vec::new();
        if self.version == tls::TLS_1_3 {
            let mut share = Vec::new();
            share.put_u16(29);
            share.block_u16(|out| out.put(&random));
            extensions.push((extension::KEY_SHARE, share));
            extensions.push((extension::SUPPORTED_VERSIONS, tls::TLS_1_3.to_be_bytes().to_vec()));
        } else {
            for (kind, value) in [
                (extension::RENEGOTIATION_INFO, vec![0]),
                (extension::EC_POINT_FORMATS, vec![1, 0]),
                (extension::EXTENDED_MASTER_SECRET, Vec::new()),
            ] {
                if offered(kind) {
                    extensions.push((kind, value));
                }
            }
            if self.stapled.is_some() {
                extensions.push((extension::STATUS_REQUEST, Vec::new()));
            }
            if let Some(protocol) = &self.alpn {
                extensions.push((extension::ALPN, alpn(&[protocol])));
            }
        }
        if !extensions.is_empty() {
            body.block_u16(|out| put_extensions(out, &extensions));
        }
        tls::message(handshake::SERVER_HELLO, &body)
    }

    /// The messages between ServerHello and the change to encryption in TLS 1.2.
    fn server_flight(&self, random: [u8; 32]) -> Vec<u8> {
        let mut messages = certificate_message(&self.certificates);
        if let Some(response) = &self.stapled {
            let mut body = vec![1];
            body.block_u24(|out| out.put(response));
            messages.put(&tls::message(handshake::CERTIFICATE_STATUS, &body));
        }
        let mut body = vec![3];
        body.put_u16(29);
        body.block_u8(|out| out.put(&random));
        body.put_u16(0x0401);
        body.block_u16(|out| out.put(&[0x5a; 256]));
        messages.put(&tls::message(handshake::SERVER_KEY_EXCHANGE, &body));
        messages.put(&tls::message(handshake::SERVER_HELLO_DONE, &[]));
        messages
    }
}

/// The Certificate message of TLS 1.2.
pub fn certificate_message(certificates: &[Vec<u8>]) -> Vec<u8> {
    let mut body = Vec::new();
    body.block_u24(|out| {
        for certificate in certificates {
            out.block_u24(|out| out.put(certificate));
        }
    });
    tls::message(handshake::CERTIFICATE, &body)
}

impl Connection {
    /// A handshake from ClientHello to Finished.
    pub fn tls(&mut self, traffic: &mut Traffic, hello: &ClientHello, answer: &Answer) {
        self.send(traffic, &hello.to_bytes());
        let random = traffic.random().array();
        match (answer.version, answer.certificates.is_empty()) {
            (tls::TLS_1_3, _) => self.handshake_1_3(traffic, hello, answer, random),
            (_, false) => self.handshake_1_2(traffic, hello, answer, random),
            (_, true) => self.resume_1_2(traffic, hello, answer, random),
        }
    }

    fn handshake_1_3(&mut self, traffic: &mut Traffic, hello: &ClientHello, answer: &Answer, random: [u8; 32]) {
        let server_hello = answer.server_hello(hello, random, &hello.session_id);
        let mut flight = tls::handshake_records(tls::TLS_1_2, &server_hello);
        flight.put(&tls::change_cipher_spec());
        let certificates: usize = answer.certificates.iter().map(|certificate| certificate.len() + 5).sum();
        // EncryptedExtensions, and where it is not resumed Certificate and CertificateVerify; Finished.
        let secret = 15 + if certificates == 0 { 0 } else { certificates + 8 + 264 } + 36 + 17;
        flight.put(&tls::encrypted(content::APPLICATION_DATA, secret));
        self.receive(traffic, &flight);
        let mut flight = tls::change_cipher_spec();
        flight.put(&tls::encrypted(content::APPLICATION_DATA, 53));
        self.send(traffic, &flight);
    }

    fn handshake_1_2(&mut self, traffic: &mut Traffic, hello: &ClientHello, answer: &Answer, random: [u8; 32]) {
        let session_id = traffic.random().bytes(32);
        let mut messages = answer.server_hello(hello, random, &session_id);
        messages.put(&answer.server_flight(random));
        self.receive(traffic, &tls::handshake_records(tls::TLS_1_2, &messages));
        let mut body = Vec::new();
        body.block_u8(|out| out.put(&random));
        let key_exchange = tls::message(handshake::CLIENT_KEY_EXCHANGE, &body);
        let mut flight = tls::handshake_records(tls::TLS_1_2, &key_exchange);
        flight.put(&finished());
        self.send(traffic, &flight);
        self.receive(traffic, &finished());
    }

    fn resume_1_2(&mut self, traffic: &mut Traffic, hello: &ClientHello, answer: &Answer, random: [u8; 32]) {
        let messages = answer.server_hello(hello, random, &hello.session_id);
        let mut flight = tls::handshake_records(tls::TLS_1_2, &messages);
        flight.put(&finished());
        self.receive(traffic, &flight);
        self.send(traffic, &finished());
    }
}

/// ChangeCipherSpec and an encrypted Finished.
fn finished() -> Vec<u8> {
    let mut out = tls::change_cipher_spec();
    out.put(&tls::encrypted(content::HANDSHAKE, 40));
    out
}
