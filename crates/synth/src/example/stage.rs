//! Single contacts of the example: each asks DNS first, as the machine's cache has it, plays the connection, and
//! enters it in the ledger.

use std::collections::BTreeMap;
use std::net::IpAddr;

use firstlight_model::{Direction, MacAddress, Timestamp};

use crate::certificate::Certificate;
use crate::checksum::Checksums;
use crate::dns::{self, Message};
use crate::example::ledger::{Counts, Key, Ledger};
use crate::example::sites::{Issuer, Site, Speaks};
use crate::host::Host;
use crate::http::{Request, Response};
use crate::tcp::Stack;
use crate::tcp::connection::{Connect, Connection, Fault};
use crate::tls::hello::ClientHello;
use crate::tls::session::Answer;
use crate::traffic::Traffic;
use crate::{ntp, ocsp, tls};

/// Bytes kept of bulk data: the headers with timestamps, and the start of the payload.
const CUT: usize = 96;

/// Answers are remembered for as long as they say.
const CACHE_NS: i64 = 20_000_000_000;

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The machine closes, with a closure alert first.
    Close,
    /// The server resets.
    Reset,
    /// It stays open.
    Open,
}

/// How much is got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// So many bytes of plain text.
    Plain(usize),
    /// As many bytes as bring the total of this name in this phase, TLS and all, to this number.
    FillTo(u64),
}

/// A TLS connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit {
    pub site: Site,
    pub port: u16,
    pub protocols: &'static [&'static str],
    pub sent: usize,
    pub got: Size,
    pub end: End,
    pub faults: &'static [Fault],
}

impl Visit {
    pub(crate) fn new(site: Site, sent: usize, got: usize) -> Self {
        Self {
            site,
            port: 443,
            protocols: &["h2", "http/1.1"],
            sent,
            got: Size::Plain(got),
            end: End::Close,
            faults: &[],
        }
    }
}

/// The stage with its machine and its network.
pub(crate) struct Stage {
    pub t: Traffic,
    pub ledger: Ledger,
    pub machine: Host,
    pub router: Host,
    pub phase: usize,
    cache: BTreeMap<&'static str, (Timestamp, IpAddr)>,
    look_ups: BTreeMap<&'static str, usize>,
    visits: BTreeMap<&'static str, usize>,
    certificates: BTreeMap<&'static str, Certificate>,
    issuers: BTreeMap<Issuer, Vec<u8>>,
    first_syn: Option<Connect>,
}

impl Stage {
    pub(crate) fn new(mut t: Traffic) -> Self {
        let machine = Host::new(MacAddress([0x00, 0x0c, 0x29, 0x5e, 0x41, 0x9b]), [192, 168, 2, 114])
            .with_stack(Stack::macos_10_15())
            .with_checksums(Checksums::Offloaded);
        let router = Host::new(MacAddress([0x24, 0xa4, 0x3c, 0x3d, 0x10, 0x6e]), [192, 168, 2, 1]);
        t.pad_frames_of(router.mac);
        // The numbers of the diary's SYN.
        let first_syn = Connect {
            initial_sequence: Some((4_259_408_247, 2_716_034_881)),
            timestamps: Some((801_728_007, 3_155_023_511)),
            ..Connect::default()
        };
        Self {
            t,
            ledger: Ledger::default(),
            machine,
            router,
            phase: 0,
            cache: BTreeMap::new(),
            look_ups: BTreeMap::new(),
            visits: BTreeMap::new(),
            certificates: BTreeMap::new(),
            issuers: BTreeMap::new(),
            first_syn: Some(first_syn),
        }
    }

    /// After a boot nothing is remembered.
    pub(crate) fn forget(&mut self) {
        self.cache.clear();
        self.visits.clear();
    }

    /// Enters what `play` has played under a name that has no connections to count.
    pub(crate) fn local(
        &mut self,
        name: &str,
        transport: &'static str,
        port: u16,
        play: impl FnOnce(&mut Traffic, &Host, &Host),
    ) {
        let from = self.t.len();
        play(&mut self.t, &self.machine, &self.router);
        self.enter(name, transport, port, Counts::default(), from);
    }

    fn enter(&mut self, name: &str, transport: &'static str, port: u16, counts: Counts, from: usize) {
        let key = Key { phase: self.phase, name: name.to_owned(), transport, port };
        let frames = self.t.as_made().get(from..).unwrap_or(&[]);
        self.ledger.add(key, counts, frames, self.machine.mac);
    }

    /// One question to the router and its answer.
    pub(crate) fn ask(&mut self, query: &Message, reply: &Message) {
        let from = self.t.len();
        self.t.dns(&self.machine, &self.router, query, reply);
        if let Some(question) = query.questions.first() {
            self.ledger.ask(self.phase, &question.name);
        }
        let counts = Counts {
            connections: Some(1),
            payload_out: query.to_bytes().len() as u64,
            payload_in: reply.to_bytes().len() as u64,
            ..Counts::default()
        };
        self.enter("192.168.2.1", "udp", 53, counts, from);
    }

