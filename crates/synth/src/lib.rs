//! Makes traffic for tests and examples, frame by frame, the same each time: no clock, no chance, no network.
//!
//! [`Traffic`] is the stage: a clock, an encapsulation, and the frames so far. [`Host`] is one end. Each protocol adds
//! its methods to `Traffic` in its own file; TCP gives a [`Connection`], which counts its payload as it is told to send
//! it, so that a test knows the truth without any parser.
//!
//! ```
//! use firstlight_model::Timestamp;
//! use firstlight_synth::tls::hello::ClientHello;
//! use firstlight_synth::tls::session::Answer;
//! use firstlight_synth::{Stack, Traffic, tls};
//!
//! let mut t = Traffic::new(Timestamp::from_parts(1_571_000_000, 0));
//! let mac = t.host("192.0.2.10").with_stack(Stack::macos_10_15());
//! let (resolver, server) = (t.host("192.0.2.1"), t.remote("198.51.100.7"));
//! t.dns_lookup(&mac, &resolver, "www.example.com", &["edge.example.net"], &["198.51.100.7".parse()?]);
//! let mut c = t.tcp(&mac, &server, 443);
//! let hello = ClientHello::macos_10_15(t.random(), "www.example.com", &["h2", "http/1.1"]);
//! c.tls(&mut t, &hello, &Answer::tls_1_3(vec![vec![0; 900]]));
//! c.receive(&mut t, &tls::application_data(100_000));
//! c.close(&mut t);
//! assert!(c.payload_in() > 100_000);
//! let frames = t.into_frames();
//! # assert!(frames.len() > 70);
//! # Ok::<(), std::net::AddrParseError>(())
//! ```
//!
//! Mistakes of the caller (a datagram above 65,535 bytes, two hosts without a common version of IP) panic.

pub mod arp;
mod bytes;
pub mod certificate;
pub mod checksum;
pub mod der;
pub mod dhcp;
pub mod dns;
pub mod example;
pub mod frame;
pub mod host;
pub mod hostile;
pub mod http;
pub mod icmp;
pub mod igmp;
pub mod ip;
pub mod link;
pub mod mdns;
pub mod mmdb;
pub mod ntp;
pub mod ocsp;
pub mod random;
pub mod tcp;
pub mod tls;
pub mod traffic;
pub mod udp;
pub mod write;

pub use checksum::Checksums;
pub use frame::{OwnedFrame, numbered};
pub use host::Host;
pub use link::Encapsulation;
pub use random::Random;
pub use tcp::connection::{Connect, Connection, Fault, Opening};
pub use tcp::{Segment, Stack, TcpOption};
pub use traffic::Traffic;
