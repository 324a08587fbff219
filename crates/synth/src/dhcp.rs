//! DHCP for IPv4 (RFC 2131, options of RFC 2132): single messages, and the exchanges by which a host gets its address.
//!
//! Leaves out BOOTP without the magic cookie, and relays.

use std::net::Ipv4Addr;

use firstlight_model::MacAddress;

use crate::bytes::Put;
use crate::host::Host;
use crate::traffic::Traffic;

/// Message types (option 53).
pub mod kind {
    #![allow(missing_docs, reason = "the standard's names")]
    pub const DISCOVER: u8 = 1;
    pub const OFFER: u8 = 2;
    pub const REQUEST: u8 = 3;
    pub const DECLINE: u8 = 4;
    pub const ACK: u8 = 5;
    pub const NAK: u8 = 6;
    pub const RELEASE: u8 = 7;
    pub const INFORM: u8 = 8;
}

/// What a client says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Client {
    /// Option 55: the options that it asks for, in its order.
    pub parameters: Vec<u8>,
    /// Option 12.
    pub host_name: Option<String>,
    /// Option 60.
    pub vendor_class: Option<String>,
    /// Option 57, the largest message.
    pub max_message: Option<u16>,
    /// Option 61 with the hardware type and address.
    pub client_identifier: bool,
    /// Option 61 with this unique identifier of the machine instead (RFC 4361 s. 6.1), behind an association's number.
    pub unique_identifier: Option<Vec<u8>>,
}

impl Client {
    /// macOS 10.11 to 10.15: asks for 1,121,3,6,15,119,252,95,44,46.
    pub fn macos_10_15(host_name: &str) -> Self {
        Self {
            parameters: vec![1, 121, 3, 6, 15, 119, 252, 95, 44, 46],
            host_name: Some(host_name.to_owned()),
            vendor_class: None,
            max_message: Some(1500),
            client_identifier: true,
            unique_identifier: None,
        }
    }
}

/// What a server gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The address.
    pub address: Ipv4Addr,
    /// The mask of its network.
    pub mask: Ipv4Addr,
    /// The router.
    pub router: Ipv4Addr,
    /// DNS servers.
    pub dns: Vec<Ipv4Addr>,
    /// Domain name.
    pub domain: Option<String>,
    /// How long, in seconds.
    pub seconds: u32,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// 1 from a client, 2 from a server.
    pub operation: u8,
    /// Transaction.
    pub transaction: u32,
    /// Seconds since the client began.
    pub seconds: u16,
    /// The client's present address.
    pub client: Ipv4Addr,
    /// The address that the server gives.
    pub yours: Ipv4Addr,
    /// The client's link address.
    pub mac: MacAddress,
    /// Options by code and value, in their order; padding and end are added.
    pub options: Vec<(u8, Vec<u8>)>,
}

impl Message {
    /// The bytes, padded to the 300 that BOOTP asks for.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![self.operation, 1, 6, 0];
        out.put_u32(self.transaction);
        out.put_u16(self.seconds);
        out.put_u16(0);
        for address in [self.client, self.yours, Ipv4Addr::UNSPECIFIED, Ipv4Addr::UNSPECIFIED] {
            out.put(&address.octets());
        }
        out.put(&self.mac.0);
        out.put(&[0; 10 + 64 + 128]);
        out.put(&[0x63, 0x82, 0x53, 0x63]);
        for (code, value) in &self.options {
            out.put_u8(*code);
            out.block_u8(|out| out.put(value));
        }
        out.put_u8(255);
        out.resize(out.len().max(300), 0);
        out
    }

    fn of_client(mac: MacAddress, transaction: u32, kind: u8, client: &Client) -> Self {
        let mut options = vec![(53, vec![kind])];
        if !client.parameters.is_empty() {
            options.push((55, client.parameters.clone()));
        }
        if let Some(size) = client.max_message {
            options.push((57, size.to_be_bytes().to_vec()));
        }
        if let Some(duid) = &client.unique_identifier {
            let mut value = vec![255];
            value.put(mac.0.split_at(2).1);
            value.put(duid);
            options.push((61, value));
        } else if client.client_identifier {
            let mut value = vec![1];
            value.put(&mac.0);
            options.push((61, value));
        }
        if let Some(class) = &client.vendor_class {
            options.push((60, class.clone().into_bytes()));
        }
        if let Some(name) = &client.host_name {
            options.push((12, name.clone().into_bytes()));
        }
        Self {
            operation: 1,
            transaction,
            seconds: 0,
            client: Ipv4Addr::UNSPECIFIED,
            yours: Ipv4Addr::UNSPECIFIED,
            mac,
            options,
        }
    }

    fn answered(&self, kind: u8, server: Ipv4Addr, lease: &Lease) -> Self {
        let mut options = vec![
            (53, vec![kind]),
            (54, server.octets().to_vec()),
            (51, lease.seconds.to_be_bytes().to_vec()),
            (1, lease.mask.octets().to_vec()),
            (3, lease.router.octets().to_vec()),
            (6, lease.dns.iter().flat_map(Ipv4Addr::octets).collect()),
        ];
        if let Some(domain) = &lease.domain {
            options.push((15, domain.clone().into_bytes()));
        }
        Self { operation: 2, yours: lease.address, options, ..self.clone() }
    }
}

impl Traffic {
    /// One message between a client's port 68 and a server's port 67.
    pub fn dhcp(&mut self, from: &Host, to: &Host, message: &Message) {
        let (source, destination) = if message.operation == 1 { (68, 67) } else { (67, 68) };
        self.datagram(from, source, to, destination, &message.to_bytes());
    }

    /// DISCOVER, OFFER, REQUEST, ACK. The answers go to the client's link address, as macOS is answered.
    pub fn dhcp_discover(&mut self, host: &Host, client: &Client, server: &Host, lease: &Lease) {
        let transaction = self.random().next_u32();
        let discover = Message::of_client(host.mac, transaction, kind::DISCOVER, client);
        self.dhcp_ask(host, server, lease, &discover, kind::OFFER);
        self.wait_s(1);
        let mut request = Message::of_client(host.mac, transaction, kind::REQUEST, client);
        request.seconds = 1;
        request.options.push((50, lease.address.octets().to_vec()));
        request.options.push((54, server_address(server).octets().to_vec()));
        self.dhcp_ask(host, server, lease, &request, kind::ACK);
    }

    /// REQUEST for the address of an earlier lease, and ACK: what a host does when it boots again.
    pub fn dhcp_reboot(&mut self, host: &Host, client: &Client, server: &Host, lease: &Lease) {
        let transaction = self.random().next_u32();
        let mut request = Message::of_client(host.mac, transaction, kind::REQUEST, client);
        request.options.push((50, lease.address.octets().to_vec()));
        self.dhcp_ask(host, server, lease, &request, kind::ACK);
    }

    fn dhcp_ask(&mut self, host: &Host, server: &Host, lease: &Lease, question: &Message, answer: u8) {
        let nobody = Host { v4: Some(Ipv4Addr::UNSPECIFIED), v6: None, ..host.clone() }.with_hop_limit(255);
        self.dhcp(&nobody, &Host::group(Ipv4Addr::BROADCAST), question);
        self.wait_ms(2);
        let client = Host { v4: Some(lease.address), v6: None, ..host.clone() };
        self.dhcp(server, &client, &question.answered(answer, server_address(server), lease));
        self.wait_ms(1);
    }
}

fn server_address(server: &Host) -> Ipv4Addr {
    server.v4.expect("a DHCP server has an IPv4 address")
}