    /// An address of the site, from the cache or from a question to the router.
    fn resolve(&mut self, site: &Site) -> IpAddr {
        let now = self.t.now();
        if let Some((asked, address)) = self.cache.get(site.name)
            && now.since_ns(*asked) < CACHE_NS
        {
            return *address;
        }
        let count = self.look_ups.entry(site.name).or_default();
        let turn = *count;
        *count += 1;
        let addresses: Vec<IpAddr> = site
            .addresses
            .iter()
            .cycle()
            .skip(turn % site.addresses.len().max(1))
            .take(site.addresses.len().min(2))
            .map(|address| IpAddr::from(*address))
            .collect();
        let query = Message::query(self.t.random().next_u16(), site.name, dns::kind::A);
        self.ask(&query, &query.resolved(site.aliases, &addresses));
        let address = addresses.first().copied().unwrap_or(IpAddr::from([0, 0, 0, 0]));
        self.cache.insert(site.name, (now, address));
        self.t.wait_ns(900_000);
        address
    }

    fn server(&self, site: &Site, address: IpAddr) -> Host {
        let host = Host::new(self.router.mac, address).with_hop_limit(match site.issuer {
            Issuer::Apple => 55,
            Issuer::DigiCert => 57,
        });
        // Apple's and Akamai's servers agree to ECN.
        match site.issuer {
            Issuer::Apple => host.with_stack(Stack::linux().with_ecn()).with_hop_limit(55),
            Issuer::DigiCert => host,
        }
    }

    fn open(&mut self, site: &Site, port: u16) -> (Connection, usize) {
        let address = self.resolve(site);
        let server = self.server(site, address);
        let from = self.t.len();
        let options =
            Connect { round_trip_ns: site.round_trip_ms * 1_000_000, ..self.first_syn.take().unwrap_or_default() };
        let machine = self.machine.clone();
        (self.t.tcp_with(&machine, &server, port, options), from)
    }

    fn certificate(&mut self, site: &Site) -> Certificate {
        let random = self.t.random();
        let certificate = self.certificates.entry(site.name).or_insert_with(|| {
            let mut certificate = Certificate::server(random, site.name);
            let (issuer, organisation) = issuer_names(site.issuer);
            certificate.issuer = (issuer.to_owned(), organisation.to_owned());
            certificate.ocsp = Some(ocsp_url(site.issuer).to_owned());
            certificate.validity = ("190301000000Z".to_owned(), "210331000000Z".to_owned());
            certificate
        });
        certificate.clone()
    }

    fn chain(&mut self, site: &Site) -> Vec<Vec<u8>> {
        let leaf = self.certificate(site).to_der();
        let random = self.t.random();
        let issuer = self.issuers.entry(site.issuer).or_insert_with(|| {
            let (name, organisation) = issuer_names(site.issuer);
            let mut certificate = Certificate::authority(random, name, organisation);
            certificate.issuer = match site.issuer {
                Issuer::Apple => ("GeoTrust Global CA".to_owned(), "GeoTrust Inc.".to_owned()),
                Issuer::DigiCert => ("DigiCert High Assurance EV Root CA".to_owned(), "DigiCert Inc".to_owned()),
            };
            certificate.to_der()
        });
        vec![leaf, issuer.clone()]
    }

    /// A TLS connection from look-up to end. The first of a name after a boot, and every fifth, has a full handshake.
    pub(crate) fn tls(&mut self, visit: &Visit) {
        let (mut c, from) = self.open(&visit.site, visit.port);
        let count = self.visits.entry(visit.site.name).or_default();
        let full = count.is_multiple_of(5);
        *count += 1;
        let chain = if full { self.chain(&visit.site) } else { Vec::new() };
        let answer = match visit.site.speaks {
            Speaks::Tls12 => Answer {
                alpn: visit.protocols.first().map(|protocol| (*protocol).to_owned()),
                ..Answer::tls_1_2(chain)
            },
            Speaks::Tls13 => Answer::tls_1_3(chain),
        };
        let hello = ClientHello::macos_10_15(self.t.random(), visit.site.name, visit.protocols);
        c.tls(&mut self.t, &hello, &answer);
        c.send(&mut self.t, &tls::application_data(visit.sent));
        let data = match visit.got {
            Size::Plain(plain) => tls::application_data(plain),
            Size::FillTo(total) => {
                let so_far = self.ledger.payload_in(self.phase, visit.site.name) + c.payload_in();
                let missing = total.checked_sub(so_far).expect("the script leaves something for the last visit");
                records_of(usize::try_from(missing).unwrap_or(0))
            }
        };
        self.bulk(&mut c, &data, visit.faults);
        match visit.end {
            End::Close => {
                self.t.wait_ms(15);
                c.send(&mut self.t, &tls::encrypted(tls::content::ALERT, 26));
                c.close(&mut self.t);
            }
            End::Reset => {
                self.t.wait_ms(900);
                c.reset(&mut self.t, Direction::Responder);
            }
            End::Open => {}
        }
        self.close_account(&visit.site, visit.port, &c, visit.faults, data.len(), from);
    }

