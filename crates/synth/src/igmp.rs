//! IGMP: version 2 reports and leaves (RFC 2236) and version 3 reports (RFC 9776).

use std::net::Ipv4Addr;

use firstlight_model::Transport;

use crate::bytes::{Put, len_u16};
use crate::checksum;
use crate::host::Host;
use crate::ip::{Header, set_u16};
use crate::traffic::Traffic;

impl Traffic {
    /// A version 2 report that the host is a member of a group.
    pub fn igmp_join(&mut self, host: &Host, group: Ipv4Addr) {
        let mut message = vec![0x16, 0, 0, 0];
        message.put(&group.octets());
        self.igmp(host, group, message);
    }

    /// A version 2 leave, to all routers.
    pub fn igmp_leave(&mut self, host: &Host, group: Ipv4Addr) {
        let mut message = vec![0x17, 0, 0, 0];
        message.put(&group.octets());
        self.igmp(host, Ipv4Addr::new(224, 0, 0, 2), message);
    }

    /// A version 3 report that the host now listens to groups from any source.
    pub fn igmp_report(&mut self, host: &Host, groups: &[Ipv4Addr]) {
        let mut message = vec![0x22, 0, 0, 0, 0, 0];
        message.put_u16(len_u16(groups.len()));
        for group in groups {
            message.put(&[4, 0, 0, 0]);
            message.put(&group.octets());
        }
        self.igmp(host, Ipv4Addr::new(224, 0, 0, 22), message);
    }

    fn igmp(&mut self, host: &Host, destination: Ipv4Addr, mut message: Vec<u8>) {
        let value = checksum::internet(&message);
        set_u16(&mut message, 2, value);
        let to = Host::group(destination);
        let header = Header { hop_limit: 1, router_alert: true, ..self.header(host, &to, Transport::IGMP) };
        self.packet(host, &to, &header, &message);
    }
}
