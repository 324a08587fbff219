//! Multicast DNS (RFC 6762): questions and announcements to the group, over IPv4 or IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::dns::{Data, Message, Question, Record};
use crate::host::Host;
use crate::traffic::Traffic;

/// 224.0.0.251.
pub const GROUP_V4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
/// ff02::fb.
pub const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);

/// A question to the group for names of one type.
pub fn question(names: &[&str], kind: u16) -> Message {
    let questions = names.iter().map(|name| Question { name: (*name).to_owned(), kind, class: 1 }).collect();
    Message { questions, ..Message::default() }
}

/// An announcement of records, which replaces what others remember of their names.
pub fn announcement(records: impl IntoIterator<Item = (String, Data)>) -> Message {
    let answers = records.into_iter().map(|(name, data)| Record::new(&name, 120, data).flushing()).collect();
    Message { flags: 0x8400, answers, ..Message::default() }
}

impl Traffic {
    /// A message to the group, from port 5353 to port 5353 with hop limit 255: to the IPv4 group where the host has
    /// an IPv4 address, else to that of IPv6.
    pub fn mdns(&mut self, host: &Host, message: &Message) {
        let group: IpAddr = if host.v4.is_some() { GROUP_V4.into() } else { GROUP_V6.into() };
        let sender = host.clone().with_hop_limit(255);
        self.datagram(&sender, 5353, &Host::group(group), 5353, &message.to_bytes());
    }
}
