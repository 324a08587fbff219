//! Observations: what dissectors say. Later stages match on the [`Role`] of a field, never on a protocol.

use std::net::IpAddr;

use crate::address::MacAddress;
use crate::frame::FrameRef;
use crate::time::Timestamp;

/// Which way bytes go in a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the originator to the responder.
    Originator,
    /// From the responder to the originator.
    Responder,
}

impl Direction {
    /// The other way.
    pub const fn flipped(self) -> Self {
        match self {
            Self::Originator => Self::Responder,
            Self::Responder => Self::Originator,
        }
    }

    /// 0 for the originator, 1 for the responder.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// What a field tells the later stages. The role fixes which [`Value`] the field carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The name that the originator asked the peer for (TLS SNI, HTTP Host). `Text`.
    ServerName,
    /// The name that the originator asked the peer, a proxy, to reach (HTTP CONNECT, SOCKS). `Text`.
    ProxiedName,
    /// A name that stands in the peer's certificate. `Certificate`.
    CertificateNames,
    /// A look-up was made or answered. `LookUp`.
    LookUp,
    /// A name was given an address. `Binding`.
    AddressName,
    /// A name may have this address: a hint, weaker than an answer (RFC 9460 s. 7.3). `Binding`.
    AddressHint,
    /// A name hides its hellos behind a public one (RFC 9849). `PublicName`.
    PublicName,
    /// A look-up in a name service or search of the local network that is not the DNS (NetBIOS, SSDP). `LookUp`.
    LocalLookUp,
    /// What a device calls itself (DHCP host name, mDNS host). `Text`.
    DeviceName,
    /// What names the sender whatever its addresses and interfaces are (DHCP unique identifier). `Text`.
    MachineId,
    /// Software or system that an endpoint says it is (user agent, vendor class). `Text`.
    Software,
    /// A fingerprint of the sender; the field's name is its kind. `Text`.
    Fingerprint,
    /// How a message of the sender is laid out; the field's name is its kind. Shown with the machine, not with its
    /// contacts. `Text`.
    Layout,
    /// What the fingerprint that was said last is the digest of. `Text`.
    FingerprintText,
    /// An address was given to a client. `Lease`.
    Lease,
    /// An application protocol was agreed or offered. `Text`.
    ApplicationProtocol,
    /// A protocol version (`TLS 1.3`). `Text`.
    Version,
    /// A request with its answer. `Exchange`.
    Exchange,
    /// A service that the sender offers (DNS-SD, SSDP). `Text`.
    Service,
    /// The sender passes on what others send, and says for how long: `Number` of seconds, 0 when it does so no more.
    Router,
    /// The encrypted hello is offered: the server name may be an outer one. `Number` of its bytes.
    HiddenName,
    /// The sender comes onto the link, as a machine does that starts. Any value.
    Joins,
    /// The sender asks what time it is, as machines do soon after they start. Any value.
    AsksTime,
    /// An analyst marked this moment: `Text` names the phase that begins, `Number` is a size that may be known to.
    Bookmark,
    /// Something wrong on the wire; the field's name is its kind. `Text`.
    Anomaly,
    /// Shown and stored, but no later stage acts on it. Any value.
    Detail,
}

/// A field that a protocol can report. Two fields are the same when their names are.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field {
    /// Wireshark's display-filter name where it has one.
    pub name: &'static str,
    /// What it tells.
    pub role: Role,
    /// Where it is defined, for example `RFC 6066 s. 3`.
    pub reference: &'static str,
}

/// A look-up in the DNS or one of its kin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookUp<'a> {
    /// The name asked for, lower case, without the last dot; bytes outside printable ASCII as `\DDD` (RFC 4343).
    pub name: &'a str,
    /// The type asked for (IANA, DNS Parameters).
    pub record_type: u16,
    /// False in a query.
    pub is_response: bool,
    /// RCODE of a response; 0 in a query.
    pub response_code: u16,
    /// Answer records in a response.
    pub answers: u16,
    /// Transaction identifier.
    pub id: u16,
    /// The last name of the CNAME chain in the answer, where there is one.
    pub alias: Option<&'a str>,
}

/// What the header of a message of the DNS, or one of its kin, says (RFC 1035 s. 4.1.1). Look-ups and records of the same
/// message follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageHeader {
    /// Transaction identifier.
    pub id: u16,
    /// The flags as they were sent: QR, opcode, AA, TC, RD, RA, Z, RCODE.
    pub flags: u16,
    /// Class of the first question, where there is one, with the top bit of mDNS (RFC 6762 s. 5.4) left out.
    pub class: Option<u16>,
    /// Questions, answers, authorities and additional records, as the header announces them.
    pub counts: [u16; 4],
    /// RCODE of a response with its upper bits (RFC 6891 s. 6.1.3); 0 in a query.
    pub response_code: u16,
}

/// A record in the answer section of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerRecord<'a> {
    /// Whose it is, spelled as [`LookUp::name`].
    pub owner: &'a str,
    /// Its type (IANA, DNS Parameters).
    pub record_type: u16,
    /// Time to live in seconds.
    pub ttl_s: u32,
    /// What it says.
    pub data: RecordData<'a>,
}

/// What a record says, of the types that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordData<'a> {
    /// A, AAAA.
    Address(IpAddr),
    /// The name in a CNAME, PTR, SRV, NS, MX or SOA (its first).
    Name(&'a str),
    /// Another type, or one that is broken.
    Unread,
}

