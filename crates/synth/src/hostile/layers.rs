//! Headers in headers: tunnels, tags, extensions.

use std::io::{self, Write};
use std::net::IpAddr;

use firstlight_model::{EtherType, Transport};

use super::{Case, Sheet, far, me};
use crate::bytes::Put;
use crate::ip::Header;

pub(super) const CASES: &[Case] = &[
    Case { name: "nested-ip-in-ip", anomalies: &["too_many_layers"], stops: false, write: ip_in_ip },
    Case { name: "nested-gre", anomalies: &["too_many_layers"], stops: false, write: gre },
    Case { name: "nested-vxlan", anomalies: &["too_many_layers"], stops: false, write: vxlan },
    Case { name: "vlan-stack", anomalies: &["too_many_layers"], stops: false, write: vlan_stack },
    Case { name: "extension-headers", anomalies: &["too_many_layers"], stops: false, write: extensions },
];

/// Tunnels within each other.
const DEPTH: u8 = 64;

fn addresses() -> (IpAddr, IpAddr) {
    (me(0).ip(), far(1, 0).ip())
}

fn one_packet(protocol: Transport, payload: &[u8]) -> Vec<u8> {
    let (from, to) = addresses();
    Header::new(from, to, protocol).packets(payload, None).concat()
}

/// The same frame again and again.
fn repeat(out: &mut dyn Write, scale: u32, ether_type: EtherType, packet: &[u8]) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for _ in 0..scale / 10 {
        sheet.link(ether_type, packet)?;
    }
    Ok(())
}

fn ip_in_ip(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut packet = one_packet(Transport::UDP, &super::datagram(me(1), far(1, 2), b"inside"));
    for _ in 0..DEPTH {
        packet = one_packet(Transport(4), &packet);
    }
    repeat(out, scale, EtherType::IPV4, &packet)
}

fn gre(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut packet = one_packet(Transport::UDP, &super::datagram(me(1), far(1, 2), b"inside"));
    for _ in 0..DEPTH {
        let mut payload = vec![0, 0];
        payload.put_u16(EtherType::IPV4.0);
        payload.put(&packet);
        packet = one_packet(Transport(47), &payload);
    }
    repeat(out, scale, EtherType::IPV4, &packet)
}

fn vxlan(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut packet = one_packet(Transport::UDP, &super::datagram(me(1), far(1, 2), b"inside"));
    for level in 0..DEPTH {
        let mut payload = vec![8, 0, 0, 0, 0, 0, level, 0];
        payload.put(&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 10]);
        payload.put_u16(EtherType::IPV4.0);
        payload.put(&packet);
        packet = one_packet(Transport::UDP, &super::datagram(me(49_000), far(1, 4789), &payload));
    }
    repeat(out, scale, EtherType::IPV4, &packet)
}

fn vlan_stack(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut tags = Vec::new();
    for _ in 0..250 {
        tags.put_u16(1);
        tags.put_u16(0x8100);
    }
    tags.put_u16(1);
    tags.put_u16(EtherType::IPV4.0);
    tags.put(&one_packet(Transport::UDP, &super::datagram(me(1), far(1, 2), b"inside")));
    repeat(out, scale, EtherType(0x8100), &tags)
}

/// Destination options, one after another (RFC 8200 s. 4.1 recommends one, or two).
fn extensions(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut payload = Vec::new();
    for _ in 0..180 {
        payload.put(&[60, 0, 1, 4, 0, 0, 0, 0]);
    }
    payload.put(&[59, 0, 1, 4, 0, 0, 0, 0]);
    let [from, to] = ["2001:db8::1", "2001:db8::2"].map(|text| text.parse().expect("an address"));
    let packet = Header::new(from, to, Transport(60)).packets(&payload, None).concat();
    repeat(out, scale, EtherType::IPV6, &packet)
}
