//! The limits that hold in this stage. Reaching one is an anomaly, never silence. Together they bound what one flow may
//! keep, at worst:
//!
//! - while the protocol is unknown, [`PROBE_LEN_BYTES`] a direction (nothing in most flows);
//! - TLS, [`TLS_HANDSHAKE_LEN_BYTES`] a direction until it is encrypted, then nothing;
//! - QUIC, twice [`QUIC_CRYPTO_LEN_BYTES`] a direction until the hellos are read, then nothing;
//! - DTLS, [`DTLS_MESSAGES`] of at most twice [`TLS_HANDSHAKE_LEN_BYTES`] a direction until it is encrypted;
//! - HTTP, [`HTTP_HEAD_LEN_BYTES`] and [`HTTP_BODY_COPY_LEN_BYTES`] a direction, and [`HTTP_OUTSTANDING`] requests of at most eight
//!   values of [`HTTP_VALUE_LEN_BYTES`];
//! - services, a line ([`SERVICE_LINE_LEN_BYTES`]) or a message ([`SERVICE_MESSAGE_LEN_BYTES`]) a direction;
//! - DNS over TCP, [`DNS_MESSAGE_LEN_BYTES`] a direction; any DNS, one message unfolded ([`DNS_TEXT_LEN_BYTES`], [`DNS_RECORDS`]).

/// Bytes of a direction that are kept before a stream is given up as unknown.
pub const PROBE_LEN_BYTES: usize = 1024;

/// Datagrams of a flow that are looked at before it is given up as unknown.
pub const PROBE_DATAGRAMS: u8 = 4;

/// Chunks after the first ones of a stream at whose beginning a protocol is still looked for.
pub const PROBE_LATE_CHUNKS: u8 = 32;

/// Protocols one after another, each in a tunnel of the one before, that are read in a stream.
pub const TUNNELS: u8 = 4;

/// Bytes of a handshake message that are kept; a longer one is skipped.
pub const TLS_HANDSHAKE_LEN_BYTES: usize = 64 * 1024;

/// Certificates of one chain that are read.
pub const TLS_CERTIFICATES: usize = 16;

/// Names of one certificate that are reported.
pub const TLS_CERTIFICATE_NAMES: usize = 256;

/// Bytes of a direction after the records were lost before it is given up.
pub const TLS_LOST_LEN_BYTES: u64 = 64 * 1024;

/// Bytes of one encrypted direction after which the other one is no longer waited for.
pub const TLS_ONE_SIDED_LEN_BYTES: u64 = 32 * 1024;

/// Bytes of the handshake of one side in QUIC that are kept.
pub const QUIC_CRYPTO_LEN_BYTES: usize = 32 * 1024;

/// Datagrams of a flow that are read for a hello.
pub const QUIC_DATAGRAMS: u8 = 64;

/// Datagrams after the client's hello that are read for the server's.
pub const QUIC_DATAGRAMS_AFTER_HELLO: u8 = 16;

/// Keys that are made for one flow.
pub const QUIC_KEYS: u8 = 12;

/// Datagrams of a flow of DTLS that are read for its handshake.
pub const DTLS_DATAGRAMS: u8 = 128;

/// Messages of one direction of DTLS that may wait for fragments.
pub const DTLS_MESSAGES: usize = 4;

/// Datagrams of a flow of media that are read for its kinds.
pub const RTP_DATAGRAMS: u16 = 256;

/// Bytes of a request or an answer of Remote Desktop.
pub const RDP_REQUEST_LEN_BYTES: usize = 260;

/// Bytes of a head; what goes beyond is not read.
pub const HTTP_HEAD_LEN_BYTES: usize = 64 * 1024;

/// Requests that may wait for an answer.
pub const HTTP_OUTSTANDING: usize = 64;

/// Bytes of one value (path, host, user agent) that are kept; the rest is cut off.
pub const HTTP_VALUE_LEN_BYTES: usize = 2048;

/// Bytes of a body that are kept for a reader of its content.
pub const HTTP_BODY_COPY_LEN_BYTES: usize = 16 * 1024;

/// Bytes of a header block of HTTP/2.
pub const HTTP2_HEADERS_LEN_BYTES: usize = 64 * 1024;

/// Streams of a connection over HTTP/2 that may be open.
pub const HTTP2_STREAMS: usize = 64;

/// Bytes of a message over TCP (all that the length prefix can say).
pub const DNS_MESSAGE_LEN_BYTES: usize = 65_535;

/// Records of one message that are read.
pub const DNS_RECORDS: usize = 512;

/// Bytes of text that the names of one message may unfold to.
pub const DNS_TEXT_LEN_BYTES: usize = 64 * 1024;

/// Pointers of one compressed name that are followed.
pub const DNS_POINTERS: usize = 64;

/// Steps of a CNAME chain that are followed.
pub const DNS_CHAIN: usize = 32;

/// Relays that a message of DHCPv6 may have come through.
pub const DHCPV6_RELAYS: usize = 8;

/// Connections that the errors of one exchange of ICMP are about, which are said.
pub const ICMP_SUBJECTS: usize = 64;

/// Groups of one report of IGMP or MLD that are read.
pub const GROUP_RECORDS: usize = 256;

/// Bytes of a value that a service says of itself; the rest is cut off.
pub const SERVICE_TEXT_LEN_BYTES: usize = 256;

/// Bytes of a line of text that are kept; the rest is cut off.
pub const SERVICE_LINE_LEN_BYTES: usize = 2048;

/// Bytes of a direction of a text protocol that are read.
pub const SERVICE_TALK_LEN_BYTES: usize = 64 * 1024;

/// Lines that are none of the protocol's own, after which a stream is given up.
pub const SERVICE_LINES_BEFORE: u8 = 20;

/// Bytes of a message that says its length which are read; the rest is skipped.
pub const SERVICE_MESSAGE_LEN_BYTES: usize = 16 * 1024;

/// Messages of a stream that are read.
pub const SERVICE_MESSAGES: u16 = 64;