/// A message of the Network Time Protocol in modes 1 to 5 (RFC 5905 s. 7.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeMessage {
    /// Version, 1 to 4.
    pub version: u8,
    /// Mode, 1 to 5.
    pub mode: u8,
    /// Steps from the reference clock.
    pub stratum: u8,
    /// Longest time between messages, as the power of two of seconds.
    pub poll: i8,
    /// Precision of the sender's clock, likewise.
    pub precision: i8,
    /// Way to the reference clock and back, in 1/65536 s.
    pub root_delay: u32,
    /// How far the clock may be off, in 1/65536 s.
    pub root_dispersion: u32,
    /// A code for strata 0 and 1, else an address or a part of a digest.
    pub reference_id: [u8; 4],
    /// When the clock was set, seconds since 1900 and 1/2^32 of them; as are the next three.
    pub reference: u64,
    /// When the request left the client.
    pub origin: u64,
    /// When it came to the server.
    pub receive: u64,
    /// When this message was sent.
    pub transmit: u64,
    /// Bytes behind the header: extension fields and authentication.
    pub extra_len_bytes: u16,
}

/// A name was given an address by an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressBinding<'a> {
    /// The name that was asked for.
    pub asked: &'a str,
    /// The owner of the address record: the end of the CNAME chain, or `asked`.
    pub owner: &'a str,
    /// The address.
    pub address: IpAddr,
    /// The smallest time to live on the way from `asked` to the address, in seconds.
    pub ttl_s: u32,
}

/// The public name of an encrypted hello's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicName<'a> {
    /// The name that was asked for.
    pub name: &'a str,
    /// The name that the outer hello shows in its place.
    pub public_name: &'a str,
}

/// Names in a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificateFacts<'a> {
    /// Common name of the subject.
    pub subject: Option<&'a str>,
    /// Common name, or else organisation, of the issuer.
    pub issuer: Option<&'a str>,
    /// dNSName entries of the subject alternative name, in order.
    pub names: &'a [&'a str],
    /// Position in the chain, 0 for the server's own.
    pub position: u32,
}

/// An address lease (RFC 2131).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease<'a> {
    /// Client hardware address.
    pub client_mac: MacAddress,
    /// Message type: 1 discover, 2 offer, 3 request, 4 decline, 5 ack, 6 nak, 7 release, 8 inform.
    pub message_type: u8,
    /// The address that the client has, asks for or is given.
    pub address: Option<IpAddr>,
    /// The address that a client asks for (option 50).
    pub requested: Option<IpAddr>,
    /// The address that a server gives (`yiaddr`).
    pub assigned: Option<IpAddr>,
    /// Why a server refuses, or a client declines (option 56).
    pub message: Option<&'a str>,
    /// Host name of the client (option 12).
    pub host_name: Option<&'a str>,
    /// Domain name (option 15).
    pub domain: Option<&'a str>,
    /// Vendor class (option 60).
    pub vendor_class: Option<&'a str>,
    /// Parameter request list (option 55) as decimal numbers with commas.
    pub parameters: Option<&'a str>,
    /// Routers (option 3), the first.
    pub router: Option<IpAddr>,
    /// Subnet mask (option 1), as prefix length.
    pub prefix_len: Option<u8>,
    /// Transaction identifier.
    pub transaction: u32,
    /// Lease time in seconds (option 51).
    pub lease_s: Option<u32>,
}

/// A request and its answer (HTTP/1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange<'a> {
    /// Time and frame in which the head of the request (or, where it was not seen, of the answer) was whole; `None` where
    /// whoever reads does not know about frames.
    pub begun: Option<(Timestamp, FrameRef)>,
    /// For example GET; `None` when the request was not seen.
    pub method: Option<&'a str>,
    /// Host asked for, without port; from the Host field or an absolute target.
    pub host: Option<&'a str>,
    /// Request target: path and query.
    pub path: Option<&'a str>,
    /// User-Agent.
    pub user_agent: Option<&'a str>,
    /// Content-Type of the request's body, where there is one.
    pub request_type: Option<&'a str>,
    /// Referer.
    pub referrer: Option<&'a str>,
    /// Origin (RFC 6454 s. 7).
    pub origin: Option<&'a str>,
    /// Status code; `None` when no answer was seen.
    pub status: Option<u16>,
    /// What stands behind the status code.
    pub reason: Option<&'a str>,
    /// Version that the answer says, for example `1.1`.
    pub version: Option<&'a str>,
    /// Content-Type of the answer without parameters, lower case.
    pub content_type: Option<&'a str>,
    /// Server field of the answer.
    pub server: Option<&'a str>,
    /// Bytes of the request's body on the wire, transfer coding included, by sequence number.
    pub body_out: u64,
    /// Bytes of the answer's body on the wire, transfer coding included, by sequence number.
    pub body_in: u64,
    /// Remark on the content, for example `certificate status: good` for OCSP.
    pub remark: Option<&'a str>,
}

/// What a field carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Text. Invalid UTF-8 was replaced; control characters are still in it: outputs escape.
    Text(&'a str),
    /// A number.
    Number(u64),
    /// See [`LookUp`].
    LookUp(LookUp<'a>),
    /// See [`MessageHeader`].
    Header(MessageHeader),
    /// See [`AnswerRecord`].
    Record(AnswerRecord<'a>),
    /// See [`TimeMessage`].
    Time(TimeMessage),
    /// See [`AddressBinding`].
    Binding(AddressBinding<'a>),
    /// See [`PublicName`].
    PublicName(PublicName<'a>),
    /// See [`CertificateFacts`].
    Certificate(CertificateFacts<'a>),
    /// See [`Lease`].
    Lease(Lease<'a>),
    /// See [`Exchange`].
    Exchange(Exchange<'a>),
}

/// One thing seen, borrowed until the dissector goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation<'a> {
    /// What it is.
    pub field: &'static Field,
    /// Who sent it.
    pub direction: Direction,
    /// What it says.
    pub value: Value<'a>,
}