    /// A request over HTTP and its response, whose body is cut.
    pub(crate) fn http(&mut self, site: Site, request: &Request, response: &Response) {
        let (mut c, from) = self.open(&site, 80);
        c.send(&mut self.t, &request.to_bytes());
        let bytes = response.to_bytes();
        let (head, body) = bytes.split_at_checked(response.head_len()).unwrap_or((&bytes, &[]));
        if body.len() < 4_096 {
            c.receive(&mut self.t, &bytes);
        } else {
            c.receive(&mut self.t, head);
            self.bulk(&mut c, body, &[]);
        }
        self.t.wait_ms(40);
        c.close(&mut self.t);
        self.close_account(&site, 80, &c, &[], 0, from);
    }

    /// Asks the issuer of a site's certificate whether it is still good.
    pub(crate) fn ocsp(&mut self, about: &Site, responder: Site) {
        let serial = self.certificate(about).serial;
        let hash = match about.issuer {
            Issuer::Apple => 0xa9,
            Issuer::DigiCert => 0xd1,
        };
        let id = ocsp::CertificateId { issuer_name_hash: [hash; 20], issuer_key_hash: [hash ^ 0x3c; 20], serial };
        let prefix = match about.issuer {
            Issuer::Apple => "/ocsp04-appleistca2g1",
            Issuer::DigiCert => "",
        };
        let request = ocsp::get(responder.name, prefix, &ocsp::request(&id)).by_apple("com.apple.trustd/2.0");
        let response = ocsp::response(&id, ocsp::Status::Good, "20191014000000Z", "20191021000000Z");
        self.http(responder, &request, &ocsp::answer(&response));
    }

    /// The time from a server, after a look-up.
    pub(crate) fn ntp(&mut self, site: &Site) {
        let address = self.resolve(site);
        let server = self.server(site, address);
        let from = self.t.len();
        self.t.ntp(&self.machine, &server);
        let size = ntp::request(Timestamp::ZERO).len() as u64;
        let counts = Counts { connections: Some(1), payload_out: size, payload_in: size, ..Counts::default() };
        self.enter(site.name, "udp", 123, counts, from);
    }

    fn bulk(&mut self, c: &mut Connection, data: &[u8], faults: &[Fault]) {
        if data.len() > 4_096 {
            self.t.snap_len(Some(CUT));
        }
        c.transfer(&mut self.t, Direction::Responder, data, faults);
        self.t.snap_len(None);
    }

    fn close_account(&mut self, site: &Site, port: u16, c: &Connection, faults: &[Fault], data: usize, from: usize) {
        // Missing segments are whole ones in the script, so that their length is that of any segment.
        let missing = faults.iter().filter(|fault| matches!(fault, Fault::Missing(_))).count();
        debug_assert!(missing == 0 || data > 20 * 1_448, "a missing segment is a whole one");
        let counts = Counts {
            connections: Some(1),
            payload_out: c.payload_out(),
            payload_in: c.payload_in(),
            missing_in: (missing * 1_448) as u64,
            ..Counts::default()
        };
        self.enter(site.name, "tcp", port, counts, from);
    }
}

/// Records of application data that are `total` bytes long, headers and all.
fn records_of(total: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(total);
    let mut left = total;
    while left > 0 {
        // No record may be too short for its header and what encryption adds.
        let part = if left > 16_413 + 64 {
            16_413
        } else if left > 16_413 {
            left / 2
        } else {
            left
        };
        out.extend_from_slice(&tls::encrypted(tls::content::APPLICATION_DATA, part.saturating_sub(5)));
        left -= part;
    }
    out
}

fn issuer_names(issuer: Issuer) -> (&'static str, &'static str) {
    match issuer {
        Issuer::Apple => ("Apple IST CA 2 - G1", "Apple Inc."),
        Issuer::DigiCert => ("DigiCert SHA2 High Assurance Server CA", "DigiCert Inc"),
    }
}

fn ocsp_url(issuer: Issuer) -> &'static str {
    match issuer {
        Issuer::Apple => "http://ocsp.apple.com/ocsp04-appleistca2g1",
        Issuer::DigiCert => "http://ocsp.digicert.com",
    }
}
